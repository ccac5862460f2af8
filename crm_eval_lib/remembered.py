"""Work done once for the same tables: every step of a factor starts from the same ones.

What is remembered is found again only while the tables still hold the very same arrays. A shallow
copy of each table is kept beside it; pandas then copies an array before it is written to, so a
table that was changed in place no longer holds the array remembered, and the work is done anew.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import pandas as pd
from pandas.api.extensions import ExtensionDtype

MOST = 3  # sets of tables: with ledger, without, and one that was changed on the way


class Remembered:
    """The results of a function of tables, for the sets of tables asked last."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._results: OrderedDict[Hashable, tuple[Any, Any]] = OrderedDict()

    def once(
        self,
        tables: tuple[pd.DataFrame | None, ...],
        work: Callable[[], Any],
        *,
        knobs: Hashable = None,
    ) -> Any:
        """Return what the work gave for these tables and knobs before, else do it.

        >>> known, table = Remembered(), pd.DataFrame({"amount": [1.0]})
        >>> known.once((table,), lambda: table["amount"].tolist())
        [1.0]
        >>> table.loc[0, "amount"] = 2.0
        >>> known.once((table,), lambda: table["amount"].tolist())
        [2.0]
        """
        key = knobs, *(_arrays(table) for table in tables)
        if key not in self._results:
            # copies and wrappers live on, so that no other array can take their place or their id
            kept = tuple((table.copy(deep=False), _wrappers(table))
                         for table in tables if table is not None)  # fmt: skip
            self._results[key] = work(), kept
            if len(self._results) > self._most:
                self._results.popitem(last=False)
        self._results.move_to_end(key)
        return self._results[key][0]


def _arrays(table: pd.DataFrame | None) -> Hashable:
    """Name the arrays of a table: where they lie, or which objects they are."""
    if table is None:
        return None
    return (tuple(table.columns), len(table), *(_array(values) for _, values in table.items()))


def _wrappers(table: pd.DataFrame) -> list[Any]:
    """Return the very objects whose ids name the columns that are no plain arrays."""
    return [values.array for _, values in table.items()
            if isinstance(values.dtype, ExtensionDtype)]  # fmt: skip


def _array(values: pd.Series) -> Hashable:
    if isinstance(values.dtype, pd.DatetimeTZDtype):  # wrapped anew at each look
        array = values.array.asi8
    elif isinstance(values.dtype, ExtensionDtype):
        return id(values.array)
    else:
        array = values.to_numpy(copy=False)
    return array.__array_interface__["data"][0], array.strides, array.dtype.str

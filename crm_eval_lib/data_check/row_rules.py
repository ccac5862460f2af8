"""What a rule about the rows of one table is, and the small questions rules are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

BIAS_SHARE_LIMIT = 0.05  # a contradiction in more of the rows, or of the money, biases
Tables = Mapping[str, pd.DataFrame | None]


@dataclass(frozen=True, slots=True)
class Material:
    """What a rule may look at: the rows of its table, the other tables, the client's settings."""

    rows: pd.DataFrame
    tables: Tables
    dates: Any
    currency: str = ""
    _asked: dict[str, pd.Series] = field(default_factory=dict, compare=False, repr=False)

    def once(self, question: str, work: Callable[[], pd.Series]) -> pd.Series:
        """Answer what several rules ask about the same rows, worked out at the first asking."""
        if question not in self._asked:
            self._asked[question] = work()
        return self._asked[question]

    def other(self, table: str, *columns: str) -> pd.DataFrame | None:
        """Return another table when it has rows and the columns."""
        frame = self.tables.get(table)
        usable = frame is not None and not frame.empty and set(columns) <= set(frame.columns)
        return frame if usable else None


@dataclass(frozen=True, slots=True)
class RowRule:
    """Rows of one table that contradict themselves, each other, or another table.

    Parameters
    ----------
    name : str
        Key of its words: ``data_check.conflict.<name>`` and ``data_check.outcome.<name>``.
    table : str
    columns : tuple of str
        Columns that must be recorded; the value of the first one is shown.
    marks : callable
        Takes `Material`, returns which rows are odd.
    indicators : tuple of str
        What rests on those rows.
    biases : bool
        Above `BIAS_SHARE_LIMIT` the indicators lose one evidence grade.
    weight : str
        Column of money by which the share is taken; empty: each row counts alike.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    marks: Callable[[Material], pd.Series]
    indicators: tuple[str, ...] = ()
    biases: bool = False
    weight: str = ""


def filled(values: pd.Series) -> pd.Series:
    """Say which cells hold something.

    >>> filled(pd.Series(["a", " ", None])).tolist()
    [True, False, False]
    """
    known = values.notna()
    if values.dtype.kind in "biufmM":  # numbers, yes or no, moments: never blank
        return known
    text = values if values.dtype == "str" else values.astype(object).astype(str)
    return known & (text.str.strip() != "")


def numbers(values: pd.Series) -> pd.Series:
    """Return a column as numbers, empty cells as NaN."""
    if values.dtype == "float64":
        return values
    return pd.to_numeric(values, errors="coerce").astype(float)


def falls(frame: pd.DataFrame, column: str, *, by: str, over: str) -> pd.Series:
    """Mark rows below the highest earlier value of the same ``by``, in the order of ``over``.

    >>> rows = pd.DataFrame({"line": ["A"] * 3, "month": [3, 1, 2], "done": [0.4, 0.1, 0.5]})
    >>> falls(rows, "done", by="line", over="month").tolist()
    [True, False, False]
    """
    ordered = frame[[by, over, column]].sort_values(over, kind="stable")
    value, group = numbers(ordered[column]), pd.factorize(ordered[by])[0]
    before = value.groupby(group).cummax().groupby(group).shift()
    return ((value < before) & (group >= 0)).reindex(frame.index)


def no_row(frame: pd.DataFrame) -> pd.Series:
    """Mark no row at all."""
    return pd.Series(False, index=frame.index)

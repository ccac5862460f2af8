"""Rows behind a defect: their keys, and the examples a sentence quotes."""

from collections.abc import Mapping

import pandas as pd

from crm_eval_lib.data_check.rules import EXAMPLES, LISTED_ROWS
from crm_eval_lib.moments import end_of, start_of
from crm_eval_lib.tables import TABLES


def after(values: pd.Series, day: pd.Timestamp, timezone: str) -> pd.Series:
    """Mark moments after a day of the client's calendar."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values >= end_of(day, timezone)
    return values > day


def before(values: pd.Series, day: pd.Timestamp, timezone: str) -> pd.Series:
    """Mark moments before a day of the client's calendar."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values < start_of(day, timezone)
    return values < day


def usable(
    tables: Mapping[str, pd.DataFrame | None], table: str, *columns: str
) -> pd.DataFrame | None:
    """Return a table when it was handed in, has rows, and records the columns."""
    frame = tables.get(table)
    if frame is None or frame.empty:
        return None
    recorded = all(column in frame and _recorded(frame[column]) for column in columns)
    return frame if recorded else None


def _recorded(values: pd.Series) -> bool:
    """Say whether a column of at least one row holds any value; mostly the first row tells."""
    return bool(pd.notna(values.array[0]) or values.notna().any())


def filled_cells(frame: pd.DataFrame, table: str) -> dict[str, int]:
    """Count the filled cells of each column of the contract that is there.

    >>> filled_cells(pd.DataFrame({"line_id": ["A", "B"], "amount": [100.0, None]}), "budget")
    {'line_id': 2, 'amount': 1}
    """
    there = [column.name for column in TABLES[table].columns if column.name in frame]
    return {name: int(frame[name].count()) for name in there}


def whole(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return a table with every column of the contract, absent ones empty."""
    absent = [column.name for column in TABLES[table].columns if column.name not in frame]
    return frame.assign(**dict.fromkeys(absent)) if absent else frame


def keys(frame: pd.DataFrame, table: str, mask: pd.Series) -> list[str]:
    """Name marked rows by the first column of their table's key, each name once.

    >>> frame = pd.DataFrame({"txn_id": ["T1", "T2", "T3"]})
    >>> keys(frame, "actuals", pd.Series([True, False, True]))
    ['T1', 'T3']
    """
    name = key_column(table)
    return [str(key) for key in frame.loc[mask, name].dropna().unique()[:LISTED_ROWS]]


def examples(frame: pd.DataFrame, table: str, mask: pd.Series) -> list[str]:
    """Return the first few keys of marked rows."""
    return keys(frame, table, mask)[:EXAMPLES]


def shown(frame: pd.DataFrame, table: str, mask: pd.Series, column: str) -> list[str]:
    """Return the first few marked rows as key and value of a column.

    >>> frame = pd.DataFrame({"txn_id": ["T1", "T2"], "amount": [5.0, -2.5]})
    >>> shown(frame, "actuals", pd.Series([False, True]), "amount")
    ['T2: -2.5']
    """
    rows = placed(frame[mask].head(EXAMPLES), table, slice(None), column, "")
    pairs = zip(rows["key"], rows["found_value"], strict=True)
    own = column == key_column(table)
    return [key if own or not value else f"{key}: {value}" for key, value in pairs]


def placed(
    frame: pd.DataFrame, table: str, mask: pd.Series | slice, column: str, check: str
) -> pd.DataFrame:
    """Return marked rows with their place: table, key, column, value found, check."""
    rows = frame.loc[mask].head(LISTED_ROWS)
    return pd.DataFrame(
        {
            "table_name": table,
            "key": rows[key_column(table)].map(_as_typed),
            "column_name": column,
            "found_value": rows[column].map(_as_typed),
            "check_name": check,
        },
        dtype="str",
    ).reset_index(drop=True)


def _as_typed(value: object) -> str:
    """Show a cell as it would be typed; an empty one as nothing."""
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def key_column(table: str) -> str:
    """Return the column that names a row of a table."""
    contract = TABLES[table]
    ids = [column.name for column in contract.columns if column.kind == "id" and column.required]
    return (*contract.key[:1], *ids, contract.columns[0].name)[0]


def stacked(parts: list[pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Put the rows of several checks into one further table of a step."""
    return {"rows": pd.concat(parts, ignore_index=True)} if parts else {}

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
    recorded = all(column in frame and frame[column].notna().any() for column in columns)
    return frame if recorded else None


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


def key_column(table: str) -> str:
    """Return the column that names a row of a table."""
    contract = TABLES[table]
    ids = [column.name for column in contract.columns if column.kind == "id" and column.required]
    return (*contract.key[:1], *ids, contract.columns[0].name)[0]


def listed(frame: pd.DataFrame, table: str, mask: pd.Series, check: str) -> pd.DataFrame:
    """Return marked rows as (table_name, key, check_name), at most `LISTED_ROWS`."""
    found = keys(frame, table, mask)
    return pd.DataFrame({"table_name": table, "key": found, "check_name": check}, dtype="str")


def stacked(parts: list[pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Put the rows of several checks into one further table of a step."""
    return {"rows": pd.concat(parts, ignore_index=True)} if parts else {}

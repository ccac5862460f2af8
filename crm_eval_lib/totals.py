"""The totals that ERP or ledger state, and what the tables hold against them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.scoring import numbers

ACTUAL_COST_KINDS = ("invoice", "timesheet", "accrual", "credit")
TOTAL_COLUMNS = ("table", "process", "period_start", "period_end", "measure", "total", "found",
                 "difference")  # fmt: skip
# Why a total is compared with nothing.
LATE, ABSENT, NO_AMOUNT, NO_PROCESS = "late", "absent", "no_amount", "no_process"


def control_totals(tables: Any, *, status_date: pd.Timestamp | None = None) -> pd.DataFrame:
    """Compare the tables with the totals that ERP or ledger state.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The client's tables; ``control_totals`` names what is compared.
    status_date : Timestamp, optional
        Rows and totals recorded after it are not seen.

    Returns
    -------
    DataFrame
        One row per total: what it says, what was found, and (found − total)/total.
    """
    return compared_totals(every_total(tables, status_date=status_date))


def compared_totals(totals: pd.DataFrame) -> pd.DataFrame:
    """Return those of `every_total` that were compared with something."""
    return totals.loc[totals["why_not"].isna(), list(TOTAL_COLUMNS)].reset_index(drop=True)


def every_total(tables: Any, *, status_date: pd.Timestamp | None = None) -> pd.DataFrame:
    """Return a row per total handed in; ``why_not`` says why one is compared with nothing.

    >>> orders = pd.DataFrame({"order_id": ["1"]})
    >>> totals = pd.DataFrame({"table": ["orders", "order"], "measure": "rows", "total": [1, 5]})
    >>> every_total({"orders": orders, "control_totals": totals})["why_not"].tolist()
    [None, 'absent']
    """
    totals = present(tables, "control_totals")
    columns = [*TOTAL_COLUMNS, "source_system", "why_not"]
    if totals is None:
        return pd.DataFrame(columns=columns)
    seen = _until(totals, "obtained_on", status_date) & _until(totals, "period_end", status_date)
    rows = [
        _compared(tables, row, status_date) if known else {**row, "why_not": LATE}
        for row, known in zip(totals.to_dict("records"), seen, strict=True)
    ]
    table = pd.DataFrame(rows).reindex(columns=columns)
    table["why_not"] = table["why_not"].astype(object).where(table["why_not"].notna(), None)
    return table


def covered_share(
    frame: pd.DataFrame, totals: pd.DataFrame, *, until: pd.Timestamp | None = None
) -> float:
    """Return the share of a table's rows that lie inside the period and process of some total.

    >>> rows = pd.DataFrame({"ordered_at": pd.to_datetime(["2025-01-10", "2025-02-10"])})
    >>> january = pd.DataFrame({"table": ["orders"], "period_end": [pd.Timestamp("2025-01-31")]})
    >>> covered_share(rows, january)
    0.5
    """
    if totals.empty:
        return 0.0
    date = numbers()["tables"].get(totals["table"].iloc[0], {}).get("date")
    days = _days_of(frame, date)
    rows = _inside(frame, days, {}, until)
    if not rows.any():
        return 0.0
    covered = [_inside(frame, days, row, until) for row in totals.to_dict("records")]
    return float(np.logical_or.reduce(covered)[rows].mean())


def present(tables: Any, name: str) -> pd.DataFrame | None:
    """Return a table that was handed in and has rows."""
    frame = tables[name] if name in list(tables) else None
    return None if frame is None or frame.empty else frame


def _compared(tables: Any, row: Mapping[str, Any], until: Any) -> dict[str, Any]:
    frame = present(tables, row["table"])
    if frame is None:
        return {**row, "why_not": ABSENT}
    if pd.notna(row.get("process")) and "process" not in frame:
        return {**row, "why_not": NO_PROCESS}  # all processes together are another sum
    entry = numbers()["tables"].get(row["table"], {})
    frame = frame[_inside(frame, _days_of(frame, entry.get("date")), row, until)]
    found = len(frame) if row["measure"] == "rows" else _amount(frame, entry)
    if found is None:
        return {**row, "why_not": NO_AMOUNT}
    total = float(row["total"])
    gap = found - total
    difference = gap / abs(total) if total else (0.0 if gap == 0 else float("inf"))
    return {**row, "found": float(found), "difference": difference, "why_not": None}


def _inside(
    frame: pd.DataFrame,
    days: pd.Series | None,
    row: Mapping[str, Any],
    until: pd.Timestamp | None,
) -> np.ndarray:
    """Mark the rows in the process and period of a total, and known by a day."""
    inside = np.ones(len(frame), dtype=bool)
    process = row.get("process")
    if pd.notna(process) and "process" in frame:
        inside &= (frame["process"] == process).to_numpy(dtype=bool, na_value=False)
    if days is None:
        return inside
    if until is not None:
        inside &= ~(days > until).to_numpy()
    if pd.notna(row.get("period_start")):
        inside &= (days >= row["period_start"]).to_numpy()
    if pd.notna(row.get("period_end")):
        inside &= (days <= row["period_end"]).to_numpy()
    return inside


def _amount(frame: pd.DataFrame, entry: Mapping[str, Any]) -> float | None:
    if entry.get("amount") not in frame:
        return None
    if "kind" in frame and "incurred_on" in frame:
        frame = frame[frame["kind"].isin(ACTUAL_COST_KINDS)]  # orders and payments count twice
    if "version" in frame:
        frame = frame[frame["version"].fillna(0) == 0]  # every version restates all lines
    amount = frame[entry["amount"]]
    for factor in (entry.get("times"), "fx_rate"):
        if factor in frame:
            amount = amount * frame[factor].fillna(1.0)
    return float(amount.sum())


def _until(frame: pd.DataFrame, date: str, status_date: pd.Timestamp | None) -> pd.Series:
    if status_date is None or date not in frame:
        return pd.Series(True, index=frame.index)
    return ~(_days(frame[date]) > status_date)


def _days_of(frame: pd.DataFrame, date: str | None) -> pd.Series | None:
    return _days(frame[date]) if date is not None and date in frame else None


def _days(values: pd.Series) -> pd.Series:
    moments = pd.to_datetime(values)
    return (moments.dt.tz_localize(None) if moments.dt.tz is not None else moments).dt.normalize()

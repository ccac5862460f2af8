"""What the logs say about the control points: rows that a working control would not have let by."""

from typing import Any

import pandas as pd

from crm_eval_lib.controls.advice import order_keys
from crm_eval_lib.controls.price_approvals import LATE, NOT_APPROVED, UNAPPROVED
from crm_eval_lib.controls.windows import column_of, in_force, recorded, until_status

PRICE_FLOOR, APPROVAL, COMPLAINT_OWNER = "price_floor", "approval", "complaint_owner"
REFUTABLE_MODES = ("block", "dual")  # the weaker modes let a transaction pass by design
LISTED_ROWS = 200  # rows shown of each log that refutes a mode
COLUMNS = ("log_check", "table", "key", "at")


def contradictions(
    lines: pd.DataFrame | None, complaints: pd.DataFrame | None, *, dates: Any
) -> pd.DataFrame:
    """List the first rows of each log that refute a control which decides; one is enough.

    Parameters
    ----------
    lines : DataFrame or None
        From `price_lines`.
    complaints : DataFrame or None

    Returns
    -------
    DataFrame
        ``log_check``, ``table``, ``key``, ``at``; since the later of go-live and blackout end, at
        most `LISTED_ROWS` of each log, earliest first. price_floor: a line below the floor that
        nobody approved in time. approval: a line below the floor without a timely approval by
        somebody else within the limit. complaint_owner: a complaint without an owner. What a log
        does not record refutes nothing.
    """
    found = [*_from_orders(lines), *_from_complaints(complaints, dates)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS))


def refuted(controls: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """Say of each control point whether the log named in its log_check refutes it."""
    check = column_of(controls, "log_check").astype(object)
    decides = column_of(controls, "configured_mode").astype(object).isin(REFUTABLE_MODES)
    return decides & check.isin(set(rows["log_check"]))


def passed(
    lines: pd.DataFrame | None, complaints: pd.DataFrame | None, *, dates: Any
) -> dict[str, int]:
    """Count the rows of each log that a control which decides would not have let by."""
    counts = {} if lines is None or lines.empty else _against(lines)
    unowned = _unowned(complaints, dates)
    counts = {check: int(flags.sum()) for check, flags in counts.items()}
    return counts if unowned is None else {**counts, COMPLAINT_OWNER: len(unowned)}


def _from_orders(lines: pd.DataFrame | None) -> list[pd.DataFrame]:
    if lines is None or lines.empty:
        return []
    return [
        _rows(check, _first(lines, flags, "ordered_at")) for check, flags in _against(lines).items()
    ]


def _against(lines: pd.DataFrame) -> dict[str, pd.Series]:
    """Say of each line which check it speaks against."""
    current, approval = lines["in_force"].astype(bool), lines["approval"]
    kinds = {PRICE_FLOOR: (UNAPPROVED, LATE), APPROVAL: NOT_APPROVED}
    return {check: current & approval.isin(kind) for check, kind in kinds.items()}


def _rows(check: str, lines: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"log_check": check, "table": "orders", "key": order_keys(lines),
                         "at": lines["ordered_at"].array})  # fmt: skip


def _from_complaints(complaints: pd.DataFrame | None, dates: Any) -> list[pd.DataFrame]:
    unowned = _unowned(complaints, dates)
    if unowned is None:
        return []
    rows = _first(unowned, slice(None), "opened_at")
    return [pd.DataFrame({"log_check": COMPLAINT_OWNER, "table": "complaints",
                          "key": rows["complaint_id"].astype(str).to_numpy(),
                          "at": rows["opened_at"].array})]  # fmt: skip


def _unowned(complaints: pd.DataFrame | None, dates: Any) -> pd.DataFrame | None:
    """Return the complaints in force without an owner; None where owners are not recorded."""
    seen = until_status(complaints, "opened_at", dates)
    if seen is None or seen.empty or not recorded(seen, "owner"):
        return None
    return seen[in_force(seen["opened_at"], dates) & seen["owner"].isna()]


def _first(rows: pd.DataFrame, chosen: pd.Series | slice, moment: str) -> pd.DataFrame:
    """Return the earliest of the chosen rows: of millions only these are looked at closely."""
    return rows.loc[rows.loc[chosen, moment].nsmallest(LISTED_ROWS).index]

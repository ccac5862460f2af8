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


def _from_orders(lines: pd.DataFrame | None) -> list[pd.DataFrame]:
    if lines is None or lines.empty:
        return []
    return [
        _rows(check, _first(lines, "ordered_at", lines["in_force"].astype(bool) & against))
        for check, against in _against(lines["approval"]).items()
    ]


def _against(approval: pd.Series) -> dict[str, pd.Series]:
    """Say of each line which check it speaks against."""
    return {PRICE_FLOOR: approval.isin((UNAPPROVED, LATE)), APPROVAL: approval.isin(NOT_APPROVED)}


def _rows(check: str, lines: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"log_check": check, "table": "orders", "key": order_keys(lines),
                         "at": lines["ordered_at"].array})  # fmt: skip


def _from_complaints(complaints: pd.DataFrame | None, dates: Any) -> list[pd.DataFrame]:
    seen = until_status(complaints, "opened_at", dates)
    if seen is None or seen.empty or not recorded(seen, "owner"):
        return []
    rows = _first(seen, "opened_at", in_force(seen["opened_at"], dates) & seen["owner"].isna())
    return [pd.DataFrame({"log_check": COMPLAINT_OWNER, "table": "complaints",
                          "key": rows["complaint_id"].astype(str).to_numpy(),
                          "at": rows["opened_at"].array})]  # fmt: skip


def _first(rows: pd.DataFrame, moment: str, chosen: pd.Series) -> pd.DataFrame:
    """Return the earliest of the chosen rows: of millions only these are looked at closely."""
    return rows.loc[rows.loc[chosen, moment].nsmallest(LISTED_ROWS).index]

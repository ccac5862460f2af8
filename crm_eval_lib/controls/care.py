"""Complaints that fell through: nobody answered, nobody has them, the promise is past."""

from typing import Any

import pandas as pd

from crm_eval_lib.controls.complaints import AREA, DUES, STAGES, TABLES, absent, seen_complaints
from crm_eval_lib.controls.shares import share
from crm_eval_lib.controls.windows import recorded, unknown
from crm_eval_lib.results import (
    CONFIDENCE,
    Indicator,
    Message,
    Step,
    measured,
    missing_column,
    not_assessed,
)

UNOWNED, UNANSWERED, UNRESOLVED = "unowned", "unanswered_past_due", "unresolved_past_due"


def complaint_care(
    complaints: pd.DataFrame | None, *, dates: Any, confidence: float = CONFIDENCE
) -> Step:
    """Count the complaints that nobody answered, nobody owns, or that were dropped.

    Parameters
    ----------
    complaints : DataFrame or None
    dates : object
        Has ``go_live``, ``status_date`` and ``blackout``.
    confidence : float
        Two-sided level of the interval of the share, 0.95 by default.

    Returns
    -------
    Step
        ``unanswered``, ``unowned`` (open without owner); ``dropped_share`` = unowned, unanswered
        past due or unresolved past due / all. An empty due date is never past. Table: by cause.

    Examples
    --------
    Of four complaints one is open without an owner: 1/4.

    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(go_live=day("2024-09-02"), blackout=None,
    ...                         status_date=day("2025-08-31"))
    >>> complaints = pd.DataFrame({
    ...     "complaint_id": list("ABCD"), "opened_at": [day("2025-01-15")] * 4,
    ...     "owner": ["desk", "desk", "desk", None],
    ...     "first_response_at": [day("2025-01-16")] * 4, "response_due": [day("2025-01-17")] * 4,
    ...     "resolved_at": [day("2025-01-20")] * 3 + [None],
    ...     "resolve_due": [day("2025-09-30")] * 4})
    >>> step = complaint_care(complaints, dates=dates)
    >>> [step[f"controls.complaints.{name}"].value for name in ("unowned", "dropped_share")]
    [1, 0.25]
    """
    rows = seen_complaints(complaints, dates=dates)
    counts = {f"{AREA}.unanswered": "count", f"{AREA}.unowned": "count"}
    units = counts | {f"{AREA}.dropped_share": "ratio"}
    if isinstance(rows, Message):
        return Step("controls.complaint_care", tuple(unknown(units, rows, tables=TABLES)))
    causes = _causes(rows, complaints)
    unanswered = rows["first_response_at"].isna() if recorded(
        complaints, "first_response_at") else None  # fmt: skip
    ends = ("resolved_at", "closed_at") if recorded(complaints, "owner") else ("owner",)
    reasons = (("first_response_at",), ends)
    found = [
        not_assessed(id, "count", missing_column("complaints", *absent(complaints, columns)),
                     n=len(rows), tables=TABLES)
        if flags is None
        else measured(id, int(flags.sum()), "count", n=len(rows), tables=TABLES)
        for id, flags, columns in zip(counts, (unanswered, causes[UNOWNED]), reasons, strict=True)
    ]  # fmt: skip
    dropped = _dropped(rows, complaints, causes, confidence)
    known = {name: flags for name, flags in causes.items() if flags is not None}
    slots = {"share": dropped.value, "n": len(rows)}
    told = dropped.value is not None
    return Step(
        "controls.complaint_care",
        (*found, dropped),
        table=_cause_table(known, len(rows)) if known else None,
        sentence=Message("controls.sentence.complaint_care", slots) if told else None,
        headline=Message("controls.headline.complaint_care", slots) if told else None,
        subtitle=Message("controls.subtitle.complaint_care"),
        tables={"complaints": _dropped_rows(rows, known)},
    )


def _causes(rows: pd.DataFrame, complaints: pd.DataFrame) -> dict[str, pd.Series | None]:
    """Flag why each complaint counts as dropped; None where that is not recorded."""
    ends = recorded(complaints, "resolved_at") or recorded(complaints, "closed_at")
    late = {name: rows[due] < rows["now"] for name, due in DUES.items()}
    answered = not absent(complaints, ("first_response_at", "response_due"))
    return {
        UNOWNED: ~rows["done"] & rows["owner"].isna()
        if ends and recorded(complaints, "owner") else None,
        UNANSWERED: rows["first_response_at"].isna() & late["response"] if answered else None,
        UNRESOLVED: ~rows["done"] & late["resolution"]
        if ends and recorded(complaints, "resolve_due") else None,
    }  # fmt: skip


def _dropped(
    rows: pd.DataFrame,
    complaints: pd.DataFrame,
    causes: dict[str, pd.Series | None],
    confidence: float,
) -> Indicator:
    id = f"{AREA}.dropped_share"
    if causes[UNANSWERED] is None and causes[UNRESOLVED] is None:
        lacking = absent(complaints, tuple(DUES.values()))
        if len(lacking) < len(DUES):
            lacking = absent(complaints, (*DUES.values(), *STAGES.values()))
        unowned = causes[UNOWNED]
        low = None if unowned is None else float(unowned.mean())
        high = None if low is None else 1.0
        reason = missing_column("complaints", *lacking)
        return not_assessed(id, "ratio", reason, low=low, high=high, n=len(rows), tables=TABLES)
    known = [flags for flags in causes.values() if flags is not None]
    dropped = pd.concat(known, axis=1).any(axis=1)
    parts = {name: None if flags is None else int(flags.sum()) for name, flags in causes.items()}
    return share(id, dropped.sum(), len(rows), tables=TABLES, parts=parts, confidence=confidence)


def _cause_table(known: dict[str, pd.Series], n: int) -> pd.DataFrame:
    counts = {name: int(flags.sum()) for name, flags in known.items()}
    return pd.DataFrame({"cause": list(counts), "complaints": list(counts.values()),
                         "complaint_share": [count / n for count in counts.values()]})  # fmt: skip


def _dropped_rows(rows: pd.DataFrame, known: dict[str, pd.Series]) -> pd.DataFrame:
    dropped = pd.concat(known.values(), axis=1).any(axis=1) if known else rows["done"] & False
    names = ["complaint_id", "opened_at", "importance", "severity", "priority", "response_due",
             "resolve_due", "category"]  # fmt: skip
    shown = rows.reindex(columns=names).assign(**known)
    return shown[dropped].sort_values(["opened_at", "complaint_id"]).reset_index(drop=True)

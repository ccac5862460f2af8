"""Complaints: how long customers wait, and whether promises are kept."""

from typing import Any

import pandas as pd

from crm_eval_lib.controls.shares import share
from crm_eval_lib.controls.windows import (
    NO_ROWS,
    NOT_LIVE,
    column_of,
    day_end,
    in_force,
    keyed_by,
    moments_of,
    numbers_of,
    recorded,
    settled_from,
    unknown,
)
from crm_eval_lib.results import (
    CONFIDENCE,
    Caveat,
    Indicator,
    Message,
    Step,
    measured,
    missing_column,
    missing_table,
    not_assessed,
)
from crm_eval_lib.stats.survival import kaplan_meier

AREA = "controls.complaints"
TABLES = ("complaints",)
NOT_REACHED = Message("controls.reason.median_not_reached")
NO_DUE = Message("controls.reason.no_due")
STAGES = {"response": "first_response_at", "resolution": "resolved_at"}
DUES = {"response": "response_due", "resolution": "resolve_due"}
_HOUR = pd.Timedelta(hours=1)


def seen_complaints(complaints: pd.DataFrame | None, *, dates: Any) -> pd.DataFrame | Message:
    """Return the complaints since the later of go-live and blackout end, or why there are none.

    What happened after the status date has not happened. Added columns: ``now`` (end of the status
    date), ``done`` (resolved or closed).
    """
    if complaints is None or complaints.empty:
        return missing_table("complaints")
    if settled_from(dates) is None:
        return NOT_LIVE
    rows = complaints.reset_index(drop=True)
    happened = {
        name: moments_of(rows, name, dates.status_date, like="opened_at")
        for name in (*STAGES.values(), "closed_at", "escalated_at")
    }
    planned = {name: _planned(rows, name) for name in DUES.values()}
    now = day_end(dates.status_date, rows["opened_at"])
    rows = rows.assign(**happened, **planned, now=now)
    rows = rows.assign(done=rows["resolved_at"].notna() | rows["closed_at"].notna())
    rows = rows[in_force(rows["opened_at"], dates)].reset_index(drop=True)
    return NO_ROWS if rows.empty else rows


def complaint_times(
    complaints: pd.DataFrame | None,
    *,
    dates: Any,
    calendar: Any = None,
    confidence: float = CONFIDENCE,
) -> Step:
    """Say how long complaints wait by priority, and how many are served in time.

    Parameters
    ----------
    complaints : DataFrame or None
    dates : object
        Has ``go_live``, ``status_date`` and ``blackout``.
    calendar : BusinessCalendar, optional
        Adds medians in business hours to the table.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.

    Returns
    -------
    Step
        ``response_hours`` and ``resolution_hours`` per priority: Kaplan–Meier medians of elapsed
        hours, those still waiting censored at the status date; ``sla_response``,
        ``sla_resolve``: in time / all that were served or are past due; ``reopen_rate``:
        reopened / resolved or reopened. Table: one row per priority, with those escalated.

    Examples
    --------
    Answers after 2, 4, 6 and 40 hours with 24 allowed: three of four in time, reopened none.

    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(go_live=day("2024-09-02"), blackout=None,
    ...                         status_date=day("2025-08-31"))
    >>> opened = pd.Series([day("2025-01-15", tz="UTC")] * 4)
    >>> complaints = pd.DataFrame({"complaint_id": list("ABCD"), "opened_at": opened,
    ...     "first_response_at": opened + pd.to_timedelta([2, 4, 6, 40], unit="h"),
    ...     "response_due": opened + pd.Timedelta(hours=24)})
    >>> complaint_times(complaints, dates=dates)["controls.complaints.sla_response"].value
    0.75
    """
    rows = seen_complaints(complaints, dates=dates)
    if isinstance(rows, Message):
        hours = {f"{AREA}.{stage}_hours": "hours" for stage in STAGES}
        shares = {f"{AREA}.{name}": "ratio" for name in ("sla_response", "sla_resolve",
                                                         "reopen_rate")}  # fmt: skip
        return Step("controls.complaint_times", tuple(unknown(hours | shares, rows, tables=TABLES)))
    medians = [m for stage in STAGES for m in _medians(rows, complaints, stage, confidence)]
    shares = (
        _in_time(rows, complaints, "response", confidence),
        _in_time(rows, complaints, "resolution", confidence),
        _reopened(rows, complaints, confidence),
    )
    table = _by_priority(rows, complaints, medians, calendar)
    waiting = int((~rows["done"]).sum())
    slots = {"n": len(rows), "waiting": waiting, "share": shares[0].value}
    key = "complaint_times" if shares[0].value is not None else "complaint_times_no_due"
    return Step(
        "controls.complaint_times",
        (*medians, *shares),
        table=table,
        sentence=Message(f"controls.sentence.{key}", slots),
        headline=_headline(table) or Message(f"controls.headline.{key}", slots),
        subtitle=Message("controls.subtitle.complaint_times"),
        caveats=_backwards(rows),
    )


def _headline(table: pd.DataFrame) -> Message | None:
    """Say the wait of the first priority, which stands on top of the figure, where it is known."""
    first = table.iloc[0]
    if pd.isna(first["priority"]) or pd.isna(first["response_hours"]):
        return None
    slots = {"priority": f"{first['priority']:g}", "hours": float(first["response_hours"])}
    return Message("controls.headline.complaint_waits", slots)


def waits(rows: pd.DataFrame, stage: str) -> pd.DataFrame:
    """Return start, end and whether served of each wait; the unserved last to the status date."""
    served = rows[STAGES[stage]]
    return pd.DataFrame({
        "start": rows["opened_at"], "end": served.fillna(rows["now"]), "served": served.notna(),
    })  # fmt: skip


def _planned(rows: pd.DataFrame, name: str) -> pd.Series:
    values = pd.to_datetime(column_of(rows, name))
    zone = getattr(rows["opened_at"].dtype, "tz", None)
    return values.dt.tz_localize(zone) if zone is not None and values.dt.tz is None else values


def absent(complaints: pd.DataFrame, columns: tuple[str, ...]) -> list[str]:
    """Return which of these columns were not recorded."""
    return [name for name in columns if not recorded(complaints, name)]


def _medians(
    rows: pd.DataFrame, complaints: pd.DataFrame, stage: str, confidence: float
) -> list[Indicator]:
    id, column = f"{AREA}.{stage}_hours", STAGES[stage]
    if not recorded(complaints, "priority") or rows["priority"].isna().all():
        return [not_assessed(id, "hours", missing_column("complaints", "priority"), tables=TABLES)]
    groups = _elapsed(rows, stage).groupby(rows["priority"])
    found = [(keyed_by(id, priority, "priority"), part) for priority, part in groups]
    if not recorded(complaints, column):
        ids, reason = [id for id, _ in found], missing_column("complaints", column)
        return unknown(dict.fromkeys(ids, "hours"), reason, tables=TABLES)
    return [_median(id, part, confidence) for id, part in found]


def _elapsed(rows: pd.DataFrame, stage: str) -> pd.DataFrame:
    """Return the hours of each wait by the clock, and whether it ended with an answer."""
    spans = waits(rows, stage)
    hours = (spans["end"] - spans["start"]) / _HOUR
    return pd.DataFrame({"hours": hours, "served": spans["served"]})


def _median(id: str, waited: pd.DataFrame, confidence: float) -> Indicator:
    sound = waited[waited["hours"] >= 0]
    if sound.empty:
        return not_assessed(id, "hours", NO_ROWS, n=0, tables=TABLES)
    curve = kaplan_meier(sound["hours"], sound["served"])
    parts = {"waiting": int((~sound["served"]).sum())}
    more = {"n": len(sound), "tables": TABLES, "parts": parts}
    median = curve.median()
    if median is None:
        return not_assessed(id, "hours", NOT_REACHED, low=float(curve.follow_up), **more)
    low, high = curve.interval(confidence=confidence)
    return measured(id, median, "hours", low=low, high=high, confidence=confidence, **more)


def _in_time(
    rows: pd.DataFrame, complaints: pd.DataFrame, stage: str, confidence: float
) -> Indicator:
    name = {"response": "sla_response", "resolution": "sla_resolve"}[stage]
    lacking = absent(complaints, (STAGES[stage], DUES[stage]))
    if lacking:
        reason = missing_column("complaints", *lacking)
        return not_assessed(f"{AREA}.{name}", "ratio", reason, tables=TABLES)
    served, due = rows[STAGES[stage]], rows[DUES[stage]]
    # Whoever still waits within the time promised has neither been kept waiting nor served.
    decided = due.notna() & (served.notna() | (due < rows["now"]))
    kept = decided & (served <= due)
    return share(f"{AREA}.{name}", kept.sum(), decided.sum(), tables=TABLES, empty=NO_DUE,
                 confidence=confidence)  # fmt: skip


def _reopened(rows: pd.DataFrame, complaints: pd.DataFrame, confidence: float) -> Indicator:
    id = f"{AREA}.reopen_rate"
    if not recorded(complaints, "reopened"):
        reason = missing_column("complaints", "reopened")
        return not_assessed(id, "ratio", reason, tables=TABLES)
    reopened = numbers_of(rows, "reopened", 0.0) >= 1
    whole = reopened | rows["resolved_at"].notna()
    return share(id, reopened.sum(), whole.sum(), tables=TABLES, confidence=confidence)


def _by_priority(
    rows: pd.DataFrame, complaints: pd.DataFrame, medians: list[Indicator], calendar: Any
) -> pd.DataFrame:
    priority = numbers_of(rows, "priority")
    groups = rows.assign(priority=priority).groupby("priority", dropna=False)
    size = groups.size()
    table = pd.DataFrame({
        "complaints": size, "unanswered": size - groups["first_response_at"].count(),
        "waiting": size - groups["done"].sum(),
    }).reset_index()  # fmt: skip
    if recorded(complaints, "escalated_at"):
        table["escalated"] = groups["escalated_at"].count().to_numpy()
    found = {indicator.id: indicator for indicator in medians}
    for stage in STAGES:
        keys = [keyed_by(f"{AREA}.{stage}_hours", p, "priority") for p in table["priority"]]
        picked = [found.get(key) for key in keys]
        table[f"{stage}_hours"] = [None if i is None else i.value for i in picked]
        table[f"{stage}_low_hours"] = [None if i is None else i.low for i in picked]
        table[f"{stage}_high_hours"] = [None if i is None else i.high for i in picked]
        if calendar is not None and recorded(complaints, STAGES[stage]):
            table[f"{stage}_business_hours"] = _business_medians(rows, priority, stage, calendar)
    numeric = [name for name in table if name.endswith("_hours")]
    return table.astype(dict.fromkeys(numeric, "float64"))


def _business_medians(
    rows: pd.DataFrame, priority: pd.Series, stage: str, calendar: Any
) -> list[float | None]:
    """Return the median wait of each priority in business hours, the least priority first."""
    spans = waits(rows, stage)
    spans = spans[spans["start"] <= spans["end"]]
    spans = spans.assign(hours=calendar.hours_between(spans["start"], spans["end"]))
    groups = spans.reindex(rows.index).groupby(priority, dropna=False)
    sound = [part[part["hours"].notna()] for _, part in groups]
    return [kaplan_meier(part["hours"], part["served"]).median() if len(part) else None
            for part in sound]  # fmt: skip


def _backwards(rows: pd.DataFrame) -> tuple[Caveat, ...]:
    wrong = pd.concat([rows[name] < rows["opened_at"] for name in STAGES.values()], axis=1)
    n = int(wrong.any(axis=1).sum())
    if not n:
        return ()
    ids = tuple(f"{AREA}.{stage}_hours" for stage in STAGES)
    return (Caveat(Message("controls.caveat.backwards", {"n": n}), ids, tables=TABLES),)

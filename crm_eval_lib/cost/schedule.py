"""Was it on time and accepted: slip, length against plan, milestones."""

from typing import Any

import pandas as pd

from crm_eval_lib.cost.measure import indicator, ratio, unanswered
from crm_eval_lib.cost.records import typed
from crm_eval_lib.results import Caveat, Indicator, Message, Step, missing_column, missing_table

ID = "cost.schedule"
GO_LIVE, LAST_MILESTONE = "cost.slip_days[go_live]", "cost.slip_days[last_milestone]"
EVEN_WEIGHT = 1.0  # where a milestone or a scope item has no weight
_MILESTONES = {
    "text": ("milestone_id", "name", "acceptance"),
    "dates": ("planned_on", "forecast_on", "actual_on", "accepted_on"),
    "numbers": ("weight",),
}


def schedule(milestones: pd.DataFrame | None, *, dates: Any) -> Step:
    """Measure the slip of go-live and of the last milestone, the length, and the acceptance.

    Parameters
    ----------
    milestones : DataFrame or None
        Table of the data dictionary.
    dates : object
        project_start, planned_go_live, forecast_go_live, go_live, status_date.

    Returns
    -------
    Step
        ``cost.slip_days[go_live]``, ``cost.slip_days[last_milestone]``, ``cost.schedule_ratio`` =
        (end − start) / (planned − start) − 1, where the end is go-live, else its forecast, else the
        later of status date and plan; ``cost.accepted_share`` = weight accepted unconditionally /
        weight, over milestones planned by the status date.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(
    ...     project_start=day("2024-01-01"), planned_go_live=day("2024-04-10"),
    ...     forecast_go_live=None, go_live=day("2024-04-30"), status_date=day("2024-12-31"))
    >>> step = schedule(None, dates=dates)
    >>> step["cost.slip_days[go_live]"].value, round(step["cost.schedule_ratio"].value, 9)
    (20, 0.2)
    """
    rows = _seen(typed(milestones, _MILESTONES), dates.status_date)
    end, basis = _end(dates.go_live, dates.forecast_go_live, dates.planned_go_live, dates)
    slip = _slip_of_go_live(dates, end, basis)
    length = _length(dates, end, basis)
    last = _slip_of_last(rows, dates)
    accepted = _accepted(rows, dates.status_date)
    found = (slip, last, length, accepted)
    table = _table(rows, dates)
    if slip.value is None and last.value is None:
        return unanswered(ID, found)
    shown = slip if slip.value is not None else last
    return Step(
        ID, found, None if table.empty else table, *_words(shown, found),
        caveats=_overdue(dates, end, basis),
    )  # fmt: skip


def _seen(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Forget what happened after the status date; plans and forecasts stay."""
    happened = {name: rows[name].where(rows[name] <= day) for name in ("actual_on", "accepted_on")}
    return rows.assign(**happened)


def _end(actual: Any, forecast: Any, planned: Any, dates: Any) -> tuple[Any, str]:
    """Return the end as known on the status date, and what it rests on."""
    if actual is not None and pd.notna(actual) and actual <= dates.status_date:
        return actual, "actual"
    if forecast is not None and pd.notna(forecast):
        return forecast, "forecast"
    if planned is None or pd.isna(planned):
        return None, "plan"
    return max(dates.status_date, planned), "plan"


def _overdue(dates: Any, end: Any, basis: str) -> tuple[Caveat, ...]:
    """Say that a forecast go-live has passed without one: the slip is longer than it says."""
    if basis != "forecast" or end >= dates.status_date:
        return ()
    slots = {"day": f"{end:%Y-%m-%d}", "status": f"{dates.status_date:%Y-%m-%d}",
             "days": (dates.status_date - end).days}  # fmt: skip
    about = (GO_LIVE, "cost.schedule_ratio")
    return (Caveat(Message("cost.caveat.forecast_passed", slots), about, bias=True),)


def slip_of_finished(dates: Any) -> int | None:
    """Return the days go-live came after its plan; None while it has not come or had no plan."""
    planned = getattr(dates, "planned_go_live", None)
    if planned is None or dates.go_live is None:
        return None
    end, basis = _end(dates.go_live, None, planned, dates)
    return (end - planned).days if basis == "actual" else None


def slip_word(days: int) -> str:
    """Return late, early or on_time."""
    return "on_time" if days == 0 else ("late" if days > 0 else "early")


def _slip_of_go_live(dates: Any, end: Any, basis: str) -> Indicator:
    reason = None
    if dates.planned_go_live is None:
        reason = Message("cost.reason.no_date", {"date": "planned_go_live"})
    days = None if reason else (end - dates.planned_go_live).days
    return indicator(GO_LIVE, days, "days", reason=reason, parts={"basis": basis})


def _length(dates: Any, end: Any, basis: str) -> Indicator:
    missing = [n for n in ("project_start", "planned_go_live") if getattr(dates, n) is None]
    reason = Message("cost.reason.no_date", {"date": missing[0]}) if missing else None
    spans = (0, 0)
    if reason is None:
        start = dates.project_start
        spans = ((end - start).days, (dates.planned_go_live - start).days)
    return ratio(
        "cost.schedule_ratio", spans, less=1.0, zero=Message("cost.reason.no_planned_length"),
        reason=reason, parts={"basis": basis},
    )  # fmt: skip


def _slip_of_last(rows: pd.DataFrame, dates: Any) -> Indicator:
    """Return the slip of the milestone planned last; of several, the one that came last."""
    rows = rows.loc[rows["planned_on"].notna()]
    more = {"n": len(rows), "tables": ("milestones",)}
    if rows.empty:
        return indicator(LAST_MILESTONE, None, "days", reason=missing_table("milestones"), **more)
    planned = rows["planned_on"].max()
    ends = [
        _end(row.actual_on, row.forecast_on, planned, dates)
        for row in rows.loc[rows["planned_on"] == planned].itertuples()
    ]
    end, basis = max(ends)
    parts = {"basis": basis}
    return indicator(LAST_MILESTONE, (end - planned).days, "days", parts=parts, **more)


def _accepted(rows: pd.DataFrame, day: pd.Timestamp) -> Indicator:
    due = rows.loc[rows["planned_on"] <= day]
    reason = missing_table("milestones") if rows.empty else None
    absent = [name for name in ("accepted_on", "acceptance") if rows[name].isna().all()]
    if reason is None and absent:
        reason = missing_column("milestones", *absent)
    weight = due["weight"].fillna(EVEN_WEIGHT)
    clean = due["accepted_on"].notna() & (due["acceptance"] == "unconditional")
    return ratio(
        "cost.accepted_share", (weight[clean].sum(), weight.sum()), reason=reason,
        zero=Message("cost.reason.no_milestone_due"), n=len(due), tables=("milestones",),
    )  # fmt: skip


def _table(rows: pd.DataFrame, dates: Any) -> pd.DataFrame:
    """Return milestones in the order planned, their weight, what happened, and the days between.

    Where no milestone has a weight all count alike, and the column is left out.
    """
    names = ["milestone_id", "name", "weight", "planned_on", "forecast_on", "actual_on",
             "acceptance"]  # fmt: skip
    weighted = bool(rows["weight"].notna().any())
    rows = rows.assign(weight=rows["weight"].fillna(EVEN_WEIGHT))
    table = rows[names if weighted else [name for name in names if name != "weight"]]
    table = table.dropna(subset=["planned_on"]).sort_values("planned_on", ignore_index=True)
    ends = [
        _end(row.actual_on, row.forecast_on, row.planned_on, dates) for row in table.itertuples()
    ]
    days = [(end - plan).days for (end, _), plan in zip(ends, table["planned_on"], strict=True)]
    return table.assign(slip_days=days, basis=[basis for _, basis in ends])


def _words(shown: Indicator, found: tuple[Indicator, ...]) -> tuple[Message, Message, Message]:
    """Say the slip of go-live, or of the last milestone where go-live has no plan."""
    days, last = shown.value, found[1]
    direction = slip_word(days)
    if shown.parts["basis"] != "actual":
        direction += "_open"
    if shown is last:
        direction = f"milestone_{direction}"
    slots = {"days": abs(days), "n": last.n}
    return (
        Message(f"cost.sentence.schedule_{direction}", slots),
        Message(f"cost.headline.schedule_{direction}", slots),
        Message("cost.subtitle.schedule", slots),
    )

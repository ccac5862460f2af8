"""When could the overrun be seen, and how long until somebody saw it."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from crm_eval_lib.cost.known_then import projects_then
from crm_eval_lib.cost.measure import (
    AGREED_DATE,
    DAYS_A_MONTH,
    PROJECT_OWNER,
    indicator,
    severity,
    unanswered,
)
from crm_eval_lib.cost.oversight import REVIEWS
from crm_eval_lib.cost.project import Project, project_on
from crm_eval_lib.cost.records import read_records, typed
from crm_eval_lib.cost.timeline import LAST_DAY, Month
from crm_eval_lib.denials import denies_deviation
from crm_eval_lib.results import (
    Action,
    Finding,
    Indicator,
    Message,
    Step,
    missing_column,
    missing_table,
    not_applicable,
    not_assessed,
)

ID = "cost.early_warning"
KNOWABLE, REACTION = "cost.knowable_on", "cost.reaction_days"
OVERRUN_WARNING = 0.10  # share over the original budget from which a forecast warns
SEEN = ["period_end", "earned", "actual", "forecast"]  # at each month end
MONTHS_LIMITS = (1, 2, 5)  # months without reaction from which the finding weighs more


def early_warning(
    budget: pd.DataFrame | None,
    actuals: pd.DataFrame | None,
    progress: pd.DataFrame | None,
    reviews: pd.DataFrame | None = None,
    *,
    changes: pd.DataFrame | None = None,
    dates: Any,
    currency: str,
    month_end: Month = LAST_DAY,
    overrun_warning: float = OVERRUN_WARNING,
    months: Step | None = None,
) -> Step:
    """Forecast the final cost as it could have been forecast at each month end.

    Parameters
    ----------
    overrun_warning : float
        Share over the original budget from which the forecast warns.
    months : Step, optional
        What `month_by_month` returned for the same tables; read again when not given.
    budget, actuals, progress, reviews, changes : DataFrame or None
        Tables of the data dictionary.
    dates : object
        Has ``project_start``, ``go_live`` and ``status_date``.
    currency : str
        The client's.
    month_end : str or int
        ``last`` or the day on which a period ends.

    Returns
    -------
    Step
        ``cost.knowable_on``: first month end from which the estimate at completion stays above the
        original budget by more than the share; ``cost.reaction_days``: from there to the first
        review that found a deviation (never: not assessed, with the days so far as lower bound;
        only earlier ones: 0). An entry such as "no deviation" finds none; ``tables["wordings"]``
        says how each entry is taken.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(project_start=day("2024-01-01"), go_live=None,
    ...                         status_date=day("2024-02-29"))
    >>> lines = pd.DataFrame({"line_id": ["A"], "category": ["services"], "amount": [100.0]})
    >>> spent = pd.DataFrame({"txn_id": ["1"], "line_id": ["A"], "incurred_on": ["2024-01-20"],
    ...                       "amount": [30.0], "kind": ["invoice"]})
    >>> done = pd.DataFrame({"line_id": ["A"], "period_end": ["2024-01-31"],
    ...                      "percent_complete": [0.2]})
    >>> early_warning(lines, spent, done, dates=dates, currency="CNY")["cost.knowable_on"].value
    '2024-01-31'
    """
    records = read_records(budget, actuals, changes=changes, progress=progress)
    project = project_on(records, dates=dates, currency=currency)
    rows = typed(reviews, REVIEWS)
    rows = rows.loc[rows["held_on"] <= project.status_date].sort_values("held_on")
    rows["acted_on"] = rows["acted_on"].where(rows["acted_on"] <= project.status_date)
    reason = _problem(project)
    if reason is not None:
        return unanswered(ID, _without(reason))
    if months is not None and months.table is not None:
        table = months.table.rename(columns={"eac": "forecast"})
        table = table[SEEN].assign(original=project.original_total)
    else:
        then = projects_then(records, dates=dates, currency=currency, month_end=month_end)
        table = forecasts(project, then)
    if table["forecast"].isna().all():
        return unanswered(ID, _without(Message("cost.reason.no_forecast")))
    limit = project.original_total * (1 + overrun_warning)
    knowable = _first_lasting(table, limit)
    found = _indicators(project, knowable, rows, limit)
    done = Message("cost.reaction.nothing") if knowable is None else _done(rows, knowable)
    slots = {"limit": overrun_warning, "planned": project.original_total,
             "currency": currency, "month": None if knowable is None else _day(knowable),
             "days": found[1].value, "done": done}  # fmt: skip
    return Step(
        ID, found, table, _sentence(found, slots),
        Message(f"cost.headline.warning{'' if knowable is not None else '_never'}", slots),
        Message("cost.subtitle.warning", slots), findings=_finding(project, knowable, rows),
        tables={"reviews": _reviews_since(rows, knowable), "wordings": _wordings(rows)},
    )  # fmt: skip


def forecasts(project: Project, then: Iterable[Project]) -> pd.DataFrame:
    """Return budget, earned value, actual cost and forecast as known at each month end."""
    rows = [
        (known.status_date, known.earned_if_known, known.actual, known.forecast) for known in then
    ]
    table = pd.DataFrame(rows, columns=SEEN)
    return table.assign(original=project.original_total)


def _problem(project: Project) -> Message | None:
    if project.original_problem is not None:
        return project.original_problem
    if project.dates.project_start is None:
        return Message("cost.reason.no_date", {"date": "project_start"})
    return project.earning_problem


def _first_lasting(table: pd.DataFrame, limit: float) -> pd.Timestamp | None:
    """Return the first month end from which the forecast stays above the limit, or None."""
    below = table.index[~(table["forecast"] > limit)]
    first = 0 if below.empty else below[-1] + 1
    return None if first == len(table) else table["period_end"].iloc[first]


def _without(reason: Message) -> tuple[Indicator, Indicator]:
    tables = ("budget", "actuals", "progress")
    return (
        not_assessed(KNOWABLE, "date", reason, tables=tables),
        not_assessed(REACTION, "days", reason, tables=(*tables, "reviews")),
    )


def _indicators(
    project: Project, knowable: pd.Timestamp | None, reviews: pd.DataFrame, limit: float
) -> tuple[Indicator, Indicator]:
    tables = ("budget", "actuals", "progress")
    more = {"n": len(reviews), "tables": (*tables, "reviews")}
    if knowable is None:
        slots = {"limit": limit, "currency": project.currency}
        never = Message("cost.reason.never_over", slots)
        return (
            not_applicable(KNOWABLE, "date", never, tables=tables),
            not_applicable(REACTION, "days", never, **more),
        )
    first, earlier = _found(reviews, knowable)
    reason = missing_table("reviews") if reviews.empty else None
    if reason is None and reviews["deviation_found"].isna().all():
        reason = missing_column("reviews", "deviation_found")
    if reason is None and first.empty and earlier.empty:
        reason = Message("cost.reason.never_found")
        more["low"] = (project.status_date - knowable).days
    # what an earlier review had found was known on the day it became knowable
    days = None if reason else 0 if first.empty else (first["held_on"].iloc[0] - knowable).days
    return (
        indicator(KNOWABLE, _day(knowable), "date", tables=tables),
        indicator(REACTION, days, "days", reason=reason, **more),
    )


def _found(reviews: pd.DataFrame, day: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the reviews that found a deviation, from a day on and before it."""
    found = _counts_as_found(reviews["deviation_found"])
    late = reviews["held_on"] >= day
    return reviews.loc[found & late], reviews.loc[found & ~late]


def _counts_as_found(words: pd.Series) -> pd.Series:
    """Say which entries name a deviation: filled in, and not "none" in any words."""
    return words.notna() & ~denies_deviation(words)


def _wordings(reviews: pd.DataFrame) -> pd.DataFrame:
    """Count the different entries in deviation_found, and say how each is taken."""
    counts = reviews["deviation_found"].value_counts().rename("reviews")
    table = counts.rename_axis("deviation_found").reset_index()
    found = _counts_as_found(table["deviation_found"]).map({True: "yes", False: "no"})
    table = table.assign(counts_as_found=found)
    return table.sort_values(["counts_as_found", "reviews", "deviation_found"],
                             ascending=[False, False, True], ignore_index=True)  # fmt: skip


def _done(reviews: pd.DataFrame, knowable: pd.Timestamp) -> Message:
    """Say what the review that found the overrun decided, and whether it was acted on."""
    later, earlier = _found(reviews, knowable)
    rows = later.head(1) if len(later) else earlier.tail(1)
    if rows.empty:
        return Message("cost.reaction.nothing")
    decision, acted = rows["decision"].iloc[0], rows["acted_on"].iloc[0]
    slots = {"decision": None if pd.isna(decision) else str(decision),
             "day": None if pd.isna(acted) else _day(acted)}  # fmt: skip
    name = "decided" if slots["decision"] else ""
    name += "_acted" if slots["day"] else ""
    return Message(f"cost.reaction.{name.lstrip('_') or 'nothing'}", slots)


def _reviews_since(reviews: pd.DataFrame, knowable: pd.Timestamp | None) -> pd.DataFrame:
    """Return the reviews from the day on which the overrun could be seen."""
    names = ["review_id", "held_on", "deviation_found", "decision", "acted_on"]
    since = reviews["held_on"] >= knowable if knowable is not None else reviews["held_on"].isna()
    return reviews.loc[since, names].reset_index(drop=True)


def _day(day: pd.Timestamp) -> str:
    return day.date().isoformat()


def _sentence(found: tuple[Indicator, Indicator], slots: dict[str, Any]) -> Message:
    knowable, reaction = found
    if knowable.value is None:
        return Message("cost.sentence.warning_never", slots)
    if reaction.value is None:
        return Message("cost.sentence.warning_unseen", {**slots, "reason": reaction.reason})
    return Message(f"cost.sentence.warning{'' if reaction.value else '_at_once'}", slots)


def _finding(
    project: Project, knowable: pd.Timestamp | None, reviews: pd.DataFrame
) -> tuple[Finding, ...]:
    """Report a month or more without recorded action; without reviews nothing is known."""
    if knowable is None or reviews.empty or reviews["deviation_found"].isna().all():
        return ()
    later, earlier = _found(reviews, knowable)
    first = later.head(1)
    reacted = first["acted_on"].where(first["acted_on"].notna(), first["held_on"])
    end = project.status_date if first.empty else reacted.iloc[0]
    waited = int((end - knowable).days // DAYS_A_MONTH)
    if waited < 1 or len(earlier):
        return ()
    slots = {"month": _day(knowable), "n": waited, "status": _day(project.status_date)}
    key = "late_warning_never" if first.empty else "late_warning"
    owner = {"owner": PROJECT_OWNER, "date": AGREED_DATE}
    action = Action("cost.late_warning", Message(f"cost.action.{key}", {**slots, **owner}),
                    size=float(waited), size_unit="months")  # fmt: skip
    rows = tuple(("reviews", str(key)) for key in first["review_id"])
    return (
        Finding(
            "cost.late_warning", "cost", KNOWABLE, severity(waited, MONTHS_LIMITS),
            Message(f"cost.finding.{key}", slots), rows, action,
        ),
    )  # fmt: skip

"""Did anybody put plan beside actual while it could still help: periods with a review."""

from typing import Any

import pandas as pd

from crm_eval_lib.cost.measure import ratio, unanswered
from crm_eval_lib.cost.project import read_project
from crm_eval_lib.cost.records import typed
from crm_eval_lib.cost.timeline import LAST_DAY, Month, period_ends
from crm_eval_lib.results import Message, Step, missing_column, missing_table

ID = "cost.oversight"
INDICATOR = "cost.review_coverage"
REVIEWS = {
    "text": ("review_id", "plan_vs_actual_shown", "deviation_found", "decision"),
    "dates": ("held_on", "acted_on"),
    "numbers": (),
}


def oversight(
    reviews: pd.DataFrame | None,
    *,
    budget: pd.DataFrame | None = None,
    changes: pd.DataFrame | None = None,
    progress: pd.DataFrame | None = None,
    dates: Any,
    currency: str,
    month_end: Month = LAST_DAY,
) -> Step:
    """Count the periods of the project that had a review showing plan beside actual.

    Parameters
    ----------
    reviews : DataFrame or None
        Table of the data dictionary; budget, changes and progress say when the project finished.
    month_end : str or int
        ``last`` or the day on which a period ends.
    budget, changes, progress : DataFrame or None
        Tables of the data dictionary.
    dates : object
        Has ``project_start``, ``go_live`` and ``status_date``.
    currency : str
        The client's.

    Returns
    -------
    Step
        ``cost.review_coverage``: periods with such a review / periods from the start to the finish
        or the status date, partial ones included.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(project_start=day("2024-01-08"), go_live=day("2024-02-20"),
    ...                         status_date=day("2024-12-31"))
    >>> held = pd.DataFrame({"review_id": ["R1"], "held_on": ["2024-02-29"],
    ...                      "plan_vs_actual_shown": ["yes"]})
    >>> oversight(held, dates=dates, currency="CNY")["cost.review_coverage"].value
    0.5
    """
    project = read_project(
        budget, changes=changes, progress=progress, dates=dates, currency=currency
    )
    rows = typed(reviews, REVIEWS)
    rows = rows.loc[rows["held_on"] <= dates.status_date]
    reason = missing_table("reviews") if rows.empty else None
    if reason is None and rows["plan_vs_actual_shown"].isna().all():
        reason = missing_column("reviews", "plan_vs_actual_shown")
    if dates.project_start is None:
        reason = Message("cost.reason.no_date", {"date": "project_start"})
    end = min(project.finish or dates.status_date, dates.status_date)
    if reason is None and end < dates.project_start:
        reason = Message("cost.reason.not_begun")
    table = None if reason else _periods(rows, dates.project_start, end, month_end)
    shown = (0, 0) if table is None else (int(table["reviewed"].sum()), len(table))
    found = ratio(
        INDICATOR, shown, zero=Message("cost.reason.not_begun"), reason=reason, n=shown[1],
        tables=("reviews",),
    )  # fmt: skip
    if table is None:
        return unanswered(ID, (found,))
    slots = {"k": shown[0], "n": shown[1], "share": found.value,
             "gap": _longest_gap(table["reviewed"])}  # fmt: skip
    return Step(
        ID, (found,), table, Message("cost.sentence.oversight", slots),
        Message("cost.headline.oversight", slots), Message("cost.subtitle.oversight", slots),
    )  # fmt: skip


def _periods(
    reviews: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp, month_end: Month
) -> pd.DataFrame:
    """Return one row per period with its number of reviews; one that shows nothing does not count.

    A review of the last, partial period may be held until that period ends.
    """
    ends = period_ends(start, end, month_end)
    held = reviews.loc[reviews["held_on"].between(start, ends[-1])]
    number = ends.searchsorted(held["held_on"], side="left") + 1
    table = pd.DataFrame({"period": range(1, len(ends) + 1), "period_end": ends})
    shown = (held["plan_vs_actual_shown"] == "yes").to_numpy()
    table["reviews"] = table["period"].map(pd.Series(number).value_counts()).fillna(0).astype(int)
    table["reviewed"] = table["period"].isin(number[shown])
    return table


def _longest_gap(reviewed: pd.Series) -> int:
    """Return the longest run of periods without a review that counts."""
    runs = (~reviewed).groupby(reviewed.cumsum()).sum()
    return int(runs.max())

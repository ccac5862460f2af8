"""The project as it was known at each month end: nothing dated later is seen."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from crm_eval_lib.cost.project import Project, project_on
from crm_eval_lib.cost.records import Records
from crm_eval_lib.cost.timeline import Month, period_ends

# what sums over time are made of; keys, prices and approvals of single entries are not looked at
_COLUMNS = ["line_id", "category", "kind", "incurred_on", "amount", "currency", "fx_rate", "tax",
            "tax_rate", "order_ref", "retention"]  # fmt: skip


def month_ends_seen(dates: Any, month_end: Month) -> list[Any]:
    """Return the ends of the project's periods up to the status date; none before the start."""
    if dates.project_start is None:
        return []
    ends = period_ends(dates.project_start, dates.status_date, month_end)
    return list(ends[ends <= dates.status_date])


def projects_then(
    records: Records, *, dates: Any, currency: str, month_end: Month
) -> Iterator[Project]:
    """Give the project of each month end, as every step would read it with that status date.

    Known are budget versions approved, progress and cost recorded, changes raised (and those of
    them approved) by that day; a go-live after it has not happened.
    """
    rows = records.actuals[_COLUMNS].sort_values("incurred_on", kind="stable")
    rows = rows.loc[rows["incurred_on"].notna()]
    rows = rows.assign(order_ref=rows["order_ref"].astype("category"))
    slim = records.with_ledger(rows)
    for day in month_ends_seen(dates, month_end):
        yield project_on(slim, dates=_dates_on(dates, day), currency=currency)


def _dates_on(dates: Any, day: Any) -> SimpleNamespace:
    return SimpleNamespace(
        project_start=dates.project_start, go_live=dates.go_live, status_date=day
    )

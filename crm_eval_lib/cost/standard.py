"""The list of steps of this factor, as the notebook calls them."""

from typing import Any

from crm_eval_lib.cost.bridge import bridge
from crm_eval_lib.cost.contingency import contingency
from crm_eval_lib.cost.delivery import delivery
from crm_eval_lib.cost.deviation import deviation
from crm_eval_lib.cost.early_warning import OVERRUN_WARNING, early_warning
from crm_eval_lib.cost.earned_schedule import earned_schedule
from crm_eval_lib.cost.earned_value import earned_value
from crm_eval_lib.cost.labour import own_labour, week_hours
from crm_eval_lib.cost.month_by_month import month_by_month
from crm_eval_lib.cost.outside_view import outside_view
from crm_eval_lib.cost.oversight import oversight
from crm_eval_lib.cost.overview import overview
from crm_eval_lib.cost.planning import INDICATOR as BASELINE_COMPLETE
from crm_eval_lib.cost.planning import PARTS, planning
from crm_eval_lib.cost.schedule import schedule
from crm_eval_lib.cost.spending import spending
from crm_eval_lib.results import FactorResult


def assess(client: Any, *, overrun_warning: float = OVERRUN_WARNING) -> FactorResult:
    """Run all steps of the cost factor for one client.

    Parameters
    ----------
    client : Client
        What `open_client` returns.
    overrun_warning : float
        Share over the original budget from which a forecast warns.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> import pandas as pd
    >>> from crm_eval_lib.tables import TABLES
    >>> budget = pd.DataFrame({"line_id": ["A"], "category": ["services"], "amount": [900.0]})
    >>> ledger = pd.DataFrame({"txn_id": ["1"], "line_id": ["A"], "amount": [990.0],
    ...                        "kind": ["invoice"], "incurred_on": [pd.Timestamp("2024-01-05")]})
    >>> given = {"budget": budget, "actuals": ledger}
    >>> client = SimpleNamespace(
    ...     tables=SimpleNamespace(**dict.fromkeys(TABLES) | given), currency="CNY",
    ...     reference_classes=pd.DataFrame(), dates=SimpleNamespace(
    ...         project_start=pd.Timestamp("2024-01-01"), planned_go_live=None,
    ...         forecast_go_live=None, go_live=pd.Timestamp("2024-02-01"), blackout=None,
    ...         status_date=pd.Timestamp("2024-03-31")),
    ...     config=SimpleNamespace(periods=SimpleNamespace(month_end=31), not_applicable={},
    ...                            calendar=SimpleNamespace(days=["mon"], hours=["09:00-17:00"])))
    >>> round(assess(client)["cost.deviation_original"].value, 2)
    0.1
    """
    t, month_end = client.tables, client.config.periods.month_end
    money = {"dates": client.dates, "currency": client.currency}
    known = {"changes": t.changes, **money}
    booked = {"progress": t.progress, **known}
    in_time = {"month_end": month_end, **known}
    plan = planning(t.budget, t.scope, dates=client.dates, not_needed=parts_not_needed(client))
    against_plan = [
        deviation(t.budget, t.actuals, **fallbacks(client), **booked),
        delivery(t.scope, t.budget, t.actuals, **booked),
        schedule(t.milestones, dates=client.dates),
    ]
    months = month_by_month(t.budget, t.actuals, t.progress, t.plan, **in_time)
    steps = [
        plan, overview(*against_plan), *against_plan,
        bridge(t.budget, t.actuals, **booked),
        spending(t.budget, t.actuals, **booked),
        earned_value(t.budget, t.actuals, t.progress, t.plan, **in_time),
        earned_schedule(t.budget, t.progress, t.plan, **in_time),
        months, contingency(months),
        oversight(t.reviews, budget=t.budget, progress=t.progress, **in_time),
        early_warning(t.budget, t.actuals, t.progress, t.reviews,
                      overrun_warning=overrun_warning, months=months, **in_time),
        outside_view(client.reference_classes, cost=against_plan[0]["cost.deviation_original"],
                     schedule=against_plan[2]["cost.schedule_ratio"]),
    ]  # fmt: skip
    return FactorResult.collect("cost", steps)


def fallbacks(client: Any) -> dict[str, Any]:
    """Return what stands in for budget and ledger: the summary, and own labour, priced.

    Options of `deviation`, so that a notebook can hand them on as they are.

    Parameters
    ----------
    client : Client
        From `open_client`: its tables cost_summary and labour_estimate, and ``calendar`` of
        client.yml.

    Returns
    -------
    dict
        ``summary``, and where there are estimates ``labour``: DataFrames, amounts in the client's
        currency.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> import pandas as pd
    >>> summary = pd.DataFrame({"planned": [100.0], "actual": [112.7]})
    >>> client = SimpleNamespace(tables=SimpleNamespace(cost_summary=summary, labour_estimate=None))
    >>> list(fallbacks(client))
    ['summary']
    """
    t = client.tables
    if t.labour_estimate is None:
        return {"summary": t.cost_summary}
    hours = week_hours(client.config.calendar)
    return {"summary": t.cost_summary, "labour": own_labour(t.labour_estimate, week_hours=hours)}


def parts_not_needed(client: Any) -> tuple[str, ...]:
    """Return the parts of the plan that client.yml declares not applicable.

    They are written as ``cost.baseline_complete[hardware]`` under ``not_applicable``.

    Parameters
    ----------
    client : Client
        From `open_client`.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> waived = {"cost.baseline_complete[hardware]": "rented"}
    >>> parts_not_needed(SimpleNamespace(config=SimpleNamespace(not_applicable=waived)))
    ('hardware',)
    """
    declared = dict(client.config.not_applicable or {})
    return tuple(part for part in PARTS if f"{BASELINE_COMPLETE}[{part}]" in declared)

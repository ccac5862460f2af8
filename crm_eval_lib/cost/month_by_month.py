"""What a supervisor could have read at each month end, from what was known on that day."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.cost.earned_schedule import time_indicators
from crm_eval_lib.cost.earned_value import value_indicators
from crm_eval_lib.cost.known_then import projects_then
from crm_eval_lib.cost.measure import without_indicators
from crm_eval_lib.cost.project import Project, project_on
from crm_eval_lib.cost.records import read_records
from crm_eval_lib.cost.spending import committed_amount, contingency_used
from crm_eval_lib.cost.timeline import LAST_DAY, Month
from crm_eval_lib.results import Indicator, Message, Step, missing_table

ID = "cost.month_by_month"
INDICES = ("cpi", "spi", "spi_time", "eac", "eac_budget_rate", "eac_cpi_spi")
FORECASTS = ["period", "period_end", "actual", "eac", "eac_budget_rate", "eac_cpi_spi"]
CLOSE = 0.05  # share of the final cost within which a forecast counts as having met it


def month_by_month(
    budget: pd.DataFrame | None,
    actuals: pd.DataFrame | None,
    progress: pd.DataFrame | None = None,
    plan: pd.DataFrame | None = None,
    *,
    changes: pd.DataFrame | None = None,
    dates: Any,
    currency: str,
    month_end: Month = LAST_DAY,
) -> Step:
    """Read the project again at every month end, from what was known on that day.

    Parameters
    ----------
    budget, actuals, progress, plan, changes : DataFrame or None
        Tables of the data dictionary.
    month_end : str or int
        ``last`` or the day on which a period ends.
    dates : object
        Has ``project_start``, ``go_live`` and ``status_date``.
    currency : str
        The client's.

    Returns
    -------
    Step
        A table and no indicators of its own: planned, earned and actual value, CPI, SPI, SPI(t),
        three forecasts of the final cost, the budget version then approved, the contingency drawn
        beside progress (earned value over budget), commitments with retention. Every row is what
        the single steps give with that month end as status date.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(project_start=day("2024-01-01"), go_live=None,
    ...                         status_date=day("2024-02-29"))
    >>> lines = pd.DataFrame({"line_id": ["A"], "category": ["services"], "amount": [100.0]})
    >>> spent = pd.DataFrame({"txn_id": ["1"], "line_id": ["A"], "incurred_on": ["2024-01-20"],
    ...                       "amount": [30.0], "kind": ["invoice"]})
    >>> done = pd.DataFrame({"line_id": "A", "period_end": ["2024-01-31", "2024-02-29"],
    ...                      "percent_complete": [0.2, 0.25]})
    >>> step = month_by_month(lines, spent, done, dates=dates, currency="CNY")
    >>> step.table["eac"].tolist()
    [150.0, 120.0]
    """
    records = read_records(budget, actuals, changes=changes, progress=progress, plan=plan)
    project = project_on(records, dates=dates, currency=currency)
    then = projects_then(records, dates=dates, currency=currency, month_end=month_end)
    reason = _problem(project)
    table = pd.DataFrame([] if reason else [_row(known, month_end) for known in then])
    if table.empty:
        return without_indicators(ID, reason or Message("cost.reason.no_period_yet"))
    if not project.cost_rows:  # no ledger; before the first entry of one the cost was zero
        table["actual"] = np.nan
    table.insert(0, "period", range(1, len(table) + 1))
    forecasts = table.loc[table["eac"].notna(), FORECASTS].reset_index(drop=True)
    return Step(
        ID, (), table, *_words(project, table), sources=_sources(project),
        tables={"forecasts": forecasts} if len(forecasts) else {},
    )  # fmt: skip


def _problem(project: Project) -> Message | None:
    if project.dates.project_start is None:
        return Message("cost.reason.no_date", {"date": "project_start"})
    if project.budget.empty and project.ledger.empty:
        return missing_table("budget", "actuals")
    return None


def _sources(project: Project) -> tuple[str, ...]:
    rows = {"budget": project.budget, "actuals": project.ledger, "changes": project.changes}
    named = [name for name, table in rows.items() if not table.empty]
    return (*named, *(["progress"] if project.progress_rows else []))


def _row(project: Project, month_end: Month) -> dict[str, Any]:
    """Return one month end: the values of the single steps, NaN where they are not assessed."""
    values, planned = value_indicators(project)
    found = [*values, *time_indicators(project, month_end)]
    by_name = {item.base_id.removeprefix("cost."): _number(item) for item in found}
    earned = project.earned_if_known
    bac = 0.0 if project.baseline is None else project.baseline.bac
    return {
        "period_end": project.status_date,
        "planned": planned,
        "earned": earned,
        "actual": np.nan if project.ledger_problem and project.cost_rows else project.actual,
        **{name: by_name[name] for name in INDICES},
        "version": np.nan if project.baseline is None else project.baseline.version,
        "progress_share": earned / bac if bac > 0 else np.nan,
        "contingency_used": _number(contingency_used(project)),
        "committed": _number(committed_amount(project)),
    }


def _number(item: Indicator) -> float:
    return np.nan if item.value is None else float(item.value)


def _words(project: Project, table: pd.DataFrame) -> tuple[Message, Message, Message]:
    """Say between which amounts the forecast moved, and when it came to stay near the end."""
    day = project.status_date.date().isoformat()
    known = table.loc[table["eac"].notna()]
    slots = {"n": len(table), "currency": project.currency, "status": day}
    subtitle = Message("cost.subtitle.month_by_month", slots)
    if known.empty:
        return (Message("cost.sentence.month_by_month_no_forecast", slots),
                Message("cost.headline.month_by_month_no_forecast", slots), subtitle)  # fmt: skip
    final = project.actual if project.closed else float(known["eac"].iloc[-1])
    slots |= {"low": float(known["eac"].min()), "high": float(known["eac"].max()), "final": final,
              "k": len(known), "planned": project.original_total, "close": CLOSE,
              "month": _settled(known, final)}  # fmt: skip
    name = "closed" if project.closed else "open"
    return (Message(f"cost.sentence.month_by_month_{name}", slots),
            Message(f"cost.headline.month_by_month_{name}", slots), subtitle)  # fmt: skip


def _settled(known: pd.DataFrame, final: float) -> str:
    """Return the month end from which the forecast stayed close to what it came to in the end."""
    far = (known["eac"] - final).abs() > CLOSE * abs(final)
    first = 0 if not far.any() else min(int(np.flatnonzero(far)[-1]) + 1, len(known) - 1)
    return known["period_end"].iloc[first].date().isoformat()

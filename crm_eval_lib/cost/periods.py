"""Planned, earned and actual value period by period, as seen on the status date."""

import numpy as np
import pandas as pd

from crm_eval_lib.cost.project import Project
from crm_eval_lib.cost.timeline import Month, period_ends, value_earned


def planned_values(project: Project, month_end: Month) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """Return the period ends, from the first to the last planned or seen, and planned value."""
    start, no_plan = project.dates.project_start, project.plan_problem is not None
    last, reach = project.layout.end, _reach(project)
    ends = period_ends(start, reach if last is None or no_plan else max(reach, last), month_end)
    return ends, np.full(len(ends), np.nan) if no_plan else project.layout.planned(ends)


def planned_periods(project: Project, month_end: Month) -> pd.DataFrame:
    """Return planned value per period as a table."""
    ends, planned = planned_values(project, month_end)
    return pd.DataFrame({"period": range(1, len(ends) + 1), "period_end": ends, "planned": planned})


def _reach(project: Project) -> pd.Timestamp:
    """Return the last day something was seen: of an open project the status date."""
    if not project.closed:
        return project.status_date
    last = project.last_cost_on
    return project.finish if pd.isna(last) else max(project.finish, last)


def months(project: Project, month_end: Month) -> pd.DataFrame:
    """Return planned, earned and actual value per period; nothing earned or spent after today.

    The period that holds the status date is seen up to that day.
    """
    day, table = project.status_date, planned_periods(project, month_end)
    now = period_ends(project.dates.project_start, min(_reach(project), day), month_end)
    seen = pd.DatetimeIndex([min(end, day) for end in now])
    earned = value_earned(project.baseline, project.shares, seen)
    table["earned"] = pd.Series(earned).reindex(table.index)
    costs = project.costs.groupby("incurred_on")["money"].sum().cumsum()
    spent = costs.reindex(costs.index.union(seen)).ffill().reindex(seen).fillna(0.0).to_numpy()
    table["actual"] = pd.Series(spent).reindex(table.index)
    if project.comparison_problem is not None:
        table["actual"] = float("nan")
    return table

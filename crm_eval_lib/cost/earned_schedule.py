"""Earned schedule: in which month of the plan the project stands."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.cost.baseline import ORIGINAL
from crm_eval_lib.cost.measure import indicator, unanswered
from crm_eval_lib.cost.periods import months, planned_values
from crm_eval_lib.cost.project import Project, read_project
from crm_eval_lib.cost.timeline import (
    LAST_DAY,
    Month,
    period_of,
    periods_completed,
    reaches,
)
from crm_eval_lib.results import Caveat, Indicator, Message, Step

ID = "cost.earned_schedule"


def earned_schedule(
    budget: pd.DataFrame | None,
    progress: pd.DataFrame | None,
    plan: pd.DataFrame | None = None,
    *,
    changes: pd.DataFrame | None = None,
    dates: Any,
    currency: str,
    month_end: Month = LAST_DAY,
) -> Step:
    """Measure the project's time performance in months of its plan.

    Parameters
    ----------
    budget, progress, plan, changes : DataFrame or None
        Tables of the data dictionary; without ``plan`` a line is spread linearly over its dates.
    dates : object
        Has ``project_start``, ``go_live`` and ``status_date``.
    currency : str
        The client's.
    month_end : str or int
        ``last`` or the day on which a period ends.

    Returns
    -------
    Step
        ``cost.earned_schedule`` ES = C + (EV − PV_C)/(PV_{C+1} − PV_C), ``cost.spi_time`` ES/AT,
        ``cost.ieac_time`` planned duration / SPI(t) [Lipke 2003]. Period 1 ends at the first month
        end on or after the start; AT counts the periods ended by the status date, of a finished
        project up to and with the period of its finish.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(project_start=day("2024-01-01"), go_live=None,
    ...                         status_date=day("2024-04-30"))
    >>> lines = pd.DataFrame({"line_id": ["A"], "category": ["services"], "amount": [100.0]})
    >>> ends = pd.date_range("2024-01-31", periods=10, freq="ME")
    >>> plan = pd.DataFrame({"line_id": "A", "period_end": ends,
    ...                      "planned_cumulative": range(10, 101, 10)})
    >>> done = pd.DataFrame({"line_id": ["A"], "period_end": ends[[3]], "percent_complete": [0.34]})
    >>> step = earned_schedule(lines, done, plan, dates=dates, currency="CNY")
    >>> round(step["cost.earned_schedule"].value, 6), round(step["cost.spi_time"].value, 6)
    (3.4, 0.85)
    """
    project = read_project(
        budget, changes=changes, progress=progress, plan=plan, dates=dates, currency=currency
    )
    found = time_indicators(project, month_end)
    if found[1].value is None:
        return unanswered(ID, found)
    table = months(project, month_end)[["period", "period_end", "planned", "earned"]]
    earned, time, length = _periods(project, month_end)
    slots = {"earned": earned, "time": time, "spi": found[1].value, "expected": found[2].value,
             "planned": length, "lag": abs(time - earned)}  # fmt: skip
    name = "behind" if time > earned else "ahead"
    name = f"closed_{name}" if project.closed else name
    return Step(
        ID, found, table, Message(f"cost.sentence.earned_schedule_{name}", slots),
        Message(f"cost.headline.earned_schedule_{name}", slots),
        Message("cost.subtitle.earned_schedule", slots), caveats=_caveats(project),
    )  # fmt: skip


def _caveats(project: Project) -> tuple[Caveat, ...]:
    """Say that the plan measured against is not the first one."""
    if project.baseline.version == ORIGINAL:
        return ()
    said = Message("cost.caveat.plan_reset", {"version": project.baseline.version})
    return (Caveat(said, ("cost.spi_time", "cost.earned_schedule"), tables=("budget",)),)


def time_indicators(project: Project, month_end: Month) -> tuple[Indicator, ...]:
    """Return ES, SPI(t) and IEAC(t) on the status date, or the reason why there are none."""
    reason = _problem(project)
    if reason is not None:
        return _indicators(None, None, None, reason)
    return _indicators(*_periods(project, month_end), None, n=project.progress_rows)


def _periods(project: Project, month_end: Month) -> tuple[float | None, int, float | None]:
    """Return periods earned, elapsed and planned in all."""
    (ends, planned), bac = planned_values(project, month_end), project.baseline.bac
    time = elapsed_periods(project, ends)
    return earned_periods(project.earned, planned, bac), time, earned_periods(bac, planned, bac)


def _problem(project: Project) -> Message | None:
    if project.earning_problem is not None:
        return project.earning_problem
    if project.dates.project_start is None:
        return Message("cost.reason.no_date", {"date": "project_start"})
    return project.plan_problem


def earned_periods(earned: float, planned: np.ndarray, bac: float) -> float | None:
    """Return the time of the plan at which the value was due; None beyond the end of the plan.

    >>> earned_periods(34.0, np.arange(10.0, 101.0, 10.0), 100.0)
    3.4
    """
    values = np.maximum.accumulate(np.concatenate([[0.0], planned]))
    if reaches(earned, bac):
        done = [period for period, value in enumerate(values) if reaches(value, bac)]
        return float(done[0]) if done else None
    whole = int(np.searchsorted(values, earned, side="right")) - 1
    if whole < 0 or whole == len(values) - 1:
        return None
    return whole + float((earned - values[whole]) / (values[whole + 1] - values[whole]))


def elapsed_periods(project: Project, ends: pd.DatetimeIndex) -> int:
    """Return AT: periods ended by the status date, or up to and with the one of the finish."""
    if project.finish is not None:
        return period_of(ends, project.finish)
    return periods_completed(ends, project.status_date)


def _indicators(
    earned: float | None,
    time: int | None,
    length: float | None,
    reason: Message | None,
    **more: Any,
) -> tuple[Indicator, ...]:
    tables = {"tables": ("budget", "progress")}
    no_end = reason or (Message("cost.reason.plan_short") if earned is None else None)
    no_time = no_end or (Message("cost.reason.no_period_yet") if not time else None)
    stuck = no_time or (Message("cost.reason.zero_earned") if not earned else None)
    stuck = stuck or (Message("cost.reason.plan_short") if length is None else None)
    pace = None if no_time else earned / time
    expected = None if stuck else length / pace
    return (
        indicator("cost.earned_schedule", earned, "months", reason=no_end, **tables, **more),
        indicator("cost.spi_time", pace, "index", reason=no_time, **tables, **more),
        indicator("cost.ieac_time", expected, "months", reason=stuck, **tables, **more),
    )

"""Earned value: what was achieved for the money, and where that leads."""

from typing import Any

import pandas as pd

from crm_eval_lib.cost.earned_schedule import time_indicators
from crm_eval_lib.cost.measure import indicator, ratio, unanswered
from crm_eval_lib.cost.periods import months
from crm_eval_lib.cost.project import Project, read_project
from crm_eval_lib.cost.schedule import slip_of_finished, slip_word
from crm_eval_lib.cost.timeline import LAST_DAY, Month
from crm_eval_lib.results import Indicator, Message, Step, not_applicable

ID = "cost.earned_value"
ZERO_COST = Message("cost.reason.zero_cost")
ZERO_EARNED = Message("cost.reason.zero_earned")
ZERO_PLANNED = Message("cost.reason.zero_planned")


def earned_value(
    budget: pd.DataFrame | None,
    actuals: pd.DataFrame | None,
    progress: pd.DataFrame | None,
    plan: pd.DataFrame | None = None,
    *,
    changes: pd.DataFrame | None = None,
    dates: Any,
    currency: str,
    month_end: Month = LAST_DAY,
) -> Step:
    """Put planned, earned and actual value beside each other on the status date, and forecast.

    Parameters
    ----------
    budget, actuals, progress, plan, changes : DataFrame or None
        Tables of the data dictionary; without ``plan`` a line is spread linearly over its dates.
    month_end : str or int
        ``last`` or the day on which a period ends.
    dates : object
        Has ``project_start``, ``go_live`` and ``status_date``.
    currency : str
        The client's.

    Returns
    -------
    Step
        ``cost.cpi`` EV/AC, ``cost.spi`` EV/PV, ``cost.cv`` EV − AC, ``cost.sv`` EV − PV,
        ``cost.eac`` BAC/CPI, ``cost.eac_budget_rate`` AC + BAC − EV, ``cost.eac_cpi_spi``
        AC + (BAC − EV)/(CPI·SPI), ``cost.vac`` BAC − EAC, ``cost.tcpi`` (BAC − EV)/(BAC − AC)
        [ANSI/EIA-748]. BAC is the newest approved version with later changes, less contingency.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(project_start=day("2024-01-01"), go_live=None,
    ...                         status_date=day("2024-03-31"))
    >>> lines = pd.DataFrame({"line_id": ["A"], "category": ["services"], "amount": [3700.0]})
    >>> spent = pd.DataFrame({"txn_id": ["1"], "line_id": ["A"], "incurred_on": ["2024-03-01"],
    ...                       "amount": [2700.0], "kind": ["invoice"]})
    >>> done = pd.DataFrame({"line_id": ["A"], "period_end": ["2024-03-31"],
    ...                      "percent_complete": [2400 / 3700]})
    >>> round(earned_value(lines, spent, done, dates=dates, currency="USD")["cost.eac"].value, 1)
    4162.5
    """
    project = read_project(
        budget, actuals, changes=changes, progress=progress, plan=plan, dates=dates,
        currency=currency,
    )  # fmt: skip
    found, _ = value_indicators(project)
    if project.earning_problem is not None or dates.project_start is None:
        return unanswered(ID, found)
    table = months(project, month_end)
    return Step(ID, found, table, *_words(project, found, time_indicators(project, month_end)[1]))


def value_indicators(project: Project) -> tuple[tuple[Indicator, ...], float]:
    """Return the indicators of earned value on the status date, and PV (NaN without a plan)."""
    planned, problem = planned_today(project)
    return _indicators(project, planned, problem), float("nan") if problem else planned


def planned_today(project: Project) -> tuple[float, Message | None]:
    """Return PV on the status date, or the reason why there is none."""
    if project.budget_problem is not None:
        return 0.0, project.budget_problem
    if project.plan_problem is not None:
        return 0.0, project.plan_problem
    day = pd.DatetimeIndex([project.status_date])
    return float(project.layout.planned(day)[0]), None


def _indicators(
    project: Project, planned: float, plan_problem: Message | None
) -> tuple[Indicator, ...]:
    earning = project.earning_problem
    comparing = project.comparison_problem or earning
    scheduling = earning or plan_problem
    earned = 0.0 if earning else project.earned
    actual = 0.0 if comparing else project.actual
    bac = 0.0 if earning else project.baseline.bac
    cost = {"n": project.cost_rows, "tables": ("budget", "actuals", "progress")}
    time = {"n": project.progress_rows, "tables": ("budget", "progress")}
    money = {"currency": project.currency}
    stuck = comparing or (ZERO_EARNED if earned <= 0 else ZERO_COST if actual <= 0 else None)
    eac = 0.0 if stuck else bac * actual / earned
    slow = stuck or plan_problem or (ZERO_PLANNED if planned <= 0 else None)
    pace = 1.0 if slow else (earned / actual) * (earned / planned)
    return (
        ratio("cost.cpi", (earned, actual), zero=ZERO_COST, reason=comparing, unit="index", **cost),
        ratio("cost.spi", (earned, planned), zero=ZERO_PLANNED, reason=scheduling, unit="index",
              **time),
        indicator("cost.cv", earned - actual, "money", reason=comparing, **cost, **money),
        indicator("cost.sv", earned - planned, "money", reason=scheduling, **time, **money),
        indicator("cost.eac", eac, "money", reason=stuck, **cost, **money),
        indicator("cost.eac_budget_rate", actual + bac - earned, "money", reason=comparing,
                  **cost, **money),
        indicator("cost.eac_cpi_spi", actual + (bac - earned) / pace, "money", reason=slow,
                  **cost, **money),
        indicator("cost.vac", bac - eac, "money", reason=stuck, **cost, **money),
        _tcpi((earned, actual, bac), comparing, cost),
    )  # fmt: skip


def _tcpi(
    values: tuple[float, float, float], reason: Message | None, more: dict[str, Any]
) -> Indicator:
    """Return the efficiency needed from here on; none is left once the budget is spent."""
    earned, actual, bac = values
    if reason is None and actual >= bac:
        spent = Message("cost.reason.budget_spent")
        return not_applicable("cost.tcpi", "index", spent, **more)
    return ratio("cost.tcpi", (bac - earned, bac - actual), zero=ZERO_COST, reason=reason,
                 unit="index", **more)  # fmt: skip


def _words(
    project: Project, found: tuple[Indicator, ...], in_time: Indicator
) -> tuple[Message, Message, Message]:
    """Say cost and where it leads; of a finished project its pace in time and its slip.

    Its SPI is one whatever the delay, so the words do not name it.
    """
    by_id = {item.id: item for item in found}
    cpi, spi, eac = (by_id[f"cost.{name}"] for name in ("cpi", "spi", "eac"))
    slots = {
        "cpi": cpi.value,
        "spi": spi.value,
        "spi_time": in_time.value,
        "eac": eac.value,
        "bac": project.baseline.bac,
        "currency": project.currency,
        "status": project.status_date.date().isoformat(),
    }
    subtitle = Message("cost.subtitle.earned_value", slots)
    if cpi.value is None:
        said = Message("cost.sentence.not_assessed", {"reason": cpi.reason})
        return said, Message("cost.headline.none"), subtitle
    name = "open" if eac.value is not None else "not_earned"
    if project.closed:
        return (*_words_closed(project, slots), subtitle)
    return (
        Message(f"cost.sentence.earned_value_{name}", slots),
        Message(f"cost.headline.earned_value_{name}", slots),
        subtitle,
    )


def _words_closed(project: Project, slots: dict[str, Any]) -> tuple[Message, Message]:
    slip = slip_of_finished(project.dates)
    name = "closed_untimed" if slots["spi_time"] is None else "closed"
    if slip is None:
        return (Message(f"cost.sentence.earned_value_{name}", slots),
                Message(f"cost.headline.earned_value_{name}", slots))  # fmt: skip
    word = slip_word(slip)
    slots |= {"days": abs(slip), "slip": Message(f"cost.sentence.schedule_{word}",
                                                 {"days": abs(slip)})}  # fmt: skip
    return (Message(f"cost.sentence.earned_value_{name}_slip", slots),
            Message(f"cost.headline.earned_value_closed_{word}", slots))  # fmt: skip

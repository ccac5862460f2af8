"""What a system costs over its life: the way to go-live, and a year of running it."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm_eval_lib.cost.measure import DAYS_A_MONTH
from crm_eval_lib.cost.money import rate_missing, tax_basis, with_money
from crm_eval_lib.cost.project import Project, read_project
from crm_eval_lib.cost.records import typed
from crm_eval_lib.results import Message

LEDGER, FORECAST, SUMMARY = "ledger", "forecast", "cost_summary"
MONTHS_A_YEAR = 12
ENOUGH_MONTHS = 3  # a year told from fewer months of bookings is little more than a guess
OPEN = Message("cost.reason.open_without_progress")

_SUMMARY_COLUMNS = {
    "text": ("item_id", "currency", "tax"),
    "dates": ("finished_on",),
    "numbers": ("actual_amount", "fx_rate", "tax_rate"),
}


@dataclass(frozen=True)
class LifetimeCost:
    """Cost in client currency; None with a reason where it cannot be said.

    ``basis`` is ledger, forecast (the project is open) or cost_summary. ``run_year`` is None where
    running cost cannot be told apart; ``run_low`` and ``run_high`` are given while less than a year
    was booked: what was booked, and that brought to twelve months.
    """

    invested: float | None
    basis: str
    reason: Message | None = None
    run_year: float | None = None
    run_low: float | None = None
    run_high: float | None = None
    run_rows: int = 0
    run_months: float = 0.0
    tables: tuple[str, ...] = ()


def lifetime_cost(
    budget: pd.DataFrame | None,
    actuals: pd.DataFrame | None,
    *,
    summary: pd.DataFrame | None = None,
    changes: pd.DataFrame | None = None,
    progress: pd.DataFrame | None = None,
    dates: Any,
    currency: str,
) -> LifetimeCost:
    """Return the cost of a project to its finish, and of a year of running what it made.

    Parameters
    ----------
    budget, actuals, changes, progress, summary : DataFrame or None
        Tables of TABLES.md; ``cost_summary`` is used where the ledger holds no cost.
    dates : object
        Has ``go_live`` and ``status_date``.

    Returns
    -------
    LifetimeCost
        ``invested`` is actual cost of a finished project (rows after the finish on other lines
        than subscriptions included), else its estimate at completion. ``run_year`` is what was
        booked on subscription lines after the finish × 12 / months since then.
    """
    project = read_project(
        budget, actuals, changes=changes, progress=progress, dates=dates, currency=currency
    )
    if project.all_costs.empty and summary is not None and len(summary):
        return _from_summary(summary, dates, currency)
    tables = ("actuals",) if project.closed else ("budget", "actuals", "changes", "progress")
    tables = project.tables(*tables)
    if not project.closed:
        final, reason = project.final_cost()
        return LifetimeCost(final, FORECAST, reason, tables=tables)
    if project.ledger_problem is not None:
        return LifetimeCost(None, LEDGER, project.ledger_problem, tables=tables)
    return _from_ledger(project, tables)


def months_between(start: pd.Timestamp, end: pd.Timestamp) -> float:
    """Return the months from one day to another; from month end to month end they are whole.

    >>> months_between(pd.Timestamp("2024-08-31"), pd.Timestamp("2025-02-28"))
    6.0
    """
    whole = MONTHS_A_YEAR * (end.year - start.year) + end.month - start.month
    if start.is_month_end and end.is_month_end:
        return float(whole)
    return whole + (end.day - start.day) / DAYS_A_MONTH


def _from_ledger(project: Project, tables: tuple[str, ...]) -> LifetimeCost:
    rows = project.run_costs
    months = months_between(project.finish, project.status_date)
    booked = float(rows["money"].sum())
    if rows.empty:  # later rows on other lines are cost of the project, so nothing is left to run
        return LifetimeCost(project.actual, LEDGER, run_months=months, tables=tables)
    year = booked * MONTHS_A_YEAR / max(months, 1.0)  # a bill on the first day pays for more
    low, high = sorted((booked, year)) if months < MONTHS_A_YEAR else (None, None)
    return LifetimeCost(project.actual, LEDGER, None, year, low, high, len(rows), months, tables)


def _from_summary(summary: pd.DataFrame, dates: Any, currency: str) -> LifetimeCost:
    """Add up the actual amounts of the one-page summary; it does not part running cost."""
    rows = typed(summary, _SUMMARY_COLUMNS).rename(columns={"actual_amount": "amount"})
    rows = rows.loc[~(rows["finished_on"] > dates.status_date) & rows["amount"].notna()]
    basis = tax_basis(rows)
    mixed = Message("cost.reason.tax_mixed", {"table": SUMMARY}) if basis is None else None
    live = dates.go_live is not None and dates.go_live <= dates.status_date
    empty = Message("core.reason.missing_table", {"tables": [SUMMARY]}) if rows.empty else None
    reason = empty or mixed or rate_missing(rows, SUMMARY, currency) or (None if live else OPEN)
    money = float(with_money(rows, basis, currency)["money"].sum())
    return LifetimeCost(None if reason else money, SUMMARY, reason, tables=(SUMMARY,))

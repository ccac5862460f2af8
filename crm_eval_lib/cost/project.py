"""One project's money, read once: what every step of this factor starts from."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from crm_eval_lib.cost.baseline import (
    ORIGINAL,
    Baseline,
    baseline_on,
    budget_known_by,
    original_lines,
)
from crm_eval_lib.cost.money import AS_DECLARED, rate_missing, tax_basis, with_money
from crm_eval_lib.cost.timeline import finish_day, value_earned
from crm_eval_lib.results import Message, missing_table

COST_KINDS = ("invoice", "timesheet", "accrual", "credit")
ORDER_KIND = "order"
RUN_CATEGORY = "subscription"  # what is paid on after the finish is the cost of running

_BUDGET = {
    "text": ("line_id", "category", "currency", "tax"),
    "dates": ("approved_on", "planned_start", "planned_finish"),
    "numbers": ("amount", "fx_rate", "tax_rate", "quantity", "unit_price", "version"),
}
_ACTUALS = {
    "text": ("txn_id", "line_id", "category", "kind", "currency", "tax", "order_ref"),
    "dates": ("incurred_on", "approved_on"),
    "numbers": ("amount", "fx_rate", "tax_rate", "quantity", "unit_price", "retention"),
}
_CHANGES = {
    "text": ("change_id", "line_id", "reason"),
    "dates": ("raised_on", "approved_on"),
    "numbers": ("amount",),
}
_PROGRESS = {
    "text": ("line_id", "rule"),
    "dates": ("period_end",),
    "numbers": ("percent_complete",),
}
_PLAN = {"text": ("line_id",), "dates": ("period_end",), "numbers": ("planned_cumulative",)}


@dataclass(frozen=True)
class Project:
    """Budget, ledger, changes and progress as known on the status date, in client currency.

    ``budget`` holds all versions, ``ledger`` all kinds of rows; both carry ``money``. The three
    messages say why budget, ledger, or the two beside each other cannot be used; None = they can.
    """

    dates: Any
    currency: str
    budget: pd.DataFrame
    ledger: pd.DataFrame
    changes: pd.DataFrame
    progress: pd.DataFrame
    plan: pd.DataFrame
    budget_problem: Message | None
    ledger_problem: Message | None
    comparison_problem: Message | None

    @property
    def status_date(self) -> pd.Timestamp:
        """The day nothing is seen after."""
        return self.dates.status_date

    def tables(self, *names: str) -> tuple[str, ...]:
        """Return the tables a figure rests on: those named that hold rows here.

        Progress counts for an open project only, changes and plan where there are any.
        """
        absent = {"changes": self.changes.empty, "plan": self.plan.empty, "progress": self.closed}
        return tuple(name for name in names if not absent.get(name, False))

    @cached_property
    def original(self) -> pd.DataFrame:
        """Lines of version 0, contingency included."""
        return original_lines(self.budget)

    @property
    def original_total(self) -> float:
        """B0: the original budget with contingency."""
        return float(self.original["money"].sum())

    @cached_property
    def baseline(self) -> Baseline | None:
        """The newest approved version with its changes, on the status date."""
        return baseline_on(self.budget, self.changes, self.status_date)

    @cached_property
    def finish(self) -> pd.Timestamp | None:
        """The day the project was finished; None while it is open."""
        usable = self.baseline if self.budget_problem is None else None
        return finish_day(self.dates, usable, self.progress)

    @property
    def closed(self) -> bool:
        """Whether the final cost is known."""
        return self.finish is not None

    @cached_property
    def line_categories(self) -> pd.Series:
        """Category by line: of the original, else of the first version that has the line."""
        return self.budget.sort_values("version").groupby("line_id")["category"].first()

    @cached_property
    def all_costs(self) -> pd.DataFrame:
        """Rows of cost with the category of their line, else their own; ``budgeted`` or not."""
        costs = self.ledger.loc[self.ledger["kind"].isin(COST_KINDS)]
        of_line = costs["line_id"].map(self.line_categories)
        return costs.assign(
            category=of_line.where(of_line.notna(), costs["category"]), budgeted=of_line.notna()
        )

    @cached_property
    def costs(self) -> pd.DataFrame:
        """Rows of project cost: without the running cost of subscriptions after the finish."""
        return self.all_costs.loc[~self._is_run_cost]

    @property
    def run_costs(self) -> pd.DataFrame:
        """Subscription rows after the finish."""
        return self.all_costs.loc[self._is_run_cost]

    @property
    def _is_run_cost(self) -> pd.Series:
        if self.finish is None:
            return pd.Series(False, self.all_costs.index)
        late = self.all_costs["incurred_on"] > self.finish
        return late & (self.all_costs["category"] == RUN_CATEGORY)

    @property
    def actual(self) -> float:
        """AC: actual cost to the status date."""
        return float(self.costs["money"].sum())

    @property
    def lines_recorded(self) -> bool:
        """Whether the ledger names budget lines at all."""
        return bool(self.all_costs["line_id"].notna().any())

    @cached_property
    def has_progress(self) -> bool:
        """Whether there are progress rows of the baseline's lines."""
        if self.baseline is None:
            return False
        return bool(self.progress["line_id"].isin(self.baseline.lines.index).any())

    @cached_property
    def earned(self) -> float:
        """EV on the status date."""
        day = pd.DatetimeIndex([self.status_date])
        return float(value_earned(self.baseline, self.progress, day).iloc[0])

    @property
    def earning_problem(self) -> Message | None:
        """Why there is no earned value, or None."""
        if self.budget_problem is not None:
            return self.budget_problem
        if not self.has_progress:
            return missing_table("progress")
        return Message("cost.reason.zero_budget") if self.baseline.bac <= 0 else None

    @property
    def original_problem(self) -> Message | None:
        """Why nothing can be held against the original budget, or None."""
        if self.comparison_problem is not None:
            return self.comparison_problem
        if self.original.empty:
            return Message("cost.reason.no_original")
        return Message("cost.reason.zero_budget") if self.original_total <= 0 else None

    def final_cost(self) -> tuple[float | None, Message | None]:
        """Return actual cost when closed, else the estimate at completion, or why there is none."""
        if self.comparison_problem is not None:
            return None, self.comparison_problem
        if self.closed:
            return self.actual, None
        if not self.has_progress:
            return None, Message("cost.reason.open_without_progress")
        if self.earning_problem is not None:
            return None, self.earning_problem
        if self.earned <= 0 or self.actual <= 0:
            return None, Message("cost.reason.no_forecast")
        return self.baseline.bac * self.actual / self.earned, None


def read_project(
    budget: pd.DataFrame | None,
    actuals: pd.DataFrame | None = None,
    *,
    changes: pd.DataFrame | None = None,
    progress: pd.DataFrame | None = None,
    plan: pd.DataFrame | None = None,
    dates: Any,
    currency: str,
) -> Project:
    """Cut the tables at the status date and bring all money to one currency and side of tax.

    Parameters
    ----------
    budget, actuals, changes, progress, plan : DataFrame or None
        Tables of TABLES.md; None and empty are the same.
    dates : object
        Has ``status_date`` and ``go_live`` (naive midnight or None).
    currency : str
        The client's, default of every row.
    """
    day = dates.status_date
    lines = typed(budget, _BUDGET)
    lines = lines.assign(version=lines["version"].fillna(ORIGINAL).astype(int))
    lines = budget_known_by(lines, day)
    rows = _seen(typed(actuals, _ACTUALS), "incurred_on", day)
    costs = rows.loc[rows["kind"].isin(COST_KINDS)]
    bases = tax_basis(lines), tax_basis(costs)
    common = tax_basis(lines, costs)
    own = [common or basis or AS_DECLARED for basis in bases]
    budget_problem = _problem(lines, "budget", bases[0], currency)
    ledger_problem = _problem(costs, "actuals", bases[1], currency)
    apart = Message("cost.reason.tax_differs") if common is None else None
    return Project(
        dates=dates,
        currency=currency,
        budget=with_money(lines, own[0], currency),
        ledger=with_money(rows, own[1], currency),
        changes=_seen_changes(typed(changes, _CHANGES), day),
        progress=_seen(typed(progress, _PROGRESS), "period_end", day),
        plan=typed(plan, _PLAN).dropna(subset=["period_end"]),
        budget_problem=budget_problem,
        ledger_problem=ledger_problem,
        comparison_problem=budget_problem or ledger_problem or apart,
    )


def typed(frame: pd.DataFrame | None, columns: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    """Return the columns named, absent ones empty, each of its kind; None gives no rows."""
    names = [name for group in columns.values() for name in group]
    rows = (pd.DataFrame() if frame is None else frame).reindex(columns=names)
    rows = rows.reset_index(drop=True)
    text = {name: rows[name].astype("str") for name in columns.get("text", ())}
    days = {name: pd.to_datetime(rows[name]) for name in columns.get("dates", ())}
    numbers = {name: rows[name].astype(float) for name in columns.get("numbers", ())}
    text = {name: column.mask(column.str.strip() == "") for name, column in text.items()}
    return rows.assign(**text, **days, **numbers)


def _seen(rows: pd.DataFrame, column: str, day: pd.Timestamp) -> pd.DataFrame:
    return rows.loc[rows[column] <= day]


def _seen_changes(changes: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Keep changes raised by the day (else approved by it); a later approval has not happened."""
    recorded = changes["raised_on"].where(changes["raised_on"].notna(), changes["approved_on"])
    seen = changes.loc[~(recorded > day)]
    return seen.assign(approved_on=seen["approved_on"].where(seen["approved_on"] <= day))


def _problem(rows: pd.DataFrame, table: str, basis: str | None, currency: str) -> Message | None:
    if rows.empty:
        return missing_table(table)
    if basis is None:
        return Message("cost.reason.tax_mixed", {"table": table})
    return rate_missing(rows, table, currency)

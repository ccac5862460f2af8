"""One project's money, read once: what every step of this factor starts from."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.cost.baseline import Baseline, Versions
from crm_eval_lib.cost.held import Held
from crm_eval_lib.cost.layout import Layout
from crm_eval_lib.cost.records import COST_KINDS, Records, of_kinds, read_records
from crm_eval_lib.cost.terms import Terms, terms_of
from crm_eval_lib.cost.timeline import finish_day, value_earned
from crm_eval_lib.results import Message, missing_table

RUN_CATEGORY = "subscription"  # what is paid on after the finish is the cost of running


@dataclass(frozen=True)
class Project:
    """Budget, ledger, changes and progress as known on the status date, in client currency.

    ``versions`` holds the budget, ``ledger`` all kinds of rows; both carry ``money`` on the side
    of tax that ``terms`` say.
    """

    dates: Any
    currency: str
    versions: Versions
    ledger: pd.DataFrame
    changes: pd.DataFrame
    shares: Held
    layout: Layout
    terms: Terms

    @property
    def budget_problem(self) -> Message | None:
        """Why the budget cannot be used, or None."""
        return self.terms.budget_problem

    @property
    def ledger_problem(self) -> Message | None:
        """Why the ledger cannot be used, or None."""
        return self.terms.ledger_problem

    @property
    def comparison_problem(self) -> Message | None:
        """Why the two cannot be held beside each other, or None."""
        return self.terms.comparison_problem

    @property
    def status_date(self) -> pd.Timestamp:
        """The day nothing is seen after."""
        return self.dates.status_date

    def tables(self, *names: str) -> tuple[str, ...]:
        """Return the tables a figure rests on: those named that hold rows here.

        Progress counts for an open project only, changes and plan where there are any.
        """
        absent = {"changes": self.changes.empty, "plan": self.plans.days.empty,
                  "progress": self.closed}  # fmt: skip
        return tuple(name for name in names if not absent.get(name, False))

    @property
    def budget(self) -> pd.DataFrame:
        """All versions known, with their money."""
        return self.versions.rows

    @property
    def original(self) -> pd.DataFrame:
        """Lines of version 0, contingency included."""
        return self.versions.original

    @property
    def line_categories(self) -> pd.Series:
        """Category by line: of the original, else of the first version that has the line."""
        return self.versions.line_categories

    @property
    def original_total(self) -> float:
        """B0: the original budget with contingency."""
        return self.versions.original_total

    @property
    def baseline(self) -> Baseline | None:
        """The newest approved version with its changes, on the status date."""
        return self.layout.baseline

    @property
    def plans(self) -> Held:
        """The value planned of each line, from each plan row to the next."""
        return self.layout.plans

    @cached_property
    def finish(self) -> pd.Timestamp | None:
        """The day the project was finished; None while it is open."""
        usable = self.baseline if self.budget_problem is None else None
        return finish_day(self.dates, usable, self.shares)

    @property
    def closed(self) -> bool:
        """Whether the final cost is known."""
        return self.finish is not None

    @cached_property
    def _told(self) -> tuple[pd.Index, np.ndarray, ...]:
        """Return what the versions say of the ledger's lines and categories, not of every row."""
        lines, own = self.ledger["line_id"].array, self.ledger["category"].array
        return self.versions.told(lines.categories, own.categories)

    @cached_property
    def _categories(self) -> pd.Categorical:
        """Return per ledger row the category of its line, else its own."""
        names, of_line, of_own, _ = self._told
        # a row without a line, or of a line of no version, has code -1: the last entry
        code = of_line[self.ledger["line_id"].array.codes]
        category = np.where(code >= 0, code, of_own[self.ledger["category"].array.codes])
        return pd.Categorical.from_codes(category, names)

    @cached_property
    def _budgeted(self) -> np.ndarray:
        """Mark the ledger rows whose line is in some version."""
        return self._told[3][self.ledger["line_id"].array.codes]

    @cached_property
    def _is_cost(self) -> np.ndarray:
        return of_kinds(self.ledger, COST_KINDS)

    @cached_property
    def _is_run_cost(self) -> np.ndarray:
        """Mark rows of subscription lines after the finish."""
        if self.finish is None:
            return np.zeros(len(self.ledger), dtype=bool)
        late = (self.ledger["incurred_on"] > self.finish).to_numpy()
        return late & np.asarray(self._categories == RUN_CATEGORY)

    def _rows(self, mask: np.ndarray) -> pd.DataFrame:
        rows = self.ledger if mask.all() else self.ledger.loc[mask]
        return rows.assign(category=self._categories[mask], budgeted=self._budgeted[mask])

    @cached_property
    def all_costs(self) -> pd.DataFrame:
        """Rows of cost with the category of their line, else their own; ``budgeted`` or not."""
        return self._rows(self._is_cost)

    @cached_property
    def costs(self) -> pd.DataFrame:
        """Rows of project cost: without the running cost of subscriptions after the finish."""
        return self._rows(self._is_cost & ~self._is_run_cost)

    @property
    def run_costs(self) -> pd.DataFrame:
        """Subscription rows after the finish."""
        return self._rows(self._is_cost & self._is_run_cost)

    def _sum(self, mask: np.ndarray) -> float:
        return float(self.ledger["money"].to_numpy()[mask].sum())

    @cached_property
    def actual(self) -> float:
        """AC: actual cost to the status date."""
        return self._sum(self._is_cost & ~self._is_run_cost)

    @cached_property
    def unbudgeted(self) -> float:
        """The part of actual cost whose line is in no version."""
        return self._sum(self._is_cost & ~self._is_run_cost & ~self._budgeted)

    @property
    def cost_rows(self) -> int:
        """How many rows actual cost is the sum of."""
        return int((self._is_cost & ~self._is_run_cost).sum())

    @cached_property
    def last_cost_on(self) -> pd.Timestamp:
        """The last day of cost; NaT without any."""
        return self.ledger["incurred_on"][self._is_cost & ~self._is_run_cost].max()

    @property
    def lines_recorded(self) -> bool:
        """Whether the ledger names budget lines at all."""
        return bool((self.ledger["line_id"].array.codes >= 0)[self._is_cost].any())

    @property
    def progress_rows(self) -> int:
        """How many progress rows there are."""
        return int(self.shares.given.sum())

    @cached_property
    def has_progress(self) -> bool:
        """Whether there are progress rows of the baseline's lines."""
        if self.baseline is None:
            return False
        return not self.shares.days_of(self.baseline.lines.index).empty

    @cached_property
    def earned(self) -> float:
        """EV on the status date."""
        day = pd.DatetimeIndex([self.status_date])
        return float(value_earned(self.baseline, self.shares, day)[0])

    @property
    def plan_problem(self) -> Message | None:
        """Which lines of the baseline cannot be laid out over time, or None."""
        return self.layout.problem

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

    @property
    def earned_if_known(self) -> float:
        """EV, or NaN where it cannot be said."""
        return np.nan if self.earning_problem else self.earned

    @property
    def forecast(self) -> float:
        """EAC: BAC × AC / EV, or NaN where it cannot be said."""
        if self.comparison_problem or self.earning_problem:
            return np.nan
        if self.earned <= 0 or self.actual <= 0:
            return np.nan
        return self.baseline.bac * self.actual / self.earned

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
        if np.isnan(self.forecast):
            return None, Message("cost.reason.no_forecast")
        return self.forecast, None


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
    records = read_records(budget, actuals, changes=changes, progress=progress, plan=plan)
    return project_on(records, dates=dates, currency=currency)


def project_on(records: Records, *, dates: Any, currency: str) -> Project:
    """Cut records at the status date of ``dates``: what was known on that day, and no more."""
    day = dates.status_date
    declared = records.declared_on(day)
    key = "terms", *(len(rows) for rows in declared), currency
    terms = records.once(key, lambda: terms_of(*declared, currency))
    return Project(
        dates=dates,
        currency=currency,
        versions=records.versions_on(day, terms.budget_basis, currency),
        ledger=records.ledger_on(day, terms.ledger_basis, currency),
        changes=records.changes_on(day),
        shares=records.shares.until(day),
        layout=records.layout_on(day, terms.budget_basis, currency),
        terms=terms,
    )

"""A client's cost tables as delivered: columns of one kind each, nothing cut or converted yet."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.cost.baseline import ORIGINAL, Versions, current_baseline, known_by, known_on
from crm_eval_lib.cost.held import Held, held
from crm_eval_lib.cost.layout import Layout
from crm_eval_lib.cost.money import DECLARED, declarations, with_money
from crm_eval_lib.cost.timeline import earned_shares
from crm_eval_lib.remembered import Remembered

COST_KINDS = ("invoice", "timesheet", "accrual", "credit")
ORDER_KIND = "order"
PAYABLE_KINDS = (*COST_KINDS, ORDER_KIND)

_BUDGET = {
    "groups": ("line_id", "category", "currency", "tax"),
    "dates": ("approved_on", "planned_start", "planned_finish"),
    "numbers": ("amount", "fx_rate", "tax_rate", "quantity", "unit_price", "version"),
}
_ACTUALS = {
    "keys": ("txn_id", "order_ref"),
    "groups": ("line_id", "category", "kind", "currency", "tax"),
    "dates": ("incurred_on", "approved_on"),
    "numbers": ("amount", "fx_rate", "tax_rate", "quantity", "unit_price", "retention"),
}
_CHANGES = {
    "keys": ("change_id",),
    "groups": ("line_id", "reason"),
    "dates": ("raised_on", "approved_on"),
    "numbers": ("amount",),
}
_PROGRESS = {
    "groups": ("line_id", "rule"),
    "dates": ("period_end",),
    "numbers": ("percent_complete",),
}
_PLAN = {"text": ("line_id",), "dates": ("period_end",), "numbers": ("planned_cumulative",)}
_READ, _DECIDED = Remembered(), Remembered()


@dataclass(frozen=True)
class Records:
    """Budget (all versions), ledger, changes, progress and plan, typed.

    What several days have in common is worked out once and remembered; what does not depend on the
    ledger, together for all ledgers.
    """

    budget: pd.DataFrame
    actuals: pd.DataFrame
    changes: pd.DataFrame
    progress: pd.DataFrame
    plan: pd.DataFrame
    _decided: dict = field(default_factory=dict, compare=False, repr=False)
    _remembered: dict = field(default_factory=dict, compare=False, repr=False)

    def with_ledger(self, actuals: pd.DataFrame) -> "Records":
        """Return the same budget, changes, progress and plan with another ledger."""
        return replace(self, actuals=actuals, _remembered={})

    @property
    def shares(self) -> Held:
        """The share earned of each line, from each progress row to the next."""
        rows = self.progress
        return self._once(
            ("shares",), lambda: held(rows.assign(share=earned_shares(rows)), "share")
        )

    @property
    def plans(self) -> Held:
        """The value planned of each line, from each plan row to the next."""
        return self._once(("plans",), lambda: held(self.plan, "planned_cumulative"))

    def budget_on(self, day: pd.Timestamp) -> pd.DataFrame:
        """Return the budget rows known by a day."""
        key = "budget", self._decisions(day)
        return self._once(key, lambda: known_by(self.budget, "known_on", day))

    def versions_on(self, day: pd.Timestamp, basis: str, currency: str) -> Versions:
        """Return the budget versions known by a day, with money on one side of tax."""
        key = "versions", self._decisions(day), basis, currency
        rows = self.budget_on(day)
        return self._once(key, lambda: Versions(with_money(rows, basis, currency)))

    def changes_on(self, day: pd.Timestamp) -> pd.DataFrame:
        """Return the changes raised by a day, with what of them was approved by then."""
        key = "changes", _passed(self._days_of_changes, day)
        return self._once(key, lambda: _seen_changes(self.changes, day))

    def layout_on(self, day: pd.Timestamp, basis: str, currency: str) -> Layout:
        """Return the newest version approved by a day with its changes, and its plan."""
        versions, changes = self.versions_on(day, basis, currency), self.changes_on(day)
        decided = self._decisions(day), _passed(self._days_of_changes, day)
        key = "layout", *decided, basis, currency
        return self._once(key, lambda: Layout(current_baseline(versions, changes), self.plans))

    def ledger_on(self, day: pd.Timestamp, basis: str, currency: str) -> pd.DataFrame:
        """Return the ledger to a day, with money on one side of tax."""
        key = "ledger", basis, currency
        return until(self.once(key, lambda: with_money(self.actuals, basis, currency)), day)

    def declared_on(self, day: pd.Timestamp) -> tuple[pd.DataFrame, ...]:
        """Return a row of each declaration made by a day: of budget, of cost, of cost and orders.

        What follows from them can be remembered by how many there are.
        """
        key = "declared", _passed(self._days_of_declarations, day)
        return self.once(key, lambda: tuple(known_by(rows, "since", day)
                                            for rows in self._declarations))  # fmt: skip

    @cached_property
    def _declarations(self) -> tuple[pd.DataFrame, ...]:
        rows = self.actuals
        mine = of_kinds(rows, PAYABLE_KINDS) & rows["incurred_on"].notna().to_numpy()
        rows = rows[[*DECLARED, "kind", "incurred_on"]].loc[mine]
        payable = declarations(rows, rows["incurred_on"], apart=("kind",))
        costs = payable.loc[payable["kind"].isin(COST_KINDS)]
        return declarations(self.budget, self.budget["known_on"]), costs, payable

    def once(self, key: tuple, work: Callable[[], Any]) -> Any:
        """Work something out of the ledger, or remember what came of it under the same key."""
        return _once(self._remembered, key, work)

    def _once(self, key: tuple, work: Callable[[], Any]) -> Any:
        """Work out what no ledger has a part in, or remember it."""
        return _once(self._decided, key, work)

    @cached_property
    def _days_of_decision(self) -> np.ndarray:
        return _days_of(self.budget["known_on"])

    @cached_property
    def _days_of_changes(self) -> np.ndarray:
        return _days_of(self.changes["raised_on"], self.changes["approved_on"])

    @cached_property
    def _days_of_declarations(self) -> np.ndarray:
        return _days_of(*(rows["since"] for rows in self._declarations))

    def _decisions(self, day: pd.Timestamp) -> int:
        return _passed(self._days_of_decision, day)


def _once(known: dict, key: tuple, work: Callable[[], Any]) -> Any:
    if key not in known:
        known[key] = work()
    return known[key]


def _days_of(*columns: pd.Series) -> np.ndarray:
    """Return the days on which what is known changes, ascending."""
    days = np.concatenate([values.to_numpy() for values in columns])
    return np.unique(days[~np.isnat(days)])


def _passed(days: np.ndarray, day: pd.Timestamp) -> int:
    return int(days.searchsorted(day.to_datetime64(), side="right"))


def _seen_changes(changes: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Keep changes raised by the day (else approved by it); a later approval has not happened."""
    recorded = changes["raised_on"].where(changes["raised_on"].notna(), changes["approved_on"])
    seen = changes.loc[~(recorded > day)]
    return seen.assign(approved_on=seen["approved_on"].where(seen["approved_on"] <= day))


def of_kinds(rows: pd.DataFrame, kinds: tuple[str, ...]) -> np.ndarray:
    """Mark the ledger rows of some kinds: asked of the few kinds there are, not of every row."""
    names = rows["kind"].array
    wanted = [name in kinds for name in names.categories]
    return np.array([*wanted, False])[names.codes]  # the last one for a row without a kind


def until(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return the ledger rows incurred by a day; those without a day are not seen."""
    days = rows["incurred_on"]
    if days.is_monotonic_increasing:
        return rows.iloc[: days.searchsorted(day, side="right")]
    seen = (days <= day).to_numpy()
    return rows if seen.all() else rows.loc[seen]


def read_records(
    budget: pd.DataFrame | None,
    actuals: pd.DataFrame | None = None,
    *,
    changes: pd.DataFrame | None = None,
    progress: pd.DataFrame | None = None,
    plan: pd.DataFrame | None = None,
) -> Records:
    """Type the tables; None and empty are the same. The same tables are read once."""
    decided = (budget, changes, progress, plan)

    def read() -> Records:
        records = _DECIDED.once(decided, lambda: _read(*decided))
        return records.with_ledger(typed(actuals, _ACTUALS))

    return _READ.once((*decided, actuals), read)


def _read(
    budget: pd.DataFrame | None,
    changes: pd.DataFrame | None,
    progress: pd.DataFrame | None,
    plan: pd.DataFrame | None,
) -> Records:
    """Read all but the ledger."""
    lines = typed(budget, _BUDGET)
    lines = lines.assign(version=lines["version"].fillna(ORIGINAL).astype(int))
    return Records(
        budget=lines.assign(known_on=known_on(lines)),
        actuals=pd.DataFrame(),
        changes=typed(changes, _CHANGES),
        progress=typed(progress, _PROGRESS).dropna(subset=["period_end"]),
        plan=typed(plan, _PLAN).dropna(subset=["period_end"]),
    )


def typed(frame: pd.DataFrame | None, columns: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    """Return the columns named, absent ones empty, each of its kind; None gives no rows.

    Blank text is missing. Groups are text with many rows to a value, kept as categories; keys are
    text that is only shown.
    """
    names = [name for group in columns.values() for name in group]
    rows = (pd.DataFrame() if frame is None else frame).reindex(columns=names)
    rows = rows.reset_index(drop=True)
    kinds = {
        "keys": lambda values: values.astype("str"),
        "text": _text,
        "groups": _groups,
        "dates": _dates,
        "numbers": lambda values: values.astype(float),
    }
    read = {name: kinds[kind](rows[name]) for kind, group in columns.items() for name in group}
    return pd.DataFrame(read, rows.index, copy=False)


def _dates(values: pd.Series) -> pd.Series:
    return values if values.dtype.kind == "M" else pd.to_datetime(values)


def _text(values: pd.Series) -> pd.Series:
    text = values.astype("str")
    return text.mask(text.str.strip() == "")


def _groups(values: pd.Series) -> pd.Series:
    codes, names = pd.factorize(values.astype("str"), sort=True)
    blank = np.array([not str(name).strip() for name in names] + [False], dtype=bool)
    if blank.any():
        codes = np.where(blank[codes], -1, codes)
    return pd.Series(pd.Categorical.from_codes(codes, names), values.index)

"""A client's cost tables as delivered: columns of one kind each, nothing cut or converted yet."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from crm_eval_lib.cost.baseline import ORIGINAL, known_on
from crm_eval_lib.cost.held import Held, held
from crm_eval_lib.cost.timeline import earned_shares

COST_KINDS = ("invoice", "timesheet", "accrual", "credit")
ORDER_KIND = "order"

_BUDGET = {
    "groups": ("line_id", "category", "currency", "tax"),
    "dates": ("approved_on", "planned_start", "planned_finish"),
    "numbers": ("amount", "fx_rate", "tax_rate", "quantity", "unit_price", "version"),
}
_ACTUALS = {
    "keys": ("txn_id",),
    "groups": ("line_id", "category", "kind", "currency", "tax", "order_ref"),
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
class Records:
    """Budget (all versions), ledger, changes, progress and plan, typed."""

    budget: pd.DataFrame
    actuals: pd.DataFrame
    changes: pd.DataFrame
    progress: pd.DataFrame
    plan: pd.DataFrame

    @cached_property
    def shares(self) -> Held:
        """The share earned of each line, from each progress row to the next."""
        return held(self.progress.assign(share=earned_shares(self.progress)), "share")

    @cached_property
    def plans(self) -> Held:
        """The value planned of each line, from each plan row to the next."""
        return held(self.plan, "planned_cumulative")


def read_records(
    budget: pd.DataFrame | None,
    actuals: pd.DataFrame | None = None,
    *,
    changes: pd.DataFrame | None = None,
    progress: pd.DataFrame | None = None,
    plan: pd.DataFrame | None = None,
) -> Records:
    """Type the tables; None and empty are the same, ledger rows come in the order of their days."""
    lines = typed(budget, _BUDGET)
    lines = lines.assign(version=lines["version"].fillna(ORIGINAL).astype(int))
    rows = typed(actuals, _ACTUALS)
    if not rows["incurred_on"].is_monotonic_increasing:
        rows = rows.sort_values("incurred_on", kind="stable", ignore_index=True)
    return Records(
        budget=lines.assign(known_on=known_on(lines)),
        actuals=rows.loc[rows["incurred_on"].notna()] if rows["incurred_on"].hasnans else rows,
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
        "dates": pd.to_datetime,
        "numbers": lambda values: values.astype(float),
    }
    return rows.assign(
        **{name: kinds[kind](rows[name]) for kind, group in columns.items() for name in group}
    )


def _text(values: pd.Series) -> pd.Series:
    text = values.astype("str")
    return text.mask(text.str.strip() == "")


def _groups(values: pd.Series) -> pd.Series:
    groups = values.astype("str").astype("category")
    return groups.cat.remove_categories([n for n in groups.cat.categories if not n.strip()])

"""Rows of the cost tables that contradict themselves or each other."""

from itertools import pairwise

import numpy as np
import pandas as pd

from crm_eval_lib.cost.records import COST_KINDS
from crm_eval_lib.data_check.row_rules import Material, RowRule, falls, filled, no_row, numbers

ORIGINAL = 0
SAME_AMOUNT = 0.01  # quantity × price and amount may differ by this share: rounded prices
RATES_APART = 3.0  # rates of one currency differ by this factor: one is turned round, or mistyped
FAR_YEARS = 10  # a line planned further away from the project is a slip of the pen
POSITIVE_KINDS = ("invoice", "timesheet", "order")  # reversals come as credits or accruals

_DEVIATION = ("cost.deviation_original", "cost.deviation_current")
_EARNED = ("cost.cpi", "cost.spi", "cost.eac", "cost.earned_schedule")


def _progress_falls(m: Material) -> pd.Series:
    return falls(m.rows, "percent_complete", by="line_id", over="period_end")


def _plan_falls(m: Material) -> pd.Series:
    return falls(m.rows, "planned_cumulative", by="line_id", over="period_end")


def _negative(m: Material) -> pd.Series:
    return m.rows["kind"].isin(POSITIVE_KINDS) & (numbers(m.rows["amount"]) < 0)


def _no_cost_left(m: Material) -> pd.Series:
    """Mark all entries of cost where they add up to nothing or less."""
    cost = m.rows["kind"].isin(COST_KINDS)
    money = numbers(m.rows["amount"]) * numbers(m.rows["fx_rate"]).fillna(1.0)
    return cost & (money[cost].sum() <= 0)


def _positive_credit(m: Material) -> pd.Series:
    return m.rows["kind"].eq("credit") & (numbers(m.rows["amount"]) > 0)


def _order_without_number(m: Material) -> pd.Series:
    return m.rows["kind"].eq("order") & ~filled(m.rows["order_ref"])


def _retention_above(m: Material) -> pd.Series:
    return numbers(m.rows["retention"]) > numbers(m.rows["amount"]).abs()


def _own_rate(m: Material) -> pd.Series:
    own = ~filled(m.rows["currency"]) | m.rows["currency"].eq(m.currency)
    rate = numbers(m.rows["fx_rate"])
    return own & rate.notna() & (rate != 1)


def _rates_apart(m: Material) -> pd.Series:
    """Mark rates far from the middle one of their currency, in budget and actuals together."""
    rates = _foreign_rates(m.rows, m.currency)
    if rates.empty:
        return no_row(m.rows)
    other = m.other("budget" if "txn_id" in m.rows else "actuals", "currency", "fx_rate")
    known = [rates] if other is None else [rates, _foreign_rates(other, m.currency)]
    by_currency = pd.concat(known).groupby("currency")["rate"]
    apart = by_currency.max() / by_currency.min() > RATES_APART
    if not apart.any():
        return no_row(m.rows)
    middle = by_currency.median()[apart]
    share = rates["rate"] / rates["currency"].map(middle).astype(float)
    # Of rates three times apart one at least is further from the middle than the root of three.
    return ((share > RATES_APART**0.5) | (share < RATES_APART**-0.5)).reindex(
        m.rows.index, fill_value=False
    )


def _foreign_rates(rows: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Return currency and rate of the rows in other currencies than the client's."""
    rate = numbers(rows["fx_rate"])
    kept = filled(rows["currency"]) & rows["currency"].ne(currency) & (rate > 0)
    return pd.DataFrame({"currency": rows.loc[kept, "currency"].astype("str"), "rate": rate[kept]})


def _no_tax_rate(m: Material) -> pd.Series:
    return m.rows["tax"].eq("included") & m.rows["tax_rate"].isna()


def _price_differs(m: Material) -> pd.Series:
    amount = numbers(m.rows["amount"])
    priced = numbers(m.rows["quantity"]) * numbers(m.rows["unit_price"])
    return (priced - amount).abs() > SAME_AMOUNT * amount.abs().clip(lower=1.0)


def _versions(rows: pd.DataFrame) -> pd.Series:
    return numbers(rows["version"]).fillna(ORIGINAL)


def _planned_far(m: Material) -> pd.Series:
    """Mark lines planned many years before the project starts or after it is live."""
    days = [m.dates.project_start, m.dates.planned_go_live or m.dates.go_live]
    first, last = (day if day is not None else other for day, other in (days, days[::-1]))
    if first is None:
        return no_row(m.rows)
    far = pd.DateOffset(years=FAR_YEARS)
    start, finish = (pd.to_datetime(m.rows[name]) for name in ("planned_start", "planned_finish"))
    early, late = first - far, last + far
    return (start < early) | (start > late) | (finish < early) | (finish > late)


def _first_of(versions: pd.Series, wanted: pd.Index) -> pd.Series:
    """Mark one row of each of these versions."""
    return versions.isin(wanted) & ~versions.duplicated()


def _version_gap(m: Material) -> pd.Series:
    versions = _versions(m.rows)
    known = set(versions)
    return _first_of(versions, pd.Index([v for v in known if v > 0 and v - 1 not in known]))


def _version_approved_early(m: Material) -> pd.Series:
    """Mark a version whose last approval lies before that of a lower version."""
    versions = _versions(m.rows)
    approved = m.rows["approved_on"].groupby(versions).max().dropna()
    before = approved.cummax().shift()
    return _first_of(versions, approved.index[(approved < before).to_numpy()])


def _line_lost(m: Material) -> pd.Series:
    """Mark the lines of a version that the next version does not restate."""
    versions = _versions(m.rows)
    known = sorted(set(versions))
    if len(known) == 1:
        return no_row(m.rows)
    following = versions.map(dict(pairwise(known)))
    lines = m.rows["line_id"].astype("str")
    there = pd.MultiIndex.from_arrays([lines, versions])
    sought = pd.MultiIndex.from_arrays([lines, following])
    return pd.Series(~sought.isin(there), m.rows.index) & following.notna()


def _accepted_undated(m: Material) -> pd.Series:
    return m.rows["acceptance"].eq("unconditional") & m.rows["accepted_on"].isna()


def _accepted_unreached(m: Material) -> pd.Series:
    return m.rows["accepted_on"].notna() & m.rows["actual_on"].isna()


def _refused_dated(m: Material) -> pd.Series:
    return m.rows["acceptance"].eq("refused") & m.rows["accepted_on"].notna()


def _no_weight(m: Material) -> pd.Series:
    """Mark all rows where the weights given add up to nothing."""
    weight = numbers(m.rows["weight"])
    return weight.eq(0) if weight.notna().all() and weight.sum() == 0 else no_row(m.rows)


def _one_sided(m: Material) -> pd.Series:
    planned, actual = numbers(m.rows["planned_amount"]), numbers(m.rows["actual_amount"])
    return planned.eq(0) ^ actual.eq(0)


def _negative_summary(m: Material) -> pd.Series:
    return (m.rows[["planned_amount", "actual_amount"]].apply(numbers) < 0).any(axis=1)


def _hours_turned(m: Material) -> pd.Series:
    return numbers(m.rows["hours_low"]) > numbers(m.rows["hours_high"])


def _benefit_range(m: Material) -> pd.Series:
    low, high = numbers(m.rows["low"]), numbers(m.rows["high"])
    middle = numbers(m.rows["amount_year"])
    return (low > high) | (middle < low) | (middle > high)


def _benefit_unstated(m: Material) -> pd.Series:
    given = [numbers(m.rows[name]).notna() for name in ("amount_year", "low", "high")]
    return m.rows["quantified"].eq("yes") & ~np.logical_or.reduce(given)


def _accrued_and_invoiced(m: Material) -> pd.Series:
    """Mark accruals that stand beside the invoice they were made for.

    An order invoiced and accrued up to its amount is in order: the rest is yet to be invoiced.
    """
    parts = ["kind", "order_ref", "incurred_on"]
    rows = m.rows[parts].assign(money=numbers(m.rows["amount"]) * _rate(m.rows))
    known = filled(rows["order_ref"]) & rows["kind"].isin([*COST_KINDS, "order"])
    if m.dates.status_date is not None:
        known &= rows["incurred_on"] <= m.dates.status_date
    rows = rows[known].astype({"order_ref": "str", "kind": "str"})
    if not rows["kind"].eq("accrual").any():
        return no_row(m.rows)
    sums = rows.groupby(["order_ref", "kind"])["money"].sum().unstack(fill_value=0.0)
    sums = sums.reindex(columns=["accrual", "credit", "invoice", "order"], fill_value=0.0)
    left = sums["accrual"] + sums["credit"].clip(upper=0)
    above = sums["invoice"] + left > sums["order"] * (1 + SAME_AMOUNT)
    doubled = sums.index[(left > 0) & (sums["invoice"] > 0) & above]
    if doubled.empty:
        return no_row(m.rows)
    billed = rows[rows["kind"].eq("invoice")].groupby("order_ref")["incurred_on"].max()
    earlier = rows["incurred_on"] <= rows["order_ref"].map(billed)
    accrued = rows["kind"].eq("accrual") & (rows["money"] > 0)
    marked = accrued & earlier & rows["order_ref"].isin(doubled)
    return marked.reindex(m.rows.index, fill_value=False)


def _rate(rows: pd.DataFrame) -> pd.Series | float:
    return numbers(rows["fx_rate"]).fillna(1.0) if "fx_rate" in rows else 1.0


def _plan_above(m: Material) -> pd.Series:
    """Mark the last planned value of a line where it lies above all its budgets with changes."""
    budget = m.other("budget", "line_id", "amount")
    if budget is None:
        return no_row(m.rows)
    amount = numbers(budget["amount"])
    most = pd.concat([amount, amount * _rate(budget)], axis=1).max(axis=1)
    limit = most.groupby(budget["line_id"].astype("str")).max()
    changes = m.other("changes", "line_id", "amount")
    if changes is not None:
        added = numbers(changes["amount"]).clip(lower=0).groupby(changes["line_id"].astype("str"))
        limit += added.sum().reindex(limit.index).fillna(0.0)
    lines = m.rows["line_id"].astype("str")
    last = ~lines[m.rows["period_end"].argsort(kind="stable")].duplicated(keep="last")
    planned = numbers(m.rows["planned_cumulative"])
    return last.reindex(m.rows.index) & (planned > lines.map(limit) * (1 + SAME_AMOUNT))


def _same_invoice(m: Material) -> pd.Series:
    """Mark an invoice that repeats another: same vendor, line, day, order and amount."""
    parts = [name for name in ("vendor", "line_id", "incurred_on", "amount", "order_ref")
             if name in m.rows]  # fmt: skip
    bills = m.rows["kind"].eq("invoice") & numbers(m.rows["amount"]).ne(0)
    return m.rows.loc[bills, parts].duplicated().reindex(m.rows.index, fill_value=False)


COST_RULES = (
    RowRule("progress_falls", "progress", ("percent_complete", "period_end"), _progress_falls,
            _EARNED),
    RowRule("plan_falls", "plan", ("planned_cumulative", "period_end"), _plan_falls,
            ("cost.spi", "cost.earned_schedule")),
    RowRule("plan_above", "plan", ("planned_cumulative",), _plan_above,
            ("cost.spi", "cost.earned_schedule")),
    RowRule("negative_cost", "actuals", ("amount", "kind"), _negative, _DEVIATION),
    RowRule("no_cost_left", "actuals", ("amount", "kind"), _no_cost_left,
            (*_DEVIATION, "value.npv"), biases=True),
    RowRule("positive_credit", "actuals", ("amount", "kind"), _positive_credit, _DEVIATION,
            biases=True, weight="amount"),
    RowRule("same_invoice", "actuals", ("amount", "kind"), _same_invoice, _DEVIATION,
            biases=True, weight="amount"),
    RowRule("accrued_and_invoiced", "actuals", ("amount", "kind", "order_ref"),
            _accrued_and_invoiced, _DEVIATION, biases=True, weight="amount"),
    RowRule("rates_apart", "budget", ("fx_rate", "currency"), _rates_apart, _DEVIATION,
            biases=True, weight="amount"),
    RowRule("rates_apart", "actuals", ("fx_rate", "currency"), _rates_apart, _DEVIATION,
            biases=True, weight="amount"),
    RowRule("order_without_number", "actuals", ("kind",), _order_without_number,
            ("cost.committed",)),
    RowRule("retention_above", "actuals", ("retention", "amount"), _retention_above,
            ("cost.committed",)),
    RowRule("own_rate", "budget", ("fx_rate",), _own_rate, _DEVIATION, biases=True,
            weight="amount"),
    RowRule("own_rate", "actuals", ("fx_rate",), _own_rate, _DEVIATION, biases=True,
            weight="amount"),
    RowRule("no_tax_rate", "budget", ("tax",), _no_tax_rate, _DEVIATION),
    RowRule("no_tax_rate", "actuals", ("tax",), _no_tax_rate, _DEVIATION),
    RowRule("price_differs", "budget", ("amount", "quantity", "unit_price"), _price_differs,
            ("cost.bridge[rate]", "cost.bridge[quantity]")),
    RowRule("price_differs", "actuals", ("amount", "quantity", "unit_price"), _price_differs,
            ("cost.bridge[rate]", "cost.bridge[quantity]")),
    RowRule("planned_far", "budget", ("planned_finish", "planned_start"), _planned_far,
            ("cost.spi", "cost.earned_schedule")),
    RowRule("version_gap", "budget", ("version",), _version_gap, _DEVIATION[1:]),
    RowRule("version_approved_early", "budget", ("version", "approved_on"),
            _version_approved_early, _DEVIATION[1:]),
    RowRule("line_lost", "budget", ("version", "line_id"), _line_lost, _DEVIATION[1:],
            biases=True, weight="amount"),
    RowRule("accepted_undated", "milestones", ("acceptance",), _accepted_undated,
            ("cost.accepted_share",)),
    RowRule("accepted_unreached", "milestones", ("accepted_on",), _accepted_unreached,
            ("cost.accepted_share",), biases=True),
    RowRule("refused_dated", "milestones", ("accepted_on", "acceptance"), _refused_dated,
            ("cost.accepted_share",)),
    RowRule("no_weight", "milestones", ("weight",), _no_weight, ("cost.accepted_share",)),
    RowRule("no_weight", "scope", ("weight",), _no_weight, ("cost.scope_delivered",)),
    RowRule("one_sided", "cost_summary", ("actual_amount", "planned_amount"), _one_sided,
            _DEVIATION[:1]),
    RowRule("negative_summary", "cost_summary", ("item_id", "planned_amount", "actual_amount"),
            _negative_summary, _DEVIATION[:1]),
    RowRule("hours_turned", "labour_estimate", ("hours_low", "hours_high"), _hours_turned),
    RowRule("benefit_range", "benefits", ("amount_year", "low", "high"), _benefit_range,
            ("value.npv", "value.roi")),
    RowRule("benefit_unstated", "benefits", ("quantified",), _benefit_unstated,
            ("value.npv", "value.roi")),
)  # fmt: skip

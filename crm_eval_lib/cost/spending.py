"""Was the money planned and approved before it was spent: unbudgeted, retrospective, committed."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.cost.measure import (
    AGREED_DATE,
    PROJECT_OWNER,
    indicator,
    ratio,
    severity,
    unanswered,
)
from crm_eval_lib.cost.money import with_money
from crm_eval_lib.cost.project import Project, read_project
from crm_eval_lib.cost.records import COST_KINDS, ORDER_KIND, of_kinds
from crm_eval_lib.results import (
    Action,
    Finding,
    Indicator,
    Message,
    Step,
    missing_column,
    missing_table,
)

ID = "cost.spending"
UNAPPROVED_LIMITS = (0.01, 0.05, 0.10)  # shares of actual cost from which a finding weighs more
INVOICED_KINDS = ("invoice", "credit")  # what settles an order
ZERO_COST = Message("cost.reason.zero_cost")


def spending(
    budget: pd.DataFrame | None,
    actuals: pd.DataFrame | None,
    *,
    changes: pd.DataFrame | None = None,
    progress: pd.DataFrame | None = None,
    dates: Any,
    currency: str,
) -> Step:
    """Measure how much was spent outside the budget or approved too late, and what is still owed.

    Parameters
    ----------
    budget, actuals, changes, progress : DataFrame or None
        Tables of the data dictionary.
    dates : object
        Has ``go_live`` and ``status_date``.
    currency : str
        The client's; rows in another are converted at their own rate.

    Returns
    -------
    Step
        ``cost.unbudgeted_share`` (line in no version), ``cost.retrospective_share`` (approved after
        it was incurred, or never; of the kinds that have approvals), ``cost.contingency_used``,
        ``cost.committed`` (orders not yet invoiced + retention).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> dates = SimpleNamespace(go_live=None, status_date=pd.Timestamp("2024-12-31"))
    >>> plan = pd.DataFrame({"line_id": ["A"], "category": ["services"], "amount": [100.0]})
    >>> paid = pd.DataFrame({"txn_id": ["1", "2"], "line_id": ["A", None], "kind": "invoice",
    ...                      "incurred_on": "2024-05-01", "amount": [90.0, 30.0]})
    >>> spending(plan, paid, dates=dates, currency="CNY")["cost.unbudgeted_share"].value
    0.25
    """
    project = read_project(
        budget, actuals, changes=changes, progress=progress, dates=dates, currency=currency
    )
    rows = _approvals(project)
    found = (
        _unbudgeted(project), _retrospective(project, rows), contingency_used(project),
        committed_amount(project),
    )  # fmt: skip
    if project.ledger_problem is not None:
        return unanswered(ID, found)
    table = _table(project, rows)
    headline, sentence = _words(project, found)
    subtitle = Message("cost.subtitle.spending", {"currency": currency})
    never = rows.loc[rows["standing"] == "never"] if len(rows) else rows
    return Step(
        ID, found, table, sentence, headline, subtitle,
        findings=(*_unapproved_spending(project, never, len(rows)), *_unapproved_changes(project)),
        tables={"not_approved_before": _offending(rows), "unbudgeted": _unbudgeted_rows(project)},
    )  # fmt: skip


def _unbudgeted(project: Project) -> Indicator:
    reason = project.ledger_problem
    if reason is None and project.budget.empty:
        reason = missing_table("budget")
    if reason is None and not project.lines_recorded:
        reason = missing_column("actuals", "line_id")
    return ratio(
        "cost.unbudgeted_share", (project.unbudgeted, project.actual), zero=ZERO_COST,
        reason=reason, n=project.cost_rows, tables=("budget", "actuals"),
    )  # fmt: skip


def _approvals(project: Project) -> pd.DataFrame:
    """Return the rows of the kinds that have any approval, with their standing.

    An approval after the status date has not happened; a kind without any is not recorded.
    """
    costs = project.costs
    approved = costs["approved_on"].where(costs["approved_on"] <= project.status_date)
    recorded = approved.notna().groupby(costs["kind"]).transform("any").astype(bool)
    standing = pd.Series("before", costs.index).mask(approved > costs["incurred_on"], "after")
    standing = standing.mask(approved.isna(), "never")
    return costs.assign(approved_on=approved, standing=standing).loc[recorded]


def _retrospective(project: Project, rows: pd.DataFrame) -> Indicator:
    reason = project.ledger_problem
    if reason is None and rows.empty:
        reason = missing_column("actuals", "approved_on")
    late = rows.loc[rows["standing"] != "before", "money"].sum() if len(rows) else 0.0
    total = rows["money"].sum() if len(rows) else 0.0
    return ratio(
        "cost.retrospective_share", (late, total), zero=ZERO_COST, reason=reason, n=len(rows),
        tables=("actuals",),
    )  # fmt: skip


def contingency_used(project: Project) -> Indicator:
    """Return approved changes plus unbudgeted cost over the contingency of the original budget."""
    reason = project.comparison_problem
    if reason is None and not project.lines_recorded:
        reason = missing_column("actuals", "line_id")
    approved = project.changes.loc[project.changes["approved_on"].notna(), "amount"].sum()
    return ratio(
        "cost.contingency_used", (approved + project.unbudgeted, project.versions.reserve),
        reason=reason, zero=Message("cost.reason.no_contingency"),
        tables=project.tables("budget", "actuals", "changes"),
    )  # fmt: skip


def committed_amount(project: Project) -> Indicator:
    """Return orders not yet invoiced plus money held back: what will still be asked for."""
    rows, basis = project.ledger, project.terms.payable_basis
    order, cost = of_kinds(rows, (ORDER_KIND,)), of_kinds(rows, COST_KINDS)
    retention = (rows["retention"].to_numpy() * rows["rate"].to_numpy())[cost]
    retention = retention[~np.isnan(retention)]
    reason = project.terms.payable_problem
    if not order.any() and not cost.any():
        reason = missing_table("actuals")
    elif not order.any() and not len(retention):
        reason = Message("cost.reason.no_orders")
    elif order.any() and rows["order_ref"].isna().to_numpy()[order].all():
        reason = missing_column("actuals", "order_ref")
    elif order.any() and basis is None:
        reason = Message("cost.reason.tax_mixed", {"table": "actuals"})
    if basis != project.terms.ledger_basis:
        rows = with_money(rows, basis, project.currency)
    value = _not_invoiced(rows, order) + float(retention.sum())
    return indicator(
        "cost.committed", value, "money", reason=reason,
        n=int(order.sum()), tables=("actuals",), currency=project.currency,
    )  # fmt: skip


def _not_invoiced(rows: pd.DataFrame, order: np.ndarray) -> float:
    """Return what was ordered less what was invoiced of each order, nothing below zero.

    A credit takes back what was invoiced; an accrual is no invoice: the order stays open until its
    invoice comes. Orders without a number are open.
    """
    numbers = rows["order_ref"].astype("category").array
    number, size = numbers.codes + 1, len(numbers.categories) + 1
    money = rows["money"].to_numpy()
    ordered = np.bincount(number[order], money[order], size)
    bill = of_kinds(rows, INVOICED_KINDS)
    invoiced = np.bincount(number[bill], money[bill], size)
    invoiced[0] = 0.0  # no order named
    return float(np.clip(ordered - np.where(ordered != 0, invoiced, 0.0), 0.0, None).sum())


def _table(project: Project, rows: pd.DataFrame) -> pd.DataFrame:
    """Return actual cost by kind: all, unbudgeted, approved before, after and never."""
    costs = project.costs
    table = costs.groupby("kind")["money"].sum().rename("actual").to_frame()
    table["unbudgeted"] = costs.loc[~costs["budgeted"]].groupby("kind")["money"].sum()
    for standing in ("before", "after", "never"):
        amounts = rows.loc[rows["standing"] == standing].groupby("kind")["money"].sum()
        recorded = table.index.isin(rows["kind"].unique())
        table[f"approved_{standing}"] = amounts.reindex(table.index).fillna(0.0).where(recorded)
    table["unbudgeted"] = table["unbudgeted"].fillna(0.0)
    return table.sort_values("actual", ascending=False).reset_index()


def _offending(rows: pd.DataFrame) -> pd.DataFrame:
    names = ["txn_id", "line_id", "category", "kind", "incurred_on", "approved_on", "money"]
    late = rows.loc[rows["standing"] != "before", names]
    return late.sort_values("money", ascending=False, ignore_index=True)


def _unbudgeted_rows(project: Project) -> pd.DataFrame:
    names = ["txn_id", "line_id", "category", "kind", "incurred_on", "money"]
    rows = project.costs.loc[~project.costs["budgeted"], names]
    return rows.sort_values("money", ascending=False, ignore_index=True)


def _words(project: Project, found: tuple[Indicator, ...]) -> tuple[Message, Message]:
    unbudgeted, retrospective = found[:2]
    both = unbudgeted.value is not None and retrospective.value is not None
    slots = {"unbudgeted": unbudgeted.value, "retrospective": retrospective.value,
             "actual": project.actual, "currency": project.currency}  # fmt: skip
    if both:
        return (Message("cost.headline.spending", slots), Message("cost.sentence.spending", slots))
    reasons = [item.reason for item in (unbudgeted, retrospective) if item.reason is not None]
    return (
        Message("cost.headline.spending_partly", slots),
        Message("cost.sentence.spending_partly", {**slots, "reason": reasons[0]}),
    )


def _unapproved_spending(project: Project, never: pd.DataFrame, judged: int) -> tuple[Finding, ...]:
    """Report what was spent and is still not approved on the status date."""
    never = never.loc[never["money"] > 0] if len(never) else never
    if not judged or never.empty:
        return ()
    amount = float(never["money"].sum())
    keys = tuple(("actuals", str(key)) for key in never["txn_id"])
    limits = severity(amount / project.actual, UNAPPROVED_LIMITS) if project.actual > 0 else 0.0
    return (_finding(project, "spending", "cost.retrospective_share", (amount, limits), keys),)


def _unapproved_changes(project: Project) -> tuple[Finding, ...]:
    """Report changes that were raised and never approved, where they add money."""
    changes = project.changes
    open_ones = changes.loc[changes["approved_on"].isna() & (changes["amount"] > 0)]
    if open_ones.empty or changes["approved_on"].isna().all():  # approvals not recorded at all
        return ()
    amount = float(open_ones["amount"].sum())
    keys = tuple(("changes", str(key)) for key in open_ones["change_id"])
    share = amount / project.actual if project.actual > 0 else 0.0
    limits = severity(share, UNAPPROVED_LIMITS)
    return (_finding(project, "changes", "cost.bridge[unapproved]", (amount, limits), keys),)


def _finding(
    project: Project,
    kind: str,
    name: str,
    size: tuple[float, float],
    keys: tuple[tuple[str, str], ...],
) -> Finding:
    amount, weight = size
    slots = {"amount": amount, "n": len(keys), "currency": project.currency}
    owner = {"owner": PROJECT_OWNER, "date": AGREED_DATE}
    action = Action(
        "cost.unapproved", Message("cost.action.unapproved", {**slots, **owner}),
        size=amount, size_unit="money",
    )  # fmt: skip
    return Finding(
        f"cost.unapproved.{kind}", "cost", name, weight,
        Message(f"cost.finding.unapproved_{kind}", slots), keys, action,
    )  # fmt: skip

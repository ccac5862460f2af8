"""From the original budget to actual cost: which part of the difference has which cause."""

from itertools import permutations
from typing import Any

import pandas as pd

from crm_eval_lib.cost.measure import indicator, unanswered
from crm_eval_lib.cost.project import Project, read_project
from crm_eval_lib.results import Message, Step, keyed, missing_column

ID = "cost.bridge"
PARTS = ("unbudgeted", "scope", "unapproved", "rate", "quantity", "fx", "other")
SCOPE_REASONS = ("scope", "law")
PRICE_REASON = "price"
FACTORS = ("quantity", "rate", "fx")


def bridge(
    budget: pd.DataFrame | None,
    actuals: pd.DataFrame | None,
    *,
    changes: pd.DataFrame | None = None,
    progress: pd.DataFrame | None = None,
    dates: Any,
    currency: str,
) -> Step:
    """Part the difference between actual cost and the original budget; the parts sum exactly.

    Returns
    -------
    Step
        ``cost.bridge[part]`` for unbudgeted, scope, unapproved, rate, quantity, fx and other.
        Per line the difference goes into quantity, rate and fx by the symmetric (Shapley) split
        where both sides carry quantity and price in one currency, else into other; the changes
        of a line are then taken out of its quantity (reason price: its rate), so that they count
        once [Das Gupta 1993].

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> dates = SimpleNamespace(go_live=None, status_date=pd.Timestamp("2024-12-31"))
    >>> plan = pd.DataFrame({"line_id": ["A"], "category": ["services"], "amount": [100.0]})
    >>> paid = pd.DataFrame({"txn_id": ["1", "2"], "line_id": ["A", None], "kind": "invoice",
    ...                      "incurred_on": "2024-05-01", "amount": [90.0, 30.0]})
    >>> step = bridge(plan, paid, dates=dates, currency="CNY")
    >>> step["cost.bridge[unbudgeted]"].value, step["cost.bridge[other]"].value
    (30.0, -10.0)
    """
    project = read_project(
        budget, actuals, changes=changes, progress=progress, dates=dates, currency=currency
    )
    reason = project.original_problem
    if reason is None and not project.lines_recorded:
        reason = missing_column("actuals", "line_id")
    amounts = bridge_parts(project) if reason is None else dict.fromkeys(PARTS)
    more = {"n": len(project.costs), "tables": project.tables("budget", "actuals", "changes"),
            "currency": currency, "reason": reason}  # fmt: skip
    found = tuple(indicator(keyed(ID, part), amounts[part], "money", **more) for part in PARTS)
    if reason is not None:
        return unanswered(ID, found)
    return _step(project, found, amounts)


def bridge_parts(project: Project) -> dict[str, float]:
    """Return the amount of each part; together they are actual cost less original budget."""
    parts = dict.fromkeys(PARTS, 0.0)
    costs = project.costs
    parts["unbudgeted"] = float(costs.loc[~costs["budgeted"], "money"].sum())
    _add_changes(parts, project.changes)
    spent, nothing = dict(iter(costs.groupby("line_id"))), costs.head(0)
    for line, rows in project.original.groupby("line_id"):
        _add_line(parts, rows, spent.get(line, nothing), project, line)
    known = set(project.original["line_id"])
    for line in project.line_categories.index.difference(list(known)):
        new = spent.get(line, nothing)["money"].sum()  # base 0
        parts["other"] += float(new) - float(_changes_of(project, line)["amount"].sum())
    unnamed = ~project.changes["line_id"].isin(project.line_categories.index)
    parts["other"] -= float(project.changes.loc[unnamed, "amount"].sum())
    return _exact(parts, project.actual - project.original_total)


def _add_changes(parts: dict[str, float], changes: pd.DataFrame) -> None:
    approved = changes["approved_on"].notna()
    scope = changes["reason"].isin(SCOPE_REASONS)
    parts["scope"] += float(changes.loc[approved & scope, "amount"].sum())
    parts["other"] += float(changes.loc[approved & ~scope, "amount"].sum())
    parts["unapproved"] += float(changes.loc[~approved, "amount"].sum())


def _changes_of(project: Project, line: str) -> pd.DataFrame:
    return project.changes.loc[project.changes["line_id"] == line]


def _add_line(
    parts: dict[str, float], planned: pd.DataFrame, spent: pd.DataFrame, project: Project, line: str
) -> None:
    """Split the difference of one line and take its changes out again."""
    difference = float(spent["money"].sum() - planned["money"].sum())
    changes = _changes_of(project, line)
    split = split_line(planned, spent, project.currency)
    if split is None:
        parts["other"] += difference - float(changes["amount"].sum())
        return
    for name, amount in split.items():
        parts[name] += amount
    parts["other"] += difference - sum(split.values())
    price = changes["reason"] == PRICE_REASON
    parts["rate"] -= float(changes.loc[price, "amount"].sum())
    parts["quantity"] -= float(changes.loc[~price, "amount"].sum())


def split_line(
    planned: pd.DataFrame, spent: pd.DataFrame, currency: str
) -> dict[str, float] | None:
    """Return quantity, rate and fx of one line's difference; None where a side lacks them."""
    sides = [_side(planned), _side(spent)]
    currencies = pd.concat([planned["currency"], spent["currency"]]).fillna(currency)
    if None in sides or currencies.nunique() > 1:
        return None
    return shapley(*sides)


def _side(rows: pd.DataFrame) -> tuple[float, float, float] | None:
    """Return quantity, mean price (net where the amounts are) and mean exchange rate."""
    if rows.empty or rows[["quantity", "unit_price"]].isna().any(axis=None):
        return None
    quantity = float(rows["quantity"].sum())
    local = rows["quantity"] * rows["unit_price"] * rows["net"]
    if quantity == 0 or local.sum() == 0:
        return None
    return (
        quantity,
        float(local.sum() / quantity),
        float((local * rows["rate"]).sum() / local.sum()),
    )


def shapley(before: tuple[float, ...], after: tuple[float, ...]) -> dict[str, float]:
    """Share the difference of two products among their factors: the mean over all orders.

    >>> shapley((100.0, 10.0, 1.0), (110.0, 10.0, 1.0))["quantity"]
    100.0
    """
    orders = list(permutations(range(len(FACTORS))))
    shares = dict.fromkeys(FACTORS, 0.0)
    for order in orders:
        values = list(before)
        for position in order:
            old = _product(values)
            values[position] = after[position]
            shares[FACTORS[position]] += _product(values) - old
    return {name: share / len(orders) for name, share in shares.items()}


def _product(values: list[float]) -> float:
    quantity, rate, fx = values
    return quantity * rate * fx


def _exact(parts: dict[str, float], total: float) -> dict[str, float]:
    """Put what the sums of floats lost into other."""
    rest = sum(amount for name, amount in parts.items() if name != "other")
    return {**parts, "other": total - rest}


def _step(project: Project, found: tuple, amounts: dict[str, float]) -> Step:
    planned, actual = project.original_total, project.actual
    table = pd.DataFrame({
        "part": ["original_budget", *PARTS, "actual_cost"],
        "amount": [planned, *amounts.values(), actual],
    })  # fmt: skip
    largest = max(PARTS, key=lambda part: abs(amounts[part]))
    slots = {"planned": planned, "actual": actual, "difference": actual - planned,
             "part": largest, "amount": amounts[largest], "currency": project.currency,
             "status": project.status_date.date().isoformat()}  # fmt: skip
    return Step(
        ID, found, table, Message("cost.sentence.bridge", slots),
        Message("cost.headline.bridge", slots), Message("cost.subtitle.bridge", slots),
    )  # fmt: skip

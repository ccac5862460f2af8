"""The bridge line by line: what every line of budget and ledger gives to every part."""

import numpy as np
import pandas as pd

from crm_eval_lib.cost.deviation import UNASSIGNED
from crm_eval_lib.cost.project import Project
from crm_eval_lib.stats.decomposition import shapley

PARTS = ("unbudgeted", "scope", "unapproved", "rate", "quantity", "fx", "other")
SCOPE_REASONS = ("scope", "law")
PRICE_REASON = "price"
FACTORS = ("quantity", "rate", "fx")


def line_parts(project: Project) -> pd.DataFrame:
    """Return planned, actual and all parts per line; each row's parts sum to its difference.

    Beside the lines of the budget there is a row for each line and category of the ledger that
    no version has, and one for changes that name no line.
    """
    budgeted = project.costs.loc[project.costs["budgeted"]]
    lines = project.line_categories.rename("category").to_frame()
    lines["planned"] = _by_line(project.original, "money", lines.index)
    lines["actual"] = _by_line(budgeted, "money", lines.index)
    parts = split_lines(project.original, budgeted, project.currency).reindex(lines.index)
    split = parts["rate"].notna()
    parts = parts.reindex(columns=list(PARTS)).fillna(0.0)
    parts["other"] = lines["actual"] - lines["planned"] - parts[list(FACTORS)].sum(axis=1)
    named = project.changes["line_id"].isin(lines.index)
    _take_out(parts, project.changes.loc[named], split)
    parts = parts.add(_changes_by_line(project.changes.loc[named]), fill_value=0.0)
    lines = lines.join(parts[list(PARTS)]).rename_axis("line_id").reset_index()
    loose = _loose_changes(project.changes.loc[~named])
    return pd.concat([lines, _unbudgeted(project), loose], ignore_index=True)


def told_parts(project: Project, lines: pd.DataFrame) -> tuple[str, ...]:
    """Return the parts of which the tables tell anything; the others are in ``other``.

    Scope and unapproved need a list of changes; rate, quantity and fx a line of the budget that
    both sides give with quantity and price.
    """
    changed = () if project.changes.empty else ("scope", "unapproved")
    split = bool(lines[list(FACTORS)].any(axis=None))
    if not split:  # all zero: because nothing moved, or because nothing is known
        budgeted = project.costs.loc[project.costs["budgeted"]]
        split = not split_lines(project.original, budgeted, project.currency).empty
    known = {"unbudgeted", "other", *changed, *(FACTORS if split else ())}
    return tuple(part for part in PARTS if part in known)


def split_lines(planned: pd.DataFrame, spent: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Return quantity, rate and fx of the lines where both sides carry them in one currency.

    The change of each factor is weighed by the mean of the other two over all orders in which
    the three could have changed [Das Gupta 1993]; swapping the sides changes the sign only.

    >>> plan = pd.DataFrame({"line_id": ["A"], "quantity": [100.0], "unit_price": [1000.0],
    ...                      "rate": [7.0], "net": [1.0], "currency": ["USD"]})
    >>> paid = plan.assign(quantity=120.0, unit_price=950.0, rate=7.2)
    >>> split_lines(plan, paid, "CNY").round(0).loc["A"].tolist()
    [138433.0, -39067.0, 21433.0]
    """
    before, after = _side(planned, currency), _side(spent, currency)
    both = before.index.intersection(after.index)
    before, after = before.loc[both], after.loc[both]
    alike = (before["currency"] == after["currency"]).to_numpy()
    before, after = before.loc[alike], after.loc[alike]
    shares = shapley(*({name: side[name] for name in FACTORS} for side in (before, after)))
    return pd.DataFrame(shares, before.index)


def _side(rows: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Return quantity, mean price (net where amounts are) and mean exchange rate per line.

    Only lines of one currency whose rows all carry quantity and price. A sum of zero has no mean;
    there the price, or the rate, that all rows share stands.
    """
    price = rows["unit_price"] * rows["net"]
    local = rows["quantity"] * price
    rows = pd.DataFrame({
        "line_id": rows["line_id"], "price": price, "fx": rows["rate"], "local": local,
        "quantity": rows["quantity"], "world": local * rows["rate"],
        "gap": local.isna(), "currency": rows["currency"].astype("str").fillna(currency),
    })  # fmt: skip
    rows["code"] = pd.factorize(rows["currency"])[0]
    of_line = rows.groupby("line_id")
    sums = of_line[["quantity", "local", "world", "gap"]].sum()
    ends = of_line[["price", "fx", "code"]]
    lowest, highest = ends.min(), ends.max()
    shared = lowest.where(lowest == highest)
    rate = (sums["local"] / sums["quantity"]).where(sums["quantity"] != 0, shared["price"])
    fx = (sums["world"] / sums["local"]).where(sums["local"] != 0, shared["fx"])
    side = pd.DataFrame({"quantity": sums["quantity"], "rate": rate, "fx": fx})
    usable = side.notna().all(axis=1) & (sums["gap"] == 0) & shared["code"].notna()
    side = side.assign(currency=of_line["currency"].first()).loc[usable]
    return side.set_axis(side.index.astype("str"))


def _by_line(rows: pd.DataFrame, column: str, lines: pd.Index) -> pd.Series:
    return rows.groupby("line_id")[column].sum().reindex(lines).fillna(0.0)


def _take_out(parts: pd.DataFrame, changes: pd.DataFrame, split: pd.Series) -> None:
    """Deduct the changes of a line from its quantity or rate, unsplit from other (own copy)."""
    price = changes["reason"] == PRICE_REASON
    of_rate, of_quantity = (
        _by_line(changes.loc[m], "amount", parts.index) for m in (price, ~price)
    )
    parts["rate"] -= of_rate.where(split, 0.0)
    parts["quantity"] -= of_quantity.where(split, 0.0)
    parts["other"] -= (of_rate + of_quantity).where(~split, 0.0)


def _part_of_change(changes: pd.DataFrame) -> np.ndarray:
    """Return scope for approved changes of scope or law, other for the rest, or unapproved."""
    scope = np.where(changes["reason"].isin(SCOPE_REASONS), "scope", "other")
    return np.where(changes["approved_on"].notna(), scope, "unapproved")


def _changes_by_line(changes: pd.DataFrame) -> pd.DataFrame:
    of_part = [changes["line_id"].astype("str"), _part_of_change(changes)]
    table = changes["amount"].groupby(of_part).sum().unstack(fill_value=0.0)
    return table.reindex(columns=list(PARTS), fill_value=0.0)


def _unbudgeted(project: Project) -> pd.DataFrame:
    outside = project.costs.loc[~project.costs["budgeted"], ["line_id", "category", "money"]]
    outside = outside.astype({"category": "str"}).fillna({"category": UNASSIGNED})
    table = outside.groupby(["category", "line_id"], dropna=False)["money"].sum().reset_index()
    table = table.assign(planned=0.0, actual=table["money"], unbudgeted=table["money"])
    return _filled(table.drop(columns="money"))


def _loose_changes(changes: pd.DataFrame) -> pd.DataFrame:
    """Return one row for the changes that name no line: what they add, other takes back."""
    if changes.empty:
        return _filled(pd.DataFrame())
    amounts = changes["amount"].groupby(_part_of_change(changes)).sum()
    row = {**amounts, "other": amounts.get("other", 0.0) - amounts.sum()}
    return _filled(pd.DataFrame([{"category": UNASSIGNED, "planned": 0.0, "actual": 0.0, **row}]))


def _filled(table: pd.DataFrame) -> pd.DataFrame:
    table = table.reindex(columns=["line_id", "category", "planned", "actual", *PARTS])
    return table.astype(dict.fromkeys(PARTS, float)).fillna(dict.fromkeys(PARTS, 0.0))

"""Rows of orders and price rules that no price can rest on, or that say two things at once."""

import pandas as pd

from crm_eval_lib.data_check.row_rules import Material, RowRule, filled, no_row, numbers

_RATE, _LEAKAGE = "controls.price.below_floor_rate", "controls.price.leakage"
_PRICES = (_RATE, _LEAKAGE, "controls.price.unapproved_rate")
_APPROVALS = ("controls.price.unapproved_rate", "controls.price.over_limit")
_SLOT = ["product", "customer_class", "currency", "min_quantity"]


def _no_floor(m: Material) -> pd.Series:
    """Mark floors that no price can be below."""
    return numbers(m.rows["floor_price"]) <= 0


def _negative_price(m: Material) -> pd.Series:
    return numbers(m.rows["unit_price"]) < 0


def _more_given_than_asked(m: Material) -> pd.Series:
    """Mark lines whose rebate and freight are more than their price."""
    asked = numbers(m.rows["unit_price"]) * numbers(m.rows["quantity"])
    given = numbers(m.rows["rebate"]).fillna(0) + numbers(m.rows["freight"]).fillna(0)
    return (asked >= 0) & (given > asked)


def _overlap(m: Material) -> pd.Series:
    """Mark rules that begin while another of the same kind has not ended.

    An open rule that a newer one takes the place of is how price lists are kept, and no overlap.
    """
    rows = m.rows.assign(currency=m.rows["currency"].astype(object).fillna(m.currency))
    rows = rows.assign(min_quantity=numbers(rows["min_quantity"]).fillna(0))
    rows = rows.sort_values("valid_from", kind="stable")
    slot = rows.groupby(_SLOT, dropna=False, sort=False).ngroup()
    ended = rows["valid_to"].groupby(slot).cummax().groupby(slot).shift()
    twin = rows["valid_from"].groupby(slot).shift() == rows["valid_from"]
    return (twin | (rows["valid_from"] <= ended)).reindex(m.rows.index)


def _currency_without_rule(m: Material) -> pd.Series:
    """Mark lines of a product that has price rules, but none in the currency of the line."""
    rules = m.other("price_rules", "product")
    if rules is None:
        return no_row(m.rows)
    money = rules.get("currency", pd.Series(None, rules.index, dtype=object)).astype(object)
    pairs = pd.MultiIndex.from_arrays([rules["product"].astype(object), money.fillna(m.currency)])
    lines = pd.MultiIndex.from_arrays([
        m.rows["product"].astype(object), m.rows["currency"].astype(object).fillna(m.currency)
    ])  # fmt: skip
    ruled = m.rows["product"].isin(rules["product"]) & ~filled(m.rows["floor_price"])
    return ruled & ~pd.Series(lines.isin(pairs), m.rows.index)


def _approver_unlisted(m: Material) -> pd.Series:
    """Mark approvals by users whom the access list does not name."""
    access = m.other("access", "user_id")
    if access is None:
        return no_row(m.rows)
    approver = m.rows["approved_by"]
    return filled(approver) & ~approver.isin(access["user_id"])


# The first column of a rule is shown beside the row's key; who approved is never shown.
PRICE_RULES = (
    RowRule("floor_zero", "orders", ("floor_price",), _no_floor, _PRICES, biases=True),
    RowRule("rule_zero", "price_rules", ("floor_price",), _no_floor, _PRICES, biases=True),
    RowRule("price_negative", "orders", ("unit_price",), _negative_price, _PRICES, biases=True),
    RowRule("given_above_asked", "orders", ("unit_price",), _more_given_than_asked, _PRICES),
    RowRule("rules_overlap", "price_rules", ("valid_from",), _overlap, _PRICES),
    RowRule("currency_unruled", "orders", ("currency", "product"), _currency_without_rule,
            _PRICES, biases=True),
    RowRule("approver_unlisted", "orders", ("approved_at", "approved_by"), _approver_unlisted,
            _APPROVALS),
)  # fmt: skip

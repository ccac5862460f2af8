"""Order lines with their net price, their floor, and what became of those below it."""

from typing import Any

import numpy as np
import pandas as pd
from babel.numbers import get_currency_precision

from crm_eval_lib.controls.windows import (
    column_of,
    in_force,
    moments_of,
    numbers_of,
    period_of,
    recorded,
    until_status,
)

UNAPPROVED, LATE, SELF, OVER, APPROVED = (
    "unapproved", "late_approved", "self_approved", "over_limit", "approved",
)  # fmt: skip
NOT_APPROVED = (UNAPPROVED, LATE, SELF, OVER)
CATEGORIES = (*NOT_APPROVED, APPROVED)  # exclusive, in this order
HALF = 0.5  # of a minor unit: a net price rounded to the printed price is not below it
_ROUNDING = 1e-12  # relative; sums and quotients of decimals are off by less
COLUMNS = (
    "order_id", "line_no", "ordered_at", "product", "product_group", "channel", "customer",
    "creator_role", "value", "net_price", "floor", "floor_source", "gap", "leakage", "below",
    "late", "self_approved", "over_limit", "approval", "period", "in_force",
)  # fmt: skip


def price_lines(
    orders: pd.DataFrame | None,
    price_rules: pd.DataFrame | None = None,
    approval_limits: pd.DataFrame | None = None,
    *,
    dates: Any,
    currency: str,
    floor_share_of_list: float | None = None,
    approval_before: str = "shipped_at",
) -> pd.DataFrame:
    """Price every order line and hold it against its floor.

    Parameters
    ----------
    orders, price_rules, approval_limits : DataFrame or None
        As in the data dictionary.
    dates : object
        Has ``go_live``, ``status_date`` and ``blackout``.
    currency : str
        The client's; rows without a currency are in it.
    floor_share_of_list : float or None
        Floor as a share of the list price, for lines that have no other.
    approval_before : str
        ``shipped_at`` or ``ordered_at``: by when a price below the floor must be approved.

    Returns
    -------
    DataFrame
        One row per line ordered by the status date. ``net_price`` = (unit_price·quantity − rebate
        − freight)/(quantity + free_quantity) and ``gap`` = floor − net price in the row's
        currency; ``value`` and ``leakage`` = max(0, gap)·(quantity + free_quantity) in the
        client's. ``below``: the gap exceeds half a minor unit. ``approval``: what became of a line
        below the floor, one of unapproved, late_approved, self_approved, over_limit, approved;
        empty where that is not recorded.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> dates = SimpleNamespace(go_live=None, blackout=None, status_date=pd.Timestamp("2025-01-31"))
    >>> orders = pd.DataFrame({"order_id": ["1"], "ordered_at": pd.to_datetime(["2025-01-07"]),
    ...     "product": ["P"], "quantity": [9.0], "free_quantity": [1.0], "unit_price": [10.0],
    ...     "floor_price": [9.5]})
    >>> lines = price_lines(orders, dates=dates, currency="CNY")
    >>> lines[["net_price", "gap", "leakage", "below"]].to_numpy().tolist()
    [[9.0, 0.5, 5.0, True]]
    """
    if orders is None or orders.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    rows = until_status(orders, "ordered_at", dates).reset_index(drop=True)
    units = numbers_of(rows, "quantity") + numbers_of(rows, "free_quantity", 0.0)
    value = numbers_of(rows, "unit_price") * numbers_of(rows, "quantity")
    value = value - numbers_of(rows, "rebate", 0.0) - numbers_of(rows, "freight", 0.0)
    rate = numbers_of(rows, "fx_rate", 1.0)
    money = column_of(rows, "currency").astype(object).fillna(currency)
    floor, source = _floors(rows, money, price_rules, dates, currency, floor_share_of_list)
    net = value / units
    gap = floor - net
    below = (gap > _half_units(money) + _ROUNDING * floor.abs()) & floor.notna()
    lines = pd.DataFrame({name: column_of(rows, name) for name in COLUMNS if name in orders})
    lines = lines.assign(
        value=value * rate, net_price=net, floor=floor, floor_source=source, gap=gap,
        leakage=gap.clip(lower=0) * units * rate, below=below,
        period=period_of(rows["ordered_at"], dates), in_force=in_force(rows["ordered_at"], dates),
    )  # fmt: skip
    judged = _judged(rows, lines, money, approval_limits, dates, currency, approval_before)
    return lines.assign(**judged).reindex(columns=list(COLUMNS))


def _half_units(money: pd.Series) -> pd.Series:
    half = {code: HALF * 10.0 ** -get_currency_precision(str(code)) for code in money.unique()}
    return money.map(half).astype("float64")


def _floors(
    rows: pd.DataFrame,
    money: pd.Series,
    price_rules: pd.DataFrame | None,
    dates: Any,
    currency: str,
    share: float | None,
) -> tuple[pd.Series, pd.Series]:
    """The order's own floor, else the rule's of that day, else the share of the list price."""
    own = numbers_of(rows, "floor_price")
    open_rows = own.isna()
    ruled = _rule_floors(rows[open_rows], money[open_rows], price_rules, dates, currency)
    ruled = ruled.reindex(rows.index)
    listed = numbers_of(rows, "list_price") * (np.nan if share is None else share)
    floor = own.fillna(ruled).fillna(listed)
    source = np.select(
        [own.notna(), ruled.notna(), listed.notna()], ["order", "rule", "list_share"], ""
    )
    return floor, pd.Series(source, index=rows.index, dtype=object)


def _rule_floors(
    rows: pd.DataFrame, money: pd.Series, rules: pd.DataFrame | None, dates: Any, currency: str
) -> pd.Series:
    """Floor of the rule that held on the day of the order.

    Of several the one for the customer's class goes before one for all, the larger quantity break
    before the smaller, the newer before the older; of true twins the higher floor.
    """
    rules = until_status(rules, "changed_at", dates)
    if rules is None or rules.empty or rows.empty:
        return pd.Series(dtype="float64")
    changed = pd.to_datetime(column_of(rules, "changed_at"))
    offers = pd.DataFrame({
        "product": rules["product"], "rule_class": column_of(rules, "customer_class"),
        "rule_money": column_of(rules, "currency").astype(object).fillna(currency),
        "break": numbers_of(rules, "min_quantity", 0.0), "rule_floor": rules["floor_price"],
        "from": rules["valid_from"], "to": pd.to_datetime(column_of(rules, "valid_to")),
        "changed": changed.rank(method="dense").fillna(0.0),
    })  # fmt: skip
    wanted = pd.DataFrame({
        "row": rows.index, "product": rows["product"], "money": money,
        "class": column_of(rows, "customer_class"), "quantity": rows["quantity"],
        "day": _days(rows["ordered_at"]),
    })  # fmt: skip
    pairs = wanted.merge(offers, on="product")
    for_all = pairs["rule_class"].isna()
    fits = (pairs["money"] == pairs["rule_money"]) & (pairs["quantity"] >= pairs["break"])
    fits &= for_all | (pairs["class"] == pairs["rule_class"]).fillna(False).astype(bool)
    fits &= (pairs["from"] <= pairs["day"]) & (pairs["to"].isna() | (pairs["day"] <= pairs["to"]))
    best = pairs.assign(own_class=~for_all)[fits].sort_values(
        ["row", "own_class", "break", "from", "changed", "rule_floor"]
    )
    return best.drop_duplicates("row", keep="last").set_index("row")["rule_floor"]


def _days(moments: pd.Series) -> pd.Series:
    local = moments.dt.tz_localize(None) if getattr(moments.dtype, "tz", None) else moments
    return local.dt.normalize()


def _judged(
    rows: pd.DataFrame,
    lines: pd.DataFrame,
    money: pd.Series,
    limits: pd.DataFrame | None,
    dates: Any,
    currency: str,
    approval_before: str,
) -> dict[str, pd.Series]:
    """Judge the approvals; what is not recorded stays unknown, never becomes a no."""
    approved = moments_of(rows, "approved_at", dates.status_date, like="ordered_at")
    by_shipping = approval_before == "shipped_at" and recorded(rows, "shipped_at")
    due = moments_of(
        rows, "shipped_at" if by_shipping else "ordered_at", dates.status_date, like="ordered_at"
    )
    late = (approved > due).astype("boolean")
    own = _self_approved(rows)
    over = _over_limit(rows, lines, money, limits, _days(approved), currency)
    below = lines["below"]
    category = np.select(
        [approved.isna(), *(_surely(flag) for flag in (late, own, over))], NOT_APPROVED, APPROVED
    )
    known = below & recorded(rows, "approved_at")
    approval = pd.Series(category, index=rows.index, dtype=object).where(known)
    return {"late": late, "self_approved": own, "over_limit": over, "approval": approval}


def _surely(flags: pd.Series) -> pd.Series:
    return flags.fillna(False).astype(bool)


def _self_approved(rows: pd.DataFrame) -> pd.Series:
    if not (recorded(rows, "created_by") and recorded(rows, "approved_by")):
        return pd.Series(pd.NA, index=rows.index, dtype="boolean")
    creator, approver = rows["created_by"].astype(object), rows["approved_by"].astype(object)
    same = (creator == approver) & creator.notna() & approver.notna()
    return same.astype("boolean")


def _over_limit(
    rows: pd.DataFrame,
    lines: pd.DataFrame,
    money: pd.Series,
    limits: pd.DataFrame | None,
    days: pd.Series,
    currency: str,
) -> pd.Series:
    """Say whose order value lies above the limit the approver's role had on that day."""
    if limits is None or limits.empty or not recorded(rows, "approver_role"):
        return pd.Series(pd.NA, index=rows.index, dtype="boolean")
    order_value = lines["value"].groupby(rows["order_id"]).transform("sum")
    offers = pd.DataFrame({
        "role": limits["role"], "limit": limits["limit"],
        "limit_money": column_of(limits, "currency").astype(object).fillna(currency),
        "from": pd.to_datetime(column_of(limits, "valid_from")),
    })  # fmt: skip
    wanted = pd.DataFrame({
        "row": rows.index, "role": rows["approver_role"], "day": days, "money": money,
        "value": order_value, "rate": numbers_of(rows, "fx_rate", 1.0),
    })  # fmt: skip
    pairs = wanted[wanted["day"].notna() & wanted["role"].notna()].merge(offers, on="role")
    at_home, in_row = pairs["limit_money"] == currency, pairs["limit_money"] == pairs["money"]
    began = pairs["from"].isna() | (pairs["from"] <= pairs["day"])
    compared = pairs["value"].where(at_home, pairs["value"] / pairs["rate"])
    pairs = pairs.assign(in_row=in_row, compared=compared)[(at_home | in_row) & began]
    valid = pairs.sort_values(["row", "in_row", "from", "limit"], na_position="first")
    valid = valid.drop_duplicates("row", keep="last").set_index("row")
    within = valid["compared"] <= valid["limit"] * (1 + _ROUNDING)
    return ~within.astype("boolean").reindex(rows.index).fillna(False)

"""Order lines with their net price, their floor, and what became of those below it."""

from typing import Any

import numpy as np
import pandas as pd
from babel.numbers import get_currency_precision

from crm_eval_lib.controls.floors import rule_floors
from crm_eval_lib.controls.price_approvals import judged_approvals
from crm_eval_lib.controls.windows import (
    AFTER,
    BEFORE,
    BLACKOUT,
    column_of,
    in_force,
    numbers_of,
    period_of,
    until_status,
)

HALF = 0.5  # of a minor unit: a net price rounded to the printed price is not below it
_ROUNDING = 1e-12  # relative; sums and quotients of decimals are off by less
COLUMNS = (
    "order_id", "line_no", "ordered_at", "product", "product_group", "channel", "customer",
    "creator_role", "value", "net_price", "floor", "floor_source", "gap", "leakage", "below",
    "order_no", "low_price", "rebate", "freight", "free_value", "late", "self_approved",
    "over_limit", "approval", "period", "in_force",
)  # fmt: skip
FLOOR_SOURCES = ("order", "rule", "list_share")
_PERIODS = pd.CategoricalDtype([BEFORE, BLACKOUT, AFTER])
_AS_THEY_ARE = ("order_id", "ordered_at", "approved_at", "shipped_at")
_REPEATED = ("line_no", "product", "product_group", "channel", "customer", "customer_class",
             "currency", "created_by", "creator_role", "approved_by", "approver_role")  # fmt: skip
_EXTRAS = ("free_quantity", "rebate", "freight")
_AMOUNTS = ("quantity", "unit_price", "list_price", "floor_price", *_EXTRAS)


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
    rows = _lean(until_status(orders, "ordered_at", dates))
    money = rows["currency"].cat.add_categories({currency} - {*rows["currency"].cat.categories})
    money = money.fillna(currency)
    floor, source = _floors(rows, money, price_rules, dates, currency, floor_share_of_list)
    free, rebate, freight = (rows[name].fillna(0.0) for name in _EXTRAS)
    units, rate = rows["quantity"] + free, rows["fx_rate"]
    value = rows["unit_price"] * rows["quantity"] - rebate - freight
    gap = floor - value / units
    spare = half_units(money) + _ROUNDING * floor.abs()
    lines = rows.reindex(columns=[name for name in COLUMNS if name in rows]).assign(
        value=value * rate, net_price=value / units, floor=floor, floor_source=source, gap=gap,
        leakage=gap.clip(lower=0) * units * rate, below=gap > spare,
        low_price=floor - rows["unit_price"] > spare, rebate=rows["rebate"] * rate,
        freight=rows["freight"] * rate,
        free_value=rows["unit_price"] * rows["free_quantity"] * rate,
        order_no=pd.factorize(rows["order_id"])[0],
        period=period_of(rows["ordered_at"], dates).astype(_PERIODS),
        in_force=in_force(rows["ordered_at"], dates),
    )  # fmt: skip
    judged = judged_approvals(
        rows, lines, money, approval_limits, dates=dates, currency=currency, before=approval_before
    )
    return lines.assign(**judged).reindex(columns=list(COLUMNS))


def read_orders(tables: Any) -> pd.DataFrame | None:
    """Return the order lines of a client, of what a run kept only the columns that are used."""
    lean = getattr(tables, "lean", None)  # tables made by hand are in memory anyway
    if lean is None:
        return tables.orders
    return lean("orders", (*_AS_THEY_ARE, *_REPEATED, *_AMOUNTS, "fx_rate"), coded=_REPEATED)


def _lean(orders: pd.DataFrame) -> pd.DataFrame:
    """Return what is needed of the order lines: texts that repeat as codes, amounts filled."""
    texts = {name: column_of(orders, name).astype("category") for name in _REPEATED}
    amounts = {name: numbers_of(orders, name) for name in _AMOUNTS}
    amounts["fx_rate"] = numbers_of(orders, "fx_rate", 1.0)
    kept = {name: orders[name] for name in _AS_THEY_ARE if name in orders}
    return pd.DataFrame({**kept, **texts, **amounts}).reset_index(drop=True)


def half_units(money: pd.Series) -> pd.Series:
    """Return half a minor unit of each row's currency, given as categories."""
    half = [HALF * 10.0 ** -get_currency_precision(str(code)) for code in money.cat.categories]
    return pd.Series(np.array(half)[money.cat.codes.to_numpy()], index=money.index)


def _floors(
    rows: pd.DataFrame,
    money: pd.Series,
    price_rules: pd.DataFrame | None,
    dates: Any,
    currency: str,
    share: float | None,
) -> tuple[pd.Series, pd.Series]:
    """The order's own floor, else the rule's of that day, else the share of the list price."""
    own = rows["floor_price"]
    bare = own.isna()
    ruled = rule_floors(rows[bare], money[bare], price_rules, dates=dates, currency=currency)
    ruled = ruled.reindex(rows.index)
    listed = rows["list_price"] * (np.nan if share is None else share)
    kinds = [own.notna(), ruled.notna(), listed.notna()]
    source = pd.Categorical.from_codes(np.select(kinds, [0, 1, 2], -1), list(FLOOR_SOURCES))
    return own.fillna(ruled).fillna(listed), pd.Series(source, index=rows.index)

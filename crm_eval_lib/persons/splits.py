"""Orders that stay under a limit one by one and lie above it together."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.controls.floors import days_of
from crm_eval_lib.controls.price_approvals import limits_on_day
from crm_eval_lib.controls.price_rows import flags

WITHIN_DAYS = 3  # between the first order and the last; later orders are a customer's next need
NAMED = 20  # orders named in a row
COLUMNS = ("created_by", "customer", "limit_of", "role", "limit", "orders", "total", "largest",
           "first_day", "last_day", "below_floor_orders", "order_ids")  # fmt: skip
_ROLES = {"creator": "creator_role", "approver": "approver_role"}
_ROUNDING = 1e-12  # relative; sums of decimals are off by less
_FAR = 10**6  # days; more than lie between any two orders, so that no window joins two groups


def split_orders(
    lines: pd.DataFrame,
    limits: pd.DataFrame | None,
    *,
    currency: str,
    within_days: int = WITHIN_DAYS,
) -> pd.DataFrame:
    """Find orders of one customer by one person that split what lies above a limit.

    Parameters
    ----------
    lines : DataFrame
        Priced lines with ``created_by``, ``approver_role``, ``money`` and ``rate``.
    limits : DataFrame or None
        The table approval_limits; those of the creator's and of the approver's role are looked at.
    currency : str
        The client's; values and limits are compared in it.
    within_days : int
        At most so many days between the first order and the last.

    Returns
    -------
    DataFrame
        One row per set of orders, each above 0 and within the limit of its day, together above
        the highest of these limits; no set is part of another. Those with orders below the floor
        come first: only there does the limit bar anything.
    """
    if limits is None or limits.empty or lines.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    orders = _orders(lines)
    found = [_under(orders, limits, kind, currency, within_days) for kind in _ROLES]
    table = pd.concat([part for part in found if len(part)] or [pd.DataFrame(columns=COLUMNS)])
    table = table.drop_duplicates(["created_by", "customer", "role", "order_ids"])
    return table.sort_values(["below_floor_orders", "total"], ascending=False, kind="stable",
                             ignore_index=True).reindex(columns=list(COLUMNS))  # fmt: skip


def _orders(lines: pd.DataFrame) -> pd.DataFrame:
    """Add the lines up to orders; what differs between its lines is taken from the first."""
    plain = {name: lines[name].astype(object) for name in
             ("created_by", "customer", "creator_role", "approver_role", "money")}  # fmt: skip
    rows = pd.DataFrame({
        **plain, "order_no": lines["order_no"], "order_id": lines["order_id"].astype(str),
        "day": days_of(lines["ordered_at"]), "rate": lines["rate"], "value": lines["value"],
        "below": flags(lines, "below"),
    })  # fmt: skip
    sums = {"value": "sum", "below": "any"}
    first = dict.fromkeys(rows.columns.drop(["order_no", *sums]), "first")
    return rows.groupby("order_no", sort=True).agg(first | sums).reset_index(drop=True)


def _under(
    orders: pd.DataFrame, limits: pd.DataFrame, kind: str, currency: str, within: int
) -> pd.DataFrame:
    """Find the sets under the limits of one kind of role."""
    rows = orders.assign(role=orders[_ROLES[kind]], row=orders.index)
    rows = rows.dropna(subset=["created_by", "customer", "role"])
    limit = limits_on_day(rows, limits, currency)["home_limit"].reindex(rows.index)
    rows = rows.assign(limit=limit, limit_of=kind)
    rows = rows[(rows["value"] > 0) & (rows["value"] <= limit * (1 + _ROUNDING))]
    rows = rows.sort_values(["created_by", "customer", "role", "day"], kind="stable")
    members = _windows(rows, within)
    if members.empty:
        return members
    sets = members.groupby("window", sort=True)
    table = sets.agg(
        created_by=("created_by", "first"), customer=("customer", "first"),
        limit_of=("limit_of", "first"), role=("role", "first"), limit=("limit", "max"),
        orders=("value", "size"), total=("value", "sum"), largest=("value", "max"),
        first_day=("day", "min"), last_day=("day", "max"), below_floor_orders=("below", "sum"),
        order_ids=("order_id", _named),
    )  # fmt: skip
    return table[table["total"] > table["limit"] * (1 + _ROUNDING)]


def _windows(rows: pd.DataFrame, within: int) -> pd.DataFrame:
    """Return the members of each longest set of two orders or more within so many days."""
    if rows.empty:
        return rows.assign(window=0)
    group = rows.groupby(["created_by", "customer", "role"], sort=True).ngroup().to_numpy()
    day = rows["day"].to_numpy().astype("datetime64[D]").astype("int64")
    place = group * _FAR + day - day.min()
    last = np.searchsorted(place, place + within, side="right")
    start = np.arange(len(place))
    longest = (np.diff(last, prepend=0) > 0) & (last - start > 1)
    start, size = start[longest], (last - start)[longest]
    ends = np.cumsum(size)
    inside = np.arange(size.sum()) - np.repeat(ends - size, size)
    taken = rows.iloc[np.repeat(start, size) + inside]
    return taken.assign(window=np.repeat(np.arange(len(size)), size))


def _named(ids: Any) -> str:
    more = f" … (+{len(ids) - NAMED})" if len(ids) > NAMED else ""
    return ", ".join(ids[:NAMED]) + more

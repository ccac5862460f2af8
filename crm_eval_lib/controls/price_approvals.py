"""What became of a line below the floor: approved when, by whom and within what limit."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.controls.floors import days_of
from crm_eval_lib.controls.windows import column_of, moments_of, recorded

UNAPPROVED, LATE, SELF, OVER, APPROVED = (
    "unapproved", "late_approved", "self_approved", "over_limit", "approved",
)  # fmt: skip
NOT_APPROVED = (UNAPPROVED, LATE, SELF, OVER)
CATEGORIES = (*NOT_APPROVED, APPROVED)  # exclusive, in this order
_ROUNDING = 1e-12  # relative; sums and quotients of decimals are off by less


def judged_approvals(
    rows: pd.DataFrame,
    lines: pd.DataFrame,
    money: pd.Series,
    limits: pd.DataFrame | None,
    *,
    dates: Any,
    currency: str,
    before: str,
) -> dict[str, pd.Series]:
    """Judge the approvals of lines below the floor; what is not recorded never becomes a no.

    Parameters
    ----------
    rows : DataFrame
        Order lines with text columns as categories.
    lines : DataFrame
        Has ``value``, ``order_no`` and ``below`` of each.
    money : Series
        Currency of each.
    limits : DataFrame or None
        The table approval_limits.
    dates, currency : object, str
    before : str
        ``shipped_at`` or ``ordered_at``: by when a price below the floor must be approved.

    Returns
    -------
    dict of str to Series
        ``late``, ``self_approved``, ``over_limit`` (empty where unknown or not below the floor)
        and ``approval``, the first of `CATEGORIES` that holds.
    """
    below = lines["below"].to_numpy()
    asked = rows[below]
    approved = moments_of(asked, "approved_at", dates.status_date, like="ordered_at")
    shipped = before == "shipped_at" and recorded(rows, "shipped_at")
    due = moments_of(
        asked, "shipped_at" if shipped else "ordered_at", dates.status_date, like="ordered_at"
    )
    known = {
        "late": (approved > due).astype("boolean"),
        "self_approved": _self_approved(rows, asked),
        "over_limit": _over_limit(rows, lines, money, limits, days_of(approved), currency),
    }
    flags = [approved.isna(), *(flag.fillna(False).astype(bool) for flag in known.values())]
    category = pd.Series(np.select(flags, NOT_APPROVED, APPROVED), index=asked.index, dtype=object)
    if not recorded(rows, "approved_at"):
        category[:] = None
    return {name: found.reindex(rows.index) for name, found in (*known.items(),
                                                               ("approval", category))}  # fmt: skip


def _self_approved(rows: pd.DataFrame, asked: pd.DataFrame) -> pd.Series:
    if not (recorded(rows, "created_by") and recorded(rows, "approved_by")):
        return pd.Series(pd.NA, index=asked.index, dtype="boolean")
    creator, approver = asked["created_by"].astype(object), asked["approved_by"].astype(object)
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
        return pd.Series(pd.NA, index=days.index, dtype="boolean")
    order = lines["order_no"].to_numpy()
    order_value = np.bincount(order, weights=lines["value"].to_numpy())[order[days.index]]
    rows, money = rows.loc[days.index], money[days.index]
    wanted = pd.DataFrame({
        "row": rows.index, "role": rows["approver_role"].astype(object), "day": days,
        "money": money.astype(object),
        "value": order_value, "rate": rows["fx_rate"],
    })  # fmt: skip
    valid = limits_on_day(wanted, limits, currency)
    within = valid["compared"] <= valid["limit"] * (1 + _ROUNDING)
    return ~within.astype("boolean").reindex(rows.index).fillna(False)


def limits_on_day(wanted: pd.DataFrame, limits: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Find the limit each role had on that day; one in the row's own currency goes first.

    Parameters
    ----------
    wanted : DataFrame
        ``row`` (its number), ``role``, ``day``, ``money``, ``value`` in the client's currency and
        ``rate`` to it.
    limits : DataFrame
        The table approval_limits.
    currency : str
        The client's.

    Returns
    -------
    DataFrame
        By ``row``, only those with a limit: ``limit``, ``compared`` (the value in the limit's
        currency) and ``home_limit`` (the limit in the client's).
    """
    offers = pd.DataFrame({
        "role": limits["role"].astype(object), "limit": limits["limit"],
        "limit_money": column_of(limits, "currency").astype(object).fillna(currency),
        "from": pd.to_datetime(column_of(limits, "valid_from")),
    })  # fmt: skip
    asked = wanted[["row", "role", "day", "money", "value", "rate"]]
    pairs = asked[asked["day"].notna() & asked["role"].notna()].merge(offers, on="role")
    at_home, in_row = pairs["limit_money"] == currency, pairs["limit_money"] == pairs["money"]
    began = pairs["from"].isna() | (pairs["from"] <= pairs["day"])
    compared = pairs["value"].where(at_home, pairs["value"] / pairs["rate"])
    home_limit = pairs["limit"].where(at_home, pairs["limit"] * pairs["rate"])
    pairs = pairs.assign(in_row=in_row, compared=compared, home_limit=home_limit)
    valid = pairs[(at_home | in_row) & began]
    valid = valid.sort_values(["row", "in_row", "from", "limit"], na_position="first")
    return valid.drop_duplicates("row", keep="last").set_index("row")

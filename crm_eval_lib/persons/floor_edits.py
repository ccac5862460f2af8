"""Floors lowered just before an order that needed it, and restored soon after."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.controls.floors import days_of, rule_floors
from crm_eval_lib.controls.price_lines import half_units
from crm_eval_lib.controls.windows import column_of

LOWERED_DAYS = 3  # before the order, as the contract has it
RESTORED_DAYS = 30  # after the order; a floor that is back later was a season's or a campaign's
COLUMNS = ("created_by", "order_id", "line_no", "ordered_on", "customer", "product", "net_price",
           "floor_before", "floor", "lowered_on", "restored_on")  # fmt: skip
_ASKED = ("product", "quantity", "customer_class", "money")
_DAY = pd.Timedelta(days=1)


def floor_edits(
    lines: pd.DataFrame, price_rules: pd.DataFrame | None, *, dates: Any, currency: str
) -> pd.DataFrame:
    """Find order lines that a floor lowered for a short time let through.

    Parameters
    ----------
    lines : DataFrame
        Priced lines with ``created_by``, ``quantity``, ``customer_class`` and ``money``.
    price_rules : DataFrame or None
        Its validity says when a floor was lowered and restored; rules that begin after the
        status date are not seen.
    dates, currency : object, str

    Returns
    -------
    DataFrame
        One row per line whose floor by the rules was lowered on its day or at most 3 days before,
        whose net price is below the earlier floor, and whose floor was back there at most 30 days
        after the order. Largest cut first.
    """
    if price_rules is None or price_rules.empty or lines.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    rules = {"price_rules": price_rules, "dates": dates, "currency": currency}
    edited = price_rules["product"].value_counts()
    rows = lines[lines["product"].isin(edited.index[edited > 1])]
    rows = rows.assign(ordered_on=days_of(rows["ordered_at"]))
    rows = _lowered(rows.reset_index(drop=True), rules)
    rows = rows.assign(restored_on=_restored(rows, rules)).dropna(subset="restored_on")
    cut = rows["floor_before"] - rows["floor"]
    order = cut.sort_values(ascending=False, kind="stable").index
    return rows.loc[order].reindex(columns=list(COLUMNS)).reset_index(drop=True)


def _lowered(rows: pd.DataFrame, rules: dict[str, Any]) -> pd.DataFrame:
    """Keep lines that profit from a cut of the last days: the highest floor of these days."""
    now = _floor_on(rows, rows["ordered_on"], rules)
    before, lowered = now.copy(), pd.Series(pd.NaT, index=rows.index, dtype="datetime64[ns]")
    for days in range(1, LOWERED_DAYS + 2):  # the day before the first one that counts
        day = rows["ordered_on"] - days * _DAY
        then = _floor_on(rows, day, rules)
        higher = then > before
        before, lowered = before.mask(higher, then), lowered.mask(higher, day + _DAY)
    spare = half_units(rows["money"].astype("category"))
    profits = lowered.notna() & (before - rows["net_price"] > spare)
    return rows.assign(floor=now, floor_before=before, lowered_on=lowered)[profits]


def _restored(rows: pd.DataFrame, rules: dict[str, Any]) -> pd.Series:
    """Return the first day after the order on which the floor is back; NaT where it is not."""
    ahead = np.arange(1, RESTORED_DAYS + 1)
    many = rows.loc[rows.index.repeat(len(ahead))]
    place = many.index
    day = many["ordered_on"] + pd.to_timedelta(np.tile(ahead, len(rows)), unit="D").to_numpy()
    many, day = many.reset_index(drop=True), day.reset_index(drop=True)
    back = _floor_on(many, day, rules) >= many["floor_before"]
    seen = back & (day <= rules["dates"].status_date)
    first = day.where(seen).groupby(np.asarray(place)).min()
    return pd.to_datetime(first.reindex(rows.index))


def _floor_on(rows: pd.DataFrame, day: pd.Series, rules: dict[str, Any]) -> pd.Series:
    """Return what the rules would have asked of these lines on another day."""
    asked = pd.DataFrame({name: column_of(rows, name) for name in _ASKED}).assign(ordered_at=day)
    return rule_floors(asked, asked["money"].astype(object), **rules)

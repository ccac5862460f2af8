"""Tables of prices: by month, by product, customer and channel, and intervals by orders."""

import numpy as np
import pandas as pd

from crm_eval_lib.controls.floors import days_of
from crm_eval_lib.controls.price_approvals import NOT_APPROVED
from crm_eval_lib.controls.price_rows import approvals_known, flags
from crm_eval_lib.controls.windows import AFTER, BEFORE, column_of
from crm_eval_lib.stats.clustered import clustered_share
from crm_eval_lib.stats.intervals import wilson


def by_month(priced: pd.DataFrame) -> pd.DataFrame:
    """Return lines, and those below the floor, per month and side of go-live."""
    days = days_of(priced["ordered_at"])
    month = pd.Series(days.to_numpy().astype("datetime64[M]"), index=priced.index, name="month")
    counts = flags(priced, "below").groupby([month, priced["period"]], observed=True)
    table = counts.agg(lines="size", below_floor="sum").reset_index()
    rate = table["below_floor"] / table["lines"]
    return table.assign(month=table["month"].dt.strftime("%Y-%m"),
                        period=table["period"].astype(object), below_floor_rate=rate)  # fmt: skip


def leakage_by(current: pd.DataFrame, name: str) -> pd.DataFrame:
    """Add up what was given away per value of a column, largest first; empty shows as a dash."""
    key = column_of(current, name).astype("category")
    not_approved = current["approval"].isin(NOT_APPROVED).to_numpy()
    lost = current["leakage"].to_numpy(dtype="float64")
    parts = {"lines": np.ones(len(key)), "below_floor": flags(current, "below").to_numpy(),
             "not_approved": not_approved, "leakage": lost,
             "not_approved_leakage": np.where(not_approved, lost, 0.0)}  # fmt: skip
    place = key.cat.codes.to_numpy() + 1  # 0 = empty
    names = np.array(["–", *key.cat.categories.astype(str)], dtype=object)
    sums = {part: np.bincount(place, values, len(names)) for part, values in parts.items()}
    table = pd.DataFrame({name: names, **sums})[lambda rows: rows["lines"] > 0]
    counts = ["lines", "below_floor", "not_approved"]
    table = table.astype(dict.fromkeys(counts, "int64"))
    if not approvals_known(current):
        table = table.assign(not_approved=None, not_approved_leakage=None)
    return table.sort_values(["leakage", name], ascending=[False, True], ignore_index=True)


def interval_table(priced: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return the rate before and after with Wilson's interval and the one that counts orders.

    Empty where every order has one line, so that nothing hangs together.
    """
    rows = []
    for period in (BEFORE, AFTER):
        side = priced[priced["period"] == period]
        if side.empty:
            continue
        hit, order = flags(side, "below").to_numpy(), side["order_no"].to_numpy()
        found = clustered_share(np.bincount(order, hit), np.bincount(order), confidence=confidence)
        low, high = wilson(int(hit.sum()), len(side), confidence=confidence)
        rows.append({
            "period": period, "orders": found.clusters, "lines": len(side),
            "effective_lines": found.effective, "below_floor_rate": found.value,
            "low_rate": low, "high_rate": high, "order_low_rate": found.low,
            "order_high_rate": found.high,
        })  # fmt: skip
    table = pd.DataFrame(rows)
    grouped = len(table) and (table["orders"] < table["lines"]).any()
    return table if grouped else pd.DataFrame()

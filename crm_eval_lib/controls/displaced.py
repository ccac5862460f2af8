"""Did discounts move? A block on the price can be walked around with rebates and free goods."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.controls.price_rows import flags, priced_lines, tables_of
from crm_eval_lib.controls.windows import AFTER, BEFORE, live_from
from crm_eval_lib.results import CONFIDENCE, Caveat, Message, Step
from crm_eval_lib.stats.clustered import ClusteredShare, clustered_share
from crm_eval_lib.stats.intervals import newcombe_difference

BY_PRICE, BY_EXTRAS = "price_itself", "by_extras"
EXTRAS = {"rebate": "with_rebate", "free_value": "with_free_goods", "freight": "with_freight"}
NAME = "controls.displacement"


def displacement(lines: pd.DataFrame, *, dates: Any, confidence: float = CONFIDENCE) -> Step:
    """Say whether discounts moved out of the price into rebates, free goods and freight.

    Parameters
    ----------
    lines : DataFrame
        From `price_lines`.
    dates : object
        Has ``go_live``, ``status_date`` and ``blackout``.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.

    Returns
    -------
    Step
        No indicator. Table: one row per way of giving, with the share of lines with a floor before
        go-live and after the blackout, and the difference. ``price_itself``: the unit price is
        below the floor already; ``by_extras``: it is not, but the net price is; then the lines
        with a rebate, free goods, freight borne, and what these are of the value at unit prices.
        Intervals: Newcombe's for two shares, with the lines of an order counted as one where they
        agree [Korn & Graubard 1998]. No sentence where an extra is recorded on one side only: it
        may be new, or only newly recorded.

    Examples
    --------
    Before go-live the price went below the floor of 90; after it a rebate of 150 on ten pieces did:

    >>> from types import SimpleNamespace
    >>> from crm_eval_lib.controls import price_lines
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(go_live=day("2024-09-02"), blackout=None,
    ...                         status_date=day("2025-08-31"))
    >>> orders = pd.DataFrame({"order_id": list("ABCD"), "product": "P", "quantity": 10.0,
    ...     "ordered_at": [day("2024-01-15")] * 2 + [day("2025-01-15")] * 2,
    ...     "unit_price": [80.0, 100.0, 100.0, 100.0], "floor_price": 90.0,
    ...     "rebate": [0.0, 0.0, 150.0, 0.0]})
    >>> step = displacement(price_lines(orders, dates=dates, currency="CNY"), dates=dates)
    >>> step.table[["way", "before_rate", "after_rate"]].head(2).values.tolist()
    [['price_itself', 0.5, 0.0], ['by_extras', 0.0, 0.5]]
    """
    priced = priced_lines(lines)
    sides = {period: priced[priced["period"] == period] for period in (BEFORE, AFTER)}
    if live_from(dates) is None or any(side.empty for side in sides.values()):
        return Step(NAME, sources=tables_of(priced))
    known = {name: [bool(side[name].notna().any()) for side in sides.values()] for name in EXTRAS}
    given = [name for name, both in known.items() if any(both)]
    if not given:
        ids = ("controls.price.below_floor_rate",)
        return Step(NAME, sources=("orders",), caveats=(
            Caveat(Message("controls.caveat.no_extras"), ids, tables=("orders",)),
        ))  # fmt: skip
    ways = {BY_PRICE: "price", BY_EXTRAS: "extras", **{EXTRAS[name]: name for name in given}}
    table = pd.DataFrame([_row(way, kind, sides, confidence) for way, kind in ways.items()])
    begun = [name for name in given if not all(known[name])]
    verdict = "" if begun else _verdict(table.set_index("way"))
    said = {part: Message(f"controls.{part}.{verdict}", _slots(table)) if verdict else None
            for part in ("sentence", "headline")}  # fmt: skip
    return Step(
        NAME,
        table=table,
        **said,
        subtitle=Message("controls.subtitle.displacement"),
        caveats=_one_sided(begun),
        sources=tables_of(priced),
    )


def _one_sided(begun: list[str]) -> tuple[Caveat, ...]:
    """Say which extras are recorded on one side of go-live only: new, or only newly recorded."""
    if not begun:
        return ()
    names = [Message(f"controls.word.{name}") for name in begun]
    ids = ("controls.price.below_floor_rate_before", "controls.price.rate_ratio")
    message = Message("controls.caveat.one_sided", {"names": names})
    return (Caveat(message, ids, tables=("orders",)),)


def _row(
    way: str, kind: str, sides: dict[str, pd.DataFrame], confidence: float
) -> dict[str, object]:
    shares = {period: _share(rows, kind, confidence) for period, rows in sides.items()}
    before, after = shares[BEFORE], shares[AFTER]
    change, low, high = _difference(after, before, confidence)
    spent = {period: _spent(rows, kind) for period, rows in sides.items()}
    return {
        "way": way, "before_rate": before.value, "after_rate": after.value,
        "change_rate": change, "low_rate": low, "high_rate": high,
        "before_value_share": spent[BEFORE], "after_value_share": spent[AFTER],
    }  # fmt: skip


def _share(rows: pd.DataFrame, kind: str, confidence: float) -> ClusteredShare:
    """Return the share of lines given away in one way, orders as clusters."""
    if kind in EXTRAS:
        hit = rows[kind].to_numpy() > 0
    else:
        low = flags(rows, "low_price").to_numpy()
        hit = low if kind == "price" else flags(rows, "below").to_numpy() & ~low
    order = rows["order_no"].to_numpy()
    return clustered_share(np.bincount(order, weights=hit), np.bincount(order),
                           confidence=confidence)  # fmt: skip


def _difference(
    after: ClusteredShare, before: ClusteredShare, confidence: float
) -> tuple[float, float | None, float | None]:
    """Return after − before with Newcombe's interval on the effective numbers of lines."""
    if after.effective is None or before.effective is None:
        return after.value - before.value, None, None
    counts = [(side.value * side.effective, side.effective) for side in (after, before)]
    _, low, high = newcombe_difference(*counts[0], *counts[1], confidence=confidence)
    return after.value - before.value, low, high


def _spent(rows: pd.DataFrame, kind: str) -> float | None:
    """Return what one kind of extra is of the value at unit prices."""
    if kind not in EXTRAS:
        return None
    whole = sum(float(rows[name].sum()) for name in ("value", *EXTRAS))
    return float(rows[kind].sum()) / whole if whole > 0 else None


def _verdict(table: pd.DataFrame) -> str:
    """Choose the sentence: moved, more extras alone, no sign; none where one order is all."""
    extras, price = table.loc[BY_EXTRAS], table.loc[BY_PRICE]
    if pd.isna(extras["low_rate"]):
        return ""
    if extras["low_rate"] <= 0:
        return "not_displaced"
    return "displaced" if not pd.isna(price["high_rate"]) and price["high_rate"] < 0 else "extras"


def _slots(table: pd.DataFrame) -> dict[str, object]:
    rows = table.set_index("way")
    extras, price = rows.loc[BY_EXTRAS], rows.loc[BY_PRICE]
    return {"before": extras["before_rate"], "after": extras["after_rate"],
            "price_before": price["before_rate"], "price_after": price["after_rate"],
            "low": extras["low_rate"], "high": extras["high_rate"]}  # fmt: skip

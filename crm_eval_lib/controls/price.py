"""Prices below the floor: how often, and at what loss."""

from typing import Any

import pandas as pd

from crm_eval_lib.controls.price_approvals import NOT_APPROVED
from crm_eval_lib.controls.price_rows import (
    PRICE,
    approvals_known,
    flags,
    priced_lines,
    tables_of,
    tables_of_approvals,
    why_empty,
    without_floor,
)
from crm_eval_lib.controls.price_tables import by_month, interval_table, leakage_by
from crm_eval_lib.controls.shares import rate_ratio, share
from crm_eval_lib.controls.windows import (
    AFTER,
    BEFORE,
    NO_ROWS,
    keyed_by,
    recorded,
)
from crm_eval_lib.results import (
    CONFIDENCE,
    Caveat,
    Indicator,
    Message,
    Step,
    measured,
    missing_column,
    not_assessed,
)
from crm_eval_lib.scoring import threshold

EXAMPLES = 3  # products named in a caveat
GROUP = "product_group"
NOTABLE = 0.8  # of the lines: with fewer independent ones the interval is said to be narrow
_CUTS = ("product", "customer", "channel")


def below_floor(lines: pd.DataFrame, *, dates: Any, confidence: float = CONFIDENCE) -> Step:
    """Count order lines below their floor, before and after go-live.

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
        ``below_floor_rate`` (in force), ``…_before``, ``…_after``, ``by_channel``: lines below
        the floor over lines with a floor; ``rate_ratio`` after/before, exact conditional Poisson.
        Table: one row per month; table ``intervals``: before and after, beside Wilson's interval
        of the lines the one that counts orders, whose lines hang together.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from crm_eval_lib.controls import price_lines
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(go_live=day("2024-09-02"), blackout=None,
    ...                         status_date=day("2025-08-31"))
    >>> orders = pd.DataFrame({"order_id": list("ABCD"), "ordered_at": [day("2025-01-15")] * 4,
    ...     "product": "P", "quantity": 10.0, "unit_price": [80.0, 95.0, 95.0, 95.0],
    ...     "floor_price": 90.0})
    >>> step = below_floor(price_lines(orders, dates=dates, currency="CNY"), dates=dates)
    >>> step["controls.price.below_floor_rate"].value
    0.25
    """
    priced, tables = priced_lines(lines), tables_of(lines)
    current, missing = priced[flags(priced, "in_force")], why_empty(lines, priced, dates)
    rates = [
        share(f"{PRICE}.below_floor_rate{suffix}", rows["below"].sum(), len(rows),
              tables=tables, empty=reason, confidence=confidence)
        for suffix, rows, reason in (
            ("", current, missing or NO_ROWS),
            ("_before", priced[priced["period"] == BEFORE], without_floor(lines, priced)),
            ("_after", priced[priced["period"] == AFTER], missing or NO_ROWS),
        )
    ]  # fmt: skip
    _, before, after = rates
    ratio = _rate_ratio(priced, before, after, tables, confidence)
    channels = _by_channel(current, tables, missing, confidence)
    intervals = interval_table(priced, confidence)
    told = after.value is not None and before.value is not None
    slots = {"before": before.value, "after": after.value, "n": after.n,
             "day": str(getattr(dates, "go_live", None))}  # fmt: skip
    return Step(
        "controls.below_floor",
        (*rates, ratio, *channels),
        table=by_month(priced) if len(priced) else None,
        sentence=Message("controls.sentence.below_floor", slots) if told else None,
        headline=Message("controls.headline.below_floor", slots) if told else None,
        subtitle=Message("controls.subtitle.below_floor"),
        caveats=(*_left_out(lines, tables), *_free(priced, tables), *_together(intervals, tables)),
        tables={"intervals": intervals} if len(intervals) else {},
    )


def leakage(lines: pd.DataFrame, *, dates: Any, currency: str) -> Step:
    """Add up what was sold below the floor: Σ max(0, floor − net)·(quantity + free_quantity).

    Parameters
    ----------
    lines : DataFrame
        From `price_lines`.
    currency : str
        The client's; rows in another are converted at their own rate.
    dates : object
        Has ``go_live``, ``status_date`` and ``blackout``.

    Returns
    -------
    Step
        ``leakage`` and ``leakage[not_approved]``, since the later of go-live and blackout end.
        Table: one row per product group, largest first; tables ``by_product``, ``by_customer``,
        ``by_channel`` likewise.

    Examples
    --------
    Ten pieces at 80 with a floor of 90: 10 · 10 = 100.

    >>> from types import SimpleNamespace
    >>> from crm_eval_lib.controls import price_lines
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(go_live=day("2024-09-02"), blackout=None,
    ...                         status_date=day("2025-08-31"))
    >>> orders = pd.DataFrame({"order_id": ["A", "B"], "ordered_at": [day("2025-01-15")] * 2,
    ...     "product": "P", "quantity": 10.0, "unit_price": [80.0, 95.0], "floor_price": 90.0})
    >>> lines = price_lines(orders, dates=dates, currency="CNY")
    >>> leakage(lines, dates=dates, currency="CNY")["controls.price.leakage"].value
    100.0
    """
    priced, tables = priced_lines(lines), tables_of(lines)
    current, missing = priced[flags(priced, "in_force")], why_empty(lines, priced, dates)
    total_id, part_id = f"{PRICE}.leakage", f"{PRICE}.leakage[not_approved]"
    if missing or current.empty:
        reasons = [not_assessed(name, "money", missing or NO_ROWS, tables=tables,
                                currency=currency) for name in (total_id, part_id)]  # fmt: skip
        return Step("controls.leakage", tuple(reasons))
    more = {"n": len(current), "tables": tables, "currency": currency}
    total = measured(total_id, float(current["leakage"].sum()), "money", **more)
    below = current[flags(current, "below")]
    lost = float(below.loc[below["approval"].isin(NOT_APPROVED), "leakage"].sum())
    if approvals_known(current):
        more = more | {"tables": tables_of_approvals(below, tables)}
        part = measured(part_id, lost, "money", **more)
    else:
        reason = missing_column("orders", "approved_at")
        high = float(below["leakage"].sum())
        part = not_assessed(part_id, "money", reason, low=0.0, high=high, **more)
    slots = {"amount": total.value, "part": part.value, "currency": currency,
             "n": len(below), "m": len(current)}  # fmt: skip
    key = "leakage" if part.value is not None else "leakage_total"
    return Step(
        "controls.leakage",
        (total, part),
        table=leakage_by(current, GROUP if recorded(current, GROUP) else "product"),
        tables={
            f"by_{name}": leakage_by(current, name) for name in _CUTS if recorded(current, name)
        },
        sentence=Message(f"controls.sentence.{key}", slots),
        headline=Message(f"controls.headline.{key}", slots),
        subtitle=Message("controls.subtitle.leakage", {"currency": currency}),
    )


def _left_out(lines: pd.DataFrame, tables: tuple[str, ...]) -> tuple[Caveat, ...]:
    """Say how many lines have no floor while others have one, and of which products."""
    bare = lines[lines["floor"].isna()]
    if bare.empty or len(bare) == len(lines):
        return ()
    products = bare["product"].astype(str).value_counts().index[:EXAMPLES].tolist()
    slots = {"n": len(bare), "m": len(lines), "products": products}
    ids = tuple(f"{PRICE}.{name}" for name in ("below_floor_rate", "leakage", "unapproved_rate"))
    bias = len(bare) / len(lines) > threshold("missing_share")
    return (Caveat(Message("controls.caveat.no_floor", slots), ids, bias=bias, tables=tables),)


def _free(priced: pd.DataFrame, tables: tuple[str, ...]) -> tuple[Caveat, ...]:
    """Say how many lines brought no money at all: offers that were lost are no orders."""
    free = priced[flags(priced, "below") & (priced["net_price"] <= 0)]
    if free.empty:
        return ()
    examples = free["order_id"].astype(str).unique()[:EXAMPLES].tolist()
    slots = {"n": len(free), "m": len(priced), "examples": examples}
    ids = tuple(f"{PRICE}.{name}" for name in ("below_floor_rate", "leakage"))
    return (Caveat(Message("controls.caveat.free", slots), ids, tables=tables),)


def _rate_ratio(
    priced: pd.DataFrame,
    before: Indicator,
    after: Indicator,
    tables: tuple[str, ...],
    confidence: float,
) -> Indicator:
    id = f"{PRICE}.rate_ratio"
    if before.value is None or after.value is None:
        reason = before.reason or after.reason
        return not_assessed(id, "index", reason, tables=tables)
    found = {p: flags(priced[priced["period"] == p], "below") for p in (BEFORE, AFTER)}
    pairs = {p: (int(flags.sum()), len(flags)) for p, flags in found.items()}
    return rate_ratio(id, pairs[AFTER], pairs[BEFORE], tables=tables, confidence=confidence)


def _by_channel(
    current: pd.DataFrame, tables: tuple[str, ...], missing: Message | None, confidence: float
) -> list[Indicator]:
    id = f"{PRICE}.by_channel"
    if missing or current.empty or not recorded(current, "channel"):
        reason = missing or (NO_ROWS if current.empty else missing_column("orders", "channel"))
        return [not_assessed(id, "ratio", reason, tables=tables)]
    return [
        share(keyed_by(id, channel), rows["below"].sum(), len(rows), tables=tables,
              confidence=confidence)
        for channel, rows in current.groupby("channel")
    ]  # fmt: skip


def _together(intervals: pd.DataFrame, tables: tuple[str, ...]) -> tuple[Caveat, ...]:
    """Say by how much the interval is too narrow because lines of one order hang together."""
    after = intervals[intervals["period"] == AFTER] if len(intervals) else intervals
    if after.empty or not after["effective_lines"].iloc[0] < NOTABLE * after["lines"].iloc[0]:
        return ()
    slots = after.iloc[0].drop("period").to_dict()
    ids = tuple(f"{PRICE}.{name}" for name in ("below_floor_rate", "rate_ratio"))
    return (Caveat(Message("controls.caveat.clustered", slots), ids, tables=tables),)

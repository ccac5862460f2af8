"""Drawn orders in place of an order book: how often below the floor, how often not approved."""

from dataclasses import replace
from typing import Any

import pandas as pd
from babel.numbers import get_currency_precision

from crm_eval_lib.controls.price_lines import HALF
from crm_eval_lib.controls.shares import share
from crm_eval_lib.results import CONFIDENCE, Caveat, Indicator, Message, Step

RATE, UNAPPROVED = "controls.price.below_floor_rate", "controls.price.unapproved_rate"
TABLES = ("order_samples",)
IN_TIME, CONVENIENCE, ORAL = "before_shipment", "convenience", "oral"
_DUST = 1e-12  # of the floor; what floats leave when prices are taken from each other
COLUMNS = ("sample_id", "order_id", "unit_price", "floor_price", "floor_source", "approval",
           "selection")  # fmt: skip


def or_samples(
    step: Step, samples: pd.DataFrame | None, *, currency: str, confidence: float = CONFIDENCE
) -> Step:
    """Fill in from drawn orders what a step about prices could not take from the order book.

    Parameters
    ----------
    step : Step
        From `below_floor` or `approvals`. Where it rests on orders it is returned as it is.
    samples : DataFrame or None
        The table ``order_samples``.
    currency : str
        A price counts as below its floor by more than half of the smallest coin.
    confidence : float

    Returns
    -------
    Step
        ``below_floor_rate`` = drawn orders below their floor over drawn orders with one;
        ``unapproved_rate`` = those of them approved after shipment or never. Who approved whom
        and within which limit a sample does not show. Table: counts by approval.

    Examples
    --------
    >>> from crm_eval_lib.results import missing_table, not_assessed
    >>> none = not_assessed(RATE, "ratio", missing_table("orders"), tables=("orders",))
    >>> drawn = pd.DataFrame({"unit_price": [9.0, 10.0], "floor_price": 10.0})
    >>> or_samples(Step("controls.below_floor", (none,)), drawn, currency="CNY")[RATE].value
    0.5
    """
    if samples is None or samples.empty or not _without_orders(step):
        return step
    rows = _judged(samples, currency)
    if rows.empty:
        return step
    found = {RATE: _share(RATE, rows, rows["below"], confidence),
             UNAPPROVED: _share(UNAPPROVED, rows, rows["unapproved"], confidence)}  # fmt: skip
    indicators = tuple(found.get(item.id, item) for item in step.indicators)
    if indicators == step.indicators:
        return step
    slots = {"n": len(rows), "k": int(rows["below"].sum()), "m": int(rows["unapproved"].sum()),
             "rate": float(rows["below"].mean())}  # fmt: skip
    name = "sampled_floor" if any(item.id == RATE for item in indicators) else "sampled_approval"
    return replace(
        step,
        indicators=indicators,
        sentence=Message(f"controls.sentence.{name}", slots),
        headline=Message(f"controls.headline.{name}", slots),
        subtitle=Message("controls.subtitle.order_samples"),
        caveats=(*step.caveats, *_caveats(rows)) if name == "sampled_floor" else step.caveats,
        tables={**step.tables, "samples": _by_approval(rows)},
        sources=TABLES,
    )


def _without_orders(step: Step) -> bool:
    """Say whether the step lacks the order book, and not only a column of it."""
    reasons = [item.reason for item in step.indicators if item.reason is not None]
    valued = any(item.value is not None for item in step.indicators)
    tables = {name for reason in reasons for name in reason.slots.get("tables", ())}
    return not valued and "orders" in tables


def _judged(samples: pd.DataFrame, currency: str) -> pd.DataFrame:
    rows = samples.reindex(columns=list(COLUMNS))
    rows = rows[rows["unit_price"].notna() & rows["floor_price"].notna()]
    spare = HALF * 10.0 ** -get_currency_precision(currency)
    below = rows["floor_price"] - rows["unit_price"] > spare + _DUST * rows["floor_price"].abs()
    in_time = rows["approval"].astype(object) == IN_TIME
    return rows.assign(below=below, unapproved=below & ~in_time)


def _share(id: str, rows: pd.DataFrame, flags: pd.Series, confidence: float) -> Indicator:
    return share(id, flags.sum(), len(rows), tables=TABLES, confidence=confidence)


def _by_approval(rows: pd.DataFrame) -> pd.DataFrame:
    kinds = (
        rows["approval"]
        .astype(object)
        .map({IN_TIME: "in_time", "after": "late_approved", "none": "no_approval"})
    )
    table = rows.assign(approval=kinds.fillna("not_recorded")).groupby("approval").agg(
        lines=("below", "size"), below_floor=("below", "sum")
    )  # fmt: skip
    return table.reset_index().sort_values("approval", ignore_index=True)


def _caveats(rows: pd.DataFrame) -> tuple[Caveat, ...]:
    """Say what drawn orders cannot show."""
    slots: dict[str, Any] = {
        "n": len(rows),
        "convenient": int((rows["selection"].astype(object) == CONVENIENCE).sum()),
        "oral": int((rows["floor_source"].astype(object) == ORAL).sum()),
    }
    return (Caveat(Message("controls.caveat.order_samples", slots), (RATE, UNAPPROVED),
                   tables=TABLES),)  # fmt: skip

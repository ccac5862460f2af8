"""Benefits out of what the factors published: hours saved, losses and leakage avoided."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crm_eval_lib.controls.windows import settled_from
from crm_eval_lib.results import Indicator, Message
from crm_eval_lib.scorecard.matrix import titles
from crm_eval_lib.value.flows import NORMAL
from crm_eval_lib.value.rows import (
    COUNTED,
    HOURS,
    LEAKAGE,
    LOSS,
    NOT_ASSESSED,
    POTENTIAL,
    benefit,
)

MONEY_SAVED, RESIDUAL = "efficiency.money_saved", "controls.residual_loss"
PRICE_LEAKAGE, RATE_RATIO = "controls.price.leakage", "controls.price.rate_ratio"
PRICE_CHECK = "price_floor"  # log_check of control points that guard prices
STRONG_RUNGS = ("R2", "R3")  # designs that remove trend and season
DAYS_A_YEAR = 365.25
Indicators = Mapping[str, Indicator]


def hours_saved(
    indicators: Indicators, processes: pd.DataFrame | None = None
) -> list[dict[str, Any]]:
    """Return a row per process whose hours were turned into money; realisation is in them."""
    named, rows = titles(processes), []
    for item in indicators.values():
        if item.base_id != MONEY_SAVED:
            continue
        parts = item.parts or {}
        name = str(named.get(item.key, item.key or ""))
        cells = {"name": name, "tables": item.tables, "realisation": parts.get("realisation")}
        if item.value is None:
            rows.append(benefit(HOURS, item.id, NOT_ASSESSED, reason=item.reason, **cells))
            continue
        weak = bool(parts.get("potential"))
        reason = _why_potential(item) if weak else None
        standing = POTENTIAL if weak else COUNTED
        cells |= {"reason": reason, **_amount(item.value, item.low, item.high, item.confidence)}
        rows.append(benefit(HOURS, item.id, standing, **cells))
    return rows


def _why_potential(item: Indicator) -> Message:
    """Say whether the design is too weak, or the change may be chance."""
    chance = (item.parts or {}).get("significant") is False and item.rung in STRONG_RUNGS
    name = "not_significant" if chance else "weak_design"
    return Message(f"value.reason.{name}", {"rung": str(item.rung)})


def loss_avoided(indicators: Indicators) -> list[dict[str, Any]]:
    """Return the yearly loss expected before less that after, where both were published.

    The two are independent, so the distances of their ends from the values add in squares.
    """
    before, after = (indicators.get(f"{RESIDUAL}[{when}]") for when in ("before", "after"))
    if before is None or after is None:
        return []
    tables = tuple(dict.fromkeys((*before.tables, *after.tables)))
    if before.value is None or after.value is None:
        reason = before.reason or after.reason
        return [benefit(LOSS, RESIDUAL, NOT_ASSESSED, reason=reason, tables=tables)]
    value = before.value - after.value
    low = high = None
    if None not in (before.low, before.high, after.low, after.high):
        low = value - math.hypot(before.value - before.low, after.high - after.value)
        high = value + math.hypot(before.high - before.value, after.value - after.low)
    cells = _amount(value, low, high, before.confidence)
    return [benefit(LOSS, RESIDUAL, COUNTED, tables=tables, **cells)]


def leakage_avoided(
    indicators: Indicators, dates: Any, *, inside: bool = False
) -> list[dict[str, Any]]:
    """Return what sales below the floor would have cost more a year at the rate of before.

    leakage since × (1 / rate ratio − 1) / years since: as much lost per line below the floor as
    now, but as many lines as before. Only the after-value of leakage is published, so without a
    ratio, or with nothing lost since, there is no honest number.
    """
    leakage, ratio = indicators.get(PRICE_LEAKAGE), indicators.get(RATE_RATIO)
    if leakage is None or ratio is None:
        return []
    tables = tuple(dict.fromkeys((*leakage.tables, *ratio.tables)))
    reason = _no_leakage(leakage, ratio)
    if reason is not None:
        return [benefit(LEAKAGE, PRICE_LEAKAGE, NOT_ASSESSED, reason=reason, tables=tables)]
    yearly = leakage.value * DAYS_A_YEAR / window_days(dates)
    ends = (None if end is None or end <= 0 else yearly * (1 / end - 1)
            for end in (ratio.value, ratio.high, ratio.low))  # fmt: skip
    value, low, high = ends
    cells = _amount(value, low, high, ratio.confidence)
    if inside:
        cells |= {"reason": Message("value.reason.inside_loss")}
    standing = POTENTIAL if inside else COUNTED
    return [benefit(LEAKAGE, PRICE_LEAKAGE, standing, tables=tables, **cells)]


def window_days(dates: Any) -> int:
    """Return the days from the later of go-live and blackout end to the status date, both in."""
    return (dates.status_date - settled_from(dates)).days + 1


def prices_in(losses: Sequence[Mapping[str, Any]], controls: pd.DataFrame | None) -> bool:
    """Say whether losses below the price floor are already in the loss avoided."""
    counted = any(row["standing"] == COUNTED for row in losses)
    if not counted or controls is None or "log_check" not in controls:
        return False
    stated = controls.reindex(columns=["loss_low", "loss_high"]).notna().any(axis=1)
    return bool(((controls["log_check"] == PRICE_CHECK) & stated).any())


def _no_leakage(leakage: Indicator, ratio: Indicator) -> Message | None:
    if leakage.value is None or ratio.value is None:
        return leakage.reason or ratio.reason
    if ratio.value <= 0:
        return Message("value.reason.nothing_below_floor")
    return None


def _amount(
    value: float, low: float | None, high: float | None, confidence: float | None
) -> dict[str, Any]:
    known = None not in (low, high, confidence)
    spread = {"spread": NORMAL, "confidence": confidence} if known else {}
    return {"amount_year": float(value), "low": low, "high": high, **spread}

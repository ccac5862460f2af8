"""Figures out of drawn forms: levels of each wave, and the change between the two sides."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, BEFORE, Cases
from crm_eval_lib.efficiency.designs import LEAST_CASES
from crm_eval_lib.efficiency.forms import Forms
from crm_eval_lib.efficiency.sides import LEAST_TAIL, SAMPLES, Side
from crm_eval_lib.efficiency.stand_in import RUNG, SOURCE, limit_of
from crm_eval_lib.results import Indicator, Message, keyed, measured, missing_column, not_assessed
from crm_eval_lib.stats.interval_censored import COARSE_REACH
from crm_eval_lib.stats.intervals import wilson
from crm_eval_lib.stats.redraws import of_cases

QUANTILES = {"median_hours": 0.5, "p90_hours": 0.9}
CHANGES = {"efficiency.change": 0.5, "efficiency.p90_change": 0.9}
MDE = "efficiency.mde"


def levels(
    cases: Cases, process: str, forms: Forms, side: Side, *, confidence: float
) -> list[Indicator]:
    """Return hours, returned forms and kept limits of one wave of drawn forms."""
    found = [
        _level(process, side, name, share, confidence) for name, share in QUANTILES.items()
    ]  # fmt: skip
    return [*found, _returned(process, forms, side, confidence),
            _within_limit(cases, process, side, confidence)]  # fmt: skip


def changes(
    process: str, sides: Mapping[str, Side], parts: Mapping[str, Any], *, confidence: float
) -> list[Indicator]:
    """Return the smallest detectable change, the change, and that of the slowest tenth."""
    found = {
        id: _change(keyed(id, process), sides, share, parts, confidence)
        for id, share in CHANGES.items()
    }  # fmt: skip
    main, tail = found.values()
    tables = _tables(sides)
    value = (main.parts or {}).get("detectable")
    id = keyed(MDE, process)
    if value is None:
        reason = main.reason or Message("efficiency.reason.not_reached")
        least = not_assessed(id, "ratio", reason, tables=tables, rung=RUNG)
    else:
        least = measured(id, value, "ratio", tables=tables, rung=RUNG, n=main.n)
    return [least, main, tail]


def _level(
    process: str, side: Side, name: str, share: float, confidence: float
) -> Indicator:  # fmt: skip
    id = keyed(f"efficiency.{name}_{side.wave}", process)
    reason = _too_little(side, share)
    if reason is not None:
        return not_assessed(id, "hours", reason, tables=(SAMPLES,), n=side.drawn or None)
    drawn = side.quantile(share)
    value = float(drawn[0])
    fast, slow = side.with_lost(share)
    parts = {SOURCE: SAMPLES, "not_found": side.lost, "population": side.population,
             "if_lost_fastest": fast, "if_lost_slowest": None if np.isinf(slow) else slow,
             "missing_share": side.lost / side.drawn, **_mean(side)}  # fmt: skip
    reach = 1.0 if side.curve.exact else COARSE_REACH
    redraws = of_cases(value, drawn[1:], side.size, share_drawn=side.share_drawn, reach=reach)
    ends = redraws.bounds(confidence)
    if np.isnan(value) or np.isinf(slow):
        reason = Message("efficiency.reason.forms_lost", {"n": side.lost, "drawn": side.drawn})
        reason = Message("efficiency.reason.not_reached") if np.isnan(value) else reason
        return not_assessed(id, "hours", reason, low=fast if np.isfinite(fast) else None,
                            tables=(SAMPLES,), n=side.size, parts=parts)  # fmt: skip
    bounds = {} if ends is None else {
        "low": min(ends[0], fast), "high": max(ends[1], slow), "confidence": confidence,
    }  # fmt: skip
    return measured(id, value, "hours", n=side.size, tables=(SAMPLES,), parts=parts, **bounds)


def _mean(side: Side) -> dict[str, float]:
    """Mean hours, and the error of its log: what a year's hours are told from."""
    means = side.curve.mean()
    finite = means[1:][means[1:] > 0]
    return {"mean_hours": float(means[0]), "log_error": float(np.log(finite).std(ddof=1))}


def _change(
    id: str, sides: Mapping[str, Side], share: float, parts: Mapping[str, Any], confidence: float
) -> Indicator:
    before, after = sides[BEFORE], sides[AFTER]
    size = before.size + after.size
    common = {"tables": _tables(sides), "rung": RUNG, "n": size or None}
    for side in (before, after):
        reason = _too_little(side, share)
        if reason is not None:
            return not_assessed(id, "ratio", reason, **common)
    drawn = [side.quantile(share) for side in (before, after)]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = drawn[1] / drawn[0]
    value = float(ratios[0])
    if not np.isfinite(value) or value <= 0:
        return not_assessed(id, "ratio", Message("efficiency.reason.not_reached"), **common)
    redraws = of_cases(value, ratios[1:], min(before.units, after.units))
    ends = redraws.bounds(confidence)
    low, high = _with_lost(before, after, share)
    parts = {**parts, "not_found": before.lost + after.lost, "if_lost_best": low - 1,
             "if_lost_worst": None if np.isinf(high) else high - 1,
             SOURCE: " + ".join(dict.fromkeys([before.source, after.source]))}  # fmt: skip
    if ends is None:
        return measured(id, value - 1, "ratio", parts=parts, **common)
    parts |= {"detectable": redraws.detectable(confidence), "log_spread": before.log_spread}
    if _flips(low, high, ends):
        slots = {"n": before.lost + after.lost, "drawn": before.drawn + after.drawn}
        return not_assessed(
            id, "ratio", Message("efficiency.reason.forms_flip", slots), low=low - 1,
            high=None if np.isinf(high) else high - 1, parts=parts, **common,
        )  # fmt: skip
    bounds = {"low": min(ends[0], low) - 1, "high": max(ends[1], high) - 1}
    return measured(id, value - 1, "ratio", p=redraws.p(confidence), parts=parts,
                    confidence=confidence, **bounds, **common)  # fmt: skip


def _with_lost(before: Side, after: Side, share: float) -> tuple[float, float]:
    """Ratio if lost forms were slowest before and fastest after, and the other way round."""
    (fast_before, slow_before), (fast_after, slow_after) = (
        side.with_lost(share) for side in (before, after)
    )
    low = 0.0 if np.isinf(slow_before) else fast_after / slow_before
    high = np.inf if fast_before <= 0 or np.isinf(slow_after) else slow_after / fast_before
    return low, high


def _flips(low: float, high: float, ends: tuple[float, float]) -> bool:
    """Say whether lost forms could turn the answer by more than chance could."""
    return low <= 1 <= high and (low < ends[0] or high > ends[1])


def _too_little(side: Side, share: float) -> Message | None:
    if not side.enough:
        name = f"few_{side.wave}" if side.source != SAMPLES else f"few_forms_{side.wave}"
        slots = {"n": side.size, "least": LEAST_CASES}
        return Message(f"efficiency.reason.{name}", slots)
    if side.too_coarse and share == QUANTILES["median_hours"]:
        return Message("efficiency.reason.coarse_stamps", {"share": side.same_stamp})
    if share != QUANTILES["median_hours"] and side.size < LEAST_TAIL and side.source == SAMPLES:
        slots = {"n": side.size, "least": LEAST_TAIL}
        return Message("efficiency.reason.few_for_tail", slots)
    return None


def _returned(process: str, forms: Forms, side: Side, confidence: float) -> Indicator:
    id = keyed(f"efficiency.rework_rate_{side.wave}", process)
    counts = pd.to_numeric(forms.found["returned_count"], errors="coerce").dropna()
    if counts.empty:
        reason = missing_column(SAMPLES, "returned_count")
        return not_assessed(id, "ratio", reason, tables=(SAMPLES,))
    hits, size = int((counts > 0).sum()), len(counts)
    lost = side.drawn - size
    low, high = wilson(hits, size, confidence=confidence)
    bounds = {"low": min(low, hits / side.drawn), "high": max(high, (hits + lost) / side.drawn)}
    parts = {SOURCE: SAMPLES, "missing_share": lost / side.drawn}
    return measured(id, hits / size, "ratio", confidence=confidence, n=size, tables=(SAMPLES,),
                    parts=parts, **bounds)  # fmt: skip


def _within_limit(cases: Cases, process: str, side: Side, confidence: float) -> Indicator:
    id = keyed(f"efficiency.sla_met_{side.wave}", process)
    limit, stated = limit_of(cases, process)
    tables = (SAMPLES, stated)
    if limit is None:
        reason = missing_column("processes", "sla_hours")
        return not_assessed(id, "ratio", reason, tables=tables)
    if not side.enough or side.curve is None:
        slots = {"n": side.size, "least": LEAST_CASES}
        reason = Message(f"efficiency.reason.few_forms_{side.wave}", slots)
        return not_assessed(id, "ratio", reason, tables=tables)
    shares = side.curve.done_by(limit)
    met = float(np.clip(shares[0], 0, 1))
    reach = 1.0 if side.curve.exact else COARSE_REACH
    error = reach * float(shares[1:].std(ddof=1))  # coarse stamps tell less than exact ones
    trials = min(met * (1 - met) / error**2, side.size) if error > 1e-9 else float(side.size)
    low, high = wilson(met * trials, trials, confidence=confidence)
    kept = met * side.size
    bounds = {
        "low": min(low, kept / side.drawn),
        "high": max(high, (kept + side.lost) / side.drawn),
    }
    parts = {SOURCE: SAMPLES, "limit_hours": limit, "limit_from": stated,
             "missing_share": side.lost / side.drawn}  # fmt: skip
    return measured(id, met, "ratio", confidence=confidence, n=side.size, tables=tables,
                    parts=parts, **bounds)  # fmt: skip


def _tables(sides: Mapping[str, Side]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(side.source for side in sides.values()))

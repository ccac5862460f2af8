"""The ladder: before/after (R0), one mix (R1), interrupted series (R2), each with its placebo."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, BEFORE, BETWEEN, Cases
from crm_eval_lib.efficiency.medians import Ratio, quantile_ratio, ratios, sides_of
from crm_eval_lib.efficiency.mix import Support, freed_of_mix, split, split_table, support_of
from crm_eval_lib.efficiency.periods import (
    MONTHS_AFTER,
    MONTHS_BEFORE,
    WEEK,
    enough,
    frequency_of,
    harmonics_for,
    period_of,
    period_series,
    week_of,
)
from crm_eval_lib.results import CONFIDENCE, Message
from crm_eval_lib.scoring import threshold
from crm_eval_lib.stats.interrupted import InterruptedSeries, interrupted_series

R0, R1, R2 = "R0", "R1", "R2"
LEAST_CASES = 5  # on each side, for any comparison
LEAST_PLACEBOS = 5  # fewer dates cannot tell one in ten
PLACEBO_WEEKS = 13  # a quarter on each side of a placebo date


@dataclass(frozen=True)
class Measure:
    """What is compared: a column of the cases and a quantile of it."""

    column: str = "hours"
    share: float = 0.5


@dataclass(frozen=True)
class Estimate:
    """One change on one rung.

    ``why_not_higher`` names what the next rungs lack; ``reason`` says why there is no value at
    all. ``placebo_share`` is the share of placebo dates with an effect as large.
    """

    rung: str | None = None
    ratio: Ratio = field(default_factory=lambda: Ratio(None))
    n: int = 0
    why_not_higher: tuple[Message, ...] = ()
    reason: Message | None = None
    placebo_share: float | None = None
    placebos: tuple[float, ...] = ()
    parts: Mapping[str, Any] = field(default_factory=dict)
    series: pd.DataFrame | None = field(default=None, repr=False)
    kinds: pd.DataFrame | None = field(default=None, repr=False)

    @property
    def cannot_tell(self) -> bool:
        """True where dates without any event show changes as large."""
        return self.placebo_share is not None and self.placebo_share > threshold("placebo_share")


@dataclass(frozen=True)
class Options:
    """Knobs of the designs."""

    confidence: float = CONFIDENCE
    seed: int = 0
    mix_wanted: bool = False


def data_of(cases: Cases, process: str, measure: Measure) -> pd.DataFrame:
    """Return the cases of a process as the designs need them; work time of finished cases only."""
    mine = cases.frame[cases.frame["process"].eq(process)]
    if measure.column == "touch":
        mine = mine[mine["observed"] & mine["touch"].notna()]
    columns = ["begun", "sample", "observed", "stratum"]
    idle = mine["touch_idle" if measure.column == "touch" else "idle"]
    data = mine[columns].assign(
        idle=idle.astype(bool),
        hours=mine[measure.column].astype(float),
        after=mine["sample"].eq(AFTER),
        week=week_of(mine["begun"]) if len(mine) else pd.Series(dtype=int),
    )
    return data.reset_index(drop=True)


def estimate(
    cases: Cases, process: str, measure: Measure, *, rung: str | None = None,
    options: Options | None = None,
) -> Estimate:  # fmt: skip
    """Estimate a change on the highest rung that holds, or on the rung given.

    Parameters
    ----------
    measure : Measure
    rung : str, optional
        Rung of `change`; work time and the tail use the same.
    options : Options
    """
    options = options or Options()
    data = data_of(cases, process, measure)
    sides = data[data["sample"].ne(BETWEEN)]
    counts = sides["after"].value_counts().reindex([False, True], fill_value=0)
    if counts.min() < LEAST_CASES:
        return Estimate(reason=_too_few(counts, measure))
    support = support_of(sides, cases.mix, wanted=options.mix_wanted)
    frequency = frequency_of(data_of(cases, process, Measure()))
    series = _series(data, frequency, cases, measure, support)
    used = series[series["used"]]
    before, after = int((~used["after"]).sum()), int(used["after"].sum())
    holds = enough(before, after, frequency)
    why_r2 = _too_short(before, after, frequency)
    if rung == R2 and not holds:
        return Estimate(reason=why_r2, rung=rung)
    if rung == R1 and not support.strata:
        return Estimate(reason=support.reason, rung=rung)
    if holds and rung in (None, R2):
        found = _interrupted(series, frequency, options)
        lacking = () if support.reason is None else (support.reason,)
        parts = {"mix_adjusted": support.reason is None}
        why = (_no_comparison(cases), *lacking)
    else:
        found = _compared(sides, measure, support if rung in (None, R1) else Support(), options)
        parts = {}
        why = (why_r2,) if found.rung == R1 else tuple(filter(None, (why_r2, support.reason)))
    return replace(
        found,
        n=len(sides),
        why_not_higher=why,
        parts={**found.parts, **parts, **_kitagawa(sides, support)},
        series=series if found.series is None else found.series,
        kinds=split_table(support.within(sides)) if support.strata else None,
    )


def naive(cases: Cases, process: str, *, options: Options) -> tuple[Ratio, int]:
    """Return the crude ratio of medians, and the number of cases it rests on."""
    data = data_of(cases, process, Measure())
    sides = data[data["sample"].ne(BETWEEN)].assign(stratum="")
    return quantile_ratio(sides, confidence=options.confidence, seed=options.seed), len(sides)


def _series(
    data: pd.DataFrame, frequency: str, cases: Cases, measure: Measure, support: Support
) -> pd.DataFrame:
    paused = cases.window.paused
    if paused is not None:  # still before go-live, but no part of the series
        learning = data["sample"].eq(BEFORE) & data["begun"].ge(paused)
        data = data.assign(sample=data["sample"].mask(learning, BETWEEN))
    if support.reason is None:
        data = support.within(data)
        data = data.assign(hours=freed_of_mix(data, period_of(data["begun"], frequency)))
    return period_series(data, frequency, cases.calendar, share=measure.share)


def _compared(
    sides: pd.DataFrame, measure: Measure, support: Support, options: Options
) -> Estimate:
    rung = R1 if support.strata else R0
    data = support.within(sides) if support.strata else sides.assign(stratum="")
    ratio = quantile_ratio(
        data, share=measure.share, confidence=options.confidence, seed=options.seed
    )
    if ratio.value is None:
        return Estimate(rung=rung, reason=Message("efficiency.reason.not_reached"))
    effects = _placebo_ratios(data[~data["after"]], measure.share)
    share = _share_as_large(effects, np.log1p(ratio.value))
    parts = {"placebo_dates": len(effects)}
    return Estimate(rung, ratio, placebo_share=share, placebos=tuple(effects), parts=parts)


def _interrupted(series: pd.DataFrame, frequency: str, options: Options) -> Estimate:
    used = series[series["used"]].sort_values("time")
    waves = harmonics_for(used, frequency)
    fit = interrupted_series(used, harmonics=waves, confidence=options.confidence)
    effect = fit.effect
    ratio = Ratio(
        float(np.expm1(effect.value)),
        float(np.expm1(effect.low)),
        float(np.expm1(effect.high)),
        effect.p,
        float(-np.expm1(-effect.detectable)),
    )
    effects = _placebo_fits(used[~used["after"]], frequency)
    parts = {
        "frequency": frequency,
        "periods_before": int((~used["after"]).sum()),
        "periods_after": int(used["after"].sum()),
        "periods_without_value": int((series["sample"].ne(BETWEEN) & ~series["used"]).sum()),
        "level": fit.level,
        "slope": fit.slope,
        "phi": fit.phi,
        "harmonics": waves,
        "placebo_dates": len(effects),
    }
    share = _share_as_large(effects, effect.value)
    return Estimate(
        R2, ratio, placebo_share=share, placebos=tuple(effects), parts=parts,
        series=_with_fit(series, used, fit),
    )  # fmt: skip


def _with_fit(series: pd.DataFrame, used: pd.DataFrame, fit: InterruptedSeries) -> pd.DataFrame:
    lines = pd.DataFrame(
        {"fitted": np.exp(fit.fitted), "without_event": np.exp(fit.without_event)},
        index=used.index,
    )
    return series.join(lines)


def _placebo_fits(before: pd.DataFrame, frequency: str) -> list[float]:
    """Effects of pretended go-lives at every period that leaves enough on both sides."""
    waves = harmonics_for(before, frequency)
    effects = []
    for place in range(1, len(before)):
        if enough(place, len(before) - place, frequency):
            pretended = before.assign(after=np.arange(len(before)) >= place)
            effects.append(interrupted_series(pretended, harmonics=waves).effect.value)
    return effects


def _placebo_ratios(before: pd.DataFrame, share: float) -> list[float]:
    """Log ratios at every week boundary before go-live with a quarter on both sides."""
    first, last = before["week"].min(), before["week"].max()
    grid = np.unique(before["hours"].quantile(np.linspace(0, 1, 500), interpolation="higher"))
    effects = []
    for week in range(first + PLACEBO_WEEKS, last - PLACEBO_WEEKS + 2):
        pretended = before.assign(after=before["week"] >= week, week=0)
        if pretended["after"].nunique() < 2:
            continue
        sides = [side.summed() for side in sides_of(pretended, grid)]
        ratio = ratios(*sides, grid=grid, share=share)[0]
        if np.isfinite(ratio) and ratio > 0:
            effects.append(float(np.log(ratio)))
    return effects


def _share_as_large(effects: list[float], effect: float) -> float | None:
    if len(effects) < LEAST_PLACEBOS:
        return None
    return float((np.abs(effects) >= abs(effect)).mean())


def _kitagawa(sides: pd.DataFrame, support: Support) -> dict[str, float]:
    if not support.strata:
        return {}
    found = split(support.within(sides))
    return {"kitagawa_mix": found.mix_effect, "kitagawa_speed": found.rate_effect}


def _no_comparison(cases: Cases) -> Message:
    name = "comparison_unused" if cases.has_comparison else "no_comparison"
    return Message(f"efficiency.reason.{name}")


def _too_short(before: int, after: int, frequency: str) -> Message:
    per_month = 52 / 12 if frequency == WEEK else 1
    slots = {"before": before, "after": after, "unit": frequency,
             "least_before": round(MONTHS_BEFORE * per_month),
             "least_after": round(MONTHS_AFTER * per_month)}  # fmt: skip
    return Message("efficiency.reason.short_series", slots)


def _too_few(counts: pd.Series, measure: Measure) -> Message:
    if measure.column == "touch":
        slots = {"n": int(counts.min()), "least": LEAST_CASES}
        return Message("efficiency.reason.few_touch", slots)
    side = BEFORE if counts[False] < LEAST_CASES else AFTER
    count = int(counts[side == AFTER])
    return Message(f"efficiency.reason.few_{side}", {"n": count, "least": LEAST_CASES})

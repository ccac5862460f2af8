"""The total: weighted mean of the scored factors, its bounds, caps, band and probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from crm_eval_lib.scorecard.factors import SCORED, FactorScore
from crm_eval_lib.scorecard.rules import LOWEST_BAND, Rules
from crm_eval_lib.scorecard.uncertainty import Simulation
from crm_eval_lib.scorecard.value import DIGITS
from crm_eval_lib.scorecard.vetoes import Veto, total_cap
from crm_eval_lib.scoring import numbers, threshold


@dataclass(frozen=True)
class Overall:
    """The verdict.

    Parameters
    ----------
    score : float or None
        None when a factor with weight is not scored, or fewer than three are.
    assessed_score : float or None
        Mean over the scored factors; None with fewer than three.
    bounds : tuple of float
        Worst and best the total can be, given what is missing.
    kind : str or None
        What low and high are: an interval, or bounds near an anchor.
    band : str or None
        Code of the band, or ``pass to good`` where no band holds 80 % of the probability.
    point_band : str or None
        Band in which the score itself lies.
    uncapped : float or None
        The (assessed) score before every cap.
    """

    score: float | None
    assessed_score: float | None
    bounds: tuple[float, float]
    low: float | None = None
    high: float | None = None
    kind: str | None = None
    band: str | None = None
    point_band: str | None = None
    bands: Mapping[str, float] = field(default_factory=dict)
    p_pass: float | None = None
    uncapped: float | None = None
    capped_by: str | None = None
    equal_weights_score: float | None = None
    scored_factors: int = 0


def overall(
    factors: Sequence[FactorScore], rules: Rules, vetoes: tuple[Veto, ...], simulation: Simulation
) -> Overall:
    """Put the factors together."""
    weighed = [f for f in factors if f.weight > 0]
    scored = [f for f in weighed if f.state == SCORED]
    bounds = _bounds(weighed, vetoes)
    if len(scored) < threshold("scored_factors"):
        return Overall(None, None, bounds, scored_factors=len(scored))
    cap, rule = total_cap(vetoes)
    before_cap = _mean([(f.weight, f.score) for f in scored])
    uncapped = _mean([(f.weight, f.uncapped) for f in scored])
    assessed = min(before_cap, cap)
    probabilities = _band_shares(rules.bands, simulation)
    point = band_of(assessed, rules.bands)
    found = simulation.total_interval(assessed)
    return Overall(
        score=assessed if len(scored) == len(weighed) else None,
        assessed_score=assessed,
        bounds=bounds,
        low=found.low,
        high=found.high,
        kind=found.kind,
        band=band_range(point, probabilities),
        point_band=point,
        bands=probabilities,
        p_pass=simulation.share_from(rules.bands["pass"]),
        uncapped=uncapped,
        capped_by=_capped_by(scored, before_cap, uncapped, cap, rule),
        equal_weights_score=min(_mean([(1.0, f.score) for f in scored]), cap),
        scored_factors=len(scored),
    )


def band_of(score: float, bands: Mapping[str, float]) -> str:
    """Return the band a score lies in; unrounded.

    >>> band_of(59.99, {"pass": 60, "good": 75, "excellent": 90})
    'not_met'
    """
    return next((n for n, least in reversed(bands.items()) if score >= least), LOWEST_BAND)


def band_range(point: str, probabilities: Mapping[str, float]) -> str:
    """Return the band alone, or the shortest run of bands around it with 80 % of the probability.

    >>> band_range("pass", {"not_met": 0.0, "pass": 0.6, "good": 0.4, "excellent": 0.0})
    'pass to good'
    """
    names = list(probabilities)
    at = names.index(point)
    runs = [
        (last - first, -sum(list(probabilities.values())[first : last + 1]), first, last)
        for first in range(at + 1)
        for last in range(at, len(names))
    ]
    enough = [run for run in runs if -run[1] >= threshold("band_alone") - 10**-DIGITS]
    _, _, first, last = min(enough)
    return names[first] if first == last else f"{names[first]} to {names[last]}"


def likelihood(probability: float) -> str:
    """Return the code of the word for a probability.

    >>> likelihood(0.93)
    'very_likely'
    """
    words = numbers()["likelihood"]
    return next(name for name, least in words.items() if probability >= least)


def _mean(pairs: Sequence[tuple[float, float]]) -> float:
    total = sum(weight for weight, _ in pairs)
    return round(sum(weight * score for weight, score in pairs) / total, DIGITS)


def _bounds(weighed: Sequence[FactorScore], vetoes: tuple[Veto, ...]) -> tuple[float, float]:
    worst = _mean([(f.weight, f.bounds[0]) for f in weighed])
    best = _mean([(f.weight, f.bounds[1]) for f in weighed])
    return min(worst, total_cap(vetoes, with_unknown=True)[0]), min(best, total_cap(vetoes)[0])


def _band_shares(bands: Mapping[str, float], simulation: Simulation) -> dict[str, float]:
    edges = [-inf, *bands.values(), inf]
    names = [LOWEST_BAND, *bands]
    return {n: simulation.share_from(edges[i], edges[i + 1]) for i, n in enumerate(names)}


def _capped_by(
    scored: Sequence[FactorScore], before_cap: float, uncapped: float, cap: float, rule: str | None
) -> str | None:
    if before_cap > cap:
        return rule
    rules = sorted({name for f in scored if f.capped_by for name in f.capped_by.split(", ")})
    return ", ".join(rules) if rules and before_cap < uncapped else None

"""How sure the verdict is: thousands of verdicts from the indicators' intervals and the weights.

Each indicator and each weight draws from a stream of its own, named by its id, so that adding or
dropping one leaves the draws of all others as they were.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from zlib import crc32

import numpy as np
from scipy.stats import norm

from crm_eval_lib.results import CONFIDENCE, Indicator
from crm_eval_lib.scorecard.factors import SCORED, FactorScore
from crm_eval_lib.scorecard.rules import Rules
from crm_eval_lib.scorecard.terms import WEAKEST_GRADE, Term
from crm_eval_lib.scorecard.value import DIGITS, FULL, points
from crm_eval_lib.scorecard.vetoes import Veto
from crm_eval_lib.scoring import numbers

SAMPLING, WEIGHTS, BOTH = "sampling", "weights", "both"
SOURCES = (SAMPLING, WEIGHTS, BOTH)


@dataclass(frozen=True)
class Simulation:
    """Simulated scores by source of uncertainty: per factor, and of the (assessed) total."""

    factors: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)
    totals: Mapping[str, np.ndarray] = field(default_factory=dict)

    def factor_interval(
        self, factor: str, score: float, source: str = BOTH
    ) -> tuple[float | None, float | None]:
        """Return the interval of a factor's score; Nones unless scored."""
        return _interval(self.factors.get(source, {}).get(factor), score)

    def total_interval(self, score: float, source: str = BOTH) -> tuple[float | None, float | None]:
        """Return the interval of the total; Nones without one."""
        return _interval(self.totals.get(source), score)

    def share_from(self, least: float, below: float = inf, source: str = BOTH) -> float | None:
        """Return the probability that the total is at least this, and below that."""
        draws = self.totals.get(source)
        return None if draws is None else float(((draws >= least) & (draws < below)).mean())


def simulate(
    factors: Sequence[FactorScore],
    rules: Rules,
    vetoes: Sequence[Veto],
    *,
    seed: int = 0,
    draws: int | None = None,
) -> Simulation:
    """Draw verdicts from intervals only, from weights only, and from both.

    Parameters
    ----------
    factors : sequence of FactorScore
        Those scored take part.
    vetoes : sequence of Veto
        Caps of the rules that fired hold in every draw.
    draws : int, optional
        How many; default in scoring.toml.
    """
    count = int(draws or numbers()["uncertainty"]["draws"])
    scored = [f for f in factors if f.state == SCORED and f.weight > 0]
    cap = min((v.total_cap for v in vetoes if v.fired and v.total_cap is not None), default=FULL)
    streams = _Streams(seed, count)
    factor_weights = streams.weights(
        "total", {f.factor: f.weight for f in factors if f.weight > 0}, rules.weight_spread
    )
    by_factor: dict[str, dict[str, np.ndarray]] = {}
    totals: dict[str, np.ndarray] = {}
    for source in SOURCES:
        by_factor[source] = {f.factor: _factor_draws(f, rules, vetoes, streams, source)
                             for f in scored}  # fmt: skip
        if len(scored) >= numbers()["thresholds"]["scored_factors"]:
            weights = {f.factor: np.full(count, f.weight) for f in scored}
            weights = weights if source == SAMPLING else factor_weights
            totals[source] = np.minimum(_mean(by_factor[source], weights), cap)
    return Simulation(by_factor, totals)


def indicator_draws(indicator: Indicator, rng: np.random.Generator, count: int) -> np.ndarray:
    """Draw values of an indicator from its interval.

    A normal whose two halves reach the two ends of the interval at its confidence; a missing end
    mirrors the other. Shares stay within 0–1, counts above 0, relative changes above −1.
    """
    value = float(indicator.value)
    if indicator.low is None and indicator.high is None:
        return np.full(count, value)
    reach = norm.ppf((1 + (indicator.confidence or CONFIDENCE)) / 2)
    below = None if indicator.low is None else max(value - indicator.low, 0.0)
    above = None if indicator.high is None else max(indicator.high - value, 0.0)
    below, above = (above if below is None else below), (below if above is None else above)
    z = rng.standard_normal(count) / reach
    least, most = _support(indicator)
    return np.clip(value + np.where(z < 0, z * below, z * above), least, most)


def _support(indicator: Indicator) -> tuple[float, float]:
    entry = numbers()["indicators"].get(indicator.base_id, {})
    if entry.get("share"):
        return 0.0, 1.0
    if indicator.unit == "count":
        return 0.0, inf
    return (-1.0, inf) if indicator.unit == "ratio" else (-inf, inf)


class _Streams:
    """Random streams by name."""

    def __init__(self, seed: int, count: int) -> None:
        self.seed, self.count = seed, count

    def rng(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, crc32(name.encode())])

    def weights(
        self, name: str, weights: Mapping[str, float], spread: float
    ) -> dict[str, np.ndarray]:
        """Draw weights from a Dirichlet whose mean is the set weights.

        Its concentration makes the relative standard deviation of an average weight the spread:
        (k − 1)/(concentration + 1) = spread².
        """
        total = sum(weights.values())
        if spread <= 0 or len(weights) < 2:
            return {key: np.full(self.count, weight / total) for key, weight in weights.items()}
        concentration = max((len(weights) - 1) / spread**2 - 1, 1.0)
        return {
            key: self.rng(f"{name}/{key}").standard_gamma(
                concentration * weight / total, self.count
            )
            for key, weight in weights.items()
        }


def _factor_draws(
    factor: FactorScore, rules: Rules, vetoes: Sequence[Veto], streams: _Streams, source: str
) -> np.ndarray:
    found = [t for t in factor.terms if t.applicable and t.weight > 0 and t.score is not None]
    bases = {t.indicator.base_id for t in factor.terms if t.applicable and t.weight > 0}
    base_weights = {base: rules.indicator_weights[base] for base in sorted(bases)}
    spread = 0.0 if source == SAMPLING else rules.weight_spread
    drawn = streams.weights(factor.factor, base_weights, spread)
    weights = {t.id: drawn[t.indicator.base_id] * t.weight / base_weights[t.indicator.base_id]
               for t in found}  # fmt: skip
    scores = {t.id: _term_draws(t, rules, streams, source) for t in found}
    cap = min(
        (v.factor_cap for v in vetoes
         if v.fired and v.factor == factor.factor and v.factor_cap is not None),
        default=FULL,
    )  # fmt: skip
    return np.minimum(_mean(scores, weights), cap)


def _term_draws(term: Term, rules: Rules, streams: _Streams, source: str) -> np.ndarray:
    fixed = term.indicator.state == "judged" or term.indicator.grade == WEAKEST_GRADE
    if source == WEIGHTS or fixed:  # a grade-D indicator already scores at its worse end
        return np.full(streams.count, term.score)
    values = indicator_draws(term.indicator, streams.rng(term.id), streams.count)
    return points(values, rules.anchors[term.indicator.base_id])


def _mean(scores: Mapping[str, np.ndarray], weights: Mapping[str, np.ndarray]) -> np.ndarray:
    earned = sum(weights[name] * scores[name] for name in scores)
    total = sum(weights[name] for name in scores)
    plain = sum(scores.values()) / len(scores)  # only where every drawn weight is zero
    return np.where(total > 0, earned / np.where(total > 0, total, 1.0), plain)


def _interval(draws: np.ndarray | None, score: float) -> tuple[float | None, float | None]:
    """Return the two quantiles, widened to hold the score itself.

    Clipped value functions make the draws of a perfect score fall on one side only.
    """
    if draws is None:
        return None, None
    tail = (1 - numbers()["uncertainty"]["confidence"]) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return round(min(float(low), score), DIGITS), round(max(float(high), score), DIGITS)

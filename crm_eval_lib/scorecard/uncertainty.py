"""How sure the verdict is: thousands of verdicts from the indicators' intervals and the weights.

Each indicator and each weight draws from a stream of its own, named by its id, so that adding or
dropping one leaves the draws of all others as they were. What is measured on the same cases – the
change of a process in the middle, in the tail and in work – shares one: a month that was slow by
chance moves all three, and drawn one by one they would make up for each other.

Weak evidence (grade D) has its points from the worse end of its interval; where the truth lies the
whole interval says, so its draws come from all of it and the score stands low in its own range.

Near an anchor the value function stops: what chance adds beyond it earns nothing, what it takes
away costs points. Score and draws then both lean to one side, and quantiles of the draws alone
would miss the truth. So ends and probabilities are moved by that lean; where it is large, or an
end of the scale is near, the ends are called bounds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np
from scipy.stats import norm

from crm_eval_lib.results import CONFIDENCE, Indicator
from crm_eval_lib.scorecard.factors import SCORED, FactorScore
from crm_eval_lib.scorecard.rules import Rules
from crm_eval_lib.scorecard.streams import Streams
from crm_eval_lib.scorecard.terms import Term
from crm_eval_lib.scorecard.value import DIGITS, FULL, points
from crm_eval_lib.scorecard.vetoes import Veto
from crm_eval_lib.scoring import numbers, threshold

SAMPLING, WEIGHTS, BOTH = "sampling", "weights", "both"
SOURCES = (SAMPLING, WEIGHTS, BOTH)
INTERVAL, BOUNDS, CAPPED = "interval", "bounds", "capped"


@dataclass(frozen=True, slots=True)
class Range:
    """Where a score lies: two ends, and what they are.

    An interval, mere bounds near an anchor, or an interval whose upper end a veto made.
    """

    low: float | None = None
    high: float | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """Draws of one score, and with whatever is near an anchor at its worst or its best end.

    ``lean`` is how far the draws near an anchor lie from their score on average, in points;
    ``top`` is the cap that holds, in all draws or in each.
    """

    drawn: np.ndarray
    worst: np.ndarray
    best: np.ndarray
    lean: float = 0.0
    top: float | np.ndarray = FULL

    @property
    def centred(self) -> np.ndarray:
        """Draws around where the truth is to be sought: twice the lean on the other side."""
        return np.clip(self.drawn - 2 * self.lean, 0.0, self.top)

    def below(self, cap: float | np.ndarray) -> "Spread":
        """Return the spread held at a cap; where that cuts half the draws nothing leans."""
        ends = (np.minimum(part, cap) for part in (self.drawn, self.worst, self.best))
        cut = float(self.drawn.mean()) > float(np.median(cap))
        return Spread(*ends, 0.0 if cut else self.lean, cap)


def printed_level() -> float:
    """Return the two-sided level at which a report prints the range of a score."""
    return float(numbers()["uncertainty"]["confidence"])


@dataclass(frozen=True)
class Simulation:
    """Simulated scores by source of uncertainty: per factor, and of the (assessed) total.

    ``confidence`` is the two-sided level of their ranges; the draws are the same at every level.
    """

    factors: Mapping[str, Mapping[str, Spread]] = field(default_factory=dict)
    totals: Mapping[str, Spread] = field(default_factory=dict)
    confidence: float = field(default_factory=printed_level)

    def factor_interval(self, factor: str, score: float, source: str = BOTH) -> Range:
        """Return the interval of a factor's score; an empty one unless scored."""
        return _range(self.factors.get(source, {}).get(factor), score, self.confidence)

    def total_interval(self, score: float, source: str = BOTH) -> Range:
        """Return the interval of the total; an empty one where there is none."""
        return _range(self.totals.get(source), score, self.confidence)

    def share_from(self, least: float, below: float = inf, source: str = BOTH) -> float | None:
        """Return the probability that the total is at least this, and below that."""
        spread = self.totals.get(source)
        if spread is None:
            return None
        return float(((spread.centred >= least) & (spread.centred < below)).mean())


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
        Caps of the rules that fired hold in every draw; of one that may hold all the same, in
        its share of the draws.
    draws : int, optional
        How many; default in scoring.toml.
    """
    count = int(draws or numbers()["uncertainty"]["draws"])
    scored = [f for f in factors if f.state == SCORED and f.weight > 0]
    streams = Streams(seed, count)
    factor_weights = streams.weights(
        "total", {f.factor: f.weight for f in factors if f.weight > 0}, rules.weight_spread
    )
    total_caps = [(v, v.total_cap) for v in vetoes if v.total_cap is not None]
    by_factor: dict[str, dict[str, Spread]] = {}
    totals: dict[str, Spread] = {}
    for source in SOURCES:
        by_factor[source] = {f.factor: _factor_draws(f, rules, vetoes, streams, source)
                             for f in scored}  # fmt: skip
        if len(scored) >= numbers()["thresholds"]["scored_factors"]:
            weights = {f.factor: np.full(count, f.weight) for f in scored}
            weights = weights if source == SAMPLING else factor_weights
            cap = _caps(total_caps, streams, source)
            totals[source] = _mean_spread(by_factor[source], weights).below(cap)
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
    below, above = _halves(indicator)
    z = rng.standard_normal(count) / reach
    least, most = _support(indicator)
    return np.clip(value + np.where(z < 0, z * below, z * above), least, most)


def _halves(indicator: Indicator) -> tuple[float, float]:
    """Return how far the interval reaches below and above the value."""
    value = float(indicator.value)
    below = None if indicator.low is None else max(value - indicator.low, 0.0)
    above = None if indicator.high is None else max(indicator.high - value, 0.0)
    return (above if below is None else below) or 0.0, (below if above is None else above) or 0.0


def _support(indicator: Indicator) -> tuple[float, float]:
    entry = numbers()["indicators"].get(indicator.base_id, {})
    if entry.get("share"):
        return 0.0, 1.0
    if indicator.unit == "count":
        return 0.0, inf
    return (-1.0, inf) if indicator.unit == "ratio" else (-inf, inf)


def _factor_draws(
    factor: FactorScore, rules: Rules, vetoes: Sequence[Veto], streams: Streams, source: str
) -> Spread:
    found = [t for t in factor.terms if t.applicable and t.weight > 0 and t.score is not None]
    bases = {t.indicator.base_id for t in factor.terms if t.applicable and t.weight > 0}
    base_weights = {base: rules.indicator_weights[base] for base in sorted(bases)}
    spread = 0.0 if source == SAMPLING else rules.weight_spread
    drawn = streams.weights(factor.factor, base_weights, spread)
    weights = {t.id: drawn[t.indicator.base_id] * t.weight / base_weights[t.indicator.base_id]
               for t in found}  # fmt: skip
    scores = {t.id: _term_draws(t, rules, streams, source) for t in found}
    own = [(v, v.factor_cap) for v in vetoes
           if v.factor == factor.factor and v.factor_cap is not None]  # fmt: skip
    return _mean_spread(scores, weights).below(_caps(own, streams, source))


def _caps(
    vetoes: Sequence[tuple[Veto, float]], streams: Streams, source: str
) -> float | np.ndarray:
    """Return the lowest cap, of each draw where a rule may hold: the same draws for all scores."""
    cap: float | np.ndarray = min((float(cap) for v, cap in vetoes if v.fired), default=FULL)
    for veto, least in vetoes:
        if veto.chance and source != WEIGHTS:
            holds = streams.rng(veto.id).random(streams.count) < veto.chance
            cap = np.where(holds, np.minimum(least, cap), cap)
    return cap


def _term_draws(term: Term, rules: Rules, streams: Streams, source: str) -> Spread:
    if source == WEIGHTS or term.indicator.state == "judged":
        return Spread(*(np.full(streams.count, term.score) for _ in range(3)))
    anchors = rules.anchors[term.indicator.base_id]
    values = indicator_draws(term.indicator, streams.rng(_stream(term.indicator)), streams.count)
    drawn = points(values, anchors)
    worst, best = _ends(term.indicator, anchors)
    if worst is None:
        return Spread(drawn, drawn, drawn)
    ends = np.full(streams.count, worst), np.full(streams.count, best)
    middle = float(points(float(term.indicator.value), anchors))
    return Spread(drawn, *ends, float(drawn.mean()) - middle)


def _stream(indicator: Indicator) -> str:
    """Name the stream an indicator draws from: its own, or that of the first measured with it."""
    base = indicator.base_id
    first = next((ids[0] for ids in numbers()["uncertainty"]["together"] if base in ids), base)
    return first + indicator.id.removeprefix(base)


def _ends(indicator: Indicator, anchors: Sequence[float]) -> tuple[float | None, float | None]:
    """Return the fewest and most points within an interval that reaches an anchor; else Nones."""
    (below, above), value = _halves(indicator), float(indicator.value)
    reached = [anchor for anchor in anchors if value - below <= anchor <= value + above]
    if not reached or not below + above:
        return None, None
    found = points(np.array([value - below, value, value + above, *reached]), anchors)
    return float(found.min()), float(found.max())


def _mean_spread(scores: Mapping[str, Spread], weights: Mapping[str, np.ndarray]) -> Spread:
    parts = [_mean({n: getattr(s, part) for n, s in scores.items()}, weights)
             for part in ("drawn", "worst", "best")]  # fmt: skip
    usual = {name: float(weights[name].mean()) for name in scores}
    lean = sum(usual[name] * scores[name].lean for name in scores) / sum(usual.values())
    return Spread(*parts, lean)


def _mean(scores: Mapping[str, np.ndarray], weights: Mapping[str, np.ndarray]) -> np.ndarray:
    earned = sum(weights[name] * scores[name] for name in scores)
    total = sum(weights[name] for name in scores)
    plain = sum(scores.values()) / len(scores)  # only where every drawn weight is zero
    return np.where(total > 0, earned / np.where(total > 0, total, 1.0), plain)


def _range(spread: Spread | None, score: float, confidence: float) -> Range:
    """Return the two quantiles, moved out by the lean of the draws and to hold the score itself.

    The draws lean from the score as the score leans from the truth, so the truth is to be sought
    twice the lean further on the other side; never beyond what the indicators' ends allow.
    """
    if spread is None:
        return Range()
    tail = (1 - confidence) / 2
    low, high = (float(end) for end in np.quantile(spread.drawn, [tail, 1 - tail]))
    lean, moves = spread.lean, high - low > 10**-DIGITS
    least, most = float(np.quantile(spread.worst, tail)), float(np.quantile(spread.best, 1 - tail))
    low = min(low, max(low - 2 * lean, least), score)
    high = max(high, min(high - 2 * lean, most), score)
    leaning = abs(lean) > threshold("leaning") * (high - low) / 2
    at_end = low < threshold("scale_end") or high > FULL - threshold("scale_end")
    cut = high >= float(np.max(spread.top)) - 10**-DIGITS and float(np.max(spread.top)) < FULL
    kind = BOUNDS if moves and (leaning or at_end) else (CAPPED if cut else INTERVAL)
    return Range(round(low, DIGITS), round(high, DIGITS), kind)

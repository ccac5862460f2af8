"""The score: what the intervals of factors and total cover, and whether P(pass) comes true.

A client is drawn at the level of its indicators. Each has a true place between its anchors (0 =
earns nothing, 1 = everything, beyond is possible); shares are observed in a sample and published
with Wilson's interval, changes with an error on the log scale, what a ledger adds up without one.
The client's true weights vary around the set ones as the score's own uncertainty says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

import numpy as np
import pandas as pd
from score_cases import COUNTS, SCORED, STRONG, UNSCORED

from crm_eval_lib.evidence import default_grades
from crm_eval_lib.results import Indicator, measured
from crm_eval_lib.scorecard.factors import factor_score
from crm_eval_lib.scorecard.rules import Rules, rules_for
from crm_eval_lib.scorecard.terms import Evidence, assess_indicators
from crm_eval_lib.scorecard.uncertainty import BOTH, SAMPLING, simulate
from crm_eval_lib.scorecard.value import points
from crm_eval_lib.stats.intervals import wilson

SEEN, LINES = 60, 2000  # what a share is a share of: problems, control points; order lines
ERROR = 0.08  # of a change, on the log scale: an interval of 0.3, as wide as zero to full
Z = 1.959964
DRAWS = 400  # simulated verdicts per client; a report takes ten times as many
TOTAL = "total"
LEDGER = ("cost.", "controls.uptime")
CHANGES = ("change[",)
Places = Callable[[np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class World:
    """One population: its name and how the true places of its indicators are drawn."""

    words: str
    places: Places
    middle: bool = False


def uniform(low: float, high: float, rng: np.random.Generator) -> np.ndarray:
    """Every indicator by itself between two places."""
    return rng.uniform(low, high, len(SCORED))


def of_a_client(rng: np.random.Generator) -> np.ndarray:
    """Indicators scatter around the quality of their client."""
    return rng.uniform(0.40, 0.80) + 0.2 * rng.standard_normal(len(SCORED))


POPULATION = World("clients around a pass", of_a_client, middle=True)
WORLDS = (
    World("every indicator mid-range (0.35–0.80)", partial(uniform, 0.35, 0.80), middle=True),
    World("indicators anywhere, some beyond (−0.2–1.2)", partial(uniform, -0.2, 1.2), middle=True),
    POPULATION,
    World("every indicator good (0.80–1.00)", partial(uniform, 0.80, 1.00)),
    World("every indicator at full marks (0.95–1.05)", partial(uniform, 0.95, 1.05)),
    World("every indicator at nothing (−0.05–0.05)", partial(uniform, -0.05, 0.05)),
)


@cache
def rules() -> Rules:
    """The default rules."""
    return rules_for()


@dataclass(frozen=True)
class Seen:
    """What the library says of one client, and the truth."""

    ranges: dict = field(default_factory=dict)
    truth: dict = field(default_factory=dict)
    p_pass: dict = field(default_factory=dict)
    passes: dict = field(default_factory=dict)


def observed(id: str, value: float, rng: np.random.Generator) -> Indicator:
    """Publish one indicator as a factor would: its value seen by chance, with its interval."""
    tables = (STRONG[id.split(".", 1)[0]],)
    if id in COUNTS:
        return measured(id, round(max(value, 0.0)), "count", tables=tables)
    if id.startswith(LEDGER):
        return measured(id, float(value), "ratio", tables=tables)
    if any(part in id for part in CHANGES):
        seen = rng.normal(np.log1p(value), ERROR)
        low, middle, high = np.expm1([seen - Z * ERROR, seen, seen + Z * ERROR])
    else:
        n = LINES if "unapproved" in id else SEEN
        hits = rng.binomial(n, value)
        middle, (low, high) = hits / n, wilson(hits, n)
    more = {"low": float(low), "high": float(high), "confidence": 0.95}
    return measured(id, float(middle), "ratio", tables=tables, **more)


def one(world: World, seed: int) -> Seen:
    """Draw a client, let it be scored, and keep what was said beside the truth."""
    rng = np.random.default_rng([20250601, seed])
    truth = {}
    for (id, full, zero), place in zip(SCORED, world.places(rng), strict=True):
        value = zero + (full - zero) * place
        bounded = value if id.startswith(LEDGER) or "change[" in id else np.clip(value, 0.0, 1.0)
        truth[id] = round(max(value, 0.0)) if id in COUNTS else float(bounded)
    found = {id: observed(id, value, rng) for id, value in truth.items()}
    for id, value in UNSCORED:
        found[id] = measured(id, value, "count" if id in COUNTS else "ratio", tables=("events",))
    return _judged(found, truth, rng, seed)


def _judged(
    found: dict[str, Indicator], truth: dict[str, float], rng: np.random.Generator, seed: int
) -> Seen:
    assessed = assess_indicators(found, rules(), Evidence(default_grades()))
    factors = [factor_score(name, assessed.terms[name], weight=share)
               for name, share in rules().shares.items()]  # fmt: skip
    found_by = simulate(factors, rules(), (), seed=seed, draws=DRAWS)
    seen = Seen()
    for source, spread in ((SAMPLING, 0.0), (BOTH, rules().weight_spread)):
        true = true_scores(truth, rng, spread)
        score = sum(item.weight * item.score for item in factors)
        seen.ranges[source] = {TOTAL: found_by.total_interval(score, source)} | {
            item.factor: found_by.factor_interval(item.factor, item.score, source)
            for item in factors
        }
        seen.truth[source] = true
        seen.p_pass[source] = found_by.share_from(rules().bands["pass"], source=source)
        seen.passes[source] = true[TOTAL] >= rules().bands["pass"]
    return seen


def true_scores(
    truth: dict[str, float], rng: np.random.Generator, spread: float
) -> dict[str, float]:
    """Score the true values, by hand: weighted means with weights drawn around the set ones."""
    shares = _weights(rules().shares, rng, spread)
    scores = {}
    for factor in shares:
        bases = {id: id.split("[")[0] for id in truth if id.startswith(f"{factor}.")}
        set_weights = {id: rules().indicator_weights[base] for id, base in bases.items()}
        weights = _weights(set_weights, rng, spread)
        got = {id: float(points(truth[id], rules().anchors[base])) for id, base in bases.items()}
        scores[factor] = sum(weights[id] * got[id] for id in got) / sum(weights.values())
    scores[TOTAL] = sum(shares[name] * scores[name] for name in shares)
    return scores


def _weights(weights: dict[str, float], rng: np.random.Generator, spread: float) -> dict:
    """Draw from a Dirichlet around the set weights, an average one with this relative spread."""
    total, count = sum(weights.values()), len(weights)
    if not spread:
        return {name: weight / total for name, weight in weights.items()}
    concentration = (count - 1) / spread**2 - 1
    drawn = rng.dirichlet([concentration * weight / total for weight in weights.values()])
    return dict(zip(weights, drawn, strict=True))


def coverage(world: World, clients: int) -> pd.DataFrame:
    """Return, per score and source, what the published ranges cover, and how many are bounds."""
    rows = []
    for seed in range(clients):
        seen = one(world, seed)
        for source, ranges in seen.ranges.items():
            for name, found in ranges.items():
                true = seen.truth[source][name]
                rows.append((source, name, found.kind, found.high - found.low,
                             found.low - 1e-9 <= true <= found.high + 1e-9))  # fmt: skip
    return pd.DataFrame(rows, columns=["source", "name", "kind", "width", "hit"])


def reliability(clients: int, bins: int = 5, source: str = BOTH) -> pd.DataFrame:
    """Return, for clients of like P(pass), the mean probability and the share that passes."""
    found = [one(POPULATION, seed) for seed in range(clients)]
    said, passes = ([of[source] for of in (getattr(item, part) for item in found)]
                    for part in ("p_pass", "passes"))  # fmt: skip
    return alike(said, passes, bins)


def alike(said: Sequence[float], passes: Sequence[bool], bins: int = 5) -> pd.DataFrame:
    """Put clients of like P(pass) together: the mean said, the share that passes, its interval."""
    rows = pd.DataFrame({"said": np.array(said, float), "passes": np.array(passes, float)})
    place = np.minimum((rows["said"] * bins).astype(int), bins - 1)
    table = rows.groupby(place).agg(clients=("passes", "size"), said=("said", "mean"),
                                    came_true=("passes", "mean"))  # fmt: skip
    low, high = wilson(table["came_true"] * table["clients"], table["clients"])
    return table.assign(low=low, high=high).reset_index(drop=True)


def told(table: pd.DataFrame) -> list[str]:
    """Return the lines of such a table; an interval that holds what was said may be chance."""
    return [f"| {row.said:.2f} | {row.clients} | {row.came_true:.2f} "
            f"| {row.low:.2f} to {row.high:.2f} | {row.said - row.came_true:+.2f} |"
            for row in table.itertuples()]  # fmt: skip


def misses(table: pd.DataFrame, few: int = 30) -> float:
    """Return the largest distance of probability and outcome, over bins of enough clients."""
    enough = table[table["clients"] >= few]
    return float((enough["said"] - enough["came_true"]).abs().max())

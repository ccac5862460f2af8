"""What before/after alone would claim: shown to be distrusted."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from crm_eval_lib.efficiency.cases import AFTER, BEFORE, Cases, title_of
from crm_eval_lib.efficiency.designs import LEAST_CASES, Options, below_clock, naive
from crm_eval_lib.results import (
    CONFIDENCE,
    Indicator,
    Message,
    Step,
    keyed,
    measured,
    not_assessed,
)
from crm_eval_lib.stats.intervals import benjamini_hochberg

TABLES = ("events",)
CHANGE, SUPERIORITY = "efficiency.naive_change", "efficiency.superiority"


@dataclass(frozen=True)
class BrunnerMunzel:
    """Probability that a value of the second sample is smaller, with its test against one half.

    ``statistic`` and bounds are None where one sample lies wholly below the other.
    """

    probability: float
    low: float | None
    high: float | None
    statistic: float | None
    degrees_of_freedom: float | None
    p: float


def naive_change(
    cases: Cases,
    processes: tuple[str, ...] | None = None,
    *,
    confidence: float = CONFIDENCE,
    seed: int = 0,
) -> Step:
    """Compare the medians as they stand: trend, season and mix are not removed.

    Parameters
    ----------
    cases : Cases
        From `build_cases`.
    processes : tuple of str, optional
        Default: all of the roster.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.
    seed : int
        Of the redrawn weeks.

    Returns
    -------
    Step
        ``naive_change[process]`` = median after / median before − 1, Kaplan–Meier, weeks redrawn;
        ``superiority[process]`` = P(a case after is faster), finished cases, Brunner–Munzel.
        Table: one row per process with both figures, as ratios and shares.

    Examples
    --------
    From 20 hours to 10, and every case after go-live faster than any before:

    >>> from crm_eval_lib.efficiency import example_cases
    >>> step = naive_change(example_cases())
    >>> round(step["efficiency.naive_change[quote]"].value, 6), step.indicators[1].value
    (-0.5, 1.0)
    """
    options = Options(confidence=confidence, seed=seed)
    names = cases.names(processes)
    indicators, rows = [], []
    for process in names:
        found = _change(cases, process, options)
        faster = _superiority(cases, process, confidence)
        indicators += [found, faster]
        rows.append({"process": process, "change_ratio": found.value, "low_ratio": found.low,
                     "high_ratio": found.high, "superiority_share": faster.value,
                     "title": title_of(cases, process)})  # fmt: skip
    if not indicators:
        reason = cases.absent or Message("efficiency.reason.no_process")
        indicators = [not_assessed(id, "ratio", reason) for id in (CHANGE, SUPERIORITY)]
    table = pd.DataFrame(rows)
    known = len(table) > 0 and table["change_ratio"].notna().any()
    return Step(
        "efficiency.naive_change",
        tuple(adjusted(adjusted(indicators, CHANGE), SUPERIORITY)),
        table if known else None,
        _sentence(table) if known else None,
    )


def brunner_munzel(
    first: ArrayLike, second: ArrayLike, *, confidence: float = CONFIDENCE
) -> BrunnerMunzel:
    """Estimate how often a value of the second sample is smaller than one of the first.

    Parameters
    ----------
    first, second : array
        At least two values each; equal values count one half.

    Returns
    -------
    BrunnerMunzel
        p̂ = P(second < first) + ½·P(equal), t approximation with estimated degrees of freedom
        [Brunner & Munzel 2000].

    Examples
    --------
    >>> found = brunner_munzel([3, 4, 5, 6], [1, 2, 3, 4])
    >>> found.probability
    0.875
    """
    x, y = np.asarray(second, dtype=float), np.asarray(first, dtype=float)
    m, n = len(x), len(y)
    pooled = stats.rankdata(np.concatenate([x, y]))
    rank_x, rank_y = pooled[:m], pooled[m:]
    probability = float((rank_y.mean() - (n + 1) / 2) / m)
    spread_x = np.var(rank_x - stats.rankdata(x), ddof=1)
    spread_y = np.var(rank_y - stats.rankdata(y), ddof=1)
    noise = m * spread_x + n * spread_y
    if noise == 0:
        return BrunnerMunzel(probability, None, None, None, None, float(probability == 0.5))
    statistic = m * n * (rank_y.mean() - rank_x.mean()) / (m + n) / np.sqrt(noise)
    freedom = noise**2 / ((m * spread_x) ** 2 / (m - 1) + (n * spread_y) ** 2 / (n - 1))
    error = np.sqrt(spread_x / (m * n**2) + spread_y / (n * m**2))
    half = stats.t.ppf((1 + confidence) / 2, freedom) * error
    p = float(2 * stats.t.sf(abs(statistic), freedom))
    low, high = max(probability - half, 0.0), min(probability + half, 1.0)
    return BrunnerMunzel(probability, low, high, float(statistic), float(freedom), p)


def adjusted(indicators: list[Indicator], base_id: str) -> list[Indicator]:
    """Adjust the p-values of one indicator over all processes [Benjamini & Hochberg 1995]."""
    family = [i for i in indicators if i.base_id == base_id and i.p is not None]
    values = benjamini_hochberg([i.p for i in family]) if family else []
    by_id = {i.id: float(p) for i, p in zip(family, values, strict=True)}
    return [replace(i, p=by_id[i.id]) if i.id in by_id else i for i in indicators]


def _change(cases: Cases, process: str, options: Options) -> Indicator:
    id = keyed(CHANGE, process)
    reason = cases.why_not(process, BEFORE, AFTER) or below_clock(cases, process)
    if reason is not None:
        return not_assessed(id, "ratio", reason, tables=TABLES)
    ratio, count = naive(cases, process, options=options)
    if ratio.value is None:
        reason = Message("efficiency.reason.not_reached")
        return not_assessed(id, "ratio", reason, tables=TABLES, n=count)
    bounds = {}
    if ratio.low is not None:
        bounds = {"low": ratio.low, "high": ratio.high, "confidence": options.confidence}
    return measured(
        id, ratio.value, "ratio", p=ratio.p, n=count, tables=TABLES,
        parts={"clock": cases.clocks[process]}, **bounds,
    )  # fmt: skip


def _superiority(cases: Cases, process: str, confidence: float) -> Indicator:
    id = keyed(SUPERIORITY, process)
    reason = cases.why_not(process, BEFORE, AFTER, least=LEAST_CASES)
    if reason is not None:
        return not_assessed(id, "ratio", reason, tables=TABLES)
    sides = [cases.of(process, sample) for sample in (BEFORE, AFTER)]
    before, after = (side.loc[side["observed"], "hours"].astype(float) for side in sides)
    if min(len(before), len(after)) < LEAST_CASES:
        return not_assessed(id, "ratio", Message("efficiency.reason.not_reached"), tables=TABLES)
    found = brunner_munzel(before, after, confidence=confidence)
    return measured(
        id, found.probability, "ratio", low=found.low, high=found.high, confidence=confidence,
        p=found.p, n=len(before) + len(after), tables=TABLES,
    )  # fmt: skip


def _sentence(table: pd.DataFrame) -> Message:
    known = table[table["change_ratio"].notna()]
    first = known.iloc[0]
    slots = {"process": first["title"], "value": float(first["change_ratio"]), "n": len(known)}
    return Message("efficiency.sentence.naive_change", slots)

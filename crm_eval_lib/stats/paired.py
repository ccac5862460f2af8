"""Before and after on the same persons: Hodges–Lehmann shift and the signed-rank test."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.stats.walsh import WalshAverages

CONFIDENCE = 0.95  # two-sided level when nothing else is said
EXACT_UP_TO = 200  # pairs; beyond, the normal approximation is exact to three digits
_DIGITS = 12  # of a difference that mean something; the rest is rounding of the subtraction


@dataclass(frozen=True, slots=True)
class PairedShift:
    """Shift of paired differences.

    ``low`` and ``high`` are None when the pairs are too few for the level (six for 95 %);
    ``statistic`` is the sum of the ranks of positive differences.
    """

    estimate: float
    low: float | None
    high: float | None
    p: float
    statistic: float
    n: int


def paired_shift(differences: ArrayLike, *, confidence: float = CONFIDENCE) -> PairedShift:
    """Estimate by how much a paired measure moved.

    Parameters
    ----------
    differences : array of float
        After − before, one per pair; missing ones are left out.
    confidence : float
        Two-sided level.

    Returns
    -------
    PairedShift
        Median of the n(n+1)/2 Walsh averages [Hodges & Lehmann 1963]; interval from the ordered
        averages at the signed-rank quantile; two-sided p by `signed_rank`.

    Examples
    --------
    >>> result = paired_shift([1, 1, 2, 0, 1, -1, 2, 1])
    >>> result.estimate, result.low, result.high
    (1.0, 0.0, 1.5)
    """
    values = _without_dust(differences)
    if not values.size:
        raise CrmEvalError("A paired shift needs at least one pair.")
    averages, rank = WalshAverages(values), _interval_rank(values.size, confidence)
    low, high = averages.several(rank, averages.count + 1 - rank) if rank else (None, None)
    statistic, p = signed_rank(values)
    return PairedShift(averages.median(), low, high, p, statistic, values.size)


def signed_rank(differences: ArrayLike) -> tuple[float, float]:
    """Return Wilcoxon's V and its two-sided p-value, exact with ties.

    Zero differences say nothing about the direction and are left out; tied sizes share their mean
    rank, and the null distribution is that of random signs on these very ranks
    [Streitberg & Röhmel 1986]. Many pairs: normal approximation with continuity correction.

    >>> signed_rank([1, 2, 3, 4, 5])
    (15.0, 0.0625)
    """
    values = _without_dust(differences)
    values = values[values != 0]
    if not values.size:
        return 0.0, 1.0
    ranks = stats.rankdata(np.abs(values))
    statistic = float(ranks[values > 0].sum())
    if values.size > EXACT_UP_TO:
        spread = np.sqrt(np.sum(ranks**2) / 4)
        distance = max(abs(statistic - ranks.sum() / 2) - 0.5, 0)
        return statistic, float(2 * stats.norm.sf(distance / spread))
    # Doubled, mean ranks of ties are whole numbers too.
    doubled = np.rint(2 * ranks).astype(int)
    weights = _sign_sums(doubled)
    position = round(2 * statistic)
    tail = min(weights[: position + 1].sum(), weights[position:].sum())
    return statistic, float(min(2 * tail, 1.0))


def _without_dust(differences: ArrayLike) -> np.ndarray:
    """Return the differences given, rounded so that 1.1 − 1.0 and 0.2 − 0.1 are a tie."""
    values = np.asarray(differences, dtype=float)
    values = values[~np.isnan(values)]
    largest = np.abs(values).max(initial=0.0)
    return np.round(values, _DIGITS - int(np.ceil(np.log10(largest)))) if largest > 0 else values


def _sign_sums(ranks: np.ndarray) -> np.ndarray:
    """Probability of each sum of ranks when every rank is in or out by the toss of a coin."""
    weights = np.zeros(int(ranks.sum()) + 1)
    weights[0] = 1.0
    for rank in ranks:
        shifted = np.zeros_like(weights)
        shifted[rank:] = weights[: weights.size - rank]
        weights = (weights + shifted) / 2
    return weights


def _interval_rank(n: int, confidence: float) -> int:
    """Order of the Walsh average that bounds the interval; 0 when the level is out of reach."""
    tail = (1 - confidence) / 2
    if n <= EXACT_UP_TO:
        reached = np.cumsum(_sign_sums(np.arange(1, n + 1)))
        return int(np.searchsorted(reached, tail, side="right"))
    mean, spread = n * (n + 1) / 4, np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    return int(np.floor(mean + stats.norm.ppf(tail) * spread))

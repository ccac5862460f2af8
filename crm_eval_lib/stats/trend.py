"""Does a share rise or fall over time? A trend test of yes-or-no outcomes, with its odds ratio."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

CONFIDENCE = 0.95  # two-sided
LEAST_POINTS = 3  # different times; two of them make a difference and no trend


@dataclass(frozen=True, slots=True)
class Trend:
    """Odds after one unit of time over odds before it, with interval and two-sided p."""

    odds_ratio: float
    low: float
    high: float
    p: float


def share_trend(
    outcomes: ArrayLike,
    times: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    confidence: float = CONFIDENCE,
) -> Trend | None:
    """Test whether the share of outcomes rises or falls with time.

    Parameters
    ----------
    outcomes : array of bool
        What happened each time.
    times : array of float
        When, in the unit the odds ratio shall have.
    strata : array, optional
        Groups of their own level; only what moves within a group counts.
    confidence : float
        Two-sided level.

    Returns
    -------
    Trend or None
        The Cochran–Armitage test [Armitage 1955], stratified as by Mantel: with
        U = Σ (t − t̄)(y − p) and V = p(1 − p)Σ (t − t̄)² summed over the strata, z = U/√V, and
        the odds ratio exp(U/V) with its interval by one step from 1 [Peto]. None where no
        stratum has both outcomes and three different times.

    Examples
    --------
    >>> trend = share_trend([0, 0, 0, 1, 0, 1, 0, 1, 1], [1, 1, 1, 2, 2, 2, 3, 3, 3])
    >>> round(trend.odds_ratio, 2), round(trend.p, 3)
    (3.86, 0.1)
    """
    y, t = np.asarray(outcomes, dtype=float), np.asarray(times, dtype=float)
    groups = np.zeros(len(y)) if strata is None else np.unique(strata, return_inverse=True)[1]
    score = information = 0.0
    for group in np.unique(groups):
        inside = groups == group
        ours, when = y[inside], t[inside]
        if len(np.unique(when)) < LEAST_POINTS:
            continue
        share, apart = ours.mean(), when - when.mean()
        score += float(apart @ (ours - share))
        information += float(share * (1 - share) * (apart @ apart))
    if information <= 0:
        return None
    middle, half = score / information, stats.norm.ppf((1 + confidence) / 2) / information**0.5
    p = 2 * float(stats.norm.sf(abs(score) / information**0.5))
    return Trend(math.exp(middle), math.exp(middle - half), math.exp(middle + half), p)

"""Intervals and tests for counts: shares, differences of shares, rates, families of p-values.

Every bound is exact where it can be: no success gives a lower bound of 0, nothing but successes an
upper bound of 1. Scalars give floats, arrays give arrays.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from crm_eval_lib.errors import CrmEvalError

CONFIDENCE = 0.95  # two-sided level when nothing else is said

Bounds = tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class RateRatio:
    """Ratio of two Poisson rates with its exact conditional interval.

    ``ratio`` and ``high`` are infinite when the second count is 0; ``ratio`` is NaN when both are.
    """

    ratio: float
    low: float
    high: float
    p: float


def wilson(k: ArrayLike, n: ArrayLike, *, confidence: float = CONFIDENCE) -> Bounds:
    """Return the Wilson score interval of a share.

    Parameters
    ----------
    k, n : int or array of int
        Successes and trials; without a trial nothing is known: (0, 1).
    confidence : float
        Two-sided level.

    Returns
    -------
    low, high : float or array
        Roots of ``|k/n - p| = z * sqrt(p(1 - p)/n)`` [Wilson 1927; Newcombe 1998].

    Examples
    --------
    >>> low, high = wilson(81, 263)
    >>> round(low, 4), round(high, 4)
    (0.2553, 0.3662)
    """
    k, n = _counts(k, n)
    z = _two_sided_z(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = k / n
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return _bounds(centre - half, centre + half, k, n)


def clopper_pearson(k: ArrayLike, n: ArrayLike, *, confidence: float = CONFIDENCE) -> Bounds:
    """Return the exact (Clopper–Pearson) interval of a share, from quantiles of the beta.

    >>> low, high = clopper_pearson(0, 20)
    >>> low, round(high, 4)
    (0.0, 0.1684)
    """
    k, n = _counts(k, n)
    tail = (1 - confidence) / 2
    with np.errstate(invalid="ignore"):
        low = stats.beta.ppf(tail, k, n - k + 1)
        high = stats.beta.ppf(1 - tail, k + 1, n - k)
    return _bounds(low, high, k, n)


def newcombe_difference(
    k1: int, n1: int, k2: int, n2: int, *, confidence: float = CONFIDENCE
) -> tuple[float, float, float]:
    """Return the difference of two independent shares with its hybrid score interval.

    Method 10 of [Newcombe 1998]: the two Wilson intervals, squared and added.

    >>> [round(value, 4) for value in newcombe_difference(56, 70, 48, 80)]
    [0.2, 0.0524, 0.3339]
    """
    if n1 <= 0 or n2 <= 0:
        raise CrmEvalError("A difference of shares needs at least one trial on each side.")
    low1, high1 = wilson(k1, n1, confidence=confidence)
    low2, high2 = wilson(k2, n2, confidence=confidence)
    share1, share2 = k1 / n1, k2 / n2
    difference = share1 - share2
    below = np.hypot(share1 - low1, high2 - share2)
    above = np.hypot(high1 - share1, share2 - low2)
    return difference, float(max(difference - below, -1)), float(min(difference + above, 1))


def poisson_ratio(
    x1: int, t1: float, x2: int, t2: float, *, confidence: float = CONFIDENCE
) -> RateRatio:
    """Compare two Poisson rates exactly, given the total number of events.

    Parameters
    ----------
    x1, x2 : int
        Events.
    t1, t2 : float
        Exposures, above 0.

    Returns
    -------
    RateRatio
        (x1/t1)/(x2/t2): given x1 + x2, x1 is binomial with odds ratio·t1/t2, so that the
        Clopper–Pearson bounds of its share translate into bounds of the ratio.

    Examples
    --------
    >>> result = poisson_ratio(11, 800, 21, 3011)
    >>> [round(value, 3) for value in (result.ratio, result.low, result.high, result.p)]
    [1.971, 0.858, 4.277, 0.08]
    """
    if min(x1, x2) < 0 or min(t1, t2) <= 0:
        raise CrmEvalError(f"Rates need counts >= 0 and exposures > 0: {x1}/{t1}, {x2}/{t2}.")
    x1, x2 = int(x1), int(x2)
    if x1 + x2 == 0:
        return RateRatio(np.nan, 0.0, np.inf, 1.0)
    low, high = clopper_pearson(x1, x1 + x2, confidence=confidence)
    p = stats.binomtest(x1, x1 + x2, t1 / (t1 + t2)).pvalue
    ratio = (x1 / t1) / (x2 / t2) if x2 else np.inf
    return RateRatio(ratio, _odds(low) * t2 / t1, _odds(high) * t2 / t1, float(p))


def poisson_interval(count: ArrayLike, *, confidence: float = CONFIDENCE) -> Bounds:
    """Return the exact two-sided interval of a Poisson mean [Garwood 1936].

    >>> [round(value, 2) for value in poisson_interval(10)]
    [4.8, 18.39]
    """
    k = np.asarray(count, dtype=float)
    tail = (1 - confidence) / 2
    low = np.where(k == 0, 0.0, stats.chi2.ppf(tail, np.maximum(2 * k, 1)) / 2)
    return _plain(low), _plain(stats.chi2.ppf(1 - tail, 2 * k + 2) / 2)


def poisson_upper_limit(count: ArrayLike, *, confidence: float = CONFIDENCE) -> Any:
    """Return the one-sided upper limit of a Poisson mean: the auditor's confidence factor.

    >>> round(poisson_upper_limit(1), 2)
    4.74
    """
    return _plain(stats.chi2.ppf(confidence, 2 * np.asarray(count, dtype=float) + 2) / 2)


def benjamini_hochberg(p: ArrayLike) -> np.ndarray:
    """Return p-values adjusted for their family [Benjamini & Hochberg 1995]; NaN stays NaN.

    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    values = np.asarray(p, dtype=float)
    adjusted = np.full(values.shape, np.nan)
    known = ~np.isnan(values)
    if known.any():
        adjusted[known] = stats.false_discovery_control(values[known], method="bh")
    return adjusted


def _counts(k: ArrayLike, n: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    k, n = np.broadcast_arrays(np.asarray(k, dtype=float), np.asarray(n, dtype=float))
    if ((k < 0) | (k > n) | np.isnan(k) | np.isnan(n)).any():
        raise CrmEvalError(f"A share needs 0 <= k <= n; found k = {k}, n = {n}.")
    return k, n


def _bounds(low: np.ndarray, high: np.ndarray, k: np.ndarray, n: np.ndarray) -> Bounds:
    # At the ends rounding errors of 1e-17 would make a bound that is not 0 or 1.
    low = np.where(k == 0, 0.0, np.clip(low, 0, 1))
    high = np.where(k == n, 1.0, np.clip(high, 0, 1))
    return _plain(low), _plain(high)


def _plain(values: np.ndarray) -> Any:
    return float(values) if np.ndim(values) == 0 else np.asarray(values)


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else np.inf


def _two_sided_z(confidence: float) -> float:
    return float(stats.norm.ppf((1 + confidence) / 2))

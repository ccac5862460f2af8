"""Means per case whose cases come in weeks: neighbours in time share their luck."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

LEAST_WEEKS = 4  # fewer tell nothing about the spread between weeks


@dataclass(frozen=True, slots=True)
class WeeklyMeans:
    """Means of several measures with their variances; ``variance`` is NaN for too few weeks."""

    mean: np.ndarray
    variance: np.ndarray
    weeks: int

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the variances."""
        return self.weeks - 1


def weekly_means(totals: ArrayLike, cases: ArrayLike) -> WeeklyMeans:
    """Return Σ totals / Σ cases of each row, with the variance of a ratio between weeks.

    Parameters
    ----------
    totals : array, measures × weeks
        Sums over the cases of a week.
    cases : array of int, weeks
        Cases of each week; weeks without any are left out.

    Returns
    -------
    WeeklyMeans
        v = K/(K − 1) · Σ(y − m·n)² / (Σn)² over K weeks, the linearised variance of a ratio
        [Cochran, Sampling Techniques, 1977, 6.3].

    Examples
    --------
    >>> found = weekly_means([[2.0, 4.0, 6.0, 8.0]], [1, 1, 1, 1])
    >>> found.mean.tolist(), round(float(found.variance[0]), 3)
    ([5.0], 1.667)
    """
    counts = np.asarray(cases, dtype=float)
    sums = np.asarray(totals, dtype=float)[:, counts > 0]
    counts = counts[counts > 0]
    weeks, number = len(counts), counts.sum()
    mean = sums.sum(axis=1) / number if number else np.full(len(sums), np.nan)
    if weeks < LEAST_WEEKS:
        return WeeklyMeans(mean, np.full(len(sums), np.nan), weeks)
    squares = np.square(sums - mean[:, None] * counts).sum(axis=1)
    return WeeklyMeans(mean, weeks / (weeks - 1) * squares / number**2, weeks)


def interval_of_mean(found: WeeklyMeans, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds of each mean by the t distribution; NaN where the spread is unknown."""
    reach = stats.t.isf((1 - confidence) / 2, max(found.freedom, 1)) * np.sqrt(found.variance)
    return found.mean - reach, found.mean + reach


def interval_of_difference(
    before: WeeklyMeans, after: WeeklyMeans, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds of after − before with Welch's degrees of freedom.

    >>> before = weekly_means([[2.0, 4.0, 6.0, 8.0]], [1, 1, 1, 1])
    >>> low, high = interval_of_difference(before, before, 0.95)
    >>> round(float(low[0]), 2), round(float(high[0]), 2)
    (-4.47, 4.47)
    """
    parts = before.variance, after.variance
    variance = parts[0] + parts[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        shared = sum(np.square(v) / max(m.freedom, 1)
                     for v, m in zip(parts, (before, after), strict=True))  # fmt: skip
        freedom = np.where(shared > 0, np.square(variance) / shared, np.inf)
        reach = stats.t.isf((1 - confidence) / 2, freedom) * np.sqrt(variance)
    middle = after.mean - before.mean
    return middle - reach, middle + reach

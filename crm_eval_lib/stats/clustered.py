"""Shares of answers that come in clusters: those of one person hang together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from crm_eval_lib.errors import CrmEvalError

CONFIDENCE = 0.95  # two-sided level when nothing else is said


@dataclass(frozen=True, slots=True)
class ClusteredShare:
    """A share with an interval that counts clusters, not answers.

    ``effective`` is the number of independent answers that would tell as much; the bounds are None
    when there is only one cluster.
    """

    value: float
    low: float | None
    high: float | None
    effective: float | None
    clusters: int


def clustered_share(
    k: ArrayLike, n: ArrayLike, *, confidence: float = CONFIDENCE
) -> ClusteredShare:
    """Return Σk/Σn with an interval that holds when the answers of a cluster hang together.

    Parameters
    ----------
    k, n : array of int
        Successes and trials of each cluster; clusters without a trial are left out.
    confidence : float
        Two-sided level.

    Returns
    -------
    ClusteredShare
        The variance of the ratio between clusters gives the effective number of trials
        n* = p(1 − p)/v, at most Σn, less for few clusters (t quantiles); the interval is the
        Clopper–Pearson one at p·n* of n* [Korn & Graubard 1998]. Where all or none succeed, each
        cluster counts as one trial.

    Examples
    --------
    >>> of_one_mind = clustered_share([4, 0] * 20, [4] * 40)  # 160 answers, 40 minds
    >>> round(of_one_mind.low, 2), round(of_one_mind.high, 2), round(of_one_mind.effective)
    (0.33, 0.67, 37)
    """
    k, n = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    k, n = k[n > 0], n[n > 0]
    if not n.size:
        raise CrmEvalError("A clustered share needs at least one trial.")
    value, trials, clusters = k.sum() / n.sum(), n.sum(), n.size
    if clusters == 1:
        return ClusteredShare(float(value), None, None, None, 1)
    variance = clusters / (clusters - 1) * np.sum((k - value * n) ** 2) / trials**2
    sure = value in (0.0, 1.0)
    effective = clusters if sure else _at_most(value * (1 - value), variance, trials)
    tail = (1 - confidence) / 2
    if trials > 1 and not sure:
        effective *= (stats.t.isf(tail, trials - 1) / stats.t.isf(tail, clusters - 1)) ** 2
    hits, misses = value * effective, (1 - value) * effective
    low = 0.0 if value == 0 else float(stats.beta.ppf(tail, hits, misses + 1))
    high = 1.0 if value == 1 else float(stats.beta.isf(tail, hits + 1, misses))
    return ClusteredShare(float(value), low, high, float(effective), clusters)


def _at_most(numerator: float, denominator: float, limit: float) -> float:
    return limit if numerator >= limit * denominator else numerator / denominator

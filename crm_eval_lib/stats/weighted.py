"""A share of weights: how sure is it when some cases weigh more than others?"""

import numpy as np
from numpy.typing import ArrayLike

from crm_eval_lib.stats.intervals import wilson

CONFIDENCE = 0.95  # two-sided level when nothing else is said
RESAMPLES = 2000  # bootstrap; the interval then moves by less than half a point between seeds


def weighted_share_interval(
    weights: ArrayLike,
    hits: ArrayLike,
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the interval of Σ weight·hit / Σ weight, weights above 0.

    Parameters
    ----------
    weights : array of float
        Of each case.
    hits : array of bool
        Which cases count.
    confidence : float
        Two-sided level.
    resamples, seed : int
        Bootstrap over cases.

    Returns
    -------
    low, high : float
        The bootstrap variance v of the share p tells how many equal cases would know as much,
        n* = p(1 − p)/v, at most (Σw)²/Σw² [Kish 1965]; the interval is the Wilson one of p·n*
        in n* [Korn & Graubard 1998, with Wilson's for the exact one]. Percentiles of the
        bootstrap themselves cover .90 to .93 near 0 and 1 (docs/calibration.md).

    Examples
    --------
    >>> low, high = weighted_share_interval([1.0] * 40, [True] * 30 + [False] * 10)
    >>> round(low, 2), round(high, 2)
    (0.6, 0.86)
    """
    weights, hits = np.asarray(weights, dtype=float), np.asarray(hits, dtype=bool)
    share = weights[hits].sum() / weights.sum()
    effective = weights.sum() ** 2 / (weights**2).sum()
    if not hits.all() and hits.any():
        variance = _bootstrap_variance(weights, hits, resamples, seed)
        effective = min(effective, share * (1 - share) / variance)
    # Sums of weights in another order may leave 1 + 1e-16 of all.
    return wilson(min(share, 1.0) * effective, effective, confidence=confidence)


def _bootstrap_variance(weights: np.ndarray, hits: np.ndarray, resamples: int, seed: int) -> float:
    # Alike cases are drawn together: fast, and the order of the rows cannot matter.
    kinds, counts = np.unique(np.column_stack([weights, hits]), axis=0, return_counts=True)
    draws = np.random.default_rng(seed).multinomial(
        counts.sum(), counts / counts.sum(), size=resamples
    )
    return float(np.var((draws @ (kinds[:, 0] * kinds[:, 1])) / (draws @ kinds[:, 0])))

"""Log-rank test: do several groups reach an event equally fast?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.stats.step_curves import count_at_risk
from crm_eval_lib.stats.survival import checked_times

_DUST = 1e-10  # share of the largest variance below which a direction carries no information


@dataclass(frozen=True, slots=True)
class LogRank:
    """Result of a log-rank test; ``p`` is None when nothing can be compared.

    Parameters
    ----------
    statistic : float
        χ² = (O − E)ᵀ V⁻ (O − E).
    degrees : int
        Degrees of freedom: groups that were at risk beside another one, less one.
    p : float or None
    groups : array
        The groups, sorted.
    observed, expected : array of float
        Events by group: seen, and due if all groups were equally fast.
    """

    statistic: float
    degrees: int
    p: float | None
    groups: np.ndarray
    observed: np.ndarray
    expected: np.ndarray


def log_rank(
    durations: ArrayLike,
    observed: ArrayLike,
    groups: ArrayLike,
    *,
    entry: ArrayLike | None = None,
) -> LogRank:
    """Test whether the groups have the same hazard at every time.

    Parameters
    ----------
    durations, observed, entry : array
        As for `survival.kaplan_meier`: events, and cases at risk only after their entry. Where
        other events compete, give those as not observed: the cause-specific hazards are compared.
    groups : array
        Group of each case.

    Returns
    -------
    LogRank
        At each event time d of n at risk: group j expects d·nⱼ/n, with the covariance
        d(n − d)/(n − 1)·(diag(r) − r rᵀ), r = nⱼ/n [Mantel 1966; Peto & Peto 1972].

    Examples
    --------
    >>> result = log_rank([1, 2, 3, 4], [1, 1, 1, 1], ["a", "a", "b", "b"])
    >>> result.expected.round(3).tolist(), round(result.statistic, 3)
    ([0.833, 3.167], 2.882)
    """
    groups = np.asarray(groups)
    if groups.shape != np.shape(durations):
        raise CrmEvalError("Durations and groups must have one length.")
    names, position = np.unique(groups, return_inverse=True)
    durations, events, entries, position = checked_times(durations, observed, entry, position)
    times, total = np.unique(durations[events > 0], return_counts=True)
    at_risk = np.zeros((times.size, names.size))
    for j in range(names.size):
        mine = position == j
        at_risk[:, j] = count_at_risk(times, entries[mine], durations[mine])
    n = at_risk.sum(axis=1)
    share = at_risk / n[:, None]
    seen = np.bincount(position[events > 0], minlength=names.size).astype(float)
    expected = total @ share
    weight = total * (n - total) / np.maximum(n - 1, 1)
    covariance = np.diag(weight @ share) - share.T @ (weight[:, None] * share)
    statistic, degrees = _quadratic_form(seen - expected, covariance)
    p = float(stats.chi2.sf(statistic, degrees)) if degrees else None
    return LogRank(statistic, degrees, p, names, seen, expected)


def _quadratic_form(excess: np.ndarray, covariance: np.ndarray) -> tuple[float, int]:
    # Excesses add to zero, so one direction is always empty; a group that was never at risk
    # beside another one empties a further one.
    if not covariance.size:
        return 0.0, 0
    variances, directions = np.linalg.eigh(covariance)
    useful = variances > max(variances.max(), 1.0) * _DUST
    along = directions[:, useful].T @ excess
    return float(np.sum(along**2 / variances[useful])), int(useful.sum())

"""Time to an event: Kaplan–Meier, and Aalen–Johansen where another event can come first.

Late entry (left truncation): a case is at risk only after it came under observation.
"""

import numpy as np
from numpy.typing import ArrayLike

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.stats.step_curves import (
    CompetingRisks,
    Curve,
    KaplanMeier,
    RestrictedMean,
    count_at_risk,
    hazard_variance,
    just_before,
)

__all__ = [
    "CompetingRisks",
    "Curve",
    "KaplanMeier",
    "RestrictedMean",
    "aalen_johansen",
    "checked_times",
    "kaplan_meier",
]


def kaplan_meier(
    durations: ArrayLike, observed: ArrayLike, *, entry: ArrayLike | None = None
) -> KaplanMeier:
    """Estimate the time to an event that not everyone has reached yet.

    Parameters
    ----------
    durations : array of float
        Time from each case's start to its event or to the end of observation, ≥ 0.
    observed : array of bool
        True where the event was seen, False where the case is still waiting.
    entry : array of float, optional
        Time at which each case came under observation; empty or 0 = from its start. Cases that
        ended before they came under observation are left out. Events go before censorings.

    Returns
    -------
    KaplanMeier
        S(t) = Π (1 − d/n) over event times ≤ t [Kaplan & Meier 1958], standard error by Greenwood.

    Examples
    --------
    >>> curve = kaplan_meier([6, 6, 6, 6, 7], [1, 1, 1, 0, 1])
    >>> curve.median(), curve.survival.round(2).tolist()
    (6.0, [0.4, 0.0])
    """
    durations, causes, entries = checked_times(durations, np.asarray(observed, dtype=bool), entry)
    times, events = np.unique(durations[causes > 0], return_counts=True)
    at_risk = count_at_risk(times, entries, durations)
    survival = np.cumprod(1 - events / at_risk)
    error = survival * np.sqrt(np.cumsum(hazard_variance(events, at_risk)))
    follow_up = float(durations.max()) if durations.size else 0.0
    return KaplanMeier(times, at_risk, events, 1 - survival, error, follow_up, durations.size,
                       entries, durations)  # fmt: skip


def aalen_johansen(
    durations: ArrayLike, causes: ArrayLike, *, cause: int = 1, entry: ArrayLike | None = None
) -> CompetingRisks:
    """Estimate the time to one event where another one can make it impossible.

    Parameters
    ----------
    durations : array of float
        Time to the first event of any cause, or to the end of observation.
    causes : array of int
        0 = still waiting, 1, 2 … = which event came first.
    cause : int
        The event of interest.
    entry : array of float, optional
        As in `kaplan_meier`.

    Returns
    -------
    CompetingRisks
        F(t) = Σ S(t−)·d₁/n, S the share without any event [Aalen & Johansen 1978]; standard error
        by the delta method [Marubini & Valsecchi 1995].

    Examples
    --------
    >>> curve = aalen_johansen([1, 2, 3, 4], [1, 2, 1, 0])
    >>> curve.reached.tolist(), curve.median()
    ([0.25, 0.25, 0.5], 3.0)
    """
    durations, causes, entries = checked_times(durations, causes, entry)
    times, everything = np.unique(durations[causes > 0], return_counts=True)
    events = _count_at(times, durations[causes == cause])
    at_risk = count_at_risk(times, entries, durations)
    event_free = np.cumprod(1 - everything / at_risk)
    reached = np.minimum(np.cumsum(just_before(event_free) * events / at_risk), 1.0)
    follow_up = float(durations.max()) if durations.size else 0.0
    parts = (times, at_risk, events, reached, np.zeros_like(reached), follow_up, durations.size,
             entries, durations, everything, event_free)  # fmt: skip
    error = _incidence_error(CompetingRisks(*parts))
    return CompetingRisks(*parts[:4], error, *parts[5:])


def checked_times(
    durations: ArrayLike, causes: ArrayLike, entry: ArrayLike | None, *more: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Return durations, causes, entries (and what else there is) of the cases seen at risk."""
    durations, causes = np.asarray(durations, dtype=float), np.asarray(causes, dtype=int)
    entries = np.full(durations.shape, -np.inf) if entry is None else np.asarray(entry, dtype=float)
    if not durations.shape == causes.shape == entries.shape:
        raise CrmEvalError("Durations, events and entries must have one length.")
    if np.isnan(durations).any() or (durations < 0).any():
        raise CrmEvalError("A duration is missing or negative; leave such cases out beforehand.")
    # Watched from the start: also an event at time 0 counts, which "entry < t" would lose.
    entries = np.where(np.isnan(entries) | (entries <= 0), -np.inf, entries)
    seen = entries < durations
    return tuple(array[seen] for array in (durations, causes, entries, *more))


def _count_at(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    ordered = np.sort(values)
    after = np.searchsorted(ordered, times, side="right")
    return after - np.searchsorted(ordered, times, side="left")


def _incidence_error(curve: CompetingRisks) -> np.ndarray:
    # With L = F(t) − F(i): sums over i ≤ t of L²a + b − 2Lc, expanded into running sums.
    own, reached = just_before(curve.event_free), curve.reached
    n, mine = curve.at_risk.astype(float), curve.events
    a = hazard_variance(curve.all_events, n)
    b, c = own**2 * mine * (n - mine) / n**3, own * mine / n**2
    squares = reached**2 * np.cumsum(a) - 2 * reached * np.cumsum(a * reached)
    squares += np.cumsum(a * reached**2)
    cross = reached * np.cumsum(c) - np.cumsum(c * reached)
    return np.sqrt(np.maximum(squares + np.cumsum(b) - 2 * cross, 0.0))

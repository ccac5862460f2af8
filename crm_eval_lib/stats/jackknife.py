"""Sums of mean times whose observations come in clusters: those of one person hang together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

LEAST_CLUSTERS = 3  # people on a side; the spread between two is known to a factor of thirty only


@dataclass(frozen=True, slots=True)
class Ratio:
    """A positive number with its interval; bounds None where too few clusters tell the spread."""

    value: float
    low: float | None = None
    high: float | None = None
    error: float | None = None
    clusters: int = 0


def clustered_sum(data: pd.DataFrame, *, confidence: float = 0.95) -> Ratio:
    """Return the sum over activities of the mean time, people redrawn by leaving each one out.

    Parameters
    ----------
    data : DataFrame
        ``activity``, ``cluster``, ``value``.

    Returns
    -------
    Ratio
        exp(log Σ ± t·s); s² = (G − 1)/G · Σ (θ₋ⱼ − θ̄)² over the G people [Efron & Stein 1981],
        t with G − 1 degrees of freedom.

    Examples
    --------
    >>> told = pd.DataFrame({"activity": ["check", "check", "sign"], "cluster": ["a", "b", "a"],
    ...                      "value": [4.0, 6.0, 1.0]})
    >>> clustered_sum(told).value
    6.0
    """
    people = pd.Index(data["cluster"].unique())
    whole, left_out = _log_sums(data, people)
    return _interval(whole, _squares(left_out), len(people), len(people), confidence)


def clustered_ratio(data: pd.DataFrame, *, confidence: float = 0.95) -> Ratio:
    """Return the sum of mean times after / before, people redrawn by leaving each one out.

    Parameters
    ----------
    data : DataFrame
        ``activity``, ``cluster``, ``value`` and ``after``; every activity on both sides.

    Returns
    -------
    Ratio
        A person seen on both sides is left out of both at once, so that lasting differences
        between people cancel. Degrees of freedom: people − 1 where all are seen on both sides,
        else those of the smaller side.

    Examples
    --------
    >>> told = pd.DataFrame({"activity": "check", "cluster": ["a", "b", "c"] * 2,
    ...                      "after": [False] * 3 + [True] * 3, "value": [4.0, 6, 8, 2, 3, 4]})
    >>> found = clustered_ratio(told)
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.5, 0.5, 0.5)
    """
    before, after = data[~data["after"]], data[data["after"]]
    sides = [set(side["cluster"]) for side in (before, after)]
    people = sorted(sides[0] | sides[1], key=str)
    sums = [_log_sums(side, pd.Index(people)) for side in (before, after)]
    whole, left_out = (late - early for early, late in zip(*sums, strict=True))
    if sides[0] & sides[1]:
        squares = _squares(left_out)
    else:
        squares = sum(_squares(left_out[[p in side for p in people]]) for side in sides)
    least = min(len(side) for side in sides)
    return _interval(whole, squares, len(people), least, confidence)


def _interval(log: float, squares: float, people: int, least: int, confidence: float) -> Ratio:
    value = float(np.exp(log))
    if least < LEAST_CLUSTERS:
        return Ratio(value, clusters=people)
    error = float(np.sqrt(squares))
    reach = float(stats.t.isf((1 - confidence) / 2, least - 1)) * error
    return Ratio(value, float(np.exp(log - reach)), float(np.exp(log + reach)), error, people)


def _squares(left_out: np.ndarray) -> float:
    size = len(left_out)
    return float((size - 1) / size * np.sum((left_out - left_out.mean()) ** 2)) if size else 0.0


def _log_sums(data: pd.DataFrame, people: pd.Index) -> tuple[float, np.ndarray]:
    """Log of the sum of mean times: of all, and without each person.

    An activity that only one person did keeps its mean.
    """
    place, activities = pd.factorize(data["activity"])
    shape = len(people), len(activities)
    flat = np.ravel_multi_index((people.get_indexer(data["cluster"]), place), shape)
    values = data["value"].to_numpy(float)
    sums, counts = (
        np.bincount(flat, weights=weights, minlength=np.prod(shape)).reshape(shape)
        for weights in (values, None)
    )
    means = sums.sum(axis=0) / counts.sum(axis=0)
    others = counts.sum(axis=0) - counts
    left = np.where(others > 0, (sums.sum(axis=0) - sums) / np.maximum(others, 1), means)
    with np.errstate(divide="ignore"):
        found = np.log(np.maximum(np.vstack([means, left]).sum(axis=1), 0))
    return float(found[0]), found[1:]

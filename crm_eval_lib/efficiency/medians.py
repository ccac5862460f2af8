"""Medians of waiting times under a common mix, redrawn week by week.

Cases of one week share holidays, absences and moods; redrawing single cases would make intervals
too narrow, so whole weeks are redrawn.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_eval_lib.efficiency.tallies import (
    Counts,
    Weeks,
    quantile_of,
    side_of,
    sides_of,
    weeks_of,
    weeks_of_side,
)
from crm_eval_lib.stats.redraws import of_sides

LEAST_WEEKS = 4  # fewer weeks on a side cannot be redrawn
GRID = 1000  # points on which redrawn curves are told; the estimate itself is exact
CHUNK = 4_000_000  # numbers held at once
BLOCK = 50  # draws worked out together: their curves stay in the cache of a processor


@dataclass(frozen=True)
class Ratio:
    """Ratio of two quantiles minus one; bounds None where they cannot be told."""

    value: float | None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    detectable: float | None = None


def quantile_ratio(
    data: pd.DataFrame, *, share: float = 0.5, confidence: float = 0.95, seed: int = 0
) -> Ratio:
    """Compare a quantile after with before, both under one mix of strata.

    Parameters
    ----------
    data : DataFrame
        ``hours``, ``observed``, ``week``, ``stratum``, ``after``; one stratum = no adjustment.
    share : float
        0.5 for the median.

    Returns
    -------
    Ratio
        Quantile after / quantile before − 1, Kaplan–Meier; each stratum weighs the mean of its
        shares in both samples. Interval by redrawing weeks, moved out for few of them.

    Examples
    --------
    >>> data = pd.DataFrame({"hours": [4.0, 8, 2, 4], "observed": True, "week": [1, 2, 3, 4],
    ...                      "stratum": "", "after": [False, False, True, True]})
    >>> quantile_ratio(data).value
    -0.5
    """
    full = np.unique(data["hours"].to_numpy())
    exact = full if len(full) * data["stratum"].nunique() <= CHUNK else _grid(full)
    whole = [side.summed() for side in sides_of(data.assign(week=0), exact)]
    value = float(ratios(*whole, grid=exact, share=share)[0])
    if not np.isfinite(value):
        return Ratio(None)
    grid = _grid(full)
    sides = weeks_of(data, grid)
    if min(side.number for side in sides) < LEAST_WEEKS:
        return Ratio(value - 1)
    found = of_sides(value, redrawn_ends(sides, share, seed), tuple(s.number for s in sides))
    ends = found.bounds(confidence)
    if ends is None:
        return Ratio(value - 1)
    bounds = [end - 1 for end in ends]
    return Ratio(value - 1, *bounds, found.p(confidence), found.detectable(confidence))


def ratios(before: Counts, after: Counts, *, grid: np.ndarray, share: float) -> np.ndarray:
    """Return quantile after / before for each draw; counts are (draw, stratum, time)."""
    ends = ends_of(before, after, grid=grid, share=share)
    with np.errstate(divide="ignore", invalid="ignore"):
        return ends[1] / ends[0]


def ends_of(
    before: Counts, after: Counts, *, grid: np.ndarray, share: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the quantiles before and after under one mix, for each draw."""
    sizes = [side.ended.sum(axis=2) + side.cut.sum(axis=2) for side in (before, after)]
    return tuple(
        quantile_of(side, weight, grid, share)
        for side, weight in zip((before, after), _weights(sizes), strict=True)
    )


def _weights(sizes: list[np.ndarray]) -> list[np.ndarray]:
    """Weigh a case of each kind so that both sides have one mix; sizes are (draw, stratum)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = [size / size.sum(axis=1, keepdims=True) for size in sizes]
        common = (sizes[0] > 0) & (sizes[1] > 0)
        target = np.where(common, (shares[0] + shares[1]) / 2, 0.0)
        return [np.where(common, target / size, 0.0) for size in sizes]


def redrawn_quantile(
    data: pd.DataFrame, *, share: float = 0.5, seed: int = 0
) -> tuple[float, np.ndarray]:
    """Return a Kaplan–Meier quantile of one sample and its redraws by weeks.

    Parameters
    ----------
    data : DataFrame
        ``hours``, ``observed``, ``week``; fewer weeks than can be redrawn: cases are redrawn.

    Examples
    --------
    >>> data = pd.DataFrame({"hours": [2.0, 4, 8], "observed": True, "week": [1, 2, 3]})
    >>> redrawn_quantile(data)[0]
    4.0
    """
    few = data["week"].nunique() < LEAST_WEEKS
    data = data.assign(week=np.arange(len(data))) if few else data
    exact = np.unique(data["hours"].to_numpy())
    data, alike = data.assign(stratum=""), np.ones((BLOCK, 1))
    value = quantile_of(side_of(data.assign(week=0), exact).summed(), alike[:1], exact, share)[0]
    side = weeks_of_side(data, _grid(exact))
    drawn = side.drawn(np.random.default_rng(seed))
    parts = [side.quantiles(part, alike[: len(part)], share) for part in _blocks(drawn)]
    return float(value), np.concatenate(parts)


def redrawn_ends(sides: tuple[Weeks, Weeks], share: float, seed: int) -> np.ndarray:
    """Redraw the weeks of either side: quantiles before and after, one column per draw."""
    rng = np.random.default_rng(seed)
    drawn = [side.drawn(rng) for side in sides]
    parts = []
    for pair in zip(*(_blocks(weeks) for weeks in drawn), strict=True):
        sizes = [weeks @ side.sizes.T for weeks, side in zip(pair, sides, strict=True)]
        told = zip(sides, pair, _weights(sizes), strict=True)
        parts.append([side.quantiles(*weeks, share) for side, *weeks in told])
    return np.concatenate(parts, axis=1)


def _blocks(drawn: np.ndarray) -> Iterator[np.ndarray]:
    return (drawn[start : start + BLOCK] for start in range(0, len(drawn), BLOCK))


def _grid(values: np.ndarray) -> np.ndarray:
    """At most GRID points; a time is told as the next point at or after it."""
    if len(values) <= GRID:
        return values
    return np.unique(np.quantile(values, np.linspace(0, 1, GRID), method="higher"))

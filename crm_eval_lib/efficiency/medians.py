"""Medians of waiting times under a common mix, redrawn week by week.

Cases of one week share holidays, absences and moods; redrawing single cases would make intervals
too narrow, so whole weeks are redrawn.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_eval_lib.stats.redraws import of_sides

DRAWS = 1000
LEAST_WEEKS = 4  # fewer weeks on a side cannot be redrawn
GRID = 1000  # points on which redrawn curves are told; the estimate itself is exact
CHUNK = 4_000_000  # numbers held at once
TIE = 1e-9


@dataclass(frozen=True)
class Ratio:
    """Ratio of two quantiles minus one; bounds None where they cannot be told."""

    value: float | None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    detectable: float | None = None


@dataclass(frozen=True)
class Counts:
    """Cases by stratum, week and time: those that ended there and those cut off there."""

    ended: np.ndarray
    cut: np.ndarray

    @property
    def weeks(self) -> int:
        """Number of weeks with a case."""
        return self.ended.shape[1]

    def summed(self) -> "Counts":
        """Return the counts of all weeks together."""
        return Counts(self.ended.sum(axis=1)[None], self.cut.sum(axis=1)[None])


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
    sides = sides_of(data, grid)
    if min(side.weeks for side in sides) < LEAST_WEEKS:
        return Ratio(value - 1)
    found = of_sides(value, redrawn_ends(sides, grid, share, seed), tuple(s.weeks for s in sides))
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
    sizes = [(side.ended + side.cut).sum(axis=2) for side in (before, after)]
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = [size / size.sum(axis=1, keepdims=True) for size in sizes]
        common = (sizes[0] > 0) & (sizes[1] > 0)
        target = np.where(common, (shares[0] + shares[1]) / 2, 0.0)
        weights = [np.where(common, target / size, 0.0) for size in sizes]
        return tuple(
            _quantile(side, weight, grid, share)
            for side, weight in zip((before, after), weights, strict=True)
        )


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
    value = _told(_one_side(data.assign(week=0), exact).summed(), exact, share)[0]
    grid = _grid(exact)
    side = _one_side(data, grid)
    rng = np.random.default_rng(seed)
    picked = rng.multinomial(side.weeks, np.full(side.weeks, 1 / side.weeks), DRAWS).astype(float)
    step = max(1, CHUNK // len(grid))
    parts = []
    for start in range(0, DRAWS, step):
        rows = picked[start : start + step]
        part = Counts(*(_combined(rows, count) for count in (side.ended, side.cut)))
        parts.append(_told(part, grid, share))
    return float(value), np.concatenate(parts)


def _one_side(data: pd.DataFrame, grid: np.ndarray) -> Counts:
    times = np.searchsorted(grid, data["hours"].to_numpy()).clip(max=len(grid) - 1)
    return _counted(data, np.zeros(len(data), int), times, (1, len(grid)))


def _told(side: Counts, grid: np.ndarray, share: float) -> np.ndarray:
    return _quantile(side, np.ones((len(side.ended), 1)), grid, share)


def sides_of(data: pd.DataFrame, grid: np.ndarray) -> tuple[Counts, Counts]:
    """Count the cases before and after on a grid of times, with the same strata."""
    strata = pd.factorize(data["stratum"], sort=True)[0]
    times = np.searchsorted(grid, data["hours"].to_numpy())
    after = data["after"].to_numpy(bool)
    return tuple(
        _counted(data[mask], strata[mask], times[mask], (strata.max() + 1, len(grid)))
        for mask in (~after, after)
    )


def side_of(data: pd.DataFrame, grid: np.ndarray) -> Counts:
    """Count the cases of one sample on a grid of times."""
    strata = pd.factorize(data["stratum"], sort=True)[0]
    times = np.searchsorted(grid, data["hours"].to_numpy())
    return _counted(data, strata, times, (strata.max() + 1, len(grid)))


def parted_at(side: Counts, places: np.ndarray) -> tuple[Counts, Counts]:
    """Return the counts before and from each of some weeks on, a draw for each.

    Parameters
    ----------
    places : array of int
        Number of weeks that come before, at least one.
    """
    parts = []
    for counts in (side.ended, side.cut):
        sums = np.cumsum(counts, axis=1)
        past = np.moveaxis(sums[:, places - 1], 1, 0)
        parts.append((past, sums[None, :, -1] - past))
    ended, cut = parts
    return Counts(ended[0], cut[0]), Counts(ended[1], cut[1])


def _counted(
    data: pd.DataFrame, strata: np.ndarray, times: np.ndarray, shape: tuple[int, int]
) -> Counts:
    weeks = pd.factorize(data["week"], sort=True)[0]
    size = (shape[0], int(weeks.max()) + 1, shape[1])
    observed = data["observed"].to_numpy(bool)
    flat = np.ravel_multi_index((strata, weeks, times), size)
    ended, cut = (
        np.bincount(flat[mask], minlength=int(np.prod(size))).reshape(size).astype(float)
        for mask in (observed, ~observed)
    )
    return Counts(ended, cut)


def _quantile(side: Counts, weights: np.ndarray, grid: np.ndarray, share: float) -> np.ndarray:
    ended = np.einsum("dst,ds->dt", side.ended, weights)
    leaving = ended + np.einsum("dst,ds->dt", side.cut, weights) if side.cut.any() else ended
    at_risk = np.cumsum(leaving[:, ::-1], axis=1)[:, ::-1]
    hazard = np.zeros_like(ended)
    np.divide(ended, at_risk, out=hazard, where=at_risk > TIE * at_risk[:, :1])
    waiting = np.cumprod(1 - hazard, axis=1)
    reached = waiting <= 1 - share + TIE
    found = grid[np.argmax(reached, axis=1)]
    return np.where(reached.any(axis=1), found, np.nan)


def redrawn_ends(
    sides: tuple[Counts, Counts], grid: np.ndarray, share: float, seed: int
) -> np.ndarray:  # fmt: skip
    """Redraw the weeks of either side: quantiles before and after, one column per draw."""
    rng = np.random.default_rng(seed)
    picked = [
        rng.multinomial(side.weeks, np.full(side.weeks, 1 / side.weeks), DRAWS).astype(float)
        for side in sides
    ]
    size = sides[0].ended.shape[0] * len(grid)
    step = max(1, CHUNK // size)
    parts = []
    for start in range(0, DRAWS, step):
        drawn = [
            Counts(*(_combined(weeks[start : start + step], c) for c in (side.ended, side.cut)))
            for weeks, side in zip(picked, sides, strict=True)
        ]
        parts.append(ends_of(*drawn, grid=grid, share=share))
    return np.concatenate(parts, axis=1)


def _combined(weeks: np.ndarray, counts: np.ndarray) -> np.ndarray:
    found = np.zeros((len(weeks), len(counts), counts.shape[2]))
    for place, stratum in enumerate(counts):
        seen = stratum.any(axis=0)  # a kind of case has few of all times
        found[:, place, seen] = weeks @ stratum[:, seen]
    return found


def _grid(values: np.ndarray) -> np.ndarray:
    """At most GRID points; a time is told as the next point at or after it."""
    if len(values) <= GRID:
        return values
    return np.unique(np.quantile(values, np.linspace(0, 1, GRID), method="higher"))

"""Cases counted by kind, week and time of ending, and the quantiles of redrawn weeks."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

DRAWS = 1000
TIE = 1e-9


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


@dataclass(frozen=True)
class Weeks:
    """Cases of one sample by week: a week has few of a kind, so that most of it is empty.

    ``sizes`` is (stratum, week); ``ended`` and ``cut`` are (time, stratum and week), of the times
    seen in the sample; ``cut`` is None where no case was cut off.
    """

    times: np.ndarray
    sizes: np.ndarray
    ended: sparse.csr_array
    cut: sparse.csr_array | None

    @property
    def number(self) -> int:
        """Number of weeks with a case."""
        return self.sizes.shape[1]

    def drawn(self, rng: np.random.Generator) -> np.ndarray:
        """Return how often each draw has each week."""
        share = np.full(self.number, 1 / self.number)
        return rng.multinomial(self.number, share, DRAWS).astype(float)

    def quantiles(self, drawn: np.ndarray, weights: np.ndarray, share: float) -> np.ndarray:
        """Return the quantile of each draw; weights are (draw, stratum)."""
        each = (weights[:, :, None] * drawn[:, None, :]).reshape(len(drawn), -1).T
        ended = self.ended @ each
        leaving = ended if self.cut is None else ended + self.cut @ each
        return _reached(ended.T, leaving.T, self.times, share)


@dataclass(frozen=True)
class _Coded:
    """Cases by the numbers of their stratum, week and time."""

    strata: np.ndarray
    weeks: np.ndarray
    times: np.ndarray
    observed: np.ndarray

    def among(self, mine: np.ndarray) -> "_Coded":
        weeks = pd.factorize(self.weeks[mine], sort=True)[0]
        return _Coded(self.strata[mine], weeks, self.times[mine], self.observed[mine])


def _coded(data: pd.DataFrame, grid: np.ndarray) -> _Coded:
    strata = pd.factorize(data["stratum"], sort=True)[0]
    times = np.searchsorted(grid, data["hours"].to_numpy())
    observed = data["observed"].to_numpy(bool)
    return _Coded(strata, data["week"].to_numpy(), times, observed)


def _sides(data: pd.DataFrame, grid: np.ndarray) -> tuple[tuple[_Coded, _Coded], int]:
    """Cases before and after, and the number of their strata."""
    coded, after = _coded(data, grid), data["after"].to_numpy(bool)
    return (coded.among(~after), coded.among(after)), coded.strata.max() + 1


def sides_of(data: pd.DataFrame, grid: np.ndarray) -> tuple[Counts, Counts]:
    """Count the cases before and after on a grid of times, with the same strata."""
    sides, strata = _sides(data, grid)
    return tuple(_counted(side, (strata, len(grid))) for side in sides)


def weeks_of(data: pd.DataFrame, grid: np.ndarray) -> tuple[Weeks, Weeks]:
    """Return the weeks before and after on a grid of times, with the same strata."""
    sides, strata = _sides(data, grid)
    return tuple(_by_week(side, strata, grid) for side in sides)


def side_of(data: pd.DataFrame, grid: np.ndarray) -> Counts:
    """Count the cases of one sample on a grid of times."""
    coded = _coded(data, grid)
    return _counted(coded.among(slice(None)), (coded.strata.max() + 1, len(grid)))


def weeks_of_side(data: pd.DataFrame, grid: np.ndarray) -> Weeks:
    """Return the weeks of one sample on a grid of times."""
    coded = _coded(data, grid)
    return _by_week(coded.among(slice(None)), coded.strata.max() + 1, grid)


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


def _counted(cases: _Coded, shape: tuple[int, int]) -> Counts:
    size = (shape[0], int(cases.weeks.max()) + 1, shape[1])
    flat = np.ravel_multi_index((cases.strata, cases.weeks, cases.times), size)
    ended, cut = (
        np.bincount(flat[mask], minlength=int(np.prod(size))).reshape(size).astype(float)
        for mask in (cases.observed, ~cases.observed)
    )
    return Counts(ended, cut)


def _by_week(cases: _Coded, strata: int, grid: np.ndarray) -> Weeks:
    size = (strata, int(cases.weeks.max()) + 1)
    cells = np.ravel_multi_index((cases.strata, cases.weeks), size)
    seen, places = np.unique(cases.times, return_inverse=True)
    ended, cut = (
        sparse.coo_array(
            (np.ones(mask.sum()), (places[mask], cells[mask])), (len(seen), size[0] * size[1])
        ).tocsr()
        for mask in (cases.observed, ~cases.observed)
    )
    sizes = np.bincount(cells, minlength=size[0] * size[1]).reshape(size)
    return Weeks(grid[seen], sizes, ended, cut if cut.nnz else None)


def quantile_of(side: Counts, weights: np.ndarray, grid: np.ndarray, share: float) -> np.ndarray:
    """Return the quantile of each draw; counts are (draw, stratum, time), weights without time."""
    ended = np.einsum("dst,ds->dt", side.ended, weights)
    leaving = ended + np.einsum("dst,ds->dt", side.cut, weights) if side.cut.any() else ended
    return _reached(ended, leaving, grid, share)


def _reached(ended: np.ndarray, leaving: np.ndarray, grid: np.ndarray, share: float) -> np.ndarray:
    """Return the time at which a share of each draw has ended; both are (draw, time)."""
    at_risk = np.cumsum(leaving[:, ::-1], axis=1)[:, ::-1]
    hazard = np.zeros_like(ended)
    np.divide(ended, at_risk, out=hazard, where=at_risk > TIE * at_risk[:, :1])
    waiting = np.cumprod(1 - hazard, axis=1)
    reached = waiting <= 1 - share + TIE
    found = grid[np.argmax(reached, axis=1)]
    return np.where(reached.any(axis=1), found, np.nan)

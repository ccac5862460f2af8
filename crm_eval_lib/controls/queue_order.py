"""Who was served before whom: inversions and concordance among waits, without a loop over pairs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

CONFIDENCE = 0.95  # two-sided level when nothing else is said


@dataclass(frozen=True)
class Inversions:
    """Pairs that compete, and those of them served in the wrong order.

    ``pairs_of`` counts the pairs each wait is in, ``overtaken`` the lower ones served before it,
    ``overtook`` the higher ones it was served before.
    """

    pairs: int
    inversions: int
    pairs_of: np.ndarray
    overtaken: np.ndarray
    overtook: np.ndarray

    @property
    def share(self) -> float | None:
        """Inversions per pair; None without a pair."""
        return self.inversions / self.pairs if self.pairs else None

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float | None, float | None]:
        """Return the jackknife interval of the share, leaving out one wait at a time.

        Pairs share waits, so that they are not independent; waits are. None where leaving one out
        changes nothing: that is ignorance, not certainty.
        """
        rest = self.pairs - self.pairs_of
        if len(rest) < 2 or (rest <= 0).any():
            return None, None
        shares = (self.inversions - self.overtaken - self.overtook) / rest
        error = np.sqrt((len(rest) - 1) * np.mean((shares - shares.mean()) ** 2))
        if not error > 0:
            return None, None
        half = stats.norm.ppf((1 + confidence) / 2) * error
        return float(max(self.share - half, 0.0)), float(min(self.share + half, 1.0))


def inversions(start: ArrayLike, end: ArrayLike, served: ArrayLike, rank: ArrayLike) -> Inversions:
    """Count pairs of different rank whose waits overlap, and those served in the wrong order.

    Parameters
    ----------
    start, end : array
        Waits [start, end); for an unserved one the end of observation, the same for all.
    served : array of bool
    rank : array
        Larger = to be served first.

    Returns
    -------
    Inversions
        A pair counts when its waits have a moment in common and one of the two was served; it is
        an inversion when the lower rank was served earlier, or the higher one never. Equal moments
        are none. Sorting and counting take n·log n per distinct rank.

    Examples
    --------
    >>> found = inversions([0, 1], [10, 4], [True, True], [2, 1])
    >>> found.pairs, found.inversions
    (1, 1)
    """
    start, end, rank = (np.asarray(values) for values in (start, end, rank))
    served = np.asarray(served, dtype=bool)
    proper = np.flatnonzero(start < end)  # one without length has no moment in common with another
    proper = proper[np.argsort(end[proper])]  # searches in order stay in the processor's cache
    counts = [np.zeros(len(start), dtype=np.int64) for _ in range(3)]
    part = _proper_inversions(start[proper], end[proper], served[proper], rank[proper])
    for whole, values in zip(counts, part, strict=True):
        whole[proper] = values
    pairs_of, overtaken, overtook = counts
    return Inversions(int(pairs_of.sum()) // 2, int(overtook.sum()), pairs_of, overtaken, overtook)


def _proper_inversions(
    start: np.ndarray, end: np.ndarray, served: np.ndarray, rank: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    pairs_of = _overlaps(start, end)
    overtaken, overtook = np.zeros_like(pairs_of), np.zeros_like(pairs_of)
    unserved = int((~served).sum())
    for value in np.unique(rank):
        same, higher, lower = rank == value, rank > value, (rank < value) & served
        pairs_of[same] -= _overlaps(start[same], end[same])
        # Unserved waits all last to the end of observation and so overlap; nothing tells who of
        # two unserved is first.
        pairs_of[same & ~served] -= unserved - int((same & ~served).sum())
        firsts, mine = same & served, same
        ends = np.sort(end[higher & served])
        begun = _count(np.sort(start[higher]), end[firsts], "left")
        overtook[firsts] = begun - _count(ends, end[firsts], "right")
        early = np.sort(end[lower])
        until = np.where(served[mine], _count(early, end[mine], "left"), len(early))
        overtaken[mine] = np.maximum(until - _count(early, start[mine], "right"), 0)
    return pairs_of, overtaken, overtook


def concordance(wait: ArrayLike, served: ArrayLike, rank: ArrayLike) -> tuple[int, int, int]:
    """Count pairs of different rank by who waited less.

    Returns
    -------
    tuple of int
        Pairs in which the higher rank waited less, in which it waited longer, and ties. An
        unserved wait is known to be longer than every served one up to its own length; pairs of
        which nothing is known are left out.

    Examples
    --------
    >>> concordance([1, 5, 9], [True, True, True], [3, 1, 2])
    (2, 1, 0)
    """
    wait, rank = np.asarray(wait, dtype=float), np.asarray(rank)
    served = np.asarray(served, dtype=bool)
    counts = np.zeros(3, dtype=np.int64)
    for value in np.unique(rank):
        mine, lower = rank == value, rank < value
        shorter, ties = _shorter(wait, served, mine, lower)
        longer, _ = _shorter(wait, served, lower, mine)
        counts += np.array([shorter, longer, ties])
    return tuple(int(count) for count in counts)


def somers_d(wait: ArrayLike, served: ArrayLike, rank: ArrayLike) -> float | None:
    """Return Somers' D of waiting by rank: 1 = the higher always waits less, 0 = no order.

    D = (concordant − discordant)/(pairs of different rank) [Somers 1962].

    >>> somers_d([1, 5, 9], [True, True, True], [3, 2, 1])
    1.0
    """
    shorter, longer, ties = concordance(wait, served, rank)
    pairs = shorter + longer + ties
    return (shorter - longer) / pairs if pairs else None


def _shorter(
    wait: np.ndarray, served: np.ndarray, ours: np.ndarray, theirs: np.ndarray
) -> tuple[int, int]:
    """Count pairs in which ours was served and is known to have waited less, and served ties."""
    mine = wait[ours & served]
    known, open_ended = np.sort(wait[theirs & served]), np.sort(wait[theirs & ~served])
    up_to, below = _count(known, mine, "right"), _count(known, mine, "left")
    less = (len(known) - up_to).sum() + (len(open_ended) - _count(open_ended, mine, "left")).sum()
    return int(less), int((up_to - below).sum())


def _overlaps(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Count for each wait the others it has a moment in common with."""
    over = _count(np.sort(end), start, "right")
    later = len(start) - _count(np.sort(start), end, "left")
    return (len(start) - 1 - over - later).astype(np.int64)


def _count(ordered: np.ndarray, values: np.ndarray, side: str) -> np.ndarray:
    return np.searchsorted(ordered, values, side=side)

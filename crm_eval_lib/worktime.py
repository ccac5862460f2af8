"""Working time up to a moment, looked up in the piece of time it lies in."""

import numpy as np

MICROSECONDS_PER_DAY = 24 * 3600 * 1_000_000
MICROSECONDS_PER_HOUR = 3600 * 1_000_000
_AT_ONCE = 1 << 16  # moments worked on together: they stay in the processor's cache
_MOST_SLOTS = 1 << 22  # a century of quarters of an hour; finer windows are searched


class WorkTime:
    """Working microseconds from a fixed moment to any other.

    Parameters
    ----------
    opened, closed : ndarray of int64
        Working windows in universal microseconds, sorted, without overlap.
    first, last : int
        Universal microseconds; moments between them are known.

    Notes
    -----
    Windows and the pauses between them are pieces of time: what was worked before a moment is what
    was worked before its piece, and the part of the piece before it. All edges lie on a grid,
    mostly of quarters of an hour; the slot of a moment tells its piece.

    Examples
    --------
    >>> hour = MICROSECONDS_PER_HOUR
    >>> work = WorkTime(np.array([9 * hour]), np.array([17 * hour]), 0, 24 * hour)
    >>> (work.until(np.array([0, 10 * hour, 20 * hour])) // hour).tolist()
    [0, 1, 8]
    """

    def __init__(self, opened: np.ndarray, closed: np.ndarray, first: int, last: int) -> None:
        inner = np.column_stack([opened, closed]).ravel().astype(np.int64)
        day = MICROSECONDS_PER_DAY
        self._start = min([first, *inner[:1].tolist()]) // day * day
        self._end = (max([last, *inner[-1:].tolist()]) // day + 1) * day
        self._edges = np.concatenate([[self._start], inner])
        self._rate = np.arange(len(self._edges)) % 2  # every other piece is worked
        worked = np.diff(self._edges, append=self._end) * self._rate
        self._before = np.cumsum(worked) - worked
        grid = int(np.gcd.reduce(np.diff(self._edges, append=self._end)))
        self._slot = max(grid, 1)
        slots = (self._end - self._start) // self._slot
        self._pieces = None
        if slots <= _MOST_SLOTS:
            starts = self._start + np.arange(slots) * self._slot
            self._pieces = self._searched(starts).astype(np.int32)

    def until(self, moments: np.ndarray) -> np.ndarray:
        """Return the working microseconds up to each moment."""
        found = np.empty(len(moments), dtype=np.int64)
        for start in range(0, len(moments), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            found[part] = self._until(moments[part])
        return found

    def _until(self, moments: np.ndarray) -> np.ndarray:
        moments = np.clip(moments, self._start, self._end - 1)
        if self._pieces is None:
            piece = self._searched(moments)
        else:
            piece = self._pieces[(moments - self._start) // self._slot]
        return self._before[piece] + (moments - self._edges[piece]) * self._rate[piece]

    def _searched(self, moments: np.ndarray) -> np.ndarray:
        return np.searchsorted(self._edges, moments, side="right") - 1

"""Working time up to a moment, looked up by its day: in arrays and in a database alike."""

import numpy as np
import pandas as pd

MICROSECONDS_PER_DAY = 24 * 3600 * 1_000_000
MICROSECONDS_PER_HOUR = 3600 * 1_000_000
_AT_ONCE = 1 << 16  # moments worked on together: they stay in the processor's cache


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
    Windows are cut at universal midnights. What was worked before a moment is what was worked
    before its day, and of each window of that day the part before the moment.

    Examples
    --------
    >>> hour = MICROSECONDS_PER_HOUR
    >>> work = WorkTime(np.array([9 * hour]), np.array([17 * hour]), 0, 24 * hour)
    >>> (work.until(np.array([0, 10 * hour, 20 * hour])) // hour).tolist()
    [0, 1, 8]
    """

    def __init__(self, opened: np.ndarray, closed: np.ndarray, first: int, last: int) -> None:
        self.first_day = int(first // MICROSECONDS_PER_DAY)
        count = int(last // MICROSECONDS_PER_DAY) - self.first_day + 1
        day, begin, end = _cut(opened, closed)
        place = day - self.first_day
        length = end - begin
        inside = (place >= 0) & (place < count)
        total = np.bincount(place[inside], weights=length[inside], minlength=count)
        worked = np.cumsum(total.astype(np.int64))
        earlier = int(length[place < 0].sum())
        self.before = earlier + np.concatenate([[0], worked[:-1]]).astype(np.int64)
        self.opened, self.length = _rows(
            place[inside], begin[inside] - day[inside] * MICROSECONDS_PER_DAY, length[inside], count
        )

    def until(self, moments: np.ndarray) -> np.ndarray:
        """Return the working microseconds up to each moment."""
        found = np.empty(len(moments), dtype=np.int64)
        for start in range(0, len(moments), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            found[part] = self._until(moments[part])
        return found

    def _until(self, moments: np.ndarray) -> np.ndarray:
        day = moments // MICROSECONDS_PER_DAY - self.first_day
        np.clip(day, 0, len(self.before) - 1, out=day)
        time = moments - (day + self.first_day) * MICROSECONDS_PER_DAY
        found = self.before[day]
        for opened, length in zip(self.opened, self.length, strict=True):
            inside = time - opened[day]
            np.clip(inside, 0, length[day], out=inside)
            found += inside
        return found

    def table(self) -> pd.DataFrame:
        """Return a row per day for a database: see `sql`."""
        columns = {"day": np.arange(len(self.before)), "before": self.before}
        for place, (opened, length) in enumerate(zip(self.opened, self.length, strict=True)):
            columns |= {f"opened_{place}": opened, f"length_{place}": length}
        return pd.DataFrame(columns)

    def day_sql(self, moment: str) -> str:
        """Return the number of a moment's day in `table`; moments are universal microseconds."""
        start = self.first_day * MICROSECONDS_PER_DAY
        return f"({moment} - ({start})) // {MICROSECONDS_PER_DAY}"

    def until_sql(self, moment: str, table: str) -> str:
        """Return the working microseconds up to a moment, its day's row joined as ``table``."""
        start = self.first_day * MICROSECONDS_PER_DAY
        time = f"({moment} - ({start})) % {MICROSECONDS_PER_DAY}"
        windows = [
            f"greatest(0, least({time} - {table}.opened_{n}, {table}.length_{n}))"
            for n in range(len(self.opened))
        ]
        return " + ".join([f"{table}.before", *windows])


def _cut(opened: np.ndarray, closed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut windows at midnights: day, begin and end of each piece."""
    first = opened // MICROSECONDS_PER_DAY
    pieces = (closed - 1) // MICROSECONDS_PER_DAY - first + 1
    window = np.repeat(np.arange(len(opened)), pieces)
    day = first[window] + np.arange(len(window)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    begin = np.maximum(opened[window], day * MICROSECONDS_PER_DAY)
    end = np.minimum(closed[window], (day + 1) * MICROSECONDS_PER_DAY)
    return day, begin, end


def _rows(
    place: np.ndarray, opened: np.ndarray, length: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Lay the pieces of each day side by side: arrays of (piece, day), without work zero."""
    counts = np.bincount(place, minlength=count)
    most = int(counts.max()) if len(counts) else 0
    number = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = np.zeros((2, most, count), dtype=np.int64)
    rows[0, number, place], rows[1, number, place] = opened, length
    return rows[0], rows[1]

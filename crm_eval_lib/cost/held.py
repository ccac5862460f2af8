"""Values per line that hold from one day to the next day given: progress and plans."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Held:
    """A value per day given and line, carried forward; zero before a line's first.

    Parameters
    ----------
    days : DatetimeIndex
        All days given, ascending.
    lines : Index
        All lines given.
    values, given : ndarray
        Day by line: the value that holds, and whether a row was given on that very day.
    """

    days: pd.DatetimeIndex
    lines: pd.Index
    values: np.ndarray
    given: np.ndarray
    _asked: list = field(default_factory=list, compare=False, repr=False)

    def until(self, day: pd.Timestamp) -> "Held":
        """Return what was given by a day."""
        known = self.days.searchsorted(day, side="right")
        return replace(
            self, days=self.days[:known], values=self.values[:known], given=self.given[:known]
        )

    def columns(self, lines: pd.Index) -> np.ndarray:
        """Return the column of each line, -1 without any; remembered for the lines asked last."""
        if not self._asked or not self._asked[0].is_(lines):
            self._asked[:] = [lines, self.lines.get_indexer(lines)]
        return self._asked[1]

    def on(self, days: pd.DatetimeIndex, lines: pd.Index) -> np.ndarray:
        """Return the values that hold on each day (rows) for each line (columns)."""
        if not len(self.days):
            return np.zeros((len(days), len(lines)))
        rows = self.days.searchsorted(days, side="right") - 1
        columns = self.columns(lines)
        found = self.values[np.ix_(rows, columns)]
        found[rows < 0], found[:, columns < 0] = 0.0, 0.0
        return found

    def days_of(self, lines: pd.Index) -> pd.DatetimeIndex:
        """Return the days on which any of the lines has a row."""
        columns = self.columns(lines)
        return self.days[self.given[:, columns[columns >= 0]].any(axis=1)]

    def last(self, lines: pd.Index) -> np.ndarray:
        """Return the last value of each line, NaN for a line without rows."""
        columns = self.columns(lines)
        if not len(self.days):
            return np.full(len(lines), np.nan)
        return np.where(columns >= 0, self.values[-1][columns], np.nan)


def held(rows: pd.DataFrame, column: str) -> Held:
    """Lay out rows of line_id, period_end and a value; of two on one day the later row counts.

    >>> rows = pd.DataFrame({"line_id": ["A", "A"], "share": [0.1, 0.4],
    ...                      "period_end": pd.to_datetime(["2024-01-31", "2024-03-31"])})
    >>> days = pd.to_datetime(["2024-01-01", "2024-02-29", "2024-04-30"])
    >>> held(rows, "share").on(days, pd.Index(["A"])).ravel().tolist()
    [0.0, 0.1, 0.4]
    """
    rows = rows.loc[rows["line_id"].notna() & rows["period_end"].notna()]
    line, lines = pd.factorize(rows["line_id"])
    lines = pd.Index(lines.astype("str"))
    day, days = pd.factorize(rows["period_end"], sort=True)
    values = np.full((len(days), len(lines)), np.nan)
    given = np.zeros(values.shape, dtype=bool)
    given[day, line] = True
    told = rows[column].notna().to_numpy()
    values[day[told], line[told]] = rows[column].to_numpy(dtype=float)[told]
    source = np.where(np.isnan(values), 0, np.arange(len(days))[:, None])
    values = np.take_along_axis(values, np.maximum.accumulate(source, axis=0), axis=0)
    return Held(pd.DatetimeIndex(days), lines, np.nan_to_num(values), given)

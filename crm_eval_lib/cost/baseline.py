"""Budget versions: the original, and the newest one approved by a day with its later changes."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

ORIGINAL = 0
CONTINGENCY = "contingency"


@dataclass(frozen=True)
class Baseline:
    """The budget as it stood on a day.

    Parameters
    ----------
    version : int
        Newest version approved by that day.
    lines : DataFrame
        One row per line but contingency: category, ``typed`` (as written down), ``amount`` (client
        currency), ``change``, ``bac`` (both), planned_start, planned_finish.
    loose : float
        Approved changes that name no line of the version.
    total : float
        The whole budget with contingency and approved changes.
    """

    version: int
    lines: pd.DataFrame
    loose: float
    total: float

    @cached_property
    def bac(self) -> float:
        """Budget at completion, without contingency."""
        return float(self.lines["bac"].sum() + self.loose)

    @cached_property
    def loose_factor(self) -> float:
        """By what a value of lines grows with the changes that name none, in proportion."""
        total = self.lines["bac"].sum()
        return 1 + self.loose / total if total > 0 else 0.0


def known_by(frame: pd.DataFrame, column: str, day: pd.Timestamp) -> pd.DataFrame:
    """Keep the rows dated on or before a day, and those without a date."""
    return frame.loc[~(frame[column] > day)]


def known_on(budget: pd.DataFrame) -> pd.Series:
    """Return per row the day it was known: a later version as a whole, the original by line.

    A version restates all its lines, so one that is approved in part is not approved, and its
    lines must not pass for the whole budget. No date means known all along.

    >>> budget = pd.DataFrame({"version": [0, 1, 1], "approved_on": pd.to_datetime(
    ...     ["2024-01-02", "2024-03-01", "2024-12-01"])})
    >>> known_on(budget).dt.month.tolist()
    [1, 12, 12]
    """
    whole = budget.groupby("version")["approved_on"].transform("max")
    return whole.where(budget["version"] != ORIGINAL, budget["approved_on"])


@dataclass(frozen=True)
class Versions:
    """All budget rows known on a day, with their money, and what follows from them alone."""

    rows: pd.DataFrame
    _told: list = field(default_factory=list, compare=False, repr=False)

    @cached_property
    def original(self) -> pd.DataFrame:
        """Lines of version 0, contingency included."""
        return original_lines(self.rows)

    @cached_property
    def reserve(self) -> float:
        """The contingency of the original budget."""
        lines = self.original
        return float(lines.loc[lines["category"] == CONTINGENCY, "money"].sum())

    @cached_property
    def original_total(self) -> float:
        """B0: the original budget with contingency."""
        return float(self.original["money"].sum())

    @cached_property
    def line_categories(self) -> pd.Series:
        """Category by line: of the original, else of the first version that has the line."""
        lines = self.rows.sort_values("version", kind="stable").drop_duplicates("line_id")
        lines = lines.loc[lines["line_id"].notna(), ["line_id", "category"]].astype("str")
        return lines.set_index("line_id")["category"].sort_index()

    def told(self, lines: pd.Index, own: pd.Index) -> tuple[pd.Index, np.ndarray, ...]:
        """Return names of categories, their position by line and by own name, and lines known.

        The position of an unknown one is -1; so is the last entry, which code -1 points at. Asked
        again for the same lines, the answer is remembered.
        """
        if self._told and self._told[0] is lines and self._told[1] is own:
            return self._told[2]
        known = self.line_categories
        names = pd.Index(known.dropna().unique()).union(own)
        of_line = names.get_indexer(known.reindex(lines))
        answer = (names, np.append(of_line, -1), np.append(names.get_indexer(own), -1),
                  np.append(known.index.get_indexer(lines) >= 0, False))  # fmt: skip
        self._told[:] = [lines, own, answer]
        return answer

    @cached_property
    def newest(self) -> tuple[int, pd.Timestamp] | None:
        """Number and day of approval of the newest approved version.

        A version is approved when all its lines are. Where no approval is recorded at all, the
        newest version counts; the first one counts in any case.
        """
        if self.rows.empty:
            return None
        of_version = self.rows["approved_on"].groupby(self.rows["version"])
        approvals, open_lines = of_version.max(), of_version.size() - of_version.count()
        candidates = approvals.index
        if approvals.notna().any():
            candidates = candidates[(open_lines == 0) | (candidates == candidates.min())]
        version = candidates.max()
        return int(version), approvals[version]

    @cached_property
    def lines(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Lines of the newest version: all, and those without contingency."""
        every = _lines(self.rows.loc[self.rows["version"] == self.newest[0]])
        every["place"] = np.arange(len(every))
        return every, every.loc[every["category"] != CONTINGENCY]


def original_lines(budget: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of version 0, contingency included."""
    return budget.loc[budget["version"] == ORIGINAL]


def current_baseline(versions: Versions, changes: pd.DataFrame) -> Baseline | None:
    """Return the newest approved version plus the changes approved after it, of what is known."""
    if versions.newest is None:
        return None
    (version, approved), (lines, work) = versions.newest, versions.lines
    later = changes.loc[changes["approved_on"].notna()]
    if pd.notna(approved):
        later = later.loc[later["approved_on"] > approved]
    place, amount = lines.index.get_indexer(later["line_id"]), later["amount"].to_numpy()
    named = place >= 0
    added = np.bincount(place[named], amount[named], len(lines))[work["place"]]
    work = work.assign(change=added, bac=work["amount"] + added)
    loose, total = amount[~named].sum(), lines["amount"].sum() + amount.sum()
    return Baseline(version, work, float(loose), float(total))


def _lines(rows: pd.DataFrame) -> pd.DataFrame:
    lines = rows.groupby("line_id").agg(
        category=("category", "first"), typed=("amount", "sum"), amount=("money", "sum"),
        planned_start=("planned_start", "min"), planned_finish=("planned_finish", "max"),
    )  # fmt: skip
    return lines.set_axis(pd.Index(lines.index.astype("str"), name="line_id"))

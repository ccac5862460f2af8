"""Budget versions: the original, and the newest one approved by a day with its later changes."""

from dataclasses import dataclass

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

    @property
    def bac(self) -> float:
        """Budget at completion, without contingency."""
        return float(self.lines["bac"].sum() + self.loose)


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


def original_lines(budget: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of version 0, contingency included."""
    return budget.loc[budget["version"] == ORIGINAL]


def current_baseline(budget: pd.DataFrame, changes: pd.DataFrame) -> Baseline | None:
    """Return the newest approved version plus the changes approved after it, of what is known.

    A version is approved when all its lines are. Where no approval is recorded at all, the newest
    version counts; the first one counts in any case.
    """
    if budget.empty:
        return None
    approvals = budget.groupby("version")["approved_on"].max()
    candidates = approvals.index
    if budget["approved_on"].notna().any():
        complete = budget["approved_on"].notna().groupby(budget["version"]).all()
        candidates = candidates[complete | (candidates == candidates.min())]
    version = candidates.max()
    later = changes.loc[changes["approved_on"].notna()]
    if pd.notna(approvals[version]):
        later = later.loc[later["approved_on"] > approvals[version]]
    return _with_changes(budget.loc[budget["version"] == version], later, int(version))


def _with_changes(rows: pd.DataFrame, changes: pd.DataFrame, version: int) -> Baseline:
    lines = rows.groupby("line_id").agg(
        category=("category", "first"), typed=("amount", "sum"), amount=("money", "sum"),
        planned_start=("planned_start", "min"), planned_finish=("planned_finish", "max"),
    )  # fmt: skip
    lines.index = pd.Index(lines.index.astype("str"), name="line_id")
    change = changes.groupby("line_id", dropna=False)["amount"].sum()
    lines["change"] = change.reindex(lines.index).fillna(0.0)
    loose = float(change.loc[lines.index.get_indexer(change.index) < 0].sum())
    lines["bac"] = lines["amount"] + lines["change"]
    total = float(lines["bac"].sum() + loose)
    return Baseline(version, lines.loc[lines["category"] != CONTINGENCY], loose, total)

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


def budget_known_by(budget: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Keep the versions known by a day: a later one counts only as a whole.

    A version restates all its lines, so one that is approved in part is not approved, and its
    lines must not pass for the whole budget. The original may be approved line by line.

    >>> budget = pd.DataFrame({"version": [0, 1, 1], "approved_on": pd.to_datetime(
    ...     ["2024-01-02", "2024-03-01", "2024-12-01"])})
    >>> budget_known_by(budget, pd.Timestamp("2024-06-30"))["version"].tolist()
    [0]
    """
    late = budget["approved_on"] > day
    whole = ~late.groupby(budget["version"]).transform("any").astype(bool)
    return budget.loc[whole | ((budget["version"] == ORIGINAL) & ~late)]


def original_lines(budget: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of version 0, contingency included."""
    return budget.loc[budget["version"] == ORIGINAL]


def baseline_on(budget: pd.DataFrame, changes: pd.DataFrame, day: pd.Timestamp) -> Baseline | None:
    """Return the newest version approved by a day plus the changes approved after it.

    A version is approved when all its lines are. Where no approval is recorded at all, the newest
    version counts; the first one counts in any case.
    """
    rows = budget_known_by(budget, day)
    if rows.empty:
        return None
    approvals = rows.groupby("version")["approved_on"].max()
    candidates = approvals.index
    if budget["approved_on"].notna().any():
        complete = rows["approved_on"].notna().groupby(rows["version"]).all()
        candidates = candidates[complete | (candidates == candidates.min())]
    version = candidates.max()
    later = changes.loc[changes["approved_on"] <= day]
    if pd.notna(approvals[version]):
        later = later.loc[later["approved_on"] > approvals[version]]
    return _with_changes(rows.loc[rows["version"] == version], later, int(version))


def _with_changes(rows: pd.DataFrame, changes: pd.DataFrame, version: int) -> Baseline:
    of_line = rows.groupby("line_id")
    lines = of_line["category"].first().to_frame()
    lines["typed"], lines["amount"] = of_line["amount"].sum(), of_line["money"].sum()
    lines["planned_start"] = of_line["planned_start"].min()
    lines["planned_finish"] = of_line["planned_finish"].max()
    change = changes.groupby("line_id")["amount"].sum()
    loose = float(changes.loc[~changes["line_id"].isin(lines.index), "amount"].sum())
    lines["change"] = change.reindex(lines.index).fillna(0.0)
    lines["bac"] = lines["amount"] + lines["change"]
    total = float(lines["bac"].sum() + loose)
    return Baseline(version, lines.loc[lines["category"] != CONTINGENCY], loose, total)

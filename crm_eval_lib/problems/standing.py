"""The problem register as it stood on the status date, and who belongs to the denominator D."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.denials import denies_evidence, marked_empty
from crm_eval_lib.letters import folded
from crm_eval_lib.problems.duplicates import counted_once
from crm_eval_lib.problems.version_labels import version_day, version_rank
from crm_eval_lib.remembered import Remembered
from crm_eval_lib.results import Message, missing_column, missing_table

EMPTY_SCALE = 3  # an empty 1–5 rating counts as the middle
SEVERE = 4  # severity from which an open problem is named
SEVERITY_LEVELS = (1, 2, 3, 4, 5)

COLUMNS = (
    "problem_id", "raised_on", "title", "department", "raised_by_role", "raised_by_side",
    "prompted", "process", "severity", "importance", "phase", "in_scope", "status",
    "decided_by_side", "decision_reason", "solved_on", "closed_on", "accepted", "confirmed_on",
    "evidence", "owner_role", "reopened", "duplicate_of", "entered_on", "register_version",
    "origin",
)  # fmt: skip
STANDING = (
    "is_vanished", "is_duplicate", "is_recalled", "is_withdrawn", "is_set_aside", "left_out",
    "in_denominator", "claimed", "is_evidenced", "proven", "is_open",
)  # fmt: skip
_DATES = ("raised_on", "solved_on", "closed_on", "confirmed_on", "entered_on")
# Of contradicting rows in one version the worse for the rate counts.
_WORST_FIRST = {"open": 0, "partly": 1, "rejected": 2, "solved": 3, "withdrawn": 4, "duplicate": 5}
_VERSIONS, _LATEST = Remembered(), Remembered()  # a step may be given the register as it came


def register(problems: pd.DataFrame | None, *, dates: Any) -> pd.DataFrame | None:
    """Return one row per problem as known on the status date, with its standing.

    Parameters
    ----------
    problems : DataFrame or None
        The table ``problems``, all versions of it. What this function returned is returned as it
        is, so that a register is read once and given to every step.
    dates : object
        Has ``status_date``; what is dated later did not happen yet.

    Returns
    -------
    DataFrame or None
        None without rows. Of several versions of a problem the newest counts. Of problems that
        are duplicates of themselves or of each other in a circle, one stays. Added columns:
        ``is_vanished`` (absent from the newest version), ``is_duplicate``, ``is_recalled``,
        ``is_withdrawn``, ``is_set_aside`` (rejected or out of scope, and not by the client),
        ``left_out`` (why a row is not in D, else empty), ``in_denominator``, ``claimed``
        (reported solved), ``is_evidenced`` (evidence is given, and does not say that there is
        none), ``proven`` (claimed, accepted, evidenced), ``is_open``.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = pd.DataFrame({"problem_id": ["1", "2"], "raised_on": ["2024-01-05", "2024-02-05"],
    ...                      "title": ["a", "b"], "severity": [3, 5], "status": ["solved", "open"]})
    >>> seen = register(rows, dates=SimpleNamespace(status_date=pd.Timestamp("2024-01-31")))
    >>> seen["problem_id"].tolist(), seen["claimed"].tolist()
    (['1'], [True])
    """
    if problems is None or problems.empty:
        return None
    if set(STANDING) <= set(problems.columns):
        return problems
    rows = versions(problems, dates=dates)
    return None if rows.empty else latest(rows, dates=dates)


def versions(problems: pd.DataFrame, *, dates: Any) -> pd.DataFrame:
    """Return all versions of all problems as known on the status date, typed, each problem once.

    Parameters
    ----------
    problems : DataFrame
    dates : object
        Has ``status_date``.

    Returns
    -------
    DataFrame
        Added column ``version``: 0 for the oldest label, counting up; −1 for none. Ordered by
        problem; a row repeated within a version counts once, at its worst.
    """
    day = dates.status_date

    def read() -> pd.DataFrame:
        rows = _seen(_typed(problems), day)
        rows = rows.assign(version=version_rank(codes(rows["register_version"])))
        return _once(rows.sort_values("problem_id", kind="stable"))

    return _VERSIONS.once((problems,), read, knobs=day)


def latest(rows: pd.DataFrame, *, dates: Any) -> pd.DataFrame:
    """Return the register out of what `versions` returned: each problem's newest state."""
    day = dates.status_date

    def read() -> pd.DataFrame:
        return _standing(_undo_later(_newest(rows), day))

    return _LATEST.once((rows,), read, knobs=day).copy(deep=False)


def absent(seen: pd.DataFrame | None, *columns: str, table: str = "problems") -> Message | None:
    """Say why a step cannot be computed: no rows, or columns empty throughout; else None."""
    if seen is None:
        return missing_table(table)
    missing = [column for column in columns if not recorded(seen, column)]
    return missing_column(table, *missing) if missing else None


def recorded(frame: pd.DataFrame, column: str) -> bool:
    """Say whether a column holds anything at all."""
    return column in frame and bool(given(frame[column]).any())


def given(values: pd.Series) -> pd.Series:
    """Say which cells hold something; blanks are empty."""
    if isinstance(values.dtype, pd.StringDtype):
        return codes(values) != ""
    places, known = _different(values)
    return pd.Series((known != "")[places], index=values.index, name=values.name)


def without_marks(evidence: pd.Series) -> pd.Series:
    """Return evidence with marks such as "-" and "N/A" as empty: they are no entry."""
    return evidence.mask(marked_empty(evidence))


def evidenced(evidence: pd.Series) -> pd.Series:
    """Say which cells name evidence; "none" or "to follow" names none."""
    return given(evidence) & ~denies_evidence(evidence)


def codes(values: pd.Series) -> pd.Series:
    """Return coded cells as plain text, empty for nothing."""
    if isinstance(values.dtype, pd.StringDtype):
        return values.str.strip().fillna("")
    places, known = _different(values)
    texts = pd.array(known, dtype="str").take(places)
    return pd.Series(texts, index=values.index, name=values.name)


def names(values: pd.Series) -> pd.Series:
    """Return names to compare by their letters: width, case and the number of spaces apart.

    >>> names(pd.Series(["Finance ", "ＦＩＮＡＮＣＥ", None])).tolist()
    ['finance', 'finance', '']
    """
    return codes(values).map(folded)


def _different(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return each cell's place among the different texts: few texts, however many the rows."""
    places, known = pd.factorize(values)
    texts = [str(value).strip() for value in np.asarray(known, dtype=object)]
    return places, np.array([*texts, ""], dtype=object)


def occurs(values: pd.Series, among: pd.Series | pd.Index) -> pd.Series:
    """Say which ids occur among others; many times faster than ``isin`` on texts."""
    return pd.Series(pd.Index(among).unique().get_indexer(values) >= 0, index=values.index)


def rating(values: pd.Series) -> pd.Series:
    """Return 1–5 ratings with the middle for empty ones."""
    return pd.to_numeric(values, errors="coerce").fillna(EMPTY_SCALE)


def with_columns(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Return a copy that has all these columns, added ones empty, with a fresh index."""
    added = {name: None for name in names if name not in frame}
    return frame.assign(**added).reset_index(drop=True)


def _typed(problems: pd.DataFrame) -> pd.DataFrame:
    rows = with_columns(problems, COLUMNS)
    dates = {name: pd.to_datetime(rows[name], errors="coerce") for name in _DATES}
    return rows.assign(
        **dates,
        severity=rating(rows["severity"]),
        importance=rating(rows["importance"]),
        reopened=pd.to_numeric(rows["reopened"], errors="coerce"),
        problem_id=rows["problem_id"].astype(str),
        evidence=without_marks(rows["evidence"]),
    )


def _seen(rows: pd.DataFrame, status_date: pd.Timestamp | None) -> pd.DataFrame:
    """Leave out what was raised, entered or restated after the status date."""
    if status_date is None:
        return rows
    later = (rows["raised_on"] > status_date) | (rows["entered_on"] > status_date)
    later |= version_day(codes(rows["register_version"])) > status_date
    return rows[~later]


def _once(rows: pd.DataFrame) -> pd.DataFrame:
    keys = ["problem_id", "version"]
    repeated = rows.duplicated(keys, keep=False)
    if not repeated.any():
        return rows
    again = rows[repeated]
    again = again.assign(
        _worst=codes(again["status"]).map(_WORST_FIRST).fillna(0),
        _shown=codes(again["accepted"]).eq("yes").astype(int) + evidenced(again["evidence"]),
        _text=again.apply(codes).agg("|".join, axis=1),
    )
    again = again.sort_values([*keys, "_worst", "_shown", "_text"], kind="stable")
    again = again.drop_duplicates(keys).drop(columns=["_worst", "_shown", "_text"])
    return pd.concat([rows[~repeated], again]).sort_values("problem_id", kind="stable")


def _newest(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the newest version of each problem."""
    if rows["version"].nunique() > 1:
        newest = rows.groupby("problem_id")["version"].transform("max")
        last = newest.max()
        rows = rows[rows["version"] == newest]
        rows = rows.assign(is_vanished=rows["version"] < last)
    else:
        rows = rows.assign(is_vanished=False)
    return rows.drop(columns="version").reset_index(drop=True)


def _undo_later(rows: pd.DataFrame, status_date: pd.Timestamp | None) -> pd.DataFrame:
    """Put a problem back to open when what ended it is dated after the status date."""
    status = codes(rows["status"])
    if status_date is None:
        return rows.assign(status=status)
    later = {name: rows[name] > status_date for name in ("solved_on", "closed_on", "confirmed_on")}
    # A solution without its own date is no older than the closing that confirms it.
    unsolved = later["solved_on"] | (rows["solved_on"].isna() & later["closed_on"])
    undone = (status.eq("solved") & unsolved) | (
        status.isin(["withdrawn", "rejected"]) & later["closed_on"]
    )
    dates = {name: rows[name].mask(mask) for name, mask in later.items()}
    return rows.assign(**dates, status=status.mask(undone, "open"))


def _standing(rows: pd.DataFrame) -> pd.DataFrame:
    status, by_client = rows["status"], codes(rows["decided_by_side"]).eq("client")
    outside = codes(rows["in_scope"]).isin(["no", "deferred"])
    rejected = status.eq("rejected")
    duplicate = status.eq("duplicate") | given(rows["duplicate_of"])
    if duplicate.any():
        duplicate &= ~counted_once(rows, codes(rows["duplicate_of"]))
    recalled = codes(rows["origin"]).eq("recalled")
    reasons = [
        (duplicate, "duplicate"),
        (recalled, "recalled"),
        (status.eq("withdrawn"), "withdrawn"),
        (outside & by_client, "out_of_scope"),
        (rejected & by_client, "rejected"),
    ]
    left_out = pd.Series(
        np.select([mask for mask, _ in reasons], [name for _, name in reasons], default=""),
        index=rows.index,
        dtype=object,
    )
    inside, claimed = left_out.eq(""), status.eq("solved")
    # Out of scope without the client's decision counts as unsolved, whatever the status says.
    set_aside = (outside | rejected) & ~by_client
    shown = evidenced(rows["evidence"])
    proven = claimed & codes(rows["accepted"]).eq("yes") & shown & ~set_aside
    return rows.assign(
        is_duplicate=duplicate,
        is_recalled=recalled,
        is_withdrawn=status.eq("withdrawn"),
        is_set_aside=set_aside & inside,
        left_out=left_out,
        in_denominator=inside,
        claimed=claimed,
        is_evidenced=shown,
        proven=proven,
        is_open=inside & ~claimed,
    )

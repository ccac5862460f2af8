"""The problem register as it stood on the status date, and who belongs to the denominator D."""

import re
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_datetime64_any_dtype as is_datetime
from pandas.api.types import is_numeric_dtype, is_object_dtype

from crm_eval_lib.problems.duplicates import counted_once
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
_DATES = ("raised_on", "solved_on", "closed_on", "confirmed_on", "entered_on")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def register(problems: pd.DataFrame | None, *, dates: Any) -> pd.DataFrame | None:
    """Return one row per problem as known on the status date, with its standing.

    Parameters
    ----------
    problems : DataFrame or None
        The table ``problems``, all versions of it.
    dates : object
        Has ``status_date``; what is dated later did not happen yet.

    Returns
    -------
    DataFrame or None
        None without rows. Of several versions of a problem the newest counts. Of problems that
        are duplicates of themselves or of each other in a circle, one stays. Added columns:
        ``is_duplicate``, ``is_recalled``, ``is_withdrawn``, ``left_out`` (why a row is not in D,
        else empty), ``in_denominator``, ``claimed`` (reported solved), ``proven`` (and accepted,
        with evidence), ``is_open``.

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
    rows = _typed(problems)
    rows = _seen(rows, dates.status_date)
    rows = _newest(rows)
    if rows.empty:
        return None
    return _standing(_undo_later(rows, dates.status_date))


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
    held = values.notna()
    # Dates and numbers are never blank, and turning them into text is slow.
    textual = is_object_dtype(values) or not (is_numeric_dtype(values) or is_datetime(values))
    if not textual or not held.any():
        return held
    return held & (values.astype(object).astype(str).str.strip() != "")


def codes(values: pd.Series) -> pd.Series:
    """Return coded cells as plain text, empty for nothing."""
    held = given(values)
    if not held.any():
        return pd.Series("", index=values.index, name=values.name, dtype=str)
    return values.astype(object).where(held, "").astype(str).str.strip()


def rating(values: pd.Series) -> pd.Series:
    """Return 1–5 ratings with the middle for empty ones."""
    return pd.to_numeric(values, errors="coerce").fillna(EMPTY_SCALE)


def with_columns(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Return a copy that has all these columns, added ones empty, with a fresh index."""
    added = {name: None for name in names if name not in frame}
    return frame.assign(**added).reset_index(drop=True)


def versions_missing(problems: pd.DataFrame | None, *, dates: Any) -> int:
    """Count problems that are absent from the newest version of a register kept in versions."""
    if problems is None or problems.empty:
        return 0
    rows = _seen(_typed(problems), dates.status_date)
    rank = version_rank(rows["register_version"])
    newest = rank.groupby(rows["problem_id"]).max()
    return int((newest < rank.max()).sum()) if len(newest) else 0


def _typed(problems: pd.DataFrame) -> pd.DataFrame:
    rows = with_columns(problems, COLUMNS)
    dates = {name: pd.to_datetime(rows[name], errors="coerce") for name in _DATES}
    return rows.assign(
        **dates,
        severity=rating(rows["severity"]),
        importance=rating(rows["importance"]),
        reopened=pd.to_numeric(rows["reopened"], errors="coerce"),
        problem_id=rows["problem_id"].astype(str),
    )


def _seen(rows: pd.DataFrame, status_date: pd.Timestamp | None) -> pd.DataFrame:
    """Leave out what was raised, entered or restated after the status date."""
    if status_date is None:
        return rows
    later = (rows["raised_on"] > status_date) | (rows["entered_on"] > status_date)
    versions = codes(rows["register_version"])
    dated = versions.where(versions.str.fullmatch(_ISO_DAY))
    later |= pd.to_datetime(dated, errors="coerce") > status_date
    return rows[~later]


def version_rank(versions: pd.Series) -> pd.Series:
    """Rank version labels: 9 before 10, v1.9 before v1.10, no label before all."""

    def order(label: str) -> tuple:
        parts = re.split(r"(\d+)", label)
        return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)

    labels = codes(versions).str.replace(r"^(\d+)\.0$", r"\1", regex=True)  # 2.0 is version 2
    known = sorted(set(labels.unique()) - {""}, key=order)
    return labels.map({"": -1} | {label: rank for rank, label in enumerate(known)}).astype(int)


def _newest(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the newest version of each problem; a row repeated in it counts once, at its worst."""
    ranked = rows.assign(_version=version_rank(rows["register_version"]))
    if ranked["_version"].nunique() > 1:
        newest = ranked.groupby("problem_id")["_version"].transform("max")
        ranked = ranked[ranked["_version"] == newest]
    repeated = ranked["problem_id"].duplicated(keep=False)
    text = pd.Series("", index=ranked.index)
    if repeated.any():
        text[repeated] = ranked[repeated].apply(codes).agg("|".join, axis=1)
    ranked = ranked.assign(_done=codes(ranked["status"]) != "open", _text=text)
    ranked = ranked.sort_values(["problem_id", "_done", "_text"], kind="stable")
    kept = ranked.drop_duplicates("problem_id", keep="first")
    return kept.drop(columns=["_version", "_done", "_text"]).reset_index(drop=True)


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
    duplicate = status.eq("duplicate") | given(rows["duplicate_of"])
    duplicate &= ~counted_once(rows, codes(rows["duplicate_of"]))
    recalled = codes(rows["origin"]).eq("recalled")
    reasons = [
        (duplicate, "duplicate"),
        (recalled, "recalled"),
        (status.eq("withdrawn"), "withdrawn"),
        (outside & by_client, "out_of_scope"),
        (status.eq("rejected") & by_client, "rejected"),
    ]
    left_out = pd.Series(
        np.select([mask for mask, _ in reasons], [name for _, name in reasons], default=""),
        index=rows.index,
        dtype=object,
    )
    claimed = status.eq("solved")
    # Out of scope without the client's decision counts as unsolved, whatever the status says.
    proven = claimed & codes(rows["accepted"]).eq("yes") & given(rows["evidence"])
    proven &= ~outside | by_client
    return rows.assign(
        is_duplicate=duplicate,
        is_recalled=recalled,
        is_withdrawn=status.eq("withdrawn"),
        left_out=left_out,
        in_denominator=left_out.eq(""),
        claimed=claimed,
        proven=proven,
        is_open=left_out.eq("") & ~claimed,
    )

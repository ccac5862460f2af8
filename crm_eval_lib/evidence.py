"""How good the evidence is: a grade per table, per indicator, and the verb that follows from it.

A full export tied to control totals is A, other exports, random samples and signed documents B,
registers, observation and judgement C, recollection and estimates D. An indicator has the grade of
its weakest table, moved by what weakens or strengthens it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm_eval_lib.results import Caveat, Indicator
from crm_eval_lib.scoring import numbers, threshold
from crm_eval_lib.totals import control_totals, covered_share, present

GRADES = ("A", "B", "C", "D")
EVIDENCE_COLUMNS = ("table", "factor", "rows", "base_grade", "difference", "tied", "grade")


@dataclass(frozen=True, slots=True)
class Grade:
    """A letter and what moved it: bias, wide_interval, missing, placebo, rung."""

    letter: str
    moved_by: tuple[str, ...] = ()


def weakest(grades: Iterable[str], default: str = "D") -> str:
    """Return the weakest of some grades.

    >>> weakest(["A", "C", "B"])
    'C'
    """
    return max(grades, key=GRADES.index, default=default)


def table_evidence(
    tables: Any,
    *,
    status_date: pd.Timestamp | None = None,
    independent: bool = True,
    totals_cap: bool = True,
    totals: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Grade every table that was handed in.

    Parameters
    ----------
    totals_cap : bool
        False where the client has switched rule V7 off: a difference then only costs the A.
    independent : bool
        False where a vendor, implementer or project owner prepared the report and nobody
        independent countersigned: the consultant's own ratings then count as grade D.
    totals : DataFrame, optional
        What `control_totals` said of these tables on that day, where it is at hand.

    Returns
    -------
    DataFrame
        One row per table: rows, grade by origin, largest difference from control totals, grade.

    Examples
    --------
    >>> table_evidence({"orders": pd.DataFrame({"order_id": ["1"]})})["grade"].tolist()
    ['B']
    """
    if totals is None:
        totals = control_totals(tables, status_date=status_date)
    of_table, none = dict(list(totals.groupby("table"))), totals.iloc[:0]
    ratings = () if independent else numbers()["vetoes"]["V8"]["ratings"]
    rows = []
    for name in tables:
        frame = present(tables, name)
        if frame is not None and name != "control_totals":
            mine = of_table.get(name, none)
            share = covered_share(frame, mine, until=status_date)
            row = _graded(name, frame, mine, cap=totals_cap, covered=share)
            if name in ratings:
                row["grade"] = weakest([row["grade"], numbers()["vetoes"]["V8"]["grade"]])
            rows.append(row)
    table = pd.DataFrame(rows, columns=list(EVIDENCE_COLUMNS))
    return table.astype({"difference": "float64"})


def table_grades(evidence: pd.DataFrame) -> dict[str, str]:
    """Return the grade of each table."""
    return dict(zip(evidence["table"], evidence["grade"], strict=True))


def default_grades() -> dict[str, str]:
    """Return the grade of each table by its origin, where the tables themselves are not at hand."""
    return {name: entry["grade"] for name, entry in numbers()["tables"].items()}


def indicator_grade(
    indicator: Indicator,
    grades: Mapping[str, str],
    *,
    full_span: float | None = None,
    caveats: Sequence[Caveat] = (),
    placebo_passed: bool = False,
) -> Grade:
    """Grade one indicator: its weakest table, then one down or up for each reason, then the cap.

    Parameters
    ----------
    grades : mapping of str to str
        Grade of each table handed in.
    full_span : float, optional
        Distance from zero to full points; an interval wider than half of it costs a grade.
    caveats : sequence of Caveat
        A caveat about bias that names the indicator, or its tables, costs a grade.
    placebo_passed : bool
        True lifts a design with comparison units by one; never to A without control totals.

    Examples
    --------
    >>> from crm_eval_lib.results import measured
    >>> indicator_grade(measured("cost.cpi", 1.0, "index", tables=("budget",)), {"budget": "B"})
    Grade(letter='B', moved_by=())
    """
    rules = numbers()["evidence"]
    origin = _origin(indicator.tables, grades, rules["unknown"])
    reasons = {
        "bias": rules["bias_down"] * any(_biased(indicator, caveat) for caveat in caveats),
        "wide_interval": rules["interval_down"] * _wide(indicator, full_span),
        "missing": rules["missing_down"] * _mostly_missing(indicator),
        "placebo": -rules["placebo_up"] * placebo_passed,
    }
    place = GRADES.index(origin) + sum(reasons.values())
    best = 0 if origin == GRADES[0] else 1
    letter = GRADES[min(max(place, best), len(GRADES) - 1)]
    moved_by = [reason for reason, steps in reasons.items() if steps]
    if indicator.rung in rules["capped_rungs"] and weakest([letter, rules["rung_cap"]]) != letter:
        letter = rules["rung_cap"]
        moved_by.append("rung")
    return Grade(letter, tuple(moved_by))


def _origin(names: Sequence[str], grades: Mapping[str, str], unknown: str) -> str:
    known = numbers()["tables"]
    speaking = [name for name in names if not known.get(name, {}).get("describes")]
    present = [grades[name] for name in speaking if name in grades]
    foreign = [unknown for name in speaking if name not in known and name not in grades]
    return weakest([*present, *foreign], default=unknown)


def _biased(indicator: Indicator, caveat: Caveat) -> bool:
    if not caveat.bias:
        return False
    if caveat.indicators:
        return bool({indicator.id, indicator.base_id} & set(caveat.indicators))
    return bool(set(indicator.tables) & set(caveat.tables))


def _wide(indicator: Indicator, full_span: float | None) -> bool:
    if full_span is None or indicator.low is None or indicator.high is None:
        return False
    return indicator.high - indicator.low > threshold("wide_interval") * full_span


def _mostly_missing(indicator: Indicator) -> bool:
    share = (indicator.parts or {}).get("missing_share")
    return share is not None and share > threshold("missing_share")


def _graded(
    name: str, frame: pd.DataFrame, totals: pd.DataFrame, *, cap: bool, covered: float
) -> dict[str, Any]:
    entry = numbers()["tables"].get(name, {"grade": numbers()["evidence"]["unknown"]})
    base = _base_grade(frame, entry)
    difference = None if totals.empty else float(totals["difference"].abs().max())
    may_tie = entry.get("ties", True) and base != GRADES[-1] and not totals.empty
    whole = covered >= 1 - threshold("tie")  # a total of one month ties no other month
    tied = bool(may_tie and difference <= threshold("tie") and whole)
    grade = GRADES[0] if tied else base
    if cap and difference is not None and difference > threshold("tie"):
        grade = weakest([grade, numbers()["vetoes"]["V7"]["grade_cap"]])
    values = (name, entry.get("factor"), len(frame), base, difference, tied, grade)
    return dict(zip(EVIDENCE_COLUMNS, values, strict=True))


def _base_grade(frame: pd.DataFrame, entry: Mapping[str, Any]) -> str:
    column = entry.get("column")
    if column is None or column not in frame:
        return entry["grade"]
    values = frame.loc[~frame[column].isin(entry.get("ignored", [])), column]
    if values.empty:
        return GRADES[-1]  # nothing but recollection
    grade = _reached(values.map(entry["grades"]).fillna(entry["grade"]))
    if not _drawn_found(frame, entry):
        grade = weakest([grade, "C"])
    for source, code in entry.get("oral", {}).items():
        if source in frame and (frame[source] == code).mean() > 1 - threshold("row_share"):
            grade = GRADES[-1]
    return grade


def _reached(grades: pd.Series) -> str:
    places = grades.map(GRADES.index)
    share = threshold("row_share")
    return next(g for at, g in enumerate(GRADES) if (places <= at).mean() >= share)


def _drawn_found(frame: pd.DataFrame, entry: Mapping[str, Any]) -> bool:
    column = entry.get("not_found")
    if column is None or column not in frame:
        return True
    found = frame[column].isna()
    shares = found.groupby(frame["wave"]).mean() if "wave" in frame else pd.Series([found.mean()])
    return bool((shares >= threshold("found_share")).all())


def _covers(frame: pd.DataFrame, totals: pd.DataFrame) -> bool:
    if totals["process"].isna().any() or "process" not in frame:
        return True
    return set(frame["process"].dropna()) <= set(totals["process"])

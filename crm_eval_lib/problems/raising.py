"""Who raised the problems, when, and whether everyone affected was heard."""

from typing import Any

import pandas as pd

from crm_eval_lib.problems.shares import few_cases, share, share_of
from crm_eval_lib.problems.standing import absent, codes, given, names, register, with_columns
from crm_eval_lib.results import (
    CONFIDENCE,
    Indicator,
    Message,
    Step,
    missing_column,
    missing_table,
    not_assessed,
)

TABLES = ("problems",)
DEPARTMENT_TABLES = ("departments", "problems")
LATE_PHASES = ("build", "live")
PHASES = ("survey", "build", "live")


def late_found(
    problems: pd.DataFrame | None, *, dates: Any, confidence: float = CONFIDENCE
) -> Step:
    """Count the problems that the survey should have found and the project stumbled over.

    Parameters
    ----------
    problems : DataFrame or None
    dates : object
        Has ``status_date``.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.

    Returns
    -------
    Step
        ``late_found_share``: phase build or live, over all but duplicates and recalled ones that
        have a phase. Table: problems by phase.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = pd.DataFrame({"problem_id": ["1", "2"], "phase": ["survey", "build"]})
    >>> step = late_found(rows, dates=SimpleNamespace(status_date=None))
    >>> step["problems.late_found_share"].value
    0.5
    """
    id, seen = "problems.late_found_share", register(problems, dates=dates)
    reason = absent(seen, "phase")
    if reason:
        return Step("problems.late_found", (not_assessed(id, "ratio", reason, tables=TABLES),))
    phase = codes(seen["phase"])
    eligible = ~seen["is_duplicate"] & ~seen["is_recalled"]
    among = eligible & phase.ne("")
    k, n = share_of(phase.isin(LATE_PHASES), among)
    found = share(id, k, n, tables=TABLES, confidence=confidence,
                  parts=_missing(among, eligible))  # fmt: skip
    table = phase[among].value_counts().reindex(PHASES, fill_value=0)
    table = table.rename_axis("phase").reset_index(name="problems")
    sentence = Message("problems.sentence.late_found", {"k": k, "n": n, "value": found.value})
    return Step("problems.late_found", (found,), table=table, caveats=few_cases([found]),
                sentence=sentence if n else None)  # fmt: skip


def engagement(
    departments: pd.DataFrame | None,
    problems: pd.DataFrame | None,
    *,
    dates: Any,
    confidence: float = CONFIDENCE,
) -> Step:
    """Ask whether the affected departments spoke, came, and spoke unprompted.

    Parameters
    ----------
    departments : DataFrame or None
        Which departments the system concerns: the denominator.
    problems : DataFrame or None
    dates : object
        Has ``status_date``.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.

    Returns
    -------
    Step
        ``engagement``: affected departments with a client-raised, not recalled, survey-phase
        problem; ``attendance``: those that attended the survey; ``proactive_share``: client-raised
        and unprompted among survey-phase problems, duplicates and recalled ones apart, for which
        prompted is known. Table: the departments, each with its own problems and the share of them
        that came up only when asked.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> concerned = pd.DataFrame({"department": ["Sales", "Stock"], "affected": ["yes", "yes"]})
    >>> rows = pd.DataFrame({"problem_id": ["1"], "department": ["sales"], "phase": ["survey"],
    ...                      "raised_by_side": ["client"]})
    >>> step = engagement(concerned, rows, dates=SimpleNamespace(status_date=None))
    >>> step["problems.engagement"].value
    0.5
    """
    seen = register(problems, dates=dates)
    concerned = _concerned(departments, dates.status_date)
    spoke = _engagement(concerned, seen, confidence)
    came = _attendance(concerned, confidence)
    found = (spoke, came, _proactive(seen, confidence))
    table = None if concerned is None else _table(concerned, seen)
    if spoke.value is None or table is None:
        return Step("problems.engagement", found, table=table, caveats=few_cases(found))
    affected = table[table["affected"] == "yes"]
    silent = sorted(affected.loc[~(affected["own_problems"] > 0), "department"])
    slots = {"k": len(affected) - len(silent), "n": len(affected), "silent": silent}
    name = "engagement_silent" if silent else "engagement"
    return Step("problems.engagement", found, table=table, caveats=few_cases(found),
                sentence=Message(f"problems.sentence.{name}", slots))  # fmt: skip


def _concerned(departments: pd.DataFrame | None, status_date: Any) -> pd.DataFrame | None:
    if departments is None or departments.empty:
        return None
    rows = with_columns(departments, ("department", "affected", "headcount", "survey_attended_on"))
    attended = pd.to_datetime(rows["survey_attended_on"], errors="coerce")
    if status_date is not None:
        attended = attended.mask(attended > status_date)
    rows = rows.assign(
        survey_attended_on=attended,
        affected=codes(rows["affected"]),
        _name=names(rows["department"]),
        _recorded=attended.notna().any(),
    )
    rows = rows.sort_values(["_name", "affected", "survey_attended_on"], kind="stable")
    return rows.drop_duplicates("_name", keep="last").reset_index(drop=True)


def _engagement(
    concerned: pd.DataFrame | None, seen: pd.DataFrame | None, confidence: float
) -> Indicator:
    id = "problems.engagement"
    if concerned is None:
        reason = missing_table("departments")
        return not_assessed(id, "ratio", reason, tables=DEPARTMENT_TABLES)
    reason = absent(seen, "department", "raised_by_side", "phase")
    if reason:
        return not_assessed(id, "ratio", reason, tables=DEPARTMENT_TABLES)
    affected = concerned["affected"].eq("yes")
    spoke = concerned["_name"].isin(names(seen.loc[_own(seen), "department"]))
    return share(id, *share_of(spoke, affected), tables=DEPARTMENT_TABLES, confidence=confidence)


def _attendance(concerned: pd.DataFrame | None, confidence: float) -> Indicator:
    id, tables = "problems.attendance", ("departments",)
    if concerned is None:
        return not_assessed(id, "ratio", missing_table("departments"), tables=tables)
    if not concerned["_recorded"].any():
        reason = missing_column("departments", "survey_attended_on")
        return not_assessed(id, "ratio", reason, tables=tables)
    counts = share_of(concerned["survey_attended_on"].notna(), concerned["affected"].eq("yes"))
    return share(id, *counts, tables=tables, confidence=confidence)


def _proactive(seen: pd.DataFrame | None, confidence: float) -> Indicator:
    id = "problems.proactive_share"
    reason = absent(seen, "prompted", "raised_by_side", "phase")
    if reason:
        return not_assessed(id, "ratio", reason, tables=TABLES)
    surveyed = codes(seen["phase"]).eq("survey") & ~seen["is_duplicate"] & ~seen["is_recalled"]
    prompted = codes(seen["prompted"])
    own_accord = codes(seen["raised_by_side"]).eq("client") & prompted.eq("no")
    counts = share_of(own_accord, surveyed & prompted.ne(""))
    return share(id, *counts, tables=TABLES, confidence=confidence,
                 parts=_missing(surveyed & prompted.ne(""), surveyed))  # fmt: skip


def _own(seen: pd.DataFrame) -> pd.Series:
    """Say which problems the client's own people brought up in the survey."""
    return (
        codes(seen["raised_by_side"]).eq("client")
        & codes(seen["phase"]).eq("survey")
        & ~seen["is_recalled"]
        & given(seen["department"])
    )


def _table(concerned: pd.DataFrame, seen: pd.DataFrame | None) -> pd.DataFrame:
    given_columns = ["department", "affected", "headcount", "survey_attended_on"]
    counted = ["own_problems", "prompted_share"]
    table = concerned[[*given_columns, "_name"]]
    if seen is None:
        return table.assign(**dict.fromkeys(counted, float("nan")))[[*given_columns, *counted]]
    own = seen[_own(seen)]
    prompted = codes(own["prompted"])
    unit = names(own["department"])
    asked = prompted.eq("yes").where(prompted != "").astype(float).groupby(unit).mean()
    table = table.assign(
        own_problems=table["_name"].map(unit.value_counts()).fillna(0).astype(float),
        prompted_share=table["_name"].map(asked).astype(float),
    )
    return table[[*given_columns, *counted]]


def _missing(known: pd.Series, all_rows: pd.Series) -> dict[str, float]:
    n = int(all_rows.sum())
    return {"missing_share": 1 - int(known.sum()) / n if n else 0.0}

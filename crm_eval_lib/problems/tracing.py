"""Can it be followed and confirmed: problem, requirement, passed test, use?"""

from typing import Any

import pandas as pd

from crm_eval_lib.problems.chain import tests_of
from crm_eval_lib.problems.shares import few_cases, share, share_of
from crm_eval_lib.problems.standing import absent, occurs, recorded, register
from crm_eval_lib.problems.waits import NO_GO_LIVE
from crm_eval_lib.results import (
    CONFIDENCE,
    Indicator,
    Message,
    Step,
    missing_column,
    missing_table,
    not_assessed,
)

TRACE_TABLES = ("problems", "trace")


def proof(
    problems: pd.DataFrame | None,
    trace: pd.DataFrame | None,
    *,
    dates: Any,
    confidence: float = CONFIDENCE,
) -> Step:
    """Follow each problem to a passed test, and each solution to its confirmation in use.

    Parameters
    ----------
    problems, trace : DataFrame or None
    dates : object
        Has ``status_date`` and ``go_live``.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.

    Returns
    -------
    Step
        ``traced_share``: problems of D with a requirement and a test that passed when it was last
        run; ``confirmed_share``: problems of D reported solved and confirmed after go-live.
        Table: D with both marks.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = pd.DataFrame({"problem_id": ["1", "2"], "status": ["solved", "open"]})
    >>> chain = pd.DataFrame({"problem_id": ["1"], "requirement_id": ["R1"], "test_id": ["T1"],
    ...                       "test_result": ["pass"]})
    >>> dates = SimpleNamespace(status_date=None, go_live=None)
    >>> proof(rows, chain, dates=dates)["problems.traced_share"].value
    0.5
    """
    seen = register(problems, dates=dates)
    tests = tests_of(trace, dates.status_date)
    passed = tests.index[tests["passes"]]
    found = (_traced(seen, trace, passed, confidence), _confirmed(seen, dates, confidence))
    if seen is None:
        return Step("problems.proof", found)
    rows = seen[seen["in_denominator"]].reset_index(drop=True)
    names = ["problem_id", "title", "status", "traced", "confirmed_on"]
    rows = rows.assign(traced=occurs(rows["problem_id"], passed).map({True: "yes", False: "no"}))
    if found[0].value is None:
        return Step("problems.proof", found, table=rows[names].drop(columns="traced"),
                    caveats=few_cases(found))  # fmt: skip
    slots = {"value": found[0].value, "n": found[0].n}
    sentence = Message("problems.sentence.traced", slots)
    return Step("problems.proof", found, table=rows[names], caveats=few_cases(found),
                sentence=sentence)  # fmt: skip


def _traced(
    seen: pd.DataFrame | None, trace: pd.DataFrame | None, passed: pd.Index, confidence: float
) -> Indicator:
    id, reason = "problems.traced_share", absent(seen)
    if trace is None or trace.empty:
        reason = missing_table("trace")
    elif reason is None:
        columns = ("requirement_id", "test_result")
        missing = [column for column in columns if not recorded(trace, column)]
        reason = missing_column("trace", *missing) if missing else None
    if reason:
        return not_assessed(id, "ratio", reason, tables=TRACE_TABLES)
    counts = share_of(occurs(seen["problem_id"], passed), seen["in_denominator"])
    return share(id, *counts, tables=TRACE_TABLES, confidence=confidence)


def _confirmed(seen: pd.DataFrame | None, dates: Any, confidence: float) -> Indicator:
    id, tables = "problems.confirmed_share", ("problems",)
    reason = absent(seen, "confirmed_on")
    go_live = dates.go_live
    later = go_live is not None and dates.status_date is not None and go_live > dates.status_date
    if reason is None and (go_live is None or later):
        reason = NO_GO_LIVE
    if reason:
        return not_assessed(id, "ratio", reason, tables=tables)
    solved = seen["in_denominator"] & seen["claimed"]
    counts = share_of(seen["confirmed_on"] > go_live, solved)
    return share(id, *counts, tables=tables, confidence=confidence)

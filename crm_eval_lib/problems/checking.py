"""Statements re-checked one by one: in place of a register, or against one."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.problems.shares import few_cases, share, share_of
from crm_eval_lib.problems.standing import (
    absent,
    codes,
    evidenced,
    recorded,
    with_columns,
    without_marks,
)
from crm_eval_lib.results import Caveat, Indicator, Message, Step, missing_column, not_assessed

TABLES = ("problem_check",)
RATES = ("solved_rate", "claimed_rate", "evidence_gap", "raised_rate")
COLUMNS = ("problem_id", "checked_on", "checked_by_role", "method", "result", "evidence")
ORAL = "oral"
REFUTED_SHARE = 0.05  # of the checks; more costs the register's evidence a grade
RESTING_ON_STATUS = ("problems.solved_rate", "problems.claimed_rate",
                     "problems.weighted_solved_rate")  # fmt: skip
# On one day the least favourable result counts, whatever the order of the rows.
_FAVOUR = {"not_solved": 2, "partly": 1}


def without_register(check: pd.DataFrame | None, *, dates: Any, confidence: float) -> Step:
    """Say what re-checked statements alone can say: which share of them was found solved.

    Parameters
    ----------
    check : DataFrame or None
        The table ``problem_check``; of several checks of a statement the latest counts.
    dates : object
        Has ``status_date``.

    Returns
    -------
    Step
        ``solved_rate`` = found solved with evidence / statements; the other rates need a register.
        ``tables``: ``checked``, and ``by_method`` how the results came about.
    """
    reason = absent(None)
    found = {name: not_assessed(f"problems.{name}", "ratio", reason, tables=("problems",))
             for name in RATES}  # fmt: skip
    rows = latest_checks(check, dates.status_date)
    if rows is None:
        return Step("problems.solved", tuple(found.values()))
    found["solved_rate"] = _found_solved(rows, confidence)
    is_solved, shown = rows["result"].eq("solved"), evidenced(rows["evidence"])
    oral = int(rows["method"].eq(ORAL).sum())
    slots = {"n": len(rows), "solved": int(is_solved.sum()),
             "shown": int((is_solved & shown).sum()), "oral": oral}  # fmt: skip
    name = "checked_oral" if oral else "checked"
    return Step(
        "problems.solved",
        tuple(found.values()),
        sentence=Message(f"problems.sentence.{name}", slots),
        caveats=few_cases(found.values()),
        tables={"checked": rows[list(COLUMNS)], "by_method": _by_method(rows)},
    )


def contradictions(
    seen: pd.DataFrame, check: pd.DataFrame | None, *, dates: Any
) -> tuple[pd.DataFrame, int]:
    """List where the register and a re-check of it differ, and count the problems compared.

    Parameters
    ----------
    seen : DataFrame
        What `register` returned; it is not changed.
    check : DataFrame or None

    Returns
    -------
    tuple of DataFrame and int
        What is reported solved and was not found so comes first, the severe ones on top. A check
        made before the solution contradicts nothing.
    """
    rows = latest_checks(check, dates.status_date)
    known = seen[seen["in_denominator"]]
    names = ["problem_id", "title", "severity", "status", "solved_on", "claimed"]
    if rows is None:
        return pd.DataFrame(columns=[*_CONTRADICTED]), 0
    both = known[names].merge(rows, on="problem_id")
    both = both[~(both["checked_on"] < both["solved_on"])]
    fine = both["result"].eq("solved")
    kind = np.select([both["claimed"] & ~fine, ~both["claimed"] & fine],
                     ["reported_not_found", "found_not_reported"], default="")  # fmt: skip
    listed = both.assign(contradiction=kind)[kind != ""].sort_values(
        ["contradiction", "severity", "problem_id"], ascending=[False, False, True]
    )
    return listed[[*_CONTRADICTED]].reset_index(drop=True), len(both)


_CONTRADICTED = ("problem_id", "title", "severity", "status", "contradiction", "checked_on",
                 "checked_by_role", "method", "result", "evidence")  # fmt: skip


def contradicted(listed: pd.DataFrame, compared: int) -> tuple[Caveat, ...]:
    """Say how often the re-check contradicts the register, which the indicators keep to.

    A register that more than a few of the checks refute is biased evidence: one grade down.
    """
    if listed.empty:
        return ()
    k = int((listed["contradiction"] == "reported_not_found").sum())
    slots = {"n": compared, "k": k, "m": len(listed) - k}
    bias = k / compared > REFUTED_SHARE
    key = "contradicted_biased" if bias else "contradicted"
    message = Message(f"problems.caveat.{key}", slots)
    return (Caveat(message, RESTING_ON_STATUS, bias=bias, tables=TABLES),)


def latest_checks(check: pd.DataFrame | None, status_date: Any) -> pd.DataFrame | None:
    """Return the latest check of each statement by the status date; None without any."""
    if check is None or check.empty:
        return None
    rows = with_columns(check, COLUMNS)
    checked_on = pd.to_datetime(rows["checked_on"], errors="coerce")
    texts = {name: codes(rows[name]) for name in ("problem_id", "method", "result")}
    shown = without_marks(rows["evidence"])
    rows = rows.assign(checked_on=checked_on, evidence=shown, **texts)
    if status_date is not None:
        rows = rows[~(rows["checked_on"] > status_date)]
    worst, none = rows["result"].map(_FAVOUR).fillna(0), ~evidenced(rows["evidence"])
    rows = rows.assign(_worst=worst, _none=none)
    rows = rows.sort_values(
        ["problem_id", "checked_on", "_worst", "_none", "method"], na_position="first",
        kind="stable",
    )  # fmt: skip
    rows = rows.drop_duplicates("problem_id", keep="last").drop(columns=["_worst", "_none"])
    return rows.reset_index(drop=True) if len(rows) else None


def _found_solved(rows: pd.DataFrame, confidence: float) -> Indicator:
    id, is_solved = "problems.solved_rate", rows["result"].eq("solved")
    if recorded(rows, "evidence"):
        counts = share_of(
            is_solved & evidenced(rows["evidence"]), pd.Series(True, index=rows.index)
        )
        return share(id, *counts, tables=TABLES, confidence=confidence)
    reason = missing_column("problem_check", "evidence")
    high = float(is_solved.mean())
    return not_assessed(id, "ratio", reason, tables=TABLES, low=0.0, high=high, n=len(rows))


def _by_method(rows: pd.DataFrame) -> pd.DataFrame:
    is_solved, shown = rows["result"].eq("solved"), evidenced(rows["evidence"])
    marks = pd.DataFrame({"method": rows["method"], "problems": 1, "solved": is_solved.astype(int),
                          "proven": (is_solved & shown).astype(int)})  # fmt: skip
    return marks.groupby("method", as_index=False).sum()

"""How many problems were solved, and how many of those can be shown."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.problems.advice import retest
from crm_eval_lib.problems.shares import share, share_of
from crm_eval_lib.problems.standing import (
    absent,
    codes,
    given,
    recorded,
    register,
    versions_missing,
    with_columns,
)
from crm_eval_lib.results import (
    CONFIDENCE,
    Caveat,
    Indicator,
    Message,
    Step,
    missing_column,
    not_assessed,
)

TABLES = ("problems",)
PROOF = ("accepted", "evidence")
RATES = ("solved_rate", "claimed_rate", "evidence_gap", "raised_rate")


def solved(
    problems: pd.DataFrame | None,
    *,
    check: pd.DataFrame | None = None,
    dates: Any,
    confidence: float = CONFIDENCE,
) -> Step:
    """Count what was raised, reported solved, and solved with acceptance and evidence.

    Parameters
    ----------
    problems : DataFrame or None
        The register.
    check : DataFrame or None
        Fallback ``problem_check``: statements re-checked one by one, used without a register.
    dates : object
        Has ``status_date``.
    confidence : float
        Of the Wilson intervals.

    Returns
    -------
    Step
        ``solved_rate`` = solved, accepted and evidenced
        over D; ``claimed_rate`` = reported solved over D; ``evidence_gap`` their difference;
        ``raised_rate`` over all but duplicates. Table: the funnel of denominators.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = pd.DataFrame({"problem_id": ["1", "2"], "status": ["solved", "open"],
    ...                      "accepted": ["yes", None], "evidence": ["test 7", None]})
    >>> solved(rows, dates=SimpleNamespace(status_date=None))["problems.solved_rate"].value
    0.5
    """
    seen = register(problems, dates=dates)
    if seen is None:
        return _without_register(check, dates, confidence)
    unproven = absent(seen, *PROOF)
    inside, all_raised = seen["in_denominator"], ~seen["is_duplicate"]
    rates = [
        proven_rate("problems.solved_rate", seen, inside, unproven, confidence),
        share("problems.claimed_rate", *share_of(seen["claimed"], inside), tables=TABLES,
              confidence=confidence),
        _gap(seen, unproven, confidence),
        proven_rate("problems.raised_rate", seen, all_raised, unproven, confidence),
    ]  # fmt: skip
    step = _describe(seen, unproven, rates[0], rates[1])
    return Step(
        "problems.solved",
        tuple(rates),
        table=_funnel(seen, unproven),
        findings=retest(seen),
        caveats=_version_caveats(problems, dates),
        tables={"left_out": _left_out(seen),
                "unproven": _unproven(seen)},
        **step,
    )  # fmt: skip


def _without_register(check: pd.DataFrame | None, dates: Any, confidence: float) -> Step:
    reason = absent(None)
    found = {name: not_assessed(f"problems.{name}", "ratio", reason, tables=TABLES)
             for name in RATES}  # fmt: skip
    rows = _latest_checks(check, dates.status_date)
    if rows is None:
        return Step("problems.solved", tuple(found.values()))
    tables, solved_rows = ("problem_check",), rows["result"].eq("solved")
    everyone = pd.Series(True, index=rows.index)
    if recorded(rows, "evidence"):
        counts = share_of(solved_rows & given(rows["evidence"]), everyone)
        rate = share("problems.solved_rate", *counts, tables=tables, confidence=confidence)
    else:
        reason = missing_column("problem_check", "evidence")
        rate = not_assessed("problems.solved_rate", "ratio", reason, tables=tables, low=0.0,
                            high=float(solved_rows.mean()), n=len(rows))  # fmt: skip
    found["solved_rate"] = rate
    shown = rows[["problem_id", "checked_on", "method", "result"]]
    slots = {"n": len(rows), "solved": int(solved_rows.sum())}
    return Step("problems.solved", tuple(found.values()), tables={"checked": shown},
                sentence=Message("problems.sentence.checked", slots))  # fmt: skip


def _latest_checks(check: pd.DataFrame | None, status_date: Any) -> pd.DataFrame | None:
    if check is None or check.empty:
        return None
    rows = with_columns(check, ("problem_id", "checked_on", "method", "result", "evidence"))
    rows = rows.assign(
        checked_on=pd.to_datetime(rows["checked_on"], errors="coerce"), result=codes(rows["result"])
    )
    if status_date is not None:
        rows = rows[~(rows["checked_on"] > status_date)]
    # On one day the least favourable result counts, whatever the order of the rows.
    favour = {"not_solved": 2, "partly": 1}
    rows = rows.assign(_worst=rows["result"].map(favour).fillna(0), _none=~given(rows["evidence"]))
    rows = rows.sort_values(
        ["problem_id", "checked_on", "_worst", "_none"], na_position="first", kind="stable"
    )
    rows = rows.drop_duplicates("problem_id", keep="last").drop(columns=["_worst", "_none"])
    return rows.reset_index(drop=True) if len(rows) else None


def proven_rate(
    id: str, seen: pd.DataFrame, among: pd.Series, unproven: Message | None, confidence: float
) -> Indicator:
    """Return the proven share of some rows, or its bounds where proof is not on record."""
    k, n = share_of(seen["proven"], among)
    if unproven is None or n == 0:
        return share(id, k, n, tables=TABLES, confidence=confidence)
    claimed, _ = share_of(seen["claimed"], among)
    return not_assessed(id, "ratio", unproven, low=0.0, high=claimed / n, n=n, tables=TABLES)


def _gap(seen: pd.DataFrame, unproven: Message | None, confidence: float) -> Indicator:
    id, inside = "problems.evidence_gap", seen["in_denominator"]
    claimed, n = share_of(seen["claimed"], inside)
    if unproven is not None and n:
        return not_assessed(id, "ratio", unproven, low=0.0, high=claimed / n, n=n, tables=TABLES)
    k, n = share_of(seen["claimed"] & ~seen["proven"], inside)
    return share(id, k, n, tables=TABLES, confidence=confidence)


def _funnel(seen: pd.DataFrame, unproven: Message | None) -> pd.DataFrame:
    inside = seen["in_denominator"]
    raised = int((~seen["is_duplicate"]).sum())
    proven = np.nan if unproven else share_of(seen["proven"], inside)[0]
    counts = [raised, int(inside.sum()), share_of(seen["claimed"], inside)[0], proven]
    table = pd.DataFrame({"stage": ["raised", "in_denominator", "claimed", "proven"],
                          "count": np.array(counts, dtype=float)})  # fmt: skip
    return table.assign(share=table["count"] / raised if raised else np.nan)


def _left_out(seen: pd.DataFrame) -> pd.DataFrame:
    rows = seen[~seen["in_denominator"]]
    names = ["problem_id", "title", "left_out", "decided_by_side", "decision_reason"]
    return rows[names].reset_index(drop=True)


def _unproven(seen: pd.DataFrame) -> pd.DataFrame:
    rows = seen[seen["in_denominator"] & seen["claimed"] & ~seen["proven"]]
    rows = rows.sort_values(["severity", "problem_id"], ascending=[False, True])
    names = ["problem_id", "title", "severity", "accepted", "evidence", "in_scope"]
    return rows[names].reset_index(drop=True)


def _describe(
    seen: pd.DataFrame, unproven: Message | None, rate: Indicator, claimed: Indicator
) -> dict[str, Message]:
    if claimed.value is None:
        return {}
    slots = {"n": claimed.n, "claimed": claimed.value, "value": rate.value,
             "low": rate.low, "high": rate.high,
             "left_out": int((~seen["in_denominator"] & ~seen["is_duplicate"]).sum()),
             "raised": int((~seen["is_duplicate"]).sum())}  # fmt: skip
    name = "claimed" if unproven else "solved"
    return {part: Message(f"problems.{part}.{name}", slots)
            for part in ("sentence", "headline", "subtitle")}  # fmt: skip


def _version_caveats(problems: pd.DataFrame | None, dates: Any) -> tuple[Caveat, ...]:
    n = versions_missing(problems, dates=dates)
    ids = ("problems.solved_rate", "problems.weighted_solved_rate")
    message = Message("problems.caveat.vanished", {"n": n})
    return (Caveat(message, ids, tables=TABLES),) if n else ()

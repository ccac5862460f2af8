"""How many problems were solved, and how many of those can be shown."""

from typing import Any

import pandas as pd

from crm_eval_lib.problems.advice import retest
from crm_eval_lib.problems.checking import contradicted, contradictions, without_register
from crm_eval_lib.problems.funnel import funnel
from crm_eval_lib.problems.shares import few_cases, share, share_of
from crm_eval_lib.problems.standing import absent, register
from crm_eval_lib.results import CONFIDENCE, Caveat, Indicator, Message, Step, not_assessed

TABLES = ("problems",)
PROOF = ("accepted", "evidence")


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
        ``problem_check``: statements re-checked one by one. Without a register they stand in for
        it; beside one they contradict it or not, and change no indicator.
    dates : object
        Has ``status_date``.
    confidence : float
        Of the Wilson intervals.

    Returns
    -------
    Step
        ``solved_rate`` = solved, accepted and evidenced over D; ``claimed_rate`` = reported
        solved over D; ``evidence_gap`` their difference; ``raised_rate`` over all but duplicates.
        Table: the funnel of denominators. ``tables``: what is left out, what was set aside
        without the client, claimed but not proven, and contradicted by a re-check.

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
        return without_register(check, dates=dates, confidence=confidence)
    unproven = absent(seen, *PROOF)
    inside, all_raised = seen["in_denominator"], ~seen["is_duplicate"]
    rates = [
        proven_rate("problems.solved_rate", _counts(seen, inside), unproven,
                    confidence=confidence),
        share("problems.claimed_rate", *share_of(seen["claimed"], inside), tables=TABLES,
              confidence=confidence),
        _gap(seen, unproven, confidence),
        proven_rate("problems.raised_rate", _counts(seen, all_raised), unproven,
                    confidence=confidence),
    ]  # fmt: skip
    differing, compared = contradictions(seen, check, dates=dates)
    step = _describe(seen, unproven, rates[0], rates[1])
    return Step(
        "problems.solved",
        tuple(rates),
        table=funnel(seen),
        findings=retest(seen),
        caveats=(*_caveats(seen), *contradicted(differing, compared), *few_cases(rates)),
        tables={"left_out": _left_out(seen),
                "set_aside": _set_aside(seen),
                "unproven": _unproven(seen),
                "contradicted": differing},
        **step,
    )  # fmt: skip


def proven_rate(
    id: str, counts: tuple[int, int, int], unproven: Message | None, *, confidence: float
) -> Indicator:
    """Return the proven share, or its bounds where proof is not on record.

    Parameters
    ----------
    counts : tuple of int
        How many are proven, are reported solved, and are there at all.
    unproven : Message or None
        Why nothing can be proven.
    """
    proven, claimed, n = counts
    if unproven is None or n == 0:
        return share(id, proven, n, tables=TABLES, confidence=confidence)
    return not_assessed(id, "ratio", unproven, low=0.0, high=claimed / n, n=n, tables=TABLES)


def _counts(seen: pd.DataFrame, among: pd.Series) -> tuple[int, int, int]:
    return (*(share_of(seen[name], among)[0] for name in ("proven", "claimed")), int(among.sum()))


def _gap(seen: pd.DataFrame, unproven: Message | None, confidence: float) -> Indicator:
    id, inside = "problems.evidence_gap", seen["in_denominator"]
    claimed, n = share_of(seen["claimed"], inside)
    if unproven is not None and n:
        return not_assessed(id, "ratio", unproven, low=0.0, high=claimed / n, n=n, tables=TABLES)
    k, n = share_of(seen["claimed"] & ~seen["proven"], inside)
    return share(id, k, n, tables=TABLES, confidence=confidence)


def _left_out(seen: pd.DataFrame) -> pd.DataFrame:
    rows = seen[~seen["in_denominator"]]
    names = ["problem_id", "title", "left_out", "decided_by_side", "decision_reason"]
    return rows[names].reset_index(drop=True)


def _set_aside(seen: pd.DataFrame) -> pd.DataFrame:
    """List what was rejected or moved out of scope, but not by the client: it stays unsolved."""
    rows = seen[seen["is_set_aside"]]
    rows = rows.sort_values(["severity", "problem_id"], ascending=[False, True])
    names = ["problem_id", "title", "severity", "raised_by_role", "status", "in_scope",
             "decided_by_side", "decision_reason"]  # fmt: skip
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
             "raised": int((~seen["is_duplicate"]).sum()),
             "aside": int(seen["is_set_aside"].sum())}  # fmt: skip
    name = "claimed" if unproven else "solved"
    words = {part: Message(f"problems.{part}.{name}", slots) for part in ("headline", "subtitle")}
    said = f"{name}_set_aside" if slots["aside"] else name
    return {"sentence": Message(f"problems.sentence.{said}", slots), **words}


def _caveats(seen: pd.DataFrame) -> tuple[Caveat, ...]:
    n = int(seen["is_vanished"].sum())
    ids = ("problems.solved_rate", "problems.weighted_solved_rate")
    message = Message("problems.caveat.vanished", {"n": n})
    return (Caveat(message, ids, tables=TABLES),) if n else ()

"""Can it be followed and confirmed: problem, requirement, passed test; two raters alike?"""

from typing import Any

import pandas as pd

from crm_eval_lib.problems.shares import share, share_of
from crm_eval_lib.problems.standing import absent, codes, given, recorded, register, with_columns
from crm_eval_lib.problems.waits import NO_GO_LIVE
from crm_eval_lib.results import (
    CONFIDENCE,
    Indicator,
    Message,
    Step,
    measured,
    missing_column,
    missing_table,
    not_assessed,
)
from crm_eval_lib.stats.agreement import Agreement, agreement_table, kappa

TRACE_TABLES = ("problems", "trace")
RATING_TABLES = ("ratings",)
VERDICTS = ("solved", "partly", "not_solved")
SIDES = ("client", "consultant")


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
    passed = _passed(trace, dates.status_date)
    found = (_traced(seen, trace, passed, confidence), _confirmed(seen, dates, confidence))
    if seen is None:
        return Step("problems.proof", found)
    rows = seen[seen["in_denominator"]].reset_index(drop=True)
    names = ["problem_id", "title", "status", "traced", "confirmed_on"]
    rows = rows.assign(traced=rows["problem_id"].isin(passed).map({True: "yes", False: "no"}))
    if found[0].value is None:
        return Step("problems.proof", found, table=rows[names].drop(columns="traced"))
    slots = {"value": found[0].value, "n": found[0].n}
    sentence = Message("problems.sentence.traced", slots)
    return Step("problems.proof", found, table=rows[names], sentence=sentence)


def agreement(
    ratings: pd.DataFrame | None,
    *,
    problems: pd.DataFrame | None = None,
    dates: Any = None,
    confidence: float = CONFIDENCE,
) -> Step:
    """Ask whether two raters who judged the same problems agree more than by chance.

    Parameters
    ----------
    ratings : DataFrame or None
        Verdicts. With two raters, these two; with more, the client's side against the
        consultant's.
    problems : DataFrame or None
        Ratings of problems that are not there yet on the status date are left out.

    Returns
    -------
    Step
        ``kappa`` unweighted [Cohen 1960] and ``pabak`` (k·p₀ − 1)/(k − 1) over the three verdicts.
        Table: verdicts of the first rater against those of the second.
    """
    ids = ("problems.kappa", "problems.pabak")
    pairs = _pairs(_current_ratings(ratings, problems, dates))
    if pairs is None or pairs.empty:
        nothing = ratings is None or ratings.empty
        reason = missing_table("ratings") if nothing else Message("problems.reason.no_pairs")
        found = tuple(not_assessed(id, "index", reason, tables=RATING_TABLES) for id in ids)
        return Step("problems.agreement", found)
    counts = agreement_table(pairs["first"], pairs["second"], VERDICTS)
    result = kappa(counts, confidence=confidence)
    table = pd.DataFrame(counts, columns=list(VERDICTS))
    table.insert(0, "verdict", list(VERDICTS))
    found = (_kappa(ids[0], result, confidence), _pabak(ids[1], result))
    slots = {"n": result.n, "observed": result.observed, "kappa": result.kappa}
    name = "agreement" if result.kappa is not None else "agreement_one"
    return Step("problems.agreement", found, table=table,
                sentence=Message(f"problems.sentence.{name}", slots))  # fmt: skip


def _passed(trace: pd.DataFrame | None, status_date: Any) -> set[str]:
    """Return the problems that lead to a requirement whose test passed when last run."""
    if trace is None or trace.empty:
        return set()
    rows = with_columns(
        trace, ("problem_id", "requirement_id", "test_id", "test_result", "tested_on")
    )
    tested_on = pd.to_datetime(rows["tested_on"], errors="coerce")
    rows = rows.assign(
        tested_on=tested_on, problem_id=codes(rows["problem_id"]),
        requirement_id=codes(rows["requirement_id"]), test_id=codes(rows["test_id"]),
        _passes=codes(rows["test_result"]).eq("pass"),
        _run=codes(rows["test_result"]).isin(["pass", "fail"]),
    )  # fmt: skip
    if status_date is not None:
        rows = rows[~(rows["tested_on"] > status_date)]
    rows = rows[given(rows["requirement_id"]) & rows["_run"]]
    # On one day the failure counts, whatever the order of the rows.
    rows = rows.assign(_fails=~rows["_passes"])
    keys = ["problem_id", "requirement_id", "test_id"]
    rows = rows.sort_values([*keys, "tested_on", "_fails"], na_position="first", kind="stable")
    last = rows.drop_duplicates(keys, keep="last")
    return set(last.loc[last["_passes"], "problem_id"])


def _traced(
    seen: pd.DataFrame | None, trace: pd.DataFrame | None, passed: set[str], confidence: float
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
    counts = share_of(seen["problem_id"].isin(passed), seen["in_denominator"])
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


def _current_ratings(
    ratings: pd.DataFrame | None, problems: pd.DataFrame | None, dates: Any
) -> pd.DataFrame | None:
    if ratings is None or ratings.empty:
        return None
    rows = with_columns(ratings, ("problem_id", "rater_id", "side", "verdict"))
    names = ["problem_id", "rater_id", "side", "verdict"]
    rows = rows.assign(**{name: codes(rows[name]) for name in names})[names]
    rows = rows[rows["verdict"].isin(VERDICTS)]
    if problems is not None and not problems.empty and dates is not None:
        known = set(problems["problem_id"].astype(str))
        seen = register(problems, dates=dates)
        rows = rows[~rows["problem_id"].isin(known - set(seen["problem_id"] if seen is not None
                                                         else []))]  # fmt: skip
    return rows.sort_values(names).drop_duplicates(["problem_id", "rater_id"])


def _pairs(rows: pd.DataFrame | None) -> pd.DataFrame | None:
    """Put the verdicts of the two raters side by side, one row per problem both judged."""
    if rows is None or rows.empty:
        return None
    busy = rows["rater_id"].map(rows["rater_id"].value_counts())
    rows = rows.assign(_busy=-busy)
    raters = sorted(rows["rater_id"].unique())
    by, names = ("rater_id", raters) if len(raters) == 2 else ("side", SIDES)
    # Several raters of one side on one problem: the one who judged most speaks for the side.
    rows = rows.sort_values(["problem_id", by, "_busy", "rater_id"])
    rows = rows.drop_duplicates(["problem_id", by])
    wide = rows.pivot(index="problem_id", columns=by, values="verdict")
    wide = wide.reindex(columns=list(names)).dropna()
    return wide.set_axis(["first", "second"], axis=1)


def _kappa(id: str, result: Agreement, confidence: float) -> Indicator:
    if result.kappa is None:
        reason = Message("problems.reason.one_verdict")
        return not_assessed(id, "index", reason, n=result.n, tables=RATING_TABLES)
    return measured(id, result.kappa, "index", low=result.low, high=result.high,
                    confidence=confidence, n=result.n, tables=RATING_TABLES)  # fmt: skip


def _pabak(id: str, result: Agreement) -> Indicator:
    return measured(id, result.pabak, "index", n=result.n, tables=RATING_TABLES)

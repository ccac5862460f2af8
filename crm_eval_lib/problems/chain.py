"""From a problem through its requirements to their tests: what was found when last tested."""

import numpy as np
import pandas as pd

from crm_eval_lib.problems.standing import codes, given, with_columns

COLUMNS = ("problem_id", "requirement_id", "test_id", "test_result", "tested_on")
RESULTS = ("pass", "fail")


def tests_of(trace: pd.DataFrame | None, status_date: pd.Timestamp | None) -> pd.DataFrame:
    """Return what each problem's requirements and tests came to, as known on the status date.

    Parameters
    ----------
    trace : DataFrame or None
        One row per requirement of a problem and test of it.
    status_date : Timestamp or None
        A test dated later has not been run yet.

    Returns
    -------
    DataFrame
        Index ``problem_id``; ``has_requirement``, ``has_test``, ``passes`` (a test of a
        requirement passed when last run), ``fails`` (one failed when last run).

    Examples
    --------
    >>> rows = pd.DataFrame({"problem_id": ["1", "1"], "requirement_id": "R", "test_id": "T",
    ...                      "test_result": ["fail", "pass"],
    ...                      "tested_on": ["2024-05-01", "2024-05-08"]})
    >>> tests_of(rows, None).loc["1", ["passes", "fails"]].tolist()
    [True, False]
    """
    if trace is None or trace.empty:
        return _by_problem(pd.DataFrame(columns=["problem_id", *_MARKS]))
    rows = with_columns(trace, COLUMNS)
    tested_on = pd.to_datetime(rows["tested_on"], errors="coerce")
    result = codes(rows["test_result"])
    if status_date is not None:
        result = result.where(~(tested_on > status_date), "not_run")
    rows = rows.assign(
        problem_id=codes(rows["problem_id"]), tested_on=tested_on,
        requirement_id=codes(rows["requirement_id"]), test_id=codes(rows["test_id"]),
        has_requirement=given(rows["requirement_id"]), _run=result.isin(RESULTS),
        _failed=result.eq("fail"), has_test=given(rows["test_id"]) | (result != ""),
    )  # fmt: skip
    rows["has_test"] &= rows["has_requirement"]
    return _by_problem(rows.assign(**_last_results(rows)))


_MARKS = ("has_requirement", "has_test", "passes", "fails")


def _last_results(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Mark the last run of each test by its result; on one day the failure counts."""
    run = np.flatnonzero(rows["has_requirement"] & rows["_run"])
    test, days = _numbered(rows.iloc[run]), rows["tested_on"].to_numpy()[run]
    failed = rows["_failed"].to_numpy()[run]
    order = np.lexsort([failed, days, ~np.isnat(days), test])  # undated runs come first
    last = order[np.append(np.diff(test[order]) != 0, True)] if len(run) else order
    marks = {name: np.zeros(len(rows), dtype=bool) for name in ("passes", "fails")}
    marks["passes"][run[last[~failed[last]]]] = True
    marks["fails"][run[last[failed[last]]]] = True
    return marks


def _numbered(rows: pd.DataFrame) -> np.ndarray:
    """Number the tests: numbers are sorted many times faster than three texts."""
    number = np.zeros(len(rows), dtype=np.int64)
    for name in ("problem_id", "requirement_id", "test_id"):
        places, known = pd.factorize(rows[name])
        number = pd.factorize(number * max(len(known), 1) + places)[0]
    return number


def _by_problem(rows: pd.DataFrame) -> pd.DataFrame:
    places, known = pd.factorize(rows["problem_id"])
    counts = {name: np.bincount(places, rows[name], len(known)) for name in _MARKS}
    return pd.DataFrame(counts, index=pd.Index(known, name="problem_id")) > 0

"""Which problems still wait, and which solutions did not hold."""

from typing import Any

import pandas as pd

from crm_eval_lib.problems.advice import open_severe
from crm_eval_lib.problems.shares import few_cases, share, share_of
from crm_eval_lib.problems.standing import SEVERE, absent, register
from crm_eval_lib.problems.waits import NO_GO_LIVE, NO_STATUS_DATE
from crm_eval_lib.results import CONFIDENCE, Indicator, Message, Step, measured, not_assessed

TABLES = ("problems",)
OVERDUE_DAYS = 90  # a problem of severity 5 may not stay open longer after go-live
WORST = 5


def open_problems(problems: pd.DataFrame | None, *, dates: Any) -> Step:
    """List what is still open, worst first, and count the severe ones.

    Parameters
    ----------
    problems : DataFrame or None
    dates : object
        Has ``status_date`` and ``go_live``.

    Returns
    -------
    Step
        ``open_high`` in D, not reported solved, severity ≥ 4; ``open_five_90`` severity 5, open
        more than 90 days after the later of go-live and raising. Table: the open problems.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = pd.DataFrame({"problem_id": ["1", "2", "3"], "severity": [5, 4, 2],
    ...                      "status": ["open", "partly", "open"]})
    >>> step = open_problems(rows, dates=SimpleNamespace(status_date=None, go_live=None))
    >>> step["problems.open_high"].value
    2
    """
    ids = ("problems.open_high", "problems.open_five_90")
    seen = register(problems, dates=dates)
    reason = absent(seen)
    if reason:
        found = tuple(not_assessed(id, "count", reason, tables=TABLES) for id in ids)
        return Step("problems.open_problems", found)
    waiting = _open_table(seen, dates.status_date)
    n = int(seen["in_denominator"].sum())
    high = int((waiting["severity"] >= SEVERE).sum())
    found = (measured(ids[0], high, "count", n=n, tables=TABLES), _overdue(ids[1], waiting, dates))
    slots = {"n": len(waiting), "high": high}
    return Step(
        "problems.open_problems",
        found,
        table=waiting,
        sentence=Message("problems.sentence.open", slots),
        findings=open_severe(waiting),
    )


def reopened(problems: pd.DataFrame | None, *, dates: Any, confidence: float = CONFIDENCE) -> Step:
    """Count how many solutions did not hold.

    Parameters
    ----------
    problems : DataFrame or None
        Table of that name.
    dates : object
        Has ``status_date``.
    confidence : float
        Two-sided level of the interval, 0.95 by default.

    Returns
    -------
    Step
        ``reopen_rate``: in D and reopened at least once, over in D and solved or reopened.
        Table: the reopened ones.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = pd.DataFrame({"problem_id": ["1", "2"], "status": ["solved", "solved"],
    ...                      "reopened": [1, 0]})
    >>> reopened(rows, dates=SimpleNamespace(status_date=None))["problems.reopen_rate"].value
    0.5
    """
    id, seen = "problems.reopen_rate", register(problems, dates=dates)
    reason = absent(seen, "reopened")
    if reason:
        return Step("problems.reopened", (not_assessed(id, "ratio", reason, tables=TABLES),))
    again = seen["reopened"] >= 1
    among = seen["in_denominator"] & (seen["claimed"] | again)
    found = share(id, *share_of(again, among), tables=TABLES, confidence=confidence)
    rows = seen[again & among].sort_values(["reopened", "problem_id"], ascending=[False, True])
    names = ["problem_id", "title", "severity", "status", "reopened"]
    sentence = Message("problems.sentence.reopened", {"k": len(rows), "n": found.n})
    return Step("problems.reopened", (found,), table=rows[names].reset_index(drop=True),
                caveats=few_cases([found]),
                sentence=sentence if found.value is not None else None)  # fmt: skip


def days_since_raised(rows: pd.DataFrame, status_date: pd.Timestamp | None) -> pd.Series:
    """Return the days from raising to the status date; missing where either is."""
    until = pd.NaT if status_date is None else status_date
    return (until - rows["raised_on"]).dt.days.astype(float)


def _open_table(seen: pd.DataFrame, status_date: pd.Timestamp | None) -> pd.DataFrame:
    rows = seen[seen["is_open"]]
    rows = rows.assign(open_days=days_since_raised(rows, status_date))
    rows = rows.sort_values(
        ["severity", "importance", "open_days", "problem_id"],
        ascending=[False, False, False, True],
    )
    names = ["problem_id", "title", "severity", "importance", "status", "department",
             "raised_by_role", "owner_role", "raised_on", "open_days"]  # fmt: skip
    return rows[names].reset_index(drop=True)


def _overdue(id: str, waiting: pd.DataFrame, dates: Any) -> Indicator:
    status_date, go_live = dates.status_date, dates.go_live
    if status_date is None:
        return not_assessed(id, "count", NO_STATUS_DATE, tables=TABLES)
    if go_live is None or go_live > status_date:
        return not_assessed(id, "count", NO_GO_LIVE, tables=TABLES)
    since = waiting["raised_on"].clip(lower=go_live)
    overdue = (waiting["severity"] >= WORST) & ((status_date - since).dt.days > OVERDUE_DAYS)
    return measured(id, int(overdue.sum()), "count", n=len(waiting), tables=TABLES)

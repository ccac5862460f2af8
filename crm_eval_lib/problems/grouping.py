"""Whose problems were solved: the proven share by department, process and severity."""

from typing import Any

import pandas as pd

from crm_eval_lib.problems.shares import few_cases
from crm_eval_lib.problems.solving import PROOF, proven_rate
from crm_eval_lib.problems.standing import absent, codes, register
from crm_eval_lib.results import CONFIDENCE, Caveat, Message, Step, keyed

DIMENSIONS = ("department", "process", "severity")
MINIMUM_RANKED = 5  # problems; of fewer, one solved or not moves the share by a quarter or more


def by_group(problems: pd.DataFrame | None, *, dates: Any, confidence: float = CONFIDENCE) -> Step:
    """Return the proven share of each department, process and severity.

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
        ``solved_rate[department=…]``, ``[process=…]``, ``[severity=…]`` over the group's part of
        D, Wilson intervals. Table: one row per group; dimensions nobody recorded are absent.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = pd.DataFrame({"problem_id": ["1"], "status": ["solved"], "department": ["Sales"],
    ...                      "accepted": ["yes"], "evidence": ["test 7"]})
    >>> step = by_group(rows, dates=SimpleNamespace(status_date=None))
    >>> step["problems.solved_rate[department=Sales]"].value
    1.0
    """
    seen = register(problems, dates=dates)
    if seen is None:
        return Step("problems.by_group", sources=("problems",))
    unproven = absent(seen, *PROOF)
    found, rows = [], []
    for dimension in DIMENSIONS:
        for key, *counts in _counts(seen, dimension).itertuples():
            id = keyed("problems.solved_rate", key, dimension=dimension)
            rate = proven_rate(id, tuple(counts), unproven, confidence=confidence)
            found.append(rate)
            rows.append({"dimension": dimension, "key": key, "problems": counts[2],
                         "claimed": counts[1], "solved_share": rate.value,
                         "low_share": rate.low, "high_share": rate.high})  # fmt: skip
    caveats = (*few_cases(found), *_unranked(rows))
    return Step("problems.by_group", tuple(found), table=_typed(rows), caveats=caveats,
                **_describe(rows))  # fmt: skip


def _counts(seen: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """Count the proven, the reported and all problems of D, by key; keys outside D have none."""
    keys = _keys(seen, dimension)
    marks = seen[["proven", "claimed", "in_denominator"]]
    marks = marks.mul(seen["in_denominator"], axis=0).astype(int)
    return marks.groupby(keys.where(keys != "")).sum().sort_index()


def _keys(seen: pd.DataFrame, dimension: str) -> pd.Series:
    if dimension == "severity":
        return seen["severity"].map("{:g}".format)
    return codes(seen[dimension])


def _unranked(rows: list[dict[str, Any]]) -> tuple[Caveat, ...]:
    """Say how many of the groups that are drawn are too small to be called best or worst."""
    small = [row for row in rows if row["dimension"] == rows[0]["dimension"]
             and row["solved_share"] is not None
             and row["problems"] < MINIMUM_RANKED]  # fmt: skip
    if not small:
        return ()
    slots = {"n": len(small), "minimum": MINIMUM_RANKED}
    return (Caveat(Message("problems.caveat.unranked_groups", slots), (), tables=("problems",)),)


def _typed(rows: list[dict[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    return table.astype(dict.fromkeys(["solved_share", "low_share", "high_share"], float))


def _describe(rows: list[dict[str, Any]]) -> dict[str, Message]:
    dimension = rows[0]["dimension"]  # the first that was recorded is the one drawn
    slots = {"dimension": dimension}
    words = {part: Message(f"problems.{part}.groups", slots) for part in ("headline", "subtitle")}
    known = [row for row in rows if row["dimension"] == dimension
             and row["solved_share"] is not None
             and row["problems"] >= MINIMUM_RANKED]  # fmt: skip
    if len(known) > 1:
        known = sorted(known, key=lambda row: (row["solved_share"], row["key"]))
        slots = slots | {"low": known[0]["solved_share"], "worst": known[0]["key"],
                         "high": known[-1]["solved_share"], "best": known[-1]["key"]}  # fmt: skip
        words["sentence"] = Message("problems.sentence.groups", slots)
        words["headline"] = Message("problems.headline.groups_range", slots)
    return words

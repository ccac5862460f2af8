"""The same question weighed: is what matters most solved?"""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.problems.shares import share
from crm_eval_lib.problems.solving import PROOF, TABLES
from crm_eval_lib.problems.standing import SEVERITY_LEVELS, absent, register
from crm_eval_lib.results import CONFIDENCE, Indicator, Message, Step, measured, not_assessed
from crm_eval_lib.stats.weighted import RESAMPLES, weighted_share_interval


def weighted(
    problems: pd.DataFrame | None,
    *,
    dates: Any,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Step:
    """Weigh each problem by severity × importance: is what matters most solved?

    Parameters
    ----------
    problems : DataFrame or None
    dates : object
        Has ``status_date``.
    resamples, seed : int
        Bootstrap over problems.
    confidence : float
        Two-sided level of the interval, 0.95 by default.

    Returns
    -------
    Step
        ``weighted_solved_rate`` Σ weight·proven / Σ weight over D, bootstrap interval; empty
        ratings count as 3. Table: problems and weight by severity.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = pd.DataFrame({"problem_id": ["1", "2"], "severity": [4, 2], "importance": [3, 3],
    ...                      "status": ["solved", "open"], "accepted": ["yes", None],
    ...                      "evidence": ["test 7", None]})
    >>> step = weighted(rows, dates=SimpleNamespace(status_date=None))
    >>> round(step["problems.weighted_solved_rate"].value, 3)  # 12 of 18
    0.667
    """
    id, seen = "problems.weighted_solved_rate", register(problems, dates=dates)
    reason = absent(seen)
    if reason:
        return Step("problems.weighted", (not_assessed(id, "ratio", reason, tables=TABLES),))
    rows = seen[seen["in_denominator"]]
    weights = (rows["severity"] * rows["importance"]).to_numpy(dtype=float)
    table = _weight_table(rows, weights)
    if not len(rows) or absent(seen, *PROOF):
        found = _weighted_unknown(id, rows, weights, absent(seen, *PROOF))
        return Step("problems.weighted", (found,), table=table if len(rows) else None)
    proven = rows["proven"].to_numpy()
    value = float(weights[proven].sum() / weights.sum())
    low, high = weighted_share_interval(
        weights, proven, confidence=confidence, resamples=resamples, seed=seed
    )
    found = measured(
        id, value, "ratio", low=low, high=high, confidence=confidence, n=len(rows), tables=TABLES
    )
    plain = float(proven.mean())
    slots = {"value": value, "plain": plain, "low": low, "high": high}
    name = "weighted_lower" if value < plain else "weighted"
    if low is not None and low <= plain <= high:
        name = "weighted_alike"
    return Step("problems.weighted", (found,), table=table,
                sentence=Message(f"problems.sentence.{name}", slots))  # fmt: skip


def _weight_table(rows: pd.DataFrame, weights: np.ndarray) -> pd.DataFrame:
    proven = rows["proven"].to_numpy(dtype=float)
    frame = pd.DataFrame(
        {"severity": rows["severity"].to_numpy(), "weight": weights, "proven": weights * proven}
    )
    table = frame.groupby("severity", as_index=False).agg(
        problems=("weight", "size"),
        weight=("weight", "sum"),
        weight_proven=("proven", "sum"),
    )
    levels = set(SEVERITY_LEVELS) | set(table["severity"])
    filled = table.set_index("severity").reindex(sorted(levels, reverse=True), fill_value=0)
    return filled.rename_axis("severity").reset_index()


def _weighted_unknown(
    id: str, rows: pd.DataFrame, weights: np.ndarray, reason: Message | None
) -> Indicator:
    if not len(rows):
        return share(id, 0, 0, tables=TABLES)
    claimed = float(weights[rows["claimed"].to_numpy()].sum() / weights.sum())
    return not_assessed(id, "ratio", reason, low=0.0, high=claimed, n=len(rows), tables=TABLES)

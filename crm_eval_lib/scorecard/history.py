"""The change since the last report, like for like."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from crm_eval_lib.scorecard.factors import FactorScore
from crm_eval_lib.scorecard.rules import Rules
from crm_eval_lib.scorecard.terms import WEAKEST_GRADE, Term
from crm_eval_lib.scorecard.value import points

CHANGE_COLUMNS = ("factor", "before", "now", "before_alike", "now_alike", "change", "indicators")
TOTAL = "total"


def last_report(
    run_dir: str | Path | None, status_date: pd.Timestamp | None = None
) -> dict[str, Any] | None:
    """Read the results of the latest earlier report from ``<run_dir>/history``.

    Parameters
    ----------
    run_dir : str or Path, optional
        The run's folder; empty when run by hand, then there is no history.
    status_date : Timestamp, optional
        Only reports of an earlier date count.
    """
    if not run_dir:
        return None
    paths = sorted(Path(run_dir).glob("history/*/results.json"))
    limit = None if status_date is None else status_date.date().isoformat()
    earlier = [path for path in paths if limit is None or path.parent.name < limit]
    return json.loads(earlier[-1].read_text(encoding="utf-8")) if earlier else None


def change_since(
    factors: Sequence[FactorScore],
    rules: Rules,
    previous: Mapping[str, Any] | None,
    *,
    total: float | None = None,
) -> pd.DataFrame:
    """Compare with an earlier report on the indicators both could score, with today's rules.

    Parameters
    ----------
    factors : sequence of FactorScore
    rules : Rules
    previous : mapping or None
        The results of the earlier report.
    total : float or None
        Today's total as printed, after every cap; None where there is none.

    Returns
    -------
    DataFrame
        Per factor and for the total: the scores as they were printed, both scores over the common
        indicators (``alike``), their difference and how many indicators are common.
    """
    if previous is None:
        return pd.DataFrame(columns=list(CHANGE_COLUMNS))
    old = {item["id"]: item for item in previous["indicators"] if item["score"] is not None}
    printed = {item["id"]: item["score"] for item in previous["factors"]}
    rows = [_row(factor, old, printed, rules) for factor in factors if factor.weight > 0]
    rows.append(_total(rows, factors, previous, total))
    return pd.DataFrame(rows, columns=list(CHANGE_COLUMNS))


def _row(
    factor: FactorScore,
    old: Mapping[str, Mapping[str, Any]],
    printed: Mapping[str, float | None],
    rules: Rules,
) -> dict[str, Any]:
    common = [
        term
        for term in factor.terms
        if term.applicable and term.weight > 0 and term.score is not None and term.id in old
    ]
    before = _mean([(t.weight, _rescored(t, old[t.id], rules)) for t in common])
    now = _mean([(t.weight, t.score) for t in common])
    change = None if now is None else now - before
    values = (factor.factor, printed.get(factor.factor), factor.score, before, now, change,
              len(common))  # fmt: skip
    return dict(zip(CHANGE_COLUMNS, values, strict=True))


def _rescored(term: Term, old: Mapping[str, Any], rules: Rules) -> float:
    weak = old["grade"] == WEAKEST_GRADE or old["state"] != "scored"
    if weak or not isinstance(old["value"], int | float):
        return float(old["score"])
    return float(points(old["value"], rules.anchors[term.indicator.base_id]))


def _total(
    rows: Sequence[Mapping[str, Any]],
    factors: Sequence[FactorScore],
    previous: Mapping[str, Any],
    printed_now: float | None,
) -> dict[str, Any]:
    weights = {factor.factor: factor.weight for factor in factors}
    alike = [row for row in rows if row["change"] is not None]
    before = _mean([(weights[row["factor"]], row["before_alike"]) for row in alike])
    now = _mean([(weights[row["factor"]], row["now_alike"]) for row in alike])
    change = None if now is None else now - before
    values = (TOTAL, previous["overall"]["score"], printed_now, before, now, change,
              sum(row["indicators"] for row in alike))  # fmt: skip
    return dict(zip(CHANGE_COLUMNS, values, strict=True))


def _mean(pairs: Sequence[tuple[float, float]]) -> float | None:
    total = sum(weight for weight, _ in pairs)
    return sum(weight * score for weight, score in pairs) / total if total else None

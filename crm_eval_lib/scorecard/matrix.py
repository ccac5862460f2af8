"""In which business were results achieved: every process against the factors."""

from collections.abc import Mapping

import pandas as pd

from crm_eval_lib.results import VALUED_STATES, Indicator
from crm_eval_lib.scorecard.rules import Rules
from crm_eval_lib.scorecard.terms import WEAKEST_GRADE
from crm_eval_lib.scorecard.total import band_of
from crm_eval_lib.scorecard.value import points
from crm_eval_lib.scoring import numbers, threshold

FACTORS = ("problems", "efficiency", "controls")
MATRIX_COLUMNS = ("process", "problems", "problems_state", "efficiency", "efficiency_state",
                  "controls", "controls_state")  # fmt: skip
GOOD, WATCH, POOR, NOT_ASSESSED = "good", "watch", "poor", "not_assessed"
_STATES = {"not_met": POOR, "pass": WATCH, "good": GOOD, "excellent": GOOD}
_PROCESS = "process="
# shares that are printed per process are scored like the factor's main indicator
_LIKE = {
    "problems.solved_rate": "problems.weighted_solved_rate",
    "controls.coverage": "controls.coverage",
}
ROUNDING = 1e-9


def process_matrix(indicators: Mapping[str, Indicator], rules: Rules) -> pd.DataFrame:
    """Return points and state of every process in problems, efficiency and controls.

    Parameters
    ----------
    indicators : mapping of str to Indicator
        Everything published; keys in brackets name the process.
    """
    by_process: dict[str, dict[str, float]] = {}
    for factor in FACTORS:
        for process, score in _scores(factor, indicators, rules).items():
            by_process.setdefault(process, {})[factor] = score
    rows = []
    for process in sorted(by_process):
        row: dict[str, object] = {"process": process}
        for factor in FACTORS:
            score = by_process[process].get(factor)
            row[factor] = score
            row[f"{factor}_state"] = _state(score, rules)
        rows.append(row)
    return pd.DataFrame(rows, columns=list(MATRIX_COLUMNS))


def titles(processes: pd.DataFrame | None) -> dict[str, str]:
    """Return the client's title of each process that has one."""
    if processes is None:
        return {}
    titled = processes.dropna(subset=["title"])
    return dict(zip(titled["process"], titled["title"], strict=True))


def _scores(factor: str, indicators: Mapping[str, Indicator], rules: Rules) -> dict[str, float]:
    if factor == "efficiency":
        return _efficiency(indicators, rules)
    return _per_process(factor, indicators, rules)


def _state(score: float | None, rules: Rules) -> str:
    return NOT_ASSESSED if score is None else _STATES[band_of(score, rules.bands)]


def _per_process(
    factor: str, indicators: Mapping[str, Indicator], rules: Rules
) -> dict[str, float]:
    return {
        item.key.removeprefix(_PROCESS): float(points(item.value, rules.anchors[_LIKE[name]]))
        for item in indicators.values()
        if (name := item.base_id) in _LIKE and name.startswith(factor)
        and item.key is not None and item.key.startswith(_PROCESS) and item.state in VALUED_STATES
    }  # fmt: skip


def _efficiency(indicators: Mapping[str, Indicator], rules: Rules) -> dict[str, float]:
    """Score a process as a factor is: only with evidence for half of the weight."""
    scored = set(rules.scored_ids("efficiency"))
    total = sum(rules.indicator_weights.get(name, 0.0) for name in scored)
    seen: dict[str, list[tuple[float, float]]] = {}
    evidence: dict[str, float] = {}
    for item in indicators.values():
        usable = item.state in VALUED_STATES and item.grade != WEAKEST_GRADE
        weight = rules.indicator_weights.get(item.base_id, 0.0)
        if item.base_id in scored and item.key is not None and usable and weight:
            score = float(points(item.value, rules.anchors[item.base_id]))
            seen.setdefault(item.key, []).append((weight, score))
            credit = numbers()["credit"][item.grade] if item.grade else 0.0
            evidence[item.key] = evidence.get(item.key, 0.0) + weight * credit
    return {
        process: sum(w * s for w, s in pairs) / sum(w for w, _ in pairs)
        for process, pairs in seen.items()
        if evidence[process] >= threshold("scored_credit") * total - ROUNDING
    }

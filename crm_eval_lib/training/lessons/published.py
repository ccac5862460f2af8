"""What the factors published in the lesson on the scorecard: plants, and points by SCORING's rules.

The rules are written here a second time, without the scorecard, so that a lesson cannot repeat an
error of the code it teaches.
"""

from collections.abc import Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd

from crm_eval_lib.results import FactorResult, Message, measured, not_assessed
from crm_eval_lib.scoring import numbers
from crm_eval_lib.simulate import DEMOS
from crm_eval_lib.simulate.frame import extra_tables
from crm_eval_lib.training.case import Case

COST, PROBLEMS, EFFICIENCY, CONTROLS = FACTORS = ("cost", "problems", "efficiency", "controls")
WEIGHTS = (20, 30, 25, 25)
# value of each scored indicator as its factor published it; None = not assessed
PUBLISHED: dict[str, float | None] = {
    "cost.deviation_original": 0.10, "cost.schedule_ratio": -0.05, "cost.scope_delivered": 0.85,
    "cost.accepted_share": None, "cost.baseline_complete": 0.82, "cost.review_coverage": 0.51,
    "cost.unbudgeted_share": 0.05, "cost.retrospective_share": 0.16,
    "problems.weighted_solved_rate": 0.84, "problems.open_high": 1, "problems.engagement": 0.90,
    "problems.proactive_share": 0.55, "problems.late_found_share": 0.16,
    "problems.survey_better_share": 0.68, "problems.reopen_rate": 0.065,
    "controls.coverage": 0.905, "controls.effective_share": 0.90, "controls.tested_share": 0.68,
    "controls.price.unapproved_rate": 0.004, "controls.complaints.dropped_share": 0.038,
    "controls.complaints.inversion_share[response]": 0.18,
    "controls.complaints.sla_response": 0.88, "controls.uptime[C01]": 0.99,
}  # fmt: skip
# what the vetoes ask for: one problem of the highest severity is open for more than ninety days
GRAVE = {"problems.open_five_90": 1, "controls.critical_failed": 0,
         "controls.critical_unassured": 0}  # fmt: skip
VETO = "V3"
SOURCES = {COST: "actuals", PROBLEMS: "problems", CONTROLS: "controls"}  # table named by each
SOLVED = "problems.weighted_solved_rate"

OTHER_NAMES = {"en": "Fjordline Freight", "zh-Hans": "远航货运"}
OTHER_WEIGHTS = (50, 10, 0, 40)  # another client's own weights …
OTHER_POINTS = (84.0, 42.0, None, 78.0)  # … and its factors' points
DRAWS, PASSING = 200, 186  # its simulated totals, and how many of them pass
LOWEST_DRAW, HIGHEST_DRAW = 52.0, 86.0  # points


def case(language: str) -> Case:
    """Make the client: three factors scored, one missing, and a veto."""
    scenario = replace(
        DEMOS["demo-services"], client="lesson-scorecard", language=language, seed=85,
        name="Osterby Logistics" if language == "en" else "东港物流", weights=WEIGHTS,
    )  # fmt: skip
    return Case(scenario, extra_tables(scenario))


def values() -> pd.DataFrame:
    """Return what the factors published, with the anchors and weight of each indicator.

    Returns
    -------
    DataFrame
        factor, indicator, value (empty = not assessed), zero, full, weight.
    """
    rows = []
    for id, value in PUBLISHED.items():
        zero, full, *_ = rule(id)["anchors"]
        rows.append((id.split(".")[0], id, value, zero, full, rule(id)["weight"]))
    names = ["factor", "indicator", "value", "zero", "full", "weight"]
    return pd.DataFrame(rows, columns=names).astype({"value": "float64"})


def factors() -> pd.DataFrame:
    """Return the factors before any veto: weight, points, and points if all missing were worst."""
    rows = [(name, weight, factor_points(name), factor_points(name, missing=0.0))
            for name, weight in zip(FACTORS, WEIGHTS, strict=True)]  # fmt: skip
    names = ["factor", "weight", "points", "worst"]
    return pd.DataFrame(rows, columns=names).astype({"points": "float64"})


def both_clients(case: Case) -> pd.DataFrame:
    """Return two clients beside each other, after vetoes: points and own weight of each factor."""
    ours, other = [capped_points(name) for name in FACTORS], OTHER_NAMES[case.scenario.language]
    rows = [(client, *row) for client, points, weights in
            ((case.scenario.name, ours, WEIGHTS), (other, OTHER_POINTS, OTHER_WEIGHTS))
            for row in zip(FACTORS, points, weights, strict=True)]  # fmt: skip
    return pd.DataFrame(rows, columns=["client", "factor", "points", "weight"]).dropna()


def simulated_totals() -> pd.Series:
    """Return the other client's simulated totals, in points."""
    below = _even(LOWEST_DRAW, pass_mark(), DRAWS - PASSING)
    above = _even(pass_mark(), HIGHEST_DRAW, PASSING)
    return pd.Series([*below, *above], name="total").sample(frac=1, random_state=85,
                                                            ignore_index=True)  # fmt: skip


def card(case: Case) -> Any:
    """Score what was published with the workbook's own scorecard; returns its `Card`."""
    from crm_eval_lib.scorecard import score  # late: the other lessons do without it

    reason = Message("score.reason.not_published")
    found = [not_assessed(id, "ratio", reason) if value is None else _indicator(id, value)
             for id, value in {**PUBLISHED, **GRAVE}.items()]  # fmt: skip
    results = [FactorResult(name, tuple(item for item in found if item.id.startswith(f"{name}.")))
               for name in FACTORS]  # fmt: skip
    # Scored without the client, whose folder lacks these tables, so that default grades hold.
    return replace(score(results), client=SimpleNamespace(name=case.scenario.name))


def _indicator(id: str, value: float) -> Any:
    unit = "count" if isinstance(value, int) else "ratio"
    parts = {"critical": True, "risk": 1.0} if "uptime" in id else None
    return measured(id, value, unit, tables=(SOURCES[id.split(".")[0]],), parts=parts)


def rule(id: str) -> dict[str, Any]:
    """Return anchors and weight of an indicator."""
    return numbers()["indicators"][id.split("[")[0]]


def pass_mark() -> float:
    """Return the points from which a total passes."""
    return float(numbers()["bands"]["pass"])


def _even(first: float, last: float, count: int) -> list[float]:
    """Return values at even distances, the first one taken and the last one left out."""
    return [first + (last - first) * place / count for place in range(count)]


def straight(id: str) -> float:
    """Return points on the straight line between the anchors, not yet clipped."""
    zero, full, *_ = rule(id)["anchors"]
    return 100 * (PUBLISHED[id] - zero) / (full - zero)


def clipped(points: float) -> float:
    """Keep points within 0 and 100."""
    return min(max(points, 0.0), 100.0)


def weighted(pairs: Iterable[tuple[float, float]]) -> float:
    """Return the mean of (weight, points)."""
    pairs = list(pairs)
    return sum(weight * points for weight, points in pairs) / sum(weight for weight, _ in pairs)


def factor_points(name: str, *, missing: float | None = None) -> float | None:
    """Return a factor's points before vetoes; what is missing is left out or gets these points."""
    ids = [id for id in PUBLISHED if id.startswith(f"{name}.")]
    if not ids:
        return missing
    found = {id: missing if PUBLISHED[id] is None else clipped(straight(id)) for id in ids}
    return weighted(
        (rule(id)["weight"], points) for id, points in found.items() if points is not None
    )


def caps() -> tuple[float, float]:
    """Return what the veto allows its factor, and the total."""
    entry = numbers()["vetoes"][VETO]
    return entry["factor_cap"], entry["total_cap"]


def capped_points(name: str, *, missing: float | None = None) -> float | None:
    """Return a factor's points after the veto."""
    points = factor_points(name, missing=missing)
    return min(points, caps()[0]) if name == PROBLEMS and points is not None else points


def scored_factors() -> list[tuple[str, float]]:
    """Return the factors that got points, with their weights."""
    pairs = zip(FACTORS, WEIGHTS, strict=True)
    return [(name, weight) for name, weight in pairs if name != EFFICIENCY]

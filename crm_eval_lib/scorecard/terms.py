"""From what the factors published to what is scored: not applicable, judged, graded, in points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from crm_eval_lib.errors import ConfigError
from crm_eval_lib.evidence import Grade, indicator_grade
from crm_eval_lib.results import VALUED_STATES, Caveat, Indicator, Message, not_assessed
from crm_eval_lib.scorecard.keys import PRIORITY, expected_ids
from crm_eval_lib.scorecard.rules import Rules
from crm_eval_lib.scorecard.value import points, span, value_at, worst_end
from crm_eval_lib.scoring import numbers, option, threshold

JUDGED_GRADE = "C"
WEAKEST_GRADE = "D"
PLACEBO = "efficiency.placebo"
WITH_COMPARISON = "R3"


@dataclass(frozen=True, slots=True)
class Term:
    """One addend of a factor's score: an indicator, or one key of a keyed one."""

    indicator: Indicator
    weight: float
    credit: float = 0.0
    moved_by: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The indicator's id."""
        return self.indicator.id

    @property
    def score(self) -> float | None:
        """Points, or None where there are none."""
        return self.indicator.score

    @property
    def applicable(self) -> bool:
        """False where the client signed that it has no meaning here."""
        return self.indicator.state != "not_applicable"


@dataclass(frozen=True)
class Assessment:
    """All indicators in their final state, and the terms of each factor."""

    indicators: Mapping[str, Indicator]
    terms: Mapping[str, tuple[Term, ...]]
    moved_by: Mapping[str, tuple[str, ...]]
    unmatched: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """What grades rest on: the tables' grades and the caveats of all factors."""

    grades: Mapping[str, str]
    caveats: Sequence[Caveat] = ()


def assess_indicators(
    indicators: Mapping[str, Indicator],
    rules: Rules,
    evidence: Evidence,
    *,
    waived: Mapping[str, Any] | None = None,
    judgements: pd.DataFrame | None = None,
) -> Assessment:
    """Give every indicator its final state, grade and points.

    Parameters
    ----------
    indicators : mapping of str to Indicator
        Everything the factors published, by id.
    waived : mapping, optional
        ``not_applicable`` of client.yml: id to reason and role.
    judgements : DataFrame, optional
        The table of that name; it fills not-assessed indicators only.
    """
    waived = dict(waived or {})
    weights = {
        factor: {base: expected_ids(base, indicators) for base in rules.scored_ids(factor)}
        for factor in rules.factor_weights
    }
    scored = {id: base for bases in weights.values() for base, ids in bases.items() for id in ids}
    known = _with_missing(indicators, scored)
    verdicts = _verdicts(judgements)
    final, moved = {}, {}
    for id, indicator in known.items():
        changed = _waive(indicator, waived, scored)
        changed = _judge(changed, verdicts, rules)
        final[id], grade = _graded(changed, known, rules, evidence, id in scored)
        moved[id] = grade.moved_by
    terms = {
        factor: tuple(
            _term(final[id], rules.indicator_weights[base] * share, moved[id])
            for base, ids in bases.items()
            for id, share in ids.items()
        )
        for factor, bases in weights.items()
    }
    return Assessment(final, terms, moved, _unmatched(waived, verdicts, known))


def _term(indicator: Indicator, weight: float, moved_by: tuple[str, ...]) -> Term:
    credit = 0.0 if indicator.score is None else numbers()["credit"][indicator.grade]
    return Term(indicator, weight, credit, moved_by)


def _with_missing(
    indicators: Mapping[str, Indicator], scored: Mapping[str, str]
) -> dict[str, Indicator]:
    known = dict(indicators)
    for id, base in scored.items():
        if id not in known:
            unit = numbers()["indicators"].get(base, {}).get("unit", "ratio")
            whole = indicators.get(base)
            reason = whole.reason if whole is not None else None
            reason = reason or Message("score.reason.not_published", {})
            known[id] = not_assessed(id, unit, reason, tables=whole.tables if whole else ())
    return known


def _waive(indicator: Indicator, waived: Mapping[str, Any], scored: Mapping[str, str]) -> Indicator:
    name = next((i for i in (indicator.id, indicator.base_id) if i in waived), None)
    if name is None:
        if indicator.state == "not_applicable" and indicator.id in scored:
            return replace(indicator, state="not_assessed")  # only client.yml takes weight out
        return indicator
    reason, role = (option(waived[name], part, default="") for part in ("reason", "role"))
    if not str(reason).strip() or not str(role).strip():
        raise ConfigError(
            f"client.yml, not_applicable: {name}: a reason and the role that signs it are needed."
        )
    message = Message("score.reason.waived", {"reason": str(reason), "role": str(role)})
    emptied = {"value": None, "low": None, "high": None, "confidence": None, "p": None}
    return replace(indicator, state="not_applicable", reason=message, **emptied)


def _verdicts(judgements: pd.DataFrame | None) -> dict[str, dict[str, Any]]:
    if judgements is None or judgements.empty:
        return {}
    ordered = judgements.sort_values("judged_on", kind="stable")
    return {str(row["indicator_id"]): row for row in ordered.to_dict("records")}


def _judge(
    indicator: Indicator, verdicts: Mapping[str, Mapping[str, Any]], rules: Rules
) -> Indicator:
    row = verdicts.get(indicator.id) or verdicts.get(indicator.base_id)
    anchors = rules.anchors.get(indicator.base_id)
    if row is None or anchors is None or indicator.state != "not_assessed":
        return indicator
    score = min(max(float(row["score"]), 0.0), 100.0)
    slots = {"role": str(row["judged_by_role"]), "reason": str(row["reason"])}
    return replace(
        indicator,
        state="judged",
        value=value_at(score, anchors),
        low=None,
        high=None,
        score=score,
        tables=("judgements",),
        reason=Message("score.reason.judged", slots),
    )


def _graded(
    indicator: Indicator,
    known: Mapping[str, Indicator],
    rules: Rules,
    evidence: Evidence,
    scored: bool,
) -> tuple[Indicator, Grade]:
    if indicator.state not in VALUED_STATES:
        return replace(indicator, score=None, grade=None), Grade(WEAKEST_GRADE)
    if indicator.state == "judged":
        letter = max(JUDGED_GRADE, evidence.grades.get("judgements", JUDGED_GRADE))
        keeps = letter != WEAKEST_GRADE
        judged = replace(indicator, grade=letter, score=indicator.score if keeps else None)
        return judged, Grade(letter)
    anchors = rules.anchors.get(indicator.base_id)
    numeric = isinstance(indicator.value, int | float)
    grade = indicator_grade(
        indicator,
        evidence.grades,
        full_span=span(anchors, indicator.value) if anchors and numeric else None,
        caveats=evidence.caveats,
        placebo_passed=_placebo_passed(indicator, known),
    )
    graded = replace(indicator, grade=grade.letter, state="measured", score=None)
    return (_in_points(graded, anchors) if scored and numeric else graded), grade


def _in_points(indicator: Indicator, anchors: Sequence[float]) -> Indicator:
    if indicator.grade == WEAKEST_GRADE:
        score = worst_end(indicator.low, indicator.high, anchors)
        if score is None:
            return replace(indicator, reason=Message("score.reason.weak", {}))
    else:
        score = float(points(indicator.value, anchors))
    return replace(indicator, state="scored", score=score)


def _placebo_passed(indicator: Indicator, known: Mapping[str, Indicator]) -> bool:
    if indicator.rung != WITH_COMPARISON or indicator.key is None:
        return False
    placebo = known.get(f"{PLACEBO}[{indicator.id.split('[', 1)[1]}")
    if placebo is None or placebo.value is None:
        return False
    return placebo.value <= threshold("placebo_share")


def _unmatched(
    waived: Mapping[str, Any], verdicts: Mapping[str, Any], known: Mapping[str, Indicator]
) -> tuple[str, ...]:
    names = {*known, *(item.base_id for item in known.values()), PRIORITY}
    parts = [name for name in (*waived, *verdicts) if name.split("[", 1)[0] not in names]
    return tuple(sorted(set(parts)))

"""Findings of all factors in one order, each with the verb its evidence allows, and actions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from crm_eval_lib.evidence import indicator_grade
from crm_eval_lib.results import Action, Finding, Indicator, Message
from crm_eval_lib.scorecard.terms import WEAKEST_GRADE, Evidence
from crm_eval_lib.scoring import numbers

SUMMARY_COUNT = 3  # findings and actions on page one
ROLES = ("owner", "raiser", "releaser")  # slots of an action's sentence that name a role
ARTICLES = ("the ", "a ", "an ", "whoever ", "our ", "their ")
GRAVEST = 5.0  # severity that leads on evidence of grade C too: a register is no excuse


@dataclass(frozen=True, slots=True)
class RankedFinding:
    """A finding with the grade of its indicator and its place in the order.

    ``weight`` is severity × certainty; ``points`` of the total are lost on its indicator.
    """

    finding: Finding
    grade: str
    rank: int
    weight: float
    points: float = 0.0

    @property
    def verb(self) -> Message:
        """The verb by itself: shows, indicates, is consistent with, is said to."""
        return Message(f"score.verb.{self.grade}", {})

    @property
    def sentence(self) -> Message:
        """The finding's sentence with its verb filled in."""
        slots = {"verb": Message(f"score.verb_phrase.{self.grade}", {})}
        sentence = self.finding.sentence
        return Message(sentence.key, {**slots, **sentence.slots})


def rank_findings(
    findings: Iterable[Finding],
    indicators: Mapping[str, Indicator],
    evidence: Evidence,
    *,
    lost: Mapping[str, float] | None = None,
) -> tuple[RankedFinding, ...]:
    """Order findings by size × certainty: severity times the credit of the grade.

    Severity is the one size that money, hours and days have in common. The gravest lead unless
    they are mere hearsay (grade D). Of equals the one that says what to do goes first, so that
    the actions on page one answer its findings, then the one that costs more points (``lost``:
    points of the total by indicator). A finding on something declared not applicable is dropped.
    """
    ranked = []
    for finding in findings:
        indicator = indicators.get(finding.indicator)
        if indicator is not None and indicator.state == "not_applicable":
            continue
        grade = _grade(indicator, evidence)
        weight = float(finding.severity) * numbers()["credit"][grade]
        points = float((lost or {}).get(finding.indicator, 0.0))
        ranked.append(RankedFinding(finding, grade, 0, weight, points))
    ranked.sort(key=_place)
    return tuple(replace(item, rank=place) for place, item in enumerate(ranked, start=1))


def with_client_actions(
    findings: Sequence[RankedFinding], actions: pd.DataFrame | None
) -> tuple[RankedFinding, ...]:
    """Put the client's own answers (table ``actions``) into the recommended actions.

    Owner and date are the client's to set; until then a blank stands in the sentence.
    """
    answers = (
        {} if actions is None else {str(a.get("finding")): a for a in actions.to_dict("records")}
    )
    return tuple(
        replace(item, finding=_answered(item.finding, answers.get(item.finding.id, {})))
        for item in findings
    )


def top_actions(
    findings: Sequence[RankedFinding], count: int = SUMMARY_COUNT
) -> tuple[RankedFinding, ...]:
    """Return the first findings that carry an action, one per type of action."""
    seen: dict[str, RankedFinding] = {}
    for item in findings:
        if item.finding.action is not None:
            seen.setdefault(item.finding.action.type, item)
    return tuple(seen.values())[:count]


def _place(item: RankedFinding) -> tuple[Any, ...]:
    finding = item.finding
    leads = finding.severity >= GRAVEST and item.grade != WEAKEST_GRADE
    return (not leads, -item.weight, -finding.severity, finding.action is None, -item.points,
            finding.id)  # fmt: skip


def _grade(indicator: Indicator | None, evidence: Evidence) -> str:
    if indicator is None:
        return numbers()["evidence"]["unknown"]
    if indicator.grade is not None:
        return indicator.grade
    return indicator_grade(indicator, evidence.grades, caveats=evidence.caveats).letter


def _answered(finding: Finding, answer: Mapping[str, Any]) -> Finding:
    action = finding.action
    if action is None:
        return finding
    slots = {name: Message(f"score.blank.{name}", {}) for name in ("owner", "date")}
    slots |= {k: v for k, v in action.sentence.slots.items() if v is not None}
    owner = _text(answer.get("owner_role"))
    due = answer.get("due_on")
    if owner:
        slots["owner"] = owner
    if due is not None and pd.notna(due):
        slots["date"] = pd.Timestamp(due).date().isoformat()
    slots |= {name: _in_sentence(slots[name]) for name in ROLES if name in slots}
    sentence = Message(action.sentence.key, slots)
    role = owner or action.owner_role
    answered = Action(action.type, sentence, role, action.size, action.size_unit)
    return replace(finding, action=answered)


def _in_sentence(role: Any) -> Any:
    """Give a role its article where the language has one: "process owner", "the process owner"."""
    bare = isinstance(role, str) and role[:1].islower() and not role.startswith(ARTICLES)
    return Message("score.word.role", {"role": role}) if bare else role


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value).strip()

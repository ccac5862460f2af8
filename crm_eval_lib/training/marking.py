"""A learner's answer against the planted truth: right, wrong, not tried yet, or an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from crm_eval_lib.results import Message
from crm_eval_lib.training.answers import Unreadable
from crm_eval_lib.training.case import Case
from crm_eval_lib.training.questions import Question

RIGHT, WRONG, NOT_TRIED, ERROR = "right", "wrong", "not_tried", "error"
STATES = (RIGHT, WRONG, NOT_TRIED, ERROR)


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of one answer: a state, and the sentences that go with it."""

    state: str
    messages: tuple[Message, ...]
    mistake: str = ""


def mark(question: Question, case: Case, names: Mapping[str, Any], area: str) -> Mark:
    """Compare the learner's variable with the planted truth; never raises for an answer.

    Parameters
    ----------
    question : Question
    case : Case
        The client of the lesson.
    names : mapping
        The learner's variables, by name.
    area : str
        First part of the lesson's keys in the catalogues.
    """
    if question.variable not in names:
        return _missing(question, names)
    value = names[question.variable]
    if untried(value):
        return Mark(NOT_TRIED, (_said("not_tried", variable=question.variable),))
    try:
        given = question.kind.read(value)
    except Unreadable as unreadable:
        return Mark(ERROR, (unreadable.message,))
    except Exception as error:  # a learner may hand in anything: named, never a traceback
        return Mark(ERROR, (_said("unreadable.strange", kind=type(error).__name__),))
    return _compared(question, case, given, area)


def untried(value: Any) -> bool:
    """Say whether the three dots still stand there, or in one of several places to fill.

    >>> untried(...), untried({"cost": ...}), untried({}), untried(0)
    (True, True, True, False)
    """
    if isinstance(value, Mapping):
        return not value or any(item is Ellipsis for item in value.values())
    return value is Ellipsis


def _compared(question: Question, case: Case, given: Any, area: str) -> Mark:
    if question.kind.same(given, question.expected(case)):
        return Mark(RIGHT, (Message(f"{area}.{question.name}.why"),))
    quoted = _said("wrong", variable=question.variable, given=question.kind.quoted(given))
    for name, leads_to in question.mistakes.items():
        if question.kind.same(given, question.kind.read(leads_to(case))):
            told = Message(f"{area}.{question.name}.mistake.{name}")
            return Mark(WRONG, (quoted, told), mistake=name)
    return Mark(WRONG, (quoted, _said("wrong_unknown", name=question.name)))


def _missing(question: Question, names: Mapping[str, Any]) -> Mark:
    """Name the variable that is missing, and one that looks like it."""
    own = [name for name in names if not name.startswith("_")]
    near = get_close_matches(question.variable, own, n=1, cutoff=0.75)
    if near:
        return Mark(ERROR, (_said("misnamed", variable=question.variable, found=near[0]),))
    return Mark(NOT_TRIED, (_said("no_variable", variable=question.variable),))


def _said(key: str, **slots: Any) -> Message:
    return Message(f"training.{key}", slots)

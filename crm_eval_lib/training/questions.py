"""A question: the learner's variable, the right answer, and the mistakes that have a name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_eval_lib.training.answers import Kind
from crm_eval_lib.training.case import Case

Truth = Callable[[Case], Any]


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a lesson.

    Its sentences stand in the catalogue below ``training_<lesson>.<name>``: ``hint_1``,
    ``hint_2``, ``why``, and ``mistake.<name of the mistake>`` for each mistake.

    Parameters
    ----------
    name : str
        As the lesson calls it: ``q1``.
    variable : str
        The variable the learner assigns; in the lesson ``variable = ...``.
    kind : Kind
        How an answer is read and compared.
    expected : callable
        Planted truth to right answer.
    code : str
        Reference answer: statements that end with the assignment, of names the lesson holds.
    mistakes : mapping of str to callable
        Planted truth to the value that this mistake leads to.
    """

    name: str
    variable: str
    kind: Kind
    expected: Truth
    code: str
    mistakes: Mapping[str, Truth] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a lesson consists of, beside its notebook.

    Parameters
    ----------
    name : str
        Name of the notebook without ending: ``01_cost``.
    version : int
        Raised whenever an older copy of the notebook no longer fits the questions.
    case : callable
        Language to case: names and titles within the tables are in the learner's language.
    questions : tuple of Question
    minutes : int
        How long a learner needs, for the trainer's guide.
    """

    name: str
    version: int
    case: Callable[[str], Case]
    questions: tuple[Question, ...]
    minutes: int

    @property
    def area(self) -> str:
        """First part of the lesson's keys in the catalogues."""
        return f"training_{self.name.partition('_')[2]}"

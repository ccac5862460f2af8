"""An open lesson: its client, and exercises that look at the learner's own variables."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crm_eval_lib.client import Client, open_client
from crm_eval_lib.errors import UsageError, nearest
from crm_eval_lib.results import Message
from crm_eval_lib.simulate import write_folder
from crm_eval_lib.text import LANGUAGES, has, say, use_language
from crm_eval_lib.training.case import Case
from crm_eval_lib.training.folder import Learner, find_learner, noted, read_learner, write_learner
from crm_eval_lib.training.lessons import LESSONS
from crm_eval_lib.training.marking import mark
from crm_eval_lib.training.questions import Plan, Question
from crm_eval_lib.training.shown import Shown, titled

HINTS = 2


class LessonError(UsageError):
    """A lesson that cannot be opened; a notebook shows the sentence without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Exercise:
    """One question of an open lesson: `check`, `hint`, `solution`."""

    def __init__(self, lesson: "Lesson", question: Question) -> None:
        self._lesson, self._question = lesson, question

    def check(self) -> Shown:
        """Compare your variable with the truth that was planted: right, wrong, not tried, error."""
        lesson, question = self._lesson, self._question
        found = mark(question, lesson.case, lesson.names, lesson.plan.area)
        extra = lesson.note(question.name, state=found.state)
        return self._shown(found.state, *found.messages, *extra, state=found.state)

    def hint(self, number: int = 1) -> Shown:
        """Show the first hint, or with 2 the second, which says more."""
        if number not in range(1, HINTS + 1):
            return self._shown("hint", Message("training.no_such_hint", {"n": HINTS}))
        said = Message(f"{self._lesson.plan.area}.{self._question.name}.hint_{number}")
        return self._shown("hint", said, *self._lesson.note(self._question.name, hints=number))

    def solution(self) -> Shown:
        """Show one way to the answer, and why it is the answer."""
        why = Message(f"{self._lesson.plan.area}.{self._question.name}.why")
        extra = self._lesson.note(self._question.name, solution=1)
        return self._shown("solution", why, *extra, code=self._question.code)

    def _shown(self, what: str, *messages: Message, state: str = "", code: str = "") -> Shown:
        lang = self._lesson.language
        title = titled(self._question.name, what, lang)
        return Shown(title, messages, state, code, lang)

    def __repr__(self) -> str:
        name = self._question.name
        return f"{name}: {name}.check(), {name}.hint(), {name}.hint(2), {name}.solution()"


class Lesson:
    """One lesson, as `open_lesson` gives it.

    Attributes
    ----------
    client : Client
        The lesson's small client; its tables are at ``client.tables``.
    q1, q2, … : Exercise
        The questions.
    language : str
    """

    def __init__(self, plan: Plan, names: Mapping[str, Any], learner: Learner | None,
                 language: str) -> None:  # fmt: skip
        self.plan, self.names, self.language = plan, names, language
        self.case: Case = plan.case(language)
        self._learner = learner
        self._own = None if learner else TemporaryDirectory(prefix="crm-eval-lesson-")
        self.client = self._open_client()
        for question in plan.questions:
            setattr(self, question.name, Exercise(self, question))

    @property
    def questions(self) -> tuple[Exercise, ...]:
        """All questions in their order."""
        return tuple(getattr(self, question.name) for question in self.plan.questions)

    def note(self, question: str, **done: int | str) -> tuple[Message, ...]:
        """Keep what was done in the learner's folder; what to say if that was not possible."""
        if self._learner is None:
            return (Message("training.no_folder"),)
        try:
            learner = noted(read_learner(self._learner.folder), self.plan.name, question, **done)
            write_learner(learner)
        except (OSError, UsageError) as error:
            return (Message("training.not_kept", {"reason": str(error)}),)
        return ()

    def _open_client(self) -> Client:
        clients = self._learner.clients if self._learner else Path(self._own.name)
        folder = clients / self.case.scenario.client
        if not (folder / "client.yml").is_file():
            write_folder(folder, self.case.scenario, self.case.tables)
        return open_client(folder.name, clients_dir=clients, language=self.language)

    def __repr__(self) -> str:
        names = ", ".join(question.name for question in self.plan.questions)
        return f"Lesson {self.plan.name}: client {self.client.id}, questions {names}"


def open_lesson(
    name: str, names: Mapping[str, Any], *, version: int, language: str = ""
) -> Lesson:  # fmt: skip
    """Open a lesson for the variables of a notebook.

    Parameters
    ----------
    name : str
        The lesson: ``01_cost``.
    names : mapping
        Where answers are looked for: ``globals()`` of the notebook.
    version : int
        Version the notebook was written for.
    language : str
        ``en`` or ``zh-Hans``; empty: that of the learner's folder, English outside of one.

    Raises
    ------
    LessonError
        No such lesson, a language there is not, or a notebook of another version.
    """
    try:
        learner = find_learner(Path.cwd())
    except UsageError as error:
        raise LessonError(str(error)) from error
    language = language or (learner.language if learner else LANGUAGES[0])
    if language not in LANGUAGES:
        raise LessonError(f"No language {language!r}: {nearest(language, LANGUAGES)}")
    if name not in LESSONS:
        raise LessonError(f"No lesson {name!r}: {nearest(name, LESSONS)}")
    plan = LESSONS[name]
    if version != plan.version:
        key = "training.newer_lesson" if version > plan.version else "training.older_lesson"
        slots = {"lesson": name, "version": version, "known": plan.version}
        raise LessonError(say(Message(key, slots), language))
    use_language(language)
    return Lesson(plan, names, learner, language)


def missing_texts(plan: Plan, lang: str) -> list[str]:
    """Name the sentences a lesson needs and the catalogue lacks."""
    parts = [f"hint_{number}" for number in range(1, HINTS + 1)] + ["why"]
    wanted = [
        f"{plan.area}.{question.name}.{part}"
        for question in plan.questions
        for part in [*parts, *(f"mistake.{name}" for name in question.mistakes)]
    ]
    return [key for key in wanted if not has(key, lang)]

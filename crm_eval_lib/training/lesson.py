"""An open lesson: its client, and exercises that look at the learner's own variables."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crm_eval_lib.client import Client, open_client
from crm_eval_lib.errors import CrmEvalError, UsageError, nearest
from crm_eval_lib.results import Message
from crm_eval_lib.simulate import write_folder
from crm_eval_lib.text import LANGUAGES, has, say, use_language
from crm_eval_lib.training.case import Case
from crm_eval_lib.training.folder import Learner, find_learner, keep, noted
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
        if not isinstance(number, int | float) or number not in range(1, HINTS + 1):
            return self._shown("hint", Message("training.no_such_hint", {"n": HINTS}))
        said = Message(f"{self._lesson.plan.area}.{self._question.name}.hint_{int(number)}")
        extra = self._lesson.note(self._question.name, hints=int(number))
        return self._shown("hint", said, *extra)

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
        self._own: TemporaryDirectory | None = None  # of a client that has no other place
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
            keep(self._learner.folder,
                 lambda learner: noted(learner, self.plan.name, question, **done))  # fmt: skip
        except (OSError, UsageError) as error:
            return (Message("training.not_kept", {"reason": str(error)}),)
        return ()

    def _open_client(self) -> Client:
        clients, name = self._clients(), self.case.scenario.client
        try:
            return open_client(name, clients_dir=clients, language=self.language)
        except CrmEvalError as error:
            slots = {"folder": str(clients / name), "reason": str(error)}
            raise LessonError(say(Message("training.client_damaged", slots), self.language)
                              ) from error  # fmt: skip

    def _clients(self) -> Path:
        """Write the client where it is missing; return the folder it lies in."""
        if self._learner is not None:
            try:
                self._write_client(self._learner.clients)
                return self._learner.clients
            except OSError:  # read-only or full: the lesson works, and each note says it failed
                pass
        self._own = TemporaryDirectory(prefix="crm-eval-lesson-")
        self._write_client(Path(self._own.name))
        return Path(self._own.name)

    def _write_client(self, clients: Path) -> None:
        folder = clients / self.case.scenario.client
        if not (folder / "client.yml").is_file():
            write_folder(folder, self.case.scenario, self.case.tables)

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
    learner = here()
    language = language or (learner.language if learner else LANGUAGES[0])
    if language not in LANGUAGES:
        raise LessonError(f"No language {language!r}: {nearest(language, LANGUAGES)}")
    if name not in LESSONS:
        raise LessonError(f"No lesson {name!r}: {nearest(name, LESSONS)}")
    plan = LESSONS[name]
    refuse_version(name, version, plan.version, language)
    use_language(language)
    return Lesson(plan, names, learner, language)


def here() -> Learner | None:
    """Return the learner's folder the notebook lies in, or None.

    Raises
    ------
    LessonError
        Its file is damaged, or the folder is gone.
    """
    try:
        return find_learner(Path.cwd())
    except UsageError as error:
        raise LessonError(str(error)) from error
    except FileNotFoundError as error:
        raise LessonError("The folder this notebook was opened in is gone. Close it, and open it "
                          "again from where it lies now.") from error  # fmt: skip


def refuse_version(name: str, version: int, known: int, language: str) -> None:
    """Refuse a notebook that was written for other questions than are installed."""
    if version != known:
        newer = isinstance(version, int) and version > known
        key = "training.newer_lesson" if newer else "training.older_lesson"
        slots = {"lesson": name, "version": version, "known": known}
        raise LessonError(say(Message(key, slots), language))


def missing_texts(plan: Plan, lang: str) -> list[str]:
    """Name the sentences a lesson needs and the catalogue lacks."""
    parts = [f"hint_{number}" for number in range(1, HINTS + 1)] + ["why"]
    wanted = [
        f"{plan.area}.{question.name}.{part}"
        for question in plan.questions
        for part in [*parts, *(f"mistake.{name}" for name in question.mistakes)]
    ]
    return [key for key in wanted if not has(key, lang)]

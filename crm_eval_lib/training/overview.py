"""What learners have solved: one row a question, or one row a learner for a trainer."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from crm_eval_lib.errors import UsageError
from crm_eval_lib.training.final_truth import FINAL, PARTS
from crm_eval_lib.training.folder import STATE, Learner, read_learner
from crm_eval_lib.training.lessons import LESSONS
from crm_eval_lib.training.marking import NOT_TRIED, RIGHT

COUNTS = ("questions", "right", "alone", "tries")
QUESTIONS = ("lesson", "question", "state", "tries", "hints", "solution_seen", "at")


def solved(learner: Learner) -> pd.DataFrame:
    """Return one row per question of every lesson.

    Returns
    -------
    DataFrame
        lesson, question, state, tries, hints (highest number asked for), solution_seen, at.
    """
    rows = []
    for lesson, questions in _asked().items():
        done = learner.lessons.get(lesson, {})
        for question in questions:
            what = done.get(question, {})
            rows.append((lesson, question, what.get("state", NOT_TRIED),
                         what.get("tries", 0), what.get("hints", 0),
                         "yes" if what.get("solution") else "no", what.get("at", "")))  # fmt: skip
    return pd.DataFrame(rows, columns=list(QUESTIONS))


def _asked() -> dict[str, tuple[str, ...]]:
    """Return the questions of each lesson, and the parts of the final case."""
    asked = {plan.name: tuple(question.name for question in plan.questions)
             for plan in LESSONS.values()}  # fmt: skip
    return asked | {FINAL: PARTS}


def by_lesson(questions: pd.DataFrame) -> pd.DataFrame:
    """Count per lesson: questions, those right, those right without the solution, tries."""
    right = questions["state"].eq(RIGHT)
    alone = right & questions["solution_seen"].eq("no")
    counted = questions.assign(right=right, alone=alone).groupby("lesson", sort=False)
    table = counted.agg(questions=("question", "size"), right=("right", "sum"),
                        alone=("alone", "sum"), tries=("tries", "sum"))  # fmt: skip
    return table.reset_index()


def of_learners(folder: Path) -> pd.DataFrame:
    """Return one row per learner and lesson, of all learners' folders below a folder.

    Raises
    ------
    UsageError
        There is no learner's folder, here or one level below.
    """
    learners = list(_learners(folder))
    if not learners:
        raise UsageError(f"No learner's folder in {folder}: each holds a file {STATE}, made by "
                         "crm-eval train start.")  # fmt: skip
    table = pd.concat(_rows(learners), ignore_index=True)
    return table.astype(dict.fromkeys(COUNTS, "Int64"))  # a damaged folder has no counts


def _rows(learners: Iterable[tuple[str, Learner | str]]) -> Iterator[pd.DataFrame]:
    for name, learner in learners:
        if isinstance(learner, Learner):
            yield by_lesson(solved(learner)).assign(learner=name, problem="")
        else:
            yield pd.DataFrame({"learner": [name], "problem": [learner]})


def _learners(folder: Path) -> Iterator[tuple[str, Learner | str]]:
    """Yield each learner; of a damaged file, what is wrong with it, so that others are told."""
    places = [folder, *sorted(path for path in folder.glob("*") if path.is_dir())]
    for place in places:
        if (place / STATE).is_file():
            try:
                yield place.resolve().name, read_learner(place)
            except UsageError as error:
                yield place.resolve().name, str(error)

"""The final case: a whole client nobody has seen, judged by the learner and held to the truth."""

import os
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from secrets import randbelow
from typing import Any

import pandas as pd

from crm_eval_lib.client import Client, open_client
from crm_eval_lib.errors import CrmEvalError, UsageError
from crm_eval_lib.letters import folded
from crm_eval_lib.results import Message
from crm_eval_lib.runner.whole_files import replace_text
from crm_eval_lib.simulate import write_folder
from crm_eval_lib.text import say, use_language, word
from crm_eval_lib.training.answers import Names, Unreadable, quoted
from crm_eval_lib.training.case import Case
from crm_eval_lib.training.final_page import render_final
from crm_eval_lib.training.final_truth import (
    FACTORS,
    FINAL,
    FINAL_VERSION,
    OPTIONS,
    STATEMENTS,
    final_case,
)
from crm_eval_lib.training.final_truth import findings as true_findings
from crm_eval_lib.training.final_truth import grades as true_grades
from crm_eval_lib.training.final_truth import verdicts as true_verdicts
from crm_eval_lib.training.folder import Learner, keep, noted, read_learner
from crm_eval_lib.training.lesson import LessonError, here, refuse_version
from crm_eval_lib.training.marking import ERROR, NOT_TRIED, RIGHT, WRONG, untried
from crm_eval_lib.training.shown import Shown, titled

PREFIX = "final-"
SEEDS = 100_000  # a fresh one is drawn from as many
LAST_SEED = 10**15  # a client's name holds it, and names are short
GRADES = ("A", "B", "C", "D")


def new_final(learner: Learner, seed: int | None = None) -> Path:
    """Write the client of a seed (none given: a fresh one) to a learner's folder.

    One that lies there stays as it is, with whatever the learner put beside it, and becomes the
    latest.

    Raises
    ------
    UsageError
        No such seed, or the folder cannot be written.
    """
    seed = randbelow(SEEDS) if seed is None else seed
    if not isinstance(seed, int) or not 0 <= seed <= LAST_SEED:
        raise UsageError(f"{seed!r} is no seed: a whole number from 0 to {LAST_SEED}.")
    folder = learner.clients / f"{PREFIX}{seed}"
    try:
        if (folder / "client.yml").is_file():
            os.utime(folder)
        else:
            case = final_case(seed, learner.language)
            write_folder(folder, case.scenario, case.tables)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}.") from error
    return folder


class FinalCase:
    """An open final case.

    Attributes
    ----------
    client : Client
        Its tables are at ``client.tables``; ``crm-eval run`` makes its report.
    statements : DataFrame
        Names and texts of what may be true of the client.
    options : DataFrame
        The verdicts to choose from, by factor.
    """

    def __init__(self, learner: Learner, folder: Path) -> None:
        self.learner, self.language = learner, learner.language
        self.seed = int(folder.name.removeprefix(PREFIX))
        self.client: Client = open_client(folder.name, clients_dir=learner.clients)

    @property
    def statements(self) -> pd.DataFrame:
        """Return one row per statement: name and text."""
        rows = [(name, _text("statement", name, self.language)) for name in STATEMENTS]
        return pd.DataFrame(rows, columns=["name", "statement"])

    @property
    def options(self) -> pd.DataFrame:
        """Return one row per factor and verdict: what may be chosen, and what it means."""
        rows = [(factor, option, _text(f"verdict.{factor}", option, self.language))
                for factor in FACTORS for option in OPTIONS[factor]]  # fmt: skip
        return pd.DataFrame(rows, columns=["factor", "option", "meaning"])

    def compare(self, verdicts: Any, grades: Any, findings: Any) -> Shown:
        """Hold the three answers against the truth and write the page that says where they differ.

        Parameters
        ----------
        verdicts : mapping of str to str
            One of `options` for each factor.
        grades : mapping of str to str
            Grade A–D of the evidence of each factor's main table.
        findings : iterable of str
            Names of the statements that are true.
        """
        given = {"verdicts": verdicts, "grades": grades, "findings": findings}
        try:
            state, messages = _read(given)
        except Exception as error:  # a learner may hand in anything: named, never a traceback
            kind = type(error).__name__
            state, messages = ERROR, [Message("training.unreadable.strange", {"kind": kind})]
        if messages:
            return self._shown(state, *messages)
        case = final_case(self.seed, self.language)
        table = compared(case, verdicts, grades, findings)
        right = int(table["right"].sum())
        path = self.learner.folder / f"{self.client.id}.html"
        slots = {"right": right, "n": len(table), "path": path.name}
        told = [Message("training_final.compared", slots)]
        try:
            replace_text(path, render_final(table, case.scenario, self.language))
            told += self._note(table)
        except (OSError, UsageError) as error:
            told = [Message("training_final.no_page", slots),
                    Message("training.not_kept", {"reason": str(error)})]  # fmt: skip
        return self._shown(RIGHT if right == len(table) else WRONG, *told)

    def _note(self, table: pd.DataFrame) -> list[Message]:
        """Keep the first comparison of a client; afterwards its truth is known."""
        folder = self.learner.folder
        known = self.client.id in read_learner(folder).lessons.get(FINAL, {})

        def change(learner: Learner) -> Learner:
            for part, rows in table.groupby("part", sort=False):
                state = RIGHT if rows["right"].all() and not known else WRONG
                learner = noted(learner, FINAL, str(part), state=state)
            return noted(learner, FINAL, self.client.id, state=WRONG)

        keep(folder, change)
        return [Message("training_final.known")] if known else []

    def _shown(self, state: str, *messages: Message) -> Shown:
        return Shown(titled(self.client.id, state, self.language), messages, state,
                     language=self.language)  # fmt: skip

    def __repr__(self) -> str:
        return f"FinalCase {self.client.id}: {', '.join(self.client.tables)}"


def open_final_case(*, version: int, seed: int | None = None) -> FinalCase:
    """Open the final case of the learner's folder: the one of a seed, else the latest, else a new.

    Raises
    ------
    LessonError
        Outside of a learner's folder, or the notebook is of another version.
    """
    learner = here()
    if learner is None:
        raise LessonError(say(Message("training_final.no_folder")))
    refuse_version(FINAL, version, FINAL_VERSION, learner.language)
    use_language(learner.language)
    try:
        return FinalCase(learner, _folder(learner, seed))
    except CrmEvalError as error:
        raise LessonError(str(error)) from error


def _folder(learner: Learner, seed: int | None) -> Path:
    if seed is not None:
        return new_final(learner, seed)
    made = [path for path in learner.clients.glob(f"{PREFIX}*") if (path / "client.yml").is_file()
            and path.name.removeprefix(PREFIX).isdecimal()]  # fmt: skip
    return max(made, key=lambda path: path.stat().st_mtime, default=None) or new_final(learner)


def compared(
    case: Case, verdicts: Mapping[str, str], grades: Mapping[str, str], findings: Iterable[str]
) -> pd.DataFrame:
    """Return one row per verdict, grade and statement: part, item, given, truth, right."""
    said, true = Names().read(findings), true_findings(case.scenario)
    wanted_verdicts, wanted_grades = true_verdicts(case.scenario), true_grades(case)
    rows = [("verdicts", f, folded(verdicts[f]), wanted_verdicts[f]) for f in FACTORS]
    rows += [("grades", f, folded(grades[f]).upper(), wanted_grades[f]) for f in FACTORS]
    rows += [("findings", name, _yes(name in said), _yes(name in true)) for name in STATEMENTS]
    table = pd.DataFrame(rows, columns=["part", "item", "given", "truth"])
    return table.assign(right=table["given"].eq(table["truth"]))


def _yes(true: bool) -> str:
    return "yes" if true else "no"


def _text(kind: str, name: str, lang: str) -> str:
    return word(f"training_final.{kind}.{name}", lang)


def _read(given: Mapping[str, Any]) -> tuple[str, list[Message]]:
    """Return why the answers cannot be compared, with the state; no message: they can."""
    open_parts = [name for name, value in given.items() if untried(value)]
    if open_parts:
        return NOT_TRIED, [Message("training_final.open", {"names": open_parts})]
    graded = dict.fromkeys(FACTORS, tuple(folded(grade) for grade in GRADES))
    return ERROR, [*_wrong_choices("verdicts", given["verdicts"], OPTIONS),
                   *_wrong_choices("grades", given["grades"], graded),
                   *_unknown_findings(given["findings"])]  # fmt: skip


def _wrong_choices(part: str, given: Any, options: Mapping[str, Iterable[str]]) -> list[Message]:
    """Name every factor that is missing, unknown, or has a choice there is not."""
    if not isinstance(given, Mapping):
        return [Message("training_final.no_mapping", {"part": part, "names": list(FACTORS)})]
    problems = [Message("training_final.no_factor", {"part": part, "name": quoted(name),
                                                     "known": list(FACTORS)})
                for name in given if name not in FACTORS]  # fmt: skip
    problems += [Message("training_final.missing", {"part": part, "name": name})
                 for name in FACTORS if name not in given]  # fmt: skip
    for name in FACTORS:
        if name in given and folded(given[name]) not in options[name]:
            slots = {"part": part, "name": name, "given": quoted(given[name]),
                     "options": list(options[name])}  # fmt: skip
            problems.append(Message("training_final.no_option", slots))
    return problems


def _unknown_findings(given: Any) -> list[Message]:
    try:
        names = Names().read(given)
    except Unreadable as unreadable:
        return [unreadable.message]
    return [_no_statement(name, typed) for name, typed in sorted(names.items())
            if name not in STATEMENTS]  # fmt: skip


def _no_statement(name: str, typed: str) -> Message:
    known = get_close_matches(name, STATEMENTS, cutoff=0.0)
    return Message("training_final.no_statement", {"name": quoted(typed), "known": known})

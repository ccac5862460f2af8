"""Exercises answer back: right, wrong by a named mistake, not tried, or not readable."""

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from crm_eval_lib.cli import cli
from crm_eval_lib.errors import UsageError
from crm_eval_lib.text import LANGUAGES
from crm_eval_lib.training import open_lesson
from crm_eval_lib.training.answers import Names
from crm_eval_lib.training.folder import keep, noted, read_learner
from crm_eval_lib.training.lesson import LessonError, missing_texts
from crm_eval_lib.training.lessons import LESSONS
from crm_eval_lib.training.overview import of_learners
from crm_eval_lib.training.starting import start
from crm_eval_lib.training.unopened import told

ALL = [(name, lang) for name in LESSONS for lang in LANGUAGES]


@pytest.fixture(scope="module")
def opened():
    """Open each lesson once in each language."""
    return {(name, lang): open_lesson(name, {}, version=LESSONS[name].version, language=lang)
            for name, lang in ALL}  # fmt: skip


def answered(lesson, question, value):
    lesson.names.clear()
    lesson.names[question.variable] = value
    return getattr(lesson, question.name).check()


@pytest.mark.parametrize(("name", "lang"), ALL)
def test_a_lesson_has_four_questions_and_a_sentence_for_everything(name, lang):
    plan = LESSONS[name]
    assert len(plan.questions) >= 4
    assert missing_texts(plan, lang) == []


@pytest.mark.parametrize(("name", "lang"), ALL)
def test_every_answer_is_told_apart(opened, name, lang):
    lesson = opened[name, lang]
    for question in lesson.plan.questions:
        right = question.expected(lesson.case)
        assert answered(lesson, question, ...).state == "not_tried"
        for answer in [right, *question.kind.others(right)]:
            shown = answered(lesson, question, answer)
            assert shown.state == "right", (question.name, answer)
            assert question.kind.quoted(question.kind.read(right)) not in shown.title


@pytest.mark.parametrize(("name", "lang"), ALL)
def test_every_named_mistake_gets_its_own_sentence_and_is_quoted(opened, name, lang):
    lesson = opened[name, lang]
    for question in lesson.plan.questions:
        told = set()
        for mistake, leads_to in question.mistakes.items():
            value = leads_to(lesson.case)
            shown = answered(lesson, question, value)
            assert shown.state == "wrong", (question.name, mistake)
            assert question.kind.quoted(question.kind.read(value)) in shown.text
            assert shown.messages[1].key.endswith(f".mistake.{mistake}"), (question.name, mistake)
            told.add(shown.text)
        assert len(told) == len(question.mistakes)


@pytest.mark.parametrize(("name", "lang"), ALL)
def test_hints_and_the_solution_show_in_text_and_html(opened, name, lang):
    lesson = opened[name, lang]
    for exercise in lesson.questions:
        for shown in (exercise.hint(), exercise.hint(2), exercise.solution()):
            assert shown.text.splitlines()[0] in repr(shown)
            assert "{" not in shown.text and f"lang='{lang}'" in shown._repr_html_()
        assert exercise.solution().code
        assert exercise.hint(3).text and exercise.hint(2.0).text == exercise.hint(2).text


@pytest.fixture(scope="module")
def lesson(opened):
    return opened["01_cost", "en"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("0.38", "this is a text: 0.38"),
        (pd.Series([1.0, 2.0]), "this holds 2"),
        (float("nan"), "empty or infinite"),
        (None, "type NoneType"),
        (True, "type bool"),
        (np.inf, "empty or infinite"),
        (1j, "type complex"),
        ("9" * 100_000, "99…"),
        (1e300, "Your deviation is 1e+300."),
    ],
)
def test_a_value_that_is_no_number_is_told_so(lesson, value, said):
    shown = answered(lesson, lesson.plan.questions[0], value)
    assert shown.state in ("error", "wrong") and said in shown.text
    assert len(shown.text) < 500


def test_an_answer_that_cannot_even_be_looked_at_gives_no_traceback(lesson):
    class Odd(float):
        def __float__(self):
            raise RuntimeError

    shown = answered(lesson, lesson.plan.questions[0], Odd(1))
    assert shown.state == "error" and "RuntimeError" in shown.text


def test_a_misspelt_variable_is_found(lesson):
    lesson.names.clear()
    lesson.names["deviaton"] = 0.38
    shown = lesson.q1.check()
    assert shown.state == "error" and "deviaton" in shown.text


def test_names_are_quoted_as_they_were_typed(opened):
    lesson = opened["02_problems", "en"]
    question = next(q for q in lesson.plan.questions if isinstance(q.kind, Names))
    shown = answered(lesson, question, ["P999", " Case-7"])
    assert shown.state == "wrong" and "P999" in shown.text and "Case-7" in shown.text


def test_an_unknown_mistake_is_quoted_and_leads_to_the_hint(lesson):
    shown = answered(lesson, lesson.plan.questions[0], 0.5)
    assert shown.state == "wrong" and "0.5" in shown.text and "q1.hint()" in shown.text


@pytest.mark.parametrize("version", [0, 99])
def test_lesson_and_library_of_different_versions_are_refused_with_a_sentence(version):
    with pytest.raises(LessonError, match="version") as raised:
        open_lesson("01_cost", {}, version=version)
    assert raised.value._render_traceback_() == [str(raised.value)]


def test_a_lesson_that_does_not_exist_names_the_nearest():
    with pytest.raises(LessonError, match="did you mean '01_cost'"):
        open_lesson("01_costs", {}, version=1)


@pytest.fixture
def learner(tmp_path, monkeypatch):
    start(tmp_path / "ada", "en")
    monkeypatch.chdir(tmp_path / "ada")
    return tmp_path / "ada"


def test_what_was_right_once_stays_right_and_tries_are_counted(learner):
    lesson = open_lesson("01_cost", {}, version=1)
    question = lesson.plan.questions[0]
    for value in (0.5, 0.38, 0.5):
        answered(lesson, question, value)
    lesson.q1.hint(2)
    done = read_learner(learner).lessons["01_cost"]["q1"]
    assert (done["state"], done["tries"], done["hints"]) == ("right", 3, 2)


def test_a_check_with_nothing_to_look_at_is_no_try_and_takes_nothing_back(learner):
    lesson = open_lesson("01_cost", {}, version=1)
    for value in (..., 0.5, ...):
        answered(lesson, lesson.plan.questions[0], value)
    done = read_learner(learner).lessons["01_cost"]["q1"]
    assert (done["state"], done["tries"]) == ("wrong", 1)


def test_lessons_that_note_at_the_same_moment_lose_nothing(learner):
    def work(number):
        keep(learner, lambda now: noted(now, "01_cost", f"q{number % 4}", state="wrong"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    done = read_learner(learner).lessons["01_cost"]
    assert sum(question["tries"] for question in done.values()) == 40


def test_a_lesson_opens_in_a_folder_that_cannot_be_written(learner, monkeypatch):
    def refused(self, *args, **kwargs):
        raise OSError(30, "Read-only file system")

    (learner / "clients").write_text("no folder", encoding="utf-8")  # nothing goes below a file
    monkeypatch.setattr("pathlib.Path.replace", refused)
    lesson = open_lesson("01_cost", {}, version=1)
    shown = answered(lesson, lesson.plan.questions[0], 0.38)
    assert shown.state == "right" and "Read-only file system" in shown.text
    assert len(lesson.client.tables.budget) > 0


def test_a_damaged_client_of_a_lesson_names_the_folder_to_remove(learner):
    folder = open_lesson("01_cost", {}, version=1).client.folder
    (folder / "client.yml").write_text("- {", encoding="utf-8")
    with pytest.raises(LessonError, match=r"Remove the folder .*lesson-cost"):
        open_lesson("01_cost", {}, version=1)


def test_a_clients_folder_removed_while_its_lesson_is_open_is_told_and_comes_back(learner):
    lesson = open_lesson("01_cost", {}, version=1)
    shutil.rmtree(learner / "clients")
    with pytest.raises(UsageError, match=r"lesson-cost is gone\. Open the client again"):
        lesson.client.tables["budget"]
    assert len(open_lesson("01_cost", {}, version=1).client.tables.budget) > 0


def test_a_lesson_moved_into_a_folder_below_still_notes_its_answers(learner, monkeypatch):
    (learner / "done").mkdir()
    monkeypatch.chdir(learner / "done")
    lesson = open_lesson("01_cost", {}, version=1)
    answered(lesson, lesson.plan.questions[0], 0.38)
    assert read_learner(learner).lessons["01_cost"]["q1"]["state"] == "right"


def test_a_lesson_outside_a_folder_says_that_nothing_is_noted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lesson = open_lesson("01_cost", {}, version=1)
    assert "crm-eval train start" in answered(lesson, lesson.plan.questions[0], 0.38).text


def test_starting_again_keeps_what_a_learner_wrote(learner):
    (learner / "01_cost.ipynb").write_text("mine", encoding="utf-8")
    assert start(learner, "en") == []
    assert (learner / "01_cost.ipynb").read_text("utf-8") == "mine"
    with pytest.raises(UsageError, match="another language"):
        start(learner, "zh-Hans")


def test_a_copied_lesson_holds_one_language_and_the_same_code(learner, project):
    text = (learner / "01_cost.ipynb").read_text("utf-8")
    whole = json.loads((project / "notebooks/training/01_cost.ipynb").read_text("utf-8"))
    code = [cell for cell in whole["cells"] if cell["cell_type"] == "code"]
    cells = json.loads(text)["cells"]
    assert [cell for cell in cells if cell["cell_type"] == "code"] == code
    assert not any("lang-zh-Hans" in cell["metadata"]["tags"] for cell in cells)


def test_a_trainer_sees_all_learners_and_a_damaged_folder_is_named(learner):
    lesson = open_lesson("01_cost", {}, version=1)
    answered(lesson, lesson.plan.questions[0], 0.38)
    one = '{"schema": 1, "language": "en", "lessons": {"01_cost": {"q1": {"tries": "x"}}}}'
    for name, text in (("bo", "{"), ("cy", one), ("di", "[" * 100_000)):
        start(learner.parent / name, "zh-Hans")
        (learner.parent / name / "training.json").write_text(text, encoding="utf-8")
    table = of_learners(learner.parent).set_index("learner")
    assert table[table["lesson"].eq("01_cost")].loc["ada", "right"] == 1
    assert table.loc[["bo", "cy", "di"], "problem"].str.contains("cannot be read").all()
    assert table["tries"].dtype == "Int64"  # a damaged folder does not turn counts to fractions


def test_the_command_line_starts_shows_and_checks(tmp_path):
    run, folder = CliRunner().invoke, str(tmp_path / "course" / "li")
    assert run(cli, ["train", "start", folder, "--lang", "zh"]).exit_code == 0
    shown = run(cli, ["train", "progress", folder])
    assert "01_cost" in shown.output and "答对" in shown.output
    table = run(cli, ["train", "check", str(tmp_path / "course"), "--csv"])
    assert table.output.splitlines()[0].startswith("learner,lesson,questions,right")
    empty = run(cli, ["train", "progress", str(tmp_path)])
    assert isinstance(empty.exception, UsageError) and "train start" in str(empty.exception)


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "q1 is not known yet"), ("zh-Hans", "名为q1的变量")]
)
def test_a_check_before_the_first_cell_is_told_which_cell_comes_first(
    tmp_path, monkeypatch, capsys, lang, said
):
    start(tmp_path, lang)
    monkeypatch.chdir(tmp_path)
    shell = SimpleNamespace(user_ns={}, showtraceback=lambda *_, **__: print("as Python has it"))
    error = NameError("name 'q1' is not defined", name="q1")
    told(shell, NameError, error, None)
    assert said in capsys.readouterr().err
    shell.user_ns["lesson"] = "open"
    told(shell, NameError, error, None)
    assert capsys.readouterr().out.strip() == "as Python has it"


def test_the_kernels_of_an_opened_folder_watch_for_it(learner, monkeypatch):
    opened, hooked = {}, []
    monkeypatch.setattr(
        "crm_eval_lib.lab.launching.launch", lambda options: opened.update(o=options)
    )
    monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(
        set_custom_exc=lambda kinds, handler: hooked.append((kinds, handler))))  # fmt: skip
    monkeypatch.setattr("os.environ", {**os.environ, "PYTHONSTARTUP": ""})
    CliRunner().invoke(cli, ["train", "open", str(learner), "--port", "8899"])
    assert f"--ServerApp.root_dir={learner}" in opened["o"] and "8899" in opened["o"]
    exec(Path(os.environ["PYTHONSTARTUP"]).read_text("utf-8"))
    assert hooked == [((NameError,), told)]


def test_options_alone_open_the_usual_folder_and_other_kernels_are_told(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("crm_eval_lib.lab.launching.launch", opened.append)
    monkeypatch.setattr("crm_eval_lib.lab.launching.foreign_kernels", lambda: ["Old (old)"])
    monkeypatch.setattr("os.environ", dict(os.environ))
    monkeypatch.chdir(tmp_path)
    start(Path("crm-training"))
    answer = CliRunner().invoke(cli, ["train", "open", "--port", "8899"])
    assert f"--ServerApp.root_dir={tmp_path / 'crm-training'}" in opened[0]
    assert opened[0][-2:] == ["--port", "8899"]
    assert "The kernel Old (old) belongs to another environment" in answer.output


def test_a_file_in_the_place_of_a_learner_s_folder_is_told(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(UsageError, match=r"notes\.txt is no training folder.* train start FOLDER"):
        read_learner(tmp_path / "notes.txt")

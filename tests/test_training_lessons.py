"""Each lesson runs with the reference answers filled in, and every check says right."""

import json
import subprocess
import sys

import pytest
from lesson_notebooks import filled, left_open
from notebook_cells import run_cells

from crm_eval_lib.text import LANGUAGES
from crm_eval_lib.training.lessons import LESSONS
from crm_eval_lib.training.starting import in_language, lesson_files


@pytest.fixture(scope="module")
def lessons():
    return {path.stem: json.loads(path.read_text("utf-8")) for path in lesson_files()}


def test_every_lesson_has_its_notebook(lessons):
    assert set(LESSONS) <= set(lessons)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_is_half_prose_and_its_cells_are_short(lessons, name):
    for language in LANGUAGES:
        cells = in_language(lessons[name], language)["cells"]
        prose = [cell for cell in cells if cell["cell_type"] == "markdown"]
        assert len(cells) <= 30 and 0.35 <= len(prose) / len(cells) <= 0.65
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        assert all(len(source.splitlines()) <= 15 for source in code)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_leaves_just_its_questions_open(lessons, name):
    cells = [cell for cell in lessons[name]["cells"] if cell["cell_type"] == "code"]
    found = set().union(*(left_open("".join(cell["source"])) for cell in cells))
    assert found == {question.variable for question in LESSONS[name].questions}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LESSONS)
def test_reference_answers_found_in_the_tables_equal_the_planted_truth(
    lessons, name, language, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    answers = filled(lessons[name], LESSONS[name])
    names = run_cells(answers, replacing={"version=": f'language="{language}", version='})
    assert [exercise.check().state for exercise in names["lesson"].questions] == [
        "right" for _ in LESSONS[name].questions
    ]


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_runs_to_its_end_with_nothing_answered(lessons, name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    names = run_cells(lessons[name], replacing={})
    assert {exercise.check().state for exercise in names["lesson"].questions} == {"not_tried"}


def test_nbval_runs_the_lessons_with_the_reference_answers(lessons, tmp_path):
    for name, plan in LESSONS.items():
        text = json.dumps(filled(lessons[name], plan), ensure_ascii=False)
        (tmp_path / f"{name}.ipynb").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "crm_eval_lib.runner.quick", "--nbval-lax", "-q",
         "-p", "no:cacheprovider", str(tmp_path)], capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]

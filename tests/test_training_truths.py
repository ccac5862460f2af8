"""The workbook's own steps find what the lessons planted, by rules written a second time there."""

import json
import re
from dataclasses import replace

import pytest

from crm_eval_lib import controls, problems, scorecard
from crm_eval_lib.scoring import numbers
from crm_eval_lib.text import LANGUAGES
from crm_eval_lib.training import open_lesson
from crm_eval_lib.training.lessons import LESSONS, published
from crm_eval_lib.training.starting import in_language, lesson_files


def expected(name, case):
    return {question.name: question.expected(case) for question in LESSONS[name].questions}


@pytest.fixture(scope="module")
def lesson():
    return open_lesson("04_controls", {}, version=LESSONS["04_controls"].version)


def test_the_steps_on_controls_find_the_planted_limit_uptime_and_coverage(lesson):
    t, dates, truth = (
        lesson.client.tables,
        lesson.client.dates,
        expected("04_controls", lesson.case),
    )
    logs = {"lines": controls.lines_of(lesson.client), "complaints": t.complaints, "dates": dates}
    matrix = controls.mode_matrix(t.controls, t.control_tests, t.control_off, **logs)
    tested = controls.assurance(t.controls, t.control_tests, dates=dates)
    on_time = controls.uptime(t.controls, t.control_off, **logs)
    assert tested["controls.upper_limit[C02]"].value == pytest.approx(truth["q1"])
    assert on_time["controls.uptime[C01]"].value == pytest.approx(truth["q2"])
    assert matrix["controls.coverage"].value == pytest.approx(truth["q4"])


def test_the_rows_behind_the_steps_are_those_planted(lesson):
    t, dates, truth = (
        lesson.client.tables,
        lesson.client.dates,
        expected("04_controls", lesson.case),
    )
    lines = controls.lines_of(lesson.client)
    refuting = controls.mode_matrix(t.controls, lines=lines, dates=dates).tables["refuting"]["key"]
    assert set(refuting.str.removesuffix("/1")) == set(truth["q3"])
    waited = controls.complaint_order(t.complaints, t.controls, dates=dates).tables["waited"]
    assert set(waited["complaint_id"]) == set(truth["q5"])


def test_the_scorecard_gives_the_points_that_the_lesson_reckons_by_itself():
    case = LESSONS["05_scorecard"].case("en")
    truth, card = expected("05_scorecard", case), published.card(case)
    flips = scorecard.flip_weights(card).table.set_index("factor")
    assert card.indicators["problems.weighted_solved_rate"].score == pytest.approx(truth["q1"])
    assert card["cost"].score == pytest.approx(truth["q2"])
    assert card.overall.assessed_score == pytest.approx(truth["q3"])
    assert card.overall.bounds[0] == pytest.approx(truth["q4"])
    assert flips.filter(like="flips_at").loc["problems"].item() == pytest.approx(truth["q5"])


def test_the_steps_shown_in_the_overview_find_its_rows_and_its_share():
    plan = LESSONS["00_overview"]
    lesson = open_lesson(plan.name, {}, version=plan.version)
    client, wanted = lesson.client, expected(plan.name, lesson.case)
    waiting = problems.open_problems(client.tables.problems, dates=client.dates).table
    heard = controls.captured_complaints(client.tables.complaint_samples, dates=client.dates)
    severe = waiting[waiting["severity"] >= 4]
    assert set(severe["problem_id"]) == wanted["q4"]
    assert heard["controls.complaints.captured_share"].value == pytest.approx(wanted["q6"])


def test_the_sentence_that_may_be_written_changes_with_what_was_planted():
    question, case = LESSONS["01_cost"].questions[-1], LESSONS["01_cost"].case("en")
    kept = replace(case, scenario=replace(case.scenario, overrun=0.04))
    bare = replace(kept, scenario=case.scenario, tables={})
    assert (question.expected(case), question.expected(kept)) == ("c", "a")
    with pytest.raises(ValueError, match="too many"):  # two sentences may be written: no question
        question.expected(bare)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_rules_a_lesson_tells_in_prose_are_those_of_the_scoring(lang):
    path = next(path for path in lesson_files() if path.stem == "05_scorecard")
    cells = in_language(json.loads(path.read_text("utf-8")), lang)["cells"]
    prose = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    factor_cap, total_cap = published.caps()
    for number in (factor_cap, total_cap, published.pass_mark()):
        assert f"{number:g}" in re.findall(r"\d+", prose)
    # ninety-nine in a hundred, nine in ten, two in three, one in three: as the prose says
    words = numbers()["likelihood"]
    found = [words[word] for word in ("virtually_certain", "very_likely", "likely")]
    assert found == [0.99, 0.90, 0.66] and words["as_likely_as_not"] == 0.33

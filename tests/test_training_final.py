"""The final case: the truth of a seed, the comparison with it, and the page that tells it."""

import json

import pytest
from click.testing import CliRunner
from notebook_cells import run_cells

from crm_eval_lib.cli import cli
from crm_eval_lib.simulate.exam import exam_scenario
from crm_eval_lib.text import LANGUAGES, has
from crm_eval_lib.training import open_final_case
from crm_eval_lib.training.final import new_final
from crm_eval_lib.training.final_truth import (
    FACTORS,
    MAIN_TABLES,
    OPTIONS,
    STATEMENTS,
    final_case,
    findings,
    grades,
    verdicts,
)
from crm_eval_lib.training.folder import Learner, read_learner, write_learner
from crm_eval_lib.training.lesson import LessonError
from crm_eval_lib.training.starting import start

SEED = 4


@pytest.fixture(scope="module")
def case():
    return final_case(SEED, "en")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("li")
    start(folder, "en")
    new_final(read_learner(folder), SEED)
    return folder


@pytest.fixture
def learner(folder, monkeypatch):
    write_learner(Learner(folder, "en", {}))
    monkeypatch.chdir(folder)
    return folder


def test_every_verdict_and_every_statement_occurs_and_fails_to_occur():
    scenarios = [exam_scenario(seed) for seed in range(120)]
    drawn = [verdicts(scenario) for scenario in scenarios]
    assert {factor: {item[factor] for item in drawn} for factor in FACTORS} == {
        factor: set(options) for factor, options in OPTIONS.items()
    }
    true = [findings(scenario) for scenario in scenarios]
    assert all(0 < sum(name in item for item in true) < len(true) for name in STATEMENTS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_answer_has_its_words(lang):
    keys = [f"verdict.{factor}.{name}" for factor in FACTORS for name in OPTIONS[factor]]
    keys += [f"{kind}.{name}" for kind in ("statement", "seen") for name in STATEMENTS]
    assert [key for key in keys if not has(f"training_final.{key}", lang)] == []


def test_the_truth_can_be_seen_in_the_tables(case):
    tables, truth = case.tables, case.scenario
    ledger, budget = tables["actuals"], tables["budget"]
    plan = budget.loc[budget["version"].eq(0), "amount"].sum()
    cost = ledger.loc[ledger["kind"].isin(["invoice", "timesheet", "accrual", "credit"]), "amount"]
    assert cost.sum() / plan - 1 == pytest.approx(truth.overrun, abs=1e-6)
    assert (budget["version"].max() > 0) == ("budget_replaced" in findings(truth))
    rows = tables["problems"]
    versions = [set(part["problem_id"]) for _, part in rows.groupby("register_version")]
    assert bool(versions[0] - versions[-1]) == ("register_pruned" in findings(truth))


def test_a_grade_follows_the_control_total_of_its_table(case):
    totals = case.tables["control_totals"].set_index("table")["total"]
    found = grades(case)
    for factor, table in MAIN_TABLES.items():
        rows = len(case.tables[table])
        if table not in totals:
            assert found[factor] == ("C" if factor == "problems" else "B")
        else:
            assert found[factor] == ("A" if totals[table] == rows else "C")


def test_the_truth_itself_compares_as_right_and_is_noted(learner, case):
    final = open_final_case(version=1, seed=SEED)
    shown = final.compare(verdicts(case.scenario), grades(case), findings(case.scenario))
    assert shown.state == "right"
    assert (learner / f"final-{SEED}.html").is_file()
    assert read_learner(learner).lessons["06_final_case"]["findings"]["state"] == "right"
    said = {factor: f" {verdict} " for factor, verdict in verdicts(case.scenario).items()}
    marks = {factor: grade.lower() for factor, grade in grades(case).items()}
    again = final.compare(said, marks, findings(case.scenario))
    assert again.state == "right" and "shown to you before" in again.text


def test_one_wrong_verdict_and_one_statement_left_out_are_shown_with_the_truth(learner, case):
    final, true = open_final_case(version=1, seed=SEED), findings(case.scenario)
    said = verdicts(case.scenario) | {"cost": "kept"}
    shown = final.compare(said, grades(case), sorted(true)[1:])
    n = 2 * len(FACTORS) + len(STATEMENTS)
    assert shown.state == "wrong" and f"{n - 2} of {n}" in shown.text
    page = (learner / f"final-{SEED}.html").read_text("utf-8")
    assert page.count(">not right<") == 2 and "62.0%" in page


class Odd:
    def __str__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ((..., ..., ...), "verdicts, grades, findings"),
        (("kept", "A", []), "one answer for each factor"),
        (({"costs": "kept"}, "A", []), "there is no factor costs"),
        ((dict.fromkeys(FACTORS, "kept"), dict.fromkeys(FACTORS, "E"), []), "E is no answer"),
        ((dict.fromkeys(FACTORS, 1), dict.fromkeys(FACTORS, "A"), 3), "type int"),
        ((dict.fromkeys(FACTORS, 1), dict.fromkeys(FACTORS, "A"), ["prunned"]), "register_pruned"),
        ((dict.fromkeys(FACTORS, Odd()), dict.fromkeys(FACTORS, "A"), []), "RuntimeError"),
    ],
)
def test_answers_of_the_wrong_form_get_a_sentence(learner, answers, said):
    shown = open_final_case(version=1, seed=SEED).compare(*answers)
    assert shown.state in ("error", "not_tried") and said in shown.text


def test_a_page_that_cannot_be_written_is_told_and_the_count_still_given(
    learner, case, monkeypatch
):
    def refused(self, *args, **kwargs):
        raise OSError(30, "Read-only file system")

    final = open_final_case(version=1, seed=SEED)
    monkeypatch.setattr("pathlib.Path.replace", refused)
    shown = final.compare(verdicts(case.scenario), grades(case), findings(case.scenario))
    assert "22 of 22" in shown.text and "Read-only file system" in shown.text


@pytest.mark.parametrize("seed", [-1, 10**40, "4"])
def test_a_seed_that_is_none_is_refused_with_a_sentence(learner, seed):
    with pytest.raises(LessonError, match="is no seed"):
        open_final_case(version=1, seed=seed)


def test_making_a_client_again_keeps_what_lies_in_its_folder(learner):
    folder = new_final(read_learner(learner), SEED)
    (folder / "problems.csv").write_text("mine", encoding="utf-8")
    assert new_final(read_learner(learner), SEED) == folder
    assert (folder / "problems.csv").read_text("utf-8") == "mine"


def test_outside_of_a_learners_folder_the_command_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LessonError, match="crm-eval train start"):
        open_final_case(version=1)


def test_the_command_makes_a_client_that_the_notebook_opens(learner, project):
    made = CliRunner().invoke(cli, ["train", "final", str(learner), "--seed", "11"])
    assert made.exit_code == 0 and (learner / "clients" / "final-11" / "client.yml").is_file()
    assert not (learner / "clients" / "final-11" / "truth.json").exists()
    notebook = json.loads((learner / "06_final_case.ipynb").read_text("utf-8"))
    names = run_cells(notebook, replacing={})
    assert names["final"].seed == 11

"""Nothing is done twice: what is current stays, what changed runs again, and no more than that."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_runner import notebook

from crm_eval_lib.runner.client_run import Settings, run_client
from crm_eval_lib.runner.fingerprint import folder_state
from crm_eval_lib.runner.process import go_on, stop_all
from crm_eval_lib.runner.record import read_record
from crm_eval_lib.runner.slots import Slots

ASKING = """from crm_eval_lib import FactorResult, open_client
client = open_client(client_id, clients_dir=clients_dir, run_dir=run_dir)
rows = {rows}
FactorResult.collect("{factor}", []).publish(run_dir)"""
SCORE = """import json, pathlib
from crm_eval_lib import open_client
inputs = open_client(client_id, run_dir=run_dir).inputs
results = {"status_date": "2025-11-30", "provenance": {"inputs": inputs, "parameters": {}}}
pathlib.Path(run_dir, "results.json").write_text(json.dumps(results))"""


@pytest.fixture
def settings(tmp_path, demo_clients, monkeypatch):
    """A client on four tiny notebooks: cost reads the budget, problems the register."""
    shutil.copytree(demo_clients / "demo-small", tmp_path / "clients" / "acme")
    path = tmp_path / "clients" / "acme" / "client.yml"
    path.write_text(path.read_text("utf-8").replace("demo-small", "acme"), "utf-8")
    folder = tmp_path / "method"
    rows = {"00_data_check": "list(client.tables)", "01_cost": "client.tables.budget",
            "02_problems": "client.tables.problems, client.tables.survey"}  # fmt: skip
    for name, asked in rows.items():
        notebook(folder, name, ASKING.format(factor=name[3:], rows=asked))
    notebook(folder, "05_scorecard", SCORE)
    (tmp_path / "reports").mkdir()
    monkeypatch.setattr("crm_eval_lib.runner.jobs.render", page)
    return Settings(tmp_path / "clients", tmp_path / "reports", timeout_seconds=120,
                    notebooks_dir=folder)  # fmt: skip


def page(job, names, own, mark):
    """Stand in for the page, which these tests are not about."""
    Path(job.run_dir, "report.html").write_text(mark)


def run(settings):
    answer = run_client("acme", settings, slots=Slots(2))
    assert answer.exit_code == 0, answer.message + answer.detail
    return answer


def worked(answer):
    """Name the notebooks that ran."""
    facts = {name: fact for name, fact in answer.notebooks.items() if name[:2].isdigit()}
    return sorted(name for name, fact in facts.items() if "taken_over" not in fact)


def touch(settings, name, text="\n"):
    path = settings.clients_dir / "acme" / name
    path.write_text((path.read_text("utf-8") if path.exists() else "") + text, "utf-8")


@pytest.mark.slow
def test_nothing_runs_where_nothing_changed_unless_forced(settings):
    assert run(settings).state == "done"
    assert run(settings).state == "unchanged"
    os.utime(settings.clients_dir / "acme" / "client.yml")  # the content decides, not the clock
    assert run(settings).state == "unchanged"
    settings = Settings(settings.clients_dir, settings.reports_dir, force=True,
                        notebooks_dir=settings.notebooks_dir)  # fmt: skip
    assert len(worked(run(settings))) == 4


@pytest.mark.slow
def test_a_changed_table_runs_what_read_it_and_the_scorecard(settings, demo_clients):
    run(settings)
    folder = settings.clients_dir / "acme"
    shutil.copy(demo_clients / "demo-trading" / "problems.csv", folder)  # asked for, was not there
    assert worked(run(settings)) == ["00_data_check", "02_problems", "05_scorecard"]
    assert (settings.reports_dir / "acme" / "results" / "cost.json").is_file()


@pytest.mark.slow
def test_a_changed_notebook_runs_with_the_scorecard(settings):
    run(settings)
    notebook(settings.notebooks_dir, "01_cost", ASKING.format(factor="cost", rows="0"))
    assert worked(run(settings)) == ["01_cost", "05_scorecard"]


@pytest.mark.slow
def test_words_of_the_consultant_make_only_the_page_again(settings):
    run(settings)
    touch(settings, "commentary.md", "# summary\nA word.\n")
    assert worked(run(settings)) == ["05_scorecard"]


@pytest.mark.slow
def test_what_a_report_lacks_is_made_again(settings):
    run(settings)
    (settings.reports_dir / "acme" / "notebooks" / "01_cost.ipynb").unlink()
    touch(settings, "commentary.md", "A word.\n")
    assert worked(run(settings)) == ["01_cost", "05_scorecard"]


@pytest.mark.slow
def test_an_own_notebook_runs_whatever_changed(settings):
    own = settings.clients_dir / "acme" / "notebooks"
    notebook(own, "06_own", ASKING.format(factor="own", rows="0"))
    run(settings)
    touch(settings, "notes.txt", "It may have read this.")
    assert worked(run(settings)) == ["05_scorecard", "06_own"]


def test_hidden_files_are_no_input(tmp_path):
    (tmp_path / "budget.csv").write_text("a")
    before = folder_state(tmp_path)
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "x.ipynb").write_text("1")
    (tmp_path / "~$budget.xlsx").write_text("lock")
    assert folder_state(tmp_path) == before
    (tmp_path / "budget.csv").rename(tmp_path / "actuals.csv")  # the name counts
    assert folder_state(tmp_path) != before


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": 1, "stages": 3}', "\x00"])
def test_a_damaged_record_is_none(tmp_path, text):
    for name in ("report.html", "results.json"):
        (tmp_path / name).write_text("x")
    (tmp_path / "run.json").write_text(text)
    assert read_record(tmp_path) is None


def test_an_unchanged_batch_loads_nothing_heavy():
    loaded = "import crm_eval_lib.cli, crm_eval_lib.runner.batch"
    code = f"import sys, json; {loaded}; print(json.dumps([*sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pandas", "numpy", "pydantic", "papermill"} & set(json.loads(done.stdout))


def results(reports):
    """Return a report's results but for the time."""
    found = json.loads((reports / "acme" / "results.json").read_text("utf-8"))
    return found | {"provenance": found["provenance"] | {"generated_at": ""}}


@pytest.mark.slow
def test_a_report_made_in_part_equals_one_made_whole(tmp_path, demo_clients):
    shutil.copytree(demo_clients / "demo-small", tmp_path / "clients" / "acme")
    yml = tmp_path / "clients" / "acme" / "client.yml"
    yml.write_text(yml.read_text("utf-8").replace("demo-small", "acme"), "utf-8")
    part, whole = (
        Settings(tmp_path / "clients", tmp_path / name, force=name == "whole")
        for name in ("part", "whole")
    )
    for settings in (part, whole):
        settings.reports_dir.mkdir()
    run(part)
    path = tmp_path / "clients" / "acme" / "order_samples.csv"
    path.write_text(path.read_text("utf-8").replace("before_shipment", "none", 1), "utf-8")
    answer = run(part)
    assert "04_controls" in worked(answer) and "01_cost" not in worked(answer)
    run(whole)
    assert results(part.reports_dir) == results(whole.reports_dir)
    for name in ("tables/cost.deviation.csv", "results/cost.json", "results/controls.json"):
        one, other = ((s.reports_dir / "acme" / name).read_bytes() for s in (part, whole))
        assert one == other


def test_a_run_that_ctrl_c_ends_is_no_failure_of_the_client(settings, request):
    request.addfinalizer(go_on)
    stop_all()
    answer = run_client("acme", settings, slots=Slots(1))
    assert (answer.exit_code, answer.kept) == (1, None)
    assert not (settings.reports_dir / ".failed").exists()

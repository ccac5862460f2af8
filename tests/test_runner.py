"""The runner on tiny notebooks: order, isolation, failure, and whole reports only."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from crm_eval_lib.config import own_factors
from crm_eval_lib.errors import ParameterError, UsageError
from crm_eval_lib.report.notebook import read_notebook
from crm_eval_lib.runner import process
from crm_eval_lib.runner.client_run import Settings, run_client
from crm_eval_lib.runner.jobs import ClientJob, knobs_used
from crm_eval_lib.runner.locks import client_lock
from crm_eval_lib.runner.parameters import checked, from_text
from crm_eval_lib.runner.plan import plan
from crm_eval_lib.runner.process import go_on, run_isolated, stop_all
from crm_eval_lib.runner.publish import exchange, new_run_dir, publish
from crm_eval_lib.runner.slots import Slots

PARAMETERS = """client_id: str = "x"  # folder below the clients directory
clients_dir: str = ""  # empty: data/clients of the project
run_dir: str = ""  # empty: run by hand
language: str = ""  # en or zh-Hans
status_date: str = ""  # YYYY-MM-DD
confidence: float = 0.95  # level of the intervals
overrun_warning: float = 0.1  # share of the budget"""
FACTORS = ("00_data_check", "01_cost", "05_scorecard")


def notebook(folder: Path, name: str, *lines: str) -> Path:
    """Write a small notebook with a parameters cell and code cells."""
    folder.mkdir(parents=True, exist_ok=True)
    cells = [new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})]
    cells += [new_code_cell(line, metadata={"tags": []}) for line in lines]
    path = folder / f"{name}.ipynb"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), path)
    return path


@pytest.fixture
def standard(tmp_path):
    for name in FACTORS:
        notebook(tmp_path / "standard", name, "1 + 1")
    return tmp_path / "standard"


def test_plan_puts_the_gate_first_and_the_scorecard_last(standard, tmp_path):
    notebook(tmp_path / "acme" / "notebooks", "06_adoption", "1")
    names = [item.name for item in plan(tmp_path / "acme", standard).all]
    assert names == ["00_data_check", "01_cost", "06_adoption", "05_scorecard"]


def test_own_notebook_replaces_the_standard_one(standard, tmp_path):
    own = notebook(tmp_path / "acme" / "notebooks", "01_cost", "2")
    assert plan(tmp_path / "acme", standard).factors[0].path == own


def test_own_factors_are_known_by_their_file_names(tmp_path):
    notebook(tmp_path / "acme" / "notebooks", "06_adoption", "1")
    assert own_factors(tmp_path / "acme") == ("adoption",)


def test_two_notebooks_of_one_factor_are_refused(standard, tmp_path):
    notebook(tmp_path / "acme" / "notebooks", "07_cost", "2")
    with pytest.raises(UsageError, match="both publish factor 'cost'"):
        plan(tmp_path / "acme", standard)


def test_own_notebook_with_an_unusual_name_is_refused(standard, tmp_path):
    notebook(tmp_path / "acme" / "notebooks", "My Analysis", "2")
    with pytest.raises(UsageError, match="is not named NN_<factor>"):
        plan(tmp_path / "acme", standard)


def test_unknown_parameter_gets_the_nearest_name(standard):
    with pytest.raises(
        ParameterError, match="no parameter 'confidance' – did you mean 'confidence'"
    ):
        checked(standard / "01_cost.ipynb", {"confidance": 0.9})


def test_parameter_of_another_type_is_refused(standard):
    with pytest.raises(ParameterError, match=r"'confidence' is '0.9' \(str\); it must be float"):
        checked(standard / "01_cost.ipynb", {"confidence": "0.9"})


def test_whole_number_serves_as_float_but_a_flag_does_not(standard):
    name = "overrun_warning"
    assert checked(standard / "01_cost.ipynb", {name: 1}) == {name: 1.0}
    with pytest.raises(ParameterError):
        checked(standard / "01_cost.ipynb", {name: True})


def test_ids_typed_on_the_command_line_stay_text(standard):
    assert from_text(standard / "01_cost.ipynb", {"client_id": "007"}) == {"client_id": "007"}


def test_a_killed_child_is_an_outcome():
    outcome = run_isolated(os.abort, timeout_seconds=60)
    assert outcome.exit_code == 1
    assert "killed by SIGABRT" in outcome.message


def test_an_endless_child_is_stopped_before_another_takes_its_place():
    alive = []
    with contextlib.ExitStack() as slot:
        slot.callback(lambda: alive.extend(child.is_alive() for child in process._live))
        outcome = run_isolated(time.sleep, 600, timeout_seconds=1, slot=slot)
    assert outcome.exit_code == 1 and "time-out" in outcome.message
    assert alive == [False]


def test_after_a_stop_nothing_begins_until_the_next_batch(request):
    request.addfinalizer(go_on)  # for the tests after this one, should it fail
    stop_all()
    assert run_isolated(len, "x", timeout_seconds=60).message == "stopped before it began"
    go_on()
    assert run_isolated(len, "x", timeout_seconds=60).value == 1


STOPPED_WHILE_IMPORTING = """
import sys, threading, time
from crm_eval_lib.runner import process, servers
servers.PRELOADED = ["slow_to_import"]
said = []
work = lambda: said.append(process.run_isolated(len, "x", timeout_seconds=60).message)
waiting = threading.Thread(target=work)
waiting.start()
while not process._live:
    time.sleep(0.05)
time.sleep(0.5)
process.stop_all()
waiting.join()
print(*said)
"""


def test_a_stop_does_not_wait_for_imports(tmp_path):
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(300)\n")
    done = subprocess.run(
        [sys.executable, "-c", STOPPED_WHILE_IMPORTING], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(__file__).parents[1]}"},
        timeout=100,
    )  # fmt: skip
    assert done.stdout.strip() == "stopped before it began: what forks was ended", done.stderr


def grammars_and_reader():
    """What a child knows of the dear grammars, and whether notebooks can be read there."""
    return sys.modules.get("rfc3987_syntax", "not asked for"), "nbformat" in sys.modules


def test_children_read_notebooks_without_compiling_grammars_of_addresses():
    outcome = run_isolated(grammars_and_reader, timeout_seconds=60)
    assert outcome.value == (None, True), outcome.detail


def test_exchange_swaps_two_folders(tmp_path):
    for name in ("new", "old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "is.txt").write_text(name)
    exchange(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old" / "is.txt").read_text() == "new"
    assert (tmp_path / "new" / "is.txt").read_text() == "old"


def test_publishing_leaves_validated_data_out_of_the_report(tmp_path):
    run_dir = tmp_path / ".runs" / "acme.1"
    (run_dir / "data").mkdir(parents=True)
    (run_dir / "report.html").write_text("page")
    target = publish(run_dir, tmp_path, "acme")
    assert sorted(path.name for path in target.iterdir()) == ["report.html"]


# ---- whole runs of a demo client on tiny notebooks -------------------------------------------
SCORE = """import json, pathlib
pathlib.Path(run_dir, "results.json").write_text(json.dumps({"status_date": "2025-11-30"}))"""
PUBLISH = """from crm_eval_lib import FactorResult
FactorResult.collect("{factor}", []).publish(run_dir)"""


@pytest.fixture
def settings(tmp_path, demo_clients):
    shutil.copytree(demo_clients / "demo-trading", tmp_path / "clients" / "demo-trading")
    folder = tmp_path / "method"
    for name in ("00_data_check", "01_cost"):
        notebook(folder, name, PUBLISH.format(factor=name[3:]))
    notebook(folder, "05_scorecard", SCORE)
    reports = tmp_path / "reports"
    (reports / "demo-trading").mkdir(parents=True)
    (reports / "demo-trading" / "report.html").write_text("last good page")
    return Settings(tmp_path / "clients", reports, timeout_seconds=120, notebooks_dir=folder)


def run(settings):
    return run_client("demo-trading", settings, slots=Slots(2))


def last_page(settings):
    return (settings.reports_dir / "demo-trading" / "report.html").read_text()


def test_a_client_that_is_being_run_is_refused_and_named(settings):
    with client_lock(settings.reports_dir, "demo-trading"):
        answer = run(settings)
    assert (answer.state, answer.stage, answer.exit_code) == ("failed", "lock", 2)
    assert f"(process {os.getpid()})" in answer.message
    assert last_page(settings) == "last good page"


def hold(reports):
    with client_lock(Path(reports), "acme"):
        os.kill(os.getpid(), 9)


def test_a_lock_ends_with_its_owner(tmp_path):
    run_isolated(hold, str(tmp_path), timeout_seconds=60)
    with client_lock(tmp_path, "acme"):
        assert (tmp_path / ".locks" / "acme.lock").read_text() == str(os.getpid())


def test_what_a_dead_run_left_is_removed_and_a_half_exchange_undone(tmp_path):
    for left in (".runs/acme.7", ".runs/acme.eu.7", ".acme.old"):
        (tmp_path / left).mkdir(parents=True)
    folder = new_run_dir(tmp_path, "acme")
    assert {path.name for path in (tmp_path / ".runs").iterdir()} == {folder.name, "acme.eu.7"}
    assert (tmp_path / "acme").is_dir()


@pytest.mark.slow
def test_a_failing_cell_keeps_the_last_good_report_and_is_named(settings):
    notebook(settings.notebooks_dir, "01_cost", "raise ValueError('no such thing')")
    answer = run(settings)
    assert (answer.state, answer.stage, answer.exit_code) == ("failed", "01_cost", 1)
    assert "ValueError: no such thing" in answer.message
    assert last_page(settings) == "last good page"
    assert Path(answer.kept, "notebooks", "01_cost.ipynb").is_file()


@pytest.mark.slow
def test_a_notebook_that_publishes_nothing_is_a_failure(settings):
    notebook(settings.notebooks_dir, "01_cost", "1 + 1")
    answer = run(settings)
    assert "without publishing cost.json" in answer.message


@pytest.mark.slow
def test_a_kernel_that_dies_is_a_failure(settings):
    notebook(settings.notebooks_dir, "01_cost", "import os\nos.kill(os.getpid(), 9)")
    answer = run(settings)
    assert answer.state == "failed" and answer.stage == "01_cost"
    assert last_page(settings) == "last good page"


@pytest.mark.slow
def test_unknown_notebook_in_the_clients_parameters_is_named(settings):
    path = settings.clients_dir / "demo-trading" / "client.yml"
    path.write_text(
        path.read_text("utf-8") + "parameters: {01_cosst: {confidence: 0.9}}\n", "utf-8"
    )
    answer = run(settings)
    assert answer.exit_code == 1 and "did you mean '01_cost'" in answer.message


def test_batch_file_is_written_whole(tmp_path):
    from crm_eval_lib.runner.batch import write_batch
    from crm_eval_lib.runner.client_run import ClientRun

    write_batch([ClientRun("acme", exit_code=1, state="failed")], tmp_path, "2025-01-01")
    content = json.loads((tmp_path / "batch.json").read_text(encoding="utf-8"))
    assert content["clients"][0]["state"] == "failed"


def test_knobs_of_a_run_are_told_apart_from_the_common_parameters(tmp_path):
    path = notebook(tmp_path / "notebooks", "01_cost", "1")
    content = json.loads(path.read_text("utf-8"))
    job = ClientJob("acme", "clients", str(tmp_path))
    content["metadata"]["papermill"] = {"parameters": {**job.parameters, "confidence": 0.9}}
    path.write_text(json.dumps(content), "utf-8")
    assert knobs_used(job, [read_notebook(path, "en")]) == {"01_cost": {"confidence": 0.9}}


def test_a_confidence_outside_nought_and_one_is_refused(standard):
    with pytest.raises(ParameterError, match=r"'confidence' is 1\.7; it must lie between 0 and 1"):
        checked(standard / "01_cost.ipynb", {"confidence": 1.7})

"""Bad notebooks, full disks, strange folders: a clear message, and what stood before stands."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from test_runner import notebook
from tiny_project import tiny_project

from crm_eval_lib.runner import pools
from crm_eval_lib.runner.batch import run_batch, write_index
from crm_eval_lib.runner.client_run import ClientRun, Settings
from crm_eval_lib.runner.locks import client_lock
from crm_eval_lib.runner.outcome import outcome_of
from crm_eval_lib.runner.paths import client_folders, writable
from crm_eval_lib.runner.process import run_isolated

pytestmark = pytest.mark.slow
OWN_MOUNTS = ("unshare", "--user", "--map-root-user", "--mount")
GOOD, BAD = "acme", "borg"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory, demo_clients):
    """Two clients on tiny notebooks with reports that stand."""
    folder = tiny_project(tmp_path_factory.mktemp("project"), demo_clients, (GOOD, BAD))
    (folder / "reports").mkdir()
    assert [run.state for run in batch(folder)] == ["done", "done"]
    return folder


def batch(workshop, *, seconds=60.0, force=False):
    settings = Settings(
        workshop / "data" / "clients", workshop / "reports", timeout_seconds=seconds, force=force,
        notebooks_dir=workshop / "notebooks",
    )  # fmt: skip
    return run_batch([GOOD, BAD], settings, processes=2)


def state(workshop):
    """Everything that stands of the bad client's report, byte for byte."""
    report = workshop / "reports" / BAD
    return {str(p.relative_to(report)): p.read_bytes() for p in report.rglob("*") if p.is_file()}


@pytest.mark.parametrize(("cell", "said"), [
    ("while True: pass", "cell 3: stopped after 6 s (time-out); raise it with --timeout"),
    ("import sys; sys.exit()", "01_cost, cell 3: the notebook called exit here, before it had"),
    ("import sys; sys.exit(3)", "cell 3: SystemExit: 3"),
    ("def f(:", "cell 3: SyntaxError"),
    ("held = bytearray(2**45)", "cell 3: MemoryError"),
    ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "killed by SIGKILL (often: out"),
    ("1 + 1", "without publishing cost.json: its last cell must be FactorResult.collect"),
])  # fmt: skip
def test_a_bad_notebook_stops_its_client_only_and_its_last_report_stands(workshop, cell, said):
    before, own = state(workshop), workshop / "data" / "clients" / BAD / "notebooks"
    notebook(own, "01_cost", cell)
    good, bad = batch(workshop, seconds=6)
    shutil.rmtree(own)
    assert (good.state, bad.state, bad.stage) == ("unchanged", "failed", "01_cost")
    assert said in bad.message
    assert state(workshop) == before
    assert (workshop / "reports" / ".failed" / BAD / "notebooks" / "01_cost.ipynb").is_file()
    told = json.loads((workshop / "reports" / "batch.json").read_text("utf-8"))["clients"][1]
    assert told["message"] == bad.message
    assert list((workshop / "reports" / ".runs").iterdir()) == []


def test_a_gigabyte_of_output_ends_in_a_message_and_takes_no_memory(workshop):
    own = workshop / "data" / "clients" / BAD / "notebooks"
    notebook(own, "01_cost", "for _ in range(1_000): print('x' * 1_000_000)")
    bad = batch(workshop)[1]
    shutil.rmtree(own)
    assert "The notebook has printed more than 10,000,000 characters; show less." in bad.message
    assert bad.notebooks["01_cost"]["peak_mb"] < 600


def test_ids_that_differ_in_case_only_leave_each_other_alone(workshop):
    twin = workshop / "data" / "clients" / BAD.upper()
    before = state(workshop)
    shutil.copytree(workshop / "data" / "clients" / BAD, twin, dirs_exist_ok=True)
    settings = Settings(
        workshop / "data" / "clients", workshop / "reports", notebooks_dir=workshop / "notebooks"
    )
    runs = run_batch([BAD, BAD.upper()], settings, processes=2)
    shutil.rmtree(twin)
    assert [run.state for run in runs] == ["unchanged", "failed"]
    assert "Client id 'BORG' is not allowed: use small letters" in runs[1].message
    assert state(workshop) == before


SMALL_DISK = """
import json, shutil, subprocess, sys
from pathlib import Path
disk, project = sys.argv[1:]
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "none", disk], check=True)
from crm_eval_lib.cli import main
shutil.copytree(Path(project, "reports", "borg"), Path(disk, "borg"))
sys.argv[1:] = ["run", "--all", "--force", "--reports", disk]
try:
    main()
finally:
    left = sorted(str(p.relative_to(disk)) for p in Path(disk).rglob("*") if p.is_file())
    print(json.dumps([left, Path(disk, "borg", "report.html").read_text("utf-8")]))
"""


def own_mounts():
    """Say whether a file system of one's own can be mounted here without being root."""
    call = [*OWN_MOUNTS, "mount", "-t", "tmpfs", "none", "/mnt"]
    return shutil.which("unshare") and subprocess.run(call, capture_output=True).returncode == 0


@pytest.mark.skipif(not own_mounts(), reason="needs a mount name space of its own (Linux)")
def test_a_full_disk_is_named_and_the_last_good_report_stands(workshop, tmp_path):
    done = subprocess.run(
        [*OWN_MOUNTS, sys.executable, "-c", SMALL_DISK, str(tmp_path), str(workshop)],
        capture_output=True, text=True, cwd=workshop, timeout=300,
    )  # fmt: skip
    assert "No space left on device" in done.stderr and "fault of crm-eval" not in done.stderr
    assert done.returncode == 1
    left, page = json.loads(done.stdout.splitlines()[-1])
    assert page == (workshop / "reports" / BAD / "report.html").read_text("utf-8")
    assert not [name for name in left if name.startswith(".runs") or name.endswith(".new")]


READ_ONLY = """
import subprocess, sys
reports, = sys.argv[1:]
subprocess.run(["mount", "--bind", reports, reports], check=True)
subprocess.run(["mount", "-o", "remount,bind,ro", reports], check=True)
from crm_eval_lib.cli import main
main(["run", "--all", "--force", "--reports", reports])
"""


@pytest.mark.skipif(not own_mounts(), reason="needs a mount name space of its own (Linux)")
def test_a_read_only_reports_folder_is_told_before_anything_runs(workshop):
    before = state(workshop)
    done = subprocess.run(
        [*OWN_MOUNTS, sys.executable, "-c", READ_ONLY, str(workshop / "reports")],
        capture_output=True, text=True, cwd=workshop, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Nothing can be written to the reports folder" in done.stderr
    assert "Read-only file system" in done.stderr and state(workshop) == before


def test_a_reports_folder_that_is_a_file_is_named(workshop, tmp_path):
    (tmp_path / "reports").write_text("mine")
    code = "from crm_eval_lib.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "run", "--all", "--reports", str(tmp_path / "reports")],
        capture_output=True, text=True, cwd=workshop,
    )  # fmt: skip
    assert done.returncode == 2 and "is a file; reports need a folder" in done.stderr
    assert (tmp_path / "reports").read_text() == "mine"


def test_a_second_ctrl_c_does_not_break_off_the_stop_of_the_first(monkeypatch):
    ended = []
    monkeypatch.setattr(
        pools, "stop_all", lambda: ended.append(os.kill(os.getpid(), signal.SIGINT))
    )
    before = signal.getsignal(signal.SIGINT)
    pools._stop_here()
    assert ended == [None] and signal.getsignal(signal.SIGINT) is before


def test_what_a_killed_run_was_writing_is_removed_and_what_is_being_written_stays(tmp_path):
    for name in (".batch.json.1.new", ".batch.json.2.new"):
        (tmp_path / name).write_text("half")
    (tmp_path / ".try-abc").mkdir()
    for name in (".batch.json.1.new", ".try-abc"):
        os.utime(tmp_path / name, (0, 0))
    assert os.listdir(writable(tmp_path)) == [".batch.json.2.new"]


def test_what_a_killed_run_has_made_is_removed_though_its_client_has_gone(tmp_path):
    for name in ("gone.12", "at-work.13", "with.dot.14"):
        (tmp_path / ".runs" / name / "data").mkdir(parents=True)
    with client_lock(tmp_path, "at-work"):
        writable(tmp_path)
    assert os.listdir(tmp_path / ".runs") == ["at-work.13"]


def test_a_piece_of_work_without_memory_says_what_to_do():
    outcome = run_isolated(bytearray, 2**45, timeout_seconds=60)
    assert outcome.exit_code == 1 and outcome.message.startswith("out of memory. Run fewer pieces")


@pytest.mark.parametrize(("error", "exit_code", "said"), [
    (OSError(28, "No space left on device", "/r/x"), 1, "No space left on device: /r/x"),
    (OSError(30, "Read-only file system"), 1, "Read-only file system: while writing"),
    (ValueError("ours"), 3, "ValueError: ours"),
])  # fmt: skip
def test_what_the_machine_refuses_is_no_fault_of_ours(error, exit_code, said):
    outcome = outcome_of(error)
    assert (outcome.exit_code, outcome.message) == (exit_code, said)


def test_ten_thousand_clients_are_listed_and_confirmed_quickly(tmp_path, monkeypatch):
    clients = tmp_path / "clients"
    for number in range(10_000):
        (clients / f"c{number:05d}").mkdir(parents=True)
    monkeypatch.setattr(
        "crm_eval_lib.runner.pools.run_client",
        lambda client, *args, **kwargs: ClientRun(client, state="unchanged"),
    )
    (tmp_path / "reports").mkdir()
    started = time.process_time()
    names = client_folders(clients)
    runs = run_batch(names, Settings(clients, tmp_path / "reports"), processes=2)
    assert [run.client for run in runs] == names and len(names) == 10_000
    assert time.process_time() - started < 10


def test_no_clients_make_an_empty_batch_and_a_portfolio_that_says_so(tmp_path):
    assert run_batch([], Settings(tmp_path, tmp_path)) == []
    assert json.loads((tmp_path / "batch.json").read_text("utf-8"))["clients"] == []
    assert write_index(tmp_path, "en").is_file()

"""Whatever is killed whenever: the last good report stands whole and nothing stays behind.

CRM_EVAL_KILLS=200 pytest tests/test_kills.py     the long form; 20 trials otherwise
"""

import contextlib
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from tiny_project import tiny_project

TRIALS = int(os.environ.get("CRM_EVAL_KILLS", "20"))
LEAVING_SECONDS = 60  # a pool that is just importing ends when it has, which a busy machine delays
KILLS_A_BATCH = 5  # four of pieces of work or what they hang on, the last of anything
LONGEST_WAIT, SHORT_WAIT = 5.0, 1.0  # seconds until the first kill, and until each of the next
CLIENTS = ("acme", "borg", "cato")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="kills and their sequel are tried on Linux"),
]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory, demo_clients):
    """A project of three clients on small notebooks, with reports that stand."""
    folder = tiny_project(tmp_path_factory.mktemp("project"), demo_clients, CLIENTS)
    assert started(folder).wait(300) == 0
    return folder


def started(folder):
    """Start a batch over all clients."""
    command = "from crm_eval_lib.cli import main; main()"
    return psutil.Popen(
        [sys.executable, "-c", command, "run", "--all", "--force", "-q"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def alive(batch):
    return batch.is_running() and batch.status() != psutil.STATUS_ZOMBIE


def at_work(batch):
    """List the pieces of work: the children of the process that forks."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return [child for pool in batch.children() for child in pool.children()]
    return []


def wait_for_work(batch):
    """Let the imports pass, which a busy machine draws out."""
    while alive(batch) and not at_work(batch):
        time.sleep(0.05)


def kill(chance, processes):
    """Kill one of them, which may have ended meanwhile."""
    with contextlib.suppress(psutil.NoSuchProcess):
        if processes:
            chance.choice(processes).kill()


def whole(report):
    """Say whether a report is of one run: the page names the hash that its results hold."""
    results = json.loads((report / "results.json").read_text("utf-8"))
    return results["provenance"]["fingerprint"] in (report / "report.html").read_text("utf-8")


def moment(report):
    return json.loads((report / "results.json").read_text("utf-8"))["provenance"]["generated_at"]


@pytest.mark.parametrize("seed", range(TRIALS // KILLS_A_BATCH))
def test_kills_lose_nothing(workshop, seed):
    chance = random.Random(seed)
    batch = started(workshop)
    if seed % KILLS_A_BATCH:
        wait_for_work(batch)
    else:
        time.sleep(chance.uniform(0.2, LONGEST_WAIT))
    for _ in range(KILLS_A_BATCH - 1):
        time.sleep(chance.uniform(0.1, SHORT_WAIT))
        kill(chance, at_work(batch))
    below = batch.children(recursive=True) if alive(batch) else []
    kill(chance, [batch, *below] if below else [])
    batch.wait(300)
    _, left = psutil.wait_procs(below, timeout=LEAVING_SECONDS)
    assert [process.cmdline() for process in left] == []
    reports = workshop / "reports"
    assert all(whole(reports / name) for name in CLIENTS)
    assert {run["client"] for run in json.loads((reports / "batch.json").read_text())["clients"]}


ENDLESS = """import os
from crm_eval_lib.runner import process
process.run_isolated(os.system, "setsid -f sleep 613; sleep 614", timeout_seconds=600)"""


def test_work_without_end_ends_with_a_killed_batch_and_so_does_what_it_started():
    batch = psutil.Popen([sys.executable, "-c", ENDLESS])
    wait_for_work(batch)
    while not {"613", "614"} <= {
        word for p in batch.children(recursive=True) for word in p.cmdline()
    }:
        time.sleep(0.05)
    below = batch.children(recursive=True)
    batch.kill()
    batch.wait()
    _, left = psutil.wait_procs(below, timeout=20)
    for process in left:
        process.kill()
    assert left == []


def test_the_next_run_completes_and_clears_up(workshop):
    reports = workshop / "reports"
    before = [moment(reports / name) for name in CLIENTS]
    time.sleep(1.1)  # moments are told to the second
    assert started(workshop).wait(300) == 0
    assert all(moment(reports / name) > was for name, was in zip(CLIENTS, before, strict=True))
    assert list((reports / ".runs").iterdir()) == [] and not list(reports.glob(".failed/*"))
    assert [
        path.name for path in Path(reports).iterdir() if path.name.endswith((".old", ".new"))
    ] == []


def test_an_unchanged_batch_is_confirmed_without_loading_anything_heavy(workshop):
    code = """import json, sys
from crm_eval_lib.cli import main
try:
    main(["run", "--all"])
finally:
    print(json.dumps([name for name in sys.modules if "." not in name]))"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=workshop, capture_output=True, text=True, check=True
    )
    *lines, loaded = done.stdout.splitlines()
    assert [line.split()[1] for line in lines[:3]] == ["unchanged"] * 3
    assert not {"pandas", "numpy", "pydantic", "papermill", "duckdb"} & set(json.loads(loaded))

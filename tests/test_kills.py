"""Whatever is killed whenever: the last good report stands whole and nothing stays behind.

CRM_EVAL_KILLS=200 pytest tests/test_kills.py     the long form; 20 trials otherwise
"""

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
LONGEST_WAIT = 6.0  # seconds until the kill; a run takes some three

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="kills and their sequel are tried on Linux"),
]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory, demo_clients):
    """A project of two clients on small notebooks, with reports that stand."""
    folder = tiny_project(tmp_path_factory.mktemp("project"), demo_clients)
    assert started(folder).wait(300) == 0
    return folder


def started(folder):
    """Start a batch over all clients."""
    command = "from crm_eval_lib.cli import main; main()"
    return psutil.Popen(
        [sys.executable, "-c", command, "run", "--all", "--force", "-q"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def victim(batch, chance):
    """Choose the batch itself or a process below it: the pool, or a child at work."""
    return chance.choice([batch, *batch.children(recursive=True)])


def whole(report):
    """Say whether a report is of one run: the page names the hash that its results hold."""
    results = json.loads((report / "results.json").read_text("utf-8"))
    return results["provenance"]["fingerprint"] in (report / "report.html").read_text("utf-8")


def moment(report):
    return json.loads((report / "results.json").read_text("utf-8"))["provenance"]["generated_at"]


@pytest.mark.parametrize("seed", range(TRIALS))
def test_a_kill_loses_nothing(workshop, seed):
    chance = random.Random(seed)
    batch = started(workshop)
    time.sleep(chance.uniform(0.2, LONGEST_WAIT))
    if batch.is_running() and batch.status() != psutil.STATUS_ZOMBIE:
        below = batch.children(recursive=True)
        victim(batch, chance).kill()
    else:
        below = []
    batch.wait(300)
    _, left = psutil.wait_procs(below, timeout=LEAVING_SECONDS)
    assert [process.cmdline() for process in left] == []
    reports = workshop / "reports"
    assert all(whole(reports / name) for name in ("acme", "borg"))
    assert {run["client"] for run in json.loads((reports / "batch.json").read_text())["clients"]}


def test_the_next_run_completes_and_clears_up(workshop):
    reports = workshop / "reports"
    before = [moment(reports / name) for name in ("acme", "borg")]
    time.sleep(1.1)  # moments are told to the second
    assert started(workshop).wait(300) == 0
    assert all(
        moment(reports / name) > was for name, was in zip(("acme", "borg"), before, strict=True)
    )
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
    assert [line.split()[1] for line in lines[:2]] == ["unchanged", "unchanged"]
    assert not {"pandas", "numpy", "pydantic", "papermill", "duckdb"} & set(json.loads(loaded))

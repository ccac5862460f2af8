"""The cluster: one scheduler and two workers of Dask on this machine, one of which is killed."""

import json
import subprocess
import sys
import time

import psutil
import pytest
from test_runner import notebook
from tiny_project import scored, tiny_project

from crm_eval_lib.errors import UsageError
from crm_eval_lib.runner.batch import run_batch
from crm_eval_lib.runner.client_run import Settings
from crm_eval_lib.runner.pools import cluster_pool

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.slow


def worker(address, name):
    """Start a worker as the command line of Dask does, with its nanny."""
    command = "from distributed.cli.dask_worker import main; main()"
    return psutil.Popen(
        [sys.executable, "-c", command, address, "--nthreads", "1", "--name", name,
         "--no-dashboard", "--no-nanny" if name == "bare" else "--nanny"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture(scope="module")
def cluster():
    """A scheduler of its own and two workers: one bare, one below a nanny, as clusters have."""
    with distributed.LocalCluster(n_workers=0, dashboard_address=None, processes=True) as made:
        workers = [worker(made.scheduler_address, name) for name in ("bare", "kept")]
        with distributed.Client(made) as client:
            client.wait_for_workers(2, timeout=120)
        yield made.scheduler_address, workers[0]
        for process in workers:
            below = process.children(recursive=True) if process.is_running() else []
            for one in (*below, process):
                if one.is_running():
                    one.kill()


@pytest.fixture
def workshop(tmp_path, demo_clients):
    return tiny_project(tmp_path, demo_clients, ("acme", "bad"))


def settings_of(project, name):
    (project / name).mkdir()
    return Settings(
        project / "data" / "clients", project / name, notebooks_dir=project / "notebooks",
        timeout_seconds=120,
    )  # fmt: skip


def test_a_cluster_makes_the_same_reports_and_a_lost_worker_costs_nothing(cluster, workshop):
    project, (address, bare) = workshop, cluster
    notebook(project / "data" / "clients" / "bad" / "notebooks", "01_cost", "raise ValueError('x')")
    names, pieces = ["acme", "bad"], []
    here = run_batch(names, settings_of(project, "here"))

    def seen(client, piece):
        bare.kill()  # as soon as it is known to be at work: its client goes to the other
        pieces.append((client, piece))

    there = run_batch(names, settings_of(project, "there"), scheduler=address, on_done=seen)
    assert [run.state for run in there] == [run.state for run in here] == ["done", "failed"]
    assert [run.message for run in there] == [run.message for run in here]
    assert {piece for client, piece in pieces if client == "acme"} >= {"check", "01_cost", "page"}
    assert scored(project / "here" / "acme") == scored(project / "there" / "acme")
    batch = json.loads((project / "there" / "batch.json").read_text("utf-8"))
    assert batch["clients"][0]["notebooks"]["01_cost"]["peak_mb"] > 30


def test_an_address_where_nobody_answers_is_told_within_seconds(tmp_path, monkeypatch):
    monkeypatch.setattr("crm_eval_lib.runner.pools.CONNECT_SECONDS", 0.5)
    started = time.monotonic()
    settings = Settings(tmp_path, tmp_path)
    with (
        pytest.raises(UsageError, match=r"No Dask scheduler answers at tcp://127.0.0.1:9"),
        cluster_pool(settings, "tcp://127.0.0.1:9", print),
    ):
        pass
    assert time.monotonic() - started < 20


def test_without_dask_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(UsageError, match=r"pip install '\.\[dask\]'"),
        cluster_pool(Settings(tmp_path, tmp_path), "tcp://127.0.0.1:9", print),
    ):
        pass

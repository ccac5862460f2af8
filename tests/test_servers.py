"""The two processes that fork: checks are answered while the pool imports, one place holds it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crm_eval_lib.runner.servers import FORKS

pytestmark = pytest.mark.skipif(not FORKS, reason="no process forks here")
BEFORE = """
import contextlib, os, sys, time
from pathlib import Path
import psutil
from crm_eval_lib.runner import process, servers
from crm_eval_lib.runner.process import go_on, run_isolated, stop_all
from crm_eval_lib.runner.slots import Slots

def names():
    words = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            words += child.cmdline()
    return [name for name in ("checking", "slow_to_import", "warm") if name in " ".join(words)]

def server():
    loaded = [name for name in ("scipy", "matplotlib", "papermill") if name in sys.modules]
    folders = Path(f"/proc/{os.getppid()}/task").iterdir()
    threads = [(folder / "comm").read_text() for folder in folders]
    # one of them may tidy up a memory allocator
    return sum(not name.startswith("jemalloc") for name in threads), loaded
"""


def said(tmp_path, script, seconds=0):
    """Run a script whose pool sleeps before it is there; what it prints."""
    (tmp_path / "slow_to_import.py").write_text(f"import time\ntime.sleep({seconds})\n")
    (tmp_path / "script.py").write_text(BEFORE + script)
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(__file__).parents[1]}"},
    )  # fmt: skip
    assert not done.returncode, done.stderr
    return done.stdout.split("\n")[:-1]


def test_a_check_is_answered_while_the_pool_imports(tmp_path):
    script = """
if __name__ == "__main__":
    servers.PRELOADED.append("slow_to_import")
    places = Slots(2)
    print(run_isolated(len, "ab", timeout_seconds=60, slot=places, checks=True).value)
    print(servers.pool_is_there.is_set(), names())
    print(*run_isolated(server, timeout_seconds=60, slot=places, checks=True).value)
    stop_all()
    while names():
        time.sleep(0.05)
"""
    assert said(tmp_path, script, seconds=600) == [
        "2", "False ['checking', 'slow_to_import', 'warm']", "1 []",
    ]  # fmt: skip


def test_the_process_that_checks_goes_when_the_pool_is_there(tmp_path):
    script = """
if __name__ == "__main__":
    servers.PRELOADED[:] = ["slow_to_import"]
    places = Slots(2)
    value = run_isolated(len, "ab", timeout_seconds=60, slot=places, checks=True).value
    value += run_isolated(len, "ab", timeout_seconds=60, slot=places).value
    while "checking" in names():
        time.sleep(0.05)
    value += run_isolated(len, "ab", timeout_seconds=60, slot=places, checks=True).value
    print(value, names())
"""
    assert said(tmp_path, script, seconds=8) == ["6 ['slow_to_import']"]


def test_a_batch_after_a_stopped_one_begins_the_pool_again(tmp_path):
    script = """
if __name__ == "__main__":
    servers.PRELOADED[:] = ["slow_to_import"]
    places = Slots(2)
    run_isolated(len, "ab", timeout_seconds=60, slot=places, checks=True)
    stop_all()
    while process._begun.is_set() or names():
        time.sleep(0.05)
    time.sleep(1)  # without a name they are as good as gone
    go_on()
    print(run_isolated(len, "ab", timeout_seconds=60, slot=places, checks=True).value, names())
    print(run_isolated(len, "ab", timeout_seconds=60, slot=places).value)
    while "checking" in names():
        time.sleep(0.05)
"""
    assert said(tmp_path, script, seconds=8) == ["2 ['checking', 'slow_to_import']", "2"]


def test_with_one_place_a_check_waits_for_the_pool(tmp_path):
    script = """
if __name__ == "__main__":
    servers.PRELOADED[:] = ["slow_to_import"]
    print(run_isolated(len, "ab", timeout_seconds=60, slot=Slots(1), checks=True).value, names())
"""
    assert said(tmp_path, script, seconds=1) == ["2 ['slow_to_import']"]

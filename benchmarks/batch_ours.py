"""Our set-up of benchmarks/batch.py: one command over a folder of clients.

As the command line does, it imports nothing that takes time; what it measures would start with it.
"""

import argparse
import json
from pathlib import Path
from time import thread_time

from crm_eval_lib.runner.batch import run_batch, write_index
from crm_eval_lib.runner.client_run import ClientRun, Settings

PROCESSES = 2
YARDSTICK = "yardstick.json"  # seconds of CPU by client


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("notebooks", "clients", "reports"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--again", action="store_true", help="leave what is current")
    parser.add_argument("--yardstick", action="store_true", help="measure the machine as well")
    given = parser.parse_args()
    names = sorted(path.name for path in given.clients.iterdir())
    settings = Settings(
        given.clients, given.reports, notebooks_dir=given.notebooks, force=not given.again
    )
    measured = {}

    def on_client(run: ClientRun) -> None:
        if given.yardstick:
            measured[run.client] = yardstick()

    run_batch(names, settings, processes=PROCESSES, on_client=on_client)
    write_index(given.reports, "en")
    if given.yardstick:
        (given.reports / YARDSTICK).write_text(json.dumps(measured), encoding="utf-8")


def yardstick() -> float:
    """Return the CPU seconds of a fixed piece of work, while others are at work beside it."""
    start = thread_time()
    kept = {}
    for number in range(300_000):
        kept[number % 977] = number * 3.1
    return thread_time() - start

"""Our set-up of benchmarks/batch.py: one command over a folder of clients.

As the command line does, it imports nothing that takes time; what it measures would start with it.
"""

import argparse
from pathlib import Path

from crm_eval_lib.runner.batch import run_batch, write_index
from crm_eval_lib.runner.client_run import Settings

PROCESSES = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("notebooks", "clients", "reports"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--again", action="store_true", help="leave what is current")
    given = parser.parse_args()
    names = sorted(path.name for path in given.clients.iterdir())
    settings = Settings(
        given.clients, given.reports, notebooks_dir=given.notebooks, force=not given.again
    )
    run_batch(names, settings, processes=PROCESSES)
    write_index(given.reports, "en")

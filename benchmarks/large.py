"""What the benchmarks of very large clients share: their client.yml, and how one is measured."""

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from time import perf_counter, process_time

from factors import PAGE, Measured, _peak_megabytes

CLIENT = "large"
GO_LIVE, STATUS = "2024-01-01", "2025-12-31"


def client_yml(name: str, more: str = "") -> str:
    """Return the client.yml of a large client, with further keys at its end."""
    return f"""schema: 1
client: {CLIENT}
name: {name}
language: en
currency: CNY
timezone: Asia/Shanghai
calendar: {{country: CN, days: [mon, tue, wed, thu, fri], hours: ["09:00-12:00", "13:00-18:00"]}}
dates: {{project_start: 2023-03-01, planned_go_live: {GO_LIVE}, go_live: {GO_LIVE},
        status_date: {STATUS}, blackout: [{GO_LIVE}, 2024-02-29]}}
{more}"""


def since(start: tuple[float, float]) -> Measured:
    """Return what was used since a moment by the clock and by computing time, and the peak."""
    return {"seconds": perf_counter() - start[0], "cpu": process_time() - start[1],
            "megabytes": _peak_megabytes()}  # fmt: skip


def alone(task: str, work: Path, script: str) -> Measured:
    """Measure a task of a script in a process of its own."""
    command = [sys.executable, script, "--task", task, "--work", str(work)]
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=os.environ | threads, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout.splitlines()[-1])


def options(help: str, tasks: Iterable[str]) -> argparse.ArgumentParser:
    """Return a parser that knows how a script calls itself for one measurement."""
    parser = argparse.ArgumentParser(description=help.splitlines()[0])
    parser.add_argument("--task", choices=tasks, help="one measurement, for the script itself")
    parser.add_argument("--work", type=Path)
    return parser


def answered(
    parser: argparse.ArgumentParser, tasks: dict[str, Callable[[Path], Measured]]
) -> argparse.Namespace:
    """Read the command line; asked for one measurement, print it and stop."""
    chosen = parser.parse_args()
    if chosen.task:
        print(json.dumps(tasks[chosen.task](chosen.work)))
        sys.exit()
    return chosen


def written(page: str, text: str) -> str:
    """Return the page with a section at its end, in place of an earlier one of its heading."""
    heading = re.escape(text.splitlines()[0])
    kept = re.sub(rf"^{heading}$.*?(?=^## |\Z)", "", page, flags=re.MULTILINE | re.DOTALL)
    return f"{kept.rstrip()}\n\n{text}"


def publish(text: str) -> None:
    """Print a section and put it into docs/performance.md."""
    print(text)
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(written(page, text), encoding="utf-8")

"""How fast are the factors cost and problems on a large client, and how much memory do they take?

    python benchmarks/factors.py            print the table and write docs/performance.md

Seconds say little on another machine. So each is also a multiple of a yardstick measured in the
same run: pandas reading the same CSV files and grouping each table once. Every measurement has a
process of its own; of three the median counts.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import process_time

GOAL_CPU_SECONDS, GOAL_MEGABYTES = 3.0, 500.0
REPEATS = 3
FACTORS = {
    "cost": ("budget", "actuals", "progress", "changes", "milestones", "scope", "reviews"),
    "problems": ("problems", "trace", "ratings", "survey", "survey_items", "departments"),
}
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
CLIENT = "large"
Measured = dict[str, float]


def yardstick(factor: str, work: Path) -> Measured:
    """Read the factor's CSV files with pandas and group each table once."""
    import pandas as pd

    start = process_time()
    for name in FACTORS[factor]:
        frame = pd.read_csv(work / CLIENT / f"{name}.csv")
        frame.groupby(frame.columns[0]).agg("first")
    return _since(start)


def reading(factor: str, work: Path) -> Measured:
    """Read and check the factor's files as a run does."""
    from crm_eval_lib.client import open_client

    start = process_time()
    client = open_client(CLIENT, clients_dir=work)
    rows = sum(len(client.tables[name]) for name in FACTORS[factor])
    return _since(start) | {"rows": rows}


def assessing(factor: str, work: Path) -> Measured:
    """Run all steps of the factor on the tables a run keeps, as its notebook does."""
    from importlib import import_module

    from crm_eval_lib.client import open_client

    module = import_module(f"crm_eval_lib.{factor}")
    start = process_time()
    client = open_client(CLIENT, clients_dir=work, run_dir=work / "run")
    rows = sum(len(client.tables[name]) for name in FACTORS[factor])
    loaded = process_time() - start
    result = module.assess(client)
    known = [item for item in result.indicators if item.value is not None]
    return _since(start) | {"rows": rows, "loading": loaded, "indicators": len(known)}


def preparing(_factor: str, work: Path) -> Measured:
    """Write the client and keep its checked tables as a run does."""
    from make_tables import write_client

    from crm_eval_lib.client import open_client

    start = process_time()
    write_client(work)
    open_client(CLIENT, clients_dir=work).save(work / "run")
    return _since(start)


TASKS = {task.__name__: task for task in (preparing, yardstick, reading, assessing)}


def _since(start: float) -> Measured:
    return {"cpu": process_time() - start, "megabytes": _peak_megabytes()}


def _peak_megabytes() -> float:
    """Return the most memory this process ever held."""
    try:
        import resource
    except ImportError:  # Windows
        import psutil

        return psutil.Process().memory_info().peak_wset / 2**20
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def run_apart(task: str, factor: str, work: Path) -> Measured:
    """Measure one task in a process of its own, on one thread."""
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--task", task, "--factor", factor, "--work", str(work)]
    done = subprocess.run(command, env=os.environ | threads, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def measure(work: Path) -> list[dict]:
    """Return one row per factor and task: medians of the repeats."""
    run_apart("preparing", "", work)
    rows = []
    for factor in FACTORS:
        base = 0.0
        for task in ("yardstick", "reading", "assessing"):
            runs = [run_apart(task, factor, work) for _ in range(REPEATS)]
            row = {name: median(run[name] for run in runs) for name in runs[0]}
            base = base or row["cpu"]
            rows.append({"factor": factor, "task": task, "ratio": row["cpu"] / base, **row})
    return rows


def table(rows: list[dict]) -> str:
    """Write the rows as a Markdown table."""
    lines = [
        "| factor | what | rows | CPU s | × yardstick | peak MB | goal |",
        "|---|---|--:|--:|--:|--:|---|",
    ]
    for row in rows:
        count = f"{row['rows']:,.0f}" if "rows" in row else ""
        lines.append(
            f"| {row['factor']} | {row['task']} | {count} | {row['cpu']:.2f} "
            f"| {row['ratio']:.1f} | {row['megabytes']:.0f} | {_verdict(row)} |"
        )
    return "\n".join(lines)


def _verdict(row: dict) -> str:
    if row["task"] != "assessing":
        return ""
    kept = row["cpu"] <= GOAL_CPU_SECONDS and row["megabytes"] <= GOAL_MEGABYTES
    return "kept" if kept else "missed"


def page(rows: list[dict]) -> str:
    """Return the page docs/performance.md."""
    from importlib.metadata import version

    names = ", ".join(f"{name} {version(name)}" for name in ("pandas", "numpy", "scipy"))
    machine = f"{_processor()}, {platform.system()} {platform.machine()}"
    return f"""# How fast the factors are

Made by `make bench` (benchmarks/factors.py); do not edit. Seconds hold for the machine below;
the multiples of the yardstick should hold elsewhere. No test waits for a clock.

The client: 100,000 rows of ledger on 5,000 budget lines in three versions, 36 months of progress
for each line, 2,000 changes; 50,000 problems, 10,000 of them also in an older register, 60,000
rows of trace, 500 people who answered ten questions twice. From seed, benchmarks/make_tables.py.

Goal: {GOAL_CPU_SECONDS:g} s of CPU and {GOAL_MEGABYTES:g} MB for each factor.

{table(rows)}

- *yardstick*: pandas reads the factor's CSV files and groups each table once.
- *reading*: the library reads the same files and checks every cell against the data dictionary;
  once per client and run, whatever notebooks follow.
- *assessing*: one factor from the checked tables a run keeps to its results, what its notebook
  asks for, pictures apart. The goal is about this row.
- Peak memory is that of the whole process: Python and the libraries take about
  150 MB of it before the first row is read.

Measured on one thread, median of {REPEATS} processes each. {machine}; Python
{platform.python_version()}, {names}.
"""


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", choices=TASKS, help="one measurement, for the script itself")
    parser.add_argument("--factor", default="")
    parser.add_argument("--work", type=Path)
    chosen = parser.parse_args()
    if chosen.task:
        print(json.dumps(TASKS[chosen.task](chosen.factor, chosen.work)))
        return
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(Path(folder))
    print(table(rows))
    PAGE.write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()

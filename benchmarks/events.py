"""How fast is the factor efficiency on a log of ten million events, and in how much memory?

    python benchmarks/events.py             print the table and write it into docs/performance.md
    python benchmarks/events.py --events 1000000

Every measurement has a process of its own. The yardstick is what the database alone needs to scan
the same CSV file and group it by case; the goals are multiples of it, taken in the same run.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

from factors import PAGE, Measured, _peak_megabytes

EVENTS = 10_000_000
GOALS = {"from the CSV file": 12, "again from the kept Parquet": 6}  # multiples of the yardstick
GOAL_MEGABYTES = 4096
HEADING = "## A large event log"


def yardstick(work: Path) -> Measured:
    """Scan the CSV file with DuckDB and group it by case."""
    import duckdb

    start = perf_counter(), process_time()
    duckdb.sql(
        "CREATE TABLE cases AS SELECT case_id, count(*), min(completed_at), max(completed_at) "
        f"FROM read_csv('{work / 'large' / 'events.csv'}') GROUP BY case_id"
    )
    return _since(start)


def reading(work: Path) -> Measured:
    """Assess the factor from the file, then keep the tables as a run does."""
    from crm_eval_lib.client import open_client

    return _assessed(open_client("large", clients_dir=work), work / "run")


def again(work: Path) -> Measured:
    """Assess the factor from the tables that were kept."""
    from crm_eval_lib.client import open_client

    return _assessed(open_client("large", clients_dir=work, run_dir=work / "run"), None)


TASKS = {"DuckDB alone": yardstick, "from the CSV file": reading,
         "again from the kept Parquet": again}  # fmt: skip


def _assessed(client, keep: Path | None) -> Measured:
    from crm_eval_lib.efficiency import assess

    start = perf_counter(), process_time()
    events = client.events
    opened = perf_counter() - start[0]
    result = assess(client)
    measured = _since(start) | {"reading": opened, "rows": len(events)}
    measured["indicators"] = sum(item.value is not None for item in result.indicators)
    if keep is not None:
        client.save(keep)
    return measured


def _since(start: tuple[float, float]) -> Measured:
    return {"seconds": perf_counter() - start[0], "cpu": process_time() - start[1],
            "megabytes": _peak_megabytes()}  # fmt: skip


def measure(work: Path, events: int) -> list[dict]:
    """Write the log and measure each task."""
    from make_events import write_client

    write_client(work, events)
    rows = []
    for name in TASKS:
        command = [sys.executable, __file__, "--task", name, "--work", str(work)]
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(command, env=os.environ | threads, check=True, stdout=subprocess.PIPE)
        row = json.loads(done.stdout.splitlines()[-1])
        base = rows[0]["seconds"] if rows else row["seconds"]
        rows.append({"task": name, "ratio": row["seconds"] / base, **row})
        print(rows[-1], file=sys.stderr)
    return rows


def section(rows: list[dict], events: int) -> str:
    """Return the section of docs/performance.md."""
    lines = ["| what | s | CPU s | × DuckDB alone | goal | peak MB |", "|---|--:|--:|--:|--:|--:|"]
    for row in rows:
        goal = _verdict(row)
        lines.append(
            f"| {row['task']} | {row['seconds']:.1f} | {row['cpu']:.1f} | {row['ratio']:.1f} "
            f"| {goal} | {row['megabytes']:.0f} |"
        )
    table = "\n".join(lines)
    return f"""{HEADING}

Made by `make bench` (benchmarks/events.py): {events:,} events of {events // 8:,} cases in two
processes over five years, from seed (benchmarks/make_events.py); a CSV file of
{events * 85 / 1e9:.1f} GB. *DuckDB alone* scans the file and groups it by case; the other rows run
all steps of the factor efficiency, once from the file (read, checked, written as Parquet) and once
from the Parquet file that a run keeps. Two threads; memory goal {GOAL_MEGABYTES:,} MB.

{table}
"""


def _verdict(row: dict) -> str:
    most = GOALS.get(row["task"])
    if most is None:
        return ""
    kept = row["ratio"] <= most and row["megabytes"] <= GOAL_MEGABYTES
    return f"≤ {most}: {'kept' if kept else 'missed'}"


def write(text: str) -> None:
    """Put the section at the end of the page, in place of an earlier one."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    kept = re.split(rf"^{HEADING}$", page, flags=re.MULTILINE)[0].rstrip()
    PAGE.write_text(f"{kept}\n\n{text}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--task", choices=TASKS, help="one measurement, for the script itself")
    parser.add_argument("--work", type=Path)
    chosen = parser.parse_args()
    if chosen.task:
        print(json.dumps(TASKS[chosen.task](chosen.work)))
        return
    with tempfile.TemporaryDirectory() as folder:
        text = section(measure(Path(folder), chosen.events), chosen.events)
    print(text)
    write(text)


if __name__ == "__main__":
    main()

"""How fast is the factor efficiency on a log of ten million events, and in how much memory?

    python benchmarks/events.py             print the table and write it into docs/performance.md
    python benchmarks/events.py --events 1000000
    python benchmarks/events.py --parquet   a hundred million, from Parquet only: does it finish?

Every measurement has a process of its own. The yardstick is what the database alone needs to scan
the same CSV file and group it by case; the goals are multiples of it, taken in the same run. Each
has a multiple by the clock and one of computing time: on a machine that works for others too the
second says more.
"""

import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

from factors import Measured
from large import alone, answered, options, publish, since

EVENTS = 10_000_000
GOALS = {"from the CSV file": 12, "again from the kept Parquet": 6}  # multiples of the yardstick
GOAL_MEGABYTES = 4096
MANY, COPIES, MANY_MEGABYTES = 100_000_000, 10, 24 * 1024
HEADING = "## A large event log"
MANY_HEADING = "## A very large event log"


def yardstick(work: Path) -> Measured:
    """Scan the CSV file with DuckDB and group it by case."""
    import duckdb

    start = perf_counter(), process_time()
    duckdb.sql(
        "CREATE TABLE cases AS SELECT case_id, count(*), min(completed_at), max(completed_at) "
        f"FROM read_csv('{work / 'large' / 'events.csv'}') GROUP BY case_id"
    )
    return since(start)


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
    measured = since(start) | {"reading": opened, "rows": len(events)}
    measured["indicators"] = sum(item.value is not None for item in result.indicators)
    if keep is not None:
        start = perf_counter(), process_time()
        client.save(keep)
        measured["keeping"] = since(start)["cpu"]
    return measured


def measure(work: Path, events: int) -> list[dict]:
    """Write the log and measure each task."""
    from make_events import write_client

    write_client(work, events)
    rows = []
    for name in TASKS:
        row = alone(name, work, __file__)
        base = rows[0] if rows else row
        ratios = {"ratio": row["seconds"] / base["seconds"], "cpu_ratio": row["cpu"] / base["cpu"]}
        rows.append({"task": name, **ratios, **row})
        print(rows[-1], file=sys.stderr)
    return rows


def measure_many(work: Path, events: int) -> Measured:
    """Keep a log, repeat it under other names of cases, and assess that from its Parquet file."""
    import duckdb
    from make_events import repeat_events, write_client

    from crm_eval_lib.client import open_client

    write_client(work, events // COPIES)
    data = open_client("large", clients_dir=work).save(work / "run")
    kept = data / "events.parquet"
    with duckdb.connect() as database:
        repeat_events(database, kept, kept.with_suffix(".many"), COPIES)
    kept.with_suffix(".many").replace(kept)
    return alone("again from the kept Parquet", work, __file__)


def many_section(row: Measured) -> str:
    """Return the section of docs/performance.md on more events than memory is meant for."""
    verdict = "kept" if row["megabytes"] <= MANY_MEGABYTES else "missed"
    return f"""{MANY_HEADING}

Made by `python benchmarks/events.py --parquet`: {row["rows"]:,} events, the log above repeated
under other names of cases, assessed from Parquet. Goal: it finishes on a machine of 24 GB. It took
{row["seconds"]:.0f} s ({row["cpu"]:.0f} s of CPU) and {row["megabytes"]:,.0f} MB: {verdict}.
"""


def section(rows: list[dict], events: int) -> str:
    """Return the section of docs/performance.md."""
    lines = ["| what | s | CPU s | × DuckDB alone | × in CPU | goal | peak MB |",
             "|---|--:|--:|--:|--:|--:|--:|"]  # fmt: skip
    for row in rows:
        goal = _verdict(row)
        lines.append(
            f"| {row['task']} | {row['seconds']:.1f} | {row['cpu']:.1f} | {row['ratio']:.1f} "
            f"| {row['cpu_ratio']:.1f} | {goal} | {row['megabytes']:.0f} |"
        )
    table = "\n".join(lines)
    keeping = sum(row.get("keeping", 0.0) for row in rows)  # of the one task that keeps
    return f"""{HEADING}

Made by `make bench` (benchmarks/events.py): {events:,} events of {events // 8:,} cases in two
processes over five years, from seed (benchmarks/make_events.py); a CSV file of
{events * 85 / 1e9:.1f} GB. *DuckDB alone* scans the file and groups it by case; the other rows run
all steps of the factor efficiency, once from the file (read, checked, written as Parquet) and once
from the Parquet file that a run keeps. To keep it, its cases and names numbered beside it, took
{keeping:.1f} s of CPU more, once for a run. Two threads; memory goal
{GOAL_MEGABYTES:,} MB.

CSV files (packed or in GB18030 too) and Parquet are streamed. XES, and events with `values:` or
`formats:` in client.yml, are read whole into memory and need several times as much.

{table}
"""


def _verdict(row: dict) -> str:
    most = GOALS.get(row["task"])
    if most is None:
        return ""
    small = row["megabytes"] <= GOAL_MEGABYTES
    clock, cpu = ("kept" if small and row[name] <= most else "missed"
                  for name in ("ratio", "cpu_ratio"))  # fmt: skip
    return f"≤ {most}: {clock}" if clock == cpu else f"≤ {most}: {clock}, in CPU {cpu}"


def main() -> None:
    parser = options(__doc__, TASKS)
    parser.add_argument("--events", type=int, help=f"default: {EVENTS:,}, with --parquet {MANY:,}")
    parser.add_argument("--parquet", action="store_true", help="from Parquet only, no yardstick")
    chosen = answered(parser, TASKS)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if chosen.parquet:
            text = many_section(measure_many(work, chosen.events or MANY))
        else:
            events = chosen.events or EVENTS
            text = section(measure(work, events), events)
    publish(text)


if __name__ == "__main__":
    main()

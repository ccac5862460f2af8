"""How fast is the factor controls on five million order lines, and in how much memory?

    python benchmarks/controls.py           print the table and write it into docs/performance.md
    python benchmarks/controls.py --lines 500000 --complaints 100000

The client is read and kept once, as a run does. Then each measurement has a process of its own:
the factor from the kept Parquet files, and as the yardstick the database alone, which joins every
line to the rules of its product that held on its day and groups the complaints once.
"""

import tempfile
from pathlib import Path
from time import perf_counter, process_time

from factors import Measured
from large import alone, answered, options, publish, since

LINES, COMPLAINTS = 5_000_000, 1_000_000
GOAL_CPU_SECONDS, GOAL_MEGABYTES = 60, 4096
HEADING = "## Many order lines"
ASSESSING = "controls.assess"
_JOIN = """
    SELECT count(*), sum(greatest(floor - unit_price, 0) * quantity) FROM (
        SELECT o.order_id, o.line_no, any_value(o.unit_price) AS unit_price,
               any_value(o.quantity) AS quantity, max(r.floor_price) AS floor
        FROM '{data}/orders.parquet' o JOIN '{data}/price_rules.parquet' r
          ON o.product = r.product AND o.ordered_at BETWEEN r.valid_from AND r.valid_to
        GROUP BY ALL)
"""
_GROUP = """
    SELECT importance, severity, count(*), median(first_response_at - opened_at)
    FROM '{data}/complaints.parquet' GROUP BY ALL
"""


def yardstick(work: Path) -> Measured:
    """Join lines to the rules of their day and group complaints, with DuckDB alone."""
    import duckdb

    start = perf_counter(), process_time()
    with duckdb.connect() as database:
        for query in (_JOIN, _GROUP):
            database.execute(query.format(data=work / "run" / "data")).fetchall()
    return since(start)


def assessing(work: Path) -> Measured:
    """Assess the factor from the tables that were kept."""
    from crm_eval_lib import controls
    from crm_eval_lib.client import open_client

    start = perf_counter(), process_time()
    client = open_client("large", clients_dir=work, run_dir=work / "run")
    result = controls.assess(client)
    known = [item for item in result.indicators if item.value is not None]
    return since(start) | {"indicators": len(known)}


def preparing(work: Path) -> Measured:
    """Read and check the client's files and keep its tables as a run does."""
    from crm_eval_lib.client import open_client

    start = perf_counter(), process_time()
    open_client("large", clients_dir=work).save(work / "run")
    return since(start)


PREPARING = "read, checked and kept"
TASKS = {PREPARING: preparing, "DuckDB alone": yardstick, ASSESSING: assessing}


def measure(work: Path, lines: int, complaints: int) -> list[dict]:
    """Write and keep the client, then measure what reads it."""
    from make_orders import write_client

    write_client(work, lines, complaints)
    rows = {name: {"task": name, **alone(name, work, __file__)} for name in TASKS}
    del rows[PREPARING]  # reading files is no matter of the factor
    base = rows["DuckDB alone"]["cpu"]
    return [row | {"ratio": row["cpu"] / base} for row in rows.values()]


def section(rows: list[dict], lines: int, complaints: int) -> str:
    """Return the section of docs/performance.md."""
    table = "\n".join([
        "| what | s | CPU s | × DuckDB alone, in CPU | peak MB | goal |",
        "|---|--:|--:|--:|--:|---|",
        *(f"| {row['task']} | {row['seconds']:.1f} | {row['cpu']:.1f} | {row['ratio']:.1f} "
          f"| {row['megabytes']:.0f} | {_verdict(row)} |" for row in rows),
    ])  # fmt: skip
    return f"""{HEADING}

Made by `make bench` (benchmarks/controls.py): {lines:,} order lines, 48,000 price rules by class
of customer, quantity and year, and {complaints:,} complaints over four years, from seed
(benchmarks/make_orders.py). *{ASSESSING}* runs all steps of the factor controls from the Parquet
files that a run keeps. *DuckDB alone* joins each line to the rules of its product that held on its
day and groups the complaints once, from the same files. Goal of *{ASSESSING}*:
{GOAL_CPU_SECONDS} s of CPU and {GOAL_MEGABYTES:,} MB.

{table}
"""


def _verdict(row: dict) -> str:
    if row["task"] != ASSESSING:
        return ""
    quick, small = row["cpu"] < GOAL_CPU_SECONDS, row["megabytes"] < GOAL_MEGABYTES
    if quick == small:
        return "kept" if quick else "missed"
    return f"time {'kept' if quick else 'missed'}, memory {'kept' if small else 'missed'}"


def main() -> None:
    parser = options(__doc__, TASKS)
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--complaints", type=int, default=COMPLAINTS)
    chosen = answered(parser, TASKS)
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(Path(folder), chosen.lines, chosen.complaints)
    publish(section(rows, chosen.lines, chosen.complaints))


if __name__ == "__main__":
    main()

"""Write a large event log: approvals of sales orders, from seed, without holding it in memory."""

from pathlib import Path

import duckdb
from large import CLIENT, GO_LIVE, client_yml

EVENTS_A_CASE = 8
FIRST_DAY, DAYS = "2021-01-04", 1820
MIX = "efficiency: {mix: [region]}\n"
PROCESSES = """process,title,importance,difficulty,repetitive,annual_volume,hourly_cost,sla_hours,\
end_activities
order,Order approval,5,4,yes,90000,120,24,archive
quote,Quotation,3,3,yes,20000,120,48,archive
"""
# Cases start evenly over five years in working hours; every step waits a random time, a quarter
# less after go-live; every number comes from the hash of case and step, so from the row alone.
_EVENTS = """
SELECT CASE WHEN hash(c, 1) % 5 = 0 THEN 'quote' ELSE 'order' END AS process,
       'SO-' || lpad(c::VARCHAR, 9, '0') AS case_id,
       ['register', 'check stock', 'price', 'credit', 'approve', 'confirm', 'ship',
        'archive'][k + 1]
         AS activity,
       strftime(done, '%Y-%m-%d %H:%M:%S') AS completed_at,
       strftime(done - to_seconds((hash(c, k, 2) % 1800)::BIGINT), '%Y-%m-%d %H:%M:%S')
         AS started_at,
       'staff ' || (hash(c, k, 3) % 40) AS resource,
       CASE WHEN done >= $live THEN 'crm' ELSE 'old' END AS system,
       ['North', 'South', 'East', 'West'][(hash(c, 4) % 4 + 1)::BIGINT] AS region
FROM (
  SELECT c, k, start + to_seconds((sum(wait) OVER (PARTITION BY c ORDER BY k))::BIGINT) AS done
  FROM (
    SELECT c, k, start,
           CASE WHEN k = 0 THEN 0 WHEN start >= $live THEN 0.75 ELSE 1.0 END
           * -14400 * ln((hash(c, k, 5) % 999983 + 1) / 999984.0) AS wait
    FROM (SELECT c, $first + to_seconds((c * $days * 86400.0 / $cases)::BIGINT) AS start
          FROM range($from, $to) t(c)), range({steps}) s(k)))
ORDER BY done
"""
_PART = 250_000  # cases written at once


def write_events(path: Path, events: int) -> int:
    """Write the log as CSV; return its number of rows (whole cases)."""
    cases = events // EVENTS_A_CASE
    moments = {"first": FIRST_DAY, "live": GO_LIVE}
    query = _EVENTS.format(steps=EVENTS_A_CASE)
    for name, day in moments.items():
        query = query.replace(f"${name}", f"TIMESTAMP '{day}'")
    with duckdb.connect() as database, path.open("wb") as out:
        for start in range(0, cases, _PART):
            stop = min(start + _PART, cases)
            numbers = {"$days": DAYS, "$cases": cases, "$from": start, "$to": stop}
            part = query
            for name, value in numbers.items():
                part = part.replace(name, str(value))
            piece = path.with_suffix(".part")
            database.execute(f"COPY ({part}) TO '{piece}' (HEADER {start == 0}, DELIMITER ',')")
            out.write(piece.read_bytes())
            piece.unlink()
    return cases * EVENTS_A_CASE


def write_client(folder: Path, events: int) -> int:
    """Write the client's folder below ``folder``; return the rows of its log."""
    client = folder / CLIENT
    client.mkdir(parents=True)
    (client / "client.yml").write_text(client_yml("Large log", MIX), encoding="utf-8")
    (client / "processes.csv").write_text(PROCESSES, encoding="utf-8")
    return write_events(client / "events.csv", events)


def repeat_events(
    database: duckdb.DuckDBPyConnection, source: Path, target: Path, times: int
) -> None:
    """Write a kept log several times over, each time under other names of cases."""
    database.execute(f"""
        COPY (SELECT e.* REPLACE (case_id || '-' || copy.n AS case_id)
              FROM read_parquet('{source}') e, range({times}) copy(n))
        TO '{target}' (FORMAT parquet)""")

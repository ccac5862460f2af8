"""Pictures of the log for finding defects of its samples and time stamps, drawn in DuckDB."""

from functools import partial

import duckdb
import pandas as pd

from crm_eval_lib.efficiency.log import Picture, as_text

SLOT_MINUTES = 15  # every zone's midnight and every hour begins a slot
MANY = 10  # events of one step at one moment that may be a batch …
TIMES_USUAL = 10  # … if they are that many times the usual number at one moment

_SLOTS = f"""
SELECT process, sample, time_bucket(INTERVAL {SLOT_MINUTES} MINUTE, _done) AS slot,
       count(*) AS events
FROM seen WHERE sample IN ('before', 'after') GROUP BY ALL ORDER BY ALL
"""
_BATCHES = f"""
WITH crowded AS (
  SELECT _done FROM seen GROUP BY _done HAVING count(*) >= {MANY}),
moments AS (
  SELECT process, sample, activity, _done, count(*) AS events
  FROM seen SEMI JOIN crowded USING (_done)
  WHERE sample IN ('before', 'after') GROUP BY ALL),
usual AS (
  SELECT process, sample, count(*) AS events,
         count(*) / approx_count_distinct(hash(activity::VARCHAR, _done)) AS mean
  FROM seen WHERE sample IN ('before', 'after') GROUP BY ALL)
SELECT process, sample, u.events,
       sum(m.events) FILTER (WHERE m.events >= greatest({MANY}, {TIMES_USUAL} * u.mean)) AS batched
FROM usual u LEFT JOIN moments m USING (process, sample) GROUP BY ALL ORDER BY ALL
"""
_TURNED = """
SELECT process, count(*) AS cases
FROM spans WHERE ends AND begun IS NOT NULL AND ended IS NULL AND NOT apart GROUP BY ALL
"""
STAMP_QUERIES = {"slots": _SLOTS, "batches": _BATCHES, "turned": _TURNED}


def stamp_pictures() -> dict[str, Picture]:
    """Return what is to be drawn from the events to find defects of time stamps.

    >>> sorted(stamp_pictures())
    ['batches', 'slots', 'turned']
    """
    return {name: partial(_draw, query=query) for name, query in STAMP_QUERIES.items()}


def _draw(database: duckdb.DuckDBPyConnection, *, query: str) -> pd.DataFrame:
    return as_text(database.execute(query).df())

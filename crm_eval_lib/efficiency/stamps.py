"""Pictures of the log for finding defects of its samples and time stamps, drawn in DuckDB."""

from functools import partial

import duckdb
import numpy as np
import pandas as pd

from crm_eval_lib.efficiency.counts import SLOT_MICROSECONDS
from crm_eval_lib.efficiency.log import Picture, as_text

MANY = 10  # events of one step at one moment that may be a batch …
TIMES_USUAL = 10  # … if they are that many times the usual number at one moment

_SLOTS = f"""
SELECT process, sample, make_timestamp(slot * {SLOT_MICROSECONDS}) AS slot,
       sum(rows)::BIGINT AS events
FROM slots GROUP BY ALL ORDER BY ALL
"""
_BATCHES = f"""
WITH moments AS (
  SELECT process, sample, activity, _done, count(*) AS events
  FROM seen SEMI JOIN crowded USING (_done)
  WHERE sample IN ('before', 'after') GROUP BY ALL),
usual AS (
  SELECT process, sample, count(*) AS events,
         count(*) / approx_count_distinct(hash(activity, _done)) AS mean
  FROM seen WHERE sample IN ('before', 'after') GROUP BY ALL)
SELECT process, sample, u.events,
       sum(m.events) FILTER (WHERE m.events >= greatest({MANY}, {TIMES_USUAL} * u.mean)) AS batched
FROM usual u LEFT JOIN moments m USING (process, sample) GROUP BY ALL ORDER BY ALL
"""
_NO_BATCHES = """
SELECT process, sample, sum(rows)::BIGINT AS events, NULL::DOUBLE AS batched
FROM slots GROUP BY ALL ORDER BY ALL
"""
_TURNED = """
SELECT process, count(*) AS cases
FROM spans WHERE ends AND begun IS NOT NULL AND ended IS NULL AND NOT apart GROUP BY ALL
"""
STAMP_QUERIES = {"slots": _SLOTS, "turned": _TURNED}


def stamp_pictures() -> dict[str, Picture]:
    """Return what is to be drawn from the events to find defects of time stamps.

    >>> sorted(stamp_pictures())
    ['batches', 'slots', 'turned']
    """
    queries = {name: partial(_draw, query=query) for name, query in STAMP_QUERIES.items()}
    return {**queries, "batches": _batches}


def _draw(database: duckdb.DuckDBPyConnection, *, query: str) -> pd.DataFrame:
    return as_text(database.execute(query).df())


def _batches(database: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Count the events of one step at one moment where many stand: sorting finds those moments."""
    moments = database.execute("SELECT epoch_us(_done) AS done FROM seen").fetchnumpy()["done"]
    moments.sort()  # whole numbers: five times as fast as moments
    crowded = np.unique(moments[: 1 - MANY][moments[: 1 - MANY] == moments[MANY - 1 :]])
    if not len(crowded):
        return _draw(database, query=_NO_BATCHES)
    database.register("crowded", pd.DataFrame({"_done": crowded.view("datetime64[us]")}))
    return _draw(database, query=_BATCHES)

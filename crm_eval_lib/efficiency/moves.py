"""From event to event, in DuckDB: what each step of a case took, in working and in elapsed time.

The pictures here run in the session in which events become cases; only what they count leaves it.
"""

from collections.abc import Mapping
from functools import partial

import duckdb
import numpy as np
import pandas as pd

from crm_eval_lib.calendar import MICROSECONDS_PER_HOUR
from crm_eval_lib.efficiency.log import ATTRIBUTE, Picture, as_text
from crm_eval_lib.efficiency.log_tables import AFTER, BEFORE
from crm_eval_lib.efficiency.stamps import stamp_pictures

MOST_VARIANTS = 20  # ways through a process that are told one by one
MOST_CLASSES = 12  # values of an attribute that can be called classes; more are measurements
CARRIED = 0.80  # "so many variants carry four fifths of the cases"
ARROW = " → "
SAMPLES = (BEFORE, AFTER)

CLOCKS, PARTS = ("business", "elapsed"), ("wait", "work")
_SUMS = ", ".join(
    f"sum({part}_{clock}) / {MICROSECONDS_PER_HOUR}.0 AS {part}_{clock}"
    for clock in CLOCKS
    for part in PARTS
)
_WAITS = [f"median(wait_{clock}){{only}} / {MICROSECONDS_PER_HOUR}.0 AS median_wait_{clock}"
          for clock in CLOCKS]  # fmt: skip
_MEDIANS, _FINISHED_MEDIANS = (
    ", ".join(_WAITS).format(only=only) for only in ("", " FILTER (WHERE finished)")
)
_MIDDLE = ", ".join(f"m.median_wait_{clock}" for clock in CLOCKS)
_WEEK = "DATE '1970-01-01' + week AS week"
_STEP_WEEKS = f"""
SELECT process, sample, {_WEEK}, activity, sum(rows)::BIGINT AS visits, {_SUMS}
FROM counts WHERE finished GROUP BY ALL ORDER BY ALL
"""
_CASE_WEEKS = f"""
SELECT process, sample, {_WEEK}, count(*) AS cases, count(*) FILTER (WHERE finished) AS finished
FROM spans WHERE steps > 0 GROUP BY ALL ORDER BY ALL
"""
_STEPS = f"""
WITH added AS (
  SELECT process, sample, activity, sum(first_visits)::BIGINT AS cases,
         sum(second_visits)::BIGINT AS repeated
  FROM counts GROUP BY ALL),
middle AS (SELECT process, sample, activity, {_FINISHED_MEDIANS} FROM moves GROUP BY ALL)
SELECT a.*, {_MIDDLE}
FROM added a JOIN middle m ON a.process = m.process AND a.sample = m.sample
  AND a.activity IS NOT DISTINCT FROM m.activity
ORDER BY ALL
"""
_EDGES = f"""
WITH added AS (
  SELECT process, sample, previous AS source, activity AS target, sum(rows)::BIGINT AS moves,
         {_SUMS}
  FROM counts WHERE previous IS NOT NULL GROUP BY ALL),
middle AS (
  SELECT process, sample, previous AS source, activity AS target, {_MEDIANS}
  FROM moves WHERE previous IS NOT NULL GROUP BY ALL)
SELECT a.*, {_MIDDLE}
FROM added a JOIN middle m ON a.process = m.process AND a.sample = m.sample
  AND a.source = m.source AND a.target IS NOT DISTINCT FROM m.target
ORDER BY ALL
"""
_NODES = """
SELECT process, sample, activity, sum(starts)::BIGINT AS starts, sum(rows)::BIGINT AS visits,
       sum(place) AS places
FROM counts GROUP BY ALL ORDER BY ALL
"""
_LAST_STEPS = """
SELECT process, sample, last_step AS activity, count(*) AS ends
FROM spans WHERE finished AND steps > 0 GROUP BY ALL ORDER BY ALL
"""
_WAYS = """
SELECT process, sample, way, steps, count(*) AS cases, min(case_no) AS example
FROM spans WHERE finished AND steps > 0 GROUP BY ALL
"""
_VARIANTS = f"""
WITH ways AS ({_WAYS}),
ranked AS (
  SELECT process, way, min(example) AS example,
         row_number() OVER (PARTITION BY process ORDER BY sum(cases) DESC, min(example)) AS rank
  FROM ways GROUP BY process, way QUALIFY rank <= {MOST_VARIANTS}),
told AS (
  SELECT r.process, r.way, any_value(r.rank) AS rank,
         list(m.activity ORDER BY m.place) AS activities
  FROM ranked r JOIN moves m ON m.case_no = r.example GROUP BY r.process, r.way)
SELECT t.process, t.rank, array_to_string(t.activities, '{ARROW}') AS variant, w.steps, w.sample,
       w.cases
FROM told t JOIN ways w USING (process, way) ORDER BY t.process, t.rank, w.sample DESC
"""
_VARIANT_COUNTS = f"""
WITH ways AS ({_WAYS}),
running AS (
  SELECT process, sample, cases, sum(cases) OVER (PARTITION BY process, sample) AS of,
         sum(cases) OVER (PARTITION BY process, sample ORDER BY cases DESC, way
                          ROWS UNBOUNDED PRECEDING) AS reached
  FROM ways)
SELECT process, sample, max(of) AS cases, count(*) AS variants,
       count(*) FILTER (WHERE reached - cases < {CARRIED} * of) AS carrying,
       count(*) FILTER (WHERE cases = 1) AS single
FROM running GROUP BY ALL ORDER BY ALL
"""
_HABITS = """
SELECT process, sample, count(*) AS cases, sum(steps) AS events, sum(moved) AS handovers,
       sum(returns) AS returns, count(*) FILTER (WHERE returns > 0) AS ping_pong_cases,
       count(*) FILTER (WHERE repeats) AS rework_cases
FROM spans WHERE steps > 0 GROUP BY ALL ORDER BY ALL
"""
_ROLES = """
SELECT process, sample, previous_role AS source, role AS target, count(*) AS moves
FROM moves WHERE role <> previous_role GROUP BY ALL ORDER BY ALL
"""
_CLASSES = f"""
WITH classed AS (
  SELECT case_no, {{column}} AS class FROM spans)
SELECT {{place}} AS attribute, m.process, c.class, DATE '1970-01-01' + m.week AS week,
       m.activity,
       count(*) FILTER (WHERE m.place = 1) AS cases, {_SUMS}
FROM moves m JOIN classed c USING (case_no)
WHERE m.finished AND m.sample = 'after' AND c.class IS NOT NULL
  AND (SELECT count(DISTINCT {{column}}) FROM spans) <= {MOST_CLASSES}
GROUP BY ALL ORDER BY ALL
"""
QUERIES = {
    "step_weeks": _STEP_WEEKS, "case_weeks": _CASE_WEEKS, "steps": _STEPS, "edges": _EDGES,
    "nodes": _NODES, "variants": _VARIANTS, "variant_counts": _VARIANT_COUNTS,
    "habits": _HABITS, "roles": _ROLES, "last_steps": _LAST_STEPS,
}  # fmt: skip
_CLASS_COLUMNS = ["attribute", "process", "class", "week", "activity", "cases",
                  *(f"{part}_{clock}" for clock in CLOCKS for part in PARTS)]  # fmt: skip


def flow_pictures() -> dict[str, Picture]:
    """Return what `build_cases` is to draw from the events for the steps of this module's name.

    Returns
    -------
    dict of str to function
        By name; each takes the open database and returns a DataFrame. Pass it on unchanged.

    Examples
    --------
    >>> sorted(flow_pictures())[:3]
    ['batches', 'case_weeks', 'classes']
    """
    queries = {name: partial(_draw, query=query) for name, query in QUERIES.items()}
    return {**queries, "classes": _classes, **stamp_pictures()}


def by_sample(
    rows: pd.DataFrame, column: str, renamed: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Add up one column of a picture for each step before and after, steps by their new names.

    >>> rows = pd.DataFrame({"activity": ["ship", "send"], "sample": ["before", "after"],
    ...                      "visits": [3, 4]})
    >>> by_sample(rows, "visits", {"send": "ship"}).values.tolist()
    [[3.0, 4.0]]
    """
    rows = rows[rows["sample"].isin(SAMPLES) & rows["activity"].notna()]
    codes, names = pd.factorize(rows["activity"].replace(dict(renamed or {})), sort=True)
    cells = codes * len(SAMPLES) + rows["sample"].eq(AFTER).to_numpy(int)
    sums = np.bincount(cells, rows[column].astype(float), minlength=len(names) * len(SAMPLES))
    return pd.DataFrame(sums.reshape(-1, len(SAMPLES)), index=names, columns=list(SAMPLES))


def _draw(database: duckdb.DuckDBPyConnection, *, query: str) -> pd.DataFrame:
    return as_text(database.execute(query).df())


def _classes(database: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Time of the steps after go-live by the values of each attribute that has few of them."""
    names = database.execute("SELECT * FROM spans LIMIT 0").df().columns
    found = [
        database.execute(_CLASSES.format(column=name, place=name.removeprefix(ATTRIBUTE))).df()
        for name in names
        if name.startswith(ATTRIBUTE)
    ]
    return as_text(pd.concat(found)) if found else pd.DataFrame(columns=_CLASS_COLUMNS)

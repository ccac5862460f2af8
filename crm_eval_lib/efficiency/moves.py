"""From event to event, in DuckDB: what each step of a case took, in working and in elapsed time.

The pictures here run in the session in which events become cases; only what they count leaves it.
"""

from functools import partial

import duckdb
import pandas as pd

from crm_eval_lib.calendar import MICROSECONDS_PER_HOUR
from crm_eval_lib.efficiency.log import ATTRIBUTE, Picture, as_text
from crm_eval_lib.efficiency.stamps import stamp_pictures

MOST_VARIANTS = 20  # ways through a process that are told one by one
MOST_CLASSES = 12  # values of an attribute that can be called classes; more are measurements
CARRIED = 0.80  # "so many variants carry four fifths of the cases"
ARROW = " → "

# A case runs from its beginning to its end; each event takes the time since the one before it: up
# to its start waiting, the rest work. Work that overlaps an earlier event's counts once, so that
# the parts of all events add up to the time of the case, whatever the log holds.
_MOVES = """
CREATE TEMP TABLE moves AS
WITH joined AS (
  SELECT n.case_no, s.process, s.sample, s.activity, s.resource, s.role, n.begun, n.ended,
         s._done, s._start, s._worked_start, s._worked_done, s._place, s._done_before,
         s._worked_before, s._activity_before, s._role_before, s._resource_before,
         s._resource_earlier,
         s._done >= n.begun AND (n.ended IS NULL OR s._done <= n.ended) AS inside,
         CASE WHEN s._works THEN s._start ELSE s._done END AS _work,
         CASE WHEN s._works THEN s._worked_start ELSE s._worked_done END AS _worked_work
  FROM seen s JOIN spans n USING (case_no)
  WHERE n.begun IS NOT NULL AND s.sample IN ('before', 'after')),
bounds AS (
  SELECT case_no, count(*) FILTER (WHERE _done < begun) AS skipped,
         min(_worked_start) FILTER (WHERE _start >= begun) AS _worked_begun,
         coalesce(max(_done) FILTER (WHERE inside) = any_value(ended), FALSE) AS finished
  FROM joined GROUP BY case_no),
linked AS (
  SELECT * EXCLUDE (_place), _place - skipped AS place,
         CASE WHEN place > 1 THEN _activity_before END AS previous,
         CASE WHEN place > 1 THEN _role_before END AS previous_role,
         CASE WHEN place > 1 THEN _done_before ELSE begun END AS since,
         CASE WHEN place > 1 THEN _worked_before ELSE _worked_begun END AS worked_since
  FROM joined JOIN bounds USING (case_no) WHERE inside),
parted AS (
  SELECT *, epoch_us(since) AS e0, epoch_us(least(greatest(_work, since), _done)) AS e1,
         epoch_us(_done) AS e2, worked_since AS w0,
         least(greatest(_worked_work, worked_since), _worked_done) AS w1, _worked_done AS w2
  FROM linked)
SELECT case_no, process, sample, finished, activity, previous, role, previous_role, place,
       CAST(date_trunc('week', begun) AS DATE) AS week,
       w1 - w0 AS wait_business, w2 - w1 AS work_business,
       e1 - e0 AS wait_elapsed, e2 - e1 AS work_elapsed,
       coalesce(place > 1 AND resource <> _resource_before, FALSE) AS handover,
       coalesce(place > 2 AND resource = _resource_earlier AND resource <> _resource_before, FALSE)
         AS back
FROM parted
"""
CLOCKS, PARTS = ("business", "elapsed"), ("wait", "work")
_SUMS = ", ".join(
    f"sum({part}_{clock}) / {MICROSECONDS_PER_HOUR}.0 AS {part}_{clock}"
    for clock in CLOCKS
    for part in PARTS
)
_MEDIANS = ", ".join(
    f"median({part}_{clock}) / {MICROSECONDS_PER_HOUR}.0 AS median_{part}_{clock}"
    for clock in CLOCKS
    for part in PARTS
)
_STEP_WEEKS = f"""
SELECT process, sample, week, activity, count(*) AS visits, {_SUMS}
FROM moves WHERE finished GROUP BY ALL ORDER BY ALL
"""
_CASE_WEEKS = """
SELECT process, sample, week, count(*) AS cases, count(*) FILTER (WHERE finished) AS finished
FROM moves WHERE place = 1 GROUP BY ALL ORDER BY ALL
"""
_STEPS = f"""
WITH visits AS (
  SELECT process, sample, activity, case_no, count(*) AS times
  FROM moves GROUP BY ALL),
counted AS (
  SELECT process, sample, activity, count(*) AS cases,
         count(*) FILTER (WHERE times > 1) AS repeated
  FROM visits GROUP BY ALL),
middles AS (
  SELECT process, sample, activity, {_MEDIANS} FROM moves WHERE finished GROUP BY ALL)
SELECT * FROM counted LEFT JOIN middles USING (process, sample, activity) ORDER BY ALL
"""
_EDGES = f"""
SELECT process, sample, previous AS source, activity AS target, count(*) AS moves,
       {_SUMS}, {_MEDIANS}
FROM moves WHERE previous IS NOT NULL GROUP BY ALL ORDER BY ALL
"""
_NODES = """
SELECT process, sample, activity, count(*) FILTER (WHERE place = 1) AS starts,
       count(*) AS visits, sum(place) AS places
FROM moves GROUP BY ALL ORDER BY ALL
"""
_LAST_STEPS = """
WITH lasts AS (
  SELECT process, sample, case_no, arg_max(activity, place) AS activity
  FROM moves WHERE finished GROUP BY ALL)
SELECT process, sample, activity, count(*) AS ends FROM lasts GROUP BY ALL ORDER BY ALL
"""
# The sum of the hashes of (activity, place) names a sequence without sorting it into a list.
_WAYS = """
WITH keyed AS (
  SELECT process, sample, case_no, sum(CAST(hash(activity, place) AS HUGEINT)) AS way,
         max(place) AS steps
  FROM moves WHERE finished GROUP BY ALL)
SELECT process, sample, way, steps, count(*) AS cases, min(case_no) AS example
FROM keyed GROUP BY ALL
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
WITH run AS (
  SELECT process, sample, case_no, count(*) AS events,
         count(*) FILTER (WHERE handover) AS handovers,
         count(*) FILTER (WHERE back) AS returns, count(DISTINCT activity) < count(*) AS rework
  FROM moves GROUP BY ALL)
SELECT process, sample, count(*) AS cases, sum(events) AS events, sum(handovers) AS handovers,
       sum(returns) AS returns, count(*) FILTER (WHERE returns > 0) AS ping_pong_cases,
       count(*) FILTER (WHERE rework) AS rework_cases
FROM run GROUP BY ALL ORDER BY ALL
"""
_ROLES = """
SELECT process, sample, previous_role AS source, role AS target, count(*) AS moves
FROM moves WHERE role <> previous_role GROUP BY ALL ORDER BY ALL
"""
_CLASSES = f"""
WITH classed AS (
  SELECT case_no, {{column}} AS class FROM spans)
SELECT {{place}} AS attribute, m.process, c.class, m.week, m.activity,
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

    >>> sorted(flow_pictures())[:3]
    ['batches', 'case_weeks', 'classes']
    """
    queries = {name: partial(_draw, query=query) for name, query in QUERIES.items()}
    return {**queries, "classes": _classes, **stamp_pictures()}


def _draw(database: duckdb.DuckDBPyConnection, *, query: str) -> pd.DataFrame:
    _lay_moves(database)
    return as_text(database.execute(query).df())


def _classes(database: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Time of the steps after go-live by the values of each attribute that has few of them."""
    _lay_moves(database)
    names = database.execute("SELECT * FROM spans LIMIT 0").df().columns
    found = [
        database.execute(_CLASSES.format(column=name, place=name.removeprefix(ATTRIBUTE))).df()
        for name in names
        if name.startswith(ATTRIBUTE)
    ]
    return as_text(pd.concat(found)) if found else pd.DataFrame(columns=_CLASS_COLUMNS)


def _lay_moves(database: duckdb.DuckDBPyConnection) -> None:
    laid = database.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'moves'")
    if not laid.fetchone()[0]:
        database.execute(_MOVES)

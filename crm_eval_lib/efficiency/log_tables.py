"""The tables that an event log is laid out in: the statements that make them, in their order.

A case is known by a number, not by its name, and names of processes, steps, people, roles and
systems are kept as places in a sorted list: ten million texts would be compared again and again.
"""

from crm_eval_lib.worktime import MICROSECONDS_PER_HOUR

BEFORE, AFTER, BETWEEN = "before", "after", "between"
DEFAULT_PROCESS = "main"
_SAMPLE = f"ENUM ('', '{AFTER}', '{BEFORE}', '{BETWEEN}')"
_LISTED = {
    "process_name": f"coalesce(process, '{DEFAULT_PROCESS}')", "activity_name": "activity",
    "resource_name": "resource", "role_name": "role", "system_name": "system",
}  # fmt: skip
TYPES = (
    f"CREATE TYPE sample_name AS {_SAMPLE}",
    *(f"CREATE TYPE {name} AS ENUM (SELECT DISTINCT {value} AS name FROM events "
      "WHERE name IS NOT NULL ORDER BY name)" for name, value in _LISTED.items()),
)  # fmt: skip
NUMBERED = f"""
CREATE TEMP TABLE numbered AS
SELECT coalesce(process, '{DEFAULT_PROCESS}') AS process, case_id, min(_row) AS case_no
FROM events WHERE epoch_us(completed_at) < {{now}} GROUP BY ALL
"""
FLAGGED = f"""
CREATE TEMP TABLE flagged AS
SELECT case_no, process, activity, resource, role, system, _done, _start, _works,
       _worked_start, _worked_done, _row, _starts, _ends, _bounded_start, _bounded_end,
       _compared {{attributes}}
FROM (
  SELECT n.case_no, e.* REPLACE (
           e.process::process_name AS process, e.activity::activity_name AS activity,
           e.resource::resource_name AS resource, e.role::role_name AS role,
           e.system::system_name AS system),
         make_timestamp(_done_at) AS _done, make_timestamp(_start_at) AS _start,
         _known AND coalesce(r.works, NOT coalesce(b.bounded_work, FALSE)) AS _works,
         coalesce(r.starts, FALSE) AS _starts, coalesce(r.ends, FALSE) AS _ends,
         coalesce(b.bounded_start, FALSE) AS _bounded_start,
         coalesce(b.bounded_end, FALSE) AS _bounded_end,
         {{worked_start}} AS _worked_start, {{worked_done}} AS _worked_done
  FROM (
    SELECT coalesce(process, '{DEFAULT_PROCESS}') AS process, case_id, activity, resource, role,
           system, epoch_us(completed_at) AS _done_at, _row,
           coalesce(started_at <= completed_at, FALSE) AS _known,
           epoch_us(CASE WHEN started_at <= completed_at THEN started_at ELSE completed_at END)
             AS _start_at,
           coalesce({{condition}}, FALSE) AS _compared {{attributes}}
    FROM events WHERE epoch_us(completed_at) < {{now}} {{but_copies}}) e
  JOIN numbered n ON n.process = e.process AND n.case_id = e.case_id
  LEFT JOIN days first ON first.day = {{start_day}}
  LEFT JOIN days last ON last.day = {{done_day}}
  LEFT JOIN rules r ON r.process = e.process AND r.activity = e.activity
  LEFT JOIN bounds b ON b.process = e.process)
"""
# A case starts at its first event (or start activity) and ends at its first end activity after
# that; without end activities at its last event.
BEGINNINGS = """
CREATE TEMP TABLE beginnings AS
SELECT case_no, min(_start) FILTER (WHERE _starts OR NOT _bounded_start) AS begun
FROM flagged GROUP BY case_no
"""
SPANS = """
CREATE TEMP TABLE spans AS
SELECT case_no, n.process::process_name AS process, n.case_id, d.* EXCLUDE (case_no),
       d.compared OR n.process IN (SELECT process FROM apart) AS apart
FROM (
  SELECT f.case_no, any_value(b.begun) AS begun,
         CASE WHEN bool_or(f._bounded_end)
              THEN min(f._done) FILTER (WHERE f._ends AND f._done >= b.begun)
              ELSE max(f._done) END AS ended,
         arg_max_null(f.system, (f._done, f._start, f._row)) AS last_system,
         {attributes}
         bool_or(_compared) AS compared, bool_or(f._ends) AS ends,
         coalesce(bool_or(f._bounded_end) AND bool_or(f._ends)
                  AND NOT bool_or(f._ends AND f._done >= b.begun), FALSE) AS backwards
  FROM flagged f JOIN beginnings b USING (case_no) GROUP BY f.case_no) d
JOIN numbered n USING (case_no)
"""
# Work, repetitions and handovers are seen up to the moment at which the case's sample is cut: the
# end of a case is cut off, so that what came before an event is the same.
SEEN = f"""
CREATE TEMP TABLE seen AS
SELECT f.case_no, f.process, f.activity, f.resource, f.role, f._done, f._start,
       f._works, f._worked_start, f._worked_done, f._row,
       (CASE WHEN s.apart OR s.begun IS NULL OR s.backwards THEN ''
             WHEN s.begun < {{live}} THEN '{BEFORE}'
             WHEN s.begun < {{settled}} THEN '{BETWEEN}' ELSE '{AFTER}' END)::sample_name AS sample,
       row_number() OVER run AS _place, lag(f._done) OVER run AS _done_before,
       lag(f._worked_done) OVER run AS _worked_before, lag(f.activity) OVER run AS _activity_before,
       lag(f.role) OVER run AS _role_before, lag(f.resource) OVER run AS _resource_before,
       lag(f.resource, 2) OVER run AS _resource_earlier
FROM flagged f JOIN spans s USING (case_no)
WHERE s.begun IS NULL OR s.begun >= {{live}} OR f._done <= {{live}}
WINDOW run AS (PARTITION BY f.case_no ORDER BY f._done, f._start, f._row)
"""
CASES = f"""
WITH work AS (
  SELECT case_no, sum(_worked_done - _worked_start) FILTER (WHERE _works) AS touch,
         sum(epoch_us(_done) - epoch_us(_start)) FILTER (WHERE _works) AS touch_elapsed,
         count(DISTINCT activity) < count(activity) AS rework,
         count(*) FILTER (WHERE resource <> _resource_before) AS handovers,
         count(resource) > 0 AS known_resource
  FROM seen GROUP BY case_no)
SELECT s.* EXCLUDE (case_no, ends), w.touch / {MICROSECONDS_PER_HOUR}.0 AS touch,
       w.touch_elapsed / {MICROSECONDS_PER_HOUR}.0 AS touch_elapsed,
       coalesce(w.rework, FALSE) AS rework,
       CASE WHEN w.known_resource THEN w.handovers END AS handovers
FROM spans s LEFT JOIN work w USING (case_no)
ORDER BY s.process, s.begun, s.case_id
"""

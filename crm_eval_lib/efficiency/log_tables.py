"""The tables that an event log is laid out in: the statements that make them, in their order.

Names of processes, steps, people, roles and systems are kept as places in a sorted list: ten
million texts would be compared again and again. What takes the order of events is worked out in
`sequences`, some cases at a time; the rest is counted here.
"""

from crm_eval_lib.worktime import MICROSECONDS_PER_HOUR

BEFORE, AFTER, BETWEEN = "before", "after", "between"
SAMPLES = ("", AFTER, BEFORE, BETWEEN)  # in the order of their codes
DEFAULT_PROCESS = "main"
NAMED = {
    "process": f"coalesce(process, '{DEFAULT_PROCESS}')", "activity": "activity",
    "resource": "resource", "role": "role", "system": "system",
}  # fmt: skip
TYPES = (
    f"CREATE TYPE sample_name AS ENUM {SAMPLES}",
    *(f"CREATE TYPE {name}_name AS ENUM (SELECT DISTINCT {value} AS name FROM events "
      "WHERE name IS NOT NULL ORDER BY name)" for name, value in NAMED.items()),
)  # fmt: skip
# A case is known by its number, in the order of the cases' first rows.
NUMBERED = """
CREATE TEMP TABLE numbered AS
SELECT process, case_id, (row_number() OVER (ORDER BY first_row) - 1)::INTEGER AS case_no
FROM (
  SELECT {process}::process_name AS process, case_id, min(_row) AS first_row
  FROM events WHERE epoch_us(completed_at) < {now} AND case_id IS NOT NULL GROUP BY ALL)
"""
CODED = """
CREATE TEMP TABLE coded AS
SELECT n.case_no, _activity AS activity, _resource AS resource, _role AS role, _system AS system,
       make_timestamp(_done_at) AS _done, make_timestamp(_start_at) AS _start, _known, _compared,
       _row {kept}
FROM (
  SELECT {process}::process_name AS _process, case_id AS _case_id,
         activity::activity_name AS _activity, resource::resource_name AS _resource,
         role::role_name AS _role, system::system_name AS _system,
         epoch_us(completed_at) AS _done_at, _row,
         coalesce(started_at <= completed_at, FALSE) AS _known,
         epoch_us(CASE WHEN started_at <= completed_at THEN started_at ELSE completed_at END)
           AS _start_at,
         coalesce({condition}, FALSE) AS _compared {attributes}
  FROM events WHERE epoch_us(completed_at) < {now}) e
JOIN numbered n ON n.process = _process AND n.case_id = _case_id
"""
SOME_CASES = """
SELECT case_no - {low} AS "case", coalesce(enum_code(activity)::INTEGER, -1) AS activity,
       coalesce(enum_code(resource)::INTEGER, -1) AS resource,
       coalesce(enum_code(role)::INTEGER, -1) AS role,
       coalesce(enum_code(system)::INTEGER, -1) AS system,
       epoch_us(_done) AS done, epoch_us(_start) AS start, _known AS known, _compared AS compared,
       _row AS row {attributes}
FROM coded WHERE case_no >= {low} AND case_no < {high}
"""
SOME_PROCESSES = """
SELECT enum_code(process)::INTEGER AS process
FROM numbered WHERE case_no >= {low} AND case_no < {high} ORDER BY case_no
"""
# Empty, in the types of the names: rows come from `sequences`. ``spans`` has the attributes on top.
SPANS = """
CREATE TEMP TABLE placed (
  case_no INTEGER, process process_name, begun TIMESTAMP, ended TIMESTAMP, last_system system_name,
  compared BOOLEAN, ends BOOLEAN, apart BOOLEAN, backwards BOOLEAN, sample sample_name,
  finished BOOLEAN, week INTEGER, touch DOUBLE, touch_elapsed DOUBLE, rework BOOLEAN,
  handovers BIGINT, steps INTEGER, moved INTEGER, returns INTEGER, repeats BOOLEAN, way UBIGINT,
  last_step activity_name {attributes})
"""
SEEN = """
CREATE TEMP TABLE seen (
  case_no INTEGER, process process_name, sample sample_name, activity activity_name,
  role role_name, _done TIMESTAMP, place INTEGER, finished BOOLEAN, week INTEGER, visit INTEGER,
  previous activity_name, previous_role role_name, wait_business BIGINT, work_business BIGINT,
  wait_elapsed BIGINT, work_elapsed BIGINT)
"""
CASES = f"""
SELECT s.process, n.case_id, s.begun, s.ended, s.last_system, {{attributes}} s.compared,
       s.backwards, s.apart, s.touch / {MICROSECONDS_PER_HOUR} AS touch,
       s.touch_elapsed / {MICROSECONDS_PER_HOUR} AS touch_elapsed, s.rework, s.handovers
FROM spans s JOIN numbered n USING (case_no)
ORDER BY s.process, s.begun, n.case_id
"""

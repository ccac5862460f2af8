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
SAMPLE_TYPE = f"CREATE TYPE sample_name AS ENUM {SAMPLES}"
TYPES = tuple(
    f"CREATE TYPE {name}_name AS ENUM (SELECT DISTINCT {value} AS name FROM events "
    "WHERE name IS NOT NULL ORDER BY name)" for name, value in NAMED.items()
)  # fmt: skip
# A case is known by its number, in the order of the cases' first rows.
NUMBERED = """
CREATE TEMP TABLE numbered AS
SELECT process, case_id, (row_number() OVER (ORDER BY first_row) - 1)::INTEGER AS case_no
FROM (
  SELECT {process}::process_name AS process, case_id, min(_row) AS first_row
  FROM events WHERE epoch_us(completed_at) < {now} AND case_id IS NOT NULL GROUP BY ALL)
"""
NUMBERED_KEPT = """
CREATE TEMP TABLE numbered AS
SELECT process::process_name AS process, case_id, case_no FROM kept_cases
"""
# Of a row: moments in microseconds, the client's condition, which attributes it has.
_TOLD = """
_done_at AS done, _start_at AS start, _known AS known, _compared AS compared, _row AS row {kept}
"""
_READ = """
epoch_us(completed_at) AS _done_at, _row, coalesce(started_at <= completed_at, FALSE) AS _known,
epoch_us(CASE WHEN started_at <= completed_at THEN started_at ELSE completed_at END) AS _start_at,
coalesce({condition}, FALSE) AS _compared {attributes}
FROM events WHERE epoch_us(completed_at) < {now}
"""
KEPT = f"SELECT {_TOLD} FROM (SELECT {_READ})"
# A row per event: names as places in their lists (−1 for none).
CODED = f"""
SELECT n.case_no AS "case", {{codes}}, {_TOLD}
FROM (
  SELECT {{process}}::process_name AS _process, case_id AS _case_id, {{names}}, {_READ}) e
JOIN numbered n ON n.process = _process AND n.case_id = _case_id
"""
STEP_NAMES = ("activity", "resource", "role", "system")
PROCESSES = "SELECT enum_code(process)::{kind} AS process FROM numbered ORDER BY case_no"
PLACED = ("case_no", "process", "begun", "ended", "last_system", "compared", "ends", "apart",
          "backwards", "sample", "finished", "week", "touch", "touch_elapsed", "rework",
          "handovers", "steps", "moved", "returns", "repeats", "way", "last_step")  # fmt: skip
SEEN = ("case_no", "process", "sample", "activity", "role", "_done", "place", "finished", "week",
        "previous", "previous_role", "wait_business", "work_business", "wait_elapsed",
        "work_elapsed")  # fmt: skip
CASES = f"""
SELECT s.process, s.case_no, s.begun, s.ended, s.last_system, {{attributes}} s.compared,
       s.backwards, s.apart, s.touch / {MICROSECONDS_PER_HOUR} AS touch,
       s.touch_elapsed / {MICROSECONDS_PER_HOUR} AS touch_elapsed, s.rework, s.handovers
FROM spans s JOIN numbered n USING (case_no)
ORDER BY s.process, s.begun, n.case_id
"""
IDS = "SELECT case_id FROM numbered ORDER BY case_no"

"""Events to cases, in DuckDB: nothing else touches raw events.

While the database of `reduce_events` is open it holds three tables, which pictures of the log may
be drawn from. Moments are universal time without a zone, times in hours of the client's calendar
(``…_elapsed``: of the clock); rows completed after the status date are not in them.

- ``flagged``, a row per event: process, case_id, activity, resource, role, system, _begun (start of
  the work, missing where not recorded), _done, _start (_begun, else _done), _touch, _touch_elapsed
  (work), _worked_start and _worked_done (working time from a fixed moment to _start and _done in
  microseconds: their differences are working times), _row (place in the log).
- ``spans``, a row per case: process, case_id, begun, ended, last_system, compared (a comparison
  case), apart (that, or of a comparison process), backwards (ends before it starts), attributes.
- ``seen``, the events of a case up to the moment its sample is cut off: the columns of ``flagged``
  and sample (before, after, between; empty for cases without a start, those that end before it and
  those set apart).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pandas as pd

from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.efficiency.opened import ATTRIBUTE, OpenedLog, micros
from crm_eval_lib.errors import ConfigError
from crm_eval_lib.worktime import MICROSECONDS_PER_HOUR, WorkTime

BEFORE, AFTER, BETWEEN = "before", "after", "between"
DEFAULT_PROCESS = "main"
SEPARATORS = ("；", ";")

_FLAGGED = f"""
CREATE TEMP TABLE flagged AS
SELECT process, case_id, activity, resource, role, system, _done, _begun, _start,
       CASE WHEN _works THEN (_worked_done - _worked_start) / {MICROSECONDS_PER_HOUR}.0 END
         AS _touch,
       CASE WHEN _works THEN (_done_at - _start_at) / {MICROSECONDS_PER_HOUR}.0 END
         AS _touch_elapsed,
       _worked_start, _worked_done, _row, _starts, _ends, _bounded_start, _bounded_end,
       _compared {{attributes}}
FROM (
  SELECT e.*, make_timestamp(_done_at) AS _done, make_timestamp(_start_at) AS _start,
         CASE WHEN _known THEN make_timestamp(_start_at) END AS _begun,
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
  LEFT JOIN days first ON first.day = {{start_day}}
  LEFT JOIN days last ON last.day = {{done_day}}
  LEFT JOIN rules r ON r.process = e.process AND r.activity = e.activity
  LEFT JOIN bounds b ON b.process = e.process)
"""
# A case starts at its first event (or start activity) and ends at its first end activity after
# that; without end activities at its last event.
_BEGINNINGS = """
CREATE TEMP TABLE beginnings AS
SELECT process, case_id,
       min(_start) FILTER (WHERE _starts OR NOT _bounded_start) AS begun
FROM flagged GROUP BY process, case_id
"""
_SPANS = """
CREATE TEMP TABLE spans AS
SELECT f.process, f.case_id, any_value(b.begun) AS begun,
       CASE WHEN bool_or(f._bounded_end)
            THEN min(f._done) FILTER (WHERE f._ends AND f._done >= b.begun)
            ELSE max(f._done) END AS ended,
       last(f.system ORDER BY f._done, f._start, f._row) AS last_system,
       {attributes}
       bool_or(_compared) AS compared,
       coalesce(bool_or(f._bounded_end) AND bool_or(f._ends)
                AND NOT bool_or(f._ends AND f._done >= b.begun), FALSE) AS backwards,
       bool_or(_compared) OR f.process IN (SELECT process FROM apart) AS apart
FROM flagged f JOIN beginnings b ON b.process = f.process AND b.case_id = f.case_id
GROUP BY f.process, f.case_id
"""
# Work, repetitions and handovers are seen up to the moment at which the case's sample is cut.
_SEEN = f"""
CREATE TEMP VIEW seen AS
SELECT f.process, f.case_id, f.activity, f.resource, f.role, f.system, f._begun, f._done, f._start,
       f._touch, f._touch_elapsed, f._worked_start, f._worked_done, f._row,
       CASE WHEN s.apart OR s.begun IS NULL OR s.backwards THEN ''
            WHEN s.begun < {{live}} THEN '{BEFORE}'
            WHEN s.begun < {{settled}} THEN '{BETWEEN}' ELSE '{AFTER}' END AS sample
FROM flagged f JOIN spans s ON s.process = f.process AND s.case_id = f.case_id
WHERE s.begun IS NULL OR s.begun >= {{live}} OR f._done <= {{live}}
"""
_CASES = f"""
WITH work AS (
  SELECT process, case_id,
         sum(_worked_done - _worked_start) FILTER (WHERE _touch IS NOT NULL) AS touch,
         sum(epoch_us(_done) - epoch_us(_start)) FILTER (WHERE _touch IS NOT NULL)
           AS touch_elapsed,
         count(DISTINCT activity) < count(activity) AS rework,
         count(*) FILTER (WHERE resource <> _previous) AS handovers,
         count(resource) > 0 AS known_resource
  FROM (SELECT *, lag(resource) OVER (PARTITION BY process, case_id
                                      ORDER BY _done, _start, _row) AS _previous FROM seen)
  GROUP BY process, case_id)
SELECT s.*, w.touch / {MICROSECONDS_PER_HOUR}.0 AS touch,
       w.touch_elapsed / {MICROSECONDS_PER_HOUR}.0 AS touch_elapsed,
       coalesce(w.rework, FALSE) AS rework,
       CASE WHEN w.known_resource THEN w.handovers END AS handovers
FROM spans s LEFT JOIN work w USING (process, case_id)
ORDER BY s.process, s.begun, s.case_id
"""
Picture = Callable[[duckdb.DuckDBPyConnection], pd.DataFrame]


@dataclass(frozen=True)
class Reduction:
    """What `reduce_events` needs beside the events.

    Attributes
    ----------
    live, settled, now : Timestamp
        Go-live and the end of the blackout (far future when there is none), the end of the status
        day.
    attributes : sequence of str
        Columns kept per case, from the first event that has them.
    condition : str
        SQL condition on events; a case with any such event is a comparison case.
    apart : sequence of str
        Comparison processes.
    pictures : mapping of str to function
        What else is drawn from the tables of the log: each gets the open database and returns a
        DataFrame.
    """

    live: pd.Timestamp
    settled: pd.Timestamp
    now: pd.Timestamp
    attributes: Sequence[str] = ()
    condition: str = ""
    apart: Sequence[str] = ()
    pictures: Mapping[str, Picture] = field(default_factory=dict)


def reduce_events(
    log: OpenedLog,
    processes: pd.DataFrame | None,
    calendar: BusinessCalendar,
    *,
    reduction: Reduction,
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Reduce an event log to one row per case.

    Parameters
    ----------
    log : OpenedLog
        Rows completed after ``reduction.now`` and copies are not seen.
    processes : DataFrame or None
        Start and end activities, activities that are work.
    calendar : BusinessCalendar
        For the working time of each event.

    Returns
    -------
    frame : DataFrame
        ``begun`` (missing where the start activity never came), ``ended`` (missing where open),
        ``last_system``, ``touch`` and ``touch_elapsed`` in hours (missing without ``started_at``),
        ``rework``, ``handovers``, ``compared``, ``apart``, and ``_attribute_0`` … in the order
        named; moments are universal time.
    pictures : dict of str to DataFrame
        What the functions named in ``reduction.pictures`` returned.
    """
    database = log.database
    work = calendar.work_time(*log.span(reduction.now))
    database.register("days", work.table())
    database.register("rules", _rules(processes))
    database.register("bounds", _bounds(processes))
    database.register("apart", pd.DataFrame({"process": list(reduction.apart)}, dtype="str"))
    log.name(reduction.attributes)
    _flag(log, reduction, work)
    database.execute(_BEGINNINGS)
    first = [
        f"first({name} ORDER BY f._done, f._start, f._row) FILTER (WHERE {name} IS NOT NULL)"
        f" AS {name},"
        for name in _attributes(reduction)
    ]
    database.execute(_SPANS.format(attributes=" ".join(first)))
    moments = {name: f"make_timestamp({micros(getattr(reduction, name))})"
               for name in ("live", "settled")}  # fmt: skip
    database.execute(_SEEN.format(**moments))
    pictures = {name: draw(database) for name, draw in reduction.pictures.items()}
    return database.execute(_CASES).df(), pictures


def activities_of(text: Any) -> tuple[str, ...]:
    """Read a list of activities separated by ";".

    >>> activities_of("approve; reject；")
    ('approve', 'reject')
    """
    if text is None or text is pd.NA or text != text:
        return ()
    joined = str(text).replace(SEPARATORS[0], SEPARATORS[1])
    return tuple(part.strip() for part in joined.split(SEPARATORS[1]) if part.strip())


def _flag(log: OpenedLog, reduction: Reduction, work: WorkTime) -> None:
    """Make the table ``flagged``; a client's condition that is none is refused."""
    condition = reduction.condition.strip()
    query = _FLAGGED.format(
        attributes="".join(f", {name}" for name in _attributes(reduction)),
        condition=f"({condition or 'FALSE'})",
        now=micros(reduction.now),
        but_copies="AND _row NOT IN (SELECT _row FROM copies)" if log.has_copies() else "",
        start_day=work.day_sql("e._start_at"),
        done_day=work.day_sql("e._done_at"),
        worked_start=work.until_sql("e._start_at", "first"),
        worked_done=work.until_sql("e._done_at", "last"),
    )
    try:
        if len(duckdb.extract_statements(f"SELECT ({condition or 'FALSE'})")) != 1:
            raise duckdb.ParserException("more than one statement")
        log.database.execute(query)
    except duckdb.Error as error:
        if not condition or isinstance(error, duckdb.OutOfMemoryException):
            raise
        raise ConfigError(
            f"client.yml, efficiency.comparison: {reduction.condition!r} is no condition on the "
            f"columns of events ({str(error).splitlines()[0]})."
        ) from error


def _attributes(reduction: Reduction) -> list[str]:
    return [f"{ATTRIBUTE}{place}" for place in range(len(reduction.attributes))]


def _rules(processes: pd.DataFrame | None) -> pd.DataFrame:
    """Say of every activity that is listed whether it starts or ends a case and is work."""
    rows = [
        (process, activity, kind)
        for kind, column in (("starts", "start_activity"), ("ends", "end_activities"),
                             ("works", "touch_activities"))
        for process, listed in _listed(processes, column)
        for activity in listed
    ]  # fmt: skip
    told = pd.DataFrame(rows, columns=["process", "activity", "kind"], dtype="str")
    kinds = told.groupby(["process", "activity"])["kind"].agg(set)
    bounded = {process for process, _ in _listed(processes, "touch_activities")}
    keys = kinds.index.to_frame(index=False).astype("str")
    works = [
        "works" in kind or process not in bounded
        for process, kind in zip(keys["process"], kinds, strict=True)
    ]
    return keys.assign(starts=_has(kinds, "starts"), ends=_has(kinds, "ends"), works=works).astype(
        dict.fromkeys(("starts", "ends", "works"), bool)
    )


def _bounds(processes: pd.DataFrame | None) -> pd.DataFrame:
    """Say which processes list activities that start them, end them, are work."""
    columns = {"bounded_start": "start_activity", "bounded_end": "end_activities",
               "bounded_work": "touch_activities"}  # fmt: skip
    listed = {name: {p for p, _ in _listed(processes, c)} for name, c in columns.items()}
    names = sorted(set().union(*listed.values()))
    table = pd.DataFrame({"process": pd.Series(names, dtype="str")})
    return table.assign(**{n: pd.Series([p in found for p in names], dtype=bool)
                           for n, found in listed.items()})  # fmt: skip


def _has(kinds: pd.Series, kind: str) -> list[bool]:
    return [kind in found for found in kinds]


def _listed(processes: pd.DataFrame | None, column: str) -> Iterable[tuple[str, tuple[str, ...]]]:
    if processes is None or column not in processes:
        return []
    pairs = zip(processes["process"], processes[column].map(activities_of), strict=True)
    return [(process, listed) for process, listed in pairs if listed]

"""Events to cases, in DuckDB: nothing else touches raw events.

While the database of `reduce_events` is open it holds three tables, which pictures of the log may
be drawn from. Moments are universal time without a zone, times in hours of the client's calendar
(``…_elapsed``: of the clock); rows completed after the status date are not in them.

- ``flagged``, a row per event: process, case_id, activity, resource, role, system, _begun (start of
  the work, missing where not recorded), _done, _start (_begun, else _done), _touch, _touch_elapsed
  (work), _worked_start and _worked_done (working time from a fixed moment to _start and _done in
  microseconds: their differences are working times), _row (place in the log).
- ``spans``, a row per case: process, case_id, begun, ended, last_system, compared (a comparison
  case), apart (that, or of a comparison process), attributes.
- ``seen``, the events of a case up to the moment its sample is cut off: the columns of ``flagged``
  and sample (before, after, between; empty for cases without a start and those set apart).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.errors import ConfigError

BEFORE, AFTER, BETWEEN = "before", "after", "between"
DEFAULT_PROCESS = "main"
SEPARATORS = ("；", ";")
ATTRIBUTE = "attribute_"  # attributes are numbered: a client's may be called like one of ours
# Client's conditions run in here: no files, no network, no Python objects, no change of settings.
_LOCKED = {"enable_external_access": "false", "python_enable_replacements": "false"}

_FLAGGED = """
CREATE TEMP TABLE flagged AS
SELECT e.*, coalesce(e._begun, e._done) AS _start,
       s.activity IS NOT NULL AS _starts, t.activity IS NOT NULL AS _ends,
       coalesce(p.bounded_start, FALSE) AS _bounded_start,
       coalesce(p.bounded_end, FALSE) AS _bounded_end
FROM events e
LEFT JOIN rules s ON s.kind = 'start' AND s.process = e.process AND s.activity = e.activity
LEFT JOIN rules t ON t.kind = 'end' AND t.process = e.process AND t.activity = e.activity
LEFT JOIN bounds p ON p.process = e.process
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
       CASE WHEN any_value(f._bounded_end)
            THEN min(f._done) FILTER (WHERE f._ends AND f._done >= b.begun)
            ELSE max(f._done) END AS ended,
       last(f.system ORDER BY f._done, f._start, f._row) AS last_system,
       {attributes}
       coalesce(bool_or({condition}), FALSE) AS compared,
       coalesce(bool_or({condition}), FALSE) OR f.process IN (SELECT process FROM apart) AS apart
FROM flagged f JOIN beginnings b USING (process, case_id)
GROUP BY f.process, f.case_id
"""
# Work, repetitions and handovers are seen up to the moment at which the case's sample is cut.
_SEEN = f"""
CREATE TEMP TABLE seen AS
SELECT f.process, f.case_id, f.activity, f.resource, f.role, f.system, f._begun, f._done, f._start,
       f._touch, f._touch_elapsed, f._worked_start, f._worked_done, f._row,
       CASE WHEN s.apart OR s.begun IS NULL THEN '' WHEN s.begun < $live THEN '{BEFORE}'
            WHEN s.begun < $settled THEN '{BETWEEN}' ELSE '{AFTER}' END AS sample,
       lag(f.resource) OVER (PARTITION BY f.process, f.case_id
                             ORDER BY f._done, f._start, f._row) AS _previous
FROM flagged f JOIN spans s USING (process, case_id)
WHERE f._done <= CASE WHEN s.begun < $live THEN $live ELSE $now END
"""
_CASES = """
WITH repeated AS (
  SELECT process, case_id, max(times) > 1 AS rework
  FROM (SELECT process, case_id, activity, count(*) AS times FROM seen GROUP BY ALL)
  GROUP BY process, case_id),
work AS (
  SELECT process, case_id, sum(_touch) AS touch, sum(_touch_elapsed) AS touch_elapsed,
         count(*) FILTER (WHERE resource <> _previous) AS handovers,
         count(resource) > 0 AS known_resource
  FROM seen GROUP BY process, case_id)
SELECT s.*, w.touch, w.touch_elapsed, coalesce(r.rework, FALSE) AS rework,
       CASE WHEN w.known_resource THEN w.handovers END AS handovers
FROM spans s LEFT JOIN work w USING (process, case_id)
LEFT JOIN repeated r USING (process, case_id)
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
    events: pd.DataFrame,
    processes: pd.DataFrame | None,
    calendar: BusinessCalendar,
    *,
    reduction: Reduction,
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Reduce an event log to one row per case.

    Parameters
    ----------
    events : DataFrame
        The table of that name; rows completed after ``reduction.now`` are not seen.
    processes : DataFrame or None
        Start and end activities, activities that are work.
    calendar : BusinessCalendar
        For the working time of each event.

    Returns
    -------
    frame : DataFrame
        ``begun`` (missing where the start activity never came), ``ended`` (missing where open),
        ``last_system``, ``touch`` and ``touch_elapsed`` in hours (missing without ``started_at``),
        ``rework``, ``handovers``, ``compared``, ``apart``, and ``attribute_0`` … in the order
        named; moments are universal time.
    pictures : dict of str to DataFrame
        What the functions named in ``reduction.pictures`` returned.
    """
    prepared = _prepared(events, processes, calendar, reduction)
    with duckdb.connect(":memory:") as database:
        database.register("events", prepared)
        database.register("rules", _rules(processes))
        database.register("bounds", _bounds(processes))
        database.register("apart", pd.DataFrame({"process": list(reduction.apart)}, dtype="str"))
        for name, value in _LOCKED.items():
            database.execute(f"SET {name} = {value}")
        database.execute("SET lock_configuration = true")
        database.execute(_FLAGGED)
        database.execute(_BEGINNINGS)
        _spans(database, reduction)
        moments = {name: _naive(getattr(reduction, name)) for name in ("live", "settled", "now")}
        database.execute(_SEEN, moments)
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


def _spans(database: duckdb.DuckDBPyConnection, reduction: Reduction) -> None:
    kept = [
        f"first(f._{ATTRIBUTE}{place} ORDER BY f._done, f._start, f._row)"
        f" FILTER (WHERE f._{ATTRIBUTE}{place} IS NOT NULL) AS {ATTRIBUTE}{place},"
        for place in range(len(reduction.attributes))
    ]
    condition = f"({reduction.condition})" if reduction.condition.strip() else "FALSE"
    try:
        database.execute(_SPANS.format(attributes=" ".join(kept), condition=condition))
    except duckdb.Error as error:
        if not reduction.condition.strip():
            raise
        raise ConfigError(
            f"client.yml, efficiency.comparison: {reduction.condition!r} is no condition on the "
            f"columns of events ({str(error).splitlines()[0]})."
        ) from error


def _prepared(
    events: pd.DataFrame,
    processes: pd.DataFrame | None,
    calendar: BusinessCalendar,
    reduction: Reduction,
) -> pd.DataFrame:
    seen = events.loc[events["completed_at"] < reduction.now]
    begun = seen["started_at"].where(seen["started_at"] <= seen["completed_at"])
    worked = begun.where(_is_work(seen, processes))
    columns = {"process": seen["process"].fillna(DEFAULT_PROCESS), "case_id": seen["case_id"],
               "activity": seen["activity"], "resource": seen["resource"],
               "role": seen["role"], "system": seen["system"]}  # fmt: skip
    attributes = [(f"_{ATTRIBUTE}{n}", name) for n, name in enumerate(reduction.attributes)]
    named = [(name, name) for name in _extra(events, reduction)] + attributes
    prepared = pd.DataFrame(columns | {column: seen[name] for column, name in named})
    prepared["_done"] = _utc(seen["completed_at"])
    prepared["_begun"] = _utc(begun)
    prepared["_touch"] = calendar.hours_between(worked, seen["completed_at"])
    prepared["_touch_elapsed"] = calendar.elapsed_hours(worked, seen["completed_at"])
    starts = seen["started_at"].where(begun.notna(), seen["completed_at"])
    prepared["_worked_start"], prepared["_worked_done"] = calendar.worked(
        starts, seen["completed_at"]
    )
    prepared["_row"] = np.arange(len(prepared))
    objects = [c for c, _ in named if pd.api.types.is_object_dtype(prepared[c].dtype)]
    return prepared.astype(dict.fromkeys(objects, "str"))


def _extra(events: pd.DataFrame, reduction: Reduction) -> list[str]:
    """Further columns, where the client's condition may name any of them.

    The database does not tell capitals from small letters: of two such columns the first is kept.
    """
    if not reduction.condition.strip():
        return []
    taken = {"process", "case_id", "activity", "resource", "role", "system", "completed_at",
             "started_at"}  # fmt: skip
    kept = []
    for name in events.columns:
        if str(name).lower() not in taken and not str(name).startswith("_"):
            taken.add(str(name).lower())
            kept.append(name)
    return kept


def _is_work(events: pd.DataFrame, processes: pd.DataFrame | None) -> pd.Series:
    """True where an event is work on the case: all of them, or the activities listed."""
    work = pd.Series(True, index=events.index)
    for process, listed in _listed(processes, "touch_activities"):
        mine = events["process"].fillna(DEFAULT_PROCESS).eq(process)
        work &= ~mine | events["activity"].isin(listed)
    return work


def _rules(processes: pd.DataFrame | None) -> pd.DataFrame:
    rows = [
        (process, kind, activity)
        for kind, column in (("start", "start_activity"), ("end", "end_activities"))
        for process, listed in _listed(processes, column)
        for activity in dict.fromkeys(listed)
    ]
    return pd.DataFrame(rows, columns=["process", "kind", "activity"], dtype="str")


def _bounds(processes: pd.DataFrame | None) -> pd.DataFrame:
    rules = _rules(processes)
    kinds = rules.groupby("process")["kind"].agg(set)
    return pd.DataFrame(
        {
            "process": kinds.index.astype("str"),
            "bounded_start": [("start" in kind) for kind in kinds],
            "bounded_end": [("end" in kind) for kind in kinds],
        }
    ).astype({"bounded_start": bool, "bounded_end": bool})


def _listed(processes: pd.DataFrame | None, column: str) -> Iterable[tuple[str, tuple[str, ...]]]:
    if processes is None or column not in processes:
        return []
    pairs = zip(processes["process"], processes[column].map(activities_of), strict=True)
    return [(process, listed) for process, listed in pairs if listed]


def _utc(moments: pd.Series) -> pd.Series:
    return moments.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[us]")


def _naive(moment: pd.Timestamp) -> Any:
    return moment.tz_convert("UTC").tz_localize(None).to_pydatetime()

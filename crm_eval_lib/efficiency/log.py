"""Events to cases, in DuckDB: nothing else touches raw events.

While the database of `reduce_events` is open it holds three tables, which pictures of the log may
be drawn from. Moments are universal time without a zone; rows completed after the status date are
not in them. A case is known by case_no, the place of its first row; `as_text` turns names back into
text.

- ``flagged``, a row per event: case_no, process, activity, resource, role, system, _done, _start
  (start of the work, else _done), _works (whether the time between is known and is work),
  _worked_start and _worked_done (working time from a fixed moment to _start and _done in
  microseconds: their differences are working times), _row (place in the log).
- ``spans``, a row per case: case_no, process, case_id, begun, ended, last_system, compared (a
  comparison case), ends (has an end activity), apart (compared, or of a comparison process),
  backwards (ends before it starts), attributes.
- ``seen``, the events of a case up to the moment its sample is cut off: columns of ``flagged``,
  sample (before, after, between; empty for cases without a start, those that end before it and
  those set apart), _place in the case, and of the event before it _done_before, _worked_before,
  _activity_before, _role_before, _resource_before; _resource_earlier of the one before that.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pandas as pd

from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.efficiency.log_tables import (
    BEGINNINGS,
    CASES,
    FLAGGED,
    NUMBERED,
    SEEN,
    SPANS,
    TYPES,
)
from crm_eval_lib.efficiency.opened import ATTRIBUTE, OpenedLog, micros
from crm_eval_lib.errors import ConfigError
from crm_eval_lib.worktime import WorkTime

SEPARATORS = ("；", ";")

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
    for statement in (*TYPES, NUMBERED.format(now=micros(reduction.now))):
        database.execute(statement)
    _flag(log, reduction, work)
    database.execute(BEGINNINGS)
    first = [
        f"first({name} ORDER BY f._done, f._start, f._row) FILTER (WHERE {name} IS NOT NULL)"
        f" AS {name},"
        for name in _attributes(reduction)
    ]
    database.execute(SPANS.format(attributes=" ".join(first)))
    moments = {name: f"make_timestamp({micros(getattr(reduction, name))})"
               for name in ("live", "settled")}  # fmt: skip
    database.execute(SEEN.format(**moments))
    pictures = {name: draw(database) for name, draw in reduction.pictures.items()}
    return as_text(database.execute(CASES).df()), pictures


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return names that the database keeps as places in a list as text.

    >>> as_text(pd.DataFrame({"step": pd.Categorical(["ship", "pay"])}))["step"].dtype.name
    'str'
    """
    listed = frame.select_dtypes("category").columns
    return frame.astype(dict.fromkeys(listed, "str"))


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
    query = FLAGGED.format(
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

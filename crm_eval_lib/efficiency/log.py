"""Events to cases: nothing else touches raw events.

DuckDB reads and codes them, `sequences` follows each case from event to event, some cases at a
time, and DuckDB counts. While the database of `reduce_events` is open it holds these tables, which
pictures of the log may be drawn from. Moments are universal time without a zone; rows completed
after the status date and copies of others are not in them. A case is known by case_no, its number
in the order of first rows; `as_text` turns names back into text.

- ``spans``, a row per case: case_no, process, begun, ended, last_system, compared (a comparison
  case), ends (has an end activity), apart (compared, or of a comparison process), backwards (ends
  before it starts), sample (before, after, between; empty for cases without a start, those that end
  before it and those set apart), finished (ended where its sample is cut off), week (days from 1970
  to the Monday of its start), attributes, and the sums of its events; ``numbered`` has its case_id.
- ``seen``, the events of a case up to the moment its sample is cut off: case_no, process, sample,
  finished, week, activity, role, _done; of those between start and end of a case before or after
  (view ``moves``) place, previous and previous_role (of the event before), and the microseconds
  since the event before: wait and work in business and elapsed time. Place is zero for others.
- ``counts``, moves added up, a few rows for each process, sample, finished, week, previous and
  activity: rows (how many moves), starts (of a case), first_visits and second_visits (of the
  activity in its case), and the sums of place, wait and work. ``slots``, events before and after:
  process, sample, slot (quarters of an hour since 1970), rows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.efficiency import sequences
from crm_eval_lib.efficiency.coding import coded
from crm_eval_lib.efficiency.log_layout import Layout
from crm_eval_lib.efficiency.log_tables import CASES, IDS
from crm_eval_lib.efficiency.opened import ATTRIBUTE, OpenedLog, micros

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
    span : pair of int
        First and last moment seen, in universal microseconds.
    attributes : sequence of str
        Columns kept per case, from the first event that has them.
    condition : str
        SQL condition on events; a case with any such event is a comparison case.
    apart : sequence of str
        Comparison processes.
    """

    live: pd.Timestamp
    settled: pd.Timestamp
    now: pd.Timestamp
    span: tuple[int, int]
    attributes: Sequence[str] = ()
    condition: str = ""
    apart: Sequence[str] = ()


def reduce_events(
    log: OpenedLog,
    processes: pd.DataFrame | None,
    calendar: BusinessCalendar,
    *,
    reduction: Reduction,
) -> tuple[pd.DataFrame, int]:
    """Reduce an event log to one row per case, and leave its tables in the database.

    Parameters
    ----------
    log : OpenedLog
        Rows completed after ``reduction.now`` and copies of others are not seen.
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
        named; moments are universal time, names may be categories (see `as_text`).
    copies : int
        Rows that repeat another one in every column.
    """
    database, names = log.database, _attributes(reduction)
    work = calendar.work_time(*reduction.span)
    log.name(reduction.attributes)
    listed, events = coded(log, attributes=names, condition=reduction.condition,
                           now=micros(reduction.now))  # fmt: skip
    rules = _rules(processes, reduction, listed)
    layout = Layout(log, rules, work, tuple(names), listed)
    copies = layout.lay(events)
    query = CASES.format(attributes="".join(f"s.{name}, " for name in names))
    return _with_ids(database, database.execute(query).df()), copies


def _with_ids(database: duckdb.DuckDBPyConnection, frame: pd.DataFrame) -> pd.DataFrame:
    """Put the ids of cases in the place of their numbers: as texts of Python they cost most."""
    ids = pd.array(database.sql(IDS).to_arrow_table().column("case_id"), dtype="str")
    frame.insert(1, "case_id", ids.take(frame.pop("case_no").to_numpy()))
    return frame


def drawn_from(
    database: duckdb.DuckDBPyConnection, pictures: Mapping[str, Picture]
) -> dict[str, pd.DataFrame]:
    """Draw pictures from the tables that `reduce_events` left."""
    return {name: draw(database) for name, draw in pictures.items()}


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return names that the database keeps as places in a list as text.

    >>> as_text(pd.DataFrame({"step": pd.Categorical(["ship", "pay"])}))["step"].dtype.name
    'str'
    """
    listed = frame.select_dtypes("category").columns
    return frame.assign(**{name: _texts(frame[name]) for name in listed})


def _texts(column: pd.Series) -> pd.Series:
    names = column.cat.categories.astype("str").array
    return pd.Series(names.take(column.cat.codes.to_numpy(), allow_fill=True), column.index)


def activities_of(text: Any) -> tuple[str, ...]:
    """Read a list of activities separated by ";".

    >>> activities_of("approve; reject；")
    ('approve', 'reject')
    """
    if text is None or text is pd.NA or text != text:
        return ()
    joined = str(text).replace(SEPARATORS[0], SEPARATORS[1])
    return tuple(part.strip() for part in joined.split(SEPARATORS[1]) if part.strip())


def _rules(
    processes: pd.DataFrame | None, reduction: Reduction, names: Mapping[str, list[str]]
) -> sequences.Rules:
    """Say of every activity whether it starts or ends a case and is work."""
    known = {name: place for place, name in enumerate(names["process"])}
    codes = {name: place for place, name in enumerate(names["activity"])}
    told, bounded = {}, {}
    for kind in ("start_activity", "end_activities", "touch_activities"):
        told[kind] = np.zeros((len(known), len(codes) + 1), dtype=bool)
        bounded[kind] = np.zeros(len(known), dtype=bool)
        for process, listed in _listed(processes, kind):
            if process in known:
                bounded[kind][known[process]] = True
                places = [codes[name] for name in listed if name in codes]
                told[kind][known[process], places] = True
    return sequences.Rules(
        starts=told["start_activity"],
        ends=told["end_activities"],
        works=told["touch_activities"] | ~bounded["touch_activities"][:, None],
        bounded_start=bounded["start_activity"],
        bounded_end=bounded["end_activities"],
        apart=np.isin(names["process"], list(reduction.apart)),
        live=micros(reduction.live),
        settled=micros(reduction.settled),
    )


def _attributes(reduction: Reduction) -> list[str]:
    return [f"{ATTRIBUTE}{place}" for place in range(len(reduction.attributes))]


def _listed(processes: pd.DataFrame | None, column: str) -> Iterable[tuple[str, tuple[str, ...]]]:
    if processes is None or column not in processes:
        return []
    pairs = zip(processes["process"], processes[column].map(activities_of), strict=True)
    return [(process, listed) for process, listed in pairs if listed]

"""The coded events of a log, taken through `sequences` some cases at a time into two tables."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

import duckdb
import numpy as np
import pandas as pd

from crm_eval_lib.efficiency import sequences
from crm_eval_lib.efficiency.coding import whole_type
from crm_eval_lib.efficiency.counts import joined, moves_counted, slots_counted
from crm_eval_lib.efficiency.log_tables import NAMED, PLACED, PROCESSES, SAMPLES, SEEN
from crm_eval_lib.efficiency.opened import OpenedLog
from crm_eval_lib.worktime import WorkTime

EVENTS_AT_ONCE = 200_000  # few enough for their columns to stay in the processor's cache
THREADS = 2  # numpy lets other threads work; the database uses as many where there are two cores
_MOMENTS = ("begun", "ended", "_done")
_NAMED_LIKE = {"previous": "activity", "last_step": "activity", "previous_role": "role",
               "last_system": "system"}  # fmt: skip


class Columns:
    """A table that several threads fill, each with rows of its own.

    Examples
    --------
    >>> table = Columns(3, ("n",))
    >>> table.add({"n": np.array([1, 2]), "more": np.array([8, 9])})
    >>> table.told()["n"].tolist()
    [1, 2]
    """

    def __init__(self, most: int, names: Sequence[str]) -> None:
        self._most, self._names = most, names
        self._lock, self._rows = Lock(), 0
        self._arrays: sequences.Arrays = {}

    def add(self, part: sequences.Arrays) -> None:
        """Write some rows after those that were promised a place so far."""
        with self._lock:
            if not self._arrays:
                self._arrays = {n: np.empty(self._most, part[n].dtype) for n in self._names}
            start = self._rows
            self._rows += len(part[self._names[0]])
            stop = self._rows
        for name, values in self._arrays.items():
            values[start:stop] = part[name]

    def told(self) -> sequences.Arrays:
        """Return the columns as far as they were written."""
        return {name: values[: self._rows] for name, values in self._arrays.items()}


@dataclass(frozen=True)
class _Counted:
    """What is counted of some cases: see `counts`; and rows that repeat another one."""

    moves: sequences.Arrays
    slots: sequences.Arrays
    copies: int


@dataclass(frozen=True)
class Layout:
    """What is laid out: the log, what the client said of its steps, working time, attributes."""

    log: OpenedLog
    rules: sequences.Rules
    work: WorkTime
    attributes: tuple[str, ...]
    names: dict[str, list[str]] = field(repr=False)
    _one_at_a_time: Lock = field(default_factory=Lock, repr=False)

    def lay(self, events: sequences.Arrays) -> int:
        """Make the tables of `log`; return how many rows are copies.

        They lie in arrays, which the database reads where they are: to write ten million rows into
        it costs more than most of what is counted.
        """
        process = self._database.execute(
            PROCESSES.format(kind=whole_type(len(self.names["process"])))
        ).fetchnumpy()["process"]
        order, first = sequences.grouped(events["case"], len(process))
        step = max(1, -(-len(process) // max(1, -(-len(order) // EVENTS_AT_ONCE))))
        placed = Columns(len(process), (*PLACED, *(f"row{name}" for name in self.attributes)))
        seen = Columns(len(order), SEEN)

        def some(low: int) -> _Counted:
            high = min(low + step, len(process))
            part = sequences.taken(events, order[first[low] : first[high]])
            part["case"] -= np.int32(low)
            *columns, counted = self._some(part, process[low:high], low)
            for table, found in zip((placed, seen), columns, strict=True):
                table.add(found)
            return counted

        with ThreadPoolExecutor(THREADS) as pool:
            counted = list(pool.map(some, range(0, len(process), step)))
        events.clear()  # what comes now needs the memory
        self._register("placed", placed.told())
        self._register("seen", seen.told())
        self._register("counts", joined([part.moves for part in counted]))
        self._register("slots", joined([part.slots for part in counted]))
        self._finish()
        return sum(part.copies for part in counted)

    def _register(self, name: str, columns: sequences.Arrays) -> None:
        typed = {n: self._typed(n, values) for n, values in columns.items()}
        self._database.register(name, pd.DataFrame(typed, copy=False))

    def _finish(self) -> None:
        """Give the cases their attributes, and the moves a name."""
        own = "p.* REPLACE (p.handovers::BIGINT AS handovers)"
        values = "".join(f", e{n}.{name}" for n, name in enumerate(self.attributes))
        joins = " ".join(f"LEFT JOIN events e{n} ON e{n}._row = p.row{name}"
                         for n, name in enumerate(self.attributes))  # fmt: skip
        for statement in (f"TABLE spans AS SELECT {own} {values} FROM placed p {joins}",
                          "VIEW moves AS SELECT * FROM seen WHERE place > 0"):  # fmt: skip
            self._database.execute(f"CREATE TEMP {statement}")

    def _some(
        self, events: sequences.Arrays, process: np.ndarray, low: int
    ) -> tuple[sequences.Arrays, sequences.Arrays, _Counted]:
        """Follow some cases, numbered from ``low``, and count their events."""
        events = sequences.in_time(events)
        with self._one_at_a_time:
            copies = self.log.copies(sequences.alike(events))
        if len(copies):
            events = sequences.taken(events, ~np.isin(events["row"], copies))
        for name in ("start", "done"):
            events[f"worked_{name}"] = self.work.until(events[name])
        spans = sequences.spans_of(events, process, self.rules)
        seen = sequences.seen_of(events, spans, self.rules)
        inside, moves = sequences.moves_of(seen, spans)
        spans |= sequences.work_of(seen, spans) | sequences.runs_of(moves, len(process))
        spans["case_no"] = np.arange(low, low + len(process), dtype=np.int32)
        told = _told(seen, spans, inside, moves, low)
        counts = moves_counted(told if inside.all() else sequences.taken(told, inside))
        return spans, told, _Counted(counts, slots_counted(told), len(copies))

    def _typed(self, name: str, values: np.ndarray) -> np.ndarray | pd.Categorical:
        """Return codes as the names they stand for, and microseconds as moments."""
        if name in _MOMENTS:
            return values.view("datetime64[us]")
        kind = _NAMED_LIKE.get(name, name)
        if kind in NAMED:
            return pd.Categorical.from_codes(values, categories=self.names[kind])
        return pd.Categorical.from_codes(values, SAMPLES) if name == "sample" else values

    @property
    def _database(self) -> duckdb.DuckDBPyConnection:
        return self.log.database


def _told(
    seen: sequences.Arrays, spans: sequences.Arrays, inside: np.ndarray, moves: sequences.Arrays,
    low: int,
) -> sequences.Arrays:  # fmt: skip
    """Return the columns of ``seen``; those of moves are missing for events outside their case."""
    if not inside.all():
        moves = {name: _spread(values, inside) for name, values in moves.items()}
    case = seen["case"]
    known = {name: spans[name][case] for name in ("process", "sample", "finished", "week")}
    own = {"activity": seen["activity"], "role": seen["role"], "_done": seen["done"]}
    return moves | known | own | {"case_no": case + np.int32(low)}


def _spread(values: np.ndarray, inside: np.ndarray) -> np.ndarray:
    none = np.full(len(inside), values.dtype.type(-1) if values.dtype != bool else False)
    none[inside] = values
    return none

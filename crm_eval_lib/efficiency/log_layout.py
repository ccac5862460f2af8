"""The coded events of a log, taken through `sequences` some cases at a time into two tables."""

from dataclasses import dataclass, field

import duckdb
import numpy as np
import pandas as pd

from crm_eval_lib.efficiency import sequences
from crm_eval_lib.efficiency.log_tables import (
    NAMED,
    SAMPLES,
    SEEN,
    SOME_CASES,
    SOME_PROCESSES,
    SPANS,
)
from crm_eval_lib.efficiency.opened import OpenedLog
from crm_eval_lib.worktime import WorkTime

EVENTS_AT_ONCE = 500_000  # few enough for their columns to stay in the processor's cache
_MOMENTS = ("begun", "ended", "_done")
_NAMED_LIKE = {"previous": "activity", "last_step": "activity", "previous_role": "role",
               "last_system": "system"}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """What is laid out: the log, what the client said of its steps, working time, attributes."""

    log: OpenedLog
    rules: sequences.Rules
    work: WorkTime
    attributes: tuple[str, ...]
    names: dict[str, list[str]] = field(repr=False)

    def lay(self) -> int:
        """Make the tables ``spans`` and ``seen``, the view ``moves``; return how many rows are
        copies.
        """
        rows = "".join(f", row{name} BIGINT" for name in self.attributes)
        for statement in (SPANS.format(attributes=rows), SEEN):
            self._ask(statement)
        cases, events = (len_of(self._database, table) for table in ("numbered", "coded"))
        step = max(1, -(-cases // max(1, -(-events // EVENTS_AT_ONCE))))
        copies = sum(self._some(low, min(low + step, cases)) for low in range(0, cases, step))
        values = "".join(f", e{n}.{name}" for n, name in enumerate(self.attributes))
        joins = " ".join(f"LEFT JOIN events e{n} ON e{n}._row = p.row{name}"
                         for n, name in enumerate(self.attributes))  # fmt: skip
        self._ask(f"CREATE TEMP TABLE spans AS SELECT p.* {values} FROM placed p {joins}")
        self._ask("CREATE TEMP VIEW moves AS SELECT * FROM seen WHERE place > 0")
        return copies

    def _some(self, low: int, high: int) -> int:
        """Add the cases from one number up to another; return how many of their rows are copies."""
        cases = {"low": low, "high": high}
        has = "".join(f", has{name}" for name in self.attributes)
        events = self._ask(SOME_CASES.format(attributes=has, **cases)).fetchnumpy()
        events = sequences.in_order(events)
        process = self._ask(SOME_PROCESSES.format(**cases)).fetchnumpy()["process"]
        copies = self.log.copies(sequences.alike(events))
        if len(copies):
            events = sequences.taken(events, ~np.isin(events["row"], copies))
        for name in ("start", "done"):
            events[f"worked_{name}"] = self.work.until(events[name])
        spans = sequences.spans_of(events, process, self.rules)
        seen = sequences.seen_of(events, spans, self.rules)
        inside, moves = sequences.moves_of(seen, spans)
        spans |= sequences.work_of(seen, spans) | sequences.runs_of(moves, len(process))
        self._insert("placed", spans | {"case_no": np.arange(low, high)})
        self._insert("seen", _told(seen, spans, inside, moves, low))
        return len(copies)

    def _insert(self, table: str, columns: sequences.Arrays) -> None:
        wanted = [name for name, *_ in self._ask(f"SELECT * FROM {table} LIMIT 0").description]
        typed = {name: self._typed(name, columns[name]) for name in wanted}
        self._database.register("rows", pd.DataFrame(typed, copy=False))
        self._ask(f"INSERT INTO {table} SELECT * FROM rows")
        self._database.unregister("rows")

    def _typed(self, name: str, values: np.ndarray) -> np.ndarray | pd.Categorical:
        """Return codes as the names they stand for, and microseconds as moments."""
        if name in _MOMENTS:
            return values.view("datetime64[us]")
        kind = _NAMED_LIKE.get(name, name)
        if kind in NAMED:
            return pd.Categorical.from_codes(values, categories=self.names[kind])
        return pd.Categorical.from_codes(values, SAMPLES) if name == "sample" else values

    def _ask(self, query: str) -> duckdb.DuckDBPyConnection:
        return self._database.execute(query)

    @property
    def _database(self) -> duckdb.DuckDBPyConnection:
        return self.log.database


def len_of(database: duckdb.DuckDBPyConnection, table: str) -> int:
    """Return the number of rows of a table."""
    return database.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]


def names_of(database: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Return the texts of each kind of names, each at the place of its code."""
    lists = {name: f"SELECT enum_range(NULL::{name}_name)" for name in NAMED}
    return {name: database.execute(query).fetchall()[0][0] for name, query in lists.items()}


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
    return moves | known | own | {"case_no": case + low}


def _spread(values: np.ndarray, inside: np.ndarray) -> np.ndarray:
    none = np.full(len(inside), values.dtype.type(-1) if values.dtype != bool else False)
    none[inside] = values
    return none

"""An event log opened in a database of its own: a DataFrame or a file larger than memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from crm_eval_lib.sources.event_codes import Codes, codes_of
from crm_eval_lib.sources.event_log import EventLog

ATTRIBUTE = "_attribute_"  # attributes are numbered: a client's may be called like one of ours
# Of the database; what does not fit is laid aside on disk, but for the values of medians.
MEMORY_BYTES, BYTES_AN_EVENT = 2 * 10**9, 60
OWN = ("process", "case_id", "activity", "completed_at", "started_at", "resource", "role", "system")
TEXTS = ("process", "case_id", "activity", "resource", "role", "system")
_EMPTY = {**dict.fromkeys(OWN, "VARCHAR"), "completed_at": "TIMESTAMPTZ",
          "started_at": "TIMESTAMPTZ"}  # fmt: skip
# Client's conditions run in here: no files but the log, no network, no Python objects.
_LOCKED = {"enable_external_access": "false", "python_enable_replacements": "false",
           "lock_configuration": "true"}  # fmt: skip


@dataclass(frozen=True)
class OpenedLog:
    """A database with the events.

    Attributes
    ----------
    database : DuckDBPyConnection
        Holds ``source``: the columns as c0, c1 … in their order, and ``_row``, the place.
    columns : tuple of str
    codes : Codes or None
        Of cases and names, where they were kept beside the file.
    """

    database: duckdb.DuckDBPyConnection
    columns: tuple[str, ...]
    codes: Codes | None = None

    def processes(self, default: str) -> list[str]:
        """Name the processes in the order of their first event."""
        name = f"coalesce({self._column('process')}, ?)"
        query = f"SELECT {name} FROM source GROUP BY 1 ORDER BY min(_row)"
        return [name for (name,) in self.database.execute(query, [default]).fetchall()]

    def summary(self, now: pd.Timestamp) -> tuple[frozenset[str], tuple[int, int] | None]:
        """Name the columns that hold any value; tell the first and last moment seen before now.

        Moments are universal microseconds; None where nothing was completed before now.
        """
        start, done = (f"epoch_us({self._column(name)})" for name in ("started_at", "completed_at"))
        counts = "".join(f"count(c{place}), " for place in range(len(self.columns)))
        seen = f"FILTER (WHERE {done} < {micros(now)})"
        query = (
            f"SELECT {counts} min(least({start}, {done})) {seen}, max({done}) {seen} FROM source"
        )
        *found, first, last = self.database.execute(query).fetchall()[0]
        recorded = frozenset(n for n, count in zip(self.columns, found, strict=True) if count)
        return recorded, None if last is None else (first, last)

    def name(self, attributes: Sequence[str]) -> None:
        """Make the view ``events``: columns by name, attributes as _attribute_0 …, and _row.

        The database does not tell capitals from small letters: of two such columns the first
        counts.
        """
        parts = [f"{self._column(name)} AS {name}" for name in OWN]
        taken = set(OWN)
        for place, name in enumerate(self.columns):
            folded = str(name).lower()
            if folded not in taken and not folded.startswith("_"):
                taken.add(folded)
                parts.append(f"c{place} AS {_quoted(name)}")
        parts += [f"{self._column(name)} AS {ATTRIBUTE}{n}" for n, name in enumerate(attributes)]
        self.database.execute(
            f"CREATE TEMP VIEW events AS SELECT {', '.join(parts)}, _row FROM source"
        )

    def copies(self, rows: np.ndarray) -> np.ndarray:
        """Return those of some rows, by their place, that repeat an earlier one in every column."""
        if not len(rows):
            return rows
        names = ", ".join(f"c{place}" for place in range(len(self.columns)))
        self.database.register("doubtful", pd.DataFrame({"_row": rows}))
        query = f"""
            SELECT _row FROM (
              SELECT _row, row_number() OVER (PARTITION BY {names} ORDER BY _row) AS place
              FROM source SEMI JOIN doubtful USING (_row)) WHERE place > 1"""
        return self.database.execute(query).fetchnumpy()["_row"]

    def _column(self, name: str) -> str:
        if name in self.columns:
            place = f"c{self.columns.index(name)}"
            return f"{place}::VARCHAR" if name in TEXTS else place
        return f"NULL::{_EMPTY[name]}"


@contextmanager
def opened(events: pd.DataFrame | EventLog) -> Iterator[OpenedLog]:
    """Open an event log; its database ends with the block."""
    with TemporaryDirectory() as aside, duckdb.connect(":memory:") as database:
        limit = max(MEMORY_BYTES, BYTES_AN_EVENT * len(events))
        database.execute(f"SET memory_limit = '{limit}B'")
        database.execute(f"SET temp_directory = {_text(aside)}")
        columns = tuple(map(str, events.columns))
        names = ", ".join(f"c{place}" for place in range(len(columns)))
        if isinstance(events, EventLog):
            path = _text(events.path.resolve())
            database.execute(f"SET allowed_paths = [{path}]")
            source = f"read_parquet({path}, file_row_number = true)"
        else:
            database.register("given", _positioned(events))
            source = "given"
        for name, value in _LOCKED.items():
            database.execute(f"SET {name} = {value}")
        database.execute(
            f"CREATE TEMP VIEW source AS SELECT * FROM {source} AS given({names}, _row)"
        )
        codes = codes_of(events.path) if isinstance(events, EventLog) else None
        yield OpenedLog(database, columns, codes)


def micros(moment: pd.Timestamp) -> int:
    """Return universal microseconds of a moment.

    >>> micros(pd.Timestamp("1970-01-01 08:00:01", tz="Asia/Shanghai"))
    1000000
    """
    return (moment - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(microseconds=1)


def _positioned(events: pd.DataFrame) -> pd.DataFrame:
    """Number columns and rows; lists and the like become text."""
    named = events.set_axis([f"c{place}" for place in range(events.shape[1])], axis=1)
    nested = [name for name in named if pd.api.types.is_object_dtype(named[name].dtype)]
    return named.astype(dict.fromkeys(nested, "str")).assign(_row=np.arange(len(named)))


def _quoted(name: Any) -> str:
    return '"' + str(name).replace('"', '""') + '"'


def _text(value: Any) -> str:
    return "'" + str(value).replace("'", "''") + "'"

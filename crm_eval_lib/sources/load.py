"""All tables of one client: found once, read when first asked for, every problem kept."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from crm_eval_lib.errors import DataError, nearest
from crm_eval_lib.sources.event_log import EventLog
from crm_eval_lib.sources.files import ACCEPTED, is_large, read_file
from crm_eval_lib.sources.find import CONFIG_NAME, Found, Origin, find_tables
from crm_eval_lib.sources.headers import unknown_columns
from crm_eval_lib.sources.normalise import Normalised, Rules, normalise
from crm_eval_lib.sources.paths import Area, checksum
from crm_eval_lib.sources.raw import Place, Raw
from crm_eval_lib.sources.reading import Reading
from crm_eval_lib.tables import TABLES
from crm_eval_lib.tables.spec import Problem

EVENTS = "events"
MAPPINGS = ("columns", "values", "formats")


class Intake:
    """The tables of a client's folder.

    Parameters
    ----------
    area : Area
        What may be read.
    sources : mapping of str to Source
        ``sources:`` of client.yml.
    timezone, currency : str
        The client's.
    only : collection of str
        Tables to look at, as if no other had been handed in; empty: all.
    """

    def __init__(
        self,
        area: Area,
        sources: Mapping[str, Any],
        *,
        timezone: str,
        currency: str,
        only: Collection[str] = (),
    ) -> None:
        self._area, self._rules, self._only = area, Rules(timezone, currency), only
        self._found: Found | None = None
        self._sources = dict(sources)
        self._loaded: dict[str, tuple[Normalised, Reading] | DataError] = {}
        self._log: tuple[EventLog, Reading] | None = None
        self._log_folder: TemporaryDirectory | None = None

    @property
    def found(self) -> Found:
        """Origins of the tables, looked up once."""
        if self._found is None:
            self._found = find_tables(self._area, self._sources, only=self._only)
        return self._found

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tables handed in, in the order of the contract."""
        return tuple(self.found.origins)

    def holds(self, table: str) -> bool:
        """Say whether a table was handed in."""
        return table in self.found.origins

    @property
    def notes(self) -> tuple[Problem, ...]:
        """Defects of the folder that do not stop the client."""
        return tuple(problem for problem in self.found.problems if not problem.blocking)

    def check_absent(self, table: str) -> None:
        """Raise when a table is absent only because its source cannot be used."""
        problems = [p for p in self.found.problems if p.blocking and p.table in (table, "")]
        if problems:
            raise summary(problems)

    def load(self, table: str) -> tuple[pd.DataFrame, Reading]:
        """Return a table's frame and what is known of it.

        Raises
        ------
        DataError
            The table breaks the contract; all its problems are listed.
        """
        result, reading = self._result(table)
        return result.frame, reading

    def columns(self, table: str) -> Mapping[str, Any]:
        """Return a table's columns, without making a frame of them."""
        return self._result(table)[0].columns

    def _result(self, table: str) -> tuple[Normalised, Reading]:
        if table not in self._loaded:
            try:
                self._loaded[table] = self._whole_log(table) or self._read(
                    self.found.origins[table]
                )
            except DataError as error:
                self._loaded[table] = error
        loaded = self._loaded[table]
        if isinstance(loaded, DataError):
            raise loaded
        return loaded

    def lean(self, table: str, columns: Collection[str], coded: Collection[str]) -> pd.DataFrame:
        """Return a table whole: to be checked it had to be read."""
        return self.load(table)[0]

    def event_log(self) -> EventLog | None:
        """Return the events in a file of their own where they are too many for memory."""
        origin = self.found.origins.get(EVENTS)
        if self._log_folder is None and origin is not None:
            self._log_folder = TemporaryDirectory(prefix="events")
            self._log = self._written(origin, Path(self._log_folder.name) / f"{EVENTS}.parquet")
        return self._log[0] if self._log else None

    def reading(self, table: str) -> Reading:
        """Return what is known of a table beside its rows."""
        if table == EVENTS and self.event_log() is not None:
            return self._log[1]
        return self._result(table)[1]

    def problems(self) -> list[Problem]:
        """Read every table and return all blocking problems of all of them."""
        blocking = [problem for problem in self._defects() if problem.blocking]
        return blocking if blocking or self.names else [self._nothing()]

    def remarks(self) -> list[Problem]:
        """Read every table and return what does not stop it, of tables that are stopped too."""
        return [problem for problem in self._defects() if not problem.blocking]

    def _defects(self) -> list[Problem]:
        found = list(self.found.problems)
        for table in self.names:
            try:
                found += self.reading(table).notes
            except DataError as error:
                found += error.problems
        return found

    def _nothing(self) -> Problem:
        hint = " ".join(note.remedy for note in self.notes)
        return Place("", f"{self._area.folder.name}/").problem(
            found="no table",
            allowed=f"files named after a table: {ACCEPTED}",
            remedy=hint or f"Hand in at least one table, such as budget.csv: {', '.join(TABLES)}.",
        )

    def _whole_log(self, table: str) -> tuple[Normalised, Reading] | None:
        log = self.event_log() if table == EVENTS else None
        if log is None:
            return None
        frame = log.to_frame(self._rules.timezone)
        return Normalised({name: cells.array for name, cells in frame.items()}, ()), self._log[1]

    def _written(self, origin: Origin, target: Path) -> tuple[EventLog, Reading] | None:
        """Write a large log as Parquet; None where it is small or has to be read with care."""
        path, area = _single_file(origin, self._area), self._area
        if path is None or not is_large(path):
            return None
        from crm_eval_lib.sources.large import write_log  # and with it the database

        place = Place(EVENTS, area.shown(path))
        mappings = {name: getattr(origin.source, name, None) or {} for name in MAPPINGS}
        nulls = tuple(getattr(origin.source, "nulls", None) or ())
        rules = replace(self._rules, nulls=nulls, **mappings)
        written = write_log(path, target, place, table=TABLES[EVENTS], rules=rules)
        if written is None:
            return None
        reading = Reading(
            table=EVENTS,
            place=place.file,
            files=((area.shown(path), checksum(path)),),
            rows=written.rows,
            extra_columns=written.extra_columns,
            clock_changes=written.clock_changes,
            encoding=written.encoding,
            notes=written.notes,
        )
        return EventLog(target), reading

    def _read(self, origin: Origin) -> tuple[Normalised, Reading]:
        table, source = TABLES[origin.table], origin.source
        mappings = {name: getattr(source, name, None) or {} for name in MAPPINGS}
        raw = self._raw(origin)
        nulls = tuple(getattr(source, "nulls", None) or ())
        result = normalise(raw, table, replace(self._rules, nulls=nulls, **mappings))
        unknown = unknown_columns(Place(origin.table, CONFIG_NAME), table, mappings)
        problems = [*unknown, *result.problems]
        if any(problem.blocking for problem in problems):
            raise summary(problems)
        area = self._area
        reading = Reading(
            table=origin.table,
            place=raw.place.file + (f", {raw.place.sheet}" if raw.place.sheet else ""),
            files=tuple((area.shown(path), checksum(path)) for path in _files(raw, area)),
            rows=len(raw.rows),
            extra_columns=result.extra_columns,
            clock_changes=result.clock_changes,
            encoding=raw.encoding,
            short_rows=raw.notes.get("short_rows", 0),
            notes=tuple(problems),
        )
        return result, reading

    def _raw(self, origin: Origin) -> Raw:
        area, table = self._area, origin.table
        if origin.workbook is not None:
            raw = origin.workbook.read(origin.sheet, table)
            return raw if raw is not None else _blank_sheet(origin, area)
        if origin.source is None:
            return read_file(origin.path, Place(table, area.shown(origin.path)))
        if getattr(origin.source, "query", None):
            from crm_eval_lib.sources.query import read_query

            place = Place(table, CONFIG_NAME)
            return read_query(origin.source.query, place, area, timezone=self._rules.timezone)
        return _mapped_file(origin.source.file, table, area)


def summary(problems: list[Problem]) -> DataError:
    """Return an error that lists all problems.

    >>> print(summary([Problem("budget", "budget.csv", row=3, column="amount", found="'x'")]))
    1 problem in the tables: nothing is computed until it is corrected.
    budget.csv, row 3, column amount – found 'x'
    """
    blocking = [problem for problem in problems if problem.blocking]
    n, many = len(blocking), len(blocking) > 1
    count = (
        f"{n} problem{'s' if many else ''} in the tables: "
        f"nothing is computed until {'they are' if many else 'it is'} corrected."
    )
    return DataError("\n".join([count, *map(str, blocking)]), problems)


def _single_file(origin: Origin, area: Area) -> Path | None:
    """Return the one file a table is read from, if it is one that may be read."""
    if origin.workbook is not None or getattr(origin.source, "query", None):
        return None
    if origin.source is None:
        return origin.path
    found = area.find(origin.source.file)
    return found[0] if len(found) == 1 and not area.refuses(origin.source.file) else None


def _files(raw: Raw, area: Area) -> tuple[Path, ...]:
    """Return the files a table was read from; a query without any was typed into client.yml."""
    return raw.files or (area.folder / CONFIG_NAME,)


def _blank_sheet(origin: Origin, area: Area) -> Raw:
    """A sheet without anything is a table with headers only, and says so."""
    place = Place(origin.table, area.shown(origin.path), origin.sheet)
    note = place.problem(
        found="an empty sheet",
        allowed="a header row with the column names, then one row per record",
        remedy="Fill the sheet or remove it.",
        blocking=False,
    )
    headers = TABLES[origin.table].required
    nothing = pa.chunked_array([pa.array([], pa.string())])
    rows = np.array([], dtype=np.int64)
    columns = tuple(nothing for _ in headers)
    return Raw(place, headers, columns, rows, (origin.path,), (note,))


def _mapped_file(name: str, table: str, area: Area) -> Raw:
    """Read the file of a ``sources:`` entry, which must lie inside the allowed folders."""
    place = Place(table, CONFIG_NAME)
    found = area.find(name)
    if area.refuses(name):
        raise place.refuse(
            found=f"the file {name!r} outside the client's folder",
            allowed=area.allowed,
            remedy="Copy it into the client's folder, or name its folder in roots:.",
        )
    if len(found) != 1:
        near = nearest(name, sorted(path.name for path in area.folder.iterdir() if path.is_file()))
        raise place.refuse(
            found=f"the file {name!r}, which is not there" if not found else f"{len(found)} files",
            allowed=area.allowed,
            remedy=f"Correct sources: {table}: file – {near}",
        )
    return read_file(found[0], Place(table, area.shown(found[0])))

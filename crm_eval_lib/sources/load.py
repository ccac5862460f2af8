"""All tables of one client: found once, read when first asked for, every problem kept."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from crm_eval_lib.errors import DataError, nearest
from crm_eval_lib.sources.files import ACCEPTED, read_file
from crm_eval_lib.sources.find import CONFIG_NAME, Found, Origin, find_tables
from crm_eval_lib.sources.normalise import Rules, normalise
from crm_eval_lib.sources.paths import Area, checksum
from crm_eval_lib.sources.query import read_query
from crm_eval_lib.sources.raw import Place, Raw
from crm_eval_lib.tables import TABLES
from crm_eval_lib.tables.spec import Problem
from crm_eval_lib.tables.words import plain

MAPPINGS = ("columns", "values", "formats")


@dataclass(frozen=True)
class Reading:
    """What is known of one table beside its rows.

    Parameters
    ----------
    table : str
        Name of the table.
    place : str
        File, sheet or entry of client.yml, for people.
    files : tuple of (path, sha256)
        Every file read, relative to the client's folder.
    rows : int
        Number of records.
    extra_columns : tuple of str
        Columns the contract does not know; kept.
    clock_changes : mapping of str to (int, int)
        By column: times in an hour that a clock change repeats, and in one that it skips.
    short_rows : int
        Rows with fewer cells than the header.
    notes : tuple of Problem
        Defects that do not stop the client.
    """

    table: str
    place: str
    files: tuple[tuple[str, str], ...] = ()
    rows: int = 0
    extra_columns: tuple[str, ...] = ()
    clock_changes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    encoding: str = ""
    short_rows: int = 0
    notes: tuple[Problem, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {**asdict(self), "notes": [asdict(note) for note in self.notes]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Reading":
        """Read what `to_dict` wrote."""
        return cls(
            **{
                **data,
                "files": tuple((path, digest) for path, digest in data["files"]),
                "extra_columns": tuple(data["extra_columns"]),
                "clock_changes": {k: tuple(v) for k, v in data["clock_changes"].items()},
                "notes": tuple(Problem(**note) for note in data["notes"]),
            }
        )


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
    """

    def __init__(
        self, area: Area, sources: Mapping[str, Any], *, timezone: str, currency: str
    ) -> None:
        self._area, self._rules = area, Rules(timezone, currency)
        self._found: Found | None = None
        self._sources = dict(sources)
        self._loaded: dict[str, tuple[pd.DataFrame, Reading] | DataError] = {}

    @property
    def found(self) -> Found:
        """Origins of the tables, looked up once."""
        if self._found is None:
            self._found = find_tables(self._area, self._sources)
        return self._found

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tables handed in, in the order of the contract."""
        return tuple(self.found.origins)

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
        if table not in self._loaded:
            try:
                self._loaded[table] = self._read(self.found.origins[table])
            except DataError as error:
                self._loaded[table] = error
        loaded = self._loaded[table]
        if isinstance(loaded, DataError):
            raise loaded
        return loaded

    def problems(self) -> list[Problem]:
        """Read every table and return all blocking problems of all of them."""
        blocking = [problem for problem in self.found.problems if problem.blocking]
        if not self.names and not blocking:
            blocking.append(self._nothing())
        for table in self.names:
            try:
                self.load(table)
            except DataError as error:
                blocking += [problem for problem in error.problems if problem.blocking]
        return blocking

    def _nothing(self) -> Problem:
        hint = " ".join(note.remedy for note in self.notes)
        return Place("", f"{self._area.folder.name}/").problem(
            found="no table",
            allowed=f"files named after a table: {ACCEPTED}",
            remedy=hint or f"Hand in at least one table, such as budget.csv: {', '.join(TABLES)}.",
        )

    def _read(self, origin: Origin) -> tuple[pd.DataFrame, Reading]:
        table, source = TABLES[origin.table], origin.source
        mappings = {name: getattr(source, name, None) or {} for name in MAPPINGS}
        unknown = _unknown_columns(origin.table, mappings)
        raw = self._raw(origin)
        nulls = tuple(getattr(source, "nulls", None) or ())
        result = normalise(raw, table, replace(self._rules, nulls=nulls, **mappings))
        problems = [*unknown, *result.problems]
        if any(problem.blocking for problem in problems):
            raise summary(problems)
        area = self._area
        reading = Reading(
            table=origin.table,
            place=raw.place.file + (f", {raw.place.sheet}" if raw.place.sheet else ""),
            files=tuple((area.shown(path), checksum(path)) for path in _files(raw, area)),
            rows=len(result.frame),
            extra_columns=result.extra_columns,
            clock_changes=result.clock_changes,
            encoding=raw.encoding,
            short_rows=raw.notes.get("short_rows", 0),
            notes=tuple(problems),
        )
        return result.frame, reading

    def _raw(self, origin: Origin) -> Raw:
        area, table = self._area, origin.table
        if origin.workbook is not None:
            raw = origin.workbook.read(origin.sheet, table)
            return raw if raw is not None else _blank_sheet(origin, area)
        if origin.source is None:
            return read_file(origin.path, Place(table, area.shown(origin.path)))
        if getattr(origin.source, "query", None):
            place = Place(table, CONFIG_NAME)
            return read_query(origin.source.query, place, area, timezone=self._rules.timezone)
        return _mapped_file(origin.source.file, table, area)


def summary(problems: list[Problem]) -> DataError:
    """Return an error that lists all problems.

    >>> print(summary([Problem("budget", "budget.csv", row=3, column="amount", found="'x'")]))
    1 problem in the tables:
    budget.csv, row 3, column amount – found 'x'
    """
    blocking = [problem for problem in problems if problem.blocking]
    count = f"{len(blocking)} problem{'s' if len(blocking) > 1 else ''} in the tables:"
    return DataError("\n".join([count, *map(str, blocking)]), problems)


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


def _unknown_columns(table: str, mappings: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """Report columns that ``values:`` and ``formats:`` name but nothing else knows."""
    contract = TABLES[table]
    known = {*(column.name for column in contract.columns), *mappings["columns"]}
    if contract.open_columns:
        return
    for mapping in ("values", "formats"):
        for name in mappings[mapping]:
            if name not in known:
                yield Place(table, CONFIG_NAME).problem(
                    found=f"{mapping}: {name}, which is no column of {table}",
                    allowed=", ".join(sorted(plain(item) for item in known)),
                    remedy=f"Correct the name – {nearest(name, known)}",
                )

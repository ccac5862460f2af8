"""Which file, sheet or ``sources:`` entry is which table."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from crm_eval_lib.errors import DataError, UsageError
from crm_eval_lib.sources.excel import Workbook
from crm_eval_lib.sources.files import ACCEPTED, FOREIGN, readable, split_name
from crm_eval_lib.sources.paths import Area
from crm_eval_lib.sources.raw import Place
from crm_eval_lib.tables import TABLES
from crm_eval_lib.tables.spec import Problem
from crm_eval_lib.tables.words import plain

CONFIG_NAME = "client.yml"
WORKBOOK_NAME = "intake.xlsx"
TEMPORARY = ("~$", ".")
LIKELY_MISSPELT = 0.75  # similarity from which a file's name is taken for a slip


@dataclass(frozen=True)
class Origin:
    """Where one table comes from: a file, a sheet of the workbook, or an entry of client.yml."""

    table: str
    path: Path | None = None
    sheet: str = ""
    source: Any = None
    workbook: Workbook | None = None

    def shown(self, area: Area) -> str:
        """Name the origin in a message."""
        if self.source is not None:
            return f"sources: {self.table} in client.yml"
        name = area.shown(self.path) if self.path else ""
        return f"sheet {self.sheet} of {name}" if self.sheet else name


@dataclass(frozen=True)
class Found:
    """The origin of every table, and what was noticed in the folder."""

    origins: dict[str, Origin]
    problems: tuple[Problem, ...]


def find_tables(area: Area, sources: Mapping[str, Any], *, only: Collection[str] = ()) -> Found:
    """Look through the client's folder and client.yml for tables.

    Parameters
    ----------
    area : Area
        The client's folder.
    sources : mapping of str to Source
        Entries of ``sources:``, by table.
    only : collection of str
        Tables to look for; the others are passed over without a look; empty: all.

    Raises
    ------
    UsageError
        The folder is gone.
    """
    if not area.folder.is_dir():  # moved or removed since the client was opened
        raise UsageError(f"{area.folder} is gone. Open the client again, from where it lies now.")
    problems: list[Problem] = []
    candidates = [Origin(name, source=source) for name, source in sources.items()]
    files = _files(area.folder)
    used = _used_by_sources(area, sources)
    for path in files:
        if plain(path.name) == WORKBOOK_NAME:
            candidates += _sheets(path, area, problems)
        else:
            candidates += _table_file(path, area, problems, used.get(path.resolve(), set()))
    problems += [_no_file(path, area) for path in _no_files(area.folder, sources)]
    if only:
        candidates = [origin for origin in candidates if origin.table in only]
        problems = [problem for problem in problems if problem.table in (*only, "")]
    return Found(_one_each(candidates, area, problems), tuple(problems))


def _no_files(folder: Path, sources: Mapping[str, Any]) -> list[Path]:
    """Return what bears a table's name and is no file: a folder, or a link to nothing."""
    return [
        path for path in sorted(folder.iterdir())
        if not path.is_file() and _is_table_name(*split_name(path.name), sources)
    ]  # fmt: skip


def _is_table_name(stem: str, ending: str, sources: Mapping[str, Any]) -> bool:
    """A table that `sources:` describes may well read a folder of that name."""
    if plain(stem + ending) == WORKBOOK_NAME:
        return True
    return plain(stem) in TABLES and plain(stem) not in sources and readable(ending)


def _no_file(path: Path, area: Area) -> Problem:
    table, link = plain(split_name(path.name)[0]), path.is_symlink()
    return Place(table if table in TABLES else "", area.shown(path)).problem(
        found="a link that leads nowhere" if link else "a folder or device in place of a file",
        allowed="a file",
        remedy="Put the file itself there, or remove this.",
    )


def _files(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.iterdir() if path.is_file() and not path.name.startswith(TEMPORARY)
    )


def _used_by_sources(area: Area, sources: Mapping[str, Any]) -> dict[Path, set[str]]:
    """Name the tables whose ``sources:`` entry reads a file."""
    used: dict[Path, set[str]] = {}
    for table, source in sources.items():
        for path in read_by(table, source, area):
            used.setdefault(path, set()).add(table)
    return used


def read_by(table: str, source: Any, area: Area) -> list[Path]:
    """Return the files that a ``sources:`` entry reads, without reading them."""
    if getattr(source, "file", None):
        return area.find(source.file)
    from crm_eval_lib.sources.query import files_named  # and with it the database

    try:
        return files_named(source.query or "", Place(table, CONFIG_NAME), area)
    except DataError:
        return []  # a query that cannot be parsed is reported when its table is read


def _table_file(
    path: Path, area: Area, problems: list[Problem], used_by: set[str]
) -> Iterable[Origin]:
    """Take a file whose name is a table's; point out one whose name is nearly that.

    A file that the ``sources:`` entry of its own table reads is input to it, not a second source.
    """
    stem, ending = split_name(path.name)
    name = plain(stem)
    shown = area.shown(path)
    if name in TABLES and readable(ending):
        if not area.allows(path):
            problems.append(_leads_outside(name, shown, path, area))
        elif name not in used_by:
            yield Origin(name, path)
    elif name in TABLES and ending in FOREIGN and name not in used_by:
        problems.append(
            Place(name, shown).problem(
                found=f"a file with the ending {ending}",
                allowed=ACCEPTED,
                remedy=f"Save it as {name}.csv (CSV UTF-8), or remove it.",
            )
        )
    elif not used_by and (readable(ending) or ending in FOREIGN):
        problems += _nearly(shown, stem, "file", f"{{}}{ending}", extra=("intake",))


def _sheets(path: Path, area: Area, problems: list[Problem]) -> Iterable[Origin]:
    if not area.allows(path):
        problems.append(_leads_outside("", area.shown(path), path, area))
        return
    try:
        book = Workbook(path, area.shown(path))
    except DataError as error:
        problems += error.problems
        return
    for sheet in book.sheets:
        if plain(sheet) in TABLES:
            yield Origin(plain(sheet), path, sheet, workbook=book)
        else:
            problems += _nearly(area.shown(path), sheet, "sheet", "{}")


def _nearly(
    shown: str, name: str, what: str, form: str, extra: tuple[str, ...] = ()
) -> list[Problem]:
    """Point out a name that looks like a table's (the run goes on without it)."""
    titles = {plain(title): key for key, table in TABLES.items()
              for title in (table.title_en, table.title_zh) if title}  # fmt: skip
    known = [*TABLES, *extra, *titles]
    # A title itself comes before likeness: order_lines.csv is orders, "Order lines".
    match = [plain(name)] if plain(name) in titles else []
    match = match or get_close_matches(plain(name), known, n=1, cutoff=LIKELY_MISSPELT)
    if not match:
        return []
    meant = titles.get(match[0], match[0])
    place = Place(meant if meant in TABLES else "", shown, name if what == "sheet" else "")
    return [
        place.problem(
            found=f"the {what} name '{name}', which is no table",
            allowed=f"'{form.format(meant)}'",
            remedy=f"Did you mean '{meant}'? Rename it; until then it is not read.",
            blocking=False,
        )
    ]


def _one_each(candidates: list[Origin], area: Area, problems: list[Problem]) -> dict[str, Origin]:
    """Keep one origin per table; two are a question only the consultant can answer."""
    by_table: dict[str, list[Origin]] = {}
    for origin in candidates:
        by_table.setdefault(origin.table, []).append(origin)
    found = {}
    for name in [name for name in TABLES if name in by_table]:
        origins = by_table[name]
        if len(origins) > 1:
            origins = [origin for origin in origins if not _is_blank_sheet(origin)] or origins[:1]
        if len(origins) > 1:
            places = [origin.shown(area) for origin in origins]
            problems.append(
                Place(name, places[0]).problem(
                    found=f"{len(places)} sources of table {name}: {' and '.join(places)}",
                    allowed="one source per table",
                    remedy="Remove or rename all but the right one.",
                )
            )
        else:
            found[name] = origins[0]
    return found


def _is_blank_sheet(origin: Origin) -> bool:
    """A sheet with headers only, left over from the template, gives way to a file."""
    if origin.workbook is None:
        return False
    try:
        raw = origin.workbook.read(origin.sheet, origin.table)
    except DataError:
        return False  # it is read again with its own message when its turn comes
    return raw is None or not len(raw.rows)


def _leads_outside(table: str, shown: str, path: Path, area: Area) -> Problem:
    return Place(table, shown).problem(
        found=f"a link to {path.resolve()}",
        allowed=area.allowed,
        remedy="Copy the file into the client's folder, or name its folder in roots:.",
    )

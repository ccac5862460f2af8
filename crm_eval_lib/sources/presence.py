"""Which tables lie in a client's folder, told from names and sizes: nothing is read."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crm_eval_lib.sources.excel import sheet_parts
from crm_eval_lib.sources.files import FOREIGN, readable, split_name
from crm_eval_lib.sources.find import TEMPORARY, WORKBOOK_NAME, read_by
from crm_eval_lib.sources.paths import Area
from crm_eval_lib.tables import TABLES
from crm_eval_lib.tables.words import plain

_HEAD = 4096  # bytes of a sheet in which Excel says how far its cells reach
_EXTENT = re.compile(rb'<dimension ref="[A-Z]+\d+(?::[A-Z]+(\d+))?"')


def tables_lying(area: Area, sources: Mapping[str, Any]) -> list[str]:
    """Name the tables that were handed in, in the order of the contract.

    Parameters
    ----------
    area : Area
        The client's folder.
    sources : mapping of str to Source
        ``sources:`` of client.yml.

    Returns
    -------
    list of str
        A file counts by its name unless it is empty; a sheet of the workbook unless the extent
        that Excel states is one row, the headers; a workbook that cannot be opened by its name.
    """
    found = set(_files(area.folder))
    for name, source in sources.items():
        if any(path.is_file() for path in read_by(name, source, area)):
            found.add(name)
    return [name for name in (*TABLES, WORKBOOK_NAME) if name in found]


def _files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.name.startswith(TEMPORARY) or not path.stat().st_size:
            continue
        stem, ending = split_name(path.name)
        if plain(path.name) == WORKBOOK_NAME:
            yield from _sheets(path)
        elif plain(stem) in TABLES and (readable(ending) or ending in FOREIGN):
            yield plain(stem)


def _sheets(path: Path) -> Iterator[str]:
    if not zipfile.is_zipfile(path):
        yield WORKBOOK_NAME
        return
    try:
        parts = dict(sheet_parts(path))
        with zipfile.ZipFile(path) as archive:
            for sheet, part in parts.items():
                if plain(sheet) in TABLES and _has_rows(archive, part):
                    yield plain(sheet)
    except (OSError, zipfile.BadZipFile, SyntaxError):
        yield WORKBOOK_NAME


def _has_rows(archive: zipfile.ZipFile, part: str) -> bool:
    with archive.open(part) as stream:
        extent = _EXTENT.search(stream.read(_HEAD))
    return extent is None or int(extent[1] or 1) > 1

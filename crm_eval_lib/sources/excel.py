"""Excel workbooks: one sheet per table; numbers, dates and error cells told apart."""

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from crm_eval_lib.sources.raw import Place, Raw, capped, numbered_headers, without_blanks
from crm_eval_lib.tables.spec import Problem

OLE_MARK = b"\xd0\xcf\x11\xe0"  # encrypted workbooks and the old .xls format
ENCRYPTED_PART = "EncryptedPackage".encode("utf-16-le")
MICROSECONDS = 1_000_000
_ERROR_CELL = re.compile(rb'<c r="([A-Z]+)(\d+)"(?=[^>]*\bt="e")[^>]*>.*?<v>([^<]*)</v>', re.DOTALL)
_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


class Workbook:
    """An open workbook: names of its sheets, each readable as a `Raw`.

    Parameters
    ----------
    path : Path
        The file.
    shown : str
        Its name in messages.
    """

    def __init__(self, path: Path, shown: str) -> None:
        self.path, self.shown = path, shown
        self._book = _open(path, Place("", shown))
        self._parts: dict[str, str] | None = None

    @property
    def sheets(self) -> list[str]:
        """Names of the sheets, in order."""
        return list(self._book.sheet_names)

    def read(self, sheet: str, table: str) -> Raw | None:
        """Read one sheet; None when it holds nothing at all."""
        place = Place(table, self.shown, sheet)
        try:
            grid = self._book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        except CalamineError as error:
            raise place.refuse(
                found=str(error), remedy="Save the workbook again in Excel as .xlsx."
            ) from error
        filled = [i for i, cells in enumerate(grid) if any(text_of(cell) for cell in cells)]
        if not filled:
            return None
        header, body = filled[0], grid[filled[0] + 1 :]
        headers = numbered_headers([text_of(cell) for cell in grid[header]])
        columns = [
            pa.chunked_array([pa.array([text_of(cells[i]) for cells in body], pa.string())])
            for i in range(len(headers))
        ]
        numbers = np.arange(header + 2, header + 2 + len(body))
        problems = self._error_cells(sheet, place, headers)
        headers, columns, rows = without_blanks(headers, columns, numbers)
        return Raw(place, headers, columns, rows, (self.path,), tuple(problems))

    def _error_cells(self, sheet: str, place: Place, headers: tuple[str, ...]) -> list[Problem]:
        """Find cells such as #N/A, which would otherwise pass for empty ones."""
        if self._parts is None:
            self._parts = dict(sheet_parts(self.path))
        if sheet not in self._parts:
            return []
        with zipfile.ZipFile(self.path) as archive:
            xml = archive.read(self._parts[sheet])
        found = []
        for letters, row, value in _ERROR_CELL.findall(xml):
            position = _position(letters.decode())
            name = headers[position] if position < len(headers) else letters.decode()
            found.append(
                place.problem(
                    row=int(row),
                    column=name,
                    found=f"'{value.decode()}'",
                    allowed="a value or an empty cell",
                    remedy="Mend the formula, or replace it by its value.",
                )
            )
        return capped(found, place)


def text_of(cell: object) -> str | None:
    """Write a cell as text: whole numbers without a fraction, dates in ISO 8601.

    >>> text_of(7.0), text_of(0.1 + 0.2), text_of(dt.date(2024, 1, 5)), text_of("007")
    ('7', '0.30000000000000004', '2024-01-05', '007')
    >>> text_of(12345678901234.0), text_of(True)
    ('12345678901234', 'true')
    """
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime):
        return _whole_second(cell).isoformat()
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)


def _whole_second(moment: dt.datetime) -> dt.datetime:
    """Undo the rounding of Excel's day fractions when within a millisecond of a second."""
    millisecond = MICROSECONDS // 1000
    if moment.microsecond >= MICROSECONDS - millisecond:
        return moment.replace(microsecond=0) + dt.timedelta(seconds=1)
    return moment.replace(microsecond=0) if moment.microsecond <= millisecond else moment


def _open(path: Path, place: Place) -> CalamineWorkbook:
    head = path.read_bytes()
    if not head:
        raise place.refuse(found="an empty file", remedy="Fill the workbook or remove it.")
    try:
        if head.startswith(OLE_MARK):
            _refuse_old_format(head, place)
        return CalamineWorkbook.from_path(str(path))
    except PasswordError as error:
        raise _protected(place) from error
    except (CalamineError, OSError) as error:
        raise place.refuse(
            found=f"a corrupt workbook ({error})",
            allowed="an Excel workbook (.xlsx)",
            remedy="Open it in Excel, save it again as .xlsx, and hand in that copy.",
        ) from error


def _refuse_old_format(head: bytes, place: Place) -> None:
    if ENCRYPTED_PART in head:
        raise _protected(place)
    raise place.refuse(
        found="a workbook in the old .xls format",
        allowed="an Excel workbook (.xlsx)",
        remedy='In Excel choose "Save as – Excel Workbook (.xlsx)".',
    )


def _protected(place: Place) -> Exception:
    return place.refuse(
        found="a password-protected workbook",
        allowed="a workbook that opens without a password",
        remedy="In Excel remove the password (File – Info – Protect Workbook) and save it again.",
    )


def sheet_parts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the name of each sheet and the part of the archive that holds it."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return
        targets = {
            item.get("Id"): item.get("Target", "")
            for item in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        }
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    for item in book.iter():
        if item.tag.endswith("}sheet"):
            target = targets.get(item.get(f"{_RELATIONS}id"), "").lstrip("/")
            part = target if target.startswith("xl/") else f"xl/{target}"
            if part in names:
                yield item.get("name", ""), part


def _position(letters: str) -> int:
    """Return the position of a column from its letters ("A" is 0)."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1  # 26 letters in a column's name
    return number - 1

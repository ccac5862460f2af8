"""CSV and TSV: encoding, delimiter, and rows with too few or too many cells."""

import codecs
import csv
import io
import re
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.csv

from crm_eval_lib.sources.raw import (
    Place,
    Raw,
    capped,
    numbered_headers,
    shorten,
    without_blanks,
)

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DAMAGED_UTF8_RATIO = 10  # this many whole characters per broken one: UTF-8 that was damaged
DELIMITERS = ",;\t"
HEADER_BYTES = 1 << 20  # a header row is looked for in the first MiB
SMALL_BYTES = 1 << 16  # of a file that is read before a thread of Arrow has begun
CELL_CHARACTERS = 1 << 28  # limit of the csv module, raised for long texts
UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")


def read_delimited(data: bytes, place: Place, *, delimiters: str = DELIMITERS) -> Raw:
    """Read a delimited text.

    Parameters
    ----------
    data : bytes
        The file's content.
    place : Place
        Where it comes from.
    delimiters : str
        Allowed delimiters; the one that splits the header into most cells is taken.

    >>> raw = read_delimited("编号;金额\\n007;5\\n".encode("gb18030"), Place("x", "x.csv"))
    >>> raw.headers, raw.rows.tolist(), raw.encoding
    (('编号', '金额'), [2], 'GB18030')
    """
    text, encoding = as_utf8(data, place)
    delimiter = delimiter_of(text, delimiters)
    header, width = _first_record(text, delimiter, place)
    if not width:
        raise place.refuse(
            found="no header row",
            allowed="a header row with the column names, then one row per record",
            remedy="Fill the file or remove it from the folder.",
        )
    cells, numbers, uneven = _cells(text, delimiter, width, place)
    first = int(np.searchsorted(numbers, header))
    headers = numbered_headers([column[first].as_py() for column in cells])
    columns = [column.slice(first + 1) for column in cells]
    headers, kept, rows = without_blanks(headers, columns, numbers[first + 1 :])
    _refuse_open_quote(text, kept, rows, place)
    problems = capped(uneven.problems, place)
    return Raw(place, headers, kept, rows, (), tuple(problems), encoding, delimiter == ";",
               {"short_rows": uneven.short})  # fmt: skip


def as_utf8(data: bytes, place: Place) -> tuple[bytes, str]:
    """Return the text as UTF-8 without marks, and the name of the encoding found."""
    body = data
    while body.startswith(codecs.BOM_UTF8):  # a mark before a mark: joined files, saved twice
        body = body[len(codecs.BOM_UTF8) :]
    if not body.strip():
        raise place.refuse(
            found="an empty file",
            allowed="a header row with the column names, then one row per record",
            remedy="Fill the file or remove it from the folder.",
        )
    if data.startswith(UTF16_MARKS) or b"\x00" in data[:HEADER_BYTES]:
        raise place.refuse(
            found="text in UTF-16" if data.startswith(UTF16_MARKS) else "binary data",
            allowed="text in UTF-8 or GB18030",
            remedy='In Excel choose "Save as – CSV UTF-8 (comma delimited)".',
        )
    try:
        body.decode("utf-8")
        return body, "UTF-8"
    except UnicodeDecodeError as error:
        return _as_gb18030(body, error, place, certain=len(body) < len(data))


def _as_gb18030(
    body: bytes, error: UnicodeDecodeError, place: Place, *, certain: bool
) -> tuple[bytes, str]:
    broken = body.decode("utf-8", errors="replace").count("\ufffd")
    whole = len(UTF8_CHARACTER.findall(body))
    if not certain and whole < DAMAGED_UTF8_RATIO * broken:
        try:
            return body.decode("gb18030").lstrip("\ufeff").encode("utf-8"), "GB18030"
        except UnicodeDecodeError as other:
            error = max(error, other, key=lambda e: e.start)
    row = body[: error.start].count(b"\n") + 1
    line = body[body.rfind(b"\n", 0, error.start) + 1 :].split(b"\n", 1)[0]
    raise place.refuse(
        row=row,
        found=shorten(line.decode("utf-8", errors="replace")),
        allowed="text in UTF-8 or GB18030",
        remedy='Save the file again as "CSV UTF-8"; check this row for damaged characters.',
    )


def delimiter_of(text: bytes, delimiters: str) -> str:
    """Return the delimiter that splits the header into most cells."""
    line = next((ln for ln in text[:HEADER_BYTES].splitlines() if ln.strip()), b"")
    outside = re.sub(rb'"[^"]*"', b"", line).decode("utf-8", errors="ignore")
    return max(delimiters, key=outside.count)


def _first_record(text: bytes, delimiter: str, place: Place) -> tuple[int, int]:
    """Return number and width of the first record that is not blank."""
    head = io.StringIO(text[:HEADER_BYTES].decode("utf-8", errors="ignore"), newline="")
    csv.field_size_limit(CELL_CHARACTERS)
    for number, record in enumerate(csv.reader(head, delimiter=delimiter), 1):
        if any(cell.strip() for cell in record):
            return number, len(record)
    return 0, 0


@dataclass
class _Uneven:
    """Records whose width is not the header's."""

    width: int
    delimiter: str
    place: Place
    numbers: list[int] = field(default_factory=list)
    padded: list[list[str]] = field(default_factory=list)
    problems: list = field(default_factory=list)
    short: int = 0

    def take(self, record: pyarrow.csv.InvalidRow) -> str:
        """Pad a short record, cut empty surplus cells, note a long one."""
        cells = next(csv.reader(io.StringIO(record.text, newline=""), delimiter=self.delimiter), [])
        surplus = [cell for cell in cells[self.width :] if cell.strip()]
        if surplus:
            self.problems.append(self._too_long(record.number, len(cells), surplus[0]))
        self.short += len(cells) < self.width
        self.numbers.append(record.number)
        self.padded.append((cells + [""] * self.width)[: self.width])
        return "skip"

    def _too_long(self, row: int, count: int, first: str) -> object:
        return self.place.problem(
            row=row,
            found=f"{count} cells, the first surplus one {shorten(first)}",
            allowed=f"{self.width} cells as in the header",
            remedy=f'Put values that contain "{self.delimiter}" into quotation marks.',
        )


def _cells(
    text: bytes, delimiter: str, width: int, place: Place
) -> tuple[list[pa.ChunkedArray], np.ndarray, _Uneven]:
    """Read all records as text, in order, with their numbers (the first record is 1)."""
    uneven = _Uneven(width, delimiter, place)
    split = _split(text, delimiter, width) if len(text) <= SMALL_BYTES else None
    if split is not None:
        return split, np.arange(1, len(split[0]) + 1), uneven
    names = [str(position) for position in range(width)]
    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(text),
            pyarrow.csv.ReadOptions(
                use_threads=False, column_names=names, block_size=min(len(text) + 1, 2**31 - 1)
            ),
            pyarrow.csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False,
                invalid_row_handler=uneven.take,
            ),
            pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )  # fmt: skip
    except pa.ArrowInvalid as error:
        raise place.refuse(
            found=str(error).splitlines()[0],
            allowed="comma- or semicolon-separated text",
            remedy="Open the file in a spreadsheet and save it again as CSV UTF-8.",
        ) from error
    total = table.num_rows + len(uneven.numbers)
    numbers, columns = np.arange(1, total + 1), table.columns
    if not uneven.numbers:
        return columns, numbers, uneven
    numbers = np.setdiff1d(numbers, np.asarray(uneven.numbers, dtype=np.int64))
    numbers = np.concatenate([numbers, uneven.numbers]).astype(np.int64)
    order = pa.array(np.argsort(numbers, kind="stable"))
    patched = [
        pa.chunked_array(
            [*column.chunks, pa.array([cells[i] for cells in uneven.padded], pa.string())]
        )
        for i, column in enumerate(columns)
    ]
    return [column.take(order) for column in patched], np.sort(numbers), uneven


def _split(text: bytes, delimiter: str, width: int) -> list[pa.ChunkedArray] | None:
    """Split a text into columns; None where uneven records or odd quotation need more care."""
    stream = io.StringIO(text.decode(), newline="")
    try:
        records = list(csv.reader(stream, delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    if any(len(record) != width for record in records):
        return None
    return [pa.chunked_array([cells], pa.string()) for cells in zip(*records, strict=True)]


def _refuse_open_quote(text: bytes, columns: tuple, rows: np.ndarray, place: Place) -> None:
    """An unclosed quotation mark swallows the rest of the file into one cell: say where."""
    if not len(rows) or text.count(b'"') % 2 == 0:
        return
    last = [column[-1].as_py() or "" for column in columns]
    if any("\n" in cell for cell in last):
        raise place.refuse(
            row=int(rows[-1]),
            found=shorten(next(cell for cell in last if "\n" in cell).splitlines()[0]),
            allowed="a quotation mark at both ends of a value",
            remedy="Close the quotation mark that opens in this row, or remove it.",
        )

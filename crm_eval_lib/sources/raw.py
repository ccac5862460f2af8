"""What a reader hands on: headers, cells as found, and the row numbers a person sees."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crm_eval_lib.errors import DataError
from crm_eval_lib.tables.spec import Problem

LISTED_PER_COLUMN = 50  # places named one by one; the rest is counted
SHOWN_CHARACTERS = 40  # a value quoted in a message is cut here


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table comes from, as messages name it."""

    table: str
    file: str
    sheet: str = ""

    def problem(self, **more: object) -> Problem:
        """Describe a defect at this place."""
        return Problem(table=self.table, file=self.file, sheet=self.sheet, **more)

    def refuse(self, **more: object) -> DataError:
        """Return an error with a single defect at this place, to be raised."""
        problem = self.problem(**more)
        return DataError(str(problem), [problem])


@dataclass(frozen=True)
class Raw:
    """A table as read.

    Parameters
    ----------
    headers : tuple of str
        As found; blank ones are named by their position.
    columns : tuple of pyarrow.ChunkedArray
        Text as found, or typed where the file has types.
    rows : numpy.ndarray
        For each row the number a person sees: the record in a CSV file or the row of a sheet
        (header = 1), the line in JSONL, the record (from 1) in Parquet and of a query.
    files : tuple of Path
        The files read.
    decimal_doubt : bool
        The file separates cells by semicolons: "1,234" may be a decimal comma.
    """

    place: Place
    headers: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    rows: np.ndarray
    files: tuple[Path, ...]
    problems: tuple[Problem, ...] = ()
    encoding: str = ""
    decimal_doubt: bool = False
    notes: dict[str, int] = field(default_factory=dict)


def shorten(value: object) -> str:
    """Quote a value for a message, cut when long.

    >>> shorten("x" * 50)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'"
    """
    text = str(value)
    cut = text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"
    return f"'{cut}'"


def capped(problems: Sequence[Problem], place: Place, column: str = "") -> list[Problem]:
    """Keep the first places and count the rest."""
    shown = list(problems[:LISTED_PER_COLUMN])
    rest = len(problems) - len(shown)
    return [*shown, more(rest, place, column)] if rest else shown


def each(
    positions: np.ndarray, describe: Callable[[int], dict[str, object]], raw: "Raw", column: str
) -> list[Problem]:
    """Describe the first places one by one and count the rest.

    Parameters
    ----------
    positions : numpy.ndarray
        Positions of the rows in `raw`.
    describe : callable
        Gives found, allowed and remedy of one position.
    """
    problems = [
        raw.place.problem(row=int(raw.rows[position]), column=column, **describe(int(position)))
        for position in positions[:LISTED_PER_COLUMN]
    ]
    rest = len(positions) - len(problems)
    return [*problems, more(rest, raw.place, column)] if rest else problems


def more(count: int, place: Place, column: str) -> Problem:
    """Say how many further rows have the defects just listed."""
    remedy = f"and {count:,} more rows of this column with the same kind of defect."
    return place.problem(column=column, remedy=remedy)


def numbered_headers(names: Sequence[object]) -> tuple[str, ...]:
    """Name blank headers by position and make repeated ones distinct.

    >>> numbered_headers(["a", "", "a"])
    ('a', '(column 2)', 'a (2)')
    """
    seen: dict[str, int] = {}
    found = []
    for position, name in enumerate(names, 1):
        text = " ".join(str("" if name is None else name).replace("\ufeff", "").split())
        text = text or f"(column {position})"
        seen[text] = seen.get(text, 0) + 1
        found.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
    return tuple(found)


def without_blanks(
    headers: Sequence[str], columns: Sequence[pa.ChunkedArray], rows: np.ndarray
) -> tuple[tuple[str, ...], tuple[pa.ChunkedArray, ...], np.ndarray]:
    """Drop rows without any value and nameless columns without any value; row numbers stay."""
    wanted = [
        position
        for position, header in enumerate(headers)
        if not header.startswith("(column ") or _filled(columns[position]).any()
    ]
    headers, columns = tuple(headers[i] for i in wanted), tuple(columns[i] for i in wanted)
    keep = np.zeros(len(rows), dtype=bool)
    for column in columns:
        keep |= _filled(column)
        if keep.all():  # as a rule after the first, the id
            return headers, columns, rows
    mask = pa.array(keep)
    return headers, tuple(column.filter(mask) for column in columns), rows[keep]


def _filled(column: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_floating(column.type):
        return ~np.isnan(column.to_numpy())
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return pc.is_valid(column).to_numpy()
    present = pc.not_equal(pc.utf8_trim_whitespace(column), "")
    return pc.fill_null(present, False).to_numpy().astype(bool)

"""The beginning of a large file: its columns, and how the database reads their cells."""

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from crm_eval_lib.sources.delimited import DELIMITERS, HEADER_BYTES, delimiter_of, read_delimited
from crm_eval_lib.sources.files import split_name
from crm_eval_lib.sources.normalise import Rules
from crm_eval_lib.sources.raw import Place, Raw
from crm_eval_lib.sources.typed import from_arrow

NOT_PLAIN = "not plainly valid"
TEXT, ZONED = "VARCHAR", "TIMESTAMP WITH TIME ZONE"
MOMENTS = ("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S", ZONED)
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
NUMBERS = (*_WHOLE, "FLOAT", "DOUBLE")
_SAMPLE_ROWS = 10_000  # of a Parquet file, to see its headers and whether moments have offsets


@dataclass(frozen=True)
class Head:
    """The beginning of a file; of a Parquet file names and types of its columns.

    ``tidy`` says that no cell is expected to have blanks at its ends: to trim all texts of a large
    log costs a third of its reading.
    """

    raw: Raw
    delimiter: str
    names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    tidy: bool = False

    def looks_tidy(self) -> bool:
        """Say whether the rows seen here have no blanks at the ends of their texts."""
        texts = (c for n, c in enumerate(self.raw.columns) if self.kind(n) == TEXT)
        return not any(cells.str.match(r"\s|.*\s$", flags=re.DOTALL).any()
                       for cells in (c.to_pandas().dropna() for c in texts))  # fmt: skip

    def kind(self, position: int) -> str:
        """Return the type of a column."""
        return self.kinds[position] if self.kinds else TEXT

    def offsets(self, position: int) -> bool | None:
        """Say whether the moments of a column carry an offset; None where some do."""
        cells = self.raw.columns[position].to_pandas().str.strip().replace("", None).dropna()
        marked = cells.str.contains(r"[T ]\d\d:\d\d.*(?:Z|[+-]\d\d:\d\d)$", regex=True)
        return bool(marked.all()) if marked.all() or not marked.any() else None


def text_head(path: Path, place: Place) -> Head:
    """Read the beginning of a delimited text, packed or not; only UTF-8 is plain."""
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    with opener(path, "rb") as stream:
        data = stream.read(HEADER_BYTES)
    data = data[: data.rfind(b"\n") + 1]
    delimiters = "\t" if ".tsv" in split_name(path.name)[1] else DELIMITERS
    raw = read_delimited(data, place, delimiters=delimiters)
    if raw.encoding != "UTF-8" or raw.notes.get("short_rows"):
        raise place.refuse(found="text that is not plain")
    return Head(raw, delimiter_of(data, delimiters))


def typed_head(path: Path, place: Place) -> Head:
    """Read the first rows of a Parquet file and the types of its columns."""
    with duckdb.connect() as database:
        told = database.execute(f"DESCRIBE SELECT * FROM read_parquet({quoted(path)})").fetchall()
    names, kinds = zip(*(row[:2] for row in told), strict=True)
    batches = pq.ParquetFile(path).iter_batches(_SAMPLE_ROWS)
    raw = from_arrow(pa.Table.from_batches([next(batches)]), place)
    if list(raw.headers) != list(names) or not set(kinds) <= {TEXT, *MOMENTS, *NUMBERS}:
        raise place.refuse(found="columns that are not plain")
    return Head(raw, "", names, kinds)


def rows_of(path: Path, head: Head) -> str:
    """Return where the columns come from, as x0, x1 …"""
    if head.kinds:
        columns = ", ".join(f"{named(name)} AS x{n}" for n, name in enumerate(head.names))
        return f"(SELECT {columns} FROM read_parquet({quoted(path)}))"
    names = ", ".join(f"'x{place}': 'VARCHAR'" for place in range(len(head.raw.headers)))
    return (
        f"read_csv({quoted(path)}, header = true, delim = {quoted(head.delimiter)}, "
        f"columns = {{{names}}}, quote = '\"', escape = '\"', auto_detect = false, "
        "strict_mode = true, null_padding = false, ignore_errors = false)"
    )


def text_of(position: int, head: Head, rules: Rules) -> str:
    """Return a cell, trimmed if need be; blanks and the client's words for nothing are empty."""
    kind = head.kind(position)
    if kind != TEXT:
        return f"x{position}::VARCHAR" if kind in _WHOLE else f"error({quoted(NOT_PLAIN)})"
    cell = f"x{position}" if head.tidy else f"trim(x{position})"
    text = f"nullif({cell}, '')"
    if not rules.nulls:
        return text
    words = ", ".join(quoted(word.strip()) for word in rules.nulls)
    return f"CASE WHEN {text} IN ({words}) THEN NULL ELSE {text} END"


def or_error(condition: str, value: str) -> str:
    """Return a value where a condition holds; elsewhere the database stops."""
    return f"CASE WHEN {condition} THEN {value} ELSE error({quoted(NOT_PLAIN)}) END"


def quoted(value: object) -> str:
    """Return a text as the database reads it."""
    return "'" + str(value).replace("'", "''") + "'"


def named(value: str) -> str:
    """Return the name of a column as the database reads it."""
    return '"' + value.replace('"', '""') + '"'

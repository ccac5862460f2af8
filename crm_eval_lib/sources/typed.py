"""Parquet and JSON lines."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from crm_eval_lib.sources.delimited import as_utf8
from crm_eval_lib.sources.raw import Place, Raw, capped, numbered_headers, shorten, without_blanks
from crm_eval_lib.text.safe import REPLACEMENT

PANDAS_INDEX = "__index_level_"  # how pandas stores a frame's index
_HALVES = re.compile("[\ud800-\udfff]")  # half a character, which JSON can escape alone
KEPT = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal,
    pa.types.is_timestamp,
    pa.types.is_date,
)


def read_parquet(data: bytes, place: Place) -> Raw:
    """Read a Parquet file; its records are numbered from 1."""
    if not data:
        raise place.refuse(found="an empty file", remedy="Fill the file or remove it.")
    try:
        table = pq.read_table(pa.BufferReader(data))
    except (pa.ArrowException, OSError) as error:
        raise place.refuse(
            found=f"a corrupt Parquet file ({str(error).splitlines()[0]})",
            remedy="Write the file again, or hand the table in as CSV.",
        ) from error
    index = [name for name in table.column_names if name.startswith(PANDAS_INDEX)]
    return from_arrow(table.drop_columns(index), place)


def from_arrow(table: pa.Table, place: Place, *, files: tuple[Path, ...] = ()) -> Raw:
    """Take a table that has types, records numbered from 1."""
    rows = np.arange(1, table.num_rows + 1)
    headers = numbered_headers(table.column_names)
    headers, columns, rows = without_blanks(headers, [plain(c) for c in table.columns], rows)
    return Raw(place, headers, columns, rows, files)


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Undo dictionaries; write lists, structures and rarer types as text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return plain(column.cast(kind.value_type))
    if any(known(kind) for known in KEPT):
        return column
    write = _json if pa.types.is_nested(kind) else str
    texts = [None if v is None else write(v) for v in column.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string())])


def read_jsonl(data: bytes, place: Place) -> Raw:
    """Read one JSON object per line; the row number is the line's.

    >>> raw = read_jsonl(b'{"id": 7, "amount": 12.50}\\n', Place("x", "x.jsonl"))
    >>> raw.headers, raw.columns[1].to_pylist()
    (('id', 'amount'), ['12.50'])
    """
    text, encoding = as_utf8(data, place)
    problems: list = []
    records = dict(_records(text, place, problems))
    names = list(dict.fromkeys(name for record in records.values() for name in record))
    columns = [
        pa.chunked_array([pa.array([r.get(name) for r in records.values()], pa.string())])
        for name in names
    ]
    rows = np.array(list(records), dtype=np.int64)
    headers, kept, rows = without_blanks(numbered_headers(names), columns, rows)
    return Raw(place, headers, kept, rows, (), tuple(capped(problems, place)), encoding)


def _records(text: bytes, place: Place, problems: list) -> Iterator[tuple[int, dict[str, Any]]]:
    decoder = json.JSONDecoder(parse_float=_number, parse_int=str, parse_constant=str)
    for number, line in enumerate(io.StringIO(text.decode("utf-8")), 1):
        if not line.strip():
            continue
        try:
            record = decoder.decode(line.strip())
        except ValueError:
            record = None
        if isinstance(record, dict):
            yield number, _whole({name: _cell(value) for name, value in record.items()}, line)
        else:
            problems.append(
                place.problem(
                    row=number,
                    found=shorten(line.strip()),
                    allowed='one JSON object per line, such as {"id": "7", "amount": 12.5}',
                    remedy="Write each record on a line of its own.",
                )
            )


def _whole(record: dict[str, str | None], line: str) -> dict[str, str | None]:
    """Put the replacement character where an escape left half a character: it is no text."""
    if "\\u" not in line:
        return record
    return {
        _HALVES.sub(REPLACEMENT, name): value and _HALVES.sub(REPLACEMENT, value)
        for name, value in record.items()
    }


def _number(text: str) -> str:
    """Keep a number's text; a fraction of zeros says nothing (7.0 is the id 7)."""
    whole, _, fraction = text.partition(".")
    return whole if fraction and not fraction.strip("0") else text


def _cell(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)

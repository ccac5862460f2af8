"""A large event log, written as Parquet by the database without passing through memory.

Delimited text and Parquet; archives and text in GB18030 are unpacked and decoded in a stream first.
Only a file in which every value is plainly valid is taken; at the first one that is not, the file
is left to the reader that names row and column of each defect.
"""

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pandas as pd
import pyarrow as pa

from crm_eval_lib.errors import DataError
from crm_eval_lib.sources.headers import Matched, match_headers
from crm_eval_lib.sources.heads import (
    MOMENTS,
    NOT_PLAIN,
    NUMBERS,
    TEXT,
    ZONED,
    Head,
    named,
    or_error,
    quoted,
    rows_of,
    text_head,
    text_of,
    typed_head,
)
from crm_eval_lib.sources.local_time import LocalTime
from crm_eval_lib.sources.normalise import Rules
from crm_eval_lib.sources.raw import Place
from crm_eval_lib.sources.streamed import recoded, unpacked
from crm_eval_lib.tables.spec import Column, Problem, Table
from crm_eval_lib.tables.words import value_map
from crm_eval_lib.worktime import MICROSECONDS_PER_DAY

_UNREADABLE = (DataError, OSError, EOFError, zlib.error, zipfile.BadZipFile, pa.ArrowException,
               duckdb.Error)  # fmt: skip
# Blanks at the ends of a text, also those the database does not trim: the careful reader does.
_BLANK = (
    r"[\s\x{b}\x{1c}-\x{1f}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}"
    r"\x{205f}\x{3000}]"
)
_MOMENT = r"\d{4}-(0[1-9]|1[0-2])-\d{2}([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?)?"
_OFFSET = r"(Z|[+-]([01]\d):[0-5]\d)"


@dataclass(frozen=True)
class Written:
    """What is known of a log that was written."""

    rows: int
    extra_columns: tuple[str, ...]
    clock_changes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()
    encoding: str = "UTF-8"


def write_log(
    path: Path, target: Path, place: Place, *, table: Table, rules: Rules
) -> Written | None:
    """Write a log as Parquet; None where the careful reader has to look at it.

    Parameters
    ----------
    path, target : Path
        The file, and the Parquet file to write.
    place : Place
        As messages name the file.
    table : Table
        The contract of its columns.
    rules : Rules
        What client.yml says; mapped values and formats are left to the careful reader.
    """
    if rules.values or rules.formats:
        return None
    try:
        with TemporaryDirectory(dir=target.parent) as name:
            folder = Path(name)
            source = unpacked(path, folder, place)
            written = _from(source, target, place, table=table, rules=rules)
            if written is not None or _is_parquet(source):
                return written
            text = recoded(source, folder)
            written = text and _from(text, target, place, table=table, rules=rules)
            return written and replace(written, encoding="GB18030")
    except _UNREADABLE:
        return None


def _from(path: Path, target: Path, place: Place, *, table: Table, rules: Rules) -> Written | None:
    """Write a file that the database can read."""
    try:
        head = typed_head(path, place) if _is_parquet(path) else text_head(path, place)
    except _UNREADABLE:
        return None
    matched = match_headers(head.raw, table, rules.columns)
    folded = [name.lower() for name in (*matched.positions, *matched.extras)]
    if rules.nulls and set(head.kinds) - {TEXT}:  # whether a number stands for nothing
        return None
    if head.raw.problems or any(p.blocking for p in matched.problems):
        return None
    if len(folded) != len(set(folded)) or any(h.startswith("(column ") for h in head.raw.headers):
        return None
    # Where blanks turn up later in the file, or anything else is odd, all cells are trimmed.
    reads = [replace(head, tidy=True), head] if head.looks_tidy() else [head]
    if not any(_copied(path, target, one, table=table, matched=matched, rules=rules)
               for one in reads):  # fmt: skip
        target.unlink(missing_ok=True)
        return None
    stamps = [c.name for c in table.columns if _is_moment(c) and c.name in matched.positions
              and _is_local(matched.positions[c.name], head)]  # fmt: skip
    written = _written(target, matched, LocalTime(rules.timezone), stamps)
    return replace(written, encoding=head.raw.encoding)


def _copied(
    path: Path, target: Path, head: Head, *, table: Table, matched: Matched, rules: Rules
) -> bool:
    """Write the checked columns; False at the first value that is not plainly valid."""
    plain = [c.name for c in table.columns if not _is_moment(c)]
    plain += [name for name, place in matched.extras.items() if head.kind(place) == TEXT]
    try:
        with duckdb.connect() as database:
            database.register("local_days", LocalTime(rules.timezone).table())
            query = _query(path, head, table, matched, rules)
            database.execute(f"COPY ({query}) TO {quoted(target)} (FORMAT parquet)")
            _refuse_blanks(database, target, plain)
    except duckdb.Error:
        return False
    return True


def _is_parquet(path: Path) -> bool:
    return path.name.lower().endswith(".parquet")


def _is_local(position: int, head: Head) -> bool:
    """Say whether the moments of a column are read by the client's clock."""
    kind = head.kind(position)
    return head.offsets(position) is False if kind == TEXT else kind != ZONED


def _is_moment(column: Column) -> bool:
    return column.kind == "timestamp"


def _refuse_blanks(database: duckdb.DuckDBPyConnection, target: Path, names: list[str]) -> None:
    """Look once at every distinct text for blanks that were not trimmed."""
    ends = quoted(f"^{_BLANK}|{_BLANK}$")
    for name in names:
        texts = f"SELECT DISTINCT {named(name)} AS text FROM read_parquet({quoted(target)})"
        found = f"SELECT coalesce(bool_or(regexp_matches(text, {ends})), FALSE) FROM ({texts})"
        if database.execute(found).fetchall()[0][0]:
            raise duckdb.InvalidInputException(NOT_PLAIN)


def _column(column: Column, position: int | None, head: Head, rules: Rules) -> str:
    """Return the expression of a column of the contract."""
    if position is None:
        default = "NULL" if column.default is None else quoted(column.default)
        return f"{default}::{'TIMESTAMPTZ' if column.kind == 'timestamp' else 'VARCHAR'}"
    if head.kind(position) in MOMENTS and _is_moment(column):
        value, text = f"make_timestamptz(m{position})", f"x{position}"
        return or_error(f"{text} IS NOT NULL", value) if column.required else value
    value = text = text_of(position, head, rules)
    if column.values:
        words = " ".join(
            f"WHEN {quoted(word)} THEN {quoted(code)}" for word, code in value_map(column).items()
        )
        unknown = or_error(f"{text} IS NULL", text)
        value = f"CASE lower({text}) {words} ELSE {unknown} END"
    elif column.kind == "timestamp":
        value = f"make_timestamptz(m{position})"
    if column.default is not None:
        return f"coalesce({value}, {quoted(column.default)})"
    return or_error(f"{text} IS NOT NULL", value) if column.required else value


def _further(position: int, head: Head, rules: Rules) -> str:
    """Return a column beyond the contract: numbers stay numbers."""
    if head.kind(position) in NUMBERS:
        return f"x{position}"
    return text_of(position, head, rules)


def _moment(position: int, head: Head, rules: Rules) -> tuple[str, bool]:
    """Return a moment's expression in microseconds, and whether it is local time."""
    if (kind := head.kind(position)) != TEXT:
        plain = kind in MOMENTS
        return f"epoch_us(x{position})" if plain else f"error({quoted(NOT_PLAIN)})", kind != ZONED
    text, offset = text_of(position, head, rules), head.offsets(position)
    if offset is None:
        return f"error({quoted(NOT_PLAIN)})", False
    pattern = _MOMENT + _OFFSET if offset else _MOMENT
    plain = f"{text} IS NULL OR regexp_full_match({text}, {quoted(pattern)})"
    kind = "TIMESTAMPTZ" if offset else "TIMESTAMP"
    return or_error(plain, f"epoch_us({text}::{kind})"), not offset


def _query(path: Path, head: Head, table: Table, matched: Matched, rules: Rules) -> str:
    local = LocalTime(rules.timezone)
    moments = [matched.positions[c.name] for c in table.columns
               if c.kind == "timestamp" and c.name in matched.positions]  # fmt: skip
    read, placed, joins = [], [], []
    for position in moments:
        value, is_local = _moment(position, head, rules)
        read.append(f"{value} AS n{position}")
        day = f"d{position}"
        placed.append(
            f"{local.sql(f'n{position}', day) if is_local else f'n{position}'} AS m{position}"
        )
        if is_local and local.fixed is None:
            joins.append(
                f"LEFT JOIN local_days {day} ON {day}.day = n{position} // {MICROSECONDS_PER_DAY}"
            )
    columns = [f"{_column(c, matched.positions.get(c.name), head, rules)} AS {c.name}"
               for c in table.columns]  # fmt: skip
    columns += [f"{_further(place, head, rules)} AS {named(name)}"
                for name, place in matched.extras.items()]  # fmt: skip
    return f"""
        SELECT {", ".join(columns)} FROM (
          SELECT *, {", ".join(placed)} FROM (
            SELECT *, {", ".join(read)} FROM {rows_of(path, head)}) {" ".join(joins)})"""


def _written(target: Path, matched: Matched, local: LocalTime, stamps: list[str]) -> Written:
    extras = tuple(matched.extras)
    with duckdb.connect() as database:
        source = f"read_parquet({quoted(target)})"
        rows = database.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0]
        clocks = {}
        spans = [] if local.fixed is not None else local.repeated()
        for name in stamps if spans else []:
            database.register("spans", pd.DataFrame(spans, columns=["low", "high"]))
            count = database.execute(
                f"SELECT count(*) FROM {source} e JOIN spans ON epoch_us(e.{name}) >= low "
                f"AND epoch_us(e.{name}) < high"
            ).fetchall()[0][0]
            if count:
                clocks[name] = (count, 0)
    return Written(rows, extras, clocks, matched.problems)

"""A large delimited event log, written as Parquet by the database without passing through memory.

Only a file in which every value is plainly valid is taken; at the first one that is not, the file
is left to the reader that names row and column of each defect.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd

from crm_eval_lib.errors import DataError
from crm_eval_lib.sources.delimited import DELIMITERS, HEADER_BYTES, delimiter_of, read_delimited
from crm_eval_lib.sources.files import split_name
from crm_eval_lib.sources.headers import Matched, match_headers
from crm_eval_lib.sources.local_time import LocalTime
from crm_eval_lib.sources.normalise import Rules
from crm_eval_lib.sources.raw import Place, Raw
from crm_eval_lib.tables.spec import Column, Problem, Table
from crm_eval_lib.tables.words import value_map
from crm_eval_lib.worktime import MICROSECONDS_PER_DAY

LARGE_BYTES = {".csv": 64 << 20, ".tsv": 64 << 20, ".csv.gz": 8 << 20, ".tsv.gz": 8 << 20}
# Blanks other than the plain one at the ends of a text: the careful reader trims them all.
_BLANK = (
    r"[\s\x{b}\x{1c}-\x{1f}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}"
    r"\x{205f}\x{3000}]"
)
_MOMENT = r"\d{4}-(0[1-9]|1[0-2])-\d{2}([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?)?"
_OFFSET = r"(Z|[+-]([01]\d):[0-5]\d)"
_NOT_PLAIN = "not plainly valid"


@dataclass(frozen=True)
class Written:
    """What is known of a log that was written."""

    rows: int
    extra_columns: tuple[str, ...]
    clock_changes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()


def is_large(path: Path) -> bool:
    """Say whether a file is delimited text that is not to be read into memory."""
    least = LARGE_BYTES.get(split_name(path.name)[1])
    return least is not None and path.stat().st_size >= least


def write_log(
    path: Path, target: Path, place: Place, *, table: Table, rules: Rules
) -> Written | None:
    """Write a delimited log as Parquet; None where the careful reader has to look at it.

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
        head = _head(path, place)
    except (DataError, OSError, EOFError):
        return None
    matched = match_headers(head.raw, table, rules.columns)
    folded = [name.lower() for name in (*matched.positions, *matched.extras)]
    if head.raw.problems or any(p.blocking for p in matched.problems):
        return None
    if len(folded) != len(set(folded)) or any(h.startswith("(column ") for h in head.raw.headers):
        return None
    local = LocalTime(rules.timezone)
    query = _query(path, head, table, matched, rules)
    try:
        with duckdb.connect() as database:
            database.register("local_days", local.table())
            database.execute(f"COPY ({query}) TO {_quote(target)} (FORMAT parquet)")
            _refuse_blanks(database, target, [c.name for c in table.columns if not _is_moment(c)]
                           + list(matched.extras))  # fmt: skip
    except duckdb.Error:
        target.unlink(missing_ok=True)
        return None
    stamps = [c.name for c in table.columns if _is_moment(c) and c.name in matched.positions]
    return _written(target, matched, local, stamps)


def _is_moment(column: Column) -> bool:
    return column.kind == "timestamp"


def _refuse_blanks(database: duckdb.DuckDBPyConnection, target: Path, names: list[str]) -> None:
    """Look once at every distinct text for blanks of other kinds."""
    ends = _quote(f"^{_BLANK}|{_BLANK}$")
    for name in names:
        texts = f"SELECT DISTINCT {_name(name)} AS text FROM read_parquet({_quote(target)})"
        found = f"SELECT coalesce(bool_or(regexp_matches(text, {ends})), FALSE) FROM ({texts})"
        if database.execute(found).fetchall()[0][0]:
            raise duckdb.InvalidInputException(_NOT_PLAIN)


@dataclass(frozen=True)
class _Head:
    """The beginning of a file."""

    raw: Raw
    delimiter: str

    def offsets(self, position: int) -> bool | None:
        """Say whether the moments of a column carry an offset; None where some do."""
        cells = self.raw.columns[position].to_pandas().str.strip().replace("", None).dropna()
        marked = cells.str.contains(r"[T ]\d\d:\d\d.*(?:Z|[+-]\d\d:\d\d)$", regex=True)
        return bool(marked.all()) if marked.all() or not marked.any() else None


def _head(path: Path, place: Place) -> _Head:
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    with opener(path, "rb") as stream:
        data = stream.read(HEADER_BYTES)
    data = data[: data.rfind(b"\n") + 1]
    delimiters = "\t" if ".tsv" in split_name(path.name)[1] else DELIMITERS
    raw = read_delimited(data, place, delimiters=delimiters)
    if raw.encoding != "UTF-8" or raw.notes.get("short_rows"):
        raise place.refuse(found="text that is not plain")
    return _Head(raw, delimiter_of(data, delimiters))


def _column(column: Column, position: int | None, rules: Rules) -> str:
    """Return the expression of a column of the contract."""
    if position is None:
        default = "NULL" if column.default is None else _quote(column.default)
        return f"{default}::{'TIMESTAMPTZ' if column.kind == 'timestamp' else 'VARCHAR'}"
    value = text = _text(position, rules)
    if column.values:
        words = " ".join(
            f"WHEN {_quote(word)} THEN {_quote(code)}" for word, code in value_map(column).items()
        )
        unknown = _or_error(f"{text} IS NULL", text)
        value = f"CASE lower({text}) {words} ELSE {unknown} END"
    elif column.kind == "timestamp":
        value = f"make_timestamptz(m{position})"
    if column.default is not None:
        return f"coalesce({value}, {_quote(column.default)})"
    return _or_error(f"{text} IS NOT NULL", value) if column.required else value


def _moment(position: int, head: _Head, rules: Rules) -> tuple[str, bool]:
    """Return a moment's expression in microseconds, and whether it is local time."""
    text, offset = _text(position, rules), head.offsets(position)
    if offset is None:
        return f"error({_quote(_NOT_PLAIN)})", False
    pattern = _MOMENT + _OFFSET if offset else _MOMENT
    plain = f"{text} IS NULL OR regexp_full_match({text}, {_quote(pattern)})"
    kind = "TIMESTAMPTZ" if offset else "TIMESTAMP"
    return _or_error(plain, f"epoch_us({text}::{kind})"), not offset


def _query(path: Path, head: _Head, table: Table, matched: Matched, rules: Rules) -> str:
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
    columns = [f"{_column(c, matched.positions.get(c.name), rules)} AS {c.name}"
               for c in table.columns]  # fmt: skip
    columns += [f"{_text(place, rules)} AS {_name(name)}" for name, place in matched.extras.items()]
    return f"""
        SELECT {", ".join(columns)} FROM (
          SELECT *, {", ".join(placed)} FROM (
            SELECT *, {", ".join(read)} FROM {_csv(path, head)}) {" ".join(joins)})"""


def _csv(path: Path, head: _Head) -> str:
    names = ", ".join(f"'x{place}': 'VARCHAR'" for place in range(len(head.raw.headers)))
    return (
        f"read_csv({_quote(path)}, header = true, delim = {_quote(head.delimiter)}, "
        f"columns = {{{names}}}, quote = '\"', escape = '\"', auto_detect = false, "
        "strict_mode = true, null_padding = false, ignore_errors = false)"
    )


def _written(target: Path, matched: Matched, local: LocalTime, stamps: list[str]) -> Written:
    extras = tuple(matched.extras)
    with duckdb.connect() as database:
        source = f"read_parquet({_quote(target)})"
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


def _text(position: int, rules: Rules) -> str:
    """Return a trimmed cell; blanks and the client's words for nothing are empty."""
    text = f"nullif(trim(x{position}), '')"
    if not rules.nulls:
        return text
    words = ", ".join(_quote(word.strip()) for word in rules.nulls)
    return f"CASE WHEN {text} IN ({words}) THEN NULL ELSE {text} END"


def _or_error(condition: str, value: str) -> str:
    return f"CASE WHEN {condition} THEN {value} ELSE error({_quote(_NOT_PLAIN)}) END"


def _quote(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'

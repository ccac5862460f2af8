"""A raw table to the frame of the contract, with every defect and its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crm_eval_lib.sources import checks
from crm_eval_lib.sources.headers import match_headers
from crm_eval_lib.sources.messages import (
    CODE_KINDS,
    MOMENT_KINDS,
    TEXT_KINDS,
    allowed,
    is_coded,
    remedy,
)
from crm_eval_lib.sources.moments import RESOLUTION, Moments, to_dates, to_timestamps
from crm_eval_lib.sources.raw import Raw, each, shorten
from crm_eval_lib.sources.roles import without_names
from crm_eval_lib.sources.values import (
    Cells,
    Converted,
    emptied,
    in_frame,
    replaced,
    texts,
    to_codes,
    to_numbers,
    to_text,
)
from crm_eval_lib.tables.spec import Column, Problem, Table
from crm_eval_lib.tables.words import value_map


@dataclass(frozen=True)
class Rules:
    """What client.yml says about reading: zone, currency, and one table's mappings."""

    timezone: str
    currency: str
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    nulls: tuple[str, ...] = ()
    formats: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Normalised:
    """The columns of the contract and what was noticed on the way."""

    columns: dict[str, Cells]
    problems: tuple[Problem, ...]
    extra_columns: tuple[str, ...] = ()
    clock_changes: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The columns as a frame; a run keeps most tables without ever making one."""
        return pd.DataFrame(self.columns, copy=False)


def normalise(raw: Raw, table: Table, rules: Rules) -> Normalised:
    """Turn a raw table into the columns of its contract.

    All declared columns are there (absent ones empty), then the file's further columns; every
    problem of every column is gathered.
    """
    matched = match_headers(raw, table, rules.columns)
    problems = [*raw.problems, *matched.problems]
    columns: dict[str, Cells] = {}
    clocks: dict[str, tuple[int, int]] = {}
    for column in table.columns:
        if column.name not in matched.positions:
            columns[column.name] = _absent(column, len(raw.rows), rules)
            continue
        cells = _prepared(raw.columns[matched.positions[column.name]], column.name, rules)
        work = _ColumnWork(raw, column, cells, rules)
        columns[column.name] = work.run(problems)
        if any(work.clock):
            clocks[column.name] = work.clock
    for name, position in matched.extras.items():
        columns[_free(name, columns)] = _kept(_prepared(raw.columns[position], name, rules))
    problems += checks.limits(columns, table, raw)
    problems += checks.alternatives(columns, table, raw)
    problems += checks.duplicate_keys(columns, table, raw)
    problems += checks.currencies(columns, table, raw, rules.currency)
    columns, named = without_names(columns, table, raw)
    problems += named
    return Normalised(columns, tuple(problems), tuple(matched.extras), clocks)


@dataclass
class _ColumnWork:
    """Convert one column and note its defects."""

    raw: Raw
    column: Column
    cells: pa.ChunkedArray
    rules: Rules
    clock: tuple[int, int] = (0, 0)

    def run(self, problems: list[Problem]) -> Cells:
        """Return the values; add what cannot be read and what is missing."""
        converted = self._converted(problems)
        problems += self._unreadable(converted.bad)
        values = converted.values
        needed = self.column.required and not self.column.unless
        if self.column.default is None and not needed:
            return values
        if not pd.isna(values).any():
            return values
        missing = pc.is_null(texts(self.cells)).to_numpy()
        if self.column.default is not None:
            return _bare(pd.Series(values).mask(missing, self.column.default))
        if missing.any():
            problems += self._empty(missing)
        return values

    def _converted(self, problems: list[Problem]) -> Converted | Moments:
        column, kind = self.column, self.column.kind
        if is_coded(column):
            return to_codes(self.cells, value_map(column))
        if kind in TEXT_KINDS:
            return Converted(to_text(self.cells), np.zeros(len(self.cells), dtype=bool))
        if kind in MOMENT_KINDS:
            return self._moments(problems)
        cells = replaced(self.cells, value_map(column)) if column.words else self.cells
        return to_numbers(cells, percent=kind == "ratio", decimal_doubt=self.raw.decimal_doubt)

    def _moments(self, problems: list[Problem]) -> Moments:
        declared = self.rules.formats.get(self.column.name)
        if declared is not None and "%" not in declared:
            problems.append(self._wrong_format(declared))
            declared = None
        convert = to_timestamps if self.column.kind == "timestamp" else to_dates
        moments = convert(self.cells, self.rules.timezone, declared_format=declared)
        self.clock = (moments.ambiguous, moments.nonexistent)
        return moments

    def _wrong_format(self, declared: str) -> Problem:
        return self.raw.place.problem(
            column=self.column.name,
            found=f"formats: {declared!r}",
            allowed="a strptime format such as %d/%m/%Y %H:%M",
            remedy=f"Correct sources: {self.raw.place.table}: formats in client.yml.",
        )

    def _unreadable(self, bad: np.ndarray) -> list[Problem]:
        positions = np.flatnonzero(bad)
        if not len(positions):
            return []
        words = texts(self.cells)
        declared = self.rules.formats.get(self.column.name)

        def describe(position: int) -> dict[str, object]:
            word = words[position].as_py() or ""
            return {
                "found": shorten(word),
                "allowed": allowed(self.column, declared),
                "remedy": remedy(word, self.column, self.raw.place.table, declared),
            }

        return each(positions, describe, self.raw, self.column.name)

    def _empty(self, missing: np.ndarray) -> list[Problem]:
        words = {
            "found": "an empty cell",
            "allowed": allowed(self.column),
            "remedy": "Fill the cell; this column is required.",
        }
        if missing.all() and len(missing) > 1:
            words["found"] = "no value in any row"
            return [self.raw.place.problem(column=self.column.name, **words)]
        return each(np.flatnonzero(missing), lambda _: words, self.raw, self.column.name)


def _prepared(cells: pa.ChunkedArray, name: str, rules: Rules) -> pa.ChunkedArray:
    if rules.nulls:
        cells = emptied(cells, list(rules.nulls))
    return replaced(cells, rules.values[name]) if name in rules.values else cells


def _absent(column: Column, rows: int, rules: Rules) -> Cells:
    """Return an empty column of the right type (filled when the contract has a default)."""
    if column.kind in (*TEXT_KINDS, *CODE_KINDS):
        return in_frame(pa.repeat(pa.scalar(column.default, pa.string()), rows))
    if column.kind in MOMENT_KINDS:
        moments = np.full(rows, np.datetime64("NaT", RESOLUTION))
        return moments if column.kind == "date" else pd.array(moments).tz_localize(rules.timezone)
    return np.full(rows, np.nan if column.default is None else float(column.default))


def _bare(values: pd.Series) -> Cells:
    return values.to_numpy(copy=True) if isinstance(values.dtype, np.dtype) else values.array


def _kept(cells: pa.ChunkedArray) -> Cells:
    """Keep a further column: numbers and moments as typed, all else as text."""
    kind = cells.type
    if pa.types.is_decimal(kind):
        return to_numbers(cells).values
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_timestamp(kind):
        return _bare(cells.to_pandas())
    return to_text(cells)


def _free(name: str, taken: Mapping[str, object]) -> str:
    """Give a further column a name of its own when the contract has one of that name."""
    return name if name not in taken else _free(f"{name} (file)", taken)

"""Schemas over normalised tables, and the defects they find in words a consultant can act on.

A normalised table has English headers, every declared column, and the types of `Column.kind`.
"""

from collections.abc import Callable, Iterator
from functools import partial

import pandas as pd
import pandera.pandas as pandera
from pandera.errors import SchemaErrorReason, SchemaErrors

from crm_eval_lib.tables.declare import CURRENCY_UNIT
from crm_eval_lib.tables.spec import Column, Problem, Table
from crm_eval_lib.tables.words import currency_codes, limit_remedy, out_of_reach, reach_words

LISTED_ROWS = 100  # rows named per column and kind of defect; the rest is counted
TEXT_KINDS = ("id", "text", "enum", "yes_no")
NUMBER_KINDS = ("amount", "number", "integer", "ratio", "scale")
YES_NO = ("yes", "no")
KIND_WORDS = {
    "id": "text", "text": "text", "amount": "an amount", "number": "a number",
    "integer": "a whole number", "ratio": "a share from 0 to 1", "scale": "a number from 1 to 5",
    "date": "a date such as 2024-09-02", "timestamp": "a moment such as 2024-09-02 14:30",
    "enum": "a listed value", "yes_no": "yes or no",
}  # fmt: skip
_KEY = "key"
_RATE = "rate"


def pandera_schema(table: Table, currency: str = "") -> pandera.DataFrameSchema:
    """Return the schema of a normalised table; validate with ``lazy=True`` for all defects at once.

    Parameters
    ----------
    table : Table
    currency : str
        The client's currency; with it, a row in another currency needs its ``fx_rate``.

    >>> from crm_eval_lib.tables import TABLES
    >>> sorted(pandera_schema(TABLES["plan"]).columns)
    ['line_id', 'period_end', 'planned_cumulative']
    """
    columns = {column.name: _column_schema(column) for column in table.columns}
    checks = []
    if table.key:
        checks.append(_check(partial(_unique, table), _KEY))
    if currency and table.column("fx_rate"):
        checks.append(_check(partial(_has_rate, currency), _RATE))
    for column in table.columns:
        if column.unless:
            checks.append(_check(partial(_filled_unless, column), f"unless {column.name}"))
    return pandera.DataFrameSchema(columns, checks=checks, name=table.name, strict=False)


def find_problems(table: Table, frame: pd.DataFrame, currency: str = "") -> list[Problem]:
    """Validate a normalised table and return every defect, in the order of rows and columns.

    ``Problem.row`` is the position in the table, 0 = first row of data; whoever knows the file
    turns it into the file's row. At most `LISTED_ROWS` rows are named for one kind of defect, the
    others are counted in a problem without a row.

    Parameters
    ----------
    table : Table
    frame : DataFrame
        Normalised, RangeIndex.
    currency : str
        The client's currency, see `pandera_schema`.
    """
    try:
        pandera_schema(table, currency).validate(frame, lazy=True)
    except SchemaErrors as errors:
        found = [
            problem for error in errors.schema_errors for problem in _explain(table, error, frame)
        ]
        order = {name: i for i, name in enumerate([c.name for c in table.columns])}
        last = len(frame)
        return sorted(found, key=lambda p: (last if p.row is None else p.row, order[p.column]))
    return []


def allowed_values(column: Column) -> str:
    """Say in English what a column takes, for messages."""
    if column.kind == "enum":
        return ", ".join(f"{code} ({word})" for code, word in column.values.items())
    if column.kind == "yes_no":
        return "yes (是), no (否)"
    if column.unit == CURRENCY_UNIT:
        return "a currency code of ISO 4217, such as CNY"
    limits = [KIND_WORDS[column.kind]]
    if column.kind not in ("ratio", "scale"):
        limits += [f"at least {column.minimum:g}"] if column.minimum is not None else []
        limits += [f"at most {column.maximum:g}"] if column.maximum is not None else []
        limits += [f"more than {column.above:g}"] if column.above is not None else []
    return ", ".join(limits)


def _column_schema(column: Column) -> pandera.Column:
    checks = [pandera.Check(partial(_has_kind, column.kind), name="kind", ignore_na=False)]
    if _limited(column):
        checks.append(_check(partial(_permitted, column), "permitted"))
    nullable = not column.required or bool(column.unless)
    return pandera.Column(None, checks=checks, nullable=nullable, required=column.required)


def _check(test: Callable[..., pd.Series], name: str) -> pandera.Check:
    # One more than is listed, so that "there are more" is known without listing them all.
    return pandera.Check(test, name=name, ignore_na=False, n_failure_cases=LISTED_ROWS + 1)


def _limited(column: Column) -> bool:
    coded = column.kind in ("enum", "yes_no") or column.unit == CURRENCY_UNIT
    return coded or column.kind in NUMBER_KINDS


def _has_kind(kind: str, values: pd.Series) -> bool:
    """Say whether a whole column has its type; a column without any value has every type."""
    dtype = values.dtype
    if kind in NUMBER_KINDS:
        good = pd.api.types.is_float_dtype(dtype)
    elif kind == "date":
        good = pd.api.types.is_datetime64_dtype(dtype)
    elif kind == "timestamp":
        good = isinstance(dtype, pd.DatetimeTZDtype)
    else:
        good = pd.api.types.is_string_dtype(dtype)
    return bool(good) or not values.notna().any()


def _permitted(column: Column, values: pd.Series) -> pd.Series:
    """Mark the cells that are empty or within codes and limits."""
    if column.unit == CURRENCY_UNIT:
        good = values.isin(currency_codes())
    elif column.kind == "yes_no":
        good = values.isin(YES_NO)
    elif column.kind == "enum":
        good = values.isin(column.values)
    else:
        good = _within_limits(column, pd.to_numeric(values, errors="coerce"))
    return good | values.isna()


def _within_limits(column: Column, numbers: pd.Series) -> pd.Series:
    good = pd.Series(~out_of_reach(numbers.to_numpy()), index=numbers.index)
    if column.minimum is not None:
        good &= numbers >= column.minimum
    if column.maximum is not None:
        good &= numbers <= column.maximum
    if column.above is not None:
        good &= numbers > column.above
    if column.kind == "integer":
        good &= numbers.mod(1).eq(0)
    return good


def _unique(table: Table, frame: pd.DataFrame) -> pd.Series:
    """Mark the first row of every key; empty parts count as what empty means there."""
    parts = {}
    for name in table.key:
        column = table.column(name)
        if column is None or name not in frame:
            continue
        stands_for = column.default or (column.empty_means if column.kind != "text" else "")
        parts[name] = _filled(frame[name], stands_for)
    return ~pd.DataFrame(parts, index=frame.index).duplicated() if parts else _all(frame)


def _filled(values: pd.Series, stands_for: str) -> pd.Series:
    if not stands_for:
        return values
    number = pd.api.types.is_float_dtype(values.dtype)
    return values.fillna(float(stands_for) if number else stands_for)


def _has_rate(currency: str, frame: pd.DataFrame) -> pd.Series:
    """Mark rows without a foreign currency, or with a rate for it; unknown codes are told apart."""
    if "currency" not in frame:
        return _all(frame)
    foreign = frame["currency"].isin(currency_codes() - {currency})
    return ~foreign | frame["fx_rate"].notna() if "fx_rate" in frame else ~foreign


def _filled_unless(column: Column, frame: pd.DataFrame) -> pd.Series:
    if column.name not in frame or column.unless not in frame:
        return frame[column.name].notna() if column.name in frame else _all(frame)
    return frame[column.name].notna() | frame[column.unless].notna()


def _all(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(True, index=frame.index)


def _explain(
    table: Table, error: pandera.errors.SchemaError, frame: pd.DataFrame
) -> Iterator[Problem]:
    """Turn one defect of pandera into problems: one per row, or one for the column."""
    if error.reason_code == SchemaErrorReason.COLUMN_NOT_IN_DATAFRAME:
        remedy = "The column is required; add it."
        yield Problem(table.name, column=str(error.failure_cases), found="no such column",
                      remedy=remedy)  # fmt: skip
        return
    kind = _kind_of_defect(error)
    name = _place(table, error, kind)
    cases = error.failure_cases
    if kind == "kind":
        allowed = KIND_WORDS[table.column(name).kind]
        found = f"{frame[name].dtype} values"
        remedy = "Bring the whole column to that type."
        yield Problem(table.name, column=name, found=found, allowed=allowed, remedy=remedy)
        return
    if "column" in cases:  # a check on whole rows repeats every row for each column
        cases = cases[cases["column"].eq(name)]
    for row in cases["index"].head(LISTED_ROWS):
        found = _key_words(table, frame, row) if kind == _KEY else _shown(frame.at[row, name])
        yield _problem(table, kind, name, row=int(row), found=found)
    if len(cases) > LISTED_ROWS:
        more = f"the same in more rows than the {LISTED_ROWS} listed"
        yield _problem(table, kind, name, row=None, found=more)


def _kind_of_defect(error: pandera.errors.SchemaError) -> str:
    if error.reason_code == SchemaErrorReason.SERIES_CONTAINS_NULLS:
        return "empty"
    name = str(getattr(error.check, "name", error.check))
    return "empty" if name.startswith("unless ") else name


def _place(table: Table, error: pandera.errors.SchemaError, kind: str) -> str:
    """Name the column a defect is reported in."""
    if kind == _KEY:
        return table.key[0]
    if kind == _RATE:
        return "currency"
    name = str(getattr(error.check, "name", ""))
    return name.removeprefix("unless ") if name.startswith("unless ") else str(error.schema.name)


def _problem(table: Table, kind: str, name: str, *, row: int | None, found: str) -> Problem:
    column = table.column(name)
    allowed, remedy = allowed_values(column), "Correct the value."
    if kind == "permitted" and column.kind in NUMBER_KINDS and row is not None:
        remedy = limit_remedy(column, float(found))
        allowed += reach_words(float(found))
    if kind == "empty":
        allowed = f"{allowed}; not empty"
        remedy = "Fill the cell in, or leave the row out."
    elif kind == _KEY:
        allowed = f"every {' + '.join(table.key)} once"
        remedy = "Remove the repeated row, or number it differently."
    elif kind == _RATE:
        allowed = "the client's currency, or another one with its fx_rate"
        remedy = "Give the rate to the client's currency in fx_rate."
    return Problem(table.name, row=row, column=name, found=found, allowed=allowed, remedy=remedy)


def _shown(value: object) -> str:
    """Show a cell as it would be typed."""
    if pd.isna(value):
        return "empty"
    return f"{value:.15g}" if isinstance(value, float) else repr(str(value))


def _key_words(table: Table, frame: pd.DataFrame, row: object) -> str:
    """Show the key of a row with its parts named."""
    parts = [f"{name} {_shown(frame.at[row, name])}" for name in table.key if name in frame]
    return "again " + ", ".join(parts)

"""Checks of the columns of a table: limits, repeated keys, currencies."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from crm_eval_lib.sources.messages import NUMBER_KINDS, allowed
from crm_eval_lib.sources.raw import Raw, each, shorten
from crm_eval_lib.sources.values import Cells
from crm_eval_lib.tables.spec import Column, Problem, Table
from crm_eval_lib.tables.words import limit_remedy, out_of_reach, reach_words

OWN_CURRENCY_TABLES = ("price_rules", "approval_limits")  # compared, never converted
Columns = Mapping[str, Cells]


def limits(columns: Columns, table: Table, raw: Raw) -> list[Problem]:
    """Report numbers outside their limits and fractions in whole numbers."""
    problems: list[Problem] = []
    for column in table.columns:
        if column.kind not in NUMBER_KINDS:
            continue
        values = columns[column.name]
        outside = out_of_reach(values)
        if column.minimum is not None:
            outside |= values < column.minimum
        if column.maximum is not None:
            outside |= values > column.maximum
        if column.above is not None:
            outside |= values <= column.above
        if column.kind == "integer":
            outside |= ~np.isnan(values) & (values != np.floor(values))
        if outside.any():
            problems += _outside(np.flatnonzero(outside), column, values, raw)
    return problems


def duplicate_keys(columns: Columns, table: Table, raw: Raw) -> list[Problem]:
    """Report rows that repeat the key of an earlier row."""
    if not table.key or _all_differ(columns[table.key[0]]):
        return []
    keys = _keys(columns, table)
    repeated = (keys.duplicated(keep="first") & keys[table.key[0]].notna()).to_numpy()
    if not repeated.any():
        return []
    groups = keys.groupby(list(table.key), dropna=False, sort=False).ngroup().to_numpy()
    first = pd.Series(raw.rows).groupby(groups).first()

    def describe(position: int) -> dict[str, object]:
        key = _key_words(keys.iloc[position].tolist())
        return {
            "found": f"{key} again (first in row {first[groups[position]]})",
            "allowed": "each key once",
            "remedy": "Remove the repeated row, or give it a key of its own.",
        }

    return each(np.flatnonzero(repeated), describe, raw, ", ".join(table.key))


def _all_differ(values: Cells) -> bool:
    return len(pd.unique(values)) == len(values)


def _keys(columns: Columns, table: Table) -> pd.DataFrame:
    """Return the columns of the key, an empty number as what it means (version: 0)."""
    meant = {
        column.name: float(column.empty_means)
        for column in map(table.column, table.key)
        if column.kind in NUMBER_KINDS and column.empty_means
    }
    keys = pd.DataFrame({name: columns[name] for name in table.key})
    return keys.fillna(meant) if meant else keys


def currencies(columns: Columns, table: Table, raw: Raw, client_currency: str) -> list[Problem]:
    """Report amounts in a foreign currency without a rate."""
    if table.column("currency") is None or table.name in OWN_CURRENCY_TABLES:
        return []
    codes = columns["currency"]
    foreign = ~pd.isna(codes) & (codes != client_currency)
    rated = table.column("fx_rate") is not None
    if rated:
        foreign &= np.isnan(columns["fx_rate"])
    fill = f"Fill fx_rate: {client_currency} per unit of the row's currency."
    convert = f"Convert the row to {client_currency}; this table has no fx_rate."

    def describe(position: int) -> dict[str, object]:
        return {
            "found": f"{codes[position]} without a rate",
            "allowed": f"{client_currency}, or another currency with its fx_rate",
            "remedy": fill if rated else convert,
        }

    return each(np.flatnonzero(foreign), describe, raw, "fx_rate" if rated else "currency")


def alternatives(columns: Columns, table: Table, raw: Raw) -> list[Problem]:
    """Report rows where a column and the one that may stand for it are both empty."""
    problems: list[Problem] = []
    for column in table.columns:
        if not column.unless:
            continue
        empty = pd.isna(columns[column.name]) & pd.isna(columns[column.unless])
        words = {
            "found": f"{column.name} and {column.unless} both empty",
            "allowed": f"{column.name} or {column.unless}",
            "remedy": "Fill one of the two cells.",
        }
        problems += each(np.flatnonzero(empty), lambda _, words=words: words, raw, column.name)
    return problems


def _outside(positions: np.ndarray, column: Column, values: np.ndarray, raw: Raw) -> list[Problem]:
    def describe(position: int) -> dict[str, object]:
        value = values[position]
        remedy = limit_remedy(column, value)
        accepted = allowed(column) + reach_words(value)
        return {"found": f"{value:.15g}", "allowed": accepted, "remedy": remedy}

    return each(positions, describe, raw, column.name)


def _key_words(key: Sequence[object]) -> str:
    """Quote a key; a day without its empty time, a whole number without a fraction."""
    return " / ".join(map(_key_word, key))


def _key_word(part: object) -> str:
    if pd.isna(part):
        return "an empty cell"
    word = str(part.date()) if isinstance(part, pd.Timestamp) else str(part)
    return shorten(word.removesuffix(".0"))

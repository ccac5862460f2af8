"""Checks of a whole frame: limits, repeated keys, currencies."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crm_eval_lib.sources.messages import NUMBER_KINDS, allowed
from crm_eval_lib.sources.raw import Raw, each, shorten
from crm_eval_lib.tables.spec import Column, Problem, Table
from crm_eval_lib.tables.words import limit_remedy, out_of_reach, reach_words

OWN_CURRENCY_TABLES = ("price_rules", "approval_limits")  # compared, never converted


def limits(frame: pd.DataFrame, table: Table, raw: Raw) -> list[Problem]:
    """Report numbers outside their limits and fractions in whole numbers."""
    problems: list[Problem] = []
    for column in table.columns:
        if column.kind not in NUMBER_KINDS:
            continue
        values = frame[column.name].to_numpy(dtype="float64")
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


def duplicate_keys(frame: pd.DataFrame, table: Table, raw: Raw) -> list[Problem]:
    """Report rows that repeat the key of an earlier row."""
    if not table.key or frame[table.key[0]].is_unique:
        return []
    keys = _keys(frame, table)
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


def _keys(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the columns of the key, an empty number as what it means (version: 0)."""
    columns = [table.column(name) for name in table.key]
    meant = {
        column.name: float(column.empty_means)
        for column in columns
        if column.kind in NUMBER_KINDS and column.empty_means
    }
    keys = frame[list(table.key)]
    return keys.fillna(meant) if meant else keys


def currencies(frame: pd.DataFrame, table: Table, raw: Raw, client_currency: str) -> list[Problem]:
    """Report amounts in a foreign currency without a rate."""
    if table.column("currency") is None or table.name in OWN_CURRENCY_TABLES:
        return []
    codes = frame["currency"]
    foreign = codes.notna() & (codes != client_currency)
    rated = table.column("fx_rate") is not None
    if rated:
        foreign &= frame["fx_rate"].isna()
    fill = f"Fill fx_rate: {client_currency} per unit of the row's currency."
    convert = f"Convert the row to {client_currency}; this table has no fx_rate."

    def describe(position: int) -> dict[str, object]:
        return {
            "found": f"{codes.iloc[position]} without a rate",
            "allowed": f"{client_currency}, or another currency with its fx_rate",
            "remedy": fill if rated else convert,
        }

    return each(np.flatnonzero(foreign), describe, raw, "fx_rate" if rated else "currency")


def alternatives(frame: pd.DataFrame, table: Table, raw: Raw) -> list[Problem]:
    """Report rows where a column and the one that may stand for it are both empty."""
    problems: list[Problem] = []
    for column in table.columns:
        if not column.unless:
            continue
        empty = (frame[column.name].isna() & frame[column.unless].isna()).to_numpy()
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

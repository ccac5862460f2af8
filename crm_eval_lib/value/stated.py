"""Benefits that the client states in table ``benefits``."""

from typing import Any

import pandas as pd

from crm_eval_lib.remembered import Remembered
from crm_eval_lib.results import missing_column
from crm_eval_lib.value.flows import PERT
from crm_eval_lib.value.rows import COUNTED, NOT_ASSESSED, STATED, UNQUANTIFIED, benefit

TABLE = "benefits"
NOT_QUANTIFIED = "no"
TEXTS = ["benefit_id", "name", "quantified"]
AMOUNTS = ["amount_year", "low", "high"]
_GIVEN = Remembered()  # the rows and each caveat on them start from the same columns


def stated_benefits(benefits: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return a row per benefit; one marked as not quantified never gets a number."""
    return [_row(row) for row in _given(benefits).to_dict("records")]


def crossed(benefits: pd.DataFrame | None) -> list[str]:
    """Return the ids of benefits whose low and high do not enclose the amount."""
    rows = _given(benefits)
    rows = rows.loc[(rows["quantified"] != NOT_QUANTIFIED) & rows[AMOUNTS].notna().all(axis=1)]
    wrong = (rows["low"] > rows["amount_year"]) | (rows["high"] < rows["amount_year"])
    return rows.loc[wrong, "benefit_id"].tolist()


def unquantified_amounts(benefits: pd.DataFrame | None) -> list[str]:
    """Return the ids of benefits that carry an amount and are marked as not quantified."""
    rows = _given(benefits)
    marked = rows["quantified"].eq(NOT_QUANTIFIED) & rows[AMOUNTS].notna().any(axis=1)
    return rows.loc[marked, "benefit_id"].tolist()


def unmarked(benefits: pd.DataFrame | None) -> list[str]:
    """Return the ids of benefits with an amount that does not say whether it is quantified."""
    rows = _given(benefits)
    blank = rows["quantified"].eq("") & rows["amount_year"].notna()
    return rows.loc[blank, "benefit_id"].tolist()


def one_ended(benefits: pd.DataFrame | None) -> list[str]:
    """Return the ids of counted benefits of which only low or only high is given."""
    rows = _given(benefits)
    counted = rows["quantified"].ne(NOT_QUANTIFIED) & rows["amount_year"].notna()
    return rows.loc[counted & (rows["low"].isna() != rows["high"].isna()), "benefit_id"].tolist()


def _given(benefits: pd.DataFrame | None) -> pd.DataFrame:
    """Return the columns used, absent ones empty: texts without gaps, amounts as numbers."""
    return _GIVEN.once((benefits,), lambda: _read(benefits))


def _read(benefits: pd.DataFrame | None) -> pd.DataFrame:
    rows = pd.DataFrame() if benefits is None else benefits
    rows = rows.reindex(columns=[*TEXTS, *AMOUNTS])
    texts = {name: rows[name].astype(object).where(rows[name].notna(), "") for name in TEXTS}
    return rows.assign(**texts).astype(dict.fromkeys(AMOUNTS, float))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    id, name, tables = str(row["benefit_id"]), str(row["name"]), (TABLE,)
    if row["quantified"] == NOT_QUANTIFIED:
        return benefit(STATED, id, UNQUANTIFIED, name=name, tables=tables)
    if pd.isna(row["amount_year"]):
        reason = missing_column(TABLE, "amount_year")
        return benefit(STATED, id, NOT_ASSESSED, name=name, tables=tables, reason=reason)
    amount, low, high = (row[part] for part in AMOUNTS)
    cells: dict[str, Any] = {"amount_year": amount}
    if low <= amount <= high:  # an end that is missing or crosses encloses nothing
        cells |= {"low": low, "high": high, "spread": PERT}
    return benefit(STATED, id, COUNTED, name=name, tables=tables, **cells)

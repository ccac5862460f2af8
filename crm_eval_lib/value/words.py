"""What a reader must know about the benefits: realisation, potential, how intervals are drawn."""

from typing import Any

import pandas as pd

from crm_eval_lib.results import Caveat, Message
from crm_eval_lib.value.costs import IDS
from crm_eval_lib.value.flows import FIXED, NORMAL, PERT
from crm_eval_lib.value.published import window_days
from crm_eval_lib.value.rows import COUNTED, HOURS, LEAKAGE, NOT_ASSESSED, POTENTIAL
from crm_eval_lib.value.stated import crossed, one_ended, unmarked, unquantified_amounts

# Caveats on stated benefits, each with the ids it names.
_ODD = (("crossed", crossed), ("one_ended", one_ended), ("unmarked", unmarked),
        ("unquantified_amount", unquantified_amounts))  # fmt: skip
_BIASED = ("crossed",)
ENOUGH_DAYS = 90  # a year's leakage told from fewer days of orders is little more than a guess


def benefit_caveats(
    table: pd.DataFrame, benefits: pd.DataFrame | None, *, dates: Any
) -> tuple[Caveat, ...]:
    """Return what is to be said beside the table of benefits."""
    found = (
        _realised(table),
        _potential(table),
        _leakage(table, dates),
        _left_out(table),
        _drawn(table),
        *(_stated(name, ids(benefits)) for name, ids in _ODD),
    )
    return tuple(caveat for caveat in found if caveat is not None)


def _realised(table: pd.DataFrame) -> Caveat | None:
    """Print the realisation with its reason: hours are not money."""
    shares = table.loc[table["kind"] == HOURS, "realisation"].dropna()
    if shares.empty:
        return None
    return Caveat(Message("value.caveat.realisation", {"share": float(shares.iloc[0])}), IDS)


def _potential(table: pd.DataFrame) -> Caveat | None:
    weak = table.loc[(table["standing"] == POTENTIAL) & (table["kind"] == HOURS)]
    if weak.empty:
        return None
    return Caveat(Message("value.caveat.potential", {"n": len(weak)}), IDS)


def _leakage(table: pd.DataFrame, dates: Any) -> Caveat | None:
    """Say how the leakage avoided was told, and when from too few days."""
    rows = table.loc[(table["kind"] == LEAKAGE) & table["amount_year"].notna()]
    if rows.empty:
        return None
    days = window_days(dates)
    if days < ENOUGH_DAYS:
        return Caveat(Message("value.caveat.short_leakage", {"days": days}), IDS, bias=True)
    return Caveat(Message("value.caveat.leakage", {"days": days}), IDS)


def _left_out(table: pd.DataFrame) -> Caveat | None:
    missing = table.loc[table["standing"] == NOT_ASSESSED]
    if missing.empty:
        return None
    return Caveat(Message("value.caveat.not_assessed", {"n": len(missing)}), IDS)


def _drawn(table: pd.DataFrame) -> Caveat | None:
    """Say how the interval of each benefit enters the interval of the whole."""
    counted = table.loc[table["standing"] == COUNTED, "spread"]
    counts = {name: int((counted == name).sum()) for name in (PERT, NORMAL, FIXED)}
    if not counts[PERT] and not counts[NORMAL]:
        return None
    kinds = [Message(f"value.word.{name}", {"n": n}) for name, n in counts.items() if n]
    return Caveat(Message("value.caveat.drawn", {"kinds": kinds}), IDS)


def _stated(name: str, ids: list[str]) -> Caveat | None:
    """Name the stated benefits whose cells do not fit together, and what becomes of them."""
    if not ids:
        return None
    slots = {"n": len(ids), "ids": ids}
    biased = name in _BIASED
    return Caveat(Message(f"value.caveat.{name}", slots), IDS, bias=biased, tables=("benefits",))

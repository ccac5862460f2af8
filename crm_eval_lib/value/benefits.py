"""What came back a year: each benefit with its interval; potential and unquantified ones apart."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from crm_eval_lib.results import FactorResult, Message, Step
from crm_eval_lib.value import published
from crm_eval_lib.value.rows import (
    COLUMNS,
    COUNTED,
    KINDS,
    NOT_ASSESSED,
    POTENTIAL,
    STANDINGS,
    UNQUANTIFIED,
)
from crm_eval_lib.value.stated import stated_benefits
from crm_eval_lib.value.words import benefit_caveats


def benefits(
    results: Mapping[str, FactorResult] | Iterable[FactorResult],
    stated: pd.DataFrame | None = None,
    *,
    controls: pd.DataFrame | None = None,
    processes: pd.DataFrame | None = None,
    dates: Any,
    currency: str,
) -> Step:
    """Gather what the factors published and what the client states, as amounts a year.

    Parameters
    ----------
    results : mapping or iterable of FactorResult
        What efficiency and controls published.
    stated, controls, processes : DataFrame or None
        Table ``benefits``, and others of the data dictionary: ``controls`` to see whether prices
        are in its losses, ``processes`` for titles.
    dates : object
        Has ``go_live``, ``status_date`` and ``blackout``.
    currency : str
        The client's; amounts are in it.

    Returns
    -------
    Step
        Its table has one row per benefit: ``counted`` in what follows; ``potential`` (work saved
        that no strong comparison shows, or loss counted elsewhere); ``not_assessed``;
        ``unquantified``. Saved hours are already multiplied by the realisation, there and once.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> stated = pd.DataFrame({"benefit_id": ["B1", "B2"], "name": ["Paper", "Calm"],
    ...                        "quantified": ["yes", "no"], "amount_year": [700.0, None]})
    >>> dates = SimpleNamespace(go_live=None, status_date=None, blackout=None)
    >>> benefits([], stated, dates=dates, currency="CNY").table["standing"].tolist()
    ['counted', 'unquantified']
    """
    found = list(results.values() if isinstance(results, Mapping) else results)
    indicators = {item.id: item for result in found for item in result.indicators}
    losses = published.loss_avoided(indicators)
    rows = [
        *published.hours_saved(indicators, processes),
        *losses,
        *published.leakage_avoided(indicators, dates, inside=published.prices_in(losses, controls)),
        *stated_benefits(stated),
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).assign(currency=currency)
    table = table.astype({name: float for name in ("amount_year", "low", "high", "confidence")})
    table = _ordered(table)
    return Step(
        "value.benefits",
        table=None if table.empty else table,
        sentence=_sentence(table, currency),
        caveats=benefit_caveats(table, stated, dates=dates),
    )


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    """Put counted ones first; the order of the rows received does not matter."""
    places = {
        "standing": table["standing"].map(STANDINGS.index),
        "kind": table["kind"].map(KINDS.index),
    }
    keyed = table.assign(**{f"_{name}": place for name, place in places.items()})
    order = keyed.sort_values(["_standing", "_kind", "id"], kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _sentence(table: pd.DataFrame, currency: str) -> Message:
    sums = table.groupby("standing")["amount_year"].sum()
    counts = table["standing"].value_counts()
    slots = {
        "n": int(counts.get(COUNTED, 0)), "amount": float(sums.get(COUNTED, 0.0)),
        "potential": float(sums.get(POTENTIAL, 0.0)), "currency": currency,
        "apart": int(counts.get(UNQUANTIFIED, 0)), "missing": int(counts.get(NOT_ASSESSED, 0)),
    }  # fmt: skip
    if not slots["n"]:
        key = "benefits_only_potential" if counts.get(POTENTIAL, 0) else "benefits_none"
    else:
        key = "benefits_and_potential" if counts.get(POTENTIAL, 0) else "benefits"
    return Message(f"value.sentence.{key}", slots)

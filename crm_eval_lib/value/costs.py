"""What went in: the cost of the way to go-live, and of a year of running the system."""

from typing import Any

import pandas as pd

from crm_eval_lib.cost.lifetime import ENOUGH_MONTHS, FORECAST, LifetimeCost, lifetime_cost
from crm_eval_lib.results import Caveat, Message, Step

INVESTED, RUN = "cost_to_go_live", "run_cost"
IDS = ("value.npv", "value.roi", "value.payback_months")


def costs(
    budget: pd.DataFrame | None,
    actuals: pd.DataFrame | None,
    *,
    summary: pd.DataFrame | None = None,
    changes: pd.DataFrame | None = None,
    progress: pd.DataFrame | None = None,
    dates: Any,
    currency: str,
) -> Step:
    """Say what the project cost up to go-live and what running it costs a year.

    Parameters
    ----------
    budget, actuals, changes, progress, summary : DataFrame or None
        Tables of the data dictionary; ``cost_summary`` stands in for a missing ledger.
    dates : object
        Dates of the client.
    currency : str
        The client's; amounts are in it.

    Returns
    -------
    Step
        Its table has a row for either cost: amount, bounds, what it rests on, or why there is
        none. `worth` and `tornado` start from it.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> dates = SimpleNamespace(go_live=pd.Timestamp("2024-01-31"), blackout=None,
    ...                         status_date=pd.Timestamp("2024-12-31"), project_start=None)
    >>> budget = pd.DataFrame({"line_id": ["A"], "category": ["services"], "amount": [900.0]})
    >>> ledger = pd.DataFrame({"txn_id": ["1"], "line_id": ["A"], "amount": [1000.0],
    ...                        "kind": ["invoice"], "incurred_on": [pd.Timestamp("2024-01-05")]})
    >>> costs(budget, ledger, dates=dates, currency="CNY").table["amount"].tolist()
    [1000.0, nan]
    """
    known = {"changes": changes, "progress": progress, "dates": dates, "currency": currency}
    cost = lifetime_cost(budget, actuals, summary=summary, **known)
    sources = Message("value.word.tables", {"tables": list(cost.tables)})
    rows = [
        {"part": INVESTED, "amount": cost.invested, "low": None, "high": None,
         "basis": cost.basis, "reason": cost.reason, "sources": sources},
        {"part": RUN, "amount": cost.run_year, "low": cost.run_low, "high": cost.run_high,
         "basis": cost.basis, "reason": _no_run(cost), "sources": sources},
    ]  # fmt: skip
    table = pd.DataFrame(rows).astype({"amount": float, "low": float, "high": float})
    return Step(
        "value.costs",
        table=table.assign(currency=currency),
        sentence=_sentence(cost, currency),
        caveats=_caveats(cost),
    )


def _no_run(cost: LifetimeCost) -> Message | None:
    if cost.run_year is not None:
        return None
    name = {FORECAST: "not_running", "ledger": "no_run_cost"}.get(cost.basis, "run_not_parted")
    return Message(f"value.reason.{name}")


def _sentence(cost: LifetimeCost, currency: str) -> Message:
    if cost.invested is None:
        return Message("value.sentence.costs_none", {"reason": cost.reason})
    slots = {"invested": cost.invested, "currency": currency}
    if cost.run_year is None:
        slots["reason"] = _no_run(cost)
        name = "costs_forecast" if cost.basis == FORECAST else "costs_no_run"
        return Message(f"value.sentence.{name}", slots)
    slots |= {"run": cost.run_year, "months": cost.run_months, "n": cost.run_rows}
    return Message("value.sentence.costs", slots)


def _caveats(cost: LifetimeCost) -> tuple[Caveat, ...]:
    """Say that running cost is missing or told from a short time, and what that does."""
    if cost.invested is None:
        return ()
    if cost.run_year is None:
        slots = {"reason": _no_run(cost)}
        return (Caveat(Message("value.caveat.no_run_cost", slots), IDS, bias=True),)
    if cost.run_months < ENOUGH_MONTHS:
        slots = {"months": cost.run_months}
        return (Caveat(Message("value.caveat.short_run_cost", slots), IDS, bias=True),)
    return ()

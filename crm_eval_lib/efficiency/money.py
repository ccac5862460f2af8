"""Hours and money saved in a year, with what is uncertain about them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from crm_eval_lib.efficiency.cases import BEFORE, Cases
from crm_eval_lib.efficiency.describe import WINSOR, winsorised_mean
from crm_eval_lib.results import (
    Caveat,
    Indicator,
    Message,
    Step,
    keyed,
    measured,
    missing_column,
    not_assessed,
)

HOURS, MONEY = "efficiency.hours_saved", "efficiency.money_saved"
TABLES = ("events", "processes")
DRAWS = 4000
WEAK_RUNGS = ("S", "R0", "R1")  # on these, money is only a potential
REALISATION = 0.5  # share of saved hours that becomes money, when the client says nothing
WORK, CYCLE = "touch", "cycle"


@dataclass(frozen=True)
class _Saving:
    value: float | None = None
    draws: np.ndarray | None = None
    basis: str = WORK
    rung: str | None = None
    n: int | None = None
    reason: Message | None = None

    def bounds(self, factor: float = 1.0, confidence: float = 0.95) -> dict[str, float]:
        """Return low and high of the saving times a factor; empty where nothing is drawn."""
        if self.draws is None:
            return {}
        tail = (1 - confidence) / 2
        low, high = np.quantile(self.draws * factor, [tail, 1 - tail])
        return {"low": float(low), "high": float(high), "confidence": confidence}


def savings(
    cases: Cases,
    changes: Step,
    processes: tuple[str, ...] | None = None,
    *,
    realisation: float = REALISATION,
    currency: str = "",
    seed: int = 0,
) -> Step:
    """Turn the change of work time into hours and money a year.

    Parameters
    ----------
    changes : Step
        From `change`: its ``touch_change``, else its ``change``, gives the share saved.
    realisation : float
        Share of the hours that becomes money.
    currency : str
        Of ``hourly_cost``.

    Returns
    -------
    Step
        ``hours_saved[process]`` = annual volume × mean work before (winsorised) × −touch change;
        without work times hours of the whole case × −change, with a warning. ``money_saved`` =
        hours × hourly cost × realisation. Totals by Monte Carlo stand in the table.
    """
    rng = np.random.default_rng(seed)
    names = tuple(cases.roster.index if processes is None else processes)
    indicators: list[Indicator] = []
    rows, caveats, drawn = [], [], []
    for process in cases.roster.index:
        saving = _saving(cases, process, changes, rng)
        if process not in names:
            saving = _Saving(reason=Message("efficiency.reason.not_evaluated"))
        rate = cases.roster.at[process, "hourly_cost"]
        hours, money = (
            _hours(process, saving),
            _money(process, saving, (rate, realisation), currency),
        )
        indicators += [hours, money]
        if saving.value is None:
            continue
        rows.append({"process": process, "basis": saving.basis, "rung": saving.rung,
                     "hours_saved": hours.value, "low": hours.low, "high": hours.high,
                     "saved_amount": money.value, "potential": saving.rung in WEAK_RUNGS,
                     })  # fmt: skip
        drawn.append((saving, rate * realisation))
        if saving.basis == CYCLE:
            slots = {"process": process}
            caveats.append(Caveat(Message("efficiency.caveat.cycle_hours", slots),
                                  (hours.id, money.id), bias=True))  # fmt: skip
    if not indicators:
        reason = cases.absent or Message("efficiency.reason.no_process")
        indicators = [not_assessed(HOURS, "hours", reason),
                      not_assessed(MONEY, "money", reason, currency=currency or None)]  # fmt: skip
    table = pd.DataFrame(rows + _total(drawn, rows)) if rows else None
    return Step(
        "efficiency.savings", tuple(indicators), table, _sentence(drawn, currency),
        caveats=tuple(caveats),
    )  # fmt: skip


def _saving(cases: Cases, process: str, changes: Step, rng: np.random.Generator) -> _Saving:
    by_id = {indicator.id: indicator for indicator in changes.indicators}
    touch = by_id.get(keyed("efficiency.touch_change", process))
    cycle = by_id.get(keyed("efficiency.change", process))
    if touch is None or cycle is None:
        return _Saving(reason=cases.absent or Message("efficiency.reason.not_evaluated"))
    recorded = cases.has_work(process)
    used, basis = (touch, WORK) if recorded else (cycle, CYCLE)
    if used.value is None:
        return _Saving(reason=used.reason, rung=used.rung)
    volume = cases.roster.at[process, "annual_volume"]
    if pd.isna(volume):
        return _Saving(reason=missing_column("processes", "annual_volume"), rung=used.rung)
    before = cases.of(process, BEFORE)
    done = before.loc[before["observed"], "touch" if recorded else "hours"].dropna().astype(float)
    if done.empty:
        return _Saving(reason=Message("efficiency.reason.no_touch"), rung=used.rung)
    mean = winsorised_mean(done)
    draws = _draws(used, done, mean, rng)
    value = float(volume * mean * -used.value)
    return _Saving(value, None if draws is None else volume * draws, basis, used.rung, used.n)


def _draws(
    change: Indicator, done: pd.Series, mean: float, rng: np.random.Generator
) -> np.ndarray | None:
    """Draw hours saved per case: the change from its interval, the mean from its spread."""
    if change.low is None or change.high is None:
        return None
    reach = 2 * stats.norm.ppf((1 + (change.confidence or 0.95)) / 2)
    spread = (np.log1p(change.high) - np.log1p(max(change.low, -1 + 1e-9))) / reach
    effects = np.expm1(rng.normal(np.log1p(max(change.value, -1 + 1e-9)), spread, DRAWS))
    clipped = done.clip(*done.quantile(list(WINSOR)))
    error = clipped.std(ddof=1) / np.sqrt(len(clipped)) if len(clipped) > 1 else 0.0
    return np.maximum(rng.normal(mean, error, DRAWS), 0.0) * -effects


def _hours(process: str, saving: _Saving) -> Indicator:
    id = keyed(HOURS, process)
    if saving.value is None:
        return not_assessed(id, "hours", saving.reason, tables=TABLES, rung=saving.rung)
    return measured(
        id, saving.value, "hours", rung=saving.rung, n=saving.n, tables=TABLES,
        parts={"basis": saving.basis}, **saving.bounds(),
    )  # fmt: skip


def _money(process: str, saving: _Saving, rates: tuple[float, float], currency: str) -> Indicator:
    rate, realisation = rates
    id, code = keyed(MONEY, process), currency or None
    reason = saving.reason if saving.value is None else None
    if reason is None and pd.isna(rate):
        reason = missing_column("processes", "hourly_cost")
    if reason is not None:
        return not_assessed(id, "money", reason, tables=TABLES, rung=saving.rung, currency=code)
    factor = float(rate * realisation)
    parts = {"basis": saving.basis, "realisation": realisation,
             "potential": saving.rung in WEAK_RUNGS}  # fmt: skip
    return measured(
        id, saving.value * factor, "money", rung=saving.rung, n=saving.n, tables=TABLES,
        parts=parts, currency=code, **saving.bounds(factor),
    )  # fmt: skip


def _total(drawn: list[tuple[_Saving, float]], rows: list[dict]) -> list[dict]:
    """Add the processes draw by draw: independent errors partly cancel."""
    if len(rows) < 2:
        return []
    total = {"process": "total", "hours_saved": sum(row["hours_saved"] for row in rows)}
    if all(saving.draws is not None for saving, _ in drawn):
        together = _Saving(draws=np.sum([saving.draws for saving, _ in drawn], axis=0))
        total |= {name: together.bounds()[name] for name in ("low", "high")}
    money = [row["saved_amount"] for row in rows]
    if all(value is not None for value in money):
        total["saved_amount"] = sum(money)
    return [total]


def _sentence(drawn: list[tuple[_Saving, float]], currency: str) -> Message | None:
    if not drawn:
        return None
    hours = sum(saving.value for saving, _ in drawn)
    money = sum(saving.value * rate for saving, rate in drawn)
    if pd.isna(money) or not currency:
        return Message("efficiency.sentence.hours_saved", {"hours": hours, "n": len(drawn)})
    weak = any(saving.rung in WEAK_RUNGS for saving, _ in drawn)
    slots = {"hours": hours, "money": money, "currency": currency, "n": len(drawn)}
    return Message(f"efficiency.sentence.{'potential' if weak else 'saved'}", slots)

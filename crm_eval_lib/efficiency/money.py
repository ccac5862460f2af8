"""Hours and money saved in a year, with what is uncertain about them."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from crm_eval_lib.efficiency.cases import BEFORE, Cases, title_of
from crm_eval_lib.efficiency.describe import WINSOR, winsorised_mean
from crm_eval_lib.efficiency.stand_in import StandIn, offered
from crm_eval_lib.results import (
    CONFIDENCE,
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
STRONG_RUNGS = ("R2", "R3")  # trend and season removed; on all others money is only a potential
REALISATION = 0.5  # share of saved hours that becomes money, when the client says nothing
WORK, CYCLE = "touch", "cycle"
_OFFERED = {WORK: "efficiency.touch_hours_before", CYCLE: "efficiency.median_hours_before"}


@dataclass(frozen=True)
class _Mean:
    """Mean hours of a case before, the error of it, and where it comes from."""

    value: float
    error: float
    table: str = "events"


@dataclass(frozen=True)
class _Saving:
    value: float | None = None
    draws: np.ndarray | None = None
    basis: str = WORK
    change: Indicator | None = None
    tables: tuple[str, ...] = TABLES
    reason: Message | None = None

    @property
    def rung(self) -> str | None:
        """Rung of the change it rests on."""
        return None if self.change is None else self.change.rung

    @property
    def significant(self) -> bool:
        """Whether chance alone does not explain the change, all processes asked together."""
        found = self.change
        if found is None or found.low is None or found.high is None or found.low <= 0 <= found.high:
            return False
        return found.p is None or found.p <= 1 - (found.confidence or CONFIDENCE)

    @property
    def shown(self) -> bool:
        """Whether it may be called saved; all else is a potential."""
        return self.rung in STRONG_RUNGS and self.significant

    def bounds(self, factor: float = 1.0, confidence: float = CONFIDENCE) -> dict[str, float]:
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
    fallbacks: Sequence[StandIn] = (),
    realisation: float = REALISATION,
    currency: str = "",
    seed: int = 0,
) -> Step:
    """Turn the change of work time into hours and money a year.

    Parameters
    ----------
    changes : Step
        From `change`: its ``touch_change``, else its ``change``, gives the share saved.
    fallbacks : sequence of StandIn
        Give the hours before where the log has none.
    realisation : float
        Share of the hours that becomes money.
    currency : str
        Of ``hourly_cost``.
    cases : Cases
        From `build_cases`; its roster has annual_volume and hourly_cost.
    processes : tuple of str, optional
        Default: all of the roster.
    seed : int
        Of the draws of the total.

    Returns
    -------
    Step
        ``hours_saved[process]`` = annual volume × mean work before (winsorised) × −touch change;
        without work times hours of the whole case × −change, with a warning. ``money_saved`` =
        hours × hourly cost × realisation. Its table holds what is shown: on R2 or R3, and chance
        does not explain it; the table ``potential`` all else. Each has its own total, drawn
        process by process.

    Examples
    --------
    200 cases a year, 4 hours of work, halved, 100 an hour, half of it becomes money:

    >>> from crm_eval_lib.efficiency import change, example_cases
    >>> cases = example_cases()
    >>> step = savings(cases, change(cases), realisation=0.5, currency="CNY")
    >>> [round(step[f"efficiency.{name}_saved[quote]"].value, 6) for name in ("hours", "money")]
    [400.0, 20000.0]
    """
    names = cases.names(processes)
    indicators: list[Indicator] = []
    rows, caveats = [], []
    for process in cases.roster.index:
        saving = (
            _saving(cases, process, changes, (fallbacks, seed))
            if process in names
            else _Saving(reason=Message("efficiency.reason.not_evaluated"))
        )
        rate = cases.roster.at[process, "hourly_cost"]
        hours = _hours(process, saving)
        money = _money(process, saving, (rate, realisation), currency)
        indicators += [hours, money]
        if saving.value is None:
            continue
        rows.append((saving, rate * realisation, _row(process, saving, hours, money)))
        if saving.basis == CYCLE:
            slots = {"process": title_of(cases, process)}
            caveats.append(Caveat(Message("efficiency.caveat.cycle_hours", slots),
                                  (hours.id, money.id), bias=True))  # fmt: skip
    if not indicators:
        reason = cases.absent or Message("efficiency.reason.no_process")
        indicators = [not_assessed(HOURS, "hours", reason),
                      not_assessed(MONEY, "money", reason, currency=currency or None)]  # fmt: skip
    shown = [row for row in rows if row[0].shown]
    potential = [row for row in rows if not row[0].shown]
    return Step(
        "efficiency.savings", tuple(indicators), _table(shown),
        _sentence(shown, potential, currency), caveats=tuple(caveats),
        tables={"potential": _table(potential)} if potential else {},
    )  # fmt: skip


def _saving(
    cases: Cases, process: str, changes: Step, how: tuple[Sequence[StandIn], int]
) -> _Saving:
    fallbacks, seed = how
    by_id = {indicator.id: indicator for indicator in changes.indicators}
    touch = by_id.get(keyed("efficiency.touch_change", process))
    cycle = by_id.get(keyed("efficiency.change", process))
    if touch is None or cycle is None:
        return _Saving(reason=cases.absent or Message("efficiency.reason.not_evaluated"))
    observed = offered(fallbacks, keyed(_OFFERED[WORK], process)) is not None
    work = cases.has_work(process) or (observed and touch.value is not None)
    used, basis = (touch, WORK) if work else (cycle, CYCLE)
    if used.value is None:
        return _Saving(reason=used.reason, change=used)
    volume = cases.roster.at[process, "annual_volume"]
    if pd.isna(volume):
        return _Saving(reason=missing_column("processes", "annual_volume"), change=used)
    mean = _mean_before(cases, process, basis, fallbacks)
    if mean is None:
        return _Saving(reason=Message("efficiency.reason.no_touch"), change=used)
    rng = np.random.default_rng([seed, zlib.crc32(process.encode())])
    draws = _draws(used, mean, rng)
    tables = tuple(dict.fromkeys([*used.tables, mean.table, "processes"]))
    value = float(volume * mean.value * -used.value) + 0.0  # never minus zero
    return _Saving(value, None if draws is None else volume * draws, basis, used, tables)


def _mean_before(
    cases: Cases, process: str, basis: str, fallbacks: Sequence[StandIn]
) -> _Mean | None:
    """Mean hours of a case before go-live: of the log, else of what stands in for it."""
    before = cases.of(process, BEFORE)
    done = before.loc[before["observed"].astype(bool), "touch" if basis == WORK else "hours"]
    done = done.dropna().astype(float)
    if len(done):
        clipped = done.clip(*done.quantile(list(WINSOR)))
        error = clipped.std(ddof=1) / np.sqrt(len(clipped)) if len(clipped) > 1 else 0.0
        return _Mean(winsorised_mean(done), float(error))
    found = offered(fallbacks, keyed(_OFFERED[basis], process))
    if found is None:
        return None
    parts = found.parts or {}
    value = float(parts.get("mean_hours") or found.value)
    return _Mean(value, value * (parts.get("log_error") or 0.0), found.tables[0])


def _draws(change: Indicator, mean: _Mean, rng: np.random.Generator) -> np.ndarray | None:
    """Draw hours saved per case: the change from its interval, the mean from its spread."""
    if change.low is None or change.high is None:
        return None
    reach = stats.norm.ppf((1 + (change.confidence or CONFIDENCE)) / 2)
    ends = np.array([change.low, change.value, change.high])
    low, middle, high = np.log1p(np.maximum(ends, -1 + 1e-9))
    # Each side of the interval has its own spread: forms leave more doubt on one than on the other.
    drawn = rng.normal(0, 1 / reach, DRAWS)
    effects = np.expm1(middle + drawn * np.where(drawn < 0, middle - low, high - middle))
    return np.maximum(rng.normal(mean.value, mean.error, DRAWS), 0.0) * -effects


def _hours(process: str, saving: _Saving) -> Indicator:
    id = keyed(HOURS, process)
    if saving.value is None:
        return not_assessed(id, "hours", saving.reason, tables=saving.tables, rung=saving.rung)
    return measured(
        id, saving.value, "hours", rung=saving.rung, n=saving.change.n, tables=saving.tables,
        parts=_parts(saving), **saving.bounds(),
    )  # fmt: skip


def _money(process: str, saving: _Saving, rates: tuple[float, float], currency: str) -> Indicator:
    rate, realisation = rates
    id, code = keyed(MONEY, process), currency or None
    reason = saving.reason if saving.value is None else None
    if reason is None and pd.isna(rate):
        reason = missing_column("processes", "hourly_cost")
    if reason is not None:
        return not_assessed(id, "money", reason, tables=saving.tables, rung=saving.rung,
                            currency=code)  # fmt: skip
    factor = float(rate * realisation)
    return measured(
        id, saving.value * factor, "money", rung=saving.rung, n=saving.change.n,
        tables=saving.tables, parts={**_parts(saving), "realisation": realisation}, currency=code,
        **saving.bounds(factor),
    )  # fmt: skip


def _parts(saving: _Saving) -> dict[str, object]:
    return {"basis": saving.basis, "potential": not saving.shown,
            "significant": saving.significant}  # fmt: skip


def _row(
    process: str, saving: _Saving, hours: Indicator, money: Indicator
) -> dict[str, object]:  # fmt: skip
    return {"process": process, "basis": saving.basis, "rung": saving.rung,
            "hours_saved": hours.value, "low": hours.low, "high": hours.high,
            "saved_amount": money.value, "significant": saving.significant}  # fmt: skip


def _table(rows: list[tuple[_Saving, float, dict]]) -> pd.DataFrame | None:
    """Add a total, drawn process by process: independent errors partly cancel."""
    if not rows:
        return None
    told = [row for _, _, row in rows]
    if len(rows) < 2:
        return pd.DataFrame(told)
    total = {"process": "total", "hours_saved": sum(row["hours_saved"] for row in told)}
    if all(saving.draws is not None for saving, _, _ in rows):
        together = _Saving(draws=np.sum([saving.draws for saving, _, _ in rows], axis=0))
        total |= {name: together.bounds()[name] for name in ("low", "high")}
    money = [row["saved_amount"] for row in told]
    if all(value is not None for value in money):
        total["saved_amount"] = sum(money)
    return pd.DataFrame([*told, total])


def _sentence(
    shown: list[tuple[_Saving, float, dict]],
    potential: list[tuple[_Saving, float, dict]],
    currency: str,
) -> Message | None:
    if not shown and not potential:
        return None
    first, later = (_sums(rows) for rows in (shown or potential, potential))
    paid = currency and not pd.isna(first["money"])
    slots = first | {"currency": currency} if paid else {k: first[k] for k in ("hours", "n")}
    kind = "saved" if shown else "potential"
    if shown and potential:
        slots |= {"more_hours": later["hours"], "more_n": later["n"]}
        kind = "saved_and_potential"
    return Message(f"efficiency.sentence.{kind}{'' if paid else '_hours'}", slots)


def _sums(rows: list[tuple[_Saving, float, dict]]) -> dict[str, float]:
    hours = sum(saving.value for saving, _, _ in rows)
    money = sum(saving.value * rate for saving, rate, _ in rows)
    return {"hours": hours, "money": money, "n": len(rows)}

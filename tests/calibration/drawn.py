"""Tables of simulated clients whose truth is known: each factor's by itself, with its truth.

The library's own simulator makes the frame; what it plants as an exact share is drawn anew here,
one problem, department or complaint at a time, so that chance is what the intervals say it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
from scipy.stats import norm

from crm_eval_lib.controls import complaint_order
from crm_eval_lib.simulate import DEMOS, Scenario
from crm_eval_lib.simulate.controls import control_tables
from crm_eval_lib.simulate.cost import cost_tables
from crm_eval_lib.simulate.efficiency import (
    BEFORE_MONTHS,
    RETURNED,
    STEPS,
    TOUCH_SHARE,
    TYPICAL_MINUTES,
    efficiency_tables,
    monthly_noise,
)
from crm_eval_lib.simulate.problems import problem_tables

LIGHT = replace(DEMOS["demo-services"], cases=1800, order_lines=1600, complaints=320, season=0.0,
                sigma=0.35, mix_from=1.0, mix_to=1.0, unapproved_after=1.0, inverted=0.35,
                problems=60)  # fmt: skip
SLA_HOURS, DUE_HOURS = 10.0, 20.0
TOLERABLE = 0.05  # rate of deviations of a critical point
MANY = 200_000  # draws of a truth that has no formula
WAIT_HOURS = {1: 26.0, 2: 18.0, 3: 11.0, 4: 6.0, 5: 3.0}  # as simulated, by importance
COMPLAINT_DRAWS = 40  # tables whose mean inversion is the truth
PROCESS = "order_approval"
Tables = dict[str, pd.DataFrame]
Maker = Callable[[Scenario, np.random.Generator], Tables]


@dataclass(frozen=True)
class Part:
    """The tables of one factor, what is true of them, and which vetoes truly hold."""

    scenario: Scenario
    tables: Tables
    truth: Mapping[str, float] = field(default_factory=dict)
    vetoes: frozenset[str] = frozenset()


def cost_part(rng: np.random.Generator, *, over: tuple[float, float] = (0.05, 0.30),
              scope: tuple[float, float] = (0.70, 0.95)) -> Part:  # fmt: skip
    """Draw a ledger: nothing about it is chance, so the truth is what the library finds."""
    scenario = replace(LIGHT, seed=_seed(rng), overrun=rng.uniform(*over),
                       scope_delivered=rng.uniform(*scope))  # fmt: skip
    vetoes = {name for name, holds in (("V4", scenario.scope_delivered < 0.60),
                                       ("V5", scenario.overrun > 0.50)) if holds}  # fmt: skip
    return Part(scenario, _made(cost_tables, scenario), {}, frozenset(vetoes))


def problems_part(rng: np.random.Generator, *, solved: tuple[float, float] = (0.60, 0.85),
                  open_five: bool = False, departments: int = 24,
                  tied: bool = True) -> Part:  # fmt: skip
    """Draw a register: each problem solved, late, prompted and reopened by its own chance."""
    scenario = replace(LIGHT, seed=_seed(rng), survey_shift=0.35)
    tables = _made(problem_tables, scenario, "trace")
    rates = {"solved": rng.uniform(*solved), "late": rng.uniform(0.15, 0.30), "spoke": 0.75,
             "unprompted": rng.uniform(0.45, 0.70), "back": rng.uniform(0.05, 0.15)}  # fmt: skip
    speaking = [f"D{n:02d}" for n in range(departments) if rng.random() < rates["spoke"]] or ["D00"]
    tables["problems"] = _register(tables["problems"], rates, speaking, rng)
    if open_five:
        first = tables["problems"].index[0]
        tables["problems"].loc[first, ["status", "severity"]] = ["open", 5]
        tables["problems"].loc[first, ["accepted", "evidence", "solved_on", "closed_on"]] = None
    tables["departments"] = pd.DataFrame(
        {"department": [f"D{n:02d}" for n in range(departments)], "affected": "yes"}
    )
    if tied:
        tables["control_totals"] = _totals(tables, ("problems", "departments"), scenario)
    truth = {
        "problems.weighted_solved_rate": rates["solved"], "problems.engagement": rates["spoke"],
        "problems.proactive_share": rates["unprompted"], "problems.late_found_share": rates["late"],
        "problems.reopen_rate": rates["back"],
        "problems.survey_better_share": _better_share(scenario.survey_shift),
    }  # fmt: skip
    return Part(scenario, tables, truth, frozenset({"V3"} if open_five else ()))


def _register(
    problems: pd.DataFrame, rates: Mapping[str, float], speaking: list[str],
    rng: np.random.Generator,
) -> pd.DataFrame:  # fmt: skip
    rows = problems[problems["status"].isin(["solved", "open", "partly"])].reset_index(drop=True)
    count, raised = len(rows), pd.to_datetime(rows["raised_on"])
    late, solved = rng.random(count) < rates["late"], rng.random(count) < rates["solved"]
    done = raised + pd.to_timedelta(rng.integers(20, 200, count), unit="D")
    place = np.where(late, np.cumsum(late), np.cumsum(~late)) - 1
    return rows.assign(
        phase=np.where(late, "build", "survey"), raised_by_side="client", severity=3,
        department=[speaking[n % len(speaking)] for n in place],
        prompted=np.where(rng.random(count) < rates["unprompted"], "no", "yes"),
        status=np.where(solved, "solved", "open"), solved_on=done.where(solved),
        closed_on=done.where(solved), accepted=np.where(solved, "yes", None),
        evidence=np.where(solved, "test record", None), confirmed_on=pd.NaT,
        reopened=np.where(solved & (rng.random(count) < rates["back"]), 1, 0),
    )  # fmt: skip


@cache
def _better_share(shift: float) -> float:
    """Improved of all that moved: answers before and after, rounded to the scale of five."""
    rng = np.random.default_rng(7)
    before = rng.normal(2.6, 0.7, MANY)
    after = before + rng.normal(shift, 0.8, MANY)
    moved = np.clip(np.round(after), 1, 5) - np.clip(np.round(before), 1, 5)
    return float((moved > 0).sum() / (moved != 0).sum())


def efficiency_part(rng: np.random.Generator, *, effect: tuple[float, float] = (-0.25, -0.10),
                    in_system: tuple[float, float] = (0.65, 0.85)) -> Part:  # fmt: skip
    """Draw a log of one process: fewer cases that come back save work beside the effect."""
    scenario = replace(LIGHT, seed=_seed(rng), crm_effect=rng.uniform(*effect),
                       in_system_share=rng.uniform(*in_system))  # fmt: skip
    tables = _made(efficiency_tables, scenario)
    tables = {name: table[table["process"] == PROCESS] for name, table in tables.items()}
    tables["processes"] = tables["processes"].assign(sla_hours=SLA_HOURS)
    tables["control_totals"] = _totals(tables, ("events",), scenario)
    effect = scenario.crm_effect
    keyed = {"change": effect, "touch_change": (1 + effect) * _work_ratio() - 1,
             "p90_change": effect, "sla_met_after": _in_time(scenario, tables["events"]),
             "rework_rate_after": RETURNED[0],
             "in_system_share": scenario.in_system_share}  # fmt: skip
    truth = {f"efficiency.{name}[{PROCESS}]": value for name, value in keyed.items()}
    return Part(scenario, tables, truth, frozenset({"V6"} if scenario.crm_effect > 0 else ()))


@cache
def _work_ratio() -> float:
    """Median work after over before without any effect: it falls where fewer cases come back.

    The first step has no more time than the share of the case it ends at; one that comes back is
    worked on once more.
    """
    step = TOUCH_SHARE / len(STEPS)
    once = min(step, STEPS[0][1]) + (len(STEPS) - 1) * step
    rng = np.random.default_rng(11)
    minutes = TYPICAL_MINUTES * rng.lognormal(0, LIGHT.sigma, MANY)
    after, before = (np.median(minutes * np.where(rng.random(MANY) < share, once + step, once))
                     for share in RETURNED)  # fmt: skip
    return float(after / before)


def _in_time(scenario: Scenario, events: pd.DataFrame) -> float:
    """Share of the cases within the limit in the months as they were: noise of a month included.

    The clock of the log counts whole minutes: what takes less than one more is in time.
    """
    begun = events.groupby("case_id")["started_at"].min()
    first = pd.Timestamp(scenario.go_live) - pd.DateOffset(months=BEFORE_MONTHS)
    months = pd.period_range(first, scenario.status_date, freq="M")
    noise = pd.Series(monthly_noise(np.random.default_rng(scenario.seed), len(months)), months)
    after = begun[begun >= days_of(scenario).blackout[1]].dt.to_period("M")
    typical = np.log(TYPICAL_MINUTES) + np.log1p(scenario.crm_effect) + noise[after]
    return float(norm.cdf((np.log(SLA_HOURS * 60 + 1) - typical) / scenario.sigma).mean())


def controls_part(rng: np.random.Generator, *, below: tuple[float, float] = (0.004, 0.014),
                  dropped: tuple[float, ...] = (0.03, 0.05, 0.07, 0.09)) -> Part:  # fmt: skip
    """Draw orders and complaints; no critical point ever deviates, so all samples are clean."""
    scenario = replace(LIGHT, seed=_seed(rng), below_floor_after=rng.uniform(*below))
    tables, lost = _made(control_tables, scenario), float(rng.choice(dropped))
    tables["controls"] = tables["controls"].assign(log_check="none")  # no log refutes a mode here
    tables["control_tests"] = tables["control_tests"].assign(result="pass")
    tables["complaints"] = _complaints(tables["complaints"], lost, rng)
    tables["control_totals"] = _totals(tables, ("orders", "complaints", "controls"), scenario)
    truth = {"controls.price.unapproved_rate": scenario.below_floor_after,
             "controls.complaints.dropped_share": lost,
             "controls.complaints.inversion_share[response]": _inverted(lost),
             "controls.complaints.sla_response": (1 - lost) * _answered_in_time()}  # fmt: skip
    return Part(scenario, tables, truth)


def tested_again(
    part: Part, tests: pd.DataFrame, rng: np.random.Generator, *,
    deviating: tuple[float, float], items: int = 60,
) -> tuple[Part, pd.DataFrame]:  # fmt: skip
    """Draw the sample of one critical point anew, from a true rate; V1 holds above 5 %."""
    rate = rng.uniform(*deviating)
    vetoes = frozenset({"V1"} if rate > TOLERABLE else ())
    return replace(part, vetoes=vetoes), _tests(tests, rate, items, rng)


def _complaints(table: pd.DataFrame, lost: float, rng: np.random.Generator) -> pd.DataFrame:
    gone = rng.random(len(table)) < lost
    kept = {name: table[name].where(~gone) for name in ("first_response_at", "resolved_at")}
    due = table["opened_at"] + pd.Timedelta(hours=DUE_HOURS)
    return table.assign(**kept, owner=np.where(gone, None, "service desk"), response_due=due)


def _tests(table: pd.DataFrame, rate: float, items: int, rng: np.random.Generator) -> pd.DataFrame:
    mine = (table["control_id"] == "C02") & (table["method"] == "sample")
    number = mine.cumsum()
    failed = mine & (rng.random(len(table)) < rate)
    return table.assign(result=np.where(failed, "deviation", "pass"))[~mine | (number <= items)]


@cache
def _inverted(lost: float) -> float:
    """Mean inversion over many tables of the same kind: it hangs on how waits overlap."""
    found = []
    for seed in range(COMPLAINT_DRAWS):
        rng = np.random.default_rng([13, seed])
        scenario = replace(LIGHT, seed=_seed(rng))
        table = _complaints(_made(control_tables, scenario)["complaints"], lost, rng)
        ordered = complaint_order(table, rank="importance", dates=days_of(scenario))
        found.append(ordered["controls.complaints.inversion_share[response]"].value)
    return float(np.mean(found))


@cache
def _answered_in_time() -> float:
    """Of those that anybody takes: the wait by importance, or by any where order is not kept."""
    rng = np.random.default_rng(17)
    importance = rng.choice([1, 2, 3, 4, 5], MANY, p=[0.1, 0.2, 0.35, 0.25, 0.1])
    other = rng.choice([1, 2, 3, 4, 5], MANY)
    treated = np.where(rng.random(MANY) < LIGHT.inverted, other, importance)
    typical = np.array([WAIT_HOURS[n] for n in treated])
    return float((typical * rng.lognormal(0, 0.35, MANY) <= DUE_HOURS).mean())


def _made(maker: Maker, scenario: Scenario, *left_out: str) -> Tables:
    tables = maker(scenario, np.random.default_rng(scenario.seed))
    return {name: table for name, table in tables.items() if name not in left_out}


def _totals(tables: Tables, names: tuple[str, ...], scenario: Scenario) -> pd.DataFrame:
    rows = [{"table": name, "measure": "rows", "total": len(tables[name]), "source_system": "ERP",
             "obtained_by_role": "internal audit", "obtained_on": scenario.status_date}
            for name in names]  # fmt: skip
    return pd.DataFrame(rows)


def days_of(scenario: Scenario) -> SimpleNamespace:
    """Return the dates of a scenario as a client has them."""
    live, settled, status = (pd.Timestamp(day) for day in (
        scenario.go_live, scenario.blackout_end, scenario.status_date))  # fmt: skip
    return SimpleNamespace(go_live=live, blackout=(live, settled), status_date=status)


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(1, 2**31))


PARTS: dict[str, Callable[..., Part]] = {
    "cost": cost_part, "problems": problems_part, "efficiency": efficiency_part,
    "controls": controls_part,
}  # fmt: skip

"""Synthetic event logs: trend, season, mix, noise, a learning dip – and the planted effect."""

import numpy as np
import pandas as pd

from crm_eval_lib.simulate.clock import DAY_MINUTES, WorkingClock, working_days
from crm_eval_lib.simulate.scenario import Scenario

BEFORE_MONTHS = 24
LEARNING_DIP = 0.25  # log scale, just after go-live, gone by the end of the blackout
COMPLEX_FACTOR = 2.4  # complex cases take this much longer than simple ones
TYPICAL_MINUTES = 9 * 60  # median of a simple case: nine working hours
MONTHLY_NOISE, MONTHLY_AR = 0.05, 0.3
TOUCH_SHARE = 0.22
RETURNED = 0.06, 0.13  # share of the cases that come back: after go-live, before
# process, share of the cases, speed against the first, importance, difficulty, repetitive
_PROCESSES = (
    ("order_approval", 0.72, 1.0, 5, 4, "yes", "Sales order approval", "销售订单审批", 24.0),
    ("quotation", 0.28, 0.7, 3, 2, "yes", "Quotation", "报价", 16.0),
)
STEPS = (("submit", 0.02), ("check_price", 0.30), ("check_credit", 0.62), ("approve", 1.0))
_LAST = "approve"
_REGIONS = ("North", "South", "East")


def efficiency_tables(scenario: Scenario, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Make processes and events."""
    live = pd.Timestamp(scenario.go_live)
    first = (live - pd.DateOffset(months=BEFORE_MONTHS)).date().isoformat()
    last = pd.Timestamp(scenario.status_date)
    days = working_days(first, scenario.status_date, scenario.country)
    clock = WorkingClock(days)
    months = pd.period_range(first, last, freq="M")
    noise = monthly_noise(rng, len(months))
    logs = [
        _process_log(scenario, rng, clock, row, dict(zip(months, noise, strict=True)))
        for row in _PROCESSES
    ]
    events = pd.concat(logs, ignore_index=True).sort_values(
        ["completed_at", "case_id"], ignore_index=True
    )
    events = events.loc[events["completed_at"] < last + pd.Timedelta(days=1)]
    return {"processes": _processes(scenario, events), "events": events}


def monthly_noise(rng: np.random.Generator, count: int) -> np.ndarray:
    """Draw what each month adds to the logarithm of its hours: the first draw of a log."""
    noise = np.zeros(count)
    for month in range(1, count):
        noise[month] = MONTHLY_AR * noise[month - 1] + rng.normal(0, MONTHLY_NOISE)
    return noise


def _process_log(
    scenario: Scenario, rng: np.random.Generator, clock: WorkingClock, row: tuple, noise: dict
) -> pd.DataFrame:
    process, share, speed = row[:3]
    count = round(scenario.cases * share)
    starts = np.sort(rng.integers(0, len(clock.days) * DAY_MINUTES - 60, count))
    begun = clock.at(starts)
    complex_case = rng.random(count) >= _mix(scenario, begun)
    log_minutes = np.log(TYPICAL_MINUTES * speed) + rng.normal(0, scenario.sigma, count)
    log_minutes += np.where(complex_case, np.log(COMPLEX_FACTOR), 0.0)
    log_minutes += scenario.season * np.cos(2 * np.pi * (begun.month - scenario.slowest_month) / 12)
    log_minutes += np.array([noise[period] for period in begun.to_period("M")])
    log_minutes += _system_effect(scenario, begun)
    returned = rng.random(count) < np.where(begun >= pd.Timestamp(scenario.go_live), *RETURNED)
    minutes = np.maximum(np.exp(log_minutes), 5.0)
    cases = pd.DataFrame({
        "case_id": [f"{process[0].upper()}{n:05d}" for n in range(1, count + 1)],
        "start": starts, "minutes": minutes, "returned": returned,
        "region": rng.choice(_REGIONS, count),
        "amount_band": np.where(complex_case, "large", "small"),
        "system": _systems(scenario, rng, begun),
    })  # fmt: skip
    return _events(process, cases, clock, rng)


def _mix(scenario: Scenario, begun: pd.DatetimeIndex) -> np.ndarray:
    """Share of simple cases, drifting evenly over the whole period."""
    position = (begun - begun[0]) / (begun[-1] - begun[0])
    return scenario.mix_from + (scenario.mix_to - scenario.mix_from) * np.asarray(position)


def _system_effect(scenario: Scenario, begun: pd.DatetimeIndex) -> np.ndarray:
    live, settled = pd.Timestamp(scenario.go_live), pd.Timestamp(scenario.blackout_end)
    dip = LEARNING_DIP * np.clip((settled - begun) / (settled - live), 0, 1)
    return np.where(begun >= live, np.log1p(scenario.crm_effect) + dip, 0.0)


def _systems(scenario: Scenario, rng: np.random.Generator, begun: pd.DatetimeIndex) -> np.ndarray:
    after = begun >= pd.Timestamp(scenario.go_live)
    bypass = rng.random(len(begun)) >= scenario.in_system_share
    return np.where(~after, "old", np.where(bypass, "paper", "crm"))


def _events(
    process: str, cases: pd.DataFrame, clock: WorkingClock, rng: np.random.Generator
) -> pd.DataFrame:
    steps = list(STEPS)
    frames = []
    for position, (activity, share) in enumerate(steps):
        done = cases["start"] + cases["minutes"] * share
        frames.append(_step(process, cases, activity, done, clock, rng, position))
    back = cases.loc[cases["returned"]]
    frames.append(_step(process, back, "check_price", back["start"] + back["minutes"] * 0.8, clock,
                        rng, 1))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def _step(
    process: str,
    cases: pd.DataFrame,
    activity: str,
    done: pd.Series,
    clock: WorkingClock,
    rng: np.random.Generator,
    position: int,
) -> pd.DataFrame:
    work = np.maximum(cases["minutes"] * TOUCH_SHARE / len(STEPS), 1.0)
    begun = np.maximum(done - work, cases["start"])
    return pd.DataFrame({
        "process": process, "case_id": cases["case_id"], "activity": activity,
        "started_at": clock.at(begun.to_numpy()), "completed_at": clock.at(done.to_numpy()),
        "resource": [f"E{position}{n}" for n in rng.integers(1, 5, len(cases))],
        "system": cases["system"], "region": cases["region"],
        "amount_band": cases["amount_band"],
    })  # fmt: skip


def _processes(scenario: Scenario, events: pd.DataFrame) -> pd.DataFrame:
    settled, last = pd.Timestamp(scenario.blackout_end), pd.Timestamp(scenario.status_date)
    begun = events.groupby(["process", "case_id"])["completed_at"].min()
    rows = []
    for process, _, _, importance, difficulty, repetitive, en, zh, sla in _PROCESSES:
        after = (begun.loc[process] > settled + pd.Timedelta(days=1)).sum()
        years = (last - settled).days / 365.25
        rows.append({
            "process": process, "title": zh if scenario.language == "zh-Hans" else en,
            "importance": importance, "difficulty": difficulty, "repetitive": repetitive,
            "annual_volume": round(after / years, -1), "hourly_cost": 85.0, "sla_hours": sla,
            "in_crm": "yes", "end_activities": _LAST, "orders_total_after": int(after),
        })  # fmt: skip
    return pd.DataFrame(rows)

"""From single events to the verdict: that nothing is lost between the cases and their series."""

from functools import cache

import numpy as np
import pandas as pd
from efficiency_rows import make_dates, make_events, make_processes

from calibration.series import BLACKOUT, FIRST, World, direction
from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.efficiency import Cases, build_cases, naive_change
from crm_eval_lib.efficiency.designs import estimate
from crm_eval_lib.efficiency.estimates import Measure
from crm_eval_lib.efficiency.periods import MONTH, start_of
from crm_eval_lib.efficiency.verdict import verdict_of

DAY_HOURS, OPENS = 8, 9
OFFICE = BusinessCalendar("UTC", days=["mon", "tue", "wed", "thu", "fri"], hours=["09:00-17:00"])
A_MONTH = 40
SPREAD = 0.45  # of the log hours of cases of one month
BUSY = 0.25  # how much fuller the fullest month of the year is; Mondays bring half as much again
STEPS = (("submit", 0.0), ("check", 0.6), ("approve", 1.0))  # activity, share of the way


@cache
def _days(months: int) -> pd.DatetimeIndex:
    """Working days, a year of them behind the end for the slowest cases."""
    ends = (start_of(FIRST, MONTH), start_of(FIRST + months + 12, MONTH))
    return pd.bdate_range(*ends, inclusive="left")


def _arrivals(rng: np.random.Generator, days: pd.DatetimeIndex) -> np.ndarray:
    """Number of the working day on which each case arrives."""
    season = 1 + BUSY * np.sin(2 * np.pi * (days.month - 1) / 12)
    weight = season * np.where(days.day_of_week == 0, 1.5, 1.0)
    return np.repeat(np.arange(len(days)), rng.poisson(A_MONTH * 12 / 261 * weight))


def events_of(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Events of cases that arrive on working days and wait as long as their month says."""
    months = world.before + BLACKOUT + world.after
    days = _days(months)
    inside = days[: np.searchsorted(days, start_of(FIRST + months, MONTH))]
    arrived = _arrivals(rng, inside)
    month = (inside.year * 12 + inside.month - 1 - FIRST).to_numpy()[arrived]
    begun = arrived * DAY_HOURS + rng.uniform(0, DAY_HOURS, len(arrived))
    hours = np.exp(world.logs(rng)[month] + rng.normal(0, SPREAD, len(arrived)))
    names = np.arange(len(arrived)).astype(str)
    parts = [
        pd.DataFrame({"process": "p", "case_id": names, "activity": activity,
                      "completed_at": _moments(begun + way * hours, days)})
        for activity, way in STEPS
    ]  # fmt: skip
    rows = pd.concat(parts, ignore_index=True)
    return make_events(rows[rows["completed_at"] < start_of(FIRST + months, MONTH)])


def _moments(place: np.ndarray, days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Moments of so many working hours after the first morning."""
    day = np.minimum((place // DAY_HOURS).astype(int), len(days) - 1)
    return days[day] + pd.to_timedelta((OPENS + place % DAY_HOURS).round(4), unit="h")


def cases_of(world: World, rng: np.random.Generator) -> Cases:
    """The same as cases, by the library."""
    ends = [world.before, world.before + BLACKOUT, world.before + BLACKOUT + world.after]
    live, settled, now = (start_of(FIRST + month, MONTH) for month in ends)
    day = pd.Timedelta(days=1)
    dates = make_dates(live, now - day, (live, settled - day))
    processes = make_processes([{"process": "p", "end_activities": "approve"}])
    return build_cases(events_of(world, rng), processes, dates=dates, calendar=OFFICE)


def reported(rng: np.random.Generator, *, world: World) -> str:
    """What the report says of these events."""
    return verdict_of(estimate(cases_of(world, rng), "p", Measure()))


def as_it_stands(rng: np.random.Generator, *, world: World) -> str:
    """What the medians of these events would claim."""
    found = naive_change(cases_of(world, rng))["efficiency.naive_change[p]"]
    return direction(found.low, found.high)

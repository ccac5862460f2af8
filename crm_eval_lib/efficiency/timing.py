"""In which hours a case is told: business time, or elapsed time; less than a tick of the clock."""

import numpy as np
import pandas as pd

from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.efficiency.log_tables import AFTER, BEFORE
from crm_eval_lib.efficiency.sequences import MISSING
from crm_eval_lib.stats.survival import kaplan_meier
from crm_eval_lib.worktime import MICROSECONDS_PER_DAY

BUSINESS, ELAPSED = "business", "elapsed"
# Clocks, finest first: microseconds of one tick, hours of it.
_TICKS = ((1_000, 1 / 3_600_000), (1_000_000, 1 / 3600), (60_000_000, 1 / 60))


def timed(frame: pd.DataFrame, calendar: BusinessCalendar) -> tuple[pd.DataFrame, dict[str, str]]:
    """Add hours in the clock of each process; less than a tick counts as half a tick.

    Comparison cases of an evaluated process are told in the clock of that process.
    """
    business = pd.Series(calendar.hours_between(frame["begun"], frame["stop"]), frame.index)
    elapsed = pd.Series(calendar.elapsed_hours(frame["begun"], frame["stop"]), frame.index)
    process = frame["process"].astype("category")  # a million names are compared once
    evaluated = process[~frame["apart"]].unique()
    decides = ~frame["apart"] | ~process.isin(evaluated)
    deciding = frame.loc[decides, ["sample", "observed", "touch"]].groupby(process[decides])
    clocks = {name: _clock(part, business) for name, part in deciding}
    touch_clocks = {name: _touch_clock(part) for name, part in deciding}
    outside = process.isin([name for name in clocks if clocks[name] == ELAPSED])
    rested = process.isin([name for name in touch_clocks if touch_clocks[name] == ELAPSED])
    hours = business.where(~outside, elapsed)
    touch = frame["touch"].where(~rested, frame["touch_elapsed"])
    ticks = _ticks_of(frame)
    half = _half_ticks(ticks, calendar, outside)
    touch = touch.mask(ticks.isna())  # days tell no work
    zero = hours.le(0)
    timed = frame.assign(
        hours=hours.mask(zero, half),
        business_hours=business.mask(business.le(0), _half_ticks(ticks, calendar, outside & False)),
        zero=zero,
        touch=touch.mask(touch.le(0), half),
        idle=zero & frame["ended"].gt(frame["begun"]),
        touch_idle=touch.le(0) & frame["touch_elapsed"].gt(0),
        touch_clock=process.map(touch_clocks).astype("str"),
    )
    return timed.drop(columns=["touch_elapsed", "compared", "stop"]), clocks


def _clock(mine: pd.DataFrame, business: pd.Series) -> str:
    for sample in (BEFORE, AFTER):
        part = mine[mine["sample"].eq(sample)]
        if len(part) and median_of(business[part.index], part["observed"]) == 0:
            return ELAPSED
    return BUSINESS


def _touch_clock(mine: pd.DataFrame) -> str:
    for sample in (BEFORE, AFTER):
        if mine.loc[mine["sample"].eq(sample) & mine["observed"], "touch"].median() == 0:
            return ELAPSED
    return BUSINESS


def _half_ticks(ticks: pd.Series, calendar: BusinessCalendar, outside: pd.Series) -> pd.Series:
    """Half the resolution of the clock behind each case, in hours of the clock used."""
    days = [hours_a_day(calendar, clock) for clock in (ELAPSED, BUSINESS)]
    return ticks.fillna(pd.Series(np.where(outside, *days), ticks.index)) / 2


def hours_a_day(calendar: BusinessCalendar, clock: str) -> float:
    """Return the hours of a whole day in business or elapsed time."""
    if clock == ELAPSED:
        return 24.0
    return sum(closes - opens for opens, closes in calendar.windows) / 60


def tells_days(frame: pd.DataFrame) -> bool:
    """Say whether all starts and ends of some cases are whole days."""
    return _tick(_moments(frame)) is None


def _ticks_of(frame: pd.DataFrame) -> pd.Series:
    """Hours of one tick of the clock behind each case; missing where it tells days only."""
    ticks, moments = np.full(len(frame), np.nan), _moments(frame)
    sides = [frame["process"].astype("category"), "apart", "sample"]
    for rows in frame.groupby(sides).indices.values():
        tick = _tick(moments[:, rows])
        ticks[rows] = np.nan if tick is None else tick
    return pd.Series(ticks, index=frame.index)


def local_micros(moments: pd.Series) -> np.ndarray:
    """Return local microseconds of moments; of none the smallest integer.

    >>> noon = pd.to_datetime(pd.Series(["1970-01-01 12:00"])).dt.tz_localize("Asia/Shanghai")
    >>> (local_micros(noon) / 3.6e9).tolist()
    [12.0]
    """
    return moments.dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype("int64")


def _moments(frame: pd.DataFrame) -> np.ndarray:
    return np.stack([local_micros(frame[name]) for name in ("begun", "ended")])


def _tick(moments: np.ndarray) -> float | None:
    """Hours of one tick of the clock that wrote these moments; None for whole days."""
    local = moments[moments != MISSING]
    if not (local % MICROSECONDS_PER_DAY).any():
        return None
    finest = _TICKS[0][1]
    for size, hours in _TICKS:
        if not (local % size).any():
            finest = hours
    return finest


def still(frame: pd.DataFrame) -> frozenset[str]:
    """Name the processes whose cases all start and end at one moment: a log without times."""
    grouped = frame.groupby("process")
    first, last = grouped["begun"].min(), grouped[["begun", "ended"]].max().max(axis=1)
    same = first.eq(last) & grouped.size().gt(1) & grouped["ended"].count().eq(grouped.size())
    return frozenset(same.index[same])


def median_of(hours: pd.Series, observed: pd.Series) -> float | None:
    """Return the Kaplan–Meier median; None where it is not reached."""
    return kaplan_meier(hours, observed).median() if len(hours) else None

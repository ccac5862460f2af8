"""The ladder of evidence: interrupted series, and the world in which they are simulated."""

from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pandas as pd

from calibration.case import Case, repeat
from crm_eval_lib.efficiency import BusinessCalendar, Cases, Window, naive_change
from crm_eval_lib.efficiency.estimates import Options
from crm_eval_lib.efficiency.medians import Ratio
from crm_eval_lib.efficiency.periods import MONTH, harmonics_for, start_of
from crm_eval_lib.efficiency.series_design import interrupted, ratio_of
from crm_eval_lib.stats.interrupted import interrupted_series

IDS = ("efficiency.change", "efficiency.touch_change", "efficiency.p90_change")
FIRST = 2020 * 12  # January 2020 as the number of a month
BLACKOUT = 3  # months
SLOW_DRAWS = 400  # where one draw takes a tenth of a second
EVERY_DAY = BusinessCalendar(
    "UTC", days=["mon", "tue", "wed", "thu", "fri", "sat", "sun"], hours=["00:00-24:00"]
)


@dataclass(frozen=True)
class World:
    """Monthly log medians: trend, season, neighbours correlated, a dip while people learn."""

    before: int = 24
    after: int = 12
    phi: float = 0.3
    noise: float = 0.1
    trend: float = -0.005  # a month: what staff and tools bring anyway
    season: float = 0.1
    dip: float = 0.2  # slower at go-live, halved every 1.4 months; most of it in the blackout
    effect: float = 0.0

    @property
    def words(self) -> str:
        """How the setting is called."""
        said = f", {-np.expm1(self.effect):.0%} faster" if self.effect else ", no effect"
        return f"{self.before} + {self.after} months, correlation {self.phi}{said}"

    def logs(self, rng: np.random.Generator) -> np.ndarray:
        """Draw the months, those of the blackout included."""
        time = np.arange(self.before + BLACKOUT + self.after)
        since = time - self.before
        learning = np.where(since >= 0, self.dip * np.exp(-np.maximum(since, 0) / 2), 0.0)
        place = 2 * np.pi * time / 12
        season = self.season * (np.sin(place) + 0.5 * np.cos(2 * place))
        steady = 2.5 + self.trend * time + season + learning + self.effect * (since >= 0)
        return steady + correlated(rng, len(time), self.phi, self.noise)

    def series(self, rng: np.random.Generator) -> pd.DataFrame:
        """The table that `period_series` makes of a log."""
        logs = self.logs(rng)
        return _months(self.before, self.after).assign(value=logs, hours=np.exp(logs))

    @property
    def window(self) -> Window:
        """Go-live, end of the blackout, status date."""
        ends = (self.before, self.before + BLACKOUT, self.before + BLACKOUT + self.after)
        days = (start_of(FIRST + month, MONTH).tz_localize("UTC") for month in ends)
        return Window(*days)

    def cases(self, rng: np.random.Generator, per_month: int = 40, spread: float = 0.45) -> Cases:
        """Single cases around the months, as `build_cases` leaves them."""
        logs = self.logs(rng)
        month = np.repeat(np.arange(len(logs)), per_month)
        starts = pd.DatetimeIndex([start_of(FIRST + m, MONTH) for m in range(len(logs))])
        days = rng.integers(0, 28, len(month))
        begun = pd.Series(starts[month] + pd.to_timedelta(days, unit="D")).dt.tz_localize("UTC")
        hours = np.exp(logs[month] + rng.normal(0, spread, len(month)))
        place = month - self.before
        sample = np.select([place < 0, place < BLACKOUT], ["before", "between"], "after")
        ended = begun + pd.to_timedelta(hours, unit="h")
        observed = ended <= np.where(place < 0, self.window.live, self.window.now)
        frame = pd.DataFrame(
            {"process": "p", "begun": begun, "ended": ended, "sample": sample, "hours": hours,
             "observed": observed, "zero": False, "idle": False, "touch_idle": False,
             "touch": np.nan, "stratum": ""}
        )  # fmt: skip
        roster = pd.DataFrame({"title": [pd.NA]}, index=["p"])
        return Cases(frame, roster, self.window, EVERY_DAY, {"p": "business"})


@cache
def _months(before: int, after: int) -> pd.DataFrame:
    months = FIRST + np.arange(before + BLACKOUT + after)
    place = months - FIRST - before
    sample = np.select([place < 0, place < BLACKOUT], ["before", "between"], "after")
    return pd.DataFrame(
        {"time": months, "start": [start_of(m, MONTH) for m in months], "sample": sample,
         "season": (months % 12 + 0.5) / 12, "festival": 0.0, "after": sample == "after",
         "used": sample != "between"}
    )  # fmt: skip


def correlated(rng: np.random.Generator, size: int, phi: float, noise: float) -> np.ndarray:
    """First-order autoregression in its steady state."""
    shocks = rng.normal(0, noise * np.sqrt(1 - phi**2), size)
    found = np.empty(size)
    found[0] = rng.normal(0, noise)
    for place in range(1, size):
        found[place] = phi * found[place - 1] + shocks[place]
    return found


def estimated(rng: np.random.Generator, world: World):
    """R2 as the step asks for it, placebo dates included."""
    return interrupted(world.series(rng), MONTH, world.window, options=Options())


def _interrupted(rng: np.random.Generator, *, world: World):
    """The same without its placebo dates, which move no interval."""
    return bounds_of(world.series(rng))


def bounds_of(series: pd.DataFrame) -> tuple[float, float]:
    """The interval of an interrupted series as the report tells it."""
    found = series_ratio(series)
    return found.low, found.high


def series_ratio(series: pd.DataFrame) -> Ratio:
    """The effect of an interrupted series as the report tells it."""
    used = series[series["used"]]
    return ratio_of(interrupted_series(used, harmonics=harmonics_for(used, MONTH)).effect)


def claim_of_naive(rng: np.random.Generator, *, world: World, per_month: int = 40) -> str:
    """What the medians as they stand would claim."""
    found = naive_change(world.cases(rng, per_month))["efficiency.naive_change[p]"]
    return direction(found.low, found.high)


def direction(low: float, high: float) -> str:
    """Say on which side of zero an interval lies."""
    return "faster" if high < 0 else "slower" if low > 0 else "open"


LENGTHS = ((24, 12), (36, 18))
STEADY = tuple(World(before, after) for before, after in LENGTHS)
OTHERS = (World(effect=float(np.log(0.7))), World(36, 18, 0.6))


def _case(table: str, world: World, ask, *, draws: int, fast: bool = False) -> Case:
    draw = repeat(partial(ask, world=world), np.expm1(world.effect))
    return Case(table, world.words, IDS, draw, draws=draws, fast=fast)


def cases() -> list[Case]:
    """Series of two lengths."""
    alone = "Change, R2: interrupted series"
    return [
        *(_case(alone, w, _interrupted, draws=2000, fast=w.before == 24) for w in STEADY),
        *(_case(alone, w, _interrupted, draws=SLOW_DRAWS) for w in OTHERS),
    ]

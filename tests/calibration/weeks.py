"""The lower rungs: medians before and after, as they stand or under one mix, weeks redrawn."""

from functools import partial

import numpy as np
import pandas as pd

from calibration.case import Case, repeat
from crm_eval_lib.efficiency.medians import Ratio, quantile_ratio, redrawn_ends
from crm_eval_lib.efficiency.tallies import weeks_of

IDS = ("efficiency.naive_change", "efficiency.change", "efficiency.touch_change",
       "efficiency.p90_change")  # fmt: skip
PER_WEEK, MOOD, SPREAD = 10, 0.15, 0.5  # cases; what a week shares; what a case has of its own
EFFECT = float(np.log(0.8))
KINDS = (0.0, 1.0)  # log hours of small and large cases
DRAWS = 1000


def _cases(
    rng: np.random.Generator, weeks: int, large: tuple[float, float], effect: float
) -> pd.DataFrame:  # fmt: skip
    """Weeks before and after; a share of large cases on either side."""
    week = np.repeat(np.arange(2 * weeks), PER_WEEK)
    after = week >= weeks
    kind = (rng.random(len(week)) < np.where(after, large[1], large[0])).astype(int)
    mood = rng.normal(0, MOOD, 2 * weeks)[week]
    logs = 2 + np.take(KINDS, kind) + mood + rng.normal(0, SPREAD, len(week)) + effect * after
    return pd.DataFrame({"hours": np.exp(logs), "week": week, "after": after, "observed": True,
                         "stratum": kind.astype(str) if max(large) else ""})  # fmt: skip


def asked(
    rng: np.random.Generator, *, weeks: int, large: tuple[float, float], effect: float = EFFECT
) -> Ratio:
    """What the library makes of one draw."""
    data = _cases(rng, weeks, large, effect)
    return quantile_ratio(data, seed=int(rng.integers(2**31)))


def _interval(rng: np.random.Generator, **world):
    found = asked(rng, **world)
    return found.low, found.high


def percentiles(rng: np.random.Generator, *, weeks: int, large: tuple[float, float]):
    """Percentiles of the redrawn weeks as they are."""
    data = _cases(rng, weeks, large, EFFECT)
    grid = np.unique(data["hours"])
    ends = redrawn_ends(weeks_of(data, grid), 0.5, int(rng.integers(2**31)))
    return tuple(np.quantile(ends[1] / ends[0], [0.025, 0.975]) - 1)


def cases() -> list[Case]:
    """One and two months a side: as it stands, and with a mix that moves."""
    stands, mixed = "Change, R0: before/after, weeks redrawn", "Change, R1: one mix, weeks redrawn"
    settings = ((stands, 4, (0.0, 0.0)), (stands, 8, (0.0, 0.0)), 
                (mixed, 8, (0.3, 0.6)))  # fmt: skip
    return [
        Case(table, f"{weeks} + {weeks} weeks, {PER_WEEK} cases a week, 20% faster", IDS,
             repeat(partial(_interval, weeks=weeks, large=large), np.expm1(EFFECT)),
             draws=DRAWS, fast=(table, weeks) == (stands, 4))
        for table, weeks, large in settings
    ]  # fmt: skip

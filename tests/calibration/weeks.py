"""The lower rungs: medians before and after under one mix, weeks redrawn."""

from functools import partial

import numpy as np
import pandas as pd

from calibration.case import Case, repeat
from crm_eval_lib.efficiency.medians import quantile_ratio

IDS = ("efficiency.naive_change", "efficiency.change", "efficiency.touch_change",
       "efficiency.p90_change")  # fmt: skip
PER_WEEK, MOOD, SPREAD = 10, 0.15, 0.5  # cases; what a week shares; what a case has of its own
EFFECT = float(np.log(0.8))
KINDS = (0.0, 1.0)  # log hours of small and large cases
DRAWS = 1000


def _cases(rng: np.random.Generator, weeks: int, large: tuple[float, float]) -> pd.DataFrame:
    """Weeks before and after; a share of large cases on either side."""
    week = np.repeat(np.arange(2 * weeks), PER_WEEK)
    after = week >= weeks
    kind = (rng.random(len(week)) < np.where(after, large[1], large[0])).astype(int)
    mood = rng.normal(0, MOOD, 2 * weeks)[week]
    logs = 2 + np.take(KINDS, kind) + mood + rng.normal(0, SPREAD, len(week)) + EFFECT * after
    return pd.DataFrame({"hours": np.exp(logs), "week": week, "after": after, "observed": True,
                         "stratum": kind.astype(str) if max(large) else ""})  # fmt: skip


def _interval(rng: np.random.Generator, *, weeks: int, large: tuple[float, float]):
    found = quantile_ratio(_cases(rng, weeks, large), seed=int(rng.integers(2**31)))
    return found.low, found.high


def cases() -> list[Case]:
    """Two months a side, with a mix that moves."""
    settings = (("Change, R1: one mix, weeks redrawn", 8, (0.3, 0.6)),)
    return [
        Case(table, f"{weeks} + {weeks} weeks, {PER_WEEK} cases a week, 20% faster", IDS,
             repeat(partial(_interval, weeks=weeks, large=large), np.expm1(EFFECT)), draws=DRAWS)
        for table, weeks, large in settings
    ]  # fmt: skip

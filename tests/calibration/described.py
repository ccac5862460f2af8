"""What describes a process without any claim: P(after faster), hours of a step, forms returned."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
from scipy import stats

from calibration.case import Case, Intervals, repeat
from calibration.shares import binomial, of_step
from crm_eval_lib.efficiency.cases import BEFORE
from crm_eval_lib.efficiency.crude import brunner_munzel
from crm_eval_lib.efficiency.forms import Forms
from crm_eval_lib.efficiency.sampled import levels
from crm_eval_lib.efficiency.sides import SAMPLES, Side
from crm_eval_lib.stats.interval_censored import Stamps, curve_of
from crm_eval_lib.stats.weekly import interval_of_difference, weekly_means

FASTER = "P(after faster): Brunner–Munzel"
STEP = "Hours of a step: difference of means between weeks"
RETURNED = "Forms returned at least once: Wilson"
SIGMA, SHIFT = 0.5, 0.35  # spread and fall of the log hours
MOOD, A_WEEK = 0.15, 12  # what a week shares; cases of a week on average
RETURNS = ("efficiency.rework_rate_before", "efficiency.rework_rate_after")


def _faster(rng: np.random.Generator, *, n: int, spread: float):
    """Other spread after than before, so that ranks do not share one."""
    before, after = rng.normal(0, SIGMA, n), rng.normal(-SHIFT, spread, n)
    found = brunner_munzel(before, after)
    return found.low, found.high


def _step(rng: np.random.Generator, size: int, *, weeks: int) -> Intervals:
    """Mean hours of one step after less before, whole weeks resembling each other."""
    ends = []
    for _ in range(size):
        sides = []
        for level in (2.0, 2.0 - SHIFT):
            cases = rng.poisson(A_WEEK, weeks)
            mood = rng.normal(0, MOOD, weeks)
            week = np.repeat(np.arange(weeks), cases)
            hours = np.exp(level + mood[week] + rng.normal(0, SIGMA, len(week)))
            sums = np.bincount(week, weights=hours, minlength=weeks)
            sides.append(weekly_means(sums[None], cases))
        ends.append(interval_of_difference(*sides, 0.95))
    low, high = np.array(ends)[..., 0].T
    means = [np.exp(level + (MOOD**2 + SIGMA**2) / 2) for level in (2.0, 2.0 - SHIFT)]
    return Intervals(means[1] - means[0], low, high)


def _returned(n: int, k: int):
    hours = np.arange(1.0, n + 1)
    curve = curve_of(Stamps(0 * hours, 0 * hours, hours, hours), draws=9)
    side = Side(SAMPLES, n, BEFORE, curve=curve)
    forms = Forms(pd.DataFrame({"returned_count": np.arange(n) < k}).astype(int), 0, None)
    roster = SimpleNamespace(roster=pd.DataFrame({"sla_hours": [np.nan]}, index=["p"]))
    found = levels(roster, "p", forms, side, confidence=0.95)
    return next(item for item in found if item.base_id == RETURNS[0])


def cases() -> list[Case]:
    """Small and usual sizes."""
    truth = {spread: float(stats.norm.cdf(SHIFT / np.hypot(SIGMA, spread)))
             for spread in (SIGMA, 0.8)}  # fmt: skip
    return [
        *(Case(FASTER, f"{n} + {n} cases, P = {truth[spread]:.2f}{words}",
               ("efficiency.superiority",),
               repeat(partial(_faster, n=n, spread=spread), truth[spread]),
               fast=n == 30 and not words)
          for n in (15, 30, 200) for spread, words in ((SIGMA, ""), (0.8, ", wider after"))),
        *(Case(STEP, f"{weeks} + {weeks} weeks, about {A_WEEK} cases a week",
               ("efficiency.step_change",), partial(_step, weeks=weeks)) for weeks in (4, 8, 26)),
        *(Case(RETURNED, f"60 forms, {rate:.0%} returned", RETURNS,
               binomial(rate, 60, partial(of_step, _returned)), draws=20_000)
          for rate in (0.1, 0.3, 0.5)),
    ]  # fmt: skip

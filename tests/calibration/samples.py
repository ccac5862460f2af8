"""Medians of drawn forms whose dates are coarse, and work of people who were timed."""

from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from calibration.case import Case, repeat
from crm_eval_lib.stats.interval_censored import COARSE_REACH, Stamps, curve_of
from crm_eval_lib.stats.jackknife import clustered_ratio
from crm_eval_lib.stats.redraws import Redraws, of_cases

RATIO, LEVEL, WORK = ("Drawn forms: ratio of medians", "Drawn forms: median and P90 of one wave",
                      "Work per case: people left out one by one")  # fmt: skip
CHANGES = ("efficiency.change", "efficiency.p90_change")
LEVELS = ("efficiency.median_hours_before", "efficiency.median_hours_after",
          "efficiency.p90_hours_before", "efficiency.p90_hours_after")  # fmt: skip
WORKED = ("efficiency.touch_change",)
LABEL = "efficiency.caveat.rough_stamps"
DAY, SEEN = 8.0, 200  # hours of a working day; redraws
EFFECT = 2 / 3
DRAWS = 2000


def drawn_forms(
    rng: np.random.Generator, n: int, median: float | np.ndarray, spread: float, width: float
) -> Stamps:
    """Forms handed in at any time of the day, lognormal hours, stamps of one width."""
    begun = rng.uniform(0, DAY, n)
    ended = begun + median * np.exp(rng.normal(0, spread, n))
    if not width:
        return Stamps(begun, begun, ended, ended)
    low, late = np.floor(begun / width) * width, np.floor(ended / width) * width
    return Stamps(low, low + width, late, late + width)


def _drawn(rng: np.random.Generator, share: float, **forms) -> np.ndarray:
    seed = int(rng.integers(2**31))
    return curve_of(drawn_forms(rng, **forms), draws=SEEN, seed=seed).quantile(share)


def asked(
    rng: np.random.Generator, *, n: int, median: float, share: float, effect: float = EFFECT,
    **forms
) -> Redraws:  # fmt: skip
    """What the library makes of two waves of forms."""
    before = _drawn(rng, share, n=n, median=median, **forms)
    after = _drawn(rng, share, n=n, median=median * effect, **forms)
    ratios = after / before
    return of_cases(float(ratios[0]), ratios[1:], n)


def _ratio(rng: np.random.Generator, **forms):
    return asked(rng, **forms).bounds()


def _level(rng: np.random.Generator, *, n: int, median: float, share: float, **forms):
    found = _drawn(rng, share, n=n, median=median, **forms)
    reach = COARSE_REACH if forms["width"] else 1.0
    return of_cases(float(found[0]), found[1:], n, reach=reach).bounds()


def _work(rng: np.random.Generator, *, people: int, times: int, same: bool):
    """Lasting differences between people of 20 %, between their cases of 40 %."""
    own = rng.normal(0, 0.2, (2, people))
    habits = own[[0, 0]] if same else own
    level = 20 * np.array([1.0, EFFECT])[:, None, None] * np.exp(habits[..., None])
    values = level * np.exp(rng.normal(0, 0.4, (2, people, times)))
    after, person, _ = np.indices(values.shape).reshape(3, -1)
    data = pd.DataFrame({"activity": "a", "cluster": person if same else person + people * after,
                         "after": after.astype(bool), "value": values.ravel()})  # fmt: skip
    found = clustered_ratio(data)
    return found.low, found.high


def _case(ask, table, ids, truth, share, *, n, median, spread=0.5, width=DAY, label=""):
    kind = {DAY: "day stamps", DAY / 2: "half days", 0.0: "to the minute"}[width]
    point = "" if share == 0.5 else ", slowest tenth"
    words = f"{n} forms, median {median:g} h, spread {spread:g}, {kind}{point}"
    draw = partial(ask, n=n, median=median, spread=spread, width=width, share=share)
    return Case(table, words, ids, repeat(draw, truth), draws=DRAWS, label=label,
                fast=n == 60 and width == DAY and not label and share == 0.5 and spread == 0.5
                and median == 24)  # fmt: skip


def _p90(median: float, spread: float) -> float:
    return float(median * np.exp(spread * stats.norm.ppf(0.9)))


def cases() -> list[Case]:
    """Sizes of 30 to 200 forms; stamps of days, half days and minutes."""
    ratio = partial(_case, _ratio, RATIO, CHANGES, EFFECT)
    return [
        *(ratio(0.5, n=n, median=24) for n in (30, 60, 200)),
        ratio(0.5, n=60, median=24, spread=0.8),
        ratio(0.5, n=60, median=24, width=DAY / 2),
        ratio(0.5, n=60, median=24, width=0.0),
        ratio(0.5, n=60, median=12, label=LABEL),
        ratio(0.9, n=60, median=24),
        *(_case(_level, LEVEL, LEVELS, 24.0, 0.5, n=n, median=24) for n in (30, 60, 200)),
        _case(_level, LEVEL, LEVELS, 24.0, 0.5, n=60, median=24, width=0.0),
        _case(_level, LEVEL, LEVELS, 10.0, 0.5, n=60, median=10, label=LABEL),
        _case(_level, LEVEL, LEVELS, _p90(24, 0.5), 0.9, n=60, median=24),
        *(Case(WORK, f"{people} people a side, {times} times each, "
               f"{'the same' if same else 'other'} people after", WORKED,
               repeat(partial(_work, people=people, times=times, same=same), EFFECT), draws=DRAWS)
          for people, times, same in ((4, 6, True), (8, 6, True), (4, 6, False), (8, 6, False))),
    ]  # fmt: skip

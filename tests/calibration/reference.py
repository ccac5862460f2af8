"""The place of a project among finished ones, of which only some quantiles are known."""

from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from calibration.case import STEP_DRAWS, Case, bounds, repeat
from crm_eval_lib.cost import outside_view
from crm_eval_lib.cost.outside_view import position
from crm_eval_lib.results import measured
from crm_eval_lib.stats.intervals import wilson

TABLE = "Place among finished projects: Wilson between quantiles"
ID = "cost.reference_percentile"
CLASS = "simulated"
SHARES = np.array([0.01, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9,
                   0.95, 0.99])  # fmt: skip
ON_PLAN = 0.35  # projects that end exactly on their plan; the others lean to overruns
RATIOS = stats.lognorm(0.35, scale=1.12)
LATE = measured("cost.schedule_ratio", 0.0, "ratio")


def truth(ratio: float) -> float:
    """Share of all projects at or below a ratio that is not exactly the plan."""
    return float(ON_PLAN * (ratio > 1) + (1 - ON_PLAN) * RATIOS.cdf(ratio))


def _quantiles(rng: np.random.Generator, n: int) -> np.ndarray:
    ratios = np.where(rng.random(n) < ON_PLAN, 1.0, RATIOS.ppf(rng.random(n)))
    return np.quantile(ratios, SHARES)


def _of_function(rng: np.random.Generator, *, n: int, ratio: float):
    place = position(SHARES, _quantiles(rng, n), ratio, form="quantile")
    if place.share is None:
        return None
    return wilson(place.low * n, n)[0], wilson(place.high * n, n)[1]


def _of_step(rng: np.random.Generator, *, n: int, ratio: float):
    rows = pd.DataFrame({"class_id": CLASS, "p": SHARES, "value": _quantiles(rng, n), "n": n,
                         "measure": "cost", "form": "quantile", "title": CLASS})  # fmt: skip
    own = measured("cost.deviation_original", ratio - 1, "ratio")
    step = outside_view(rows, cost=own, schedule=LATE, default_class=CLASS)
    return None if step[ID].value is None else bounds(step[ID])


def _case(n: int, ratio: float, *, step: bool = False) -> Case:
    true = truth(ratio)
    words = f"{n} projects, own ratio {ratio:.2f} above {true:.0%} of all"
    ask = partial(_of_step if step else _of_function, n=n, ratio=ratio)
    return Case(TABLE, words + ", asked from the step" * step, (ID,), repeat(ask, true),
                draws=STEP_DRAWS if step else 2000, fast=n == 145 and not step)  # fmt: skip


def cases() -> list[Case]:
    """Sizes of classes, and places below, in and above the middle."""
    ratios = (0.85, 1.10, 1.35, 1.70)
    return [*(_case(n, ratio) for n in (60, 145, 624) for ratio in ratios),
            _case(145, 1.35, step=True)]  # fmt: skip

"""The share of weights that is solved: severity times importance, as registers have them."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd

from calibration.case import STEP_DRAWS, Case, bounds, repeat
from crm_eval_lib import problems
from crm_eval_lib.stats.weighted import weighted_share_interval

TABLE = "Weighted solved rate: Wilson at the bootstrap's effective number"
ID = "problems.weighted_solved_rate"
RATING_SHARES = (0.10, 0.25, 0.35, 0.20, 0.10)  # of the ratings 1 to 5
RATINGS = np.arange(1, 6)
MEAN_LOG = 8.0  # a weight about here is solved at the plain rate
RESAMPLES = 500  # of the function; the step takes its own number
DATES = SimpleNamespace(status_date=pd.Timestamp("2025-06-30"))


def _chance(weights: np.ndarray, rate: float, slope: float) -> np.ndarray:
    """Chance of being solved; with a slope what weighs more is solved less."""
    if not slope:
        return np.full_like(weights, rate)
    return 1 / (1 + (1 - rate) / rate * np.exp(slope * (weights - MEAN_LOG)))


def _truth(rate: float, slope: float) -> float:
    weights = np.outer(RATINGS, RATINGS).astype(float)
    mass = np.outer(RATING_SHARES, RATING_SHARES) * weights
    return float((mass * _chance(weights, rate, slope)).sum() / mass.sum())


def draw_register(rng: np.random.Generator, *, n: int, rate: float, slope: float):
    """Return severities, importances and which of n problems are solved."""
    severity, importance = rng.choice(RATINGS, (2, n), p=RATING_SHARES)
    solved = rng.random(n) < _chance((severity * importance).astype(float), rate, slope)
    return severity, importance, solved


def _of_function(rng: np.random.Generator, **setting):
    severity, importance, solved = draw_register(rng, **setting)
    return weighted_share_interval(severity * importance, solved, resamples=RESAMPLES)


def _of_step(rng: np.random.Generator, **setting):
    severity, importance, solved = draw_register(rng, **setting)
    rows = pd.DataFrame(
        {"problem_id": np.arange(len(solved)).astype(str), "raised_on": "2024-02-01", "title": "t",
         "severity": severity, "importance": importance, "accepted": np.where(solved, "yes", "no"),
         "status": np.where(solved, "solved", "open"), "evidence": "record"}
    )  # fmt: skip
    return bounds(problems.weighted(rows, dates=DATES)[ID])


def _case(n: int, rate: float, *, slope: float = 0.0, step: bool = False) -> Case:
    words = f"{n} problems, rate {rate:.2f}"
    words += ", heavy ones solved less" * bool(slope) + ", asked from the step" * step
    ask = partial(_of_step if step else _of_function, n=n, rate=rate, slope=slope)
    return Case(TABLE, words, (ID,), repeat(ask, _truth(rate, slope)),
                draws=STEP_DRAWS if step else 2000, fast=n == 40 and not slope)  # fmt: skip


def cases() -> list[Case]:
    """Sizes, rates, and one where the weight decides."""
    rates = (0.05, 0.10, 0.35, 0.65, 0.90, 0.95)
    return [
        *(_case(n, rate) for n in (40, 60, 150) for rate in rates),
        *(_case(n, 0.8, slope=0.08) for n in (40, 60, 150)),
        _case(60, 0.8, step=True),
    ]

"""What was replaced, kept to show why: the intervals the library no longer publishes."""

from functools import partial

import numpy as np
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa

from calibration import raters, times, weeks, weighted
from calibration.case import Case, repeat
from crm_eval_lib.problems.timing import HORIZON_DAYS
from crm_eval_lib.stats.survival import kaplan_meier

TABLE = "Replaced: no longer published"
Z = stats.norm.ppf(0.975)
RESAMPLES = 500


def _normal_kappa(rng: np.random.Generator, *, n: int, shares: np.ndarray):
    """Fleiss, Cohen & Everitt 1969, as statsmodels has it; none where no error is left."""
    table = rng.multinomial(n, shares.ravel()).reshape(shares.shape)
    if np.trace(table) == n:
        return None
    found = cohens_kappa(table)
    return found.kappa_low, found.kappa_upp


def _normal_mean(rng: np.random.Generator, *, world: times.World, n: int):
    """Greenwood's error of the area, normal quantiles [Klein & Moeschberger 2003, 4.5]."""
    duration, cause, _ = world.draw(rng, n)
    curve = kaplan_meier(duration, cause == 1)
    mean = curve.rmst(HORIZON_DAYS)
    if mean is None:
        return None
    ahead = np.maximum(curve.area(HORIZON_DAYS) - curve.area(curve.times), 0)
    events, at_risk = curve.events, curve.at_risk
    left = np.maximum(at_risk - events, 1) * at_risk
    half = Z * np.sqrt(np.sum(np.where(at_risk > events, ahead**2 * events / left, 0.0)))
    return mean.value - half, mean.value + half


def _percentiles(rng: np.random.Generator, *, n: int, rate: float):
    """Bootstrap percentiles, widened as Student's t is [Hesterberg 2015]."""
    severity, importance, solved = weighted.draw_register(rng, n=n, rate=rate, slope=0.0)
    weights = (severity * importance).astype(float)
    if solved.all() or not solved.any():
        return None
    drawn = rng.integers(0, n, (RESAMPLES, n))
    rates = (weights * solved)[drawn].sum(axis=1) / weights[drawn].sum(axis=1)
    effective = weights.sum() ** 2 / (weights**2).sum()
    stretch = np.sqrt(effective / (effective - 1))
    tail = stats.norm.cdf(stretch * stats.t.ppf(0.025, effective - 1))
    return tuple(np.quantile(rates, [tail, 1 - tail]))


def cases() -> list[Case]:
    """Settings in which they cover least."""
    found = []
    for prevalence, accuracy in ((raters.NEARLY_ALL, 0.5), (raters.MOST_SOLVED, 0.8)):
        shares = raters.cells(prevalence, accuracy)
        truth = raters.true_kappa(shares)
        words = f"kappa, normal, 40 problems, {prevalence[0]:.0%} solved, kappa {truth:.2f}"
        found.append((words, raters.ID, partial(_normal_kappa, n=40, shares=shares), truth))
    world = next(world for world in times.WORLDS if "few watched" in world.words)
    words = f"restricted mean, normal, 40 problems, {world.words}"
    mean = partial(_normal_mean, world=world, n=40)
    found.append((words, "problems.rmst_days", mean, world.truth(times.MEAN)))
    for rate in (0.1, 0.9):
        words = f"weighted rate, percentiles, 40 problems, rate {rate:.2f}"
        found.append((words, weighted.ID, partial(_percentiles, n=40, rate=rate), rate))
    for size in (8, 4):
        words = f"change, R0, percentiles, {size} + {size} weeks"
        ask = partial(weeks.percentiles, weeks=size, large=(0.0, 0.0))
        found.append((words, "efficiency.change", ask, np.expm1(weeks.EFFECT)))
    return [Case(TABLE, words, (id,), repeat(ask, truth), judged=False,
                 draws=weeks.DRAWS if id == "efficiency.change" else Case.draws)
            for words, id, ask, truth in found]  # fmt: skip

"""Median, 80 % point and restricted mean of the days to a solution."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
from scipy import stats

from calibration.case import STEP_DRAWS, Case, bounds, repeat
from crm_eval_lib import problems
from crm_eval_lib.problems.timing import HORIZON_DAYS
from crm_eval_lib.stats.survival import Curve, aalen_johansen, kaplan_meier

MEDIAN, P80 = "problems.median_days", "problems.p80_days"
MEAN = f"problems.rmst_days[{HORIZON_DAYS}]"
TABLES = {MEDIAN: "Median time: log(−log)", P80: "Time by which 80 % are solved: log(−log)",
          MEAN: "Restricted mean time: logit and t"}  # fmt: skip
UNWATCHED_LABEL = "problems.caveat.unwatched_horizon"
LATE_SHARE, LATE_DAYS = 0.4, 40.0  # problems entered after they were raised, mean delay
STATUS_DATE = pd.Timestamp("2025-06-30")


@dataclass(frozen=True)
class World:
    """How long problems take, how long they are watched, and what can come first."""

    words: str
    days: stats.rv_continuous
    watched: tuple[float, float]  # days from raising to the status date, evenly
    late: bool = False
    rival: float = 0.0  # mean days to being withdrawn; 0: never

    def draw(self, rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
        """Return durations, causes and entries of n problems that are on the register."""
        many = 2 * n + 20 if self.late else n
        solved = self.days.ppf(rng.random(many))
        rival = rng.exponential(self.rival, many) if self.rival else np.full(many, np.inf)
        end = rng.uniform(*self.watched, many)
        entry = np.zeros(many)
        if self.late:
            entry = np.where(rng.random(many) < LATE_SHARE, rng.exponential(LATE_DAYS, many), 0.0)
        duration = np.minimum(np.minimum(solved, rival), end)
        cause = np.select([duration == end, duration == solved], [0, 1], 2)
        kept = np.flatnonzero(duration > entry)[:n]
        return duration[kept], cause[kept], entry[kept]

    def reached(self, days: np.ndarray) -> np.ndarray:
        """Share solved by each day, with nothing but withdrawal in the way."""
        grid = np.linspace(0, float(np.max(days)), 20_001)
        left = np.exp(-grid / self.rival) if self.rival else np.ones_like(grid)
        share = np.concatenate([[0.0], np.cumsum(np.diff(self.days.cdf(grid)) * left[1:])])
        return np.interp(days, grid, share)

    def truth(self, id: str) -> float:
        """The number the indicator estimates."""
        if id == MEAN:
            grid = np.linspace(0, HORIZON_DAYS, 20_001)
            return float(np.trapezoid(1 - self.reached(grid), grid))
        grid = np.linspace(0, 3000, 300_001)
        return float(np.interp(0.5 if id == MEDIAN else 0.8, self.reached(grid), grid))


def _ends(curve: Curve, id: str):
    if id == MEAN:
        mean = curve.rmst(HORIZON_DAYS)
        return None if mean is None or mean.low is None else (mean.low, mean.high)
    q = 0.5 if id == MEDIAN else 0.8
    return None if curve.quantile(q) is None else curve.interval(q)


def _of_curve(rng: np.random.Generator, *, world: World, n: int, id: str):
    duration, cause, entry = world.draw(rng, n)
    if world.rival:
        return _ends(aalen_johansen(duration, cause, entry=entry), id)
    return _ends(kaplan_meier(duration, cause == 1, entry=entry), id)


def _of_step(rng: np.random.Generator, *, world: World, n: int, id: str):
    """Whole days, as a register has them; the status date is the same for all."""
    solved = np.floor(world.days.ppf(rng.random(n)))
    end = np.floor(rng.uniform(*world.watched, n))
    raised = STATUS_DATE - pd.to_timedelta(end, unit="D")
    done = solved <= end
    rows = pd.DataFrame(
        {"problem_id": np.arange(n).astype(str), "raised_on": raised, "title": "t", "severity": 3,
         "status": np.where(done, "solved", "open"),
         "solved_on": (raised + pd.to_timedelta(solved, unit="D")).where(done)}
    )  # fmt: skip
    dates = SimpleNamespace(status_date=STATUS_DATE)
    return bounds(problems.solution_time(rows, dates=dates)[id])


SKEWED, STEADY = stats.lognorm(1, scale=80), stats.expon(scale=110)
WORLDS = (
    World("steady, a tenth still waiting", STEADY, (60, 800)),
    World("steady, a quarter still waiting", stats.expon(scale=200), (60, 600)),
    World("steady, two in five still waiting", stats.expon(scale=300), (60, 600)),
    World("skewed, a third still waiting", stats.lognorm(1, scale=140), (60, 480)),
    World("skewed, few watched for a year", SKEWED, (30, 450)),
    World("skewed, many entered late", SKEWED, (60, 450), late=True),
    World("steady, some withdrawn first", stats.expon(scale=150), (60, 700), rival=1200.0),
)
WHOLE_DAYS = World("skewed, whole days, asked from the step", SKEWED, (60, 700))


def _case(world: World, n: int, id: str, ask: Callable, truth: float) -> Case:
    words = f"{n} problems, {world.words}"
    draw = repeat(partial(ask, world=world, n=n, id=id), truth)
    whole = ask is _of_curve
    return Case(TABLES[id], words, (id.split("[")[0],), draw, fast=n == 40 and whole,
                draws=2000 if whole else STEP_DRAWS,
                label=UNWATCHED_LABEL if id == MEAN else "")  # fmt: skip


def _whole_days_truth(id: str) -> float:
    if id == MEAN:  # Σ S(d) over whole days d < horizon, as floor(T) > d means T ≥ d + 1
        return float(WHOLE_DAYS.days.sf(np.arange(1, HORIZON_DAYS + 1)).sum())
    return float(np.floor(WHOLE_DAYS.days.ppf(0.5 if id == MEDIAN else 0.8)))


def cases() -> list[Case]:
    """Worlds and sizes, for each of the three numbers."""
    plain = [
        _case(world, n, id, _of_curve, world.truth(id))
        for id in TABLES for world in WORLDS for n in (40, 60, 150)
    ]  # fmt: skip
    steps = [_case(WHOLE_DAYS, 60, id, _of_step, _whole_days_truth(id)) for id in TABLES]
    return [*plain, *steps]

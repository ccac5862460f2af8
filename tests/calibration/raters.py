"""Kappa of two raters who each see the truth in part."""

from functools import partial

import numpy as np
import pandas as pd

from calibration.case import STEP_DRAWS, Case, bounds, repeat
from crm_eval_lib import problems
from crm_eval_lib.stats.agreement import kappa

TABLE = "Kappa: posterior"
ID = "problems.kappa"
VERDICTS = ("solved", "partly", "not_solved")
MOST_SOLVED, NEARLY_ALL, MIXED = (0.70, 0.15, 0.15), (0.85, 0.08, 0.07), (0.50, 0.20, 0.30)
SURE, DOUBTFUL, GUESSING = 0.95, 0.80, 0.50  # share of verdicts that see the truth


def cells(prevalence: tuple[float, ...], accuracy: float) -> np.ndarray:
    """Probability of each pair of verdicts: right, or drawn from the prevalence."""
    p = np.array(prevalence)
    said = accuracy * np.eye(len(p)) + (1 - accuracy) * p
    return np.einsum("t,tr,tc->rc", p, said, said)


def true_kappa(shares: np.ndarray) -> float:
    """Cohen's kappa of a table of probabilities."""
    chance = float(shares.sum(axis=1) @ shares.sum(axis=0))
    return float((np.trace(shares) - chance) / (1 - chance))


def _of_function(rng: np.random.Generator, *, n: int, shares: np.ndarray):
    found = kappa(rng.multinomial(n, shares.ravel()).reshape(shares.shape))
    return None if found.low is None else (found.low, found.high)


def _of_step(rng: np.random.Generator, *, n: int, shares: np.ndarray):
    pair = rng.choice(shares.size, n, p=shares.ravel())
    said = np.concatenate(np.divmod(pair, len(VERDICTS)))
    ratings = pd.DataFrame(
        {"problem_id": np.tile(np.arange(n), 2).astype(str), "rater_id": np.repeat(["A", "B"], n),
         "side": np.repeat(["client", "consultant"], n), "verdict": np.array(VERDICTS)[said]}
    )  # fmt: skip
    return bounds(problems.agreement(ratings)[ID])


def _case(n: int, prevalence: tuple[float, ...], accuracy: float, *, step: bool = False) -> Case:
    shares = cells(prevalence, accuracy)
    truth = true_kappa(shares)
    words = f"{n} problems, {prevalence[0]:.0%} solved, kappa {truth:.2f}"
    ask = partial(_of_step if step else _of_function, n=n, shares=shares)
    words += ", asked from the step" * step
    return Case(TABLE, words, (ID,), repeat(ask, truth), draws=STEP_DRAWS if step else 2000,
                fast=n == 40 and prevalence == NEARLY_ALL and accuracy != DOUBTFUL)  # fmt: skip


def cases() -> list[Case]:
    """Sizes, prevalences and how well the raters see."""
    return [
        *(_case(40, prevalence, accuracy) for prevalence in (MIXED, MOST_SOLVED, NEARLY_ALL)
          for accuracy in (GUESSING, DOUBTFUL, SURE)),
        *(_case(80, NEARLY_ALL, accuracy) for accuracy in (GUESSING, DOUBTFUL)),
        _case(80, MOST_SOLVED, DOUBTFUL, step=True),
    ]  # fmt: skip

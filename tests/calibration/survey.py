"""What people say before and after: shift per question, share of better answers."""

from functools import partial

import numpy as np
import pandas as pd

from calibration.case import STEP_DRAWS, Case, bounds, repeat
from crm_eval_lib import problems
from crm_eval_lib.stats.clustered import clustered_share
from crm_eval_lib.stats.intervals import clopper_pearson
from crm_eval_lib.stats.paired import paired_shift

SHIFTS = "Shift of a question: Hodges–Lehmann"
BETTER, BY_PERSON = "Share of better answers: exact", "Share of better answers: by person"
SHARE = "problems.survey_better_share"
PERSONS_LABEL = "problems.caveat.answers_of_persons"
SCORES = np.arange(1, 6)
BEFORE = np.array([0.10, 0.30, 0.35, 0.20, 0.05])
KEEPS = 0.4  # persons who answer as before; the others draw anew
AFTER = {"better": np.array([0.03, 0.12, 0.30, 0.35, 0.20]), "alike": BEFORE}
ITEMS = 5


def _joint(after: np.ndarray) -> np.ndarray:
    return KEEPS * np.diag(BEFORE) + (1 - KEEPS) * np.outer(BEFORE, after)


def pseudo_median(joint: np.ndarray) -> float:
    """Median of the mean of two differences after − before, from their probabilities."""
    steps = np.arange(-4, 5)
    p = np.array([np.trace(joint, offset=int(step)) for step in steps])
    total, mass = np.arange(-8, 9) / 2, np.convolve(p, p)
    return float(total[int(np.argmax(np.cumsum(mass) >= 0.5))])


def _differences(rng: np.random.Generator, n: int, joint: np.ndarray) -> np.ndarray:
    before, after = np.divmod(rng.choice(joint.size, n, p=joint.ravel()), len(SCORES))
    return after - before


def _shift(rng: np.random.Generator, *, n: int, joint: np.ndarray):
    found = paired_shift(_differences(rng, n, joint))
    return None if found.low is None else (found.low, found.high)


def _shift_step(rng: np.random.Generator, *, n: int, joint: np.ndarray):
    pair = rng.choice(joint.size, n, p=joint.ravel())
    scores = np.concatenate(np.divmod(pair, len(SCORES))) + 1
    answers = pd.DataFrame(
        {"respondent_id": np.tile(np.arange(n), 2).astype(str), "item_id": "Q1", "score": scores,
         "wave": np.repeat(["before", "after"], n)}
    )  # fmt: skip
    return bounds(problems.survey(answers, None)["problems.survey_shift[Q1]"])


def _better_of_persons(rng: np.random.Generator, persons: int, rate: float, like: float):
    """Say of each person and question whether it got better, persons alike within themselves.

    Each person has an own rate: Beta with correlation `like` between two answers.
    """
    own = np.full(persons, rate)
    if like:
        own = rng.beta(rate * (1 - like) / like, (1 - rate) * (1 - like) / like, persons)
    return rng.random((persons, ITEMS)) < own[:, None]


def _exact(rng: np.random.Generator, **setting):
    better = _better_of_persons(rng, **setting)
    return clopper_pearson(better.sum(), better.size)


def _by_person(rng: np.random.Generator, **setting):
    better = _better_of_persons(rng, **setting)
    found = clustered_share(better.sum(axis=1), np.full(len(better), ITEMS))
    return found.low, found.high


def _of_step(rng: np.random.Generator, *, by_person: bool, **setting):
    better = _better_of_persons(rng, **setting)
    who = np.repeat(np.arange(len(better)), ITEMS).astype(str)
    what = np.tile([f"Q{i}" for i in range(ITEMS)], len(better))
    answers = pd.DataFrame(
        {"respondent_id": np.tile(who, 2), "item_id": np.tile(what, 2),
         "wave": np.repeat(["before", "after"], who.size),
         "score": np.concatenate([np.full(who.size, 3), np.where(better.ravel(), 4, 2)])}
    )  # fmt: skip
    items = pd.DataFrame({"item_id": np.unique(what), "higher_is_better": "yes"})
    found = problems.survey(answers, items)[SHARE]
    if by_person:
        return found.parts["low_by_person"], found.parts["high_by_person"]
    return bounds(found)


def _shift_case(n: int, name: str, *, step: bool = False) -> Case:
    joint = _joint(AFTER[name])
    words = f"{n} persons, five-point scores, {name}" + ", asked from the step" * step
    ask = partial(_shift_step if step else _shift, n=n, joint=joint)
    return Case(SHIFTS, words, ("problems.survey_shift",), repeat(ask, pseudo_median(joint)),
                draws=STEP_DRAWS if step else 2000, fast=n == 30 and not step)  # fmt: skip


def _better_case(table: str, setting: tuple[int, float, float], *, step: bool = False) -> Case:
    persons, rate, like = setting
    words = f"{persons} persons, {ITEMS} questions, share {rate:.2f}, "
    words += f"correlation {like:g} within a person" if like else "answers independent"
    words += ", asked from the step" * step
    one = _exact if table == BETTER else _by_person
    if step:
        one = partial(_of_step, by_person=table == BY_PERSON)
    ask = partial(one, persons=persons, rate=rate, like=like)
    return Case(table, words, (SHARE,), repeat(ask, rate), draws=STEP_DRAWS if step else 2000,
                label=PERSONS_LABEL if table == BETTER and like else "",
                fast=persons == 48 and not step)  # fmt: skip


SETTINGS = tuple(
    (persons, rate, like) for like in (0.0, 0.3)
    for persons, rate in ((20, 0.70), (48, 0.50), (48, 0.70), (48, 0.90))
)  # fmt: skip


def cases() -> list[Case]:
    """Sizes with and without a shift; persons of one mind and of many."""
    return [
        *(_shift_case(n, name) for name in AFTER for n in (10, 30, 100)),
        _shift_case(30, "better", step=True),
        *(_better_case(table, setting) for table in (BETTER, BY_PERSON) for setting in SETTINGS),
        *(_better_case(table, (48, 0.7, 0.3), step=True) for table in (BETTER, BY_PERSON)),
    ]

"""Value: what the intervals of the benefits become in net present value, return and payback."""

from functools import partial

import numpy as np
import pandas as pd

from calibration.case import Case, Intervals, bounds
from crm_eval_lib import value
from crm_eval_lib.results import Message, Step

TABLE = "Value: draws from the benefits' intervals"
INVESTED, RUN, RATE, YEARS = 900_000.0, 60_000.0, 0.08, 5
ANNUITY = sum((1 + RATE) ** -year for year in range(1, YEARS + 1))
SOURCE = Message("value.word.tables", {"tables": ["benefits"]})
COSTS = Step("value.costs", table=pd.DataFrame(
    {"part": ["cost_to_go_live", "run_cost"], "amount": [INVESTED, RUN], "sources": [SOURCE] * 2}
))  # fmt: skip
AMOUNTS = np.array([260_000.0, 150_000.0, 80_000.0])  # true benefits a year
DRAWS = 1000  # of each interval; the step's own number takes four times as long
Z = 1.959964


def truths(total: float) -> dict[str, float]:
    """The three numbers by hand, from the true benefits of a year."""
    back, cost = total * ANNUITY, INVESTED + RUN * ANNUITY
    return {"value.npv": back - cost, "value.roi": back / cost - 1,
            "value.payback_months": INVESTED / (total - RUN) * 12}  # fmt: skip


def _normal(rng: np.random.Generator, n: int):
    """Estimates with a standard error of a quarter, and the intervals that go with them."""
    error = AMOUNTS[:n] / 4
    seen = AMOUNTS[:n] + error * rng.standard_normal(n)
    return AMOUNTS[:n].sum(), seen, seen - Z * error, seen + Z * error


def _skewed(rng: np.random.Generator, n: int):
    """Ratios estimated on the log scale: the upper part of the interval is the longer one."""
    seen = AMOUNTS[:n] * np.exp(0.25 * rng.standard_normal(n))
    return AMOUNTS[:n].sum(), seen, seen * np.exp(-Z * 0.25), seen * np.exp(Z * 0.25)


def _stated(rng: np.random.Generator, n: int):
    """The client names low, likely and high; the truth lies between them as PERT has it."""
    low, likely, high = AMOUNTS[:n] * 0.6, AMOUNTS[:n], AMOUNTS[:n] * 1.8
    first, last = 1 + 4 * (likely - low) / (high - low), 1 + 4 * (high - likely) / (high - low)
    return (low + (high - low) * rng.beta(first, last)).sum(), likely, low, high


SOURCES = {
    "estimates with even errors": (_normal, "two_piece_normal"),
    "estimates with skewed errors": (_skewed, "two_piece_normal"),
    "stated by the client as low, likely, high": (_stated, "pert"),
}


def _one(rng: np.random.Generator, *, id: str, words: str, n: int):
    make, spread = SOURCES[words]
    total, seen, low, high = make(rng, n)
    rows = pd.DataFrame({"kind": "stated_benefit", "name": [str(i) for i in range(n)],
                         "id": [str(i) for i in range(n)], "standing": "counted",
                         "amount_year": seen, "low": low, "high": high, "spread": spread,
                         "confidence": 0.95, "sources": [SOURCE] * n})  # fmt: skip
    step = value.worth(COSTS, Step("value.benefits", table=rows), rate=RATE, years=YEARS,
                       currency="CNY", draws=DRAWS)  # fmt: skip
    return truths(total)[id], bounds(step[id])


def _many(rng: np.random.Generator, size: int, **setting) -> Intervals:
    found = [_one(rng, **setting) for _ in range(size)]
    ends = [(np.nan, np.nan) if pair is None else pair for _, pair in found]
    low, high = np.array(ends, dtype=float).T
    high = np.where(np.isnan(high) & ~np.isnan(low), np.inf, high)
    return Intervals(np.array([truth for truth, _ in found]), low, high)


def _case(id: str, words: str, n: int) -> Case:
    counted = "one benefit" if n == 1 else f"{n} benefits"
    return Case(TABLE, f"{id}, {counted}, {words}", (id,),
                partial(_many, id=id, words=words, n=n))  # fmt: skip


def cases() -> list[Case]:
    """Each source of benefits; return and payback once, as they follow from the same draws."""
    first = next(iter(SOURCES))
    return [
        *(_case("value.npv", words, 3) for words in SOURCES),
        _case("value.roi", first, 3),
        _case("value.payback_months", first, 3),
    ]

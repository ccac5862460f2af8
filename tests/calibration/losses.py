"""What still goes wrong in a year, and human errors and reviews per volume: exact Poisson."""

from functools import cache, partial
from types import SimpleNamespace

import numpy as np
import pandas as pd

from calibration.case import STEP_DRAWS, Case, Intervals, bounds, repeat
from crm_eval_lib.controls import residual_loss, workload

LOST = "Residual loss: events a year times a range of losses"
ERRORS = "Human errors per volume, after over before: exact Poisson"
REVIEWED = "Manual price reviews per 100 orders: exact Poisson"
DAY = pd.Timestamp
LIVE_A_YEAR = SimpleNamespace(go_live=DAY("2024-07-01"), status_date=DAY("2025-06-30"),
                              blackout=None)  # fmt: skip
LIVE_A_THIRD = SimpleNamespace(**{**vars(LIVE_A_YEAR), "go_live": DAY("2025-03-01")})
A_THIRD = 122 / 365.25  # of a year: from 1 March to 30 June, both included
RARE_AND_DEAR = ((8.0, 50.0, 150.0), (3.0, 200.0, 800.0), (0.5, 5_000.0, 20_000.0))
ALIKE = ((4.0, 50.0, 150.0),) * 6
VOLUME = 1_000.0
PERIODS = {"before": "2024-03-31", "after": "2025-03-31"}


def _lost(rng: np.random.Generator, size: int, *, points: tuple, years: float) -> Intervals:
    """Events are counted for so many years; the mean loss lies in its range as the library says.

    A range is a statement and no sample: its middle is where the true mean loss is thought to be,
    its ends are as unlikely as those of a triangle.
    """
    rates, low, high = np.array(points).T
    truth, ends = np.empty(size), np.empty((size, 2))
    for draw in range(size):
        mean = low + (high - low) * (rng.random(len(low)) + rng.random(len(low))) / 2
        counted = rng.poisson(rates * years) / years
        truth[draw] = float(rates @ mean)
        ends[draw] = _told(tuple(counted), tuple(low), tuple(high), years < 1)
    return Intervals(truth, *ends.T)


@cache
def _told(rates: tuple, low: tuple, high: tuple, short: bool) -> tuple[float, float]:
    table = pd.DataFrame({
        "control_id": [f"C{n}" for n in range(len(rates))], "events_per_year_after": rates,
        "loss_low": low, "loss_high": high,
    })  # fmt: skip
    dates = LIVE_A_THIRD if short else LIVE_A_YEAR
    found = residual_loss(table, dates=dates, currency="CNY")
    return bounds(found["controls.residual_loss[after]"])


def _worked(errors: dict[str, int], reviews: int = 0):
    """Ask the step about so many errors before and after, and reviews after."""
    happened = [end for period, end in PERIODS.items() for _ in range(errors[period])]
    listed = pd.DataFrame({"error_id": [str(n) for n in range(len(happened))],
                           "occurred_at": pd.to_datetime(happened), "process": "p",
                           "human": "yes"})  # fmt: skip
    volumes = pd.DataFrame({"process": "p", "period_end": pd.to_datetime([*PERIODS.values()]),
                            "volume": VOLUME, "manual_reviews": [0, reviews]})  # fmt: skip
    return workload(listed, volumes, dates=LIVE_A_YEAR)


def _ratio(rng: np.random.Generator, *, before: float, after: float):
    counts = {"before": int(rng.poisson(before)), "after": int(rng.poisson(after))}
    return bounds(_worked(counts)["controls.error_ratio"])


def _reviews(rng: np.random.Generator, *, expected: float):
    step = _worked({"before": 1, "after": 1}, int(rng.poisson(expected)))
    return bounds(step["controls.manual_review_rate[after]"])


def cases() -> list[Case]:
    """Few and many events, ranges and none, a year and a third of one."""
    one = {"2 events a year, loss known": ((2.0, 100.0, 100.0),),
           "10 events a year, loss between 50 and 150": ((10.0, 50.0, 150.0),)}  # fmt: skip
    many = {"6 points alike": ALIKE, "3 points, one rare and dear": RARE_AND_DEAR}
    years = {"a year": 1.0, "a third of a year": A_THIRD}
    return [
        *(Case(LOST, f"{words}, counted for {time}", ("controls.residual_loss",),
               partial(_lost, points=points, years=length), draws=STEP_DRAWS,
               fast=len(points) == 1)
          for words, points in {**one, **many}.items() for time, length in years.items()),
        *(Case(ERRORS, f"{before} errors before, {after} after", ("controls.error_ratio",),
               repeat(partial(_ratio, before=before, after=after), after / before),
               draws=STEP_DRAWS, fast=before == 20)
          for before, after in ((6, 3), (20, 10), (60, 60), (200, 120))),
        *(Case(REVIEWED, f"{expected} reviews of 1,000 orders",
               ("controls.manual_review_rate",),
               repeat(partial(_reviews, expected=expected), expected / 10), draws=STEP_DRAWS)
          for expected in (2, 10, 60)),
    ]  # fmt: skip

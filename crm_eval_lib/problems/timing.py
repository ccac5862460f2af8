"""How long problems took, the ones still waiting included."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.problems.standing import register
from crm_eval_lib.problems.waits import WAITING, Waits, waits_of
from crm_eval_lib.results import (
    CONFIDENCE,
    Caveat,
    Indicator,
    Message,
    Step,
    measured,
    not_assessed,
)
from crm_eval_lib.stats.survival import Curve

TABLES = ("problems",)
HORIZON_DAYS = 365
QUANTILES = {"problems.median_days": 0.5, "problems.p80_days": 0.8}
RESTRICTED_MEAN = f"problems.rmst_days[{HORIZON_DAYS}]"
IDS = (*QUANTILES, RESTRICTED_MEAN)
OUTLOOKS = 6  # dates at which the figure prints the numbers still watched


def solution_time(
    problems: pd.DataFrame | None, *, dates: Any, confidence: float = CONFIDENCE
) -> Step:
    """Estimate the days from raising to solving, the still open ones counted as waiting.

    Parameters
    ----------
    problems : DataFrame or None
    dates : object
        Has ``status_date``, where waiting problems are censored.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.

    Returns
    -------
    Step
        ``median_days``, ``p80_days``, ``rmst_days[365]``: Kaplan–Meier, or Aalen–Johansen where
        problems were withdrawn or rejected at ``closed_on``. A problem entered after it was raised
        is watched from its entry only. Not reached: not assessed, low = longest follow-up; for
        the restricted mean the area seen and that plus the rest of the horizon.
        Table: the curve.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = pd.DataFrame({"problem_id": ["1", "2", "3"], "raised_on": ["2024-01-01"] * 3,
    ...                      "status": ["solved", "solved", "open"],
    ...                      "solved_on": ["2024-01-11", "2024-01-21", None]})
    >>> dates = SimpleNamespace(status_date=pd.Timestamp("2024-06-30"))
    >>> solution_time(rows, dates=dates)["problems.median_days"].value
    20.0
    """
    waits = waits_of(register(problems, dates=dates), dates=dates)
    if isinstance(waits, Message):
        found = tuple(not_assessed(id, "days", waits, tables=TABLES) for id in IDS)
        return Step("problems.solution_time", found)
    curve = waits.curve()
    found = [_quantile(id, q, curve, confidence) for id, q in QUANTILES.items()]
    found.append(_restricted_mean(curve, confidence))
    return Step(
        "problems.solution_time",
        tuple(found),
        table=curve_table(curve, confidence),
        caveats=(*waits.caveats(IDS), *_unwatched_horizon(waits, found[-1])),
        tables={"at_risk": numbers_watched(curve, curve.follow_up)},
        **_describe(curve, found[0], waits.competing),
    )


def _quantile(id: str, q: float, curve: Curve, confidence: float) -> Indicator:
    value = curve.quantile(q)
    if value is None:
        slots = {"share": q, "days": curve.follow_up}
        return not_assessed(id, "days", Message("problems.reason.not_reached", slots),
                            low=curve.follow_up, n=curve.n, tables=TABLES)  # fmt: skip
    low, high = curve.interval(q, confidence)
    return measured(id, value, "days", low=low, high=high, confidence=confidence, n=curve.n,
                    tables=TABLES)  # fmt: skip


def _restricted_mean(curve: Curve, confidence: float) -> Indicator:
    mean = curve.rmst(HORIZON_DAYS, confidence)
    if mean is None:
        seen = float(curve.area(curve.follow_up))
        rest = float(curve.survival_at(curve.follow_up)) * (HORIZON_DAYS - curve.follow_up)
        slots = {"horizon": HORIZON_DAYS, "days": curve.follow_up}
        return not_assessed(
            RESTRICTED_MEAN, "days", Message("problems.reason.horizon_not_reached", slots),
            low=seen, high=seen + rest, n=curve.n, tables=TABLES,
        )  # fmt: skip
    return measured(
        RESTRICTED_MEAN, mean.value, "days", low=mean.low, high=mean.high, n=curve.n,
        tables=TABLES, confidence=None if mean.low is None else confidence,
    )  # fmt: skip


def _unwatched_horizon(waits: Waits, mean: Indicator) -> tuple[Caveat, ...]:
    """Say that a mean over the horizon stands on solutions only: who waited longer left earlier.

    Such means lean to the short side and their intervals cover less (docs/calibration.md).
    """
    longest = float(waits.days.max())
    complete = not (waits.cause == WAITING).any()
    if mean.value is None or longest >= HORIZON_DAYS or complete:
        return ()
    slots = {"horizon": HORIZON_DAYS, "days": longest}
    message = Message("problems.caveat.unwatched_horizon", slots)
    return (Caveat(message, (RESTRICTED_MEAN,), tables=TABLES),)


def curve_table(curve: Curve, confidence: float) -> pd.DataFrame:
    """Return a curve as rows: day, under observation, solved, share solved with its bounds."""
    low, high = curve.bounds(confidence)
    columns = {
        "day": curve.times,
        "watched": curve.at_risk,
        "solved": curve.events,
        "solved_share": curve.reached,
        "low_share": 1 - high,
        "high_share": 1 - low,
    }
    if not (curve.times.size and curve.times[0] == 0):  # all wait on the day they were raised
        start = {"watched": int(curve.at_risk_at(0))}
        columns = {
            name: np.insert(values, 0, start.get(name, 0)) for name, values in columns.items()
        }
    return pd.DataFrame(columns)


def numbers_watched(curve: Curve, until: float) -> pd.DataFrame:
    """Return how many are under observation at a few days up to the last one shown."""
    days = np.unique(np.floor(np.linspace(0, until, OUTLOOKS)))
    # Just after each day, so that day 0 counts everyone watched from the start.
    return pd.DataFrame({"day": days, "watched": curve.at_risk_at(np.maximum(days, 0.5))})


def _describe(curve: Curve, median: Indicator, competing: bool) -> dict[str, Message]:
    slots = {"days": median.value, "low": median.low, "high": median.high, "n": curve.n,
             "solved": int(curve.events.sum()), "follow_up": curve.follow_up}  # fmt: skip
    name = "median" if median.value is not None else "median_open"
    method = "competing" if competing else "plain"
    return {"sentence": Message(f"problems.sentence.{name}", slots),
            "headline": Message(f"problems.headline.{name}", slots),
            "subtitle": Message(f"problems.subtitle.time_{method}", slots)}  # fmt: skip

"""What the logs of controls show: shares of complaints, order lines, advice and tests; waits."""

from collections.abc import Callable
from functools import cache, partial

import numpy as np
import pandas as pd
from control_rows import DATES, IN_TIME, LOW, complaints, frame, hour, items, lines, points

from calibration.case import STEP_DRAWS, Case, Intervals, bounds, repeat
from calibration.shares import DRAWS, binomial, of_step
from crm_eval_lib import controls

SHARES = "Controls: shares of complaints, order lines, advice and tests"
LIMITS = "Controls: one-sided exact limit of the rate of deviations"
WAITS = "Controls: median wait of complaints, some still waiting"
PRICES = "Controls: below the floor, after over before, exact Poisson"
DUE = hour(40)
ADVISING = points({"configured_mode": "suggest"}, {"configured_mode": "warn"})
SOLVED = {"first_response_at": hour(12), "resolved_at": hour(20), "resolve_due": DUE}
BEFORE, AFTER = "2024-03-15 10:00", "2025-01-15 10:00"
MEDIAN_HOURS, SPREAD = 20.0, 0.8
UNOWNED = {"owner": None, "first_response_at": None, "resolved_at": None}


def _complaint(n: int, k: int, *, name: str):
    yes, no, ask = {
        "sla_response": ({"first_response_at": hour(12)}, {"first_response_at": hour(60)}, "times"),
        "sla_resolve": (SOLVED, {**SOLVED, "resolved_at": hour(90)}, "times"),
        "reopen_rate": ({**SOLVED, "reopened": 1}, {**SOLVED, "reopened": 0}, "times"),
        "dropped_share": (UNOWNED, SOLVED, "care"),
    }[name]  # fmt: skip
    early = {**SOLVED, "opened_at": BEFORE, "reopened": 0}  # not counted: its columns are filled
    rows = complaints(*[yes] * k, *[no] * (n - k), early, response_due=DUE, resolve_due=DUE)
    step = {"times": controls.complaint_times, "care": controls.complaint_care}[ask]
    return step(rows, dates=DATES)[f"controls.complaints.{name}"]


def _captured(n: int, k: int):
    told = {"heard_at": pd.Timestamp("2025-01-15"), "channel": "phone"}
    rows = [{"ref": str(i), "in_crm": "yes" if i < k else "no", **told} for i in range(n)]
    step = controls.captured_complaints(pd.DataFrame(rows), dates=DATES)
    return step["controls.complaints.captured_share"]


def _priced(n: int, k: int, *, name: str):
    early = {"ordered_at": BEFORE, **LOW, **IN_TIME}  # not counted: its columns are filled
    rows = lines(*[LOW] * k, *[{}] * (n - k), early)
    below, passed = controls.below_floor, partial(controls.approvals, currency="CNY")
    step = {"below_floor_rate": below, "unapproved_rate": passed}[name]
    return step(rows, dates=DATES)[f"controls.price.{name}"]


def _heeded(n: int, k: int, *, id: str):
    word, other = ("followed", "overridden") if "advice" in id else ("overridden", "followed")
    rows = [{"decided_at": AFTER, "decision": word if i < k else other} for i in range(n)]
    made = frame(rows, {"control_id": "C1" if "advice" in id else "C2"})
    return controls.advice_taken(made, ADVISING, dates=DATES)[id]


def _tested(n: int, k: int):
    return controls.assurance(points({}), items("C1", n - k, k), dates=DATES)


def _deviating(n: int, k: int):
    return _tested(n, k)["controls.deviation_rate[C1]"]


@cache
def _limits(n: int) -> np.ndarray:
    asked = (_tested(n, k)["controls.upper_limit[C1]"] for k in range(n + 1))
    return np.array([limit.value for limit in asked])


def _below(rng: np.random.Generator, size: int, *, p: float, n: int) -> Intervals:
    """A critical point: its limit is at 95 %, with nothing below."""
    return Intervals(p, np.full(size, -np.inf), _limits(n)[rng.binomial(n, p, size)])


def _waiting(rng: np.random.Generator, *, n: int):
    waits = MEDIAN_HOURS * rng.lognormal(0, SPREAD, n)
    opened = pd.Timestamp(DATES.status_date) + pd.Timedelta(days=1) - pd.to_timedelta(
        rng.uniform(0, 200, n), unit="h")  # fmt: skip
    answered = pd.Series(opened + pd.to_timedelta(waits, unit="h"))
    seen = answered.where(answered < pd.Timestamp(DATES.status_date) + pd.Timedelta(days=1))
    rows = [{"opened_at": str(start), "priority": 1.0,
             "first_response_at": None if pd.isna(end) else str(end)}
            for start, end in zip(opened, seen, strict=True)]  # fmt: skip
    step = controls.complaint_times(complaints(*rows), dates=DATES)
    return bounds(step["controls.complaints.response_hours[priority=1]"])


def _rates(rng: np.random.Generator, size: int, *, before: float, after: float, n: int):
    counts = rng.binomial(n, [before, after], (size, 2))
    ends = np.array([_ratio(*map(int, pair), n) for pair in counts])
    return Intervals(after / before, *ends.T)


@cache
def _ratio(before: int, after: int, n: int) -> tuple[float, float]:
    rows = [{"ordered_at": day, **(LOW if i < k else {})}
            for day, k in ((BEFORE, before), (AFTER, after)) for i in range(n)]  # fmt: skip
    found = bounds(controls.below_floor(lines(*rows), dates=DATES)["controls.price.rate_ratio"])
    low, high = found or (np.nan, np.nan)
    return low, np.inf if high is None else high


def _shares() -> list[tuple[str, Callable]]:
    own = ("sla_response", "sla_resolve", "reopen_rate", "dropped_share")
    found = [(f"controls.complaints.{name}", partial(_complaint, name=name)) for name in own]
    found += [(f"controls.price.{name}", partial(_priced, name=name))
              for name in ("below_floor_rate", "unapproved_rate")]  # fmt: skip
    heeded = {"controls.advice_followed": "C1", "controls.warnings_dismissed": "C2"}
    found += [(id, partial(_heeded, id=f"{id}[{key}]")) for id, key in heeded.items()]
    return [*found, ("controls.complaints.captured_share", _captured),
            ("controls.deviation_rate", _deviating)]  # fmt: skip


def cases() -> list[Case]:
    """Two rates of each share, limits of a critical and another point, waits, price rates."""
    return [
        *(Case(SHARES, f"{id}, 60 of them, share {p:.2f}", (id,),
               binomial(p, 60, partial(of_step, ask)), draws=DRAWS)
          for id, ask in _shares() for p in (0.10, 0.50)),
        *(Case(LIMITS, f"critical point, {n} items, rate {p:.2f}", ("controls.upper_limit",),
               partial(_below, p=p, n=n), draws=DRAWS)
          for n in (25, 60) for p in (0.05, 0.10)),
        *(Case(WAITS, f"{n} complaints, median {MEDIAN_HOURS:.0f} h",
               ("controls.complaints.response_hours",), repeat(partial(_waiting, n=n),
                                                               MEDIAN_HOURS), draws=STEP_DRAWS)
          for n in (30, 100)),
        *(Case(PRICES, f"{n} lines on each side, {before:.0%} before and {after:.0%} after",
               ("controls.price.rate_ratio",),
               partial(_rates, before=before, after=after, n=n), draws=STEP_DRAWS)
          for before, after, n in ((0.10, 0.05, 200), (0.20, 0.20, 100))),
    ]  # fmt: skip

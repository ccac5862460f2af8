"""Hours and money saved in a year, and the share of the orders that the system sees."""

from functools import partial

import numpy as np
import pandas as pd

from calibration.case import Case, bounds, repeat
from calibration.series import EVERY_DAY, World
from calibration.shares import binomial, of_step
from crm_eval_lib.efficiency import Cases, in_system_share, savings
from crm_eval_lib.efficiency.cases import AFTER, BEFORE
from crm_eval_lib.results import Step, measured

SAVED, USED = "Hours saved: change and mean drawn", "Share of orders in the system: Wilson"
IDS = ("efficiency.hours_saved", "efficiency.money_saved")
VOLUME, LEVEL, SPREAD = 1000.0, 1.0, 0.6  # cases a year; log hours of work, and their spread
DRAWS = 1000


def _cases(frame: pd.DataFrame, **facts: float) -> Cases:
    names = ("title", "annual_volume", "hourly_cost", "orders_total_after")
    roster = pd.DataFrame({name: [facts.get(name, np.nan)] for name in names}, index=["p"])
    frame = frame.assign(process="p", observed=True)
    return Cases(frame, roster, World().window, EVERY_DAY, {"p": "business"},
                 recorded=frozenset({"system", "started_at"}))  # fmt: skip


def _saved(rng: np.random.Generator, *, n: int, effect: float, error: float):
    """The change as its own rung tells it: right on average, with the error it states."""
    work = np.exp(rng.normal(LEVEL, SPREAD, n))
    cases = _cases(pd.DataFrame({"sample": BEFORE, "touch": work, "hours": work}),
                   annual_volume=VOLUME, hourly_cost=1.0)  # fmt: skip
    told = np.log(effect) + rng.normal(0, error)
    value, low, high = np.expm1(told + np.array([0, -1.96, 1.96]) * error)
    told = {"low": low, "high": high, "confidence": 0.95, "rung": "R2", "n": n}
    changes = [measured(f"efficiency.{name}[p]", value, "ratio", **told)
               for name in ("change", "touch_change")]  # fmt: skip
    found = savings(cases, Step("changes", tuple(changes)), seed=int(rng.integers(2**31)))
    return bounds(found["efficiency.hours_saved[p]"])


def _used(n: int, k: int):
    frame = pd.DataFrame({"sample": AFTER, "last_system": ["crm"] * k + ["erp"] * (n - k),
                          "begun": World().window.settled})  # fmt: skip
    found = in_system_share(_cases(frame, orders_total_after=float(n)))
    return found["efficiency.in_system_share[p]"]


def cases() -> list[Case]:
    """Small and large samples, changes known well and badly."""
    mean = np.exp(LEVEL + SPREAD**2 / 2)
    return [
        *(Case(SAVED, f"{n} cases before, {1 - effect:.0%} less work, error {error:g}", IDS,
               repeat(partial(_saved, n=n, effect=effect, error=error),
                      VOLUME * mean * (1 - effect)), draws=DRAWS)
          for n, effect, error in ((40, 0.7, 0.1), (400, 0.7, 0.1), (400, 0.9, 0.2))),
        *(Case(USED, f"60 orders, {rate:.0%} in the system", ("efficiency.in_system_share",),
               binomial(rate, 60, partial(of_step, _used)), draws=20_000)
          for rate in (0.5, 0.8, 0.95)),
    ]  # fmt: skip

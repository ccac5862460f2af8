"""Wilson intervals of shares, asked from the steps that publish them."""

from collections.abc import Callable
from functools import cache, partial
from types import SimpleNamespace

import numpy as np
import pandas as pd

from calibration.case import Case, Intervals, bounds
from crm_eval_lib import problems
from crm_eval_lib.stats.intervals import wilson

TABLE = "Shares: Wilson"
RATES = (0.05, 0.10, 0.20, 0.35, 0.50, 0.65, 0.80, 0.90, 0.95)
DRAWS = 20_000  # one interval per count: more draws cost nothing
FEW_LABEL = "problems.caveat.few_cases"
DAY = pd.Timestamp("2024-03-01")
DATES = SimpleNamespace(status_date=pd.Timestamp("2025-06-30"), go_live=pd.Timestamp("2024-09-02"))
SOLVED = {"status": "solved", "accepted": "yes", "evidence": "test 1", "solved_on": DAY}


def register(n: int, k: int, yes: dict, no: dict) -> pd.DataFrame:
    """Make n problems, k of one sort and the others of another; three in all stand in for none."""
    plain = {"raised_on": DAY, "title": "a problem", "severity": 3, "status": "open",
             "department": "A", "process": "p"}  # fmt: skip
    rows = [{"problem_id": f"P{i}", **plain, **(yes if i < k else no)} for i in range(n)]
    return pd.DataFrame(rows)


def _solved(n: int, k: int, *, name: str):
    unproven = {"status": "solved", "accepted": "no", "evidence": "test 2"}
    claim_only = {"status": "solved", "accepted": None, "evidence": "none was given"}
    sorts = {
        "solved_rate": (SOLVED, unproven), "raised_rate": (SOLVED, unproven),
        "claimed_rate": (SOLVED, {"accepted": "no", "evidence": "x"}),
        "evidence_gap": ({**claim_only, "accepted": "no"}, SOLVED),
    }  # fmt: skip
    return problems.solved(register(n, k, *sorts[name]), dates=DATES)[f"problems.{name}"]


def _by_group(n: int, k: int):
    rows = register(n, k, SOLVED, {"accepted": "no", "evidence": "x"})
    return problems.by_group(rows, dates=DATES)["problems.solved_rate[department=A]"]


def _reopened(n: int, k: int):
    rows = register(n, k, {**SOLVED, "reopened": 1}, {**SOLVED, "reopened": 0})
    return problems.reopened(rows, dates=DATES)["problems.reopen_rate"]


def _late_found(n: int, k: int):
    rows = register(n, k, {"phase": "live"}, {"phase": "survey"})
    return problems.late_found(rows, dates=DATES)["problems.late_found_share"]


def _traced(n: int, k: int):
    rows = register(n, k, SOLVED, SOLVED)
    names = [f"P{i}" for i in range(n)]
    results = ["pass"] * k + ["fail"] * (n - k)
    trace = pd.DataFrame({"problem_id": names, "requirement_id": "R", "test_id": names,
                          "test_result": results})  # fmt: skip
    return problems.proof(rows, trace, dates=DATES)["problems.traced_share"]


def _confirmed(n: int, k: int):
    after, before = DATES.go_live + pd.Timedelta(days=9), DATES.go_live - pd.Timedelta(days=9)
    rows = register(n, k, {**SOLVED, "confirmed_on": after}, {**SOLVED, "confirmed_on": before})
    return problems.proof(rows, None, dates=DATES)["problems.confirmed_share"]


def _proactive(n: int, k: int):
    heard = {"raised_by_side": "client", "phase": "survey"}
    rows = register(n, k, {**heard, "prompted": "no"}, {**heard, "prompted": "yes"})
    return problems.engagement(None, rows, dates=DATES)["problems.proactive_share"]


def _departments(n: int, k: int, *, name: str):
    names = [f"D{i}" for i in range(n)]
    days = [DAY] * k + [pd.NaT] * (n - k)
    if k == 0 and name == "attendance":
        # A department that is not concerned came: the column is known, the share 0 of n.
        names, days = [*names, "other"], [*days, DAY]
    affected = ["yes"] * n + ["no"] * (len(names) - n)
    table = pd.DataFrame({"department": names, "affected": affected, "survey_attended_on": days})
    rows = pd.DataFrame({"problem_id": [f"P{i}" for i in range(n)], "raised_on": DAY, "title": "t",
                         "severity": 3, "status": "open", "raised_by_side": "client",
                         "department": [*names[:k], *["elsewhere"] * (n - k)],
                         "phase": "survey"})  # fmt: skip
    return problems.engagement(table, rows, dates=DATES)[f"problems.{name}"]


STEPS: dict[str, Callable] = {
    "claimed_rate": partial(_solved, name="claimed_rate"),
    "solved_rate": _by_group,
    "raised_rate": partial(_solved, name="raised_rate"),
    "evidence_gap": partial(_solved, name="evidence_gap"),
    "traced_share": _traced,
    "confirmed_share": _confirmed,
    "reopen_rate": _reopened,
    "late_found_share": _late_found,
    "proactive_share": _proactive,
}


def binomial(p: float, n: int, ends: Callable) -> Callable[[np.random.Generator, int], Intervals]:
    """Draw counts; ends(n) gives the bounds of each count 0…n."""

    def draw(rng: np.random.Generator, size: int) -> Intervals:
        low, high = ends(n)
        k = rng.binomial(n, p, size)
        return Intervals(p, low[k], high[k])

    return draw


@cache
def of_step(ask: Callable, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Ask a step for its bounds at each count; a count must come back as k/n."""
    found = [ask(n, k) for k in range(n + 1)]
    wrong = [k for k, item in enumerate(found) if item.n != n or abs(item.value - k / n) > 1e-12]
    if wrong:
        raise ValueError(f"{found[0].id}: the register made for {wrong[0]} of {n} means another")
    low, high = np.array([bounds(item) for item in found], dtype=float).T
    return low, high


def of_wilson(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of each count 0…n."""
    return wilson(np.arange(n + 1), n)


def exact_coverage(n: int, rates: np.ndarray) -> np.ndarray:
    """Return the coverage of Wilson's interval at each rate, by adding up the binomial."""
    from scipy import stats

    low, high = of_wilson(n)
    inside = (low[:, None] <= rates) & (rates <= high[:, None])
    return (stats.binom.pmf(np.arange(n + 1)[:, None], n, rates) * inside).sum(axis=0)


def cases() -> list[Case]:
    """One size and rate of each share."""
    solved = partial(_solved, name="solved_rate")
    departments = {name: partial(_departments, name=name) for name in ("engagement", "attendance")}
    plain = [
        Case(TABLE, f"problems.solved_rate, {n} problems, share {p:.2f}", ("problems.solved_rate",),
             binomial(p, n, of_wilson if n > 40
                      else partial(of_step, solved)),
             draws=DRAWS, label=FEW_LABEL, fast=n == 60)
        for n in (40, 60, 150) for p in RATES
    ]  # fmt: skip
    own = [
        Case(TABLE, f"problems.{name}{' of a department' * (ask is _by_group)}, 40 problems, "
                    f"share {p:.2f}", (f"problems.{name}",),
             binomial(p, 40, partial(of_step, ask)), draws=DRAWS, label=FEW_LABEL,
             fast=p == 0.5 and name == "traced_share")
        for name, ask in STEPS.items() for p in (0.10, 0.50, 0.80)
    ]  # fmt: skip
    few = [
        Case(TABLE, f"problems.{name}, {n} departments, share {p:.2f}", (f"problems.{name}",),
             binomial(p, n, partial(of_step, ask)), draws=DRAWS,
             label=FEW_LABEL)
        for name, ask in departments.items() for n in (5, 8, 12) for p in (0.3, 0.5, 0.7, 0.9)
    ]  # fmt: skip
    return [*plain, *own, *few]

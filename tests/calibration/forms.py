"""Drawn forms as the step tells them: limits kept, forms returned, and forms of several sizes."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
from scipy import stats

from calibration.case import Case, bounds, repeat
from calibration.samples import CHANGES, DAY, EFFECT, RATIO, SEEN, drawn_forms
from crm_eval_lib.efficiency.cases import AFTER, BEFORE
from crm_eval_lib.efficiency.forms import Forms
from crm_eval_lib.efficiency.sampled import changes, levels
from crm_eval_lib.efficiency.sides import SAMPLES, Side, strata_of_amounts
from crm_eval_lib.stats.interval_censored import Stamps, curve_of

KEPT = "Drawn forms: share within the limit"
IDS = ("efficiency.sla_met_before", "efficiency.sla_met_after")
DRAWS = 2000
MEDIAN, SPREAD = 24.0, 0.5  # hours; of the logarithm
AMOUNTS, SLOWER = (500.0, 5000.0), (1.0, 2.0)  # large orders take twice as long
LARGE = {BEFORE: 0.4, AFTER: 0.6}


def _side(rng: np.random.Generator, stamps: Stamps, wave: str) -> Side:
    curve = curve_of(stamps, draws=SEEN, seed=int(rng.integers(2**31)))
    return Side(SAMPLES, len(stamps), wave, width=DAY, curve=curve)


def _within(rng: np.random.Generator, *, n: int, limit: float, width: float):
    roster = pd.DataFrame({"sla_hours": [limit]}, index=["p"])
    side = _side(rng, drawn_forms(rng, n, MEDIAN, SPREAD, width), BEFORE)
    forms = Forms(pd.DataFrame({"returned_count": np.zeros(n)}), 0, None)
    found = levels(SimpleNamespace(roster=roster), "p", forms, side, confidence=0.95)
    return bounds(next(item for item in found if item.base_id == IDS[0]))


def _weighted(rng: np.random.Generator, *, n: int, width: float):
    """Large orders are more frequent after; each takes as much less time as the small ones."""
    large = {wave: (rng.random(n) < share).astype(int) for wave, share in LARGE.items()}
    found = {wave: pd.DataFrame({"amount": np.take(AMOUNTS, kind)}) for wave, kind in large.items()}
    strata = strata_of_amounts({wave: Forms(rows, 0, None) for wave, rows in found.items()})
    if not strata:  # too few of a class: not weighted, and the report says so
        return None
    sides = {}
    for wave, factor in ((BEFORE, 1.0), (AFTER, EFFECT)):
        median = MEDIAN * factor * np.take(SLOWER, large[wave])
        stamps = drawn_forms(rng, n, median, SPREAD, width)
        ends = (stamps.begun_low, stamps.begun_high, stamps.ended_low, stamps.ended_high)
        sides[wave] = _side(rng, Stamps(*ends, **strata[wave]), wave)
    return bounds(changes("p", sides, {}, confidence=0.95)[1])


def cases() -> list[Case]:
    """Limits that half and most of the forms keep; two sizes of orders in a mix that moves."""
    kinds = {DAY: "day stamps", 0.0: "to the minute"}
    limits = [
        Case(KEPT, f"{n} forms, {share:.0%} within the limit, {kinds[width]}", IDS,
             repeat(partial(_within, n=n, limit=limit, width=width), share), draws=DRAWS)
        for n, limit, width in ((30, 24, DAY), (60, 40, DAY), (60, 48, DAY),
                                (60, 40, 0.0))
        for share in [float(stats.norm.cdf(np.log(limit / MEDIAN) / SPREAD))]
    ]  # fmt: skip
    mixed = [
        Case(
            RATIO,
            f"{n} forms, weighted to one mix of amounts, {kinds[width]}",
            CHANGES,
            repeat(partial(_weighted, n=n, width=width), EFFECT - 1),
            draws=DRAWS,
        )
        for n, width in ((30, DAY), (60, DAY), (60, 0.0))
    ]
    return [*limits, *mixed]

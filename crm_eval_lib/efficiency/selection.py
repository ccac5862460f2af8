"""Are the cases those they should be: selected by closing date, closed ones only, split in two."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from crm_eval_lib.efficiency.cases import AFTER, BEFORE, Cases
from crm_eval_lib.efficiency.log import activities_of
from crm_eval_lib.stats.survival import kaplan_meier

LEAST_CASES = 30  # below, the shape of a sample says nothing
# So few completions (open cases) have a chance below one in a thousand, and are not just fewer than
# expected because times were slower or quieter then.
CHANCE, FEW = 1e-3, 0.25
FIRST = 5  # completions looked at: a stray early one hides nothing
SETTLED = 0.95  # cases older than twice the hours in which so many are done tell the usual
MASS_TIMES, MASS_CASES = 5.0, 15  # cases begun on the day of go-live, against a usual day


@dataclass(frozen=True)
class Found:
    """A defect: the name of its sentence, its slots, whom it biases."""

    name: str
    slots: dict[str, Any] = field(default_factory=dict)
    sample: str | None = None


def selected_by_closing(cases: Cases, process: str) -> Found | None:
    """Find a log that begins with the first completions: of its oldest cases only long ones stay.

    Of the cases begun before completions set in, some should be done by then: as many as the
    hazard of later cases adds up to. In a whole log that is so; here next to none are.
    """
    frame = cases.of_process(process)[["begun", "ended"]]
    ended = frame["ended"].dropna()
    for done, start in enumerate(ended.nsmallest(FIRST)):
        old, young = frame["begun"] < start, frame["begun"] >= start
        if young.sum() < LEAST_CASES or len(ended) < LEAST_CASES:
            return None
        if not _far_below(done, old.sum()):  # no more can be expected than there are
            continue
        early, later = frame[old], frame[young]
        ages = _hours(start - early["begun"]).clip(upper=_elapsed(cases, early))
        hours, most = _elapsed(cases, later), ages.max()  # what comes later is not asked
        curve = kaplan_meier(hours.clip(upper=most + 1), later["ended"].notna() & hours.le(most))
        expected = min(float(-np.log(_open_share(curve, ages)).sum()), len(early))
        if _far_below(done, expected):
            slots = {"n": len(early), "day": start.date().isoformat(), "expected": expected,
                     "done": done}  # fmt: skip
            return Found("selected_by_closing", slots, BEFORE)
    return None


def closed_only(cases: Cases, process: str) -> Found | None:
    """Find a log that holds closed cases only: too few are open where it ends.

    As many should be as arrive in the mean time of those long since begun [Little 1961].
    """
    sample = BEFORE if cases.window.live is None else AFTER
    rows = cases.of(process, sample)
    bounded = activities_of(cases.roster.at[process, "end_activities"])
    if not bounded or len(rows) < LEAST_CASES:  # without ends nothing is ever open, which is said
        return None
    elapsed = _elapsed(cases, rows)
    last = max(rows["begun"].max(), rows["ended"].max())
    old = rows["begun"] < last - pd.Timedelta(hours=2 * float(elapsed.quantile(SETTLED)))
    if old.sum() < LEAST_CASES:
        return None
    span = _hours(rows.loc[old, "begun"].max() - rows["begun"].min())
    expected = float(old.sum() / span * elapsed[old].mean()) if span > 0 else 0.0
    still = int((~rows["observed"].astype(bool)).sum())
    if not _far_below(still, expected):
        return None
    return Found("closed_only", {"expected": expected, "open": still}, sample)


def split_at_go_live(cases: Cases, process: str) -> Found | None:
    """Find cases cut in two by a migration: a crowd begins on the day the old ones are left."""
    live, frame = cases.window.live, cases.of_process(process)
    before = frame[frame["sample"].eq(BEFORE)]
    if live is None or len(before) < LEAST_CASES:
        return None
    day = pd.Timedelta(days=1)
    crowd = frame[(frame["begun"] >= live) & (frame["begun"] < live + day)]
    days = before["begun"].dt.tz_localize(None).dt.normalize().value_counts()
    usual = float(days.median())
    if len(crowd) < max(MASS_CASES, MASS_TIMES * usual):
        return None
    stopped = before["ended"].ge(live - day) & before["ended"].le(live)
    left = before[~before["observed"].astype(bool) | stopped]
    matched = _digits(crowd["case_id"]).isin(set(_digits(left["case_id"])) - {""}).sum()
    slots = {"n": len(crowd), "usual": usual, "left": len(left), "matched": int(matched)}
    return Found("split_at_go_live", slots, AFTER)


def _far_below(count: int, expected: float) -> bool:
    return count < FEW * expected and float(stats.poisson.cdf(count, expected)) < CHANCE


def _hours(span: Any) -> Any:
    return span / pd.Timedelta("1h")


def _elapsed(cases: Cases, rows: pd.DataFrame) -> pd.Series:
    """Hours on the clock from start to end, to the status date where open."""
    return _hours(rows["ended"].fillna(cases.window.now) - rows["begun"]).astype(float)


def _open_share(curve: Any, ages: pd.Series) -> np.ndarray:
    """Share still open at each age; never quite none, so that its logarithm exists."""
    shares = np.concatenate([[1.0], np.asarray(curve.survival)])
    return shares[np.searchsorted(curve.times, ages, side="right")].clip(CHANCE)


def _digits(names: pd.Series) -> pd.Series:
    """The number inside a case's id: what migration keeps when it changes prefixes."""
    return names.astype("str").str.extract(r"(\d+)", expand=False).fillna("").str.lstrip("0")

"""Forms drawn from files, mails and chats: between which moments each one began and ended."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.efficiency.cases import AFTER, BEFORE, BUSINESS, ELAPSED, Cases
from crm_eval_lib.stats.interval_censored import Stamps

FOUND, LOST, UNSEEN = "found", "not_found", "after_status"
WRONG_WAVE, REVERSED, REPEATED, UNKNOWN = "wrong_wave", "reversed", "repeated", "outside_crm"
MINUTE, HALF_DAY, DAY = "minute", "half_day", "day"
COARSE = {HALF_DAY: pd.Timedelta(hours=12), DAY: pd.Timedelta(days=1)}
HALF_MINUTE = 0.5 / 60  # hours; an exact span of nothing counts as half of what the clock can tell
_ENDS = ("begun_low", "begun_high", "ended_low", "ended_high")


@dataclass(frozen=True)
class Forms:
    """The forms of one process and wave.

    ``found`` has a row per form with both stamps; ``lost`` counts drawn ones that could not be
    found; ``population`` is what they were drawn from, None where unknown or impossible.
    """

    found: pd.DataFrame
    lost: int
    population: int | None
    impossible_population: int | None = None

    @property
    def drawn(self) -> int:
        """Number of forms that were drawn and could be judged."""
        return len(self.found) + self.lost

    def stamps(self, clock: str, **strata: np.ndarray) -> Stamps:
        """Return the stamps in business or elapsed hours."""
        return Stamps(*(self.found[f"{clock}_{end}"].to_numpy(float) for end in _ENDS), **strata)


def read_forms(cases: Cases, samples: pd.DataFrame | None) -> pd.DataFrame:
    """Place every form: found, not found, or set aside with the reason.

    Returns
    -------
    DataFrame
        The rows of ``case_samples`` with ``standing`` and the bounds of both ends in business and
        in elapsed hours. A form that lacks a stamp is one that was not found. Forms still open at
        go-live (wave before) or at the status date are cut off there, as cases of a log are.
    """
    if samples is None or samples.empty:
        return pd.DataFrame(columns=["process", "wave", "standing"])
    names = ("population_n", "returned_count", "amount", "not_found_reason", "case_ref",
             "resolution", "source", "selection")  # fmt: skip
    frame = samples.reset_index(drop=True)
    frame = frame.assign(**{n: pd.NA for n in names if n not in frame})
    resolution = frame["resolution"].astype(object).where(frame["resolution"].notna(), DAY)
    moments = _bounds(frame, resolution, cases.calendar.timezone)
    frame = frame.assign(resolution=resolution, standing=_standing(frame, moments, cases))
    return frame.join(_positions(moments, frame["wave"], cases))


def forms_of(frame: pd.DataFrame, process: str, wave: str) -> Forms:
    """Return the forms of one process and wave."""
    mine = frame[frame["process"].eq(process) & frame["wave"].eq(wave)]
    found = mine[mine["standing"].eq(FOUND)]
    lost = int(mine["standing"].eq(LOST).sum())
    stated = pd.to_numeric(mine["population_n"], errors="coerce").max() if len(mine) else np.nan
    if pd.isna(stated):
        return Forms(found, lost, None)
    if stated < len(found) + lost:
        return Forms(found, lost, None, int(stated))
    return Forms(found, lost, int(stated))


def clock_of(cases: Cases, frame: pd.DataFrame, process: str) -> str:
    """Return the clock of a process: that of its log, else elapsed where business time is nil."""
    if process in cases.clocks:
        return cases.clocks[process]
    found = frame[frame["process"].eq(process) & frame["standing"].eq(FOUND)]
    for _, wave in found.groupby("wave"):
        longest = wave[f"{BUSINESS}_ended_high"] - wave[f"{BUSINESS}_begun_low"]
        if longest.median() <= 2 * HALF_MINUTE:
            return ELAPSED
    return BUSINESS


def _bounds(frame: pd.DataFrame, resolution: pd.Series, timezone: str) -> pd.DataFrame:
    ends = {}
    for name, column in (("begun", "submitted_at"), ("ended", "decided_at")):
        low, high = _spread(pd.to_datetime(frame[column]), resolution, timezone)
        ends |= {f"{name}_low": low, f"{name}_high": high}
    return pd.DataFrame(ends)


def _spread(
    moments: pd.Series, resolution: pd.Series, timezone: str
) -> tuple[pd.Series, pd.Series]:
    """First and last moment a stamp can mean, on the wall clock of the client."""
    aware = moments if moments.dt.tz is not None else moments.dt.tz_localize(timezone, **_CLOCKS)
    aware = aware.dt.tz_convert(timezone)
    low = high = aware
    for coarse, width in COARSE.items():
        start = aware.dt.tz_localize(None).dt.floor(width)
        first, last = (day.dt.tz_localize(timezone, **_CLOCKS) for day in (start, start + width))
        here = resolution.eq(coarse)
        low, high = low.where(~here, first), high.where(~here, last)
    return low, high


# A clock that is set back shows an hour twice: the first one counts.
_CLOCKS = {"nonexistent": "shift_forward", "ambiguous": "NaT"}


def _standing(frame: pd.DataFrame, moments: pd.DataFrame, cases: Cases) -> pd.Series:
    window = cases.window
    begun, before = moments["begun_low"], frame["wave"].eq(BEFORE)
    undated = begun.isna() | moments["ended_low"].isna()
    reason = frame["not_found_reason"].astype("string").str.strip().fillna("")
    lost = undated | reason.ne("")
    wrong = frame["wave"].eq(AFTER) if window.live is None else (
        (before & (begun >= window.live))
        | (frame["wave"].eq(AFTER) & (moments["begun_high"] <= window.settled))
    )  # fmt: skip
    repeated = frame["case_ref"].notna() & frame.duplicated(["process", "wave", "case_ref"])
    standing = pd.Series(FOUND, index=frame.index, dtype=object)
    for name, hit in (
        (WRONG_WAVE, wrong),
        (REVERSED, moments["ended_high"] < moments["begun_low"]),
        (LOST, lost),
        (UNSEEN, begun >= window.now),
        (REPEATED, repeated),
        (UNKNOWN, ~frame["process"].isin(cases.roster.index)),
    ):
        standing = standing.mask(hit.fillna(False).astype(bool), name)
    return standing


def _positions(moments: pd.DataFrame, wave: pd.Series, cases: Cases) -> pd.DataFrame:
    """Both ends as hours since a common origin, in business and in elapsed time."""
    first = moments["begun_low"].min()
    origin = cases.window.now if pd.isna(first) else min(first, cases.window.now)
    parts = {}
    cut = pd.Series(cases.window.now, index=moments.index, dtype=moments["ended_low"].dtype)
    if cases.window.live is not None:
        cut = cut.mask(wave.eq(BEFORE), cases.window.live)
    still_open = moments["ended_low"].ge(cut)
    moments = moments.assign(ended_low=moments["ended_low"].where(~still_open, cut))
    for clock in (BUSINESS, ELAPSED):
        for end in _ENDS:
            parts[f"{clock}_{end}"] = _hours(cases.calendar, clock, origin, moments[end])
        exact = moments["begun_low"].eq(moments["begun_high"])
        least = parts[f"{clock}_begun_low"] + HALF_MINUTE
        for end in _ENDS[2:]:
            hours = parts[f"{clock}_{end}"]
            parts[f"{clock}_{end}"] = np.where(exact & (hours < least), least, hours)
        parts[f"{clock}_ended_high"] = np.where(still_open, np.inf, parts[f"{clock}_ended_high"])
    return pd.DataFrame(parts, index=moments.index).astype(float)


def _hours(
    calendar: BusinessCalendar, clock: str, origin: pd.Timestamp, moments: pd.Series
) -> np.ndarray:
    start = pd.Series(origin, index=moments.index, dtype=moments.dtype)
    if clock == BUSINESS:
        return calendar.hours_between(start, moments)
    return calendar.elapsed_hours(start, moments)

"""Cases before and after: who belongs where, what is cut off, in which hours it is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.calendar import MICROSECONDS_PER_DAY, BusinessCalendar
from crm_eval_lib.efficiency.log import ATTRIBUTE, Reduction, reduce_events
from crm_eval_lib.efficiency.notes import caveats_of
from crm_eval_lib.errors import ConfigError
from crm_eval_lib.moments import end_of, start_of
from crm_eval_lib.results import Caveat, Message, missing_table
from crm_eval_lib.stats.survival import kaplan_meier

BEFORE, AFTER, BETWEEN = "before", "after", "between"
BUSINESS, ELAPSED = "business", "elapsed"
EMPTY_STRATUM = "–"
STRATUM_JOIN = " · "
FACTS = ("title", "importance", "difficulty", "repetitive", "annual_volume", "hourly_cost",
         "sla_hours", "orders_total_after", "end_activities")  # fmt: skip
_NEVER = pd.Timestamp("2200-01-01", tz="UTC")  # go-live of a project that is not live
# Clocks, finest first: microseconds of one tick, hours of it.
_TICKS = ((1_000, 1 / 3_600_000), (1_000_000, 1 / 3600), (60_000_000, 1 / 60))


@dataclass(frozen=True)
class Window:
    """The moments that part the cases, as universal or local time-zone moments.

    ``live`` is None while the project is not live at the status date; ``settled`` is the end of
    the blackout (go-live without one); ``now`` the end of the status day; ``paused`` the start of
    a blackout that began before go-live.
    """

    live: pd.Timestamp | None
    settled: pd.Timestamp | None
    now: pd.Timestamp
    paused: pd.Timestamp | None = None


@dataclass(frozen=True)
class Cases:
    """The event log reduced to one row per case.

    Attributes
    ----------
    frame : DataFrame
        ``process``, ``case_id``, ``begun``, ``ended``, ``sample`` (before, after, between),
        ``observed`` (False: still open where its sample is cut), ``hours``, ``business_hours``,
        ``zero`` (less than a tick of the clock), ``idle`` and ``touch_idle`` (time passed, but no
        working time), ``touch``, ``rework``, ``handovers``, ``last_system``, ``stratum``.
    roster : DataFrame
        The processes to evaluate, indexed by name, with what the client said about them.
    clocks : mapping of str to str
        Which hours are used: business, or elapsed where the median business time is zero.
    """

    frame: pd.DataFrame = field(repr=False)
    roster: pd.DataFrame = field(repr=False)
    window: Window
    calendar: BusinessCalendar = field(repr=False)
    clocks: Mapping[str, str]
    mix: tuple[str, ...] = ()
    absent: Message | None = None
    caveats: tuple[Caveat, ...] = ()
    compared: tuple[str, ...] = ()
    has_comparison: bool = False
    recorded: frozenset[str] = frozenset()
    copies: int = 0  # rows of the log that repeat another one in every column

    def of(self, process: str, sample: str) -> pd.DataFrame:
        """Return the cases of a process in one sample."""
        frame = self.frame
        return frame[frame["process"].eq(process) & frame["sample"].eq(sample)]

    def has_work(self, process: str) -> bool:
        """Say whether any case of a process has work times."""
        return bool(self.frame.loc[self.frame["process"].eq(process), "touch"].notna().any())

    def why_not(self, process: str, *samples: str, least: int = 1) -> Message | None:
        """Say why a comparison of samples is impossible; None where it is possible."""
        if self.absent is not None:
            return self.absent
        if AFTER in samples and self.window.live is None:
            return Message("efficiency.reason.not_live")
        for sample in samples:
            count = len(self.of(process, sample))
            if count < least:
                return Message(f"efficiency.reason.few_{sample}", {"n": count, "least": least})
        return None


def build_cases(
    events: pd.DataFrame | None,
    processes: pd.DataFrame | None = None,
    *,
    dates: Any,
    calendar: BusinessCalendar,
    mix: Sequence[str] = (),
    comparison: str | None = "",
) -> Cases:
    """Reduce the event log to cases and part them at go-live.

    Parameters
    ----------
    events, processes : DataFrame or None
        Tables of those names.
    dates : object
        Has ``go_live``, ``status_date``, ``blackout``.
    calendar : BusinessCalendar
        Working time of the client.
    mix : sequence of str
        Attributes of events that describe the kind of a case.
    comparison : str
        Condition on events that marks cases outside the CRM; they are set apart.

    Returns
    -------
    Cases
        Before: started before go-live, cut off there when still open. After: started after the
        blackout, cut off at the status date. Without end activities the last event is the end and
        nothing is cut off at the status date. Exact copies of a row are counted once.
    """
    window = _window(dates, calendar.timezone)
    events = None if events is None or events.empty else events
    seen = events is not None and bool((events["completed_at"] < window.now).any())
    roster, compared = _roster(processes, events if seen else None)
    if not seen:
        absent = missing_table("events")
        return Cases(_no_cases(), roster, window, calendar, {}, absent=absent, compared=compared)
    nested = [name for name in events if pd.api.types.is_object_dtype(events[name])]  # as lists
    copied = events.astype(dict.fromkeys(nested, "str")).duplicated()
    events = events.loc[~copied]
    known = tuple(name for name in mix or () if name in events and events[name].notna().any())
    reduction = Reduction(window.live or _NEVER, window.now, known, comparison or "")
    frame = reduce_events(events, processes, calendar, reduction=reduction)
    frame = frame[frame["process"].isin(roster.index)].reset_index(drop=True)
    frame = _sampled(_localised(frame, calendar.timezone), window)
    frame["stratum"] = _strata(frame, known)
    frame, clocks = _timed(frame, calendar)
    cases = Cases(
        frame[frame["sample"].ne("")].reset_index(drop=True),
        roster,
        window,
        calendar,
        clocks,
        mix=known,
        compared=compared,
        has_comparison=bool(compared) or bool((comparison or "").strip()),
        recorded=frozenset(name for name in events if events[name].notna().any()),
        copies=int(copied.sum()),
    )
    notes = caveats_of(cases, frame, wanted_mix=tuple(mix or ()))
    return Cases(**{**vars(cases), "caveats": notes})


def median_of(hours: pd.Series, observed: pd.Series) -> float | None:
    """Return the Kaplan–Meier median; None where it is not reached."""
    return kaplan_meier(hours, observed).median() if len(hours) else None


def _window(dates: Any, timezone: str) -> Window:
    if dates.status_date is None or pd.isna(dates.status_date):
        raise ConfigError("client.yml: dates.status_date is missing; efficiency needs it.")
    now = end_of(dates.status_date, timezone)
    go_live = dates.go_live
    if go_live is None or pd.isna(go_live) or go_live > dates.status_date:
        return Window(None, None, now)
    live = start_of(go_live, timezone)
    blackout = getattr(dates, "blackout", None)
    if not blackout:
        return Window(live, live, now)
    paused = start_of(blackout[0], timezone)
    settled = max(live, end_of(blackout[1], timezone))
    return Window(live, settled, now, paused if paused < live else None)


def _roster(
    processes: pd.DataFrame | None, events: pd.DataFrame | None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    listed = pd.DataFrame({"process": pd.Series(dtype="str")}) if processes is None else processes
    listed = listed.drop_duplicates("process").set_index("process")
    listed = listed.reindex(columns=[*FACTS, "in_crm"])
    outside = listed["in_crm"].eq("no").fillna(False)
    compared = tuple(listed.index[outside])
    logged = [] if events is None else events["process"].fillna("main").unique()
    names = [*listed.index[~outside], *(n for n in logged if n not in listed.index)]
    return listed.reindex(list(dict.fromkeys(names))).drop(columns="in_crm"), compared


def _localised(frame: pd.DataFrame, timezone: str) -> pd.DataFrame:
    moments = {
        name: frame[name].dt.tz_localize("UTC").dt.tz_convert(timezone)
        for name in ("begun", "ended")
    }
    return frame.assign(**moments)


def _sampled(frame: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Part the cases; those without a start and comparison cases belong to no sample."""
    begun = frame["begun"]
    sample = pd.Series(BEFORE, index=frame.index)
    if window.live is not None:
        sample = sample.mask(begun >= window.live, BETWEEN).mask(begun >= window.settled, AFTER)
    sample = sample.mask(begun.isna() | frame["compared"].astype(bool), "")
    cut = pd.Series(window.now, index=frame.index, dtype=begun.dtype)
    if window.live is not None:
        cut = cut.mask(sample.eq(BEFORE), window.live)
    observed = frame["ended"].notna() & (frame["ended"] <= cut)
    stop = frame["ended"].where(observed, cut)
    return frame.assign(sample=sample, observed=observed, stop=stop)


def _strata(frame: pd.DataFrame, mix: Sequence[str]) -> pd.Series:
    joined = pd.Series("", index=frame.index, dtype="str")
    for place in range(len(mix)):
        value = frame[f"{ATTRIBUTE}{place}"].astype("str").fillna(EMPTY_STRATUM)
        joined = value if place == 0 else joined + STRATUM_JOIN + value
    return joined


def _timed(frame: pd.DataFrame, calendar: BusinessCalendar) -> tuple[pd.DataFrame, dict[str, str]]:
    """Add hours in the clock of each process; less than a tick counts as half a tick."""
    business = pd.Series(calendar.hours_between(frame["begun"], frame["stop"]), frame.index)
    elapsed = pd.Series(calendar.elapsed_hours(frame["begun"], frame["stop"]), frame.index)
    clocks = {p: _clock(frame, business, p) for p in frame["process"].unique()}
    touch_clocks = {p: _touch_clock(frame, p) for p in frame["process"].unique()}
    outside = frame["process"].map(clocks).eq(ELAPSED)
    rested = frame["process"].map(touch_clocks).eq(ELAPSED)
    hours = business.where(~outside, elapsed)
    touch = frame["touch"].where(~rested, frame["touch_elapsed"])
    half = _half_ticks(frame, calendar, outside)
    zero = hours.le(0)
    timed = frame.assign(
        hours=hours.mask(zero, half),
        business_hours=business.mask(business.le(0), _half_ticks(frame, calendar, outside & False)),
        zero=zero,
        touch=touch.mask(touch.le(0), half),
        idle=zero & frame["ended"].gt(frame["begun"]),
        touch_idle=touch.le(0) & frame["touch_elapsed"].gt(0),
        touch_clock=frame["process"].map(touch_clocks),
    )
    return timed.drop(columns=["touch_elapsed", "compared", "stop"]), clocks


def _clock(frame: pd.DataFrame, business: pd.Series, process: str) -> str:
    for sample in (BEFORE, AFTER):
        mine = frame["process"].eq(process) & frame["sample"].eq(sample)
        if mine.any() and median_of(business[mine], frame["observed"][mine]) == 0:
            return ELAPSED
    return BUSINESS


def _touch_clock(frame: pd.DataFrame, process: str) -> str:
    for sample in (BEFORE, AFTER):
        mine = frame["process"].eq(process) & frame["sample"].eq(sample) & frame["observed"]
        if frame.loc[mine, "touch"].median() == 0:
            return ELAPSED
    return BUSINESS


def _half_ticks(frame: pd.DataFrame, calendar: BusinessCalendar, outside: pd.Series) -> pd.Series:
    """Half the resolution of the clock behind each case, in hours of the clock used."""
    day = sum(closes - opens for opens, closes in calendar.windows) / 60
    half = pd.Series(np.nan, index=frame.index)
    for _, rows in frame.groupby(["process", "sample"]).groups.items():
        tick = _tick(frame.loc[rows])
        whole = np.where(outside[rows], 24.0, day) if tick is None else tick
        half[rows] = whole / 2
    return half


def _tick(frame: pd.DataFrame) -> float | None:
    """Hours of one tick of the clock that wrote these moments; None for whole days."""
    moments = pd.concat([frame["begun"], frame["ended"]]).dropna()
    local = moments.dt.tz_localize(None).astype("datetime64[us]").astype("int64").to_numpy()
    if not (local % MICROSECONDS_PER_DAY).any():
        return None
    finest = _TICKS[0][1]
    for size, hours in _TICKS:
        if not (local % size).any():
            finest = hours
    return finest


def _no_cases() -> pd.DataFrame:
    names = ("process", "case_id", "begun", "ended", "sample", "observed", "hours", "touch",
             "business_hours", "zero", "idle", "touch_idle", "touch_clock", "rework",
             "handovers", "last_system", "stratum")  # fmt: skip
    return pd.DataFrame({name: pd.Series(dtype=object) for name in names})


def title_of(cases: Cases, process: str) -> str:
    """Return the reader's name of a process."""
    title = cases.roster.at[process, "title"]
    return process if pd.isna(title) else str(title)

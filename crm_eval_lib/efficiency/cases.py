"""Cases before and after: who belongs where, what is cut off, in which hours it is told."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.efficiency.log import (
    Picture,
    Reduction,
    as_text,
    drawn_from,
    reduce_events,
)
from crm_eval_lib.efficiency.log_tables import AFTER, BEFORE, BETWEEN, DEFAULT_PROCESS, SAMPLES
from crm_eval_lib.efficiency.mix import strata_of
from crm_eval_lib.efficiency.notes import caveats_of, title_of
from crm_eval_lib.efficiency.opened import OpenedLog, micros, opened
from crm_eval_lib.efficiency.roster import roster_of, unlisted
from crm_eval_lib.efficiency.timing import BUSINESS, ELAPSED, median_of, still, timed
from crm_eval_lib.efficiency.window import Window, window_of
from crm_eval_lib.results import Caveat, Message, missing_table
from crm_eval_lib.sources.event_log import EventLog

__all__ = ["AFTER", "BEFORE", "BETWEEN", "BUSINESS", "ELAPSED", "Cases", "Window", "build_cases",
           "median_of", "title_of"]  # fmt: skip

_NEVER = pd.Timestamp("2200-01-01", tz="UTC")  # go-live of a project that is not live


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
    comparison : DataFrame
        Comparison cases, columns as in ``frame``: those under the client's condition, and those of
        the processes in ``compared``.
    pictures : mapping of str to DataFrame
        What else was drawn from the events (see `log`).
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
    comparison: pd.DataFrame = field(default_factory=lambda: _no_cases(), repr=False)
    pictures: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    still: frozenset[str] = frozenset()  # processes with one and the same moment throughout
    unlisted: tuple[str, ...] = ()  # processes of the log that the client did not list
    copies: int = 0  # rows of the log that repeat another one in every column
    _known: dict = field(default_factory=dict, init=False, compare=False, repr=False)

    def of(self, process: str, sample: str) -> pd.DataFrame:
        """Return the cases of a process in one sample."""
        question = ("cases", process, sample)
        return self.once(question, lambda: self._at(lambda key: key == question[1:]))

    def of_process(self, process: str) -> pd.DataFrame:
        """Return all cases of a process."""
        return self.once(("cases", process), lambda: self._at(lambda key: key[0] == process))

    def picture(self, name: str, process: str) -> pd.DataFrame:
        """Return the rows of a picture that tell of one process."""
        rows = self.pictures[name]
        return self.once(("picture", name, process), lambda: rows[rows["process"].eq(process)])

    def _at(self, wanted: Callable[[tuple[str, str]], bool]) -> pd.DataFrame:
        """Return rows in their order; neighbours are not copied."""
        places = [rows for key, rows in self._places.items() if wanted(key)]
        rows = np.concatenate([np.zeros(0, dtype=int), *places])
        first, last = (rows.min(), rows.max()) if len(rows) else (0, -1)
        joined = last - first + 1 == len(rows)
        return self.frame.iloc[first : last + 1] if joined else self.frame.iloc[np.sort(rows)]

    @cached_property
    def _places(self) -> dict[tuple[str, str], np.ndarray]:
        """Row numbers of each process and sample: a million names are compared once."""
        return dict(self.frame.groupby(["process", "sample"]).indices)

    def once(self, question: Hashable, work: Callable[[], Any]) -> Any:
        """Return what two steps ask of these cases; it is worked out when first asked.

        Of steps in two threads the second waits for what the first is working out.
        """
        answer = Future()
        known = self._known.setdefault(question, answer)
        if known is answer:
            try:
                answer.set_result(work())
            except BaseException as error:
                answer.set_exception(error)
        return known.result()

    def names(self, processes: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return the names of the processes asked for: all of the roster where none are."""
        return tuple(self.roster.index if processes is None else processes)

    def has_work(self, process: str) -> bool:
        """Say whether any case of a process has work times."""
        return bool(self.of_process(process)["touch"].notna().any())

    def why_not(self, process: str, *samples: str, least: int = 1) -> Message | None:
        """Say why a comparison of samples is impossible; None where it is possible."""
        if self.absent is not None:
            return self.absent
        if process in self.still:
            return Message("efficiency.reason.one_moment")
        if AFTER in samples and self.window.live is None:
            return Message("efficiency.reason.not_live")
        for sample in samples:
            count = len(self.of(process, sample))
            if count < least:
                return Message(f"efficiency.reason.few_{sample}", {"n": count, "least": least})
        return None


@dataclass(frozen=True)
class Asked:
    """What `build_cases` was asked."""

    processes: pd.DataFrame | None
    calendar: BusinessCalendar
    window: Window
    mix: tuple[str, ...]
    comparison: str
    pictures: Mapping[str, Picture]


def build_cases(
    events: pd.DataFrame | EventLog | None,
    processes: pd.DataFrame | None = None,
    *,
    dates: Any,
    calendar: BusinessCalendar,
    mix: Sequence[str] = (),
    comparison: str | None = "",
    pictures: Mapping[str, Picture] | None = None,
) -> Cases:
    """Reduce the event log to cases and part them at go-live.

    Parameters
    ----------
    events, processes : DataFrame or None
        Tables of those names; the events may be an EventLog, in its file.
    dates : object
        Has ``go_live``, ``status_date``, ``blackout``.
    calendar : BusinessCalendar
        Working time of the client.
    mix : sequence of str
        Attributes of events that describe the kind of a case.
    comparison : str
        Condition on events that marks cases outside the CRM; they are set apart.
    pictures : mapping of str to function
        What else is drawn from the events while they are at hand: each gets the open database
        (its tables: see `log`) and returns a DataFrame, kept in ``Cases.pictures``.

    Returns
    -------
    Cases
        Before: started before go-live, cut off there when still open. After: started after the
        blackout, cut off at the status date. Without end activities the last event is the end and
        nothing is cut off at the status date. Exact copies of a row are counted once.

    Examples
    --------
    >>> from crm_eval_lib.efficiency import example_cases  # what it gives for a small log
    >>> example_cases().frame["hours"].unique().tolist()
    [20.0, 10.0]
    """
    window = window_of(dates, calendar.timezone)
    asked = Asked(processes, calendar, window, tuple(mix or ()), comparison or "", pictures or {})
    if events is None or not len(events):
        return _without(asked, missing_table("events"))
    with opened(events) as log:
        recorded, span = log.summary(window.now)
        if span is None:
            return _without(asked, missing_table("events"))
        told = _told(log, asked, recorded, span)
        if told is None:
            return _without(asked, Message("efficiency.reason.no_working_day"))
        with ThreadPoolExecutor(1) as aside:  # the database draws while the cases are parted
            drawn = aside.submit(drawn_from, log.database, asked.pictures)
            cases = _parted(told, asked)
        return replace(cases, pictures=drawn.result())


def _without(asked: Asked, absent: Message) -> Cases:
    roster, compared = roster_of(asked.processes, [])
    return Cases(_no_cases(), roster, asked.window, asked.calendar, {}, absent=absent,
                 compared=compared)  # fmt: skip


@dataclass(frozen=True)
class _Told:
    """What a log says, its processes among it."""

    reduced: tuple[pd.DataFrame, int]
    logged: list[str]
    recorded: frozenset[str]
    mix: tuple[str, ...]


def _told(
    log: OpenedLog, asked: Asked, recorded: frozenset[str], span: tuple[int, int]
) -> _Told | None:
    """Reduce the log; None where it lies in a time without any working day."""
    window, logged = asked.window, log.processes(DEFAULT_PROCESS)
    known = tuple(name for name in asked.mix if name in recorded)
    if not asked.calendar.works(span[0], micros(window.now)):
        return None
    compared = roster_of(asked.processes, logged)[1]
    reduction = Reduction(window.live or _NEVER, window.settled or _NEVER, window.now, span, known,
                          asked.comparison, compared)  # fmt: skip
    reduced = reduce_events(log, asked.processes, asked.calendar, reduction=reduction)
    return _Told(reduced, logged, recorded, known)


def _parted(log: _Told, asked: Asked) -> Cases:
    window, calendar, known = asked.window, asked.calendar, log.mix
    roster, compared = roster_of(asked.processes, log.logged)
    frame, copies = log.reduced
    frame = _sampled(_localised(as_text(frame), calendar.timezone), window)
    frame["stratum"] = strata_of(frame, len(known))
    frame, clocks = timed(frame, calendar)
    apart, sampled = frame["apart"].astype(bool), frame["sample"].ne("")
    told = frame.assign(sample=frame["sample"].mask(apart, ""), apart=apart)
    told = told[~told["process"].isin(compared)]
    frame = frame.drop(columns=["apart", "backwards"])
    cases = Cases(
        frame[sampled & ~apart].reset_index(drop=True),
        roster,
        window,
        calendar,
        clocks,
        mix=known,
        compared=compared,
        has_comparison=bool(compared) or bool(asked.comparison.strip()),
        recorded=log.recorded,
        comparison=frame[sampled & apart].reset_index(drop=True),
        still=still(told),
        unlisted=unlisted(asked.processes, roster),
        copies=copies,
    )
    return replace(cases, caveats=caveats_of(cases, told, wanted_mix=asked.mix))


def _localised(frame: pd.DataFrame, timezone: str) -> pd.DataFrame:
    moments = {
        name: frame[name].dt.tz_localize("UTC").dt.tz_convert(timezone)
        for name in ("begun", "ended")
    }
    return frame.assign(**moments)


def _sampled(frame: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Part the cases; those without a start, or that end before it, belong to no sample."""
    begun = frame["begun"]
    sample = pd.Series(SAMPLES.index(BEFORE), index=frame.index, dtype="int8")
    if window.live is not None:
        sample = sample.mask(begun >= window.live, SAMPLES.index(BETWEEN))
        sample = sample.mask(begun >= window.settled, SAMPLES.index(AFTER))
    sample = sample.mask(begun.isna() | frame["backwards"], SAMPLES.index(""))
    sample = pd.Series(pd.Categorical.from_codes(sample, SAMPLES), index=frame.index)
    cut = pd.Series(window.now, index=frame.index, dtype=begun.dtype)
    if window.live is not None:
        cut = cut.mask(sample.eq(BEFORE), window.live)
    observed = frame["ended"].notna() & (frame["ended"] <= cut)
    stop = frame["ended"].where(observed, cut)
    return frame.assign(sample=sample, observed=observed, stop=stop)


def _no_cases() -> pd.DataFrame:
    names = ("process", "case_id", "begun", "ended", "sample", "observed", "hours", "touch",
             "business_hours", "zero", "idle", "touch_idle", "touch_clock", "rework",
             "handovers", "last_system", "stratum")  # fmt: skip
    return pd.DataFrame({name: pd.Series(dtype=object) for name in names})

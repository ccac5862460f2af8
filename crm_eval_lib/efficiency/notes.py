"""What a reader must know about the cases: cut off, unfinished, told in other hours, set apart."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from crm_eval_lib.efficiency.log import activities_of
from crm_eval_lib.results import Caveat, Message, keyed

if TYPE_CHECKING:
    from crm_eval_lib.efficiency.cases import Cases

TABLES = ("events",)
_ELAPSED = "elapsed"
_TIMED = ("median_hours_before", "median_hours_after", "p90_hours_before", "p90_hours_after",
          "naive_change", "change", "p90_change")  # fmt: skip


def title_of(cases: "Cases", process: str) -> str:
    """Return the reader's name of a process."""
    title = cases.roster.at[process, "title"]
    return process if pd.isna(title) else str(title)


def caveats_of(
    cases: "Cases", frame: pd.DataFrame, *, wanted_mix: tuple[str, ...]
) -> tuple[Caveat, ...]:
    """Gather the caveats of a log.

    Parameters
    ----------
    cases : Cases
        What will be used.
    frame : DataFrame
        All cases, also those that belong to no sample.
    wanted_mix : tuple of str
        Attributes that the client named.
    """
    notes: list[Caveat] = []
    if not frame.empty:
        first, last = frame["begun"].min(), cases.window.now
        if pd.notna(first):
            calendar_notes = cases.calendar.caveats(first, last)
            notes += [Caveat(note, tables=TABLES) for note in calendar_notes]
    if cases.copies:
        notes.append(_note("copied_events", {"n": cases.copies}, ()))
    notes += _open_ends(cases)
    notes += _clocks(cases)
    notes += _set_apart(cases, frame)
    absent = [name for name in wanted_mix if name not in cases.mix]
    if absent:
        notes.append(_note("mix_not_recorded", {"columns": absent}, ()))
    return tuple(notes)


def _open_ends(cases: "Cases") -> Iterable[Caveat]:
    logged = set(cases.frame["process"].unique())
    endless = [
        process
        for process, text in cases.roster["end_activities"].items()
        if process in logged and not activities_of(text)
    ]
    if endless:
        ids = tuple(keyed(f"efficiency.{name}", p) for p in endless for name in _TIMED)
        yield _note("no_end_activities", {"processes": _titles(cases, endless)}, ids)


def _clocks(cases: "Cases") -> Iterable[Caveat]:
    for process, clock in cases.clocks.items():
        if clock == _ELAPSED and process in cases.roster.index:
            ids = tuple(keyed(f"efficiency.{name}", process) for name in _TIMED)
            yield _note("elapsed_hours", {"process": title_of(cases, process)}, ids)
    counts = cases.frame.groupby("process")["zero"].sum()
    for process, count in counts[counts > 0].items():
        slots = {"process": title_of(cases, process), "n": int(count)}
        yield _note("zero_hours", slots, (keyed("efficiency.change", process),))


def _set_apart(cases: "Cases", frame: pd.DataFrame) -> Iterable[Caveat]:
    unstarted = frame.loc[frame["begun"].isna(), "process"].value_counts()
    for process, count in unstarted.items():
        ids = (keyed("efficiency.change", process),)
        slots = {"process": title_of(cases, process), "n": int(count)}
        yield _note("no_start", slots, ids)
    unlisted = [name for name in cases.unlisted if name in cases.roster.index]
    if unlisted:
        ids = tuple(keyed("efficiency.priority", name) for name in unlisted)
        yield _note("unlisted_processes", {"processes": unlisted}, ids)
    apart = int((frame["apart"] & frame["begun"].notna()).sum())
    if apart:
        yield _note("comparison_cases", {"n": apart}, ())
    if cases.compared:
        yield _note("comparison_processes", {"processes": list(cases.compared)}, ())


def _titles(cases: "Cases", processes: list[str]) -> list[str]:
    return [title_of(cases, process) for process in processes]


def _note(name: str, slots: dict, ids: tuple[str, ...]) -> Caveat:
    return Caveat(Message(f"efficiency.caveat.{name}", slots), ids, tables=TABLES)

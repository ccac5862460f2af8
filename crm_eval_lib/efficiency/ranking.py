"""Where the hours are: which processes carry 80 % of the priority and are evaluated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_eval_lib.efficiency.cases import BEFORE, Cases, median_of, title_of
from crm_eval_lib.efficiency.stand_in import StandIn, offered
from crm_eval_lib.results import (
    Caveat,
    Indicator,
    Message,
    Step,
    keyed,
    measured,
    missing_column,
    missing_table,
    not_applicable,
    not_assessed,
)
from crm_eval_lib.scoring import threshold

ID = "efficiency.priority"
EMPTY_SCALE = 3.0  # an importance or difficulty nobody gave
REPETITIVE_FACTOR = 2.0
MINUTES_PER_HOUR = 60
LOG, ESTIMATES = "events", "estimates"
_TURNAROUND, _WORK = "efficiency.median_hours_before", "efficiency.touch_hours_before"
_ROUNDING = 1e-9  # shares that add to 80 % but for rounding have reached it


@dataclass(frozen=True)
class _Hours:
    value: float | None
    source: str
    reason: Message | None = None


def priority(
    cases: Cases,
    processes: pd.DataFrame | None = None,
    estimates: pd.DataFrame | None = None,
    *,
    fallbacks: Sequence[StandIn] = (),
) -> Step:
    """Rank the processes by the hours at stake.

    Parameters
    ----------
    cases : Cases
        From `build_cases`.
    processes, estimates : DataFrame or None
        Tables of those names; estimates stand in where the log has no cases before go-live.
    fallbacks : sequence of StandIn
        Drawn forms, then observed work, stand in before estimates do.

    Returns
    -------
    Step
        ``priority[process]`` = annual volume × median hours before × importance × difficulty ×
        (2 if repetitive), as a share. ``evaluated`` in its table marks the processes up to and
        including the one that crosses 80 %.

    Examples
    --------
    One process carries everything; 200 cases · 20 hours · 3 · 3 = 36 000:

    >>> from crm_eval_lib.efficiency import example_cases
    >>> priority(example_cases()).table[["process", "weight", "share"]].values.tolist()
    [['quote', 36000.0, 1.0]]
    """
    sources = (estimates, tuple(fallbacks))
    rows = [_row(cases, process, processes, sources) for process in cases.roster.index]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    total = table["weight"].sum()
    table["share"] = table["weight"] / total if total > 0 else np.nan
    table = table.sort_values(["share", "process"], ascending=[False, True], na_position="last")
    table["cumulative_share"] = table["share"].cumsum()
    table["evaluated"] = _evaluated(table)
    reasons = dict(zip(table["process"], table.pop("reason"), strict=True))
    table = table.reset_index(drop=True)
    indicators = [_indicator(row, reasons[row["process"]]) for row in table.to_dict("records")]
    indicators += [
        not_applicable(keyed(ID, process), "ratio", Message("efficiency.reason.comparison_process"))
        for process in cases.compared
    ]
    ranked = table[table["share"].notna()]
    return Step(
        "efficiency.priority",
        tuple(indicators) or (not_assessed(ID, "ratio", missing_table("processes", "events")),),
        ranked if len(ranked) else None,
        _sentence(ranked, table),
        _headline(ranked),
        Message("efficiency.subtitle.priority") if len(ranked) else None,
        caveats=tuple(_caveats(table)),
    )


def evaluated(ranking: Step, cases: Cases) -> tuple[str, ...]:
    """Return the processes to evaluate, highest priority first.

    Without any assessed priority all processes are evaluated.

    Parameters
    ----------
    ranking : Step
        From `priority`.
    cases : Cases
        From `build_cases`.

    Returns
    -------
    tuple of str
        Up to and including the process that crosses 80 % of the priority.

    Examples
    --------
    >>> from crm_eval_lib.efficiency import example_cases
    >>> cases = example_cases()
    >>> evaluated(priority(cases), cases)
    ('quote',)
    """
    if ranking.table is None:
        return tuple(cases.roster.index)
    table = ranking.table
    return tuple(table.loc[table["evaluated"], "process"])


_COLUMNS = ["process", "title", "annual_volume", "hours", "hours_from", "importance", "difficulty",
            "repetitive", "weight", "reason"]  # fmt: skip


def _row(
    cases: Cases,
    process: str,
    processes: pd.DataFrame | None,
    sources: tuple[pd.DataFrame | None, tuple[StandIn, ...]],
) -> list[object]:
    facts = cases.roster.loc[process]
    hours = _hours_before(cases, process, *sources)
    volume = facts["annual_volume"]
    importance, difficulty = (
        EMPTY_SCALE if pd.isna(facts[name]) else float(facts[name])
        for name in ("importance", "difficulty")
    )
    repetitive = REPETITIVE_FACTOR if str(facts["repetitive"]) == "yes" else 1.0
    title = title_of(cases, process)
    weight, reason = np.nan, hours.reason
    if pd.isna(volume):
        absent = processes is None or processes.empty
        reason = (
            missing_table("processes") if absent else missing_column("processes", "annual_volume")
        )
    elif hours.value is not None:
        weight = volume * hours.value * importance * difficulty * repetitive
    return [process, title, volume, hours.value, hours.source, importance, difficulty,
            "yes" if repetitive > 1 else "no", weight, reason]  # fmt: skip


def _hours_before(
    cases: Cases,
    process: str,
    estimates: pd.DataFrame | None,
    fallbacks: tuple[StandIn, ...] = (),
) -> _Hours:
    if cases.absent is None:
        before = cases.of(process, BEFORE)
        median = median_of(before["hours"], before["observed"])
        if median is not None:
            return _Hours(median, LOG)
    for name, table in ((_TURNAROUND, "case_samples"), (_WORK, "time_study")):
        found = offered(fallbacks, keyed(name, process))
        if found is not None and table in found.tables:
            return _Hours(float(found.value), table)
    if estimates is not None and not estimates.empty:
        mine = estimates[estimates["process"].eq(process) & estimates["wave"].eq(BEFORE)]
        minutes = mine["minutes_likely"].median()
        if pd.notna(minutes):
            return _Hours(float(minutes) / MINUTES_PER_HOUR, ESTIMATES)
    return _Hours(None, "", cases.absent or Message("efficiency.reason.no_hours_before"))


def _evaluated(table: pd.DataFrame) -> pd.Series:
    wanted = threshold("evaluated_share") - _ROUNDING
    already = table["cumulative_share"] - table["share"]
    return table["share"].gt(0) & already.lt(wanted)


def _indicator(row: dict, reason: Message | None) -> Indicator:
    tables = ("processes", row["hours_from"]) if row["hours_from"] else ("processes",)
    if pd.isna(row["share"]):
        reason = reason or Message("efficiency.reason.no_weight")
        return not_assessed(keyed(ID, row["process"]), "ratio", reason, tables=tables)
    parts = {name: row[name] for name in ("annual_volume", "hours", "hours_from", "importance",
             "difficulty", "repetitive", "evaluated")}  # fmt: skip
    return measured(keyed(ID, row["process"]), row["share"], "ratio", tables=tables, parts=parts)


def _sentence(ranked: pd.DataFrame, table: pd.DataFrame) -> Message:
    if ranked.empty:
        return Message("efficiency.sentence.no_priority", {"n": len(table)})
    chosen = ranked[ranked["evaluated"]]
    slots = {"n": len(chosen), "of": len(ranked), "share": float(chosen["share"].sum()),
             "processes": chosen["title"].tolist()}  # fmt: skip
    return Message("efficiency.sentence.priority", slots)


def _headline(ranked: pd.DataFrame) -> Message | None:
    if ranked.empty:
        return None
    first = ranked.iloc[0]
    slots = {"process": first["title"], "share": float(first["share"])}
    return Message("efficiency.headline.priority", slots)


def _caveats(table: pd.DataFrame) -> list[Caveat]:
    notes = []
    guessed = table.loc[table["hours_from"].eq(ESTIMATES) & table["share"].notna(), "title"]
    if len(guessed):
        slots = {"processes": guessed.tolist()}
        notes.append(Caveat(Message("efficiency.caveat.estimated_hours", slots), (ID,)))
    unranked = table.loc[table["share"].isna(), "title"]
    if len(unranked) and len(unranked) < len(table):
        slots = {"processes": unranked.tolist()}
        notes.append(Caveat(Message("efficiency.caveat.unranked", slots), (ID,)))
    return notes

"""What stands in for the log: samples, observation and estimates, best source first.

A stand-in offers figures; `measures` and `change` publish them where the log has no answer, so that
each id is published in one place and a better source is never overridden.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, BEFORE, Cases, title_of
from crm_eval_lib.results import Caveat, Indicator, Message, Step, keyed

RUNG = "S"  # no trend, season or mix removed, and no log: the lowest rung
SOURCE = "source"  # column and part that names the table a figure rests on
# The log has an answer, be it that nobody can tell, or the question does not arise.
_FINAL = ("cannot_tell", "not_evaluated", "comparison_process", "not_live")
_LEVELS = {"median_hours": "median_hours", "p90_hours": "p90_hours", "touch_hours": "touch_hours",
           "rework_rate": "rework_rate", "sla_met": "sla_met_share"}  # fmt: skip
# Which document binds most where several state a limit: signed ones before internal ones.
_BINDING = ("contract", "sla", "requirement", "policy")


@dataclass(frozen=True)
class StandIn(Step):
    """A step whose figures are published by other steps, only where the log gives none.

    ``offered`` holds them, with the reason where there is none. ``shares_done`` tells by which hour
    which share of the cases was done, for figures.
    """

    offered: tuple[Indicator, ...] = ()
    shares_done: pd.DataFrame | None = None


def nothing_in(table: str, cases: Cases) -> Message | None:
    """Say which question stays open without log and fallback, where no log makes it needless."""
    if cases.absent is None:
        return None
    return Message(f"efficiency.reason.nothing_{table}", {"main": "events", "fallback": table})


def filled(indicators: Iterable[Indicator], stand_ins: Sequence[StandIn]) -> list[Indicator]:
    """Return the indicators with gaps of the log filled by the first stand-in that has a value.

    Examples
    --------
    >>> from crm_eval_lib.results import measured, missing_table, not_assessed
    >>> gap = not_assessed("efficiency.median_hours_before[p]", "hours", missing_table("events"))
    >>> sampled = measured("efficiency.median_hours_before[p]", 26.0, "hours")
    >>> filled([gap], [StandIn("efficiency.samples", offered=(sampled,))])[0].value
    26.0
    """
    offers: dict[str, list[Indicator]] = {}
    for stand_in in stand_ins:
        for offer in stand_in.offered:
            offers.setdefault(offer.id, []).append(offer)
    return [_best(indicator, offers.get(indicator.id, [])) for indicator in indicators]


def filled_levels(
    indicators: list[Indicator], rows: list[dict], stand_ins: Sequence[StandIn]
) -> tuple[list[Indicator], list[dict]]:
    """Fill the indicators of `measures` and the rows of its table; each row names its sources."""
    found = filled(indicators, stand_ins)
    by_id = {indicator.id.split(".", 1)[1]: indicator for indicator in found}
    pairs = zip(indicators, found, strict=True)
    changed = {new.id for old, new in pairs if new is not old and new.value is not None}
    told = []
    for row in rows:
        row, sources = dict(row), ["events"] * bool(row["n"])
        for name, column in _LEVELS.items():
            item = by_id.get(keyed(f"{name}_{row['sample']}", row["process"]))
            if item is None or item.id not in changed:
                continue
            row[column] = item.value
            sources += [table for table in item.tables if table not in (*sources, "processes")]
            if not row["n"] and name == "median_hours":
                row["n"] = item.n
        told.append({**row, SOURCE: sources})
    return found, told


def filled_change(
    indicators: list[Indicator], rows: list[dict], stand_ins: Sequence[StandIn], cases: Cases
) -> tuple[list[Indicator], list[dict]]:
    """Fill the indicators of `change` and the rows of its table."""
    found = filled(indicators, stand_ins)
    by_id = {indicator.id: indicator for indicator in found}
    told = list(rows)
    for old, new in zip(indicators, found, strict=True):
        measure = new.base_id.split(".", 1)[1]
        if new is old or measure not in ("change", "touch_change", "p90_change"):
            continue
        detectable = by_id[keyed("efficiency.mde", new.key)].value if measure == "change" else None
        row = _row(new, measure, title_of(cases, new.key), detectable)
        place = [at for at, r in enumerate(told) if (r["process"], r["measure"]) == row_id(row)]
        if place:
            told[place[0]] = row
        else:
            told.append(row)
    return found, told


def row_id(row: dict) -> tuple[str, str]:
    """Return what a row of the table of changes speaks of."""
    return row["process"], row["measure"]


def offered(stand_ins: Sequence[StandIn], indicator_id: str) -> Indicator | None:
    """Return the first offer of an indicator that has a value."""
    for stand_in in stand_ins:
        for offer in stand_in.offered:
            if offer.id == indicator_id and offer.value is not None:
                return offer
    return None


def with_fallbacks(
    cases: Cases,
    case_samples: pd.DataFrame | None = None,
    time_study: pd.DataFrame | None = None,
    estimates: pd.DataFrame | None = None,
    *,
    targets: pd.DataFrame | None = None,
) -> Cases:
    """Add to the roster what only the tables of fallbacks know: processes, and limits of time.

    Parameters
    ----------
    cases : Cases
    case_samples, time_study, estimates : DataFrame or None
        A process they name and ``processes`` does not is evaluated without volume, like one that
        only the log names.
    targets : DataFrame or None
        ``target_hours`` is the limit where ``sla_hours`` is empty; the most binding document
        counts. ``sla_source`` of the roster names it.

    Returns
    -------
    Cases
        New ones with the longer roster; the cases themselves stay.

    Examples
    --------
    >>> from crm_eval_lib.efficiency import example_cases
    >>> said = pd.DataFrame({"process": ["offer"]})
    >>> with_fallbacks(example_cases(), estimates=said).roster.index.tolist()
    ['quote', 'offer']
    """
    named = [table["process"].dropna() for table in (case_samples, time_study, estimates)
             if table is not None and len(table)]  # fmt: skip
    names = pd.concat(named).astype(str).unique() if named else []
    new = [n for n in sorted(names) if n not in cases.roster.index and n not in cases.compared]
    roster = cases.roster.reindex([*cases.roster.index, *new])
    return replace(cases, roster=_with_targets(roster, targets))


def limit_of(cases: Cases, process: str) -> tuple[float | None, str]:
    """Return the hours within which a case is due, None where nobody says, and who says so."""
    limit = cases.roster.at[process, "sla_hours"]
    source = cases.roster.get("sla_source", pd.Series(dtype=object)).get(process)
    return None if pd.isna(limit) else float(limit), "processes" if pd.isna(source) else "targets"


def limit_notes(cases: Cases) -> Iterable[Caveat]:
    """Name the limits that stand in a document and not in the list of processes."""
    for process in cases.roster.index:
        limit, stated = limit_of(cases, process)
        if stated == "targets":
            slots = {"process": title_of(cases, process), "hours": limit,
                     "document": str(cases.roster.at[process, "sla_source"])}  # fmt: skip
            ids = tuple(keyed(f"efficiency.sla_met_{when}", process) for when in (BEFORE, AFTER))
            yield Caveat(Message("efficiency.caveat.limit_from_target", slots), ids,
                         tables=("targets",))  # fmt: skip


def with_shares(hours: pd.DataFrame, stand_ins: Sequence[StandIn]) -> pd.DataFrame:
    """Add the curves of stand-ins for what the log does not tell."""
    told = set(zip(hours["process"], hours["sample"], strict=True))
    parts = [hours]
    for stand_in in stand_ins:
        curves = stand_in.shares_done
        if curves is None or curves.empty:
            continue
        keys = pd.Series(list(zip(curves["process"], curves["sample"], strict=True)))
        new = curves[[key not in told for key in keys]]
        told |= set(keys)
        if len(new):
            parts.append(new)
    kept = [part for part in parts if len(part)]
    return pd.concat(kept, ignore_index=True) if kept else hours


def _with_targets(roster: pd.DataFrame, targets: pd.DataFrame | None) -> pd.DataFrame:
    source = pd.Series(pd.NA, index=roster.index, dtype="object")
    limit = roster["sla_hours"].astype(float)
    if targets is not None and len(targets):
        known = targets[targets["target_hours"].gt(0) & targets["source"].isin(_BINDING)]
        ranked = known.assign(place=known["source"].astype(str).map(_BINDING.index))
        first = ranked.sort_values(["place", "target_hours"]).drop_duplicates("process")
        first = first.set_index("process").reindex(roster.index)
        used = limit.isna() & first["target_hours"].notna()
        limit = limit.where(~used, first["target_hours"].astype(float))
        source = first["source"].astype(object).where(used, pd.NA)
    return roster.assign(sla_hours=limit, sla_source=source)


def _best(indicator: Indicator, offers: list[Indicator]) -> Indicator:
    if indicator.value is not None or indicator.state != "not_assessed" or not offers:
        return indicator
    if indicator.reason is not None and indicator.reason.key.rsplit(".", 1)[1] in _FINAL:
        return indicator
    return next((offer for offer in offers if offer.value is not None), offers[0])


def _row(item: Indicator, measure: str, title: str, detectable: float | None) -> dict:
    untold = item.reason is not None and item.reason.key.endswith("forms_flip")
    verdict = "not_assessed" if item.value is None else "measured"
    return {
        "process": item.key, "title": title, "measure": measure, "rung": item.rung,
        "change_ratio": item.value, "low_ratio": item.low, "high_ratio": item.high,
        "placebo_share": None, "detectable_ratio": detectable,
        "verdict": "cannot_tell" if untold else verdict,
    }  # fmt: skip

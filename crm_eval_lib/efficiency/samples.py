"""Rung S: a process that left no log before go-live, told from forms drawn by hand."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, BEFORE, BUSINESS, Cases, title_of
from crm_eval_lib.efficiency.forms import (
    FOUND,
    LOST,
    REPEATED,
    REVERSED,
    UNKNOWN,
    WRONG_WAVE,
    Forms,
    clock_of,
    forms_of,
    read_forms,
)
from crm_eval_lib.efficiency.sampled import changes, levels
from crm_eval_lib.efficiency.sides import SAMPLES, Side, side_of, sides_for
from crm_eval_lib.efficiency.stand_in import StandIn, nothing_in
from crm_eval_lib.results import CONFIDENCE, Caveat, Indicator, Message, keyed

WAVES = (BEFORE, AFTER)
POINTS = 99  # percentiles of a curve, for the figure
SET_ASIDE = (WRONG_WAVE, REVERSED, REPEATED, UNKNOWN)
ROUGH_WIDTHS = 2  # a median below so many stamp widths leans on where in a stamp cases begin
_CHANGE = "efficiency.change"


def samples(
    cases: Cases,
    case_samples: pd.DataFrame | None,
    *,
    confidence: float = CONFIDENCE,
    seed: int = 0,
) -> StandIn:
    """Tell hours and their change from drawn forms, for what the log cannot answer.

    Parameters
    ----------
    cases : Cases
        From `with_fallbacks`; where it has cases enough on one side, that side is the log's.
    case_samples : DataFrame or None
        Table of that name.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.
    seed : int
        Of the redrawn forms.

    Returns
    -------
    StandIn
        Offers ``median_hours``, ``p90_hours``, ``rework_rate`` (forms returned at least once) and
        ``sla_met`` of each wave, ``change`` and ``p90_change`` = quantile after / before − 1 on
        rung S, and ``mde``. A day stamp means any moment of that day: hours lie between bounds
        and the curve is the most likely one [Turnbull 1976]. Forms not found widen low and high to
        what they could do at worst; a change they could turn round is not told.

    Examples
    --------
    Twelve forms of 12 hours each, for a process that the log does not know:

    >>> from crm_eval_lib.efficiency import example_cases, with_fallbacks
    >>> start = pd.date_range("2023-03-06 08:00", periods=12, tz="UTC")
    >>> forms = pd.DataFrame({"sample_id": range(12), "process": "offer", "wave": "before",
    ...     "case_ref": [f"F{n}" for n in range(12)], "source": "paper", "selection": "random",
    ...     "resolution": "minute", "submitted_at": start,
    ...     "decided_at": start + pd.Timedelta(hours=12)})
    >>> step = samples(with_fallbacks(example_cases(), forms), forms)
    >>> {item.id: item.value for item in step.offered}["efficiency.median_hours_before[offer]"]
    12.0
    """
    frame = read_forms(cases, case_samples)
    if frame.empty:
        return StandIn("efficiency.samples", sentence=nothing_in(SAMPLES, cases))
    offered, rows, curves, notes = [], [], [], []
    for process in (name for name in cases.roster.index if frame["process"].eq(name).any()):
        sides, classes = sides_for(cases, frame, process, seed=seed)
        parts = {"amount_classes": len(classes)} if classes else {}
        changed = changes(process, sides, parts, confidence=confidence)
        for wave in WAVES:
            forms = forms_of(frame, process, wave)
            side = sides[wave]
            if classes or side.source != SAMPLES:
                clock = clock_of(cases, frame, process)
                side = side_of(forms, wave, clock, seed=seed)
            told = levels(cases, process, forms, side, confidence=confidence)
            offered += told
            rows.append(_row(cases, process, forms, side, told))
            curves += _points(process, side)
            notes += _notes(cases, process, forms, side)
        offered += changed
        title = title_of(cases, process)
        notes += _pair_notes((process, title), sides, classes, forms_of(frame, process, BEFORE))
    table = pd.DataFrame(rows)
    notes += _aside(frame)
    told = [item for item in offered if item.base_id == _CHANGE]
    return StandIn(
        "efficiency.samples",
        (),
        table if len(table) else None,
        _sentence(table, told, cases) if len(table) else nothing_in(SAMPLES, cases),
        Message("efficiency.headline.samples") if len(table) else None,
        Message("efficiency.subtitle.samples") if len(table) else None,
        caveats=tuple(notes),
        tables=_aside_table(frame),
        sources=(SAMPLES,),
        offered=tuple(offered),
        shares_done=pd.DataFrame(curves, columns=["process", "sample", "share", "hours"]),
    )


def _row(
    cases: Cases, process: str, forms: Forms, side: Side, told: list[Indicator]
) -> dict[str, object]:
    median, tail, *_ = told
    found = forms.found
    return {
        "process": process, "title": title_of(cases, process), "sample": side.wave,
        "forms_drawn": forms.drawn, "n": len(found), "not_found": forms.lost,
        "population": forms.population,
        **{name: _one(found[name]) for name in ("source", "selection", "resolution")},
        "median_hours": median.value, "low": median.low, "high": median.high,
        "fastest_hours": (median.parts or {}).get("if_lost_fastest"),
        "slowest_hours": (median.parts or {}).get("if_lost_slowest"),
        "p90_hours": tail.value,
    }  # fmt: skip


def _one(codes: pd.Series) -> str | None:
    """Return the code that all rows share, else that they differ."""
    seen = codes.dropna().astype(str).unique()
    return None if not len(seen) else str(seen[0]) if len(seen) == 1 else "mixed"


def _points(process: str, side: Side) -> list[tuple[str, str, float, float]]:
    if side.curve is None:
        return []
    shares = np.arange(1, POINTS + 1) / (POINTS + 1)
    return [
        (process, side.wave, float(share), hours)
        for share in shares
        if np.isfinite(hours := float(side.curve.quantile(share)[0]))
    ]


def _notes(cases: Cases, process: str, forms: Forms, side: Side) -> Iterable[Caveat]:
    level = keyed(f"efficiency.median_hours_{side.wave}", process)
    ids = (level, keyed(_CHANGE, process))
    title = title_of(cases, process)
    if forms.lost:
        slots = {"process": title, "wave": side.wave, "n": forms.lost, "drawn": forms.drawn}
        yield _note("forms_not_found", slots, ids)
    if forms.impossible_population is not None:
        slots = {"process": title, "wave": side.wave, "n": forms.impossible_population,
                 "drawn": forms.drawn}  # fmt: skip
        yield _note("impossible_population", slots, (level,))
    rough = side.width > 0 and side.enough and not side.too_coarse
    if rough and side.quantile(0.5)[0] < ROUGH_WIDTHS * side.width:
        yield _note("rough_stamps", {"process": title, "wave": side.wave}, ids)
    chosen = forms.found["selection"].eq("convenience")
    if chosen.any():
        slots = {"process": title, "wave": side.wave, "n": int(chosen.sum())}
        yield _note("convenience_forms", slots, ids, bias=True)
    if clock_of(cases, forms.found, process) != BUSINESS:
        yield _note("elapsed_hours", {"process": title}, ids)


def _pair_notes(
    named: tuple[str, str], sides: dict[str, Side], classes: tuple[int, ...], before: Forms
) -> Iterable[Caveat]:
    process, title = named
    ids = (keyed(_CHANGE, process), keyed("efficiency.p90_change", process))
    if not all(side.enough for side in sides.values()):
        return
    sources = {wave: side.source for wave, side in sides.items()}
    if len(set(sources.values())) > 1:
        yield _note("forms_against_log", {"process": title}, ids)
    elif sources[BEFORE] == SAMPLES and not classes:
        recorded = before.found["amount"].notna().any()
        name = "amounts_unusable" if recorded else "amounts_missing"
        yield _note(name, {"process": title}, ids)


def _aside(frame: pd.DataFrame) -> Iterable[Caveat]:
    for reason in SET_ASIDE:
        count = int(frame["standing"].eq(reason).sum())
        if count:
            names = sorted(frame.loc[frame["standing"].eq(reason), "process"].astype(str).unique())
            yield _note(f"forms_{reason}", {"n": count, "processes": names}, ())


def _aside_table(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    aside = frame[~frame["standing"].isin([FOUND, LOST])]
    columns = ["sample_id", "process", "case_ref", "wave", "submitted_at", "decided_at", "standing"]
    return {"set_aside": aside[columns].reset_index(drop=True)} if len(aside) else {}


def _sentence(table: pd.DataFrame, told: list[Indicator], cases: Cases) -> Message:
    known = [item for item in told if item.value is not None]
    counts = table.groupby("sample")["n"].sum()
    slots = {"before": int(counts.get(BEFORE, 0)), "after": int(counts.get(AFTER, 0)),
             "n": table["process"].nunique(), "lost": int(table["not_found"].sum())}  # fmt: skip
    if not known:
        return Message("efficiency.sentence.samples_untold", slots)
    first = known[0]
    slots |= {"process": title_of(cases, first.key), "value": first.value}
    return Message("efficiency.sentence.samples", slots)


def _note(name: str, slots: dict, ids: tuple[str, ...], *, bias: bool = False) -> Caveat:
    message = Message(f"efficiency.caveat.{name}", slots)
    return Caveat(message, ids, tables=(SAMPLES,), bias=bias)

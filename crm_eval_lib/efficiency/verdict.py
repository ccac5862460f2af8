"""What the system changed, on the highest rung of evidence that holds – or that nobody can tell."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, BEFORE, Cases, title_of
from crm_eval_lib.efficiency.crude import adjusted
from crm_eval_lib.efficiency.designs import LEAST_CASES, below_clock, estimate, naive
from crm_eval_lib.efficiency.estimates import (
    LEAST_PLACEBOS,
    R0,
    R1,
    R3,
    Estimate,
    Measure,
    Options,
)
from crm_eval_lib.efficiency.findings import cannot_tell
from crm_eval_lib.efficiency.shown import tables_of
from crm_eval_lib.efficiency.stand_in import RUNG as SAMPLED
from crm_eval_lib.efficiency.stand_in import StandIn, filled_change
from crm_eval_lib.results import (
    CONFIDENCE,
    Caveat,
    Indicator,
    Message,
    Step,
    keyed,
    measured,
    missing_column,
    not_assessed,
)

TABLES = ("events",)
CHANGE, MDE, PLACEBO = "efficiency.change", "efficiency.mde", "efficiency.placebo"
TOUCH, TAIL = "efficiency.touch_change", "efficiency.p90_change"
WEAK = (SAMPLED, R0, R1)  # trend and season are not removed
IDS = (MDE, CHANGE, PLACEBO, TOUCH, TAIL)
MEASURES = {CHANGE: Measure(), TOUCH: Measure("touch"), TAIL: Measure(share=0.9)}


def change(
    cases: Cases,
    processes: tuple[str, ...] | None = None,
    *,
    mix: Iterable[str] = (),
    fallbacks: Sequence[StandIn] = (),
    confidence: float = CONFIDENCE,
    seed: int = 0,
) -> Step:
    """Estimate what go-live changed in each process.

    Parameters
    ----------
    cases : Cases
    processes : tuple of str, optional
        Those to evaluate; the others of the roster are published as not assessed.
    mix : iterable of str
        Attributes the client named, recorded or not.
    fallbacks : sequence of StandIn
        Samples, observation and estimates, best first: they fill what the log cannot answer.
    confidence, seed : float, int
        Two-sided level of the intervals (0.95), and of the draws.

    Returns
    -------
    Step
        ``mde``, ``change``, ``placebo``, ``touch_change``, ``p90_change`` per process. R2 =
        exp(mean over the after-periods of level + slope·t) − 1 where 12 months before and 6 after
        carry it; R3 = the same on the difference from comparison units, where both moved alike
        before go-live; R1 = ratio of medians under one mix; R0 = ratio of medians. A placebo share
        above one in ten means that nobody can tell, on every rung. Tables: ``rungs``,
        ``placebo``, ``horizons`` (3, 6, 12 months after go-live), ``leave_out``, ``event_study``
        (R3), ``split`` and ``mix`` (where kinds are known), ``series``, ``window``.

    Examples
    --------
    >>> from crm_eval_lib.efficiency import example_cases
    >>> round(change(example_cases())["efficiency.change[quote]"].value, 6)  # 20 hours, later 10
    -0.5
    """
    options = Options(confidence=confidence, seed=seed, mix_wanted=bool(tuple(mix)))
    names = cases.names(processes)
    indicators: list[Indicator] = []
    rows, found = [], {}
    for process in names:
        estimates = _estimates(cases, process, options)
        indicators += _indicators(process, estimates, options)
        rows += _rows(cases, process, estimates, options)
        found[process] = estimates[CHANGE]
    indicators += _left_out(cases, names)
    indicators, rows = filled_change(indicators, rows, fallbacks, cases)
    if not indicators:
        reason = cases.absent or Message("efficiency.reason.no_process")
        indicators = [not_assessed(id, "ratio", reason) for id in IDS]
    for id in MEASURES:
        indicators = adjusted(indicators, id)
    table = pd.DataFrame(rows)
    known = len(table) > 0 and table["change_ratio"].notna().any()
    own = [i for i in indicators if i.base_id == CHANGE and i.key in names]
    return Step(
        "efficiency.change",
        tuple(indicators),
        table if known else None,
        _sentence(own, cases, table),
        _headline(own, cases) if known else None,
        Message("efficiency.subtitle.change") if known else None,
        findings=cannot_tell(indicators, cases),
        caveats=tuple(_caveats(own, found, cases)),
        tables=tables_of(cases, found, table),
    )


def _estimates(cases: Cases, process: str, options: Options) -> dict[str, Estimate]:
    reason = cases.why_not(process, BEFORE, AFTER, least=LEAST_CASES)
    reason = reason or below_clock(cases, process)
    if reason is not None:
        return {id: Estimate(reason=reason) for id in MEASURES}
    main = estimate(cases, process, MEASURES[CHANGE], options=replace(options, detail=True))
    if main.rung is None:
        return {id: replace(main) for id in MEASURES}

    def on_its_rung(id: str) -> Estimate:
        if id == TOUCH and "started_at" not in cases.recorded:
            return Estimate(reason=missing_column("events", "started_at"))
        return estimate(cases, process, MEASURES[id], rung=main.rung, options=options)

    others = (TOUCH, TAIL)
    with ThreadPoolExecutor(len(others)) as pool:
        return {CHANGE: main, **dict(zip(others, pool.map(on_its_rung, others), strict=True))}


def _indicators(process: str, estimates: dict[str, Estimate], options: Options) -> list[Indicator]:
    main = estimates[CHANGE]
    return [
        _detectable(keyed(MDE, process), main),
        _change(keyed(CHANGE, process), main, options.confidence),
        _placebo(keyed(PLACEBO, process), main),
        *(_change(keyed(id, process), estimates[id], options.confidence) for id in (TOUCH, TAIL)),
    ]


def _change(id: str, found: Estimate, confidence: float) -> Indicator:
    common = {"tables": TABLES, "rung": found.rung, "n": found.n or None}
    if found.reason is not None or found.ratio.value is None:
        reason = found.reason or Message("efficiency.reason.not_reached")
        return not_assessed(id, "ratio", reason, **common)
    parts = {**found.parts, "placebo_share": found.placebo_share}
    if found.cannot_tell:
        slots = {"share": found.placebo_share, "dates": len(found.placebos)}
        reason = Message("efficiency.reason.cannot_tell", slots)
        return not_assessed(id, "ratio", reason, parts=parts, **common)
    bounds = {}
    if found.ratio.low is not None:
        bounds = {"low": found.ratio.low, "high": found.ratio.high, "confidence": confidence}
    return measured(
        id, found.ratio.value, "ratio", p=found.ratio.p, parts=parts, reason=_why(found), **bounds,
        **common,
    )  # fmt: skip


def verdict_of(found: Estimate, *, confidence: float = CONFIDENCE) -> str:
    """Return what the report says of an estimate: faster, slower, open or untold."""
    indicator = _change(CHANGE, found, confidence)
    return "untold" if indicator.value is None else direction(indicator).split("_")[0]


def _why(found: Estimate) -> Message | None:
    if not found.why_not_higher:
        return None
    slots = {"rung": found.rung, "reasons": list(found.why_not_higher)}
    return Message("efficiency.reason.why_not_higher", slots)


def _detectable(id: str, found: Estimate) -> Indicator:
    if found.ratio.detectable is None:
        reason = found.reason or Message("efficiency.reason.no_spread")
        return not_assessed(id, "ratio", reason, tables=TABLES, rung=found.rung)
    return measured(id, found.ratio.detectable, "ratio", n=found.n, tables=TABLES, rung=found.rung)


def _placebo(id: str, found: Estimate) -> Indicator:
    if found.placebo_share is None:
        slots = {"dates": len(found.placebos), "least": LEAST_PLACEBOS}
        reason = found.reason or Message("efficiency.reason.few_placebos", slots)
        return not_assessed(id, "ratio", reason, tables=TABLES, rung=found.rung)
    return measured(
        id, found.placebo_share, "ratio", n=len(found.placebos), tables=TABLES, rung=found.rung
    )


def _left_out(cases: Cases, names: tuple[str, ...]) -> list[Indicator]:
    reason = Message("efficiency.reason.not_evaluated")
    return [
        not_assessed(keyed(id, process), "ratio", reason, tables=TABLES)
        for process in cases.roster.index
        if process not in names
        for id in IDS
    ]


def _rows(
    cases: Cases, process: str, estimates: dict[str, Estimate], options: Options
) -> list[dict[str, object]]:
    """One row per measure, what before/after alone would claim on top."""
    title = title_of(cases, process)
    rows = [_row((process, title), id, found) for id, found in estimates.items()]
    if (cases.why_not(process, BEFORE, AFTER) or below_clock(cases, process)) is None:
        crude = Estimate(ratio=naive(cases, process, options=options)[0])
        rows.insert(0, _row((process, title), "efficiency.naive_change", crude))
    return rows


def _row(process: tuple[str, str], id: str, found: Estimate) -> dict[str, object]:
    verdict = "not_assessed" if found.ratio.value is None else "measured"
    return {
        "process": process[0],
        "title": process[1],
        "measure": id.split(".", 1)[1],
        "rung": found.rung,
        "change_ratio": found.ratio.value,
        "low_ratio": found.ratio.low,
        "high_ratio": found.ratio.high,
        "placebo_share": found.placebo_share,
        "detectable_ratio": found.ratio.detectable,
        "verdict": "cannot_tell" if found.cannot_tell else verdict,
    }


def _sentence(own: list[Indicator], cases: Cases, table: pd.DataFrame) -> Message | None:
    told = [i for i in own if i.value is not None]
    unknown = len(own) - len(told)
    if not told:
        return Message("efficiency.sentence.nothing_told", {"n": len(own)}) if own else None
    first = told[0]
    rows = table[table["process"].eq(first.key)].set_index("measure")["change_ratio"]
    slots = {"process": title_of(cases, first.key), "value": first.value, "low": first.low,
             "high": first.high, "rung": first.rung, "unknown": unknown,
             "way": Message(f"efficiency.word.way_{first.rung}"),
             "naive": rows.get("naive_change", first.value)}  # fmt: skip
    kind = direction(first)
    if first.rung == SAMPLED:  # its own claim is the comparison as it stands
        kind = kind.replace("_weak", "_sampled")
    return Message(f"efficiency.sentence.change_{kind}", slots)


def _headline(own: list[Indicator], cases: Cases) -> Message:
    told = [i for i in own if i.value is not None]
    if not told:
        return Message("efficiency.headline.nothing_told")
    first = told[0]
    slots = {"process": title_of(cases, first.key), "value": abs(first.value)}
    return Message(f"efficiency.headline.change_{direction(first)}", slots)


def direction(indicator: Indicator) -> str:
    """Say faster or slower only where the whole interval lies on one side of zero."""
    low, high = indicator.low, indicator.high
    if low is None or high is None or low <= 0 <= high:
        return "open"
    kind = "_weak" if indicator.rung in WEAK else "_compared" if indicator.rung == R3 else ""
    return ("faster" if high < 0 else "slower") + kind


def _caveats(own: list[Indicator], found: dict[str, Estimate], cases: Cases) -> Iterable[Caveat]:
    weak = [i for i in own if i.value is not None and i.rung in WEAK]
    if weak:
        slots = {"processes": [title_of(cases, i.key) for i in weak]}
        yield Caveat(Message("efficiency.caveat.weak_rung", slots), tuple(i.id for i in weak))
    untested = [
        i for i in own
        if i.value is not None and i.rung != SAMPLED
        and (i.parts or {}).get("placebo_share") is None
    ]  # fmt: skip
    if untested:
        slots = {"processes": [title_of(cases, i.key) for i in untested]}
        yield Caveat(Message("efficiency.caveat.no_placebo", slots), tuple(i.id for i in untested))
    for indicator in own:
        left = found[indicator.key].tables.get("leave_out")
        if indicator.value is not None and left is not None and left["overturns"].any():
            yield _hanging(indicator, left, title_of(cases, indicator.key))
    gated = [
        i for i in own if (i.parts or {}).get("placebo_share") is not None and i.value is not None
    ]
    if gated:
        slots = {"processes": [title_of(cases, i.key) for i in gated]}
        yield Caveat(Message("efficiency.caveat.gated", slots), tuple(i.id for i in gated))


def _hanging(indicator: Indicator, left: pd.DataFrame, title: str) -> Caveat:
    """Name the months without which another thing would have to be said."""
    ratios = left["change_ratio"]
    slots = {"process": title, "months": left.loc[left["overturns"], "month"].tolist(),
             "low": float(ratios.min()), "high": float(ratios.max())}  # fmt: skip
    return Caveat(Message("efficiency.caveat.one_month", slots), (indicator.id,))

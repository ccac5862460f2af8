"""The ladder: before/after (R0), one mix (R1), interrupted series (R2), with comparison (R3)."""

from dataclasses import dataclass, replace

import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, BEFORE, BETWEEN, Cases, median_of
from crm_eval_lib.efficiency.controlled import comparison_of, controlled
from crm_eval_lib.efficiency.estimates import LADDER, R1, R2, R3, Estimate, Measure, Options
from crm_eval_lib.efficiency.medians import Ratio, quantile_ratio
from crm_eval_lib.efficiency.mix import (
    Support,
    freed_of_mix,
    hours_split,
    split,
    split_table,
    support_of,
)
from crm_eval_lib.efficiency.periods import (
    WEEK,
    enough,
    frequency_of,
    period_of,
    period_series,
    too_short,
    week_of,
)
from crm_eval_lib.efficiency.ratio_design import compared
from crm_eval_lib.efficiency.series_design import interrupted, unlearnt
from crm_eval_lib.efficiency.timing import hours_a_day, tells_days
from crm_eval_lib.results import Message

LEAST_CASES = 5  # on each side, for any comparison


@dataclass(frozen=True)
class _Prepared:
    """One measure of one process, ready for every rung."""

    sides: pd.DataFrame
    series: pd.DataFrame
    frequency: str
    support: Support
    measure: Measure
    options: Options


def data_of(frame: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """Return cases as the designs need them; work time of finished cases only."""
    if measure.column == "touch":
        frame = frame[frame["observed"] & frame["touch"].notna()]
    columns = ["begun", "sample", "observed", "stratum"]
    idle = frame["touch_idle" if measure.column == "touch" else "idle"]
    data = frame[columns].assign(
        process=frame["process"].astype("category"),
        idle=idle.astype(bool),
        hours=frame[measure.column].astype(float),
        after=frame["sample"].eq(AFTER),
        week=week_of(frame["begun"]) if len(frame) else pd.Series(dtype=int),
    )
    return data.reset_index(drop=True)


def estimate(
    cases: Cases, process: str, measure: Measure, *, rung: str | None = None,
    options: Options | None = None,
) -> Estimate:  # fmt: skip
    """Estimate a change on the highest rung that holds, or on the rung given.

    Parameters
    ----------
    measure : Measure
    rung : str, optional
        Rung of `change`; work time and the tail use the same.
    options : Options
    """
    options = options or Options()
    data = _data(cases, process, measure.column)
    sides = data[data["sample"].ne(BETWEEN)]
    counts = sides["after"].value_counts().reindex([False, True], fill_value=0)
    if counts.min() < LEAST_CASES:
        return Estimate(reason=_too_few(counts, measure))
    question = ("mix", process, measure.column, options.mix_wanted)  # the tail has that of all
    support, of_mix, mix_parts = cases.once(question, lambda: _mix(sides, cases.mix, options))
    frequency = cases.once(("frequency", process), lambda: _frequency(cases, process))
    even = cases.once((*question, "freed"), lambda: _freed(data, frequency, cases, support))
    series = period_series(even, frequency, cases.calendar, share=measure.share)
    ready = _Prepared(sides, series, frequency, support, measure, options)
    found = _best(cases, process, ready, rung)
    if found.reason is not None and rung is not None:
        return found
    tables, parts = {"series": series, **found.tables, **of_mix}, {**found.parts, **mix_parts}
    lower = _lower(cases, process, ready, found.rung) if options.detail else ()
    return replace(found, n=len(sides), parts=parts, tables=tables, lower=lower)


def _data(cases: Cases, process: str, column: str = Measure().column) -> pd.DataFrame:
    """Return the cases of a process as the designs need them; every measure asks for them."""
    question = ("data", process, column)
    return cases.once(question, lambda: data_of(cases.of_process(process), Measure(column)))


def _mix(
    sides: pd.DataFrame, mix: tuple[str, ...], options: Options
) -> tuple[Support, dict[str, pd.DataFrame], dict[str, float]]:
    """Find the kinds that can be compared, and part the change into mix and speed."""
    support = support_of(sides, mix, wanted=options.mix_wanted)
    if not support.strata:
        return support, {}, {}
    within = support.within(sides)
    parted = split(within)
    tables = {"mix": split_table(within, parted), "split": hours_split(parted)}
    return support, tables, {"kitagawa_mix": parted.mix_effect,
                             "kitagawa_speed": parted.rate_effect}  # fmt: skip


def below_clock(cases: Cases, process: str) -> Message | None:
    """Say why the clocks of the log cannot tell which side is faster; None where they can.

    A typical case that takes no tick took anything up to it: the other side must take more. Days
    against moments: the sides must differ by a day.
    """
    return cases.once(("below_clock", process), lambda: _below_clock(cases, process))


def _below_clock(cases: Cases, process: str) -> Message | None:
    sides = [cases.of(process, sample) for sample in (BEFORE, AFTER)]
    if all(side["zero"].all() and side["ended"].eq(side["begun"]).all() for side in sides):
        return Message("efficiency.reason.no_durations")
    medians = [median_of(side["hours"].mask(side["zero"], 0.0), side["observed"]) for side in sides]
    if None in medians:
        return None
    for side, own, other in zip(sides, medians, reversed(medians), strict=True):
        if own == 0 and other <= 2 * side.loc[side["zero"], "hours"].min():
            return Message("efficiency.reason.below_clock")
    in_days = [tells_days(side) for side in sides]
    day = hours_a_day(cases.calendar, cases.clocks[process])
    if in_days[0] != in_days[1] and abs(medians[0] - medians[1]) < day:
        return Message("efficiency.reason.days_and_moments", {"hours": day})
    return None


def naive(cases: Cases, process: str, *, options: Options) -> tuple[Ratio, int]:
    """Return the crude ratio of medians, and the number of cases it rests on."""
    question = ("naive", process, options.confidence, options.seed)
    return cases.once(question, lambda: _naive(cases, process, options))


def _naive(cases: Cases, process: str, options: Options) -> tuple[Ratio, int]:
    data = _data(cases, process)
    sides = data[data["sample"].ne(BETWEEN)].assign(stratum="")
    return quantile_ratio(sides, confidence=options.confidence, seed=options.seed), len(sides)


def _lower(cases: Cases, process: str, ready: _Prepared, rung: str) -> tuple[Estimate, ...]:
    """What the rungs below say of the same data."""
    ready = replace(ready, options=replace(ready.options, detail=False))
    return tuple(
        replace(_best(cases, process, ready, below), rung=below)
        for below in LADDER[1 : LADDER.index(rung)]
    )


def _best(cases: Cases, process: str, ready: _Prepared, rung: str | None) -> Estimate:
    """Climb as far as the data carry; with a rung given, only there."""
    used = ready.series[ready.series["used"]]
    before, after = int((~used["after"]).sum()), int(used["after"].sum())
    short = None
    if not enough(before, after, ready.frequency):
        short = too_short("short_series", before, after, ready.frequency)
    support = ready.support
    if rung in (R2, R3) and short is not None:
        return Estimate(reason=short, rung=rung)
    if rung == R1 and not support.strata:
        return Estimate(reason=support.reason, rung=rung)
    if short is None and rung in (None, R2, R3):
        return _of_series(cases, process, ready, rung)
    support = support if rung in (None, R1) else Support()
    found = compared(ready.sides, ready.measure, support, options=ready.options)
    why = (short,) if found.rung == R1 else (short, ready.support.reason)
    return replace(found, why_not_higher=tuple(reason for reason in why if reason is not None))


def _of_series(cases: Cases, process: str, ready: _Prepared, rung: str | None) -> Estimate:
    """R3 where comparison units hold, else R2."""
    lacking = () if ready.support.reason is None else (ready.support.reason,)
    why = ()
    found = None
    if rung in (None, R3):
        against = data_of(comparison_of(cases, process), ready.measure)
        found, reason = controlled(
            ready.series, ready.frequency, cases, against=against, measure=ready.measure,
            options=ready.options,
        )  # fmt: skip
        if found is None and rung == R3:
            return Estimate(reason=reason, rung=rung)
        why = () if found is not None else (reason,)
    if found is None:
        found = interrupted(ready.series, ready.frequency, cases.window, options=ready.options)
    parts = {**found.parts, "mix_adjusted": not lacking}
    return replace(found, why_not_higher=(*why, *lacking), parts=parts)


def _frequency(cases: Cases, process: str) -> str:
    """Weeks only where the comparison units, if there are any, carry weeks as well."""
    found = frequency_of(_data(cases, process))
    against = comparison_of(cases, process)
    against = against[against["sample"].ne(BETWEEN)]
    if found == WEEK and against["sample"].nunique() == 2:
        return frequency_of(data_of(against, Measure()))
    return found


def _freed(data: pd.DataFrame, frequency: str, cases: Cases, support: Support) -> pd.DataFrame:
    """Return the cases of a series, freed of their mix where their kinds can be compared."""
    data = unlearnt(data, cases.window)
    if support.reason is not None:
        return data
    data = support.within(data)
    return data.assign(hours=freed_of_mix(data, period_of(data["begun"], frequency)))


def _too_few(counts: pd.Series, measure: Measure) -> Message:
    if measure.column == "touch":
        slots = {"n": int(counts.min()), "least": LEAST_CASES}
        return Message("efficiency.reason.few_touch", slots)
    side = BEFORE if counts[False] < LEAST_CASES else AFTER
    count = int(counts[side == AFTER])
    return Message(f"efficiency.reason.few_{side}", {"n": count, "least": LEAST_CASES})

"""Where the time went: waiting and work of every step, before and after."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_eval_lib.efficiency.bottleneck import Hours, bottleneck
from crm_eval_lib.efficiency.cases import AFTER, BEFORE, BUSINESS, Cases, title_of
from crm_eval_lib.results import (
    CONFIDENCE,
    Caveat,
    Finding,
    Indicator,
    Message,
    Step,
    keyed,
    measured,
    not_assessed,
)
from crm_eval_lib.stats.weekly import (
    WeeklyMeans,
    interval_of_difference,
    interval_of_mean,
    weekly_means,
)

ID = "efficiency.step_change"
TABLES = ("events",)
MOST_STEPS = 40  # steps told one by one, those with the most time; the rest is one row
PARTS = ("wait", "work")
SAMPLES = (BEFORE, AFTER)
OPEN_LIMIT = 0.05  # more cases left out as unfinished than this are named


@dataclass(frozen=True)
class _Sample:
    """Hours per finished case: waiting, work and both, a row for each step."""

    cases: int
    finished: int
    wait: np.ndarray
    work: np.ndarray
    both: WeeklyMeans

    @property
    def open_share(self) -> float:
        return 1 - self.finished / self.cases if self.cases else 0.0


def step_times(
    cases: Cases,
    processes: tuple[str, ...] | None = None,
    *,
    controls: pd.DataFrame | None = None,
    confidence: float = CONFIDENCE,
) -> Step:
    """Part the mean time of a finished case into waiting and work of each step.

    Parameters
    ----------
    cases : Cases
        With the pictures of `flow_pictures`.
    processes : tuple of str, optional
        Default: all of the roster.
    controls : DataFrame or None
        Table of that name: no step is proposed for removal that is a required control.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.

    Returns
    -------
    Step
        ``step_change[process/activity]`` = hours per case after − before. An event takes the time
        since the event before it: the part before its start is waiting, the rest work, so that the
        steps add up to the mean time of a case, exactly. Its finding is the step that takes the
        largest share of the time after go-live.
        Table: one row per step with its mean hours before and after; table ``parts``: waiting and
        work apart.

    Examples
    --------
    All of the 10 hours less are in the approval, its waiting included:

    >>> from crm_eval_lib.efficiency import example_cases
    >>> step_times(example_cases())["efficiency.step_change[quote/approve]"].value
    -10.0
    """
    names = cases.names(processes)
    parts = [_process(cases, process, confidence) for process in names]
    indicators = [i for part in parts for i in part[0]]
    tables = [part[1] for part in parts if part[1] is not None]
    if not indicators:
        reason = cases.absent or Message("efficiency.reason.no_process")
        indicators = [not_assessed(ID, "hours", reason, tables=TABLES)]
    findings, notes = _largest(cases, tables, controls, confidence)
    table = pd.concat(tables, ignore_index=True) if tables else None
    return Step(
        "efficiency.step_times",
        tuple(indicators),
        None if table is None else table[_SHOWN],
        None if table is None else _said("sentence", table),
        None if table is None else _said("headline", table),
        None if table is None else Message("efficiency.subtitle.step_times"),
        findings=findings,
        caveats=(*_unfinished(cases, names, parts), *notes),
        tables={} if table is None else {"parts": table.drop(columns=_OF_CHANGE)},
    )


_SHOWN = ["process", "title", "activity_name", "before_mean_hours", "after_mean_hours",
          "change_hours", "low_hours", "high_hours", "time_share"]  # fmt: skip
_OF_CHANGE = ["change_hours", "low_hours", "high_hours", "after_low_hours", "after_high_hours"]


def _process(
    cases: Cases, process: str, confidence: float
) -> tuple[list[Indicator], pd.DataFrame | None, dict[str, _Sample]]:
    missing = cases.why_not(process, *SAMPLES)
    if missing is None and "step_weeks" not in cases.pictures:
        missing = Message("efficiency.reason.no_pictures")
    if missing is not None:
        return [not_assessed(keyed(ID, process), "hours", missing, tables=TABLES)], None, {}
    clock = cases.clocks.get(process, BUSINESS)
    weeks = cases.picture("case_weeks", process)
    finished = weeks.groupby("sample")["finished"].sum()
    for sample in SAMPLES:
        if not finished.get(sample, 0):
            reason = Message("efficiency.reason.none_finished", {"sample": sample})
            return [not_assessed(keyed(ID, process), "hours", reason, tables=TABLES)], None, {}
    steps = _hours_by_step(cases, process, clock)
    labels = _labels(steps)
    samples = {
        sample: _sample(
            weeks[weeks["sample"].eq(sample)], steps[steps["sample"].eq(sample)], labels
        )
        for sample in SAMPLES
    }
    table = _table(cases, process, labels, samples, confidence)
    table = _with_counts(table, cases, process, clock)
    told = [_indicator(row, samples, clock, confidence) for row in table.to_dict("records")]
    return [i for i in told if i is not None], table, samples


def _hours_by_step(cases: Cases, process: str, clock: str) -> pd.DataFrame:
    """Sums of waiting and work per sample, week and step; the smallest steps as one, named None."""
    rows = cases.picture("step_weeks", process)
    sums = pd.DataFrame({
        "sample": rows["sample"], "week": rows["week"], "activity": rows["activity"],
        "wait": rows[f"wait_{clock}"], "work": rows[f"work_{clock}"],
    })  # fmt: skip
    counts = cases.picture("case_weeks", process).groupby("sample")["finished"].sum()
    per_case = (sums["wait"] + sums["work"]) / sums["sample"].map(counts)
    weight = per_case.groupby(sums["activity"]).sum()
    kept = weight.sort_values(ascending=False, kind="stable").index[:MOST_STEPS]
    rest = weight.index.difference(kept)
    return sums.assign(rest=len(rest), kept=sums["activity"].isin(kept))


def _labels(steps: pd.DataFrame) -> list[object]:
    """The steps in falling order of time; the rest, if any, is a sentence with their number."""
    told = steps[steps["kept"]]
    order = (told["wait"] + told["work"]).groupby(told["activity"]).sum()
    names: list[object] = list(order.sort_values(ascending=False, kind="stable").index)
    rest = int(steps["rest"].iloc[0])
    return [*names, Message("efficiency.word.other_steps", {"n": rest})] if rest else names


def _sample(weeks: pd.DataFrame, steps: pd.DataFrame, labels: list[object]) -> _Sample:
    names = [name for name in labels if isinstance(name, str)]
    step = pd.Index(names, dtype="str").get_indexer(steps["activity"])
    step = np.where(step < 0, len(names), step)  # the rest
    week = pd.Index(weeks["week"]).get_indexer(steps["week"])
    cells, size = (step * len(weeks) + week)[week >= 0], (len(names) + 1, len(weeks))
    totals = {
        part: np.bincount(cells, steps[part][week >= 0], minlength=size[0] * size[1]).reshape(size)
        for part in PARTS
    }
    totals = {part: total[: len(labels)] for part, total in totals.items()}
    finished = weeks["finished"].to_numpy()
    wait, work = (weekly_means(totals[part], finished).mean for part in PARTS)
    both = weekly_means(totals["wait"] + totals["work"], finished)
    return _Sample(int(weeks["cases"].sum()), int(finished.sum()), wait, work, both)


def _table(
    cases: Cases, process: str, names: list[object], samples: dict[str, _Sample], confidence: float
) -> pd.DataFrame:
    before, after = samples[BEFORE], samples[AFTER]
    low, high = interval_of_difference(before.both, after.both, confidence)
    after_low, after_high = interval_of_mean(after.both, confidence)
    total = after.both.mean.sum()
    table = pd.DataFrame({
        "process": process, "title": title_of(cases, process),
        "activity_name": pd.Series(names, dtype=object),
        "before_mean_hours": before.both.mean, "after_mean_hours": after.both.mean,
        "change_hours": after.both.mean - before.both.mean, "low_hours": low, "high_hours": high,
        "time_share": after.both.mean / total if total > 0 else np.nan,
        "wait_before_hours": before.wait, "work_before_hours": before.work,
        "wait_after_hours": after.wait, "work_after_hours": after.work,
        "after_low_hours": after_low, "after_high_hours": after_high,
    })  # fmt: skip
    return table


def _with_counts(table: pd.DataFrame, cases: Cases, process: str, clock: str) -> pd.DataFrame:
    """Add, for steps told by name, cases, visits a case, and the median wait of a visit."""
    steps, weeks = (cases.picture(name, process) for name in ("steps", "step_weeks"))
    finished = cases.picture("case_weeks", process).groupby("sample")["finished"].sum()
    names = pd.Index(table["activity_name"].where(_named(table)), dtype=object)
    for sample in SAMPLES:
        mine = steps[steps["sample"].eq(sample)].set_index("activity").reindex(names)
        visits = weeks[weeks["sample"].eq(sample)].groupby("activity")["visits"].sum()
        table[f"{sample}_cases"] = mine["cases"].to_numpy()
        table[f"{sample}_visits"] = (visits / finished[sample]).reindex(names).to_numpy()
        table[f"{sample}_repeated_share"] = (mine["repeated"] / mine["cases"]).to_numpy()
        table[f"median_wait_{sample}_hours"] = mine[f"median_wait_{clock}"].to_numpy()
    return table


def _indicator(
    row: dict, samples: dict[str, _Sample], clock: str, confidence: float
) -> Indicator | None:
    if not isinstance(row["activity_name"], str):
        return None
    id = keyed(ID, f"{row['process']}/{row['activity_name']}")
    parts = {name: row[f"{name}_hours"] for name in ("before_mean", "after_mean",
             "wait_before", "work_before", "wait_after", "work_after")}  # fmt: skip
    bounds = (None if np.isnan(row[name]) else row[name] for name in ("low_hours", "high_hours"))
    low, high = bounds
    known = {"confidence": confidence} if low is not None else {}
    return measured(
        id, row["change_hours"], "hours", low=low, high=high,
        n=sum(sample.finished for sample in samples.values()), tables=TABLES,
        parts={**parts, "clock": clock}, **known,
    )  # fmt: skip


def _named(table: pd.DataFrame) -> pd.Series:
    """True for steps told by name, False for the sum of the rest."""
    return table["activity_name"].map(lambda name: isinstance(name, str))


def _largest(
    cases: Cases, tables: list[pd.DataFrame], controls: pd.DataFrame | None, confidence: float
) -> tuple[tuple[Finding, ...], tuple[Caveat, ...]]:
    findings, notes = [], []
    for table in tables:
        named = table[_named(table)]
        if named.empty or not named["time_share"].max() > 0:
            continue
        row = named.loc[named["time_share"].idxmax()].to_dict()
        hours = Hours(row["after_mean_hours"], row["after_low_hours"], row["after_high_hours"])
        found = bottleneck(cases, row, hours, controls=controls, confidence=confidence)
        findings += [found] if isinstance(found, Finding) else []
        notes += [found] if isinstance(found, Caveat) else []
    return tuple(findings), tuple(notes)


def _unfinished(cases: Cases, names: tuple[str, ...], parts: list) -> list[Caveat]:
    notes = []
    for process, (indicators, _, samples) in zip(names, parts, strict=True):
        for sample, found in samples.items():
            if found.open_share <= OPEN_LIMIT:
                continue
            slots = {"process": title_of(cases, process), "sample": sample,
                     "n": found.cases - found.finished, "share": found.open_share}  # fmt: skip
            ids = tuple(indicator.id for indicator in indicators)
            note = Message("efficiency.caveat.steps_of_finished", slots)
            notes.append(Caveat(note, ids, tables=TABLES))
    return notes


def _said(section: str, table: pd.DataFrame) -> Message:
    """Tell the step of the first process whose time changed most."""
    first = table[table["process"].eq(table["process"].iloc[0])]
    named = first[_named(first)]
    row = named.loc[named["change_hours"].abs().idxmax()]
    total = [float(first[f"{sample}_mean_hours"].sum()) for sample in SAMPLES]
    kind = "less" if row["change_hours"] < 0 else "more"
    slots = {"process": row["title"], "activity": row["activity_name"], "before": total[0],
             "after": total[1], "change": abs(float(row["change_hours"]))}  # fmt: skip
    return Message(f"efficiency.{section}.step_times_{kind}", slots)

"""What a process looked like before and after: hours, work, returns, handovers, deadlines."""

from collections.abc import Sequence

import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, BEFORE, Cases, title_of
from crm_eval_lib.efficiency.stand_in import (
    StandIn,
    filled_levels,
    limit_notes,
    limit_of,
    with_shares,
)
from crm_eval_lib.efficiency.timing import BUSINESS, hours_a_day, tells_days
from crm_eval_lib.results import (
    CONFIDENCE,
    Indicator,
    Message,
    Step,
    keyed,
    measured,
    missing_column,
    not_assessed,
)
from crm_eval_lib.stats.intervals import wilson
from crm_eval_lib.stats.survival import KaplanMeier, kaplan_meier

TABLES = ("events",)
SAMPLES = (BEFORE, AFTER)
QUANTILES = {"median_hours": 0.5, "p90_hours": 0.9}
WINSOR = (0.01, 0.99)  # extreme work times count as these quantiles
UNITS = {"median_hours": "hours", "p90_hours": "hours", "touch_hours": "hours",
         "rework_rate": "ratio", "handovers": "index", "sla_met": "ratio",
         "flow_efficiency": "ratio"}  # fmt: skip


def measures(
    cases: Cases, *, fallbacks: Sequence[StandIn] = (), confidence: float = CONFIDENCE
) -> Step:
    """Describe every process before and after, without any claim about causes.

    Parameters
    ----------
    cases : Cases
    fallbacks : sequence of StandIn
        Samples, observation and estimates, best first: they fill what the log cannot answer.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.

    Returns
    -------
    Step
        For before and after: ``median_hours``, ``p90_hours`` (Kaplan–Meier), ``touch_hours`` (mean
        work per finished case, winsorised at p1/p99), ``rework_rate``, ``handovers`` (mean per
        case), ``sla_met`` (share within ``sla_hours`` of business time), ``flow_efficiency``
        (work / hours).
        Table: one row per process and side; table ``hours``: by when which share 0–1 was done.

    Examples
    --------
    4 hours of work in 20, later 2 in 10; the limit is 12 hours:

    >>> from crm_eval_lib.efficiency import example_cases
    >>> step = measures(example_cases())
    >>> step.table[["sample", "median_hours", "touch_hours", "sla_met_share"]].values.tolist()
    [['before', 20.0, 4.0, 0.0], ['after', 10.0, 2.0, 1.0]]
    """
    indicators, rows = [], []
    for process in cases.roster.index:
        for sample in SAMPLES:
            found = _sample(cases, process, sample, confidence)
            indicators += found
            rows.append(_row(cases, process, sample, found))
    indicators, rows = filled_levels(indicators, rows, fallbacks)
    if not indicators:
        reason = cases.absent or Message("efficiency.reason.no_process")
        indicators = [
            not_assessed(f"efficiency.{name}_{sample}", unit, reason, tables=TABLES)
            for name, unit in UNITS.items()
            for sample in SAMPLES
        ]
    table = pd.DataFrame(rows)
    has_values = len(table) > 0 and table["median_hours"].notna().any()
    return Step(
        "efficiency.measures",
        tuple(indicators),
        table if has_values else None,
        _sentence(cases, table) if has_values else None,
        _headline(cases, table) if has_values else None,
        Message("efficiency.subtitle.measures") if has_values else None,
        caveats=(*cases.caveats, *limit_notes(cases)),
        tables={"hours": with_shares(spread(cases), fallbacks)} if has_values else {},
    )


def _headline(cases: Cases, table: pd.DataFrame) -> Message:
    """Say the medians of the process with the most cases, which the figure shows."""
    largest = table.groupby("process")["n"].sum().idxmax()
    medians = table[table["process"].eq(largest)].set_index("sample")["median_hours"]
    if medians.reindex(SAMPLES).isna().any():
        return Message("efficiency.headline.measures")
    slots = {name: float(medians[name]) for name in SAMPLES}
    return Message("efficiency.headline.measures_medians",
                   {"process": title_of(cases, largest), **slots})  # fmt: skip


def spread(cases: Cases, *, points: int = 99) -> pd.DataFrame:
    """Return the percentiles of the hours of each process and sample, for the figure."""
    rows = []
    for process in cases.roster.index:
        for sample in SAMPLES:
            curve = curve_of(cases, process, sample)
            for step in range(1, points + 1):
                hours = curve.quantile(step / (points + 1))
                if hours is not None:
                    rows.append((process, sample, step / (points + 1), hours))
    return pd.DataFrame(rows, columns=["process", "sample", "share", "hours"])


def curve_of(cases: Cases, process: str, sample: str) -> KaplanMeier:
    """Return the Kaplan–Meier curve of the hours of a process in one sample."""

    def drawn() -> KaplanMeier:
        part = cases.of(process, sample)
        return kaplan_meier(part["hours"].astype(float), part["observed"].astype(bool))

    return cases.once(("curve", process, sample), drawn)


def winsorised_mean(values: pd.Series) -> float:
    """Return the mean with the extremes drawn in to p1 and p99.

    >>> winsorised_mean(pd.Series([1.0, 1.0, 1.0, 1.0]))
    1.0
    """
    low, high = values.quantile(list(WINSOR))
    return float(values.clip(low, high).mean())


def _sample(cases: Cases, process: str, sample: str, confidence: float) -> list[Indicator]:
    missing = cases.why_not(process, sample)
    if missing is not None:
        return [
            not_assessed(_id(name, sample, process), unit, missing, tables=TABLES)
            for name, unit in UNITS.items()
        ]
    part = cases.of(process, sample)
    never_ended = cases.of_process(process)["ended"].isna().all()
    missing = Message("efficiency.reason.ends_never_seen") if never_ended else None
    counts = {
        "open": int((~part["observed"]).sum()),
        "zero": int(part["zero"].sum()),
        "clock": cases.clocks.get(process, ""),
    }
    curve = curve_of(cases, process, sample)
    timed = [
        _quantile(part, curve, _id(name, sample, process), (share, confidence, counts, missing))
        for name, share in QUANTILES.items()
    ]
    return [
        *timed,
        _touch(cases, part, _id("touch_hours", sample, process)),
        _rework(part, _id("rework_rate", sample, process), confidence),
        _handovers(cases, part, _id("handovers", sample, process)),
        _sla(cases, part, _id("sla_met", sample, process), (process, confidence, missing)),
        _flow(cases, part, _id("flow_efficiency", sample, process)),
    ]


def _quantile(
    part: pd.DataFrame, curve: KaplanMeier, id: str,
    how: tuple[float, float, dict, Message | None],
) -> Indicator:  # fmt: skip
    share, confidence, counts, missing = how
    value = curve.quantile(share)
    if value is None:
        reason = missing or Message("efficiency.reason.not_reached")
        return not_assessed(
            id, "hours", reason, low=curve.follow_up, n=len(part), tables=TABLES, parts=counts
        )
    low, high = curve.interval(share, confidence)
    zeros = part.loc[part["zero"].astype(bool), "hours"]
    if len(zeros) and value <= zeros.max():  # half a tick: anything up to the tick
        low, high = 0.0, max(high or 0.0, 2 * value)
    return measured(
        id, value, "hours", low=low, high=high, confidence=confidence, n=len(part),
        tables=TABLES, parts=counts,
    )  # fmt: skip


def _touch(cases: Cases, part: pd.DataFrame, id: str) -> Indicator:
    reason, work = _work(cases, part)
    if reason is not None:
        return not_assessed(id, "hours", reason, tables=TABLES)
    parts = {"median": float(work.median()), "clock": str(part["touch_clock"].iloc[0]),
             "missing_share": 1 - len(work) / max(int(part["observed"].sum()), 1)}  # fmt: skip
    return measured(id, winsorised_mean(work), "hours", n=len(work), tables=TABLES, parts=parts)


def _flow(cases: Cases, part: pd.DataFrame, id: str) -> Indicator:
    reason, work = _work(cases, part)
    hours = part.loc[work.index, "hours"].sum() if reason is None else 0
    if reason is not None or hours <= 0:
        return not_assessed(id, "ratio", reason or Message("efficiency.reason.no_touch"),
                            tables=TABLES)  # fmt: skip
    return measured(id, float(work.sum() / hours), "ratio", n=len(work), tables=TABLES)


def _work(cases: Cases, part: pd.DataFrame) -> tuple[Message | None, pd.Series]:
    work = part.loc[part["observed"] & part["touch"].notna(), "touch"].astype(float)
    if "started_at" not in cases.recorded:
        return missing_column("events", "started_at"), work
    return (None if len(work) else Message("efficiency.reason.no_touch")), work


def _rework(part: pd.DataFrame, id: str, confidence: float) -> Indicator:
    return _share(part["rework"].astype(bool), id, confidence, tables=TABLES)


def _handovers(cases: Cases, part: pd.DataFrame, id: str) -> Indicator:
    known = part["handovers"].dropna()
    if "resource" not in cases.recorded or known.empty:
        return not_assessed(id, "index", missing_column("events", "resource"), tables=TABLES)
    parts = {"missing_share": 1 - len(known) / len(part)}
    return measured(id, float(known.mean()), "index", n=len(known), tables=TABLES, parts=parts)


def _sla(
    cases: Cases, part: pd.DataFrame, id: str, how: tuple[str, float, Message | None]
) -> Indicator:
    process, confidence, missing = how
    limit, stated = limit_of(cases, process)
    tables = (*TABLES, stated)
    if limit is None:
        return not_assessed(id, "ratio", missing_column("processes", "sla_hours"), tables=tables)
    if missing is None and limit < hours_a_day(cases.calendar, BUSINESS) and tells_days(part):
        missing = Message("efficiency.reason.limit_below_day", {"hours": limit})
    if missing is not None:
        return not_assessed(id, "ratio", missing, tables=tables)
    hours, observed = part["business_hours"].astype(float), part["observed"].astype(bool)
    undecided = ~observed & (hours < limit)
    if not undecided.any():
        # One that is done exactly at the limit has kept it; one still open then has not.
        return _share(observed & (hours <= limit), id, confidence, tables=tables)
    if undecided.all():
        return not_assessed(id, "ratio", Message("efficiency.reason.not_reached"), tables=tables)
    curve = kaplan_meier(hours, observed)
    met = 1 - float(curve.survival_at(float(limit)))
    # Cases cut off before the limit say less: as many trials as their spread is worth.
    error = curve.standard_error[curve.times <= limit]
    spread_of_met = float(error[-1]) if len(error) else 0.0
    trials = met * (1 - met) / spread_of_met**2 if spread_of_met > 0 else len(part)
    low, high = wilson(met * trials, trials, confidence=confidence)
    return measured(
        id, met, "ratio", low=low, high=high, confidence=confidence, n=len(part), tables=tables,
        parts={"undecided": int(undecided.sum())},
    )  # fmt: skip


def _share(hits: pd.Series, id: str, confidence: float, *, tables: tuple[str, ...]) -> Indicator:
    low, high = wilson(int(hits.sum()), len(hits), confidence=confidence)
    return measured(
        id, float(hits.mean()), "ratio", low=low, high=high, confidence=confidence, n=len(hits),
        tables=tables,
    )  # fmt: skip


def _row(cases: Cases, process: str, sample: str, found: list[Indicator]) -> dict[str, object]:
    part = cases.of(process, sample)
    row = {"process": process, "title": title_of(cases, process), "sample": sample,
           "n": len(part), "open": int((~part["observed"].astype(bool)).sum())}  # fmt: skip
    shares = {"sla_met": "sla_met_share", "flow_efficiency": "work_share"}
    return row | {shares.get(n, n): item.value for n, item in zip(UNITS, found, strict=True)}


def _sentence(cases: Cases, table: pd.DataFrame) -> Message:
    counts = table.groupby("sample")["n"].sum()
    slots = {"processes": len(cases.roster), "before": int(counts[BEFORE]),
             "after": int(counts[AFTER]), "open": int(table["open"].sum())}  # fmt: skip
    return Message("efficiency.sentence.measures", slots)


def _id(name: str, sample: str, process: str) -> str:
    return keyed(f"efficiency.{name}_{sample}", process)

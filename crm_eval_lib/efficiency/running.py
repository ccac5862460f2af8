"""Work in progress: what comes in, what gets done, what lies open, week by week."""

from dataclasses import dataclass

import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, BEFORE, Cases, title_of
from crm_eval_lib.results import Caveat, Message, Step

TABLES = ("events",)
HOURS_A_WEEK = 7 * 24
# Little's law holds but for cases that cross the edges of a period; a larger gap has a cause.
LAW_LIMIT = 0.20
LEAST_CASES = 30  # cases of a sample below which the law is not held against it


@dataclass(frozen=True)
class _Period:
    sample: str
    start: pd.Timestamp
    end: pd.Timestamp

    @property
    def weeks(self) -> float:
        return (self.end - self.start) / pd.Timedelta(hours=HOURS_A_WEEK)


def work_in_progress(cases: Cases, processes: tuple[str, ...] | None = None) -> Step:
    """Count arrivals, completions and open cases by week, and hold them against Little's law.

    Parameters
    ----------
    cases : Cases
        From `build_cases`.
    processes : tuple of str, optional
        Default: all of the roster.

    Returns
    -------
    Step
        A row for each process and week (by the clock on the wall): arrivals, completions, and the
        cases open at its end. ``balance`` in its tables tells, before and after, the mean number
        open, arrivals a week, mean elapsed time, and what Little's law [Little 1961, L = λW] makes
        of the latter two: a gap says that the pile grew or shrank, or that cases are missing.

    Examples
    --------
    Two cases arrive and are done every week; on Sunday night none is open:

    >>> from crm_eval_lib.efficiency import example_cases
    >>> step = work_in_progress(example_cases())
    >>> step.table[["arrivals", "completions", "open_cases"]].head(2).values.tolist()
    [[2, 2, 0], [2, 2, 0]]
    """
    names = cases.names(processes)
    weeks = [part for name in names if len(part := _weekly(cases, name))]
    if not weeks:
        return Step("efficiency.work_in_progress", sources=TABLES)
    table = pd.concat(weeks, ignore_index=True)
    rows = [row for name in names for row in _balance(cases, name)]
    balance = pd.DataFrame(rows)
    return Step(
        "efficiency.work_in_progress",
        table=table,
        sentence=_said("sentence", balance, table),
        headline=_said("headline", balance, table),
        subtitle=Message("efficiency.subtitle.work_in_progress"),
        caveats=tuple(_broken(balance)),
        tables=({"balance": balance} if len(balance) else {}) | _window(cases),
        sources=TABLES,
    )


def _window(cases: Cases) -> dict[str, pd.DataFrame]:
    if cases.window.live is None:
        return {}
    days = [moment.tz_localize(None) for moment in (cases.window.live, cases.window.settled)]
    return {"window": pd.DataFrame({"event": ["go_live", "settled"], "day": days})}


def _spans(cases: Cases, process: str) -> pd.DataFrame:
    """Beginning and end of every case in local time without a zone, open ones without an end."""
    mine = cases.of_process(process)
    local = {name: mine[name].dt.tz_localize(None) for name in ("begun", "ended")}
    return cases.once(("spans", process), lambda: pd.DataFrame(local))


def _weekly(cases: Cases, process: str) -> pd.DataFrame:
    if cases.absent is not None:
        return pd.DataFrame()
    spans = _spans(cases, process)
    if spans.empty:
        return pd.DataFrame()
    counts = {
        name: spans[moment].dropna().dt.to_period("W").value_counts()
        for name, moment in (("arrivals", "begun"), ("completions", "ended"))
    }
    last = (cases.window.now - pd.Timedelta(1, "us")).tz_localize(None).to_period("W")
    index = pd.period_range(spans["begun"].min().to_period("W"), last, freq="W")
    table = pd.DataFrame(counts).reindex(index).fillna(0).astype("int64")
    table["open_cases"] = table["arrivals"].cumsum() - table["completions"].cumsum()
    return table.reset_index(drop=True).assign(
        process=process, title=title_of(cases, process), week=index.start_time
    )[["process", "title", "week", "arrivals", "completions", "open_cases"]]


def _balance(cases: Cases, process: str) -> list[dict]:
    if cases.absent is not None:
        return []
    spans, rows = _spans(cases, process), []
    for period in _periods(cases, spans):
        now = cases.window.now.tz_localize(None)
        ended = spans["ended"].fillna(now)
        inside = ended.clip(upper=period.end) - spans["begun"].clip(lower=period.start)
        begun = spans["begun"].ge(period.start) & spans["begun"].lt(period.end)
        if not begun.any() or period.weeks <= 0:
            continue
        hours = (ended - spans["begun"])[begun] / pd.Timedelta("1h")
        mean_open = inside.clip(lower=pd.Timedelta(0)).sum() / (period.end - period.start)
        arrivals = int(begun.sum()) / period.weeks
        expected = arrivals * float(hours.mean()) / HOURS_A_WEEK
        finished = spans["ended"].ge(period.start) & spans["ended"].lt(period.end)
        rows.append({
            "process": process, "title": title_of(cases, process), "sample": period.sample,
            "n": int(begun.sum()), "arrivals_week": arrivals,
            "completions_week": int(finished.sum()) / period.weeks,
            "mean_elapsed_hours": float(hours.mean()), "mean_open": float(mean_open),
            "little_open": expected,
        })  # fmt: skip
    return rows


def _periods(cases: Cases, spans: pd.DataFrame) -> list[_Period]:
    if spans.empty:
        return []
    window, first = cases.window, spans["begun"].min()
    now = window.now.tz_localize(None)
    if window.live is None:
        return [_Period(BEFORE, first, now)]
    live, settled = (moment.tz_localize(None) for moment in (window.live, window.settled))
    periods = [_Period(BEFORE, first, live), _Period(AFTER, settled, now)]
    return [period for period in periods if period.end > period.start]


def _broken(balance: pd.DataFrame) -> list[Caveat]:
    notes = []
    for row in balance.to_dict("records"):
        if row["n"] < LEAST_CASES or row["mean_open"] <= 0:
            continue
        gap = row["mean_open"] / row["little_open"] - 1 if row["little_open"] > 0 else 0.0
        if abs(gap) > LAW_LIMIT:
            slots = {"process": row["title"], "sample": row["sample"],
                     "open": row["mean_open"], "expected": row["little_open"]}  # fmt: skip
            kind = "more" if gap > 0 else "fewer"
            notes.append(Caveat(Message(f"efficiency.caveat.little_{kind}", slots), tables=TABLES))
    return notes


def _said(section: str, balance: pd.DataFrame, table: pd.DataFrame) -> Message | None:
    process = table["process"].iloc[0]
    mine = balance[balance["process"].eq(process)] if len(balance) else balance
    slots = {"process": table["title"].iloc[0], "open": int(_open_now(table, process))}
    if len(mine) < 2:
        return Message(f"efficiency.{section}.work_in_progress_one", slots)
    values = mine.set_index("sample")["mean_open"]
    slots = {**slots, "before": float(values[BEFORE]), "after": float(values[AFTER])}
    return Message(f"efficiency.{section}.work_in_progress", slots)


def _open_now(table: pd.DataFrame, process: str) -> int:
    """Cases of a process open at the end of its last week."""
    return int(table.loc[table["process"].eq(process), "open_cases"].iloc[-1])

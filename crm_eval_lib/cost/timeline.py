"""The project month by month: period ends, planned and earned value, the day it was finished."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.cost.baseline import Baseline
from crm_eval_lib.results import Message

LAST_DAY = "last"  # periods.month_end of client.yml; else the day of the month
WHOLE = 1.0  # a line is complete
STARTED_SHARE = 0.5  # what the 50/50 rule grants for a start
EQUAL = 1e-9  # two amounts are equal within this share of the larger (sums of floats)
Month = str | int


def period_ends(start: pd.Timestamp, until: pd.Timestamp, month_end: Month) -> pd.DatetimeIndex:
    """List the ends of the project's periods: the first month end on or after start, and on.

    The last one is the first on or after ``until``.

    >>> ends = period_ends(pd.Timestamp("2024-01-08"), pd.Timestamp("2024-03-01"), 25)
    >>> [str(end.date()) for end in ends]
    ['2024-01-25', '2024-02-25', '2024-03-25']
    """
    months = pd.period_range(start, max(start, until) + pd.DateOffset(months=1), freq="M")
    lengths = months.days_in_month
    days = lengths if month_end == LAST_DAY else np.minimum(int(month_end), lengths)
    ends = months.to_timestamp() + pd.to_timedelta(np.asarray(days) - 1, unit="D")
    ends = ends[ends >= start]
    return ends[: period_of(ends, max(start, until))]


def period_of(ends: pd.DatetimeIndex, day: pd.Timestamp) -> int:
    """Return the number (from 1) of the period a day lies in."""
    return int(ends.searchsorted(day, side="left")) + 1


def periods_completed(ends: pd.DatetimeIndex, day: pd.Timestamp) -> int:
    """Return how many periods have ended by a day."""
    return int(ends.searchsorted(day, side="right"))


def reaches(value: float, target: float) -> bool:
    """Say whether an amount has reached another, floating noise aside."""
    return value >= target - EQUAL * max(abs(target), 1.0)


def earned_shares(progress: pd.DataFrame) -> pd.Series:
    """Return the share earned per progress row: the rule applied to the raw percentage.

    0/100 earns nothing before the end, 50/50 half at the start; milestones and measured as given.
    """
    raw = progress["percent_complete"].astype(float)
    # a rule stated once for a line holds for its later rows
    rule = progress.sort_values("period_end").groupby("line_id")["rule"].ffill()
    rule = rule.reindex(progress.index)
    done = raw >= WHOLE
    half = pd.Series(np.where(raw > 0, STARTED_SHARE, 0.0), raw.index).where(~done, WHOLE)
    return raw.mask(rule == "0/100", done.astype(float)).mask(rule == "50/50", half)


def earned_by_line(
    baseline: Baseline, progress: pd.DataFrame, days: pd.DatetimeIndex
) -> pd.DataFrame:
    """Return earned value per day (rows) and line (columns); a line without progress is at 0."""
    known = progress.loc[progress["line_id"].isin(baseline.lines.index)]
    shares = known.assign(share=earned_shares(known)).dropna(subset="share")
    shares = shares.drop_duplicates(["period_end", "line_id"], keep="last")
    shares = shares.pivot(index="period_end", columns="line_id", values="share")
    shares = shares.reindex(shares.index.union(days)).ffill().reindex(days)
    shares = shares.reindex(columns=baseline.lines.index).astype(float).fillna(0.0)
    return shares * baseline.lines["bac"]


def value_earned(baseline: Baseline, progress: pd.DataFrame, days: pd.DatetimeIndex) -> pd.Series:
    """Return earned value on each day; changes without a line are earned as the lines are."""
    return with_loose(earned_by_line(baseline, progress, days).sum(axis=1), baseline)


def with_loose(of_lines: pd.Series, baseline: Baseline) -> pd.Series:
    """Add the changes that name no line in proportion to what the lines have reached."""
    total = baseline.lines["bac"].sum()
    return of_lines * (1 + baseline.loose / total) if total > 0 else of_lines * 0.0


def unplanned_lines(baseline: Baseline, plan: pd.DataFrame) -> list[str]:
    """Name the lines that carry money but neither plan rows nor both planned dates."""
    lines = baseline.lines
    dated = lines[["planned_start", "planned_finish"]].notna().all(axis=1)
    open_lines = ~dated & ~lines.index.isin(plan["line_id"]) & (lines["bac"] != 0)
    return [str(line) for line in lines.index[open_lines]]


def plan_missing(baseline: Baseline, plan: pd.DataFrame) -> Message | None:
    """Say which lines cannot be laid out over time, or return None."""
    lines = unplanned_lines(baseline, plan)
    return Message("cost.reason.no_plan", {"lines": lines, "n": len(lines)}) if lines else None


def value_planned(baseline: Baseline, plan: pd.DataFrame, days: pd.DatetimeIndex) -> pd.Series:
    """Return planned value on each day: from ``plan``, else each line linearly over its dates.

    A plan row holds until the next one; the linear spread counts first and last day whole.
    """
    planned = _spread(baseline, days)
    for line, rows in plan.groupby("line_id"):
        if line in baseline.lines.index:
            planned[line] = _as_planned(baseline.lines.loc[line], rows, days)
    return with_loose(planned.sum(axis=1), baseline)


def _spread(baseline: Baseline, days: pd.DatetimeIndex) -> pd.DataFrame:
    lines = baseline.lines
    start = lines[["planned_start", "planned_finish"]].min(axis=1)
    length = (lines["planned_finish"] - start).dt.days.to_numpy(dtype=float) + 1
    passed = (days.to_numpy()[:, None] - start.to_numpy()[None, :]) / np.timedelta64(1, "D") + 1
    share = np.nan_to_num(np.clip(passed / length, 0.0, 1.0))
    return pd.DataFrame(share * lines["bac"].to_numpy(), days, lines.index)


def _as_planned(line: pd.Series, rows: pd.DataFrame, days: pd.DatetimeIndex) -> np.ndarray:
    steps = rows.groupby("period_end")["planned_cumulative"].last().astype(float)
    given = steps.reindex(steps.index.union(days)).ffill().reindex(days).fillna(0.0)
    return (given * _plan_factor(line, float(steps.iloc[-1]))).to_numpy()


def _plan_factor(line: pd.Series, last: float) -> float:
    """Bring a plan to the line's budget of today.

    A plan is in the terms in which the line was written down (its currency, its tax, before later
    changes) where it ends at that amount, and in today's where it ends at today's budget.
    """
    reference = next(
        (line[name] for name in ("bac", "typed") if np.isclose(line[name], last)), line["amount"]
    )
    return float(line["bac"] / reference) if reference else 1.0


def plan_end(baseline: Baseline, plan: pd.DataFrame) -> pd.Timestamp | None:
    """Return the last planned day of all lines, or None."""
    rows = plan.loc[plan["line_id"].isin(baseline.lines.index), "period_end"]
    last = pd.concat([rows, baseline.lines["planned_finish"], baseline.lines["planned_start"]])
    return None if last.isna().all() else last.max()


def finish_day(dates: Any, baseline: Baseline | None, progress: pd.DataFrame) -> Any:
    """Return the day the project was finished, or None while it is open.

    Go-live or, with progress rows, the later of go-live and the period end at which all work was
    earned – and from which it stayed so.
    """
    go_live = dates.go_live
    if go_live is None or pd.isna(go_live) or go_live > dates.status_date:
        return None
    known = (
        progress if baseline is None else progress[progress["line_id"].isin(baseline.lines.index)]
    )
    if baseline is None or known.empty:
        return go_live
    days = pd.DatetimeIndex(sorted(known["period_end"].unique()))
    earned = value_earned(baseline, known, days)
    open_days = [day for day, value in earned.items() if not reaches(value, baseline.bac)]
    if open_days and open_days[-1] == days[-1]:
        return None
    return max(go_live, days[period_of(days, open_days[-1])] if open_days else days[0])

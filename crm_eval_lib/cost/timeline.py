"""The project month by month: period ends, planned and earned value, the day it was finished."""

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.cost.baseline import Baseline
from crm_eval_lib.cost.held import Held

LAST_DAY = "last"  # periods.month_end of client.yml; else the day of the month
WHOLE = 1.0  # a line is complete
STARTED_SHARE = 0.5  # what the 50/50 rule grants for a start
EQUAL = 1e-9  # two amounts are equal within this share of the larger (sums of floats)
Month = str | int
_ASKED = 64  # lists of period ends kept


@lru_cache(maxsize=_ASKED)  # a project's months ask for the same ones again and again
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
    rule = progress["rule"]
    if not rule.isin(("0/100", "50/50")).any():
        return raw
    if rule.hasnans:  # a rule stated once for a line holds for its later rows
        rule = progress.sort_values("period_end", kind="stable").groupby("line_id")["rule"].ffill()
        rule = rule.reindex(progress.index)
    done = raw >= WHOLE
    half = pd.Series(np.where(raw > 0, STARTED_SHARE, 0.0), raw.index).where(~done, WHOLE)
    return raw.mask(rule == "0/100", done.astype(float)).mask(rule == "50/50", half)


def earned_by_line(baseline: Baseline, shares: Held, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Return earned value per day (rows) and line (columns); a line without progress is at 0."""
    lines = baseline.lines
    return pd.DataFrame(shares.on(days, lines.index) * lines["bac"].to_numpy(), days, lines.index)


def value_earned(baseline: Baseline, shares: Held, days: pd.DatetimeIndex) -> np.ndarray:
    """Return earned value on each day; changes without a line are earned as the lines are."""
    of_lines = shares.on(days, baseline.lines.index) @ baseline.lines["bac"].to_numpy()
    return of_lines * baseline.loose_factor


def finish_day(dates: Any, baseline: Baseline | None, shares: Held) -> Any:
    """Return the day the project was finished, or None while it is open.

    Go-live or, with progress rows, the later of go-live and the period end at which all work was
    earned – and from which it stayed so.
    """
    go_live = dates.go_live
    if go_live is None or pd.isna(go_live) or go_live > dates.status_date:
        return None
    days = shares.days if baseline is None else shares.days_of(baseline.lines.index)
    if baseline is None or days.empty:
        return go_live
    earned = value_earned(baseline, shares, days)
    open_days = [
        day for day, value in zip(days, earned, strict=True) if not reaches(value, baseline.bac)
    ]
    if open_days and open_days[-1] == days[-1]:
        return None
    return max(go_live, days[period_of(days, open_days[-1])] if open_days else days[0])

"""The monthly or weekly series of medians that the interrupted design rests on."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.efficiency.cases import AFTER, BEFORE, BETWEEN
from crm_eval_lib.results import Message
from crm_eval_lib.stats.survival import kaplan_meier

WEEK, MONTH = "week", "month"
WEEKLY_CASES = 20  # a median week with fewer cases makes the series monthly
MONTHS_BEFORE, MONTHS_AFTER = 12, 6  # a season must be seen once; half a year after
PERIODS_A_MONTH = {WEEK: 52 / 12, MONTH: 1.0}
LEAST_CASES = 5  # a median of fewer says nothing
TAIL_CASES = 10  # the same for the 90th percentile
TWO_WAVES_MONTHS = 24  # shorter series carry one pair of harmonics only
DAYS_PER_YEAR = 365.25
DROPPED = "dropped"


def frequency_of(data: pd.DataFrame) -> str:
    """Return "week" when the median week outside the blackout has 20 cases, else "month"."""
    weeks = [side.to_numpy() for sample, side in week_of(data["begun"]).groupby(data["sample"])
             if sample != BETWEEN]  # fmt: skip
    counts = [np.bincount(side - side.min()) for side in weeks]  # also weeks without a case
    return WEEK if np.median(np.concatenate(counts)) >= WEEKLY_CASES else MONTH


def week_of(begun: pd.Series) -> pd.Series:
    """Number the weeks from Monday, by local day."""
    days = _local_days(begun)
    return (days + 3) // 7  # 1970-01-01 was a Thursday


def period_of(begun: pd.Series, frequency: str) -> pd.Series:
    """Number the weeks or months by the local day of the start."""
    if frequency == WEEK:
        return week_of(begun)
    return begun.dt.year * 12 + begun.dt.month - 1


def period_series(
    data: pd.DataFrame, frequency: str, calendar: BusinessCalendar, *, share: float = 0.5
) -> pd.DataFrame:
    """Return one row per period with its quantile.

    Parameters
    ----------
    data : DataFrame
        ``begun``, ``sample`` (before, between, after), ``hours``, ``observed``, ``idle`` (begun
        and ended without any working time between).
    frequency : str
        "week" or "month"; a case belongs to the period of its start.
    share : float
        0.5 for the median, 0.9 for the tail.

    Returns
    -------
    DataFrame
        ``time``, ``start`` (day), ``sample`` (between: blackout), ``n``, ``hours`` (missing where
        not reached), ``value`` (its logarithm), ``after``, ``season``, ``festival``, ``used``.
    """
    periods = period_of(data["begun"], frequency)
    kinds = _kinds(periods, data["sample"])
    # A period that reaches into the blackout is told by its cases outside.
    mine = (data["sample"].astype("str") == periods.map(kinds)).to_numpy(bool)
    least = LEAST_CASES if share <= 0.5 else TAIL_CASES
    rows = [
        (time, len(hours), _quantile(hours, observed, idle, (share, least)))
        for time, hours, observed, idle in _by_period(periods[mine], data[mine])
    ]
    series = pd.DataFrame(rows, columns=["time", "n", "hours"]).astype({"hours": float})
    series["sample"] = series["time"].map(kinds)
    starts = [start_of(time, frequency) for time in series["time"]]
    ends = [start_of(time + 1, frequency) for time in series["time"]]
    series["start"] = pd.DatetimeIndex(starts, dtype="datetime64[s]")
    series["season"] = [
        ((begin.day_of_year - 1) + (end - begin).days / 2) / DAYS_PER_YEAR
        for begin, end in zip(starts, ends, strict=True)
    ]
    festival = [calendar.share_of_festival(a, b) for a, b in zip(starts, ends, strict=True)]
    series["festival"] = festival
    series["value"] = np.log(series["hours"])
    series["after"] = series["sample"].eq(AFTER)
    series["used"] = series["sample"].isin([BEFORE, AFTER]) & series["hours"].notna()
    return series


def enough(before: int, after: int, frequency: str) -> bool:
    """Say whether the periods carry an interrupted design."""
    per_month = PERIODS_A_MONTH[frequency]
    return before >= MONTHS_BEFORE * per_month and after >= MONTHS_AFTER * per_month


def too_short(name: str, before: int, after: int, frequency: str) -> Message:
    """Return the reason that names how many periods there are and how many are needed."""
    per_month = PERIODS_A_MONTH[frequency]
    slots = {"before": before, "after": after, "unit": frequency,
             "least_before": round(MONTHS_BEFORE * per_month),
             "least_after": round(MONTHS_AFTER * per_month)}  # fmt: skip
    return Message(f"efficiency.reason.{name}", slots)


def harmonics_for(used: pd.DataFrame, frequency: str) -> int:
    """Return how many pairs of harmonics the length of a series carries."""
    months = (used["time"].max() - used["time"].min() + 1) / PERIODS_A_MONTH[frequency]
    return 2 if months >= TWO_WAVES_MONTHS else 1


def _kind(samples: set[str]) -> str:
    """Which sample a period tells of; one with cases from before and after is dropped."""
    if BEFORE in samples and AFTER in samples:
        return DROPPED
    return next((s for s in (BEFORE, AFTER) if s in samples), BETWEEN)


def _kinds(periods: pd.Series, sample: pd.Series) -> pd.Series:
    found = {name: periods[sample.eq(name)].unique() for name in (BEFORE, BETWEEN, AFTER)}
    seen: dict[int, set[str]] = {}
    for name, times in found.items():
        for time in times:
            seen.setdefault(time, set()).add(name)
    return pd.Series({time: _kind(seen[time]) for time in sorted(seen)}, dtype="str")


def _by_period(
    periods: pd.Series, data: pd.DataFrame
) -> Iterator[tuple[int, np.ndarray, np.ndarray, np.ndarray]]:
    """Yield each period with its hours, and which are observed and idle."""
    order = np.argsort(periods.to_numpy(), kind="stable")
    times, starts = np.unique(periods.to_numpy()[order], return_index=True)
    columns = [data[name].to_numpy()[order] for name in ("hours", "observed", "idle")]
    parts = [np.split(column, starts[1:]) for column in columns]
    yield from zip(times.tolist(), *parts, strict=True) if len(times) else ()


def _quantile(
    hours: np.ndarray, observed: np.ndarray, idle: np.ndarray, told: tuple[float, int]
) -> float | None:
    share, least = told
    if len(hours) < least:
        return None
    found = kaplan_meier(hours, observed).quantile(share)
    # In a week of holidays the business clock stands still: half a tick is no duration, and its
    # logarithm would outweigh a year of ordinary weeks.
    return None if idle[hours == found].any() else found


def start_of(time: int, frequency: str) -> pd.Timestamp:
    """Return the first day of a period."""
    if frequency == MONTH:
        return pd.Timestamp(int(time) // 12, int(time) % 12 + 1, 1)
    return pd.Timestamp(1970, 1, 1) + pd.Timedelta(days=int(time) * 7 - 3)


def _local_days(begun: pd.Series) -> pd.Series:
    local = begun.dt.tz_localize(None).astype("datetime64[s]").astype("int64")
    return local // 86_400

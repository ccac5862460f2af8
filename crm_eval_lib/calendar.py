"""Business time: working days, breaks, public holidays and make-up days, exact to the second.

Working time is what the clock on the wall shows: an instant counts when its local time lies in one
of the working windows of a working day. Windows are cut at every change of the clock (daylight
saving), so that a night with 23 or 25 hours is counted as it was.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.errors import ConfigError, nearest
from crm_eval_lib.holidays import listed_days
from crm_eval_lib.results import Message
from crm_eval_lib.worktime import MICROSECONDS_PER_HOUR, WorkTime

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULT_DAYS = WEEKDAYS[:5]
DEFAULT_HOURS = ("09:00-12:00", "13:00-18:00")
SPRING_FESTIVAL = "spring_festival"
MICROSECONDS_PER_MINUTE = 60_000_000
MINUTES_PER_DAY = 24 * 60
CLOCK_CHANGE_GRID = "15min"  # clocks change on quarter hours of universal time
_NEVER = np.iinfo(np.int64).min  # NaT as an integer


class BusinessCalendar:
    """Working time of one client.

    Parameters
    ----------
    timezone : str
        IANA name; days and hours are local to it.
    days : sequence of str
        Working weekdays, ``mon`` … ``sun``.
    hours : sequence of str
        Windows ``"09:00-12:00"``; breaks lie between them; ``"00:00-24:00"`` is a whole day.
    country : str or None
        Public holidays and make-up days of this country; None for none. Dates are shipped for CN.
    overrides : mapping of date to off, on, or hours
        The client's own days; they win over everything else.

    Examples
    --------
    >>> china = BusinessCalendar("Asia/Shanghai", hours=["09:00-18:00"], country="CN")
    >>> start = pd.Series(pd.to_datetime(["2024-02-09 17:00"])).dt.tz_localize("Asia/Shanghai")
    >>> end = pd.Series(pd.to_datetime(["2024-02-18 10:00"])).dt.tz_localize("Asia/Shanghai")
    >>> china.hours_between(start, end).tolist()
    [2.0]
    """

    def __init__(
        self,
        timezone: str = "UTC",
        *,
        days: Sequence[str] = DEFAULT_DAYS,
        hours: Sequence[str] = DEFAULT_HOURS,
        country: str | None = None,
        overrides: Mapping[Any, Any] | None = None,
    ) -> None:
        self.timezone = timezone
        self.country = country.upper() if country else None
        self.weekdays = frozenset(_weekday(day) for day in days)
        self.windows = _windows(hours)
        self._overrides = {_day(day): _override(rule) for day, rule in (overrides or {}).items()}
        self._listed = listed_days(self.country)
        self._listed_rules = self._listed["working"].to_dict()
        rest = self._listed["festival"].eq(SPRING_FESTIVAL) & self._listed["working"].eq("off")
        self._festival = self._listed.index[rest.to_numpy(bool)].sort_values().to_numpy()
        self._work: WorkTime | None = None
        self._span = (0, 0)

    @classmethod
    def from_config(cls, calendar: Any, timezone: str) -> "BusinessCalendar":
        """Build from the `calendar` part of client.yml (a model or a mapping).

        >>> BusinessCalendar.from_config({"country": None, "days": ["sat"]}, "UTC").weekdays
        frozenset({5})
        """
        given = calendar if isinstance(calendar, Mapping) else vars(calendar)
        known = ("days", "hours", "country", "overrides")
        return cls(timezone, **{k: given[k] for k in known if given.get(k) is not None})

    def is_working_day(self, day: Any) -> bool:
        """Say whether any work is done on a day.

        >>> BusinessCalendar("Asia/Shanghai", country="CN").is_working_day("2024-02-18")
        True
        """
        return bool(self._windows_on(_day(day)))

    def hours_between(self, start: Any, end: Any) -> np.ndarray:
        """Return business hours from start to end, NaN where either is missing.

        Parameters
        ----------
        start, end : Series, DatetimeIndex or Timestamp, tz-aware
            Moments; an end before its start gives negative hours.

        Returns
        -------
        ndarray of float64

        Notes
        -----
        W(t) is the working time from a fixed origin to t; the answer is W(end) − W(start). W is
        looked up by day (see `WorkTime`).
        """
        first, last = _microseconds(start), _microseconds(end)
        work = self._cover(first, last)
        # Whole microseconds until the end: two spans of eight hours must be equal, not nearly so,
        # or ties between cases and deadlines kept to the minute are lost.
        worked = (work.until(last) - work.until(first)) / MICROSECONDS_PER_HOUR
        worked[(first == _NEVER) | (last == _NEVER)] = np.nan
        return worked

    def works(self, first: int, last: int) -> bool:
        """Say whether there is any working time between two instants (universal microseconds)."""
        worked = self.work_time(first, last).until(np.array([first, last]))
        return bool(worked[1] > worked[0])

    def work_time(self, first: int, last: int) -> WorkTime:
        """Return the working time of all days between two instants (universal microseconds)."""
        return self._cover(np.array([first, last]))

    def elapsed_hours(self, start: Any, end: Any) -> np.ndarray:
        """Return hours on the clock from start to end, NaN where either is missing."""
        first, last = _microseconds(start), _microseconds(end)
        hours = (last - first) / MICROSECONDS_PER_HOUR
        return np.where((first == _NEVER) | (last == _NEVER), np.nan, hours)

    def share_of_festival(self, start: pd.Timestamp, end: pd.Timestamp) -> float:
        """Return which share of the days from start up to (not with) end is Spring Festival."""
        days = (end - start).days
        first, last = np.searchsorted(self._festival, [start.to_datetime64(), end.to_datetime64()])
        return float(last - first) / days if days > 0 else 0.0

    def caveats(self, first: Any, last: Any) -> tuple[Message, ...]:
        """Say what this calendar does not know about the days from first to last."""
        if self.country is None:
            return ()
        if self._listed.empty:
            return (Message("efficiency.caveat.no_holidays", {"country": self.country}),)
        covered = set(self._listed["notice_year"])
        years = range(pd.Timestamp(first).year, pd.Timestamp(last).year + 1)
        missing = _spans([year for year in years if year not in covered])
        slots = {"country": self.country, "years": missing}
        return (Message("efficiency.caveat.years_without_holidays", slots),) if missing else ()

    def _windows_on(self, day: pd.Timestamp) -> tuple[tuple[int, int], ...]:
        """Working windows of one day in minutes after midnight."""
        rule = self._overrides.get(day)
        if rule is not None:
            return self.windows if rule == "on" else rule
        listed = self._listed_rules.get(day)
        if listed is not None:
            return self.windows if listed == "on" else ()
        return self.windows if day.day_of_week in self.weekdays else ()

    def _cover(self, *instants: np.ndarray) -> WorkTime:
        """Lay out the windows of all days of some instants (universal microseconds)."""
        given = [part for part in (values[values != _NEVER] for values in instants) if len(part)]
        first = min((int(part.min()) for part in given), default=0)
        last = max((int(part.max()) for part in given), default=0)
        if self._work is not None and self._span[0] <= first and last <= self._span[1]:
            return self._work
        start = pd.Timestamp(first, unit="us", tz="UTC").floor("D") - pd.Timedelta(days=3)
        end = pd.Timestamp(last, unit="us", tz="UTC").ceil("D") + pd.Timedelta(days=3)
        opened, closed = self._local_windows(start.tz_localize(None), end.tz_localize(None))
        opened, closed = self._universal(opened, closed, (start, end))
        self._work, self._span = WorkTime(opened, closed, first, last), (first, last)
        return self._work

    def _local_windows(self, start: pd.Timestamp, end: pd.Timestamp) -> tuple[np.ndarray, ...]:
        """Windows of every day in local microseconds."""
        days = pd.date_range(start, end, unit="us")
        rows = [
            (midnight, *window)
            for midnight, day in zip(days.asi8, days, strict=True)
            for window in self._windows_on(day)
        ]
        table = np.array(rows, dtype=np.int64).reshape(-1, 3)
        minutes = table[:, 1:] * MICROSECONDS_PER_MINUTE
        return table[:, 0] + minutes[:, 0], table[:, 0] + minutes[:, 1]

    def _universal(
        self, opened: np.ndarray, closed: np.ndarray, span: tuple[pd.Timestamp, pd.Timestamp]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Turn local windows into universal ones, part by part of equal offset."""
        grid = pd.date_range(*span, freq=CLOCK_CHANGE_GRID, unit="us")
        universal = grid.tz_localize(None).asi8
        offsets = grid.tz_convert(self.timezone).tz_localize(None).asi8 - universal
        changes = np.flatnonzero(np.diff(offsets)) + 1
        bounds = np.concatenate([[0], changes, [len(grid) - 1]])
        parts = []
        for left, right in pairwise(bounds):
            begin = np.clip(opened - offsets[left], universal[left], universal[right])
            finish = np.clip(closed - offsets[left], universal[left], universal[right])
            parts.append(np.column_stack([begin, finish])[finish > begin])
        joined = np.concatenate(parts)
        return joined[:, 0].copy(), joined[:, 1].copy()


def calendar_of(client: Any) -> BusinessCalendar:
    """Return the calendar of an opened client: its time zone, and ``calendar`` of client.yml.

    Parameters
    ----------
    client : Client

    Returns
    -------
    BusinessCalendar

    Examples
    --------
    >>> from crm_eval_lib import open_client; calendar = calendar_of(open_client("demo-trading"))
    """
    return BusinessCalendar.from_config(client.config.calendar, client.timezone)


def _microseconds(moments: Any) -> np.ndarray:
    """Universal microseconds of tz-aware moments; NaT keeps its smallest integer."""
    index = pd.DatetimeIndex([moments] if isinstance(moments, pd.Timestamp) else moments)
    if index.tz is None:
        raise ConfigError("Business hours need moments with a time zone; these have none.")
    return index.as_unit("us").asi8


def _weekday(name: str) -> int:
    short = str(name).strip().lower()[:3]
    if short not in WEEKDAYS:
        raise ConfigError(f"calendar.days: {name!r} is no weekday; {nearest(short, WEEKDAYS)}")
    return WEEKDAYS.index(short)


def _windows(hours: Sequence[str] | str) -> tuple[tuple[int, int], ...]:
    """Read windows as minutes after midnight, sorted, overlaps joined.

    >>> _windows(["13:00-18:00", "09:00-12:00"])
    ((540, 720), (780, 1080))
    """
    given = [hours] if isinstance(hours, str) else list(hours)
    joined: list[tuple[int, int]] = []
    for opens, closes in sorted(_window(text) for text in given):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return tuple(joined)


def _window(text: str) -> tuple[int, int]:
    try:
        opens, closes = (_minute(part) for part in str(text).replace("–", "-").split("-"))
    except ValueError as error:
        raise ConfigError(f"calendar.hours: {text!r} is not like '09:00-12:00'.") from error
    if not 0 <= opens < closes <= MINUTES_PER_DAY:
        raise ConfigError(
            f"calendar.hours: {text!r} must end after it begins, between 00:00 and 24:00; "
            "write a night shift as two windows, '22:00-24:00' and '00:00-06:00'."
        )
    return opens, closes


def _minute(text: str) -> int:
    hour, minute = text.strip().split(":")
    return int(hour) * 60 + int(minute)


def _spans(years: Sequence[int]) -> list[str]:
    """Join three years and more that follow one another.

    >>> _spans([1970, 1971, 1972, 2027, 2028])
    ['1970–1972', '2027', '2028']
    """
    starts = [year for year in years if year - 1 not in years]
    ends = [year for year in years if year + 1 not in years]
    return [
        text
        for a, b in zip(starts, ends, strict=True)
        for text in ([f"{a}–{b}"] if b > a + 1 else map(str, range(a, b + 1)))
    ]


def _day(day: Any) -> pd.Timestamp:
    return pd.Timestamp(day).normalize().tz_localize(None)


def _override(rule: Any) -> Any:
    """Read off, on or hours; YAML turns the bare words off and on into False and True."""
    if rule is False or (isinstance(rule, str) and rule.strip().lower() == "off"):
        return ()
    if rule is True or (isinstance(rule, str) and rule.strip().lower() == "on"):
        return "on"
    return _windows(rule)

"""Working time of the synthetic clients: working minutes counted through, and back to a clock."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crm_eval_lib.calendar import BusinessCalendar

MORNING_MINUTES, DAY_MINUTES = 180, 480  # 09:00–12:00 and 13:00–18:00
MORNING_START, AFTERNOON_START = 9 * 60, 13 * 60


class WorkingClock:
    """Map counted working minutes to clock times on a list of working days.

    >>> clock = WorkingClock(pd.to_datetime(["2024-09-02", "2024-09-03"]))
    >>> [str(t) for t in clock.at(np.array([0, 200, 480]))]
    ['2024-09-02 09:00:00', '2024-09-02 13:20:00', '2024-09-03 09:00:00']
    """

    def __init__(self, days: Sequence[pd.Timestamp]) -> None:
        self.days = pd.DatetimeIndex(days)

    def at(self, minutes: np.ndarray) -> pd.DatetimeIndex:
        """Return the clock time of each counted minute; past the last day it stays there."""
        whole = np.clip(minutes.astype(int), 0, len(self.days) * DAY_MINUTES - 1)
        day, minute = np.divmod(whole, DAY_MINUTES)
        morning = minute < MORNING_MINUTES
        clock = np.where(
            morning, MORNING_START + minute, AFTERNOON_START + minute - MORNING_MINUTES
        )
        return self.days[day] + pd.to_timedelta(clock, unit="min")

    def minute_of(self, day: str) -> int:
        """Return the counted minute at which a day begins."""
        return int(self.days.searchsorted(pd.Timestamp(day))) * DAY_MINUTES


def working_days(start: str, end: str, country: str | None) -> pd.DatetimeIndex:
    """List working days; for China with public holidays and make-up days."""
    calendar = BusinessCalendar(country=country)
    days = pd.date_range(start, end, freq="D")
    return days[[calendar.is_working_day(day) for day in days]]

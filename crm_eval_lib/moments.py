"""Days and moments: where a calendar day begins and ends in the client's time zone."""

import pandas as pd


def start_of(day: pd.Timestamp, timezone: str) -> pd.Timestamp:
    """Return the first moment of a naive day in a time zone.

    >>> start_of(pd.Timestamp("2024-09-02"), "Asia/Shanghai").isoformat()
    '2024-09-02T00:00:00+08:00'
    """
    return pd.Timestamp(day).normalize().tz_localize(timezone, nonexistent="shift_forward")


def end_of(day: pd.Timestamp, timezone: str) -> pd.Timestamp:
    """Return the first moment after a naive day (an exclusive end)."""
    return start_of(pd.Timestamp(day) + pd.Timedelta(days=1), timezone)

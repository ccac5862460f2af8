"""Which rows count when: before go-live, after the blackout, never after the status date."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.moments import end_of, start_of
from crm_eval_lib.results import Indicator, Message, keyed, not_assessed

BEFORE, BLACKOUT, AFTER = "before", "blackout", "after"
NOT_LIVE = Message("controls.reason.not_live")
NO_ROWS = Message("controls.reason.no_rows")
_DAY = pd.Timedelta(days=1)


def recorded(frame: pd.DataFrame | None, column: str) -> bool:
    """Say whether a column holds anything; a column empty throughout was not recorded.

    >>> recorded(pd.DataFrame({"owner": [None, None]}), "owner")
    False
    """
    return frame is not None and column in frame and bool(frame[column].notna().any())


def column_of(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, or an empty one where the table has none."""
    return frame[name] if name in frame else pd.Series(np.nan, index=frame.index, dtype=object)


def numbers_of(frame: pd.DataFrame, name: str, default: float = np.nan) -> pd.Series:
    """Return a numeric column with empty cells filled."""
    values = pd.to_numeric(column_of(frame, name), errors="coerce").astype("float64")
    return values.fillna(default)


def moments_of(
    frame: pd.DataFrame, name: str, status: pd.Timestamp, *, like: str | None = None
) -> pd.Series:
    """Return moments of which those after the status date have not happened yet.

    ``like`` names the column whose time zone an unzoned column shares.
    """
    values = pd.to_datetime(column_of(frame, name))
    zone = getattr(frame[like].dtype, "tz", None) if like is not None else None
    if zone is not None and values.dt.tz is None:
        values = values.dt.tz_localize(zone)
    return values.where(values < day_end(status, values))


def day_start(day: pd.Timestamp, like: pd.Series) -> pd.Timestamp:
    """Return the first moment of a day in the time zone of a column."""
    zone = getattr(like.dtype, "tz", None)
    return start_of(day, zone) if zone is not None else pd.Timestamp(day)


def day_end(day: pd.Timestamp, like: pd.Series) -> pd.Timestamp:
    """Return the first moment after a day in the time zone of a column."""
    zone = getattr(like.dtype, "tz", None)
    return end_of(day, zone) if zone is not None else pd.Timestamp(day) + _DAY


def live_from(dates: Any) -> pd.Timestamp | None:
    """Return the go-live day, None while it is not reached on the status date."""
    live = getattr(dates, "go_live", None)
    return None if live is None or pd.isna(live) or live > dates.status_date else live


def settled_from(dates: Any) -> pd.Timestamp | None:
    """Return the first day that counts as after: later of go-live and the blackout's end.

    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(go_live=day("2024-09-02"), status_date=day("2025-08-31"),
    ...                         blackout=(day("2024-09-02"), day("2024-11-30")))
    >>> settled_from(dates).date().isoformat()
    '2024-12-01'
    """
    live, blackout = live_from(dates), getattr(dates, "blackout", None)
    if live is None:
        return None
    first = live if not blackout else max(live, blackout[1] + _DAY)
    return None if first > dates.status_date else first


def period_of(moments: pd.Series, dates: Any) -> pd.Series:
    """Say for each moment whether it lies before go-live, in the blackout or after."""
    live, blackout = live_from(dates), getattr(dates, "blackout", None)
    period = pd.Series(BEFORE, index=moments.index, dtype=object)
    if live is not None:
        period = period.mask(moments >= day_start(live, moments), AFTER)
    if blackout:
        inside = moments >= day_start(blackout[0], moments)
        period = period.mask(inside & (moments < day_end(blackout[1], moments)), BLACKOUT)
    return period


def in_force(moments: pd.Series, dates: Any) -> pd.Series:
    """Say which moments lie between the later of go-live and blackout end and the status date."""
    first = settled_from(dates)
    if first is None:
        return pd.Series(False, index=moments.index)
    return (moments >= day_start(first, moments)) & (moments < day_end(dates.status_date, moments))


def until_status(frame: pd.DataFrame | None, column: str, dates: Any) -> pd.DataFrame | None:
    """Return the rows recorded by the status date; rows without that date stay."""
    if frame is None or column not in frame:
        return frame
    values = pd.to_datetime(frame[column])
    late = values >= day_end(dates.status_date, values)
    return (frame[~late] if late.any() else frame).reset_index(drop=True)


def unknown(
    units: dict[str, str], reason: Message, *, tables: Sequence[str], **more: Any
) -> list[Indicator]:
    """Return several indicators as not assessed for one reason."""
    return [not_assessed(name, unit, reason, tables=tables, **more) for name, unit in units.items()]


def key_text(value: Any) -> str:
    """Write a key as a person would: 1.0 as 1.

    >>> key_text(2.0), key_text("ui")
    ('2', 'ui')
    """
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)


def keyed_by(name: str, value: Any, dimension: str | None = None) -> str:
    """Return an indicator id with its key.

    >>> keyed_by("controls.complaints.response_hours", 1.0, "priority")
    'controls.complaints.response_hours[priority=1]'
    """
    return keyed(name, key_text(value), dimension=dimension)

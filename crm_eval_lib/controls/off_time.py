"""How long control points were switched off; overlapping times count once."""

from typing import Any

import pandas as pd

from crm_eval_lib.controls.windows import column_of, day_end, day_start
from crm_eval_lib.remembered import Remembered

_DAY = pd.Timedelta(days=1)
_TIMES = Remembered()  # each point is asked whether it is off, and for how long since which day


def off_times(
    control_off: pd.DataFrame | None, dates: Any, *, since: pd.Timestamp | None
) -> pd.DataFrame:
    """Return the times without each control, from a day to the end of the status date.

    Parameters
    ----------
    control_off : DataFrame or None
        ``off_to`` empty or later than the status date: still off.
    since : Timestamp or None
        First day that counts; None = nothing counts.

    Returns
    -------
    DataFrame
        ``control_id``, ``start``, ``end``; half-open, overlaps joined.
    """
    if control_off is None or control_off.empty or since is None:
        return pd.DataFrame({"control_id": [], "start": [], "end": []})
    day = dates.status_date
    times = _TIMES.once((control_off,), lambda: _joined(control_off, day), knobs=day)
    times = times.assign(start=times["start"].clip(lower=day_start(since, times["start"])))
    return times[times["start"] < times["end"]].reset_index(drop=True)


def _joined(control_off: pd.DataFrame, status_date: pd.Timestamp) -> pd.DataFrame:
    """Return all times without each control up to a day, overlaps joined."""
    started = pd.to_datetime(control_off["off_from"])
    last = day_end(status_date, started)
    ended = pd.to_datetime(column_of(control_off, "off_to"))
    if ended.dt.tz is None and started.dt.tz is not None:
        ended = ended.dt.tz_localize(started.dt.tz)
    times = pd.DataFrame({
        "control_id": control_off["control_id"].astype(object), "start": started,
        "end": ended.fillna(last).clip(upper=last),
    })  # fmt: skip
    times = times[times["start"] < times["end"]].sort_values(["control_id", "start"])
    reach = times.groupby("control_id")["end"].cummax()
    first = times["control_id"] != times["control_id"].shift()
    begins = first | (times["start"] > reach.shift())
    ends = begins.shift(-1, fill_value=True)
    return times[begins].assign(end=reach[ends].array).reset_index(drop=True)


def off_days(
    ids: pd.Series, control_off: pd.DataFrame | None, dates: Any, *, since: pd.Timestamp | None
) -> pd.Series:
    """Return the days each control was off in total."""
    times = off_times(control_off, dates, since=since)
    if times.empty:
        return pd.Series(0.0, index=ids.index)
    lengths = (_local(times["end"]) - _local(times["start"])) / _DAY
    total = lengths.groupby(times["control_id"]).sum()
    return ids.map(total).astype("float64").fillna(0.0)


def _local(moments: pd.Series) -> pd.Series:
    """Drop the zone: a day stays a day when the clocks change."""
    return moments.dt.tz_localize(None) if getattr(moments.dtype, "tz", None) else moments


def off_now(ids: pd.Series, control_off: pd.DataFrame | None, dates: Any) -> pd.Series:
    """Say which controls are off at the end of the status date."""
    times = off_times(control_off, dates, since=pd.Timestamp(0))
    if times.empty:
        return pd.Series(False, index=ids.index)
    open_end = times["end"] >= day_end(dates.status_date, times["end"])
    return ids.isin(set(times.loc[open_end, "control_id"]))

"""How long control points were switched off; overlapping times count once."""

from typing import Any

import pandas as pd

from crm_eval_lib.controls.windows import column_of, day_end, day_start

_DAY = pd.Timedelta(days=1)


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
    empty = pd.DataFrame({"control_id": [], "start": [], "end": []})
    if control_off is None or control_off.empty or since is None:
        return empty
    started = pd.to_datetime(control_off["off_from"])
    last = day_end(dates.status_date, started)
    ended = pd.to_datetime(column_of(control_off, "off_to"))
    if ended.dt.tz is None and started.dt.tz is not None:
        ended = ended.dt.tz_localize(started.dt.tz)
    times = pd.DataFrame({
        "control_id": control_off["control_id"].astype(object),
        "start": started.clip(lower=day_start(since, started)),
        "end": ended.fillna(last).clip(upper=last),
    })  # fmt: skip
    times = times[times["start"] < times["end"]].sort_values(["control_id", "start"])
    if times.empty:
        return empty
    reach = times.groupby("control_id")["end"].cummax()
    apart = times["start"] > reach.groupby(times["control_id"]).shift()
    first = times["control_id"] != times["control_id"].shift()
    block = (apart | first).cumsum().rename("block")
    joined = times.groupby(block).agg({"control_id": "first", "start": "min", "end": "max"})
    return joined.reset_index(drop=True)


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

"""The moments that part cases into before and after, from the dates of the client."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm_eval_lib.errors import ConfigError
from crm_eval_lib.moments import end_of, start_of


@dataclass(frozen=True)
class Window:
    """The moments that part the cases, as universal or local time-zone moments.

    ``live`` is None while the project is not live at the status date; ``settled`` is the end of
    the blackout (go-live without one); ``now`` the end of the status day; ``paused`` the start of
    a blackout that began before go-live.
    """

    live: pd.Timestamp | None
    settled: pd.Timestamp | None
    now: pd.Timestamp
    paused: pd.Timestamp | None = None


def window_of(dates: Any, timezone: str) -> Window:
    """Return the window of a client's dates.

    Raises
    ------
    ConfigError
        There is no status date.
    """
    if dates.status_date is None or pd.isna(dates.status_date):
        raise ConfigError("client.yml: dates.status_date is missing; efficiency needs it.")
    now = end_of(dates.status_date, timezone)
    go_live = dates.go_live
    if go_live is None or pd.isna(go_live) or go_live > dates.status_date:
        return Window(None, None, now)
    live = start_of(go_live, timezone)
    blackout = getattr(dates, "blackout", None)
    if not blackout:
        return Window(live, live, now)
    paused = start_of(blackout[0], timezone)
    settled = max(live, end_of(blackout[1], timezone))
    return Window(live, settled, now, paused if paused < live else None)

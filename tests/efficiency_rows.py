"""Make small event logs for tests."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from crm_eval_lib.calendar import BusinessCalendar

ROUND_THE_CLOCK = BusinessCalendar(
    "UTC", days=["mon", "tue", "wed", "thu", "fri", "sat", "sun"], hours=["00:00-24:00"]
)
EVENT_TEXTS = ("process", "case_id", "activity", "resource", "role", "system")
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
CALENDAR = {"country": None, "days": WEEK, "hours": ["00:00-24:00"], "overrides": {}}
TABLES = ("processes", "estimates", "control_totals", "case_samples", "time_study", "targets",
          "controls")  # fmt: skip
PROCESS_TEXTS = ("process", "title", "repetitive", "in_crm", "touch_activities", "start_activity",
                 "end_activities")  # fmt: skip
PROCESS_NUMBERS = ("importance", "difficulty", "annual_volume", "hourly_cost", "sla_hours",
                   "orders_total_after")  # fmt: skip


def make_events(rows, timezone="UTC"):
    """Events from dicts; columns as the reader of files gives them."""
    frame = pd.DataFrame(rows)
    for name in EVENT_TEXTS:
        frame[name] = frame.get(name, pd.Series(pd.NA, index=frame.index)).astype("str")
    for name in ("completed_at", "started_at"):
        given = frame.get(name, pd.Series(pd.NaT, index=frame.index))
        moments = pd.to_datetime(given, format="ISO8601").astype("datetime64[us]")
        frame[name] = moments.dt.tz_localize(timezone)
    return frame


def make_processes(rows):
    """Processes from dicts."""
    frame = pd.DataFrame(rows)
    for name in PROCESS_TEXTS:
        frame[name] = frame.get(name, pd.Series(pd.NA, index=frame.index)).astype("str")
    for name in PROCESS_NUMBERS:
        frame[name] = frame.get(name, pd.Series(np.nan, index=frame.index)).astype(float)
    return frame


def make_dates(go_live, status_date, blackout=None):
    """Dates of a client."""
    return SimpleNamespace(
        go_live=None if go_live is None else pd.Timestamp(go_live),
        status_date=pd.Timestamp(status_date),
        blackout=None if blackout is None else tuple(pd.Timestamp(day) for day in blackout),
    )


def bare_client(rows=None, processes=None, *, dates=("2024-07-01", "2024-12-31"), calendar=(),
                mix=()):  # fmt: skip
    """A client without a folder: events and processes, no other table."""
    tables = SimpleNamespace(**dict.fromkeys(TABLES) | {"processes": processes})
    config = SimpleNamespace(
        efficiency=SimpleNamespace(mix=list(mix), comparison=""),
        calendar=CALENDAR | dict(calendar), finance=SimpleNamespace(realisation=0.5),
    )  # fmt: skip
    events = None if rows is None else make_events(rows)
    return SimpleNamespace(tables=tables, events=events, config=config, timezone="UTC",
                           dates=make_dates(*dates), currency="CNY")  # fmt: skip


def case(case_id, start, *hours, process="p", **more):
    """Events of one case: the first at its start, the others so many hours later."""
    moments = [pd.Timestamp(start) + pd.Timedelta(hours=h) for h in (0, *hours)]
    names = ["begin", *(f"step {n}" for n in range(1, len(hours))), "end"]
    return [
        {"process": process, "case_id": case_id, "activity": name, "completed_at": moment, **more}
        for name, moment in zip(names, moments, strict=True)
    ]


def steady_log(seed, *, first="2022-01-03", days=1095, go_live="2024-01-01", effect=0.0,
               per_day=2, drift=0.0):  # fmt: skip
    """A log with trend, season, noise and a planted effect on log hours."""
    rng = np.random.default_rng(seed)
    starts = pd.Timestamp(first) + pd.to_timedelta(np.repeat(np.arange(days), per_day), unit="D")
    place = np.asarray(starts.day_of_year) / 365.25
    months = np.asarray((starts.year - 2022) * 12 + starts.month - 1)
    shocks = rng.normal(0, 0.05, months.max() + 1)[months]
    logs = 2.5 + drift * months + 0.15 * np.cos(2 * np.pi * place) + shocks
    logs = logs + rng.normal(0, 0.45, len(starts)) + effect * (starts >= pd.Timestamp(go_live))
    ends = starts + pd.to_timedelta(np.exp(logs), unit="h")
    ids = [str(n) for n in range(len(starts))]
    begin = pd.DataFrame({"case_id": ids, "activity": "begin", "completed_at": starts})
    end = pd.DataFrame({"case_id": ids, "activity": "end", "completed_at": ends.floor("min")})
    return make_events(pd.concat([begin, end], ignore_index=True).assign(process="p"))

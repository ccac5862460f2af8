"""A log whose numbers can be checked by hand: for examples and for trying the steps on."""

from copy import deepcopy
from functools import cache
from types import SimpleNamespace

import pandas as pd

from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.efficiency.cases import Cases, build_cases
from crm_eval_lib.efficiency.moves import flow_pictures

GO_LIVE, STATUS_DATE = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-12-29")
WEEKS = 52  # on each side of go-live: a year, so that every month is met twice
PER_WEEK = 2  # cases
OPENING = pd.Timedelta(hours=9)
WAIT_HOURS = {False: 16.0, True: 8.0}  # before and after: from request to the begin of approval
WORK_HOURS = {False: 4.0, True: 2.0}  # of the approval itself
STAFF = ("clerk", "head", "head")  # of the three steps
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def example_cases() -> Cases:
    """Return cases of one process ``quote``: 20 hours each before go-live, 10 after it.

    Returns
    -------
    Cases
        104 cases on each side, two a week; each has the steps request, approve and done. The
        approval begins 16 hours after the request and takes 4 hours of work; after go-live 8 and
        2. The clock never rests. 200 cases a year, 100 an hour, a limit of 12 hours.

    Examples
    --------
    >>> example_cases().frame.groupby("sample", observed=True)["hours"].median().to_dict()
    {'after': 10.0, 'before': 20.0}
    """
    return deepcopy(_cases())


@cache
def _cases() -> Cases:
    calendar = BusinessCalendar("UTC", days=EVERY_DAY, hours=["00:00-24:00"])
    dates = SimpleNamespace(go_live=GO_LIVE, status_date=STATUS_DATE, blackout=None)
    return build_cases(
        _events(), _processes(), dates=dates, calendar=calendar, pictures=flow_pictures()
    )


def _events() -> pd.DataFrame:
    starts = pd.date_range(
        GO_LIVE - pd.Timedelta(weeks=WEEKS) + OPENING,
        periods=2 * WEEKS * PER_WEEK,
        freq="84h",
        tz="UTC",
    )
    after = starts >= GO_LIVE.tz_localize("UTC")
    begun = starts + pd.to_timedelta([WAIT_HOURS[late] for late in after], unit="h")
    done = begun + pd.to_timedelta([WORK_HOURS[late] for late in after], unit="h")
    cases = pd.Series(range(len(starts))).map("Q{:03d}".format)
    steps = {"request": (starts, pd.NaT), "approve": (done, begun), "done": (done, pd.NaT)}
    rows = [
        pd.DataFrame({"process": "quote", "case_id": cases, "activity": name, "completed_at": at,
                      "started_at": since, "resource": person, "system": "crm"})
        for (name, (at, since)), person in zip(steps.items(), STAFF, strict=True)
    ]  # fmt: skip
    log = pd.concat(rows, ignore_index=True)
    log["started_at"] = pd.to_datetime(log["started_at"], utc=True)
    return log


def _processes() -> pd.DataFrame:
    return pd.DataFrame({"process": ["quote"], "start_activity": ["request"],
                         "end_activities": ["done"], "importance": [3.0], "difficulty": [3.0],
                         "annual_volume": [200.0], "hourly_cost": [100.0],
                         "sla_hours": [12.0], "orders_total_after": [130.0]})  # fmt: skip

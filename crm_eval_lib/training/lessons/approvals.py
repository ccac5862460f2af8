"""Planted approvals and paper forms: weeks of equal cases, so that every truth is exact.

Each week brings the same hours again, small and large orders apart. Nothing changes at go-live but
the number of small orders; in the busy months every approval takes longer by one factor.
"""

from functools import cache
from itertools import product

import numpy as np
import pandas as pd

from crm_eval_lib.simulate import Scenario
from crm_eval_lib.simulate.clock import DAY_MINUTES, WorkingClock, working_days

APPROVAL, RETURNS = "order_approval", "returns"
PERIODS = ("before", "between", "after")
# Working hours of the cases of one round; the last two of the large ones are the tail.
HOURS = {"small": (5, 7, 9, 11, 13), "large": (16, 18, 26, 220, 400)}
ROUNDS = {"before": {"small": 1, "large": 1}, "between": {"small": 1, "large": 1},
          "after": {"small": 2, "large": 1}}  # fmt: skip
BUSY_MONTHS, BUSY_FACTOR = (11, 12, 1, 2), 1.5
LEARNING_FACTOR = 1.25  # while everybody learns the system
TARGET_HOURS, VOLUME = 16, 780
WEEK, YEAR = pd.Timedelta(weeks=1), pd.Timedelta(weeks=52)
DAY_HOURS = DAY_MINUTES // 60
# Working days between the stamps of the forms. Those at hand lay on top of the closed ones.
DRAWN_DAYS = (2, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 11, 12, 13, 14, 15, 17)
AT_HAND_DAYS = (1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4)
SUBMITTED_EACH = 5  # working days from one drawn form to the next
CLOSED_BEFORE = 3  # working days before go-live on which the forms at hand were closed


@cache
def planted(scenario: Scenario) -> pd.DataFrame:
    """Return the plan of the approvals: one row per case.

    Returns
    -------
    DataFrame
        case_id, period, week (its Monday), kind, start (counted working minute), hours (what the
        case takes), is_open (at go-live for those before, else at the status date), told (hours
        passed by then).
    """
    clock = _clock(scenario)
    rows = pd.DataFrame(
        [case for week, period in _weeks(scenario) for case in _cases(clock, week, period)]
    )
    rows = rows.sort_values("start", kind="stable", ignore_index=True)
    end = clock.minute_of(scenario.status_date) + DAY_MINUTES
    cut = np.where(rows["period"].eq("before"), clock.minute_of(scenario.go_live), end)
    left = (cut - rows["start"]) / 60
    return rows.assign(
        case_id=[f"A{n:04d}" for n in range(1, len(rows) + 1)],
        is_open=rows["hours"] > left,
        told=np.minimum(rows["hours"], left),
    )


def tables(scenario: Scenario) -> dict[str, pd.DataFrame]:
    """Make the tables events, processes and case_samples."""
    return {
        "events": _events(scenario),
        "processes": _processes(scenario),
        "case_samples": _forms(scenario),
    }


@cache
def _clock(scenario: Scenario) -> WorkingClock:
    """Count the working minutes from two years before go-live to a year after the status date."""
    first, last = (
        pd.Timestamp(scenario.go_live) - 2 * YEAR,
        pd.Timestamp(scenario.status_date) + YEAR,
    )
    return WorkingClock(working_days(str(first.date()), str(last.date()), scenario.country))


def _weeks(scenario: Scenario) -> list[tuple[pd.Timestamp, str]]:
    """List the Mondays of the weeks with cases: the last before go-live and the end have none."""
    live, end = pd.Timestamp(scenario.go_live), pd.Timestamp(scenario.status_date)
    weeks = pd.date_range(live - YEAR - WEEK, end - WEEK, freq="W-MON")
    settled = weeks > pd.Timestamp(scenario.blackout_end)
    periods = np.where(weeks < live, "before", np.where(settled, "after", "between"))
    return [(week, str(p)) for week, p in zip(weeks, periods, strict=True) if week != live - WEEK]


def _cases(clock: WorkingClock, week: pd.Timestamp, period: str) -> list[dict[str, object]]:
    """Make the cases of one week: every hour of every round, spread over its days."""
    factor = BUSY_FACTOR if week.month in BUSY_MONTHS else 1.0
    factor *= LEARNING_FACTOR if period == "between" else 1.0
    monday = clock.minute_of(str(week.date()))
    hours = [(kind, value) for kind, rounds in ROUNDS[period].items()
             for _, value in product(range(rounds), HOURS[kind])]  # fmt: skip
    return [
        {"period": period, "week": week, "kind": kind, "hours": value * factor,
         "start": monday + place % 5 * DAY_MINUTES + (place * 37 + week.day * 11) % DAY_MINUTES}
        for place, (kind, value) in enumerate(hours)
    ]  # fmt: skip


def _events(scenario: Scenario) -> pd.DataFrame:
    """Write the log: submitted, and approved where that happened by the status date."""
    plan, clock = planted(scenario), _clock(scenario)
    ends = plan["start"] + (plan["hours"] * 60).round().astype(int)
    common = {"process": APPROVAL, "case_id": plan["case_id"], "amount_band": plan["kind"],
              "system": np.where(plan["period"].eq("before"), "old", "crm")}  # fmt: skip
    parts = [
        pd.DataFrame(common | {"activity": activity, "completed_at": clock.at(moment.to_numpy())})
        for activity, moment in (("submit", plan["start"]), ("approve", ends))
    ]
    events = pd.concat(parts, ignore_index=True)
    drawn = pd.Timestamp(scenario.status_date) + pd.Timedelta(days=1)
    events = events[events["completed_at"] < drawn]
    return events.sort_values(["completed_at", "case_id"], ignore_index=True)


def _processes(scenario: Scenario) -> pd.DataFrame:
    title = "订单审批" if scenario.language == "zh-Hans" else "Order approval"
    return pd.DataFrame(
        {
            "process": [APPROVAL], "title": title, "importance": 5, "difficulty": 4,
            "repetitive": "yes", "annual_volume": VOLUME, "sla_hours": TARGET_HOURS,
            "end_activities": "approve",
        }
    )  # fmt: skip


def _forms(scenario: Scenario) -> pd.DataFrame:
    """Write the paper forms: a systematic draw from the journal, and those that were at hand."""
    days = _clock(scenario).days
    live = int(days.searchsorted(pd.Timestamp(scenario.go_live)))
    count = len(DRAWN_DAYS)
    # every form of the draw begins a step later; its days are dealt out in a fixed mixed order
    mixed = [DRAWN_DAYS[place * 8 % count] for place in range(count)]
    begun = [live - (count - place + 4) * SUBMITTED_EACH - 3 for place in range(count)]
    closed = [live - CLOSED_BEFORE - place % 3 for place in range(len(AT_HAND_DAYS))]
    drawn = [(b, b + d, "systematic") for b, d in zip(begun, mixed, strict=True)]
    hand = [(c - d, c, "convenience") for c, d in zip(closed, AT_HAND_DAYS, strict=True)]
    rows = pd.DataFrame([*drawn, *hand], columns=["begun", "closed", "selection"])
    return pd.DataFrame(
        {
            "sample_id": [f"S{n:02d}" for n in range(1, len(rows) + 1)],
            "process": RETURNS,
            "case_ref": [f"R{n:03d}" for n in range(101, 101 + len(rows))],
            "wave": "before",
            "source": "paper",
            "selection": rows["selection"],
            "population_n": np.where(
                rows["selection"].eq("systematic"), count * SUBMITTED_EACH, None
            ),
            "submitted_at": days[rows["begun"]],
            "decided_at": days[rows["closed"]],
            "resolution": "day",
        }
    )

"""Single clauses of the method, each decided by a small log with hand arithmetic."""

import numpy as np
import pandas as pd
import pytest
from efficiency_rows import ROUND_THE_CLOCK, case, make_dates, make_events, make_processes

from crm_eval_lib import efficiency
from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.efficiency.designs import Measure, Options, estimate
from crm_eval_lib.text import say

OFFICE = BusinessCalendar("UTC")  # Monday to Friday, 9–12 and 13–18: eight hours a day
DATES = make_dates("2024-06-03", "2024-12-31")


def built(rows, processes=None, dates=DATES, calendar=ROUND_THE_CLOCK, **knobs):
    table = None if processes is None else make_processes(processes)
    return efficiency.build_cases(make_events(rows), table, dates=dates, calendar=calendar, **knobs)


def working_day_later(count, first):
    """Cases from Tuesdays at odd seconds to the next day at the same time: eight hours each."""
    rows = []
    for n in range(count):
        start = pd.Timestamp(first) + pd.Timedelta(weeks=n, hours=9, seconds=37 * n + 1)
        rows += case(f"{first}{n}", start, 24)
    return rows


def test_a_deadline_met_to_the_second_is_met_wherever_the_case_lies():
    # "Hours of processes are business hours": each case took exactly 8, the limit is 8.
    rows = working_day_later(20, "2024-01-02")
    step = efficiency.measures(built(rows, [{"process": "p", "sla_hours": 8}], calendar=OFFICE))
    assert step["efficiency.sla_met_before[p]"].value == 1.0
    assert step["efficiency.median_hours_before[p]"].value == 8.0


def test_equal_business_times_are_ties_when_samples_are_compared():
    # P(after faster) counts equal values one half: all cases took 8 hours.
    rows = working_day_later(20, "2024-01-02") + working_day_later(15, "2024-06-04")
    step = efficiency.naive_change(built(rows, calendar=OFFICE))
    assert step["efficiency.superiority[p]"].value == 0.5
    assert step["efficiency.naive_change[p]"].value == 0.0


def test_exact_copies_of_a_row_are_no_repeated_activity():
    # "Cases with a repeated activity": an export that holds each row twice repeats nothing.
    rows = case("1", "2024-02-01", 1, 2) + case("2", "2024-02-01", 3, 5)
    cases = built(rows + rows)
    assert not cases.frame["rework"].any()
    assert "6 rows" in say(next(c.message for c in cases.caveats if c.message.slots.get("n")), "en")


def test_a_log_with_one_moment_per_case_cannot_tell_a_change():
    rows = [r for n in range(9) for day in ("2024-02-01", "2024-08-01")
            for r in case(f"{day}{n}", day, 0)]  # fmt: skip
    step = efficiency.change(built(rows))
    indicator = step["efficiency.change[p]"]
    assert indicator.state == "not_assessed"
    assert say(indicator.reason, "en").startswith("Every case ends the moment it begins")


def mixed_work():
    """Work of 4 and 3 hours recorded for process p alone; q takes 9 hours before and 8 after."""
    rows = []
    for n in range(30):
        for day, work in (("2024-03-01", 4), ("2024-07-01", 3)):
            start = pd.Timestamp(day) + pd.Timedelta(days=n)
            for process in ("p", "q"):
                rows += case(f"{day}{n}", start, 5 + work, process=process)
            rows[-3]["started_at"] = start + pd.Timedelta(hours=5)
    return rows


def test_turnaround_stands_in_process_by_process_where_no_work_was_recorded():
    # hours_saved = volume × mean touch before × −touch_change, else cycle hours × −change:
    # p 100 × 4 × 1/4 = 100; q 200 × 9 × 1/9 = 200. money_saved[p] = 100 × 50 × 0.5.
    cases = built(mixed_work(), [
        {"process": "p", "annual_volume": 100, "hourly_cost": 50},
        {"process": "q", "annual_volume": 200, "hourly_cost": 50}])  # fmt: skip
    step = efficiency.savings(cases, efficiency.change(cases), realisation=0.5, currency="CNY")
    assert step["efficiency.hours_saved[p]"].value == pytest.approx(100)
    assert step["efficiency.hours_saved[q]"].value == pytest.approx(200)
    assert step["efficiency.money_saved[p]"].value == pytest.approx(2500)
    assert [c.message.slots["process"] for c in step.caveats] == ["q"]


def test_totals_without_a_process_belong_to_the_only_one():
    # "process" is optional in control_totals: 2 of 8 orders ended in the CRM.
    rows = [r for n in range(2) for r in case(str(n), "2024-07-01", 2, system="crm")]
    totals = pd.DataFrame({
        "table": "orders", "process": pd.array([pd.NA], dtype="str"), "measure": "rows",
        "total": [8.0], "period_start": pd.to_datetime(["2024-06-03"]),
        "period_end": pd.to_datetime(["2024-12-31"])})  # fmt: skip
    step = efficiency.in_system_share(built(rows), control_totals=totals)
    assert step["efficiency.in_system_share[p]"].value == 0.25


def monthly(**knobs):
    """Six cases a month for three years, 10 hours, one hour more in May 2024."""
    rows = []
    for month in pd.date_range("2022-06-01", "2025-05-01", freq="MS"):
        hours = 11 if month == pd.Timestamp("2024-05-01") else 10
        for n in range(6):
            start = month + pd.Timedelta(days=3 * n + 1)
            rows += case(f"{month:%Y%m}{n}", start, hours + n / 100)
    dates = make_dates("2024-06-01", "2025-05-31", **knobs)
    return built(rows, dates=dates)


def test_a_blackout_that_begins_before_go_live_is_removed_from_the_series():
    # "Blackout removed" in the series; "before" still means started before go-live.
    blackout = ("2024-05-01", "2024-07-31")
    cases = monthly(blackout=blackout)
    series = efficiency.change(cases).tables["series"]
    unused = series.loc[~series["used"], "start"].dt.strftime("%Y-%m").tolist()
    assert unused == ["2024-05", "2024-06", "2024-07"]
    assert len(cases.of("p", "before")) == 24 * 6


def test_a_month_in_which_the_business_clock_stood_still_is_no_period():
    # Zero business hours become half a tick; ln(1/120 h) would outweigh all other months.
    weekend = pd.date_range("2023-07-01 10:00", periods=3, freq="7D")  # Saturdays
    rows = [r for n in range(6) for r in case(f"rest{n}", weekend[n // 2], 2 + n / 10)]
    for month in pd.date_range("2022-06-01", "2025-05-01", freq="MS").drop("2023-07-01"):
        day = month + pd.offsets.BDay(1)
        rows += [
            r
            for n in range(6)
            for r in case(f"{month:%Y%m}{n}", day + pd.Timedelta(hours=9), 2 + n / 10)
        ]
    found = estimate(
        built(rows, dates=make_dates("2024-06-01", "2025-05-31"), calendar=OFFICE),
        "p", Measure(), options=Options(),
    )  # fmt: skip
    assert found.rung == "R2" and found.parts["periods_without_value"] == 1
    assert found.ratio.value == pytest.approx(0, abs=1e-9)


def test_an_unequal_confidence_is_named_beside_the_interval():
    # "Intervals are 95 % unless `confidence` says otherwise."
    rng = np.random.default_rng(1)
    rows = [r for n in range(120) for r in
            case(str(n), pd.Timestamp("2024-03-01") + pd.Timedelta(days=n + n // 90 * 5),
                 round(float(rng.uniform(2, 9)), 2))]  # fmt: skip
    step = efficiency.naive_change(built(rows), confidence=0.8)
    assert step["efficiency.naive_change[p]"].confidence == 0.8


def test_end_activities_that_never_appear_are_named_instead_of_a_missed_deadline():
    # "Open until its first end activity": a misspelt one must not read as 0 % within the limit.
    rows = [r for n in range(9) for r in case(str(n), "2024-02-01", 5)]
    processes = [{"process": "p", "sla_hours": 8, "end_activities": "End"}]
    step = efficiency.measures(built(rows, processes))
    for name in ("median_hours_before", "sla_met_before"):
        indicator = step[f"efficiency.{name}[p]"]
        assert indicator.state == "not_assessed"
        assert "end activities" in say(indicator.reason, "en")


def test_a_log_that_ends_before_go_live_says_nothing_about_use():
    # "Cases started after the blackout …/orders_total_after": none seen is missing, not zero.
    rows = case("1", "2024-02-01", 5, system="old")
    step = efficiency.in_system_share(built(rows, [{"process": "p", "orders_total_after": 120}]))
    indicator = step["efficiency.in_system_share[p]"]
    assert indicator.state == "not_assessed"
    assert say(indicator.reason, "en").startswith(
        "Too few cases started after go-live and blackout: 0"
    )


def test_a_column_of_lists_stops_nothing():
    # "Every further column is an attribute": nested ones come with JSON lines and Parquet.
    rows = [event | {"tags": ["a", "b"]} for event in case("1", "2024-02-01", 5)]
    assert built(rows, mix=["tags"]).frame["hours"].tolist() == [5.0]

"""Business time against the State Council's notices, hand arithmetic and a slow loop."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.errors import ConfigError
from crm_eval_lib.holidays import listed_days
from crm_eval_lib.text import say
from crm_eval_lib.worktime import WorkTime

# Single days of the notices for 2024–2026: worked or not.
CHINESE_DAYS = {
    "2024-02-04": True, "2024-02-12": False, "2024-02-18": True, "2025-01-26": True,
    "2025-02-08": True, "2025-10-01": False, "2025-10-08": False, "2025-10-11": True,
    "2026-01-04": True, "2026-02-14": True, "2026-02-16": False, "2026-05-09": True,
    "2026-10-10": True,
}  # fmt: skip
# A make-up day worked and a weekday off of every year shipped, from that year's notice.
OF_EVERY_YEAR = {
    2018: ("2018-02-11", "2018-02-15"), 2019: ("2019-02-02", "2019-05-02"),
    2020: ("2020-01-19", "2020-01-31"), 2021: ("2021-02-07", "2021-02-17"),
    2022: ("2022-01-29", "2022-05-04"), 2023: ("2023-01-28", "2023-10-06"),
    2024: ("2024-02-18", "2024-02-16"), 2025: ("2025-01-26", "2025-10-08"),
    2026: ("2026-01-04", "2026-02-23"),
}  # fmt: skip
# Working days of a five-day week in China, as payroll offices print them.
WORKING_DAYS = {2018: 250, 2019: 250, 2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 248,
                2026: 248}  # fmt: skip


def hours(calendar, start, end):
    zone = calendar.timezone
    moments = (pd.DatetimeIndex([text]).tz_localize(zone) for text in (start, end))
    return calendar.hours_between(*moments)[0]


@pytest.mark.parametrize(("day", "worked"), CHINESE_DAYS.items())
def test_make_up_days_and_holidays_follow_the_notices(day, worked):
    assert BusinessCalendar("Asia/Shanghai", country="CN").is_working_day(day) is worked


@pytest.mark.parametrize(("year", "days"), OF_EVERY_YEAR.items())
def test_every_year_shipped_has_its_make_up_day_and_its_holiday(year, days):
    china = BusinessCalendar("Asia/Shanghai", country="CN")
    made_up, off = map(pd.Timestamp, days)
    assert made_up.day_of_week >= 5 and china.is_working_day(made_up)
    assert off.day_of_week < 5 and not china.is_working_day(off)
    assert (made_up.year, off.year) == (year, year)


def test_the_years_tested_are_the_years_shipped():
    shipped = set(listed_days("CN")["notice_year"])
    assert shipped == set(OF_EVERY_YEAR)


@pytest.mark.parametrize(("year", "count"), WORKING_DAYS.items())
def test_a_chinese_year_has_its_number_of_working_days(year, count):
    calendar = BusinessCalendar("Asia/Shanghai", country="CN")
    days = pd.date_range(f"{year}-01-01", f"{year}-12-31")
    assert sum(calendar.is_working_day(day) for day in days) == count


def test_spring_festival_2024_leaves_two_hours_of_nine_days():
    # Friday 17–18 h is one hour, 10–17 February are off, Sunday the 18th is worked: 9–10 h.
    china = BusinessCalendar("Asia/Shanghai", hours=["09:00-18:00"], country="CN")
    span = ("2024-02-09 17:00", "2024-02-18 10:00")
    assert hours(china, *span) == 2.0
    assert hours(BusinessCalendar("Asia/Shanghai", hours=["09:00-18:00"]), *span) == 46.0


def test_the_lunch_break_does_not_count():
    calendar = BusinessCalendar("UTC")
    assert hours(calendar, "2024-03-04 11:30", "2024-03-04 13:30") == 1.0


def test_an_interval_counts_backwards_when_it_ends_first():
    calendar = BusinessCalendar("UTC")
    assert hours(calendar, "2024-03-04 11:00", "2024-03-04 10:00") == -1.0


def test_chinese_days_hold_in_a_zone_whose_clock_changes():
    # 4 February 2024 is a Sunday worked in China; New York's night of 10 March has 23 hours.
    office = BusinessCalendar("America/New_York", hours=["00:00-24:00"], country="CN",
                              overrides={"2024-03-10": "on"})  # fmt: skip
    assert hours(office, "2024-02-04 00:00", "2024-02-05 00:00") == 24.0
    assert hours(office, "2024-02-12 00:00", "2024-02-13 00:00") == 0.0
    assert hours(office, "2024-03-10 00:00", "2024-03-11 00:00") == 23.0


def test_the_clients_own_days_win_over_the_notices():
    # YAML reads the bare words off and on as False and True.
    rules = {"2024-12-31": False, "2024-02-12": True, pd.Timestamp("2024-03-05"): "09:00-10:00"}
    china = BusinessCalendar("Asia/Shanghai", country="CN", overrides=rules)
    assert not china.is_working_day("2024-12-31")
    assert china.is_working_day("2024-02-12")
    assert hours(china, "2024-03-05 00:00", "2024-03-06 00:00") == 1.0


def test_a_night_with_a_clock_change_has_23_or_25_hours():
    berlin = BusinessCalendar("Europe/Berlin", days=["sat", "sun"], hours=["00:00-24:00"])
    assert hours(berlin, "2024-03-31 00:00", "2024-04-01 00:00") == 23.0
    assert hours(berlin, "2024-10-27 00:00", "2024-10-28 00:00") == 25.0


def test_missing_moments_give_missing_hours():
    moments = pd.DatetimeIndex(["2024-03-04 09:00", None]).tz_localize("UTC")
    found = BusinessCalendar("UTC").hours_between(moments, moments)
    assert found[0] == 0 and np.isnan(found[1])


def slow_hours(calendar, start, end):
    minutes = pd.date_range(start, end, freq="min", inclusive="left").tz_convert(calendar.timezone)
    return (
        sum(
            any(opens <= m.hour * 60 + m.minute < closes for opens, closes in calendar.windows)
            for m in minutes
            if calendar.is_working_day(m.tz_localize(None))
        )
        / 60
    )


@settings(max_examples=25, deadline=None)
@given(
    zone=st.sampled_from(["Europe/Berlin", "Asia/Shanghai", "Australia/Lord_Howe", "UTC"]),
    country=st.sampled_from([None, "CN"]),
    windows=st.sampled_from([["09:00-12:00", "13:00-18:00"], ["00:00-24:00"], ["01:30-03:10"]]),
    days=st.sets(st.sampled_from(["mon", "wed", "sat", "sun"]), min_size=1),
    # around the clock changes of 2024 in Berlin and on Lord Howe, and around Spring Festival
    near=st.sampled_from(["2024-03-30", "2024-10-26", "2024-04-06", "2024-10-05", "2024-02-08"]),
    offset=st.integers(0, 3000),
    length=st.integers(0, 4000),
)
def test_hours_equal_a_loop_over_minutes(zone, country, windows, days, near, offset, length):
    calendar = BusinessCalendar(zone, days=sorted(days), hours=windows, country=country)
    start = pd.Timestamp(near, tz="UTC") + pd.Timedelta(minutes=offset)
    end = start + pd.Timedelta(minutes=length)
    assert calendar.hours_between(start, end)[0] == pytest.approx(slow_hours(calendar, start, end))


def test_a_million_intervals_take_less_than_a_second():
    rng = np.random.default_rng(0)
    first = rng.integers(1_577_836_800, 1_735_689_600, 1_000_000)
    start = pd.to_datetime(first, unit="s", utc=True)
    end = pd.to_datetime(first + rng.integers(0, 10**7, len(first)), unit="s", utc=True)
    calendar = BusinessCalendar("Europe/Berlin", country="CN")
    began = time.process_time()
    calendar.hours_between(start, end)
    assert time.process_time() - began < 1


def test_years_without_a_notice_are_named():
    china = BusinessCalendar("Asia/Shanghai", country="CN")
    assert china.caveats("2019-01-01", "2026-12-31") == ()
    (note,) = china.caveats("1970-01-01", "2025-12-31")  # a stray moment: no list of 48 years
    assert "1970–2017;" in say(note, "en")
    (note,) = china.caveats("2025-01-01", "2028-05-01")
    assert "2027, 2028" in say(note, "en")
    assert "公共假日未知" in say(note, "zh-Hans") and "2027、2028" in say(note, "zh-Hans")


def test_a_country_without_dates_is_named():
    (note,) = BusinessCalendar("Europe/Berlin", country="DE").caveats("2024-01-01", "2024-02-01")
    assert "DE" in say(note, "zh-Hans")
    assert BusinessCalendar("Europe/Berlin").caveats("2024-01-01", "2024-02-01") == ()


@pytest.mark.parametrize("text", ["9-12", "18:00-09:00", "09:00-25:00", "nine"])
def test_hours_that_make_no_sense_are_refused(text):
    with pytest.raises(ConfigError, match=r"calendar\.hours"):
        BusinessCalendar("UTC", hours=[text])


def test_a_misspelt_weekday_is_refused():
    with pytest.raises(ConfigError, match="no weekday"):
        BusinessCalendar("UTC", days=["noday"])


def test_equal_spans_are_equal_to_the_last_digit():
    # 9:00:0x to the next day 9:00:0x is eight hours, in any week and at any second.
    calendar = BusinessCalendar("UTC")
    starts = pd.date_range("2020-01-07 09:00:01", periods=300, freq="7D", tz="UTC")
    starts += pd.to_timedelta(np.arange(300) * 7, unit="s")
    assert set(calendar.hours_between(starts, starts + pd.Timedelta(days=1))) == {8.0}


@pytest.mark.parametrize("odd", [0, 1], ids=["a grid of quarters", "no grid, searched"])
def test_working_time_is_what_a_slow_walk_through_the_windows_adds_up(odd):
    opened, closed = np.array([[9, 13, 33], [12, 18, 40]]) * 3600 * 10**6
    opened[2] += odd  # a window that opens on an odd microsecond leaves no grid
    work = WorkTime(opened, closed, 0, 48 * 3600 * 10**6)
    moments = np.arange(0, 48 * 3600 * 10**6, 37 * 60 * 10**6 + 1)
    slow = [sum(max(0, min(m, c) - o) for o, c in zip(opened, closed, strict=True))
            for m in moments]  # fmt: skip
    assert work.until(moments).tolist() == slow

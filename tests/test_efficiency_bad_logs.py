"""Logs that say nothing: a reason instead of a number, in both languages."""

import pandas as pd
import pytest
from efficiency_rows import bare_client, case, make_processes

from crm_eval_lib import efficiency
from crm_eval_lib.text import say

FIRST = pd.Timestamp("2024-01-02T09:00")
ROWS = [
    row for n in range(30) for row in case(str(n), FIRST + pd.Timedelta(days=12 * n), 2 + n % 3, 6)
]
LISTED = make_processes([{"process": "p", "start_activity": "begin", "end_activities": "end"}])


def assessed(rows, processes=None, **more):
    """Run the factor as a client does."""
    return efficiency.assess(bare_client(rows, processes, **more))


def of(result, id):
    return next(item for item in result.indicators if item.id.startswith(id))


def notes(result):
    found = {c.message.key.rpartition(".")[2]: c.message for c in result.caveats}
    assert all(say(message, lang) for message in found.values() for lang in ("en", "zh-Hans"))
    return found


def refused(result, key, *ids):
    """The indicators have no value, for this reason, said in both languages."""
    for id in ids:
        item = of(result, f"efficiency.{id}")
        assert (item.state, item.value, item.low, item.high) == ("not_assessed", None, None, None)
        assert item.reason.key == f"efficiency.reason.{key}"
        assert say(item.reason, "en") and say(item.reason, "zh-Hans")


BOTH = ("median_hours_before", "median_hours_after", "naive_change", "change")


def test_one_moment_for_everything_gives_no_hours():
    still = [row | {"completed_at": "2024-03-04T10:00"} for row in ROWS]
    refused(assessed(still), "one_moment", "median_hours_before", "naive_change", "change")


def test_cases_that_end_before_they_start_are_left_out_and_counted():
    odd = [row | {"completed_at": FIRST - pd.Timedelta(days=1)}
           if row["activity"] == "end" and row["case_id"] in ("1", "2", "29") else row
           for row in ROWS]  # fmt: skip
    result = assessed(odd, LISTED)
    assert notes(result)["ends_before_start"].slots == {"process": "p", "n": 3, "share": 3 / 30}
    counts = [of(result, f"efficiency.median_hours_{side}[p]").n for side in ("before", "after")]
    assert sum(counts) == 30 - 3


def test_a_log_whose_cases_all_end_before_they_start_gives_nothing():
    odd = [row | {"completed_at": FIRST - pd.Timedelta(days=1)} if row["activity"] == "end" else row
           for row in ROWS]  # fmt: skip
    refused(assessed(odd, LISTED), "few_before", "median_hours_before", "naive_change", "change")


def test_cases_without_a_start_are_not_said_to_end_before_it():
    listed = LISTED.assign(start_activity="never").astype({"start_activity": "str"})
    found = notes(assessed(ROWS, listed))
    assert found["no_start"].slots["n"] == 30
    assert "ends_before_start" not in found


def test_stamps_that_are_days_give_neither_a_change_nor_work_times():
    # One case in five ends on another day; the others take 0 days by their stamps.
    days = [
        row | {"completed_at": day, "started_at": day}
        for n in range(60)
        for row in case(str(n), FIRST + pd.Timedelta(days=6 * n), 24 if n % 5 == 0 else 0)
        for day in [row["completed_at"].normalize()]
    ]
    result = assessed(days)
    refused(result, "below_clock", "naive_change", "change")
    refused(result, "no_touch", "touch_hours_before", "flow_efficiency_after")
    before = of(result, "efficiency.median_hours_before")
    assert (before.value, before.low, before.high) == (12.0, 0.0, 24.0)  # half of 24 hours


@pytest.mark.parametrize(("limit", "told"), [(4.0, False), (48.0, True)])
def test_a_limit_shorter_than_a_day_is_not_judged_by_days(limit, told):
    rows = [row for n in range(30)
            for row in case(str(n), FIRST.normalize() + pd.Timedelta(days=12 * n), 24)]  # fmt: skip
    item = of(assessed(rows, LISTED.assign(sla_hours=limit)), "efficiency.sla_met_before")
    assert item.value == (1.0 if told else None)
    assert told or "limit of 4.0 h" in say(item.reason, "en")


def test_cases_on_paper_are_cases_like_others_but_not_use_of_the_system():
    # Every third case after go-live stays on paper; before, all are.
    paper = [row | {"system": "crm" if int(row["case_id"]) % 3 and row["completed_at"].month > 6
                    else "paper"} for row in ROWS]  # fmt: skip
    result = assessed(paper, LISTED.assign(orders_total_after=20.0))
    plain = assessed(ROWS, LISTED)
    for id in BOTH:
        assert of(result, f"efficiency.{id}").value == of(plain, f"efficiency.{id}").value
    late = {row["case_id"] for row in ROWS if row["completed_at"].month > 6}
    used = sum(int(n) % 3 > 0 for n in late) / 20
    assert of(result, "efficiency.in_system_share").value == used


@pytest.mark.parametrize(("days", "reason"), [(0, "below_clock"), (1, "days_and_moments")])
def test_a_register_of_days_tells_no_change_against_a_log_of_minutes(days, reason):
    # Before: same day or next day by the paper register. After: 5 h by the system's clock.
    rows = []
    for n in range(60):
        start = FIRST.normalize() + pd.Timedelta(days=6 * n)
        late = start >= pd.Timestamp("2024-07-01")
        begun, hours = (start + pd.Timedelta("9h7min"), 5) if late else (start, 24 * days)
        rows += case(str(n), begun, hours)
    refused(assessed(rows), reason, "naive_change", "change")
    before = of(assessed(rows), "efficiency.median_hours_before")
    assert before.value == (24.0 if days else 12.0)


def test_a_system_that_decides_at_once_is_faster_than_hours():
    rows = []
    for n in range(60):
        start = FIRST + pd.Timedelta(days=6 * n, minutes=n)
        rows += case(str(n), start, 0 if start >= pd.Timestamp("2024-07-01") else 5)
    naive = of(assessed(rows), "efficiency.naive_change")
    assert naive.value == pytest.approx(0.5 / 60 / 5 - 1)  # half a minute after five hours


def test_repeated_rows_are_counted_once_and_named():
    once, twice = assessed(ROWS), assessed(ROWS + ROWS)
    assert notes(twice)["copied_events"].slots["n"] == len(ROWS)
    for id in BOTH:
        assert of(twice, f"efficiency.{id}").value == of(once, f"efficiency.{id}").value


def test_no_event_after_go_live_leaves_only_the_before():
    early = [row for row in ROWS if row["completed_at"] < pd.Timestamp("2024-06-01")]
    result = assessed(early)
    assert of(result, "efficiency.median_hours_before").value == 6.0
    refused(result, "few_after", "median_hours_after", "naive_change", "change")


def test_a_process_that_the_client_did_not_list_is_named():
    result = assessed(ROWS, make_processes([{"process": "q", "annual_volume": 100}]))
    assert notes(result)["unlisted_processes"].slots["processes"] == ["p"]
    assert of(result, "efficiency.priority[p]").value is None


def test_a_mix_of_ten_thousand_kinds_is_no_mix():
    moments = (FIRST + pd.Timedelta(minutes=50 * n) for n in range(10_000))
    rows = [row | {"order": str(n)} for n, m in enumerate(moments) for row in case(str(n), m, 2)]
    item = of(assessed(rows, mix=["order"]), "efficiency.change")
    assert item.rung == "R0" and "order" in say(item.reason, "en")


@pytest.mark.parametrize("calendar", [{"days": []}, {"overrides": dict.fromkeys(
    pd.date_range("2023-12-25", "2025-01-05").strftime("%Y-%m-%d"), "off")}])  # fmt: skip
def test_a_calendar_without_a_working_day_is_named(calendar):
    refused(assessed(ROWS, calendar=calendar), "no_working_day", *BOTH)


@pytest.mark.parametrize(
    ("go_live", "reason"), [("2020-07-01", "few_before"), ("2024-12-31", "few_after")]
)
def test_a_go_live_outside_the_log_gives_no_change(go_live, reason):
    result = assessed(ROWS, dates=(go_live, "2024-12-31"))
    refused(result, reason, "naive_change", "change")

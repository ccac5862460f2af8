"""Complaints: waiting times, due times, who is dropped; every clause by hand."""

import pytest
from control_rows import DATES, NOT_LIVE, SETTLING, complaints, hour

from crm_eval_lib import controls
from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.stats.intervals import wilson

PAST, FUTURE = "2025-08-01 10:00", "2025-10-01 10:00"


def times(*rows, dates=DATES, **knobs):
    return controls.complaint_times(complaints(*rows), dates=dates, **knobs)


def care(*rows, dates=DATES):
    return controls.complaint_care(complaints(*rows), dates=dates)


def value(step, name):
    return step[f"controls.complaints.{name}"].value


def waited(hours, **more):
    return {"opened_at": hour(10), "first_response_at": hour(10 + hours), "priority": 1.0, **more}


def test_the_median_is_the_first_time_by_which_half_are_answered():
    step = times(*(waited(h) for h in (2, 4, 6, 8)))
    assert value(step, "response_hours[priority=1]") == 4.0


def test_those_still_waiting_stay_in_the_reckoning():
    open_ones = [{"opened_at": hour(10), "first_response_at": None, "priority": 1.0}] * 3
    rows = [{**row, "complaint_id": f"X{n}"} for n, row in enumerate(open_ones)]
    step = times(waited(2), waited(4), *rows)
    found = step["controls.complaints.response_hours[priority=1]"]
    assert found.state == "not_assessed"
    assert found.low == pytest.approx((31 + 28 + 31 + 30 + 31 + 30 + 31 + 31 - 14) * 24 - 10)
    assert found.parts == {"waiting": 3}


def test_priorities_are_told_apart_and_written_as_whole_numbers():
    step = times(waited(2), waited(9, priority=2.0), waited(1, priority=None))
    assert value(step, "response_hours[priority=2]") == 9.0
    assert [i.id for i in step.indicators if "response_hours" in i.id][-1].endswith("[priority=2]")


def test_without_priorities_or_answers_medians_are_open():
    none = times({"first_response_at": hour(30)})["controls.complaints.response_hours"]
    assert none.reason.slots["columns"] == ["priority"]
    found = times(waited(2))["controls.complaints.resolution_hours[priority=1]"]
    assert found.reason.slots["columns"] == ["resolved_at"]


def test_an_answer_before_the_complaint_is_left_out_and_said():
    step = times(waited(-2), waited(4))
    assert step["controls.complaints.response_hours[priority=1]"].n == 1
    assert step.caveats[0].message.slots == {"n": 1}


def test_business_hours_stand_beside_the_elapsed_ones():
    office = BusinessCalendar(country=None, days=["mon", "tue", "wed", "thu", "fri"],
                              hours=["09:00-17:00"], timezone="Asia/Shanghai")  # fmt: skip
    friday = {"opened_at": "2025-01-17 16:00", "first_response_at": "2025-01-20 10:00"}
    (row,) = times({**friday, "priority": 1.0}, calendar=office).table.to_dict("records")
    assert (row["response_hours"], row["response_business_hours"]) == (66.0, 2.0)


def test_in_time_counts_who_was_answered_or_is_past_due():
    step = times(
        {"response_due": PAST, "first_response_at": PAST, "opened_at": "2025-07-31 10:00"},
        {"response_due": PAST, "first_response_at": None},
        {"response_due": FUTURE, "first_response_at": None},
        {"response_due": None, "first_response_at": hour(99)},
        {"response_due": PAST, "first_response_at": "2025-08-01 10:01"},
    )
    found = step["controls.complaints.sla_response"]
    assert (found.value, found.n) == (pytest.approx(1 / 3), 3)
    assert (found.low, found.high) == pytest.approx(wilson(1, 3))


def test_due_times_recorded_nowhere_leave_the_share_in_time_open():
    found = times(waited(2))["controls.complaints.sla_response"]
    assert found.reason.slots["columns"] == ["response_due"]


def test_reopened_is_divided_by_resolved_or_reopened():
    step = times({"resolved_at": hour(40), "reopened": 2.0}, {"resolved_at": hour(40)},
                 {"resolved_at": None, "reopened": 1.0}, {"reopened": 0.0})  # fmt: skip
    assert value(step, "reopen_rate") == pytest.approx(2 / 3)


def test_unanswered_and_unowned():
    step = care(
        {"first_response_at": hour(20), "owner": None, "resolved_at": None},
        {"first_response_at": None, "resolved_at": hour(30), "owner": None},
        {"first_response_at": "2025-09-01 08:00"},
        {"closed_at": hour(30), "owner": None, "first_response_at": hour(20)},
    )
    assert (value(step, "unanswered"), value(step, "unowned")) == (2, 1)


def test_dropped_is_unowned_unanswered_past_due_or_unresolved_past_due():
    answered = {"first_response_at": hour(20)}
    step = care(
        {**answered, "owner": None},
        {"response_due": PAST},
        {**answered, "resolve_due": PAST},
        {"response_due": FUTURE, "resolve_due": FUTURE},
        {**answered, "resolve_due": PAST, "resolved_at": "2025-08-20 10:00"},
        {**answered},
        {"response_due": None, "resolve_due": None},
    )
    found = step["controls.complaints.dropped_share"]
    assert found.value == pytest.approx(3 / 7)
    assert found.parts == {"unowned": 1, "unanswered_past_due": 1, "unresolved_past_due": 1}


def test_a_complaint_dropped_twice_counts_once():
    step = care({"response_due": PAST, "resolve_due": PAST, "owner": None},
                {"first_response_at": hour(20), "resolved_at": hour(30)})  # fmt: skip
    assert value(step, "dropped_share") == 0.5


def test_without_both_due_columns_dropped_is_open_but_bounded_by_the_unowned():
    found = care({"owner": None, "resolved_at": None}, {"resolved_at": hour(30)})[
        "controls.complaints.dropped_share"
    ]
    assert (found.state, found.low, found.high) == ("not_assessed", 0.5, 1.0)
    assert found.reason.slots["columns"] == ["response_due", "resolve_due"]


def test_one_due_column_is_enough():
    step = care({"response_due": PAST}, {"first_response_at": hour(20)})
    found = step["controls.complaints.dropped_share"]
    assert found.value == 0.5 and found.parts["unresolved_past_due"] is None


def test_owners_recorded_nowhere_are_not_missing_owners():
    step = care({"owner": None, "resolved_at": None}, {"owner": None, "resolved_at": hour(30)})
    assert step["controls.complaints.unowned"].reason.slots["columns"] == ["owner"]


def test_the_window_opens_after_the_blackout():
    rows = [{"opened_at": day, "first_response_at": None} for day in
            ("2024-09-01 10:00", "2024-11-30 23:00", "2024-12-01 00:00", "2025-08-31 23:00",
             "2025-09-01 00:00")]  # fmt: skip
    rows.append({"opened_at": "2024-12-05 10:00", "first_response_at": "2024-12-05 11:00"})
    assert value(care(*rows, dates=SETTLING), "unanswered") == 2


def test_without_complaints_or_go_live_everything_is_published_as_open():
    for table, dates in ((None, DATES), (complaints({}), NOT_LIVE)):
        steps = [controls.complaint_times(table, dates=dates),
                 controls.complaint_care(table, dates=dates)]  # fmt: skip
        found = [item for step in steps for item in step.indicators]
        assert len(found) == 8 and {item.state for item in found} == {"not_assessed"}


def test_dropped_rows_name_no_owner():
    step = care({"response_due": PAST, "owner": "E7"}, {"first_response_at": hour(20)})
    assert step.tables["complaints"]["complaint_id"].tolist() == ["K1"]
    assert "E7" not in step.tables["complaints"].to_csv()


def test_escalated_complaints_are_counted_by_priority_up_to_the_status_date():
    step = times(waited(2, escalated_at=hour(40)), waited(3, escalated_at="2025-09-02 10:00"),
                 waited(4, priority=2.0))  # fmt: skip
    assert step.table[["priority", "escalated"]].values.tolist() == [[1.0, 1], [2.0, 0]]
    assert "escalated" not in times(waited(2)).table

"""Where the time went: steps add up to the case and agree with hand arithmetic."""

import numpy as np
import pandas as pd
import pytest
from efficiency_rows import ROUND_THE_CLOCK, make_dates, make_events, make_processes
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import figure as drawing
from test_efficiency_cases import running_example

from crm_eval_lib import charts, efficiency
from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.efficiency.bottleneck import required_control
from crm_eval_lib.efficiency.moves import flow_pictures
from crm_eval_lib.text import say

LANGUAGES = ("en", "zh-Hans")
OFFICE = BusinessCalendar("Asia/Shanghai", country="CN")
DATES = make_dates("2024-07-01", "2024-12-31")


def drawn(rows, processes=None, dates=DATES, calendar=ROUND_THE_CLOCK, **knobs):
    events = rows if isinstance(rows, pd.DataFrame) else make_events(rows)
    return efficiency.build_cases(
        events, processes, dates=dates, calendar=calendar, pictures=flow_pictures(), **knobs
    )


def run(case_id, start, *steps, **more):
    """Events of one case: (activity, hours to wait, hours to work) one after the other."""
    rows, moment = [], pd.Timestamp(start)
    for activity, wait, work in steps:
        begun = moment + pd.Timedelta(hours=wait)
        moment = begun + pd.Timedelta(hours=work)
        rows.append({"process": "p", "case_id": case_id, "activity": activity,
                     "started_at": begun, "completed_at": moment, **more})  # fmt: skip
    return rows


def weeks_of(first, count, *steps, prefix="c", **more):
    starts = pd.date_range(first, periods=count, freq="2D")
    return [row for n, day in enumerate(starts) for row in run(f"{prefix}{n}", day, *steps, **more)]


def two_sides(**more):
    """40 cases before and after: approving waits 10 hours before and 4 after, work is 2 hours."""
    before = [("ask", 0, 1), ("approve", 10, 2), ("tell", 1, 0)]
    after = [("ask", 0, 1), ("approve", 4, 2), ("tell", 1, 0)]
    return [*weeks_of("2024-01-01", 40, *before, **more),
            *weeks_of("2024-07-02", 40, *after, prefix="d", **more)]  # fmt: skip


def test_waiting_and_work_of_each_step_are_those_planted():
    step = efficiency.step_times(drawn(two_sides()))
    found = step["efficiency.step_change[p/approve]"]
    assert found.value == pytest.approx(-6.0)  # waits 4 hours instead of 10, same work
    assert {name: found.parts[name] for name in ("wait_before", "wait_after", "work_after")} == {
        "wait_before": 10.0, "wait_after": 4.0, "work_after": 2.0}  # fmt: skip
    assert found.low == pytest.approx(-6.0) and found.n == 80
    assert step["efficiency.step_change[p/ask]"].value == pytest.approx(0.0)


def test_the_steps_of_the_running_example_add_up_to_its_published_mean():
    # twice the same log, once before and once after go-live; mean 966,890 s in the book's example
    first = running_example()
    shift = pd.Timedelta(days=364)
    later = first.assign(case_id=first["case_id"] + "b", completed_at=first["completed_at"] + shift)
    cases = drawn(
        pd.concat([first, later], ignore_index=True), dates=make_dates("2011-06-01", "2012-12-31")
    )
    table = efficiency.step_times(cases).table
    for column in ("before_mean_hours", "after_mean_hours"):
        assert table[column].sum() * 3600 == pytest.approx(966_890.0)


@st.composite
def logs(draw):
    """Cases with overlapping work, equal moments, missing starts and repeated steps."""
    rows = []
    for case in range(draw(st.integers(2, 16))):
        start = pd.Timestamp("2024-06-24") + pd.Timedelta(days=draw(st.integers(0, 20)), hours=9)
        for _ in range(draw(st.integers(1, 6))):
            done = start + pd.Timedelta(minutes=draw(st.integers(0, 6000)))
            begun = done - pd.Timedelta(minutes=draw(st.integers(0, 3000)))
            known = draw(st.booleans())
            row = {"process": "p", "case_id": str(case), "activity": draw(st.sampled_from("ab"))}
            rows.append({**row, "completed_at": done, "started_at": begun if known else pd.NaT})
    return rows


@settings(max_examples=7, deadline=None)  # of nine cases: a mean is wrong if one case is
@given(logs(), st.sampled_from([ROUND_THE_CLOCK, OFFICE]))
def test_steps_add_up_to_the_mean_time_of_finished_cases(rows, calendar):
    events = make_events(rows, calendar.timezone)
    cases = drawn(events, calendar=calendar)
    table = efficiency.step_times(cases).table
    if table is None:
        return
    begun = events["started_at"].fillna(events["completed_at"])
    spans = pd.DataFrame(
        {"case": events["case_id"], "begun": begun, "ended": events["completed_at"]}
    )
    spans = spans.groupby("case").agg(begun=("begun", "min"), ended=("ended", "max"))
    live = pd.Timestamp("2024-07-01", tz=calendar.timezone)
    clock = calendar.hours_between if cases.clocks["p"] == "business" else calendar.elapsed_hours
    spans["hours"] = clock(spans["begun"], spans["ended"])
    before = spans[spans["ended"].le(live) & spans["begun"].lt(live)]
    after = spans[spans["begun"].ge(live)]
    assert table["before_mean_hours"].sum() == pytest.approx(before["hours"].mean(), abs=1e-6)
    assert table["after_mean_hours"].sum() == pytest.approx(after["hours"].mean(), abs=1e-6)


def test_business_time_leaves_nights_and_holidays_out_of_waiting():
    # asked Friday 17:00, approved on the first working day after Spring Festival at 10:00: the
    # published case of two business hours (spec: 9 Feb 2024 17:00 to 18 Feb 10:00)
    rows = [
        {"process": "p", "case_id": "1", "activity": name, "completed_at": moment}
        for name, moment in (("ask", "2024-02-09T17:00"), ("approve", "2024-02-18T10:00"))
    ]
    later = [{**row, "case_id": "2", "completed_at": day} for row, day in
             zip(rows, ("2024-07-02T09:00", "2024-07-02T10:00"), strict=True)]  # fmt: skip
    calendar = BusinessCalendar("Asia/Shanghai", hours=["09:00-18:00"], country="CN")
    cases = drawn(make_events([*rows, *later], "Asia/Shanghai"), calendar=calendar)
    parts = efficiency.step_times(cases).tables["parts"].set_index("activity_name")
    assert parts.at["approve", "wait_before_hours"] == pytest.approx(2.0)
    assert parts.at["approve", "wait_after_hours"] == pytest.approx(1.0)


def test_time_in_an_activity_that_is_no_work_counts_as_waiting():
    processes = make_processes([{"process": "p", "touch_activities": "ask;approve"}])
    rows = two_sides() + [
        row for n in range(20) for row in run(f"x{n}", "2024-03-01", ("ask", 0, 1), ("hold", 0, 5))
    ]
    parts = efficiency.step_times(drawn(rows, processes)).tables["parts"]
    hold = parts.set_index("activity_name").loc["hold"]
    assert hold["work_before_hours"] == 0
    assert hold["wait_before_hours"] == pytest.approx(20 * 5 / 60)  # over all 60 finished cases


def test_cases_open_at_go_live_are_left_out_and_the_bias_is_named():
    waiting = [("ask", 0, 1), ("approve", 90, 2)]
    late = [row for n in range(10) for row in run(f"o{n}", "2024-06-30", *waiting)]
    step = efficiency.step_times(drawn(two_sides() + late))
    assert step["efficiency.step_change[p/approve]"].parts["wait_before"] == pytest.approx(10.0)
    said = [say(note.message) for note in step.caveats]
    assert any("10 cases (20%)" in text and "too short" in text for text in said)


def test_without_a_finished_case_on_one_side_nothing_is_told():
    step = efficiency.step_times(drawn(weeks_of("2024-01-01", 9, ("ask", 0, 1))))
    found = step["efficiency.step_change[p]"]
    assert found.state == "not_assessed" and "after" in say(found.reason)
    assert step.table is None and not step.findings


def test_beyond_forty_steps_the_rest_is_one_row_and_the_sum_stays():
    many = [(f"s{n:02d}", 1, n / 10) for n in range(45)]
    rows = [*weeks_of("2024-01-01", 5, *many), *weeks_of("2024-07-02", 5, *many, prefix="d")]
    step = efficiency.step_times(drawn(rows))  # nobody sees the wait before the first step
    assert len(step.table) == 41 and len(step.indicators) == 40
    assert say(step.table["activity_name"].iloc[-1]) == "5 other steps"
    assert step.table["after_mean_hours"].sum() == pytest.approx(44 + sum(range(45)) / 10)


CONTROLS = pd.DataFrame({
    "control_id": ["C1"], "risk": ["Released without approval"], "process": ["p"],
    "required_mode": ["dual"], "log_check": ["approval"],
})  # fmt: skip


def test_the_step_with_the_largest_share_is_proposed_with_its_saving_a_year():
    processes = make_processes([{"process": "p", "annual_volume": 1000}])
    step = efficiency.step_times(drawn(two_sides(), processes))
    (finding,) = step.findings
    slots = finding.action.sentence.slots
    assert (finding.id, slots["activity"]) == ("efficiency.bottleneck[p]", "approve")
    assert slots["share"] == pytest.approx(6 / 8)  # 4 h waiting and 2 h work of 8 h in all
    assert slots["hours"] == pytest.approx(6 * 1000)
    assert "6,000 hours a year (6,000–6,000)" in say(finding.action.sentence)


def test_of_classes_of_amount_only_the_most_frequent_is_counted():
    small, large = two_sides(amount_band="small"), two_sides(amount_band="large")
    large = [{**row, "case_id": row["case_id"] + "L"} for row in large if row["case_id"] < "d2"]
    processes = make_processes([{"process": "p", "annual_volume": 1000}])
    cases = drawn(small + large, processes, mix=["amount_band"])
    action = efficiency.step_times(cases).findings[0].action
    after = cases.of("p", "after")
    share = after["case_id"].str.endswith("L").mean()
    assert action.sentence.slots["hours"] == pytest.approx(6 * 1000 * (1 - share))
    assert "class “small”" in say(action.sentence)


@pytest.mark.parametrize(
    ("controls", "found"),
    [(CONTROLS, False), (CONTROLS.assign(required_mode="none"), True),
     (CONTROLS.assign(process="other"), True), (CONTROLS.iloc[:0], True),
     (CONTROLS.assign(log_check="none", required_mode="block", risk="None to approve"), False)],
)  # fmt: skip
def test_a_required_control_is_never_proposed_for_removal(controls, found):
    step = efficiency.step_times(drawn(two_sides()), controls=controls)
    assert bool(step.findings) == found
    said = [say(note.message) for note in step.caveats]
    assert any("required control C1" in text for text in said) != found


@pytest.mark.parametrize(
    ("activity", "risk", "log_check", "found"),
    [("check_credit", "超出信用额度", "none", True), ("信用审核", "Over credit", "none", True),
     ("Verify contract", "Contract unsigned", "none", True), ("会签", "未经审批", "approval", True),
     ("提交报价", "低于底价", "price_floor", False), ("核价", "低于底价", "price_floor", True),
     ("submit", "Over credit", "none", False), ("Request credit", "Over credit", "none", False)],
)  # fmt: skip
def test_a_step_carries_out_a_control_when_it_checks_what_the_risk_is_about(
    activity, risk, log_check, found
):
    row = {"control_id": "C1", "risk": risk, "process": "p", "required_mode": "block"}
    listed = pd.DataFrame([row | {"log_check": log_check}])
    assert (required_control("p", activity, listed) == "C1") == found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("count", [3, 45])
def test_the_chart_shows_waiting_and_work_of_all_steps(lang, count):
    many = [(f"s{n:02d}", 1, 0.5) for n in range(count)]
    rows = [*weeks_of("2024-01-01", 5, *many), *weeks_of("2024-07-02", 5, *many, prefix="d")]
    step = efficiency.step_times(drawn(rows))
    ax = charts.plot_step_times(step, ax=drawing.Figure().subplots(), lang=lang)
    assert sum(bar.get_width() for bar in ax.patches) == pytest.approx(2 * (1.5 * count - 1))
    assert len(ax.get_yticklabels()) == min(count, 9)


def test_words_of_the_step_exist_in_both_languages():
    step = efficiency.step_times(drawn(two_sides()), controls=CONTROLS)
    for lang in LANGUAGES:
        for message in (step.sentence, step.headline, step.subtitle):
            assert "{" not in say(message, lang)
    assert "6.0 h less per case" in say(step.sentence)
    assert np.isclose(step.table["time_share"].sum(), 1)

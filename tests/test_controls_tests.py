"""Tests of control points, critical points, time switched off: every clause by hand."""

from types import SimpleNamespace

import pandas as pd
import pytest
from control_rows import (
    DATES,
    DAY,
    NOT_LIVE,
    SETTLING,
    frame,
    items,
    lines,
    orders,
    points,
    together,
)

from crm_eval_lib import controls
from crm_eval_lib.text import say


def assured(rows, tests, dates=DATES):
    return controls.assurance(rows, tests, dates=dates)


def critical(rows, tests=None, off=None, dates=DATES, **logs):
    step = controls.critical_points(rows, tests, off, dates=dates, **logs)
    return step["controls.critical_failed"].value, step["controls.critical_unassured"].value


def off(*rows, control_id="C1"):
    return frame(list(rows), {"control_id": control_id, "off_to": None})


def test_the_rate_counts_samples_and_populations_only():
    tests = together(items("C1", 18, 1), items("C1", 1, 0, "population"),
                     items("C1", 0, 1, "negative"), items("C1", 0, 1, "walkthrough"))  # fmt: skip
    rate = assured(points({}), tests)["controls.deviation_rate[C1]"]
    assert (rate.value, rate.n) == (0.05, 20)


def test_items_to_which_the_control_does_not_apply_are_not_counted():
    tests = items("C1", 4, 1)
    tests.loc[0, "result"] = "not_applicable"
    assert assured(points({}), tests)["controls.deviation_rate[C1]"].value == 0.25


def test_the_limit_is_drawn_at_95_for_critical_points_and_at_90_for_others():
    rows = points({}, {"critical": "no"})
    step = assured(rows, together(items("C1", 25), items("C2", 25)))
    first, second = (step[f"controls.upper_limit[C{n}]"] for n in (1, 2))
    assert (first.confidence, second.confidence) == (0.95, 0.90)
    assert first.value == pytest.approx(1 - 0.05 ** (1 / 25))
    assert second.value == pytest.approx(1 - 0.10 ** (1 / 25))


def test_a_known_population_is_used():
    step = assured(points({"population_size": 40.0}), items("C1", 38, 2))
    assert step["controls.upper_limit[C1]"].value == pytest.approx(2 / 40)


def test_sample_sizes_follow_the_points_own_rates():
    rows = points({}, {"critical": "no"}, {"tolerable_rate": 0.1, "expected_rate": 0.02},
                  {"expected_rate": 0.05})  # fmt: skip
    step = assured(rows, None)
    sizes = [step[f"controls.sample_size[C{n}]"].value for n in (1, 2, 3, 4)]
    assert sizes == [59, 22, 46, None]  # 46: table A-1 at 10 % tolerable, 2 % expected


def test_tested_is_what_had_an_applicable_test_since_go_live():
    rows = points({"likelihood": 5, "impact": 5}, {}, {}, {})
    void = items("C4", 1)
    void["result"] = "not_applicable"
    tests = together(items("C1", 1, 0, "walkthrough", "2024-09-02"),
                     items("C2", 30, on="2024-09-01"), void)  # fmt: skip
    share = assured(rows, tests)["controls.tested_share"].value
    assert share == pytest.approx(25 / (25 + 9 + 9 + 9))


def test_effective_is_within_the_tolerable_rate_and_without_a_failed_negative_test():
    rows = points({"likelihood": 4, "impact": 4}, {}, {"critical": "no"}, {})
    tests = together(items("C1", 59), items("C2", 25), items("C3", 22),
                     items("C3", 0, 1, "negative"), items("C4", 1, 0, "negative"))  # fmt: skip
    step = assured(rows, tests)
    assert step["controls.effective_share"].value == pytest.approx(16 / (16 + 9 + 9 + 9))


def test_undated_tests_leave_open_whether_they_came_after_go_live():
    tests = items("C1", 59).assign(tested_on=pd.NaT)
    step = assured(points({}, {}), tests)
    share = step["controls.tested_share"]
    assert (share.state, share.low, share.high) == ("not_assessed", 0.0, 0.5)
    assert step["controls.deviation_rate[C1]"].value == 0.0


def test_a_test_of_an_unlisted_control_still_has_a_rate():
    step = assured(None, items("X", 3, 1))
    assert step["controls.deviation_rate[X]"].value == 0.25
    assert step["controls.tested_share"].state == "not_assessed"


def test_none_of_25_is_said_to_be_neither_failure_nor_proof():
    (caveat,) = assured(points({}), items("C1", 25)).caveats
    assert "neither failure nor proof" in say(caveat.message, "en")
    assert "C1: 0 of 25" in say(caveat.message, "en")
    assert "11.3%" in say(caveat.message, "en")
    assert "既不算失效，也不足以证明有效" in say(caveat.message, "zh-Hans")
    assert assured(points({}), items("C1", 59)).caveats == ()


def test_without_tests_every_share_is_open_and_sizes_stand():
    step = assured(points({}), items("C1", 1).head(0))
    assert step["controls.tested_share"].state == "not_assessed"
    assert step["controls.upper_limit"].state == "not_assessed"
    assert step["controls.sample_size[C1]"].value == 59


@pytest.mark.parametrize(
    ("row", "tests", "times"),
    [
        ({"configured_mode": "none"}, None, None),
        ({}, items("C1", 0, 1, "negative"), None),
        ({}, None, off({"off_from": "2025-08-30"})),
        ({}, None, off({"off_from": "2024-10-01", "off_to": "2024-10-06 00:01"})),
        ({}, items("C1", 18, 1), None),  # 1/19 = 5.3 % > 5 %
    ],
)
def test_each_condition_fails_a_critical_point(row, tests, times):
    assert critical(points(row), tests, times) == (1, 0)
    assert critical(points({**row, "critical": "no"}), tests, times) == (0, 0)


@pytest.mark.parametrize(
    ("tests", "times"),
    [
        (None, off({"off_from": "2024-10-01", "off_to": "2024-10-06"})),  # five days, not more
        (items("C1", 19, 1), None),  # exactly the tolerable rate
        (None, off({"off_from": "2024-07-01", "off_to": "2024-09-02"})),  # before go-live
        (None, off({"off_from": "2025-09-01"})),  # after the status date
    ],
)
def test_what_stays_inside_the_bounds_does_not_fail(tests, times):
    assert critical(points({}), tests, times) == (0, 1)


def test_overlapping_times_without_the_control_count_once():
    times = off({"off_from": "2024-10-01", "off_to": "2024-10-04"},
                {"off_from": "2024-10-02", "off_to": "2024-10-05"})  # fmt: skip
    assert critical(points({}), None, times) == (0, 1)
    inside = off({"off_from": "2024-10-01", "off_to": "2024-10-06"},
                 {"off_from": "2024-10-02", "off_to": "2024-10-03"},
                 {"off_from": "2024-10-04", "off_to": "2024-10-05"})  # fmt: skip
    assert critical(points({}), None, inside) == (0, 1)


def test_a_negative_test_that_once_failed_still_counts_though_the_latest_passed():
    tests = together(items("C1", 0, 1, "negative", "2024-10-01"),
                     items("C1", 1, 0, "negative", "2025-02-01"))  # fmt: skip
    assert critical(points({}), tests) == (1, 0)


def test_an_untested_or_thinly_tested_critical_point_is_not_assured():
    assert critical(points({}), None) == (0, 1)
    assert critical(points({}), items("C1", 25)) == (0, 1)
    assert critical(points({}), items("C1", 59)) == (0, 0)
    assert critical(points({}), items("C1", 1, 0, "walkthrough")) == (0, 1)
    assert critical(points({}), items("C1", 59, on="2024-08-01")) == (0, 1)


def test_critical_recorded_nowhere_is_not_no():
    step = controls.critical_points(points({}, critical=None), dates=DATES)
    found = step["controls.critical_failed"]
    assert (found.state, found.low, found.high) == ("not_assessed", 0, 1)


def test_uptime_runs_from_the_end_of_the_blackout_to_the_status_date():
    times = off({"off_from": "2024-11-01", "off_to": "2024-12-11"})
    rows = points({"likelihood": 4, "impact": 5})
    up = controls.uptime(rows, times, dates=SETTLING)["controls.uptime[C1]"]
    days = (DAY("2025-09-01") - DAY("2024-12-01")).days
    assert up.value == pytest.approx(1 - 10 / days)
    assert up.parts["critical"] is True and up.parts["risk"] == 20.0


def test_a_point_never_switched_off_was_on_and_one_never_set_up_was_neither():
    rows = points({}, {}, {"configured_mode": "none"})
    step = controls.uptime(rows, off({"off_from": "2025-08-31 12:00"}), dates=DATES)
    assert step["controls.uptime[C2]"].value == 1.0
    assert step["controls.uptime[C1]"].value == pytest.approx(1 - 0.5 / 364)
    assert step["controls.uptime[C3]"].state == "not_assessed"


def test_without_the_switch_log_or_go_live_uptime_is_open():
    assert controls.uptime(points({}), None, dates=DATES)["controls.uptime"].state == "not_assessed"
    step = controls.uptime(points({}), off({"off_from": "2024-10-01"}), dates=NOT_LIVE)
    assert step["controls.uptime"].reason.key == "controls.reason.not_live"


def test_a_critical_control_switched_off_is_a_finding_with_what_went_through():
    sold = orders({"ordered_at": "2024-10-02 10:00"}, {"ordered_at": "2024-10-20 10:00"}, {})
    times = off({"off_from": "2024-10-01", "off_to": "2024-10-11"})
    rows = points({"log_check": "price_floor"})
    (finding,) = controls.uptime(rows, times, lines=lines(sold), dates=DATES).findings
    assert finding.rows == (("controls", "C1"), ("orders", "S1/1"))
    assert finding.action.type == "controls.critical_off"
    assert "10 days" in say(finding.action.sentence, "en")
    assert "the switch of control C1 “a risk” by" in say(finding.action.sentence, "en")
    assert finding.action.sentence.key == "controls.action.critical_off_past"


def test_a_control_is_named_with_its_risk_cut_short_or_alone_where_none_is_stated():
    for risk, named in ((None, "C1 back"), ("r" * 99, f"C1 “{'r' * 39}…” back")):
        rows, times = points({"risk": risk}), off({"off_from": "2025-08-30"})
        (finding,) = controls.uptime(rows, times, dates=DATES).findings
        assert f"switch control {named} on" in say(finding.action.sentence, "en")


def test_a_control_still_off_is_to_be_switched_back_on():
    rows, times = points({}), off({"off_from": "2025-08-30"})
    (finding,) = controls.uptime(rows, times, dates=DATES).findings
    assert finding.action.sentence.key == "controls.action.critical_off_unlogged"
    assert "back on" in say(finding.action.sentence, "en")


def test_a_day_without_control_stays_a_day_when_the_clocks_change():
    rows, dates = points({}), SimpleNamespace(**vars(DATES))
    times = pd.DataFrame(
        {
            "control_id": ["C1"],
            "off_from": pd.to_datetime(["2024-10-25"]).tz_localize("Europe/Berlin"),
            "off_to": pd.to_datetime(["2024-10-30"]).tz_localize("Europe/Berlin"),
        }
    )
    assert critical(rows, None, times, dates) == (0, 1)  # 121 hours, but five days

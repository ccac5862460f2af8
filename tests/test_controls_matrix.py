"""The control matrix: every clause of coverage, gaps and what refutes a mode, by hand."""

from types import SimpleNamespace

import pandas as pd
import pytest
from control_rows import DATES, IN_TIME, LOW, NOT_LIVE, complaints, frame, items, lines, points

from crm_eval_lib import controls
from crm_eval_lib.controls.points import control_points


def matrix(rows, tests=None, off=None, dates=DATES, **logs):
    return controls.mode_matrix(rows, tests, off, dates=dates, **logs)


def value(step, name):
    return step[f"controls.{name}"].value


def test_points_asked_again_are_whole_and_those_of_another_day_are_others():
    rows, later = points({}), DATES.status_date + pd.Timedelta(days=1)
    off = frame([{"control_id": "C1", "off_from": "2025-08-22 00:00"}])
    first = control_points(rows, None, off, dates=DATES)
    first["off_days"] = 0.0
    assert control_points(rows, None, off, dates=DATES)["off_days"].tolist() == [10.0]
    dates = SimpleNamespace(**{**vars(DATES), "status_date": later})
    assert control_points(rows, None, off, dates=dates)["off_days"].tolist() == [11.0]


def test_coverage_weighs_by_likelihood_times_impact_and_empty_is_three():
    rows = points({"likelihood": 5, "impact": 4}, {"configured_mode": "warn"}, {"likelihood": 1})
    assert value(matrix(rows), "coverage") == pytest.approx((20 + 3) / (20 + 9 + 3))


def test_a_stronger_mode_than_required_covers_and_a_weaker_does_not():
    order = ["block", "dual", "warn", "suggest", "detect", "none"]
    for place, mode in enumerate(order[:-1]):
        for configured in order:
            rows = points({"required_mode": mode, "configured_mode": configured})
            assert value(matrix(rows), "coverage") == float(order.index(configured) <= place)


def test_points_that_require_nothing_are_left_out_of_coverage():
    rows = points({"required_mode": "none", "configured_mode": "none"}, {})
    assert value(matrix(rows), "coverage") == 1.0
    assert matrix(rows)["controls.coverage"].n == 1
    alone = matrix(points({"required_mode": "none"}))
    assert alone["controls.coverage"].state == "not_assessed"


def test_an_empty_mode_among_filled_ones_is_no_control():
    rows = points({}, {"configured_mode": None})
    assert value(matrix(rows), "coverage") == 0.5


def test_modes_recorded_nowhere_leave_coverage_open():
    found = matrix(points({}, {}, configured_mode=None))["controls.coverage"]
    assert (found.state, found.low, found.high) == ("not_assessed", 0.0, 1.0)
    assert found.reason.slots["columns"] == ["configured_mode"]


def test_the_latest_negative_test_decides_what_is_observed():
    early = items("C1", 0, 1, "negative", "2024-10-01")
    late = items("C1", 1, 0, "negative", "2025-02-01")
    assert value(matrix(points({}), early), "coverage") == 0.0
    assert value(matrix(points({}), pd.concat([late, early])), "coverage") == 1.0
    relapse = items("C1", 0, 1, "negative", "2025-03-01")
    assert value(matrix(points({}), pd.concat([relapse, late, early])), "coverage") == 0.0


def test_a_failed_sample_refutes_no_mode():
    assert value(matrix(points({}), items("C1", 9, 1)), "coverage") == 1.0


def test_tests_after_the_status_date_are_not_seen():
    tests = items("C1", 0, 1, "negative", "2025-09-01")
    assert value(matrix(points({}), tests), "coverage") == 1.0


def test_an_order_below_the_floor_without_approval_refutes_a_block():
    approved = {**LOW, **IN_TIME}
    for rows, covered in (([approved, LOW], 0.0), ([approved], 1.0)):
        step = matrix(points({"log_check": "price_floor"}), lines=lines(*rows))
        assert value(step, "coverage") == covered


def test_a_log_that_is_not_named_refutes_nothing():
    sold = lines({**LOW, **IN_TIME}, LOW)
    assert value(matrix(points({"log_check": "none"}), lines=sold), "coverage") == 1.0


def test_a_warning_lets_orders_pass_by_design():
    rows = points({"required_mode": "warn", "configured_mode": "warn", "log_check": "price_floor"})
    assert value(matrix(rows, lines=lines({**LOW, **IN_TIME}, LOW)), "coverage") == 1.0


def test_an_order_from_before_go_live_refutes_nothing():
    sold = lines({**LOW, **IN_TIME}, {**LOW, "ordered_at": "2024-08-30 10:00"})
    assert value(matrix(points({"log_check": "price_floor"}), lines=sold), "coverage") == 1.0


def test_approval_by_the_creator_refutes_the_approval_but_not_the_floor():
    sold = lines({**LOW, **IN_TIME, "approved_by": "E1"})
    for check, covered in (("approval", 0.0), ("price_floor", 1.0)):
        rows = points({"log_check": check, "required_mode": "dual", "configured_mode": "dual"})
        assert value(matrix(rows, lines=sold), "coverage") == covered


def test_a_complaint_without_owner_refutes_the_rule_that_it_has_one():
    rows = points({"log_check": "complaint_owner"})
    for owner, covered in ((None, 0.0), ("desk", 1.0)):
        seen = complaints({"owner": owner}, {})
        assert value(matrix(rows, complaints=seen), "coverage") == covered


def test_each_gap_has_one_cause():
    rows = points(
        {"required_mode": "block", "supported_mode": "warn", "configured_mode": "warn"},
        {"required_mode": "dual", "configured_mode": "suggest"},
        {},
        {},
        {"required_mode": "warn", "configured_mode": "warn"},
    )
    off = frame([{"control_id": "C3", "off_from": "2025-08-01", "off_to": None}])
    gap = matrix(rows, items("C4", 0, 1, "negative"), off)["controls.mode_gap"]
    assert gap.value == 4
    assert gap.parts["product_cannot_points"] == ["C1"]
    assert gap.parts["not_set_up_points"] == ["C2"]
    assert gap.parts["off_or_refuted_points"] == ["C3", "C4"]


def test_less_than_the_product_can_do_is_no_gap_where_it_is_enough():
    rows = points({"required_mode": "warn", "configured_mode": "warn", "supported_mode": "block"})
    assert value(matrix(rows), "mode_gap") == 0


def test_block_and_dual_decide():
    modes = ("block", "dual", "warn", "suggest")
    rows = points(*({"configured_mode": mode} for mode in modes))
    assert value(matrix(rows), "decides_share") == 0.5


def test_a_point_decided_on_the_day_of_go_live_was_listed_before():
    rows = points({"decided_on": "2024-09-02"}, {"decided_on": "2024-09-03"}, {"decided_on": None})
    assert value(matrix(rows), "listed_before_share") == pytest.approx(1 / 3)
    assert matrix(rows, dates=NOT_LIVE)["controls.listed_before_share"].state == "not_assessed"


def test_open_points_are_a_finding_with_their_ids():
    rows = points({}, {"decided_on": None}, {"decided_on": "2025-09-15"})
    (finding,) = matrix(rows).findings
    assert finding.rows == (("controls", "C2"), ("controls", "C3"))
    assert finding.action.sentence.slots["n"] == 2
    assert finding.action.owner_role == "process owner"


def test_decisions_recorded_nowhere_are_no_finding():
    assert matrix(points({}, decided_on=None)).findings == ()


@pytest.mark.parametrize("rows", [None, points({}).head(0)])
def test_without_the_list_nothing_is_assessed_and_everything_published(rows):
    step = matrix(rows)
    assert [item.state for item in step.indicators] == ["not_assessed"] * 4
    assert {item.reason.key for item in step.indicators} == {"core.reason.missing_table"}


def test_of_a_log_that_refutes_only_the_earliest_rows_are_listed():
    days = pd.date_range("2025-01-01 10:00", periods=250, freq="D").strftime("%Y-%m-%d %H:%M")
    sold = lines(*({**LOW, "ordered_at": day} for day in [*days[50:], *days[:50]]))
    listed = matrix(points({"log_check": "approval"}), lines=sold.assign(approval="unapproved"))
    kept = listed.tables["refuting"]
    assert kept["at"].dt.strftime("%Y-%m-%d %H:%M").tolist() == days[:200].tolist()
    assert kept["key"].tolist()[:2] == ["S201/1", "S202/1"]

"""Who let lines below the floor pass: the exclusive classes, limits, what is not recorded."""

import pytest
from control_rows import DATES, IN_TIME, LIMITS, LOW, frame, lines, points

from crm_eval_lib import controls
from crm_eval_lib.text import say


def judged(*rows, limits=LIMITS, dates=DATES, **knobs):
    step = controls.approvals(lines(*rows, limits=limits, dates=dates, **knobs), dates=dates,
                              currency="CNY")  # fmt: skip
    names = ("unapproved", "late_approved", "self_approved", "over_limit")
    return [step[f"controls.price.{name}"].value for name in names]


def low(**row):
    return {**LOW, **IN_TIME, **row}


def test_the_four_failures_are_counted_once_each():
    rows = [
        low(approved_at=None, approved_by=None),
        low(approved_at="2025-01-17 10:00"),
        low(approved_by="E1"),
        low(approver_role="clerk"),
        low(),
    ]
    assert judged(*rows) == [1, 1, 1, 1]


def test_the_first_failure_in_the_order_of_the_contract_names_the_line():
    worst = {"approved_by": "E1", "approver_role": "clerk"}
    assert judged(low(**worst, approved_at="2025-01-17 10:00")) == [0, 1, 0, 0]
    assert judged(low(**worst)) == [0, 0, 1, 0]


def test_a_line_not_shipped_yet_is_not_late_unless_orders_must_be_approved_first():
    rows = [low(shipped_at=None), low(order_id="S9")]
    assert judged(*rows) == [0, 0, 0, 0]
    assert judged(*rows, approval_before="ordered_at") == [0, 2, 0, 0]


def test_without_shipping_dates_the_order_date_is_the_deadline():
    assert judged(low(shipped_at=None)) == [0, 1, 0, 0]
    assert judged(low(shipped_at=None, approved_at="2025-01-15 10:00")) == [0, 0, 0, 0]


def test_what_happens_after_the_status_date_has_not_happened():
    late = low(ordered_at="2025-08-30 10:00", approved_at="2025-09-02 10:00",
               shipped_at="2025-09-03 10:00")  # fmt: skip
    assert judged(late, low()) == [1, 0, 0, 0]


def test_the_limit_is_held_against_the_whole_order():
    two = [low(order_id="S1", line_no="1"), low(order_id="S1", line_no="2")]  # 800 each, limit 1000
    assert judged(low()) == [0, 0, 0, 0]
    assert judged(*two) == [0, 0, 0, 2]


def test_the_limit_that_held_on_the_day_of_the_approval_counts():
    limits = frame([{"role": "director", "limit": 1000.0, "valid_from": "2025-01-16"},
                    {"role": "director", "limit": 700.0, "valid_from": None}])  # fmt: skip
    assert judged(low(), limits=limits) == [0, 0, 0, 1]
    later = low(approved_at="2025-01-16 08:00")
    assert judged(later, limits=limits) == [0, 0, 0, 0]


def test_a_limit_in_the_rows_currency_is_compared_in_it():
    abroad = low(currency="USD", fx_rate=7.0)  # 800 dollars, 5600 at home
    assert judged(abroad, limits=LIMITS.assign(currency="USD")) == [0, 0, 0, 0]
    assert judged(abroad, limits=LIMITS) == [0, 0, 0, 1]
    assert judged(abroad, limits=LIMITS.assign(currency="EUR")) == [0, 0, 0, 1]


def test_without_limits_the_other_four_stand():
    rows = [low(approved_at=None), low(approver_role="clerk"), low()]
    assert judged(*rows, limits=None) == [1, 0, 0, None]
    step = controls.approvals(lines(*rows, limits=None), dates=DATES, currency="CNY")
    assert step["controls.price.over_limit"].reason.key == "controls.reason.no_limits"
    rate = step["controls.price.unapproved_rate"]
    assert rate.value == pytest.approx(1 / 3) and rate.parts["over_limit"] is None


def test_approvals_recorded_nowhere_are_not_missing_approvals():
    step = controls.approvals(lines(LOW, {}, {}, {}), dates=DATES, currency="CNY")
    rate = step["controls.price.unapproved_rate"]
    assert (rate.state, rate.low, rate.high) == ("not_assessed", 0.0, 0.25)
    assert step["controls.price.unapproved"].high == 1
    assert step.findings == ()
    lost = controls.leakage(lines(LOW, {}), dates=DATES, currency="CNY")
    assert lost["controls.price.leakage[not_approved]"].high == 100.0


def test_where_nothing_is_below_the_floor_nothing_had_to_be_approved():
    step = controls.approvals(lines({}, {}), dates=DATES, currency="CNY")
    assert [item.value for item in step.indicators] == [0, 0, 0, 0, 0.0]


def test_creators_recorded_nowhere_leave_self_approval_open():
    assert judged(low(created_by=None), low(approved_at=None, created_by=None)) == [1, 0, None, 0]


def test_the_rate_divides_by_all_lines_with_a_floor():
    step = controls.approvals(lines(low(approved_at=None), low(), {}, {}), dates=DATES,
                              currency="CNY")  # fmt: skip
    rate = step["controls.price.unapproved_rate"]
    assert (rate.value, rate.n) == (0.25, 4)


def test_the_limits_weigh_in_the_evidence_of_what_they_helped_to_judge():
    # "evidence grade per indicator = that of its weakest table"
    rate, lost = "controls.price.unapproved_rate", "controls.price.leakage[not_approved]"
    for limits, used in ((LIMITS, ("orders", "approval_limits")), (None, ("orders",))):
        found = lines(low(), limits=limits)
        step = controls.approvals(found, dates=DATES, currency="CNY")
        leaked = controls.leakage(found, dates=DATES, currency="CNY")
        assert (step[rate].tables, leaked[lost].tables) == (used, used)
        assert leaked["controls.price.leakage"].tables == ("orders",)


def test_the_finding_names_the_group_that_lost_most_and_no_person():
    rows = [low(approved_at=None, product_group="Pumps"),
            low(approved_at=None, product_group="Valves", quantity=30.0),
            low(product_group="Seals", quantity=12.0)]  # fmt: skip
    plan = points({"log_check": "price_floor"})
    (finding,) = controls.approvals(lines(*rows), plan, dates=DATES, currency="CNY").findings
    said = say(finding.action.sentence, "en")
    assert "price floor of Valves" in said and "CNY 300" in said and "sales director" in said
    assert finding.rows == (("orders", "S2/1"),)
    assert finding.action.owner_role == "process owner"


def test_tables_show_no_persons():
    step = controls.approvals(lines(low(approved_at=None)), dates=DATES, currency="CNY")
    assert not {"created_by", "approved_by"} & set(step.tables["lines"])
    assert "E1" not in step.tables["lines"].to_csv()

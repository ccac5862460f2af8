"""What comes of a gap: a finding with an action, coverage by process, what passes by design."""

import pytest
from control_rows import DATES, LOW, complaints, frame, lines, points

from crm_eval_lib import controls
from crm_eval_lib.results import Message
from crm_eval_lib.text import say

NOT_SET_UP = {"configured_mode": "none", "critical": "no"}


def matrix(rows, **logs):
    return controls.mode_matrix(rows, dates=DATES, **logs)


def weaker(step):
    return [finding for finding in step.findings if finding.id == "controls.weaker"]


def told(finding, lang):
    verb = Message("score.verb_phrase.A", {})
    return say(Message(finding.sentence.key, {**finding.sentence.slots, "verb": verb}), lang)


def test_a_required_control_that_is_not_set_up_has_a_finding_and_an_action():
    [found] = weaker(matrix(points({}, NOT_SET_UP)))
    assert found.rows == (("controls", "C2"),)
    assert "does less than was required: C2 “a risk” (not set up)" in told(found, "en")
    assert "有1个控制点达不到要求：C2“a risk”（未配置到位）" in told(found, "zh-Hans")
    assert (found.action.type, found.action.size) == ("controls.undecided", 1)
    assert found.action.owner_role == "process owner"


def test_a_point_nobody_decided_on_has_its_action_once():
    step = matrix(points({**NOT_SET_UP, "decided_on": None}, {}))
    assert [finding.id for finding in step.findings] == ["controls.undecided", "controls.weaker"]
    assert [finding.action is None for finding in step.findings] == [False, True]


def test_the_action_says_how_many_of_the_weaker_points_it_is_about():
    open_yet = {**NOT_SET_UP, "decided_on": None}
    rows = points(open_yet, NOT_SET_UP, open_yet)
    [found] = weaker(matrix(rows))
    said = {lang: told(found.action, lang) for lang in ("en", "zh-Hans")}
    assert "for the 1 of the 3 weaker control points that was decided on" in said["en"]
    assert "3个达不到要求的控制点中，已定案的有1个" in said["zh-Hans"]


def test_where_no_decision_is_recorded_at_all_the_gap_still_has_its_action():
    [found] = matrix(points(NOT_SET_UP, {}, decided_on=None)).findings
    assert found.action.size == 1


def test_a_critical_point_that_is_none_is_named_as_failed_and_not_again():
    assert weaker(matrix(points({**NOT_SET_UP, "critical": "yes"}))) == []


@pytest.mark.parametrize("modes", [{}, {"configured_mode": None}])
def test_without_a_gap_or_without_modes_nothing_is_said_to_be_weaker(modes):
    assert weaker(matrix(points({**modes, "critical": "no"}))) == []


def test_of_many_gaps_the_weightiest_are_named():
    rows = [{**NOT_SET_UP, "likelihood": 1 + n % 5, "impact": 1 + n // 5} for n in range(20)]
    [found] = weaker(matrix(points(*rows)))
    assert len(found.rows) == 20
    assert "none of them set up, the weightiest being C20 “a risk”, C19 “a risk”, C15" in told(
        found, "en"
    )
    assert "均未配置到位，其中风险最大的是：C20“a risk”、C19“a risk”、C15" in told(found, "zh-Hans")


def test_a_gap_that_all_points_share_is_said_once_and_different_ones_each():
    cannot = {"critical": "no", "supported_mode": "none", "configured_mode": "none"}
    [alike] = weaker(matrix(points(cannot, cannot)))
    assert "none of which the product can do: C1 “a risk”, C2 “a risk”." in told(alike, "en")
    assert "产品均不支持：C1“a risk”、C2“a risk”。" in told(alike, "zh-Hans")
    [mixed] = weaker(matrix(points(cannot, NOT_SET_UP)))
    assert "C1 “a risk” (the product cannot), C2 “a risk” (not set up)" in told(mixed, "en")


def test_coverage_by_process_takes_what_is_observed():
    rows = points({"process": "sales", "log_check": "price_floor"}, {"process": "sales"},
                  {"process": "service", "likelihood": 1}, {"process": None})  # fmt: skip
    sold = lines({**LOW, "approved_at": None}, {**LOW, "approved_at": "2025-01-20 10:00",
                                                "shipped_at": "2025-01-16 10:00"})  # fmt: skip
    step = matrix(rows, lines=sold)
    by = {item.key: item.value for item in step.indicators if item.key}
    assert by == {"process=sales": 0.5, "process=service": 1.0}


def test_a_mode_that_lets_pass_is_not_refuted_but_what_passed_is_said():
    unowned = complaints({"owner": None}, {"owner": None}, {},
                         {"owner": None, "opened_at": "2024-08-01 10:00"})  # fmt: skip
    soft = {"required_mode": "warn", "configured_mode": "warn", "log_check": "complaint_owner"}
    step = matrix(points({**soft, "likelihood": 3, "impact": 3}), complaints=unowned)
    assert step["controls.coverage"].value == 1.0
    [caveat] = step.caveats
    assert "C1 (2 complaints without an owner)" in say(caveat.message, "en")
    assert "C1（2件投诉无人负责）" in say(caveat.message, "zh-Hans")


def test_a_refuted_control_is_not_said_to_let_pass():
    rows = points({"log_check": "complaint_owner", "likelihood": 3, "impact": 3})
    step = matrix(rows, complaints=complaints({"owner": None}, {}))
    assert (step["controls.coverage"].value, step.caveats) == (0.0, ())


def test_a_control_off_today_is_weaker_than_required():
    off = frame([{"control_id": "C1", "off_from": "2025-08-01", "off_to": None}])
    step = controls.mode_matrix(points({"critical": "no"}), None, off, dates=DATES)
    assert "C1 “a risk” (switched off or refuted)" in told(weaker(step)[0], "en")

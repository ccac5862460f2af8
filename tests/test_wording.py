"""How sentences read: nothing counted as 0, roles with their article, an owner who is named."""

import re

import pytest

from crm_eval_lib.results import Action, Finding, Message
from crm_eval_lib.scorecard.findings import RankedFinding, with_client_actions
from crm_eval_lib.scorecard.wording import factor_name
from crm_eval_lib.text import catalogue, indicator_label, say

CRITICAL = "controls.sentence.critical_points"


@pytest.mark.parametrize(
    ("lang", "failed", "said"),
    [
        ("en", 0, "Of 3 critical control points, none failed and 1 lacks assurance."),
        ("en", 2, "Of 3 critical control points, 2 failed and 1 lacks assurance."),
        ("zh-Hans", 0, "3个关键控制点中，没有失效的，1个未能确认有效。"),
        ("zh-Hans", 2, "3个关键控制点中，2个失效，1个未能确认有效。"),
    ],
)
def test_nothing_is_counted_as_zero(lang, failed, said):
    assert say(Message(CRITICAL, {"n": 3, "failed": failed, "unassured": 1}), lang) == said


def test_what_holds_throughout_is_said_of_all():
    said = {"controls.sentence.critical_points_hold": {"n": 3},
            "controls.sentence.approvals_all": {"m": 14, "lines": 730},
            "score.sentence.indicators_all": {"m": 31, "lost": 20.9}}  # fmt: skip
    assert [say(Message(key, slots), "zh-Hans") for key, slots in said.items()] == [
        "3个关键控制点均确认有效，没有失效的。",
        "低于底价的14行订单均有有效的事先审批（有底价的订单共730行）。",
        "31项计分指标全部有据可评，共失20.9分（满分100）。",
    ]


def test_no_money_is_none_of_it():
    slots = {"amount": 10610.0, "part": 0.0, "currency": "CNY"}
    assert say(Message("controls.headline.leakage", slots), "en") == (
        "CNY 10,610 given away below the floor, none without valid approval"
    )
    assert say(Message("controls.headline.leakage", {**slots, "part": 2500.0}), "zh-Hans") == (
        "低于底价合计让利CNY 10,610，其中CNY 2,500无有效审批"
    )


@pytest.mark.parametrize(
    ("role", "said"),
    [("process owner", "Have the process owner "), ("the board", "Have the board "),
     ("流程负责人", "Have 流程负责人 "), ("Sales desk", "Have Sales desk ")],
)  # fmt: skip
def test_a_role_in_a_sentence_has_its_article(role, said):
    slots = {"owner": role, "date": None, "n": 2}
    action = Action("controls.undecided", Message("controls.action.undecided", slots), role)
    message = Message("controls.finding.undecided", {"n": 2})
    finding = Finding("controls.undecided", "controls", "controls.coverage", 3.0, message,
                      action=action)  # fmt: skip
    (made,) = with_client_actions([RankedFinding(finding, "A", 1, 3.0)], None)
    assert say(made.finding.action.sentence, "en").startswith(said)


def test_codes_of_processes_read_as_words():
    assert indicator_label("efficiency.change[order_approval]", "en").endswith("· Order approval")
    assert indicator_label("efficiency.change[spare_parts]", "en").endswith("· spare parts")
    assert indicator_label("controls.uptime[C01]", "zh-Hans").endswith("· C01")


def test_a_headline_calls_a_factor_as_its_section_does():
    slots = {"worst": factor_name("cost"), "worst_score": "16", "best": factor_name("adoption"),
             "best_score": "80"}  # fmt: skip
    said = say(Message("score.headline.factors", slots), "en")
    assert said == "Cost is the weakest factor with 16, adoption the strongest with 80"


def test_chinese_words_of_the_page_have_no_space_before_their_digits():
    texts = {k: v for k, v in catalogue("zh-Hans").items() if k.startswith("report.")}
    spaced = re.compile(r"[\u4e00-\u9fff] [\d{]|[}\d%] [\u4e00-\u9fff]")
    assert [key for key, text in texts.items() if spaced.search(text)] == []

"""Every step of factor 4 on hostile tables, in the demo clients, in both languages."""

import pandas as pd
import pytest
from control_rows import DATES, full, items, lines, orders, points

from crm_eval_lib import controls
from crm_eval_lib.results import Message
from crm_eval_lib.text import catalogue, indicator_label, say

DEMO = ("demo-trading", "demo-services", "demo-troubled")
ROUND_ONE = {
    "residual_loss",
    "coverage", "mode_gap", "decides_share", "deviation_rate", "upper_limit", "sample_size",
    "critical_failed", "critical_unassured", "effective_share", "tested_share", "uptime",
    "price.below_floor_rate", "price.below_floor_rate_before", "price.below_floor_rate_after",
    "price.rate_ratio", "price.leakage", "price.unapproved", "price.late_approved",
    "price.self_approved", "price.over_limit", "price.unapproved_rate",
    "complaints.response_hours", "complaints.resolution_hours", "complaints.unanswered",
    "complaints.unowned", "complaints.dropped_share", "complaints.inversion_share",
    "complaints.sla_response", "complaints.sla_resolve", "listed_before_share", "exempt_share",
    "advice_followed", "warnings_dismissed", "price.by_channel", "manual_review_rate",
    "error_ratio", "complaints.reopen_rate", "complaints.priority_agreement",
    "complaints.order_agreement", "complaints.captured_share", "sod_conflicts", "sod_exercised",
}  # fmt: skip


class Tables(dict):
    __getattr__ = dict.get


class Client:
    """A client without a folder."""

    def __init__(self, **tables):
        from types import SimpleNamespace as Part

        self.tables, self.dates, self.currency = Tables(tables), DATES, "CNY"
        self.timezone, self.language = "Asia/Shanghai", "en"
        price = Part(floor_share_of_list=None, approval_before="shipped_at")
        calendar = {"country": None, "days": ["mon"], "hours": ["09:00-17:00"]}
        self.config = Part(price=price, complaints=Part(rank="max"), calendar=calendar)


@pytest.fixture(scope="module", params=DEMO)
def demo(request, assessed):
    return assessed("controls", request.param)


def base_ids(result):
    return {item.base_id.removeprefix("controls.") for item in result.indicators}


def test_every_indicator_is_published_whatever_was_handed_in():
    assert base_ids(controls.assess(Client())) == ROUND_ONE
    assert base_ids(controls.assess(Client(**full()))) == ROUND_ONE


@pytest.mark.parametrize("name", list(full()))
def test_headers_without_rows_are_as_good_as_no_table(name):
    without = {key: table for key, table in full().items() if key != name}
    empty = full() | {name: full()[name].head(0)}
    one, other = (controls.assess(Client(**tables)).to_dict() for tables in (without, empty))
    assert one == other


def test_nothing_that_is_not_assessed_has_a_value_and_all_have_a_reason(demo):
    for item in demo.indicators:
        assert (item.value is None) == (item.state == "not_assessed") == (item.reason is not None)


def test_shares_lie_between_0_and_1_and_inside_their_intervals(demo):
    for item in demo.indicators:
        if item.unit == "ratio" and item.value is not None:
            assert 0 <= item.value <= 1, item.id
        if item.value is not None and item.low is not None:
            assert item.low <= item.value + 1e-12, item.id
        if item.value is not None and item.high is not None:
            assert item.value <= item.high + 1e-12, item.id


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_everything_that_is_said_has_words(demo, lang):
    for item in demo.indicators:
        assert indicator_label(item.id, "en").split(" · ")[0] in catalogue("en").values()
        if item.reason is not None:
            assert say(item.reason, lang)
    for finding in demo.findings:
        slots = {**finding.sentence.slots, "verb": "shows"}
        assert say(Message(finding.sentence.key, slots), lang)
        assert finding.action is None or say(finding.action.sentence, lang)
    assert all(say(caveat.message, lang) for caveat in demo.caveats)


def test_the_catalogues_have_equal_keys_and_slots():
    english, chinese = ({k: v for k, v in catalogue(lang).items() if k.startswith("controls.")}
                        for lang in ("en", "zh-Hans"))  # fmt: skip
    assert english.keys() == chinese.keys()
    slots = {key: sorted(_slots(text)) for key, text in english.items()}
    assert slots == {key: sorted(_slots(text)) for key, text in chinese.items()}


def _slots(text):
    from string import Formatter

    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_column_of_every_table_has_a_heading_in_both_languages(demo):
    for lang in ("en", "zh-Hans"):
        words = catalogue(lang)
        for table in demo.tables.values():
            for name in table.columns:
                known = {f"controls.column.{name}", f"core.column.{name}"} & words.keys()
                assert known or name in OWN_NAMES, name


OWN_NAMES = {"order_id", "line_no", "ordered_at", "product", "product_group", "approval",
             "opened_at", "importance", "severity", "priority", "response_due", "resolve_due",
             "category", "process"}  # fmt: skip


def test_planted_truths_are_found_in_the_demo_clients(assessed):
    troubled = assessed("controls", "demo-troubled")
    assert troubled["controls.uptime[C01]"].parts["off_days"] == 46
    assert troubled["controls.deviation_rate[C02]"].value == pytest.approx(3 / 60)
    ratio = assessed("controls", "demo-trading")["controls.price.rate_ratio"]
    assert ratio.low < 0.018 / 0.11 < ratio.high
    services = assessed("controls", "demo-services")
    assert services["controls.complaints.dropped_share"].state == "not_assessed"


def test_dropped_complaints_are_found_as_often_as_planted(assessed):
    found = assessed("controls", "demo-troubled")["controls.complaints.dropped_share"]
    assert found.value == pytest.approx(0.19, abs=0.01)


def test_the_controls_are_not_moved_by_rows_in_another_order():
    tables = full()
    shuffled = {name: table.iloc[::-1].reset_index(drop=True) for name, table in tables.items()}
    one, other = (
        {item.id: item.to_dict() for item in controls.assess(Client(**given)).indicators}
        for given in (tables, shuffled)
    )
    assert one == other


def test_ids_with_brackets_are_escaped_and_found_again():
    rows = points({"control_id": "A]1%"})
    step = controls.assurance(rows, items("A]1%", 10), dates=DATES)
    assert step["controls.deviation_rate[A%5D1%25]"].key == "A]1%"


def test_chinese_and_huge_values_pass():
    rows = orders({"unit_price": 8e11, "floor_price": 9e11, "product_group": "重型设备"})
    step = controls.leakage(lines(rows), dates=DATES, currency="CNY")
    assert step["controls.price.leakage"].value == pytest.approx(1e12)
    assert step.table["product_group"].tolist() == ["重型设备"]


def test_a_table_with_more_columns_than_declared_is_no_trouble():
    tables = full()
    tables["orders"] = tables["orders"].assign(备注="x", region=pd.NA)
    assert controls.assess(Client(**tables))["controls.price.leakage"].value == 100.0

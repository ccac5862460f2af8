"""What readers of finished pages stumbled over: open ends, decimals, codes, words run together."""

import pytest
from lxml import html as lxml_html
from report_sample import factor, results, write_notebooks

from crm_eval_lib.report import render_page
from crm_eval_lib.report.indicators import indicator_row, indicator_rows
from crm_eval_lib.results import Message, measured
from crm_eval_lib.scorecard.rules import rules_for
from crm_eval_lib.text import indicator_label, process_titles
from crm_eval_lib.text.cells import printed_cell, printed_interval


@pytest.mark.parametrize(
    ("ends", "en", "zh"),
    [
        ({"low": 12.0}, "at least 12 days", "至少12天"),
        ({"high": 3.0}, "at most 3 days", "至多3天"),
        ({"low": 2.0, "high": 3.0}, "2 days to 3 days", "2天 至 3天"),
    ],
)
def test_an_interval_with_an_open_end_says_which_end_is_known(ends, en, zh):
    data = {"id": "problems.median_days", "unit": "days", "state": "not_assessed", **ends}
    for lang, said in (("en", en), ("zh-Hans", zh)):
        row = indicator_row(data, rules_for(None), lang)
        assert row.interval.striptags() == printed_interval(data, lang) == said


def test_the_money_of_one_table_has_the_same_decimals():
    money = {"id": "cost.eac", "unit": "money", "currency": "EUR", "state": "measured"}

    def values(*amounts):
        data = [{**money, "value": amount} for amount in amounts]
        return [row.value for row in indicator_rows(data, rules_for(None), "en")]

    assert values(150.0, 0.0) == ["EUR 150", "EUR 0"]
    assert values(150.5, 0.0) == ["EUR 150.50", "EUR 0.00"]
    assert values(150.5, 0.0, 2400.0) == ["EUR 151", "EUR 0", "EUR 2,400"]


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_the_title_a_client_typed_stands_in_the_place_of_the_process_code(lang, tmp_path):
    data = results(lang)
    data["process_titles"] = {"order_approval": "Auftragsfreigabe 2"}
    data["indicators"].append(
        measured("efficiency.change[order_approval]", -0.2, "ratio").to_dict()
    )
    data["factors"].append(factor("efficiency", 60.0))
    data["matrix"] = [{"process": "order_approval", "cost_state": "good", "cost": 80.0}]
    page = render_page(notebooks=write_notebooks(tmp_path, lang), results=data, lang=lang)
    tree = lxml_html.fromstring(page)
    assert tree.xpath("//table[@class='matrix']//th/span/text()") == ["Auftragsfreigabe 2"]
    with process_titles(data["process_titles"]):
        label = indicator_label("efficiency.change[order_approval]", lang)
        assert label.endswith("· Auftragsfreigabe 2")
        assert not indicator_label("cost.bridge[order_approval]", lang).endswith("2")
        assert printed_cell("order_approval", "process", "", lang) == "Auftragsfreigabe 2"
    assert "Auftrag" not in indicator_label("efficiency.change[order_approval]", lang)


def test_the_words_of_a_factor_stay_apart_where_the_page_is_read_as_text(tmp_path):
    data = results("en")
    reason = Message("score.reason.too_little", {"share": 0.3})
    entry = next(item for item in data["factors"] if item["id"] == "cost")
    entry |= {"score": None, "state": "not_assessed", "reason_said": reason.to_dict()}
    page = render_page(notebooks=write_notebooks(tmp_path, "en"), results=data, lang="en")
    text = lxml_html.fromstring(page).xpath("string(//table[@class='factors'])")
    assert "Weighed by" in text and ".Weighed" not in text

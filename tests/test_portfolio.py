"""All clients beside each other."""

import json
import statistics

import pytest
from lxml import html as lxml_html
from page_reader import agrees, full_path, referring, resolve
from score_cases import SCORED, case, client, indicator

from crm_eval_lib import charts, fonts, portfolio
from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.report import render_index
from crm_eval_lib.runner import batch
from crm_eval_lib.scorecard import score
from crm_eval_lib.text import say


@pytest.fixture
def reports(tmp_path):
    zero = [indicator(id, none) for id, _, none in SCORED if id.startswith("cost.")]
    made = {
        "acme": score(case(), client=client()),
        "bolt": score(case(*zero, indicator("controls.critical_failed", 2)), client=client()),
        "cog": score(case(*zero), client=client(weights={"cost": 80})),
        "dot": score(case()[:2], client=client()),
    }
    for name, card in made.items():
        folder = tmp_path / name
        folder.mkdir()
        data = {**card.to_dict(), "client": name, "name": name.title()}
        (folder / "results.json").write_text(json.dumps(data), encoding="utf-8")
    return tmp_path


def test_the_worst_client_comes_first(reports):
    rows = portfolio.portfolio_rows(reports)
    assert [row["client"] for row in rows][-1] == "acme"
    assert [row["score"] is None for row in rows].count(True) == 1


def test_critical_failures_and_vetoes_stand_beside_the_score(reports):
    table = portfolio.comparison(portfolio.portfolio_rows(reports)).table.set_index("client")
    assert table.loc["Bolt", "critical_failed"] == 2
    assert table.loc["Bolt", "vetoes"] == "V1, V4"
    assert table.loc["Acme", "vetoes"] == ""


def test_scores_by_other_rules_are_marked_and_put_at_common_weights(reports):
    rows = {row["client"]: row for row in portfolio.portfolio_rows(reports)}
    assert [name for name, row in rows.items() if not row["comparable"]] == ["cog"]
    assert rows["cog"]["score"] == pytest.approx(50)  # 80 of 160 at 0 points
    assert rows["cog"]["common_weights_score"] == pytest.approx(80)  # 20 of 100 at 0 points


def test_scaled_weights_are_the_same_rules(reports):
    data = json.loads((reports / "acme" / "results.json").read_text())
    weights = data["scoring"]["factor_weights"]
    data["scoring"]["factor_weights"] = {name: 3 * value for name, value in weights.items()}
    (reports / "acme" / "results.json").write_text(json.dumps(data))
    rows = {row["client"]: row for row in portfolio.portfolio_rows(reports)}
    assert rows["acme"]["comparable"]


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_the_portfolio_speaks_and_draws_in_both_languages(reports, lang):
    rows = portfolio.portfolio_rows(reports)
    step = portfolio.comparison(rows)
    assert say(step.sentence, lang) and say(portfolio.comparability(rows).sentence, lang)
    assert charts.figure("PORT-01", charts.plot_portfolio, step, lang=lang).svg


def test_every_score_of_the_portfolio_leads_into_its_clients_results_json(reports):
    found = 0
    for element in referring(lxml_html.fromstring(portfolio_page(reports))):
        folder, name, *rest = full_path(element).split("/")
        results = json.loads((reports / folder / name).read_text("utf-8"))
        assert not rest or agrees(element.text_content(), resolve(results, "/".join(rest)))
        found += bool(rest)
    assert found >= 3 * 5 + 1  # three clients with a total and four factors, one with a factor


def test_medians_are_those_of_the_rows_above_and_lead_to_the_words_that_say_so(reports):
    rows = portfolio.portfolio_rows(reports)
    page = lxml_html.fromstring(render_index(rows, "en"))
    totals = [row["score"] for row in rows if row["score"] is not None and row["comparable"]]
    (median,) = page.xpath("//tfoot/tr[1]/td[1]/text()")
    assert median == f"{statistics.median(totals):.0f}"
    (way,) = set(page.xpath("//tfoot//a/@href"))
    assert "computed from the scores in the rows above" in page.get_element_by_id(way[1:]).text


def portfolio_page(reports):
    return render_index(portfolio.portfolio_rows(reports), "en")


def test_an_empty_reports_folder_is_no_error(tmp_path):
    rows = portfolio.portfolio_rows(tmp_path)
    step = portfolio.comparison(rows)
    assert rows == [] and step.table is None
    assert "crm-eval run --all" in say(step.sentence, "en")
    assert charts.figure("PORT-01", charts.plot_portfolio, step, lang="en").svg is None


def test_a_damaged_report_is_named(reports):
    (reports / "acme" / "results.json").write_text("{")
    with pytest.raises(CrmEvalError, match="acme"):
        portfolio.portfolio_rows(reports)


def test_the_page_of_the_next_batch_takes_the_font_that_was_cut_for_this_one(reports, monkeypatch):
    batch._index(str(reports), "zh-Hans")
    page = (reports / "index.html").read_bytes()
    monkeypatch.setattr(fonts, "_cut", lambda codes: pytest.fail("cut anew"))
    batch._index(str(reports), "zh-Hans")
    assert (reports / "index.html").read_bytes() == page

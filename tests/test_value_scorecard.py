"""The value stands in results.json and on the page, and in no factor's score."""

import json

import nbformat
import pandas as pd
import pytest
from client_folder import make_client
from lxml import html as lxml_html
from notebook_cells import published
from page_reader import full_path
from report_sample import config, results, write_notebooks
from score_cases import case, client
from value_rows import stated, steps

from crm_eval_lib import scorecard, value
from crm_eval_lib.client import open_client
from crm_eval_lib.report.page import render_page
from crm_eval_lib.results import FactorResult, measured
from crm_eval_lib.text import catalogue

BUDGET = "line_id,category,amount\nA,services,900\nS,subscription,100\n"
LEDGER = ("txn_id,line_id,incurred_on,amount,kind\nT1,A,2024-05-01,1000,invoice\n"
          "T2,S,2025-01-01,60,invoice\n")  # fmt: skip
BENEFITS = "benefit_id,name,quantified,amount_year\nB1,Paper,yes,700\nB2,Mood,no,\n"


def worth(*extra):
    found = steps((), stated(("B1", "yes", 700.0, 500.0, 800.0)))
    result = FactorResult.collect("value", list(found))
    return result if not extra else FactorResult("value", (*result.indicators, *extra))


def acme(**more):
    tables = {name: pd.DataFrame({"row": [1]}) for name in ("actuals", "budget", "benefits")}
    return client(tables, **more)


def parts(card):
    return card.factors, card.overall, card.vetoes, card.findings, card.assessment.terms


def test_no_score_bound_or_total_changes_with_the_value():
    card = scorecard.score(case(), client=acme())
    assert parts(scorecard.with_beside(card, worth())) == parts(card)


def test_the_indicators_are_measured_and_graded_by_their_weakest_table():
    card = scorecard.with_beside(scorecard.score(case(), client=acme()), worth())
    found = {i["id"]: i for i in card.to_dict()["indicators"]}["value.npv"]
    assert (found["state"], found["score"], found["weight"]) == ("measured", None, None)
    assert found["grade"] == "D"  # table benefits: estimates
    assert found["low"] < found["value"] < found["high"]


def test_an_own_factor_named_value_keeps_its_indicators_and_its_points():
    own = FactorResult("value", (measured("value.npv", 0.4, "ratio", tables=("budget",)),))
    rules = {"weights": {"value": 20}, "scoring": {
        "anchors": {"value.npv": [0.0, 1.0]}, "indicator_weights": {"value.npv": 100}}}  # fmt: skip
    card = scorecard.score([*case(), own], client=acme(**rules))
    both = scorecard.with_beside(card, worth())
    assert parts(both) == parts(card) and both["value"].score == pytest.approx(40.0)
    assert both.indicators["value.npv"].value == 0.4
    assert both.indicators["value.roi"].state == "measured"


def test_a_value_declared_not_applicable_is_so_and_not_called_unknown():
    waived = {"not_applicable": {"value.npv": {"reason": "public body", "role": "director"}}}
    card = scorecard.score(case(), client=acme(**waived))
    assert any("value.npv" in c.indicators for c in card.caveats)
    both = scorecard.with_beside(card, worth())
    assert both.indicators["value.npv"].state == "not_applicable"
    unknown = [c for c in both.caveats if c.message.key == "score.caveat.unmatched"]
    assert unknown == []


def test_a_later_report_compares_its_score_as_before():
    first = scorecard.with_beside(scorecard.score(case(), client=acme()), worth()).to_dict()
    card = scorecard.score(case(), client=acme(), previous=json.loads(json.dumps(first)))
    change = scorecard.change(card).table.set_index("factor")
    assert change.loc["total", "change"] == 0


def test_the_notebook_publishes_what_assess_gives(project, tmp_path):
    files = {"budget.csv": BUDGET, "actuals.csv": LEDGER, "benefits.csv": BENEFITS}
    make_client(tmp_path / "clients", files)
    acme = open_client("acme", clients_dir=tmp_path / "clients")
    run = tmp_path / "run"
    for result in scorecard.assess_factors(acme).values():
        result.publish(run)
    notebook = nbformat.read(project / "notebooks" / "05_scorecard.ipynb", as_version=4)
    known = {"client_id": "acme", "clients_dir": str(tmp_path / "clients"), "draws": 500}
    published(notebook, run, "cost", **known)
    assert not (run / "results" / "value.json").exists()  # no factor: the next score reads none
    data = json.loads((run / "results.json").read_text("utf-8"))
    found = {i["id"]: i for i in data["indicators"] if i["id"].startswith("value.")}
    expected = value.assess(acme, scorecard.load_results(run), draws=500)
    assert {name: i["value"] for name, i in found.items()} == {
        i.id: i.value for i in expected.indicators
    }
    assert (run / "tables" / "value.worth.years.csv").is_file()


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_the_page_shows_the_value_with_its_place_in_the_results(tmp_path, lang):
    data = results(lang)
    data["indicators"] += [item.to_dict() | {"reason": None} for item in worth().indicators]
    books = write_notebooks(tmp_path, lang)
    page = render_page(notebooks=books, results=data, lang=lang, config=config())
    paths = {full_path(element) for element in lxml_html.fromstring(page).xpath("//*[@data-ref]")}
    assert "indicators/value.npv/value" in paths
    assert catalogue(lang)["value.indicator.npv"] in page


def test_both_catalogues_of_the_value_have_a_word_for_every_column_and_reason():
    for lang in ("en", "zh-Hans"):
        names = {key for key in catalogue(lang) if key.startswith("value.column.")}
        for step in steps((), stated(("B1", "yes", 700.0, 500.0, 800.0))):
            for table in (step.table, *step.tables.values()):
                assert {f"value.column.{c}" for c in table.columns} <= names, step.name

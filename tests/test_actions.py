"""The recommended actions: the contract's twelve sentences, and what each finding cites."""

import re
import tomllib
from pathlib import Path

import nbformat
import pytest
from score_cases import case, client, indicator
from test_efficiency_flow import drawn, make_processes, two_sides

from crm_eval_lib import efficiency
from crm_eval_lib.report.findings import anchors_of, size_text
from crm_eval_lib.results import Action, FactorResult, Finding, Message
from crm_eval_lib.scorecard import score
from crm_eval_lib.scorecard.citations import family
from crm_eval_lib.scoring import numbers
from crm_eval_lib.text import catalogue, say

OWNER = {"owner": "the COO", "date": "1 May"}
CONTRACT = tomllib.loads(
    (Path(__file__).parent / "contract_actions.toml").read_text(encoding="utf-8")
)["action"]
NO_VERB = {"efficiency.finding.cannot_tell"}  # speaks of the data themselves, whatever their grade


@pytest.mark.parametrize("row", CONTRACT, ids=[row["key"] for row in CONTRACT])
def test_an_action_is_worded_as_the_contract_says(row):
    message = Message(row["key"], {**row["slots"], **OWNER})
    assert say(message, "en") == row["english"]
    assert say(message, "zh-Hans") == row["chinese"]


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_every_finding_leaves_its_verb_to_the_grade(lang):
    found = {key: text for key, text in catalogue(lang).items() if ".finding." in key}
    ours = {key: text for key, text in found.items() if not key.startswith("report.")}
    assert len(ours) > 15
    assert {key for key, text in ours.items() if "{verb}" not in text} == NO_VERB
    assert not [key for key, text in ours.items() if re.search(r"\bshows?\b|表明", text)]


@pytest.mark.parametrize("grade", "BCD")
@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_only_grade_a_shows(lang, grade):
    verb = say(Message(f"score.verb_phrase.{grade}", {}), lang)
    assert not re.search(r"\bshows\b|表明", verb)
    assert re.search(r"\bshows\b|表明", say(Message("score.verb_phrase.A", {}), lang))


def finding(id, of="cost.schedule_ratio", severity=3, side=None, size=None):
    slots = {"n": 1, "m": 0, "owner": Message("problems.word.owner"), "date": None}
    action = Action("problems.no_evidence", Message("problems.action.no_evidence", slots),
                    size=size, size_unit="count")  # fmt: skip
    sentence = Message("problems.finding.no_evidence", {"n": 1, "m": 0})
    return Finding(id, of.split(".")[0], of, severity, sentence, (("t", "7"),), action, side)


def said(*found, values=(), **settings):
    first, *rest = case(*values)
    results = [FactorResult(first.factor, first.indicators, tuple(found)), *rest]
    return score(results, client=client(**settings)).to_dict()["findings"]


def test_a_finding_cites_indicator_figure_rows_and_side_and_its_action_an_owner():
    (one,) = said(finding("cost.scope_shortfall"))
    assert (one["indicator"], one["figure"], one["side"]) == (
        "cost.schedule_ratio", "COST-01", "vendor"
    )  # fmt: skip
    assert one["rows"] == [{"table": "t", "key": "7"}]
    assert one["action"]["owner_role"] == "(role to be named)"
    assert "(date to be set)" in one["action"]["sentence"]


def test_a_finding_that_knows_its_side_keeps_it():
    (one,) = said(finding("problems.open_severe[P1]", side="vendor"))
    assert one["side"] == "vendor"
    assert FactorResult("cost", (), (finding("x", side="client"),)).findings[0].side == "client"


def test_of_equal_findings_the_one_that_costs_more_points_goes_first():
    # 0.20 of the total × 0.20 of cost × 100 lost on scope; × 0.15 × 50 on time
    values = (indicator("cost.scope_delivered", 0.60), indicator("cost.schedule_ratio", 0.25))
    found = said(finding("a", "cost.schedule_ratio"), finding("b", "cost.scope_delivered"),
                 values=values)  # fmt: skip
    assert [(item["id"], round(item["points"], 6)) for item in found] == [("b", 3.2), ("a", 1.5)]


def test_every_cited_figure_stands_in_the_notebook_of_its_factor(project):
    for name, entry in numbers()["findings"].items():
        (path,) = (project / "notebooks").glob(f"0?_{name.partition('.')[0]}.ipynb")
        code = "".join(cell.source for cell in nbformat.read(path, 4).cells)
        assert f'"{entry["figure"]}"' in code, name


def test_every_action_of_the_contract_has_a_side_a_size_and_a_step_that_proposes_it():
    (flow,) = efficiency.step_times(
        drawn(two_sides(), make_processes([{"process": "p", "annual_volume": 1000}]))
    ).findings
    types = {row["key"].replace(".action.", ".").removesuffix("_class") for row in CONTRACT}
    assert flow.action.type in types
    assert len(types) == 12
    for lang in ("en", "zh-Hans"):
        assert {f"score.size.{name}" for name in types} <= set(catalogue(lang))
    assert {family(name) for name in types} == types


@pytest.mark.parametrize(
    ("type", "size", "unit", "english", "chinese"),
    [("problems.open_severe", 511, "days", "open for 511 days", "已511天未解决"),
     ("efficiency.bypass", 1, "count", "1 order a month", "每月1张订单"),
     ("controls.floor_leak", 12500.4, "money", "CNY 12,500 below the floor", "低于底价CNY 12,500"),
     ("own.type", 12.0, "hours", "12.0 h", "12.0小时"), ("own.type", 3, "count", "", "")],
)  # fmt: skip
def test_a_size_says_what_it_measures(type, size, unit, english, chinese):
    action = {"type": type, "size": size, "size_unit": unit}
    assert size_text(action, "CNY", "en") == english
    assert size_text(action, "CNY", "zh-Hans") == chinese


def test_a_figure_of_the_appendix_is_cited_with_its_place():
    from types import SimpleNamespace as Part

    shown, further = (Part(id=f"CTRL-{n}", anchor=f"controls-{n}") for n in ("01", "11"))
    section = Part(figures=(shown,), further_figures=(further,))
    assert anchors_of([section]) == {"CTRL-01": "controls-01", "CTRL-11": "controls-11"}

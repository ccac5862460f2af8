"""What is published: results.json, sentences in both languages, steps, figures, history."""

import json
import re

import pandas as pd
import pytest
from score_cases import STRONG, absent, case, client, indicator

from crm_eval_lib import charts, scorecard
from crm_eval_lib.errors import UsageError
from crm_eval_lib.results import Action, Caveat, FactorResult, Finding, Message
from crm_eval_lib.scorecard import score
from crm_eval_lib.scorecard.findings import top_actions
from crm_eval_lib.text import catalogue, language, say

LANGUAGES = ("en", "zh-Hans")
SENTENCE = Message("score.sentence.matrix_none", {})


def _finding(id, severity, of="cost.schedule_ratio", action=None):
    return Finding(id, of.split(".")[0], of, severity, SENTENCE, (("actuals", "7"),), action)


def _action(type):
    return Action(type, Message("score.reason.waived", {"reason": "r", "role": "x"}))


def _with_findings(*findings):
    first, *rest = case()
    return [FactorResult(first.factor, first.indicators, tuple(findings)), *rest]


@pytest.fixture
def card():
    return score(
        [*case(indicator("cost.schedule_ratio", 0.25, low=0.1, high=0.4, tables=("budget",)),
               absent("controls.coverage"))],
        client=client(),
    )  # fmt: skip


def test_results_have_the_structure_of_the_contract(card):
    data = card.to_dict()
    assert {"schema", "client", "language", "status_date", "indicators", "findings", "factors",
            "overall", "provenance"} <= set(data)  # fmt: skip
    assert (data["schema"], data["client"], data["status_date"]) == (1, "acme", "2025-08-31")
    assert {"id", "state", "value", "low", "high", "confidence", "p", "unit", "n", "score", "grade",
            "rung", "tables", "reason", "parts"} <= set(data["indicators"][0])  # fmt: skip
    assert {"id", "state", "score", "low", "high", "bounds", "weight"} <= set(data["factors"][0])
    assert {"score", "assessed_score", "low", "high", "bounds", "band", "p_pass", "uncapped",
            "capped_by", "equal_weights_score"} <= set(data["overall"])  # fmt: skip
    assert {"fingerprint", "inputs", "parameters", "versions", "protocol",
            "generated_at"} <= set(data["provenance"])  # fmt: skip


def test_results_are_plain_json_and_the_weights_add_to_one(card):
    data = json.loads(json.dumps(card.to_dict(), allow_nan=False))
    assert sum(item["weight"] for item in data["factors"]) == pytest.approx(1)
    assert [item["id"] for item in data["factors"]] == [
        "cost",
        "problems",
        "efficiency",
        "controls",
    ]


def test_every_state_without_a_value_has_none_and_a_reason(card):
    for item in card.to_dict()["indicators"]:
        if item["state"] in ("not_assessed", "not_applicable"):
            assert item["value"] is None
            assert item["reason"] and item["reason_key"]


def test_reasons_are_sentences_of_the_reports_language():
    chinese = client()
    chinese.language = "zh-Hans"
    data = score(case(absent("cost.accepted_share")), client=chinese).to_dict()
    item = next(i for i in data["indicators"] if i["id"] == "cost.accepted_share")
    assert item["reason"] == "没有可用的数据表记录：事件日志（events）。"
    assert item["reason_key"] == "core.reason.missing_table"


def test_publish_writes_results_and_tables_and_nothing_without_a_folder(card, tmp_path):
    assert card.publish(None) is card
    card.publish(tmp_path, generated_at="2025-09-01T00:00:00+00:00")
    data = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert data["provenance"]["generated_at"] == "2025-09-01T00:00:00+00:00"
    assert (tmp_path / "tables" / "score.factors.csv").is_file()
    assert "Message" not in (tmp_path / "tables" / "score.vetoes.csv").read_text("utf-8-sig")


def test_factor_results_are_read_from_a_run_folder(tmp_path):
    for result in case():
        result.publish(tmp_path)
    loaded = scorecard.load_results(tmp_path)
    assert score(loaded).overall == score(case()).overall


def test_a_run_folder_without_results_says_what_to_do(tmp_path):
    with pytest.raises(UsageError, match="Run the factor notebooks first"):
        scorecard.load_results(tmp_path)


def test_findings_are_ordered_by_severity_times_certainty():
    weak = indicator("cost.review_coverage", 0.5, tables=("problems",))  # C: 4 × 0.5 = 2
    strong = indicator("cost.schedule_ratio", 0.5)  # B: 3 × 1 and 1 × 1
    findings = (
        _finding("cost.grave_but_weak", 4, "cost.review_coverage"),
        _finding("cost.light", 1),
        _finding("cost.sure", 3),
    )
    card = score([FactorResult("cost", (weak, strong), findings)])
    names = [item.finding.id for item in card.findings]
    assert names == ["cost.sure", "cost.grave_but_weak", "cost.light"]


@pytest.mark.parametrize(
    ("table", "grade", "verb"),
    [("budget", "B", "indicates"), ("progress", "C", "is consistent with"),
     ("labour_estimate", "D", "is said to")],
)  # fmt: skip
def test_the_verb_follows_the_grade(table, grade, verb):
    item = indicator("cost.schedule_ratio", 0.1, low=0.0, high=0.2, tables=(table,))
    card = score([FactorResult("cost", (item,), (_finding("cost.x", 3),))])
    assert (card.findings[0].grade, card.to_dict()["findings"][0]["verb"]) == (grade, verb)


def test_a_grave_finding_from_a_register_goes_before_a_lesser_one_that_is_certain():
    # by severity x certainty alone it would be 5 x 0.5 = 2.5 against 4 x 1
    register = indicator("controls.critical_failed", 1, tables=("controls",))
    strong = indicator("cost.schedule_ratio", 0.2)
    findings = (
        _finding("cost.sure", 4),
        _finding("controls.a_failed", 5, "controls.critical_failed"),
        _finding("controls.off", 5, "controls.critical_failed", _action("controls.critical_off")),
    )
    card = score([FactorResult("controls", (register, strong), findings)])
    names = [item.finding.id for item in card.findings]
    assert names == ["controls.off", "controls.a_failed", "cost.sure"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_simulated_probability_is_never_printed_as_certain(lang):
    card = score(case())
    assert card.overall.p_pass == 1.0
    with language(lang):
        sentence = say(scorecard.verdict(card).sentence, lang)
    assert ">99%" in sentence and "100%" not in sentence


def test_a_verb_slot_in_a_finding_is_filled():
    slots = {"problem_id": "P1", "title": "slow", "severity": 5}
    sentence = Message("problems.finding.open_severe_undated", slots)
    finding = Finding("problems.open_severe[P1]", "problems", "problems.open_high", 5, sentence)
    item = indicator("problems.open_high", 1, tables=("problems",))
    card = score([FactorResult("problems", (item,), (finding,))])
    said = card.to_dict()["findings"][0]["sentence"]
    assert said.startswith("The register is consistent with the view that problem P1")


def test_actions_are_one_of_each_type_and_three_at_most():
    types = ["a", "a", "b", "c", "d"]
    findings = [_finding(f"cost.{i}", 5, action=_action(t)) for i, t in enumerate(types)]
    card = score(_with_findings(*findings, _finding("cost.z", 5)))
    chosen = top_actions(card.findings)
    assert [item.finding.action.type for item in chosen] == ["a", "b", "c"]


def test_the_clients_answer_names_owner_and_date():
    sentence = Message("problems.action.no_evidence", {"n": 3, "m": 1})
    action = Action("problems.no_evidence", sentence)
    answers = pd.DataFrame({"action_id": ["A1"], "finding": ["cost.x"],
                            "owner_role": ["head of sales"],
                            "due_on": [pd.Timestamp("2025-10-01")]})  # fmt: skip
    blank = score(_with_findings(_finding("cost.x", 3, action=action))).to_dict()
    assert "(role to be named)" in blank["findings"][0]["action"]["sentence"]
    card = score(_with_findings(_finding("cost.x", 3, action=action)),
                 client=client({"actions": answers}))  # fmt: skip
    said = card.to_dict()["findings"][0]["action"]
    assert "head of sales" in said["sentence"] and "2025-10-01" in said["sentence"]
    assert said["owner_role"] == "head of sales"


def test_a_finding_on_something_not_applicable_is_dropped():
    waiver = {"cost.schedule_ratio": {"reason": "no plan", "role": "owner"}}
    card = score(_with_findings(_finding("cost.x", 3)), client=client(not_applicable=waiver))
    assert card.findings == ()


def test_a_caveat_known_to_gate_and_client_appears_once():
    caveat = Caveat(Message("core.reason.missing_table", {"tables": ["x"]}))
    told = client()
    told.caveats = (caveat,)
    gate = FactorResult("data_check", (), (), (caveat,))
    assert score([gate, *case()], client=told).caveats == (caveat,)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_step_says_itself_in_both_languages(card, lang):
    with language(lang):
        for step in scorecard.all_steps(card):
            assert say(step.sentence, lang)
            assert "text/html" in step._repr_mimebundle_()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "changed",
    [[], [absent("controls.coverage")], [indicator("controls.critical_failed", 1)]],
)
def test_the_verdict_can_be_said_whatever_is_missing(lang, changed):
    whole = score(case(*changed))
    for results in (whole, score(case(*changed)[:3]), score(case()[:1]), score([])):
        for step in scorecard.all_steps(results):
            assert say(step.sentence, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("plot", "step"),
    [(charts.plot_factor_scores, scorecard.factor_scores),
     (charts.plot_indicator_scores, scorecard.indicator_scores),
     (charts.plot_sensitivity, scorecard.sensitivity), (charts.plot_matrix, scorecard.matrix)],
)  # fmt: skip
def test_every_figure_is_drawn_in_both_languages(card, plot, step, lang):
    figure = charts.figure("SCORE-01", plot, step(card), lang=lang)
    assert figure.svg.startswith("<svg") or "<svg" in figure.svg[:400]
    assert figure.headline and figure.alt


def test_a_factor_without_a_score_is_drawn_hollow(card):
    results = [r for r in case() if r.factor != "controls"]
    axes = charts.plot_factor_scores(scorecard.factor_scores(score(results)))
    hollow = [line for line in axes.lines if line.get_markerfacecolor() == "none"]
    assert len([line for line in hollow if line.get_marker() == "o"]) == 1


def test_the_matrix_shows_every_process_with_its_points():
    results = case(indicator("problems.solved_rate[process=quote]", 0.675),
                   indicator("problems.solved_rate[process=billing]", 0.95))  # fmt: skip
    table = scorecard.matrix(score(results)).table.set_index("process")
    assert table.loc["quote", "problems"] == pytest.approx(50)
    assert table.loc["quote", "efficiency_state"] == "good"
    assert table.loc["billing", "problems_state"] == "good"
    assert table.loc["billing", "controls_state"] == "not_assessed"


def test_the_matrix_scores_the_coverage_of_each_process():
    results = case(indicator("controls.coverage[process=quote]", 0.75))
    table = scorecard.matrix(score(results)).table.set_index("process")
    # from 0.50 → 0.95 that is 55.6 points
    assert table.loc["quote", "controls"] == pytest.approx(100 * 0.25 / 0.45)


def test_control_points_without_recorded_modes_say_nothing_of_their_process():
    controls = pd.DataFrame({"process": ["quote"], "required_mode": ["block"],
                             "configured_mode": [None]})  # fmt: skip
    table = scorecard.matrix(score(case(), client=client({"controls": controls}))).table
    assert "quote" not in set(table["process"].where(table["controls"].notna()))


def _report(card, day):
    return {**card.to_dict(), "status_date": day}


def test_the_change_since_the_last_report_is_like_for_like():
    before = _report(score(case(indicator("cost.schedule_ratio", 0.5))), "2024-08-31")
    now = score(case(absent("cost.review_coverage"), indicator("cost.schedule_ratio", 0.0)),
                previous=before)  # fmt: skip
    table = scorecard.change(now).table.set_index("factor")
    # without the 7 of review coverage: 15 of 93 went from 0 to 100 points
    assert table.loc["cost", "change"] == pytest.approx(100 * 15 / 93)
    assert table.loc["total", "change"] == pytest.approx(20 * 15 / 93)
    assert table.loc["problems", "change"] == 0


def test_the_total_beside_the_last_one_is_the_capped_one():
    before = _report(score(case()), "2024-08-31")
    now = score(case(indicator("controls.critical_unassured", 1)), previous=before)
    total = scorecard.change(now).table.set_index("factor").loc["total"]
    # V2 holds the total at 74; its factors alone would still make 100
    assert (total["before"], total["now"], total["change"]) == (100.0, 74.0, 0.0)


def test_earlier_values_are_scored_by_todays_anchors():
    before = _report(score(case(indicator("cost.schedule_ratio", 0.25))), "2024-08-31")
    config = {"scoring": {"anchors": {"cost.schedule_ratio": [0.25, 0.0]}}}
    now = score(case(), client=client(**config), previous=before)
    table = scorecard.change(now).table.set_index("factor")
    assert table.loc["cost", "before_alike"] == pytest.approx(85)


def test_earlier_weak_evidence_is_scored_at_its_worse_end_by_todays_anchors():
    item = indicator("problems.survey_better_share", 0.70, low=0.62, high=0.78, confidence=0.95,
                     tables=("estimates",))  # fmt: skip
    before = _report(score(case(item), draws=20), "2025-02-28")  # 100·(0.62 − 0.50)/0.30 = 40
    tables = {name: pd.DataFrame({"row": [1]}) for name in (*STRONG.values(), "estimates")}
    anchors = {"problems.survey_better_share": [0.58, 0.98]}  # 100·(0.62 − 0.58)/0.40 = 10
    now = score(case(item), client=client(tables, scoring={"anchors": anchors}), previous=before)
    row = scorecard.change(now).table.set_index("factor").loc["problems"]
    assert row["before_alike"] == row["now_alike"] == pytest.approx(91.0)


def test_the_last_report_is_the_latest_earlier_one(tmp_path):
    for day in ("2023-08-31", "2024-08-31", "2025-08-31"):
        folder = tmp_path / "history" / day
        folder.mkdir(parents=True)
        (folder / "results.json").write_text(json.dumps({"status_date": day}))
    found = scorecard.last_report(tmp_path, pd.Timestamp("2025-08-31"))
    assert found["status_date"] == "2024-08-31"
    assert scorecard.last_report("", None) is None


def test_both_catalogues_of_the_score_have_equal_keys():
    keys = [{key for key in catalogue(lang) if key.startswith("score.")} for lang in LANGUAGES]
    assert keys[0] == keys[1]


def test_the_notebook_calls_every_step_in_the_published_order(card, project):
    cells = json.loads((project / "notebooks" / "05_scorecard.ipynb").read_text("utf-8"))["cells"]
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    called = re.findall(r"scorecard\.(\w+)\(card(?:\)|, \*\*asked)", code)
    by_name = {function.__name__: function for function in vars(scorecard).values()
               if callable(function) and hasattr(function, "__name__")}  # fmt: skip
    shown = [by_name[name](card).name for name in called]
    assert shown == [step.name for step in scorecard.all_steps(card)]

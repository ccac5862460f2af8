"""A score is printed alike everywhere; what a client set without effect is named."""

import json
import re

import pandas as pd
import pytest
from click.testing import CliRunner
from score_cases import case, client, indicator

from crm_eval_lib import charts, scorecard
from crm_eval_lib.charts.figure import showable
from crm_eval_lib.cli.reports import list_reports
from crm_eval_lib.report.scores import score_text
from crm_eval_lib.results import FactorResult, Message, measured
from crm_eval_lib.scorecard import score
from crm_eval_lib.text import process_titles, say
from crm_eval_lib.text.cells import column_spec, printed_cell
from crm_eval_lib.text.formats import format_value

EDGE = [(59.7, "59.7"), (59.97, "59.9"), (61.4, "61"), (89.6, "89.6"), (100.0, "100")]
BANDS = {"pass": 60, "good": 75, "excellent": 90}


@pytest.mark.parametrize(("points", "printed"), EDGE)
def test_page_table_sentence_and_chart_print_the_same_digits(points, printed):
    assert score_text(points, BANDS, "en") == printed
    spec = column_spec("score", [points, 12.34], area="score")
    assert printed_cell(points, "score", spec, "en") == printed
    assert format_value(points, "score", lang="zh-Hans") == printed
    ends = {"low": points, "high": points}
    assert printed in say(Message("report.summary.interval", ends), "en")


@pytest.mark.parametrize(("points", "printed"), EDGE)
def test_the_list_prints_a_score_as_the_page_does(points, printed, tmp_path):
    folder = tmp_path / "somebody"
    folder.mkdir()
    overall = {"score": points, "band": "pass"}
    results = {
        "overall": overall,
        "status_date": "2025-05-31",
        "provenance": {"generated_at": "2025-06-01T08:00:00+00:00"},
    }
    (folder / "results.json").write_text(json.dumps(results), encoding="utf-8")
    said = CliRunner().invoke(list_reports, ["--reports", str(tmp_path)]).output
    assert re.search(rf"\s{re.escape(printed)}\s", said)


def test_columns_of_other_tables_are_no_scores():
    assert column_spec("score", [3.25, 4.5], area="problems") == "number"
    assert column_spec("down", [-2.5, 1.0], area="score") == "number"


def drawn(plot, step, lang):
    axes = plot(showable(step), lang=lang)
    names = [label.get_text() for label in (*axes.get_yticklabels(), *axes.get_xticklabels())]
    return names, [text.get_text() for text in axes.texts]


def test_charts_name_factors_and_bands_as_page_one_does():
    card = score(case(indicator("problems.weighted_solved_rate", 0.40)), draws=200)
    names, texts = drawn(charts.plot_factor_scores, scorecard.factor_scores(card), "en")
    assert {"Cost", "Problems", "Efficiency", "Controls"} <= set(names)
    assert "55 not met" in texts and not any("poor" in text for text in texts)
    names, texts = drawn(charts.plot_factor_scores, scorecard.factor_scores(card), "zh-Hans")
    assert "成本" in names and "55 未达标" in texts


def test_a_long_id_is_named_whole_beside_its_swing():
    hidden = indicator("controls.complaints.inversion_share[response]", 0.3, low=0.2, high=0.4)
    step = scorecard.sensitivity(score(case(hidden), draws=200))
    names, texts = drawn(charts.plot_sensitivity, step, "en")
    assert "Less important complaint served first · first response" in names
    assert texts == ["1.3"]  # 0.2 of an anchor span of 0.4: 50 points × 0.25 × 0.10


def test_charts_call_a_process_by_the_clients_title():
    lost = indicator("efficiency.sla_met_after[quote]", 0.7)
    step = scorecard.indicator_scores(score(case(lost), draws=200))
    with process_titles({"quote": "Dealers' orders"}):
        names, _ = drawn(charts.plot_indicator_scores, step, "en")
    assert any(name.endswith("· Dealers' orders") for name in names)


def said(config, *own):
    results = [*case(), FactorResult("adoption", own)] if own else case()
    return [(c.message.key, c.indicators) for c in score(results, client=client(**config)).caveats]


def test_anchors_of_an_indicator_that_never_came_are_named():
    scoring = {"anchors": {"adoption.activ_share": [0.4, 0.9]},
               "indicator_weights": {"adoption.activ_share": 100}}  # fmt: skip
    config = {"weights": {"adoption": 10}, "scoring": scoring}
    own = measured("adoption.active_share", 0.6, "ratio", tables=("access",))
    assert said(config, own) == [("score.caveat.no_indicator", ("adoption.activ_share",))]
    text = say(Message("score.caveat.no_indicator", {"id": "adoption.activ_share"}), "en")
    assert "adoption.activ_share" in text and "Compare the spelling" in text


def test_an_own_indicator_with_anchors_and_no_weight_is_named():
    config = {"weights": {"adoption": 10}, "scoring": {"anchors": {"adoption.share": [0, 1]}}}
    own = measured("adoption.share", 0.6, "ratio", tables=("access",))
    assert said(config, own) == [("score.caveat.half_rule", ("adoption.share",))]
    config["scoring"]["indicator_weights"] = {"adoption.share": 1}
    assert said(config, own) == []


def test_the_step_of_an_own_factor_in_the_readme_runs(project):
    text = (project / "README.md").read_text("utf-8")
    block = re.search(r"      from crm_eval_lib.results import.*?\n\n  In", text, re.DOTALL)[0]
    lines = [line[6:] for line in block.splitlines()[:-2]]
    known = {"pd": pd}
    exec("\n".join(lines), known)
    assert known["result"]["adoption.active_share"].value == 0.75


@pytest.mark.parametrize(("change", "leans"), [(-0.2, True), (0.2, False)])
def test_the_efficiency_score_says_that_it_leans_where_placebo_dates_chose_the_change(
    change, leans
):
    bounds = {"low": change - 0.1, "high": change + 0.1, "confidence": 0.95}
    gated = measured("efficiency.change[quote]", change, "ratio", **bounds, tables=("events",),
                     parts={"placebo_share": 0.0})  # fmt: skip
    step = scorecard.factor_scores(score(case(gated), draws=50))
    said = [say(caveat.message, lang) for caveat in step.caveats for lang in ("en", "zh-Hans")]
    assert len(said) == 2 * leans
    assert not leans or ("leans upwards within its range" in said[0] and "偏高" in said[1])

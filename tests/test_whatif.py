"""What if: other weights, anchors and money give what a run gives; the rest is not guessed."""

import json
import re
from types import SimpleNamespace

import pytest
from client_folder import make_client
from score_cases import SCORED, case, indicator

from crm_eval_lib.client import open_client
from crm_eval_lib.config import load_config
from crm_eval_lib.errors import UsageError
from crm_eval_lib.protocol import new_record, settings_of
from crm_eval_lib.protocol.record import Protocol
from crm_eval_lib.results import FactorResult, measured
from crm_eval_lib.scorecard import score
from crm_eval_lib.text import say
from crm_eval_lib.value import assess
from crm_eval_lib.whatif import Base, base_of, client_yml, what_if
from crm_eval_lib.whatif import base as whatif_base
from crm_eval_lib.whatif.base import started
from crm_eval_lib.whatif.frozen import frozen_words
from crm_eval_lib.whatif.shown import answer_html

FILES = {
    "budget.csv": "line_id,category,amount\nL1,services,1000\n",
    "actuals.csv": "txn_id,line_id,incurred_on,kind,amount\nA1,L1,2024-05-01,invoice,1000\n",
}
OWN = """\
weights: {cost: 10, problems: 30, efficiency: 25, controls: 25}
scoring:
  anchors: {cost.schedule_ratio: [0.6, 0.0]}
  indicator_weights: {cost.schedule_ratio: 20}
finance: {horizon_years: 2, realisation: 0.5}
"""
HALF = 0.25  # a value half way between the anchors 0.5 and 0 of cost.deviation_original


def results(realisation=0.5):
    """Every indicator at its best but for some; 1000 hours of 2 each saved, shown on rung R2."""
    found = {r.factor: r for r in case(indicator("cost.deviation_original", HALF),
                                       indicator("problems.weighted_solved_rate", 0.7, low=0.6,
                                                 high=0.8))}  # fmt: skip
    money = measured("efficiency.money_saved[quote]", 2000 * realisation, "money", rung="R2",
                     low=1000 * realisation, high=3000 * realisation, currency="CNY",
                     tables=("events",), parts={"potential": False, "realisation": realisation,
                                                "significant": True})  # fmt: skip
    efficiency = found["efficiency"]
    found["efficiency"] = FactorResult("efficiency", (*efficiency.indicators, money))
    return found


@pytest.fixture
def opened(tmp_path):
    """Open the client with these lines in its client.yml."""

    def opening(more=OWN):
        make_client(tmp_path, FILES, more=more)
        return open_client("acme", clients_dir=tmp_path)

    return opening


@pytest.fixture
def base(opened):
    return started(opened(), results())


def put_into(text: str, block: str) -> str:
    """Put the sections of a block in the place of those of the same name."""
    for section in re.findall(r"^(\w+):", block, flags=re.M):
        text = re.sub(rf"^{section}:.*\n(?:[ #].*\n)*", "", text, flags=re.M)
    return text + block


# ---- the numbers ------------------------------------------------------------------------------
def test_other_weights_give_the_weighted_mean_of_the_factors(base):
    scores = {item.factor: item.score for item in base.card.factors}
    answer = what_if(base, base.settings.but(weights={"cost": 60.0, "problems": 40.0}))
    weights = {"cost": 60, "problems": 40, "efficiency": 25, "controls": 25}
    expected = sum(weights[name] * scores[name] for name in weights) / 150
    assert answer.overall.score == pytest.approx(expected)


def test_other_anchors_give_other_points(base):
    answer = what_if(base, base.settings.but(anchors={"problems.weighted_solved_rate": (0.5, 0.9)}))
    points = answer.card.indicators["problems.weighted_solved_rate"].score
    # without the table it rests on its grade is D: its worse end 0.6 is a quarter of 0.5 to 0.9
    assert points == pytest.approx(25.0)


def test_realisation_and_rate_give_the_net_present_value_by_hand(base):
    answer = what_if(base, base.settings.but(realisation=0.75, discount_rate=0.25))
    # 2000 hours' worth a year × 0.75 = 1500, over two years at 25 %: 1200 + 960 − 1000 spent
    assert answer.worth["value.npv"].value == pytest.approx(1160.0)


def test_money_that_was_counted_at_nothing_is_not_guessed(opened):
    client = opened(OWN.replace("realisation: 0.5", "realisation: 0.0"))
    base = started(client, results(realisation=0.0))
    answer = what_if(base, base.settings.but(realisation=0.5))
    assert [m.key for m in answer.needs_run] == ["whatif.needs_run.realisation"]


def test_a_what_if_changes_nothing_it_starts_from(base):
    config, before = base.client.config.model_dump(), base.card.overall
    what_if(base, base.settings.but(weights={"cost": 90.0}, realisation=1.0))
    assert base.client.config.model_dump() == config
    assert what_if(base, base.settings).overall == before


# ---- written out ------------------------------------------------------------------------------
def test_the_block_put_into_client_yml_gives_the_numbers_of_the_what_if(base, opened, tmp_path):
    settings = base.settings.but(
        weights={"problems": 55.5}, discount_rate=0.07, realisation=0.8,
        anchors={"problems.weighted_solved_rate": (0.45, 0.9), "cost.schedule_ratio": (0.4, 0.1)},
    )  # fmt: skip
    asked = what_if(base, settings)
    config = tmp_path / "acme" / "client.yml"
    config.write_text(put_into(config.read_text("utf-8"), client_yml(base, settings)), "utf-8")
    client, again = open_client("acme", clients_dir=tmp_path), results(realisation=0.8)
    card = score(again, client=client)
    assert card.overall == asked.overall and card.factors == asked.card.factors
    assert assess(client, again)["value.npv"] == asked.worth["value.npv"]


def test_the_block_repeats_what_else_stands_in_a_section(base):
    block = client_yml(base, base.settings.but(anchors={"cost.schedule_ratio": (0.4, 0.0)}))
    assert block == (
        "scoring:\n  anchors:\n    cost.schedule_ratio: [0.4, 0]\n"
        "  indicator_weights: {cost.schedule_ratio: 20.0}\n"
    )


def test_dates_and_confidence_are_written_so_that_client_yml_reads_them(base, tmp_path):
    settings = base.settings.but(confidence=0.9, blackout=("2024-09-02", "2024-12-31"))
    config = tmp_path / "acme" / "client.yml"
    config.write_text(put_into(config.read_text("utf-8"), client_yml(base, settings)), "utf-8")
    read = load_config(config.parent)
    assert [f"{day:%Y-%m-%d}" for day in read.dates.blackout] == list(settings.blackout)
    assert read.dates.status_date == base.client.config.dates.status_date
    assert read.parameters["03_efficiency"] == {"confidence": 0.9}


def test_without_a_change_there_is_nothing_to_write(base):
    assert client_yml(base, base.settings) == ""


# ---- what is said beside ----------------------------------------------------------------------
def test_a_setting_nobody_knows_gets_the_nearest(base):
    with pytest.raises(UsageError, match="no 'cots' – did you mean 'cost'"):
        base.settings.but(weights={"cots": 1.0})
    with pytest.raises(UsageError, match="no 'realization' – did you mean 'realisation'"):
        base.settings.but(realization=0.4)


@pytest.mark.parametrize("asked", [
    {"confidence": 1.0}, {"confidence": 95}, {"confidence": "0.9"}, {"realisation": 50},
    {"discount_rate": 1.0}, {"discount_rate": "10%"}, {"weights": 5}, {"anchors": [0.5, 0.9]},
    {"blackout": ("2024-11-30", "2024-09-02")},
    {"blackout": ("2024-13-01", "2024-13-02")}, {"blackout": ("2024-09-02",)},
])  # fmt: skip
def test_what_no_run_would_take_is_refused_with_what_is_allowed(base, asked):
    with pytest.raises(UsageError, match=rf"what-if, {next(iter(asked))}: found .*; allowed: "):
        base.settings.but(**asked)


def test_a_client_without_a_report_is_told_to_run_first(tmp_path, opened):
    opened()
    with pytest.raises(UsageError, match="Make one first: crm-eval run acme"):
        base_of("acme", clients_dir=tmp_path, reports_dir=tmp_path / "reports")
    with pytest.raises(
        UsageError, match=r"mean 'acme'\?$"
    ):  # the nearest, not a run of what is not there
        base_of("acne", clients_dir=tmp_path, reports_dir=tmp_path / "reports")


@pytest.mark.parametrize("name", ["results.json", "results/cost.json"])
def test_a_damaged_report_is_told_with_the_remedy(tmp_path, opened, monkeypatch, name):
    opened()
    report = tmp_path / "reports" / "acme"
    FactorResult("cost", ()).publish(report)
    sound = {"provenance": {"parameters": {"score": {"seed": 1, "draws": 9}}}}
    (report / "results.json").write_text(json.dumps(sound))
    (report / name).write_text("{")
    monkeypatch.setattr(whatif_base, "read_record", lambda _: SimpleNamespace(settings={}))
    with pytest.raises(UsageError, match=r"cannot be read .* crm-eval run acme --force"):
        base_of("acme", clients_dir=tmp_path, reports_dir=report.parent)


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_a_frozen_protocol_is_shown_as_such(base, lang):
    circumstances = {"frozen_at": "2024-01-05T08:00:00+00:00", "status_date": "2025-08-31",
                     "outcome_tables": [], "reports": []}  # fmt: skip
    record = new_record(settings_of(base.client, {}), circumstances)
    frozen = Base(**{**vars(base), "protocol": Protocol((record,))})
    asked = frozen.settings.but(weights={"cost": 40.0})
    page = answer_html(frozen, what_if(frozen, asked), lang)
    assert [m.key for m in frozen_words(frozen, frozen.settings)] == ["whatif.protocol.frozen"]
    assert {"en": "departs from the protocol of", "zh-Hans": "的评价方案有1处不同：权重"}[
        lang
    ] in page


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_score_interval_probability_and_flip_points_are_shown(base, lang):
    answer = what_if(base, base.settings.but(weights={"cost": 40.0}))
    page = answer_html(base, answer, lang)
    assert f"{answer.overall.score:.0f}" in page and say(answer.flips.sentence, lang) in page
    assert {"en": "probability", "zh-Hans": "概率"}[lang] in page
    assert page.count("<table>") == 2  # the factors, and the weights at which the band flips


# ---- the sliders ------------------------------------------------------------------------------
@pytest.fixture
def view(base):
    from crm_eval_lib.whatif.view import View

    return View(base)


def test_a_slider_redraws_and_the_button_writes_the_block(view, base):
    view.sliders["cost"].value = 40
    assert view.settings == base.settings.but(weights={"cost": 40.0})
    view.write.click()
    assert "weights: {cost: 40, problems: 30, efficiency: 25, controls: 25}" in view.block.value
    assert view.block.value.startswith("# Put these sections in the place")


def test_sliders_nobody_moved_leave_everything_as_client_yml_has_it(view, base):
    view.sliders["realisation"].value = 0.6
    view.sliders["realisation"].value = 0.5
    assert view.settings == base.settings


def test_anchors_of_one_indicator_stay_when_another_is_chosen(view, base):
    view.indicator.value = "problems.weighted_solved_rate"
    view.ends[0].value = 0.5
    view.indicator.value = "cost.schedule_ratio"
    assert view.settings.anchors["problems.weighted_solved_rate"] == (0.5, 0.95)
    assert view.settings.anchors["cost.schedule_ratio"] == (0.6, 0.0)
    assert (view.ends[0].value, view.ends[1].value) == (0.6, 0.0)


def test_anchors_that_turn_round_are_put_back(view):
    view.indicator.value = "problems.weighted_solved_rate"
    view.ends[0].value = 0.99  # beyond the full point: a better value would score less
    assert view.settings.anchors["problems.weighted_solved_rate"] == (0.4, 0.95)
    assert view.ends[0].value == 0.4


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_weights_that_are_all_zero_get_a_sentence_and_no_block(view, lang):
    view.lang = lang
    for name in ("cost", "problems", "efficiency", "controls"):
        view.sliders[name].value = 0
    said = {"en": "Give one factor a weight above zero", "zh-Hans": "大于零的权重"}[lang]
    assert said in view.shown.value and "<table" not in view.shown.value
    view.write.click()
    assert said in view.block.value and "weights:" not in view.block.value
    view.reset.click()
    assert "<table" in view.shown.value


def test_both_sides_of_a_plateau_move_and_are_hidden_where_there_is_one(view):
    view.indicator.value = "cost.deviation_original"  # 0.5 to 0, and −0.15 to −0.65 below
    view.ends[3].value = -0.8
    assert view.settings.anchors["cost.deviation_original"] == (0.5, 0.0, -0.15, -0.8)
    view.ends[2].value = 0.1  # beyond the full point of the other side
    assert view.settings.anchors["cost.deviation_original"] == (0.5, 0.0, -0.15, -0.8)
    view.indicator.value = "cost.schedule_ratio"
    assert [end.layout.display for end in view.ends] == [None, None, "none", "none"]


def test_a_transition_is_asked_in_days_from_go_live_and_taken_back(view, base):
    view.sliders["blackout"].value = 30
    assert view.settings.blackout == ("2024-09-02", "2024-10-01")
    view.reset.click()
    assert view.settings == base.settings and view.sliders["blackout"].value == 0


def test_a_redraw_reads_no_table_but_those_of_judgements_and_actions(base, monkeypatch):
    # the evidence is graded once; docs/performance.md has the time itself
    kind, asked = type(base.client.tables), []
    monkeypatch.setattr(kind, "__getitem__", lambda self, name: asked.append(name))
    score(base.results, client=base.client, around=base.around, **base.card.options)
    assert set(asked) <= {"actions", "judgements"}


def test_every_scored_id_of_the_contract_can_be_asked(view):
    offered = {name for _, name in view.indicator.options}
    assert {id.split("[")[0] for id, _, _ in SCORED} <= offered

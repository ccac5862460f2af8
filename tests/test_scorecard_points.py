"""Points, weights and states of indicators; expected values by hand from the contract."""

import pandas as pd
import pytest
from score_cases import SCORED, absent, case, client, indicator

from crm_eval_lib.errors import ConfigError
from crm_eval_lib.results import not_applicable
from crm_eval_lib.results.message import Message
from crm_eval_lib.scorecard import points, roc_weights, rules_for, score
from crm_eval_lib.scorecard.value import span, value_at, worst_end

TWO_SIDED = [0.50, 0.0, -0.15, -0.65]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.127, 74.6), (0.20, 60.0), (0.27, 46.0), (-0.10, 100.0), (-0.40, 50.0), (0.9, 0.0),
     (-0.9, 0.0)],
)  # fmt: skip
def test_the_two_sided_budget_anchor_scores_overspending_and_underspending(value, expected):
    assert points(value, TWO_SIDED) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("value", "anchors", "expected"),
    [(0.20, [0.50, 0.0], 60.0), (0.80, [0.50, 1.0], 60.0), (0.73, [0.40, 0.95], 60.0),
     (1, [4, 0], 75.0), (-0.15, [0.0, -0.30], 50.0), (0.005, [0.02, 0.0], 75.0)],
)  # fmt: skip
def test_a_straight_line_runs_between_the_anchors(value, anchors, expected):
    assert points(value, anchors) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("id", "full", "zero"), SCORED)
def test_every_default_anchor_is_that_of_the_contract(id, full, zero):
    anchors = rules_for().anchors[id.split("[")[0]]
    assert points(full, anchors) == 100.0
    assert points(zero, anchors) == 0.0


def test_the_weights_inside_each_factor_are_those_of_the_contract():
    weights = rules_for().indicator_weights
    by_factor = [[w for name, w in weights.items() if name.startswith(f)]
                 for f in ("cost", "problems", "efficiency", "controls")]  # fmt: skip
    assert by_factor[0] == [35, 15, 20, 5, 10, 7, 4, 4]
    assert by_factor[1] == [45, 15, 10, 5, 10, 10, 5]
    assert by_factor[2] == [40, 20, 10, 10, 10, 10]
    assert by_factor[3] == [30, 15, 10, 15, 10, 10, 5, 5]


def test_the_unfavourable_end_of_an_interval_is_the_one_that_scores_less():
    assert worst_end(0.10, 0.20, [0.50, 0.0]) == 60.0
    assert worst_end(0.60, 0.90, [0.50, 1.0]) == pytest.approx(20.0)
    assert worst_end(-0.40, 0.10, TWO_SIDED) == 50.0
    assert worst_end(0.10, None, [0.50, 0.0]) is None


def test_span_and_inverse_follow_the_anchors():
    assert span(TWO_SIDED, -0.4) == pytest.approx(0.5)
    assert span([0.0, -0.30], -0.1) == pytest.approx(0.3)
    assert value_at(25.0, [4, 0]) == 3.0


def test_rank_order_centroid_weights_of_four_are_the_published_ones():
    # Barron and Barrett 1996, four ranks
    assert roc_weights(4) == pytest.approx([0.5208, 0.2708, 0.1458, 0.0625], abs=6e-5)


def test_a_client_replaces_anchors_weights_and_bands():
    config = {"scoring": {"anchors": {"cost.schedule_ratio": [1.0, 0.0]},
                          "indicator_weights": {"cost.schedule_ratio": 50}},
              "bands": {"pass": 50, "good": 70, "excellent": 95}}  # fmt: skip
    card = score(case(indicator("cost.schedule_ratio", 0.5)), client=client(**config))
    assert card.indicators["cost.schedule_ratio"].score == 50.0
    assert card["cost"].score == pytest.approx((85 * 100 + 50 * 50) / 135)
    assert card.rules.bands["good"] == 70


@pytest.mark.parametrize(
    ("config", "words"),
    [({"weights": {"cost": 0, "problems": 0, "efficiency": 0, "controls": 0}}, "sum to zero"),
     ({"scoring": {"anchors": {"cost.cpi": [1.0, 1.0]}}}, "zero and full apart"),
     ({"scoring": {"veto": {"V9": False}}}, "unknown rule 'V9'"),
     ({"bands": {"pass": 80, "good": 75}}, "above the one before"),
     ({"weights": {"cost": -1}}, "allowed: a number from 0 up")],
)  # fmt: skip
def test_a_contradictory_setting_stops_with_its_place(config, words):
    with pytest.raises(ConfigError, match=words):
        rules_for(config)


def test_only_the_listed_indicators_are_scored_the_rest_is_measured():
    card = score(case(indicator("cost.cpi", 0.9)))
    assert card.indicators["cost.cpi"].state == "measured"
    assert card.indicators["cost.cpi"].score is None
    assert card.indicators["cost.schedule_ratio"].state == "scored"


def test_an_own_factor_counts_with_stated_weights_and_anchors():
    config = {"weights": {"adoption": 25},
              "scoring": {"anchors": {"adoption.active_share": [0.0, 1.0]},
                          "indicator_weights": {"adoption.active_share": 100}}}  # fmt: skip
    own = indicator("adoption.active_share", 0.4, tables=("own",))
    other = indicator("adoption.logins", 12.0, tables=("own",))
    card = score(case(own, other), client=client(**config))
    assert card["adoption"].score == pytest.approx(40.0)
    assert card["adoption"].weight == pytest.approx(25 / 125)
    assert card.indicators["adoption.logins"].state == "measured"


def test_not_applicable_takes_its_weight_out_of_the_factor():
    waiver = {"controls.price.unapproved_rate": {"reason": "no list", "role": "finance director"}}
    changed = absent("controls.price.unapproved_rate"), indicator("controls.coverage", 0.725)
    card = score(case(*changed), client=client(not_applicable=waiver))
    # coverage scores 50 with weight 30 of the 85 that are left
    assert card["controls"].score == pytest.approx((55 * 100 + 30 * 50) / 85)
    assert card["controls"].bounds[1] == pytest.approx(card["controls"].score)
    assert card.indicators["controls.price.unapproved_rate"].state == "not_applicable"


def test_a_waiver_removes_a_value_that_was_measured():
    waiver = {"cost.schedule_ratio": {"reason": "no plan", "role": "owner"}}
    card = score(case(), client=client(not_applicable=waiver))
    waived = card.indicators["cost.schedule_ratio"]
    assert (waived.state, waived.value, waived.score) == ("not_applicable", None, None)


def test_a_waiver_without_a_signing_role_is_refused():
    waiver = {"cost.schedule_ratio": {"reason": "no plan", "role": " "}}
    with pytest.raises(ConfigError, match="role that signs"):
        score(case(), client=client(not_applicable=waiver))


def test_a_waiver_of_the_plain_id_covers_all_keys():
    waiver = {"controls.uptime": {"reason": "no log", "role": "head of IT"}}
    card = score(case(absent("controls.uptime[C1]")), client=client(not_applicable=waiver))
    assert card["controls"].missing == ()


def test_a_notebook_alone_cannot_declare_a_scored_indicator_not_applicable():
    own = not_applicable("cost.schedule_ratio", "ratio", Message("core.reason.missing_table", {}))
    card = score(case(own))
    assert card.indicators["cost.schedule_ratio"].state == "not_assessed"
    assert "cost.schedule_ratio" in card["cost"].missing


def _judgements(**more):
    row = {"indicator_id": "cost.accepted_share", "score": 40.0, "reason": "seen",
           "judged_by_role": "auditor", "judged_on": pd.Timestamp("2025-08-01")}  # fmt: skip
    return {"judgements": pd.DataFrame([{**row, **more}]),
            "budget": pd.DataFrame({"row": [1]})}  # fmt: skip


def test_a_judgement_fills_a_not_assessed_indicator_with_grade_c():
    card = score(case(absent("cost.accepted_share")), client=client(_judgements()))
    judged = card.indicators["cost.accepted_share"]
    assert (judged.state, judged.score, judged.grade) == ("judged", 40.0, "C")
    assert judged.value == pytest.approx(0.7)  # 0.50 → 1.00, 40 % of the way


def test_a_judgement_never_replaces_a_measurement():
    card = score(case(indicator("cost.accepted_share", 1.0)), client=client(_judgements()))
    assert card.indicators["cost.accepted_share"].score == 100.0


def test_a_judgement_made_after_the_status_date_is_not_seen():
    late = _judgements(judged_on=pd.Timestamp("2025-09-01"))
    card = score(case(absent("cost.accepted_share")), client=client(late))
    assert card.indicators["cost.accepted_share"].state == "not_assessed"


def test_a_judgement_of_an_unknown_indicator_is_named():
    card = score(case(), client=client(_judgements(indicator_id="cost.acepted_share")))
    assert [c.indicators for c in card.caveats] == [("cost.acepted_share",)]

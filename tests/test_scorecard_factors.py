"""Factors: keys, evidence credit, bounds, grade D; arithmetic by hand."""

import pytest
from score_cases import absent, case, client, indicator

from crm_eval_lib.results import FactorResult, Message, measured
from crm_eval_lib.scorecard import score
from crm_eval_lib.scorecard.keys import evaluated_processes, expected_ids


def _indicators(results):
    return {item.id: item for result in results for item in result.indicators}


def test_a_factor_is_the_weighted_mean_of_its_indicators():
    card = score(case(indicator("cost.deviation_original", 0.127)))
    assert card["cost"].score == pytest.approx((35 * 74.6 + 65 * 100) / 100)


def test_the_missing_ones_open_the_bounds_and_do_not_move_the_score():
    card = score(case(absent("cost.scope_delivered"), indicator("cost.schedule_ratio", 0.25)))
    # assessed: 80 of 100, of which 15 at 50 points
    assert card["cost"].score == pytest.approx((65 * 100 + 15 * 50) / 80)
    assert card["cost"].bounds[1] == pytest.approx(65 + 7.5 + 20)
    assert card["cost"].missing == ("cost.scope_delivered",)


def test_the_lower_bound_assumes_that_an_unchecked_veto_holds():
    card = score(case(absent("cost.scope_delivered")))
    # without veto it would be 80; undelivered scope (V4) would cap the factor at 59
    assert card["cost"].bounds == (59.0, 100.0)


def test_an_indicator_nobody_published_counts_as_missing():
    card = score(case(without=("cost.review_coverage",)))
    assert card.indicators["cost.review_coverage"].state == "not_assessed"
    assert card["cost"].bounds == (pytest.approx(93.0), 100.0)


def test_evidence_of_grade_c_in_everything_is_just_enough():
    weak = [indicator(f"problems.{name}", 0.5, tables=("problems",)) for name in
            ("weighted_solved_rate", "engagement", "proactive_share", "late_found_share",
             "survey_better_share", "reopen_rate")]  # fmt: skip
    weak.append(measured("problems.open_high", 0, "count", tables=("problems",)))
    card = score(case(*weak))
    assert (card["problems"].state, card["problems"].evidence) == ("scored", 0.5)
    fewer = score(case(*weak[:-1], absent("problems.open_high")))
    assert fewer["problems"].state == "indicative"


def test_one_good_table_does_not_buy_a_score():
    ids = ("deviation_original", "schedule_ratio", "scope_delivered", "baseline_complete")
    card = score(case(*(absent(f"cost.{name}") for name in ids)))
    assert (card["cost"].state, card["cost"].score) == ("indicative", None)
    assert card["cost"].bounds == (pytest.approx(20.0), 100.0)
    assert card["cost"].low is None


def test_a_factor_with_nothing_assessed_is_not_assessed():
    card = score([r for r in case() if r.factor != "controls"])
    assert (card["controls"].state, card["controls"].bounds) == ("not_assessed", (0.0, 100.0))


def test_evidence_credit_decides_but_never_moves_the_score():
    strong, weak = (
        score(case(indicator("cost.schedule_ratio", 0.25, tables=(table,))))
        for table in ("budget", "progress")
    )
    assert weak["cost"].evidence == pytest.approx(strong["cost"].evidence - 0.5 * 0.15)
    assert weak["cost"].score == strong["cost"].score


def test_grade_d_scores_at_the_unfavourable_end():
    weak = indicator("cost.schedule_ratio", 0.1, low=0.05, high=0.25, tables=("labour_estimate",))
    card = score(case(weak))
    item = card.indicators["cost.schedule_ratio"]
    assert (item.grade, item.state, item.score) == ("D", "scored", 50.0)


def test_grade_d_without_an_interval_is_not_scored():
    card = score(case(indicator("cost.schedule_ratio", 0.1, tables=("labour_estimate",))))
    item = card.indicators["cost.schedule_ratio"]
    assert (item.grade, item.state, item.score) == ("D", "measured", None)
    assert "cost.schedule_ratio" in card["cost"].missing


def test_processes_up_to_the_one_that_crosses_eighty_per_cent_are_evaluated():
    shares = {"a": 0.5, "b": 0.25, "c": 0.15, "d": 0.10}
    found = {f"efficiency.priority[{k}]": indicator(f"efficiency.priority[{k}]", v)
             for k, v in shares.items()}  # fmt: skip
    assert list(evaluated_processes(found)) == ["a", "b", "c"]  # 0.75 is not yet 0.80
    assert expected_ids("efficiency.change", found) == {
        "efficiency.change[a]": pytest.approx(0.5 / 0.9),
        "efficiency.change[b]": pytest.approx(0.25 / 0.9),
        "efficiency.change[c]": pytest.approx(0.15 / 0.9),
    }


def test_reaching_eighty_per_cent_exactly_is_enough():
    shares = {"a": 0.7, "b": 0.1, "c": 0.2}
    found = {f"efficiency.priority[{k}]": indicator(f"efficiency.priority[{k}]", v)
             for k, v in {**shares, "a": 0.6, "c": 0.2, "b": 0.2}.items()}  # fmt: skip
    assert list(evaluated_processes(found)) == ["a", "b"]  # 0.6 + 0.2; ties by name


def test_keys_are_scored_one_by_one_and_weighed_by_priority():
    changed = [
        indicator("efficiency.priority[quote]", 0.6),
        indicator("efficiency.priority[b]", 0.4),
    ]
    changed += [
        indicator("efficiency.change[quote]", -0.30),
        indicator("efficiency.change[b]", 0.0),
    ]
    card = score(case(*changed))
    # change: 40 × (0.6·100 + 0.4·0); of the other five only the 0.6 of quote is there
    earned, assessed = 40 * 60 + 60 * 0.6 * 100, 40 + 60 * 0.6
    assert card["efficiency"].score == pytest.approx(earned / assessed)
    assert card["efficiency"].bounds[1] == pytest.approx((earned + 100 * 24) / 100)


def test_a_process_below_the_eighty_per_cent_is_shown_but_not_scored():
    changed = [
        indicator("efficiency.priority[quote]", 0.9),
        indicator("efficiency.priority[b]", 0.1),
        indicator("efficiency.change[b]", 0.5),
    ]
    card = score(case(*changed))
    assert card.indicators["efficiency.change[b]"].state == "measured"
    assert card["efficiency"].score == 100.0


def test_without_any_priority_all_processes_count_alike():
    changed = [indicator("efficiency.change[b]", 0.0), absent("efficiency.priority[quote]")]
    ids = expected_ids("efficiency.change", _indicators(case(*changed)))
    assert ids == {"efficiency.change[b]": 0.5, "efficiency.change[quote]": 0.5}


def test_a_reason_published_for_the_whole_indicator_reaches_its_missing_keys():
    changed = absent("efficiency.in_system_share", tables=("processes",))
    card = score(case(changed, without=("efficiency.in_system_share[quote]",)))
    item = card.indicators["efficiency.in_system_share[quote]"]
    assert (item.state, item.tables) == ("not_assessed", ("processes",))


def test_uptime_is_weighed_by_risk_over_the_critical_points():
    points = {"C1": (20, True, 1.0), "C2": (5, True, 0.95), "C3": (25, False, 0.0)}
    changed = [
        indicator(f"controls.uptime[{key}]", value, parts={"risk": risk, "critical": critical})
        for key, (risk, critical, value) in points.items()
    ]
    card = score(case(*changed))
    assert card["controls"].score == pytest.approx(95 + 5 * 20 / 25)
    assert card.indicators["controls.uptime[C3]"].state == "measured"


def test_uptime_without_published_risk_counts_every_point_alike():
    changed = [indicator("controls.uptime[C1]", 1.0), indicator("controls.uptime[C2]", 0.95)]
    assert score(case(*changed))["controls"].score == pytest.approx(97.5)


def test_inversions_mean_those_of_the_response():
    resolution = indicator("controls.complaints.inversion_share[resolution]", 0.5)
    card = score(case(resolution))
    assert card["controls"].score == 100.0
    assert card.indicators[resolution.id].state == "measured"


def test_a_weight_of_zero_takes_an_indicator_out():
    config = {"scoring": {"indicator_weights": {"cost.schedule_ratio": 0}}}
    card = score(case(indicator("cost.schedule_ratio", 0.5)), client=client(**config))
    assert card["cost"].score == 100.0
    assert card.indicators["cost.schedule_ratio"].score == 0.0


def test_an_own_factor_without_a_weight_is_said_not_to_count():
    own = FactorResult("adoption", (measured("adoption.active_share", 0.7, "ratio"),))
    said = [caveat.message for caveat in score([own]).caveats]
    assert Message("score.caveat.no_weight", {"factor": "adoption"}) in said

"""The total, its band, its uncertainty and what it hangs on."""

import time

import numpy as np
import pytest
from score_cases import SCORED, absent, case, client, indicator

from crm_eval_lib.scorecard import flip_weights as flip_step
from crm_eval_lib.scorecard import score, uncertainty, verdict
from crm_eval_lib.scorecard.sensitivity import flip_weights, narrowing_tables, tornado
from crm_eval_lib.scorecard.total import band_of, band_range, likelihood
from crm_eval_lib.scorecard.uncertainty import Simulation, Spread, indicator_draws
from crm_eval_lib.text import say
from crm_eval_lib.text.formats import printed

BANDS = {"pass": 60, "good": 75, "excellent": 90}
MIDDLING = {
    "cost.deviation_original": 0.25,  # 50
    "problems.weighted_solved_rate": 0.675,  # 50
    "efficiency.change[quote]": -0.15,  # 50
    "controls.coverage": 0.725,  # 50
}


def _middling(**more):
    return [indicator(id, value, **more) for id, value in MIDDLING.items()]


def test_the_total_weighs_the_factors_twenty_thirty_twentyfive_twentyfive():
    card = score(case(*_middling()))
    factors = {"cost": 82.5, "problems": 77.5, "efficiency": 80.0, "controls": 85.0}
    assert {f.factor: f.score for f in card.factors} == pytest.approx(factors)
    expected = 0.20 * 82.5 + 0.30 * 77.5 + 0.25 * 80 + 0.25 * 85
    assert card.overall.score == pytest.approx(expected)
    assert card.overall.equal_weights_score == pytest.approx(sum(factors.values()) / 4)


def test_without_one_factor_there_is_an_assessed_score_and_bounds_but_no_total():
    card = score([r for r in case(*_middling()) if r.factor != "controls"])
    assert card.overall.score is None
    assert card.overall.assessed_score == pytest.approx((20 * 82.5 + 30 * 77.5 + 25 * 80) / 75)
    best = 0.20 * 82.5 + 0.30 * 77.5 + 0.25 * 80 + 0.25 * 100
    assert card.overall.bounds[1] == pytest.approx(best)
    # 59.75 with the controls at 0; but nothing is known of them, so V1 may hold: 59
    assert card.overall.bounds[0] == 59.0
    assert card.overall.band is not None


def test_fewer_than_three_scored_factors_give_no_total_at_all():
    card = score([r for r in case() if r.factor in ("cost", "problems")])
    whole = card.overall
    assert (whole.score, whole.assessed_score, whole.band, whole.p_pass) == (None,) * 4
    assert whole.scored_factors == 2


@pytest.mark.parametrize(
    ("points", "band"),
    [(59.999, "not_met"), (60, "pass"), (74.99, "pass"), (75, "good"), (90, "excellent")],
)
def test_bands_compare_unrounded_scores(points, band):
    assert band_of(points, BANDS) == band


def test_a_band_stands_alone_from_eighty_per_cent_of_the_probability():
    assert (
        band_range("good", {"not_met": 0.0, "pass": 0.2, "good": 0.8, "excellent": 0.0}) == "good"
    )
    shares = {"not_met": 0.0, "pass": 0.21, "good": 0.79, "excellent": 0.0}
    assert band_range("good", shares) == "pass to good"


def test_the_shortest_run_of_bands_holds_the_score_itself():
    shares = {"not_met": 0.3, "pass": 0.4, "good": 0.3, "excellent": 0.0}
    assert band_range("pass", shares) == "not_met to good"


@pytest.mark.parametrize(
    ("points", "shown", "spec"),
    [(71.2, 71.2, "score"), (59.4, 59.4, "score"), (59.6, 59.6, "score1"), (89.97, 89.9, "score1"),
     (75.4, 75.4, "score")],
)  # fmt: skip
def test_one_decimal_is_printed_only_where_rounding_would_cross_a_band(points, shown, spec):
    assert printed(points, BANDS) == (pytest.approx(shown), spec)


@pytest.mark.parametrize(
    ("probability", "word"),
    [(1.0, "virtually_certain"), (0.9, "very_likely"), (0.7, "likely"), (0.5, "as_likely_as_not"),
     (0.2, "unlikely"), (0.05, "very_unlikely"), (0.0, "exceptionally_unlikely")],
)  # fmt: skip
def test_probabilities_have_calibrated_words(probability, word):
    assert likelihood(probability) == word


def test_the_simulated_interval_of_one_normal_indicator_is_its_own_interval():
    # 0.25 ± 0.10 scores 50 ± 20; weight 35 of 100: the factor moves by ± 7 points
    config = {"scoring": {"weight_spread": 0}}
    wide = indicator("cost.deviation_original", 0.25, low=0.15, high=0.35)
    card = score(case(wide), client=client(**config), draws=40_000)
    assert card["cost"].low == pytest.approx(82.5 - 7, abs=0.2)
    assert card["cost"].high == pytest.approx(82.5 + 7, abs=0.2)


def test_an_asymmetric_interval_gives_two_halves_of_half_the_probability():
    item = indicator("cost.deviation_original", 0.1, low=0.0, high=0.4)
    draws = indicator_draws(item, np.random.default_rng(1), 40_000)
    assert np.median(draws) == pytest.approx(0.1, abs=0.003)
    assert np.quantile(draws, [0.025, 0.975]) == pytest.approx([0.0, 0.4], abs=0.01)


def near_full(count):
    """All of an own factor's indicators at their full anchor, each with a fifth either way."""
    names = [f"own.i{n}" for n in range(count)]
    scoring = {"anchors": {name: [-1.0, 1.0] for name in names}, "weight_spread": 0,
               "indicator_weights": dict.fromkeys(names, 1)}  # fmt: skip
    config = {"weights": {"own": 25}, "scoring": scoring}
    own = [indicator(name, 1.0, low=0.6, high=1.4, tables=("own",)) for name in names]
    return score(case(*own), client=client(**config), draws=40_000)


def test_near_an_anchor_the_ends_are_called_bounds_and_reach_full_marks():
    # Each draws min(100, 100 + 10.2 z): on average 100 − 10.2 × 0.399 = 95.9 points, so that of
    # sixteen the simulated mean leans 4.1 points from a score that leans from the truth itself.
    card = near_full(16)
    assert card.simulation.factors["both"]["own"].drawn.mean() == pytest.approx(95.93, abs=0.05)
    assert (card["own"].kind, card["own"].high) == ("bounds", 100.0)
    assert card.to_dict()["factors"][-1]["range_kind"] == "bounds"


def test_the_ends_are_moved_out_by_twice_the_lean():
    ends = (np.array(part) for part in ([40.0, 50.0, 60.0], [0.0] * 3, [100.0] * 3))
    found = Simulation({}, {"both": Spread(*ends, lean=-5.0)})
    # quantiles of three draws: 40.5 and 59.5; they lean 5 down, so the top rises by 10
    seen = found.total_interval(55.0)
    assert (seen.low, seen.high) == (pytest.approx(40.5), pytest.approx(69.5))
    assert seen.kind == "bounds"
    assert found.share_from(60) == pytest.approx(2 / 3)  # of 50, 60, 70


def test_a_cap_holds_what_the_lean_would_lift():
    ends = (np.array(part) for part in ([50.0, 58.0], [0.0] * 2, [100.0] * 2))
    found = Simulation({}, {"both": Spread(*ends, lean=-5.0).below(59.0)})
    assert found.share_from(60) == 0.0


def test_far_from_an_anchor_it_is_an_interval():
    half = [indicator(id, (full + none) / 2) for id, full, none in SCORED]
    card = score(case(*half, indicator("cost.deviation_original", 0.25, low=0.15, high=0.35)))
    assert (card["cost"].kind, card.overall.kind) == ("interval", "interval")
    assert "95% interval" in say(verdict(card).sentence, "en")


def test_shares_never_leave_nought_to_one():
    item = indicator("controls.coverage", 0.97, low=0.7, high=1.0)
    draws = indicator_draws(item, np.random.default_rng(1), 5_000)
    assert 0 <= draws.min() <= draws.max() <= 1


def test_an_average_weight_varies_by_the_spread():
    # two indicators of one own factor: 100 and 0 points, weights half and half
    anchors = {"own.a": [0.0, 1.0], "own.b": [0.0, 1.0]}
    halves = {"own.a": 50, "own.b": 50}
    scoring = {"anchors": anchors, "indicator_weights": halves, "weight_spread": 0.25}
    config = {"weights": {"own": 25}, "scoring": scoring}
    own = [indicator("own.a", 1.0, tables=("own",)), indicator("own.b", 0.0, tables=("own",))]
    card = score(case(*own), client=client(**config), draws=40_000)
    draws = card.simulation.factors["weights"]["own"].drawn
    assert draws.mean() == pytest.approx(50, abs=0.3)
    assert draws.std() == pytest.approx(12.5, abs=0.4)  # 25 % of one half


def test_sampling_and_weights_are_shown_apart():
    certain = score(case(*_middling())).simulation
    assert certain.totals["sampling"].drawn.std() == pytest.approx(0)
    assert certain.totals["weights"].drawn.std() > 0
    fixed = client(scoring={"weight_spread": 0})
    wide = [indicator("cost.schedule_ratio", 0.25, low=0.1, high=0.4)]
    unsure = score(case(*wide), client=fixed).simulation
    assert unsure.totals["weights"].drawn.std() == pytest.approx(0)
    assert unsure.totals["sampling"].drawn.std() > 0


def test_the_same_seed_gives_the_same_verdict():
    results = case(indicator("cost.schedule_ratio", 0.25, low=0.1, high=0.4))
    assert score(results).overall == score(results).overall
    assert score(results, seed=1).overall.low != score(results).overall.low


def test_the_interval_always_holds_the_score():
    card = score(
        case(*(indicator(id, full, low=full - 0.2, high=full + 0.2) for id, full, _ in SCORED))
    )
    for item in (*card.factors, card.overall):
        assert item.low <= item.score <= item.high


def test_four_thousand_verdicts_take_less_than_a_second():
    results = case(
        *(indicator(id, full, low=full - 0.1, high=full + 0.1) for id, full, _ in SCORED)
    )
    started = time.perf_counter()
    score(results)
    assert time.perf_counter() - started < 1.0


def test_a_missing_indicator_swings_the_total_by_its_whole_weight():
    card = score(case(absent("cost.review_coverage")))
    table = tornado(card.factors, card.rules)
    assert table["indicator"].tolist() == ["cost.review_coverage"]
    assert table["swing"].iloc[0] == pytest.approx(0.20 * 7)  # 7 of 100 in a fifth of the total


def test_an_interval_swings_the_total_between_its_ends():
    card = score(case(indicator("cost.schedule_ratio", 0.25, low=0.1, high=0.4)))
    row = tornado(card.factors, card.rules).iloc[0]
    # 80 and 20 points, from 50, times 0.15 × 0.20
    assert (row["down"], row["up"]) == (pytest.approx(-0.9), pytest.approx(0.9))


def test_the_table_that_would_narrow_most_is_the_one_most_points_wait_for():
    missing = absent("controls.complaints.dropped_share", tables=("complaints",))
    unknown = absent("cost.review_coverage", tables=("reviews",))
    card = score(case(missing, unknown))
    table = narrowing_tables(card.factors, tornado(card.factors, card.rules))
    assert table["table"].tolist() == ["events", "complaints", "reviews"]  # events: the reason
    assert table["points"].tolist() == [pytest.approx(3.9), pytest.approx(2.5), pytest.approx(1.4)]


def test_a_strong_table_at_hand_is_not_the_next_one_to_obtain():
    waits = absent("controls.uptime[C1]", tables=("controls", "control_off"))
    weak = indicator("problems.engagement", 0.75, low=0.65, high=0.9, tables=("departments",))
    card = score(case(waits, weak))
    grades = {"controls": "A", "events": "B", "departments": "C"}
    table = narrowing_tables(card.factors, tornado(card.factors, card.rules), grades=grades)
    # uptime: 5 of controls' 100, a quarter of the total; engagement: 50 points of 10 and 30 of 100
    assert table.to_dict("records") == [
        {"table": "departments", "state": "weak_table", "points": 1.5, "indicators": 1},
        {"table": "control_off", "state": "missing_table", "points": 1.25, "indicators": 1},
    ]


def test_the_flip_weight_is_where_the_total_meets_the_next_band():
    # cost 0 points, the rest 100: total = 100 (1 − w) = 80; good ends at 75, at w = 0.25
    zero = [indicator(id, none) for id, _, none in SCORED if id.startswith("cost.")]
    config = {"scoring": {"veto": {"V4": False, "V5": False}}}
    card = score(case(*zero), client=client(**config))
    assert card.overall.score == pytest.approx(80.0)
    row = flip_weights(card.factors, card.overall, card.rules).set_index("factor").loc["cost"]
    assert (row["flips_at"], row["band"]) == (pytest.approx(0.25), "pass")


def test_a_total_held_by_a_veto_is_said_to_be_certain():
    card = score(case(indicator("controls.critical_failed", 1)))
    assert uncertainty(card).sentence.key == "score.sentence.uncertainty_capped"


def test_without_a_total_no_weight_is_said_to_leave_its_band():
    card = score([r for r in case() if r.factor in ("cost", "problems")])
    assert say(flip_step(card).sentence, "en").startswith("Without a total there is no band")

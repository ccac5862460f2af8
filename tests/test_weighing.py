"""Weights from swing points and from a ranking, and what each would mean for the total."""

import pytest
from score_cases import SCORED, case, indicator

from crm_eval_lib import scorecard
from crm_eval_lib.errors import UsageError
from crm_eval_lib.scorecard import score, swing_weights, weighings
from crm_eval_lib.text import say


def with_cost_at_nothing():
    zero = [indicator(id, none) for id, _, none in SCORED if id.startswith("cost.")]
    return score(case(*zero), draws=50)


def test_swing_points_become_weights_and_a_range_counts_by_its_middle():
    # 60 + 100 + 40 = 200
    found = swing_weights({"cost": 60, "problems": 100, "efficiency": [30, 50]})
    assert found == {"cost": 0.3, "problems": 0.5, "efficiency": 0.2}


@pytest.mark.parametrize(
    ("points", "words"),
    [({"cost": 0}, "all points are zero"), ({"cost": -1}, "from 0 up"),
     ({"cost": [1, 2, 3]}, r"\[low, high\]")],
)  # fmt: skip
def test_swing_points_that_say_nothing_are_refused(points, words):
    with pytest.raises(UsageError, match=words):
        swing_weights(points)


def test_the_total_is_shown_under_every_way_to_weigh():
    # cost 0 points, the others 100: the total is 100 × (1 − weight of cost)
    step = weighings(
        with_cost_at_nothing(),
        swings={"cost": 20, "problems": 100, "efficiency": 40, "controls": 40},
        ranking=["problems", "controls", "efficiency", "cost"],
    )
    totals = step.table.set_index("weighing")["score"]
    assert totals["set_weights"] == pytest.approx(80)
    assert totals["equal_weights"] == pytest.approx(75)
    assert totals["swing_weights"] == pytest.approx(90)
    assert totals["rank_weights"] == pytest.approx(93.75)  # centroid of the last of four: 1/16
    assert step.sentence.key == "score.sentence.weighings_apart"
    assert "75" in say(step.sentence, "zh-Hans")


def test_without_answers_the_set_weights_are_ranked_and_equal_ones_share():
    # 30, 25 = 25, 20: centroids 25/48, (13/48 + 7/48)/2 twice, 3/48
    row = weighings(with_cost_at_nothing()).table.set_index("weighing").loc["rank_weights"]
    assert row["efficiency_share"] == row["controls_share"] == pytest.approx(10 / 48)
    assert (row["problems_share"], row["cost_share"]) == pytest.approx((25 / 48, 3 / 48))


@pytest.mark.parametrize(
    ("points", "ranking", "words"),
    [("cost", "", "allowed: a factor and its points"), ("cost x", "", "80 or 70-90"),
     ("costs 3", "", "no factor 'costs'"), ("cost 3", "", "Name every factor"),
     ("", "cost, cost", "Name every factor")],
)  # fmt: skip
def test_answers_that_cannot_be_read_are_named(points, ranking, words):
    with pytest.raises(UsageError, match=words):
        weighings(with_cost_at_nothing(), **scorecard.stated_weights(points, ranking))


def test_a_cap_holds_under_every_way_to_weigh():
    card = score(case(indicator("controls.critical_failed", 1)), draws=50)
    assert weighings(card).table["score"].max() == 59

"""What a verdict says where a veto may hold, or has made the end of a range."""

import numpy as np
import pandas as pd
import pytest
from control_rows import DATES
from score_cases import case, client, indicator

from crm_eval_lib.controls import critical_points
from crm_eval_lib.report.scores import score_view
from crm_eval_lib.report.verdict import interval
from crm_eval_lib.scorecard import factor_scores, score, uncertainty, verdict
from crm_eval_lib.stats.sampling import exceedance
from crm_eval_lib.text import say


def doubted(chance):
    parts = {"failed_probability": chance}
    return score(case(indicator("controls.critical_unassured", 1, parts=parts)), draws=20_000)


def test_a_critical_point_not_assured_may_have_failed_and_p_pass_says_so():
    card = doubted(0.2)
    assert card.overall.score == 74.0  # full marks under V2: the score itself is not touched
    assert card.overall.p_pass == pytest.approx(0.8, abs=0.01)
    assert (card.overall.low, card.overall.high) == (59.0, 74.0)
    assert card["controls"].low == 59.0


def test_a_small_doubt_lowers_p_pass_and_leaves_the_interval():
    card = doubted(0.02)  # below the 2.5 % that an end leaves out
    assert card.overall.low == 74.0
    assert card.overall.p_pass == pytest.approx(0.98, abs=0.005)


def test_weights_alone_know_no_doubt_about_the_tests():
    table = uncertainty(doubted(0.2)).table.set_index("source")
    assert table.loc["weights", "pass_probability"] == 1.0
    assert table.loc["both", "pass_probability"] == pytest.approx(0.8, abs=0.01)


def test_a_veto_switched_off_leaves_no_doubt():
    item = indicator("controls.critical_unassured", 1, parts={"failed_probability": 0.2})
    off = client(scoring={"veto": {"V1": False, "V2": False}})
    assert score(case(item), client=off, draws=500).overall.p_pass == 1.0


def test_the_chance_of_a_rate_beyond_the_tolerable_is_an_area_under_the_likelihood():
    rates = (np.arange(200_000) + 0.5) / 200_000  # Jeffreys' prior times 1 of 60, added up
    density = rates ** (1 + 0.5 - 1) * (1 - rates) ** (59 + 0.5 - 1)
    by_hand = density[rates > 0.05].sum() / density.sum()
    assert exceedance(1, 60, 0.05) == pytest.approx(by_hand, abs=1e-4)


def sampled(*points):
    """Control points C1, C2 …: items and deviations of the sample of each."""
    names = [f"C{n}" for n in range(1, len(points) + 1)]
    controls = pd.DataFrame({"control_id": names, "critical": "yes", "required_mode": "block",
                             "configured_mode": "block"})  # fmt: skip
    rows = [(name, "pass" if item >= failed else "deviation")
            for name, (items, failed) in zip(names, points, strict=True)
            for item in range(items)]  # fmt: skip
    tests = pd.DataFrame(rows, columns=["control_id", "result"])
    tests = tests.assign(tested_on=pd.Timestamp("2025-02-01"), method="sample")
    found = critical_points(controls, tests, dates=DATES)["controls.critical_unassured"]
    return found.value, found.parts["failed_probability"]


def test_points_not_assured_add_up_their_doubt_and_assured_ones_have_none():
    assert sampled((59, 0)) == (0, 0.0)
    value, chance = sampled((59, 0), (25, 0), (25, 0))
    assert value == 2
    assert chance == pytest.approx(1 - (1 - exceedance(0, 25, 0.05)) ** 2)


def test_an_end_made_by_a_cap_is_called_a_cap_and_not_an_interval():
    unassured = indicator("controls.critical_unassured", 1)
    wide = indicator("problems.weighted_solved_rate", 0.60, low=0.45, high=0.95)
    halves = [indicator(id, 0.25) for id in ("cost.deviation_original", "cost.schedule_ratio")]
    card = score(case(unassured, wide, *halves), draws=4000)
    assert (card.overall.kind, card.overall.high) == ("capped", 74.0)
    overall = card.to_dict()["overall"]
    assert overall["range_kind"] == "capped"
    assert "its upper end is the cap of a veto" in interval(overall, "score", "en")
    assert "上端为否决规则设定的上限" in interval(overall, "score", "zh-Hans")
    assert score_view(overall, {"pass": 60}, "en").interval.endswith("–74 (capped)")
    assert "whose upper end is the cap of a veto" in say(verdict(card).sentence, "en")


def test_an_interval_below_a_cap_stays_an_interval():
    poor = [indicator(id, value) for id, value in (
        ("cost.deviation_original", 0.40), ("controls.coverage", 0.50),
        ("efficiency.change[quote]", 0.0), ("efficiency.touch_change[quote]", 0.0))]  # fmt: skip
    spread = indicator("problems.weighted_solved_rate", 0.60, low=0.55, high=0.65)
    card = score(case(indicator("controls.critical_unassured", 1), *poor, spread), draws=2000)
    assert card.overall.high < 74 and card.overall.kind == "interval"


def half_width(**values):
    """Half the range of the efficiency score by sampling alone; these values are ± 0.05."""
    unsure = [indicator(f"efficiency.{name}[quote]", value, low=value - 0.05, high=value + 0.05,
                        confidence=0.95) for name, value in values.items()]  # fmt: skip
    card = score(case(*unsure), draws=20_000)
    found = card.simulation.factor_interval("efficiency", card["efficiency"].score, "sampling")
    return (found.high - found.low) / 2


def test_changes_of_the_same_cases_do_not_make_up_for_each_other():
    # ± 0.05 of 0.30 is ± 16.67 points each; weights 40, 20 and 10 of 100 add up to ± 11.67.
    # Drawn apart they would be √(40² + 20² + 10²) / 100 × 16.67 = ± 7.64.
    same = half_width(change=-0.15, touch_change=-0.15, p90_change=-0.15)
    assert same == pytest.approx(11.67, rel=0.03)


def test_other_measures_of_a_process_are_drawn_by_themselves():
    # ± 0.05 is ± 14.29 points of the 10 of the level within the limit, ± 16.67 of the 40 of change.
    apart = half_width(change=-0.15, sla_met_after=0.78)
    assert apart == pytest.approx(np.hypot(1.43, 6.67), rel=0.03)


WEAK = {"low": 0.56, "high": 0.74, "confidence": 0.95, "tables": ("estimates",)}  # grade D


def test_weak_evidence_scores_at_its_worse_end_and_its_range_holds_the_whole_interval():
    card = score(case(indicator("problems.survey_better_share", 0.65, **WEAK)), draws=20_000)
    low, point, high = (90 + 10 * (end - 0.50) / 0.30 for end in (0.56, 0.65, 0.74))
    assert card["problems"].score == pytest.approx(low)
    found = card.simulation.factor_interval("problems", low, "sampling")
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.1)
    drawn = card.simulation.factors["sampling"]["problems"].centred
    assert np.median(drawn) == pytest.approx(point, abs=0.05)  # where the truth is as likely above


@pytest.mark.parametrize(("lang", "words"), [
    ("en", "takes its points from the worse end of its interval: Changed answers that improved"),
    ("zh-Hans", "按区间的不利一端计分")])  # fmt: skip
def test_a_score_that_rests_on_weak_evidence_says_so(lang, words):
    weak = score(case(indicator("problems.survey_better_share", 0.65, **WEAK)), draws=50)
    strong = score(case(indicator("problems.survey_better_share", 0.65)), draws=50)
    assert words in " ".join(say(c.message, lang) for c in factor_scores(weak).caveats)
    assert not factor_scores(strong).caveats

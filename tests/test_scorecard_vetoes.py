"""Vetoes: each fires at its threshold, names itself and caps what the contract says."""

import pandas as pd
import pytest
from score_cases import absent, case, client, indicator

from crm_eval_lib.scorecard import score
from crm_eval_lib.scorecard.vetoes import independence


def _fired(card):
    return [veto.id for veto in card.vetoes if veto.fired]


def test_nothing_fires_for_a_perfect_client():
    card = score(case())
    assert _fired(card) == []
    assert (card.overall.score, card.overall.capped_by) == (100.0, None)


def test_v1_caps_controls_and_total_at_59():
    card = score(case(indicator("controls.critical_failed", 1)))
    assert (card["controls"].score, card["controls"].uncapped) == (59.0, 100.0)
    assert (card.overall.score, card.overall.uncapped) == (59.0, 100.0)
    assert (card.overall.capped_by, card.overall.band) == ("V1", "not_met")
    assert card.overall.p_pass == 0.0


def test_v2_caps_the_total_at_74_and_leaves_the_factor():
    card = score(case(indicator("controls.critical_unassured", 2)))
    assert card["controls"].score == 100.0
    assert (card.overall.score, card.overall.capped_by) == (74.0, "V2")
    assert card.overall.band == "pass"


def test_v3_caps_problems_at_59_and_the_total_at_74():
    card = score(case(indicator("problems.open_five_90", 1)))
    assert (card["problems"].score, card["problems"].capped_by) == (59.0, "V3")
    # 0.3 × 59 + 0.7 × 100 = 87.7 before the cap on the total
    assert (card.overall.score, card.overall.uncapped) == (74.0, 100.0)


@pytest.mark.parametrize(("delivered", "fires"), [(0.60, False), (0.59, True)])
def test_v4_fires_below_sixty_per_cent_of_the_scope(delivered, fires):
    card = score(case(indicator("cost.scope_delivered", delivered)))
    assert ("V4" in _fired(card)) == fires
    assert (card["cost"].score == 59.0) == fires


def test_a_cap_on_a_factor_alone_names_the_rule_beside_the_total():
    card = score(case(indicator("cost.scope_delivered", 0.50)))
    # cost 80 → 59: total 0.2 × 59 + 80 = 91.8 instead of 96
    assert card.overall.score == pytest.approx(91.8)
    assert (card.overall.uncapped, card.overall.capped_by) == (pytest.approx(96.0), "V4")


@pytest.mark.parametrize(("deviation", "fires"), [(0.50, False), (0.501, True)])
def test_v5_fires_above_half_over_budget(deviation, fires):
    card = score(case(indicator("cost.deviation_original", deviation)))
    assert ("V5" in _fired(card)) == fires


def _budget(approved):
    return pd.DataFrame({"version": [0.0, 1.0, 1.0],
                         "approved_on": pd.to_datetime(["2024-01-01", *approved])})  # fmt: skip


@pytest.mark.parametrize(
    ("approved", "fires"),
    [(("2024-06-01", "2024-06-01"), False), (("2024-06-01", None), True),
     (("2025-09-01", "2025-09-01"), True)],
)  # fmt: skip
def test_v5_is_lifted_by_a_later_version_approved_by_the_status_date(approved, fires):
    results = case(indicator("cost.deviation_original", 0.8))
    card = score(results, client=client({"budget": _budget(approved)}))
    assert ("V5" in _fired(card)) == fires


@pytest.mark.parametrize(
    ("rung", "low", "fires"),
    [("R1", 0.02, True), ("R2", 0.02, True), ("R0", 0.02, False), ("R2", -0.01, False)],
)
def test_v6_needs_a_whole_interval_above_zero_and_a_design_that_carries_it(rung, low, fires):
    slower = indicator("efficiency.change[quote]", 0.10, low=low, high=0.20, rung=rung)
    card = score(case(slower))
    assert ("V6" in _fired(card)) == fires


def test_v6_looks_at_the_top_priority_process_only():
    slower = indicator("efficiency.change[b]", 0.10, low=0.05, high=0.20, rung="R2")
    shares = [
        indicator("efficiency.priority[quote]", 0.6),
        indicator("efficiency.priority[b]", 0.4),
    ]
    assert _fired(score(case(slower, *shares))) == []


def _with_totals(total):
    orders = pd.DataFrame({"ordered_at": pd.to_datetime(["2025-01-01"] * 100)})
    totals = pd.DataFrame({"table": ["orders"], "process": [None], "period_start": [pd.NaT],
                           "period_end": [pd.NaT], "measure": ["rows"], "total": [total],
                           "obtained_on": [pd.Timestamp("2025-08-31")]})  # fmt: skip
    return client({"orders": orders, "control_totals": totals})


def test_v7_holds_grades_down_above_two_per_cent():
    item = "controls.price.unapproved_rate"
    assert score(case(), client=_with_totals(101.0)).indicators[item].grade == "A"
    card = score(case(), client=_with_totals(105.0))
    assert (card.indicators[item].grade, _fired(card)) == ("C", ["V7"])
    assert card["controls"].state == "scored"


def test_v7_leaves_the_factor_not_assessed_above_ten_per_cent():
    card = score(case(), client=_with_totals(120.0))
    assert (card["controls"].state, card["controls"].bounds) == ("not_assessed", (0.0, 100.0))
    assert card.overall.score is None


@pytest.mark.parametrize(
    ("role", "signed", "independent"),
    [("independent", "", True), ("consultant", "", True), ("vendor", "", False),
     ("implementer", "", False), ("owner", "Audit", True), ("owner", "  ", False)],
)  # fmt: skip
def test_v8_asks_for_an_independent_countersignature(role, signed, independent):
    assert independence({"independence": role, "countersigned_by": signed}) == independent


def test_v8_degrades_the_consultants_ratings():
    results = case(indicator("problems.engagement", 0.9, tables=("ratings",)))
    tables = {"ratings": pd.DataFrame({"side": ["consultant"]})}
    card = score(results, client=client(tables, report={"independence": "vendor"}))
    assert _fired(card) == ["V8"]
    assert card.indicators["problems.engagement"].grade == "D"


def test_a_veto_switched_off_by_the_client_does_not_fire():
    config = {"scoring": {"veto": {"V1": False}}}
    card = score(case(indicator("controls.critical_failed", 1)), client=client(**config))
    assert (card.overall.score, _fired(card)) == (100.0, [])


def test_a_factor_of_weight_zero_neither_caps_nor_counts_as_missing():
    failed = case(indicator("controls.critical_failed", 1))
    assert score(failed, client=client(weights={"controls": 0})).overall.score == 100.0
    absent_factor = [r for r in case() if r.factor != "controls"]
    card = score(absent_factor, client=client(weights={"controls": 0}))
    assert card.overall.score == 100.0
    assert card.overall.bounds == (100.0, 100.0)


def test_a_cap_holds_the_bounds_of_the_total_too():
    card = score(case(indicator("controls.critical_failed", 1), absent("cost.accepted_share")))
    assert card.overall.bounds == (59.0, 59.0)


def test_the_total_cap_holds_for_the_assessed_score_of_an_indicative_factor():
    ids = ("coverage", "effective_share", "tested_share", "price.unapproved_rate")
    changed = [absent(f"controls.{name}") for name in ids]
    card = score(case(*changed, indicator("controls.critical_failed", 1)))
    assert card["controls"].state == "indicative"
    assert (card.overall.score, card.overall.assessed_score) == (None, 59.0)
    assert card.overall.capped_by == "V1"

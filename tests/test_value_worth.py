"""Net present value, return and payback: by hand, by a published answer, and by invariants."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from value_rows import LEDGER, hours, ledger, stated, steps, worth_of

from crm_eval_lib.text import say
from crm_eval_lib.value.flows import PERT, annuity, draw, draw_total, net_present_value

FIXED_B1 = stated(("B1", "yes", 700.0, None, None))
amounts = st.floats(-5_000, 5_000, allow_nan=False)


def normal_row(amount, low, high):
    return {"amount_year": amount, "low": low, "high": high, "spread": "two_piece_normal",
            "confidence": 0.95}  # fmt: skip


def test_the_published_net_present_value_is_hit():
    # numpy-financial, documentation of npv()
    found = net_present_value(0.08, [-40000, 5000, 8000, 12000, 30000])
    assert found == pytest.approx(3065.22267, abs=1e-4)


def test_two_years_with_running_cost_by_hand():
    *_, worth, _ = steps((), FIXED_B1)
    # −1000 + (700 − 100)/1.1 + (700 − 100)/1.21
    assert worth["value.npv"].value == pytest.approx(-1000 + 545.4545455 + 495.8677686)
    # PV benefits 700·1.7355372 = 1214.876; PV costs 1000 + 100·1.7355372 = 1173.554
    assert worth["value.roi"].value == pytest.approx(1214.8760331 / 1173.5537190 - 1)
    # 600 a year pays 1000 after 1 year and 8 of 12 months
    assert worth["value.payback_months"].value == pytest.approx(20.0)


def test_an_amount_without_an_interval_gives_none():
    *_, worth, _ = steps((), FIXED_B1)
    assert {(item.low, item.high) for item in worth.indicators} == {(None, None)}


def test_money_not_back_within_the_horizon_has_the_horizon_as_its_bound():
    *_, worth, _ = steps((), stated(("B1", "yes", 500.0, None, None)))
    found = worth["value.payback_months"]  # 400 a year for 1000: 30 months, 24 are counted
    assert (found.state, found.low, found.value) == ("not_assessed", 24.0, None)
    assert found.reason.slots["years"] == 2


def test_a_benefit_below_running_cost_never_pays_back():
    *_, worth, _ = steps((), stated(("B1", "yes", -50.0, None, None)))
    assert worth["value.npv"].value == pytest.approx(-1000 - 150 * 1.7355371901)
    assert worth["value.payback_months"].low == 24.0


def test_a_benefit_of_zero_is_known_and_counted():
    *_, worth, _ = steps((), stated(("B1", "yes", 0.0, None, None)))
    assert worth["value.roi"].value == pytest.approx(-1.0)


def test_without_cost_there_is_no_return_and_no_payback():
    free = ledger(("2023-10-01", "A", 100), ("2023-11-01", "A", -100))
    *_, worth, _ = steps((), FIXED_B1, actuals=free)
    assert worth["value.npv"].value == pytest.approx(700 * annuity(0.10, 2))
    assert worth["value.roi"].reason.key == "value.reason.no_cost"
    assert worth["value.payback_months"].state == "not_assessed"


def test_no_benefit_at_all_is_not_a_benefit_of_zero():
    *_, worth, moves = steps((), stated(("B1", "no", 700.0, None, None)))
    assert {item.state for item in worth.indicators} == {"not_assessed"}
    assert worth["value.npv"].reason.key == "value.reason.no_benefit"
    assert worth.table is None and moves.table is None


def test_the_interval_of_a_sum_of_two_normals_meets_the_closed_form():
    rows = pd.DataFrame([normal_row(100.0, 80.4, 119.6), normal_row(50.0, 20.6, 79.4)])
    drawn = draw_total(rows, seed=1, size=200_000)
    # sd 10 and 15 (z = 1.96): the sum has sd √325
    low, high = np.quantile(drawn, [0.025, 0.975])
    half = 1.959964 * math.sqrt(325)
    assert (low, high) == pytest.approx((150 - half, 150 + half), abs=0.4)


def test_an_uneven_interval_is_met_on_both_sides():
    drawn = draw_total(pd.DataFrame([normal_row(100.0, 90.0, 160.0)]), seed=2, size=200_000)
    assert np.quantile(drawn, [0.025, 0.975]) == pytest.approx([90.0, 160.0], abs=0.6)


def test_a_stated_range_is_drawn_as_pert():
    row = pd.Series({"amount_year": 20.0, "low": 10.0, "high": 60.0, "spread": PERT})
    drawn = draw(row, np.random.default_rng(3), 200_000)
    assert drawn.mean() == pytest.approx((10 + 4 * 20 + 60) / 6, abs=0.1)  # [Malcolm 1959]
    assert drawn.min() >= 10 and drawn.max() <= 60


def test_the_words_count_only_the_kinds_of_interval_there_are():
    _, gained, *_ = steps([], stated(("B1", "yes", 20.0, 10.0, 60.0)))
    said = [say(caveat.message) for caveat in gained.caveats]
    assert any("on its own: 1 from the range stated (PERT). Discount" in text for text in said)


def test_a_payback_that_may_lie_beyond_the_horizon_has_an_open_end():
    *_, worth, _ = steps([hours(700.0, low=400.0, high=1000.0)])
    found = worth["value.payback_months"]
    assert found.value == pytest.approx(20.0)
    assert found.low == pytest.approx(12 * 1000 / 900, rel=0.02) and found.high is None


def test_the_same_seed_gives_the_same_interval():
    first, again, other = (
        steps([hours(700.0, low=500.0, high=800.0)], seed=seed)[2]["value.npv"]
        for seed in (0, 0, 1)
    )
    assert (first.low, first.high) == (again.low, again.high) != (other.low, other.high)


@given(one=amounts, two=amounts, more=st.floats(0, 5_000))
@settings(max_examples=40, deadline=None)
def test_a_better_benefit_never_lowers_the_value(one, two, more):
    other = ("B2", "yes", two, None, None)
    low, high = (
        worth_of(stated(("B1", "yes", amount, None, None), other)) for amount in (one, one + more)
    )
    assert high["value.npv"].value >= low["value.npv"].value - 1e-9


@given(benefit=st.floats(1, 5_000), times=st.floats(0.01, 1_000))
@settings(max_examples=40, deadline=None)
def test_another_unit_of_money_scales_the_value_and_leaves_the_return(benefit, times):
    low, high = benefit * 0.5, benefit * 1.2
    plain = worth_of(stated(("B1", "yes", benefit, low, high)))
    grown = worth_of(stated(("B1", "yes", *(times * x for x in (benefit, low, high)))),
                     LEDGER.assign(amount=LEDGER["amount"] * times))  # fmt: skip
    for end in ("value", "low", "high"):
        scaled = times * getattr(plain["value.npv"], end)
        assert getattr(grown["value.npv"], end) == pytest.approx(scaled, abs=1e-6 * times)
        same = getattr(plain["value.roi"], end)
        assert getattr(grown["value.roi"], end) == pytest.approx(same, abs=1e-9)


def test_shuffled_benefits_change_nothing():
    rows = stated(*((f"B{n}", "yes", 100.0 * n, 50.0 * n, 200.0 * n) for n in range(1, 6)))
    first, again = (steps((), r)[2] for r in (rows, rows.sample(frac=1, random_state=4)))
    assert first.indicators == again.indicators


def test_the_years_add_up_to_the_value():
    *_, worth, _ = steps((), FIXED_B1)
    years = worth.tables["years"]
    assert years["discounted_amount"].sum() == pytest.approx(worth["value.npv"].value)
    assert years["cumulative_amount"].tolist() == pytest.approx([-1000, -400, 200])
    counted = worth.table.loc[worth.table["standing"] == "counted", "amount"]
    assert counted.sum() == pytest.approx(worth["value.npv"].value)


def test_the_tornado_moves_one_input_at_a_time():
    *_, moves = steps([hours(400.0, low=300.0, high=500.0)], FIXED_B1)
    table = moves.table.set_index("kind")
    factor = 1.7355371901
    # hours: 300 to 500 a year; realisation 0.5 in them, so none to all is 0 to 800 a year
    assert table.at["hours_saved", "swing_amount"] == pytest.approx(200 * factor)
    assert table.at["realisation", "swing_amount"] == pytest.approx(800 * factor)
    assert table.at["run_cost", "swing_amount"] == pytest.approx(40 * factor)  # 80 to 120
    # 1000 a year net: from 1 year to 3
    assert table.at["horizon", "swing_amount"] == pytest.approx(1000 / 1.21 + 1000 / 1.331)
    assert moves.table["swing_amount"].is_monotonic_decreasing


def test_the_horizon_is_never_shorter_than_a_year():
    *_, moves = steps((), FIXED_B1, years=1)
    table = moves.table.set_index("kind")
    assert table.at["horizon", "npv_low_amount"] == pytest.approx(-1000 + 600 / 1.1)

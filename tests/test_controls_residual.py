"""What is still lost in a year: means by hand, intervals by Garwood's table, bad input."""

import pandas as pd
import pytest
from control_rows import DATES, NOT_LIVE, points

from crm_eval_lib import controls
from crm_eval_lib.controls import loss_draws
from crm_eval_lib.controls.loss_draws import simulate
from crm_eval_lib.text import say

RANGE = {"loss_low": 50.0, "loss_high": 150.0}


def loss(*rows, dates=DATES):
    return controls.residual_loss(points(*rows), dates=dates, currency="CNY")


def events(before, after, **more):
    return {"events_per_year_before": before, "events_per_year_after": after, **RANGE, **more}


def test_the_mean_of_a_compound_poisson_sum_is_rate_times_mean_loss():
    step = loss(events(10.0, 2.0), events(4.0, 1.0, loss_low=1000.0, loss_high=3000.0))
    assert step["controls.residual_loss[before]"].value == 10 * 100 + 4 * 2000
    assert step["controls.residual_loss[after]"].value == 2 * 100 + 1 * 2000


def test_simulated_years_have_that_mean_and_the_variance_of_the_textbook():
    # Var = λ·E[X²] for known λ; a gamma rate of shape λ adds λ·E[X]². Triangle 50–100–150:
    # E[X²] = 100² + 100²/24. With λ = 30: 30·(10416.67 + 10000) = 612500.
    drawn = simulate(pd.Series([50.0]), pd.Series([150.0]), pd.Series([30.0]), years=1.0,
                     draws=200_000)  # fmt: skip
    assert drawn.yearly.mean() == pytest.approx(3000.0, rel=0.01)
    assert drawn.yearly.var() == pytest.approx(612500.0, rel=0.03)


@pytest.mark.parametrize(("k", "low", "high"), [(1, 0.0253, 5.572), (10, 4.795, 18.390),
                                                (20, 12.217, 30.888)])  # fmt: skip
def test_one_kind_of_event_of_known_loss_has_the_exact_poisson_interval(k, low, high):
    # Garwood 1936, two-sided 95 % limits of a Poisson count
    found = loss(events(float(k), 1.0, loss_low=100.0, loss_high=100.0))
    item = found["controls.residual_loss[before]"]
    assert (item.low, item.high) == pytest.approx((100 * low, 100 * high), rel=0.05)


def test_no_event_in_a_year_is_no_proof_of_no_loss():
    item = loss(events(5.0, 0.0))["controls.residual_loss[after]"]
    assert (item.value, item.low) == (0.0, 0.0)
    assert item.high > 300  # 3.69 events of about 100


def test_a_shorter_time_after_go_live_makes_the_interval_wider():
    item = loss(events(10.0, 10.0))["controls.residual_loss[after]"]
    short = type(DATES)(**{**vars(DATES), "go_live": pd.Timestamp("2025-06-01")})
    brief = loss(events(10.0, 10.0), dates=short)["controls.residual_loss[after]"]
    assert brief.value == item.value
    assert brief.high - brief.low > 1.5 * (item.high - item.low)


def test_the_same_rows_give_the_same_interval_and_their_order_gives_nearly_the_same():
    rows = (events(10.0, 2.0), events(3.0, 1.0, loss_high=950.0))
    once, again, turned = (loss(*r)["controls.residual_loss[after]"]
                           for r in (rows, rows, rows[::-1]))  # fmt: skip
    assert (once.low, once.high) == (again.low, again.high)
    assert (once.value, once.high) == pytest.approx((turned.value, turned.high), rel=0.03)


def test_ends_the_wrong_way_round_count_as_their_range():
    turned = loss(events(5.0, 1.0, loss_low=150.0, loss_high=50.0))
    assert turned["controls.residual_loss[before]"].value == 500.0


def test_a_point_that_states_only_part_is_left_out_of_both_sums_and_named():
    step = loss(events(10.0, 2.0), events(50.0, None), {"loss_low": 5.0}, {})
    values = [step[f"controls.residual_loss[{when}]"].value for when in ("before", "after")]
    assert values == [1000.0, 200.0]
    said = say(step.caveats[0].message, "en")
    assert said.startswith("2 of 4 control points state only part")
    assert "C2" in said and "C3" in said and "C4" not in said


def test_before_go_live_the_loss_after_it_is_open():
    step = loss(events(10.0, 2.0), dates=NOT_LIVE)
    assert step["controls.residual_loss[before]"].value == 1000.0
    assert step["controls.residual_loss[after]"].reason.key == "controls.reason.not_live"


def test_points_without_losses_leave_it_open_and_so_does_no_table():
    assert loss({})["controls.residual_loss[after]"].reason.key == "controls.reason.no_loss"
    step = controls.residual_loss(None, dates=DATES, currency="CNY")
    assert step["controls.residual_loss[before]"].reason.slots["tables"] == ["controls"]


def test_each_of_the_dearest_points_has_its_own_exact_interval():
    known = {"loss_low": 100.0, "loss_high": 100.0}
    step = loss(*(events(10.0, 10.0, **known) for _ in range(8)), events(1.0, 0.0, **known))
    rows = step.tables["by_point"]
    assert rows["control_id"].drop_duplicates().tolist() == [f"C{n}" for n in range(1, 7)]
    assert rows["expected_amount"].unique().tolist() == [1000.0]
    # Garwood 1936: ten events lie between 4.795 and 18.390
    assert rows["low_amount"].to_numpy() == pytest.approx(479.5, rel=0.02)
    assert rows["high_amount"].to_numpy() == pytest.approx(1839.0, rel=0.02)


def test_a_point_without_events_of_one_period_has_no_row_of_that_period():
    step = loss({**events(None, None), "events_per_year_before": None}, events(2.0, None),
                dates=NOT_LIVE)  # fmt: skip
    assert step.tables["by_point"][["control_id", "period"]].to_numpy().tolist() == [
        ["C2", "before"]
    ]


LOSSES = pd.Series([50.0, 10.0]), pd.Series([150.0, 30.0]), pd.Series([38.0, 2.0])


def test_leaving_out_single_years_changes_no_other_number():
    whole, part = simulate(*LOSSES, years=1.0), simulate(*LOSSES, years=1.0, single_years=False)
    assert (whole.expected == part.expected).all()
    assert (whole.upper == part.upper).all()
    assert pd.isna(part.yearly).all()


def test_the_size_of_a_block_changes_no_draw(monkeypatch):
    before = simulate(*LOSSES, years=1.0).yearly
    monkeypatch.setattr(loss_draws, "BLOCK", loss_draws.DRAWS)
    assert (simulate(*LOSSES, years=1.0).yearly == before).all()

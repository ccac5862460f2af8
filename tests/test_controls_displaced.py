"""Do discounts move into rebates, free goods and freight; do lines of one order hang together."""

import numpy as np
import pandas as pd
import pytest
from control_rows import DATES, NOT_LIVE, lines, orders

from crm_eval_lib import charts, controls
from crm_eval_lib.stats.clustered import clustered_share
from crm_eval_lib.stats.intervals import newcombe_difference, wilson
from crm_eval_lib.text import say

EARLY = {"ordered_at": "2024-05-06 10:00"}
CHEAP = {"unit_price": 80.0}  # ten pieces at 80, the floor is 90
REBATE = {"rebate": 150.0}  # ten pieces at 100 less 150: 85 net
GIFT = {"free_quantity": 2.0}  # 1000 for twelve pieces: 83.3 net
FREIGHT = {"freight": 110.0}  # 89 net
SMALL = {"rebate": 50.0}  # 95 net, above the floor


def moved(before, after, *, dates=DATES, plain=True):
    rows = [{**EARLY, **row} for row in before] + after
    if plain:  # what is recorded at all is recorded on both sides
        names = {name for row in rows for name in row} & {"rebate", "free_quantity", "freight"}
        rows = [{**dict.fromkeys(names, 0.0), **row} for row in rows]
    numbered = [{"order_id": f"S{n}", **row} for n, row in enumerate(rows)]
    return controls.displacement(lines(orders(*numbered), dates=dates), dates=dates)


def rates(step, way):
    return step.table.set_index("way").loc[way, ["before_rate", "after_rate"]].tolist()


def test_each_way_of_giving_has_its_share_before_and_after():
    step = moved([CHEAP, CHEAP, {}, {}], [REBATE, GIFT, FREIGHT, SMALL, {}])
    assert rates(step, "price_itself") == [0.5, 0.0]
    assert rates(step, "by_extras") == [0.0, 3 / 5]
    assert rates(step, "with_rebate") == [0.0, 2 / 5]
    assert rates(step, "with_free_goods") == [0.0, 1 / 5]
    assert rates(step, "with_freight") == [0.0, 1 / 5]


def test_what_is_given_is_taken_of_the_value_at_unit_prices():
    table = moved([{}], [REBATE, GIFT, FREIGHT]).table.set_index("way")
    gross = 1000 + 1200 + 1000
    shares = table["after_value_share"]
    assert shares["with_rebate"] == pytest.approx(150 / gross)
    assert shares["with_free_goods"] == pytest.approx(200 / gross)
    assert shares["with_freight"] == pytest.approx(110 / gross)
    assert pd.isna(shares["by_extras"])


def test_prices_that_recover_while_extras_grow_are_told_as_a_move():
    step = moved([CHEAP] * 20 + [{}] * 20, [REBATE] * 15 + [{}] * 25)
    assert step.sentence.key == "controls.sentence.displaced"
    assert "50.0% to 0.0%" in say(step.sentence, "en") and "37.5%" in say(step.sentence, "en")
    low, high = newcombe_difference(15, 40, 0, 40)[1:]
    row = step.table.set_index("way").loc["by_extras"]
    # Before, no line was concerned: each order counts as one; after, lines are independent.
    assert (row["low_rate"], row["high_rate"]) == pytest.approx((low, high), abs=0.01)


def test_more_extras_beside_prices_as_low_as_ever_are_told_apart():
    step = moved([CHEAP] * 10 + [{}] * 30, [CHEAP] * 10 + [GIFT] * 20 + [{}] * 10)
    assert step.sentence.key == "controls.sentence.extras"
    assert "转移" not in say(step.sentence, "zh-Hans")


def test_extras_that_did_not_grow_are_no_sign():
    step = moved([CHEAP] * 20 + [SMALL] * 20, [SMALL] * 40)
    assert step.sentence.key == "controls.sentence.not_displaced"
    assert "No sign" in say(step.headline, "en")


def test_extras_recorded_nowhere_are_said_to_be_unknown():
    step = moved([CHEAP], [{}])
    assert step.table is None and step.sentence is None
    [caveat] = step.caveats
    assert "cannot be seen" in say(caveat.message, "en") and "看不出" in say(
        caveat.message, "zh-Hans"
    )


def test_without_a_side_to_compare_nothing_is_claimed():
    assert moved([REBATE], []).table is None
    assert moved([REBATE], [REBATE], dates=NOT_LIVE).table is None


def test_the_chart_shows_both_sides_of_each_way():
    ax = charts.plot_displacement(moved([CHEAP, {}], [REBATE, {}, {}, {}]))
    dots = [line.get_xdata().tolist() for line in ax.lines]
    assert dots == [[0.5, 0.0, 0.0], [0.0, 0.25, 0.25]]
    assert [text.get_text() for text in ax.texts][1] == "0.0%, then 25.0%"


def test_lines_of_one_order_count_as_one_where_they_agree():
    rows = [{"order_id": f"S{n}", "line_no": str(k), **(CHEAP if n < 6 else {})}
            for n in range(30) for k in range(4)]  # fmt: skip
    step = controls.below_floor(lines(orders(*rows)), dates=DATES)
    table = step.tables["intervals"].set_index("period").loc["after"]
    by_hand = clustered_share(np.repeat([4, 0], [6, 24]), np.full(30, 4))
    assert (table["orders"], table["lines"]) == (30, 120)
    assert (table["order_low_rate"], table["order_high_rate"]) == (by_hand.low, by_hand.high)
    rate = step["controls.price.below_floor_rate"]
    assert (rate.low, rate.high) == wilson(24, 120)  # the contract's interval counts lines
    [caveat] = step.caveats
    assert "120 lines stand in 30 orders" in say(caveat.message, "en")
    assert "30张订单" in say(caveat.message, "zh-Hans")


def test_orders_of_one_line_hang_together_with_nothing():
    step = controls.below_floor(lines({}, CHEAP), dates=DATES)
    assert "intervals" not in step.tables and not step.caveats


def test_extras_recorded_after_go_live_only_may_be_new_or_newly_recorded():
    step = moved([CHEAP] * 20 + [{}] * 20, [REBATE] * 15 + [{}] * 25, plain=False)
    assert step.sentence is None and len(step.table) == 3
    [caveat] = step.caveats
    assert "one side of go-live only: rebates." in say(caveat.message, "en")
    assert "返利" in say(caveat.message, "zh-Hans")

"""Prices: net price, floor, who approved; every clause by hand."""

from types import SimpleNamespace

import pandas as pd
import pytest
from control_rows import (
    DATES,
    IN_TIME,
    LOW,
    NOT_LIVE,
    SETTLING,
    ZONE,
    frame,
    lines,
    orders,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_eval_lib import controls
from crm_eval_lib.controls.floors import rule_floors
from crm_eval_lib.stats.intervals import poisson_ratio, wilson


def rule(**row):
    plain = {"product": "P", "floor_price": 95.0, "valid_from": "2024-01-01"}
    return {**plain, **row}


def floors(*rules, row=None, **knobs):
    table = orders({"floor_price": None, **(row or {})})
    return lines(table, rules=frame(rules) if rules else None, **knobs)["floor"].tolist()


def low(**row):
    return {**LOW, **IN_TIME, **row}


def test_the_net_price_takes_off_rebate_and_freight_and_spreads_over_free_pieces():
    row = {"quantity": 9.0, "free_quantity": 1.0, "unit_price": 100.0, "rebate": 30.0,
           "freight": 20.0}  # fmt: skip
    assert lines(row)["net_price"].tolist() == [(900 - 30 - 20) / 10]


def test_leakage_is_the_gap_times_all_pieces_in_the_clients_currency():
    row = {"quantity": 9.0, "free_quantity": 1.0, "currency": "USD", "fx_rate": 7.0}
    step = controls.leakage(lines({**row, "floor_price": 100.0}, {}), dates=DATES, currency="CNY")
    found = step["controls.price.leakage"]
    assert found.value == pytest.approx((100 - 90) * 10 * 7)
    assert (found.currency, found.n) == ("CNY", 2)


@pytest.mark.parametrize(
    ("currency", "floor", "below"),
    [("CNY", 100.005, False), ("CNY", 100.006, True), ("JPY", 100.5, False), ("JPY", 100.6, True),
     ("BHD", 100.0005, False), ("BHD", 100.0006, True)],
)  # fmt: skip
def test_below_means_by_more_than_half_a_minor_unit_of_the_rows_currency(currency, floor, below):
    row = {"currency": currency, "fx_rate": 1.0, "floor_price": floor}
    assert lines(row)["below"].tolist() == [below]


def test_the_orders_own_floor_goes_before_the_rule_and_the_rule_before_the_list():
    rules = frame([rule()])
    table = orders({"floor_price": 90.0}, {"floor_price": None},
                   {"floor_price": None, "product": "Q", "list_price": 120.0})  # fmt: skip
    priced = lines(table, rules=rules, floor_share_of_list=0.8)
    assert priced["floor"].tolist() == [90.0, 95.0, 96.0]
    assert priced["floor_source"].tolist() == ["order", "rule", "list_share"]


def test_without_a_set_share_the_list_price_is_no_floor():
    table = orders({"floor_price": None, "list_price": 120.0})
    step = controls.below_floor(lines(table), dates=DATES)
    assert step["controls.price.below_floor_rate"].reason.key == "controls.reason.no_floor"


@pytest.mark.parametrize(
    ("days", "floor"),
    [
        ({"valid_from": "2025-01-15"}, 95.0),
        ({"valid_from": "2025-01-16"}, None),
        ({"valid_to": "2025-01-15"}, 95.0),
        ({"valid_to": "2025-01-14"}, None),
    ],
)
def test_a_rule_holds_on_its_first_and_on_its_last_day(days, floor):
    (found,) = floors(rule(**days))
    assert found == floor or (floor is None and pd.isna(found))


def test_the_day_of_an_order_is_that_of_the_clients_zone():
    row = {"ordered_at": "2025-01-15 00:30"}  # the 14th in universal time
    assert floors(rule(valid_from="2025-01-15"), row=row) == [95.0]


def test_the_largest_quantity_break_reached_counts():
    rules = [rule(min_quantity=q, floor_price=f) for q, f in ((None, 99.0), (10, 95.0), (11, 90.0))]
    assert floors(*rules) == [95.0]
    assert floors(*rules, row={"quantity": 11.0}) == [90.0]


def test_a_rule_for_the_customers_class_goes_before_one_for_all():
    rules = [rule(customer_class=None), rule(customer_class="key", floor_price=80.0)]
    assert floors(*rules, row={"customer_class": "key"}) == [80.0]
    assert floors(*rules, row={"customer_class": "other"}) == [95.0]
    assert floors(*rules) == [95.0]


def test_a_rule_without_currency_is_in_the_clients_and_nothing_is_converted():
    abroad = {"currency": "USD", "fx_rate": 7.0}
    assert pd.isna(floors(rule(), row=abroad)[0])
    assert floors(rule(), rule(currency="USD", floor_price=14.0), row=abroad) == [14.0]
    assert floors(rule(currency="CNY")) == [95.0]


def test_the_newer_of_two_rules_counts_and_one_changed_after_the_status_date_never():
    rules = [
        rule(valid_from="2024-06-01", floor_price=96.0),
        rule(floor_price=99.0),
        rule(valid_from="2024-12-01", floor_price=70.0, changed_at="2025-09-01 08:00"),
    ]
    assert floors(*rules) == [96.0]


def test_before_and_after_leave_out_the_blackout():
    days = ["2024-09-01", "2024-09-02", "2024-11-30", "2024-12-01", "2025-08-31", "2025-09-01"]
    rows = [{**LOW, "ordered_at": f"{day} 23:30"} for day in days]
    step = controls.below_floor(lines(*rows, dates=SETTLING), dates=SETTLING)
    counts = [step[f"controls.price.below_floor_rate{s}"].n for s in ("", "_before", "_after")]
    assert counts == [2, 1, 2]


def test_without_a_blackout_the_day_of_go_live_is_after():
    rows = [{"ordered_at": "2024-09-01 23:59"}, {"ordered_at": "2024-09-02 00:00"}]
    step = controls.below_floor(lines(*rows), dates=DATES)
    assert [step[f"controls.price.below_floor_rate{s}"].n for s in ("_before", "_after")] == [1, 1]


def test_lines_without_a_floor_are_not_in_the_rate():
    step = controls.below_floor(lines(LOW, {}, {"floor_price": None}), dates=DATES)
    rate = step["controls.price.below_floor_rate"]
    assert (rate.value, rate.n) == (0.5, 2)
    assert (rate.low, rate.high) == pytest.approx(wilson(1, 2))


def test_the_ratio_of_rates_is_the_exact_conditional_one():
    early = {"ordered_at": "2024-05-06 10:00"}
    rows = [{**LOW, **early}] * 3 + [early] * 7 + [LOW] + [{}] * 19
    table = orders(*({"order_id": f"S{n}", **row} for n, row in enumerate(rows)))
    found = controls.below_floor(lines(table), dates=DATES)["controls.price.rate_ratio"]
    exact = poisson_ratio(1, 20, 3, 10)
    assert found.value == pytest.approx((1 / 20) / (3 / 10))
    assert (found.low, found.high, found.p) == pytest.approx((exact.low, exact.high, exact.p))


def test_nothing_below_before_leaves_the_ratio_open_but_bounded():
    rows = [{"ordered_at": "2024-05-06 10:00"}, LOW]
    found = controls.below_floor(lines(*rows), dates=DATES)["controls.price.rate_ratio"]
    assert found.state == "not_assessed" and found.reason.key == "controls.reason.no_event_before"
    assert found.low == pytest.approx(poisson_ratio(1, 1, 0, 1).low)


def test_an_open_project_has_a_rate_before_and_none_after():
    step = controls.below_floor(lines(LOW, {}, dates=NOT_LIVE), dates=NOT_LIVE)
    assert step["controls.price.below_floor_rate_before"].value == 0.5
    assert step["controls.price.below_floor_rate_after"].reason.key == "controls.reason.not_live"


def test_each_channel_has_its_rate():
    step = controls.below_floor(
        lines({**LOW, "channel": "api"}, {"channel": "api"}, {"channel": "ui"}), dates=DATES
    )
    found = [step[f"controls.price.by_channel[{name}]"].value for name in ("api", "ui")]
    assert found == [0.5, 0.0]


def test_shuffled_rows_change_nothing():
    rows = [low(approved_at=None, product_group="A"), low(product_group="B"), {"channel": "ui"},
            {**LOW, "ordered_at": "2024-05-06 10:00"}, low(approver_role="clerk")]  # fmt: skip
    table = orders(*rows, floor_price=None)
    rules = frame([rule(), rule(min_quantity=5, floor_price=92.0), rule(customer_class="key")])

    def results(table, rules):
        priced = lines(table, rules=rules)
        steps = [controls.below_floor(priced, dates=DATES),
                 controls.leakage(priced, dates=DATES, currency="CNY"),
                 controls.approvals(priced, dates=DATES, currency="CNY")]  # fmt: skip
        return [item.to_dict() for step in steps for item in step.indicators]

    shuffled = table.sample(frac=1, random_state=3), rules.iloc[::-1]
    assert results(*shuffled) == results(table, rules)


def test_inputs_are_left_as_they_were():
    table, rules = orders(LOW, {}), frame([rule()])
    before = table.copy(deep=True), rules.copy(deep=True)
    lines(table, rules=rules)
    pd.testing.assert_frame_equal(table, before[0])
    pd.testing.assert_frame_equal(rules, before[1])


def test_a_blackout_that_is_not_over_leaves_prices_after_open():
    settling = SimpleNamespace(**{**vars(SETTLING), "status_date": pd.Timestamp("2024-10-31")})
    early = {"ordered_at": "2024-10-15 10:00"}
    step = controls.leakage(lines(early, dates=settling), dates=settling, currency="CNY")
    assert step["controls.price.leakage"].reason.key == "controls.reason.not_live"


def test_lines_without_a_floor_are_counted_and_their_products_named():
    bare = {"floor_price": None, "product": "Q"}
    [caveat] = controls.below_floor(lines({}, {}, {}, bare), dates=DATES).caveats
    assert caveat.message.slots == {"n": 1, "m": 4, "products": ["Q"]}
    assert caveat.bias  # 25 % is more than the 20 % that cost an evidence grade
    assert not controls.below_floor(lines({}, {}), dates=DATES).caveats
    assert not controls.below_floor(lines(bare), dates=DATES).caveats  # not assessed says it all


def test_lines_that_brought_no_money_are_counted_and_named():
    free = {"unit_price": 0.0, "order_id": "F1"}
    [caveat] = controls.below_floor(lines({}, free), dates=DATES).caveats
    assert caveat.message.slots == {"n": 1, "m": 2, "examples": ["F1"]}
    assert not caveat.bias


def test_what_was_given_away_is_cut_by_product_customer_and_channel():
    rows = [{**LOW, "product_group": "G", "customer": "B", "channel": "ui"},
            {**LOW, "product_group": "G", "product": "Q", "customer": "A", "quantity": 30.0},
            {"product_group": "H", "customer": "A", "channel": "api"}]  # fmt: skip
    step = controls.leakage(lines(*rows), dates=DATES, currency="CNY")
    cut = {name: table.set_index(table.columns[0])["leakage"].to_dict()
           for name, table in {"": step.table, **step.tables}.items()}  # fmt: skip
    assert cut[""] == {"G": 400.0, "H": 0.0}
    assert cut["by_product"] == {"Q": 300.0, "P": 100.0}
    assert cut["by_customer"] == {"A": 300.0, "B": 100.0}
    assert cut["by_channel"] == {"–": 300.0, "ui": 100.0, "api": 0.0}


def by_hand(orders, rules):
    """Look every order up in every rule, as a clerk would."""
    found = []
    for order in orders:
        day = order["ordered_at"].tz_localize(None).normalize()
        fits = [
            (r["customer_class"] is not None, r["min_quantity"], r["valid_from"], r["floor_price"])
            for r in rules
            if r["product"] == order["product"]
            and r["customer_class"] in (None, order["customer_class"])
            and r["min_quantity"] <= order["quantity"]
            and r["valid_from"] <= day <= r["valid_to"]
        ]
        found.append(max(fits)[-1] if fits else None)
    return found


days = st.integers(0, 40).map(lambda n: pd.Timestamp("2025-01-01") + pd.Timedelta(days=n))
one_rule = st.fixed_dictionaries({
    "product": st.sampled_from("PQR"), "customer_class": st.sampled_from([None, "key", "other"]),
    "min_quantity": st.sampled_from([0.0, 5.0, 10.0]), "valid_from": days, "valid_to": days,
    "floor_price": st.integers(1, 99).map(float),
})  # fmt: skip
one_order = st.fixed_dictionaries({
    "product": st.sampled_from("PQS"), "customer_class": st.sampled_from([None, "key", "third"]),
    "quantity": st.sampled_from([1.0, 5.0, 7.0, 10.0, 50.0]),
    "ordered_at": days.map(lambda day: (day + pd.Timedelta(hours=23)).tz_localize(ZONE)),
})  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(one_rule, min_size=1, max_size=12), st.lists(one_order, min_size=1, max_size=12))
def test_the_floor_found_is_the_one_a_clerk_would_look_up(rules, rows):
    money = pd.Series(["CNY"] * len(rows))
    tables = pd.DataFrame(rows), pd.DataFrame(rules)
    found = rule_floors(tables[0], money, tables[1], dates=DATES, currency="CNY").tolist()
    expected = by_hand(rows, rules)
    assert [None if pd.isna(floor) else floor for floor in found] == expected

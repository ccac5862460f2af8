"""Drawn orders in place of an order book: rates, what they leave open, their grade."""

import pandas as pd
import pytest
from control_rows import DATES, lines, orders

from crm_eval_lib import controls
from crm_eval_lib.client import open_client
from crm_eval_lib.controls.price_lines import price_lines
from crm_eval_lib.evidence import table_evidence
from crm_eval_lib.simulate import DEMOS
from crm_eval_lib.stats.intervals import wilson
from crm_eval_lib.text import say

RATE, UNAPPROVED = "controls.price.below_floor_rate", "controls.price.unapproved_rate"


def drawn(*rows, **common):
    """Make drawn orders; a row is what differs from one at its floor, approved in time."""
    plain = {"selection": "random", "unit_price": 10.0, "floor_price": 10.0,
             "floor_source": "price_list", "approval": "before_shipment"}  # fmt: skip
    return pd.DataFrame([{"sample_id": f"S{n}", "order_id": f"A{n}", **plain, **common, **row}
                         for n, row in enumerate(rows, 1)])  # fmt: skip


def steps(samples, sold=None):
    book = price_lines(sold, None, None, dates=DATES, currency="CNY") if sold is None else sold
    more = {"currency": "CNY"}
    floor = controls.below_floor(book, dates=DATES)
    approved = controls.approvals(book, dates=DATES, currency="CNY")
    return (controls.or_samples(floor, samples, **more),
            controls.or_samples(approved, samples, **more))  # fmt: skip


LOW = {"unit_price": 9.0}
FOUR = ({}, LOW, {**LOW, "approval": "none"}, {**LOW, "approval": "after"})


def test_drawn_orders_give_the_two_rates_with_their_intervals():
    floor, approved = steps(drawn(*FOUR))
    assert (floor[RATE].value, floor[RATE].n) == (0.75, 4)
    assert approved[UNAPPROVED].value == 0.5
    assert (approved[UNAPPROVED].low, approved[UNAPPROVED].high) == wilson(2, 4)
    assert floor[RATE].tables == approved[UNAPPROVED].tables == ("order_samples",)


@pytest.mark.parametrize(("price", "rate"), [(9.995, 0.0), (9.99, 1.0), (10.5, 0.0)])
def test_below_is_by_more_than_half_of_the_smallest_coin(price, rate):
    assert steps(drawn({"unit_price": price}))[0][RATE].value == rate


def test_what_a_sample_cannot_show_stays_open():
    floor, approved = steps(drawn(*FOUR))
    assert floor["controls.price.below_floor_rate_before"].state == "not_assessed"
    for name in ("unapproved", "self_approved", "over_limit"):
        assert approved[f"controls.price.{name}"].state == "not_assessed"


def test_an_order_book_wins_over_drawn_orders():
    floor, _ = steps(drawn(*FOUR), sold=lines(orders({}, {})))
    assert (floor[RATE].value, floor[RATE].tables) == (0.0, floor[RATE].tables)
    assert "order_samples" not in floor[RATE].tables and "samples" not in floor.tables


def test_without_drawn_orders_nothing_is_made_up():
    for none in (None, drawn({}).head(0), drawn({"floor_price": None})):
        assert steps(none)[0][RATE].state == "not_assessed"


def test_how_the_orders_were_drawn_is_said_in_both_languages():
    floor, approved = steps(drawn(*FOUR, selection="convenience", floor_source="oral"))
    assert say(floor.sentence, "en") == "3 of 4 drawn orders lie below the floor, 75.0%."
    assert "4 of them picked for convenience and 4 with" in say(floor.caveats[-1].message, "en")
    assert "4张为随手选取" in say(floor.caveats[-1].message, "zh-Hans")
    assert say(approved.sentence, "zh-Hans") == "抽查的4张订单中，2张低于底价且未在发货前审批。"


@pytest.mark.parametrize(
    ("selection", "source", "grade"),
    [("random", "system", "B"), ("census", "price_list", "B"), ("convenience", "system", "C"),
     ("random", "oral", "D")],
)  # fmt: skip
def test_the_grade_follows_the_drawing_and_the_source_of_the_floor(selection, source, grade):
    table = drawn({}, {}, selection=selection, floor_source=source)
    assert table_evidence({"order_samples": table})["grade"].tolist() == [grade]


CAPTURED = "controls.complaints.captured_share"


def heard(*rows, **common):
    """Make sampled complaints; a row is what differs from one heard by phone and in the CRM."""
    plain = {"channel": "phone", "heard_at": pd.Timestamp("2025-01-15 10:00"), "in_crm": "yes"}
    return pd.DataFrame([{"ref": f"B{n}", **plain, **common, **row}
                         for n, row in enumerate(rows, 1)])  # fmt: skip


def test_the_captured_share_is_what_the_crm_knows_of_what_was_heard():
    samples = heard({}, {"in_crm": "no"}, {"channel": "visit", "in_crm": "no"}, {"channel": "crm"})
    step = controls.captured_complaints(samples, dates=DATES)
    found = step[CAPTURED]
    assert (found.value, found.n, (found.low, found.high)) == (0.5, 4, wilson(2, 4))
    assert found.parts == {"heard_elsewhere": 3, "captured_elsewhere": 1}
    assert step.table["channel"].tolist() == ["visit", "phone", "crm"]
    assert "of the 3 heard elsewhere 33% reached it" in say(step.caveats[0].message, "en")
    assert say(step.sentence, "zh-Hans").startswith("各处听到的4件投诉中，有2件进入CRM，占50%")


def test_complaints_heard_before_go_live_or_after_the_status_date_are_not_asked_for():
    days = [pd.Timestamp(day) for day in ("2024-08-30", "2025-09-01", "2025-01-15")]
    samples = heard(*({"heard_at": day, "in_crm": "no"} for day in days))
    assert controls.captured_complaints(samples, dates=DATES)[CAPTURED].n == 1


def test_without_sampled_complaints_the_share_is_open():
    for none in (None, heard({}).head(0), heard({}, in_crm=None)):
        assert controls.captured_complaints(none, dates=DATES)[CAPTURED].state == "not_assessed"


def test_both_fallbacks_of_the_small_demo_client_give_what_is_planted():
    client, truth = open_client("demo-small"), DEMOS["demo-small"]
    result = controls.assess(client)
    assert result[RATE].value == pytest.approx(truth.below_floor_after)
    heard_at_all = truth.complaints
    dropped = round(heard_at_all * truth.dropped_share)
    assert result[CAPTURED].value == pytest.approx(1 - dropped / heard_at_all)
    grades = table_evidence(client.tables).set_index("table")["grade"]
    assert grades[["order_samples", "complaint_samples"]].tolist() == ["B", "C"]

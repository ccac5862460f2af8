"""The bridge from budget to cost: its parts, and that they always sum."""

import numpy as np
import pandas as pd
import pytest
from cost_rows import changes, days, entries, lines
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_eval_lib import cost

PARTS = ("unbudgeted", "scope", "unapproved", "rate", "quantity", "fx", "other")
CENT = 0.005
amounts = st.integers(0, 10**9).map(lambda cents: cents / 100)
maybe = st.one_of(st.none(), st.integers(1, 500))


def parts_of(budget, actuals, asked=None):
    step = cost.bridge(budget, actuals, changes=asked, dates=days(), currency="CNY")
    return {part: step[f"cost.bridge[{part}]"].value for part in PARTS}


def priced(frame, *pairs):
    quantity, price = zip(*pairs, strict=True)
    return frame.assign(quantity=quantity, unit_price=price)


def test_changes_of_a_split_line_leave_its_quantity_and_price_changes_its_rate():
    budget = priced(lines(("A", "services", 1000.0)), (10, 100.0))
    spent = priced(entries(("A", "2024-03-01", 1500.0, "invoice")), (15, 100.0))
    asked = changes(("A", "scope", 300.0, "2024-02-01", "2024-02-02"),
                    ("A", "price", 40.0, "2024-02-01", "2024-02-02"),
                    ("A", "error", 25.0, "2024-02-01", None))  # fmt: skip
    assert parts_of(budget, spent, asked) == pytest.approx(
        {"unbudgeted": 0, "scope": 300, "unapproved": 25, "rate": -40, "quantity": 500 - 300 - 25,
         "fx": 0, "other": 40}
    )  # fmt: skip


def test_changes_of_an_unsplit_line_and_without_a_line_are_offset_in_other():
    asked = changes(("A", "law", 80.0, "2024-02-01", "2024-02-02"),
                    (None, "scope", 20.0, "2024-02-01", "2024-02-02"))  # fmt: skip
    spent = entries(("A", "2024-03-01", 1150.0, "invoice"), (None, "2024-03-01", 50.0, "invoice"))
    assert parts_of(lines(("A", "services", 1000.0)), spent, asked) == pytest.approx(
        {"unbudgeted": 50, "scope": 100, "unapproved": 0, "rate": 0, "quantity": 0, "fx": 0,
         "other": 150 - 100}
    )  # fmt: skip


def test_a_line_new_in_a_later_version_starts_from_zero():
    budget = pd.concat(
        [
            lines(("A", "services", 100.0), version=0),
            lines(("A", "services", 100.0), ("B", "training", 60.0), version=1),
        ]
    )
    spent = entries(("A", "2024-03-01", 100.0, "invoice"), ("B", "2024-03-01", 45.0, "invoice"))
    found = parts_of(budget, spent)
    assert (found["unbudgeted"], found["other"]) == pytest.approx((0, 45))


def test_two_currencies_on_one_line_are_not_split():
    budget = priced(lines(("A", "services", 1000.0)), (10, 100.0))
    spent = priced(entries(("A", "2024-03-01", 150.0, "invoice")), (15, 10.0))
    found = parts_of(budget, spent.assign(currency="USD", fx_rate=7.0))
    assert (found["fx"], found["other"]) == pytest.approx((0, 50))


@st.composite
def projects(draw):
    """Budgets with and without quantities, rows with and without lines, changes of all kinds."""
    names = draw(st.lists(st.sampled_from("ABCDE"), min_size=1, max_size=4, unique=True))
    budget = lines(*[(name, "services", draw(amounts)) for name in names])
    kinds = st.sampled_from(["invoice", "timesheet", "accrual", "credit", "order", "payment"])
    rows = st.tuples(st.sampled_from([*names, "Z", None]), st.just("2024-03-01"), amounts, kinds)
    spent = entries(
        *draw(st.lists(rows, min_size=1, max_size=8)), ("A", "2024-03-02", 1.0, "invoice")
    )
    for frame in (budget, spent):
        frame["quantity"] = [draw(maybe) for _ in range(len(frame))]
        frame["unit_price"] = (frame["amount"] / frame["quantity"].astype(float)).round(2)
    reasons = st.sampled_from(["scope", "law", "error", "price", "other"])
    change = st.tuples(st.sampled_from([*names, None]), reasons, amounts, st.just("2024-02-01"),
                       st.sampled_from(["2024-02-03", None]))  # fmt: skip
    return budget, spent, changes(*draw(st.lists(change, max_size=5)))


@settings(max_examples=40, deadline=None)
@given(projects())
def test_the_parts_sum_to_actual_cost_less_original_budget(project):
    budget, spent, asked = project
    step = cost.bridge(budget, spent, changes=asked, dates=days(), currency="CNY")
    values = [item.value for item in step.indicators]
    actual = spent.loc[~spent["kind"].isin(["order", "payment"]), "amount"].sum()
    if budget["amount"].sum() > 0:
        assert abs(sum(values) - (actual - budget["amount"].sum())) < CENT
    else:
        assert values == [None] * len(values)


def test_shuffled_rows_change_nothing():
    budget = priced(lines(("A", "services", 1000.0), ("B", "other", 10.0)), (10, 100.0), (1, 10.0))
    spent = entries(("A", "2024-03-01", 500.0, "invoice"), ("B", "2024-03-01", 30.0, "invoice"),
                    ("A", "2024-04-01", 700.0, "invoice"))  # fmt: skip
    spent = priced(spent, (5, 100.0), (3, 10.0), (7, 100.0))
    order = np.array([2, 0, 1])
    assert parts_of(budget, spent) == pytest.approx(parts_of(budget[::-1], spent.iloc[order]))

"""The bridge from budget to cost: its parts, and that they always sum."""

import numpy as np
import pandas as pd
import pytest
from cost_rows import changes, days, entries, lines
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_eval_lib import charts, cost
from crm_eval_lib.cost.bridge_lines import split_lines
from crm_eval_lib.text.cells import printed_value

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
def sides(draw, names, rows):
    """Columns both sides carry: quantity and price, currency with a rate per row, tax."""
    n = len(rows)
    foreign = [draw(st.booleans()) for _ in range(n)]
    taxed = [draw(st.booleans()) for _ in range(n)]
    return rows.assign(
        quantity=[draw(maybe) for _ in range(n)],
        unit_price=[draw(st.one_of(st.none(), amounts)) for _ in range(n)],
        currency=["USD" if away else draw(st.sampled_from(["CNY", None])) for away in foreign],
        fx_rate=[draw(st.integers(600, 800)) / 100 if away else None for away in foreign],
        tax=["included" if with_tax else "excluded" for with_tax in taxed],
        tax_rate=[0.13 if with_tax else None for with_tax in taxed],
    ).astype({"quantity": float, "unit_price": float, "fx_rate": float, "tax_rate": float})


@st.composite
def projects(draw):
    """Versions, quantities, currencies, tax, credits; rows without lines, lines without rows."""
    names = draw(st.lists(st.sampled_from("ABCDE"), min_size=1, max_size=4, unique=True))
    categories = st.sampled_from(["services", "hardware", "contingency"])
    versions = [
        lines(*[(name, draw(categories), draw(amounts)) for name in chosen], version=number)
        for number, chosen in enumerate([names, draw(st.sampled_from([[], [*names, "N"]]))])
    ]
    budget = draw(sides(names, pd.concat(versions, ignore_index=True)))
    kinds = st.sampled_from(["invoice", "timesheet", "accrual", "order", "payment"])
    rows = st.tuples(
        st.sampled_from([*names, "N", "Z", None]), st.just("2024-03-01"), amounts, kinds
    )
    spent = entries(*draw(st.lists(rows, max_size=8)), ("A", "2024-03-02", 1.0, "invoice"),
                    ("A", "2024-03-02", -draw(amounts), "credit"))  # fmt: skip
    spent = draw(sides(names, spent)).assign(category=draw(st.sampled_from(["training", None])))
    reasons = st.sampled_from(["scope", "law", "error", "price", "other"])
    approval = st.sampled_from(["2024-02-03", None])
    line = st.sampled_from([*names, "N", None])
    change = st.tuples(line, reasons, amounts, st.just("2024-02-01"), approval)
    return budget, spent, changes(*draw(st.lists(change, max_size=5)))


def in_client_currency(rows):
    return (rows["amount"] * rows["fx_rate"].fillna(1) / (1 + rows["tax_rate"].fillna(0))).sum()


@settings(max_examples=20, deadline=None)
@given(projects())
def test_parts_rounded_to_the_cent_sum_to_the_rounded_difference(project):
    budget, spent, asked = project
    step = cost.bridge(budget, spent, changes=asked, dates=days(), currency="CNY")
    actual = in_client_currency(spent.loc[~spent["kind"].isin(["order", "payment"])])
    original = in_client_currency(budget.loc[budget["version"] == 0])
    if original <= 0:
        assert {item.value for item in step.indicators} == {None}
        return
    cents = [round(item.value * 100) for item in step.indicators]
    assert [item.value for item in step.indicators] == [amount / 100 for amount in cents]
    assert abs(sum(cents) - (actual - original) * 100) <= 0.5 + 1e-3  # floats at a half cent
    by_category, amounts = step.tables["categories"], [f"{part}_amount" for part in PARTS]
    assert by_category["variance"].sum() == pytest.approx(actual - original, abs=CENT)
    assert np.allclose(by_category[amounts].sum(axis=1), by_category["variance"], atol=CENT)
    assert np.allclose(by_category[amounts].sum(), [c / 100 for c in cents], atol=4 * CENT)


quantities = st.tuples(*[st.integers(1, 10**6).map(lambda n: n / 100)] * 3)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(quantities, quantities), min_size=1, max_size=30))
def test_swapping_the_sides_of_the_split_changes_the_sign_only(pairs):
    before, after = (np.array(side) for side in zip(*pairs, strict=True))
    first, second = (
        pd.DataFrame(side, columns=["quantity", "unit_price", "rate"]).assign(
            line_id=[f"L{number:02}" for number in range(len(side))], net=1.0, currency="USD"
        )
        for side in (before, after)
    )
    there, back = split_lines(first, second, "CNY"), split_lines(second, first, "CNY")
    assert list(there.index) == list(back.index) == list(first["line_id"])
    assert there.to_numpy() == pytest.approx(-back.to_numpy())
    for parts, old, new in zip(there.to_numpy(), before.prod(1), after.prod(1), strict=True):
        assert parts.sum() == pytest.approx(new - old, abs=1e-9 * max(new, 1e6))


def test_a_side_with_nothing_of_a_line_is_split_where_its_rows_name_one_price():
    budget = priced(lines(("A", "services", 0.0), ("B", "services", 900.0)), (0, 100.0), (9, 100.0))
    spent = priced(entries(("A", "2024-03-01", 500.0, "invoice")), (5, 100.0))
    found = parts_of(budget, spent)
    assert (found["quantity"], found["rate"], found["other"]) == (500.0, 0.0, -900.0)


def test_a_line_whose_rows_lack_a_price_is_not_split():
    budget = priced(lines(("A", "services", 1000.0)), (10, 100.0))
    spent = entries(("A", "2024-03-01", 1200.0, "invoice"), ("A", "2024-03-02", 30.0, "invoice"))
    spent = priced(spent, (12, 100.0), (None, None))
    found = parts_of(budget, spent)
    assert (found["quantity"], found["other"]) == (0.0, 230.0)


def test_each_category_has_its_own_bridge_and_main_cause():
    budget = priced(
        lines(("A", "services", 1000.0), ("B", "hardware", 50.0)), (10, 100.0), (1, 50.0)
    )
    spent = entries(("A", "2024-03-01", 1440.0, "invoice"), ("B", "2024-03-01", 40.0, "invoice"),
                    (None, "2024-03-02", 30.0, "invoice"))  # fmt: skip
    spent = priced(spent, (12, 120.0), (1, 40.0), (1, 30.0))
    spent["category"] = ["other", "other", "hardware"]  # the line's category wins
    step = cost.bridge(budget, spent, dates=days(), currency="CNY")
    table = step.tables["categories"].set_index("category")
    assert table.loc["services", ["planned", "actual", "variance"]].tolist() == [1000, 1440, 440]
    # days: 2 × (100 + 120)/2 = 220; price: 20 × (10 + 12)/2 = 220
    assert table.loc["services", ["quantity_amount", "rate_amount"]].tolist() == pytest.approx(
        [220, 220]
    )
    parts = ["actual", "rate_amount", "unbudgeted_amount", "other_amount"]
    assert table.loc["hardware", parts].tolist() == [70, -10, 30, 0]
    assert table.loc["hardware", "main_cause"] == "unbudgeted"


def test_the_largest_lines_of_a_category_name_their_largest_ledger_entries():
    budget = lines(*[(f"L{number}", "services", 100.0) for number in range(7)])
    first = [(f"L{number}", "2024-03-01", 100.0 + number, "invoice") for number in range(7)]
    small = [("L6", "2024-04-01", float(size), "invoice") for size in range(1, 8)]
    spent = entries(*first, *small)
    table = cost.bridge(budget, spent, dates=days(), currency="CNY").tables["largest_lines"]
    assert table["line_id"].tolist() == ["L6", "L5", "L4", "L3", "L2"]
    assert table.loc[0, ["entries", "variance"]].tolist() == [8, 34]
    assert table.loc[0, "largest_entries"] == "T7, T14, T13, T12, T11"


def test_shuffled_rows_change_nothing():
    budget = priced(lines(("A", "services", 1000.0), ("B", "other", 10.0)), (10, 100.0), (1, 10.0))
    spent = entries(("A", "2024-03-01", 500.0, "invoice"), ("B", "2024-03-01", 30.0, "invoice"),
                    ("A", "2024-04-01", 700.0, "invoice"))  # fmt: skip
    spent = priced(spent, (5, 100.0), (3, 10.0), (7, 100.0))
    order = np.array([2, 0, 1])
    assert parts_of(budget, spent) == pytest.approx(parts_of(budget[::-1], spent.iloc[order]))


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_a_cause_nobody_recorded_is_said_so_and_not_drawn_as_zero(lang):
    spent = entries(("A", "2024-03-01", 130.0, "invoice"))
    step = cost.bridge(lines(("A", "services", 100.0)), spent, dates=days(), currency="CNY")
    amounts = step.table.set_index("part")["amount"]
    assert amounts[["other", "unbudgeted"]].tolist() == [30, 0]
    assert amounts[["scope", "unapproved", "rate", "quantity", "fx"]].isna().all()
    drawn = [text.get_text() for text in charts.plot_bridge(step, lang=lang).texts]
    assert drawn.count({"en": "not recorded", "zh-Hans": "无记录"}[lang]) == 5
    printed = printed_value(step["cost.bridge[rate]"].to_dict(), lang)
    assert printed == {"en": "not recorded", "zh-Hans": "无记录"}[lang]


def test_a_recorded_cause_that_moved_nothing_is_zero():
    budget = priced(lines(("A", "services", 1000.0)), (10, 100.0))
    spent = priced(entries(("A", "2024-03-01", 1000.0, "invoice")), (10, 100.0))
    step = cost.bridge(budget, spent, dates=days(), currency="CNY")
    amounts = step.table.set_index("part")["amount"]
    assert amounts[["rate", "quantity", "fx"]].tolist() == [0, 0, 0]

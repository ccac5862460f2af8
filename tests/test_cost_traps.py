"""Traps of cost tables, each by name: what a hasty sum would get wrong."""

from types import SimpleNamespace

import pandas as pd
import pytest
from cost_rows import changes, days, entries, lines, open_days, progress, straight_plan

from crm_eval_lib import cost
from crm_eval_lib.text import say

PLAIN = lines(("A", "services", 1000.0), ("H", "hardware", 500.0), ("R", "contingency", 100.0))


def found(budget, actuals, *, dates=None, asked=None, done=None):
    """Values of deviation, bridge and spending together, by the name without the factor."""
    known = {"changes": asked, "progress": done, "dates": dates or days(), "currency": "CNY"}
    steps = [
        step(budget, actuals, **known) for step in (cost.deviation, cost.bridge, cost.spending)
    ]
    return {
        item.id.removeprefix("cost."): item for step in steps for item in step.indicators
    }  # fmt: skip


def values(*args, **more):
    return {name: item.value for name, item in found(*args, **more).items()}


def bridged(result):
    return sum(value for name, value in result.items() if name.startswith("bridge["))


def test_several_budget_versions_are_not_added_up():
    versions = pd.concat([
        PLAIN.assign(version=0, approved_on="2023-12-01"),
        PLAIN.assign(version=1, approved_on="2024-03-01", amount=PLAIN["amount"] * 1.25),
        PLAIN.assign(version=2, approved_on="2025-03-01", amount=9e9),  # after the status date
    ])  # fmt: skip
    asked = changes(("A", "scope", 200.0, "2024-02-01", "2024-02-10"),  # within version 1
                    ("A", "scope", 100.0, "2024-04-01", "2024-04-10"))  # fmt: skip
    result = values(versions, entries(("A", "2024-05-01", 2400.0, "invoice")), asked=asked)
    assert result["deviation_original"] == pytest.approx(2400 / 1600 - 1)
    assert result["deviation_current"] == pytest.approx(2400 / (2000 + 100) - 1)
    assert bridged(result) == pytest.approx(2400 - 1600)


def test_a_credit_lowers_the_cost():
    rows = entries(("A", "2024-04-01", 800.0, "invoice"), ("A", "2024-05-01", -150.0, "credit"))
    assert values(PLAIN, rows)["deviation_original"] == pytest.approx(650 / 1600 - 1)


def test_a_credit_entered_without_its_sign_is_named():
    rows = entries(("A", "2024-04-01", 800.0, "invoice"), ("A", "2024-05-01", 150.0, "credit"))
    step = cost.deviation(PLAIN, rows, dates=days(), currency="CNY")
    (caveat,) = [c for c in step.caveats if c.message.key == "cost.caveat.positive_credit"]
    assert caveat.message.slots["ids"] == ["T2"] and caveat.bias


def test_a_reversed_accrual_leaves_the_invoice_alone():
    rows = entries(("A", "2024-04-30", 700.0, "accrual"), ("A", "2024-05-31", -700.0, "accrual"),
                   ("A", "2024-05-31", 720.0, "invoice"))  # fmt: skip
    assert values(PLAIN, rows)["deviation_original"] == pytest.approx(720 / 1600 - 1)


@pytest.mark.parametrize(
    ("status", "cost_so_far", "still_open"),
    [("2024-03-31", 0, 700), ("2024-04-30", 700, 700), ("2024-05-31", 700, 0)],
)
def test_order_accrual_and_invoice_of_one_purchase_are_one_cost(status, cost_so_far, still_open):
    rows = entries(("A", "2024-03-10", 700.0, "order"), ("A", "2024-04-30", 700.0, "accrual"),
                   ("A", "2024-05-31", -700.0, "accrual"), ("A", "2024-05-31", 700.0, "invoice"),
                   order_ref="P1")  # fmt: skip
    spent = cost.spending(PLAIN, rows, dates=open_days(status), currency="CNY")
    actual = 0.0 if spent.table is None or spent.table.empty else spent.table["actual"].sum()
    assert (actual, spent["cost.committed"].value) == (cost_so_far, still_open)


def test_an_invoice_beyond_its_order_does_not_lower_what_others_are_owed():
    rows = entries(("A", "2024-03-10", 100.0, "order"), ("A", "2024-03-11", 100.0, "order"),
                   ("A", "2024-04-10", 160.0, "invoice"))  # fmt: skip
    rows = rows.assign(order_ref=["P1", "P2", "P1"], retention=[None, None, 8.0])
    assert values(PLAIN, rows)["committed"] == 100.0 + 8.0


def test_two_currencies_are_taken_at_the_rate_of_their_own_row():
    budget = PLAIN.assign(currency=["USD", None, None], fx_rate=[7.0, None, None])
    rows = entries(("A", "2024-03-01", 500.0, "invoice"), ("A", "2024-06-01", 500.0, "invoice"),
                   ("H", "2024-03-01", 500.0, "invoice"))  # fmt: skip
    rows = rows.assign(currency=["USD", "USD", "CNY"], fx_rate=[7.1, 7.3, None])
    result = values(budget, rows)
    assert result["deviation_original"] == pytest.approx((3550 + 3650 + 500) / 7600 - 1)
    assert result["deviation[services]"] == pytest.approx(7200 / 7000 - 1)
    assert bridged(result) == pytest.approx(7700 - 7600)


def test_the_exchange_rate_of_a_line_is_weighed_by_what_was_paid_at_it():
    budget = lines(
        ("A", "services", 1000.0), quantity=10, unit_price=100, currency="USD", fx_rate=7.0
    )
    rows = entries(("A", "2024-03-01", 750.0, "invoice"), ("A", "2024-06-01", 250.0, "invoice"))
    rows = rows.assign(quantity=[7.5, 2.5], unit_price=100, currency="USD", fx_rate=[7.2, 7.6])
    budget = budget.assign(currency="USD")
    # mean rate (750 · 7.2 + 250 · 7.6) / 1000 = 7.3, so 1000 · 0.3
    assert values(budget, rows)["bridge[fx]"] == pytest.approx(300)


def test_tax_included_beside_excluded_is_refused_without_a_rate_everywhere_it_would_matter():
    rows = entries(("A", "2024-03-01", 1130.0, "invoice"), tax="included")
    result = found(PLAIN.assign(tax="excluded"), rows)
    reasons = {name: item.reason.key for name, item in result.items() if item.reason}
    assert reasons["deviation_original"] == reasons["bridge[other]"] == "cost.reason.tax_differs"
    assert reasons["contingency_used"] == "cost.reason.tax_differs"


def test_tax_included_beside_excluded_is_right_with_its_rate():
    budget = lines(("A", "services", 1000.0), quantity=10, unit_price=100, tax="excluded")
    rows = entries(("A", "2024-03-01", 1356.0, "invoice"), tax="included", tax_rate=0.13)
    result = values(budget, rows.assign(quantity=12, unit_price=113))
    assert result["deviation_original"] == pytest.approx(0.2)
    assert (result["bridge[quantity]"], result["bridge[rate]"]) == (200.0, 0.0)


def test_a_line_without_actuals_is_money_not_spent():
    result = values(PLAIN, entries(("A", "2024-03-01", 1000.0, "invoice")))
    assert (result["deviation[hardware]"], result["deviation[contingency]"]) == (-1.0, -1.0)
    assert (result["bridge[other]"], bridged(result)) == (-600.0, -600.0)


def test_actuals_without_a_line_are_unbudgeted_and_draw_on_the_contingency():
    rows = entries(("A", "2024-03-01", 900.0, "invoice"), ("Z", "2024-03-01", 60.0, "invoice"),
                   (None, "2024-03-01", 40.0, "invoice"), category="other")  # fmt: skip
    asked = changes(("A", "scope", 30.0, "2024-02-01", "2024-02-02"),
                    ("A", "scope", 70.0, "2024-02-01", None))  # fmt: skip
    result = values(PLAIN, rows, asked=asked)
    assert result["unbudgeted_share"] == pytest.approx(0.1)
    assert result["bridge[unbudgeted]"] == 100.0
    assert result["contingency_used"] == pytest.approx((30 + 100) / 100)


def test_lines_of_zero_are_lines_and_their_cost_is_not_unbudgeted():
    budget = pd.concat([PLAIN, lines(("O", "training", 0.0))])
    result = values(budget, entries(("O", "2024-03-01", 80.0, "invoice")))
    assert result["unbudgeted_share"] == 0.0
    assert result["deviation[training]"] is None
    assert (result["bridge[unbudgeted]"], bridged(result)) == (0.0, 80.0 - 1600.0)


def test_a_project_not_yet_live_is_forecast_and_its_subscription_is_still_cost():
    budget = lines(("A", "services", 900.0), ("S", "subscription", 100.0))
    rows = entries(("A", "2024-03-01", 540.0, "invoice"), ("S", "2024-04-01", 60.0, "invoice"))
    done = progress(("A", "2024-04-30", 0.5), ("S", "2024-04-30", 0.5))
    for dates in (open_days(), days(go_live="2024-07-01", status_date="2024-04-30")):
        result = values(budget, rows, dates=dates, done=done)
        assert result["deviation_original"] == pytest.approx(0.2)  # EAC = 1000 · 600 / 500


def test_approval_is_judged_within_the_kinds_that_have_any():
    rows = entries(
        ("A", "2024-03-10", 300.0, "invoice"),
        ("A", "2024-03-10", 100.0, "invoice"),
        ("A", "2024-03-10", 600.0, "timesheet"),
        ("A", "2024-03-10", 50.0, "order"),
    )
    approved = pd.to_datetime(["2024-03-09", "2024-03-11", None, None])
    assert values(PLAIN, rows.assign(approved_on=approved))["retrospective_share"] == 0.25


@pytest.mark.parametrize(
    ("month_end", "expected"),
    [("last", (3, 2 / 3)), (25, (3, 1 / 3))],
)
def test_month_ends_on_the_25th_move_entries_and_reviews_to_the_next_period(month_end, expected):
    reviews = pd.DataFrame({"review_id": ["R1", "R2"], "plan_vs_actual_shown": "yes",
                            "held_on": pd.to_datetime(["2024-01-28", "2024-02-20"])})  # fmt: skip
    dates = open_days("2024-03-20")
    step = cost.oversight(reviews, dates=dates, currency="CNY", month_end=month_end)
    assert (len(step.table), step["cost.review_coverage"].value) == expected


def test_month_ends_on_the_25th_count_the_periods_of_earned_schedule():
    ends = pd.date_range("2024-01-25", periods=4, freq=pd.DateOffset(months=1))
    plan = straight_plan("A", 1000.0, 4).assign(period_end=ends)
    step = cost.earned_schedule(
        lines(("A", "services", 1000.0)), progress(("A", "2024-03-25", 0.5)), plan,
        dates=open_days("2024-03-28"), currency="CNY", month_end=25,
    )  # fmt: skip
    assert step["cost.spi_time"].value == pytest.approx(2 / 3)


def test_a_december_invoice_counts_in_the_year_it_was_incurred_whenever_approved():
    rows = entries(("A", "2024-12-31", 300.0, "invoice"), ("A", "2025-01-02", 500.0, "invoice"))
    rows = rows.assign(approved_on=pd.to_datetime(["2025-01-15", "2024-12-20"]))
    assert values(PLAIN, rows)["deviation_original"] == pytest.approx(300 / 1600 - 1)
    later = values(PLAIN, rows, dates=days(status_date="2025-01-31"))
    assert later["deviation_original"] == pytest.approx(800 / 1600 - 1)
    assert later["retrospective_share"] == pytest.approx(300 / 800)


def test_a_december_invoice_lies_in_the_january_period_where_months_end_on_the_25th():
    rows = entries(("A", "2024-12-25", 300.0, "invoice"), ("A", "2024-12-28", 500.0, "invoice"))
    dates = days(go_live=None, status_date="2025-01-31")
    step = cost.month_by_month(PLAIN, rows, dates=dates, currency="CNY", month_end=25)
    actual = step.table.set_index("period_end")["actual"]
    assert (actual["2024-12-25"], actual["2025-01-25"]) == (300.0, 800.0)


def test_the_shape_of_dates_does_not_matter():
    dates = SimpleNamespace(status_date=pd.Timestamp("2024-12-31"), go_live=None)
    result = cost.spending(PLAIN, entries(("A", "2024-03-01", 1.0, "invoice")), dates=dates,
                           currency="CNY")  # fmt: skip
    assert result["cost.unbudgeted_share"].value == 0.0


def test_changes_beside_a_newest_version_without_a_day_of_approval_are_named():
    budget = pd.concat([lines(("A", "services", 1000.0), version=0),
                        lines(("A", "services", 1200.0), version=1)])  # fmt: skip
    asked = changes(("A", "scope", 200.0, "2024-02-01", "2024-02-10"))
    spent = entries(("A", "2024-03-01", 1200.0, "invoice"))
    step = cost.deviation(budget, spent, changes=asked, dates=days(), currency="CNY")
    caveat = next(item for item in step.caveats if item.bias)
    assert caveat.indicators == ("cost.deviation_current",)
    assert "Budget version 1 has no day of approval" in say(caveat.message)
    assert "1 approved change (CNY 200)" in say(caveat.message)


def test_cost_without_line_and_category_leaves_no_category_at_minus_a_hundred_per_cent():
    spent = entries((None, "2024-03-01", 900.0, "invoice"), ("A", "2024-03-01", 100.0, "invoice"))
    result = found(PLAIN, spent)
    assert result["deviation[hardware]"].value is None
    assert say(result["deviation[services]"].reason).startswith("90.0% of the cost has neither")
    assert result["deviation_original"].value == pytest.approx(1000 / 1600 - 1)


def test_a_trifle_without_a_category_leaves_the_categories_compared():
    spent = entries((None, "2024-03-01", 10.0, "invoice"), ("A", "2024-03-01", 990.0, "invoice"))
    assert values(PLAIN, spent)["deviation[services]"] == pytest.approx(-0.01)


def test_a_forecast_go_live_that_has_passed_is_named_as_too_early():
    dates = open_days("2024-12-31", forecast_go_live="2024-12-01")
    step = cost.schedule(None, dates=dates)
    assert step["cost.slip_days[go_live]"].value == 31  # by the forecast, as defined
    (caveat,) = step.caveats
    assert caveat.bias
    assert say(caveat.message).startswith("The forecast go-live, 2024-12-01, has passed")
    assert "30 days longer" in say(caveat.message)

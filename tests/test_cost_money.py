"""What counts as cost, in which currency, on which side of tax, until when."""

import pandas as pd
import pytest
from cost_rows import changes, days, entries, lines, open_days, progress

from crm_eval_lib import cost

BUDGET = lines(("A", "services", 600.0), ("S", "subscription", 400.0))


def deviated(budget, actuals, *, dates=None, **more):
    return cost.deviation(budget, actuals, dates=dates or days(), currency="CNY", **more)


def total(budget, actuals, **more):
    return deviated(budget, actuals, **more)["cost.deviation_original"].value


def test_orders_and_payments_are_never_cost_and_credits_reduce_it():
    rows = [("A", "2024-03-01", 700.0, "invoice"), ("A", "2024-03-02", 500.0, "timesheet"),
            ("A", "2024-03-03", 100.0, "accrual"), ("A", "2024-03-04", -50.0, "credit"),
            ("A", "2024-03-05", 900.0, "order"), ("A", "2024-03-06", 700.0, "payment")]  # fmt: skip
    assert total(BUDGET, entries(*rows)) == pytest.approx(1250 / 1000 - 1)


def test_rows_after_the_status_date_are_not_seen():
    rows = [("A", "2024-12-31", 900.0, "invoice"), ("A", "2025-01-01", 500.0, "invoice")]
    assert total(BUDGET, entries(*rows)) == pytest.approx(-0.1)


def test_a_subscription_after_the_finish_is_run_cost_and_other_lines_stay_project_cost():
    rows = [("S", "2024-06-30", 100.0, "invoice"), ("S", "2024-07-01", 300.0, "invoice"),
            ("A", "2024-07-01", 50.0, "invoice")]  # fmt: skip
    step = deviated(BUDGET, entries(*rows))
    assert step["cost.deviation_original"].value == pytest.approx(150 / 1000 - 1)
    assert step.caveats[-1].message.slots["amount"] == 300.0


def test_amounts_are_taken_times_the_exchange_rate_of_their_row():
    budget = lines(("A", "services", 100.0), currency="USD", fx_rate=7.0)
    spent = entries(("A", "2024-03-01", 110.0, "invoice"), ("A", "2024-03-01", 72.0, "invoice"))
    spent = spent.assign(currency=["USD", None], fx_rate=[7.2, None])
    assert total(budget, spent) == pytest.approx((110 * 7.2 + 72) / 700 - 1)


def test_a_foreign_amount_without_a_rate_is_not_taken_at_par():
    spent = entries(("A", "2024-03-01", 110.0, "invoice"), currency="USD")
    found = deviated(BUDGET, spent)["cost.deviation_original"]
    assert found.state == "not_assessed"
    assert found.reason.slots == {"table": "actuals", "currencies": ["USD"]}


def test_with_rates_both_sides_are_compared_net():
    budget = lines(("A", "services", 1000.0), tax="excluded")
    spent = entries(("A", "2024-03-01", 1130.0, "invoice"), tax="included", tax_rate=0.13)
    assert total(budget, spent) == pytest.approx(0.0)


@pytest.mark.parametrize("declared", ["included", "excluded"])
def test_without_rates_sides_declared_alike_are_compared_as_they_are(declared):
    spent = entries(("A", "2024-03-01", 1100.0, "invoice"), tax=declared)
    assert total(BUDGET.assign(tax=declared), spent) == pytest.approx(0.1)


@pytest.mark.parametrize("declared", ["included", None])
def test_without_rates_sides_declared_differently_are_refused(declared):
    spent = entries(("A", "2024-03-01", 1100.0, "invoice"), tax=declared)
    step = deviated(BUDGET.assign(tax="excluded"), spent)
    assert {item.state for item in step.indicators} == {"not_assessed"}
    assert step["cost.deviation_original"].reason.key == "cost.reason.tax_differs"


def test_schedule_performance_needs_no_comparison_and_survives_different_taxes():
    spent = entries(("A", "2024-03-01", 1100.0, "invoice"), tax="included")
    budget = BUDGET.assign(tax="excluded", planned_start="2024-01-01", planned_finish="2024-04-30")
    done = progress(("A", "2024-04-30", 0.5), ("S", "2024-04-30", 0.5))
    step = cost.earned_value(budget, spent, done, dates=open_days(), currency="CNY")
    assert step["cost.spi"].value == pytest.approx(0.5)
    assert step["cost.cpi"].reason.key == "cost.reason.tax_differs"


def test_a_project_is_finished_at_the_later_of_go_live_and_the_end_of_the_work():
    done = progress(("A", "2024-06-30", 0.9), ("A", "2024-08-31", 1.0), ("S", "2024-08-31", 1.0))
    rows = [("S", "2024-08-31", 400.0, "invoice"), ("S", "2024-09-01", 50.0, "invoice")]
    found = total(BUDGET, entries(*rows), progress=done)
    assert found == pytest.approx(400 / 1000 - 1)


def test_a_live_project_whose_work_is_never_done_is_open_and_forecast():
    done = progress(("A", "2024-08-31", 1.0), ("S", "2024-08-31", 0.5))
    step = deviated(BUDGET, entries(("A", "2024-03-01", 900.0, "invoice")), progress=done)
    # BAC 1000, EV 800, AC 900: EAC = 1125
    assert step["cost.deviation_original"].value == pytest.approx(0.125)
    assert step["cost.deviation_original"].tables == ("budget", "actuals", "progress")


def test_an_open_project_without_progress_has_no_deviation():
    step = deviated(BUDGET, entries(("A", "2024-03-01", 900.0, "invoice")), dates=open_days())
    assert {item.state for item in step.indicators} == {"not_assessed"}
    assert step["cost.deviation_original"].reason.key == "cost.reason.open_without_progress"


def test_a_go_live_after_the_status_date_has_not_happened():
    dates = days(go_live="2025-01-15")
    step = deviated(BUDGET, entries(("A", "2024-03-01", 900.0, "invoice")), dates=dates)
    assert step["cost.deviation_original"].reason.key == "cost.reason.open_without_progress"


def test_categories_are_compared_with_version_zero_by_the_line_they_belong_to():
    spent = entries(("A", "2024-03-01", 660.0, "invoice"), (None, "2024-03-01", 40.0, "invoice"))
    step = deviated(BUDGET, spent.assign(category=["other", "training"]))
    found = {item.key: item.value for item in step.indicators if item.key}
    assert found == {"services": pytest.approx(0.1), "subscription": -1.0, "training": None}


def test_an_open_category_is_forecast_from_its_own_performance():
    done = progress(("A", "2024-03-31", 0.5), ("S", "2024-03-31", 0.25))
    spent = entries(("A", "2024-03-01", 360.0, "invoice"), ("S", "2024-03-01", 100.0, "invoice"))
    step = deviated(BUDGET, spent, progress=done, dates=open_days())
    assert step["cost.deviation[services]"].value == pytest.approx(0.2)  # 360 / 0.5 against 600
    assert step["cost.deviation[subscription]"].value == pytest.approx(0.0)


def test_the_current_budget_is_the_newest_version_and_the_changes_approved_after_it():
    first = lines(("A", "services", 1000.0), version=0, approved_on=pd.Timestamp("2023-12-15"))
    second = lines(("A", "services", 1200.0), version=1, approved_on=pd.Timestamp("2024-03-01"))
    asked = changes(
        ("A", "scope", 70.0, "2024-01-10", "2024-02-01"),  # restated by version 1
        ("A", "scope", 300.0, "2024-03-10", "2024-04-01"),
        (None, "law", 100.0, "2024-03-10", "2024-04-01"),
        ("A", "scope", 999.0, "2024-03-10", None),
    )
    spent = entries(("A", "2024-05-01", 1680.0, "invoice"))
    step = deviated(pd.concat([first, second]), spent, changes=asked)
    assert step["cost.deviation_current"].value == pytest.approx(1680 / 1600 - 1)
    assert step["cost.deviation_original"].value == pytest.approx(0.68)


def test_a_version_approved_after_the_status_date_does_not_exist_yet():
    first = lines(("A", "services", 1000.0), version=0, approved_on=pd.Timestamp("2023-12-15"))
    later = lines(("B", "services", 9000.0), version=1, approved_on=pd.Timestamp("2025-02-01"))
    spent = entries(("A", "2024-05-01", 900.0, "invoice"), ("B", "2024-05-02", 100.0, "invoice"))
    both = pd.concat([first, later])
    assert deviated(both, spent)["cost.deviation_current"].value == pytest.approx(0.0)
    share = cost.spending(both, spent, dates=days(), currency="CNY")["cost.unbudgeted_share"]
    assert share.value == pytest.approx(0.1)


def test_a_version_approved_in_part_is_not_the_budget():
    # "BAC …: newest version approved ≤ status_date"; "a version restates all its lines"
    first = lines(("A", "services", 1000.0), ("B", "hardware", 500.0))
    second = lines(("A", "services", 2000.0), ("B", "hardware", 900.0))
    budget = pd.concat([
        first.assign(version=0, approved_on=pd.Timestamp("2023-12-01")),
        second.assign(version=1, approved_on=pd.to_datetime(["2024-03-01", "2025-02-01"])),
    ])  # fmt: skip
    spent = entries(("A", "2024-03-01", 900.0, "invoice"))
    step = cost.deviation(budget, spent, dates=days(), currency="CNY")
    assert step["cost.deviation_current"].value == pytest.approx(900 / 1500 - 1)
    later = cost.deviation(
        budget, spent, dates=days(status_date="2025-02-01"), currency="CNY"
    )  # fmt: skip
    assert later["cost.deviation_current"].value == pytest.approx(900 / 2900 - 1)


def test_the_original_budget_includes_contingency_and_the_budget_at_completion_does_not():
    budget = lines(("A", "services", 900.0), ("C", "contingency", 100.0))
    done = progress(("A", "2024-03-31", 0.5))
    spent = entries(("A", "2024-03-01", 500.0, "invoice"))
    where = {"dates": open_days(), "currency": "CNY"}
    assert cost.earned_value(budget, spent, done, **where)["cost.eac"].value == pytest.approx(1000)
    found = cost.deviation(budget, spent, progress=done, **where)["cost.deviation_original"]
    assert found.value == pytest.approx(0.0)  # 900 / (450 / 500) against 1000


@pytest.mark.parametrize("amount", [0.0, -5.0])
def test_a_budget_of_zero_or_less_gives_a_reason_and_no_number(amount):
    step = deviated(lines(("A", "services", amount)), entries(("A", "2024-03-01", 9.0, "invoice")))
    assert step["cost.deviation_original"].reason.key == "cost.reason.zero_budget"


@pytest.mark.parametrize("missing", [None, BUDGET.head(0)])
def test_absent_and_empty_tables_give_the_same_reason(missing):
    spent = entries(("A", "2024-03-01", 9.0, "invoice"))
    for step in (
        deviated(missing, spent),
        deviated(BUDGET, None if missing is None else spent[:0]),
    ):
        assert {item.reason.key for item in step.indicators} == {"core.reason.missing_table"}

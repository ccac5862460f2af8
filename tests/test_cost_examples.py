"""Published and hand-made cases, reached through tables and steps and not by a formula alone."""

import pandas as pd
import pytest
from cost_rows import entries, lines, open_days, progress, straight_plan

from crm_eval_lib import cost


def value(step, name):
    return step[f"cost.{name}"].value


@pytest.fixture
def sprints():
    """A published class-room case, thousands of dollars: PV 3000, EV 2400, AC 2700, BAC 3700."""
    plan = pd.DataFrame(
        {"line_id": ["A"], "period_end": ["2024-04-30"], "planned_cumulative": [3000.0]}
    )
    return cost.earned_value(
        lines(("A", "services", 3700.0)),
        entries(("A", "2024-03-10", 1500.0, "invoice"), ("A", "2024-04-10", 1200.0, "timesheet")),
        progress(("A", "2024-04-30", 2400 / 3700)),
        plan,
        dates=open_days(),
        currency="USD",
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cv", -300),
        ("sv", -600),
        ("cpi", 0.8889),
        ("spi", 0.8),
        ("eac", 4162.5),  # the source rounds CPI to 0.89 first and prints 4160
        ("eac_budget_rate", 4000),
        ("vac", -462.5),
        ("tcpi", 1.3),  # by hand: 1300 / 1000
    ],
)
def test_the_published_case_of_the_sprints_course_is_hit(sprints, name, expected):
    assert value(sprints, name) == pytest.approx(expected, abs=1e-3)


@pytest.fixture
def linear_ten_months():
    """A linear plan of 100,000 over ten months; after four, EV 30,000 and AC 35,000."""
    tables = {
        "budget": lines(("A", "services", 100_000.0)),
        "progress": progress(("A", "2024-04-30", 0.3)),
        "plan": straight_plan("A", 100_000.0, 10),
    }
    spent = entries(("A", "2024-02-05", 35_000.0, "invoice"))
    where = {"dates": open_days(), "currency": "USD"}
    money = cost.earned_value(tables["budget"], spent, tables["progress"], tables["plan"], **where)
    return money, cost.earned_schedule(*tables.values(), **where)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cv", -5000),
        ("sv", -10000),
        ("cpi", 0.8571428571428571),
        ("spi", 0.75),
        ("eac", 116666.666667),
        ("eac_budget_rate", 105000),
        ("tcpi", 1.076923077),
        ("vac", -16666.666667),
    ],
)
def test_the_money_of_a_linear_baseline_is_hit(linear_ten_months, name, expected):
    assert value(linear_ten_months[0], name) == pytest.approx(expected, rel=1e-5)


def test_the_time_of_a_linear_baseline_is_hit(linear_ten_months):
    step = linear_ten_months[1]
    found = [value(step, name) for name in ("earned_schedule", "spi_time", "ieac_time")]
    assert found == pytest.approx([3, 0.75, 13.333333333])


def test_earned_schedule_interpolates_within_a_month():
    step = cost.earned_schedule(
        lines(("A", "services", 100_000.0)),
        progress(("A", "2024-04-30", 0.34)),
        straight_plan("A", 100_000.0, 10),
        dates=open_days(),
        currency="USD",
    )
    assert value(step, "earned_schedule") == pytest.approx(3.4, abs=1e-12)


def test_rate_quantity_and_exchange_rate_of_one_line_sum_to_the_crude_difference():
    # 100 days at 1000 and 7.0 become 120 days at 950 and 7.2: 820,800 less 700,000
    plan = lines(("A", "services", 100_000.0), quantity=100, unit_price=1000, fx_rate=7.0)
    spent = entries(("A", "2024-03-01", 114_000.0, "invoice"))
    spent = spent.assign(quantity=120, unit_price=950, fx_rate=7.2, currency="USD")
    step = cost.bridge(plan.assign(currency="USD"), spent, dates=open_days(), currency="CNY")
    parts = {name: step[f"cost.bridge[{name}]"].value for name in ("quantity", "rate", "fx")}
    assert sum(parts.values()) == pytest.approx(120_800.0, abs=1e-6)
    # Das Gupta for three factors, by hand:
    # quantity 20·[(1000·7.0 + 950·7.2)/3 + (1000·7.2 + 950·7.0)/6]
    assert parts["quantity"] == pytest.approx(20 * ((7000 + 6840) / 3 + (7200 + 6650) / 6))
    assert parts["rate"] == pytest.approx(-50 * ((700 + 864) / 3 + (720 + 840) / 6))
    assert parts["fx"] == pytest.approx(0.2 * ((1e5 + 114e3) / 3 + (95e3 + 120e3) / 6))

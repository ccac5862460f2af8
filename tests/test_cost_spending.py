"""Unbudgeted, approved too late, contingency, what is still owed."""

import pandas as pd
import pytest
from cost_rows import changes, days, entries, lines

from crm_eval_lib import cost

BUDGET = lines(("A", "services", 900.0), ("C", "contingency", 100.0))


def spent(actuals, budget=BUDGET, dates=None, **more):
    return cost.spending(budget, actuals, dates=dates or days(), currency="CNY", **more)


def approved(*approvals, kinds=None):
    rows = entries(*[("A", "2024-03-10", 100.0, "invoice")] * len(approvals))
    kinds = kinds or ["invoice"] * len(approvals)
    return rows.assign(approved_on=pd.to_datetime(list(approvals)), kind=kinds)


def test_unbudgeted_is_what_belongs_to_no_line_of_any_version():
    budget = pd.concat([BUDGET.assign(version=0), lines(("B", "services", 5.0), version=1)])
    rows = [
        ("A", "2024-03-01", 700.0, "invoice"),
        ("B", "2024-03-01", 100.0, "invoice"),
        ("X", "2024-03-01", 150.0, "invoice"),
        (None, "2024-03-01", 50.0, "invoice"),
    ]
    assert spent(entries(*rows), budget)["cost.unbudgeted_share"].value == pytest.approx(0.2)


def test_a_ledger_that_never_names_lines_is_not_wholly_unbudgeted():
    found = spent(entries((None, "2024-03-01", 50.0, "invoice")))["cost.unbudgeted_share"]
    assert found.reason.slots == {"table": "actuals", "columns": ["line_id"]}


def test_approval_on_the_day_is_in_time_and_later_or_never_is_not():
    step = spent(approved("2024-03-10", "2024-03-11", None, "2024-01-02"))
    assert step["cost.retrospective_share"].value == pytest.approx(0.5)


def test_only_kinds_that_have_any_approval_are_judged():
    rows = approved("2024-03-01", None, None, kinds=["invoice", "invoice", "timesheet"])
    found = spent(rows)["cost.retrospective_share"]
    assert (found.value, found.n) == (pytest.approx(0.5), 2)


def test_an_approval_after_the_status_date_has_not_happened():
    step = spent(approved("2024-03-01", "2025-03-01"))
    assert step["cost.retrospective_share"].value == pytest.approx(0.5)
    finding = step.findings[0]
    assert finding.rows == (("actuals", "T2"),)
    assert finding.action.sentence.slots["amount"] == 100.0


def test_without_any_approval_nothing_is_said_about_it():
    step = spent(entries(("A", "2024-03-01", 50.0, "invoice")))
    assert step["cost.retrospective_share"].state == "not_assessed"
    assert step.findings == ()


def test_contingency_is_used_by_approved_changes_and_unbudgeted_cost():
    asked = changes(("A", "scope", 30.0, "2024-02-01", "2024-02-10"),
                    ("A", "scope", 55.0, "2024-02-01", None))  # fmt: skip
    rows = entries(("A", "2024-03-01", 500.0, "invoice"), (None, "2024-03-01", 20.0, "invoice"))
    assert spent(rows, changes=asked)["cost.contingency_used"].value == pytest.approx(0.5)


def test_committed_is_what_is_ordered_and_not_invoiced_plus_retention():
    rows = [
        ("A", "2024-03-01", 500.0, "order"),
        ("A", "2024-03-01", 200.0, "order"),
        ("A", "2024-04-01", 320.0, "invoice"),
        ("A", "2024-04-02", 260.0, "invoice"),
        ("A", "2024-04-03", -20.0, "credit"),
        ("A", "2024-04-03", 320.0, "payment"),
    ]
    ledger = entries(*rows).assign(order_ref=["P1", "P2", "P1", "P2", "P1", "P1"], retention=None)
    ledger.loc[2, "retention"] = 32.0
    # P1: 500 − 300 open; P2: invoiced above the order, nothing open
    assert spent(ledger)["cost.committed"].value == pytest.approx(232.0)


@pytest.mark.parametrize(("status_date", "open_amount"), [("2024-03-31", 500.0), ("2024-06-30", 0)])
def test_an_order_that_is_only_accrued_is_not_yet_invoiced(status_date, open_amount):
    rows = [
        ("A", "2024-03-01", 500.0, "order"),
        ("A", "2024-03-31", 500.0, "accrual"),
        ("A", "2024-04-01", -500.0, "accrual"),
        ("A", "2024-04-10", 500.0, "invoice"),
    ]
    ledger = entries(*rows).assign(order_ref="P1")
    assert spent(ledger, dates=days(status_date=status_date))["cost.committed"].value == open_amount


def test_changes_that_were_never_approved_lead_to_an_action():
    asked = changes(("A", "scope", 30.0, "2024-02-01", "2024-02-10"),
                    ("A", "error", 55.0, "2024-02-01", None))  # fmt: skip
    step = spent(entries(("A", "2024-03-01", 500.0, "invoice")), changes=asked)
    assert [(item.action.type, item.rows) for item in step.findings] == [
        ("cost.unapproved", (("changes", "C2"),))
    ]

"""A ledger and its budget: where the budget stops, a month posted twice, kinds of account."""

import pandas as pd
import pytest

from crm_eval_lib import cost, data_check
from crm_eval_lib.errors import DataError
from real_data.builder import build

pytestmark = pytest.mark.real_data
LINE = ["OrganizationName", "DepartmentGroupName", "AccountDescription"]
LABOUR = ["Salaries", "Payroll Taxes", "Employee Benefits"]
HARDWARE = ["Equipment", "Furniture and Fixtures"]
SERIAL = """'T' || row_number() OVER (ORDER BY Date, OrganizationName, DepartmentGroupName,
                                                AccountDescription)"""
BY_MONTH = """strftime(Date, '%Y-%m') || ' / ' || OrganizationName || ' / ' ||
             DepartmentGroupName || ' / ' || AccountDescription"""
ACTUAL = "AND ScenarioName = 'Actual'"


@pytest.fixture(scope="module")
def ledger(shared_data):
    return pd.read_csv(shared_data / "adventureworks" / "finance_actual_budget_forecast.csv")


@pytest.fixture(scope="module")
def spent(ledger):
    """Expenditures, actual and budget, up to the last month that has a budget."""
    return ledger.query("AccountType == 'Expenditures' and Date < '2011-12-01'")


@pytest.fixture(scope="module")
def client(shared_data, tmp_path_factory):
    return build(tmp_path_factory.mktemp("works"), shared_data, "real-adventureworks").validate()


@pytest.fixture(scope="module")
def result(client):
    return cost.assess(client)


def deviation(rows):
    sums = rows.groupby("ScenarioName")["Amount"].sum()
    return sums["Actual"] / sums["Budget"] - 1


def test_the_deviation_is_the_ratio_of_the_two_sums(result, spent):
    for name in ("original", "current"):
        found = result[f"cost.deviation_{name}"]
        assert found.value == pytest.approx(deviation(spent), abs=1e-12)
    assert result["cost.deviation_original"].n == (spent["ScenarioName"] == "Actual").sum()


def test_each_category_is_held_against_its_own_budget(result, spent):
    names = spent["AccountDescription"]
    parts = {"internal_labour": names.isin(LABOUR), "hardware": names.isin(HARDWARE),
             "services": names.eq("Professional Services")}  # fmt: skip
    parts["other"] = ~(parts["internal_labour"] | parts["hardware"] | parts["services"])
    for category, mask in parts.items():
        found = result[f"cost.deviation[{category}]"].value
        assert found == pytest.approx(deviation(spent[mask]), abs=1e-12)


def test_accounts_without_a_budget_are_the_unbudgeted_share(result, spent):
    budget = spent.query("ScenarioName == 'Budget'").set_index(LINE).index
    actual = spent.query("ScenarioName == 'Actual'").set_index(LINE)
    outside = actual.loc[~actual.index.isin(budget), "Amount"].sum()
    found = result["cost.unbudgeted_share"]
    assert found.value == pytest.approx(outside / actual["Amount"].sum(), abs=1e-12)
    assert result["cost.bridge[unbudgeted]"].value == pytest.approx(outside, abs=0.01)


def test_the_parts_of_the_bridge_add_up_to_the_overrun(result, spent):
    sums = spent.groupby("ScenarioName")["Amount"].sum()
    parts = [item.value for item in result.indicators if item.base_id == "cost.bridge"]
    assert sum(parts) == pytest.approx(sums["Actual"] - sums["Budget"], abs=0.01)


def test_only_expenditures_are_added_up(client, ledger):
    kinds = ledger.query("ScenarioName == 'Actual'").groupby("AccountType")["Amount"].sum()
    total = client.tables.actuals["amount"].sum()
    assert total == pytest.approx(kinds["Expenditures"], abs=0.01)
    assert kinds.sum() > 5 * total  # what adding across types of account would claim


def test_what_was_posted_after_the_budget_stops_is_reported_and_left_out(client, ledger):
    rows = ledger.query("AccountType == 'Expenditures' and ScenarioName == 'Actual'")
    assert ledger.query("ScenarioName == 'Budget'")["Date"].max() == "2011-11-29"
    dates = data_check.plausibility(client.tables, dates=client.dates, timezone=client.timezone)
    odd = dates.table.set_index("column_name").loc["incurred_on"]
    assert (odd["check"], odd["odd"]) == ("after_status", (rows["Date"] > "2011-11-30").sum())


def test_a_month_posted_on_two_days_counts_with_both_days(tmp_path, shared_data, ledger):
    change = ("status_date: 2011-11-30", "status_date: 2011-12-31")
    client = build(tmp_path, shared_data, "real-adventureworks", change)
    rows = ledger.query("AccountType == 'Expenditures' and Date < '2012-01-01'")
    december = rows.query("Date >= '2011-12-01'")
    assert december["Date"].unique().tolist() == ["2011-12-28", "2011-12-29"]
    step = cost.deviation(
        client.tables.budget, client.tables.actuals, dates=client.dates, currency="USD"
    )
    assert step["cost.deviation_original"].value == pytest.approx(deviation(rows), abs=1e-12)


def test_a_month_posted_twice_is_a_repeated_key_where_the_key_is_the_month(tmp_path, shared_data):
    december = f"{ACTUAL} AND Date BETWEEN '2011-12-01' AND '2011-12-31'"
    changes = [(SERIAL, BY_MONTH), (ACTUAL, december)]
    client = build(tmp_path, shared_data, "real-adventureworks", *changes, keep=("actuals",))
    with pytest.raises(DataError) as caught:
        client.validate()
    [problem] = caught.value.problems
    assert problem.column == "txn_id"
    assert "'2011-12 / Northeast Division / " in problem.found
    assert "again (first in row " in problem.found


def test_posting_days_that_drift_over_month_ends_repeat_the_key_of_the_month(
    tmp_path, shared_data, ledger
):
    rows = ledger.query("AccountType == 'Expenditures' and ScenarioName == 'Actual'")
    repeated = rows.assign(month=rows["Date"].str[:7]).duplicated(["month", *LINE]).sum()
    changes = [(SERIAL, BY_MONTH)]
    client = build(tmp_path, shared_data, "real-adventureworks", *changes, keep=("actuals",))
    with pytest.raises(DataError) as caught:
        client.validate()
    listed = [problem for problem in caught.value.problems if problem.row is not None]
    assert f"{repeated - len(listed):,} more rows" in caught.value.problems[-1].remedy


def test_divisions_that_have_no_budget_line_are_named(client, ledger):
    step = data_check.linkage(client.tables)
    row = step.table.set_index("column_name").loc["line_id"]
    rows = ledger.query("AccountType == 'Expenditures'").set_index(LINE)
    budget = rows[rows["ScenarioName"] == "Budget"].index
    actual = rows[rows["ScenarioName"] == "Actual"].index
    assert row["unmatched"] == (~actual.isin(budget)).sum()

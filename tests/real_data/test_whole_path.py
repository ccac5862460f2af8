"""All real data as one client: from a folder with nothing but client.yml to its report."""

import json

import pandas as pd
import pytest

from crm_eval_lib.cli import main
from real_data.builder import build_whole
from real_data.oracles import office_hours, quantile, upper_limit

pytestmark = [pytest.mark.real_data, pytest.mark.slow]
CLIENT, ZONE = "real-all", "Europe/Amsterdam"
LIVE, STATUS = "2011-06-01", "2017-12-31"
CONFIG = {
    "client": CLIENT, "name": "Real data", "language": "en", "currency": "USD", "timezone": ZONE,
    "dates": {"project_start": "2010-12-01", "planned_go_live": "2011-03-01", "go_live": LIVE,
              "status_date": STATUS},
    "price": {"floor_share_of_list": 0.9}, "efficiency": {"mix": ["channel"]},
}  # fmt: skip
# Money is compared over the months that have a budget.
BUDGETED = ("AND ScenarioName = 'Actual'", "AND ScenarioName = 'Actual' AND Date < '2011-12-01'")
HOUR = pd.Timedelta("1h")


@pytest.fixture(scope="module")
def reports(shared_data, project, tmp_path_factory):
    """The reports folder after one run of the command line."""
    clients, folder = tmp_path_factory.mktemp("clients"), tmp_path_factory.mktemp("reports")
    build_whole(clients, shared_data, CONFIG, BUDGETED)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        with pytest.raises(SystemExit) as ended:
            main(["run", CLIENT, "--clients", str(clients), "--reports", str(folder), "-q"])
    batch = json.loads((folder / "batch.json").read_text(encoding="utf-8"))
    assert ended.value.code == 0, batch["clients"][0]
    return folder


@pytest.fixture(scope="module")
def results(reports):
    return json.loads((reports / CLIENT / "results.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def indicators(results):
    return {item["id"]: item for item in results["indicators"]}


def test_the_page_stands_beside_the_results_and_needs_no_network(reports):
    page = (reports / CLIENT / "report.html").read_text(encoding="utf-8")
    assert "<script src=" not in page
    assert "<link" not in page
    assert page.count("<svg") >= 4
    assert (reports / "index.html").is_file()


def test_cost_is_the_ratio_of_the_two_sums(indicators, shared_data):
    file = shared_data / "adventureworks" / "finance_actual_budget_forecast.csv"
    rows = pd.read_csv(file).query("AccountType == 'Expenditures' and Date < '2011-12-01'")
    sums = rows.groupby("ScenarioName")["Amount"].sum()
    found = indicators["cost.deviation_original"]
    assert (found["unit"], found["state"]) == ("ratio", "scored")
    assert found["value"] == pytest.approx(sums["Actual"] / sums["Budget"] - 1, abs=1e-9)


def test_problems_claimed_as_solved_bound_those_proven(indicators):
    # By the end of 2017 every tenth incident, all 2,500, was closed.
    claimed, proven = indicators["problems.claimed_rate"], indicators["problems.solved_rate"]
    assert (claimed["value"], claimed["n"]) == (1.0, 2500)
    assert (proven["state"], proven["value"], proven["high"]) == ("not_assessed", None, 1.0)


@pytest.mark.parametrize("sample", ["before", "after"])
def test_hours_of_the_permits_are_those_of_an_independent_calendar(indicators, shared_data, sample):
    raw = pd.read_csv(shared_data / "coselog_receipt" / "receipt.csv")
    moments = pd.to_datetime(raw["time:timestamp"], utc=True, format="ISO8601")
    local = moments.dt.tz_convert(ZONE).dt.tz_localize(None)
    cases = local.groupby(raw["case:concept:name"]).agg(["min", "max"])
    early = cases["min"] < LIVE
    cases = cases[early if sample == "before" else ~early]
    limit = pd.Timestamp(LIVE if sample == "before" else STATUS)
    hours = office_hours(cases["min"], cases["max"].clip(upper=limit))
    found = indicators[f"efficiency.median_hours_{sample}[main]"]
    assert found["value"] == pytest.approx(quantile(hours, cases["max"] <= limit), abs=1e-6)


@pytest.mark.parametrize(("tier", "confidence"), [("Risk 1 (High)", 0.95), ("Risk 3 (Low)", 0.90)])
def test_deviations_of_the_inspections_have_their_exact_limit(
    indicators, shared_data, tier, confidence
):
    raw = pd.read_csv(shared_data / "chicago_food_inspections/23_food_insp_features.csv.gz")
    failed = raw.loc[raw["Risk"] == tier, "Results"] != "Pass"
    rate, limit = (indicators[f"controls.{name}[{tier}]"]
                   for name in ("deviation_rate", "upper_limit"))  # fmt: skip
    assert rate["value"] == pytest.approx(failed.mean(), abs=1e-9)
    exact = upper_limit(failed.sum(), len(failed), confidence)
    assert limit["value"] == pytest.approx(exact, abs=1e-9)


def test_prices_below_the_floor_are_counted_over_all_deals_won(indicators, shared_data):
    folder = shared_data / "maven_crm"
    won = pd.read_csv(folder / "sales_pipeline.csv").query("deal_stage == 'Won'")
    prices = pd.read_csv(folder / "products.csv").set_index("product")["sales_price"]
    floor = 0.9 * won["product"].replace("GTXPro", "GTX Pro").map(prices)
    found = indicators["controls.price.below_floor_rate"]
    assert (found["value"], found["n"]) == (
        pytest.approx((won["close_value"] < floor - 0.005).mean()), len(won)
    )  # fmt: skip
    assert indicators["controls.price.below_floor_rate_before"]["state"] == "not_assessed"
    lost = (floor - won["close_value"]).clip(lower=0).sum()
    assert indicators["controls.price.leakage"]["value"] == pytest.approx(lost, abs=0.01)
    assert indicators["controls.price.leakage"]["unit"] == "money"


def test_complaints_wait_as_long_as_kaplan_and_meier_say(indicators, shared_data):
    raw = pd.read_csv(shared_data / "uci498_incidents" / "incident_event_log.zip")
    last = raw.drop_duplicates("number", keep="last").query("priority == '3 - Moderate'")
    opened, resolved = (zoned(last[name]) for name in ("opened_at", "resolved_at"))
    end = resolved.fillna(pd.Timestamp("2018-01-01", tz=ZONE))
    expected = quantile((end - opened) / HOUR, resolved.notna())
    found = indicators["controls.complaints.resolution_hours[priority=3]"]
    assert (found["value"], found["n"]) == (pytest.approx(expected), len(last))


def zoned(texts):
    """Read moments as the client's clock shows them, by the rule for the two clock changes."""
    naive = pd.to_datetime(texts.where(texts != "?"), format="%d/%m/%Y %H:%M")
    first_pass = [True] * len(naive)
    return naive.dt.tz_localize(ZONE, ambiguous=first_pass, nonexistent="shift_forward")


def test_every_table_is_named_with_its_file_checksum_and_rows(results):
    given = results["provenance"]["inputs"]
    inputs = {(item["table"], item["path"].split("/")[-1]) for item in given}
    assert {("orders", "sales_pipeline.csv"), ("complaints", "incident_event_log.zip"),
            ("problems", "incident_event_log.zip"), ("events", "receipt.csv"),
            ("processes", "client.yml"),
            ("control_tests", "23_food_insp_features.csv.gz"),
            ("actuals", "finance_actual_budget_forecast.csv")} <= inputs  # fmt: skip
    assert all(len(item["sha256"]) == 64 for item in given)


def test_nobody_who_sold_or_handled_anything_is_named(reports, shared_data):
    page = (reports / CLIENT / "report.html").read_text(encoding="utf-8")
    agents = pd.read_csv(shared_data / "maven_crm" / "sales_teams.csv")["sales_agent"]
    assert not [name for name in agents if name in page]
    assert "Resolver 1" not in page

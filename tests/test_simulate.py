"""The demo clients come from the generator, and hold what was planted."""

import json

import pandas as pd
import pytest

from crm_eval_lib import data_check, open_client
from crm_eval_lib.errors import UsageError
from crm_eval_lib.simulate import DEMOS, make_tables, planted_rates, write_client

LIMIT_BYTES = 3_000_000
WITH_LEDGER = [name for name, scenario in DEMOS.items() if not scenario.thin]
BOOKED = ["invoice", "timesheet", "accrual", "credit"]


def tables_of(demo):
    return make_tables(DEMOS[demo])


def money(table):
    """Amounts in the client's currency."""
    rate = table["fx_rate"].fillna(1.0) if "fx_rate" in table else 1.0
    return (table["amount"] * rate).sum()


@pytest.mark.parametrize("demo", DEMOS)
def test_committed_demo_clients_are_what_the_generator_makes(demo, demo_clients, tmp_path):
    made = write_client(demo, tmp_path)
    names = sorted(path.name for path in made.iterdir())
    committed = sorted(path.name for path in (demo_clients / demo).iterdir() if path.is_file())
    assert committed == names
    for name in names:
        assert (made / name).read_bytes() == (demo_clients / demo / name).read_bytes(), name


def test_demo_clients_are_small(demo_clients):
    files = [path for demo in DEMOS for path in (demo_clients / demo).rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < LIMIT_BYTES


@pytest.mark.parametrize("demo", WITH_LEDGER)
def test_ledger_holds_the_planted_overrun(demo):
    tables, live = tables_of(demo), pd.Timestamp(DEMOS[demo].go_live)
    booked = tables["actuals"].loc[lambda t: t["kind"].isin(BOOKED)]
    cost = booked[booked["incurred_on"] <= live]
    original = tables["budget"].loc[lambda t: t["version"] == 0]
    assert money(cost) / money(original) - 1 == pytest.approx(DEMOS[demo].overrun, abs=1e-6)


def test_after_go_live_only_the_planted_fees_are_booked():
    scenario = DEMOS["demo-trading"]
    actuals = tables_of("demo-trading")["actuals"]
    later = actuals[actuals["incurred_on"] > pd.Timestamp(scenario.go_live)]
    assert set(later["category"]) == {"subscription"}
    year = later[later["incurred_on"] < "2025-10-01"]
    assert (len(year), year["amount"].sum()) == (12, scenario.run_cost_year)


def test_dollar_licences_carry_a_rate_per_row_and_prices_are_the_amounts():
    tables = tables_of("demo-trading")
    for table in (tables["budget"], tables["actuals"]):
        dollars = table[table["currency"] == "USD"]
        assert set(dollars["line_id"]) == {"SW-01"} and dollars["fx_rate"].between(7, 7.4).all()
        priced = table.dropna(subset="quantity")
        assert (priced["quantity"] * priced["unit_price"] - priced["amount"]).abs().max() < 0.006
    assert tables["actuals"]["fx_rate"].nunique() > 3


def test_the_second_budget_is_larger_and_approved_when_the_overrun_was_visible():
    scenario, budget = DEMOS["demo-troubled"], tables_of("demo-troubled")["budget"]
    sums = budget.groupby("version")["amount"].sum()
    assert sums[1] / sums[0] - 1 == pytest.approx(scenario.rebaselined)
    assert scenario.rebaselined_month > scenario.months_visible
    lines = budget.groupby("version")["line_id"].agg(set)
    assert lines[0] == lines[1]


def test_the_register_loses_and_grades_down_what_is_planted():
    scenario, problems = DEMOS["demo-troubled"], tables_of("demo-troubled")["problems"]
    first, second, last = (
        problems[problems["register_version"] == day].set_index("problem_id")
        for day in scenario.register_versions
    )
    assert len(first.index.difference(last.index)) == scenario.vanished
    assert second.index.difference(last.index).empty
    both = first.index.intersection(second.index)
    down = first.loc[both, "severity"] - second.loc[both, "severity"]
    assert (down[down != 0].tolist()) == [2] * scenario.regraded
    changed = first.loc[both, "title"] != second.loc[both, "title"]
    assert changed.sum() == scenario.reworded


@pytest.mark.parametrize("demo", ["demo-trading", "demo-troubled"])
def test_raters_differ_as_often_as_planted(demo):
    wide = tables_of(demo)["ratings"].pivot(
        index="problem_id", columns="rater_id", values="verdict"
    )
    differ = (wide["K1"] != wide["C1"]).sum()
    assert (len(wide), differ) == (DEMOS[demo].rated, DEMOS[demo].disagreements)


def test_checks_contradict_as_many_solved_problems_as_planted():
    scenario, tables = DEMOS["demo-troubled"], tables_of("demo-troubled")
    solved = tables["problems"].loc[lambda t: t["status"] == "solved", "problem_id"]
    check = tables["problem_check"]
    assert set(check["problem_id"]) <= set(solved)
    assert (len(check), (check["result"] != "solved").sum()) == (
        scenario.checked, scenario.contradicted)  # fmt: skip


def test_the_truth_states_the_honest_rate_beside_the_one_a_pruned_register_shows():
    # 58 problems, 46 reported solved, 21 of them proven; 4 were dropped from the register.
    rates = planted_rates(DEMOS["demo-troubled"])
    assert rates["honest_claimed_rate"] == pytest.approx(46 / 58, abs=1e-4)
    assert rates["pruned_claimed_rate"] == pytest.approx(46 / 54, abs=1e-4)
    assert rates["honest_solved_rate"] == pytest.approx(21 / 58, abs=1e-4)


def test_the_small_client_has_fallback_tables_only():
    names = set(tables_of("demo-small"))
    assert not {"budget", "actuals", "problems", "events", "orders"} & names
    assert {"cost_summary", "labour_estimate", "problem_check", "case_samples"} <= names


@pytest.mark.parametrize("demo", DEMOS)
def test_the_data_check_finds_nothing_to_contradict_in_a_demo_client(demo, demo_clients):
    client = open_client(demo, clients_dir=demo_clients).validate()
    found = data_check.consistency(client.tables, dates=client.dates, currency=client.currency)
    assert found.caveats == ()


def test_services_client_has_no_complaint_data(demo_clients):
    assert not (demo_clients / "demo-services" / "complaints.csv").exists()


def test_troubled_client_had_its_price_control_switched_off():
    off = make_tables(DEMOS["demo-troubled"])["control_off"]
    off = off.loc[off["control_id"] == "C01"]
    assert (off["off_to"] - off["off_from"]).dt.days.tolist() == [46]


def test_controls_spare_less_loss_where_the_project_went_wrong():
    def left(demo):
        events = tables_of(demo)["controls"].filter(like="events_per_year").sum()
        return events["events_per_year_after"] / events["events_per_year_before"]

    assert left("demo-trading") == pytest.approx(1 / 3) and left("demo-troubled") > 0.8


def test_event_logs_are_realistic_in_size():
    for demo in WITH_LEDGER:
        assert 5_000 <= len(tables_of(demo)["events"]) <= 20_000


def test_another_seed_makes_another_client_with_the_same_truth(tmp_path):
    folder = write_client("demo-services", tmp_path, seed=7, client_id="exam-1")
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    assert (truth["client"], truth["seed"], truth["crm_effect"]) == ("exam-1", 7, 0.0)
    standard = make_tables(DEMOS["demo-services"])["events"]
    assert len(pd.read_csv(folder / "events.csv")) != len(standard)


def test_unknown_demo_gets_the_nearest_name(tmp_path):
    with pytest.raises(UsageError, match="did you mean 'demo-trading'"):
        write_client("demo-tradng", tmp_path)

"""The demo clients come from the generator, and hold what was planted."""

import json

import pandas as pd
import pytest

from crm_eval_lib.errors import UsageError
from crm_eval_lib.simulate import DEMOS, make_tables, write_client

LIMIT_BYTES = 3_000_000


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


@pytest.mark.parametrize("demo", DEMOS)
def test_ledger_holds_the_planted_overrun(demo):
    tables = make_tables(DEMOS[demo])
    cost = tables["actuals"].loc[
        lambda t: t["kind"].isin(["invoice", "timesheet", "accrual", "credit"])
    ]
    ratio = cost["amount"].sum() / tables["budget"]["amount"].sum() - 1
    assert ratio == pytest.approx(DEMOS[demo].overrun, abs=1e-6)


def test_services_client_has_no_complaint_data(demo_clients):
    assert not (demo_clients / "demo-services" / "complaints.csv").exists()


def test_troubled_client_had_its_price_control_switched_off():
    off = make_tables(DEMOS["demo-troubled"])["control_off"]
    off = off.loc[off["control_id"] == "C01"]
    assert (off["off_to"] - off["off_from"]).dt.days.tolist() == [46]


def test_event_logs_are_realistic_in_size():
    for scenario in DEMOS.values():
        assert 5_000 <= len(make_tables(scenario)["events"]) <= 20_000


def test_another_seed_makes_another_client_with_the_same_truth(tmp_path):
    folder = write_client("demo-services", tmp_path, seed=7, client_id="exam-1")
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    assert (truth["client"], truth["seed"], truth["crm_effect"]) == ("exam-1", 7, 0.0)
    standard = make_tables(DEMOS["demo-services"])["events"]
    assert len(pd.read_csv(folder / "events.csv")) != len(standard)


def test_unknown_demo_gets_the_nearest_name(tmp_path):
    with pytest.raises(UsageError, match="did you mean 'demo-trading'"):
        write_client("demo-tradng", tmp_path)

"""Opening a client: its id, its folder, its configuration, its tables, and what a run keeps."""

import json
import os
import shutil
from hashlib import sha256

import pandas as pd
import pytest
from client_folder import make_client

from crm_eval_lib.client import open_client
from crm_eval_lib.client_folder import find_clients
from crm_eval_lib.errors import ConfigError, DataError, UsageError
from crm_eval_lib.text import language

BUDGET = "line_id,category,amount,note\n007,hardware,5,a\n"
EVENTS = "case_id,activity,completed_at,region\n007,approve,2024-10-01 09:30,North\n"


@pytest.fixture
def clients(tmp_path):
    make_client(tmp_path / "clients", {"budget.csv": BUDGET, "events.csv": EVENTS})
    return tmp_path / "clients"


@pytest.mark.parametrize("wrong", ["../acme", "a/b", "..", "", ".", "Acme", "a b", "x" * 64, "-a"])
def test_an_id_that_is_no_plain_name_is_refused(clients, wrong):
    with pytest.raises(UsageError, match="is not allowed: use small letters"):
        open_client(wrong, clients_dir=clients)


def test_a_client_that_is_not_there_gets_the_nearest(clients):
    with pytest.raises(UsageError, match=r"no client 'acne' in .*: did you mean 'acme'"):
        open_client("acne", clients_dir=clients)


def test_a_clients_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        open_client("acme", clients_dir=tmp_path / "nowhere")


def test_an_empty_folder_and_a_missing_configuration_say_what_to_do(clients):
    (clients / "bare").mkdir()
    with pytest.raises(ConfigError, match=r"bare: the folder .* is empty\. Put client\.yml"):
        open_client("bare", clients_dir=clients)
    (clients / "bare" / "budget.csv").write_text(BUDGET)
    with pytest.raises(ConfigError, match=r"client\.yml is missing"):
        open_client("bare", clients_dir=clients)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("status_date: 2025-08-31", "forecast_go_live: null", "status_date"),
        ("planned_go_live: 2024-07-01, go_live: 2024-09-02,", "", "go_live"),
        ("currency: CNY", "currency: XXQ", "currency"),
        ("currency: CNY", "weights: {coast: 20}", "coast"),
        ("currency: CNY", "weights: {cost: 0, problems: 0, efficiency: 0, controls: 0}", "weights"),
    ],
)
def test_a_configuration_that_cannot_be_used_stops_the_client(clients, old, new, words):
    path = clients / "acme" / "client.yml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ConfigError, match=words) as caught:
        open_client("acme", clients_dir=clients)
    assert caught.value.exit_code == 1


def test_a_number_like_id_stays_text(tmp_path):
    make_client(tmp_path, {"budget.csv": BUDGET}, client="007")
    assert open_client("007", clients_dir=tmp_path).id == "007"


def test_the_clients_of_a_folder_are_found(clients):
    make_client(clients, {}, client="beta")
    (clients / ".hidden").mkdir()
    (clients / "README.md").write_text("x")
    assert find_clients(clients) == ["acme", "beta"]


def test_the_standard_folder_is_found_from_a_folder_below(project, monkeypatch):
    monkeypatch.chdir(project / "tests")
    assert "demo-trading" in find_clients()


def test_dates_are_naive_midnights(clients):
    dates = open_client("acme", clients_dir=clients).dates
    assert dates.go_live == pd.Timestamp("2024-09-02")
    assert dates.status_date.tz is None
    assert dates.forecast_go_live is None


def test_language_and_status_date_of_the_caller_win(clients):
    client = open_client("acme", clients_dir=clients, language="zh-Hans", status_date="2025-01-31")
    assert client.language == "zh-Hans"
    assert client.dates.status_date == pd.Timestamp("2025-01-31")


def test_tables_are_read_when_asked_for_and_absent_ones_are_none(clients):
    (clients / "acme" / "scope.csv").write_text("broken")
    client = open_client("acme", clients_dir=clients)
    assert client.tables.budget["line_id"].tolist() == ["007"]
    assert client.tables["actuals"] is None
    assert list(client.tables) == ["budget", "scope", "events"]
    assert client.tables.get("orders") is None
    with pytest.raises(DataError, match=r"scope\.csv, column item_id"):
        _ = client.tables.scope


def test_a_misspelt_table_gets_the_nearest_and_completion_lists_all(clients):
    tables = open_client("acme", clients_dir=clients).tables
    with pytest.raises(AttributeError, match="did you mean 'budget'"):
        _ = tables.budgte
    with pytest.raises(KeyError, match="did you mean 'budget'"):
        _ = tables["budgte"]
    assert {"budget", "orders"} <= set(dir(tables))
    assert "budget" in tables
    assert "orders" not in tables


def test_inputs_name_every_file_with_checksum_and_rows(clients):
    inputs = open_client("acme", clients_dir=clients).inputs
    digest = sha256(BUDGET.encode()).hexdigest()
    assert inputs[0] == {"table": "budget", "path": "budget.csv", "sha256": digest, "rows": 1}


def test_validate_returns_the_client_when_all_is_well(clients):
    client = open_client("acme", clients_dir=clients)
    assert client.validate() is client


def test_a_run_keeps_the_tables_and_reads_them_instead_of_the_files(clients, tmp_path):
    client = open_client("acme", clients_dir=clients, status_date="2025-01-31").validate()
    client.save(tmp_path / "run")
    before = {name: frame for name, frame in client.tables.items()}
    shutil.rmtree(clients / "acme")
    again = open_client("acme", clients_dir=clients, run_dir=tmp_path / "run", language="zh-Hans")
    for name, frame in before.items():
        kept = again.tables[name]  # texts of a short table are Python's own now, of the same type
        pd.testing.assert_frame_equal(kept, frame, check_dtype=False, check_column_type=False)
        assert list(map(str, kept.dtypes)) == list(map(str, frame.dtypes))
    assert again.inputs == client.inputs
    assert again.dates == client.dates
    assert (again.language, again.tables.orders) == ("zh-Hans", None)
    assert again.validate() is again


@pytest.mark.parametrize(("limit", "storage"), [(0, "pyarrow"), (1, "python")])
def test_texts_are_kept_as_suits_the_longest_table_of_a_run(
    limit, storage, clients, tmp_path, monkeypatch
):
    open_client("acme", clients_dir=clients).save(tmp_path / "run")
    monkeypatch.setattr("crm_eval_lib.client.FEW_ROWS", limit)  # it has one row
    client = open_client("acme", clients_dir=clients, run_dir=tmp_path / "run")
    assert client.tables.budget["line_id"].dtype.storage == storage
    assert pd.Index(["made", "later"]).dtype.storage == storage


def test_a_run_without_saved_tables_reads_the_files(clients, tmp_path):
    client = open_client("acme", clients_dir=clients, run_dir=tmp_path / "run")
    assert len(client.tables.budget) == 1


def test_the_run_folder_of_another_client_is_refused(clients, tmp_path):
    open_client("acme", clients_dir=clients).save(tmp_path / "run")
    make_client(clients, {}, client="beta")
    with pytest.raises(UsageError, match="belongs to client 'acme', not to 'beta'"):
        open_client("beta", clients_dir=clients, run_dir=tmp_path / "run")


def test_a_factor_of_the_clients_own_survives_saving(clients, tmp_path):
    folder = clients / "acme"
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / "06_adoption.ipynb").write_text("{}")
    with (folder / "client.yml").open("a") as file:
        file.write("weights: {adoption: 10}\n")
    client = open_client("acme", clients_dir=clients)
    client.save(tmp_path / "run")
    again = open_client("acme", run_dir=tmp_path / "run")
    assert again.config.weights == client.config.weights
    assert again.config.weights["adoption"] == 10


def test_saved_text_is_plain_json(clients, tmp_path):
    folder = open_client("acme", clients_dir=clients).save(tmp_path / "run")
    saved = json.loads((folder / "client.json").read_text("utf-8"))
    assert saved["config"]["client"] == "acme"


def test_opening_changes_neither_the_folder_nor_the_input(clients):
    before = sorted(os.walk(clients)), os.getcwd()
    open_client("acme", clients_dir=clients).validate()
    assert (sorted(os.walk(clients)), os.getcwd()) == before


def test_a_client_shows_itself_shortly_and_escaped(clients):
    path = clients / "acme" / "client.yml"
    path.write_text(path.read_text().replace("Acme Trading", '"<script>alert(1)</script>"'))
    client = open_client("acme", clients_dir=clients)
    with language("en"):
        assert repr(client).splitlines()[0] == "Client acme"
        assert "tables: budget, events" in repr(client)
    assert "<script>" not in client._repr_html_()


def test_the_caveats_of_a_client_name_its_odd_columns(clients):
    [caveat] = open_client("acme", clients_dir=clients).caveats
    assert caveat.message.slots["columns"] == ["note"]


def test_a_table_whose_source_cannot_be_used_is_not_taken_for_absent(clients):
    (clients / "acme" / "intake.xlsx").write_bytes(b"broken")
    tables = open_client("acme", clients_dir=clients).tables
    assert len(tables.budget) == 1
    with pytest.raises(DataError, match=r"intake\.xlsx – found a corrupt workbook"):
        _ = tables.orders

"""Queries and mapped files: read inside the client's folder and roots, refused elsewhere."""

import os
import zipfile

import pandas as pd
import pytest
from client_folder import make_client

from crm_eval_lib.client import open_client
from crm_eval_lib.errors import ConfigError, DataError

ORDERS = "order_id,when,product,n,price\n007,2024-10-01 09:30,GTX,2,10.50\n008,2024-10-02,MG,1,5\n"
SELECT = 'SELECT order_id, "when" AS ordered_at, product, n AS quantity, price AS unit_price '


def client_with(tmp_path, query, files=None, more=""):
    escaped = query.replace('"', '\\"')
    sources = f'sources:\n  orders: {{query: "{escaped}"}}\n{more}'
    make_client(tmp_path / "clients", files or {"raw.csv": ORDERS}, more=sources)
    return open_client("acme", clients_dir=tmp_path / "clients")


def refusal(client):
    with pytest.raises(DataError) as caught:
        client.validate()
    return str(caught.value.problems[0])


@pytest.mark.parametrize(
    "source",
    ["'raw.csv'", "read_csv('raw.csv')", "read_csv(['./raw.csv'], header=true)", "'r*.csv'"],
)
def test_a_query_reads_the_clients_files_by_relative_names(tmp_path, source):
    here = os.getcwd()
    orders = client_with(tmp_path, SELECT + "FROM " + source).tables.orders
    assert orders["order_id"].tolist() == ["007", "008"]
    assert orders["unit_price"].tolist() == [10.5, 5.0]
    assert orders["ordered_at"][0] == pd.Timestamp("2024-10-01 09:30", tz="Asia/Shanghai")
    assert os.getcwd() == here


def test_the_files_of_a_query_are_listed_with_their_checksums(tmp_path):
    client = client_with(tmp_path, SELECT + "FROM 'raw.csv'")
    [entry] = client.inputs
    assert (entry["table"], entry["path"], entry["rows"]) == ("orders", "raw.csv", 2)
    assert len(entry["sha256"]) == 64


def test_a_query_may_read_the_file_of_its_own_name(tmp_path):
    client = client_with(tmp_path, SELECT + "FROM 'orders.csv'", {"orders.csv": ORDERS})
    assert len(client.validate().tables.orders) == 2


@pytest.fixture
def outside(tmp_path):
    """A file beside the clients, and two links to it inside the client's folder."""
    (tmp_path / "secret.csv").write_text("order_id\n1\n")
    folder = make_client(tmp_path / "clients", {"raw.csv": ORDERS})
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "away").symlink_to(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "query",
    ["SELECT * FROM '../../secret.csv'", "SELECT * FROM read_csv('{0}/secret.csv')",
     "SELECT * FROM read_csv(['raw.csv', '{0}/secret.csv'])", "FROM 'link.csv'",
     "FROM 'away/secret.csv'", "FROM read_csv('away/*.csv')", "FROM read_csv('*/*.csv')",
     "WITH x AS (FROM 'raw.csv') SELECT * FROM x WHERE n IN (SELECT order_id FROM 'link.csv')",
     "FROM read_parquet('/etc/passwd')", "FROM 'https://example.org/a.csv'",
     "FROM 's3://bucket/a.parquet'"],
)  # fmt: skip
def test_a_query_that_reads_elsewhere_is_refused_before_it_reads(outside, query, monkeypatch):
    def never(*_):
        raise AssertionError("the query was run")

    client = client_with(outside, query.format(outside))
    monkeypatch.setattr("crm_eval_lib.sources.query._run", never)
    text = refusal(client)
    assert "found a query that reads " in text
    assert "allowed: files inside the client's folder" in text
    assert "name its folder in roots:" in text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * FROM read_csv('ra' || 'w.csv')", "a computed file name"),
        ("SELECT * FROM read_text('raw.csv')", "the table function read_text()"),
        ("SELECT * FROM glob('*')", "the table function glob()"),
        ("SELECT * FROM query('SELECT 1')", "the table function query()"),
        ("COPY (SELECT 1) TO 'out.csv'", "a query that fails"),
        ("INSTALL httpfs", "a query that fails"),
        ("SET enable_external_access = true", "a query that fails"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("SELEC 1", "syntax error"),
        ("SELECT nothing FROM 'raw.csv'", "nothing"),
        ("FROM 'rawe.csv'", "'rawe.csv', which is not there"),
        ("DESCRIBE 'raw.csv'", "give no table"),
    ],
)
def test_a_query_that_cannot_be_run_says_why(tmp_path, query, words):
    text = refusal(client_with(tmp_path, query))
    assert words in text
    assert text.startswith("client.yml, sources: orders – ")
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("name", ["more.csv", "{0}/more.csv"])
def test_roots_open_a_further_folder_by_absolute_or_relative_name(tmp_path, name):
    root = tmp_path / "warehouse"
    root.mkdir()
    (root / "more.csv").write_text(ORDERS)
    query = SELECT + f"FROM '{name.format(root)}'"
    client = client_with(tmp_path, query, more=f"roots: ['{root}']\n")
    assert len(client.tables.orders) == 2
    assert client.inputs[0]["path"] == "../../warehouse/more.csv"


def test_a_root_that_is_not_there_is_a_mistake_of_the_configuration(tmp_path):
    with pytest.raises(ConfigError, match="roots: 'nowhere' is not a folder"):
        client_with(tmp_path, SELECT + "FROM 'raw.csv'", more="roots: [nowhere]\n")


def test_the_session_of_a_query_is_locked(tmp_path, monkeypatch):
    # Even a query that got past the first check may open only the files it named.
    from crm_eval_lib.sources import query

    monkeypatch.setattr(query, "_base_table", lambda *_: [])
    text = refusal(client_with(tmp_path, "FROM '/etc/hostname.csv'"))
    assert "a query that fails" in text
    assert "disabled by configuration" in text


INCIDENTS = (
    "number;opened;resolved;prio;state\nINC1;29/2/2016 01:16;?;1 - Critical;Closed\n"
    "INC2;1/3/2016 02:00;1/3/2016 05:00;4 - Low;Closed\n"
)
MAPPED = """sources:
  complaints:
    file: incidents.zip
    columns: {complaint_id: number, opened_at: opened, resolved_at: resolved, priority: prio}
    values: {priority: {1 - Critical: 1, 4 - Low: 4}}
    nulls: ["?"]
    formats: {opened_at: "%d/%m/%Y %H:%M", resolved_at: "%d/%m/%Y %H:%M"}
"""


def mapped(tmp_path, more):
    folder = make_client(tmp_path, {}, more=more)
    with zipfile.ZipFile(folder / "incidents.zip", "w") as archive:
        archive.writestr("incident_event_log.csv", INCIDENTS)
    return open_client("acme", clients_dir=tmp_path)


def test_a_mapped_file_is_read_with_columns_values_nulls_and_formats(tmp_path):
    client = mapped(tmp_path, MAPPED).validate()
    complaints = client.tables.complaints
    assert complaints["complaint_id"].tolist() == ["INC1", "INC2"]
    assert complaints["priority"].tolist() == [1.0, 4.0]
    assert complaints["opened_at"][0] == pd.Timestamp("2016-02-29 01:16", tz="Asia/Shanghai")
    assert complaints["resolved_at"].isna().tolist() == [True, False]
    assert client.readings[0].extra_columns == ("state",)


def test_one_header_may_serve_two_columns(tmp_path):
    more = """sources:
  problems: {query: "SELECT * FROM 'p.csv'", columns: {problem_id: id, title: id}}
"""
    text = "id,raised_on,severity,status\n7,2024-01-13,3,open\n"
    make_client(tmp_path, {"p.csv": text}, more=more)
    problems = open_client("acme", clients_dir=tmp_path).tables.problems
    assert (problems["problem_id"][0], problems["title"][0]) == ("7", "7")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("incidents.zip", "incident.zip", "'incident.zip', which is not there"),
        ("incidents.zip", "incident.zip", "did you mean 'incidents.zip'?"),
        ("incidents.zip", "../../etc/x.zip", "outside the client's folder"),
        ("complaint_id: number", "complaint_id: numbr", "Did you mean 'number'?"),
        ("{opened_at: \"", "{openedat: \"", "formats: openedat, which is no column"),
        ("%d/%m/%Y %H:%M\", r", "%Y\", r", "allowed: a date as %Y"),
        ("%d/%m/%Y %H:%M\", r", "mixed\", r", "allowed: a strptime format"),
        ("1 - Critical: 1", "1 - Critical: one", "found 'one'"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_mapping_is_named(tmp_path, old, new, words):
    with pytest.raises(DataError) as caught:
        mapped(tmp_path, MAPPED.replace(old, new)).validate()
    assert any(words in str(problem) for problem in caught.value.problems)


@pytest.mark.real_data
def test_maven_orders_come_by_query_with_the_product_name_mended(tmp_path, shared_data):
    root = shared_data / "maven_crm"
    query = (
        "SELECT opportunity_id AS order_id, strptime(close_date, '%m/%d/%Y') AS ordered_at, "
        "p.product, 1 AS quantity, close_value AS unit_price, sales_price AS list_price, "
        "account AS customer FROM read_csv('sales_pipeline.csv', all_varchar=true) s JOIN "
        "'products.csv' p ON p.product = replace(s.product, 'GTXPro', 'GTX Pro') "
        "WHERE deal_stage = 'Won'"
    )
    orders = client_with(tmp_path, query, {}, f"roots: ['{root}']\n").validate().tables.orders
    raw = pd.read_csv(root / "sales_pipeline.csv")
    won = raw[raw["deal_stage"] == "Won"]
    assert len(orders) == len(won) == 4238
    assert orders["unit_price"].sum() == won["close_value"].sum()
    assert orders.loc[orders["product"] == "GTX Pro", "list_price"].eq(4821).all()
    assert (orders["product"] == "GTX Pro").sum() == (won["product"] == "GTXPro").sum()


@pytest.mark.real_data
def test_incidents_come_from_their_zip_with_nulls_and_formats(tmp_path, shared_data):
    moment = '"%d/%m/%Y %H:%M"'
    more = f"""roots: ['{shared_data / "uci498_incidents"}']
sources:
  events:
    file: incident_event_log.zip
    columns: {{case_id: number, activity: incident_state, completed_at: sys_updated_at}}
    nulls: ["?"]
    formats: {{completed_at: {moment}}}
"""
    make_client(tmp_path, {}, more=more)
    events = open_client("acme", clients_dir=tmp_path).validate().tables.events
    assert (len(events), events["case_id"].nunique()) == (141_712, 24_918)
    assert events["completed_at"].min() == pd.Timestamp("2016-02-29 01:23", tz="Asia/Shanghai")
    assert events["cmdb_ci"].isna().mean() > 0.99  # almost always "?"

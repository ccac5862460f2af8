"""Files behind a query: a zip is read as if it were unpacked; no file at all is named too."""

import zipfile

import pytest
from client_folder import make_client

from crm_eval_lib.client import open_client
from crm_eval_lib.errors import DataError

LOG = "number,state,seen\n7,New,2024-10-01\n7,Closed,2024-10-03\n8,New,2024-10-02\n"
QUERY = (
    "SELECT number AS order_id, max(seen) AS ordered_at, 'P' AS product, count(*) AS quantity, "
    "1 AS unit_price FROM {source} GROUP BY number ORDER BY number"
)


def client_with(clients, source, members):
    query = QUERY.format(source=source)
    folder = make_client(clients, {}, more=f'sources:\n  orders: {{query: "{query}"}}\n')
    with zipfile.ZipFile(folder / "log.zip", "w") as archive:
        for name in members:
            archive.writestr(name, LOG)
    return open_client("acme", clients_dir=clients)


@pytest.mark.parametrize("source", ["'log.zip'", "read_csv('log.zip')", "read_csv(['log.zip'])"])
def test_a_query_reads_the_table_inside_a_zip(tmp_path, source):
    client = client_with(tmp_path, source, ["log.csv"])
    assert client.tables.orders["quantity"].tolist() == [2.0, 1.0]
    assert client.inputs[0]["path"] == "log.zip"


def test_a_query_may_read_a_zip_twice(tmp_path):
    source = (
        "'log.zip' NATURAL JOIN (SELECT number, max(seen) AS seen FROM 'log.zip' GROUP BY number)"
    )
    client = client_with(tmp_path, source, ["log.csv"])
    assert client.tables.orders["quantity"].tolist() == [1.0, 1.0]


def test_a_zip_of_two_tables_says_which_file_it_is(tmp_path):
    with pytest.raises(DataError) as caught:
        client_with(tmp_path, "'log.zip'", ["a.csv", "b.csv"]).validate()
    text = str(caught.value.problems[0])
    assert "log.zip" in text
    assert "an archive with 2 tables (a.csv, b.csv)" in text


def test_a_table_typed_into_the_query_is_listed_under_client_yml(tmp_path):
    query = "SELECT 'approval' AS process, 900 AS annual_volume"
    make_client(tmp_path, {}, more=f'sources:\n  processes: {{query: "{query}"}}\n')
    [entry] = open_client("acme", clients_dir=tmp_path).inputs
    assert (entry["table"], entry["path"], entry["rows"]) == ("processes", "client.yml", 1)

"""Files of every kind become the same table; broken ones say what is wrong and what to do."""

import datetime as dt
import gzip
import io
import zipfile

import pandas as pd
import pytest
import xlsxwriter
from client_folder import make_client

from crm_eval_lib.client import open_client
from crm_eval_lib.errors import DataError
from crm_eval_lib.sources import delimited
from crm_eval_lib.sources.raw import Place

BUDGET = "line_id,category,amount\n007,hardware,1234.56\n008,software,0.1\n"
QUOTED = BUDGET.replace("line_id", '"line_id"')


def opened(clients, files, **more):
    make_client(clients, files, **more)
    return open_client("acme", clients_dir=clients)


def problems_of(client):
    with pytest.raises(DataError) as caught:
        client.validate()
    return caught.value.problems


def workbook(path, sheets):
    book = xlsxwriter.Workbook(path)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                write = sheet.write_datetime if isinstance(cell, dt.date) else sheet.write
                write(i, j, cell, *([day] if isinstance(cell, dt.date) else []))
    book.close()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("budget.csv", BUDGET),
        ("Budget.CSV", "\ufeff" + BUDGET),
        ("budget.csv", "\ufeff\ufeff" + QUOTED),
        ("budget.csv", ("\ufeff" + QUOTED.replace("hardware", "硬件")).encode("gb18030")),
        ("budget.csv", BUDGET.replace(",", ";")),
        ("budget.csv", BUDGET.replace("\n", "\r\n")),
        ("budget.csv", "\n" + BUDGET.replace("hardware", "硬件").replace("amount", "金额")),
        ("budget.csv", BUDGET.replace("hardware", "硬件").encode("gb18030")),
        ("budget.tsv", BUDGET.replace(",", "\t")),
        ("budget.csv.gz", gzip.compress(BUDGET.encode(), mtime=0)),
        (
            "budget.jsonl",
            '{"line_id": "007", "category": "hardware", "amount": 1234.56}\n'
            '{"line_id": "008", "category": "software", "amount": 0.1}\n',
        ),
    ],
)
def test_every_kind_of_text_file_gives_the_same_budget(tmp_path, name, content):
    budget = opened(tmp_path, {name: content}).tables.budget
    assert budget["line_id"].tolist() == ["007", "008"]
    assert budget["category"].tolist() == ["hardware", "software"]
    assert budget["amount"].tolist() == [1234.56, 0.1]
    assert budget["approved_on"].isna().all()


def test_a_zip_with_one_csv_is_read_and_one_with_two_is_refused(tmp_path):
    packed, twice = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("export/data.csv", BUDGET)
        archive.writestr("__MACOSX/export/._data.csv", "x")
    with zipfile.ZipFile(twice, "w") as archive:
        archive.writestr("a.csv", BUDGET)
        archive.writestr("b.csv", BUDGET)
    assert len(opened(tmp_path, {"budget.zip": packed.getvalue()}).tables.budget) == 2
    problem = problems_of(opened(tmp_path, {"budget.zip": twice.getvalue()}))[0]
    assert "an archive with 2 tables (a.csv, b.csv)" in str(problem)


def test_parquet_keeps_text_ids_and_whole_number_ids(tmp_path):
    frame = pd.DataFrame({"line_id": [7.0, 8.0], "category": ["hardware", "other"],
                          "amount": [1.5, 2.0], "approved_on": ["2024-01-05", None]})  # fmt: skip
    frame["approved_on"] = pd.to_datetime(frame["approved_on"])
    folder = make_client(tmp_path, {})
    frame.to_parquet(folder / "budget.parquet")
    budget = open_client("acme", clients_dir=tmp_path).tables.budget
    assert budget["line_id"].tolist() == ["7", "8"]
    assert budget["approved_on"][0] == pd.Timestamp("2024-01-05")


def test_a_workbook_gives_numbers_dates_and_ids_as_a_person_sees_them(tmp_path):
    folder = make_client(tmp_path, {})
    rows = [["Line ID", "类别", "amount", "approved_on"],
            [7, "硬件", 1234.56, dt.date(2024, 1, 5)],
            ["007", "software", 0.1, "2024-01-06"],
            [123456789012345, "other", 5, None]]  # fmt: skip
    workbook(folder / "intake.xlsx", {"Budget": rows, "notes": [["hello"]]})
    budget = open_client("acme", clients_dir=tmp_path).tables.budget
    assert budget["line_id"].tolist() == ["7", "007", "123456789012345"]
    assert budget["amount"].tolist() == [1234.56, 0.1, 5.0]
    days = [pd.Timestamp("2024-01-05"), pd.Timestamp("2024-01-06"), pd.NaT]
    assert budget["approved_on"].tolist() == days


def test_a_bad_cell_of_a_workbook_is_named_with_sheet_and_row(tmp_path):
    folder = make_client(tmp_path, {})
    rows = [["line_id", "category", "amount"], [], ["1", "hardware", "ten"], ["2", "other", 5]]
    workbook(folder / "intake.xlsx", {"budget": rows})
    problem = problems_of(open_client("acme", clients_dir=tmp_path))[0]
    assert (problem.file, problem.sheet, problem.row, problem.column) == (
        "intake.xlsx", "budget", 3, "amount")  # fmt: skip
    assert problem.found == "'ten'"


def test_an_error_cell_of_a_formula_is_not_taken_for_an_empty_one(tmp_path):
    folder = make_client(tmp_path, {})
    book = xlsxwriter.Workbook(folder / "intake.xlsx")
    sheet = book.add_worksheet("budget")
    sheet.write_row(0, 0, ["line_id", "category", "amount", "unit_price"])
    sheet.write_row(1, 0, ["1", "hardware", 5])
    sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!")
    book.close()
    problem = problems_of(open_client("acme", clients_dir=tmp_path))[0]
    assert (problem.row, problem.column, problem.found) == (2, "unit_price", "'#DIV/0!'")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("intake.xlsx", b"not a workbook", "a corrupt workbook"),
        ("intake.xlsx", b"PK\x03\x04" + b"\0" * 50, "a corrupt workbook"),
        (
            "intake.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "a password-protected workbook",
        ),
        ("intake.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "old .xls format"),
        ("intake.xlsx", b"", "an empty file"),
        ("budget.csv", b"", "an empty file"),
        ("budget.csv", b"\xff\xfea\x00", "text in UTF-16"),
        ("budget.csv", b"a,b\n\x00\x01\x02", "binary data"),
        ("budget.csv", b"a,b\n1,\xff\xff\n", "text in UTF-8 or GB18030"),
        ("budget.csv.gz", b"\x1f\x8bxxxx", "a corrupt gzip file"),
        ("budget.zip", b"PKxxxx", "a corrupt zip archive"),
        ("budget.parquet", b"PAR1xxxx", "a corrupt Parquet file"),
        ("budget.jsonl", b"[1, 2]\n", "one JSON object per line"),
        ("budget.xls", b"\xd0\xcf\x11\xe0", "a file with the ending .xls"),
        ("budget.json", b"[]", "a file with the ending .json"),
    ],
)
def test_a_broken_file_is_named_with_its_remedy(tmp_path, name, content, words):
    problem = problems_of(opened(tmp_path, {name: content}))[0]
    assert words in str(problem)
    assert problem.file == name
    assert problem.remedy.endswith((".", '".'))


def test_a_file_without_permission_is_named(tmp_path, monkeypatch):
    from pathlib import Path

    client = opened(tmp_path, {"budget.csv": BUDGET})
    real = Path.read_bytes

    def refuse(path):
        if path.name == "budget.csv":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert "cannot be read (Permission denied)" in str(problems_of(client)[0])


def test_a_damaged_utf8_file_is_not_read_as_gb18030(tmp_path):
    text = "line_id,category,amount,说明\n" + "1,hardware,5,采购服务器两台用于生产环境\n" * 3
    data = text.encode() + "2,other,6,网".encode()[:-1] + b"\n"
    problem = problems_of(opened(tmp_path, {"budget.csv": data}))[0]
    assert (problem.row, problem.allowed) == (5, "text in UTF-8 or GB18030")


def test_two_sources_of_one_table_are_a_question(tmp_path):
    client = opened(tmp_path, {"budget.csv": BUDGET, "budget.jsonl": "{}\n"})
    problem = problems_of(client)[0]
    assert problem.found == "2 sources of table budget: budget.csv and budget.jsonl"


def test_an_empty_sheet_of_the_template_gives_way_to_a_file(tmp_path):
    folder = make_client(tmp_path, {"budget.csv": BUDGET})
    header = [["line_id", "category", "amount"]]
    workbook(folder / "intake.xlsx", {"budget": header, "scope": [[]]})
    client = open_client("acme", clients_dir=tmp_path).validate()
    assert len(client.tables.budget) == 2
    assert client.tables.scope.empty


def test_a_nearly_right_name_is_pointed_out_and_does_not_stop_the_client(tmp_path):
    files = {
        "budget.csv": BUDGET,
        "actual.csv": "x\n1\n",
        "预算.csv": "x\n1\n",
        "order_lines.csv": "x\n1\n",
        "notes.txt": "hello",
    }
    client = opened(tmp_path, files).validate()
    remedies = {note.file: note.remedy for note in client.notes}
    assert remedies["actual.csv"].startswith("Did you mean 'actuals'?")
    assert remedies["预算.csv"].startswith("Did you mean 'budget'?")
    assert remedies["order_lines.csv"].startswith("Did you mean 'orders'?")  # by its title
    assert "notes.txt" not in remedies


def test_a_folder_without_any_table_stops_the_client(tmp_path):
    problem = problems_of(opened(tmp_path, {"budgets.csv": BUDGET}))[0]
    assert problem.found == "no table"
    assert "Did you mean 'budget'?" in problem.remedy


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "secret.csv").write_text(BUDGET)
    folder = make_client(tmp_path / "clients", {})
    (folder / "budget.csv").symlink_to(tmp_path / "secret.csv")
    client = open_client("acme", clients_dir=tmp_path / "clients")
    assert problems_of(client)[0].found.startswith("a link to ")


@pytest.mark.parametrize(
    ("text", "row", "words"),
    [
        ("a,b,c\n1,2,3\n1,x,3,4\n", 3, "4 cells, the first surplus one '4'"),
        ("a,b,c\n\n1,2,3\n1,\"two\nlines\",3\n1,x,3,4\n", 5, "4 cells"),
        ("a,b,c\n1,2,3\n2,\"open,3\n4,5,6\n", 3, "a quotation mark at both ends"),
    ],
)  # fmt: skip
def test_a_misshapen_row_is_named_with_the_number_a_person_sees(tmp_path, text, row, words):
    found = problems_of(opened(tmp_path, {"budget.csv": text}))
    assert any(words in str(problem) and problem.row == row for problem in found)


def test_short_rows_of_a_spreadsheet_are_filled_up_and_counted(tmp_path):
    text = "line_id,category,amount,unit\n1,hardware,5\n2,other,6,pcs\n3,other,7,,,\n"
    client = opened(tmp_path, {"budget.csv": text})
    assert client.tables.budget["line_id"].tolist() == ["1", "2", "3"]
    assert client.readings[0].short_rows == 1


def test_xes_joins_starts_to_completions_and_keeps_attributes(tmp_path):
    event = (
        '<event><string key="concept:name" value="approve"/><string key="lifecycle:transition"'
        ' value="{0}"/><date key="time:timestamp" value="2024-01-0{1}T08:00:00+08:00"/></event>'
    )
    log = (
        '<log xmlns="http://www.xes-standard.org/"><trace><string key="concept:name" value="007"/>'
        '<string key="region" value="North"/>'
        + event.format("start", 1)
        + event.format("complete", 2)
        + "</trace></log>"
    )
    files = {"events.xes.gz": gzip.compress(log.encode(), mtime=0)}
    events = opened(tmp_path, files).tables.events
    assert events["case_id"].tolist() == ["007"]
    assert (events["completed_at"] - events["started_at"]).dt.days.tolist() == [1]
    assert (events["process"][0], events["case:region"][0]) == ("main", "North")


def test_rarer_types_of_parquet_become_text(tmp_path):
    frame = pd.DataFrame({"line_id": ["1"], "category": pd.Categorical(["other"]), "amount": [1],
                          "wait": pd.to_timedelta(["1h"]), "tags": [["a", "b"]]})  # fmt: skip
    frame.to_parquet(make_client(tmp_path, {}) / "budget.parquet")
    budget = open_client("acme", clients_dir=tmp_path).tables.budget
    assert budget["category"].tolist() == ["other"]
    assert (budget["wait"][0], budget["tags"][0]) == ("1:00:00", '["a", "b"]')


@pytest.mark.real_data
def test_naughty_strings_pass_through_as_text(tmp_path, shared_data):
    import csv

    lines = (shared_data / "naughty_strings" / "blns.txt").read_text("utf-8").split("\n")
    texts = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    with (make_client(tmp_path, {}) / "scope.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["item_id", "title", "delivered"])
        writer.writerows((i, text, 1) for i, text in enumerate(texts))
    client = open_client("acme", clients_dir=tmp_path).validate()
    assert client.tables.scope["title"].tolist() == texts
    client.save(tmp_path / "run")
    again = open_client("acme", run_dir=tmp_path / "run").tables.scope
    assert again["title"].tolist() == texts


@pytest.mark.parametrize("text", [
    'a,b\n1,"x, y"\n2,"say ""no"""\n', 'a,b\r\n1,"two\r\nlines"\r\n', 'a,b\n1,5" disk\n',
    "a\n\n1\n",
    'a,b\n1,"x"y\n', 'a,b\n1\n2,3,4\n', 'a,b\n1,"open\n', "a,b\r1,2\r", "a,b\n1,2\n \n",
])  # fmt: skip
def test_a_small_text_is_read_as_a_large_one(monkeypatch, text):
    small = read(text)
    monkeypatch.setattr(delimited, "SMALL_BYTES", 0)
    assert read(text) == small


def read(text):
    try:
        raw = delimited.read_delimited(text.encode(), Place("x", "x.csv"))
    except DataError as error:
        return str(error)
    return (
        raw.headers,
        [column.to_pylist() for column in raw.columns],
        raw.rows.tolist(),
        raw.problems,
    )

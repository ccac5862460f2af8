"""A large log is written by the database exactly as the careful reader would read it."""

import gzip
import io
import zipfile

import pandas as pd
import pytest
from client_folder import make_client

from crm_eval_lib.client import open_client
from crm_eval_lib.errors import DataError
from crm_eval_lib.sources import files, heads, saved, streamed
from crm_eval_lib.sources.event_codes import codes_of
from crm_eval_lib.sources.event_log import EventLog

PLAIN = """业务编号,activity,completed_at,Started At,resource,system,region
 7 ,begin,2024-03-04 09:00,,Ann,OLD,North
7,"end, late",2024-03-05T10:00:30.5,2024-03-05,,crm,
008,begin,2024-10-27 02:30:00,2024-10-27 01:00:00,Bo\u3000,旧系统,South
"""
OFFSETS = """case_id,activity,completed_at
a,x,2024-03-04T09:00:00Z
a,y,2024-03-04T09:00:00.25+05:30
"""


@pytest.fixture
def large_files(monkeypatch):
    """Take every delimited file and every kept log for a large one."""
    monkeypatch.setattr(files, "LARGE_BYTES", dict.fromkeys(files.LARGE_BYTES, 0))
    monkeypatch.setattr(saved, "LARGE_ROWS", 0)


def careful(folder, files, **how):
    make_client(folder / "careful", files, **how)
    return open_client("acme", clients_dir=folder / "careful")


def fast(folder, files, **how):
    make_client(folder / "fast", files, **how)
    return open_client("acme", clients_dir=folder / "fast")


@pytest.mark.parametrize(
    "text", [PLAIN, PLAIN.replace(",", ";").replace("end; late", "x"), OFFSETS]
)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "Asia/Kolkata"])
def test_both_readers_give_the_same_table(tmp_path, monkeypatch, text, zone):
    expected = careful(tmp_path, {"events.csv": text}, timezone=zone)
    frame, reading = expected.tables.events, expected.readings[0]
    monkeypatch.setattr(files, "LARGE_BYTES", dict.fromkeys(files.LARGE_BYTES, 0))
    client = fast(tmp_path, {"events.csv": text}, timezone=zone)
    assert isinstance(client.events, EventLog)
    pd.testing.assert_frame_equal(client.tables.events, frame)
    assert client.readings[0] == reading


LATE = """case_id,activity,completed_at,resource
7,begin,2024-03-04 09:00,Ann
7,mid,2024-03-04 09:30,""
"""


@pytest.mark.parametrize("row", ["7,end,2024-03-05 10:00,Ann ", " 8,end,2024-03-05 10:00, ",
                                 "8, end , 2024-03-05 10:00,Bo"])  # fmt: skip
def test_blanks_that_first_turn_up_late_in_a_file_are_trimmed_too(tmp_path, monkeypatch, row):
    text = LATE + row + "\n"
    expected = careful(tmp_path, {"events.csv": text}).tables.events
    monkeypatch.setattr(files, "LARGE_BYTES", dict.fromkeys(files.LARGE_BYTES, 0))
    monkeypatch.setattr(heads, "HEADER_BYTES", len(LATE))
    client = fast(tmp_path, {"events.csv": text})
    assert isinstance(client.events, EventLog)
    pd.testing.assert_frame_equal(client.tables.events, expected)


@pytest.mark.usefixtures("large_files")
@pytest.mark.parametrize(
    "change",
    [
        ("2024-03-04 09:00", "04/03/2024"),
        ("2024-03-04 09:00", "2024-02-30 09:00"),
        ("2024-03-04 09:00", "2024-03-31 02:30"),  # skipped by the clock
        ("2024-03-04 09:00", "1890-03-04 09:00"),
        (",begin,2024-03", ",,2024-03"),
        ("OLD", "green"),
        ("Bo", "Bo\t"),
        ("008,begin", "008,begin,more"),
        ("Ann", "Zoë"),
    ],
)
def test_a_value_that_is_not_plain_is_left_to_the_careful_reader(tmp_path, change):
    data = PLAIN.replace(*change).encode("latin-1" if "Zo" in change[1] else "utf-8", "replace")
    client = fast(tmp_path, {"events.csv": data}, timezone="Europe/Berlin")
    assert client._store.event_log() is None


@pytest.mark.usefixtures("large_files")
def test_a_defect_in_a_large_log_is_named_with_its_row(tmp_path):
    client = fast(tmp_path, {"events.csv": PLAIN.replace("2024-10-27 02:30", "27.10.2024 02:30")})
    with pytest.raises(DataError, match=r"events\.csv, row 4, column completed_at"):
        _ = client.events


@pytest.mark.usefixtures("large_files")
def test_a_run_keeps_a_large_log_as_a_file(tmp_path):
    packed = {"events.csv.gz": gzip.compress(PLAIN.encode())}
    client = fast(tmp_path, packed, more="sources: {events: {file: events.csv.gz, nulls: [Ann]}}")
    client.save(tmp_path / "run")
    again = open_client("acme", run_dir=tmp_path / "run")
    assert isinstance(again.events, EventLog) and len(again.events) == 3
    assert codes_of(again.events.path).names["case_id"].to_pylist() == ["7", "008"]
    assert again.tables.events["resource"].isna().tolist() == [True, True, False]
    pd.testing.assert_frame_equal(again.tables.events, client.tables.events)


def zipped(data, name="inner/log.csv"):
    """An archive of one table, and what a Macintosh adds."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
        archive.writestr("__MACOSX/._log.csv", b"x")
    return out.getvalue()


CHINESE = PLAIN.replace("Ann", "王芳").replace("North", "华北").replace("begin", "受理订单")


def as_parquet(**columns):
    """A Parquet file of three events, with a number beyond the contract."""
    moments = ["2024-03-04 09:00:00", "2024-03-05 10:00:30.5", "2024-10-27 02:30:00"]
    frame = pd.DataFrame({"case_id": [7, 7, 8], "activity": ["a", " b", "c"],
                          "completed_at": pd.to_datetime(moments, format="ISO8601"),
                          "amount": [1.5, None, 2], **columns})  # fmt: skip
    return frame.to_parquet(index=False)


FORMS = {
    "zip": ("events.zip", zipped(PLAIN)),
    "csv.zip": ("events.csv.zip", zipped(PLAIN)),
    "tsv in a zip": ("events.zip", zipped(OFFSETS.replace(",", "\t"), "log.tsv")),
    "packed twice": ("events.zip", zipped(gzip.compress(PLAIN.encode()), "log.csv.gz")),
    "GB18030": ("events.csv", CHINESE.encode("gb18030")),
    "GB18030 in gzip": ("events.csv.gz", gzip.compress(CHINESE.encode("gb18030"))),
    "GB18030 in a zip": ("events.zip", zipped(CHINESE.encode("gb18030"))),
    "Parquet": ("events.parquet", as_parquet()),
    "Parquet in a zip": ("events.zip", zipped(as_parquet(), "log.parquet")),
    "Parquet with a zone": ("events.parquet", as_parquet(
        started_at=pd.to_datetime(["2024-03-04T08:00Z", None, "2024-10-27T00:10Z"]))),
    "Parquet with texts": ("events.parquet", as_parquet(
        completed_at=["2024-03-04", "2024-03-05T10:00", "2024-03-06 09:00:01"])),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_what_the_database_cannot_read_is_streamed_and_gives_the_same_table(
    tmp_path, monkeypatch, form
):
    name, data = FORMS[form]
    monkeypatch.setattr(streamed, "PIECE_BYTES", 7)  # many pieces
    expected = careful(tmp_path, {name: data}, timezone="Europe/Berlin")
    frame, reading = expected.tables.events, expected.readings[0]
    monkeypatch.setattr(files, "LARGE_BYTES", dict.fromkeys(files.LARGE_BYTES, 0))
    client = fast(tmp_path, {name: data}, timezone="Europe/Berlin")
    assert isinstance(client.events, EventLog)
    pd.testing.assert_frame_equal(client.tables.events, frame)
    assert client.readings[0] == reading
    assert [path.name for path in client.events.path.parent.iterdir()] == ["events.parquet"]


BROKEN = CHINESE.replace("2024-10-27 02:30", "27.10.2024 02:30")


@pytest.mark.usefixtures("large_files")
@pytest.mark.parametrize(("name", "data"), [
    ("events.zip", zipped(BROKEN)), ("events.csv", BROKEN.encode("gb18030")),
    ("events.csv.gz", gzip.compress(BROKEN.encode("gb18030"))),
])  # fmt: skip
def test_a_defect_in_a_streamed_log_is_named_with_its_row(tmp_path, name, data):
    client = fast(tmp_path, {name: data})
    with pytest.raises(DataError, match=rf"{name}, row 4, column completed_at"):
        _ = client.events


@pytest.mark.usefixtures("large_files")
@pytest.mark.parametrize(("name", "data", "said"), [
    ("events.zip", zipped(PLAIN)[:-30], "corrupt zip archive"),
    ("events.zip", zipped(PLAIN, "a.txt"), "an archive with 0 tables"),
    ("events.csv.gz", gzip.compress(PLAIN.encode())[:-9], "corrupt gzip file"),
    ("events.parquet", as_parquet()[:-9], "corrupt Parquet file"),
    ("events.parquet", as_parquet(completed_at=[1.5, 2.5, 3.5]), "completed_at"),
    ("events.parquet", as_parquet(activity=["a", None, "c"]), "row 2, column activity"),
])  # fmt: skip
def test_a_file_that_is_damaged_or_holds_no_log_is_refused_as_a_small_one(
    tmp_path, name, data, said
):
    with pytest.raises(DataError, match=said):
        _ = fast(tmp_path, {name: data}).events


@pytest.mark.usefixtures("large_files")
@pytest.mark.parametrize("columns", [
    {"case_id": [7.0, 7.5, 8.0]}, {"more": pd.to_datetime(["2024-01-01"] * 3)},
    {"more": [True, False, True]}, {"more": [[1], [2], [3]]},
])  # fmt: skip
def test_columns_of_parquet_that_need_judgement_are_left_to_the_careful_reader(tmp_path, columns):
    client = fast(tmp_path, {"events.parquet": as_parquet(**columns)})
    assert client._store.event_log() is None and len(client.tables.events) == 3

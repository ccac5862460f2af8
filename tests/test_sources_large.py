"""A large log is written by the database exactly as the careful reader would read it."""

import gzip

import pandas as pd
import pytest
from client_folder import make_client

from crm_eval_lib.client import open_client
from crm_eval_lib.errors import DataError
from crm_eval_lib.sources import large, saved
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
    monkeypatch.setattr(large, "LARGE_BYTES", dict.fromkeys(large.LARGE_BYTES, 0))
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
    monkeypatch.setattr(large, "LARGE_BYTES", dict.fromkeys(large.LARGE_BYTES, 0))
    client = fast(tmp_path, {"events.csv": text}, timezone=zone)
    assert isinstance(client.events, EventLog)
    pd.testing.assert_frame_equal(client.tables.events, frame)
    assert client.readings[0] == reading


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
    assert again.tables.events["resource"].isna().tolist() == [True, True, False]
    pd.testing.assert_frame_equal(again.tables.events, client.tables.events)

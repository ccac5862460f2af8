"""A kept log's codes are a help only: cases are the same with and without them."""

import pandas as pd
import pytest
from efficiency_rows import ROUND_THE_CLOCK, make_dates, make_events

from crm_eval_lib.efficiency.cases import build_cases
from crm_eval_lib.efficiency.moves import flow_pictures
from crm_eval_lib.errors import ConfigError
from crm_eval_lib.sources.event_codes import codes_of, keep_codes
from crm_eval_lib.sources.event_log import EventLog

# Case 7 of two processes; the first row of case 9 lies after the earlier status date.
ROWS = [
    ("sell", "9", "ship", "2024-09-01 10:00", "Zoe"),
    ("sell", "8", "order", "2024-02-01 09:00", "Ann"),
    ("buy", "7", "ask", "2024-02-02 09:00", None),
    ("sell", "7", "order", "2024-02-02 10:00", "Bo"),
    ("sell", "9", "order", "2024-08-01 09:00", "Ann"),
    ("buy", "7", "get", "2024-02-03 09:00", "Ann"),
    ("sell", "7", "ship", "2024-02-05 10:00", "Ann"),
    ("sell", "8", "ship", "2024-02-01 09:00", "Bo"),
]
EVENTS = make_events(
    dict(zip(("process", "case_id", "activity", "completed_at", "resource"), row, strict=True))
    for row in ROWS
)


@pytest.fixture
def log(tmp_path):
    """A log kept as a run keeps it, with its codes."""
    EVENTS.to_parquet(tmp_path / "events.parquet", index=False)
    keep_codes(tmp_path / "events.parquet")
    return EventLog(tmp_path / "events.parquet")


def told(events, status_date="2024-12-31", **more):
    return build_cases(events, dates=make_dates("2024-07-01", status_date),
                       calendar=ROUND_THE_CLOCK, **more)  # fmt: skip


def test_cases_are_numbered_by_process_and_id_and_names_by_their_order(log):
    codes = codes_of(log.path)
    assert codes.rows["case_id"].tolist() == [0, 1, 2, 3, 0, 2, 3, 1]
    assert codes.names["case_id"].to_pylist() == ["9", "8", "7", "7"]
    assert codes.rows["resource"].tolist() == [2, 0, -1, 1, 0, 0, 0, 1]
    assert codes.names["resource"].to_pylist() == ["Ann", "Bo", "Zoe"]


@pytest.mark.parametrize("status_date", ["2024-12-31", "2024-08-15"])
def test_cases_and_pictures_are_the_same_with_codes_and_without(log, status_date):
    plain, coded = (told(events, status_date, pictures=flow_pictures()) for events in (EVENTS, log))
    pd.testing.assert_frame_equal(coded.frame, plain.frame)
    for name, picture in plain.pictures.items():
        pd.testing.assert_frame_equal(coded.pictures[name], picture)


def test_codes_of_another_file_are_not_used(log):
    changed = EVENTS.assign(case_id=EVENTS["case_id"].replace("8", "88"))
    changed.to_parquet(log.path, index=False)
    assert codes_of(log.path) is None
    assert "88" in told(log).frame["case_id"].tolist()


def test_a_condition_that_is_none_is_refused_with_codes_too(log):
    with pytest.raises(ConfigError, match=r"efficiency\.comparison: 'colour = 1' is no condition"):
        told(log, comparison="colour = 1")

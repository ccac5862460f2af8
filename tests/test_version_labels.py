"""Names of register versions: the day they mean, their order, and what is said about them."""

from types import SimpleNamespace

import pandas as pd
import pytest
from problem_rows import OPEN, PROVEN, register

from crm_eval_lib.problems.standing import register as standing
from crm_eval_lib.problems.version_labels import read_label, version_rank

STATUS = pd.Timestamp("2025-08-31")
DECEMBER = (
    "2025-12-01", "2025/12/01", "2025-12-1", "20251201", "2025-12-01 00:00:00", "v2 2025-12-1",
    "2025年12月1日", "1.12.2025", "1 Dec 2025", "December 1st, 2025", "01-Dec-2025", "2025.12.01",
    "２０２５年１２月１日", "register_20251201",
)  # fmt: skip


@pytest.mark.parametrize("label", DECEMBER)
def test_a_date_is_read_however_it_is_written(label):
    found = read_label(label)
    assert (found.day, found.is_ambiguous) == (pd.Timestamp("2025-12-01"), False)


@pytest.mark.parametrize(
    "label,day",
    [("Q4 2024", "2024-12-31"), ("2025Q1", "2025-03-31"), ("2025年第二季度", "2025-06-30"),
     ("Feb 2024", "2024-02-29"), ("2025-06", "2025-06-30"), ("2025年9月", "2025-09-30"),
     ("Q1/25", "2025-03-31")],
)  # fmt: skip
def test_a_span_means_its_last_day(label, day):
    assert read_label(label).day == pd.Timestamp(day)


@pytest.mark.parametrize("label", ["2", "v1.10", "draft", "v1.2.2024", "2025-13-45", "1234567890"])
def test_what_is_no_date_means_no_day(label):
    assert read_label(label).day is None


@pytest.mark.parametrize("older,newer", [
    ("15.03.2024", "01.12.2024"), ("12/1/2023", "3/1/2024"), ("March 2024", "June 2024"),
    ("June 2024", "Dec 2025"), ("Q4 2024", "Q1 2025"), ("v1", "V2"), ("v1.9", "v1.10"), ("9", "10"),
    ("V9", "2024-01-01"), ("2025-1-9", "2025-1-10"),
])  # fmt: skip
def test_the_older_version_ranks_first(older, newer):
    assert version_rank(pd.Series([newer, older, ""])).tolist() == [1, 0, -1]


def test_labels_that_say_the_same_are_one_version():
    labels = ["V2", "v2", "v1"]
    assert version_rank(pd.Series(labels)).tolist() == [1, 1, 0]
    assert len(set(version_rank(pd.Series([*DECEMBER[:5], DECEMBER[6]])))) == 1


@pytest.mark.parametrize("label", DECEMBER)
def test_a_version_is_not_used_before_its_day(label):
    rows = pd.concat([register(OPEN, register_version="2025-06-01"),
                      register(PROVEN, register_version=label)])  # fmt: skip
    seen = standing(rows, dates=SimpleNamespace(status_date=STATUS))
    assert seen["status"].tolist() == ["open"]

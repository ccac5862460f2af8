"""The traps of the lessons are there: the workbook's own steps fall into none of them."""

import pytest

from crm_eval_lib import efficiency, problems
from crm_eval_lib.training import open_lesson


@pytest.fixture
def register(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lesson = open_lesson("02_problems", {}, version=1)  # its tables last as long as it does
    yield lesson.client


def test_the_register_holds_the_counts_that_were_planted(register):
    step = problems.solved(register.tables.problems, dates=register.dates)
    # 40 count: 28 reported solved, of which 5 without evidence, 2 with the promise of some and
    # 4 not accepted; 5 vanished, 3 rejected by the vendor, 4 open
    assert step["problems.claimed_rate"].value == 28 / 40
    assert step["problems.solved_rate"].value == (28 - 5 - 2 - 4) / 40


def test_the_newest_version_alone_flatters(register):
    rows = register.tables.problems
    newest = rows[rows["register_version"].eq(rows["register_version"].max())]
    step = problems.solved(newest, dates=register.dates)
    assert step["problems.claimed_rate"].value == 28 / (40 - 5)


def test_three_of_seven_departments_were_not_heard(register):
    tables = register.tables
    step = problems.engagement(tables.departments, tables.problems, dates=register.dates)
    assert step["problems.engagement"].value == 4 / 7
    assert len(step.sentence.slots["silent"]) == 3


@pytest.fixture
def log(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lesson = open_lesson("03_efficiency", {}, version=1)
    client = lesson.client
    calendar = efficiency.calendar_of(client)
    return efficiency.build_cases(client.events, client.tables.processes, dates=client.dates,
                                  calendar=calendar, mix=["amount_band"])  # fmt: skip


def test_approvals_look_a_third_faster_and_nobody_can_tell_why(log):
    crude = efficiency.naive_change(log)["efficiency.naive_change[order_approval]"]
    assert crude.value == 11 / 16 - 1  # the medians of the hours planted
    change = efficiency.change(log, mix=["amount_band"])["efficiency.change[order_approval]"]
    assert (change.value, change.rung) == (None, "R1")
    assert change.reason.key == "efficiency.reason.cannot_tell"


def test_weeks_of_like_cases_are_equal_before_and_after(log):
    large = log.frame[log.frame["stratum"].eq("large")]
    weeks = large["begun"].dt.strftime("%G-%V").rename("week")
    summer = large[weeks.between("2023-23", "2023-35") | weeks.between("2024-23", "2024-35")]
    medians = summer.groupby(["sample", weeks], observed=True)["hours"].median()
    assert medians.unique().tolist() == [26.0]  # of 16, 18, 26 and the tail of 220 and 400

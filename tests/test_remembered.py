"""Tables read once are read again as soon as anything in them was changed in place."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from cost_rows import days, entries, lines

from crm_eval_lib import cost, problems
from crm_eval_lib.remembered import Remembered

DAY = pd.Timestamp("2020-01-01")


def table():
    return pd.DataFrame({
        "number": np.arange(3.0), "text": ["x", "y", None],
        "day": pd.to_datetime(["2024-01-01"] * 3), "group": pd.Categorical(["u", "v", "u"]),
        "mixed": pd.Series([1, "x", None], dtype=object),
    })  # fmt: skip


def set_column(frame):
    frame["number"] = frame["number"] + 1


CHANGES = {
    "a column": set_column,
    "a number": lambda frame: frame.loc.__setitem__((0, "number"), 9.0),
    "a text": lambda frame: frame.loc.__setitem__((0, "text"), "z"),
    "a text by position": lambda frame: frame.iat.__setitem__((1, 1), "z"),
    "a day": lambda frame: frame.iloc.__setitem__((0, 2), DAY),
    "a group": lambda frame: frame.loc.__setitem__((0, "group"), "v"),
    "an object": lambda frame: frame.at.__setitem__((0, "mixed"), "z"),
    "a name": lambda frame: setattr(frame, "columns", ["other", *frame.columns[1:]]),
    "an update": lambda frame: frame.update(pd.DataFrame({"number": [5.0]})),
    "a column more": lambda frame: frame.insert(0, "new", 1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_table_changed_in_place_is_not_taken_for_the_one_remembered(change):
    known, frame, done = Remembered(), table(), []
    for _ in range(2):
        known.once((frame,), lambda: done.append(1))
    CHANGES[change](frame)
    known.once((frame,), lambda: done.append(2))
    assert done == [1, 2]


def test_a_table_with_moments_of_a_zone_is_known_again_until_one_is_changed():
    known, done = Remembered(), []
    frame = table().assign(moment=pd.to_datetime(["2024-01-01 08:00"] * 3, utc=True))
    for work in (1, 2):
        known.once((frame,), lambda work=work: done.append(work))
    frame.loc[0, "moment"] = pd.Timestamp("2024-01-01 09:00", tz="UTC")
    known.once((frame,), lambda: done.append(3))
    assert done == [1, 3]


def test_equal_tables_that_are_others_are_read_on_their_own():
    known, done = Remembered(), []
    for frame in (table(), table(), None):
        known.once((frame,), lambda: done.append(1))
    assert len(done) == 3


def test_no_more_than_the_last_sets_of_tables_are_kept():
    known, done = Remembered(most=1), []
    first, second = table(), table()
    for frame in (first, second, first):
        known.once((frame,), lambda: done.append(1))
    assert len(done) == 3


def test_a_step_sees_a_ledger_corrected_in_place():
    budget, spent = lines(("A", "services", 100.0)), entries(("A", "2024-03-01", 120.0, "invoice"))
    found = []
    for amount in (120.0, 90.0):
        spent.loc[0, "amount"] = amount
        step = cost.deviation(budget, spent, dates=days(), currency="CNY")
        found.append(step["cost.deviation_original"].value)
    assert found == pytest.approx([0.2, -0.1])


def test_other_knobs_are_other_work():
    known, frame = Remembered(), table()
    found = [known.once((frame,), lambda day=day: day, knobs=day) for day in ("a", "b", "a")]
    assert found == ["a", "b", "a"]


@pytest.mark.parametrize(("status", "rate"), [("open", 0.5), ("solved", 1.0)])
def test_a_step_sees_a_register_corrected_in_place(status, rate):
    rows = pd.DataFrame({"problem_id": ["1", "2"], "raised_on": DAY, "severity": 3,
                         "status": ["solved", "open"]})  # fmt: skip
    dates = SimpleNamespace(status_date=DAY)
    problems.solved(rows, dates=dates)
    rows.loc[1, "status"] = status
    assert problems.solved(rows, dates=dates)["problems.claimed_rate"].value == rate


def test_a_register_written_to_by_one_step_is_whole_for_the_next():
    rows = pd.DataFrame({"problem_id": ["1"], "raised_on": DAY, "severity": 3, "status": "solved"})
    dates = SimpleNamespace(status_date=DAY)
    first = problems.register(rows, dates=dates)
    first["status"] = "open"
    assert problems.register(rows, dates=dates)["status"].tolist() == ["solved"]


def test_a_table_made_where_another_was_let_go_is_other_work():
    known, wrong = Remembered(), []
    for number in range(2000):  # ids of freed objects come round again within some dozens
        frame = pd.DataFrame({"title": pd.Series([f"row {number}"], dtype="string")})
        found = known.once((frame,), lambda frame=frame: frame["title"].tolist())
        wrong += [number] if found != [f"row {number}"] else []
    assert wrong == []

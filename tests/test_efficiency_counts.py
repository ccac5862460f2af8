"""Counting events in groups, as exact as counting them one by one."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from crm_eval_lib.efficiency.counts import counted, joined, slots_counted

HOURS = 3600 * 10**6
ROWS = st.lists(st.tuples(st.integers(-3, 3), st.booleans(), st.integers(0, 10**12)), max_size=60)


@given(ROWS)
def test_groups_add_up_to_what_python_counts(rows):
    told = {}
    for step, done, wait in rows:
        count, total = told.get((step, done), (0, 0))
        told[step, done] = count + 1, total + wait
    table = pd.DataFrame(rows, columns=["step", "done", "wait"]).astype({"wait": "int64"})
    keys = {"step": table["step"].to_numpy(int), "done": table["done"].to_numpy(bool)}
    found = counted(keys, {"wait": table["wait"].to_numpy()})
    columns = [found[name].tolist() for name in ("step", "done", "rows", "wait")]
    assert list(zip(*columns, strict=True)) == [(*key, *told[key]) for key in sorted(told)]


def test_more_groups_than_a_whole_number_tells_are_kept_apart():
    far = 2**32  # the first two rows would share a number of 64 bits
    keys = {"week": np.array([0, far, 0]), "step": np.array([0, 0, far - 1])}
    found = counted(keys, {})
    assert found["week"].tolist() == [0, 0, far] and found["step"].tolist() == [0, far - 1, 0]


def test_more_groups_than_sixteen_bits_tell_are_kept_apart():
    keys = {"week": np.array([0, 70_000, 0]), "step": np.array([0, 1, 1])}
    found = counted(keys, {})
    assert found["week"].tolist() == [0, 0, 70_000] and found["rows"].tolist() == [1, 1, 1]


def test_sums_beyond_sixty_four_bits_are_told_in_two_rows():
    waits = np.full(4, 2**62)
    found = counted({"step": np.zeros(4, dtype=int)}, {"wait": waits})
    assert sum(found["wait"].tolist()) == 4 * 2**62 and (found["wait"] > 0).all()
    assert found["rows"].sum() == 4


def test_slots_are_quarters_of_an_hour_of_events_before_and_after():
    seen = {"process": np.zeros(4, dtype=np.int8), "sample": np.array([1, 2, 2, 3], dtype=np.int8),
            "_done": np.array([HOURS, HOURS, HOURS + HOURS // 4 - 1, HOURS])}  # fmt: skip
    found = slots_counted(seen)  # sample 3 lies between
    assert list(zip(found["sample"], found["slot"], found["rows"], strict=True)) == [
        (1, 4, 1),
        (2, 4, 2),
    ]


def test_parts_follow_one_another():
    parts = [{"n": np.array([1])}, {"n": np.array([2, 3])}]
    assert joined(parts)["n"].tolist() == [1, 2, 3]

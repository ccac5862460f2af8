"""From event to event: order, visits, logs followed some cases at a time, work done once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pandas as pd
import pytest
from efficiency_rows import ROUND_THE_CLOCK, case, make_dates, make_events, make_processes
from hypothesis import given
from hypothesis import strategies as st

from crm_eval_lib import efficiency
from crm_eval_lib.efficiency import designs, log_layout
from crm_eval_lib.efficiency.sequences import alike, in_order, visits_of

DATES = make_dates("2024-07-01", "2024-12-31")
few = st.integers(0, 3)


def built(rows, processes=None):
    """Cases with all pictures."""
    return efficiency.build_cases(
        make_events(rows), processes, dates=DATES, calendar=ROUND_THE_CLOCK,
        mix=("region",), pictures=efficiency.flow_pictures(),
    )  # fmt: skip


@given(st.lists(st.tuples(few, few, few), max_size=30), st.randoms())
def test_events_stand_by_case_end_start_and_place_whatever_their_order(rows, chance):
    rows = [(*row, place) for place, row in enumerate(rows)]
    chance.shuffle(rows)
    parts = np.array(rows, dtype=np.int64).reshape(-1, 4)
    names = ("case", "done", "start", "row")
    found = in_order({name: parts[:, n] for n, name in enumerate(names)})
    told = list(zip(*(found[name].tolist() for name in names), strict=True))
    assert told == sorted(rows)


@given(st.lists(st.tuples(few, few), max_size=30))
def test_visits_are_numbered_as_a_slow_count_numbers_them(rows):
    rows = sorted(rows, key=lambda row: row[0])
    slow, seen = [], {}
    for row in rows:
        seen[row] = seen.get(row, 0) + 1
        slow.append(seen[row])
    case, activity = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    assert visits_of(case, activity).tolist() == slow


def test_events_without_an_activity_repeat_nothing():
    case, activity = np.array([0, 0, 0]), np.array([-1, -1, 4])
    assert visits_of(case, activity).tolist() == [1, 1, 1]


def test_only_rows_of_one_case_at_one_moment_may_be_copies():
    events = {"case": np.array([0, 0, 0, 1]), "done": np.array([5, 5, 6, 6]),
              "start": np.array([5, 5, 6, 6]), "row": np.array([7, 2, 3, 4])}  # fmt: skip
    assert alike(events).tolist() == [7, 2]


def test_a_log_followed_some_cases_at_a_time_gives_the_same_cases_and_pictures(monkeypatch):
    first = pd.Timestamp("2024-05-01T09:00")
    rows = [row | {"region": "NS"[n % 2], "resource": "xyz"[k % (2 + n % 2)]}
            for n in range(9)
            for k, row in enumerate(case(f"c{n}", first + pd.Timedelta(days=11 * n), 2, 5, 40))
            ]  # fmt: skip
    rows += rows[5:9]  # copies
    whole = built(rows)
    monkeypatch.setattr(log_layout, "EVENTS_AT_ONCE", 7)
    pieces = built(rows)
    assert whole.copies == pieces.copies == 4
    pd.testing.assert_frame_equal(pieces.frame, whole.frame)
    for name, picture in whole.pictures.items():
        pd.testing.assert_frame_equal(pieces.pictures[name], picture)


def test_a_case_that_never_starts_does_not_end_before_its_start():
    listed = make_processes([{"process": "p", "start_activity": "order", "end_activities": "end"}])
    cases = built(case("a", "2024-02-01", 5, region="N"), listed)
    notes = {c.message.key.rpartition(".")[2]: c.message.slots["n"] for c in cases.caveats
             if "n" in c.message.slots}  # fmt: skip
    assert notes == {"no_start": 1}


def test_the_naive_figure_is_drawn_once_for_all_steps(monkeypatch):
    asked = []
    real = designs.quantile_ratio
    monkeypatch.setattr(designs, "quantile_ratio", lambda *a, **k: asked.append(1) or real(*a, **k))
    days = pd.date_range("2024-04-15", periods=60, freq="2D")
    rows = [r for n, day in enumerate(days) for r in case(str(n), day, 2 + n % 3, region="N")]
    cases = built(rows)
    claimed = efficiency.naive_change(cases, seed=1).table["change_ratio"].iloc[0]
    rungs = efficiency.change(cases, seed=1).table.set_index("measure")["change_ratio"]
    assert (len(asked), rungs["naive_change"]) == (1, claimed)


def test_two_steps_at_once_have_a_question_worked_out_once():
    cases, asked, begun = built(case("a", "2024-02-01", 5)), [], Event()

    def answer():
        asked.append("q")
        begun.set()
        return "told" if Event().wait(0.05) is False else None

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cases.once, "q", answer)
        begun.wait()
        second = pool.submit(cases.once, "q", answer)
    assert (first.result(), second.result(), asked) == ("told", "told", ["q"])
    with pytest.raises(ZeroDivisionError):
        cases.once("wrong", lambda: 1 / 0)

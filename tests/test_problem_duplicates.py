"""Factor 2, duplicates: a problem never leaves the denominator by pointing at itself."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from problem_rows import DATES, OPEN, PROVEN, register

from crm_eval_lib import problems as steps
from crm_eval_lib.problems.duplicates import circles


def counted(*rows):
    seen = steps.register(register(*rows), dates=DATES)
    return seen.loc[seen["in_denominator"], "problem_id"].tolist()


def test_a_duplicate_of_itself_is_no_duplicate():
    assert counted(PROVEN, {"duplicate_of": "P2"}) == ["P1", "P2"]


def test_a_duplicate_of_itself_by_status_counts_as_open():
    seen = steps.register(register({"status": "duplicate", "duplicate_of": "P1"}), dates=DATES)
    assert (seen["in_denominator"].tolist(), seen["is_open"].tolist()) == ([True], [True])


def test_of_a_circle_the_problem_raised_first_stays():
    rows = ({"duplicate_of": "P2"}, {"duplicate_of": "P3", "raised_on": "2024-01-15"},
            {"duplicate_of": "P1"}, OPEN)  # fmt: skip
    assert counted(*rows) == ["P2", "P4"]


def test_of_a_circle_raised_on_one_day_the_first_number_stays():
    assert counted({"duplicate_of": "P2"}, {"duplicate_of": "P1"}) == ["P1"]


def test_a_duplicate_that_leads_into_a_circle_stays_a_duplicate():
    rows = ({"duplicate_of": "P2"}, {"duplicate_of": "P1"}, {"duplicate_of": "P2"})
    assert counted(*rows) == ["P1"]


def test_duplicates_of_a_missing_problem_and_by_status_alone_still_leave():
    assert counted(PROVEN, {"duplicate_of": "X9"}, {"status": "duplicate"}) == ["P1"]


@given(st.lists(st.integers(-1, 7), min_size=1, max_size=8))
def test_every_row_leads_to_one_that_counts(targets):
    # Walking along "duplicate of" from any row ends outside the table or in the numbered circle.
    ids = pd.Series([f"P{n}" for n in range(len(targets))])
    names = pd.Series([f"P{t}" if 0 <= t < len(targets) else "" for t in targets])
    found = circles(ids, names)
    for start in range(len(targets)):
        walk = [start]
        while 0 <= targets[walk[-1]] < len(targets) and len(walk) <= len(targets):
            walk.append(targets[walk[-1]])
        assert (found[start] >= 0) == (start in walk[1:])


def test_an_empty_table_has_no_circles():
    assert circles(pd.Series([], dtype="str"), pd.Series([], dtype="str")).empty

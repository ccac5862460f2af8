"""Factor 2: times to solution, participation, proof, raters."""

from types import SimpleNamespace

import pandas as pd
import pytest
from problem_rows import CLAIMED, DATES, OPEN, PROVEN, register

from crm_eval_lib import problems as steps

START = pd.Timestamp("2025-01-01")
HALF_YEAR = SimpleNamespace(status_date=START + pd.Timedelta(days=100), go_live=START)


def after(days, **more):
    return {"status": "solved", "raised_on": START, "solved_on": START + pd.Timedelta(days=days),
            **more}  # fmt: skip


def waiting(since=0):
    return {"raised_on": START + pd.Timedelta(days=since)}


def times(*rows, dates=HALF_YEAR):
    return steps.solution_time(register(*rows), dates=dates)


def test_median_counts_open_problems_as_waiting():
    # Four of five solved after 10, 20, 30, 40 days; the fifth waits for 100: S(30) = 2/5.
    step = times(after(10), after(20), after(30), after(40), waiting())
    assert step["problems.median_days"].value == 30
    assert step["problems.p80_days"].value == 40
    assert step["problems.median_days"].n == 5


def test_a_median_out_of_reach_gives_the_longest_follow_up_as_lower_bound():
    step = times(after(10), waiting(), waiting(20))
    found = step["problems.median_days"]
    assert (found.state, found.value, found.low, found.high) == ("not_assessed", None, 100, None)
    assert step["problems.p80_days"].low == 100


def test_a_solution_after_the_status_date_is_censored_there():
    step = times(after(10), after(101))
    assert step["problems.median_days"].value == 10
    assert step["problems.p80_days"].low == 100


def test_restricted_mean_over_a_year_by_hand():
    # Solved after 100 and 200 days, two never within 400: (100 + 200 + 365 + 365)/4.
    dates = SimpleNamespace(status_date=START + pd.Timedelta(days=400), go_live=START)
    found = times(after(100), after(200), waiting(), waiting(), dates=dates)
    assert found["problems.rmst_days[365]"].value == pytest.approx(1030 / 4)


def test_restricted_mean_beyond_the_follow_up_has_the_bounds_of_what_was_seen():
    # Half solved after 10 days, the other half seen to 100: area 10 + 45, at most 132.5 more.
    found = times(after(10), waiting())["problems.rmst_days[365]"]
    assert (found.state, found.low, found.high) == ("not_assessed", 55, 55 + 0.5 * 265)


def test_withdrawn_and_rejected_problems_compete():
    # Of four, one withdrawn at 5 days and one rejected at 6: F(20) = 2/4 of all four, not of two.
    ended = [
        {"status": status, **waiting(), "closed_on": START + pd.Timedelta(days=days)}
        for status, days in (("withdrawn", 5), ("rejected", 6))
    ]
    step = times(after(10), after(20), *ended)
    assert step["problems.median_days"].value == 20
    assert step["problems.p80_days"].state == "not_assessed"
    assert step.subtitle.key == "problems.subtitle.time_competing"
    assert step.table["solved_share"].tolist() == [0, 0, 0, 0.25, 0.5]


def test_a_problem_entered_late_is_watched_from_its_entry():
    # The third was entered on day 15: at day 10 two are watched, S = 1/2; at 20 two: S = 1/4.
    late = after(30, entered_on=START + pd.Timedelta(days=15))
    table = times(after(10), after(20), late).table
    assert table["watched"].tolist() == [2, 2, 2, 1]
    assert table["solved_share"].tolist() == [0, 0.5, 0.75, 1]


def test_a_problem_solved_before_its_entry_says_nothing_and_is_counted():
    early = after(10, entered_on=START + pd.Timedelta(days=15))
    step = times(after(20), early)
    assert step["problems.median_days"].n == 1
    assert step.caveats[0].message.key == "problems.caveat.too_early"


def test_recalled_and_duplicate_problems_have_no_times():
    step = times(after(20), after(1, origin="recalled"), after(1, duplicate_of="P1"))
    assert (step["problems.median_days"].value, step["problems.median_days"].n) == (20, 1)


def test_solutions_without_any_date_cannot_be_timed():
    step = times({"status": "solved"}, waiting())
    assert step["problems.median_days"].reason.slots["columns"] == ["solved_on"]
    dated = times({"status": "solved", "raised_on": START}, after(20))
    assert dated.caveats[0].message.slots["n"] == 1


def test_late_found_share_leaves_out_duplicates_recalled_and_unknown_phases():
    frame = register({"phase": "survey"}, {"phase": "build"}, {"phase": "live"}, OPEN,
                     {"phase": "live", "status": "duplicate"},
                     {"phase": "live", "origin": "recalled"}, {"phase": "survey",
                                                               "status": "withdrawn"})  # fmt: skip
    found = steps.late_found(frame, dates=DATES)["problems.late_found_share"]
    assert (found.value, found.n) == (0.5, 4)


DEPARTMENTS = pd.DataFrame({
    "department": ["Sales", "Finance", "Logistics", "Canteen"],
    "affected": ["yes", "yes", "yes", "no"],
    "survey_attended_on": pd.to_datetime(["2024-02-01", None, "2025-07-01", "2024-02-01"]),
})  # fmt: skip
BY_CLIENT = {"raised_by_side": "client", "phase": "survey"}


def test_a_department_is_engaged_by_its_own_survey_problem():
    frame = register(
        {**BY_CLIENT, "department": " sales ", "status": "duplicate"},
        {**BY_CLIENT, "department": "Finance", "origin": "recalled"},
        {**BY_CLIENT, "department": "Finance", "raised_by_side": "vendor"},
        {**BY_CLIENT, "department": "Logistics", "phase": "build"},
        {**BY_CLIENT, "department": "Canteen"},
    )
    step = steps.engagement(DEPARTMENTS, frame, dates=DATES)
    assert (step["problems.engagement"].value, step["problems.engagement"].n) == (
        pytest.approx(1 / 3), 3,
    )  # fmt: skip
    assert step.sentence.slots["silent"] == ["Finance", "Logistics"]


def test_attendance_counts_affected_departments_until_the_status_date():
    step = steps.engagement(DEPARTMENTS, register(OPEN), dates=DATES)
    assert step["problems.attendance"].value == pytest.approx(1 / 3)
    nobody = DEPARTMENTS.assign(survey_attended_on=pd.NaT)
    step = steps.engagement(nobody, register(OPEN), dates=DATES)
    assert step["problems.attendance"].state == "not_assessed"


def test_attendance_that_is_all_yet_to_come_is_not_recorded():
    # "Nothing after status_date"; "a column that is empty throughout is not recorded, never no"
    to_come = DEPARTMENTS.assign(survey_attended_on=pd.Timestamp("2025-07-01"))
    found = steps.engagement(to_come, register(OPEN), dates=DATES)["problems.attendance"]
    assert (found.state, found.value) == ("not_assessed", None)


def test_proactive_share_is_unprompted_by_the_client_among_survey_problems():
    frame = register(
        {**BY_CLIENT, "prompted": "no"}, {**BY_CLIENT, "prompted": "yes"}, BY_CLIENT,
        {**BY_CLIENT, "prompted": "no", "raised_by_side": "vendor"},
        {**BY_CLIENT, "prompted": "no", "phase": "build"},
        {**BY_CLIENT, "prompted": "no", "duplicate_of": "P1"},
    )  # fmt: skip
    found = steps.engagement(None, frame, dates=DATES)["problems.proactive_share"]
    assert (found.value, found.n) == (pytest.approx(1 / 3), 3)
    assert found.parts["missing_share"] == 0.25


TRACE = pd.DataFrame({
    "problem_id": ["P1", "P1", "P2", "P3", "P3", "P4"],
    "requirement_id": ["R1", "R1", "R2", "R3", "R3", None],
    "test_id": ["T1", "T2", "T3", "T4", "T4", "T5"],
    "test_result": ["fail", "pass", "not_run", "fail", "pass", "pass"],
    "tested_on": pd.to_datetime(["2024-08-01", "2024-08-01", None, "2024-08-02", "2024-08-01",
                                 "2024-08-01"]),
})  # fmt: skip


def test_traced_means_a_requirement_and_a_test_that_passed_when_last_run():
    frame = register(PROVEN, OPEN, OPEN, OPEN)
    found = steps.proof(frame, TRACE, dates=DATES)["problems.traced_share"]
    assert (found.value, found.n) == (0.25, 4)


def test_a_test_of_after_the_status_date_was_not_run_yet():
    later = TRACE.assign(tested_on=pd.Timestamp("2025-07-01"))
    assert steps.proof(register(PROVEN), later, dates=DATES)["problems.traced_share"].value == 0


def test_confirmed_means_after_go_live_and_until_the_status_date():
    days = ["2024-08-30", "2024-10-15", "2025-07-01", None]
    frame = register(*[{**CLAIMED, "confirmed_on": day} for day in days],
                     {"confirmed_on": "2024-10-15"})  # fmt: skip
    found = steps.proof(frame, None, dates=DATES)["problems.confirmed_share"]
    assert (found.value, found.n) == (0.25, 4)


def ratings(first, second, raters=("A", "B")):
    rows = [(f"P{n}", rater, side, verdict)
            for rater, side, verdicts in zip(raters, ("client", "consultant"), (first, second),
                                             strict=True)
            for n, verdict in enumerate(verdicts, 1)]  # fmt: skip
    return pd.DataFrame(rows, columns=["problem_id", "rater_id", "side", "verdict"])


def test_kappa_of_the_grant_proposals_comes_out_of_the_ratings():
    # 20 both yes, 5 and 10 apart, 15 both no: kappa 0.4; PABAK over three verdicts (3·0.7 − 1)/2.
    first = ["solved"] * 25 + ["not_solved"] * 25
    second = ["solved"] * 20 + ["not_solved"] * 5 + ["solved"] * 10 + ["not_solved"] * 15
    step = steps.agreement(ratings(first, second))
    assert step["problems.kappa"].value == pytest.approx(0.4)
    assert step["problems.pabak"].value == pytest.approx(0.55)
    assert step["problems.kappa"].n == 50


def test_with_more_than_two_raters_the_client_stands_against_the_consultant():
    pair = ratings(["solved", "partly", "solved"], ["solved", "partly", "not_solved"])
    pair.loc[pair["problem_id"].eq("P1") & pair["side"].eq("client"), "rater_id"] = "C"
    assert steps.agreement(pair)["problems.pabak"].value == pytest.approx((3 * 2 / 3 - 1) / 2)


def test_one_verdict_only_leaves_kappa_open_but_not_pabak():
    step = steps.agreement(ratings(["solved"] * 4, ["solved"] * 4))
    assert step["problems.kappa"].reason.key == "problems.reason.one_verdict"
    assert step["problems.pabak"].value == 1


def test_ratings_of_problems_of_after_the_status_date_are_left_out():
    given = ratings(["solved", "solved"], ["solved", "partly"])
    frame = register(PROVEN, {"raised_on": "2025-07-01"})
    assert steps.agreement(given, problems=frame, dates=DATES)["problems.pabak"].n == 1

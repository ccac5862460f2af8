"""Factor 2: were some problems solved sooner than others, by severity and department?"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from problem_rows import register
from test_stats_log_rank import DIED, PLACEBO, RATS, RELAPSE, WEEKS

from crm_eval_lib import charts
from crm_eval_lib.charts.figure import figure
from crm_eval_lib.problems import time_by_group
from crm_eval_lib.results import Message
from crm_eval_lib.text import say

START = pd.Timestamp("2025-01-01")
DATES = SimpleNamespace(status_date=START + pd.Timedelta(days=100), go_live=START)


def problem(days, done=True, **more):
    """One problem, solved after some days or known to be waiting for so long."""
    if done:
        end = {"status": "solved", "solved_on": START + pd.Timedelta(days=days)}
        return {"raised_on": START, **end, **more}
    return {"raised_on": DATES.status_date - pd.Timedelta(days=days), **more}


def trial(**groups):
    """The leukaemia trial as a register: relapse = solved, censored = waiting."""
    ((name, values),) = groups.items()
    treated = [problem(w, done, **{name: values[0]})
               for w, done in zip(WEEKS, RELAPSE, strict=True)]  # fmt: skip
    return register(*treated, *[problem(w, **{name: values[1]}) for w in PLACEBO])


def test_the_leukaemia_trial_as_two_departments_has_the_published_test():
    step = time_by_group(trial(department=["Sales", "Finance"]), dates=DATES)
    test = step.tables["tests"].iloc[0]
    assert (test["dimension"], test["chi_square"]) == ("department", pytest.approx(16.79, abs=5e-3))
    rows = step.table[step.table["dimension"] == "department"].set_index("key")
    assert rows["median_days"].to_dict() == {"Sales": 23, "Finance": 8}
    assert rows.loc["Sales", ["solved", "waiting", "problems"]].tolist() == [9, 12, 21]
    assert rows["expected"].to_dict() == pytest.approx({"Sales": 19.25, "Finance": 10.75}, abs=0.01)


def test_the_leukaemia_trial_as_two_severities_names_fast_and_slow():
    step = time_by_group(trial(severity=[2, 5]), dates=DATES)
    assert (
        say(step.headline)
        == "By severity, severity 4–5 was solved fastest and severity 1–3 slowest"
    )
    assert "in <1% of cases" in say(step.sentence)
    assert step.table["key"].tolist() == ["4–5", "1–3"]


def test_p_values_of_severities_and_departments_are_one_family():
    frame = trial(department=["Sales", "Finance"]).assign(severity=[1, 5] * 21)
    tests = time_by_group(frame, dates=DATES).tables["tests"].set_index("dimension")
    raw = tests["p_unadjusted"]
    assert tests.index.tolist() == ["department", "severity"]  # the smaller p first
    assert tests.loc["department", "p"] == pytest.approx(2 * raw["department"])
    assert tests.loc["severity", "p"] == pytest.approx(raw["severity"])


def test_three_departments_are_compared_by_one_test():
    names = np.repeat(["A", "B", "C"], 10)
    frame = register(*[problem(d, bool(done), department=name)
                       for d, done, name in zip(RATS, DIED, names, strict=True)])  # fmt: skip
    test = time_by_group(frame, dates=DATES).tables["tests"].iloc[0]
    assert (test["groups"], test["degrees"]) == (3, 2)
    assert test["chi_square"] == pytest.approx(33.38033, abs=5e-6)


def test_a_problem_entered_late_is_compared_from_its_entry():
    # The second example of Stata in the test of the log-rank test, as days.
    rows = zip([2, 1, 5, 8, 7, 8, 8, 9, 4, 9], [1, 1, 1, 1, 1, 0, 1, 0, 0, 0],
               [1, 1, 2, 2, 3, 3, 2, 1, 2, 0], "AAAAABBBBB", strict=True)  # fmt: skip
    frame = register(*[problem(d, bool(done), department=name, late=late)
                       for d, done, late, name in rows])  # fmt: skip
    # The second case enters on its last day and says nothing, in Stata as here.
    entered = frame["raised_on"] + pd.to_timedelta(frame["late"], unit="D")
    step = time_by_group(frame.assign(entered_on=entered), dates=DATES, minimum=4)
    assert step.tables["tests"]["chi_square"].iloc[0] == pytest.approx(6.75082959)
    assert [caveat.message.key for caveat in step.caveats] == ["problems.caveat.too_early"]


def test_groups_of_few_are_shown_but_not_compared():
    small = [problem(5, department="Canteen")] * 9
    frame = pd.concat([trial(department=["Sales", "Finance"]), register(*small)])
    frame = frame.assign(problem_id=[str(n) for n in range(len(frame))])
    step = time_by_group(frame, dates=DATES)
    rows = step.table.set_index("key")
    assert np.isnan(rows.loc["Canteen", "p"])
    assert rows.loc["Canteen", "problems"] == 9
    assert step.tables["tests"]["chi_square"].iloc[0] == pytest.approx(16.79, abs=5e-3)
    said = [say(caveat.message) for caveat in step.caveats]
    assert said[0].startswith("1 group has fewer than 10 problems and is shown but not compared")


def test_one_group_alone_is_not_compared_and_says_what_it_would_take():
    step = time_by_group(register(*[problem(day) for day in range(1, 21)]), dates=DATES)
    assert step.tables["tests"].empty
    assert "two groups of at least 10 problems" in say(step.sentence)
    assert "各含10个以上问题" in say(step.sentence, "zh-Hans")


def test_withdrawn_problems_leave_the_race_and_the_hazards_are_compared():
    # Withdrawn counts as censored in the test: the published χ² stays.
    frame = trial(department=["Sales", "Finance"])
    waiting = frame["status"] == "open"
    days = DATES.status_date - frame["raised_on"]
    frame = frame.assign(raised_on=frame["raised_on"].mask(waiting, START),
                         status=frame["status"].mask(waiting, "withdrawn"),
                         closed_on=(START + days).where(waiting))  # fmt: skip
    step = time_by_group(frame, dates=DATES)
    assert step.tables["tests"]["chi_square"].iloc[0] == pytest.approx(16.79, abs=5e-3)
    assert step.caveats[-1].message.key == "problems.caveat.cause_specific"
    sales = step.table.set_index("key").loc["Sales"]
    # Nine of 21 were ever solved: the median is out of reach, though the others end no later.
    assert (sales["ended"], np.isnan(sales["median_days"]), sales["low_days"]) == (12, True, 35)


def test_without_a_register_the_reason_is_the_answer():
    step = time_by_group(None, dates=DATES)
    assert step.sentence == Message("core.reason.missing_table", {"tables": ["problems"]})
    assert figure("PROB-05", charts.plot_time_by_group, step).svg is None


def test_at_most_four_curves_are_drawn_the_fastest_and_slowest_among_them():
    sizes = {"A": 30, "B": 28, "C": 26, "D": 24, "slow": 12, "fast": 12}
    pace = {"slow": 3, "fast": 1}
    rows = [problem(pace.get(name, 2) * (n % 12 + 1), department=name)
            for name, size in sizes.items() for n in range(size)]  # fmt: skip
    step = time_by_group(register(*rows), dates=DATES)
    ax = charts.plot_time_by_group(step)
    labels = [text.get_text() for text in ax.texts if "(n=" in text.get_text()]
    assert labels == ["A (n=30)", "B (n=28)", "fast (n=12)", "slow (n=12)"]
    assert len(ax.lines) == 4


def test_the_numbers_below_the_axis_are_those_under_observation():
    step = time_by_group(trial(department=["Sales", "Finance"]), dates=DATES)
    watched = step.tables["at_risk"]
    finance = watched[(watched["dimension"] == "department") & (watched["key"] == "Finance")]
    assert finance["day"].tolist() == [0, 7, 14, 21, 28, 35]
    # PLACEBO by hand: 21 at first, 12 relapse on day 8 or later, 4 on 14 or later, 2, none.
    assert finance["watched"].tolist() == [21, 12, 4, 2, 0, 0]
    shown = [text.get_text() for text in charts.plot_time_by_group(step, lang="zh-Hans").texts]
    assert "Finance（n=21）" in shown
    assert shown.count("21") == 2


def test_a_rejection_the_client_did_not_decide_is_not_called_waiting():
    left = {"raised_on": START, "status": "rejected", "decided_by_side": "vendor"}
    frame = register(problem(5), problem(9, False), {**left}, department="Sales")
    row = time_by_group(frame, dates=DATES).table.set_index("key").loc["Sales"]
    assert row[["problems", "solved", "waiting", "unsettled", "ended"]].tolist() == [3, 1, 1, 1, 0]

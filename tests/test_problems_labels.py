"""Intervals that cover less than they say are labelled where they are shown."""

from types import SimpleNamespace

import pandas as pd
import pytest
from problem_rows import DATES, OPEN, PROVEN, register

from crm_eval_lib import problems as steps
from crm_eval_lib.problems.shares import FEW_CASES
from crm_eval_lib.text import say

FEW = "problems.caveat.few_cases"
START = pd.Timestamp("2025-01-01")


def keys(step):
    return [caveat.message.key for caveat in step.caveats]


@pytest.mark.parametrize(("n", "labelled"), [(FEW_CASES - 1, True), (FEW_CASES, False)])
def test_shares_of_few_problems_say_that_their_interval_is_rough(n, labelled):
    step = steps.solved(register(*[PROVEN] * (n - 1), OPEN), dates=DATES)
    assert (FEW in keys(step)) == labelled


def test_the_label_names_the_small_groups_only():
    rows = register(*[PROVEN | {"department": "Sales"}] * 50, OPEN | {"department": "Legal"})
    step = steps.by_group(rows, dates=DATES)
    named = step.caveats[0].indicators
    assert "problems.solved_rate[department=Legal]" in named
    assert "problems.solved_rate[department=Sales]" not in named


def test_a_share_without_interval_needs_no_label():
    rows = register(OPEN, OPEN)[["problem_id", "raised_on", "title", "severity", "status"]]
    assert FEW not in keys(steps.by_group(rows, dates=DATES))


def test_departments_are_few_in_both_languages():
    departments = pd.DataFrame({"department": ["Sales", "Legal"], "affected": "yes",
                                "survey_attended_on": START})  # fmt: skip
    step = steps.engagement(departments, None, dates=DATES)
    message = step.caveats[0].message
    assert message.key == FEW
    assert "fewer than 42 cases is rough" in say(message, "en")
    assert "不足42个" in say(message, "zh-Hans")


def waits(*days, open_since=None):
    rows = [{"status": "solved", "raised_on": START, "solved_on": START + pd.Timedelta(days=day)}
            for day in days]  # fmt: skip
    rows += [] if open_since is None else [{"raised_on": START + pd.Timedelta(days=open_since)}]
    dates = SimpleNamespace(status_date=START + pd.Timedelta(days=200), go_live=START)
    return steps.solution_time(register(*rows), dates=dates)


def test_a_mean_over_a_year_nobody_was_watched_for_says_so():
    # The longest was solved on the last of 200 days: S reaches 0, so the mean is published.
    step = waits(10, 20, 200, open_since=100)
    assert step["problems.rmst_days[365]"].value is not None
    assert keys(step) == ["problems.caveat.unwatched_horizon"]
    said = say(step.caveats[0].message, "en")
    assert "observation for 365 days: the one watched longest was solved after 200 days" in said


def test_a_mean_of_problems_all_solved_is_complete():
    assert keys(waits(10, 20, 200)) == []

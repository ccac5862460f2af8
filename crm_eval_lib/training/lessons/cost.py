"""Lesson on cost: a budget that was quietly replaced, and a ledger with its usual dirt."""

from dataclasses import replace

import pandas as pd

from crm_eval_lib.simulate import DEMOS
from crm_eval_lib.training.answers import Choice, Count, Share
from crm_eval_lib.training.case import Case
from crm_eval_lib.training.judged import lacking, never, the_true_one
from crm_eval_lib.training.questions import Plan, Question

# the dirt that the simulator books beside the cost: an order and a payment, which are no cost
ORDERED, PAID = 52_000.0, 21_000.0
ACCURACY = 0.10  # a deviation that estimates of this kind commonly have
TABLES = ("budget", "actuals", "milestones", "scope", "changes", "progress", "reviews")


def case(language: str) -> Case:
    """Make the client: an overrun hidden by a second budget, seen late."""
    scenario = replace(
        DEMOS["demo-troubled"], client="lesson-cost", language=language, seed=81,
        name="Brenner Tools" if language == "en" else "博仁机械",
        overrun=0.38, rebaselined_month=7, rebaselined=0.30, reviews_from_month=9,
        months_visible=4, unbudgeted_share=0.10, scope_delivered=0.80,
    )  # fmt: skip
    return Case.of(scenario, *TABLES)


def _days(first: str, last: str) -> int:
    return (pd.Timestamp(last) - pd.Timestamp(first)).days


def _late(case: Case) -> float:
    truth = case.scenario
    planned = _days(truth.project_start, truth.planned_go_live)
    return _days(truth.planned_go_live, truth.go_live) / planned


def _over_second_budget(case: Case) -> float:
    return (1 + case.scenario.overrun) / (1 + case.scenario.rebaselined) - 1


def _orders_counted(case: Case) -> float:
    return case.scenario.overrun + (ORDERED + PAID) / case.scenario.budget_total


DEVIATION = Question(
    "q1", "deviation", Share(), lambda case: case.scenario.overrun,
    code="""\
plan = budget[budget["version"].eq(budget["version"].min())]["amount"].sum()
cost_kinds = ["invoice", "timesheet", "accrual", "credit"]
booked = actuals[actuals["kind"].isin(cost_kinds)]["amount"].sum()
deviation = booked / plan - 1""",
    mistakes={
        "second_budget": _over_second_budget,
        "divided_by_actual": lambda case: case.scenario.overrun / (1 + case.scenario.overrun),
        "orders_counted": _orders_counted,
        "no_one_taken_off": lambda case: 1 + case.scenario.overrun,
        "per_cents": lambda case: 100 * case.scenario.overrun,
        "turned_round": lambda case: -case.scenario.overrun,
    },
)  # fmt: skip

LATENESS = Question(
    "q2", "lateness", Share(), _late,
    code="""\
dates = client.dates
planned = dates.planned_go_live - dates.project_start
lateness = (dates.go_live - dates.planned_go_live) / planned""",
    mistakes={
        "divided_by_actual": lambda case: _late(case) / (1 + _late(case)),
        "no_one_taken_off": lambda case: 1 + _late(case),
        "per_cents": lambda case: 100 * _late(case),
        "turned_round": lambda case: -_late(case),
    },
)  # fmt: skip

SEEN = Question(
    "q3", "reviews_before_shown", Count(), lambda case: case.scenario.reviews_from_month - 1,
    code="""\
shown = reviews[reviews["plan_vs_actual_shown"].eq("yes")]["held_on"].min()
reviews_before_shown = (reviews["held_on"] < shown).sum()""",
    mistakes={
        "counted_the_first_too": lambda case: case.scenario.reviews_from_month,
        "months_until_visible": lambda case: case.scenario.months_visible,
    },
)  # fmt: skip

SENTENCE = Question(
    "q4", "sentence", Choice(),
    the_true_one(
        a=lambda case: case.scenario.overrun <= ACCURACY,
        b=never,
        c=lambda case: case.scenario.overrun > ACCURACY and case.scenario.rebaselined_month > 0,
        d=lacking("budget", "actuals"),
    ),
    code='sentence = "c"',
    mistakes={"second_budget": lambda case: "a", "blames": lambda case: "b",
              "says_nothing": lambda case: "d"},
)  # fmt: skip

PLAN = Plan("01_cost", 1, case, (DEVIATION, LATENESS, SEEN, SENTENCE), minutes=25)

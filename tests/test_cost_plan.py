"""Planned before the start, watched on the way, on time, delivered and accepted."""

import pandas as pd
import pytest
from cost_rows import days, entries, lines, open_days, progress

from crm_eval_lib import charts, cost
from crm_eval_lib.text import say

SCOPE = pd.DataFrame({
    "item_id": ["1", "2", "3"], "title": ["Quotes", "Orders", "Mail"], "weight": [3.0, 2.0, 1.0],
    "original": ["yes", "yes", "no"], "delivered": [1.0, 0.5, 0.0],
    "decided_on": pd.to_datetime(["2023-12-01", "2024-01-01", "2024-03-01"]),
})  # fmt: skip


def whole_budget(**more):
    budget = lines(("H", "infrastructure", 1.0), ("L", "licence", 1.0), ("P", "services", 1.0))
    dates = {"approved_on": "2023-12-20", "planned_start": "2024-01-01",
             "planned_finish": "2024-04-01"}  # fmt: skip
    return budget.assign(**{**dates, **more})


def complete(budget, scope=SCOPE, **more):
    step = cost.planning(budget, scope, dates=days(), **more)
    return step["cost.baseline_complete"]


def test_all_five_parts_fixed_by_the_start_are_complete():
    assert complete(whole_budget()).value == 1.0


@pytest.mark.parametrize(
    ("changed", "share"),
    [
        ({"approved_on": ["2023-12-20", "2024-01-02", "2023-12-20"]}, 0.6),  # software and dates
        ({"planned_finish": ["2024-04-01", None, "2024-04-01"]}, 0.8),
        ({"category": ["hardware", "licence", "training"]}, 0.8),  # no services at all
    ],
)
def test_a_part_late_or_absent_is_not_fixed(changed, share):
    changed = {k: pd.to_datetime(v) if k != "category" else v for k, v in changed.items()}
    assert complete(whole_budget(**changed)).value == pytest.approx(share)


def test_an_original_item_decided_after_the_start_leaves_the_scope_open():
    late = SCOPE.assign(decided_on=pd.to_datetime(["2023-12-01", "2024-01-02", "2024-03-01"]))
    assert complete(whole_budget(), late).value == pytest.approx(0.8)


def test_parts_not_needed_leave_the_denominator():
    budget = whole_budget().query("category != 'infrastructure'")
    assert complete(budget).value == pytest.approx(0.8)
    assert complete(budget, not_needed=("hardware",)).value == 1.0


def test_a_part_that_cannot_be_seen_gives_bounds():
    found = complete(whole_budget(), None)
    assert (found.state, found.low, found.high) == ("not_assessed", 0.8, 1.0)


def test_later_versions_do_not_mend_the_first_plan():
    first = whole_budget(approved_on="2024-02-01", version=0)
    both = pd.concat([first, whole_budget(version=1)])
    assert complete(both).value == pytest.approx(0.2)


def reviews(*rows):
    frame = pd.DataFrame(rows, columns=["held_on", "plan_vs_actual_shown"])
    frame.insert(0, "review_id", [f"R{number}" for number in range(len(rows))])
    return frame.assign(held_on=pd.to_datetime(frame["held_on"]))


def coverage(rows, **more):
    step = cost.oversight(rows, **{"dates": days(), "currency": "CNY", **more})
    return step["cost.review_coverage"]


def test_periods_count_once_and_only_with_plan_beside_actual():
    held = reviews(("2024-01-10", "yes"), ("2024-01-20", "yes"), ("2024-02-10", "no"),
                   ("2024-03-10", "yes"), ("2023-12-10", "yes"), ("2024-09-10", "yes"))  # fmt: skip
    found = coverage(held)
    assert (found.value, found.n) == (pytest.approx(2 / 6), 6)


def test_partial_periods_are_included():
    dates = days(project_start="2024-01-31", go_live="2024-03-01")
    assert coverage(reviews(("2024-02-10", "yes")), dates=dates).value == pytest.approx(1 / 3)


def test_an_open_project_is_covered_to_the_status_date():
    assert coverage(reviews(("2024-02-10", "yes")), dates=open_days()).n == 4


def test_the_work_after_go_live_is_to_be_watched_too():
    done = progress(("P", "2024-08-31", 1.0), ("L", "2024-08-31", 1.0), ("H", "2024-08-31", 1.0))
    held = reviews(("2024-02-10", "yes"))
    assert coverage(held, budget=whole_budget(), progress=done).n == 8


def test_periods_end_on_the_day_the_client_says():
    held = reviews(("2024-01-26", "yes"), ("2024-02-25", "yes"))
    assert coverage(held, month_end=25).value == pytest.approx(1 / 7)


def test_reviews_without_the_column_are_not_taken_for_bare_ones():
    found = coverage(reviews(("2024-01-26", None)))
    assert found.reason.slots == {"table": "reviews", "columns": ["plan_vs_actual_shown"]}


def milestones(*rows):
    names = ["milestone_id", "planned_on", "actual_on", "weight", "accepted_on", "acceptance"]
    frame = pd.DataFrame(rows, columns=names).assign(name="Step", forecast_on=pd.NaT)
    dates = {name: pd.to_datetime(frame[name]) for name in names if name.endswith("_on")}
    return frame.assign(**dates)


MILESTONES = milestones(
    ("M1", "2024-02-01", "2024-02-05", 2.0, "2024-02-10", "unconditional"),
    ("M2", "2024-06-30", "2024-08-09", 3.0, "2024-08-20", "conditional"),
    ("M3", "2024-05-01", "2024-05-02", 5.0, "2025-02-01", "unconditional"),
)


def test_only_unconditional_acceptance_by_the_status_date_counts():
    step = cost.schedule(MILESTONES, dates=days())
    assert step["cost.accepted_share"].value == pytest.approx(0.2)


def test_milestones_planned_later_are_not_due():
    step = cost.schedule(MILESTONES, dates=days(status_date="2024-05-01"))
    assert step["cost.accepted_share"].value == pytest.approx(2 / 7)


def test_slip_is_counted_for_go_live_and_for_the_milestone_planned_last():
    step = cost.schedule(MILESTONES, dates=days(go_live="2024-07-20"))
    assert step["cost.slip_days[go_live]"].value == 20
    assert step["cost.slip_days[last_milestone]"].value == 40


@pytest.mark.parametrize(
    ("given", "end"),
    [({"go_live": "2024-07-20"}, 201), ({"forecast_go_live": "2024-09-01"}, 244),
     ({"go_live": "2025-03-01", "forecast_go_live": "2024-09-01"}, 244), ({}, 365),
     ({"status_date": "2024-03-01"}, 181)],
)  # fmt: skip
def test_the_end_is_go_live_else_its_forecast_else_the_later_of_status_and_plan(given, end):
    step = cost.schedule(None, dates=days(**{"go_live": None, **given}))
    assert step["cost.schedule_ratio"].value == pytest.approx(end / 181 - 1)


def test_without_planned_go_live_there_is_neither_slip_nor_length():
    step = cost.schedule(None, dates=days(planned_go_live=None))
    reasons = [
        step[f"cost.{name}"].reason.slots for name in ("slip_days[go_live]", "schedule_ratio")
    ]
    assert reasons == [{"date": "planned_go_live"}] * 2


def delivered(scope, *tables, **more):
    return cost.delivery(scope, *tables, **{"dates": days(), "currency": "CNY", **more})


def test_scope_is_weighted_and_only_original_items_count():
    assert delivered(SCOPE)["cost.scope_delivered"].value == pytest.approx(4 / 5)


def test_cost_is_set_against_what_was_delivered():
    spent = entries(("A", "2024-03-01", 120.0, "invoice"))
    step = delivered(SCOPE, lines(("A", "services", 100.0)), spent)
    assert step["cost.scope_adjusted"].value == pytest.approx(1.2 / 0.8 - 1)


def test_what_is_missing_leads_to_an_action_before_the_final_payment():
    rows = entries(("A", "2024-03-01", 120.0, "invoice")).assign(retention=12.0)
    step = delivered(SCOPE.assign(supplier="V1"), lines(("A", "services", 100.0)), rows)
    (finding,) = step.findings
    slots = finding.action.sentence.slots
    assert finding.rows == (("scope", "2"),)
    assert (slots["amount"], slots["supplier"], slots["share"]) == (12.0, "V1", pytest.approx(0.2))


def test_nothing_delivered_has_no_adjusted_cost():
    spent = entries(("A", "2024-03-01", 120.0, "invoice"))
    step = delivered(SCOPE.assign(delivered=0.0), lines(("A", "services", 100.0)), spent)
    assert step["cost.scope_delivered"].value == 0.0
    assert step["cost.scope_adjusted"].reason.key == "cost.reason.zero_scope"


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
@pytest.mark.parametrize("planned", [None, "2024-06-30", "2024-12-31"])
@pytest.mark.parametrize("live", [None, "2024-06-01", "2024-06-30", "2024-08-01"])
@pytest.mark.parametrize("rows", [None, MILESTONES, MILESTONES.assign(actual_on=pd.NaT)])
def test_the_dates_are_put_into_words_whatever_is_known(rows, live, planned, lang):
    dates = days(go_live=live, planned_go_live=planned, forecast_go_live=live and "2024-09-01")
    step = cost.schedule(rows, dates=dates)
    assert say(step.sentence, lang) and say(step.headline, lang)


@pytest.mark.parametrize(
    ("lang", "label"), [("en", "M2 (weight 30%)"), ("zh-Hans", "M2（权重30%）")]
)
def test_the_milestones_are_drawn_with_their_share_of_the_weight(lang, label):
    step = cost.schedule(MILESTONES.assign(name=MILESTONES["milestone_id"]), dates=days())
    labels = charts.plot_schedule(step, lang=lang).get_yticklabels()
    assert label in [item.get_text() for item in labels]  # 3 of 2 + 3 + 5
    plain = cost.schedule(MILESTONES.assign(weight=None), dates=days())
    assert "weight" not in plain.table

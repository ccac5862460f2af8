"""Cost without budget or ledger: the one-page summary, and own labour by estimate."""

import pandas as pd
import pytest
from cost_rows import days, entries, lines, open_days, progress
from hypothesis import given, settings
from hypothesis import strategies as st
from score_cases import case

from crm_eval_lib import charts, cost
from crm_eval_lib.evidence import table_evidence
from crm_eval_lib.scorecard import score
from crm_eval_lib.text import LANGUAGES, say

ORIGINAL = "cost.deviation_original"
PAGE = [("1", "services", 100.0, 130.0, "contract"), ("2", "services", 50.0, 40.0, "contract"),
        ("3", "hardware", 50.0, 60.0, "invoice")]  # fmt: skip
BUDGET = lines(("A", "services", 100.0), ("B", "internal_labour", 40.0))
SPENT = entries(("A", "2024-03-01", 110.0, "invoice"))
# 2 persons × 10 weeks × 0.25 × 40 h = 200 h at 0.15 = 30; 1 × 5 × 0.5 × 40 = 100 h at 0.2 = 20
ROLES = [("clerk", 2, 10, 0.25, 0.15, 160, 240), ("manager", 1, 5, 0.5, 0.20, 75, 150)]


def page(*rows, **more):
    names = ["item_id", "category", "planned_amount", "actual_amount", "basis"]
    return pd.DataFrame(rows or PAGE, columns=names).assign(**more)


def summed(summary, *, dates=None, **more):
    budget, actuals = more.pop("budget", None), more.pop("actuals", None)
    return cost.deviation(
        budget, actuals, summary=summary, dates=dates or days(), currency="CNY", **more
    )


def roles(*rows, hours=40.0):
    names = ["role", "persons", "weeks", "share_of_time", "hourly_cost", "hours_low", "hours_high"]
    return cost.own_labour(pd.DataFrame(rows or ROLES, columns=names), week_hours=hours)


def with_labour(budget=BUDGET, spent=SPENT, labour=None, *, dates=None, **more):
    labour = roles() if labour is None else labour
    return cost.deviation(budget, spent, labour=labour, dates=dates or days(), currency="CNY",
                          **more)  # fmt: skip


def said(step):
    return [say(caveat.message) for caveat in step.caveats]


def test_the_summary_gives_the_ratio_of_its_sums_and_that_of_each_category():
    step = summed(page())
    assert step[ORIGINAL].value == pytest.approx(230 / 200 - 1)
    assert step["cost.deviation[services]"].value == pytest.approx(170 / 150 - 1)
    assert step["cost.deviation[hardware]"].value == pytest.approx(60 / 50 - 1)
    assert step[ORIGINAL].tables == ("cost_summary",)
    assert say(step.sentence).startswith("By a summary of 3 items the project cost CNY 230")


@pytest.mark.parametrize(("budget", "actuals"), [(None, SPENT), (BUDGET, None), (BUDGET[:0], None)])
def test_the_summary_takes_the_place_of_both_where_one_is_missing(budget, actuals):
    step = summed(page(), budget=budget, actuals=actuals)
    assert step[ORIGINAL].value == pytest.approx(0.15)
    assert "rests on a summary of 3 items" in said(step)[0]


def test_beside_budget_and_ledger_the_summary_is_not_used_and_that_is_said():
    step = summed(page(), budget=BUDGET, actuals=SPENT)
    assert step[ORIGINAL].value == pytest.approx(110 / 140 - 1)
    assert "The cost summary is not used" in " ".join(said(step))


@pytest.mark.parametrize(
    ("bases", "grade"),
    [(["contract"] * 10, "B"), (["invoice"] * 8 + ["estimate"] * 2, "B"),
     (["payment"] * 7 + ["estimate"] * 3, "D"), (["ledger"], "B"), (["estimate"], "D")],
)  # fmt: skip
def test_the_grade_follows_the_basis_of_four_fifths_of_the_items(bases, grade):
    frame = page(*[(str(i), "other", 1.0, 1.0, basis) for i, basis in enumerate(bases)])
    assert table_evidence({"cost_summary": frame})["grade"].tolist() == [grade]


def test_an_item_without_an_end_in_an_open_project_is_not_under_budget():
    step = summed(page(), dates=open_days("2024-04-30"))
    assert step[ORIGINAL].state == step["cost.deviation[hardware]"].state == "not_assessed"
    assert say(step[ORIGINAL].reason) == (
        "3 items of the summary were not finished by 2024-04-30, and an unfinished item is always "
        "below its plan: 1, 2, 3."
    )


def test_an_item_finished_after_the_status_date_leaves_its_category_open_only():
    ends = pd.to_datetime(["2024-03-01", "2025-02-01", "2024-03-01"])
    step = summed(page(finished_on=ends))
    assert step[ORIGINAL].state == step["cost.deviation[services]"].state == "not_assessed"
    assert step["cost.deviation[hardware]"].value == pytest.approx(0.2)
    assert step.tables["items"].set_index("item_id")["actual"].isna().to_dict()["2"]


def test_items_all_finished_give_the_cost_of_a_project_that_is_not_live():
    ends = pd.to_datetime(["2024-03-01"] * 3)
    assert summed(page(finished_on=ends), dates=open_days())[ORIGINAL].value is not None


def test_later_amounts_change_nothing_on_an_earlier_status_date():
    ends = pd.to_datetime(["2024-03-01", "2024-03-01", "2024-11-01"])
    early = days(status_date="2024-09-30")
    one, other = page(finished_on=ends), page(finished_on=ends)
    other.loc[2, "actual_amount"] = 9999.0
    first, second = (summed(frame, dates=early) for frame in (one, other))
    assert first.indicators == second.indicators
    assert first.tables["items"].equals(second.tables["items"])


def test_a_foreign_amount_in_a_summary_is_refused():
    found = summed(page(currency=["CNY", "USD", None]))[ORIGINAL]
    assert say(found.reason) == (
        "Table cost_summary holds amounts in USD without an exchange rate."
    )


def test_items_declared_differently_for_tax_are_not_added_up():
    found = summed(page(tax=["included", "excluded", "excluded"]))[ORIGINAL]
    assert found.reason.key == "cost.reason.tax_mixed"
    assert summed(page(tax="included"))[ORIGINAL].value == pytest.approx(0.15)


def test_without_a_plan_there_is_no_ratio_and_an_item_without_one_still_counts():
    assert say(summed(page(("1", "other", 0.0, 9.0, "ledger")))[ORIGINAL].reason) == (
        "The budget to compare with is zero."
    )
    step = summed(page(*PAGE, ("4", "training", 0.0, 10.0, "ledger")))
    assert step[ORIGINAL].value == pytest.approx(240 / 200 - 1)
    assert step["cost.deviation[training]"].state == "not_assessed"


def test_an_empty_summary_is_like_none():
    assert summed(page()[:0])[ORIGINAL] == summed(None)[ORIGINAL]


def test_a_summary_holds_no_versions():
    found = summed(page())["cost.deviation_current"]
    assert (found.state, found.reason.key) == ("not_assessed", "cost.reason.summary_no_versions")


amounts = st.lists(st.tuples(st.floats(0.01, 1e9), st.floats(-1e9, 1e9)), min_size=1, max_size=30)


@settings(deadline=None, max_examples=40)
@given(amounts, st.randoms())
def test_shuffled_items_change_nothing_and_categories_add_up(pairs, random):
    rows = [(str(i), "other" if i % 2 else "services", plan, cost_, "ledger")
            for i, (plan, cost_) in enumerate(pairs)]  # fmt: skip
    step = summed(page(*rows))
    random.shuffle(rows)
    scale = sum(plan for plan, _ in pairs)
    assert summed(page(*rows))[ORIGINAL].value == pytest.approx(step[ORIGINAL].value, rel=1e-6,
                                                                abs=1e-6)  # fmt: skip
    assert step.table["planned"].sum() == pytest.approx(scale)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_rests_on_a_summary_says_so_and_is_drawn(lang):
    step = summed(page())
    shown = charts.figure("COST-01", charts.plot_deviation, step, lang=lang)
    assert shown.svg and {"en": "summary", "zh-Hans": "汇总"}[lang] in shown.alt


def test_hours_are_persons_times_weeks_times_share_times_the_hours_of_a_week():
    priced = roles().set_index("role")
    assert priced["hours"].to_dict() == {"clerk": 200.0, "manager": 100.0}
    assert priced["amount"].to_dict() == pytest.approx({"clerk": 30.0, "manager": 20.0})
    assert priced["amount_low"].sum() == pytest.approx(160 * 0.15 + 75 * 0.20)
    assert priced["amount_high"].sum() == pytest.approx(240 * 0.15 + 150 * 0.20)


@pytest.mark.parametrize(
    ("calendar", "hours"),
    [({"days": ["mon", "tue", "wed", "thu", "fri", "sat"], "hours": ["08:30-12:00"]}, 21.0),
     ({"days": ["mon"], "hours": ["00:00-24:00"]}, 24.0)],
)  # fmt: skip
def test_the_hours_of_a_week_are_those_of_the_clients_calendar(calendar, hours):
    assert cost.week_hours(calendar) == hours


def test_own_labour_planned_and_not_booked_joins_the_final_cost_with_its_range():
    step = with_labour()
    found = step[ORIGINAL]
    assert found.value == pytest.approx((110 + 50) / 140 - 1)
    assert (found.low, found.high) == pytest.approx((149 / 140 - 1, 176 / 140 - 1))
    assert found.confidence is None
    assert "labour_estimate" in found.tables
    assert say(step.sentence).endswith("Of this CNY 50 (CNY 39 to CNY 66) is own labour "
                                       "by estimate.")  # fmt: skip


def test_only_what_contains_the_estimate_rests_on_it():
    step = with_labour()
    own, rest = step["cost.deviation[internal_labour]"], step["cost.deviation[services]"]
    assert (own.value, own.low, own.high) == pytest.approx((0.25, 39 / 40 - 1, 66 / 40 - 1))
    assert "labour_estimate" in own.tables
    assert (rest.value, "labour_estimate" in rest.tables) == (pytest.approx(0.1), False)


@pytest.mark.parametrize(
    "extra", [("B", "2024-03-01", 45.0, "timesheet"), ("B", "2024-03-01", 45.0, "invoice")]
)
def test_recorded_own_labour_is_used_and_the_estimate_only_shown(extra):
    spent = entries(("A", "2024-03-01", 110.0, "invoice"), extra)
    step = with_labour(spent=spent)
    assert step[ORIGINAL].value == pytest.approx(155 / 140 - 1)
    assert "labour_estimate" not in step[ORIGINAL].tables
    assert "the recorded amount is used" in " ".join(said(step))
    assert step.tables["own_labour"]["amount"].sum() == pytest.approx(50)


def test_own_labour_nobody_planned_is_shown_beside_the_deviation():
    step = with_labour(budget=lines(("A", "services", 100.0)))
    assert step[ORIGINAL].value == pytest.approx(0.1)
    assert "is neither planned nor recorded" in " ".join(said(step))
    assert summed(page(), labour=roles()).tables["own_labour"].shape[0] == 2


def test_the_forecast_of_an_open_project_is_said_to_leave_own_labour_out():
    done = progress(("A", "2024-04-30", 0.5), ("B", "2024-04-30", 0.5))
    step = with_labour(dates=open_days(), progress=done)
    assert step[ORIGINAL].value == pytest.approx(140 * 110 / 70 / 140 - 1)
    [caveat] = [c for c in step.caveats if c.message.key == "cost.caveat.labour_open"]
    assert caveat.bias and "is too low" in say(caveat.message)


def test_a_role_without_plausible_hours_leaves_the_sum_without_a_range():
    labour = roles(*ROLES, ("expert", 1, 1, 1.0, 0.1, None, None))
    step = with_labour(labour=labour)
    assert step[ORIGINAL].value == pytest.approx((110 + 54) / 140 - 1)
    assert (step[ORIGINAL].low, step[ORIGINAL].high) == (None, None)
    assert any("earns no points: expert" in text for text in said(step))


def test_plausible_hours_that_do_not_enclose_the_product_widen_the_range_and_are_named():
    labour = roles(("clerk", 2, 10, 0.25, 0.15, 210, 240))
    step = with_labour(labour=labour)
    assert step[ORIGINAL].low == pytest.approx(140 / 140 - 1)
    assert any("do not enclose" in text and "clerk" in text for text in said(step))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_about_own_labour_can_be_said(lang):
    open_step = with_labour(dates=open_days(), progress=progress(("A", "2024-04-30", 0.5)))
    for step in (with_labour(), open_step, with_labour(budget=BUDGET[:1])):
        for message in (step.sentence, *(c.message for c in step.caveats)):
            assert "{" not in say(message, lang)


def test_a_cost_with_estimated_labour_is_scored_at_its_unfavourable_end():
    # over the budget points fall from 100 at 0 to 0 at +50 %; the highest plausible is 176 of 140
    card = score(case(with_labour()[ORIGINAL]))
    found = card.indicators[ORIGINAL]
    assert found.grade == "D"
    assert found.score == pytest.approx(100 * (0.5 - (176 / 140 - 1)) / 0.5)

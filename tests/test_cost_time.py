"""Earned value over time, periods, finish, and when the overrun could be seen."""

import numpy as np
import pandas as pd
import pytest
from cost_rows import changes, days, entries, lines, open_days, progress, straight_plan

from crm_eval_lib import cost
from crm_eval_lib.cost.timeline import period_ends

ONE = lines(("A", "services", 1000.0))
SPENT = entries(("A", "2024-02-10", 400.0, "invoice"))


def earned(done, *, budget=ONE, actuals=SPENT, plan=None, dates=None, **more):
    where = {"dates": dates or open_days(), "currency": "CNY"}
    return cost.earned_value(budget, actuals, done, plan, **where, **more)


def scheduled(done, *, budget=ONE, plan=None, dates=None, **more):
    where = {"dates": dates or open_days(), "currency": "CNY"}
    return cost.earned_schedule(budget, done, plan, **where, **more)


@pytest.mark.parametrize(
    ("rule", "raw", "share"),
    [
        ("0/100", 0.99, 0.0), ("0/100", 1.0, 1.0), ("50/50", 0.0, 0.0), ("50/50", 0.01, 0.5),
        ("50/50", 1.0, 1.0), ("milestones", 0.3, 0.3), ("measured", 0.3, 0.3), (None, 0.3, 0.3),
    ],
)  # fmt: skip
def test_the_rule_is_applied_to_the_raw_percentage(rule, raw, share):
    step = earned(progress(("A", "2024-03-31", raw), rule=rule))
    assert step["cost.cv"].value == pytest.approx(1000 * share - 400)


def test_a_line_without_progress_rows_is_at_zero():
    budget = lines(("A", "services", 1000.0), ("B", "training", 500.0))
    step = earned(progress(("A", "2024-03-31", 0.8)), budget=budget)
    assert step["cost.cpi"].value == pytest.approx(2.0)
    assert step["cost.eac"].value == pytest.approx(1500 / 2.0)


def test_progress_after_the_status_date_is_not_seen():
    done = progress(("A", "2024-03-31", 0.4), ("A", "2024-05-31", 0.9))
    assert earned(done)["cost.cpi"].value == pytest.approx(1.0)


def test_without_a_plan_the_budget_is_spread_evenly_over_its_days():
    budget = ONE.assign(planned_start="2024-01-01", planned_finish="2024-07-18")  # 200 days
    step = earned(progress(("A", "2024-03-31", 0.5)), budget=budget)
    assert step["cost.sv"].value == pytest.approx(500 - 1000 * 121 / 200)  # 121 days to 30 April


def test_planned_dates_after_the_status_date_are_no_secret():
    plan = straight_plan("A", 1000.0, 10)
    assert earned(progress(("A", "2024-03-31", 0.4)), plan=plan)["cost.spi"].value == 1.0


def test_a_line_without_dates_and_plan_is_named_and_costs_only_the_schedule():
    step = earned(progress(("A", "2024-03-31", 0.4)))
    assert step["cost.spi"].reason.slots["lines"] == ["A"]
    assert step["cost.eac_cpi_spi"].state == "not_assessed"
    assert step["cost.eac"].value == pytest.approx(1000.0)


def test_the_forecast_at_todays_cost_and_pace_uses_both():
    plan = straight_plan("A", 1000.0, 5)  # 800 planned by 30 April
    step = earned(progress(("A", "2024-03-31", 0.5)), plan=plan)
    # EV 500, AC 400, PV 800: 400 + 500 / (1.25 · 0.625)
    assert step["cost.eac_cpi_spi"].value == pytest.approx(400 + 500 / (1.25 * 0.625))


def test_approved_changes_enter_the_budget_and_a_plan_ending_at_the_old_one_grows_along():
    asked = changes(("A", "scope", 200.0, "2024-02-01", "2024-02-20"),
                    ("A", "scope", 500.0, "2024-02-01", "2024-06-20"))  # fmt: skip
    plan = straight_plan("A", 1000.0, 10)
    step = earned(progress(("A", "2024-03-31", 0.5)), plan=plan, changes=asked)
    assert step["cost.cv"].value == pytest.approx(600 - 400)
    assert step["cost.sv"].value == pytest.approx(600 - 1200 * 0.4)


def test_a_change_without_a_line_is_earned_as_the_lines_are():
    asked = changes((None, "law", 100.0, "2024-02-01", "2024-02-20"))
    done = progress(("A", "2024-06-30", 1.0))
    step = cost.deviation(ONE, SPENT, changes=asked, progress=done, dates=days(), currency="CNY")
    assert step["cost.deviation_original"].value == pytest.approx(-0.6)  # closed, not forecast


def test_once_the_budget_is_spent_no_performance_can_meet_it():
    over = entries(("A", "2024-02-10", 1000.0, "invoice"))
    found = earned(progress(("A", "2024-03-31", 0.4)), actuals=over)["cost.tcpi"]
    assert (found.state, found.reason.key) == ("not_applicable", "cost.reason.budget_spent")


def test_nothing_earned_or_nothing_spent_gives_reasons_and_no_number():
    step = earned(progress(("A", "2024-03-31", 0.0)))
    assert (step["cost.cpi"].value, step["cost.eac"].reason.key) == (0.0, "cost.reason.zero_earned")
    free = entries(("A", "2024-02-10", 0.0, "invoice"))
    step = earned(progress(("A", "2024-03-31", 0.5)), actuals=free)
    assert step["cost.cpi"].reason.key == "cost.reason.zero_cost"


@pytest.mark.parametrize(
    ("month_end", "expected"),
    [("last", ["01-31", "02-29", "03-31"]), (25, ["01-25", "02-25", "03-25"]),
     (5, ["02-05", "03-05", "04-05"]), (31, ["01-31", "02-29", "03-31"])],
)  # fmt: skip
def test_period_one_ends_at_the_first_month_end_on_or_after_the_start(month_end, expected):
    ends = period_ends(pd.Timestamp("2024-01-08"), pd.Timestamp("2024-03-06"), month_end)
    assert [f"{end:%m-%d}" for end in ends] == expected


def test_elapsed_time_counts_periods_that_have_ended():
    plan = straight_plan("A", 1000.0, 10)
    step = scheduled(progress(("A", "2024-03-31", 0.3)), plan=plan, dates=open_days("2024-04-29"))
    assert step["cost.spi_time"].value == pytest.approx(1.0)


def test_the_period_of_the_finish_counts_whole():
    done = progress(("A", "2024-08-10", 1.0))
    step = scheduled(done, plan=straight_plan("A", 1000.0, 6), dates=days(go_live="2024-07-15"))
    assert step["cost.earned_schedule"].value == 6
    assert step["cost.spi_time"].value == pytest.approx(6 / 8)  # finished in the eighth period
    assert step["cost.ieac_time"].value == pytest.approx(8)


def test_earned_all_means_the_first_period_at_which_all_was_planned():
    plan = straight_plan("A", 1000.0, 4)
    later = plan.tail(1).assign(period_end=pd.Timestamp("2024-06-30"))
    step = scheduled(progress(("A", "2024-04-30", 1.0)), plan=pd.concat([plan, later]))
    assert step["cost.earned_schedule"].value == 4


def test_a_plan_that_ends_short_of_the_budget_gives_a_reason():
    plan = straight_plan("A", 400.0, 4)
    step = scheduled(progress(("A", "2024-04-30", 0.6)), plan=plan)
    assert step["cost.earned_schedule"].reason.key == "cost.reason.plan_short"


def test_schedule_performance_in_money_returns_to_one_and_in_time_does_not():
    dates, plan = days(), straight_plan("A", 1000.0, 4)
    done = progress(("A", "2024-06-30", 1.0))
    assert earned(done, plan=plan, dates=dates)["cost.spi"].value == 1.0
    assert scheduled(done, plan=plan, dates=dates)["cost.spi_time"].value == pytest.approx(4 / 6)


REVIEWS = pd.DataFrame({
    "review_id": ["R1", "R2", "R3"],
    "held_on": pd.to_datetime(["2024-02-10", "2024-04-10", "2024-07-10"]),
    "deviation_found": [None, "no", "yes"],
    "acted_on": pd.to_datetime([None, None, "2024-07-20"]),
})  # fmt: skip


def warned(reviews, *, status="2024-12-31"):
    ends = pd.date_range("2024-01-31", periods=6, freq="ME")
    done = progress(*[("A", end, share) for end, share in zip(ends, _SHARES, strict=True)])
    spent = entries(*[("A", end, 100.0, "invoice") for end in ends])
    dates = open_days(status)
    return cost.early_warning(ONE, spent, done, reviews, dates=dates, currency="CNY")


# forecasts 1250, 1000, 1200, 1212, 1220, 1224: above 1100 for good from the third month on
_SHARES = (0.08, 0.2, 0.25, 0.33, 0.41, 0.49)


def test_the_overrun_is_knowable_from_where_the_forecast_stays_above():
    assert warned(REVIEWS)["cost.knowable_on"].value == "2024-03-31"


def test_the_reaction_runs_to_the_first_review_that_found_it():
    step = warned(REVIEWS)
    assert step["cost.reaction_days"].value == 101  # 31 March to 10 July
    (finding,) = step.findings
    assert finding.action.sentence.slots["n"] == 3  # whole months to 20 July
    assert finding.rows == (("reviews", "R3"),)


def test_never_found_is_a_lower_bound_and_an_action():
    step = warned(REVIEWS.head(2))
    found = step["cost.reaction_days"]
    assert (found.state, found.low) == ("not_assessed", 275)
    assert step.findings[0].action.sentence.key == "cost.action.late_warning_never"


def test_reviews_after_the_status_date_are_not_seen():
    assert warned(REVIEWS, status="2024-06-30")["cost.reaction_days"].low == 91


def test_an_overrun_that_never_lasts_has_no_date_and_no_finding():
    done = progress(("A", "2024-01-31", 0.4))
    where = {"dates": open_days(), "currency": "CNY"}
    step = cost.early_warning(ONE, SPENT, done, REVIEWS, **where)
    assert (step["cost.knowable_on"].value, step.findings) == (None, ())
    assert step["cost.knowable_on"].reason.key == "cost.reason.never_over"


def test_each_month_end_sees_only_the_budget_of_its_day():
    first = ONE.assign(version=0, approved_on=pd.Timestamp("2023-12-01"))
    second = lines(("A", "services", 4000.0), version=1, approved_on=pd.Timestamp("2024-03-15"))
    done = progress(("A", "2024-01-31", 0.4), ("A", "2024-03-31", 0.1))
    step = cost.early_warning(
        pd.concat([first, second]), SPENT, done, dates=open_days(), currency="CNY"
    )
    forecasts = step.table.set_index("period_end")["forecast"].to_numpy()
    assert np.allclose(forecasts[1:], [1000, 4000, 4000])


@pytest.mark.parametrize(
    "nothing",
    ["nothing found", "No deviation", "无偏差", "未发现偏差", "没有发现", "N/A", "/", "no"],
)
def test_a_review_that_says_it_found_no_deviation_found_none(nothing):
    said = REVIEWS.assign(deviation_found=[None, nothing, nothing])
    step = warned(said)
    assert step["cost.reaction_days"].state == "not_assessed"
    assert step.tables["wordings"].to_dict("records") == [
        {"deviation_found": nothing, "reviews": 2, "counts_as_found": "no"}
    ]


def test_how_each_wording_of_a_deviation_is_taken_is_listed():
    said = REVIEWS.assign(deviation_found=["none", "none", "no delay, but 12 % over budget"])
    step = warned(said)
    assert step["cost.reaction_days"].value == 101  # 31 March to 10 July
    assert step.tables["wordings"].values.tolist() == [
        ["no delay, but 12 % over budget", 1, "yes"], ["none", 2, "no"]
    ]  # fmt: skip


def test_a_plan_that_ends_above_the_budget_is_scaled_to_it():
    plan = pd.DataFrame({"line_id": "A", "planned_cumulative": [2500.0, 5000.0],
                         "period_end": pd.to_datetime(["2024-01-31", "2024-02-29"])})  # fmt: skip
    done = progress(("A", "2024-01-31", 0.25))
    spent = entries(("A", "2024-01-20", 100.0, "invoice"))
    step = cost.earned_value(ONE, spent, done, plan, dates=open_days("2024-01-31"), currency="CNY")
    # planned by then: 2,500 of 5,000, half of the line's budget; earned: a quarter of it
    assert step["cost.spi"].value == pytest.approx(0.25 / 0.5)

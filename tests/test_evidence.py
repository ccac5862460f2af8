"""Grades of tables and indicators, and the tie to control totals."""

import pandas as pd
import pytest

from crm_eval_lib.evidence import control_totals, indicator_grade, table_evidence, table_grades
from crm_eval_lib.results import Caveat, Message, measured

STATUS = pd.Timestamp("2025-08-31")


def _grade(name, frame, **more):
    tables = {name: frame, **more.pop("tables", {})}
    return table_grades(table_evidence(tables, status_date=STATUS, **more))[name]


def _totals(table, total, measure="rows", **more):
    row = {"table": table, "process": None, "period_start": pd.NaT, "period_end": pd.NaT,
           "measure": measure, "total": total, "obtained_on": STATUS}  # fmt: skip
    return {"control_totals": pd.DataFrame([{**row, **more}])}


def _orders(n):
    days = pd.Series(pd.date_range("2025-01-01", periods=n), dtype="datetime64[ns]")
    return pd.DataFrame({"ordered_at": days.dt.tz_localize("Asia/Shanghai"), "unit_price": 10.0,
                         "quantity": 2.0, "fx_rate": float("nan")})  # fmt: skip


@pytest.mark.parametrize(
    ("table", "grade"),
    [("actuals", "B"), ("orders", "B"), ("events", "B"), ("budget", "B"), ("complaints", "B"),
     ("problems", "C"), ("processes", "C"), ("controls", "C"), ("progress", "C"), ("survey", "C"),
     ("estimates", "D"), ("labour_estimate", "D"), ("my_own_table", "C")],
)  # fmt: skip
def test_each_table_has_the_grade_of_its_origin(table, grade):
    assert _grade(table, pd.DataFrame({"x": [1]})) == grade


def test_an_export_within_two_per_cent_of_its_control_total_is_a():
    assert _grade("orders", _orders(98), tables=_totals("orders", 100.0)) == "A"
    assert _grade("orders", _orders(97), tables=_totals("orders", 100.0)) == "C"
    assert _grade("orders", _orders(97), tables=_totals("orders", 100.0), totals_cap=False) == "B"


def test_amounts_are_compared_in_the_clients_currency():
    # 20 orders of 2 × 10 = 400
    found = control_totals({"orders": _orders(20), **_totals("orders", 400.0, "amount")})
    assert (found["found"].iloc[0], found["difference"].iloc[0]) == (400.0, 0.0)


def test_payments_and_orders_are_no_actual_cost_in_a_control_total():
    days = pd.to_datetime(["2025-01-01"] * 3)
    actuals = pd.DataFrame({"incurred_on": days, "amount": [5.0, 7.0, 5.0],
                            "kind": ["invoice", "order", "payment"]})  # fmt: skip
    found = control_totals({"actuals": actuals, **_totals("actuals", 5.0, "amount")})
    assert found["difference"].iloc[0] == 0.0


def test_a_total_covers_its_own_period_and_process_only():
    events = pd.DataFrame({"process": ["a", "a", "b"], "completed_at": pd.to_datetime(
        ["2025-01-10", "2025-02-10", "2025-01-10"])})  # fmt: skip
    total = _totals("events", 1.0, process="a", period_start=pd.Timestamp("2025-01-01"),
                    period_end=pd.Timestamp("2025-01-31"))  # fmt: skip
    assert control_totals({"events": events, **total})["found"].iloc[0] == 1.0
    assert _grade("events", events, tables=total) == "B"  # process b is tied to nothing


def test_rows_and_totals_after_the_status_date_are_not_seen():
    orders = _orders(100)
    orders["ordered_at"] += pd.Timedelta(days=200)
    late = control_totals({"orders": orders, **_totals("orders", 100.0)}, status_date=STATUS)
    assert late["found"].iloc[0] < 100
    future = _totals("orders", 100.0, obtained_on=pd.Timestamp("2025-09-01"))
    assert control_totals({"orders": orders, **future}, status_date=STATUS).empty


def test_a_total_of_zero_ties_to_nothing_but_zero():
    assert (
        control_totals({"orders": _orders(1), **_totals("orders", 0.0)})["difference"].iloc[0] > 1
    )


def test_a_random_sample_is_b_only_when_four_fifths_were_found():
    def sample(missing):
        reasons = ["lost"] * missing + [None] * (10 - missing)
        return pd.DataFrame({"selection": ["random"] * 10, "wave": ["before"] * 10,
                             "not_found_reason": reasons})  # fmt: skip

    assert _grade("case_samples", sample(2)) == "B"
    assert _grade("case_samples", sample(3)) == "C"
    convenience = sample(0).assign(selection="convenience")
    assert _grade("case_samples", convenience) == "C"


def test_problems_taken_from_signed_papers_are_b_and_recalled_ones_weaken_nothing():
    origins = ["contract"] * 5 + ["minutes"] * 5 + ["recalled"] * 5
    assert _grade("problems", pd.DataFrame({"origin": origins})) == "B"
    assert _grade("problems", pd.DataFrame({"origin": ["register"] * 5 + ["contract"] * 5})) == "C"
    assert _grade("problems", pd.DataFrame({"origin": ["recalled"] * 5})) == "D"


def test_what_was_asked_by_mouth_is_d():
    assert _grade("problem_check", pd.DataFrame({"method": ["oral"] * 9 + ["record"]})) == "D"
    oral = pd.DataFrame(
        {"selection": ["random"] * 4, "floor_source": ["oral"] * 2 + ["system"] * 2}
    )
    assert _grade("order_samples", oral) == "D"


def test_ratings_of_a_dependent_preparer_are_d():
    ratings = pd.DataFrame({"side": ["consultant"]})
    assert _grade("ratings", ratings) == "C"
    assert _grade("ratings", ratings, independent=False) == "D"


def test_an_indicator_has_the_grade_of_its_weakest_table():
    grades = {"budget": "B", "actuals": "A", "progress": "C"}
    item = measured("cost.x", 1.0, "ratio", tables=("budget", "actuals"))
    assert indicator_grade(item, grades).letter == "B"
    item = measured("cost.x", 1.0, "ratio", tables=("actuals", "progress", "changes"))
    assert indicator_grade(item, grades).letter == "C"  # changes were not handed in


def test_an_indicator_without_tables_rests_on_what_the_consultant_wrote():
    assert indicator_grade(measured("cost.x", 1.0, "ratio"), {}).letter == "C"


@pytest.mark.parametrize(
    ("rung", "letter"), [("S", "C"), ("R0", "C"), ("R1", "C"), ("R2", "A"), ("R3", "A")]
)
def test_designs_without_control_for_trend_are_c_at_most(rung, letter):
    item = measured("efficiency.change[q]", -0.1, "ratio", rung=rung, tables=("events",))
    assert indicator_grade(item, {"events": "A"}).letter == letter


def _bias(*ids, tables=()):
    return Caveat(Message("core.reason.missing_table", {}), ids, True, tables)


@pytest.mark.parametrize(
    "caveat",
    [_bias("efficiency.change[q]"), _bias("efficiency.change"), _bias(tables=("events",))],
)
def test_a_bias_costs_a_grade(caveat):
    item = measured("efficiency.change[q]", -0.1, "ratio", rung="R2", tables=("events",))
    assert indicator_grade(item, {"events": "B"}, caveats=[caveat]).letter == "C"
    assert indicator_grade(item, {"events": "B"}, caveats=[caveat]).moved_by == ("bias",)


def test_a_bias_named_for_one_indicator_leaves_its_neighbours():
    item = measured("efficiency.rework_rate_after[q]", 0.1, "ratio", tables=("events",))
    caveat = _bias("efficiency.change[q]", tables=("events",))
    assert indicator_grade(item, {"events": "B"}, caveats=[caveat]).letter == "B"


def test_an_interval_over_half_the_span_costs_a_grade():
    item = measured("cost.x", 0.1, "ratio", low=0.0, high=0.251, tables=("budget",))
    assert indicator_grade(item, {"budget": "B"}, full_span=0.5).letter == "C"
    assert indicator_grade(item, {"budget": "B"}, full_span=0.6).letter == "B"


def test_more_than_a_fifth_missing_costs_a_grade_and_reasons_add_up():
    parts = {"missing_share": 0.21}
    item = measured("cost.x", 0.1, "ratio", low=0.0, high=0.3, tables=("budget",), parts=parts)
    assert indicator_grade(item, {"budget": "B"}).letter == "C"
    assert indicator_grade(item, {"budget": "B"}, full_span=0.5).letter == "D"
    assert indicator_grade(item, {"budget": "C"}, full_span=0.1).letter == "D"


def test_a_passed_placebo_lifts_by_one_but_never_to_an_untied_a():
    item = measured("efficiency.change[q]", -0.1, "ratio", rung="R3", tables=("events",))
    biased = [_bias("efficiency.change[q]")]
    assert indicator_grade(item, {"events": "B"}, placebo_passed=True).letter == "B"
    lifted = indicator_grade(item, {"events": "B"}, caveats=biased, placebo_passed=True)
    assert lifted.letter == "B"
    tied = indicator_grade(item, {"events": "A"}, caveats=biased, placebo_passed=True)
    assert tied.letter == "A"

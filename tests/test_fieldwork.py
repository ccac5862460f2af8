"""The plan before fieldwork: sizes against published numbers, power against simulation."""

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest
from client_folder import make_client
from scipy.stats import binom, binomtest
from test_cli import call

from crm_eval_lib.fieldwork import (
    complaint_plan,
    control_test_plan,
    log_plan,
    order_plan,
    survey_plan,
)
from crm_eval_lib.fieldwork.logs import Months, planned_months, series_detectable
from crm_eval_lib.fieldwork.samples import answers
from crm_eval_lib.stats.interrupted import interrupted_series
from crm_eval_lib.text import say

LANGUAGES = ("en", "zh-Hans")
LIVE, STATUS = pd.Timestamp("2024-09-02"), pd.Timestamp("2025-08-31")


class Dates:
    go_live, planned_go_live, status_date = LIVE, LIVE, STATUS
    blackout = (LIVE, pd.Timestamp("2024-11-30"))


def points(**more):
    data = {"control_id": ["A", "B"], "risk": ["x", "y"], "required_mode": ["block", "warn"],
            "critical": ["yes", "no"], "process": ["order", "quote"]}  # fmt: skip
    return pd.DataFrame({**data, **more})


def test_controls_need_the_published_sample_sizes():
    table = control_test_plan(points(), Dates).table.set_index("control_id")
    # AICPA, Audit Sampling: 59 at 5 % and 95 %, 22 at 10 % and 90 %, no deviation expected
    assert table["items"].tolist() == [59, 22]


def test_an_expected_deviation_makes_the_sample_larger():
    table = control_test_plan(points(expected_rate=[0.01, 0.0]), Dates).table
    assert table["items"].tolist() == [93, 22]  # AICPA table A-1: 93 at 5 % with 1 % expected


def test_the_convention_follows_how_often_the_process_runs():
    processes = pd.DataFrame({"process": ["order"], "annual_volume": [4000.0]})
    table = control_test_plan(points(), Dates, processes=processes).table
    assert table["convention_items"].iloc[0] == 25
    assert table["convention_limit_rate"].iloc[0] == pytest.approx(0.113, abs=5e-4)  # 0 of 25
    assert pd.isna(table["convention_items"].iloc[1])  # nobody knows how often quotes are made


@pytest.mark.parametrize(("rows", "lang", "words"), [
    (slice(0, 1), "en", "The control point needs 59 items."),
    (slice(0, 1), "zh-Hans", "该控制点需59个样本。"),
    (slice(0, 2), "en", "need 22 to 59 items each, 81 items in all."),
    (slice(0, 2), "zh-Hans", "各需22至59个样本，合计81个。")])  # fmt: skip
def test_sizes_are_said_as_a_range_only_where_they_differ(rows, lang, words):
    assert words in say(control_test_plan(points().iloc[rows], Dates).sentence, lang)


def test_points_that_need_alike_are_not_said_to_need_59_to_59():
    said = say(control_test_plan(points(critical=["yes", "yes"]), Dates).sentence, "en")
    assert "2 control points, 2 of them critical, need 59 items each, 118 items in all." in said


def test_a_control_no_sample_can_assure_is_said():
    step = control_test_plan(points(tolerable_rate=[0.0, 0.10]), Dates)
    assert "for 1 of them no sample can assure" in say(step.sentence, "en")
    assert step.table["items"].isna().tolist() == [True, False]


def test_clean_order_lines_that_exclude_two_per_cent():
    # (1 - 0.02)^149 = 0.0493 <= 0.05 < 0.98^148 = 0.0503
    assert order_plan().table["clean_items"].iloc[0] == 149
    assert 0.98**149 <= 0.05 < 0.98**148


def test_sixty_complaints_of_which_four_in_five_are_recorded():
    row = complaint_plan().table.set_index("items").loc[60]
    interval = binomtest(48, 60).proportion_ci(method="wilson")  # scipy's own
    assert (row["low_share"], row["high_share"]) == pytest.approx((interval.low, interval.high))


def test_from_the_number_of_answers_on_the_sign_test_has_its_power():
    n = answers(0.7)

    def power(m):
        found = (k for k in range(m + 1) if k > m / 2 and binomtest(k, m).pvalue <= 0.05)
        return sum(binom.pmf(k, m, 0.7) for k in found)

    assert power(n - 1) < 0.8 <= min(power(m) for m in range(n, n + 40))


def simulated_power(volume, months, fall, runs=60):
    """Fit the very model to series with a planted fall; share of those it finds."""
    rng, found = np.random.default_rng(5), 0
    before, between, after = (round(part * 52 / 12) for part in
                              (months.before, months.between, months.after))  # fmt: skip
    time = np.r_[np.arange(before), before + between + np.arange(after)]
    late = time >= before + between
    scale = np.sqrt(np.pi / 2 * 0.5**2 / (volume / 52) + 0.05**2)
    for _ in range(runs):
        noise = rng.standard_normal(time.max() + 1)
        for week in range(1, len(noise)):
            noise[week] = 0.3 * noise[week - 1] + np.sqrt(1 - 0.3**2) * noise[week]
        value = scale * noise[time] + np.log(1 - fall) * late
        data = {"time": time, "value": value, "after": late, "season": time / 52 % 1}
        found += interrupted_series(pd.DataFrame(data)).effect.p < 0.05
    return found / runs


def test_the_planned_fall_is_found_about_four_times_in_five():
    months = Months(24, 3, 15)
    fall = series_detectable(5000, months, spread=0.5)
    assert 0.72 < simulated_power(5000, months, fall) < 0.95
    assert simulated_power(5000, months, 0.0) < 0.12


def test_more_cases_and_more_months_show_smaller_changes():
    short, long = Months(12, 3, 9), Months(24, 3, 12)
    few, many = (series_detectable(v, short, spread=0.5) for v in (2000, 20000))
    assert many < few and series_detectable(2000, long, spread=0.5) < few
    assert series_detectable(2000, Months(11, 0, 12), spread=0.5) is None  # a season is not seen


def test_processes_of_one_name_stay_apart_and_comparison_processes_are_left_out():
    processes = pd.DataFrame({"process": ["a", "b", "c"], "title": ["Approval"] * 3,
                              "in_crm": ["yes", None, "no"],
                              "annual_volume": [1000.0, 2000.0, 3000.0]})  # fmt: skip
    assert log_plan(processes, Dates).table["annual_volume"].tolist() == [1000, 2000]


def test_months_after_go_live_run_from_the_blackout_to_the_status_date():
    months = planned_months(Dates)
    assert months.after == pytest.approx(9, abs=0.05)  # 2024-11-30 to 2025-08-31
    assert months.between == pytest.approx(2.9, abs=0.05)


def test_before_go_live_a_year_of_log_is_planned():
    class Open(Dates):
        go_live, blackout, status_date = None, None, pd.Timestamp("2024-03-01")

    assert planned_months(Open).after == 12


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "processes",
    [None, pd.DataFrame({"process": []}),
     pd.DataFrame({"process": ["a"], "annual_volume": [5000.0]}),
     pd.DataFrame({"process": ["a", "b"], "annual_volume": [5000.0, None]}),
     pd.DataFrame({"process": ["a"], "title": ["审批"], "annual_volume": [0.0]}),
     pd.DataFrame({"process": ["a"], "in_crm": ["no"]}), pd.DataFrame({"process": ["a"]})],
)  # fmt: skip
def test_the_plan_speaks_whatever_is_known(lang, processes):
    steps = (log_plan(processes, Dates), control_test_plan(None, Dates), survey_plan(),
             survey_plan(pd.DataFrame({"department": ["A"], "affected": ["yes"]})))  # fmt: skip
    assert all(say(step.sentence, lang) for step in steps)


@pytest.fixture
def places(tmp_path):
    make_client(tmp_path, {"orders.csv": b"\x00 no table"})
    return ("--clients", str(tmp_path))


def test_plan_needs_no_more_than_the_settings(capsys, places):
    code, output, _ = call(capsys, "plan", "acme", *places)
    assert code == 0 and "149 order lines" in output and "59 items" in output
    assert "None" not in output and "nan" not in output


def test_plan_speaks_chinese(capsys, places):
    code, output, _ = call(capsys, "plan", "acme", "--lang", "zh-Hans", *places)
    assert code == 0 and "随机抽取149行订单" in output


def test_plan_as_csv_and_json_hold_the_same_numbers(capsys, places):
    _, text, _ = call(capsys, "plan", "acme", "--format", "csv", *places)
    rows = list(csv.DictReader(io.StringIO(text)))
    clean = [
        r["value"] for r in rows if (r["table"], r["column"]) == ("plan.orders", "clean_items")
    ]
    _, text, _ = call(capsys, "plan", "acme", "--format", "json", *places)
    steps = {step["step"]: step for step in json.loads(text)["plan"]}
    table = steps["plan.orders"]["tables"]["plan.orders"]
    assert clean == ["149", "59", "29"] == [str(row["clean_items"]) for row in table]


def test_plan_of_an_unknown_client_suggests_the_nearest(capsys, places):
    code, _, error = call(capsys, "plan", "acne", *places)
    assert code == 2 and "did you mean 'acme'?" in error


def test_plan_names_the_problems_of_the_tables_it_needs(capsys, tmp_path):
    make_client(tmp_path, {"controls.csv": "control_id,risk\nA,x\n"})
    code, _, error = call(capsys, "plan", "acme", "--clients", str(tmp_path))
    assert code == 1 and "controls.csv" in error and "required_mode" in error

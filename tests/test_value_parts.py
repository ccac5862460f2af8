"""What counts as a benefit, what stands apart, and what went in."""

import json
import math
from types import SimpleNamespace

import pandas as pd
import pytest
from client_folder import make_client
from value_rows import BUDGET, DATES, LEDGER, MONEY, hours, ledger, prices, stated, steps

from crm_eval_lib import charts, value
from crm_eval_lib.client import open_client
from crm_eval_lib.cost.lifetime import lifetime_cost, months_between
from crm_eval_lib.results import FactorResult, Message, measured, missing_table, not_assessed
from crm_eval_lib.text import LANGUAGES, say

B1 = stated(("B1", "yes", 700.0, None, None))


def gained(*results, benefits=None, **more):
    return value.benefits(list(results), benefits, **MONEY, **more)


def said(step, lang):
    return [say(caveat.message, lang) for caveat in step.caveats]


def losses(before=1000.0, after=400.0):
    found = (
        measured("controls.residual_loss[before]", before, "money", low=before - 300,
                 high=before + 300, tables=("controls",)),
        measured("controls.residual_loss[after]", after, "money", low=after - 400,
                 high=after + 400, tables=("controls",)),
    )  # fmt: skip
    return FactorResult("controls", found)


def test_realisation_is_applied_once_by_the_factor_that_publishes_it():
    step = gained(hours(350.0, realisation=0.5))
    assert step.table["amount_year"].tolist() == [350.0]
    assert step.table["realisation"].tolist() == [0.5]


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "Hours are not money"), ("zh-Hans", "工时不等于钱")]
)
def test_realisation_is_printed_with_its_reason(lang, words):
    (found,) = (text for text in said(gained(hours(350.0)), lang) if words in text)
    assert "50%" in found


@pytest.mark.parametrize("rung", ["S", "R0", "R1"])
def test_money_of_a_weak_comparison_is_potential_and_in_no_value(rung):
    weak = hours(5000.0, rung=rung)
    _, step, worth, _ = steps([weak], B1)
    assert step.table.set_index("kind").at["hours_saved", "standing"] == "potential"
    assert worth["value.npv"].value == steps((), B1)[2]["value.npv"].value
    apart = worth.table.loc[worth.table["standing"] == "potential", "amount"]
    assert apart.tolist() == [pytest.approx(5000 * 1.7355371901)]
    assert "events" not in worth["value.npv"].tables


def test_only_potential_leaves_the_value_open_and_says_so():
    *_, worth, _ = steps([hours(5000.0, rung="R1")])
    assert worth["value.npv"].reason.key == "value.reason.only_potential"
    assert "potential" in say(worth.sentence, "en") and "潜力" in say(worth.sentence, "zh-Hans")


def test_an_unquantified_benefit_never_gets_a_number():
    _, step, worth, _ = steps([hours(700.0)], stated(("B9", "no", 10_000.0, 1.0, 20_000.0)))
    row = step.table.set_index("id").loc["B9"]
    assert row["standing"] == "unquantified" and math.isnan(row["amount_year"])
    assert worth["value.npv"].n == 1
    assert "benefits" not in worth["value.npv"].tables


def test_what_could_not_be_assessed_is_named_and_not_zero():
    reason = missing_table("events")
    none = not_assessed("efficiency.money_saved", "money", reason, tables=("events",))
    _, step, worth, _ = steps([FactorResult("efficiency", (none,))], B1)
    assert step.table.set_index("kind").at["hours_saved", "reason"] == reason
    assert worth["value.npv"].n == 1
    assert any("left out, not counted as zero" in text for text in said(step, "en"))
    assert any("并非按零计算" in text for text in said(step, "zh-Hans"))


def test_a_stated_benefit_without_an_amount_is_not_assessed():
    step = gained(benefits=stated(("B1", "yes", None, None, None)))
    assert step.table["standing"].tolist() == ["not_assessed"]
    assert step.table["reason"][0].slots["columns"] == ["amount_year"]


def test_a_range_that_does_not_enclose_the_amount_is_no_interval():
    step = gained(benefits=stated(("B1", "yes", 700.0, 800.0, 900.0)))
    assert step.table["spread"].tolist() == ["fixed"]
    assert any("B1" in text and "enclose" in text for text in said(step, "en"))
    assert any("B1" in text and "没有把金额包含在内" in text for text in said(step, "zh-Hans"))


@pytest.mark.parametrize(
    ("row", "english", "chinese"),
    [
        (("B1", "no", 700.0, None, None),
         "Benefit B1 is marked as not quantified and yet has an amount; the mark holds",
         "收益B1注明“未量化”却填有金额"),
        (("B1", None, 700.0, None, None),
         "Benefit B1 does not say whether the benefit is quantified; the amount stated counts.",
         "收益B1未注明是否量化"),
        (("B1", "yes", 700.0, 600.0, None),
         "Of benefit B1 only one of low and high is given; the amount counts, without an interval.",
         "收益B1只填了上下限中的一个"),
        (("B1", "yes", 700.0, None, 900.0), "Of benefit B1 only one of low and high", "收益B1"),
    ],
)  # fmt: skip
def test_stated_cells_that_do_not_fit_are_named_with_what_becomes_of_them(row, english, chinese):
    step = gained(benefits=stated(row))
    assert any(english in text for text in said(step, "en"))
    assert any(chinese in text for text in said(step, "zh-Hans"))


def test_a_benefit_whose_cells_fit_is_not_remarked_upon():
    rows = stated(("B1", "yes", 700.0, 600.0, 900.0), ("B2", "no", None, None, None))
    keys = {caveat.message.key for caveat in gained(benefits=rows).caveats}
    odd = ("one_ended", "unmarked", "unquantified_amount", "crossed")
    assert not keys & {f"value.caveat.{name}" for name in odd}


def test_leakage_avoided_is_that_of_the_lines_that_no_longer_fall_below():
    # 730 lost in the 367 days from go-live on; half as many lines as before: as much was avoided
    row = gained(prices(730.0, 0.5, 0.25, 1.0)).table.iloc[0]
    year = 730 * 365.25 / 367
    assert (row["kind"], row["standing"]) == ("leakage_avoided", "counted")
    assert row["amount_year"] == pytest.approx(year)
    assert (row["low"], row["high"]) == (pytest.approx(0.0), pytest.approx(3 * year))


def test_leakage_of_more_lines_than_before_counts_against_the_system():
    assert gained(prices(730.0, 2.0, 1.5, 3.0)).table["amount_year"][0] < 0


def test_with_nothing_sold_below_the_floor_the_avoided_leakage_is_unknown():
    row = gained(prices(0.0, 0.0, 0.0, 0.4)).table.iloc[0]
    assert row["standing"] == "not_assessed"
    assert row["reason"].key == "value.reason.nothing_below_floor"


def test_leakage_without_a_rate_before_is_not_assessed_with_the_reason():
    reason = Message("controls.reason.no_event_before")
    found = (measured("controls.price.leakage", 10.0, "money"),
             not_assessed("controls.price.rate_ratio", "index", reason))  # fmt: skip
    assert gained(FactorResult("controls", found)).table["reason"][0] == reason


def test_losses_avoided_are_before_less_after_with_both_uncertainties():
    row = gained(losses()).table.iloc[0]
    assert row["amount_year"] == 600.0
    assert (row["low"], row["high"]) == (pytest.approx(100.0), pytest.approx(1100.0))  # 300² + 400²


def test_losses_that_nobody_published_are_no_row():
    assert gained().table is None


def test_leakage_inside_the_losses_is_not_counted_twice():
    controls = pd.DataFrame({"log_check": ["price_floor"], "loss_low": [10.0], "loss_high": [20.0]})
    both = FactorResult("controls", (*losses().indicators, *prices().indicators))
    inside = gained(both, controls=controls).table.set_index("kind")
    assert inside.at["leakage_avoided", "standing"] == "potential"
    assert inside.at["leakage_avoided", "reason"].key == "value.reason.inside_loss"
    beside = gained(both, controls=controls.assign(log_check="approval")).table.set_index("kind")
    assert beside.at["leakage_avoided", "standing"] == "counted"


def test_running_cost_is_the_subscription_booked_since_the_finish():
    found = lifetime_cost(BUDGET, LEDGER, **MONEY)
    assert (found.invested, found.run_year, found.run_rows) == (1000.0, 100.0, 2)
    assert found.run_low is None


def test_running_cost_of_half_a_year_is_doubled_and_bounded_by_what_was_booked():
    half = SimpleNamespace(**{**vars(DATES), "status_date": pd.Timestamp("2024-06-30")})
    found = lifetime_cost(BUDGET, LEDGER, dates=half, currency="CNY")
    assert (found.run_year, found.run_low, found.run_high) == (120.0, 60.0, 120.0)


def test_less_than_three_months_of_running_cost_is_said():
    early = SimpleNamespace(**{**vars(DATES), "status_date": pd.Timestamp("2024-01-31")})
    rows = ledger(("2023-10-01", "A", 1000), ("2024-01-15", "S", 10))
    step = value.costs(BUDGET, rows, dates=early, currency="CNY")
    assert "only 1.0 months" in said(step, "en")[0]
    assert "仅按1.0个月" in said(step, "zh-Hans")[0]
    assert step.caveats[0].bias


def test_later_rows_on_other_lines_stay_cost_of_the_project():
    rows = ledger(("2023-10-01", "A", 1000), ("2024-05-01", "A", 50))
    found = lifetime_cost(BUDGET, rows, **MONEY)
    assert (found.invested, found.run_year) == (1050.0, None)


def test_no_running_cost_booked_is_said_to_flatter_the_value():
    step = value.costs(BUDGET, ledger(("2023-10-01", "A", 1000)), **MONEY)
    assert "too good" in said(step, "en")[0] and "偏高" in said(step, "zh-Hans")[0]


def test_nothing_booked_after_the_status_date_is_seen():
    rows = ledger(("2023-10-01", "A", 1000), ("2025-01-01", "S", 999))
    assert lifetime_cost(BUDGET, rows, **MONEY).run_year is None


def test_an_open_project_without_progress_has_no_value():
    dates = SimpleNamespace(**{**vars(DATES), "go_live": None})
    spent = value.costs(BUDGET, LEDGER, dates=dates, currency="CNY")
    worth = value.worth(spent, gained(benefits=B1), rate=0.1, years=2, currency="CNY")
    assert worth["value.npv"].reason.key == "cost.reason.open_without_progress"
    assert "cannot be said" in say(spent.sentence, "en")


def test_an_open_project_with_progress_is_valued_at_its_forecast():
    dates = SimpleNamespace(**{**vars(DATES), "go_live": None})
    done = pd.DataFrame({"line_id": ["A", "S"], "period_end": ["2024-12-31"] * 2,
                         "percent_complete": [0.5, 0.5]})  # fmt: skip
    found = lifetime_cost(BUDGET, LEDGER, progress=done, dates=dates, currency="CNY")
    # EV 500 for AC 1100 of a budget of 1000: 2200
    assert (found.invested, found.basis) == (pytest.approx(2200.0), "forecast")


def test_the_one_page_summary_stands_in_for_a_missing_ledger():
    summary = pd.DataFrame({"item_id": ["1", "2"], "category": ["services"] * 2,
                            "planned_amount": [1.0, 1.0], "actual_amount": [300.0, 500.0],
                            "basis": ["contract"] * 2})  # fmt: skip
    *_, worth, _ = steps((), B1, actuals=None, summary=summary)
    assert worth["value.npv"].value == pytest.approx(-800 + 700 * 1.7355371901)
    assert worth["value.npv"].tables == ("cost_summary", "benefits")


def test_foreign_money_in_the_summary_needs_a_rate():
    summary = pd.DataFrame({"item_id": ["1"], "actual_amount": [300.0], "currency": ["USD"]})
    found = lifetime_cost(None, None, summary=summary, **MONEY)
    assert found.invested is None and found.reason.slots["currencies"] == ["USD"]


def test_without_any_cost_table_the_value_is_not_assessed():
    *_, worth, _ = steps((), B1, actuals=None)
    assert worth["value.npv"].reason.slots["tables"] == ["actuals"]


def test_months_are_whole_from_month_end_to_month_end():
    day = pd.Timestamp
    assert months_between(day("2024-02-29"), day("2025-02-28")) == 12.0
    assert months_between(day("2024-01-15"), day("2024-03-15")) == 2.0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_bars_walk_from_cost_to_value_and_potential_stands_below(lang):
    _, _, worth, moves = steps([hours(90.0, rung="R0")], B1)
    bars = charts.plot_worth(worth, lang=lang).patches
    npv = worth["value.npv"].value
    *walk, total, apart = (bar.get_width() for bar in bars)
    assert (sum(walk), total) == (pytest.approx(npv), pytest.approx(npv))
    assert apart == pytest.approx(90 * 1.7355371901)
    assert len(charts.plot_value_tornado(moves, lang=lang).patches) == len(moves.table)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_forty_benefits_fit_one_figure_and_still_add_up(lang):
    many = stated(*((f"B{n:02d}", "yes", 100.0 + n, 50.0, 200.0) for n in range(40)))
    _, _, worth, moves = steps((), many)
    *walk, total = (bar.get_width() for bar in charts.plot_worth(worth, lang=lang).patches)
    assert len(walk) == 11 and sum(walk) == pytest.approx(total)
    assert len(charts.plot_value_tornado(moves, lang=lang).patches) == 12


@pytest.mark.parametrize(
    "files",
    [{}, {"benefits.csv": "benefit_id,name\n"},
     {"benefits.csv": "benefit_id,name,amount_year\nB1,纸,5\n"},
     {"actuals.csv": "txn_id,incurred_on,amount,kind\nT1,2024-03-01,-900,credit\n",
      "benefits.csv": "benefit_id,name,quantified,amount_year\nB1,Paper,yes,5\n"}],
)  # fmt: skip
def test_odd_clients_get_a_value_or_a_reason(tmp_path, files):
    make_client(tmp_path, files)
    found = value.assess(open_client("acme", clients_dir=tmp_path), {})
    assert len(found.indicators) == 3
    for item in found.indicators:
        assert item.value is not None or say(item.reason, "zh-Hans")
    json.dumps(found.to_dict(), allow_nan=False)

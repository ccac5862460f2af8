"""The project month by month, as it was known then; and what is said of a finished one."""

import pandas as pd
import pytest
from cost_histories import histories, known_by
from cost_rows import changes, days, entries, lines, open_days, progress, straight_plan
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from crm_eval_lib import cost
from crm_eval_lib.text import say

ONE = lines(("A", "services", 1000.0), ("R", "contingency", 100.0))
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)  # shrinking such tables takes minutes
SINGLE = ("cpi", "spi", "spi_time", "eac", "eac_budget_rate", "eac_cpi_spi", "contingency_used",
          "committed")  # fmt: skip


def months(tables, dates, **more):
    named = (tables.get(name) for name in ("budget", "actuals", "progress", "plan"))
    more = {"changes": tables.get("changes"), "currency": "CNY", **more}
    return cost.month_by_month(*named, dates=dates, **more)


def single(tables, dates):
    """Run the single steps with a status date and give their values by the columns' names."""
    known = {"changes": tables["changes"], "dates": dates, "currency": "CNY"}
    budget, spent, done = tables["budget"], tables["actuals"], tables["progress"]
    steps = [cost.earned_value(budget, spent, done, **known),
             cost.earned_schedule(budget, done, **known),
             cost.spending(budget, spent, progress=done, **known)]  # fmt: skip
    found = {item.id: item.value for step in steps for item in step.indicators}
    return {name: found[f"cost.{name}"] for name in SINGLE}


@settings(max_examples=8, deadline=None, phases=QUICK)
@given(histories(), st.booleans(), st.integers(0, 9))
def test_every_row_is_what_the_single_steps_give_on_that_day(tables, live, place):
    go_live = "2024-05-20" if live else "2025-02-01"
    table = months(tables, days(status_date="2024-10-31", go_live=go_live)).table
    row = table.iloc[place]
    then = days(status_date=str(row["period_end"].date()), go_live=go_live)
    expected = single(known_by(tables, row["period_end"]), then)
    assert {name: None if pd.isna(row[name]) else row[name] for name in SINGLE} == {
        name: value if value is None else pytest.approx(value) for name, value in expected.items()
    }


def test_a_year_by_hand():
    # budget 1000 over ten months; 100 spent and 8 % done per month: EAC 1250 at every month end
    ends = pd.date_range("2024-01-31", periods=4, freq="ME")
    tables = {
        "budget": ONE,
        "actuals": entries(*[("A", end, 100.0, "invoice") for end in ends],
                           (None, "2024-03-10", 30.0, "invoice")),
        "progress": progress(*[("A", end, 0.08 * (n + 1)) for n, end in enumerate(ends)]),
        "plan": straight_plan("A", 1000.0, 10),
        "changes": changes(("A", "scope", 20.0, "2024-04-02", "2024-04-05")),
    }  # fmt: skip
    table = months(tables, open_days()).table
    assert table["planned"].tolist() == pytest.approx([100, 200, 300, 408])  # 1020 in all, then
    assert table["eac"].tolist()[:2] == pytest.approx([1250, 1250])
    assert table["eac"].iloc[2] == pytest.approx(1000 * 330 / 240)
    assert table["eac_budget_rate"].iloc[1] == pytest.approx(200 + 1000 - 160)
    assert table["eac_cpi_spi"].iloc[1] == pytest.approx(200 + (1000 - 160) / (0.8 * 0.8))
    assert table["spi_time"].iloc[:2].tolist() == pytest.approx([0.8, 0.8])
    assert table["contingency_used"].tolist() == pytest.approx([0, 0, 0.3, 0.5])
    assert table["progress_share"].tolist() == pytest.approx([0.08, 0.16, 0.24, 0.32])


def test_a_version_is_seen_from_the_day_all_of_it_was_approved():
    first = ONE.assign(version=0, approved_on=pd.Timestamp("2023-12-01"))
    late = first.assign(version=1, approved_on=pd.to_datetime(["2024-02-10", "2024-03-10"]))
    tables = {"budget": pd.concat([first, late]),
              "actuals": entries(("A", "2024-01-10", 5.0, "invoice"))}  # fmt: skip
    assert months(tables, open_days()).table["version"].tolist() == [0, 0, 1, 1]


def test_a_go_live_later_than_the_month_end_had_not_happened():
    budget = lines(("A", "services", 900.0), ("S", "subscription", 100.0))
    rows = [("S", "2024-06-10", 50.0, "invoice"), ("S", "2024-07-10", 70.0, "invoice")]
    dates = days(go_live="2024-07-01", status_date="2024-08-31")
    step = months({"budget": budget, "actuals": entries(*rows)}, dates)
    actual = step.table.set_index("period_end")["actual"]
    assert (actual["2024-06-30"], actual["2024-07-31"]) == (50.0, 50.0)  # the second runs it
    dates = days(go_live="2024-07-20", status_date="2024-08-31")
    actual = months({"budget": budget, "actuals": entries(*rows)}, dates).table["actual"]
    assert actual.iloc[-1] == 120.0  # before go-live it was cost of the project


def test_month_ends_on_the_25th_part_the_entries_there():
    rows = entries(("A", "2024-01-25", 10.0, "invoice"), ("A", "2024-01-26", 20.0, "invoice"))
    table = months({"budget": ONE, "actuals": rows}, open_days("2024-03-10"), month_end=25).table
    assert [f"{end:%m-%d}" for end in table["period_end"]] == ["01-25", "02-25"]
    assert table["actual"].tolist() == [10.0, 30.0]


def test_an_invoice_of_december_for_december_work_is_not_seen_in_november():
    rows = entries(("A", "2024-11-30", 10.0, "accrual"), ("A", "2024-12-31", -10.0, "accrual"),
                   ("A", "2024-12-31", 12.0, "invoice"))  # fmt: skip
    actual = months({"budget": ONE, "actuals": rows}, days(go_live=None)).table["actual"]
    assert actual.tolist()[-2:] == [10.0, 12.0]


def test_missing_progress_leaves_cost_version_contingency_and_commitments():
    rows = entries(("A", "2024-01-10", 10.0, "invoice"), (None, "2024-01-10", 30.0, "invoice"),
                   ("A", "2024-01-11", 70.0, "order"))  # fmt: skip
    tables = {"budget": ONE, "actuals": rows.assign(order_ref=[None, None, "P1"])}
    step = months(tables, open_days())
    row = step.table.iloc[-1]
    assert row[["actual", "version", "contingency_used", "committed"]].tolist() == [40, 0, 0.3, 70]
    assert row[["earned", "cpi", "spi", "spi_time", "eac", "progress_share"]].isna().all()
    assert step.headline.key == "cost.headline.month_by_month_no_forecast"
    assert cost.contingency(step).sentence.slots["reason"].slots == {"tables": ["progress"]}


def test_missing_progress_of_an_open_project_leaves_no_deviation_and_no_earned_value():
    rows = entries(("A", "2024-01-10", 40.0, "invoice"))
    known = {"dates": open_days(), "currency": "CNY"}
    for step in (cost.deviation(ONE, rows, **known), cost.earned_value(ONE, rows, None, **known)):
        assert {item.state for item in step.indicators} == {"not_assessed"}
    assert cost.bridge(ONE, rows.assign(line_id="A"), **known)["cost.bridge[other]"].value == -1060


@pytest.mark.parametrize(
    ("dates", "tables", "key"),
    [
        (days(project_start=None), {"budget": ONE}, "cost.reason.no_date"),
        (open_days(), {}, "core.reason.missing_table"),
        (open_days("2024-01-15"), {"budget": ONE}, "cost.reason.no_period_yet"),
    ],
)
def test_without_a_month_end_to_look_at_there_is_a_reason(dates, tables, key):
    step = months(tables, dates)
    assert (step.table, step.sentence.slots["reason"].key) == (None, key)
    assert cost.contingency(step).sentence == step.sentence


@settings(max_examples=5, deadline=None, phases=QUICK)
@given(histories())
def test_the_early_warning_is_the_same_from_the_months_and_read_again(tables):
    asked = (tables[name] for name in ("budget", "actuals", "progress", "reviews"))
    known = {"changes": tables["changes"], "dates": days(), "currency": "CNY"}
    again = cost.early_warning(*asked, **known)
    asked = (tables[name] for name in ("budget", "actuals", "progress", "reviews"))
    given_months = cost.early_warning(*asked, months=months(tables, days()), **known)
    assert given_months.indicators == again.indicators
    if again.table is not None:
        pd.testing.assert_frame_equal(given_months.table[again.table.columns], again.table)


def finished_late():
    """Planned for four months, done after six: 1000 for 1200."""
    ends = pd.date_range("2024-01-31", periods=6, freq="ME")
    spent = entries(*[("A", end, 200.0, "invoice") for end in ends])
    done = progress(*[("A", end, (n + 1) / 6) for n, end in enumerate(ends)])
    return {"budget": ONE, "actuals": spent, "progress": done,
            "plan": straight_plan("A", 1000.0, 4)}  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
@pytest.mark.parametrize("planned", ["2024-04-30", "2024-06-30", None])
def test_a_finished_project_is_judged_by_its_pace_in_time_and_not_by_spi(lang, planned):
    dates = days(planned_go_live=planned)
    step = cost.earned_value(*finished_late().values(), dates=dates, currency="CNY")
    assert step["cost.spi"].value == 1.0
    said = say(step.sentence, lang)
    assert "0.67" in said and "SPI(t)" in said
    for text in (said, say(step.headline, lang)):
        assert "SPI)" not in text and "SPI）" not in text and "SPI " not in text


def test_the_headline_of_a_finished_project_names_its_slip():
    step = cost.earned_value(*finished_late().values(), dates=days(planned_go_live="2024-04-30"),
                             currency="CNY")  # fmt: skip
    assert say(step.headline, "en") == (
        "The work was done at a cost performance of 0.83, 61 days late"
    )
    assert say(step.sentence, "en").endswith("Go-live came 61 days later than planned.")


def test_a_plan_re_set_on_the_way_is_named_beside_the_pace():
    first = lines(("A", "services", 1000.0), planned_start="2024-01-01",
                  planned_finish="2024-04-30", version=0, approved_on="2023-12-01")  # fmt: skip
    second = first.assign(planned_finish="2024-06-30", version=1, approved_on="2024-03-01")
    done = finished_late()["progress"]
    known = {"dates": days(), "currency": "CNY"}
    steps = [cost.earned_schedule(budget, done, **known)
             for budget in (first, pd.concat([first, second]))]  # fmt: skip
    assert [step["cost.spi_time"].value for step in steps] == pytest.approx([4 / 6, 1.0])
    assert [[c.message.key for c in step.caveats] for step in steps] == [
        [], ["cost.caveat.plan_reset"]
    ]  # fmt: skip


def test_an_overrun_found_before_it_lasted_was_found_at_once():
    tables = finished_late()
    reviews = reviewed(("R1", "2024-01-20", "yes", "cut reports", None))
    step = cost.early_warning(tables["budget"], tables["actuals"], tables["progress"], reviews,
                              dates=days(), currency="CNY", overrun_warning=0.05)  # fmt: skip
    assert step["cost.reaction_days"].value == 0
    assert step.sentence.key == "cost.sentence.warning_at_once"


def test_a_finished_project_took_longer_and_does_not_run_behind():
    tables = finished_late()
    plan = tables["plan"]
    step = cost.earned_schedule(tables["budget"], tables["progress"], plan, dates=days(),
                                currency="CNY")  # fmt: skip
    assert say(step.headline, "en") == "The work took 2.0 periods longer than planned"
    assert step.sentence.key == "cost.sentence.earned_schedule_closed_behind"


def test_the_contingency_is_used_up_where_its_path_reaches_one():
    tables = finished_late()
    tables["changes"] = changes(("A", "scope", 60.0, "2024-02-01", "2024-02-02"),
                                ("A", "scope", 50.0, "2024-03-01", "2024-03-02"))  # fmt: skip
    step = cost.contingency(months(tables, days()))
    assert step.headline.key == "cost.headline.contingency_used_up"
    assert step.headline.slots["used"] == pytest.approx(1.1)
    assert step.headline.slots["progress"] == pytest.approx(0.5)


def reviewed(*rows):
    names = ["review_id", "held_on", "deviation_found", "decision", "acted_on"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(held_on=pd.to_datetime(frame["held_on"]),
                        acted_on=pd.to_datetime(frame["acted_on"]))  # fmt: skip


@pytest.mark.parametrize(
    ("decision", "acted", "said"),
    [
        ("cut reports", "2024-05-01", "It decided “cut reports” and acted on 2024-05-01."),
        ("cut reports", None, "It decided “cut reports”; no action is on record."),
        (None, "2024-05-01", "Action was taken on 2024-05-01; what was decided is not on record."),
        (None, None, "No decision and no action is on record."),
        ("cut reports", "2025-05-01", "It decided “cut reports”; no action is on record."),
    ],
)
def test_what_the_review_decided_and_whether_it_was_acted_on_is_said(decision, acted, said):
    tables = finished_late()
    reviews = reviewed(("R1", "2024-04-10", "yes", decision, acted))
    step = cost.early_warning(tables["budget"], tables["actuals"], tables["progress"], reviews,
                              dates=days(), currency="CNY", overrun_warning=0.05)  # fmt: skip
    assert say(step.sentence, "en").endswith(said)
    assert step.tables["reviews"]["review_id"].tolist() == ["R1"]


def stepped(**values):
    from crm_eval_lib.results import Step, measured

    return Step("cost.demo", tuple(measured(f"cost.{k}", v, "ratio") for k, v in values.items()))


def test_the_overview_brings_all_measures_to_plan_is_one_and_keeps_the_gaps():
    step = cost.overview(stepped(deviation_original=0.25, scope_delivered=0.8),
                         stepped(schedule_ratio=-0.001))  # fmt: skip
    assert step.indicators == ()
    table = step.table.set_index("measure")
    assert table["ratio"].tolist()[:3] == pytest.approx([1.25, 0.999, 0.8])
    assert table["against_plan"].tolist() == ["worse", "as_planned", "worse", "not_assessed"]
    assert say(step.sentence, "en") == (
        "With the plan as 100%: cost 125%, duration 99.9%, scope 80%."
        " Not assessed: milestones accepted."
    )


def test_an_overview_of_nothing_says_why():
    known = {"dates": open_days(), "currency": "CNY"}
    step = cost.overview(cost.deviation(None, None, **known))
    assert (step.table, step.sentence.key) == (None, "cost.sentence.not_assessed")


def test_without_a_forecast_there_is_no_table_to_draw_one_from():
    spent = entries(("A", "2024-02-01", 50.0, "invoice"))
    budget = lines(("A", "services", 100.0))
    known = {"dates": open_days(), "currency": "CNY"}
    assert "forecasts" not in cost.month_by_month(budget, spent, **known).tables
    done = progress(("A", "2024-02-29", 0.4), ("A", "2024-03-31", 0.5))
    table = cost.month_by_month(budget, spent, done, **known).tables["forecasts"]
    assert table["eac"].tolist() == pytest.approx([125.0, 100.0, 100.0])  # 100 × 50 / earned

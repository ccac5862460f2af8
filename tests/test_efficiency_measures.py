"""Priority, descriptive measures, use of the system, savings: by hand."""

import json

import numpy as np
import pandas as pd
import pytest
from efficiency_rows import (
    ROUND_THE_CLOCK,
    bare_client,
    case,
    make_dates,
    make_events,
    make_processes,
)

from crm_eval_lib import efficiency
from crm_eval_lib.results import FactorResult, Step, measured
from crm_eval_lib.text import say

GO_LIVE, STATUS = "2024-07-01", "2024-12-31"


def built(rows, processes=None, dates=None, **knobs):
    events = make_events(rows) if rows else None
    dates = dates or make_dates(GO_LIVE, STATUS)
    knobs.setdefault("calendar", ROUND_THE_CLOCK)
    return efficiency.build_cases(events, processes, dates=dates, **knobs)


def three_processes():
    """Shares 100·6·5·1·2 = 6000, 200·5·3·1 = 3000 and 100·2·1·5 = 1000 of 10000."""
    hours = {"a": 6, "b": 5, "c": 2, "no volume": 9, "outside": 9}
    rows = [r for name, h in hours.items() for r in case(name, "2024-02-01", h, process=name)]
    told = make_processes([
        {"process": "a", "annual_volume": 100, "importance": 5, "difficulty": 1,
         "repetitive": "yes"},
        {"process": "b", "annual_volume": 200, "difficulty": 1},
        {"process": "c", "annual_volume": 100, "importance": 1, "difficulty": 5},
        {"process": "no volume"},
        {"process": "outside", "annual_volume": 900, "in_crm": "no"},
    ])  # fmt: skip
    return built(rows, told), told


def test_priority_is_volume_hours_importance_difficulty_and_repetition():
    step = efficiency.priority(*three_processes())
    found = {i.key: i.value for i in step.indicators}
    assert found == pytest.approx({"a": 0.6, "b": 0.3, "c": 0.1, "no volume": None,
                                   "outside": None})  # fmt: skip
    assert step["efficiency.priority[no volume]"].state == "not_assessed"
    assert step["efficiency.priority[outside]"].state == "not_applicable"


def test_processes_are_evaluated_up_to_the_one_that_crosses_eighty_per_cent():
    cases, told = three_processes()
    ranking = efficiency.priority(cases, told)
    assert efficiency.evaluated(ranking, cases) == ("a", "b")


def test_a_process_that_reaches_eighty_per_cent_exactly_is_the_last():
    rows = [r for name in "ab" for r in case(name, "2024-02-01", 5, process=name)]
    told = make_processes([{"process": "a", "annual_volume": 80},
                           {"process": "b", "annual_volume": 20}])  # fmt: skip
    cases = built(rows, told)
    assert efficiency.evaluated(efficiency.priority(cases, told), cases) == ("a",)


def test_without_any_volume_all_processes_are_evaluated():
    cases = built(case("a", "2024-02-01", 5))
    ranking = efficiency.priority(cases)
    assert ranking["efficiency.priority[p]"].state == "not_assessed"
    assert efficiency.evaluated(ranking, cases) == ("p",)


def test_estimates_stand_in_for_hours_nobody_logged():
    told = make_processes([{"process": "p", "annual_volume": 10}])
    guesses = pd.DataFrame({"process": "p", "wave": ["before", "before", "after"],
                            "minutes_likely": [60.0, 120.0, 6.0]})  # fmt: skip
    step = efficiency.priority(built([], told), told, guesses)
    indicator = step["efficiency.priority[p]"]
    assert indicator.parts["hours"] == 1.5
    assert indicator.tables == ("processes", "estimates")


def two_samples(**more):
    """Four cases before (1, 2, 3, 10 h), two after (1, 4 h) and one open after ten days."""
    told = make_processes([{"process": "p", "end_activities": "end", **more}])
    rows = [r for n, h in enumerate([1, 2, 3, 10]) for r in case(f"b{n}", "2024-02-01", h)]
    rows += [r for n, h in enumerate([1, 4]) for r in case(f"a{n}", "2024-08-01", h)]
    rows += case("open", "2024-12-22", 1)[:1]
    return built(rows, told)


def test_the_median_is_the_first_time_at_which_half_are_done():
    step = efficiency.measures(two_samples())
    assert step["efficiency.median_hours_before[p]"].value == 2.0
    assert step["efficiency.p90_hours_before[p]"].value == 10.0
    assert step["efficiency.median_hours_after[p]"].value == 4.0


def test_a_quantile_that_is_not_reached_has_the_longest_follow_up_as_bound():
    tail = efficiency.measures(two_samples())["efficiency.p90_hours_after[p]"]
    assert (tail.state, tail.value, tail.low) == ("not_assessed", None, 240.0)
    assert tail.parts["open"] == 1


def test_the_deadline_is_kept_at_the_limit_and_missed_by_those_still_waiting():
    step = efficiency.measures(two_samples(sla_hours=3))
    assert step["efficiency.sla_met_before[p]"].value == 0.75
    assert step["efficiency.sla_met_after[p]"].value == pytest.approx(1 / 3)


def test_a_case_open_before_its_limit_says_nothing_about_the_deadline():
    told = make_processes([{"process": "p", "end_activities": "end", "sla_hours": 5}])
    rows = [r for n, h in enumerate([1, 4]) for r in case(f"a{n}", "2024-08-01", h)]
    rows += case("open", "2024-12-31T22:00", 1)[:1]  # watched for two hours
    met = efficiency.measures(built(rows, told))["efficiency.sla_met_after[p]"]
    assert met.value == 1.0  # the two that could be seen to the end kept it
    assert met.parts["undecided"] == 1


def test_work_returns_and_handovers_are_counted_per_case():
    rows = case("a", "2024-02-01T00:00", 4, resource="x") + case("b", "2024-02-01T00:00", 8)
    rows[1] |= {"activity": "begin", "resource": "y", "started_at": "2024-02-01T03:00"}
    rows[3] |= {"started_at": "2024-02-01T05:00"}
    step = efficiency.measures(built(rows))
    assert step["efficiency.rework_rate_before[p]"].value == 0.5
    assert step["efficiency.handovers_before[p]"].value == 1.0
    assert step["efficiency.handovers_before[p]"].parts["missing_share"] == 0.5
    # one hour and three hours of work in four and eight hours of turnaround
    assert step["efficiency.touch_hours_before[p]"].value == pytest.approx(2.0, abs=0.03)
    assert step["efficiency.flow_efficiency_before[p]"].value == pytest.approx(4 / 12)


def test_what_was_not_recorded_is_said_by_column():
    step = efficiency.measures(two_samples())
    said = say(step["efficiency.touch_hours_after[p]"].reason, "en")
    assert said == "Not recorded in table events: started_at."
    assert "resource" in say(step["efficiency.handovers_after[p]"].reason, "en")
    assert "sla_hours" in say(step["efficiency.sla_met_after[p]"].reason, "en")


def test_before_go_live_everything_is_before_and_after_is_not_assessed():
    for go_live in (None, "2025-03-01"):
        cases = built(case("a", "2024-08-01", 5), dates=make_dates(go_live, STATUS))
        step = efficiency.measures(cases)
        assert step["efficiency.median_hours_before[p]"].value == 5.0
        after = step["efficiency.median_hours_after[p]"]
        assert say(after.reason, "en") == "The system is not live at the status date."


def used(systems, **facts):
    rows = [r for n, system in enumerate(systems)
            for r in case(str(n), "2024-08-01", 1, system="old" if n % 2 else "crm")]  # fmt: skip
    for n, system in enumerate(systems):
        rows[2 * n + 1]["system"] = system
    return built(rows, make_processes([{"process": "p", **facts}]))


def test_use_is_judged_by_the_system_of_the_last_event_against_all_orders():
    cases = used(["crm", "crm", "crm", "paper"], orders_total_after=6)
    step = efficiency.in_system_share(cases)
    assert step["efficiency.in_system_share[p]"].value == 0.5
    assert step.table["share"].tolist() == [0.75]
    # three of six orders outside in six months
    (finding,) = step.findings
    assert finding.id == "efficiency.bypass[p]" and finding.action.size == 0


def test_orders_come_from_control_totals_that_fill_the_window():
    totals = pd.DataFrame({
        "table": "orders", "process": "p", "measure": "rows", "total": [3.0, 5.0],
        "period_start": pd.to_datetime(["2024-07-01", "2024-10-01"]),
        "period_end": pd.to_datetime(["2024-09-30", "2024-12-31"]),
    })  # fmt: skip
    step = efficiency.in_system_share(used(["crm", "crm"]), control_totals=totals)
    assert step["efficiency.in_system_share[p]"].value == 0.25
    gap = efficiency.in_system_share(used(["crm", "crm"]), control_totals=totals.head(1))
    assert gap["efficiency.in_system_share[p]"].state == "not_assessed"


def test_more_cases_than_orders_are_a_contradiction():
    step = efficiency.in_system_share(used(["crm"] * 4, orders_total_after=2))
    assert "4" in say(step["efficiency.in_system_share[p]"].reason, "en")


def test_without_systems_or_totals_use_is_not_assessed():
    no_total = efficiency.in_system_share(used(["crm"]))["efficiency.in_system_share[p]"]
    assert "orders_total_after" in say(no_total.reason, "en")
    no_system = efficiency.in_system_share(two_samples())["efficiency.in_system_share[p]"]
    assert "system" in say(no_system.reason, "en")


def changes(touch, cycle, rung="R2"):
    own = {"rung": rung, "n": 9}
    touched = (measured("efficiency.touch_change[p]", touch, "ratio", low=touch - 0.1,
                        high=touch + 0.1, **own),)  # fmt: skip
    return Step("efficiency.change",
                (*touched, measured("efficiency.change[p]", cycle, "ratio", **own)))  # fmt: skip


def worked(**facts):
    rows = [r for n in range(8) for r in case(str(n), "2024-02-01T00:00", 5)]
    for event in rows[1::2]:
        event["started_at"] = "2024-02-01T03:00"  # two hours of work in five
    told = [{"process": "p", "annual_volume": 1000, "hourly_cost": 80, **facts}]
    return built(rows, make_processes(told))


def test_hours_saved_are_volume_times_work_times_the_share_saved():
    step = efficiency.savings(worked(), changes(-0.25, -0.5), realisation=0.5, currency="CNY")
    hours, money = step["efficiency.hours_saved[p]"], step["efficiency.money_saved[p]"]
    assert hours.value == pytest.approx(1000 * 2 * 0.25)
    assert money.value == pytest.approx(500 * 80 * 0.5)
    assert (money.currency, money.rung, money.parts["potential"]) == ("CNY", "R2", False)
    assert hours.low < hours.value < hours.high


def test_hours_saved_keep_to_the_side_of_zero_of_a_lopsided_change():
    # A sample of forms: −18 % (−47 % to −5 %); its two sides are spread unequally.
    found = {"rung": "S", "n": 90, "low": -0.47, "high": -0.05}
    lopsided = Step("efficiency.change", (
        measured("efficiency.touch_change[p]", -0.18, "ratio", **found),
        measured("efficiency.change[p]", -0.18, "ratio", **found)))  # fmt: skip
    hours = efficiency.savings(worked(), lopsided)["efficiency.hours_saved[p]"]
    assert 1000 * 2 * 0.04 < hours.low < hours.value < hours.high < 1000 * 2 * 0.52


def test_on_a_weak_rung_money_is_only_a_potential():
    step = efficiency.savings(worked(), changes(-0.25, -0.5, "R0"), currency="CNY")
    assert step["efficiency.money_saved[p]"].parts["potential"] is True
    assert "potential" in say(step.sentence, "en")


def test_without_work_times_turnaround_stands_in_and_is_warned_of():
    cases = built(case("a", "2024-02-01", 5), make_processes([
        {"process": "p", "annual_volume": 100, "hourly_cost": 10}]))  # fmt: skip
    step = efficiency.savings(cases, changes(-0.9, -0.2), currency="CNY")
    assert step["efficiency.hours_saved[p]"].value == pytest.approx(100 * 5 * 0.2)
    assert [c.message.key for c in step.caveats] == ["efficiency.caveat.cycle_hours"]


def test_a_slower_process_loses_hours():
    step = efficiency.savings(worked(), changes(0.1, 0.1), currency="CNY")
    assert step["efficiency.hours_saved[p]"].value == pytest.approx(-200)


@pytest.mark.parametrize("column", ["annual_volume", "hourly_cost"])
def test_missing_facts_are_named(column):
    step = efficiency.savings(worked(**{column: np.nan}), changes(-0.2, -0.2), currency="CNY")
    assert column in say(step["efficiency.money_saved[p]"].reason, "en")


def test_without_any_table_every_indicator_is_published_with_its_reason():
    result = efficiency.assess(bare_client())
    ids = {i.id.split(".")[1] for i in result.indicators}
    assert {"priority", "median_hours_before", "median_hours_after", "naive_change", "change",
            "superiority", "mde", "placebo", "touch_change", "p90_change", "in_system_share",
            "hours_saved", "money_saved"} <= ids  # fmt: skip
    assert {i.state for i in result.indicators} == {"not_assessed"}
    assert all(say(i.reason, lang) for i in result.indicators for lang in ("en", "zh-Hans"))


def test_the_result_survives_json(tmp_path):
    cases, told = three_processes()
    steps = [efficiency.priority(cases, told), efficiency.measures(cases)]
    FactorResult.collect("efficiency", steps).publish(tmp_path)
    text = (tmp_path / "results" / "efficiency.json").read_text("utf-8")
    assert len(json.loads(text)["indicators"]) == 5 + 4 * 14


def test_the_process_named_first_is_drawn_whether_or_not_it_was_asked_for():
    rows = [r for name, system in (("p", "crm"), ("q", "paper")) for n in range(2)
            for r in case(f"{name}{n}", "2024-08-01", 1, process=name, system=system)]  # fmt: skip
    facts = [{"process": name, "title": name.upper(), "orders_total_after": 2} for name in "pq"]
    step = efficiency.in_system_share(built(rows, make_processes(facts)), ("p",))
    assert (step.headline.slots["process"], step.headline.slots["value"]) == ("Q", 0)
    assert step.table["title"].tolist() == ["Q", "P"]

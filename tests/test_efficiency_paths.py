"""Which step follows which, by which ways cases go, and how many lie open, by outside figures."""

import numpy as np
import pandas as pd
import pytest
from efficiency_rows import ROUND_THE_CLOCK, make_dates, make_events, make_processes
from matplotlib import figure as drawing
from matplotlib.patches import FancyArrowPatch
from test_efficiency_cases import running_example
from test_efficiency_flow import LANGUAGES, drawn, run, two_sides, weeks_of

from crm_eval_lib import charts, efficiency
from crm_eval_lib.text import say

NEVER_LIVE = make_dates(None, "2011-12-31")


@pytest.fixture(scope="module")
def example():
    return drawn(running_example(), dates=NEVER_LIVE)


@pytest.fixture(scope="module")
def planted():
    return drawn(two_sides())


def moves(step, source, target):
    table = step.table.set_index(["source_name", "target_name"])
    return table.loc[(source, target)]


def test_the_moves_of_the_running_example_are_those_published(example):
    step = efficiency.process_map(example)
    # the book's example: 2 x register -> check, 3 x decide -> reinitiate; 42 events of 6 cases
    assert moves(step, "register", "check")["before_moves"] == 2
    assert moves(step, "decide", "reinitiate")["before_moves"] == 3
    assert step.table["before_moves"].sum() == 42 - 6


def test_the_running_example_has_six_ways_and_its_published_rework(example):
    step = efficiency.variants(example)
    assert len(step.table) == 6 and step.table["before_cases"].eq(1).all()
    steps = example.pictures["steps"].set_index("activity")["repeated"]
    assert steps[steps > 0].to_dict() == {"casually": 1, "check": 2, "decide": 2, "reinitiate": 1}
    habits = step.tables["habits"].iloc[0]
    assert habits["handovers"] == pytest.approx((4 + 3 + 7 + 4 + 10 + 4) / 6)
    assert (habits["variants"], habits["carrying_variants"]) == (6, 5)  # 5 of 6 are over 80 %


def test_waits_before_and_after_stand_beside_each_move(planted):
    row = moves(efficiency.process_map(planted), "ask", "approve")
    assert (row["before_moves"], row["after_moves"]) == (40, 40)
    assert row["median_wait_before_hours"] == pytest.approx(10)
    assert row["mean_wait_after_hours"] == pytest.approx(4)


def test_a_way_back_to_the_same_person_is_ping_pong():
    people = (
        ["Ann", "Bob", "Ann", "Bob"],
        ["Ann", "Bob", "Cid", "Ann"],
        ["Ann", "Ann", "Bob", "Bob"],
    )
    rows = [
        {"process": "p", "case_id": str(n), "activity": str(k), "resource": person,
         "completed_at": pd.Timestamp("2024-01-01") + pd.Timedelta(hours=k)}
        for n, case in enumerate(people) for k, person in enumerate(case)
    ]  # fmt: skip
    habits = efficiency.variants(drawn(rows)).tables["habits"].iloc[0]
    assert habits["ping_pong_share"] == pytest.approx(1 / 3)  # only Ann → Bob → Ann
    assert habits["handovers"] == pytest.approx((3 + 3 + 1) / 3)


def test_handovers_between_roles_are_counted_per_case():
    rows = [{**row, "role": "sales" if row["activity"] == "ask" else "boss"} for row in two_sides()]
    roles = efficiency.variants(drawn(rows)).tables["roles"]
    assert roles[["from_role", "to_role"]].to_numpy().tolist() == [["sales", "boss"]]
    assert roles["before_handovers"].iloc[0] == roles["after_handovers"].iloc[0] == 1


def test_the_order_of_the_rows_changes_nothing():
    events = make_events(two_sides())
    shuffled = events.sample(frac=1, random_state=3)
    for build in (efficiency.process_map, efficiency.variants):
        one, other = build(drawn(events)).table, build(drawn(shuffled)).table
        pd.testing.assert_frame_equal(one, other)


def test_nine_tenths_of_the_moves_are_drawn_and_the_rest_is_counted():
    odd = [("odd", 0, 1), ("ask", 0, 1)]
    rare = [row for n in range(3) for row in run(f"r{n}", "2024-02-01", *odd)]
    step = efficiency.process_map(drawn(two_sides() + rare))
    table = step.table
    assert not table.loc[table["source_name"].eq("odd"), "drawn"].any()
    assert table.loc[table["drawn"], "before_moves_share"].sum() >= 0.9
    ax = charts.plot_process_map(step, ax=drawing.Figure().subplots())
    assert any("1 rarer move, 3.6% of all" in text.get_text() for text in ax.texts)  # 3 of 83


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_map_draws_an_arrow_for_each_move_coloured_by_its_wait(planted, lang):
    step = efficiency.process_map(planted)
    ax = charts.plot_process_map(step, ax=drawing.Figure().subplots(), lang=lang)
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    assert len(arrows) == step.table["drawn"].sum() == 2
    assert any("10.0 → 4.0" in text.get_text() for text in ax.texts)
    assert all("{" not in say(message, lang) for message in (step.sentence, step.headline))


def test_a_process_of_one_step_has_no_map_and_says_nothing_wrong():
    step = efficiency.process_map(drawn(weeks_of("2024-01-01", 5, ("ask", 0, 1))))
    assert step.table is None and step.sentence is None


@pytest.mark.parametrize(("steps", "inches"), [(2, 2.6), (4, 4.0), (9, 5.6)])
def test_a_map_is_as_high_as_its_layers_and_no_higher_than_a_page_takes(steps, inches):
    names = [(f"step {n}", 0, 1) for n in range(steps)]
    rows = [*weeks_of("2024-01-01", 5, *names), *weeks_of("2024-07-02", 5, *names, prefix="d")]
    assert charts.map_size(efficiency.process_map(drawn(rows))) == (7.2, inches)


def test_open_cases_are_arrivals_less_completions_and_keep_littles_law():
    # one case a day at 09:00, each open for exactly ten days: ten are open at any time
    rows = [
        {"process": "p", "case_id": str(n), "activity": name, "completed_at": day + gap}
        for n, day in enumerate(pd.date_range("2024-01-01T09:00", "2024-12-31T09:00"))
        for name, gap in (("begin", pd.Timedelta(0)), ("end", pd.Timedelta(days=10)))
    ]
    processes = make_processes([{"process": "p", "end_activities": "end"}])
    step = efficiency.work_in_progress(drawn(rows, processes))
    table, balance = step.table, step.tables["balance"].set_index("sample")
    assert table["open_cases"].iloc[10] == 10
    piled = table["arrivals"].cumsum() - table["completions"].cumsum()
    assert piled.eq(table["open_cases"]).all()
    assert balance.at["after", "mean_open"] == pytest.approx(10, rel=0.05)
    assert balance.at["after", "little_open"] == pytest.approx(10, rel=0.05)
    assert not step.caveats


def test_a_pile_older_than_the_log_breaks_littles_law_and_is_named():
    old = [
        {"process": "p", "case_id": f"o{n}", "activity": name, "completed_at": moment}
        for n in range(60)
        for name, moment in (("begin", "2023-01-01"), ("end", "2024-12-01"))
    ]
    step = efficiency.work_in_progress(drawn(two_sides() + old))
    said = [say(note.message) for note in step.caveats]
    assert any("sample “after”" in text and "too short" in text for text in said)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_chart_of_open_cases_shows_every_week(planted, lang):
    step = efficiency.work_in_progress(planted)
    ax = charts.plot_work_in_progress(step, ax=drawing.Figure().subplots(), lang=lang)
    assert any(np.array_equal(line.get_ydata(), step.table["open_cases"]) for line in ax.lines)


def test_without_events_the_steps_are_empty_and_do_not_fail():
    cases = efficiency.build_cases(None, None, dates=NEVER_LIVE, calendar=ROUND_THE_CLOCK)
    for build in (efficiency.process_map, efficiency.variants, efficiency.work_in_progress):
        assert build(cases).table is None

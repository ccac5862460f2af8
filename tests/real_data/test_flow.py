"""Moves, ways and waits of two real logs, against another tool's output and plain counting."""

import pandas as pd
import pytest
from efficiency_rows import ROUND_THE_CLOCK, make_dates, make_events

from crm_eval_lib import efficiency

pytestmark = pytest.mark.real_data
HOUR = pd.Timedelta("1h")
# Counted by pm4py 2.7.23.11: see docs/comparison_process_mining.md.
MOVES = {
    ("T04 Determine confirmation of receipt", "T05 Print and send confirmation of receipt"): 1177,
    ("T06 Determine necessity of stop advice", "T10 Determine necessity to stop indication"): 1165,
    ("T02 Check confirmation of receipt", "T04 Determine confirmation of receipt"): 1119,
    ("Confirmation of receipt", "T02 Check confirmation of receipt"): 1079,
    ("T10 Determine necessity to stop indication", "T02 Check confirmation of receipt"): 155,
}
WAITS = {  # mean and median, seconds
    ("Confirmation of receipt", "T02 Check confirmation of receipt"): (72163.838, 35.189),
    ("T05 Print and send confirmation of receipt", "T06 Determine necessity of stop advice"): (
        264567.476, 37.540),
}  # fmt: skip
REPEATED = {"T06 Determine necessity of stop advice": 59, "T02 Check confirmation of receipt": 35}


def drawn(events, dates):
    return efficiency.build_cases(
        events, None, dates=dates, calendar=ROUND_THE_CLOCK, pictures=efficiency.flow_pictures()
    )


@pytest.fixture(scope="module")
def receipt(shared_data):
    raw = pd.read_csv(shared_data / "coselog_receipt" / "receipt.csv")
    moments = pd.to_datetime(raw["time:timestamp"], utc=True, format="ISO8601")
    rows = pd.DataFrame({
        "process": "main", "case_id": raw["case:concept:name"], "activity": raw["concept:name"],
        "resource": raw["org:resource"], "completed_at": moments.dt.tz_localize(None),
    })  # fmt: skip
    return drawn(make_events(rows), make_dates(None, "2012-12-31"))


@pytest.fixture(scope="module")
def states(shared_data):
    """The state log of the incidents: one row per change, exact copies once, in time order."""
    raw = pd.read_csv(shared_data / "uci498_incidents" / "incident_event_log.zip")
    moments = pd.to_datetime(raw["sys_updated_at"], format="%d/%m/%Y %H:%M")
    rows = pd.DataFrame({
        "process": "main", "case_id": raw["number"], "activity": raw["incident_state"],
        "resource": raw["assignment_group"], "completed_at": moments,
    })  # fmt: skip
    rows = rows.drop_duplicates()
    return rows.sort_values("completed_at", kind="stable")


@pytest.fixture(scope="module")
def incidents(states):
    return drawn(make_events(states), make_dates("2016-04-15", "2017-12-31"))


def test_the_moves_of_the_receipt_log_are_those_another_tool_counted(receipt):
    table = efficiency.process_map(receipt).table.set_index(["source_name", "target_name"])
    assert (len(table), table["before_moves"].sum()) == (99, 7143)
    assert {pair: table.at[pair, "before_moves"] for pair in MOVES} == MOVES


@pytest.mark.parametrize("pair", WAITS)
def test_the_waits_of_the_receipt_log_are_those_another_tool_measured(receipt, pair):
    table = efficiency.process_map(receipt).table.set_index(["source_name", "target_name"])
    columns = ["mean_wait_before_hours", "median_wait_before_hours"]
    found = table.loc[pair, columns].astype(float) * 3600
    assert found.tolist() == pytest.approx(WAITS[pair], abs=0.001)


def test_the_ways_of_the_receipt_log_are_those_another_tool_counted(receipt):
    step = efficiency.variants(receipt)
    assert step.tables["habits"]["variants"].tolist() == [116]
    assert step.table["before_cases"].head().tolist() == [713, 123, 116, 115, 75]
    repeated = receipt.pictures["steps"].set_index("activity")["repeated"]
    assert (repeated > 0).sum() == 13
    assert {name: repeated[name] for name in REPEATED} == REPEATED


def test_the_receipt_log_is_clean_of_crowds_and_clocks(receipt):
    found = efficiency.sample_check(receipt).table
    assert found is None or not found["defect"].str.contains("clock|batches|midnight").any()


def test_the_steps_of_the_incidents_add_up_to_plain_differences_of_moments(incidents, states):
    live = pd.Timestamp("2016-04-15")
    groups = states.groupby("case_id")["completed_at"]
    first, last = groups.transform("min"), groups.transform("max")
    waits = (states["completed_at"] - groups.shift().fillna(states["completed_at"])) / HOUR
    table = efficiency.step_times(incidents).table.set_index("activity_name")
    for column, mine in (("before_mean_hours", (first < live) & (last <= live)),
                         ("after_mean_hours", first >= live)):  # fmt: skip
        expected = waits[mine].groupby(states["activity"]).sum() / states["case_id"][mine].nunique()
        assert table[column].drop(index=set(table.index) - set(expected.index)).to_dict() == (
            pytest.approx(expected.to_dict(), abs=1e-6)
        )


def test_the_moves_of_the_incidents_are_pairs_of_neighbouring_rows(incidents, states):
    live = pd.Timestamp("2016-04-15")
    first = states.groupby("case_id")["completed_at"].transform("min")
    seen = states[(first >= live) | (states["completed_at"] <= live)]
    source, after = seen.groupby("case_id")["activity"].shift(), first[seen.index] >= live
    pairs = pd.DataFrame({"source": source, "target": seen["activity"], "after": after})
    counts = pairs.dropna().value_counts()
    table = efficiency.process_map(incidents).table
    for after, column in ((False, "before_moves"), (True, "after_moves")):
        found = table.set_index(["source_name", "target_name"])[column]
        assert found[found > 0].to_dict() == counts.xs(after, level="after").to_dict()


def test_the_ways_of_the_incidents_are_sequences_of_their_states(incidents, states):
    live = pd.Timestamp("2016-04-15")
    ways = states.groupby("case_id")["activity"].agg(" → ".join)
    spans = states.groupby("case_id")["completed_at"].agg(["min", "max"])
    after, before = spans["min"] >= live, (spans["min"] < live) & (spans["max"] <= live)
    habits = efficiency.variants(incidents).tables["habits"].set_index("sample")["variants"]
    assert habits.to_dict() == {"before": ways[before].nunique(), "after": ways[after].nunique()}
    top = efficiency.variants(incidents).table.iloc[0]
    assert top["after_cases"] == (ways[after] == top["variant_name"]).sum()

"""Food inspections as control tests: a result of three values, exact limits."""

import pandas as pd
import pytest
from scipy import stats

from crm_eval_lib import controls, data_check
from crm_eval_lib.errors import DataError
from real_data.builder import build
from real_data.oracles import upper_limit

pytestmark = pytest.mark.real_data
TIERS = {"Risk 1 (High)": 0.95, "Risk 2 (Medium)": 0.90, "Risk 3 (Low)": 0.90}
WORDS = "Pass w/ Conditions: deviation"
SEEN = "Inspection_Date <= '2014-06-30'"


@pytest.fixture(scope="module")
def inspections(shared_data):
    return pd.read_csv(shared_data / "chicago_food_inspections/23_food_insp_features.csv.gz")


@pytest.fixture(scope="module")
def client(shared_data, tmp_path_factory):
    return build(tmp_path_factory.mktemp("chicago"), shared_data, "real-chicago").validate()


@pytest.fixture(scope="module")
def result(client):
    return controls.assess(client)


def counts(inspections, tier, failed):
    seen = inspections.query(SEEN).query("Risk == @tier")["Results"]
    return int(seen.isin(failed).sum()), len(seen)


@pytest.mark.parametrize("tier", TIERS)
def test_the_deviation_rate_has_its_exact_interval(result, inspections, tier):
    k, n = counts(inspections, tier, ["Fail", "Pass w/ Conditions"])
    found = result[f"controls.deviation_rate[{tier}]"]
    assert (found.value, found.n) == (pytest.approx(k / n, abs=1e-12), n)
    interval = stats.binomtest(k, n).proportion_ci(0.95, method="exact")
    assert (found.low, found.high) == pytest.approx(tuple(interval), abs=1e-9)


@pytest.mark.parametrize(("tier", "confidence"), TIERS.items())
def test_the_upper_limit_is_one_sided_at_the_confidence_of_the_point(
    result, inspections, tier, confidence
):
    k, n = counts(inspections, tier, ["Fail", "Pass w/ Conditions"])
    found = result[f"controls.upper_limit[{tier}]"]
    assert found.confidence == confidence
    assert found.value == pytest.approx(upper_limit(k, n, confidence), abs=1e-9)


def test_points_whose_limit_exceeds_the_tolerable_rate_are_not_effective(result):
    limits = {tier: result[f"controls.upper_limit[{tier}]"].value for tier in TIERS}
    weights = {"Risk 1 (High)": 20, "Risk 2 (Medium)": 12, "Risk 3 (Low)": 4}
    good = sum(weights[tier] for tier, limit in limits.items() if limit <= 0.35)
    assert result["controls.tested_share"].value == 1.0
    assert result["controls.effective_share"].value == pytest.approx(good / 36)


@pytest.mark.parametrize(
    ("meaning", "failed"), [("pass", ["Fail"]), ("deviation", ["Fail", "Pass w/ Conditions"])]
)
def test_the_third_result_counts_as_the_mapping_says(
    tmp_path, shared_data, inspections, meaning, failed
):
    change = (WORDS, WORDS.replace("deviation", meaning))
    other = build(tmp_path, shared_data, "real-chicago", change)
    assert other.tables.control_tests["result"].value_counts()[meaning] > 3_651
    tier = "Risk 1 (High)"
    found = controls.assess(other)[f"controls.deviation_rate[{tier}]"]
    assert (found.parts["deviations"], found.n) == counts(inspections, tier, failed)


def test_the_third_result_may_be_left_out_of_the_rate(tmp_path, shared_data, inspections):
    change = (WORDS, WORDS.replace("deviation", "not_applicable"))
    other = build(tmp_path, shared_data, "real-chicago", change)
    found = controls.assess(other)["controls.deviation_rate[Risk 1 (High)]"]
    two = inspections.query("Results != 'Pass w/ Conditions'")
    assert (found.parts["deviations"], found.n) == counts(two, "Risk 1 (High)", ["Fail"])


def test_a_result_without_a_mapping_stops_the_client_and_says_what_is_allowed(
    tmp_path, shared_data
):
    client = build(tmp_path, shared_data, "real-chicago", (f", {WORDS}", ""))
    with pytest.raises(DataError) as caught:
        client.validate()
    first, rest = caught.value.problems[0], caught.value.problems[-1]
    assert (first.column, first.found) == ("result", "'Pass w/ Conditions'")
    assert "pass (通过), deviation (偏差), not_applicable (不适用)" in str(first)
    assert f"{3_651 - len(caught.value.problems) + 1:,} more rows" in rest.remedy


def test_inspections_after_the_status_date_are_counted_and_left_out(client, inspections):
    late = (inspections["Inspection_Date"] > "2014-06-30").sum()
    dates = data_check.plausibility(client.tables, dates=client.dates, timezone=client.timezone)
    assert dates.table.set_index("column_name").loc["tested_on", "odd"] == late


def test_each_tier_is_judged_by_rate_and_limit_and_told_what_the_next_sample_needs(
    client, inspections
):
    t = client.tables
    table = controls.assurance(t.controls, t.control_tests, dates=client.dates).table
    for row in table.to_dict("records"):
        k, n = counts(inspections, row["control_id"], ["Fail", "Pass w/ Conditions"])
        confidence, tolerable = TIERS[row["control_id"]], row["tolerable_rate"]
        verdict = "within" if upper_limit(k, n, confidence) <= tolerable else "not_assured"
        verdict = "over" if k / n > tolerable else verdict
        assert (row["items"], row["deviations"], row["verdict"]) == (n, k, verdict)
        if verdict == "over":  # a whole new sample: no deviation may be in it
            size = next(m for m in range(1, 999) if (1 - tolerable) ** m <= 1 - confidence)
            assert row["next_items"] == size
        if verdict == "not_assured":
            more = row["next_items"]
            assert upper_limit(k, n + more, confidence) <= tolerable
            assert upper_limit(k, n + more - 1, confidence) > tolerable

"""An event log of permit intake with mixed offsets, held against a chosen day of go-live."""

import pandas as pd
import pytest
from scipy import stats

from crm_eval_lib import efficiency
from crm_eval_lib.text import say
from real_data.builder import build
from real_data.oracles import done_by, office_hours, quantile

pytestmark = pytest.mark.real_data
ZONE = "Europe/Amsterdam"
LIVE = pd.Timestamp("2011-06-01")
SLA_HOURS = 8
ENDS = "'T10 Determine necessity to stop indication;T15 Print document X request unlicensed'"


@pytest.fixture(scope="module")
def log(shared_data):
    raw = pd.read_csv(shared_data / "coselog_receipt" / "receipt.csv")
    moments = pd.to_datetime(raw["time:timestamp"], utc=True, format="ISO8601")
    local = moments.dt.tz_convert(ZONE).dt.tz_localize(None)
    names = {"case:concept:name": "case_id", "concept:name": "activity", "org:resource": "resource"}
    return raw.rename(columns=names).assign(local=local, moment=moments)


@pytest.fixture(scope="module")
def cases(log):
    """First and last event of every case, cut off at go-live where it began before."""
    rows = log.groupby("case_id")["local"].agg(begun="min", ended="max")
    rows["before"] = rows["begun"] < LIVE
    rows["done"] = ~rows["before"] | (rows["ended"] <= LIVE)
    stop = rows["ended"].where(rows["done"], LIVE)
    return rows.assign(hours=office_hours(rows["begun"], stop), stop=stop)


@pytest.fixture(scope="module")
def client(shared_data, tmp_path_factory):
    return build(tmp_path_factory.mktemp("receipt"), shared_data, "real-receipt").validate()


@pytest.fixture(scope="module")
def result(client):
    return efficiency.assess(client)


def part(cases, sample):
    return cases[cases["before"] if sample == "before" else ~cases["before"]]


def test_moments_with_mixed_offsets_are_the_same_moments_in_the_clients_zone(client, log):
    events = client.tables.events
    assert log["time:timestamp"].str[-6:].value_counts().to_dict() == {
        "+01:00": 4318,
        "+02:00": 4259,
    }
    assert (
        events["completed_at"].dt.tz_convert("UTC").to_numpy() == log["moment"].to_numpy()
    ).all()
    assert str(events["completed_at"].dt.tz) == ZONE


@pytest.mark.parametrize("sample", ["before", "after"])
@pytest.mark.parametrize(("name", "share"), [("median", 0.5), ("p90", 0.9)])
def test_hours_are_business_hours_with_cases_open_at_go_live_cut_there(
    result, cases, sample, name, share
):
    rows = part(cases, sample)
    found = result[f"efficiency.{name}_hours_{sample}[main]"]
    expected = quantile(rows["hours"], rows["done"], share)
    assert found.value == pytest.approx(expected, abs=1e-6)
    assert found.n == len(rows)
    assert found.parts["open"] == (~rows["done"]).sum()
    assert found.parts["zero"] == (rows["hours"] <= 0).sum()


def test_the_naive_change_is_the_ratio_of_the_two_medians(result, cases):
    before, after = (part(cases, sample) for sample in ("before", "after"))
    medians = [quantile(rows["hours"], rows["done"]) for rows in (before, after)]
    found = result["efficiency.naive_change[main]"].value
    assert found == pytest.approx(medians[1] / medians[0] - 1, abs=1e-6)


def test_an_hour_that_everybody_works_is_an_elapsed_hour(tmp_path, shared_data, cases):
    always = 'days: [mon, tue, wed, thu, fri, sat, sun], hours: ["00:00-24:00"]'
    office = 'days: [mon, tue, wed, thu, fri], hours: ["09:00-12:00", "13:00-18:00"]'
    client = build(tmp_path, shared_data, "real-receipt", (office, always))
    found = efficiency.assess(client)
    for sample in ("before", "after"):
        rows = part(cases, sample)
        zoned = [rows[name].dt.tz_localize(ZONE) for name in ("begun", "stop")]
        hours = (zoned[1] - zoned[0]) / pd.Timedelta("1h")
        value = found[f"efficiency.median_hours_{sample}[main]"].value
        assert value == pytest.approx(quantile(hours, rows["done"]), abs=1e-6)


@pytest.mark.parametrize("sample", ["before", "after"])
def test_handovers_and_rework_are_counted_event_by_event(result, log, cases, sample):
    rows = part(cases, sample)
    seen = log[log["case_id"].isin(rows.index)].sort_values(["local"], kind="stable")
    seen = seen[seen["local"] < LIVE] if sample == "before" else seen
    before = seen.groupby("case_id")["resource"].shift()
    changes = (before.notna() & (before != seen["resource"])).groupby(seen["case_id"]).sum()
    assert result[f"efficiency.handovers_{sample}[main]"].value == pytest.approx(changes.mean())
    twice = seen.duplicated(["case_id", "activity"]).groupby(seen["case_id"]).any()
    assert result[f"efficiency.rework_rate_{sample}[main]"].value == pytest.approx(twice.mean())


@pytest.mark.parametrize("sample", ["before", "after"])
def test_the_deadline_is_kept_by_the_share_done_within_it(result, cases, sample):
    rows = part(cases, sample)
    found = result[f"efficiency.sla_met_{sample}[main]"].value
    assert found == pytest.approx(done_by(rows["hours"], rows["done"], SLA_HOURS), abs=1e-9)


def test_superiority_is_the_share_of_pairs_in_which_the_later_case_was_faster(result, cases):
    hours = [part(cases, s).query("done")["hours"] for s in ("before", "after")]
    pairs = stats.mannwhitneyu(hours[0].round(9), hours[1].round(9)).statistic
    found = result["efficiency.superiority[main]"]
    assert found.value == pytest.approx(pairs / len(hours[0]) / len(hours[1]), abs=1e-6)


def test_one_moment_per_event_gives_no_work_time_and_says_so(result):
    for name in ("touch_hours_before", "touch_hours_after", "touch_change"):
        found = result[f"efficiency.{name}[main]"]
        assert (found.state, found.value) == ("not_assessed", None)
        assert "started_at" in say(found.reason)
    assert result["efficiency.hours_saved[main]"].parts["basis"] == "cycle"


def test_without_end_activities_the_last_event_is_the_end_and_it_is_said(result):
    texts = [say(caveat.message) for caveat in result.caveats]
    assert any(text.startswith("Without end activities the last event counts") for text in texts)


def test_with_end_activities_unfinished_cases_stay_open(tmp_path, shared_data, log, cases):
    change = ("8 AS sla_hours", f"8 AS sla_hours, {ENDS} AS end_activities")
    client = build(tmp_path, shared_data, "real-receipt", change)
    ended = log[log["activity"].isin(ENDS.strip("'").split(";"))].groupby("case_id")["local"].min()
    rows = part(cases, "after").assign(ended=ended)
    stop = rows["ended"].fillna(pd.Timestamp("2012-02-01"))
    hours = office_hours(rows["begun"], stop)
    found = efficiency.assess(client)["efficiency.median_hours_after[main]"]
    assert found.value == pytest.approx(quantile(hours, rows["ended"].notna()), abs=1e-6)
    assert found.parts["open"] == rows["ended"].isna().sum() > 0

"""From events to cases: the running example, starts and ends, what is cut off, which hours."""

import pandas as pd
import pytest
from efficiency_rows import ROUND_THE_CLOCK, case, make_dates, make_events, make_processes

from crm_eval_lib import efficiency
from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.errors import ConfigError

# The running example of van der Aalst's book on process mining: case, activity, resource, time.
RUNNING_EXAMPLE = """
1 register Pete 12-30T11:02|1 thoroughly Sue 12-31T10:06|1 check Mike 01-05T15:12
1 decide Sara 01-06T11:18|1 reject Pete 01-07T14:24
2 register Mike 12-30T11:32|2 check Mike 12-30T12:12|2 casually Sean 12-30T14:16
2 decide Sara 01-05T11:22|2 pay Ellen 01-08T12:05
3 register Pete 12-30T14:32|3 casually Mike 12-30T15:06|3 check Ellen 12-30T16:34
3 decide Sara 01-06T09:18|3 reinitiate Sara 01-06T12:18|3 thoroughly Sean 01-06T13:06
3 check Pete 01-08T11:43|3 decide Sara 01-09T09:55|3 pay Ellen 01-15T10:45
4 register Pete 01-06T15:02|4 check Mike 01-07T12:06|4 thoroughly Sean 01-08T14:43
4 decide Sara 01-09T12:02|4 reject Ellen 01-12T15:44
5 register Ellen 01-06T09:02|5 casually Mike 01-07T10:16|5 check Pete 01-08T11:22
5 decide Sara 01-10T13:28|5 reinitiate Sara 01-11T16:18|5 check Ellen 01-14T14:33
5 casually Mike 01-16T15:50|5 decide Sara 01-19T11:18|5 reinitiate Sara 01-20T12:48
5 casually Sue 01-21T09:06|5 check Pete 01-21T11:34|5 decide Sara 01-23T13:12
5 reject Mike 01-24T14:56
6 register Mike 01-06T15:02|6 casually Ellen 01-06T16:06|6 check Mike 01-07T16:22
6 decide Sara 01-07T16:52|6 pay Mike 01-16T11:47
"""
SECONDS = {"1": 703320, "2": 779580, "3": 1368780, "4": 520920, "5": 1576440, "6": 852300}
HANDOVERS = {"1": 4, "2": 3, "3": 7, "4": 4, "5": 10, "6": 4}


def running_example():
    rows = [entry.split() for line in RUNNING_EXAMPLE.split("\n") for entry in line.split("|")]
    years = {"12": "2010", "01": "2011"}
    return make_events(
        {"case_id": c, "activity": a, "resource": r, "completed_at": f"{years[t[:2]]}-{t}"}
        for c, a, r, t in filter(None, rows)
    )


def built(rows, processes=None, dates=None, **knobs):
    events = rows if isinstance(rows, pd.DataFrame) else make_events(rows)
    knobs.setdefault("calendar", ROUND_THE_CLOCK)
    dates = dates or make_dates("2024-07-01", "2024-12-31")
    return efficiency.build_cases(events, processes, dates=dates, **knobs)


def column(cases, name):
    return dict(zip(cases.frame["case_id"], cases.frame[name], strict=True))


def test_the_running_example_has_its_published_durations_rework_and_handovers():
    cases = built(running_example(), dates=make_dates(None, "2011-12-31"))
    assert len(cases.frame) == 6
    found = {id: hours * 3600 for id, hours in column(cases, "hours").items()}
    assert found == pytest.approx(SECONDS)
    assert column(cases, "handovers") == HANDOVERS
    # only cases 3 and 5 repeat an activity
    assert [id for id, again in column(cases, "rework").items() if again] == ["3", "5"]


def test_shuffled_events_give_the_same_cases():
    events = running_example()
    shuffled = events.sample(frac=1, random_state=2).reset_index(drop=True)
    dates = make_dates("2011-01-01", "2011-12-31")
    pd.testing.assert_frame_equal(built(shuffled, dates=dates).frame,
                                  built(events, dates=dates).frame)  # fmt: skip


def test_a_case_ends_with_its_first_end_activity():
    rows = [*case("a", "2024-02-01", 5)]
    rows += [{"process": "p", "case_id": "a", "activity": "archive",
              "completed_at": "2024-02-09"}]  # fmt: skip
    ends = make_processes([{"process": "p", "end_activities": "cancel; end"}])
    assert column(built(rows, ends), "hours") == {"a": 5.0}
    assert column(built(rows), "hours") == {"a": 8 * 24.0}


def test_a_case_starts_with_its_start_activity_and_one_without_is_left_out():
    rows = case("a", "2024-02-01", 2, 5) + case("b", "2024-02-01", 4)
    starts = make_processes([{"process": "p", "start_activity": "step 1"}])
    cases = built(rows, starts)
    assert column(cases, "hours") == {"a": 3.0}
    assert "efficiency.caveat.no_start" in [c.message.key for c in cases.caveats]


def test_work_on_the_first_activity_belongs_to_the_case():
    rows = case("a", "2024-02-01T10:00", 2)
    rows[0]["started_at"] = "2024-02-01T09:30"
    assert column(built(rows), "hours") == {"a": 2.5}


def test_cases_open_at_go_live_are_cut_off_there():
    ends = make_processes([{"process": "p", "end_activities": "end"}])
    cases = built(case("a", "2024-06-30T12:00", 36), ends)
    row = cases.frame.iloc[0]
    assert (row["sample"], row["observed"], row["hours"]) == ("before", False, 12.0)


def test_open_cases_are_cut_off_at_the_end_of_the_status_day():
    ends = make_processes([{"process": "p", "end_activities": "end"}])
    rows = case("a", "2024-12-31T12:00", 1)[:1]
    row = built(rows, ends).frame.iloc[0]
    assert (row["sample"], row["observed"], row["hours"]) == ("after", False, 12.0)


def test_without_end_activities_the_last_event_ends_a_case_and_it_is_said():
    cases = built(case("a", "2024-12-30", 1, 2)[:2])
    row = cases.frame.iloc[0]
    assert (row["observed"], row["hours"]) == (True, 1.0)
    assert "efficiency.caveat.no_end_activities" in [c.message.key for c in cases.caveats]


def test_cases_started_in_the_blackout_are_neither_before_nor_after():
    rows = [r for n, day in enumerate(["06-30", "07-01", "07-31", "08-01"])
            for r in case(str(n), f"2024-{day}T08:00", 1)]  # fmt: skip
    dates = make_dates("2024-07-01", "2024-12-31", ("2024-07-01", "2024-07-31"))
    samples = column(built(rows, dates=dates), "sample")
    assert samples == {"0": "before", "1": "between", "2": "between", "3": "after"}


def test_events_after_the_status_date_change_nothing():
    rows = case("a", "2024-08-01", 5) + case("b", "2024-08-01", 6)
    again = {"process": "p", "case_id": "a", "activity": "again", "resource": "x",
             "completed_at": "2025-01-01T00:00"}  # fmt: skip
    later = [*rows, again, *case("c", "2025-02-01", 1)]
    pd.testing.assert_frame_equal(built(later).frame, built(rows).frame)


def test_the_day_begins_in_the_clients_time_zone():
    events = make_events(case("a", "2024-06-30T23:30", 1), timezone="UTC")
    cases = built(events, calendar=BusinessCalendar("Asia/Shanghai"))
    assert column(cases, "sample") == {"a": "after"}


def test_an_instant_case_counts_half_a_minute_where_the_clock_shows_minutes():
    rows = case("a", "2024-02-01T08:17", 0) + case("b", "2024-02-01T08:17", 1)
    rows += case("c", "2024-02-01T08:17", 2)
    cases = built(rows)
    assert column(cases, "hours")["a"] == pytest.approx(0.5 / 60)
    assert column(cases, "zero") == {"a": True, "b": False, "c": False}
    (note,) = [c for c in cases.caveats if c.message.key.endswith("zero_hours")]
    assert note.message.slots["n"] == 1


def test_elapsed_hours_are_used_and_named_when_the_median_business_time_is_zero():
    # Saturday and Sunday only: no business time at all.
    rows = [r for n in range(3) for r in case(str(n), "2024-02-03T08:00", n + 1)]
    cases = built(rows, calendar=BusinessCalendar("UTC"))
    assert column(cases, "hours") == {"0": 1.0, "1": 2.0, "2": 3.0}
    assert cases.clocks == {"p": "elapsed"}
    assert "efficiency.caveat.elapsed_hours" in [c.message.key for c in cases.caveats]


def test_work_time_is_business_time_between_start_and_completion():
    rows = case("a", "2024-02-01T10:00", 4)
    rows[0]["started_at"], rows[1]["started_at"] = "2024-02-01T09:00", "2024-02-01T11:30"
    # 9–10 h, and 11:30–14 h less the break from 12 to 13 h
    assert column(built(rows, calendar=BusinessCalendar("UTC")), "touch") == {"a": 2.5}
    listed = make_processes([{"process": "p", "touch_activities": "begin"}])
    assert column(built(rows, listed, calendar=BusinessCalendar("UTC")), "touch") == {"a": 1.0}


def test_returns_after_go_live_do_not_count_against_the_old_system():
    rows = case("a", "2024-06-30T12:00", 2)
    rows += [{"process": "p", "case_id": "a", "activity": "begin", "resource": "x",
              "completed_at": "2024-07-02"}]  # fmt: skip
    ends = make_processes([{"process": "p", "end_activities": "end"}])
    assert column(built(rows, ends), "rework") == {"a": False}


def test_comparison_cases_are_set_apart_and_counted():
    rows = [r | {"region": region} for n, region in enumerate(["North", "South"])
            for r in case(str(n), "2024-02-01", 1)]  # fmt: skip
    cases = built(rows, comparison="region = 'North'")
    assert column(cases, "sample") == {"1": "before"}
    assert "efficiency.caveat.comparison_cases" in [c.message.key for c in cases.caveats]


@pytest.mark.parametrize(
    "condition",
    [
        "regoin = 'North'",
        "(SELECT count(*) FROM read_csv('/etc/hostname')) > 0",
        "(SELECT count(*) FROM '/etc/hostname') > 0",
        "true) FROM spans; DROP TABLE events; --",
    ],
)
def test_a_condition_that_is_none_or_reads_files_is_refused(condition):
    with pytest.raises(ConfigError, match=r"efficiency\.comparison"):
        built(case("a", "2024-02-01", 1), comparison=condition)


@pytest.mark.parametrize("name", ["hours", "Touch", "begun", "_row", "role", 'my "own" name'])
def test_an_attribute_may_be_called_like_one_of_ours(name):
    rows = [r | {name: value} for n, value in enumerate(["x", None])
            for r in case(str(n), "2024-02-01", 3)]  # fmt: skip
    cases = built(rows, mix=[name], comparison="activity = 'nothing'")
    assert column(cases, "stratum") == {"0": "x", "1": "–"}
    assert column(cases, "hours") == {"0": 3.0, "1": 3.0}


def test_comparison_processes_are_not_evaluated():
    rows = case("a", "2024-02-01", 1) + case("b", "2024-02-01", 1, process="other")
    told = make_processes([{"process": "p"}, {"process": "other", "in_crm": "no"}])
    cases = built(rows, told)
    assert list(cases.roster.index) == ["p"] and cases.compared == ("other",)
    assert column(cases, "sample") == {"a": "before"}


def test_events_without_a_process_belong_to_main():
    rows = [{"case_id": "a", "activity": "x", "completed_at": "2024-02-01"}]
    assert list(built(rows).roster.index) == ["main"]


def test_the_permit_log_of_a_municipality_has_its_known_shape(shared_data):
    raw = pd.read_csv(shared_data / "coselog_receipt" / "receipt.csv")
    events = make_events([{"case_id": "x", "activity": "x", "completed_at": "2011-01-01"}])
    events = events.reindex(range(len(raw))).assign(
        process="receipt", case_id=raw["case:concept:name"], activity=raw["concept:name"],
        # summer and winter time are mixed in the file
        completed_at=pd.to_datetime(raw["time:timestamp"], utc=True, format="ISO8601"),
    )  # fmt: skip
    cases = built(events, dates=make_dates(None, "2012-12-31"))
    assert len(cases.frame) == 1434
    assert cases.frame["hours"].median() / 24 == pytest.approx(0.03, abs=0.005)
    assert cases.frame["hours"].max() / 24 == pytest.approx(276, abs=1)


def test_pictures_are_drawn_from_the_open_log_up_to_the_cut_of_each_case():
    rows = case("a", "2024-06-30T12:00", 2, 48) + case("b", "2024-08-01T12:00", 2)

    def per_sample(database):
        return database.execute("SELECT sample, count(*) AS n FROM seen GROUP BY ALL").df()

    drawn = built(rows, pictures={"n": per_sample}).pictures["n"]
    # of case a the event after go-live is not seen
    assert dict(zip(drawn["sample"], drawn["n"], strict=True)) == {"before": 2, "after": 2}


def test_working_time_between_any_two_events_is_a_difference():
    rows = case("a", "2024-02-02T17:00", 72 - 7)  # Friday 17 h to Monday 10 h

    def waits(database):
        return database.execute(
            "SELECT wait_business / 3.6e9 AS hours FROM moves WHERE place = 2"
        ).df()

    cases = built(rows, calendar=BusinessCalendar("UTC"), pictures={"wait": waits})
    assert cases.pictures["wait"]["hours"].tolist() == [2.0]


def test_comparison_cases_keep_their_samples_and_hours_apart():
    rows = [r | {"region": region} for n, region in enumerate(["North", "South"])
            for r in case(str(n), "2024-02-01", n + 1)]  # fmt: skip
    rows += [r | {"region": "South"} for r in case("x", "2024-08-01", 5, process="other")]
    told = make_processes([{"process": "p"}, {"process": "other", "in_crm": "no"}])
    cases = built(rows, told, comparison="region = 'North'")
    found = cases.comparison.set_index("case_id")
    assert found["sample"].to_dict() == {"0": "before", "x": "after"}
    assert found["hours"].to_dict() == {"0": 1.0, "x": 5.0}
    assert list(cases.comparison.columns) == list(cases.frame.columns)


def test_one_case_id_in_two_processes_is_two_cases_and_events_without_a_case_are_none():
    rows = case("7", "2024-02-01", 2, process="p") + case("7", "2024-02-02", 5, process="q")
    rows += case(None, "2024-02-03", 9, process="p")
    frame = built(rows).frame
    assert frame["process"].tolist() == ["p", "q"] and frame["case_id"].tolist() == ["7", "7"]
    assert frame["hours"].tolist() == [2.0, 5.0]
    assert isinstance(frame["process"].dtype, pd.StringDtype)

"""Each planted defect of a log is named with its direction; clean logs raise no alarm."""

import numpy as np
import pandas as pd
import pytest
from efficiency_rows import make_dates, make_events, make_processes
from test_efficiency_flow import drawn

from crm_eval_lib import efficiency
from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.text import say

DATES = make_dates("2024-07-01", "2024-12-31")
LIVE = pd.Timestamp("2024-07-01")
BOUNDED = make_processes([{"process": "p", "end_activities": "close", "annual_volume": 700}])
OFFICE = BusinessCalendar("Asia/Shanghai", hours=["08:00-18:00"])
STEPS = ("open", "check", "approve", "close")


def clean_log(seed, *, days=360, per_day=2, mean=40.0):
    """Four steps a case, office hours, one case after the other; nothing is wrong with it."""
    rng = np.random.default_rng(seed)
    first = pd.Timestamp("2024-01-04") + pd.to_timedelta(np.repeat(np.arange(days), per_day), "D")
    moment = first + pd.to_timedelta(rng.uniform(8, 18, len(first)) * 60 // 1, unit="min")
    rows = []
    for place, name in enumerate(STEPS):
        if place:
            hours = rng.lognormal(np.log(mean / 3), 0.6, len(first))
            moment = moment + pd.to_timedelta(hours * 60 // 1, unit="min")
            moment = moment.normalize() + pd.to_timedelta(
                (8 * 60 + rng.uniform(0, 600, len(first))) // 1, unit="min"
            ) + pd.to_timedelta(1, "D")  # fmt: skip
        rows.append(pd.DataFrame({"case_id": [f"A{n}" for n in range(len(first))],
                                  "activity": name, "completed_at": moment}))  # fmt: skip
    log = pd.concat(rows, ignore_index=True).assign(process="p", resource="r")
    return log[log["completed_at"] < "2025-01-01"]


def checked(log, processes=BOUNDED, dates=DATES, calendar=OFFICE):
    events = make_events(log.reset_index(drop=True), calendar.timezone)
    return efficiency.sample_check(drawn(events, processes, dates, calendar))


def names(step):
    return [] if step.table is None else step.table["defect"].tolist()


def spans(log):
    return log.groupby("case_id")["completed_at"].agg(["min", "max"])


def test_clean_logs_raise_an_alarm_in_less_than_one_of_twenty_runs():
    # Each log is a process of one large log: looked at alone, and reduced together.
    named = {seed: f"p{seed}" for seed in range(40)}
    logs = [clean_log(seed).assign(process=name) for seed, name in named.items()]
    listed = [{"process": name, "end_activities": "close"} for name in named.values()]
    step = checked(pd.concat(logs), make_processes(listed))
    assert step.sentence.slots["processes"] == 40
    alarmed = set() if step.table is None else set(step.table["process"])
    assert len(alarmed) <= 2, step.table


def test_a_clean_log_with_a_true_effect_raises_no_alarm():
    log = clean_log(1)
    faster = log["case_id"].map(spans(log)["min"]) >= LIVE
    begun = log["case_id"].map(spans(log)["min"])
    half = begun + (log["completed_at"] - begun) / 2
    assert names(checked(log.assign(completed_at=log["completed_at"].where(~faster, half)))) == []


def with_long_cases(log):
    """Every fourth case waits five times as long between its steps."""
    begun = log["case_id"].map(spans(log)["min"])
    long = log["case_id"].str[1:].astype(int).mod(4).eq(0)
    stretched = begun + 5 * (log["completed_at"] - begun)
    return log.assign(completed_at=log["completed_at"].where(~long, stretched))


def test_a_log_selected_by_closing_date_is_named():
    log = with_long_cases(clean_log(2, mean=150.0))
    assert names(checked(log)) == []
    step = checked(log[log["case_id"].map(spans(log)["max"]) >= "2024-03-15"])
    assert names(step) == ["selected_by_closing"]
    (note,) = [n for n in step.caveats if "closing date" in say(n.message)]
    assert note.bias and "efficiency.change[p]" in note.indicators
    assert "an improvement too large" in say(note.message)


def test_a_log_of_closed_cases_only_is_named():
    log = clean_log(3, mean=150.0)
    closed = log[log["activity"].eq("close")]["case_id"]
    assert "closed_only" not in names(checked(log))
    step = checked(log[log["case_id"].isin(closed)])
    assert names(step) == ["closed_only"]
    assert "Hours after go-live come out too short" in say(step.caveats[0].message)


def test_cases_split_by_a_migration_are_named_with_the_matching_numbers():
    log = clean_log(4, per_day=3, mean=150.0)
    crossing = spans(log).query("min < @LIVE and max >= @LIVE").index
    cut = log["case_id"].isin(crossing) & (log["completed_at"] >= LIVE)
    moved = log.assign(case_id=log["case_id"].where(~cut, "NEW-" + log["case_id"].str[1:]))
    first = cut & ~moved["case_id"].where(cut).duplicated()
    moved.loc[first, "completed_at"] = LIVE + pd.Timedelta(hours=1)
    step = checked(moved)
    assert "split_at_go_live" in names(step) and len(crossing) > 15
    said = say(step.caveats[names(step).index("split_at_go_live")].message)
    assert f"{len(crossing)} of the new bear the number" in said


@pytest.mark.parametrize(
    ("end", "side", "defect", "words"),
    [("open", "before", "midnight_starts", "before come out too long, an improvement too large"),
     ("open", "after", "midnight_starts", "after come out too long, an improvement too small"),
     ("close", "before", "midnight_ends", "before come out too short, an improvement too small"),
     ("close", "after", "midnight_ends", "after come out too short, an improvement too large")],
)  # fmt: skip
def test_ends_that_are_days_bias_by_their_side(end, side, defect, words):
    log = clean_log(5)
    begun = log["case_id"].map(spans(log)["min"])
    mine = log["activity"].eq(end) & (begun.lt(LIVE) if side == "before" else begun.ge(LIVE))
    days = log["completed_at"].dt.normalize() + pd.Timedelta(days=int(end == "close"))
    step = checked(log.assign(completed_at=log["completed_at"].where(~mine, days)))
    assert names(step) == [defect]
    assert words in say(step.caveats[0].message)


def test_whole_days_on_both_ends_err_neither_way_and_lower_no_grade():
    log = clean_log(6)
    step = checked(log.assign(completed_at=log["completed_at"].dt.normalize()))
    assert names(step).count("midnight_both") == 2
    assert not any(n.bias for n in step.caveats if "midnight" in say(n.message))


@pytest.mark.parametrize("side", ["before", "after"])
def test_events_entered_in_batches_are_named(side):
    log = clean_log(7)
    begun = log["case_id"].map(spans(log)["min"])
    mine = log["activity"].eq("approve") & (begun.lt(LIVE) if side == "before" else begun.ge(LIVE))
    friday = log["completed_at"].dt.to_period("W").dt.start_time + pd.Timedelta("4D17h")
    later = friday.where(friday >= log["completed_at"], friday + pd.Timedelta("7D"))
    step = checked(log.assign(completed_at=log["completed_at"].where(~mine, later)))
    assert f"batches_{side}" in names(step)
    words = "too large" if side == "before" else "too small"
    assert words in say(step.caveats[names(step).index(f"batches_{side}")].message)


@pytest.mark.parametrize(
    ("dropped", "side", "defect"),
    [("open", "after", "start_shorter"), ("open", "before", "start_longer"),
     ("close", "after", "end_shorter"), ("close", "before", "end_longer")],
)  # fmt: skip
def test_another_first_or_last_step_is_named_with_its_direction(dropped, side, defect):
    log = clean_log(8)
    begun = log["case_id"].map(spans(log)["min"])
    mine = log["activity"].eq(dropped) & (begun.lt(LIVE) if side == "before" else begun.ge(LIVE))
    step = checked(log[~mine], processes=None)
    assert defect in names(step)
    direction = step.table.set_index("defect").at[defect, "direction"]
    assert direction == ("too_good" if side == "after" else "too_bad")


@pytest.mark.parametrize(("hours", "found"), [(8, True), (-8, True), (1, False), (0, False)])
def test_a_clock_that_turns_at_go_live_is_named(hours, found):
    log = clean_log(9)
    turned = log["completed_at"] + pd.Timedelta(hours=hours)
    after = log["case_id"].map(spans(log)["min"]) >= LIVE
    step = checked(log.assign(completed_at=log["completed_at"].where(~after, turned)))
    assert ("clock_after" in names(step)) == found
    if found:
        said = say(step.caveats[names(step).index("clock_after")].message)
        assert f"turn by {hours:.1f} h".replace("-", "−") in said


def test_cases_that_end_before_they_start_are_counted():
    log = clean_log(10)
    turned = log["case_id"].isin(["A1", "A2", "A3"]) & log["activity"].eq("close")
    log = log.assign(completed_at=log["completed_at"].where(~turned, pd.Timestamp("2023-12-30")))
    processes = BOUNDED.assign(start_activity="open").astype({"start_activity": "str"})
    step = checked(log, processes)
    assert names(step) == ["ends_before_start"]
    said = say(step.caveats[0].message)
    assert "3 cases" in said and "only before their start and are left out" in said
    assert not step.caveats[0].bias  # 3 of some 700


def test_a_tenth_of_the_cases_without_a_usable_end_costs_a_grade():
    log = clean_log(10)
    turned = log["case_id"].str.endswith("1") & log["activity"].eq("close")
    log = log.assign(completed_at=log["completed_at"].where(~turned, pd.Timestamp("2023-12-30")))
    processes = BOUNDED.assign(start_activity="open").astype({"start_activity": "str"})
    caveats = [c for c in checked(log, processes).caveats if "ends_before" in c.message.key]
    assert [c.bias for c in caveats] == [True]
    assert "efficiency.in_system_share[p]" in caveats[0].indicators


def test_a_renamed_step_is_paired_and_not_taken_for_another_first_step():
    log = clean_log(11)
    after = log["case_id"].map(spans(log)["min"]) >= LIVE
    mine = after & log["activity"].eq("open")
    step = checked(log.assign(activity=log["activity"].where(~mine, "create")))
    assert names(step) == ["renamed"]
    assert step.caveats[0].indicators == (
        "efficiency.step_change[p/open]", "efficiency.step_change[p/create]")  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
def test_what_was_found_is_said_in_both_languages(lang):
    log = clean_log(3, mean=150.0)
    closed = log[log["activity"].eq("close")]["case_id"]
    for step in (checked(log[log["case_id"].isin(closed)]), checked(clean_log(1))):
        assert "{" not in say(step.sentence, lang)
        assert all("{" not in say(note.message, lang) for note in step.caveats)

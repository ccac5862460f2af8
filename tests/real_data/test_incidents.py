"""A log of incidents as complaints, problems and events: nulls, timers, a state that is none."""

import pandas as pd
import pytest
from scipy import stats

from crm_eval_lib import controls, data_check, efficiency, problems
from crm_eval_lib.errors import DataError
from crm_eval_lib.text import say
from real_data.builder import build
from real_data.oracles import quantile

pytestmark = pytest.mark.real_data
FORMAT = "%d/%m/%Y %H:%M"
MOMENTS = ["opened_at", "resolved_at", "closed_at", "sys_updated_at"]
NOW = pd.Timestamp("2016-06-01")  # the status date is over
HOUR = pd.Timedelta("1h")
DUE_HOURS = {"1 - Critical": 4, "2 - High": 8, "3 - Moderate": 72, "4 - Low": 120}
RANKS = {"1 - High": 5, "2 - Medium": 3, "3 - Low": 1}
PRIORITIES = {word: int(word[0]) for word in DUE_HOURS}


@pytest.fixture(scope="module")
def log(shared_data):
    rows = pd.read_csv(shared_data / "uci498_incidents" / "incident_event_log.zip")
    parsed = {
        name: pd.to_datetime(rows[name].where(rows[name] != "?"), format=FORMAT) for name in MOMENTS
    }
    return rows.assign(**parsed)


@pytest.fixture(scope="module")
def incidents(log):
    """The last row of every incident, with the first change of state away from New."""
    ordered = log.sort_values(["number", "sys_mod_count", "sys_updated_at"], kind="stable")
    last = ordered.drop_duplicates("number", keep="last").set_index("number")
    answered = log[log["incident_state"] != "New"].groupby("number")["sys_updated_at"].min()
    return last.assign(answered=answered)


@pytest.fixture(scope="module")
def judged(incidents):
    """Those opened between go-live and the status date; what came later has not happened."""
    opened = incidents["opened_at"]
    rows = incidents[(opened >= "2016-03-31") & (opened < NOW)]
    happened = {name: rows[name].where(rows[name] < NOW)
                for name in ("answered", "resolved_at", "closed_at")}  # fmt: skip
    return rows.assign(**happened)


@pytest.fixture(scope="module")
def client(shared_data, tmp_path_factory):
    return build(tmp_path_factory.mktemp("uci"), shared_data, "real-uci").validate()


@pytest.fixture(scope="module")
def result(client):
    return controls.assess(client)


@pytest.mark.parametrize("priority", PRIORITIES)
@pytest.mark.parametrize(("name", "end"), [("response", "answered"), ("resolution", "resolved_at")])
def test_waits_are_medians_of_elapsed_hours_with_the_waiting_counted(
    result, judged, priority, name, end
):
    rows = judged[judged["priority"] == priority]
    hours = (rows[end].fillna(NOW) - rows["opened_at"]) / HOUR
    sound = hours >= 0  # two were answered before they were opened
    found = result[f"controls.complaints.{name}_hours[priority={PRIORITIES[priority]}]"]
    expected = quantile(hours[sound], rows.loc[sound, end].notna())
    assert (found.value, found.n) == (pytest.approx(expected), sound.sum())
    assert found.parts["waiting"] == rows[end].isna().sum()


def test_answers_before_the_opening_are_reported(client, incidents):
    backwards = (incidents["answered"] < incidents["opened_at"]).sum()
    step = data_check.plausibility(client.tables, dates=client.dates, timezone=client.timezone)
    table = step.table.set_index(["check", "column_name"])
    assert table.loc[("wrong_order", "first_response_at"), "odd"] == backwards == 2
    assert any("before opened_at in 2 of" in say(caveat.message) for caveat in step.caveats)


def test_unanswered_unowned_and_dropped_are_counted_by_hand(result, judged):
    open_ones = judged["resolved_at"].isna() & judged["closed_at"].isna()
    due = judged["opened_at"] + judged["priority"].map(DUE_HOURS) * HOUR
    unowned = open_ones & judged["assigned_to"].eq("?")
    area = "controls.complaints"
    assert result[f"{area}.unanswered"].value == judged["answered"].isna().sum()
    assert result[f"{area}.unowned"].value == unowned.sum()
    dropped = (unowned | (open_ones & (due < NOW))).mean()
    assert result[f"{area}.dropped_share"].value == pytest.approx(dropped, abs=1e-12)


def test_solutions_in_time_are_counted_among_those_that_are_decided(result, judged):
    due = judged["opened_at"] + judged["priority"].map(DUE_HOURS) * HOUR
    decided = judged["resolved_at"].notna() | (due < NOW)
    kept = (judged["resolved_at"] <= due)[decided]
    found = result["controls.complaints.sla_resolve"]
    assert (found.value, found.n) == (pytest.approx(kept.mean(), abs=1e-12), len(kept))
    assert result["controls.complaints.sla_response"].state == "not_assessed"


def test_the_share_of_inversions_is_that_of_all_pairs_one_by_one(tmp_path, shared_data, judged):
    few = ("d.priority = l.priority", "d.priority = l.priority WHERE l.number LIKE '%7'")
    client = build(tmp_path, shared_data, "real-uci", few, keep=("complaints",))
    rows = judged[judged.index.str.endswith("7")]
    ranks = rows[["urgency", "impact"]].replace(RANKS).astype(int)
    rank = (10 * ranks.max(axis=1) + ranks.min(axis=1)).to_numpy()
    start, result = rows["opened_at"].to_numpy(), controls.assess(client)
    for key, end in (("response", "answered"), ("resolution", "resolved_at")):
        pairs, wrong = all_pairs(start, rows[end].to_numpy(), rank)
        found = result[f"controls.complaints.inversion_share[{key}]"]
        assert (found.parts["pairs"], found.parts["inversions"]) == (pairs, wrong)
        assert found.value == pytest.approx(wrong / pairs)


def all_pairs(start, end, rank):
    """Count (pairs that compete, pairs served in the wrong order), each pair seen from above."""
    until = pd.Series(end).fillna(NOW).to_numpy()
    above = rank[:, None] > rank[None, :]
    overlap = (start[:, None] < until[None, :]) & (start[None, :] < until[:, None])
    overlap &= ((until > start)[:, None]) & ((until > start)[None, :])
    served = ~pd.isna(end)
    competing = above & overlap & (served[:, None] | served[None, :])
    wrong = competing & served[None, :] & (~served[:, None] | (until[None, :] < until[:, None]))
    return int(competing.sum()), int(wrong.sum())


def test_question_marks_are_empty_cells(client, incidents):
    complaints = client.tables.complaints
    for column, source in (("owner", "assigned_to"), ("customer", "caller_id")):
        assert complaints[column].isna().sum() == (incidents[source] == "?").sum()
    assert complaints["resolved_at"].isna().sum() == incidents["resolved_at"].isna().sum() == 1556
    texts = complaints.select_dtypes(["object", "string"])
    assert not texts.isin(["?"]).any(axis=None)


def test_a_question_mark_that_is_not_declared_is_no_date(tmp_path, shared_data):
    client = build(tmp_path, shared_data, "real-uci", ('nulls: ["?"]', "nulls: []"))
    with pytest.raises(DataError) as caught:
        client.validate()
    places = {(problem.table, problem.column, problem.found) for problem in caught.value.problems}
    assert ("complaints", "resolved_at", "'?'") in places
    assert ("problems", "solved_on", "'?'") in places


def test_days_before_months_are_read_as_declared_and_refused_undeclared(
    tmp_path, shared_data, client, incidents
):
    opened = client.tables.complaints.set_index("complaint_id")["opened_at"].dt.tz_localize(None)
    assert (opened.sort_index() == incidents["opened_at"].sort_index()).all()
    undeclared = build(tmp_path, shared_data, "real-uci", ('{opened_at: "%d/%m/%Y %H:%M", ', "{"))
    with pytest.raises(DataError) as caught:
        undeclared.validate()
    first = caught.value.problems[0]
    assert (first.column, first.found) == ("opened_at", "'29/2/2016 01:16'")
    assert 'formats: {opened_at: "%d/%m/%Y %H:%M"}' in first.remedy


def test_the_timer_that_closes_after_five_days_is_not_taken_for_the_solution(
    tmp_path, shared_data, result, incidents
):
    timer = (incidents["closed_at"] - incidents["resolved_at"]) / HOUR
    assert timer.median() == pytest.approx(5 * 24, abs=1)
    trap = ("l.resolved_at, l.closed_at,", "l.closed_at AS resolved_at, l.closed_at,")
    client = build(tmp_path, shared_data, "real-uci", trap, keep=("complaints",))
    id = "controls.complaints.resolution_hours[priority=3]"
    assert controls.assess(client)[id].value > 5 * 24
    assert result[id].value < 24


def test_incidents_after_the_status_date_are_counted_and_left_out(client, incidents, result):
    late = (incidents["opened_at"] >= NOW).sum()
    step = data_check.plausibility(client.tables, dates=client.dates, timezone=client.timezone)
    table = step.table.set_index(["table_name", "column_name"])
    assert table.loc[("complaints", "opened_at"), "odd"] == late == 274
    in_force = incidents["opened_at"].between("2016-03-31", NOW, inclusive="left").sum()
    assert result["controls.complaints.unanswered"].n == in_force


@pytest.fixture(scope="module")
def register(incidents):
    """Every tenth incident as a problem, as known on the status date."""
    rows = incidents[incidents.index.str.endswith("7") & (incidents["opened_at"] < NOW)]
    dates = {name: rows[name].dt.normalize() for name in MOMENTS}
    rows = rows.assign(**dates)
    undated = rows["resolved_at"].isna() & (rows["closed_at"] < NOW)
    return rows.assign(solved=(rows["resolved_at"] < NOW) | undated)


@pytest.fixture(scope="module")
def solved(client):
    return problems.assess(client, resamples=50)


def test_what_the_desk_calls_solved_is_a_claim_and_bounds_the_solved_rate(solved, register):
    claimed, proven = solved["problems.claimed_rate"], solved["problems.solved_rate"]
    assert (claimed.value, claimed.n) == (pytest.approx(register["solved"].mean()), len(register))
    assert (proven.state, proven.value) == ("not_assessed", None)
    assert (proven.low, proven.high) == (0, claimed.value)
    assert "accepted, evidence" in say(proven.reason)


def test_problems_take_the_median_days_of_kaplan_and_meier(solved, register):
    dated = register[~(register["solved"] & register["resolved_at"].isna())]
    end = dated["resolved_at"].where(dated["solved"], pd.Timestamp("2016-05-31"))
    days = (end - dated["opened_at"]).dt.days
    for name, share in (("median_days", 0.5), ("p80_days", 0.8)):
        found = solved[f"problems.{name}"]
        assert (found.value, found.n) == (quantile(days, dated["solved"], share), len(dated))
    assert (
        solved["problems.open_high"].value
        == (~register["solved"] & (register["impact"] == "1 - High")).sum()
    )


ALL_ROWS = ("WHERE number LIKE '%7'", "")


def test_priorities_are_compared_by_the_log_rank_test_of_scipy(tmp_path, shared_data, incidents):
    # All 24,918 incidents; urgency as the severity: high against medium and low.
    urgent = ("impact AS severity, urgency AS importance", "urgency AS severity")
    client = build(tmp_path, shared_data, "real-uci", ALL_ROWS, urgent, keep=("problems",))
    step = problems.time_by_group(client.tables.problems, dates=client.dates)
    rows = incidents[incidents["opened_at"] < NOW]
    assert len(incidents) == 24_918
    known = rows["resolved_at"].where(rows["resolved_at"] < NOW)
    undated = rows["resolved_at"].isna() & (rows["closed_at"] < NOW)
    end = known.fillna(pd.Timestamp("2016-05-31")).dt.normalize()
    days = (end - rows["opened_at"].dt.normalize()).dt.days
    # Solved without a day is left out; scipy is given what is left.
    high = rows["urgency"].eq("1 - High")
    samples = [
        stats.CensoredData(days[mine & known.notna()], right=days[mine & known.isna()])
        for mine in (high & ~undated, ~high & ~undated)
    ]
    test = step.tables["tests"].set_index("dimension").loc["severity"]
    theirs = stats.logrank(*samples)
    assert test["problems"] == (~undated).sum()
    assert test["chi_square"] == pytest.approx(theirs.statistic**2)
    assert test["p_unadjusted"] == pytest.approx(theirs.pvalue)
    for key, mine in (("4–5", high & ~undated), ("1–3", ~high & ~undated)):
        row = step.table.set_index("key").loc[key]
        assert row["median_days"] == quantile(days[mine], known[mine].notna())


def test_reopened_problems_are_counted_among_those_once_solved(solved, register):
    again = register["reopen_count"] >= 1
    among = register["solved"] | again
    found = solved["problems.reopen_rate"]
    assert (found.value, found.n) == (pytest.approx(again.sum() / among.sum()), among.sum())


def test_a_state_that_is_no_status_is_reported_row_by_row(tmp_path, shared_data, log):
    snapshot = ("number LIKE '%7'", "incident_state = '-100'")
    client = build(tmp_path, shared_data, "real-uci", snapshot, keep=("problems",))
    with pytest.raises(DataError) as caught:
        client.validate()
    found = [(problem.row, problem.column, problem.found) for problem in caught.value.problems]
    states = log.loc[log["incident_state"] == "-100", "number"]
    assert found == [(row, "status", "'-100'") for row in range(1, states.nunique() + 1)]
    mapped = (
        "values:\n      importance",
        'values:\n      status: {"-100": open}\n      importance',
    )
    fixed = ("      status: {Closed: solved, Resolved: solved, New: open, Active: open, "
             "Awaiting User Info: open,\n               Awaiting Vendor: open, Awaiting Problem: "
             "open, Awaiting Evidence: open}\n", "")  # fmt: skip
    client = build(tmp_path, shared_data, "real-uci", snapshot, mapped, fixed, keep=("problems",))
    assert (client.tables.problems["status"] == "open").all()


def test_the_log_keeps_the_odd_state_as_an_activity(tmp_path, shared_data, log):
    client = build(tmp_path, shared_data, "real-uci-log")
    events = client.tables.events
    assert len(events) == len(log) == 141_712
    assert (
        events["activity"].value_counts().to_dict()
        == log["incident_state"].value_counts().to_dict()
    )
    assert (events["activity"] == "-100").sum() == 5
    assert events["resource"].isna().sum() == (log["assigned_to"] == "?").sum()


def test_a_null_where_a_value_is_required_names_the_rows(tmp_path, shared_data, log):
    null = ('nulls: ["?"]', 'nulls: ["?", "-100"]')
    client = build(tmp_path, shared_data, "real-uci-log", null)
    with pytest.raises(DataError) as caught:
        client.validate()
    rows = [problem.row for problem in caught.value.problems]
    assert rows == [position + 2 for position in log.index[log["incident_state"] == "-100"]]
    assert {problem.found for problem in caught.value.problems} == {"an empty cell"}


def test_cases_of_a_large_log_are_reduced_to_their_first_and_last_change(
    tmp_path, shared_data, log
):
    client = build(tmp_path, shared_data, "real-uci-log")
    cases = efficiency.build_cases(
        client.tables.events, dates=client.dates, calendar=efficiency.calendar_of(client)
    )
    seen = log[log["sys_updated_at"] < NOW].groupby("number")["sys_updated_at"].agg(["min", "max"])
    before = (seen["min"] < "2016-03-31").sum()
    assert cases.frame["sample"].astype(str).value_counts().to_dict() == {
        "after": len(seen) - before, "before": before
    }  # fmt: skip

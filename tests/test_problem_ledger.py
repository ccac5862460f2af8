"""Factor 2, the ledger: chains and their first breaks, the meeting list, and the funnel."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from problem_rows import CLAIMED, DATES, OPEN, PROVEN, register

from crm_eval_lib import charts, problems
from crm_eval_lib.text import say

DONE = {**PROVEN, "confirmed_on": "2024-10-20"}


def trace(*rows):
    names = ["problem_id", "requirement_id", "test_id", "test_result", "tested_on"]
    return pd.DataFrame(rows, columns=names).assign(tested_on=lambda t: pd.to_datetime(t.tested_on))


def passed(*ids):
    return trace(*[(id, f"R{id}", f"T{id}", "pass", "2024-09-20") for id in ids])


def breaks(frame, tests=None, dates=DATES):
    table = problems.ledger(frame, tests, dates=dates).table
    return dict(zip(table["problem_id"], table["first_break"], strict=True))


def test_the_first_missing_link_is_named():
    frame = register(DONE, DONE, DONE, DONE, DONE, OPEN, {**DONE, "evidence": None},
                     {**DONE, "accepted": "no"}, {**DONE, "confirmed_on": None})  # fmt: skip
    tests = pd.concat([
        trace(("P3", "R3", None, None, None), ("P4", "R4", "T4", "not_run", None),
              ("P5", "R5", "T5", "fail", "2024-09-20")),
        passed("P1", "P6", "P7", "P8", "P9"),
    ])  # fmt: skip
    expected = ["complete", "no_requirement", "no_test", "test_not_run", "test_failed",
                "not_reported", "no_evidence", "not_accepted", "not_confirmed"]  # fmt: skip
    assert list(breaks(frame, tests).values()) == expected


def test_a_link_nobody_recorded_is_not_a_break():
    step = problems.ledger(register(PROVEN, OPEN), None, dates=DATES)
    assert step.table["first_break"].tolist() == ["complete_as_recorded", "not_reported"]
    for link in ("requirement", "test", "confirmation"):
        assert set(step.table[link]) == {"not_recorded"}
    assert "nobody recorded: requirement, test, confirmation in use" in say(step.sentence, "en")


def test_nothing_recorded_but_the_status_breaks_on_the_status_alone():
    assert breaks(register(CLAIMED, OPEN)) == {"P1": "complete_as_recorded", "P2": "not_reported"}


def test_the_latest_result_of_a_test_counts_and_on_one_day_the_failure():
    again = ("P1", "R", "T", "pass", "2024-09-30")
    assert breaks(register(DONE), trace(("P1", "R", "T", "fail", "2024-09-20"), again)) == {
        "P1": "complete"
    }
    assert breaks(register(DONE), trace(again, ("P1", "R", "T", "fail", "2024-09-30"))) == {
        "P1": "test_failed"
    }


def test_one_passed_and_one_failed_test_are_both_shown_and_traced():
    tests = trace(("P1", "R", "T1", "pass", "2024-09-20"), ("P1", "R", "T2", "fail", "2024-09-20"))
    table = problems.ledger(register(DONE), tests, dates=DATES).table
    assert table["test"].tolist() == ["pass_and_fail"]
    assert problems.proof(register(DONE), tests, dates=DATES)["problems.traced_share"].value == 1


def test_a_test_of_after_the_status_date_has_not_been_run():
    tests = trace(("P1", "R", "T", "pass", "2025-07-01"))
    assert breaks(register(DONE), tests) == {"P1": "test_not_run"}


def test_before_go_live_nothing_can_be_confirmed_and_that_breaks_no_chain():
    dates = SimpleNamespace(**{**vars(DATES), "go_live": pd.Timestamp("2025-12-01")})
    assert breaks(register(DONE), passed("P1"), dates) == {"P1": "complete_as_recorded"}


def test_duplicates_have_no_line_and_what_is_left_out_has_its_reason():
    frame = register(DONE, {"duplicate_of": "P1"}, {"status": "withdrawn"},
                     {"status": "rejected", "decided_by_side": "client"},
                     {"status": "rejected", "decided_by_side": "vendor"})  # fmt: skip
    assert breaks(frame, passed("P1")) == {
        "P1": "complete", "P3": "withdrawn", "P4": "rejected", "P5": "set_aside",
    }  # fmt: skip


def test_the_breaks_add_up_to_the_denominator():
    frame = register(DONE, {"severity": 5}, CLAIMED, {"status": "withdrawn"})
    table = problems.ledger(frame, passed("P1"), dates=DATES).tables["breaks"]
    assert table["problems"].sum() == 3
    assert table["share"].sum() == pytest.approx(1)
    # P2 has no requirement either: both are counted where their way ends first.
    assert table.set_index("first_break").loc["no_requirement"].tolist() == [2, 1, 2 / 3]


def test_the_meeting_list_puts_the_severe_open_ones_first_and_says_what_is_missing():
    frame = register({"severity": 2}, {**CLAIMED, "severity": 4, "accepted": "yes"},
                     {"severity": 4}, {"severity": 5}, {**PROVEN, "severity": 5}, CLAIMED,
                     {**CLAIMED, "severity": 5, "evidence": "x"},
                     {"severity": 4, "in_scope": "no"},
                     {**CLAIMED, "severity": 4})  # fmt: skip
    listed = problems.ledger(frame, None, dates=DATES).tables["meeting_list"]
    expected = {"P4": "solution", "P3": "solution", "P8": "decision_of_client",
                "P7": "acceptance", "P2": "with_evidence", "P9": "evidence_and_acceptance",
                "P1": "solution"}  # fmt: skip
    assert dict(zip(listed["problem_id"], listed["missing"], strict=True)) == expected
    # 2024-02-01 to 2025-06-30.
    assert listed["age_days"].tolist() == [515] * 7


def test_the_ledger_says_who_raised_each_problem():
    row = {"raised_by_role": "sales lead", "raised_by_side": "client", "prompted": "no"}
    table = problems.ledger(register(row), None, dates=DATES).table
    assert table[list(row)].iloc[0].to_dict() == row


def test_an_empty_register_has_no_ledger():
    step = problems.ledger(None, None, dates=DATES)
    assert (step.table, step.sentence) == (None, None)


def stages(frame):
    table = problems.solved(frame, dates=DATES).table
    return table.set_index("stage")["count"]


def test_the_funnel_takes_off_one_reason_after_the_other_down_to_the_proof():
    frame = register(PROVEN, {**PROVEN, "evidence": None}, CLAIMED, OPEN, {"duplicate_of": "P1"},
                     {"origin": "recalled"}, {"status": "withdrawn"}, {"in_scope": "no"},
                     {"in_scope": "no", "decided_by_side": "client"},
                     {"status": "rejected", "decided_by_side": "client"})  # fmt: skip
    assert stages(frame).to_dict() == {
        "entered": 10, "duplicate": 1, "recalled": 1, "withdrawn": 1, "left_by_client": 2,
        "in_denominator": 5, "set_aside": 1, "claimed": 3, "accepted": 2, "proven": 1,
    }  # fmt: skip


def test_acceptance_is_known_where_only_evidence_was_never_recorded():
    found = stages(register({**CLAIMED, "accepted": "yes"}, CLAIMED))
    assert (found["accepted"], found.isna()["proven"]) == (1, True)


def test_what_the_vendor_rejected_is_listed_with_the_reason_and_said():
    row = {"status": "rejected", "decided_by_side": "vendor", "decision_reason": "not in contract"}
    step = problems.solved(register(PROVEN, row), dates=DATES)
    listed = step.tables["set_aside"]
    assert listed[["problem_id", "decision_reason"]].values.tolist() == [["P2", "not in contract"]]
    assert "1 was rejected or moved out of scope without a decision" in say(step.sentence, "en")
    assert "1个未见客户决定" in say(step.sentence, "zh-Hans")


def test_the_chart_of_breaks_draws_all_and_the_severe_among_the_broken():
    frame = register(DONE, {"severity": 5}, OPEN)
    step = problems.ledger(frame, passed("P1", "P2", "P3"), dates=DATES)
    ax = charts.plot_breaks(step, ax=plt.figure().subplots())
    assert [bar.get_width() for bar in ax.patches] == [2, 1, 1, 0]
    assert [text.get_text() for text in ax.texts] == ["2, 1 severe", "1"]
    plt.close("all")


def test_a_register_read_once_serves_every_step():
    frame = register(PROVEN, OPEN, {"raised_on": "2026-01-01"})
    seen = problems.register(frame, dates=DATES)
    assert problems.register(seen, dates=DATES) is seen
    first, second = (problems.solved(rows, dates=DATES) for rows in (frame, seen))
    assert first.indicators == second.indicators

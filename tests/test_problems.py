"""Factor 2, solved and proven: who is in the denominator, and what counts as solved."""

from types import SimpleNamespace

import pandas as pd
import pytest
from problem_rows import CLAIMED, DATES, OPEN, PROVEN, register

from crm_eval_lib import problems as steps
from crm_eval_lib.stats.intervals import wilson
from crm_eval_lib.text import say


def rate(frame, name="solved_rate", dates=DATES):
    return steps.solved(frame, dates=dates)[f"problems.{name}"]


def test_solved_needs_the_status_the_acceptance_and_the_evidence():
    frame = register(PROVEN, CLAIMED, {**PROVEN, "accepted": "no"}, {**PROVEN, "evidence": None})
    assert rate(frame).value == 1 / 4
    assert rate(frame, "claimed_rate").value == 1
    assert rate(frame, "evidence_gap").value == 3 / 4


def test_the_interval_is_wilsons():
    found = rate(register(PROVEN, OPEN, OPEN))
    assert (found.low, found.high) == wilson(1, 3)
    assert (found.n, found.confidence, found.unit) == (3, 0.95, "ratio")


@pytest.mark.parametrize(
    "row",
    [
        {"status": "duplicate"},
        {"duplicate_of": "P1"},
        {"status": "withdrawn", "closed_on": "2024-03-01"},
        {"origin": "recalled"},
        {"in_scope": "no", "decided_by_side": "client"},
        {"in_scope": "deferred", "decided_by_side": "client"},
        {"status": "rejected", "decided_by_side": "client"},
    ],
)
def test_these_rows_leave_the_denominator(row):
    assert rate(register(PROVEN, OPEN, row)).n == 2


@pytest.mark.parametrize(
    "row",
    [
        {"in_scope": "no"},
        {"in_scope": "deferred", "decided_by_side": "vendor"},
        {"status": "rejected"},
        {"status": "rejected", "decided_by_side": "consultant"},
        {"status": "partly"},
        {"origin": "minutes"},
    ],
)
def test_these_rows_stay_and_count_as_unsolved_and_open(row):
    frame = register(PROVEN, OPEN, row)
    assert (rate(frame).n, rate(frame).value) == (3, 1 / 3)
    assert steps.open_problems(frame, dates=DATES).table["problem_id"].tolist() == ["P2", "P3"]


def test_out_of_scope_by_the_vendor_is_unsolved_even_if_the_status_says_solved():
    found = rate(register(PROVEN, {**PROVEN, "in_scope": "no", "decided_by_side": "vendor"}))
    assert found.value == 1 / 2


def test_what_is_left_out_is_listed_with_its_reason():
    frame = register(
        PROVEN, {"origin": "recalled"}, {"status": "withdrawn"}, {"duplicate_of": "P1"}
    )
    left_out = steps.solved(frame, dates=DATES).tables["left_out"]
    expected = {"P2": "recalled", "P3": "withdrawn", "P4": "duplicate"}
    assert dict(zip(left_out["problem_id"], left_out["left_out"], strict=True)) == expected


def test_raised_rate_counts_everything_but_duplicates():
    frame = register(PROVEN, OPEN, {"status": "withdrawn"}, {"status": "duplicate"})
    found = rate(frame, "raised_rate")
    assert (found.value, found.n) == (1 / 3, 3)


@pytest.mark.parametrize("nothing", ["待补充", "no", "否", "无", "none", "-", "N/A", "TBD"])
def test_evidence_that_says_there_is_none_proves_nothing(nothing):
    frame = register(PROVEN, {**PROVEN, "evidence": nothing}, {**PROVEN, "evidence": nothing})
    assert rate(frame, "solved_rate").value == 1 / 3
    assert rate(frame, "evidence_gap").value == 2 / 3
    breaks = steps.ledger(frame, None, dates=DATES).table["first_break"].tolist()
    assert breaks[1:] == ["no_evidence", "no_evidence"]
    [finding] = steps.solved(frame, dates=DATES).findings
    assert finding.rows == (("problems", "P2"), ("problems", "P3"))


def test_a_column_of_dashes_is_not_recorded_and_one_of_noes_is():
    dashes, noes = (register(*[{**PROVEN, "evidence": text}] * 2) for text in ("-", "no"))
    assert rate(dashes, "solved_rate").state == "not_assessed"
    assert rate(noes, "solved_rate").value == 0


def test_a_check_whose_evidence_says_there_is_none_finds_nothing_solved():
    check = pd.DataFrame(
        {
            "problem_id": ["1", "2"],
            "checked_on": "2024-10-01",
            "method": "record",
            "result": "solved",
            "evidence": ["log 3", "无"],
        }
    )
    step = steps.solved(None, check=check, dates=DATES)
    assert step["problems.solved_rate"].value == 0.5
    assert step.tables["by_method"]["proven"].tolist() == [1]


@pytest.mark.parametrize("column", ["accepted", "evidence"])
def test_without_acceptance_or_evidence_there_are_only_bounds(column):
    frame = register(PROVEN, PROVEN, OPEN, {**PROVEN, "status": "open"}).drop(columns=column)
    for name in ("solved_rate", "evidence_gap", "raised_rate"):
        found = rate(frame, name)
        assert (found.state, found.value, found.low, found.high) == ("not_assessed", None, 0, 0.5)
        assert found.reason.slots["columns"] == [column]
    assert rate(frame, "claimed_rate").value == 0.5


def test_solved_rate_by_department_process_and_severity():
    frame = register(
        {**PROVEN, "department": "销售部", "process": "A]B", "severity": 5},
        {"department": "销售部", "process": "50%", "severity": 5},
        {"department": None, "severity": None},
        {"department": "Finance", "status": "withdrawn"},
    )
    step = steps.by_group(frame, dates=DATES)
    assert step["problems.solved_rate[department=销售部]"].value == 0.5
    assert step["problems.solved_rate[process=A%5DB]"].value == 1
    assert step["problems.solved_rate[process=50%25]"].value == 0
    assert step["problems.solved_rate[severity=5]"].n == 2
    assert step["problems.solved_rate[severity=3]"].n == 1  # empty is the middle
    assert step["problems.solved_rate[department=Finance]"].state == "not_assessed"


def test_a_group_without_proof_on_record_has_its_own_bounds():
    frame = register({**CLAIMED, "department": "A"}, {"department": "A"}, {"department": "B"})
    found = steps.by_group(frame, dates=DATES)["problems.solved_rate[department=A]"]
    assert (found.state, found.low, found.high) == ("not_assessed", 0, 0.5)


def test_a_problem_raised_or_entered_after_the_status_date_does_not_exist():
    frame = register(PROVEN, OPEN, {"raised_on": "2025-07-01"}, {"entered_on": "2025-07-01"})
    assert rate(frame).n == 2
    assert rate(register({"raised_on": "2025-06-30"}), "claimed_rate").n == 1


def test_what_was_solved_after_the_status_date_is_still_open():
    frame = register(PROVEN, {**PROVEN, "solved_on": "2025-07-01", "severity": 5})
    assert rate(frame, "claimed_rate").value == 0.5
    assert steps.open_problems(frame, dates=DATES)["problems.open_high"].value == 1


@pytest.mark.parametrize("status", ["withdrawn", "rejected"])
def test_what_was_closed_after_the_status_date_is_still_open(status):
    row = {"status": status, "decided_by_side": "client", "closed_on": "2025-07-01"}
    assert rate(register(PROVEN, row)).n == 2


def test_the_newest_version_of_a_problem_counts_once():
    old = register({**OPEN}, PROVEN, OPEN, register_version="9")
    new = register(PROVEN, {**PROVEN, "accepted": "no"}, register_version="10")
    step = steps.solved(pd.concat([new, old]), dates=DATES)
    assert step["problems.solved_rate"].n == 3
    assert step["problems.solved_rate"].value == 1 / 3


def test_a_problem_that_vanished_from_the_newest_version_is_not_forgotten():
    old = register(OPEN, OPEN, register_version="v1.9")
    new = register(PROVEN, register_version="v1.10")
    step = steps.solved(pd.concat([old, new]), dates=DATES)
    assert step["problems.solved_rate"].value == 0.5
    assert step.caveats[0].message.slots["n"] == 1


def test_a_version_of_after_the_status_date_is_not_seen():
    old = register(OPEN, register_version="2025-06-01")
    new = register(PROVEN, register_version="2025-07-15")
    assert rate(pd.concat([old, new]), "claimed_rate").value == 0


def test_weights_are_severity_times_importance_and_empty_is_three():
    frame = register({**PROVEN, "severity": 5, "importance": 4}, {"severity": 2}, {"importance": 1})
    found = steps.weighted(frame, dates=DATES)["problems.weighted_solved_rate"]
    assert found.value == pytest.approx(20 / (20 + 2 * 3 + 3 * 1))
    assert found.low <= found.value <= found.high


def test_equal_weights_give_the_plain_rate_and_about_the_binomial_interval():
    frame = register(*[PROVEN] * 60, *[OPEN] * 40)
    found = steps.weighted(frame, dates=DATES, resamples=20_000)["problems.weighted_solved_rate"]
    assert found.value == 0.6
    # Normal: 0.6 ± 1.96·sqrt(0.24/100).
    assert (found.low, found.high) == pytest.approx((0.504, 0.696), abs=0.012)


@pytest.mark.parametrize(("row", "expected"), [(PROVEN, 1.0), (OPEN, 0.0)])
def test_all_or_none_proven_still_has_an_interval(row, expected):
    frame = register(*[{**row, "accepted": "yes", "evidence": "x"}] * 12)
    found = steps.weighted(frame, dates=DATES)["problems.weighted_solved_rate"]
    assert (found.value, (found.low, found.high)) == (expected, wilson(expected * 12, 12))


@pytest.mark.parametrize(("n", "said"), [(6, "cannot tell"), (600, "lag behind")])
def test_heavy_problems_lag_only_where_the_interval_says_so(n, said):
    solved = {**PROVEN, "severity": 2, "importance": 2}
    open_ = {**OPEN, "severity": 4, "importance": 4}
    frame = register(*[solved] * (n // 2), *[open_] * (n // 2))
    assert said in say(steps.weighted(frame, dates=DATES).sentence)


def test_without_proof_the_weighted_rate_has_bounds_too():
    frame = register({**CLAIMED, "severity": 5}, {"severity": 5}, {"severity": 5})
    found = steps.weighted(frame, dates=DATES)["problems.weighted_solved_rate"]
    assert (found.state, found.low, found.high) == ("not_assessed", 0, pytest.approx(1 / 3))


def test_open_high_counts_severity_four_and_five_in_the_denominator():
    frame = register({"severity": 4}, {"severity": 5, "status": "partly"}, {"severity": 3},
                     {**CLAIMED, "severity": 5}, {"severity": 5, "status": "withdrawn"},
                     {"severity": 4, "status": "rejected"})  # fmt: skip
    assert steps.open_problems(frame, dates=DATES)["problems.open_high"].value == 3


def test_open_five_counts_from_the_later_of_go_live_and_raising():
    # Status date 2025-06-30: 90 days before is 2025-04-01, so that day is not yet overdue.
    days = ["2024-01-10", "2025-03-31", "2025-04-01"]
    frame = register(*[{"severity": 5, "raised_on": day} for day in days], {"severity": 4})
    five = "problems.open_five_90"
    assert steps.open_problems(frame, dates=DATES)[five].value == 2
    just_live = SimpleNamespace(**{**vars(DATES), "go_live": pd.Timestamp("2025-05-01")})
    assert steps.open_problems(frame, dates=just_live)[five].value == 0
    not_live = SimpleNamespace(**{**vars(DATES), "go_live": None})
    assert steps.open_problems(frame, dates=not_live)[five].state == "not_assessed"


def test_reopened_ones_are_counted_among_solved_or_reopened():
    frame = register({**CLAIMED, "reopened": 0}, {**CLAIMED, "reopened": 2}, {"reopened": 1}, OPEN)
    found = steps.reopened(frame, dates=DATES)["problems.reopen_rate"]
    assert (found.value, found.n) == (pytest.approx(2 / 3), 3)


def test_severe_open_problems_are_findings_with_their_row_and_action():
    frame = register({"severity": 4, "title": "Orders wait", "owner_role": "IT lead"}, OPEN)
    (finding,) = steps.open_problems(frame, dates=DATES).findings
    assert finding.rows == (("problems", "P1"),)
    assert (finding.severity, finding.indicator) == (4, "problems.open_high")
    assert (finding.action.type, finding.action.owner_role) == ("problems.open_severe", "IT lead")
    # 2024-02-01 to 2025-06-30.
    assert finding.action.sentence.slots["days"] == 515


def test_problems_without_evidence_are_one_finding_with_all_rows():
    frame = register(PROVEN, {**CLAIMED, "severity": 5}, CLAIMED, {**CLAIMED, "status": "partly"})
    (finding,) = steps.solved(frame, dates=DATES).findings
    assert finding.rows == (("problems", "P2"), ("problems", "P3"))
    slots = finding.action.sentence.slots
    assert (finding.action.type, slots["n"], slots["m"]) == ("problems.no_evidence", 2, 1)


def test_the_check_of_statements_stands_in_for_a_missing_register():
    check = pd.DataFrame({
        "problem_id": ["1", "1", "2", "3", "4"],
        "checked_on": pd.to_datetime(["2025-01-01", "2025-02-01", "2025-01-01", "2025-07-01",
                                      "2025-01-01"]),
        "method": "record", "result": ["not_solved", "solved", "partly", "solved", "solved"],
        "evidence": ["", "log", "", "log", ""],
    })  # fmt: skip
    step = steps.solved(None, check=check, dates=DATES)
    found = step["problems.solved_rate"]
    assert (found.value, found.n, found.tables) == (pytest.approx(1 / 3), 3, ("problem_check",))
    assert step["problems.claimed_rate"].state == "not_assessed"


@pytest.mark.parametrize(("n", "worst"), [(4, "B"), (5, "A")])
def test_a_group_of_fewer_than_five_problems_is_called_neither_best_nor_worst(n, worst):
    rows = [{"department": "A"}] * n  # none proven
    rows += [{**PROVEN, "department": "B"}] * 3 + [{"department": "B"}] * 2
    rows += [{**PROVEN, "department": "C"}] * 6
    step = steps.by_group(register(*rows), dates=DATES)
    assert (step.sentence.slots["worst"], step.sentence.slots["best"]) == (worst, "C")
    unranked = [c for c in step.caveats if c.message.key.endswith("unranked_groups")]
    assert len(unranked) == (n < 5)


def test_groups_that_are_all_small_are_not_ranked():
    step = steps.by_group(register({**PROVEN, "department": "A"}, {"department": "B"}), dates=DATES)
    assert step.sentence is None
    assert "2 groups have fewer than 5 problems" in say(step.caveats[-1].message, "en")

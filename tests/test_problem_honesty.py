"""Factor 2: versions of the register compared, re-checks against it, raters who disagree."""

import pandas as pd
import pytest
from problem_rows import CLAIMED, DATES, OPEN, PROVEN, register

from crm_eval_lib import problems
from crm_eval_lib.evidence import table_evidence
from crm_eval_lib.text import say


def changes(*versions):
    frames = [frame.assign(register_version=str(n)) for n, frame in enumerate(versions, 1)]
    return problems.register_changes(pd.concat(frames), dates=DATES)


def kinds(step):
    return dict(zip(step.table["problem_id"], step.table["change"], strict=True))


def test_changes_of_grade_words_scope_and_standing_are_listed_with_from_and_to():
    old = register({"severity": 5}, {"importance": 2}, {"title": "订单 无人审批"}, OPEN,
                   {"department": "Sales"}, OPEN, OPEN, OPEN)  # fmt: skip
    new = register({"severity": 3}, {"importance": 4}, {"title": "订单审批较慢"},
                   {"in_scope": "deferred"}, {"department": "IT"}, {"duplicate_of": "P1"},
                   {"status": "rejected"}, {"raised_on": "2024-03-01"})  # fmt: skip
    step = changes(old, new)
    assert kinds(step) == {
        "P1": "severity_down", "P2": "importance_up", "P3": "reworded", "P4": "moved_out_of_scope",
        "P5": "department_changed", "P6": "made_duplicate", "P7": "newly_rejected",
        "P8": "redated",
    }  # fmt: skip
    graded = step.table[step.table["problem_id"] == "P1"].iloc[0]
    names = ["from_version", "to_version", "from_value", "to_value"]
    assert graded[names].tolist() == ["1", "2", "5", "3"]


def test_width_case_and_spaces_are_no_new_words():
    step = changes(register({"title": "ＣＲＭ  Order"}), register({"title": "crm order "}))
    assert step.table.empty
    assert "no problem vanished" in say(step.sentence, "en")


def test_how_much_a_title_changed_is_one_less_the_ratio_of_difflib():
    step = changes(register({"title": "abcd"}), register({"title": "bcde"}))
    # The example of Python's documentation of difflib: ratio of abcd and bcde is 0.75.
    assert step.table["changed_share"].tolist() == [pytest.approx(0.25)]


def test_a_grade_filled_in_later_is_no_change():
    assert changes(register({"severity": None}), register({"severity": 5})).table.empty


def test_vanished_problems_stay_in_the_count_and_the_rates_without_them_are_said():
    step = changes(register(OPEN, PROVEN, CLAIMED), register(OPEN, PROVEN))
    assert kinds(step) == {"P3": "vanished"}
    assert step.table[["from_version", "to_version"]].values.tolist() == [["1", "2"]]
    # Reported: 2 of 3, or 1 of 3 with P3 unsolved; proven: P2 in both.
    assert "33% would be reported solved instead of 67%" in say(step.sentence, "en")
    assert "33% proven instead of 33%" in say(step.sentence, "en")


def test_a_problem_absent_in_between_is_named():
    first = register(OPEN, OPEN)
    step = changes(first, register(OPEN), first)
    assert kinds(step) == {"P2": "missing_between"}
    assert step.table[["from_version", "to_version"]].values.tolist() == [["1", "3"]]


def test_the_counts_per_version_add_up():
    step = changes(register({"severity": 5}, OPEN), register({"severity": 3}, OPEN, OPEN),
                   register({"severity": 3}, OPEN))  # fmt: skip
    table = step.tables["versions"].set_index("register_version")
    assert table["problems"].tolist() == [2, 3, 2]
    assert table["added"].tolist() == [2, 1, 0]
    assert (table["vanished"].tolist(), table["graded_down"].tolist()) == ([0, 0, 1], [0, 1, 0])


def test_one_version_says_that_nothing_can_be_compared():
    step = problems.register_changes(register(OPEN, PROVEN), dates=DATES)
    assert "one version only" in say(step.sentence, "en")
    assert "只有一个版本" in say(step.sentence, "zh-Hans")


def test_a_version_of_after_the_status_date_changes_nothing_yet():
    old = register({"severity": 5}, register_version="2025-06-01")
    new = register({"severity": 1}, register_version="2025-07-15")
    step = problems.register_changes(pd.concat([old, new]), dates=DATES)
    assert "one version only" in say(step.sentence, "en")


def test_versions_in_any_order_of_rows_give_the_same_list():
    frame = pd.concat([register({"severity": 5}, OPEN, register_version="9"),
                       register({"severity": 3}, register_version="10")])  # fmt: skip
    first = problems.register_changes(frame, dates=DATES)
    second = problems.register_changes(frame.iloc[::-1], dates=DATES)
    pd.testing.assert_frame_equal(first.table, second.table)


def check(*rows):
    names = ["problem_id", "checked_on", "method", "result", "evidence"]
    frame = pd.DataFrame(rows, columns=names).assign(checked_by_role="auditor")
    return frame.assign(checked_on=pd.to_datetime(frame["checked_on"]))


def said_about_checks(step):
    return [say(c.message, "en") for c in step.caveats if c.tables == ("problem_check",)]


def test_a_recheck_contradicts_the_register_but_changes_no_indicator():
    frame = register(PROVEN, {**PROVEN, "severity": 5}, OPEN, PROVEN)
    rows = check(("P1", "2025-01-10", "record", "partly", ""),
                 ("P2", "2025-01-10", "record", "not_solved", ""),
                 ("P3", "2025-01-10", "record", "solved", "log"),
                 ("P4", "2024-09-10", "record", "not_solved", ""))  # fmt: skip
    plain, step = (problems.solved(frame, check=c, dates=DATES) for c in (None, rows))
    assert step.indicators == plain.indicators
    listed = step.tables["contradicted"]
    # P4 was checked before it was solved on 2024-10-01.
    assert listed["problem_id"].tolist() == ["P2", "P1", "P3"]
    (said,) = said_about_checks(step)
    assert "2 reported solved were not found solved" in said


@pytest.mark.parametrize(("refuted", "biased"), [(1, False), (2, True)])
def test_a_register_that_many_checks_refute_loses_an_evidence_grade(refuted, biased):
    # 1 of 20 is 5 %, the limit; 2 of 20 is more.
    results = ["not_solved"] * refuted + ["solved"] * (20 - refuted)
    rows = check(*((f"P{n}", "2025-01-10", "record", result, "log")
                   for n, result in enumerate(results, 1)))  # fmt: skip
    step = problems.solved(register(*[PROVEN] * 20), check=rows, dates=DATES)
    [caveat] = [c for c in step.caveats if c.message.key.startswith("problems.caveat.contradicted")]
    assert caveat.bias == biased
    assert ("lose one evidence grade" in say(caveat.message, "en")) == biased
    assert "problems.weighted_solved_rate" in caveat.indicators


def test_a_recheck_that_agrees_says_nothing():
    rows = check(("P1", "2025-01-10", "record", "solved", "log"))
    assert not said_about_checks(problems.solved(register(PROVEN), check=rows, dates=DATES))


def test_the_check_alone_says_how_its_results_came_about():
    rows = check(("1", "2025-01-10", "record", "solved", "log"),
                 ("2", "2025-01-10", "oral", "solved", ""))  # fmt: skip
    step = problems.solved(None, check=rows, dates=DATES)
    assert step["problems.solved_rate"].value == 0.5
    assert step["problems.solved_rate"].tables == ("problem_check",)
    assert step.tables["by_method"].values.tolist() == [["oral", 1, 1, 0], ["record", 1, 1, 1]]
    assert "1 result rests on word of mouth" in say(step.sentence, "en")


@pytest.mark.parametrize(
    ("methods", "grade"),
    [(["record"] * 20, "C"), (["live_demo", "screenshot"], "C"), (["oral"] * 3 + ["record"], "D")],
)
def test_checks_by_word_of_mouth_are_grade_d(methods, grade):
    rows = check(*[(str(n), "2025-01-10", m, "solved", "x") for n, m in enumerate(methods)])
    assert table_evidence({"problem_check": rows})["grade"].tolist() == [grade]


def ratings(*pairs, raters=("a", "b"), sides=("client", "consultant")):
    rows = [(f"P{n}", rater, side, verdict) for n, pair in enumerate(pairs, 1)
            for rater, side, verdict in zip(raters, sides, pair, strict=True)]  # fmt: skip
    return pd.DataFrame(rows, columns=["problem_id", "rater_id", "side", "verdict"])


def test_kappa_of_the_grant_proposals_is_found_through_the_table_of_ratings():
    # Wikipedia, Cohen's kappa: 20 both yes, 5 and 10 apart, 15 both no; p₀ = 0.7, κ = 0.4.
    yes, no = "solved", "not_solved"
    rows = ratings(*[(yes, yes)] * 20, *[(yes, no)] * 5, *[(no, yes)] * 10, *[(no, no)] * 15)
    step = problems.agreement(rows)
    assert step["problems.kappa"].value == pytest.approx(0.4, abs=1e-9)
    assert step["problems.pabak"].value == pytest.approx((3 * 0.7 - 1) / 2)  # three verdicts
    assert len(step.tables["disagreements"]) == 15


def test_disagreements_are_listed_the_widest_and_most_severe_first():
    frame = register({"severity": 5}, {"severity": 2}, {"severity": 4}, OPEN)
    rows = ratings(("solved", "partly"), ("solved", "not_solved"), ("not_solved", "solved"),
                   ("solved", "solved"))  # fmt: skip
    listed = problems.agreement(rows, problems=frame, dates=DATES).tables["disagreements"]
    assert listed["problem_id"].tolist() == ["P3", "P2", "P1"]
    assert listed.iloc[0][["severity", "first_verdict", "second_verdict"]].tolist() == [
        4, "not_solved", "solved",
    ]  # fmt: skip


def test_three_raters_of_one_side_leave_the_two_who_judged_most():
    first = ratings(("solved", "solved"), ("solved", "partly"), sides=("client", "client"))
    third = ratings(("not_solved", "solved"), raters=("c", "b"), sides=("client", "client"))
    step = problems.agreement(pd.concat([first, third.head(1)]))
    found = step["problems.pabak"]
    assert (found.n, found.value) == (2, pytest.approx((3 * 0.5 - 1) / 2))
    assert say(step.caveats[0].message) == (
        "Of 3 raters the two who judged most are compared (2 and 2 verdicts); the others are left "
        "out."
    )


def test_ratings_of_problems_that_are_not_in_the_register_are_left_out():
    rows = ratings(("solved", "solved"), ("solved", "partly"))
    found = problems.agreement(rows, problems=register(OPEN), dates=DATES)["problems.pabak"]
    assert found.n == 1


def test_each_department_has_its_share_of_problems_raised_only_when_asked():
    own = {"department": "Sales", "raised_by_side": "client", "phase": "survey"}
    frame = register({**own, "prompted": "yes"}, {**own, "prompted": "no"}, own)
    units = pd.DataFrame({"department": ["Sales", "IT"], "affected": "yes", "headcount": [9, 4]})
    table = problems.engagement(units, frame, dates=DATES).table.set_index("department")
    assert table.loc["Sales", ["own_problems", "prompted_share"]].tolist() == [3, 0.5]
    assert table["prompted_share"].isna()["IT"]

"""Factor 2: the same persons asked before and after."""

import numpy as np
import pandas as pd
import pytest

from crm_eval_lib import problems as steps
from crm_eval_lib.stats.clustered import clustered_share
from crm_eval_lib.stats.intervals import clopper_pearson
from crm_eval_lib.text import say


def answers(before, after, item="Q1"):
    rows = [(f"R{n}", wave, item, score)
            for wave, scores in (("before", before), ("after", after))
            for n, score in enumerate(scores) if score is not None]  # fmt: skip
    return pd.DataFrame(rows, columns=["respondent_id", "wave", "item_id", "score"])


def items(*better):
    return pd.DataFrame({"item_id": [f"Q{n}" for n in range(1, len(better) + 1)], "low": 1,
                         "high": 5, "higher_is_better": better})  # fmt: skip


def test_survey_shift_of_the_depression_scores_is_the_published_one():
    # Hollander & Wolfe 1973, p. 29, second visit minus first.
    first = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    found = steps.survey(answers(first, second), items("no"))["problems.survey_shift[Q1]"]
    expected = (-0.46, -0.786, -0.01, 2 * 0.01953)
    assert (found.value, found.low, found.high, found.p) == pytest.approx(expected, abs=6e-4)


def test_p_values_of_the_items_are_adjusted_as_a_family():
    rng = np.random.default_rng(5)
    frame = pd.concat([answers(list(rng.normal(0, 1, 20)), list(rng.normal(shift, 1, 20)), item)
                       for item, shift in (("Q1", 0.6), ("Q2", 0.9), ("Q3", 0.1))])  # fmt: skip
    step = steps.survey(frame, items("yes", "yes", "yes"))
    shown = [step[f"problems.survey_shift[Q{n}]"] for n in (1, 2, 3)]
    raw = sorted(item.parts["p_unadjusted"] for item in shown)
    expected = [min(3 * raw[0], 1.5 * raw[1], raw[2]), min(1.5 * raw[1], raw[2]), raw[2]]
    assert sorted(item.p for item in shown) == pytest.approx(expected)


def test_better_share_is_oriented_and_leaves_out_what_did_not_change():
    frame = pd.concat([
        answers([1, 2, 3, 4, None], [2, 3, 3, 3, 5], "Q1"),  # 2 up, 1 same, 1 down, 1 unpaired
        answers([5, 5], [3, 5], "Q2"),  # less is better: 1 improved
    ])  # fmt: skip
    found = steps.survey(frame, items("yes", "no"))["problems.survey_better_share"]
    assert (found.value, found.n) == (0.75, 4)
    assert (found.low, found.high) == clopper_pearson(3, 4)
    assert {k: found.parts[k] for k in ("improved", "worsened", "unchanged", "unpaired")} == {
        "improved": 3, "worsened": 1, "unchanged": 2, "unpaired": 1,
    }  # fmt: skip


def test_without_the_list_of_items_the_direction_is_unknown():
    step = steps.survey(answers([1, 2], [3, 3]), None)
    assert step["problems.survey_shift[Q1]"].value == 1.5
    assert step["problems.survey_better_share"].state == "not_assessed"


def test_an_item_nobody_answered_twice_is_not_assessed():
    step = steps.survey(answers([1, None], [None, 3]), items("yes"))
    assert step["problems.survey_shift[Q1]"].reason.key == "problems.reason.no_paired_answers"
    assert step["problems.survey_better_share"].state == "not_assessed"


def test_many_answers_of_few_persons_are_labelled_with_the_interval_by_person():
    # Ten persons of one mind over four items: forty answers, but ten minds.
    ups, downs = [1] * 7 + [3] * 3, [2] * 7 + [2] * 3
    frame = pd.concat([answers(ups, downs, f"Q{n}") for n in (1, 2, 3, 4)])
    step = steps.survey(frame, items("yes", "yes", "yes", "yes"))
    found = step["problems.survey_better_share"]
    assert (found.value, found.n, found.parts["persons"]) == (0.7, 40, 10)
    assert (found.low, found.high) == clopper_pearson(28, 40)
    by_person = clustered_share([4] * 7 + [0] * 3, [4] * 10)
    assert found.parts["low_by_person"] == by_person.low < found.low
    assert found.parts["high_by_person"] == by_person.high > found.high
    assert "counted by person (10 of them)" in say(step.caveats[0].message)
    assert "以人为单位" in say(step.caveats[0].message, "zh-Hans")


def test_one_item_has_one_answer_per_person_and_needs_no_label():
    step = steps.survey(answers([1, 2, 3], [2, 3, 2]), items("yes"))
    assert step.caveats == ()
    assert "persons" not in step["problems.survey_better_share"].parts


def test_changes_are_counted_by_item_in_its_own_direction():
    frame = pd.concat([answers([1, 2, 3, 4], [2, 3, 3, 3], "Q1"), answers([5, 5], [3, 5], "Q2")])
    table = steps.survey(frame, items("yes", "no")).tables["changes"].set_index("item_id")
    assert table.loc["Q1", ["improved", "unchanged", "worsened"]].tolist() == [2, 1, 1]
    assert table["improved_share"].tolist() == [pytest.approx(2 / 3), 1.0]


def caveats_of(frame, listed):
    return {caveat.message.key.rpartition(".")[2]: say(caveat.message)
            for caveat in steps.survey(frame, listed).caveats}  # fmt: skip


def test_answers_outside_the_scale_count_as_given_and_are_named():
    frame = answers([1, 2, 9], [2, 3, 4])
    said = caveats_of(frame, items("yes"))
    assert said["outside_scale"].startswith("1 answer lies outside the scale of its question")
    assert steps.survey(frame, items("yes"))["problems.survey_shift[Q1]"].n == 3


def test_an_answer_given_twice_counts_as_its_mean_and_is_named():
    twice = pd.concat([answers([1], [2]), answers([None], [4])])
    assert steps.survey(twice, items("yes"))["problems.survey_shift[Q1]"].value == 2
    assert caveats_of(twice, items("yes"))["repeated_answers"].startswith(
        "1 answer repeats another"
    )


def test_questions_nobody_listed_are_shown_but_not_counted_as_better():
    frame = pd.concat([answers([1, 2], [2, 3], "Q1"), answers([1, 2], [5, 5], "Q9")])
    step = steps.survey(frame, items("yes"))
    assert step["problems.survey_shift[Q9]"].value == 3.5
    assert (step["problems.survey_better_share"].n, len(step.tables["changes"])) == (2, 1)
    assert "(Q9)" in caveats_of(frame, items("yes"))["unknown_items"]

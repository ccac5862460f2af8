"""Whole simulated clients: the truth by hand, and a small part of the run."""

from types import SimpleNamespace

import pandas as pd
import pytest
from calibration.clients import (
    ALL_KINDS,
    KINDS,
    SCENES,
    assessed,
    clients,
    retested,
    truth_of,
    weakly,
)
from calibration.clients_page import (
    BROKEN,
    KEPT,
    LABELLED,
    UNCLEAR,
    reliability,
    verdict,
)
from score_cases import case, indicator

from crm_eval_lib.scorecard import score


def part(truth=(), vetoes=()):
    return SimpleNamespace(part=SimpleNamespace(truth=dict(truth), vetoes=frozenset(vetoes)))


def test_the_truth_takes_planted_values_and_leaves_ledgers_as_they_are():
    card = score(case(indicator("cost.schedule_ratio", 0.25)), draws=50)
    true = truth_of(card, [part({"problems.weighted_solved_rate": 0.40})])
    assert true["problems"] == pytest.approx(55.0)  # 45 of 100 points of weight gone
    assert true["cost"] == pytest.approx(92.5)  # half of 15: the ledger, as it was found
    assert true["total"] == pytest.approx(0.2 * 92.5 + 0.3 * 55 + 25 + 25)


@pytest.mark.parametrize(("veto", "factor", "total"), [
    ("V1", "controls", 59.0), ("V3", "problems", 74.0), ("V4", "cost", 91.8),
    ("V6", "efficiency", 89.75)])  # fmt: skip
def test_a_veto_that_truly_holds_caps_the_truth_whatever_the_report_found(veto, factor, total):
    true = truth_of(score(case(), draws=50), [part(vetoes=[veto])])
    assert (true[factor], true["total"]) == (59.0, pytest.approx(total))


def test_not_assured_is_a_fact_of_the_tests_and_caps_truth_and_report():
    card = score(case(indicator("controls.critical_unassured", 1)), draws=50)
    assert truth_of(card, [part()])["total"] == 74.0


def test_a_sample_beyond_the_tolerable_rate_is_a_failure_in_truth_and_report():
    card = score(case(indicator("controls.critical_failed", 1)), draws=50)
    assert truth_of(card, [part()])["total"] == 59.0
    assert truth_of(card, [part()])["controls"] == 59.0


def test_weak_evidence_lowers_a_factor_by_what_its_worse_end_takes():
    item = indicator("problems.survey_better_share", 0.65, low=0.56, high=0.74, confidence=0.95,
                     tables=("estimates",))  # fmt: skip
    card = score(case(item), draws=50)  # (0.65 − 0.56)/0.30 of 10 points of weight
    assert weakly(card["problems"]) == pytest.approx(-3.0)
    assert weakly(card["cost"]) == 0.0


@pytest.mark.slow
def test_a_drawn_register_is_assessed_and_its_truth_named_by_published_ids():
    found = assessed("problems, V3", 0)
    ids = {item.id for item in found.result.indicators}
    assert set(found.part.truth) <= ids
    assert found.result["problems.open_five_90"].value == 1
    solved = found.result["problems.weighted_solved_rate"]
    assert solved.low < found.part.truth["problems.weighted_solved_rate"] < solved.high


@pytest.mark.slow
def test_a_failing_control_is_found_by_its_sample_and_one_tested_too_little_is_not_assured():
    plain = assessed("controls", 0)
    failing, few = (retested(plain, kind, 0) for kind in ("controls, V1", "controls, V2"))
    assert failing.part.vetoes == {"V1"} and not few.part.vetoes
    assert failing.result["controls.critical_failed"].value == 1
    assert few.result["controls.critical_unassured"].value == 1


def test_a_client_of_all_kinds_takes_its_parts_from_every_kind_of_its_factor():
    found = {kind: [f"{kind} {n}" for n in range(2)] for kind in KINDS}
    drawn = [list(parts) for parts in clients(ALL_KINDS, found, 12)]
    assert {one[0] for one in drawn} == {f"cost{end} {n}" for end in ("", ", V4", ", V5")
                                         for n in range(2)}  # fmt: skip
    assert all(part.startswith(factor) for one in drawn
               for part, factor in zip(one, ALL_KINDS.parts, strict=True))  # fmt: skip


def test_few_draws_neither_pass_nor_fail_a_range():
    hits = pd.DataFrame({"hit": [True] * 90 + [False] * 10})
    middle, ends = SCENES[0], SCENES[-1]
    assert verdict(middle, hits, 0.02) == UNCLEAR
    assert verdict(middle, hits, 0.01) == BROKEN
    assert (verdict(ends, hits, 0.01), verdict(middle, hits.head(95), 0.01)) == (LABELLED, KEPT)


def test_clients_of_like_probability_are_put_together_over_all_scenes():
    said, passes = [0.9, 0.95, 0.1, 0.1], [True, False, False, False]
    rows = pd.DataFrame({"said": said, "passes": passes})
    rows = rows.assign(name="total", scored=True, hit=True)
    table = reliability(rows)
    assert table["clients"].tolist() == [2, 2]
    assert table["came_true"].tolist() == [0.0, 0.5]

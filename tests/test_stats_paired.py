"""Paired shifts and agreement against published examples and enumeration."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.stats.agreement import agreement_table, kappa
from crm_eval_lib.stats.paired import paired_shift, signed_rank

# Hollander & Wolfe 1973, p. 29: depression scores at two visits; R's ?wilcox.test.
FIRST = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
SECOND = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])


def test_shift_of_the_depression_scores_is_the_published_one():
    result = paired_shift(FIRST - SECOND)
    assert result.statistic == 40
    assert result.p / 2 == pytest.approx(0.01953, abs=5e-6)
    assert (result.estimate, result.low, result.high) == pytest.approx(
        (0.46, 0.01, 0.786), abs=6e-4
    )


def test_shift_turned_round_changes_its_sign_only():
    forth, back = paired_shift(FIRST - SECOND), paired_shift(SECOND - FIRST)
    assert (back.estimate, back.low, back.high) == pytest.approx(
        (-forth.estimate, -forth.high, -forth.low)
    )
    assert back.p == forth.p


def test_p_value_with_ties_is_that_of_all_signs_on_the_same_ranks():
    differences = np.array([1, 1, 2, -1, 2, 3, 1])
    ranks = stats.rankdata(np.abs(differences))
    sums = np.array([np.dot(signs, ranks) for signs in product([0, 1], repeat=7)])
    statistic, p = signed_rank(differences)
    assert statistic == ranks[differences > 0].sum()
    assert p == pytest.approx(2 * min((sums >= statistic).mean(), (sums <= statistic).mean()))


def test_zero_differences_carry_no_direction():
    assert signed_rank([0, 0, 1, 2, 3]) == signed_rank([1, 2, 3])
    assert signed_rank([0, 0, 0]) == (0.0, 1.0)


def test_many_pairs_agree_with_scipys_normal_approximation():
    differences = np.random.default_rng(3).normal(0.1, 1, 300)
    expected = stats.wilcoxon(differences, correction=True, method="asymptotic").pvalue
    assert signed_rank(differences)[1] == pytest.approx(expected, rel=1e-6)


def test_five_pairs_are_too_few_for_a_95_percent_interval():
    # All five up has probability 2/32 = 6.25 % under no change.
    assert paired_shift([1, 2, 3, 4, 5]).low is None
    assert paired_shift([1, 2, 3, 4, 5, 6]).low == 1.0


def test_all_equal_differences_give_that_shift_without_width():
    result = paired_shift([2.0] * 12)
    assert (result.estimate, result.low, result.high) == (2.0, 2.0, 2.0)


def test_a_shift_without_pairs_is_refused():
    with pytest.raises(CrmEvalError, match="at least one pair"):
        paired_shift([np.nan])


def test_kappa_of_the_grant_proposals_is_0_4():
    # The encyclopaedia's example: 50 proposals, both yes 20, both no 15.
    result = kappa([[20, 5], [10, 15]])
    assert result.observed == pytest.approx(0.7)
    assert result.kappa == pytest.approx(0.4)
    assert result.low < 0.4 < result.high


def test_pabak_counts_the_categories():
    # (k·p₀ − 1)/(k − 1): k = 2: 2·0.7 − 1; k = 3 with p₀ = 0.8: (2.4 − 1)/2.
    assert kappa([[20, 5], [10, 15]]).pabak == pytest.approx(0.4)
    assert kappa([[4, 1, 0], [0, 3, 0], [1, 0, 1]]).pabak == pytest.approx(0.7)


def test_one_category_only_leaves_kappa_undefined_but_not_pabak():
    result = kappa([[9, 0], [0, 0]])
    assert (result.kappa, result.low, result.pabak) == (None, None, 1.0)


def test_perfect_agreement_claims_no_zero_width_interval():
    result = kappa([[3, 0], [0, 2]])
    assert (result.kappa, result.low, result.high) == (1.0, None, None)


def test_quadratic_weights_forgive_near_misses():
    near = [[5, 2, 0], [2, 5, 2], [0, 2, 5]]
    assert kappa(near, weights="quadratic").kappa > kappa(near).kappa


def test_verdicts_are_counted_in_the_order_of_the_categories():
    table = agreement_table(["a", "b", "b"], ["a", "a", "c"], ["a", "b", "c"])
    assert table.tolist() == [[1, 0, 0], [1, 0, 1], [0, 0, 0]]
    with pytest.raises(CrmEvalError, match="none of"):
        agreement_table(["x"], ["a"], ["a", "b"])

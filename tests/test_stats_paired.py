"""Paired shifts and agreement against published examples and enumeration."""

import time
import tracemalloc
from itertools import product

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.stats.agreement import agreement_table, kappa
from crm_eval_lib.stats.clustered import clustered_share
from crm_eval_lib.stats.intervals import clopper_pearson
from crm_eval_lib.stats.paired import paired_shift, signed_rank
from crm_eval_lib.stats.walsh import ENUMERATED_UP_TO, WalshAverages

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


@pytest.mark.parametrize("n", [1, 2, 7, 30])
def test_shift_of_answers_on_a_scale_is_the_median_of_all_averages(n):
    differences = np.random.default_rng(n).integers(-4, 5, n)
    averages = [(a + b) / 2 for i, a in enumerate(differences) for b in differences[i:]]
    assert paired_shift(differences).estimate == np.median(averages)


def test_averages_found_by_halving_are_the_sorted_ones():
    values = np.random.default_rng(6).normal(0.1, 1, ENUMERATED_UP_TO + 500)
    first, second = np.triu_indices(values.size)
    expected = np.sort((values[first] + values[second]) / 2)
    averages = WalshAverages(values)
    ranks = [1, 2, 1000, averages.count // 2, averages.count - 1, averages.count]
    assert averages.several(*ranks) == [expected[rank - 1] for rank in ranks]
    assert averages.median() == np.median(expected)


def test_ten_thousand_pairs_take_neither_minutes_nor_gigabytes():
    differences = np.random.default_rng(9).normal(0.1, 1, 10_000)
    tracemalloc.start()
    started = time.process_time()
    result = paired_shift(differences)
    seconds, (_, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # All 50 million averages would take 400 MB and several seconds.
    assert (seconds < 2, peak < 20e6) == (True, True)
    # A shifted normal: the interval is about the estimate ± 1.96·sqrt(π/3)·sd/√n.
    assert result.high - result.low == pytest.approx(2 * 1.96 * 1.0233 / 100, rel=0.05)
    assert result.low < 0.1 < result.high


def test_rounding_of_decimals_does_not_break_ties():
    # 1.1 − 1.0 and 0.2 − 0.1 differ in the seventeenth digit.
    tenths = np.array([1.1, 0.2, 3.4, 5.0, 0.7, 2.2]) - np.array([1.0, 0.1, 3.2, 5.1, 0.5, 1.9])
    assert signed_rank(tenths) == signed_rank([1, 1, 2, -1, 2, 3])


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
    assert (result.kappa, result.high) == (1.0, 1.0)
    assert -1 < result.low < kappa([[30, 0], [0, 20]]).low < 1


def test_interval_of_kappa_is_the_usual_one_where_problems_abound():
    # 5,000 verdicts: the normal interval of Fleiss, Cohen & Everitt 1969, as statsmodels has it.
    table = np.array([[2000, 300, 100], [200, 1200, 200], [150, 50, 800]])
    expected, found = cohens_kappa(table), kappa(table)
    assert found.kappa == expected.kappa
    half = expected.kappa_upp - expected.kappa
    assert found.low == pytest.approx(expected.kappa_low, abs=0.05 * half)
    assert found.high == pytest.approx(expected.kappa_upp, abs=0.05 * half)


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_kappa_lies_in_its_interval_whatever_the_weights(weights):
    result = kappa([[5, 2, 0], [2, 5, 2], [0, 2, 5]], weights=weights)
    assert -1 < result.low < result.kappa < result.high < 1


def test_quadratic_weights_forgive_near_misses():
    near = [[5, 2, 0], [2, 5, 2], [0, 2, 5]]
    assert kappa(near, weights="quadratic").kappa > kappa(near).kappa


def test_verdicts_are_counted_in_the_order_of_the_categories():
    table = agreement_table(["a", "b", "b"], ["a", "a", "c"], ["a", "b", "c"])
    assert table.tolist() == [[1, 0, 0], [1, 0, 1], [0, 0, 0]]
    with pytest.raises(CrmEvalError, match="none of"):
        agreement_table(["x"], ["a"], ["a", "b"])


def test_clusters_of_one_are_plain_trials():
    # The variance between clusters is p(1 − p)/(n − 1): n − 1 effective trials, not n.
    result = clustered_share([1] * 30 + [0] * 10, [1] * 40)
    assert (result.value, result.effective) == (0.75, pytest.approx(39))
    low, high = clopper_pearson(30, 40)
    assert (result.low, result.high) == pytest.approx((low, high), abs=0.005)


def test_persons_of_one_mind_count_once_each():
    # By hand: v = 40/39·Σ(k − n/2)²/160² = 40/39·40·4/25600 = 1/156; n* = ¼·156 = 39, t-corrected.
    result = clustered_share([4, 0] * 20, [4] * 40)
    correction = (stats.t.ppf(0.975, 159) / stats.t.ppf(0.975, 39)) ** 2
    assert result.effective == pytest.approx(39 * correction)
    low, high = clopper_pearson(80, 160)
    assert result.low < low < high < result.high


def test_where_all_improved_each_person_is_one_trial():
    result = clustered_share([3] * 10, [3] * 10)
    assert (result.low, result.high) == (pytest.approx(0.025 ** (1 / 10)), 1.0)
    assert (clustered_share([2], [3]).low, clustered_share([2], [3]).clusters) == (None, 1)
    with pytest.raises(CrmEvalError, match="at least one trial"):
        clustered_share([0], [0])

"""Intervals of counts against published tables."""

import numpy as np
import pytest

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.stats.intervals import (
    benjamini_hochberg,
    clopper_pearson,
    newcombe_difference,
    poisson_interval,
    poisson_ratio,
    poisson_upper_limit,
    wilson,
)

# Newcombe, Statistics in Medicine 1998;17:857, Table I: 81/263 and 0/20.
NEWCOMBE = [(81, 263, (0.2553, 0.3662), (0.2527, 0.3676)), (0, 20, (0, 0.1611), (0, 0.1684))]


@pytest.mark.parametrize(("k", "n", "score", "exact"), NEWCOMBE)
def test_intervals_of_a_share_match_newcombes_table(k, n, score, exact):
    assert wilson(k, n) == pytest.approx(score, abs=1.1e-4)
    assert clopper_pearson(k, n) == pytest.approx(exact, abs=1.1e-4)


@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
@pytest.mark.parametrize("n", [1, 7, 20, 263, 10**6])
def test_bounds_are_exact_when_none_or_all_succeed(interval, n):
    assert interval(0, n)[0] == 0.0
    assert interval(n, n)[1] == 1.0
    assert interval(0, n)[1] == pytest.approx(1 - interval(n, n)[0])


def test_without_a_trial_nothing_is_known():
    assert wilson(0, 0) == (0.0, 1.0)
    assert clopper_pearson(0, 0) == (0.0, 1.0)


def test_arrays_give_the_same_bounds_as_scalars():
    low, high = wilson([81, 0], [263, 20])
    assert list(zip(low, high, strict=True)) == [wilson(81, 263), wilson(0, 20)]


def test_more_successes_than_trials_are_refused():
    with pytest.raises(CrmEvalError, match="0 <= k <= n"):
        wilson(3, 2)


def test_one_sided_limit_of_zero_in_25_is_the_audit_tables_11_3_percent():
    # AICPA Audit Sampling, table A-3: 25 items, no deviation, 5 % risk; two-sided 90 % = one-sided.
    assert clopper_pearson(0, 25, confidence=0.90)[1] == pytest.approx(0.113, abs=5e-4)


def test_difference_of_shares_matches_newcombes_method_ten():
    # Newcombe, Statistics in Medicine 1998;17:873, Table II: 56/70 - 48/80.
    assert newcombe_difference(56, 70, 48, 80) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)


def test_rate_ratio_matches_the_lung_cancer_example():
    # R's poisson.test on 11/800 against 21/3011 (Fredericia).
    result = poisson_ratio(11, 800, 21, 3011)
    found = (result.ratio, result.p, result.low, result.high)
    assert found == pytest.approx((1.9715, 0.07967, 0.8584, 4.2772), abs=6e-4)


def test_rate_ratio_of_swapped_sides_is_the_inverse():
    one, other = poisson_ratio(3, 10, 9, 20), poisson_ratio(9, 20, 3, 10)
    assert other.ratio == pytest.approx(1 / one.ratio)
    assert (other.low, other.high) == pytest.approx((1 / one.high, 1 / one.low))


def test_rate_ratio_without_events_is_unbounded():
    assert poisson_ratio(5, 1, 0, 1).high == np.inf
    assert poisson_ratio(0, 1, 5, 1).low == 0.0
    nothing = poisson_ratio(0, 1, 0, 1)
    assert np.isnan(nothing.ratio)
    assert (nothing.low, nothing.high, nothing.p) == (0.0, np.inf, 1.0)


def test_upper_limits_are_the_auditors_confidence_factors():
    # AICPA Audit Sampling, appendix C, 95 %: 3.00, 4.75, 6.30 …, rounded up.
    factors = [3.0, 4.75, 6.3, 7.76, 9.16, 10.52]
    assert np.ceil(poisson_upper_limit(range(6)) * 100) / 100 == pytest.approx(factors)


def test_poisson_interval_of_no_event_starts_at_zero():
    low, high = poisson_interval(0)
    assert (low, high) == (0.0, pytest.approx(-np.log(0.025)))


def test_false_discovery_rate_rejects_four_of_fifteen():
    # Benjamini & Hochberg 1995, section 3.2: four rejections at 5 %, Bonferroni three.
    p = [.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .324, .4262, .5719, .6528,
         .759, 1.0]  # fmt: skip
    assert (benjamini_hochberg(p) <= 0.05).sum() == 4
    assert (np.array(p) * 15 <= 0.05).sum() == 3


def test_missing_p_values_stay_missing_and_do_not_count_in_the_family():
    adjusted = benjamini_hochberg([0.02, np.nan, 0.04])
    assert adjusted[[0, 2]].tolist() == pytest.approx([0.04, 0.04])
    assert np.isnan(adjusted[1])
    assert benjamini_hochberg([]).size == 0

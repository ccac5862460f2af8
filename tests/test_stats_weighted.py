"""Interval of a share of weights: special cases with a known answer."""

import numpy as np
import pytest

from crm_eval_lib.stats.intervals import wilson
from crm_eval_lib.stats.weighted import weighted_share_interval


def test_equal_weights_leave_the_wilson_interval():
    # The bootstrap variance p(1 − p)/n has an error of 1/√(2·20,000) = .5 %.
    found = weighted_share_interval(np.full(60, 9.0), np.arange(60) < 45, resamples=20_000)
    assert found == pytest.approx(wilson(45, 60), abs=0.002)


def test_weighted_share_of_all_or_none_knows_what_its_effective_number_knows():
    # Weights 1 and 3: (Σw)²/Σw² = 40²/100 = 16 of 20.
    weights = np.array([1.0, 3.0] * 10)
    assert weighted_share_interval(weights, np.zeros(20, bool)) == wilson(0, 16)
    assert weighted_share_interval(weights, np.ones(20, bool)) == wilson(16, 16)


def test_few_heavy_cases_widen_the_interval_and_their_order_does_not_matter():
    weights, hits = np.array([25.0] * 4 + [1.0] * 36), np.arange(40) % 2 == 0
    low, high = weighted_share_interval(weights, hits)
    assert high - low > 2 * (wilson(20, 40)[1] - wilson(20, 40)[0]) * 0.9
    assert weighted_share_interval(weights[::-1], hits[::-1]) == pytest.approx((low, high))

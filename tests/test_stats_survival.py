"""Survival curves against published examples, hand arithmetic and scipy."""

import numpy as np
import pytest
from scipy import stats

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.stats.survival import aalen_johansen, kaplan_meier

# Freireich et al., Blood 1963;21:699: weeks of remission under 6-MP and placebo.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSE = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


@pytest.fixture
def treated():
    return kaplan_meier(WEEKS, RELAPSE)


def test_curve_of_the_leukaemia_trial_is_the_published_one(treated):
    assert treated.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    expected = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert treated.survival == pytest.approx(expected, abs=5e-5)
    assert treated.standard_error[0] == pytest.approx(0.0764, abs=5e-5)
    assert treated.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]


def test_medians_of_the_leukaemia_trial_are_23_and_8_weeks(treated):
    assert treated.median() == 23
    assert kaplan_meier(PLACEBO, [1] * 21).median() == 8


def test_median_interval_crosses_the_log_minus_log_bounds(treated):
    # R: survfit(Surv(time, status) ~ 1, conf.type = "log-log") prints 13 and NA; placebo 4 and 11.
    assert treated.interval(0.5) == (13.0, None)
    assert kaplan_meier(PLACEBO, [1] * 21).interval(0.5) == (4.0, 11.0)


def test_log_rank_of_scipy_agrees_with_the_published_chi_square():
    treated = stats.CensoredData.right_censored(WEEKS, np.logical_not(RELAPSE))
    result = stats.logrank(treated, stats.CensoredData(PLACEBO))
    assert result.statistic**2 == pytest.approx(16.79, abs=5e-3)


def test_curve_and_error_agree_with_scipy(treated):
    data = stats.CensoredData.right_censored(WEEKS, np.logical_not(RELAPSE))
    curve = stats.ecdf(data).sf
    assert treated.survival_at(curve.quantiles) == pytest.approx(curve.probabilities)
    band = curve.confidence_interval(method="log-log")
    low, high = treated.bounds()
    assert low == pytest.approx(band.low.probabilities[np.isin(curve.quantiles, treated.times)])
    assert high == pytest.approx(band.high.probabilities[np.isin(curve.quantiles, treated.times)])


def test_median_is_the_first_time_at_one_half_exactly():
    # Four events: S(2) = 1/2 exactly, so that the median is 2 and not (2 + 3)/2.
    assert kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]).median() == 2
    assert kaplan_meier([1, 2, 3], [1, 0, 0]).median() is None


def test_late_entry_counts_a_case_only_after_it_came_under_observation():
    # By hand: t=2: at risk A, B (C enters at 2, so after it): S = 1/2; t=4: B, C: S = 1/4.
    curve = kaplan_meier([2, 5, 4], [1, 0, 1], entry=[0, 0, 2])
    assert curve.at_risk.tolist() == [2, 2]
    assert curve.survival.tolist() == [0.5, 0.25]


def test_a_case_that_ended_before_its_entry_is_left_out():
    with_it = kaplan_meier([3, 4, 6], [1, 1, 0], entry=[0, 5, 0])
    without = kaplan_meier([3, 6], [1, 0])
    assert with_it.n == without.n == 2
    assert with_it.survival.tolist() == without.survival.tolist()


def test_an_event_at_time_zero_counts():
    curve = kaplan_meier([0, 0, 5], [1, 1, 0], entry=[0, np.nan, 0])
    assert curve.survival_at([0, 1]).tolist() == pytest.approx([1 / 3, 1 / 3])
    assert curve.median() == 0


def test_restricted_mean_is_the_area_under_the_curve():
    # By hand: 1·1 + (2/3)·1 + (1/3)·3 up to 5.
    result = kaplan_meier([1, 2, 9], [1, 1, 0]).rmst(5)
    assert result.value == pytest.approx(1 + 2 / 3 + 1)
    # Greenwood: areas ahead 5/3 and 1, hazard variances 1/(3·2) and 1/(2·1).
    variance = (5 / 3) ** 2 / 6 + 1 / 2
    half = stats.norm.ppf(0.975) * np.sqrt(variance)
    assert result.low == pytest.approx(max(result.value - half, 0))
    assert result.high == pytest.approx(min(result.value + half, 5))


def test_restricted_mean_beyond_the_follow_up_is_unknown():
    assert kaplan_meier([1, 2, 9], [1, 1, 0]).rmst(10) is None
    assert kaplan_meier([1, 2, 9], [1, 1, 1]).rmst(10).value == pytest.approx(4)


def test_competing_events_by_hand():
    # n=4: event 1 at 1: F=1/4; competing at 2: S=2/4; event 1 at 3: F += 1/2·1/2 = 1/2.
    curve = aalen_johansen([1, 2, 3, 4], [1, 2, 1, 0])
    assert curve.reached.tolist() == [0.25, 0.25, 0.5]
    assert curve.event_free.tolist() == [0.75, 0.5, 0.25]
    assert curve.median() == 3


def test_nothing_competing_gives_the_kaplan_meier_curve_with_its_errors(treated):
    curve = aalen_johansen(WEEKS, RELAPSE)
    assert curve.survival == pytest.approx(treated.survival)
    assert curve.standard_error == pytest.approx(treated.standard_error)
    assert curve.interval(0.5) == treated.interval(0.5)
    ours, theirs = curve.rmst(30), treated.rmst(30)
    assert (ours.value, ours.low, ours.high) == pytest.approx(
        (theirs.value, theirs.low, theirs.high)
    )


def test_without_censoring_the_incidence_is_a_plain_share_with_binomial_error():
    causes = np.array([1, 2, 1, 1, 2, 2, 1, 2, 1, 1])
    curve = aalen_johansen(np.arange(1, 11), causes)
    share = np.cumsum(causes == 1) / 10
    assert curve.reached == pytest.approx(share)
    assert curve.standard_error == pytest.approx(np.sqrt(share * (1 - share) / 10), abs=1e-9)


def test_competing_restricted_mean_without_censoring_has_the_variance_of_a_mean():
    # Never solved counts as the whole horizon: then it is the mean of min(T, 8).
    times, causes = np.arange(1.0, 11), np.array([1, 2, 1, 1, 2, 2, 1, 2, 1, 1])
    waits = np.where(causes == 1, np.minimum(times, 8), 8)
    result = aalen_johansen(times, causes).rmst(8)
    assert result.value == pytest.approx(waits.mean())
    half = stats.norm.ppf(0.975) * waits.std() / np.sqrt(10)
    assert result.value - result.low == pytest.approx(half)


def test_all_equal_durations_give_that_duration():
    curve = kaplan_meier([7.0] * 40, [1] * 40)
    assert curve.median() == 7
    assert curve.interval(0.5) == (7.0, 7.0)


def test_nobody_at_all_gives_an_empty_curve():
    curve = kaplan_meier([], [])
    assert (curve.n, curve.median(), curve.interval(0.5), curve.rmst(10)) == (
        0, None, (None, None), None,
    )  # fmt: skip
    assert aalen_johansen([], []).median() is None


def test_shuffled_cases_change_nothing():
    order = np.random.default_rng(1).permutation(21)
    shuffled = kaplan_meier(np.array(WEEKS)[order], np.array(RELAPSE)[order])
    assert shuffled.survival.tolist() == kaplan_meier(WEEKS, RELAPSE).survival.tolist()


def test_missing_or_negative_durations_are_refused():
    with pytest.raises(CrmEvalError, match="missing or negative"):
        kaplan_meier([1, np.nan], [1, 1])
    with pytest.raises(CrmEvalError, match="one length"):
        kaplan_meier([1, 2], [1])

"""Survival curves against published examples, hand arithmetic and scipy."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

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


CASES = st.lists(
    st.tuples(st.integers(1, 12), st.booleans(), st.integers(0, 8)), min_size=1, max_size=40
)


@settings(max_examples=200, deadline=None)
@given(CASES, st.sampled_from([Fraction(1, 2), Fraction(4, 5)]))
def test_quantiles_are_those_of_the_product_of_fractions(cases, share):
    # The definition itself, without rounding: the first t with S(t) <= 1 - share.
    waiting, expected = Fraction(1), None
    for time in sorted({day for day, seen, entry in cases if seen and entry < day}):
        at_risk = sum(entry < time <= day for day, _, entry in cases)
        events = sum(seen and day == time and entry < day for day, seen, entry in cases)
        waiting *= 1 - Fraction(events, at_risk)
        if expected is None and waiting <= 1 - share:
            expected = time
    days, seen, entry = zip(*cases, strict=True)
    assert kaplan_meier(days, seen, entry=entry).quantile(float(share)) == expected


def test_median_of_fifty_thousand_steps_is_not_lost_to_rounding():
    days = np.arange(1, 50_001)
    curve = kaplan_meier(days, np.ones(50_000))
    assert (curve.median(), curve.quantile(0.8)) == (25_000, 40_000)


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
    # Greenwood: areas ahead 5/3 and 1, hazard variances 1/(3·2) and 1/(2·1); two events: twice
    # that, and t with one degree of freedom. Odds 8/7 of 8/3 in 5; logit error e/(5·8/15·7/15).
    error = np.sqrt(2 * ((5 / 3) ** 2 / 6 + 1 / 2))
    factor = np.exp(stats.t.ppf(0.975, 1) * error / (5 * 8 / 15 * 7 / 15))
    assert result.low == pytest.approx(5 * (8 / 7 / factor) / (1 + 8 / 7 / factor))
    assert result.high == pytest.approx(5 * (8 / 7 * factor) / (1 + 8 / 7 * factor))


def test_one_event_gives_a_restricted_mean_without_interval():
    result = kaplan_meier([1, 9, 9], [1, 0, 0]).rmst(5)
    assert (result.value, result.low, result.high) == (pytest.approx(1 + 4 * 2 / 3), None, None)


def test_restricted_mean_beyond_the_follow_up_is_unknown():
    assert kaplan_meier([1, 2, 9], [1, 1, 0]).rmst(10) is None
    assert kaplan_meier([1, 2, 9], [1, 1, 1]).rmst(10).value == pytest.approx(4)


def test_competing_events_by_hand():
    # n=4: event 1 at 1: F=1/4; competing at 2: S=2/4; event 1 at 3: F += 1/2·1/2 = 1/2.
    curve = aalen_johansen([1, 2, 3, 4], [1, 2, 1, 0])
    assert curve.reached.tolist() == [0.25, 0.25, 0.5]
    assert curve.event_free.tolist() == [0.75, 0.5, 0.25]
    assert curve.median() == 3


def test_incidence_of_the_breast_cancer_example_is_the_published_one():
    # Tai et al., Br J Cancer 2004;91:1229, table 2: 305 patients, cumulative incidence in per cent.
    months = [7, 10, 14, 16, 18, 23, 24, 26, 27] + [28] * 296
    curve = aalen_johansen(months, [0, 1, 0, 1, 2, 1, 0, 2, 1] + [0] * 296)
    assert curve.at_risk.tolist() == [304, 302, 301, 300, 298, 297]
    published = {10: 0.003, 16: 0.006, 23: 0.009, 27: 0.012}
    assert 1 - curve.survival_at(list(published)) == pytest.approx(
        list(published.values()), abs=2e-3
    )
    assert curve.event_free.round(3).tolist() == [0.997, 0.993, 0.99, 0.987, 0.983, 0.98]


def test_incidence_and_error_agree_with_r_and_stata():
    # R cmprsk::cuminc and Stata stcompet on these numbers, as quoted by the tests of statsmodels.
    time = [1, 1, 2, 4, 4, 4, 6, 6, 7, 8, 9, 9, 9, 1, 2, 2, 4, 4]
    cause = [1, 1, 1, 2, 2, 2, 3, 3, 3] + [0] * 9
    first = aalen_johansen(time, cause)
    assert first.reached[:2] == pytest.approx([0.11111111, 0.17037037])
    assert first.standard_error[:2] == pytest.approx([0.07407407, 0.08976251])
    third = aalen_johansen(time, cause, cause=3)
    assert third.reached[-2:] == pytest.approx([0.17777778, 0.26666667])
    theirs = CumIncidenceRight(np.array(time), np.array(cause))
    assert third.standard_error == pytest.approx(theirs.cinc_se[2][:5])


def test_late_entry_agrees_with_statsmodels():
    rng = np.random.default_rng(8)
    entry = rng.integers(0, 20, 200)
    entry[:60] = 0
    days, seen = entry + rng.integers(1, 60, 200), rng.random(200) < 0.6
    ours = kaplan_meier(days, seen, entry=entry)
    theirs = SurvfuncRight(days, seen.astype(int), entry=entry)
    assert ours.survival == pytest.approx(theirs.surv_prob)
    assert ours.at_risk.tolist() == theirs.n_risk.tolist()
    waited = theirs.surv_prob > 0  # theirs is undefined where nobody waits
    assert ours.standard_error[waited] == pytest.approx(theirs.surv_prob_se[waited])


def test_all_censored_gives_a_flat_curve_without_quantiles():
    curve = kaplan_meier([3, 9, 27], [0, 0, 0])
    assert (curve.median(), curve.interval(), curve.follow_up, curve.n) == (
        None, (None, None), 27, 3,
    )  # fmt: skip
    assert (curve.rmst(27).value, float(curve.survival_at(27))) == (27, 1)


def test_none_censored_gives_the_shares_of_the_sample():
    days = np.array([4, 4, 7, 9, 9, 9, 12, 20, 20, 31])
    curve = kaplan_meier(days, np.ones(10))
    assert curve.survival == pytest.approx([(days > day).mean() for day in curve.times])
    assert (curve.median(), curve.quantile(0.8), curve.rmst(100).value) == (
        9, 20, pytest.approx(days.mean()),
    )  # fmt: skip


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
    # Four of them solved by 8: t with 3 degrees of freedom, variance times 4/3, on the logit scale.
    half = stats.t.ppf(0.975, 3) * waits.std() / np.sqrt(10) * np.sqrt(4 / 3)
    share = waits.mean() / 8
    low = np.log(result.low / (8 - result.low))
    assert np.log(share / (1 - share)) - low == pytest.approx(half / (8 * share * (1 - share)))


def test_competing_restricted_mean_is_known_beyond_the_last_end_once_nobody_waits():
    # Solved after 2 and 4, withdrawn after 6, of 3: at 10 days (2 + 4 + 10)/3.
    assert aalen_johansen([2, 4, 6], [1, 1, 2]).rmst(10).value == pytest.approx(16 / 3)
    assert aalen_johansen([2, 4, 6], [1, 2, 0]).rmst(10) is None


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

"""Log-rank tests against published examples, hand arithmetic, scipy and statsmodels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.duration.survfunc import survdiff

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.stats.log_rank import log_rank

# Freireich et al., Blood 1963;21:699: weeks of remission under 6-MP and placebo.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSE = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
# Klein & Moeschberger 2003, exercise 7.7: days of rats untreated, radiated, radiated with boron.
RATS = [
    *(20, 21, 23, 24, 24, 26, 26, 27, 28, 30), *(26, 28, 29, 29, 30, 30, 31, 31, 32, 35),
    *(31, 32, 34, 35, 36, 38, 38, 39, 42, 42),
]  # fmt: skip
DIED = [1] * 10 + [1] * 9 + [0] + [1] * 8 + [0, 0]


def test_the_leukaemia_trial_has_the_published_chi_square():
    groups = ["6-MP"] * 21 + ["placebo"] * 21
    result = log_rank(WEEKS + PLACEBO, RELAPSE + [1] * 21, groups)
    assert result.statistic == pytest.approx(16.79, abs=5e-3)
    assert (result.degrees, result.p) == (1, pytest.approx(4.17e-5, abs=5e-7))
    # R: survdiff(Surv(time, cens) ~ treat, gehan) prints 19.3 and 10.7 expected.
    assert result.expected == pytest.approx([19.3, 10.7], abs=0.05)
    assert result.observed.tolist() == [9, 21]


def test_three_groups_of_rats_have_the_published_chi_square():
    # R: survdiff(Surv(time, status) ~ trt) prints these expected deaths and 33.4 on 2 degrees.
    result = log_rank(RATS, DIED, np.repeat([1, 2, 3], 10))
    assert result.expected == pytest.approx([2.656485, 7.600097, 16.743418], abs=5e-7)
    assert (result.statistic, result.degrees) == (pytest.approx(33.38033, abs=5e-6), 2)
    assert result.p == pytest.approx(5.64e-8, rel=1e-3)


@pytest.mark.parametrize(
    ("days", "seen", "entry", "plain", "late"),
    [
        ([5, 3, 4, 2, 5, 4, 6, 7, 5, 9], [1, 1, 0, 1, 1, 0, 1, 1, 0, 0],
         [1, 2, 2, 1, 3, 3, 5, 4, 2, 5], 6.694424, 3.0),
        ([2, 1, 5, 8, 7, 8, 8, 9, 4, 9], [1, 1, 1, 1, 1, 0, 1, 0, 0, 0],
         [1, 1, 2, 2, 3, 3, 2, 1, 2, 0], 6.9543024, 6.75082959),
    ],
)  # fmt: skip
def test_late_entry_gives_what_stata_gives(days, seen, entry, plain, late):
    # Stata: stset time, failure(status) entry(entry); sts test group (tests of statsmodels).
    groups = [0] * 5 + [1] * 5
    assert log_rank(days, seen, groups).statistic == pytest.approx(plain)
    assert log_rank(days, seen, groups, entry=entry).statistic == pytest.approx(late)


def sample(rng, n, groups):
    entry = rng.integers(0, 15, n) * (rng.random(n) < 0.5)
    return entry + rng.integers(1, 40, n), rng.random(n) < 0.7, rng.integers(0, groups, n), entry


def test_two_groups_agree_with_scipy():
    days, seen, groups, _ = sample(np.random.default_rng(2), 120, 2)
    first, second = (
        stats.CensoredData(days[mine & seen], right=days[mine & ~seen])
        for mine in (groups == 0, groups == 1)
    )
    theirs, ours = stats.logrank(first, second), log_rank(days, seen, groups)
    assert (ours.statistic, ours.p) == pytest.approx((theirs.statistic**2, theirs.pvalue))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_several_groups_with_late_entry_agree_with_statsmodels(seed, k):
    days, seen, groups, entry = sample(np.random.default_rng(seed), 150, k)
    theirs = survdiff(days, seen.astype(int), groups, entry=entry)
    ours = log_rank(days, seen, groups, entry=entry)
    assert (ours.statistic, ours.p) == pytest.approx(theirs, abs=1e-9)
    assert ours.observed.sum() == pytest.approx(ours.expected.sum())


def test_names_and_order_of_the_groups_do_not_matter():
    days, seen, groups, entry = sample(np.random.default_rng(4), 90, 3)
    order = np.random.default_rng(5).permutation(90)
    named = np.array(["c", "a", "b"])[groups]
    first = log_rank(days, seen, groups, entry=entry)
    second = log_rank(days[order], seen[order], named[order], entry=entry[order])
    assert second.statistic == pytest.approx(first.statistic)


def test_groups_that_were_never_at_risk_together_cannot_be_compared():
    # The second group enters after the first is done.
    result = log_rank([3, 4, 9, 9], [1, 1, 1, 1], ["a", "a", "b", "b"], entry=[0, 0, 5, 5])
    assert (result.statistic, result.degrees, result.p) == (0, 0, None)
    assert log_rank([1, 2], [0, 0], ["a", "b"]).p is None
    assert log_rank([1, 2], [1, 1], ["a", "a"]).p is None
    assert log_rank([], [], []).p is None


def test_a_group_per_case_is_needed():
    with pytest.raises(CrmEvalError, match="one length"):
        log_rank([1, 2], [1, 1], ["a"])


def test_a_p_below_one_in_twenty_comes_once_in_twenty_times_without_a_difference():
    # 2,000 draws of 15, 30 and 60 cases with one exponential; 5 % ± 3 standard errors of 0.5 %.
    rng, groups = np.random.default_rng(11), np.repeat([0, 1, 2], [15, 30, 60])
    hits = 0
    for _ in range(2000):
        days, end = rng.exponential(10, 105), rng.uniform(2, 30, 105)
        hits += log_rank(np.minimum(days, end), days <= end, groups).p < 0.05
    assert 0.035 < hits / 2000 < 0.065

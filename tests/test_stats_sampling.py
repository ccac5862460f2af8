"""Sampling of control tests: published tables, hand arithmetic, and where floats would mislead."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.stats.sampling import further_items, sample_size, upper_limit

# Sample sizes at a risk of one in twenty of relying on a bad control: AICPA, Audit Sampling (2017),
# appendix A, table A-1. One list per tolerable rate, along the expected rates as far as it goes.
# fmt: off
TOLERABLE = [0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.15, 0.2]
EXPECTED = [0, 0.0025, 0.005, 0.0075, 0.01, 0.0125, 0.015, 0.0175, 0.02, 0.0225, 0.025, 0.0275,
            0.03, 0.0325, 0.035, 0.0375, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.125, 0.15,
            0.175]
TABLE_A1 = [
    [149, 236, 313, 386, 590, 1030],
    [99, 157, 157, 208, 257, 303, 392, 562, 846, 1466],
    [74, 117, 117, 117, 156, 156, 192, 227, 294, 390, 513, 722, 1098, 1936],
    [59, 93, 93, 93, 93, 124, 124, 153, 181, 208, 234, 286, 361, 458, 624, 877, 1348],
    [49, 78, 78, 78, 78, 78, 103, 103, 127, 127, 150, 173, 195, 238, 280, 341, 421, 1580],
    [42, 66, 66, 66, 66, 66, 66, 88, 88, 88, 109, 109, 129, 148, 167, 185, 221, 478, 1832],
    [36, 58, 58, 58, 58, 58, 58, 77, 77, 77, 77, 95, 95, 112, 112, 129, 146, 240, 532],
    [32, 51, 51, 51, 51, 51, 51, 51, 68, 68, 68, 68, 84, 84, 84, 100, 100, 158, 266, 585],
    [29, 46, 46, 46, 46, 46, 46, 46, 46, 61, 61, 61, 61, 61, 76, 76, 89, 116, 179, 298, 649],
    [19, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 40, 40, 40, 40, 50, 68, 85, 110,
     150, 576],
    [14, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 30, 30, 37, 37, 44,
     50, 88, 193, 720],
]
# Table A-3: upper limits in per cent at 95 %, rounded up to tenths, for 0 to 10 deviations.
SIZES = [20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 90, 100, 125, 150, 200, 300, 400, 500]
TABLE_A3 = [
    [14.0, 21.7, 28.3, 34.4, 40.2, 45.6, 50.8, 55.9, 60.7, 65.4, 69.9],
    [11.3, 17.7, 23.2, 28.2, 33.0, 37.6, 42.0, 46.3, 50.4, 54.4, 58.4],
    [9.6, 14.9, 19.6, 23.9, 28.0, 31.9, 35.8, 39.4, 43.0, 46.6, 50.0],
    [8.3, 12.9, 17.0, 20.7, 24.3, 27.8, 31.1, 34.4, 37.5, 40.6, 43.7],
    [7.3, 11.4, 15.0, 18.3, 21.5, 24.6, 27.5, 30.4, 33.3, 36.0, 38.8],
    [6.5, 10.2, 13.4, 16.4, 19.2, 22.0, 24.7, 27.3, 29.8, 32.4, 34.8],
    [5.9, 9.2, 12.1, 14.8, 17.4, 19.9, 22.4, 24.7, 27.1, 29.4, 31.6],
    [5.4, 8.4, 11.1, 13.5, 15.9, 18.2, 20.5, 22.6, 24.8, 26.9, 28.9],
    [4.9, 7.7, 10.2, 12.5, 14.7, 16.8, 18.8, 20.8, 22.8, 24.8, 26.7],
    [4.6, 7.1, 9.4, 11.5, 13.6, 15.5, 17.5, 19.3, 21.2, 23.0, 24.7],
    [4.2, 6.6, 8.8, 10.8, 12.7, 14.5, 16.3, 18.0, 19.7, 21.4, 23.1],
    [4.0, 6.2, 8.2, 10.1, 11.8, 13.6, 15.2, 16.9, 18.5, 20.1, 21.6],
    [3.7, 5.8, 7.7, 9.5, 11.1, 12.7, 14.3, 15.9, 17.4, 18.9, 20.3],
    [3.3, 5.2, 6.9, 8.4, 9.9, 11.4, 12.8, 14.2, 15.5, 16.9, 18.2],
    [3.0, 4.7, 6.2, 7.6, 9.0, 10.3, 11.5, 12.8, 14.0, 15.2, 16.4],
    [2.4, 3.8, 5.0, 6.1, 7.2, 8.3, 9.3, 10.3, 11.3, 12.3, 13.2],
    [2.0, 3.2, 4.2, 5.1, 6.0, 6.9, 7.8, 8.6, 9.5, 10.3, 11.1],
    [1.5, 2.4, 3.2, 3.9, 4.6, 5.2, 5.9, 6.5, 7.2, 7.8, 8.4],
    [1.0, 1.6, 2.1, 2.6, 3.1, 3.5, 4.0, 4.4, 4.8, 5.2, 5.6],
    [0.8, 1.2, 1.6, 2.0, 2.3, 2.7, 3.0, 3.3, 3.6, 3.9, 4.3],
    [0.6, 1.0, 1.3, 1.6, 1.9, 2.1, 2.4, 2.7, 2.9, 3.2, 3.4],
]
# fmt: on


@pytest.mark.parametrize(("tolerable", "column"), list(zip(TOLERABLE, TABLE_A1, strict=True)))
def test_every_sample_size_of_the_published_table_is_hit(tolerable, column):
    found = [sample_size(tolerable, expected) for expected in EXPECTED[: len(column)]]
    assert found == column


@pytest.mark.parametrize(("size", "row"), list(zip(SIZES, TABLE_A3, strict=True)))
def test_every_upper_limit_of_the_published_table_is_hit(size, row):
    found = [math.ceil(upper_limit(k, size) * 1000 - 1e-9) / 10 for k in range(len(row))]
    assert found == row


def test_the_standard_sizes_of_this_method_are_59_and_22_clean_items():
    # ln 0.05 / ln 0.95 = 58.4 and ln 0.10 / ln 0.90 = 21.9
    assert (sample_size(0.05), sample_size(0.10, risk=0.10)) == (59, 22)


def test_none_of_25_leaves_more_than_a_tenth_possible():
    # 1 - 0.05 ** (1/25) = 0.1129 and 1 - 0.10 ** (1/25) = 0.0880
    assert upper_limit(0, 25) == pytest.approx(0.1129, abs=5e-5)
    assert upper_limit(0, 25, confidence=0.90) == pytest.approx(0.0880, abs=5e-5)


def test_the_ceiling_is_taken_of_the_decimal_and_not_of_the_float():
    # 14 % of 50 are 7; as floats 7.000000000000001, whose ceiling 8 would ask for 55 items
    assert 50 * 0.14 > 7
    assert stats.binom.cdf(7, 50, 0.25) <= 0.05 < stats.binom.cdf(8, 50, 0.25)
    assert sample_size(0.25, 0.14) == 50


def test_the_size_found_is_the_smallest():
    for tolerable, tenths in [(0.05, 125), (0.1, 300), (0.2, 700)]:  # expected, in ten-thousandths
        found = sample_size(tolerable, tenths / 10_000)
        allowed = [-(-n * tenths // 10_000) for n in range(1, found + 1)]
        risks = [stats.binom.cdf(k, n, tolerable) for n, k in enumerate(allowed, start=1)]
        assert risks[-1] <= 0.05 < min(risks[:-1])


def test_a_risk_met_exactly_is_enough():
    # one item at a tolerable rate of 1/2: P(no deviation) = 1/2 exactly
    assert sample_size("0.5", 0, risk="0.5") == 1
    assert sample_size("0.5", 0, risk="0.25") == 2


def test_no_sample_tells_an_expected_rate_from_an_equal_tolerable_one():
    assert sample_size(0.05, 0.05) is None
    assert sample_size(0.05, 0.0499) is None


def test_a_known_population_tightens_the_limit():
    # 60 of 100 items tested, none bad; with D bad ones among the 40 others P = C(40, D)/C(100, D):
    # D = 3: 9880/161700 = 0.0611 > 0.05, D = 4: 91390/3921225 = 0.0233
    assert upper_limit(0, 60, population=100) == pytest.approx(0.03)
    assert upper_limit(0, 60, population=100) < upper_limit(0, 60)


def test_a_whole_population_leaves_nothing_unknown():
    assert upper_limit(2, 40, population=40) == pytest.approx(2 / 40)


def test_a_population_smaller_than_the_sample_is_not_believed():
    assert upper_limit(1, 40, population=10) == upper_limit(1, 40)


def test_nothing_but_deviations_excludes_no_rate():
    assert upper_limit(7, 7) == 1.0


@given(st.integers(0, 30), st.integers(0, 60), st.sampled_from([0.9, 0.95, 0.99]))
def test_at_the_limit_so_few_deviations_are_as_rare_as_the_risk(k, more, confidence):
    n = k + more + 1
    limit = upper_limit(k, n, confidence=confidence)
    assert k / n < limit <= 1
    assert stats.binom.cdf(k, n, limit) == pytest.approx(1 - confidence, abs=1e-6)


@pytest.mark.parametrize(("k", "n"), [(1, 0), (-1, 5), (6, 5), (1.5, 5)])
def test_impossible_counts_are_refused_with_the_numbers_found(k, n):
    with pytest.raises(CrmEvalError, match=f"found {k} of {n}"):
        upper_limit(k, n)


@given(
    st.integers(0, 4), st.integers(1, 80), st.sampled_from([0.05, 0.1, 0.2]),
    st.one_of(st.none(), st.integers(85, 400)), st.sampled_from([0.9, 0.95]),
)  # fmt: skip
def test_the_further_items_are_enough_and_one_fewer_is_not(k, n, tolerable, population, confidence):
    n, more = max(k, n), {"population": population, "confidence": confidence}
    found = further_items(k, n, tolerable, **more)
    if found is None:  # even all of them would leave too many
        assert population is not None and k / population > tolerable
        return
    assert upper_limit(k, n + found, **more) <= tolerable + 1e-9
    assert found == 0 or upper_limit(k, n + found - 1, **more) > tolerable

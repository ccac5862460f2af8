"""Intervals, p and the smallest detectable fall out of redrawn samples."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crm_eval_lib.efficiency.sides import Side
from crm_eval_lib.stats.event_study import event_study, leads_alike
from crm_eval_lib.stats.redraws import Redraws, of_cases, of_sides

SPREAD = 0.1
EVEN = np.exp(SPREAD * np.linspace(-3, 3, 2001))  # symmetrical on logarithms


def even_normal(size=4000):
    return np.exp(SPREAD * stats.norm.ppf((np.arange(size) + 0.5) / size))


def test_ends_of_many_cases_are_the_percentiles():
    low, high = Redraws(2.0, 2 * even_normal(), freedom=1e9).bounds()
    assert (np.log(low / 2), np.log(high / 2)) == pytest.approx((-0.196, 0.196), abs=1e-3)


def test_ends_of_five_cases_are_moved_out_by_t_and_by_the_missing_degree():
    # t₄ = 2.776, z = 1.960 (printed tables); 5/4 of the variance: .196 · 2.776/1.960 · √1.25 = .310
    low, high = of_cases(2.0, 2 * even_normal(), 5).bounds()
    assert np.log(high / 2) == pytest.approx(0.3104, abs=2e-3)
    assert np.log(low / 2) == pytest.approx(-0.3104, abs=2e-3)


def test_what_was_drawn_to_the_last_form_cannot_vary():
    assert of_cases(2.0, 2 * EVEN, 60, share_drawn=1.0).bounds() == (2.0, 2.0)


def test_two_sides_of_four_weeks_have_welchs_degrees_of_freedom():
    rng = np.random.default_rng(0)
    noisy, calm = np.exp(rng.normal(0, 0.1, 4000)), np.ones(4000)
    alike = of_sides(1.0, (noisy, noisy[::-1]), (4, 4))
    assert alike.freedom == pytest.approx(6)  # (1 + 1)² / (1/3 + 1/3)
    assert alike.inflation == pytest.approx(4 / 3)
    assert of_sides(1.0, (noisy, calm), (4, 4)).freedom == pytest.approx(3)  # one side only


@given(st.floats(0.7, 1.4), st.integers(4, 60))
def test_p_is_below_a_twentieth_where_the_interval_leaves_one_out(value, size):
    found = of_cases(value, value * even_normal(1000), size)
    low, high = found.bounds()
    nearest = min(abs(np.log(low)), abs(np.log(high)))
    if nearest > 0.01:  # at the end itself the count of redraws decides
        assert (found.p() < 0.05) == (low > 1 or high < 1)


def test_detectable_fall_of_even_redraws_is_that_of_the_normal_law():
    # 1 − exp(−(1.960 + .842) · .1) = .244
    found = Redraws(0.8, 0.8 * even_normal(), freedom=1e9).detectable()
    assert found == pytest.approx(0.2443, abs=1e-3)


def test_a_few_wild_redraws_do_not_hide_what_the_interval_shows():
    # Coarse stamps let one redraw in fifty fall to a quarter: their standard deviation alone would
    # call nothing below 50 % detectable, though the upper end lies a few per cent above.
    wild = 0.8 * even_normal(1000)
    wild[::50] = 0.2
    found = Redraws(0.8, wild, freedom=1e9)
    assert 1 - np.exp(-2.8 * np.log(wild).std()) > 0.4
    assert found.detectable() == pytest.approx(0.24, abs=0.02)
    assert found.bounds()[1] < 1


@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_nothing_is_told_of_a_value_that_is_none(value):
    found = of_cases(value, EVEN, 30)
    assert found.bounds() is found.p() is found.detectable() is None


def test_redraws_that_often_have_no_value_have_no_interval():
    gaps = np.where(np.arange(len(EVEN)) % 10 == 0, np.nan, EVEN)
    assert of_cases(1.0, gaps, 30).bounds() is None


def test_a_log_against_forms_counts_its_weeks_and_not_its_cases():
    weeks = pd.DataFrame({"hours": 1.0, "observed": True, "week": np.repeat(np.arange(5), 40)})
    assert Side("events", 200, data=weeks).units == 5
    few = weeks.assign(week=0)  # too few weeks to redraw: then cases are redrawn
    assert Side("events", 200, data=few).units == 200
    assert Side("case_samples", 60).units == 60


def test_leads_asked_alone_are_those_of_the_event_study():
    rng = np.random.default_rng(5)
    series = pd.DataFrame({"time": np.arange(40), "value": rng.normal(0, 0.1, 40).cumsum()})
    assert leads_alike(series, live=25, width=3) == event_study(series, live=25, width=3).leads_p

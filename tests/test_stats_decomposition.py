"""Decompositions against published examples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.stats.decomposition import kitagawa, shapley


def test_kidney_stones_turn_round_under_one_mix():
    # Charig et al. 1986: treatment A cured 81 of 87 small and 192 of 263 large stones,
    # treatment B 234 of 270 and 55 of 80.
    split = kitagawa([87, 263], [81 / 87, 192 / 263], [270, 80], [234 / 270, 55 / 80])
    assert split.first == pytest.approx(0.78, abs=5e-4)
    assert split.second == pytest.approx(0.8257, abs=5e-4)
    assert split.first_standardised == pytest.approx(0.8325, abs=5e-4)
    assert split.second_standardised == pytest.approx(0.7789, abs=5e-4)
    assert split.total == pytest.approx(0.0457, abs=5e-4)
    assert split.rate_effect < 0 < split.mix_effect


def test_earnings_of_two_groups_split_as_in_das_gupta():
    # Das Gupta 1993: average earnings 10930 and 16591, shares of earners .717892 and .825974.
    first = {"earnings": 10930, "earners": 0.717892}
    second = {"earnings": 16591, "earners": 0.825974}
    parts = shapley(first, second)
    assert parts["earnings"] == pytest.approx(4369.913, abs=1e-3)
    assert parts["earners"] == pytest.approx(1487.262, abs=1e-3)


shares = st.lists(st.floats(0.1, 100), min_size=2, max_size=5)


@given(first=shares, second=shares, seed=st.integers(0, 99))
def test_mix_and_rate_add_to_the_total(first, second, seed):
    size = min(len(first), len(second))
    rates = np.random.default_rng(seed).random((2, size))
    split = kitagawa(first[:size], rates[0], second[:size], rates[1])
    assert split.mix_effect + split.rate_effect == pytest.approx(split.total)


@given(st.lists(st.tuples(st.floats(0.1, 9), st.floats(0.1, 9)), min_size=1, max_size=4))
def test_shapley_parts_add_to_the_change(pairs):
    first = {str(n): a for n, (a, _) in enumerate(pairs)}
    second = {str(n): b for n, (_, b) in enumerate(pairs)}
    change = np.prod(list(second.values())) - np.prod(list(first.values()))
    assert sum(shapley(first, second).values()) == pytest.approx(change, abs=1e-6)


def test_shapley_of_a_sum_gives_each_its_own_difference():
    parts = shapley({"a": 1, "b": 5}, {"a": 4, "b": 3}, formula=lambda f: f["a"] + f["b"])
    assert parts == pytest.approx({"a": 3, "b": -2})


def test_arrays_are_parted_element_by_element():
    parts = shapley({"a": [1, 2], "b": [1, 1]}, {"a": [2, 2], "b": [1, 3]})
    assert parts["a"].tolist() == [1, 0] and parts["b"].tolist() == [0, 4]


def test_different_factors_are_refused():
    with pytest.raises(CrmEvalError, match="same factors"):
        shapley({"a": 1}, {"b": 1})

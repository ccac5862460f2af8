"""Laws with a known date: the interrupted series finds what others published."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from crm_eval_lib.stats.interrupted import interrupted_series
from crm_eval_lib.stats.regressors import design_matrix


@pytest.fixture(scope="module")
def seatbelts(shared_data):
    """Monthly counts of Great Britain 1969–1984; front seat belts are compulsory from 1983-02."""
    table = pd.read_csv(shared_data / "known_dates" / "Seatbelts.csv")
    assert table["law"].eq(1).idxmax() == (1983 - 1969) * 12 + 1
    return table


def series_of(table, column):
    time = np.arange(len(table))
    season = (time % 12 + 0.5) / 12
    return pd.DataFrame({"time": time, "season": season, "value": np.log(table[column]),
                         "after": table["law"].eq(1)})  # fmt: skip


@pytest.mark.parametrize("column", ["drivers", "front", "rear"])
def test_the_seat_belt_law_has_the_effect_that_another_estimator_finds(seatbelts, column):
    # statsmodels: the same regressors with AR(1) errors by full likelihood (state space).
    series = series_of(seatbelts, column)
    design = design_matrix(series)
    oracle = (
        sm.tsa.SARIMAX(series["value"], exog=design, order=(1, 0, 0))
        .fit(disp=0, maxiter=500)
        .params
    )
    mean = oracle["level"] + oracle["slope"] * design.loc[series["after"], "slope"].mean()
    found = interrupted_series(series)
    assert found.effect.value == pytest.approx(mean, abs=0.005)
    assert found.phi == pytest.approx(oracle["ar.L1"], abs=0.06)


def test_fewer_drivers_and_front_passengers_were_hurt_and_no_fewer_behind(seatbelts):
    # Harvey and Durbin 1986, J. R. Statist. Soc. A 149(3), abstract: of those killed and seriously
    # injured 23 % fewer drivers and 30 % fewer front passengers, 3 % more behind.
    published = {"drivers": -0.23, "front": -0.30, "rear": 0.03}
    jumps = {
        column: interrupted_series(series_of(seatbelts, column)).after(0) for column in published
    }
    for column, change in published.items():
        assert jumps[column].low < np.log1p(change) < jumps[column].high
    assert jumps["front"].value < jumps["drivers"].value
    assert jumps["front"].high < 0 and jumps["drivers"].high < 0 < jumps["rear"].high


def test_a_law_pretended_two_years_early_has_no_effect(seatbelts):
    before = series_of(seatbelts, "front")[lambda rows: ~rows["after"]]
    early = before.assign(after=before["time"] >= len(before) - 24)
    effect = interrupted_series(early).effect
    assert effect.low < 0 < effect.high

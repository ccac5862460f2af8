"""The interrupted series against hand-made truths, statsmodels, Sicily and its own coverage."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.stats import interrupted
from crm_eval_lib.stats.interrupted import autoregression, interrupted_series
from crm_eval_lib.stats.regressors import design_matrix


def made(rng, *, before=24, after=12, blackout=3, phi=0.3, effect=0.0, noise=0.1, dip=0.0):
    """Monthly log medians: trend, season, AR(1) noise, an effect, a learning dip."""
    time = np.arange(before + blackout + after)
    shocks = rng.normal(0, noise * np.sqrt(1 - phi**2), len(time))
    error = np.empty(len(time))
    error[0] = rng.normal(0, noise)
    for month in range(1, len(time)):
        error[month] = phi * error[month - 1] + shocks[month]
    live = time >= before
    season = 0.1 * np.sin(2 * np.pi * time / 12) + 0.05 * np.cos(4 * np.pi * time / 12)
    learning = dip * np.exp(-(time - before) / 2.0) * live
    value = 3 + 0.005 * time + season + error + effect * live + learning
    data = pd.DataFrame({"time": time, "value": value, "after": live, "season": time % 12 / 12})
    return data[(time < before) | (time >= before + blackout)]


def test_a_series_without_noise_gives_the_effect_back():
    data = made(np.random.default_rng(0), noise=1e-9, effect=np.log(0.7))
    found = interrupted_series(data)
    assert found.effect.value == pytest.approx(np.log(0.7), abs=1e-6)
    assert found.level == pytest.approx(np.log(0.7), abs=1e-6)


def test_the_value_is_the_mean_of_level_and_slope_over_the_after_periods():
    data = made(np.random.default_rng(0), noise=1e-9)
    steps = (data["time"] - 27).where(data["after"], 0)
    data["value"] += np.where(data["after"], -0.2, 0) - 0.01 * steps
    # twelve after-periods, 0 … 11 steps: their mean is 5.5
    assert interrupted_series(data).effect.value == pytest.approx(-0.2 - 0.055, abs=1e-6)


def test_the_counterfactual_keeps_trend_and_season_only():
    data = made(np.random.default_rng(0), noise=1e-9, effect=-0.5)
    found = interrupted_series(data)
    gap = found.fitted - found.without_event
    assert np.allclose(gap[data["after"]], -0.5, atol=1e-6)
    assert np.allclose(gap[~data["after"]], 0)


def test_the_order_of_the_rows_does_not_matter():
    data = made(np.random.default_rng(3), effect=-0.2)
    shuffled = data.sample(frac=1, random_state=1)
    assert interrupted_series(shuffled).effect.value == interrupted_series(data).effect.value


def test_at_a_given_phi_the_coefficients_equal_generalised_least_squares():
    data = made(np.random.default_rng(4), effect=-0.2)
    design = design_matrix(data)
    fit = autoregression(data["value"], design, times=data["time"])
    gaps = np.abs(np.subtract.outer(data["time"].to_numpy(), data["time"].to_numpy()))
    oracle = sm.GLS(data["value"].to_numpy(), design.to_numpy(), sigma=fit.phi**gaps).fit()
    assert fit.coefficients[fit.best] == pytest.approx(oracle.params, rel=1e-8)
    errors = np.sqrt(np.diag(fit.covariances[fit.best]))
    assert errors == pytest.approx(oracle.bse, rel=1e-8)


def test_phi_has_the_highest_restricted_likelihood():
    data = made(np.random.default_rng(5), phi=0.5)
    design = design_matrix(data).to_numpy()
    gaps = np.abs(np.subtract.outer(data["time"].to_numpy(), data["time"].to_numpy()))

    def restricted(phi):
        inverse = np.linalg.inv(phi**gaps)
        normal = design.T @ inverse @ design
        rest = data["value"] - design @ np.linalg.solve(normal, design.T @ inverse @ data["value"])
        freedom = len(data) - design.shape[1]
        determinants = np.linalg.slogdet(phi**gaps)[1] + np.linalg.slogdet(normal)[1]
        return -0.5 * (determinants + freedom * np.log(rest @ inverse @ rest))

    best = interrupted.PHI_GRID[np.argmax([restricted(phi) for phi in interrupted.PHI_GRID])]
    assert interrupted_series(data).phi == best


def test_the_smoking_ban_of_sicily_shows_about_eleven_per_cent_fewer_events(shared_data):
    # Lopez Bernal et al. 2017 print a rate ratio of .89; with season and overdispersion .885
    # (.839–.933). Our design differs (logs, AR(1), slope): its level must lie inside, and the
    # quasi-Poisson of the paper, refitted on our design matrix, must give its figures.
    table = pd.read_csv(shared_data / "known_dates" / "sicily_smoking_ban.csv")
    series = pd.DataFrame({"time": table["time"], "season": (table["month"] - 1) / 12,
                           "value": np.log(table["aces"] / table["stdpop"]),
                           "after": table["smokban"].eq(1)})  # fmt: skip
    design = design_matrix(series).drop(columns="slope")
    family = sm.families.Poisson()
    offset = np.log(table["stdpop"])
    paper = sm.GLM(table["aces"], design, family=family, offset=offset).fit(scale="X2")
    low, high = np.exp(paper.conf_int().loc["level"])
    assert np.exp(paper.params["level"]) == pytest.approx(0.885, abs=0.0015)
    assert (low, high) == pytest.approx((0.839, 0.933), abs=0.0015)
    sloped = sm.GLM(table["aces"], design_matrix(series), family=family, offset=offset)
    sloped = sloped.fit(scale="X2")
    assert np.exp(sloped.params["slope"]) == pytest.approx(1.0015, abs=0.0015)
    assert sloped.pvalues["slope"] == pytest.approx(0.424, abs=0.0015)
    ours = interrupted_series(series)
    assert 0.839 < np.exp(ours.effect.value) < 0.933
    assert ours.effect.high < 0


def test_intervals_cover_and_improvement_is_rarely_claimed_without_effect():
    rng = np.random.default_rng(11)
    draws = [interrupted_series(made(rng, dip=0.2)).effect for _ in range(300)]
    covered = np.mean([d.low <= 0 <= d.high for d in draws])
    claimed = np.mean([d.high < 0 for d in draws])
    # 300 draws at .95 have a standard error of .013
    assert 0.92 <= covered <= 0.99
    assert claimed <= 0.05


def test_the_smallest_detectable_change_is_detected_four_times_in_five():
    rng = np.random.default_rng(12)
    size = np.mean([interrupted_series(made(rng)).effect.detectable for _ in range(30)])
    hits = [interrupted_series(made(rng, effect=-size)).effect.high < 0 for _ in range(150)]
    assert 0.70 <= np.mean(hits) <= 0.92


def test_too_few_periods_are_refused():
    data = made(np.random.default_rng(0), before=4, after=3, blackout=0)
    with pytest.raises(CrmEvalError, match="cannot carry"):
        interrupted_series(data)
    with pytest.raises(CrmEvalError, match="before and after"):
        interrupted_series(data.assign(after=True))

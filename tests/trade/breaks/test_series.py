"""Interrupted time series: hand-coded Newey–West, known effects, bad input."""

import numpy as np
import pytest
import statsmodels.api as sm

from deadletter.errors import InputError
from deadletter.trade import bai_perron, chow, cusum, hansen, sup_f
from deadletter.trade.breaks.interrupted import FEW_YEARS, interrupted, newey_west_lag


def test_lag_of_newey_and_west():
    # 4·(n/100)^(2/9): 100 → 4, 21 → 2.83, 50 → 3.43, 1000 → 6.67
    assert [newey_west_lag(n) for n in (100, 21, 50, 1000)] == [4, 2, 3, 6]


def test_errors_equal_newey_and_west_by_hand():
    rng = np.random.default_rng(0)
    n, oil = 24, rng.standard_normal(24)
    fit = interrupted(rng.standard_normal(n).cumsum(), range(2000, 2024), {"union": 2010}, {"oil": oil})
    x = fit.design
    beta = fit.table["estimate"].to_numpy()
    y = np.random.default_rng(0)
    y.standard_normal(24)
    response = y.standard_normal(n).cumsum()
    assert beta == pytest.approx(np.linalg.lstsq(x, response, rcond=None)[0])
    scores = x * (response - x @ beta)[:, None]
    meat = scores.T @ scores
    for lag in range(1, fit.lag + 1):
        cross = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (fit.lag + 1)) * (cross + cross.T)
    bread = np.linalg.inv(x.T @ x)
    covariance = n / (n - x.shape[1]) * bread @ meat @ bread
    assert fit.table["se"].to_numpy() == pytest.approx(np.sqrt(np.diag(covariance)))
    assert list(fit.table.index) == ["intercept", "trend", "union: level", "union: slope", "oil"]
    assert (fit.df, fit.lag, fit.warnings) == (n - 5, 2, (FEW_YEARS,))


def test_terms_are_what_they_say():
    time = np.arange(2000, 2020)
    exact = 3 + 0.5 * (time - 2000) + 7 * (time >= 2010) - 2 * np.maximum(time - 2010, 0)
    noise = 1e-6 * np.random.default_rng(1).standard_normal(20)
    fit = interrupted(exact + noise, time, {"union": 2010})
    assert fit.table["estimate"].tolist() == pytest.approx([3, 0.5, 7, -2], abs=1e-5)


def test_a_covariate_takes_what_is_its_own():
    rng = np.random.default_rng(2)
    time = np.arange(120)
    oil = rng.standard_normal(120).cumsum() - 6.0 * (time >= 60)  # falls when the union comes
    y = 0.8 * oil + 0.1 * rng.standard_normal(120)
    alone = interrupted(y, time, {"union": 60}, slopes=False).table.loc["union: level"]
    beside = interrupted(y, time, {"union": 60}, {"oil": oil}, slopes=False).table
    assert alone["high"] < -1  # the fall of oil passes for the union's
    assert abs(beside.loc["union: level", "estimate"]) < 0.15
    assert beside.loc["oil", "estimate"] == pytest.approx(0.8, abs=0.02)


def test_intervals_cover_in_long_series():
    rng, covered = np.random.default_rng(3), 0
    for _ in range(200):
        row = interrupted(rng.standard_normal(300) + 1.0 * (np.arange(300) >= 150), range(300), {"d": 150}).table
        covered += row.loc["d: level", "low"] < 1.0 < row.loc["d: level", "high"]
    assert 0.88 < covered / 200 < 0.99  # 95 per cent less a little for HAC; Monte Carlo error 0.016


def test_years_that_are_missing_are_told():
    """Stata's newey refuses a series with gaps, whose lags are not of one length."""
    years = [*range(1990, 2010), *range(2011, 2060)]
    series = np.random.default_rng(5).standard_normal(len(years))
    assert interrupted(series, years, {"d": 2000}).warnings[0].startswith("time has gaps")
    assert interrupted(series, np.arange(len(years)) / 4, {"d": 5}).warnings == ()


def test_autocorrelation_of_the_residuals():
    rng = np.random.default_rng(4)
    errors = sm.tsa.arma_generate_sample([1, -0.6], [1], 2000, distrvs=rng.standard_normal)
    fit = interrupted(errors, range(2000), {"d": 1000})
    assert fit.rho == pytest.approx(0.6, abs=0.05)
    assert fit.sigma == pytest.approx(1 / np.sqrt(1 - 0.36), abs=0.06)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: interrupted(np.arange(9.0), np.arange(10.0), {}), "series.*as long as time"),
        (lambda: interrupted([1, 2, np.nan, 4, 5], range(5), {}), "series.*missing.*position 2"),
        (lambda: interrupted([1, 2, "x", 4, 5], range(5), {}), "series: not numbers"),
        (lambda: interrupted(np.arange(5.0), [0, 1, 1, 2, 3], {}), "does not increase"),
        (lambda: interrupted(np.arange(5.0), range(5), {"early": 0}), "early.*before or after"),
        (lambda: interrupted(np.arange(5.0), range(5), {"late": 5}), "late.*before or after"),
        (lambda: interrupted(np.arange(9.0), range(9), {"last": 8}), "cannot distinguish the terms"),
        (lambda: interrupted(np.arange(9.0), range(9), {"d": 4}, {"x": np.ones(9)}), "cannot distinguish the terms"),
        (lambda: interrupted(np.arange(4.0), range(4), {"d": 2}), "cannot distinguish the terms"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


NOISE, WAVE = np.random.default_rng(11).normal(size=40) + (np.arange(40) > 19), np.sin(np.arange(40.0))


@pytest.mark.parametrize("away", [1e6, -1e9])
def test_the_zero_of_a_regressor_means_nothing_beside_an_intercept(away):
    for test in (sup_f, cusum, hansen, lambda y, x: chow(y, 19, x)):
        found, same = test(NOISE, WAVE + away), test(NOISE, WAVE)
        assert found.statistic == pytest.approx(same.statistic, rel=1e-7)
    assert bai_perron(NOISE, WAVE + away).ssr == pytest.approx(bai_perron(NOISE, WAVE).ssr, rel=1e-7)


@pytest.mark.parametrize("away", [0.0, 1e6, 1e9, -1e10])
def test_a_series_far_from_zero_has_standard_errors_unless_it_is_exact(away):
    far, near = (interrupted(NOISE + shift, range(40), {"union": 20}).table for shift in (away, 0.0))
    np.testing.assert_allclose(far["se"], near["se"], rtol=1e-5)
    assert interrupted(3.0 * np.arange(40) + away, range(40), {"union": 20}).table["se"].isna().all()

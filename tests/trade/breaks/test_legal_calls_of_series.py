"""Allowed calls of tests for breaks and interrupted series that are easy to answer wrongly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from deadletter.errors import InputError
from deadletter.trade import (
    bai_perron,
    chow,
    cusum,
    hansen,
    interrupted,
    read_flows,
    sup_f,
)


def test_rounding_error_is_not_a_break():
    assert bai_perron(np.repeat([0.0, 1.0], 10)).indices == (9,)
    assert bai_perron(np.repeat([0.1, 0.7, 0.3], 10)).indices == (9, 19)


def test_a_break_is_dated_by_a_whole_number():
    with pytest.raises(InputError, match="index"):
        chow(np.arange(20.0) ** 2, 10.5)


def test_dates_are_neither_years_nor_numbers():
    dates = pd.to_datetime(["2001-01-01"] * 2)
    flows = pd.DataFrame({"exporter": ["A", "B"], "importer": ["B", "A"], "year": dates, "exports_musd": 1.0})
    with pytest.raises(InputError, match="a year is not a whole number"):
        read_flows(flows)
    with pytest.raises(InputError, match="time: not numbers"):
        interrupted(np.arange(20.0) ** 2, pd.date_range("2000", periods=20), {"union": 5})
    with pytest.raises(InputError, match="union: not numbers"):
        interrupted(np.arange(20.0) ** 2, range(20), {"union": "ten"})


@pytest.mark.parametrize("name", ["trend", "intercept", "union: level"])
def test_a_covariate_takes_no_terms_place(name):
    y = np.random.default_rng(0).normal(size=30)
    with pytest.raises(InputError, match="a covariate has the name of a term"):
        interrupted(y, range(30), {"union": 9}, {name: y**2})


@pytest.mark.parametrize("name", ["series", "time"])
def test_a_covariate_may_be_called_as_an_argument(name):
    rng = np.random.default_rng(0)
    y, x = rng.normal(size=30), rng.normal(size=30)
    found, same = (interrupted(y, range(30), {"union": 9}, {label: x}).table for label in (name, "x"))
    np.testing.assert_array_equal(found, same)


def test_an_exact_interrupted_series_has_no_standard_errors():
    found = interrupted(3.0 + np.arange(30), range(30), {"union": 9})
    assert found.table["estimate"].tolist() == pytest.approx([3, 1, 0, 0], abs=1e-9)
    assert found.table.drop(columns="estimate").isna().all(axis=None)
    assert any("exact fit" in warning for warning in found.warnings)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("n", "date", "slopes", "exact"), [(30, 1, False, 1), (30, 2, True, 2), (5, 2, True, 2)])
def test_terms_that_reproduced_observations_determine_have_no_standard_errors(n, date, slopes, exact):
    """One observation before the first date determines the intercept, two the trend as well."""
    y = np.random.default_rng(0).normal(size=n)
    found = interrupted(y, range(n), {"union": date}, slopes=slopes)
    assert found.table["se"].isna().tolist() == [row < exact for row in range(len(found.table))]
    assert found.table["estimate"].iloc[0] == pytest.approx(y[0])
    assert found.warnings[-1].endswith("no standard error: intercept" + ", trend" * (exact - 1))


def test_what_a_mask_hides_is_missing():
    hidden = np.ma.array(np.arange(20.0) ** 2, mask=np.arange(20) == 4)
    with pytest.raises(InputError, match="series: a value is missing or infinite; found: 'position 4'"):
        sup_f(hidden)


def test_where_one_observation_determines_a_coefficient_no_stability_is_tested():
    """Its score is zero, so that the variance of the scores has no inverse."""
    with pytest.raises(InputError, match="hansen: the scores are collinear"):
        hansen(np.random.default_rng(0).normal(size=30), np.arange(30) > 0)


@pytest.mark.parametrize("unit", [1e-12, 1e12])
def test_no_test_for_breaks_depends_on_the_unit_of_a_regressor(unit):
    """Figures in dollars beside an intercept are not collinear with it."""
    rng = np.random.default_rng(8)
    y, x = rng.normal(size=40) + (np.arange(40) > 19), rng.normal(size=(40, 2))
    for test in (sup_f, cusum, hansen):
        found, same = test(y, x * unit), test(y, x)
        assert found.statistic == pytest.approx(same.statistic, rel=1e-8)
        assert found.p_value == pytest.approx(same.p_value, rel=1e-6)
    assert chow(y, 19, x * [unit, 1]).statistic == pytest.approx(chow(y, 19, x).statistic, rel=1e-8)
    assert bai_perron(y, x * [1, unit]).ssr == pytest.approx(bai_perron(y, x).ssr, rel=1e-8)


@pytest.mark.parametrize("unit", [1e-12, 1e15])
def test_an_interrupted_series_does_not_depend_on_the_unit_of_a_covariate(unit):
    rng = np.random.default_rng(8)
    y, x = rng.normal(size=40), rng.normal(size=40)
    found, same = (interrupted(y, range(40), {"union": 20}, {"x": x * size}).table for size in (unit, 1.0))
    kept = ["t", "p_value"]
    np.testing.assert_allclose(found[kept], same[kept], rtol=1e-8)
    rest = ["estimate", "se", "low", "high"]
    np.testing.assert_allclose(found.loc["x", rest] * unit, same.loc["x", rest], rtol=1e-8)


@pytest.mark.parametrize("unit", [1e-100, 1e100])
def test_a_series_whose_squares_are_no_numbers_is_refused(unit):
    y = np.random.default_rng(8).normal(size=20)
    for call in (sup_f, cusum, hansen, bai_perron, lambda z: interrupted(z, range(20), {"union": 9})):
        with pytest.raises(InputError, match="series: values are too large or too small"):
            call(y * unit)
    with pytest.raises(InputError, match="regressors: values are too large or too small"):
        sup_f(y, np.cos(y) * unit)

"""Power means, dispersion and intervals against hand computations, published values and their properties."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadletter.coding.model import Intervals
from deadletter.errors import InputError
from deadletter.indices.intervals import from_statistic, wilson
from deadletter.indices.means import convergence, power_mean, weighted_mean

shares = st.lists(st.floats(0.01, 1), min_size=1, max_size=6)
exponents = st.floats(-60, 60)


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [(1, 0.55), (0, math.sqrt(0.1)), (-1, 2 / (1 / 0.1 + 1)), (-math.inf, 0.1), (2, math.sqrt((0.01 + 1) / 2))],
)
def test_power_mean_by_hand(exponent: float, expected: float):
    # of 0.1 and 1 with equal weights: arithmetic, geometric, harmonic, minimum, quadratic
    assert power_mean([0.1, 1.0], [1, 1], exponent) == pytest.approx(expected, abs=1e-12)


def test_weights_count_and_are_renormalised_over_what_is_present():
    assert power_mean([0.2, 0.8], [3, 1], 1) == pytest.approx(0.35)
    assert power_mean([0.2, np.nan, 0.8], [3, 5, 1], 1) == pytest.approx(0.35)
    assert power_mean([0.2, 0.4, 0.8], [3, 0, 1], -math.inf) == 0.2
    assert np.isnan(power_mean([np.nan, 0.5], [1, 0], 1))


@pytest.mark.parametrize("exponent", [0, -1, -math.inf])
def test_any_nought_gives_nought_for_exponents_up_to_nought(exponent: float):
    assert power_mean([0.0, 1.0], [1, 1], exponent) == 0
    # unless it has no weight
    assert power_mean([0.0, 0.7], [0, 1], exponent) == pytest.approx(0.7)


@given(shares, exponents)
def test_power_mean_lies_between_least_and_greatest(values: list[float], exponent: float):
    mean = float(power_mean(values, np.ones(len(values)), exponent))
    # near an exponent of nought, eight digits are left
    assert min(values) - 1e-7 <= mean <= max(values) + 1e-7


@given(shares, exponents, st.floats(0.05, 3))
def test_power_mean_rises_with_its_exponent(values: list[float], exponent: float, step: float):
    low, high = (float(power_mean(values, np.ones(len(values)), p)) for p in (exponent, exponent + step))
    assert low <= high + 1e-7


@given(shares, exponents, st.floats(0.1, 10), st.randoms(use_true_random=False))
def test_power_mean_does_not_know_order_nor_scale_of_weights(values, exponent, factor, random):
    weights = [random.uniform(0.1, 1) for _ in values]
    order = random.sample(range(len(values)), len(values))
    first = power_mean(values, weights, exponent)
    second = power_mean([values[i] for i in order], [weights[i] * factor for i in order], exponent)
    assert second == pytest.approx(float(first), rel=1e-6)


def test_a_batch_gives_the_same_bits_as_its_members():
    rng = np.random.default_rng(1)
    x, w, p = rng.uniform(size=(1000, 3)), rng.uniform(size=(1000, 3)), rng.uniform(-3, 3, size=1000)
    batch = power_mean(x, w, p)
    assert all(batch[i] == power_mean(x[i : i + 1], w[i : i + 1], p[i : i + 1])[0] for i in range(0, 1000, 7))


def test_convergence_is_one_when_all_agree_and_nought_when_half_contradict_half():
    assert convergence(np.array([[0.4, 0.4, 0.4]]), np.ones(3)) == pytest.approx(1)
    assert convergence(np.array([[0.0, 1.0]]), np.ones(2)) == pytest.approx(0)
    # values 0, 0.5, 1: standard deviation √(1/6)
    assert convergence(np.array([[0.0, 0.5, 1.0]]), np.ones(3)) == pytest.approx(1 - 2 * math.sqrt(1 / 6))


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3 (Wilson's score without correction), four decimals
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published(successes: int, n: int, low: float, high: float):
    assert wilson(successes, n, 0.95) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("successes", "n", "level"), [(11, 10, 0.95), (-1, 10, 0.95), (5, 10, 95), (5, 10, 1.0)])
def test_wilson_refuses_what_is_not_a_share_or_a_level(successes: int, n: int, level: float):
    with pytest.raises(InputError, match="no interval"):
        wilson(successes, n, level)


def test_extreme_exponents_give_the_extremes():
    both = power_mean([[0.1, 0.4, math.nan]] * 2, [1, 1, 1], [-math.inf, math.inf])
    np.testing.assert_array_equal(both, [0.1, 0.4])


def test_bootstrap_interval_of_a_mean_is_about_the_normal_one_and_repeats():
    values, intervals = np.random.default_rng(3).uniform(size=200), Intervals(draws=4000)
    found = from_statistic(weighted_mean, values, intervals)
    assert found.value == pytest.approx(values.mean())
    error = values.std() / math.sqrt(len(values))
    # a percentile interval of 4,000 draws lies within a few per cent of ± 1.96 standard errors
    assert (found.low - values.mean()) / error == pytest.approx(-1.96, abs=0.12)
    assert (found.high - values.mean()) / error == pytest.approx(1.96, abs=0.12)
    assert from_statistic(weighted_mean, values, intervals) == found
    assert from_statistic(weighted_mean, values, Intervals(draws=4000, seed=1)) != found


@pytest.mark.parametrize(("values", "weights"), [([0.5, 1.0], [-1, 2]), ([-0.5, 1.0], [1, 1])])
def test_what_is_negative_is_refused_and_not_passed_over(values: list[float], weights: list[float]):
    with pytest.raises(InputError, match="is negative"):
        power_mean(values, weights, 1.0)

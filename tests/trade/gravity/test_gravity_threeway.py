"""The exact three-way projection against dense least squares, for any pattern of missing cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deadletter.errors import InputError
from deadletter.trade.gravity.threeway import three_way


def dummies(shape):
    i, j, t = (axis.ravel() for axis in np.indices(shape))
    I_, J, T = shape
    return np.column_stack(
        [np.eye(I_ * T)[i * T + t], np.eye(J * T)[j * T + t], np.eye(I_ * J)[i * J + j]]  # exporter-year, …, pair
    )


def dense_residual(weights, values):
    root = np.sqrt(weights.ravel())
    effects = dummies(weights.shape)
    slope = np.linalg.lstsq(root[:, None] * effects, root[:, None] * values, rcond=1e-11)[0]
    return np.where(weights.ravel()[:, None] > 0, values - effects @ slope, 0)


@settings(max_examples=60, deadline=None)
@given(st.tuples(st.integers(2, 5), st.integers(2, 5), st.integers(2, 5)), st.floats(0, 0.7), st.integers(0, 10**6))
def test_residuals_equal_weighted_least_squares_on_dummies(shape, missing, seed):
    rng = np.random.default_rng(seed)
    # Flows over four orders of magnitude; with many cells missing, panels fall apart into several components.
    weights = np.exp(rng.normal(0, 2, shape)) * (rng.random(shape) >= missing)
    weights.flat[0] = 1.0
    values = rng.normal(size=(*shape, 2))
    found = three_way(weights).residual(values).reshape(-1, 2)
    expected = dense_residual(weights, values.reshape(-1, 2))
    # Compared where least squares determines them, in units of the weighted residual: conditioning takes some digits.
    root = np.sqrt(weights.ravel())[:, None]
    np.testing.assert_allclose(root * found, root * expected, atol=1e-6 * (1 + np.abs(root * expected).max()))


def test_a_panel_in_pieces_whose_null_vector_ends_in_a_small_entry():
    # Found by search over seeds: a vanishing eigenvalue that no Cholesky pivot shows; residuals were off by 3 per cent.
    rng = np.random.default_rng(51)
    shape = tuple(rng.integers(2, 6, 3))
    missing = rng.uniform(0.2, 0.8)
    weights = np.exp(rng.normal(0, 2, shape)) * (rng.random(shape) >= missing)
    weights.flat[0] = 1.0
    values = rng.normal(size=(*shape, 2))
    found = three_way(weights).residual(values).reshape(-1, 2)
    orthogonal = dummies(shape).T @ (weights.ravel()[:, None] * found)
    np.testing.assert_allclose(orthogonal, 0, atol=1e-9)


def test_leverage_blocks_equal_the_dense_inverse():
    rng = np.random.default_rng(5)
    weights = np.exp(rng.normal(size=(4, 5, 3))) * (rng.random((4, 5, 3)) > 0.1)
    model = three_way(weights)
    effects = dummies(weights.shape)[:, : (4 + 5) * 3]
    blocks = [(model.hessian(i)[j], effects.reshape(4, 5, 3, -1)[i, j]) for i in range(4) for j in range(5)]
    inverse = np.linalg.pinv(sum(d.T @ h @ d for h, d in blocks), rcond=1e-10, hermitian=True)
    for number, (h, d) in enumerate(blocks):
        i, j = divmod(number, 5)
        # The inverse is not unique, H L H is.
        found = h @ model.leverage_blocks(i)[j] @ h
        np.testing.assert_allclose(found, h @ d @ inverse @ d.T @ h, atol=1e-10)


@pytest.mark.parametrize("bad", [np.nan, -1.0, np.inf])
def test_bad_weights_are_refused(bad):
    weights = np.ones((2, 2, 2))
    weights[0, 1, 0] = bad
    with pytest.raises(InputError, match="finite, non-negative"):
        three_way(weights)

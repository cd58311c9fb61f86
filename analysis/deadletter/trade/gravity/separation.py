"""Observations that carry no information on a PPML model: separated ones and singletons.

Correia, S., Guimarães, P. & Zylkin, T. (2019), "Verifying the existence of maximum likelihood estimates for generalized
linear models", arXiv:1903.01633: zeros y_i are separated where some combination z of regressors and effects has z = 0
wherever y > 0, z ≤ 0 wherever y = 0, and z_i < 0; they are fitted by zero exactly and left out.
"""

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from deadletter.trade.gravity.design import Array, NotConvergedError, demeaned

RECTIFIER = 1e-4
"""Fitted values within this of zero are zero."""


def informative(response: Array, effects: Sequence[Array], rows: Array) -> tuple[Array, int, int]:
    """Leave out levels without a positive response and levels with one observation, until none is left.

    ``effects``: one non-negative integer vector per effect over all observations; ``rows``: positions to start from.
    Returns the positions that stay, and how many were left out as zeros and as singletons.
    """
    zeros = singletons = 0
    while True:
        before = len(rows)
        for codes in effects:
            rows = rows[np.bincount(codes[rows], response[rows] > 0)[codes[rows]] > 0]
        middle = len(rows)
        for codes in effects:
            rows = rows[np.bincount(codes[rows])[codes[rows]] > 1]
        zeros, singletons = zeros + before - middle, singletons + middle - len(rows)
        if len(rows) == before:
            return rows, zeros, singletons


def rectified(response: Array, regressors: Array, effects: Sequence[Array]) -> Array:
    """Mask of separated observations by the iterative rectifier, section 3.2: for samples too large to be exact.

    Zeros are regressed on everything, under weights that hold the fit of positive responses at zero, and their fitted
    values, cut off below zero, take their place until none is negative. None is found where this does not converge.
    """
    zero = response == 0
    weights = np.where(zero, 1.0, (~zero).sum() / RECTIFIER**2)
    target = zero.astype(float)
    for _ in range(100):
        try:
            left = demeaned(np.column_stack([target, regressors]), effects, weights)
        except NotConvergedError:
            break
        root = np.sqrt(weights)[:, None]
        coef = np.linalg.lstsq(root * left[:, 1:], root[:, 0] * left[:, 0], rcond=1e-10)[0]
        fitted = target - (left[:, 0] - left[:, 1:] @ coef)
        fitted[~zero | ((fitted > -0.1 * RECTIFIER) & (fitted < RECTIFIER))] = 0.0
        if (fitted >= 0).all():
            return fitted > 0
        target = np.maximum(fitted, 0.0)
    return np.zeros(len(response), dtype=bool)


def separated(response: Array, regressors: Array, effects: Sequence[Array]) -> Array:
    """Mask of all separated observations by linear programming: exact, and slower than the engine's own checks.

    An intercept is among the regressors.
    """
    n = len(response)
    blocks = [sparse.csr_array(regressors)]
    for codes in effects:
        levels = np.unique(codes, return_inverse=True)[1]
        blocks.append(sparse.csr_array((np.ones(n), (np.arange(n), levels))))
    design = sparse.hstack(blocks, format="csr")
    zero = np.flatnonzero(response == 0)
    free, bounded = design.shape[1], len(zero)
    # Maximise Σ s over the zeros with 0 ≤ s_i ≤ min(1, −z_i): solutions form a cone, so that each s_i ends at 0 or 1.
    solved = linprog(
        np.concatenate([np.zeros(free), -np.ones(bounded)]),
        A_ub=sparse.hstack([design[zero], sparse.eye_array(bounded)]),
        b_ub=np.zeros(bounded),
        A_eq=sparse.hstack([design[response > 0], sparse.csr_array((n - bounded, bounded))]),
        b_eq=np.zeros(n - bounded),
        bounds=[(None, None)] * free + [(0, 1)] * bounded,
        method="highs",
    )
    mask = np.zeros(n, dtype=bool)
    if solved.x is not None:
        mask[zero] = solved.x[free:] > 0.5
    return mask

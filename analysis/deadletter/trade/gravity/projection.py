"""Projection on absorbed effects, by pyfixest's alternating projections."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Array = np.ndarray


class NotConvergedError(Exception):
    """The projections on the effects did not converge."""


def demeaned(
    columns: Array, effects: Sequence[Array], weights: Array, tolerance: float = 1e-8, iterations: int = 10_000
) -> Array:
    """Residuals of ``columns`` (n, K) on the effects (integer vectors), weighted; the columns where there is none."""
    from pyfixest.core.demean import demean  # here, since importing it takes longer than everything else in this module

    if not effects:
        return columns
    left, converged = demean(columns, np.column_stack(effects), weights, tolerance, iterations)
    if not converged:
        raise NotConvergedError(f"the projection on the effects did not converge in {iterations} iterations")
    return left

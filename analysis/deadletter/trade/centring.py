"""Regressors that lie far from zero, where squares lose their digits."""

import numpy as np
from numpy.typing import NDArray

FAR = 1e3  # standard deviations from zero


def centred(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns without their means where they lie far from zero, which means nothing beside an intercept or effects."""
    middle, spread = columns.mean(axis=0), columns.std(axis=0)
    return columns - np.where(np.abs(middle) > FAR * spread, middle, 0.0)

"""Intervals of statistics over resampled roll-calls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deadletter.errors import InputError

Floats = NDArray[np.float64]


def check_draws(draws: int, coverage: float) -> None:
    """InputError where no draw is asked for, or the coverage is not a share strictly between 0 and 1."""
    if draws < 1:
        raise InputError("at least one draw is needed", where="draws", found=draws)
    if not 0 < coverage < 1:
        raise InputError("the coverage is not between 0 and 1", where="coverage", found=coverage)


def rollcall_weights(rng: np.random.Generator, rollcalls: int, draws: int) -> Floats:
    """How often each roll-call is drawn when as many are drawn with replacement: (draws, rollcalls)."""
    return rng.multinomial(rollcalls, np.full(rollcalls, 1 / rollcalls), size=draws).astype(float)


def quantiles(values: Floats, shares: Sequence[float]) -> list[Floats]:
    """Quantiles over the first axis, interpolated (Hyndman & Fan 1996, type 7); NaN is left out, and what is all NaN
    stays so."""
    ordered = np.sort(values, axis=0)  # NaN last
    last = np.maximum(np.count_nonzero(~np.isnan(values), axis=0) - 1, 0)
    found = []
    for share in shares:
        position = share * last
        below = np.floor(position).astype(np.intp)
        under, over = (np.take_along_axis(ordered, at[None], axis=0)[0] for at in (below, np.minimum(below + 1, last)))
        found.append(under + (position - below) * (over - under))
    return found


def percentile_interval(values: Floats, coverage: float) -> tuple[Floats, Floats]:
    """Low and high percentiles over the first axis (Efron & Tibshirani 1993, ch. 13).

    Draws in which a statistic is undefined (NaN) are left out.
    """
    tail = (1 - coverage) / 2
    low, high = quantiles(values, (tail, 1 - tail))
    return low, high

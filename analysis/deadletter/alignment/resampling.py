"""Intervals: of statistics over resampled roll-calls, and of shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from deadletter.errors import InputError

Floats = NDArray[np.float64]


def check_draws(draws: int, coverage: float) -> None:
    """InputError where no draw is asked for, or the coverage is no share strictly between 0 and 1."""
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


def wilson_interval(successes: ArrayLike, n: ArrayLike, coverage: float) -> tuple[Floats, Floats]:
    """Wilson's score intervals of many shares (Wilson 1927; Brown, Cai & DasGupta 2001, eq. 4); NaN where n is 0."""
    trials = np.asarray(n, dtype=float)
    z2 = norm.ppf((1 + coverage) / 2) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.asarray(successes, dtype=float) / trials
        centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
        half = np.sqrt(z2 * (share * (1 - share) / trials + z2 / (4 * trials**2))) / (1 + z2 / trials)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)

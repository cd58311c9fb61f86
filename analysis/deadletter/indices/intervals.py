"""What an index returns, and how its interval is computed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from deadletter.coding.model import Intervals
from deadletter.errors import InputError
from deadletter.indices.means import Floats

# values of rows and how often each counts, (draws, rows) → the index, (draws,)
Statistic = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True)
class IndexValue:
    """An index in [0, 1] (sums of strengths apart) with its interval.

    ``low`` and ``high`` bound the interval (bootstrap over rows, or Wilson's); ``bound_low`` and ``bound_high`` are the
    index with every unknown rating at either extreme; ``n`` counts rows; ``note`` is ``insufficient`` where rows are
    too few for a value.
    """

    value: float
    low: float
    high: float
    bound_low: float
    bound_high: float
    n: int
    note: str = ""

    def guarded(self, intervals: Intervals) -> IndexValue:
        """Without a value where rows are too few: the interval alone remains."""
        if 0 < self.n < intervals.minimum_rows:
            return replace(self, value=math.nan, note="insufficient")
        return self


NOTHING = IndexValue(math.nan, math.nan, math.nan, math.nan, math.nan, 0, "no rows")


def _with_interval(values: Floats, level: float) -> tuple[float, float, float]:
    """A statistic over rows, and its percentile interval over rows drawn with replacement (Efron & Tibshirani 1993,
    ch. 13); draws in which it is undefined are left out.

    values: under :func:`row_weights`.
    """
    drawn = values[1:][~np.isnan(values[1:])]
    if not drawn.size:
        return float(values[0]), math.nan, math.nan
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(values[0]), float(low), float(high)


def row_weights(rows: int, intervals: Intervals) -> Floats:
    """How often each row counts, (1 + draws, rows), read-only: once each in the first row, then as often as drawn."""
    return _resampled(rows, intervals.draws, intervals.seed)


@lru_cache(maxsize=64)
def _resampled(rows: int, draws: int, seed: int) -> Floats:
    drawn = np.random.default_rng(seed).multinomial(rows, np.full(rows, 1 / rows), size=draws)
    weights = np.concatenate([np.ones((1, rows)), drawn.astype(float)])
    weights.setflags(write=False)
    return weights


def from_draws(drawn: Floats, lowest: float, highest: float, n: int, intervals: Intervals) -> IndexValue:
    """An index from its values under :func:`row_weights`, and from those with unknown ratings at either extreme."""
    return IndexValue(*_with_interval(drawn, intervals.level), lowest, highest, n).guarded(intervals)


def from_statistic(
    statistic: Statistic, values: Floats, intervals: Intervals, extremes: tuple[Floats, Floats] | None = None
) -> IndexValue:
    """An index from its statistic.

    Parameters
    ----------
    statistic: values of rows and their weights, (draws, rows), to the index, (draws,).
    values: by row, in [0, 1]; NaN where unknown. extremes: the values with what is unknown at its lowest, and at its
        highest; 0 and 1 where None.
    """
    n = len(values)
    if n == 0:
        return NOTHING
    drawn, once = statistic(values, row_weights(n, intervals)), np.ones((1, n))
    lowest = highest = float(drawn[0])
    if extremes or np.isnan(values).any():
        least, most = extremes or (np.nan_to_num(values, nan=0.0), np.nan_to_num(values, nan=1.0))
        lowest, highest = (float(statistic(each, once)[0]) for each in (least, most))
    return from_draws(drawn, lowest, highest, n, intervals)


@cache
def _two_sided(level: float) -> float:
    """The normal quantile of a two-sided interval."""
    return float(ndtri((1 + level) / 2))


def wilson(successes: float, n: int, level: float) -> tuple[float, float]:
    """Wilson's score interval of a share; ``successes`` may be fractional where an ambiguous case counts in part.

    Raises InputError where successes are negative or more than n, or the level is not between 0 and 1.
    """
    if successes < 0 or successes > n + 1e-9 or not 0 < level < 1:
        found = f"{successes} of {n}, level {level}"
        raise InputError(
            "no interval can be made", where="wilson", found=found, allowed="0 ≤ successes ≤ n, 0 < level < 1"
        )
    low, high = wilson_intervals(successes, n, level)
    return float(low), float(high)


def wilson_intervals(successes: ArrayLike, n: ArrayLike, level: float) -> tuple[Floats, Floats]:
    """Wilson's intervals of many shares (Wilson 1927; Brown, Cai & DasGupta 2001, eq. 4); NaN where n is 0."""
    z, n = _two_sided(level), np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.asarray(successes, dtype=float) / n
        centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # None and all of n end at 0 and 1, where rounding would leave the share outside its own interval by 1e-17.
    low, high = np.maximum(0.0, centre - half), np.minimum(1.0, centre + half)
    return np.where(share <= 0, 0.0, low), np.where(share >= 1, 1.0, high)

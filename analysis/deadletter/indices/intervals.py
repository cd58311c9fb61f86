"""What an index returns, and how its interval comes about."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from deadletter.coding.model import Intervals
from deadletter.errors import InputError

Floats = NDArray[np.float64]
# weights of rows, shape (draws, rows) → values of the index, shape (draws,)
Statistic = Callable[[Floats], Floats]


@dataclass(frozen=True)
class IndexValue:
    """An index in [0, 1] (sums of strengths apart) with its interval.

    ``low`` and ``high`` bound the interval (bootstrap over rows, or Wilson's); ``bound_low`` and ``bound_high`` are the
    index with every unknown rating at the one and the other extreme; ``n`` counts rows; ``note`` is ``insufficient``
    where rows are too few for a value of their own.
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


def bootstrap(statistic: Statistic, rows: int, intervals: Intervals) -> tuple[float, float]:
    """Percentile interval of a statistic over rows drawn with replacement (Efron & Tibshirani 1993, ch. 13).

    Draws in which the statistic is undefined are left out.
    """
    values = statistic(_resampled(rows, intervals.draws, intervals.seed))
    values = values[~np.isnan(values)]
    if not values.size:
        return math.nan, math.nan
    tail = (1 - intervals.level) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


@lru_cache(maxsize=64)
def _resampled(rows: int, draws: int, seed: int) -> Floats:
    """How often each row is drawn: (draws, rows), read-only, for indices of as many rows share it."""
    weights = np.random.default_rng(seed).multinomial(rows, np.full(rows, 1 / rows), size=draws).astype(float)
    weights.setflags(write=False)
    return weights


def from_statistic(
    statistic: Statistic, lowest: Statistic, highest: Statistic, n: int, intervals: Intervals
) -> IndexValue:
    """An index from its statistic, and the same with unknown ratings at both extremes."""
    if n == 0:
        return NOTHING
    once = np.ones((1, n))
    low, high = bootstrap(statistic, n, intervals)
    return IndexValue(float(statistic(once)[0]), low, high, float(lowest(once)[0]), float(highest(once)[0]), n).guarded(
        intervals
    )


@cache
def _two_sided(level: float) -> float:
    """The normal quantile of a two-sided interval."""
    return float(norm.ppf((1 + level) / 2))


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
    return np.maximum(0.0, centre - half), np.minimum(1.0, centre + half)

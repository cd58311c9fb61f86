"""Whether a difference can be discerned: intervals of counts, and of the difference of two values with intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from scipy.stats import chi2

NAN = float("nan")


@dataclass(frozen=True)
class Difference:
    """A difference with its interval; NaN bounds where one of the two values has no interval."""

    value: float
    low: float
    high: float

    @property
    def discernible(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0 or self.high < 0

    def shifted(self, by: float) -> Difference:
        return Difference(self.value + by, self.low + by, self.high + by)


def difference(larger: tuple[float, float, float], smaller: tuple[float, float, float]) -> Difference:
    """The interval of a difference from those of its two values (MOVER: Zou & Donner 2008, eq. 3; for shares with
    Wilson's intervals it is method 10 of Newcombe 1998).

    Parameters
    ----------
    larger, smaller: value, lower and upper bound. The two are taken as independent, which is conservative for values
        that share rows.
    """
    (x, x_low, x_high), (y, y_low, y_high) = larger, smaller
    low = x - y - math.hypot(x - x_low, y_high - y)
    high = x - y + math.hypot(x_high - x, y - y_low)
    return Difference(x - y, low, high)


@cache
def count_interval(count: int, level: float) -> tuple[float, float]:
    """The exact interval of a Poisson count (Garwood 1936)."""
    tail = (1 - level) / 2
    low = float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    return low, float(chi2.ppf(1 - tail, 2 * count + 2)) / 2

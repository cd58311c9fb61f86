"""What a measure gives: a value with its interval and bounds, what was read for it, and a clause that says so; and
whether the difference of two values can be discerned."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from scipy.special import gammaincinv

from deadletter.argument.criterion import CLOSE

Names = tuple[str, ...]
SCALES = ("share", "0–1", "difference")


@dataclass(frozen=True)
class Measured:
    """A value with its unit, a clause that says what was found, and the subject alone for comparisons.

    ``low`` and ``high``: the interval, NaN without one. ``least`` and ``most``: the value with all that is ambiguous,
    unclear or unreported at either extreme. ``others``: counts with the rows that ``value`` leaves out,
    first those of the claim's own sentence, then also those after the coding's horizon. A NaN comes with ``missing``,
    the category that says why, and ``words`` say it. ``anchored``: the value depends on an anchor of the typology.
    """

    value: float
    unit: str
    words: str
    subject: str
    low: float = math.nan
    high: float = math.nan
    least: float = math.nan
    most: float = math.nan
    others: tuple[float, ...] = ()
    units: Names = ()
    cells: Names = ()
    missing: str = ""
    anchored: bool = False

    @property
    def on_scale(self) -> bool:
        """Whether the value lies on a scale from 0 to 1, so that the margin applies."""
        return self.unit in SCALES

    @property
    def bounds(self) -> tuple[float, ...]:
        """The bounds where they differ from the value; empty where nothing is open."""
        return tuple(end for end in (self.least, self.most) if abs(end - self.value) > CLOSE)

    @property
    def interval(self) -> tuple[float, float, float]:
        return self.value, self.low, self.high


def nothing(
    unit: str, subject: str, why: str, missing: str = "insufficient", units: Names = (), cells: Names = ()
) -> Measured:
    """A measure without a value, and the sentence that says why; ``units`` and ``cells``: what was read."""
    return Measured(math.nan, unit, why, subject, units=units, cells=cells, missing=missing)


def ends(least: float, most: float, unit: str) -> str:
    """The bounds in words, after a comma; empty where they coincide."""
    if not most - least > CLOSE:
        return ""
    scale = {"share": "{:.0%}", "0–1": "{:.2f}"}.get(unit, "{:g}")
    low, high = (scale.format(end) for end in (least, most))
    return f", between {low} and {high} depending on what is ambiguous or unreported"


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

    def score(self, by: float, margin: float) -> float:
        """1 where it is larger than ``by`` and the margin together, ½ where only above zero, 0 below; NaN where the
        interval includes zero."""
        if not self.discernible:
            return math.nan
        return 0.0 if self.value < 0 else 1.0 if self.value > by + margin + CLOSE else 0.5


def difference(larger: tuple[float, float, float], smaller: tuple[float, float, float]) -> Difference:
    """The interval of a difference from those of its two values (MOVER: Zou & Donner 2008, eq. 3; for shares with
    Wilson's intervals it is method 10 of Newcombe 1998).

    larger, smaller: value, lower and upper bound. The two are taken as independent, which is conservative for values
        that share rows.
    """
    (x, x_low, x_high), (y, y_low, y_high) = larger, smaller
    low = x - y - math.hypot(x - x_low, y_high - y)
    return Difference(x - y, low, x - y + math.hypot(x_high - x, y - y_low))


@cache
def count_interval(count: int, level: float) -> tuple[float, float]:
    """The exact interval of a Poisson count (Garwood 1936)."""
    tail = (1 - level) / 2
    low = float(gammaincinv(count, tail)) if count else 0.0
    return low, float(gammaincinv(count + 1, 1 - tail))

"""What a measure gives: a value with its interval and bounds, what was read for it, and a clause that says so."""

from __future__ import annotations

from dataclasses import dataclass

from deadletter.argument.criterion import CLOSE
from deadletter.argument.grounds import Grounds

NAN = float("nan")
SCALES = ("share", "0–1", "difference")


@dataclass(frozen=True)
class Measured:
    """A value with its unit, a clause that says what was found, and the subject alone for comparisons.

    ``low`` and ``high``: the interval, NaN without one. ``least`` and ``most``: the value with all that is ambiguous,
    unclear or unreported at the one and the other extreme. ``others``: counts with the rows that ``value`` leaves out,
    first those of the claim's own sentence, then also those after the coding's horizon. ``read``: distinct sentences
    read, 0 where sentences are not what is counted. A NaN comes with ``missing``, the category that says why, and
    ``words`` say it. ``anchored``: the value depends on an anchor of the typology.
    """

    value: float
    unit: str
    words: str
    subject: str
    low: float = NAN
    high: float = NAN
    least: float = NAN
    most: float = NAN
    others: tuple[float, ...] = ()
    units: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
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
    unit: str,
    subject: str,
    why: str,
    missing: str = "insufficient",
    *,
    units: tuple[str, ...] = (),
    cells: tuple[str, ...] = (),
) -> Measured:
    """Nothing measured, for a reason that is a sentence of its own."""
    return Measured(NAN, unit, why, subject, units=units, cells=cells, missing=missing)


def enough(grounds: Grounds, least: int | None) -> int:
    """The least number of distinct sentences: the test's own, or the coding's."""
    return grounds.coding.argument.least if least is None else least


def ends(least: float, most: float, unit: str) -> str:
    """The bounds in words, in brackets; empty where they coincide."""
    if not most - least > CLOSE:
        return ""
    low, high = (f"{end:.0%}" if unit == "share" else f"{end:.2f}" if unit == "0–1" else f"{end:g}"
                 for end in (least, most))  # fmt: skip
    return f", between {low} and {high} depending on what is ambiguous or unreported"

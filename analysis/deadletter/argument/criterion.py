"""What a measured value must be for a claim to hold, and to hold in part."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from deadletter.coding.model import Part

Relation = Literal["=", "<", ">", "<=", ">="]
CLOSE = 1e-9
_UPWARD = (">", ">=")
_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SIGNS = {"=": "", "<": "below ", ">": "above ", "<=": "at most ", ">=": "at least "}
_SHARES = {0.25: "a quarter", 0.5: "half", 0.75: "three quarters"}


class Criterion(Part):
    """``relation`` to ``value``; a value that only meets ``partly`` counts half.

    ``tolerance``, in the value's unit, makes every relation that much easier.
    """

    relation: Relation
    value: float
    partly: float | None = None
    tolerance: Annotated[float, Field(ge=0)] = 0.0

    @model_validator(mode="after")
    def _easier(self) -> Criterion:
        easier = {"<": 1, "<=": 1, ">": -1, ">=": -1}.get(self.relation, 0)
        if self.partly is not None and easier * (self.partly - self.value) <= 0:
            raise ValueError("partly must be easier to meet than value, and goes with no equality")
        return self

    def score(self, found: float, margin: float = 0.0) -> float:
        """1 where the value meets the criterion, ½ where it meets it in part, else 0; NaN stays NaN.

        A value within ``margin`` of the criterion counts half, on either side of it; ``partly`` is easier by as much.
        A criterion at an end of the scale from 0 to 1 can only be met exactly, so that there the margin is one-sided.
        """
        if math.isnan(found):
            return math.nan
        if self.relation == "=":
            return 1.0 if abs(found - self.value) <= self.tolerance + CLOSE else 0.0
        if self._met(found, self.value, 0.0 if self.at_end else -margin):
            return 1.0
        easiest = self.value if self.partly is None else self.partly
        in_part = self.partly is not None or margin
        return 0.5 if in_part and self._met(found, easiest, margin) else 0.0

    @property
    def wants_none(self) -> bool:
        """Whether the criterion asks a count to be zero."""
        return self.value <= 0 and self.relation in ("=", "<=")

    @property
    def at_end(self) -> bool:
        """Whether the value is an end of the scale from 0 to 1, which can only be met exactly."""
        return (self.relation == "<=" and self.value <= 0) or (self.relation == ">=" and self.value >= 1)

    def _met(self, found: float, wanted: float, slack: float) -> bool:
        """Whether the relation holds, made easier by the slack, or harder where it is negative."""
        ahead = (found - wanted if self.relation in _UPWARD else wanted - found) + self.tolerance + slack
        inclusive = slack > 0 or (slack == 0 and self.relation in ("<=", ">="))
        return ahead >= -CLOSE if inclusive else ahead > CLOSE

    @property
    def short(self) -> str:
        """The criterion as a cell of a table, such as ``at least 2 (in part from 1)``."""
        slack = f" ± {self.tolerance:g}" if self.tolerance else ""
        part = {"<": "below", "<=": "up to", ">": "above"}.get(self.relation, "from")
        easier = f" (in part {part} {self.partly:g})" if self.partly is not None else ""
        return f"{_SIGNS[self.relation]}{self.value:g}{slack}{easier}"

    @property
    def after_noun(self) -> str:
        """The criterion after a noun, such as ``of at least 2``, or ``above 2``."""
        return self.short if self.relation in ("<", ">") else f"of {self.short}"

    def words(self, unit: str) -> str:
        """The criterion in a sentence, such as ``more than half`` of a share or ``at least three``."""
        if unit == "difference" and not self.value:
            return "a value above it" if self.relation in _UPWARD else "a value below it"
        if unit == "share" and self.at_end:
            return "all" if self.value else "none"
        sign = "more than " if self.relation == ">" and unit != "0–1" else _SIGNS[self.relation]
        return f"{sign}{number(self.value, unit)}"


def number(value: float, unit: str) -> str:
    """A value as it is written in a sentence: shares in per cent or fractions, small counts in letters."""
    if unit == "share":
        return _SHARES.get(value, "all" if value == 1 else "none" if value == 0 else f"{value:.0%}")
    if unit in ("0–1", "difference"):
        return f"{value:.2f}" if value not in (0, 1) else f"{value:g}"
    return _NUMBERS[int(value)] if value in range(len(_NUMBERS)) else f"{value:g}"

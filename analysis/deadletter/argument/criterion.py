"""What a measured value must be for a claim to hold, and to hold in part."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import model_validator

from deadletter.coding.model import Part

Relation = Literal["=", "<", ">", "<=", ">="]
CLOSE = 1e-9


class Criterion(Part):
    """``relation`` to ``value``; a value that only meets ``partly`` counts half.

    ``tolerance``, in the value's unit, makes every relation that much easier.
    """

    relation: Relation
    value: float
    partly: float | None = None
    tolerance: float = 0.0

    @model_validator(mode="after")
    def _easier(self) -> Criterion:
        if self.tolerance < 0:
            raise ValueError("tolerance is negative")
        easier = {"<": 1, "<=": 1, ">": -1, ">=": -1}.get(self.relation, 0)
        if self.partly is not None and easier * (self.partly - self.value) <= 0:
            raise ValueError("partly must be easier to meet than value, and goes with no equality")
        return self

    def score(self, found: float) -> float:
        """1 where the value meets the criterion, ½ where it meets it in part, else 0; NaN stays NaN."""
        if math.isnan(found):
            return math.nan
        if self._met(found, self.value):
            return 1.0
        return 0.5 if self.partly is not None and self._met(found, self.partly) else 0.0

    def _met(self, found: float, wanted: float) -> bool:
        ahead = found - wanted if self.relation in (">", ">=") else wanted - found
        if self.relation == "=":
            return abs(found - wanted) <= self.tolerance + CLOSE
        if self.relation in ("<=", ">="):
            return ahead >= -self.tolerance - CLOSE
        return ahead > -self.tolerance + CLOSE

    @property
    def words(self) -> str:
        """The criterion in words, such as ``at least 2 (in part from 1)``."""
        sign = {"=": "", "<": "below ", ">": "above ", "<=": "at most ", ">=": "at least "}[self.relation]
        slack = f" ± {self.tolerance:g}" if self.tolerance else ""
        part = {"<": "below", "<=": "up to", ">": "above"}.get(self.relation, "from")
        return f"{sign}{self.value:g}{slack}" + (
            f" (in part {part} {self.partly:g})" if self.partly is not None else ""
        )

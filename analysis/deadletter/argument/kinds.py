"""The kinds of test. Each is a model of its arguments that says, on given grounds, what it found."""

from __future__ import annotations

import json
import math
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from deadletter.argument.criterion import CLOSE, Criterion
from deadletter.argument.found import NAN, Found, left_open, missing, settled, told
from deadletter.argument.grounds import Grounds
from deadletter.argument.measured_values import Measure
from deadletter.argument.outside import Estimates, LaterFacts, Statements
from deadletter.argument.selected_rows import Rows, first_days, select_rows
from deadletter.argument.verdicts import NONE, weakest
from deadletter.coding.model import Part
from deadletter.errors import InputError


class Meets(Part):
    """A measure meets a criterion: counts, shares at least so large, indices above a value, and the like."""

    kind: Literal["meets"]
    of: Measure
    criterion: Criterion

    def run(self, grounds: Grounds) -> Found:
        measured, criterion = self.of.take(grounds), self.criterion
        if math.isnan(measured.value):
            return missing(measured)
        score = settled(criterion.score, measured)
        if math.isnan(score):
            return left_open(measured)
        return Found(
            score,
            f"{measured.words}: {told(measured)}, wanted {criterion.words}",
            computed=measured.value,
            article=criterion.value if criterion.relation == "=" else criterion.words,
            unit=measured.unit,
            tolerance=criterion.tolerance,
            units=measured.units,
            cells=measured.cells,
        )


class Exceeds(Part):
    """One measure is larger than another: an ordering, or (of one index in two periods) a trend.

    Larger by less than ``by`` counts half.
    """

    kind: Literal["exceeds"]
    larger: Measure
    smaller: Measure
    by: Annotated[float, Field(ge=0)] = 0.0

    def run(self, grounds: Grounds) -> Found:
        larger, smaller = self.larger.take(grounds), self.smaller.take(grounds)
        for measured in (larger, smaller):
            if math.isnan(measured.value):
                return missing(measured)
        score = settled(self._score, larger, smaller)
        if math.isnan(score):
            return left_open(larger, smaller)
        more = f" by more than {self.by:g}" if self.by else ""
        reason = f"{larger.words}: {told(larger)}, against {told(smaller)} for {smaller.words}; wanted larger{more}"
        return Found(
            score,
            reason,
            computed=larger.value - smaller.value,
            article=f"above {self.by:g}",
            unit=f"difference, {larger.unit}",
            tolerance=self.by,
            units=tuple(dict.fromkeys((*larger.units, *smaller.units))),
            cells=tuple(dict.fromkeys((*larger.cells, *smaller.cells))),
        )

    def _score(self, larger: float, smaller: float) -> float:
        gap = larger - smaller
        return 1.0 if gap > self.by + CLOSE else 0.5 if gap > CLOSE else 0.0


class Matches(Part):
    """A measure is the figure that the article states, within a tolerance."""

    kind: Literal["matches"]
    of: Measure
    figure: str
    tolerance: Annotated[float, Field(ge=0)] = 0.0

    def run(self, grounds: Grounds) -> Found:
        figures = grounds.dataset["figures"].set_index("id")
        if self.figure not in figures.index:
            raise InputError("no such figure", found=self.figure, allowed=list(figures.index))
        measured, stated = self.of.take(grounds), float(figures.loc[self.figure, "value"])
        if math.isnan(measured.value):
            return missing(measured)
        score = settled(lambda value: float(abs(value - stated) <= self.tolerance + CLOSE), measured)
        if math.isnan(score):
            return left_open(measured)
        return Found(
            score,
            f"{measured.words}: {told(measured)}, stated {stated:g}, tolerance {self.tolerance:g}",
            computed=measured.value,
            article=stated,
            unit=measured.unit,
            tolerance=self.tolerance,
            units=(*measured.units, self.figure),
            cells=measured.cells,
        )


class Earlier(Part):
    """The earliest of some rows is dated before (or, with ``same``, not after) the earliest of others."""

    kind: Literal["earlier"]
    first: Rows
    then: Rows
    same: bool = False

    def run(self, grounds: Grounds) -> Found:
        frames = [select_rows(grounds, rows) for rows in (self.first, self.then)]
        units = tuple(unit for frame in frames for unit in frame["id"])
        days = [first_days(frame) for frame in frames]
        if not all(days):
            which = self.first if not days[0] else self.then
            return Found(NAN, f"no dated row among {which.words}", NONE, category="insufficient", units=units)
        before, after = days[0][0], days[1][0]
        holds = before <= after if self.same else before < after
        wanted = "not later than" if self.same else "before"
        reason = (
            f"{self.first.words} from {before}, {self.then.words} from {after}; wanted the first {wanted} the other"
        )
        return Found(float(holds), reason, computed=before, article=f"{wanted} {after}", unit="date", units=units)


class AllOf(Part):
    """Several tests together: all hold, some, or none.

    Where some of them cannot be decided, the others hold at most in part.
    """

    kind: Literal["all_of"]
    tests: Annotated[list[Test], Field(min_length=2)]

    def run(self, grounds: Grounds) -> Found:
        found = [test.run(grounds) for test in self.tests]
        decided = [f for f in found if not math.isnan(f.score)]
        units = tuple(dict.fromkeys(unit for f in found for unit in f.units))
        cells = tuple(dict.fromkeys(cell for f in found for cell in f.cells))
        reason = "; ".join(f"({n}) {f.reason}" for n, f in enumerate(found, start=1))
        if not decided:
            return Found(NAN, reason, NONE, category=found[0].category, units=units, cells=cells)
        scores = [f.score for f in decided]
        holding = scores.count(1.0)
        return Found(
            1.0 if holding == len(found) else 0.0 if max(scores) == 0 else 0.5,
            f"{holding} of {len(found)} hold: {reason}",
            weakest(f.basis for f in decided),
            computed=holding,
            article=f"all of {len(found)}",
            unit="tests",
            units=units,
            cells=cells,
        )


Test = Annotated[
    Meets | Exceeds | Matches | Earlier | Statements | Estimates | LaterFacts | AllOf, Field(discriminator="kind")
]
AllOf.model_rebuild()
KINDS = {
    model.model_fields["kind"].annotation.__args__[0]: model
    for model in (Meets, Exceeds, Matches, Earlier, Statements, Estimates, LaterFacts, AllOf)
}


def read_test(kind: str, arguments: str, where: str) -> Test:
    """A test from its kind and its arguments in JSON.

    Raises
    ------
    InputError: no such kind, no JSON object, or arguments that the kind does not take; ``where`` names the row.
    """
    if kind not in KINDS:
        raise InputError("no such kind of test", where=f"{where} column kind", found=kind, allowed=sorted(KINDS))
    where = f"{where} column arguments"
    try:
        given = json.loads(arguments)
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"is no JSON ({error})", where=where, found=arguments) from None
    if not isinstance(given, dict):
        raise InputError("is no JSON object", where=where, found=arguments)
    try:
        return TypeAdapter(Test).validate_python({"kind": kind, **given})
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"][1:])
        raise InputError(f"{kind}: {path}: {first['msg']}", where=where, found=first["input"]) from None


def run_test(test: Test, grounds: Grounds, where: str) -> Found:
    """Run a test; what it cannot find (a row, a column, an index) is told with the place of the declaration."""
    try:
        return test.run(grounds)
    except InputError as error:
        raise InputError(
            f"{test.kind}: {error.problem}", where=where, found=error.found, allowed=error.allowed
        ) from None

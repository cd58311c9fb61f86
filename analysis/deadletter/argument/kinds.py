"""The kinds of test of the account, and all kinds together: models of their arguments that say what they find."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Annotated, Literal, get_args

from pydantic import Field, TypeAdapter, ValidationError

from deadletter.argument.criterion import CLOSE, Criterion, number
from deadletter.argument.differences import Difference, difference
from deadletter.argument.found import NAN, Found, united
from deadletter.argument.grounds import Grounds
from deadletter.argument.measured_results import Index, Lead, Membership, Outvotable
from deadletter.argument.measured_rows import Count, Rating, Share
from deadletter.argument.outside import Estimates, LaterFacts, Statements
from deadletter.argument.record_data import Figures
from deadletter.argument.record_facts import Provision, Rank, Records
from deadletter.argument.record_votes import Alignment, Realignment
from deadletter.argument.selected_rows import Rows, first_days, select_rows
from deadletter.argument.settled import left_open, missing, settled
from deadletter.coding.model import Part
from deadletter.errors import InputError
from deadletter.labels import NONE

Measure = Annotated[Count | Share | Rating | Index | Lead | Membership | Outvotable, Field(discriminator="measure")]


class Meets(Part):
    """A measure meets a criterion: counts, shares at least so large, indices above a value, and the like."""

    kind: Literal["meets"]
    of: Measure
    criterion: Criterion

    def run(self, grounds: Grounds) -> Found:
        measured, criterion = self.of.take(grounds), self.criterion
        if math.isnan(measured.value):
            return missing(measured)
        if isinstance(self.of, Count) and not measured.value and criterion.wants_none:
            why = f"{measured.words}, which does not prove that there were none"
            return Found(NAN, why, NONE, category="insufficient", units=measured.units)
        margin = grounds.coding.argument.margin if measured.on_scale else 0.0
        score, why_not = settled(lambda value: criterion.score(value, margin), measured)
        claimed = f"{measured.words}; the claim requires {criterion.words(measured.unit)}"
        if math.isnan(score):
            return left_open(f"{claimed}, and {why_not[1]}", why_not[0], measured)
        close = _close(abs(measured.value - criterion.value) <= margin, score)
        return Found(
            score,
            f"{claimed}{close}",
            computed=measured.value,
            article=criterion.value if criterion.relation == "=" else criterion.short,
            unit=measured.unit,
            tolerance=criterion.tolerance,
            units=measured.units,
            cells=measured.cells,
            anchored=measured.anchored,
            margin=abs(measured.value - criterion.value) if measured.on_scale and not criterion.at_end else NAN,
        )


class Exceeds(Part):
    """One measure is larger than another: an ordering, or (of one index in two periods) a trend.

    Undecided where the interval of the difference includes zero. Larger by less than ``by``, or by less than the margin
    on scales from 0 to 1, counts half.
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
        between = difference(larger.interval, smaller.interval)
        margin = grounds.coding.argument.margin if larger.on_scale else 0.0

        def score(first: float, second: float) -> float:
            return self._score(between.shifted(first - second - between.value), margin)

        compared = f"{larger.words}; {_inside(smaller.words)}. The difference is {_signed(between, larger.unit)}"
        found = settled(score, larger, smaller)
        if math.isnan(found[0]):
            if not between.discernible and not found[1][1]:
                return left_open(f"{compared}: no discernible difference", "no change", larger, smaller)
            why = found[1][1] or "no discernible difference at one end of what is ambiguous or unreported"
            return left_open(f"{compared}, and {why}", found[1][0], larger, smaller)
        more = f" by more than {number(self.by, larger.unit)}" if self.by else ""
        return Found(
            found[0],
            f"{compared}; the claim requires the first to be larger{more}",
            computed=between.value,
            article=f"above {self.by:g}",
            unit=f"difference, {larger.unit}",
            tolerance=self.by,
            units=united((larger.units, smaller.units)),
            cells=united((larger.cells, smaller.cells)),
            anchored=larger.anchored or smaller.anchored,
        )

    def _score(self, gap: Difference, margin: float) -> float:
        if not gap.discernible:
            return NAN
        if gap.value < 0:
            return 0.0
        return 1.0 if gap.value > self.by + margin + CLOSE else 0.5


class Matches(Part):
    """A measure is the figure that the text states, within a tolerance."""

    kind: Literal["matches"]
    of: Measure
    figure: str
    tolerance: Annotated[float, Field(ge=0)] = 0.0

    def run(self, grounds: Grounds) -> Found:
        figures = grounds.dataset["figures"].set_index("id")
        if self.figure not in figures.index:
            raise InputError("no such figure", found=self.figure, allowed=list(figures.index))
        measured, stated = self.of.take(grounds), float(figures["value"].loc[self.figure])
        if math.isnan(measured.value):
            return missing(measured)
        score, why_not = settled(lambda value: float(abs(value - stated) <= self.tolerance + CLOSE), measured)
        about = f", give or take {self.tolerance:g}" if self.tolerance else ""
        wording = f"{measured.words}; the text states {number(stated, measured.unit)}{about}"
        if math.isnan(score):
            return left_open(f"{wording}, and {why_not[1]}", why_not[0], measured)
        return Found(
            score,
            wording,
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
            return Found(NAN, f"The account dates none of the {which.words}", NONE, category="insufficient",
                         units=units)  # fmt: skip
        before, after = days[0][0], days[1][0]
        holds = before <= after if self.same else before < after
        wanted = "not later than" if self.same else "before"
        reason = (
            f"The account dates the {self.first.words} from {before} and the {self.then.words} from {after}; the claim "
            f"requires the first to come {wanted} the second"
        )
        return Found(float(holds), reason, computed=before, article=f"{wanted} {after}", unit="date", units=units)


class AllOf(Part):
    """Several tests together: all hold, some, or none; with ``each`` the claim falls with any one of them.

    Where some of them cannot be decided, the others hold at most in part.
    """

    kind: Literal["all_of"]
    tests: Annotated[list[Test], Field(min_length=2)]
    each: bool = False

    def run(self, grounds: Grounds) -> Found:
        found = [test.run(grounds) for test in self.tests]
        decided = [f for f in found if f.decided]
        units, cells = united(f.units for f in found), united(f.cells for f in found)
        trace = united(f.trace for f in found)
        reason = "; ".join(f"({n}) {f.reason}" for n, f in enumerate(found, start=1))
        if not decided:
            category = found[0].category
            return Found(NAN, reason, NONE, category=category, units=units, cells=cells, trace=trace)
        scores = [f.score for f in decided]
        holding = scores.count(1.0)
        failed = [f for f in decided if f.score == 0]
        fails = bool(failed) and (self.each or len(failed) == len(decided))
        parts = f"{number(len(found), 'tests')} parts {'holds' if holding == 1 else 'hold'}"
        return Found(
            1.0 if holding == len(found) else 0.0 if fails else 0.5,
            f"{number(holding, 'tests').capitalize()} of {parts}: {reason}",
            decided[0].basis,
            computed=holding,
            article=f"all of {len(found)}",
            unit="tests",
            units=units,
            cells=cells,
            trace=trace,
            anchored=fails and all(f.anchored for f in failed),
        )


class FirstOf(Part):
    """Tests in order of rank, such as a data set before single facts: the first that decides anything decides."""

    kind: Literal["first_of"]
    tests: Annotated[list[Test], Field(min_length=2)]

    def run(self, grounds: Grounds) -> Found:
        found = [test.run(grounds) for test in self.tests]
        first = next((number for number, one in enumerate(found) if one.decided), 0)
        outranked = "".join(f". Outranked: {one.reason}" for one in found[first + 1 :] if one.decided)
        passed = "".join(f"{one.reason}, which decides nothing. " for one in found[:first])
        wording = f"{passed}{found[first].reason}{outranked}"
        if not found[first].decided:
            wording = "; ".join(f"({n}) {one.reason}" for n, one in enumerate(found, start=1))
        units, cells, trace = (united(getattr(one, part) for one in found) for part in ("units", "cells", "trace"))
        return replace(found[first], reason=wording, units=units, cells=cells, trace=trace)


Test = Annotated[
    Meets | Exceeds | Matches | Earlier | Statements | Estimates | LaterFacts | Records | Provision | Rank | Figures
    | Alignment | Realignment | AllOf | FirstOf,
    Field(discriminator="kind"),
]  # fmt: skip
AllOf.model_rebuild()
FirstOf.model_rebuild()
_TESTS: TypeAdapter[Test] = TypeAdapter(Test)
KINDS = {
    get_args(model.model_fields["kind"].annotation)[0]: model
    for model in (
        Meets, Exceeds, Matches, Earlier, Statements, Estimates, LaterFacts, Records, Provision, Rank, Figures,
        Alignment, Realignment, AllOf, FirstOf,
    )
}  # fmt: skip


def _close(near: bool, score: float) -> str:
    return ", and the value lies within the margin of it" if near and score == 0.5 else ""


def _inside(words: str) -> str:
    """A clause as it goes on after another; names in capitals stay as they are."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def _signed(gap: Difference, unit: str) -> str:
    scale = "{:+.2f}" if unit != "share" else "{:+.0%}"
    value, low, high = (scale.format(part) for part in (gap.value, gap.low, gap.high))
    return f"{value} (interval {low} to {high})" if not math.isnan(gap.low) else f"{value}, without an interval"


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
        raise InputError(f"is not JSON ({error})", where=where, found=arguments) from None
    if not isinstance(given, dict):
        raise InputError("is not a JSON object", where=where, found=arguments)
    try:
        return _TESTS.validate_python({"kind": kind, **given})
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"][1:])
        raise InputError(f"{kind}: {path}: {first['msg']}", where=where, found=first["input"]) from None


def run_test(test: Test, grounds: Grounds, where: str) -> Found:
    """Run a test; what it cannot find (a row, a column, an index) is reported with the place of the declaration."""
    try:
        return test.run(grounds)
    except InputError as error:
        raise InputError(
            f"{test.kind}: {error.problem}", where=where, found=error.found, allowed=error.allowed
        ) from None

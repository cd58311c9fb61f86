"""The kinds of test of the account, and all kinds together: models of their arguments that say what they find."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Annotated, Literal, get_args

from pydantic import Field, TypeAdapter, ValidationError

from deadletter.argument.criterion import CLOSE, Criterion, number
from deadletter.argument.found import Found, missing, read_by, settled, undecided
from deadletter.argument.grounds import Grounds, check_known, stated_figures
from deadletter.argument.measured import Difference, difference
from deadletter.argument.measured_results import Index, Lead, Membership, Outvotable
from deadletter.argument.measured_rows import Count, Rating, Share
from deadletter.argument.outside import Estimates, Figures, LaterFacts, Statements
from deadletter.argument.record_facts import Provision, Rank, Records
from deadletter.argument.record_votes import Alignment, Realignment
from deadletter.argument.selected_rows import Rows, first_days, select_rows
from deadletter.coding.model import Part
from deadletter.errors import InputError
from deadletter.labels import day_in_words
from deadletter.patterns import words_of

Measure = Annotated[Count | Share | Rating | Index | Lead | Membership | Outvotable, Field(discriminator="measure")]


class Meets(Part):
    """A measure meets a criterion: a count of none, a share of at least a half, an index above its crossover."""

    kind: Literal["meets"]
    of: Measure
    criterion: Criterion

    def run(self, grounds: Grounds) -> Found:
        measured, criterion = self.of.take(grounds), self.criterion
        if math.isnan(measured.value):
            return missing(measured)
        if isinstance(self.of, Count) and not measured.value and criterion.wants_none:
            return undecided(f"{measured.words}, which does not prove that there were none", **read_by(measured))
        margin = grounds.coding.argument.margin if measured.on_scale else 0.0
        score, category, why = settled(lambda value: criterion.score(value, margin), measured)
        claimed = f"{measured.words}; the claim requires {criterion.words(measured.unit)}"
        if math.isnan(score):
            return undecided(f"{claimed}, and {why}", category, **read_by(measured))
        distance = abs(measured.value - criterion.value)
        close = ", and the value lies within the margin of it" if distance <= margin and score == 0.5 else ""
        return Found(
            score,
            f"{claimed}{close}",
            computed=measured.value,
            article=criterion.value if criterion.relation == "=" else criterion.short,
            unit=measured.unit,
            tolerance=criterion.tolerance,
            anchored=measured.anchored,
            margin=distance if measured.on_scale and not criterion.at_end else math.nan,
            **read_by(measured),
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
        between, read = difference(larger.interval, smaller.interval), read_by(larger, smaller)
        margin = grounds.coding.argument.margin if larger.on_scale else 0.0

        def scored(first: float, second: float) -> float:
            return between.shifted(first - second - between.value).score(self.by, margin)

        # a clause as it goes on after another; names in capitals stay as they are
        words = smaller.words
        words = words[:1].lower() + words[1:] if words[1:2].islower() else words
        compared = f"{larger.words}; {words}. The difference is {_signed(between, larger.unit)}"
        score, category, why = settled(scored, larger, smaller)
        if math.isnan(score):
            if not between.discernible and not why:
                return undecided(f"{compared}: no discernible difference", "no change", **read)
            why = why or "no discernible difference at one end of what is ambiguous or unreported"
            return undecided(f"{compared}, and {why}", category, **read)
        more = f" by more than {number(self.by, larger.unit)}" if self.by else ""
        return Found(
            score,
            f"{compared}; the claim requires the first to be larger{more}",
            computed=between.value,
            article=f"above {self.by:g}",
            unit=f"difference, {larger.unit}",
            tolerance=self.by,
            anchored=larger.anchored or smaller.anchored,
            **read,
        )


class Matches(Part):
    """A measure is the figure that the account states, within a tolerance."""

    kind: Literal["matches"]
    of: Measure
    figure: str
    tolerance: Annotated[float, Field(ge=0)] = 0.0

    def run(self, grounds: Grounds) -> Found:
        figures = stated_figures(grounds.dataset)
        check_known("no such figure", self.figure, figures)
        measured, stated = self.of.take(grounds), figures[self.figure]
        if math.isnan(measured.value):
            return missing(measured)
        score, category, why = settled(lambda value: float(abs(value - stated) <= self.tolerance + CLOSE), measured)
        about = f", give or take {self.tolerance:g}" if self.tolerance else ""
        wording = f"{measured.words}; the account states {number(stated, measured.unit)}{about}"
        read = read_by(measured)
        if math.isnan(score):
            return undecided(f"{wording}, and {why}", category, **read)
        read["units"] += (self.figure,)
        return Found(score, wording, computed=measured.value, article=stated, unit=measured.unit,
                     tolerance=self.tolerance, **read)  # fmt: skip


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
        for rows, dated in zip((self.first, self.then), days, strict=True):
            if not dated:
                return undecided(f"The account dates none of the {rows.words}", units=units)
        before, after = days[0][0], days[1][0]
        holds = before <= after if self.same else before < after
        wanted = "not later than" if self.same else "before"
        reason = (
            f"The account dates the {self.first.words} from {day_in_words(before)} and the {self.then.words} from "
            f"{day_in_words(after)}; the claim requires the first to come {wanted} the second"
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
        decided, read = [one for one in found if one.decided], read_by(*found)
        if not decided:
            return undecided(_numbered(found), found[0].category, **read)
        holding = [one.score for one in decided].count(1.0)
        failed = [one for one in decided if one.score == 0]
        fails = bool(failed) and (self.each or len(failed) == len(decided))
        return Found(
            1.0 if holding == len(found) else 0.0 if fails else 0.5,
            f"{_holding(holding, len(found))}: {_numbered(found)}",
            decided[0].basis,
            computed=holding,
            article=f"all of {len(found)}",
            unit="tests",
            anchored=fails and all(one.anchored for one in failed),
            **read,
        )


def _holding(holding: int, tests: int) -> str:
    """How many parts of a test hold: neither, both, one of three, all four."""
    if tests == 2 and holding != 1:
        return "Both parts hold" if holding else "Neither part holds"
    if holding == tests:
        return f"All {number(tests, 'tests')} parts hold"
    some = number(holding, "tests").capitalize() if holding else "None"
    return f"{some} of {number(tests, 'tests')} parts {'holds' if holding < 2 else 'hold'}"


class FirstOf(Part):
    """Tests in order of rank, such as a data set before single facts: the first that decides anything decides."""

    kind: Literal["first_of"]
    tests: Annotated[list[Test], Field(min_length=2)]

    def run(self, grounds: Grounds) -> Found:
        found = [test.run(grounds) for test in self.tests]
        first = next((position for position, one in enumerate(found) if one.decided), None)
        if first is None:
            return replace(found[0], reason=_numbered(found), **read_by(*found))
        passed = "".join(f"{one.reason}, which decides nothing. " for one in found[:first])
        outranked = "".join(f". Outranked: {one.reason}" for one in found[first + 1 :] if one.decided)
        return replace(found[first], reason=f"{passed}{found[first].reason}{outranked}", **read_by(*found))


Test = Annotated[
    Meets | Exceeds | Matches | Earlier | Statements | Estimates | LaterFacts | Records | Provision | Rank | Figures
    | Alignment | Realignment | AllOf | FirstOf,
    Field(discriminator="kind"),
]  # fmt: skip
AllOf.model_rebuild()
FirstOf.model_rebuild()
_TESTS: TypeAdapter[Test] = TypeAdapter(Test)
KINDS = {get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(get_args(Test)[0])}


def _numbered(found: list[Found]) -> str:
    return "; ".join(f"({n}) {one.reason}" for n, one in enumerate(found, start=1))


def _signed(gap: Difference, unit: str) -> str:
    scale = "{:+.2f}" if unit != "share" else "{:+.0%}"
    value, low, high = (scale.format(part) for part in (gap.value, gap.low, gap.high))
    return f"{value} (interval {low} to {high})" if not math.isnan(gap.low) else f"{value}, without an interval"


def read_test(kind: str, arguments: str, where: str) -> Test:
    """A test from its kind and its arguments in JSON.

    Raises InputError: no such kind, no JSON object, or arguments that the kind does not take; ``where`` names the row.
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
        pattern = first.get("ctx", {}).get("pattern")
        problem, allowed = ("is not allowed", words_of(pattern)) if pattern else (first["msg"], None)
        raise InputError(f"{kind}: {path}: {problem}", where=where, found=first["input"], allowed=allowed) from None


def run_test(test: Test, grounds: Grounds, where: str) -> Found:
    """Run a test; what it cannot find (a row, a column, an index) is reported with the place of the declaration."""
    try:
        return test.run(grounds)
    except InputError as error:
        problem = f"{test.kind}: {error.problem}"
        raise InputError(problem, where=where, found=error.found, allowed=error.allowed) from None

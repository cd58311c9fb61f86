"""Kinds of test that compute from votes: means of a measure of alignment, and changes set against those of others."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field, model_validator

from deadletter.alignment.cohesion import EVERYONE
from deadletter.alignment.declared import alignment_of, groups_of, votes_of
from deadletter.alignment.difference import difference_in_differences
from deadletter.alignment.votes import ABSENT, ABSTAIN, NO, YES, select
from deadletter.argument.criterion import Criterion
from deadletter.argument.found import Found, undecided
from deadletter.argument.grounds import Grounds, check_known
from deadletter.argument.measured import Difference, difference
from deadletter.coding.model import Part
from deadletter.frames import records
from deadletter.labels import RECORD, capital

Years = Annotated[list[int], Field(min_length=1, max_length=2)]
Interval = tuple[float, float, float]
FEW = 12  # up to so many roll-calls, each is listed
VOTED = {YES: "for", ABSTAIN: "abstaining", NO: "against", ABSENT: "absent"}
UNKNOWN: Interval = (math.nan, math.nan, math.nan)


class Votes(Part):
    """A mean of one measure over the years and units chosen in the table of alignment: of years, then of units."""

    vote_set: str
    units: Annotated[list[str], Field(min_length=1)]
    anchor: str = ""
    measure: str
    years: Years
    label: str = ""

    def words(self, names: Mapping[str, str]) -> str:
        """What the mean is of, with states by their names."""
        units = ", ".join(names.get(unit, f"the {unit}") for unit in self.units)
        whom = f" with {names.get(self.anchor, self.anchor)}" if self.anchor else ""
        what = self.label or f"{self.measure.replace('_', ' ')} of {units}{whom}"
        return f"{what} ({in_set(self.vote_set, names.get(self.anchor, 'the anchor'))}, {_span(self.years)})"

    def rows(self, grounds: Grounds) -> pd.DataFrame:
        """The rows of the table of alignment that the mean is taken over; states that the coding drops have none.

        Raises InputError: a set of votes, unit, anchor or measure that the table does not have.
        """
        table = alignment_of(grounds.dataset, grounds.coding)
        units = [unit for unit in self.units if unit not in grounds.coding.drop_states]
        wanted = {"vote_set": [self.vote_set], "measure": [self.measure], "unit": units}
        wanted |= {"anchor": [self.anchor]} if self.anchor else {}
        chosen = table["year"].between(self.years[0], self.years[-1]) & table["value"].notna()
        for column, values in wanted.items():
            for value in values:
                check_known(f"no such {column} in alignment.csv", value, table[column].unique())
            chosen &= table[column].isin(values)
        return table[chosen]

    def trace(self, grounds: Grounds, names: Mapping[str, str]) -> Iterator[str]:
        """The cells that the mean is taken over, a line each; of a small set of roll-calls also each vote."""
        for row in records(self.rows(grounds)):
            yield (
                f"alignment.csv {row['vote_set']}/{row['unit']}/{row['year']}/{row['measure']}: {row['value']:.3f} "
                f"({row['low']:.3f} to {row['high']:.3f}; n = {row['n']})"
            )
        groups = groups_of(grounds.dataset, grounds.coding)
        inside = groups.loc[groups["group"].isin(self.units), "state"]
        states = list(dict.fromkeys(one for one in (self.anchor, *self.units, *inside) if one in names))
        yield from cast_votes(grounds, self.vote_set, self.anchor, states, _ends(self.years))

    def take(self, grounds: Grounds) -> Interval:
        """The mean with its interval; NaN where a unit has no votes, or the years go on after the coding's horizon.

        Roll-calls of different years are drawn apart, so that errors of years cancel; those of one year are shared by
        the units, whose errors are taken to go together.
        """
        rows = self.rows(grounds)
        rows = rows.assign(below=rows["value"] - rows["low"], above=rows["high"] - rows["value"])
        if _after_horizon(self.years, grounds) or set(rows["unit"]) != set(self.units):
            return UNKNOWN
        units = [
            (one["value"].mean(), *(((one[side] ** 2).sum() ** 0.5) / len(one) for side in ("below", "above")))
            for _, one in rows.groupby("unit")
        ]
        value, below, above = (float(sum(parts)) / len(units) for parts in zip(*units, strict=True))
        return value, value - below, value + above


class Alignment(Part):
    """Votes in the assembly: a mean of a measure meets a criterion or, with ``against``, is larger than another by more
    than ``by``. Within the margin in part at most; a difference whose interval includes zero decides nothing. With
    both, the criterion is on the difference, as where a claim says that two are much the same."""

    kind: Literal["alignment"]
    of: Votes
    against: Votes | None = None
    criterion: Criterion | None = None
    by: Annotated[float, Field(ge=0)] = 0.0

    @model_validator(mode="after")
    def _whole(self) -> Alignment:
        if self.against is None and self.criterion is None:
            raise ValueError("votes need a criterion, or others against which they are compared")
        if self.criterion is not None and self.by:
            raise ValueError("by goes without a criterion")
        return self

    def run(self, grounds: Grounds) -> Found:
        margin, chosen = grounds.coding.argument.margin, [self.of, *([self.against] if self.against else [])]
        names, means = state_names(grounds), [votes.take(grounds) for votes in chosen]
        words = [votes.words(names) for votes in chosen]
        wording = capital("; ".join(f"{what}: {_interval(mean)}" for what, mean in zip(words, means, strict=True)))
        read = _unsettled(f"Votes are missing or not known yet: {wording}", chosen, grounds, names)
        if any(math.isnan(mean[0]) for mean in means):
            return read
        gap = difference(means[0], means[1]) if self.against else Difference(*means[0])
        if self.criterion is None:
            return _larger(gap, self.by, margin, wording, read)
        named, short = "difference" if self.against else "mean", self.criterion.short
        required = f"the claim requires it to be {short}, beyond the margin of {margin:g}"
        return replace(
            read, score=self.criterion.score(gap.value, margin), basis=RECORD, category="", computed=gap.value,
            reason=f"{wording}; the {named} is {gap.value:.3f}, and {required}", article=short,
            unit="difference" if self.against else "0–1", margin=abs(gap.value - self.criterion.value),
        )  # fmt: skip


class Realignment(Part):
    """States have moved towards an anchor from one period to another (or, where ``moved`` is away, from it) by more
    than ``by``, beyond what all other voters have: a difference in differences of agreement.

    Undecided unless both of its intervals, over roll-calls and over states, exclude zero; by less: in part.
    """

    kind: Literal["realignment"]
    group: str
    anchor: str
    vote_set: str
    before: Years
    after: Years
    moved: Literal["towards", "away"]
    by: Annotated[float, Field(ge=0)] = 0.0

    def run(self, grounds: Grounds) -> Found:
        dataset, coding = grounds.dataset, grounds.coding
        groups, anchors = groups_of(dataset, coding), dataset["anchors"].set_index("anchor")
        check_known("no such group", self.group, groups["group"])
        check_known("no such anchor", self.anchor, anchors.index)
        names = state_names(grounds)
        anchor = names.get(self.anchor, self.anchor)
        chosen = [
            Votes(vote_set=self.vote_set, units=[self.group], anchor=self.anchor, measure="agreement", years=years)
            for years in (self.before, self.after)
        ]
        read = _unsettled("Votes of the later period are not known yet", chosen, grounds, names)
        if _after_horizon(self.after, grounds):
            return read
        members = set(groups.loc[groups["group"] == self.group, "state"]) - {self.anchor, EVERYONE}
        found = difference_in_differences(
            votes_of(dataset, coding), self.anchor, members, before=_ends(self.before), after=_ends(self.after),
            vote_set=self.vote_set, rival=anchors["rival"].loc[self.anchor],
            draws=coding.intervals.vote_draws, seed=coding.intervals.seed, coverage=coding.intervals.level,
        )  # fmt: skip
        sign = 1 if self.moved == "towards" else -1
        low, high = min(found.rollcall_low, found.state_low), max(found.rollcall_high, found.state_high)
        gap = Difference(sign * found.value, *sorted((sign * low, sign * high)))
        wording = (
            f"Agreement of the {self.group} with {anchor} ({in_set(self.vote_set, anchor)}) goes from "
            f"{found.treated_before:.2f} ({_span(self.before)}) to {found.treated_after:.2f} ({_span(self.after)}), "
            f"that of {found.control} other voters from {found.control_before:.2f} to {found.control_after:.2f}; "
            f"over {found.rollcalls} roll-calls the states move {'towards' if found.value > 0 else 'away'} by "
            f"{abs(found.value):.3f} net of others (interval of the change over roll-calls "
            f"{found.rollcall_low:+.3f} to {found.rollcall_high:+.3f}, over "
            f"states {found.state_low:+.3f} to {found.state_high:+.3f})"
        )
        return _larger(gap, self.by, coding.argument.margin, wording, read)


def cast_votes(
    grounds: Grounds, vote_set: str, anchor: str, states: Sequence[str], years: tuple[int, int]
) -> Iterator[str]:
    """How states voted on each roll-call of a set, where it has few; else how many there are."""
    rival = grounds.dataset["anchors"].set_index("anchor")["rival"].get(anchor)
    votes = select(votes_of(grounds.dataset, grounds.coding), vote_set, anchor=anchor or None, rival=rival, years=years)
    if len(votes.rollcalls) > FEW:
        yield f"votes/rollcalls.csv: {len(votes.rollcalls)} roll-calls of the set {vote_set}, {years[0]}–{years[1]}"
        return
    names = state_names(grounds)
    for row, cast in zip(records(votes.rollcalls), votes.matrix[:, votes.columns(states)], strict=True):
        wording = ", ".join(f"{names[state]} {VOTED[int(vote)]}" for state, vote in zip(states, cast, strict=True))
        yield f"{row['id']} of votes/rollcalls.csv: {row['resolution']}, {row['date']:%Y-%m-%d}: {wording}"


def in_set(vote_set: str, anchor: str) -> str:
    """A set of roll-calls in words."""
    words = {
        "all": "all roll-calls",
        "whole": "votes on whole texts",
        "opposed": f"votes in which {anchor} and its rival oppose each other",
        "minority": f"votes in which {anchor} is in the minority",
        "important": "votes listed as important",
    }
    return ", ".join(words.get(name, f"topic {name.replace('_', ' ').title()}") for name in vote_set.split("+"))


def state_names(grounds: Grounds) -> dict[str, str]:
    """Names of states by code."""
    states = grounds.dataset["states"]
    return dict(zip(states["iso3"], states["name"], strict=True))


def _unsettled(reason: str, chosen: list[Votes], grounds: Grounds, names: Mapping[str, str]) -> Found:
    """A finding that decides nothing, with the cells and votes that were read: what is decided is filled in later."""
    return undecided(
        reason,
        cells=tuple(f"alignment.csv {votes.words(names)}" for votes in chosen),
        trace=tuple(line for votes in chosen for line in votes.trace(grounds, names)),
    )


def _larger(gap: Difference, by: float, margin: float, wording: str, read: Found) -> Found:
    """Whether a difference is larger than ``by``: undecided where its interval includes zero, in part where it is not
    larger by more than the margin."""
    wording = f"{wording}; the difference is {gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})"
    score = gap.score(by, margin)
    if math.isnan(score):
        return replace(read, reason=f"{wording}: none is discernible", category="no change")
    required = f"the claim requires more than {by:g}, beyond the margin of {margin:g}"
    return replace(
        read, score=score, reason=f"{wording}, and {required}", basis=RECORD, category="", computed=gap.value,
        article=f"above {by:g}", unit="difference", tolerance=by, margin=abs(gap.value - by),
    )  # fmt: skip


def _interval(mean: Interval) -> str:
    value, low, high = mean
    return f"{value:.2f} ({low:.2f} to {high:.2f})" if not math.isnan(value) else "no value"


def _span(years: list[int]) -> str:
    return "–".join(dict.fromkeys(map(str, years)))


def _after_horizon(years: list[int], grounds: Grounds) -> bool:
    """Whether the coding does not know the last of some years to its end."""
    return grounds.coding.as_of < f"{years[-1]}-12-31"


def _ends(years: list[int]) -> tuple[int, int]:
    return years[0], years[-1]

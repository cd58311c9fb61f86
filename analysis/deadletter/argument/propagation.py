"""How verdicts travel along supports: from a claim's own test and its supports to one verdict, for one source."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from deadletter.coding.model import Argument
from deadletter.errors import InputError


@dataclass(frozen=True)
class Standing:
    """A score: 1, ½, 0, or NaN where undecided. ``anchored``: it is 0 only because of where an anchor lies."""

    score: float = math.nan
    anchored: bool = False

    @property
    def decided(self) -> bool:
        return not math.isnan(self.score)


@dataclass(frozen=True)
class Decision:
    """A claim decided: by its own test, by its supports, and by both.

    ``disagree`` says that the two speak and differ; ``counted`` is how many of its supports were decided.
    """

    own: Standing
    supports: Standing
    both: Standing
    disagree: bool
    counted: int


@dataclass(frozen=True)
class Premises:
    """The supports of a claim: those without any of which it falls, and those that support it jointly."""

    necessary: tuple[str, ...] = ()
    joint: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.necessary, *self.joint)


def propagate(
    premises: Mapping[str, Premises], own: Mapping[str, Standing], argument: Argument, alone: Collection[str] = ()
) -> dict[str, Decision]:
    """Decide every claim, premises first.

    premises: the supports of each claim. own: the finding of each claim's own test; a claim without one has none.
    alone: claims that only their own test can decide, such as forecasts; what their supports say is shown, not used.

    Raises InputError: a support is not a claim, or support runs in a circle, which is named.
    """
    for claim, given in premises.items():
        for support in given.all:
            if support not in premises:
                raise InputError("is supported by no such claim", where=claim, found=support, allowed=list(premises))
    try:
        order = list(TopologicalSorter({claim: given.all for claim, given in premises.items()}).static_order())
    except CycleError as error:
        raise InputError("support runs in a circle", where="claims", found=" → ".join(error.args[1])) from None
    decisions: dict[str, Decision] = {}
    for claim in order:
        given = premises[claim]
        known = {support: decisions[support].both for support in given.all}
        by_supports = supported(
            [known[name] for name in given.necessary], [known[name] for name in given.joint], argument
        )
        by_test = own.get(claim, Standing())
        both = by_test if claim in alone else lower([by_test, by_supports])
        counted = sum(standing.decided for standing in known.values())
        disagree = by_test.decided and by_supports.decided and by_test.score != by_supports.score
        decisions[claim] = Decision(by_test, by_supports, both, disagree, counted)
    return decisions


def supported(necessary: Sequence[Standing], joint: Sequence[Standing], argument: Argument) -> Standing:
    """What supports make of a claim under the rule of a coding.

    ``weakest``: the lowest score of all decides. ``share``: the mean score of all decides, by the two thresholds.
    ``necessary`` (the default): the lowest of the necessary supports and of the share of the joint ones. Supports that
    are undecided do not count; where fewer than ``coverage`` of a group are decided, the group is undecided.
    """
    if argument.rule != "necessary":
        return _of_group([*necessary, *joint], argument, weakest=argument.rule == "weakest")
    groups = ((necessary, True), (joint, False))
    present = [_of_group(members, argument, weakest=weakest) for members, weakest in groups if members]
    # an undecided group leaves open whether the claim holds, but not that it fails where another group fails
    return lower(present if all(group.decided for group in present) else [one for one in present if one.score == 0])


def lower(standings: Sequence[Standing]) -> Standing:
    """The lowest of the decided; anchored where all that have this score are."""
    decided = [standing for standing in standings if standing.decided]
    if not decided:
        return Standing()
    score = min(standing.score for standing in decided)
    return Standing(score, all(standing.anchored for standing in decided if standing.score == score))


def _of_group(group: Sequence[Standing], argument: Argument, *, weakest: bool) -> Standing:
    """What one group makes of a claim: its lowest score, or its mean score by the two thresholds."""
    decided = [standing for standing in group if standing.decided]
    if not decided or len(decided) < argument.coverage * len(group):
        return Standing()
    if weakest:
        return lower(decided)
    share = sum(standing.score for standing in decided) / len(decided)
    score = 1.0 if share >= argument.holds else 0.5 if share >= argument.partly else 0.0
    return Standing(score, score == 0 and all(standing.anchored for standing in decided if standing.score == 0))

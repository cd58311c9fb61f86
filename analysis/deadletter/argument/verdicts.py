"""From scores to the words of a verdict, and from these to how a claim stands."""

import math

from deadletter.labels import ACCOUNT, BASES, INSIDE, NONE, NOT_BORNE_OUT, NOT_TESTED, OUTSIDE, STANDING_OF


def word(score: float, source: str, *, anchored: bool = False) -> str:
    """The verdict that a score of 0, ½ or 1 has on a source; NaN is ``not tested``.

    ``anchored``: what fails fails only because of where an anchor of the typology lies.
    """
    if math.isnan(score) or source == NONE:
        return NOT_TESTED
    if source == ACCOUNT:
        return NOT_BORNE_OUT if anchored and score == 0 else INSIDE[score]
    return OUTSIDE[score]


def strongest(sources: list[str]) -> str:
    """The strongest of the sources that decided; ``none`` where none did."""
    return min(sources, key=BASES.index, default=NONE)


def standing(verdict: str) -> str:
    """How a claim stands after a verdict, whatever its source; an untested claim stays untested."""
    return STANDING_OF.get(verdict, NOT_TESTED)

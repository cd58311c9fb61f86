"""The words of a verdict, the bases that it can rest on, and the reasons why a claim may stay untested."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

# from strong to weak: statistics that are not in the article; facts later than it; rows coded from it; nothing
INDEPENDENT, AFTER, INTERNAL, NONE = "independent", "after", "internal", "none"
BASES = (INDEPENDENT, AFTER, INTERNAL, NONE)

# levels of the argument, from the top
LEVELS = ("thesis", "forecast", "finding", "evidence")

NOT_TESTED = "not tested"
OUTSIDE = {1.0: "supported", 0.5: "partly supported", 0.0: "not supported"}
INSIDE = {1.0: "consistent with", 0.5: "in tension with", 0.0: "contradicted by the article's own account"}
WORDS = (*OUTSIDE.values(), *INSIDE.values(), NOT_TESTED)
FIRM, QUALIFIED, CONTRADICTED = "stands firm", "is qualified", "is contradicted"
STANDINGS = (FIRM, QUALIFIED, CONTRADICTED, NOT_TESTED)

Category = Literal[
    "conceptual",
    "literature",
    "motive",
    "record",
    "product data",
    "monthly data",
    "survey",
    "own sentence",
    "degree",
    "later facts",
    "supports",
    "insufficient",
    "undeclared",
]
# why a claim is not tested here
CATEGORIES: dict[Category, str] = {
    "conceptual": "a definition or a reading of concepts",
    "literature": "a statement about other scholars' work",
    "motive": "what governments thought or intended: needs archives or interviews",
    "record": "a public record would decide it, but none is among the data",
    "product data": "needs trade by product",
    "monthly data": "needs monthly records",
    "survey": "needs opinion surveys",
    "own sentence": "the article's only account of it is the claim's own sentence",
    "degree": "a matter of degree for which the article gives no criterion",
    "later facts": "a forecast: facts after the article decide it",
    "supports": "has no test of its own, and too few of its supports could be tested",
    "insufficient": "the rows or figures are too few or missing",
    "undeclared": "no test and no reason is declared",
}


def word(score: float, basis: str) -> str:
    """The verdict that a score of 0, ½ or 1 has on a basis; NaN is ``not tested``."""
    if math.isnan(score) or basis == NONE:
        return NOT_TESTED
    return (INSIDE if basis == INTERNAL else OUTSIDE)[score]


def weakest(bases: Iterable[str]) -> str:
    """The weakest basis that anything was tested on; ``none`` where nothing was."""
    return max((b for b in bases if b != NONE), key=BASES.index, default=NONE)


def standing(verdict: str) -> str:
    """How the article stands with a claim, whatever the basis; an untested claim stays untested."""
    places = zip((FIRM, QUALIFIED, CONTRADICTED), (1.0, 0.5, 0.0), strict=True)
    known = {words[score]: place for place, score in places for words in (OUTSIDE, INSIDE)}
    return known.get(verdict, NOT_TESTED)

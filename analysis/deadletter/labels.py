"""Words for readers: cells of the plane, measures, sources, verdicts and dates. One place for all."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

# Levy, Young & Zürn (1995): two degrees of formalisation by two of expectation
CELL_NAMES = {
    "dead_letter": "dead letter",
    "full_blown": "full-blown regime",
    "tacit": "tacit regime",
    # not "no regime": a treaty organisation that is less formal than the crossover is still one
    "none": "weakly formalised, little expected",
    "undecided": "undecided",
    "missing": "not placed",
    "not_identified": "not identified",
}
# a placement in a sentence about a regime
CELL_PREDICATES = {
    "dead_letter": "a dead letter",
    "full_blown": "a full-blown regime",
    "tacit": "a tacit regime",
    "none": "weakly formalised with little expected of it",
    "undecided": "between two cells of the typology",
    "missing": "not placed for lack of rows",
    "not_identified": "not identified because what is unknown decides",
}
# what is not about a part of a regime
WHOLE = "whole regime"
MEASURE_NAMES = {
    "codification": "codification",
    "conjunctive": "codification, weakest component",
    "legalisation": "legalisation",
}

# levels of the argument, from the top
LEVELS = ("thesis", "forecast", "finding", "evidence")

# the sources of a verdict, from strong to weak: what is outside the account; facts later than it; its own rows
RECORD, AFTER, ACCOUNT, NONE = "record", "after", "account", "none"
SOURCES = (RECORD, AFTER, ACCOUNT)
BASES = (*SOURCES, NONE)
BASIS_WORDS = {
    RECORD: "on the record, which lies outside the account",
    AFTER: "on later facts",
    ACCOUNT: "on the account, for coherence with its other rows",
}

NOT_TESTED = "not tested"
OUTSIDE = {1.0: "supported", 0.5: "partly supported", 0.0: "not supported"}
INSIDE = {1.0: "consistent with", 0.5: "in tension with", 0.0: "contradicted by the account"}
# fails only because of where an anchor of the typology lies: the account itself does not contradict it
NOT_BORNE_OUT = "not borne out at these anchors"
VERDICT_WORDS = (*OUTSIDE.values(), *INSIDE.values(), NOT_BORNE_OUT, NOT_TESTED)
FIRM, QUALIFIED, CONTRADICTED = "stands firm", "is qualified", "is contradicted"
STANDINGS = (FIRM, QUALIFIED, CONTRADICTED, NOT_TESTED)
STANDING_OF = {
    **{words[score]: how for score, how in zip(OUTSIDE, STANDINGS, strict=False) for words in (OUTSIDE, INSIDE)},
    NOT_BORNE_OUT: CONTRADICTED,
}
BY_CHANCE = "holds by chance as well"

# why a claim has no verdict on a source
CATEGORIES = {
    "conceptual": "a definition or a reading of concepts",
    "literature": "a statement about other scholars' work",
    "motive": "what governments thought or intended, which only archives or interviews show",
    "record": "a public record would decide it, but the data do not include it",
    "product data": "needs trade by product",
    "monthly data": "needs monthly records",
    "survey": "needs opinion surveys",
    "own sentence": "only the claim's own sentence gives an account of it",
    "degree": "a matter of degree, for which no criterion is stated",
    "later facts": "a forecast, which later facts decide",
    "supports": "has no test of its own, and too few of its supports could be tested",
    "insufficient": "too few rows or figures, or ambiguous ones decide",
    "no change": "no discernible difference, as its interval includes zero",
    "undeclared": "neither a test nor a reason is declared",
}


def day_in_words(day: str) -> str:
    """A date, to the day, the month or the year, as sentences have it.

    >>> day_in_words("2019-12-31"), day_in_words("2010-06"), day_in_words("1992")
    ('31 December 2019', 'June 2010', '1992')
    """
    if len(day) == len("1992"):
        return day
    found = date.fromisoformat(f"{day}-01" if len(day) == len("2010-06") else day)
    return f"{found:%B %Y}" if len(day) == len("2010-06") else f"{found.day} {found:%B %Y}"


def vintage_in_words(vintage: str) -> str:
    """The release of a series, from its key: its name with its number or its date.

    >>> vintage_in_words("pwt_10_01"), vintage_in_words("weo_2019_04")
    ('PWT 10.01', 'WEO of April 2019')
    """
    name, _, when = vintage.partition("_")
    if re.fullmatch(r"(?:19|20)\d\d(?:_\d\d){0,2}", when):
        return f"{name.upper()} of {day_in_words(when.replace('_', '-'))}"
    return f"{name.upper()} {when.replace('_', '.')}" if when else vintage


def share_in_words(share: float) -> str:
    """A share in whole per cent; one that is not zero never reads as zero.

    >>> share_in_words(0.328), share_in_words(0.003), share_in_words(0.0)
    ('33%', 'under 1%', '0%')
    """
    return "under 1%" if 0 < share < 0.005 else f"{share:.0%}"


_SPAN = re.compile(r"\b((?:1[89]|20)\d\d)/((?:1[89]|20)\d\d)\b")
# the sign of a number that begins a text or follows a space or a bracket
_MINUS = re.compile(r"(?<![^\s(\[“])-(?=\.?\d)")


def dashed(text: str) -> str:
    """Text with spans of years as readers expect them: 2014–2019 for 2014/2019."""
    return _SPAN.sub(r"\1–\2", text)


def in_print(text: str) -> str:
    """Text with spans of years and signs of numbers as in print; code within backticks stays.

    >>> in_print("-0.2 (-0.5 to 0.1) in 2014/2019, `--set a=2014/2019`")
    '−0.2 (−0.5 to 0.1) in 2014–2019, `--set a=2014/2019`'
    """
    if "-" not in text and "/" not in text:  # nearly every piece of a page
        return text
    parts = text.split("`")
    parts[::2] = (_MINUS.sub("−", dashed(part)) for part in parts[::2])
    return "`".join(parts)


def counted(count: int, word: str) -> str:
    """A count with its noun: 1 problem, 2 problems."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def p_value(p: float) -> str:
    """A p-value as papers write it: two digits, and ``p < 0.001`` below that.

    >>> p_value(0.0851), p_value(3.5e-7)
    ('p = 0.085', 'p < 0.001')
    """
    return f"p = {p:.2g}" if p >= 0.001 else "p < 0.001"


def place_in_words(row: Mapping[str, Any]) -> str:
    """Where a coded row stands: the words that locate it, in quotes, or the place and page that it names."""
    return f"“{row['anchor']}”" if row.get("anchor") else str(row.get("source") or "")


def capital(words: str) -> str:
    """Words as they begin a sentence."""
    return words[:1].upper() + words[1:]

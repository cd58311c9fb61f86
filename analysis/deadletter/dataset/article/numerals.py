"""Numbers as an English text states them, in digits or in words."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_ORDINALS = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth".split()
_TENS = {"twenty": 20.0, "thirty": 30.0, "forty": 40.0, "fifty": 50.0}
_GROUPS = {"duo": 2.0, "trio": 3.0, "twice": 2.0, "once": 1.0, "dozen": 12.0, "dozens": 12.0, "decade": 10.0}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_FRACTIONS = {"half": 0.5, "thirds": 1 / 3, "quarter": 0.25, "quarters": 0.25}

WORDS: dict[str, float] = {
    **{word: float(value) for value, word in enumerate(_UNITS)},
    **{word: float(value) for value, word in enumerate(_ORDINALS)},
    **_TENS,
    **_GROUPS,
    **_SCALES,
    **_FRACTIONS,
}
MONTHS = frozenset("january february march april may june july august september october november december".split())
_YEAR = re.compile(r"(?:19|20)\d\d")
_DECADE = re.compile(r"((?:19|20)\d)0s")


def value_of(word: str) -> float | None:
    """The number that one word (see :func:`deadletter.dataset.article.text.tokens`) states, or None."""
    if word[0].isdigit():
        try:
            return float(word.replace(",", ""))
        except ValueError:
            return None
    return WORDS.get(word)


def year_of(word: str) -> int | None:
    """The year that a word states, or None."""
    return int(word) if _YEAR.fullmatch(word) else None


def decade_of(word: str) -> range | None:
    """The years of a decade such as ``1990s``, or None."""
    match = _DECADE.fullmatch(word)
    return range(int(match[1]) * 10, int(match[1]) * 10 + 10) if match else None


def stated_values(words: Sequence[str]) -> list[float]:
    """Every value that a run of words can state: each number, and products of neighbours (two thirds, 3 billion)."""
    single = [value_of(word) for word in words]
    values = [value for value in single if value is not None]
    for left, right in itertools.pairwise(single):
        if left is not None and right is not None:
            values.append(left * right)
    return values


def states(words: Sequence[str], value: float) -> bool:
    """Whether a run of words states ``value``, whatever its sign, to the precision of a printed fraction."""
    return any(math.isclose(abs(value), stated, rel_tol=1e-3) for stated in stated_values(words))

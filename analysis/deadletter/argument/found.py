"""What a test found."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Literal

from deadletter.argument.measured_values import Measured
from deadletter.argument.verdicts import INTERNAL, NONE, Category

NAN = float("nan")


@dataclass(frozen=True)
class Found:
    """What a test found.

    score: 1, ½ or 0; NaN where nothing could be decided, for which ``category`` says why.
    computed, article: the value computed and the article's value or criterion; numbers or short words.
    reason: one sentence made from the values. units: the coded rows read. cells: the cells of results read.
    """

    score: float
    reason: str
    basis: str = INTERNAL
    computed: float | str = NAN
    article: float | str = NAN
    unit: str = ""
    tolerance: float = NAN
    category: Category | Literal[""] = ""
    units: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()


def missing(measured: Measured) -> Found:
    """Nothing found, for the reason that the measure gives."""
    return Found(NAN, measured.why, NONE, category=measured.missing, units=measured.units, cells=measured.cells)


def settled(score: Callable[..., float], *measured: Measured) -> float:
    """The score of measured values; NaN where rows that were left out would change it.

    Rows of the claim's own sentence may not confirm it, and to leave them out may not refute it; nor may what the
    coding does not know yet.
    """
    scores = {score(*values) for values in product(*((m.value, *m.others) for m in measured))}
    return scores.pop() if len(scores) == 1 else NAN


def left_open(*measured: Measured) -> Found:
    """Nothing found, for rows that were left out would decide."""
    first = next(m for m in measured if set(m.others) - {m.value})
    own = first.others[0] != first.value
    which = "of the claim's own sentence" if own else "after the horizon"
    count = first.others[0] if own else first.others[1]
    why = f"{first.words}: {told(first)} without and {count:g} with the rows {which}"
    category = "own sentence" if own else "insufficient"
    return Found(NAN, why, NONE, category=category, units=first.units, cells=first.cells)


def told(measured: Measured) -> str:
    """A measured value with its interval, where it has one."""
    interval = "" if math.isnan(measured.low) else f" [{measured.low:.2f}, {measured.high:.2f}]"
    number = f"{measured.value:g}" if measured.value == int(measured.value) else f"{measured.value:.2f}"
    return f"{number}{interval}"

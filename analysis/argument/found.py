"""What a test found."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Literal

from analysis.argument.measures import Measured
from analysis.argument.verdicts import INTERNAL, NONE, Category

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
    """The score of measured values; NaN where rows of the claim's own sentence would change it.

    They may not confirm a claim, and to leave them out may not refute it.
    """
    options = [(m.value,) if math.isnan(m.whole) else (m.value, m.whole) for m in measured]
    scores = {score(*values) for values in product(*options)}
    return scores.pop() if len(scores) == 1 else NAN


def left_open(measured: Measured) -> Found:
    """Nothing found, for the rows of the claim's own sentence would decide."""
    why = f"{measured.words}: {told(measured)} without and {measured.whole:g} with the claim's own sentence"
    return Found(NAN, why, NONE, category="own sentence", units=measured.units, cells=measured.cells)


def told(measured: Measured) -> str:
    """A measured value with its interval, where it has one."""
    interval = "" if math.isnan(measured.low) else f" [{measured.low:.2f}, {measured.high:.2f}]"
    number = f"{measured.value:g}" if measured.value == int(measured.value) else f"{measured.value:.2f}"
    return f"{number}{interval}"

"""From measured values to a score, or to the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

from deadletter.argument.found import NAN, Found, united
from deadletter.argument.measured import Measured
from deadletter.labels import NONE


def missing(measured: Measured) -> Found:
    """Nothing found, for the reason that the measure gives."""
    return Found(NAN, measured.words, NONE, category=measured.missing, units=measured.units, cells=measured.cells)


def left_open(reason: str, category: str, *measured: Measured) -> Found:
    """Nothing found, though there are values."""
    return Found(
        NAN, reason, NONE, category=category, units=united(m.units for m in measured),
        cells=united(m.cells for m in measured),
    )  # fmt: skip


def settled(score: Callable[..., float], *measured: Measured) -> tuple[float, tuple[str, str]]:
    """The score of measured values, and where it is NaN the category and the words that say why.

    Rows of the claim's own sentence may not confirm it, and to leave them out may not refute it; nor may what the
    coding does not know yet. What is ambiguous or unreported may turn no verdict: where the value holds at one end and
    in part at the other, it holds in part.
    """
    base = score(*(m.value for m in measured))
    for values in product(*((m.value, *m.others) for m in measured)):
        if not _same(score(*values), base):
            own = any(m.others and m.others[0] != m.value for m in measured)
            why = ("own sentence", "rows of the claim's own sentence would decide") if own else (
                "insufficient", "rows after the horizon would decide")  # fmt: skip
            return NAN, why
    scores = [score(*values) for values in product(*((m.value, *m.bounds) for m in measured))]
    if all(_same(one, base) for one in scores):
        return base, ("no change", "") if math.isnan(base) else ("", "")
    if all(one >= 0.5 for one in scores):  # NaN is not
        return 0.5, ("", "")
    return NAN, ("insufficient", "what is ambiguous or unreported would decide")


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))

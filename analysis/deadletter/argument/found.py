"""What a test found: a score from measured values, or the reason why there is none."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

from deadletter.argument.measured import Measured
from deadletter.labels import ACCOUNT, NONE


@dataclass(frozen=True)
class Found:
    """What a test found.

    score: 1, ½ or 0; NaN where nothing could be decided, for which ``category`` says why.
    computed, article: the value computed and the text's value or criterion; numbers or short words.
    reason: one sentence made from the values, without its full stop. units: ids of the rows read. cells: the cells of
    results read. trace: lines down to single figures and votes, for readers who ask why. basis: the source that the
    test reads. anchored: the criterion is an anchor of the typology.
    margin: how far a value on a scale from 0 to 1 lies from its criterion.
    """

    score: float
    reason: str
    basis: str = ACCOUNT
    computed: float | str = math.nan
    article: float | str = math.nan
    unit: str = ""
    tolerance: float = math.nan
    category: str = ""
    units: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    trace: tuple[str, ...] = ()
    anchored: bool = False
    margin: float = math.nan

    @property
    def decided(self) -> bool:
        return not math.isnan(self.score)


def undecided(reason: str, category: str = "insufficient", **read: Any) -> Found:
    """A finding that decides nothing, with the reason; ``read``: the units, cells or trace that were read for it."""
    return Found(math.nan, reason, NONE, category=category, **read)


def missing(measured: Measured) -> Found:
    """A finding that decides nothing because the measure has no value, with the measure's own reason."""
    return undecided(measured.words, measured.missing, **read_by(measured))


def read_by(*parts: Found | Measured) -> dict[str, Any]:
    """What several tests or measures read (``units``, ``cells``, ``trace``), each once, in order."""
    return {name: united(getattr(part, name, ()) for part in parts) for name in ("units", "cells", "trace")}


def united(parts: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """The texts of several collections, each once, in order."""
    return tuple(dict.fromkeys(text for part in parts for text in part))


def jointly(scores: list[float]) -> float:
    """The score of several findings together: all hold, some, or none."""
    return 1.0 if min(scores) == 1 else 0.5 if max(scores) > 0 else 0.0


def settled(score: Callable[..., float], *measured: Measured) -> tuple[float, str, str]:
    """The score of measured values, and where it is NaN the category and the words that say why.

    Rows of the claim's own sentence may not confirm it, and to leave them out may not refute it; nor may what the
    coding does not know yet. What is ambiguous or unreported may turn no verdict: where the value holds at one end and
    in part at the other, it holds in part.
    """
    base = score(*(m.value for m in measured))

    def turned(values: Iterable[float]) -> bool:
        other = score(*values)
        return other != base and not (math.isnan(other) and math.isnan(base))

    if any(map(turned, product(*((m.value, *m.others) for m in measured)))):
        if any(m.others and m.others[0] != m.value for m in measured):
            return math.nan, "own sentence", "rows of the claim's own sentence would decide"
        return math.nan, "insufficient", "rows after the horizon would decide"
    ends = list(product(*((m.value, *m.bounds) for m in measured)))
    if not any(map(turned, ends)):
        return base, "no change" if math.isnan(base) else "", ""
    if all(score(*values) >= 0.5 for values in ends):  # NaN is not
        return 0.5, "", ""
    return math.nan, "insufficient", "what is ambiguous or unreported would decide"

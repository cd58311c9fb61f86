"""What a test found."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from deadletter.labels import ACCOUNT

NAN = float("nan")


@dataclass(frozen=True)
class Found:
    """What a test found.

    score: 1, ½ or 0; NaN where nothing could be decided, for which ``category`` says why.
    computed, article: the value computed and the text's value or criterion; numbers or short words.
    reason: one sentence made from the values, without its full stop. units: the rows read. cells: the cells of results
    read. trace: lines down to single figures and votes, for readers who ask why. basis: the source that the test reads.
    anchored: the criterion is an anchor of the typology.
    margin: how far a value on a scale from 0 to 1 lies from its criterion.
    """

    score: float
    reason: str
    basis: str = ACCOUNT
    computed: float | str = NAN
    article: float | str = NAN
    unit: str = ""
    tolerance: float = NAN
    category: str = ""
    units: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    trace: tuple[str, ...] = ()
    anchored: bool = False
    margin: float = NAN

    @property
    def decided(self) -> bool:
        return not math.isnan(self.score)


def united(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Ids of several tests, each once, in order."""
    return tuple(dict.fromkeys(one for part in parts for one in part))

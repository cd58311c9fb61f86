"""How much of the suite runs: a quick share everywhere, all of it with `DEADLETTER_FAULTS=all`."""

from __future__ import annotations

import os

ALL = os.environ.get("DEADLETTER_FAULTS") == "all"
SEED = 20200225


def share(quick: int, whole: int) -> int:
    """A number of rounds: ``quick`` in every run of the tests, ``whole`` in `make faults`."""
    return whole if ALL else quick

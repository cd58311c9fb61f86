"""Indices: formalisation, expectation, compliance, output, functions, placement, voting power, agreement.

What a reader's own notebook needs comes from this one place; each name is imported when it is first used. These
functions take plain numbers and arrays and need no project; the indices of a coded study take a dataset, a coding and a
scope, and stay in the modules named after them.
"""

from types import ModuleType
from typing import Any

from deadletter.arguments import checked

__all__ = [
    "Alpha", "Axis", "Placement", "Scope", "banzhaf", "calibrate", "convergence", "krippendorff_alpha", "place",
    "power_mean", "shapley_shubik", "weighted_mean", "wilson",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """A public name, from its module: written-out imports let stale results be found by reading the source."""
    home: ModuleType
    match name:
        case "Alpha" | "krippendorff_alpha":
            from deadletter.indices import agreement as home
        case "wilson":
            from deadletter.indices import intervals as home
        case "convergence" | "power_mean" | "weighted_mean":
            from deadletter.indices import means as home
        case "Axis" | "Placement" | "calibrate" | "place":
            from deadletter.indices import placement as home
        case "banzhaf" | "shapley_shubik":
            from deadletter.indices import power as home
        case "Scope":
            from deadletter.indices import selection as home
        case _:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return checked(getattr(home, name), __name__)


def __dir__() -> list[str]:
    return [*globals(), *__all__]

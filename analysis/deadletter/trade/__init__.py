"""Trade statistics: flows, shares, growth, gravity and breaks.

The functions that a reader's own notebook needs, from one place; each is imported when it is first asked for. They take
any panel with any column names, and raise :class:`deadletter.errors.InputError` on what they cannot use.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "bloc.decomposition": ("Decomposition", "lmdi", "mutual_exports"),
    "bloc.flows": ("Flows", "read_flows"),
    "bloc.integration": ("Integration", "asymmetry", "hhi", "integration"),
    "bloc.shares": ("ShareChange", "intra_share", "partner_share", "share_change"),
    "breaks.dating": ("Dates", "bai_perron"),
    "breaks.interrupted": ("Interrupted", "interrupted"),
    "breaks.stability": ("Cusum", "Hansen", "cusum", "hansen"),
    "breaks.sup_f": ("Chow", "SupF", "bootstrap_p", "chow", "sup_f"),
    "gravity.bias": ("Correction", "correct_bias"),
    "gravity.curve": ("PpmlSpecification", "specification_curve"),
    "gravity.effects": ("Effect", "EventStudy", "effect", "event_study", "leave_one_out", "linear_sum", "wald_p"),
    "gravity.placebo_blocs": ("Randomisation", "placebo_blocs", "placebo_dates"),
    "gravity.ppml": ("FitResult", "fit_ppml"),
    "gravity.treatment": ("Keys", "bloc_dummy", "by_member", "leads_lags", "phase_in"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]

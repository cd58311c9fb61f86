"""Trade statistics: flows, shares, growth, gravity and breaks.

The functions that a reader's own notebook needs, from one place; each is imported when it is first asked for. They take
any panel with any column names, and raise :class:`deadletter.errors.InputError` on what they cannot use.
"""

from types import ModuleType
from typing import Any

from deadletter.arguments import checked

__all__ = [
    "BreakTest", "Correction", "Dates", "Decomposition", "Effect", "EventStudy", "FitResult", "Flows",
    "Integration", "Interrupted", "Keys", "Randomisation", "ShareChange", "SupF", "bai_perron",
    "bloc_dummy", "bootstrap_p", "by_member", "chow", "correct_bias", "cusum", "effect", "event_study", "fit_ppml",
    "hansen", "integration", "interrupted", "intra_share", "leads_lags", "leave_one_out", "linear_sum", "lmdi",
    "mutual_exports", "partner_share", "phase_in", "placebo_blocs", "placebo_dates", "read_flows", "share_change",
    "specification_curve", "sup_f", "wald_p",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """A public name, from the module that has it: imports stand written out, so that what a step runs can be read."""
    home: ModuleType
    match name:
        case "Decomposition" | "lmdi" | "mutual_exports":
            from deadletter.trade.bloc import decomposition as home
        case "Flows" | "read_flows":
            from deadletter.trade.bloc import flows as home
        case "Integration" | "ShareChange" | "integration" | "intra_share" | "partner_share" | "share_change":
            from deadletter.trade.bloc import shares as home
        case "Dates" | "bai_perron" | "cusum" | "hansen":
            from deadletter.trade.breaks import dating as home
        case "Interrupted" | "interrupted":
            from deadletter.trade.breaks import interrupted as home
        case "BreakTest" | "SupF" | "bootstrap_p" | "chow" | "sup_f":
            from deadletter.trade.breaks import sup_f as home
        case "Correction" | "correct_bias":
            from deadletter.trade.gravity import bias as home
        case "specification_curve":
            from deadletter.trade.gravity import curve as home
        case "Effect" | "EventStudy" | "effect" | "event_study" | "leave_one_out" | "linear_sum" | "wald_p":
            from deadletter.trade.gravity import effects as home
        case "Randomisation" | "placebo_blocs" | "placebo_dates":
            from deadletter.trade.gravity import placebo_blocs as home
        case "FitResult" | "fit_ppml":
            from deadletter.trade.gravity import ppml as home
        case "Keys" | "bloc_dummy" | "by_member" | "leads_lags" | "phase_in":
            from deadletter.trade.gravity import treatment as home
        case _:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return checked(getattr(home, name), __name__)


def __dir__() -> list[str]:
    return [*globals(), *__all__]

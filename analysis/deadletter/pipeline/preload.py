"""What the fork server imports before it forks; it computes nothing.

A module that is loaded here is ready in every kernel and in every process that executes one.
"""

import gc
import sys
from collections.abc import Iterable
from importlib import import_module

from deadletter.tracing import loaded_ahead

LIBRARIES = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "IPython.display", "pandas", "yaml", "pydantic", "altair"),
    *("vl_convert", "scipy.stats", "statsmodels.duration.survfunc", "papermill", "nbclient"),
)


def load(names: Iterable[str]) -> None:
    """Import libraries without collecting garbage meanwhile, and keep the collector off what every child shares."""
    gc.disable()
    for name in names:
        try:
            import_module(name)
        except ImportError:  # without it children start more slowly, but compute the same
            continue
    gc.freeze()
    gc.enable()


load(LIBRARIES)
if "pandas" in sys.modules:  # takes a process without a kernel for a terminal, whose width would decide what is shown
    sys.modules["pandas"].set_option("display.max_columns", 20)
known = set(sys.modules)
load(["deadletter.chapter"])  # what every notebook of a chapter imports first
loaded_ahead(set(sys.modules) - known)

"""What the fork server imports before it forks: libraries only, nothing of this package, and nothing is fitted.

A module that is loaded here is ready in every kernel and in every process that computes tables.
"""

from __future__ import annotations

from importlib import import_module

from analysis.environment import prepare

prepare()

LIBRARIES = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "IPython.display", "pandas", "numpy.random", "yaml", "pydantic"),
    *("altair", "vl_convert", "scipy.stats", "papermill", "nbclient", "pyarrow.parquet", "krippendorff", "requests"),
    *("statsmodels.api", "statsmodels.duration.survfunc", "formulaic", "SALib", "frictionless"),
    *("pyfixest", "pyfixest.estimation", "pyfixest.estimation.api"),
)

for _name in LIBRARIES:
    try:
        import_module(_name)
    except ImportError:  # a library less is a slower kernel, no wrong one
        continue

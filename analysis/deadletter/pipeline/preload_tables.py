"""What the fork server imports as well where tables are going to be computed."""

from deadletter.pipeline.preload import load

# pyfixest loads its parts when they are first used, so they are named
LIBRARIES = (
    *("statsmodels.api", "formulaic", "pyfixest", "pyfixest.estimation", "pyfixest.estimation.api", "krippendorff"),
    "pyarrow.parquet",
)

load(LIBRARIES)

"""What the fork server imports as well where tables are going to be computed."""

from deadletter.pipeline.preload import load

# by their own modules: what lies around them draws in plotting libraries, which take twice as long
LIBRARIES = ("formulaic", "pyfixest.core.demean", "statsmodels.regression.linear_model", "statsmodels.stats.diagnostic")

load(LIBRARIES)

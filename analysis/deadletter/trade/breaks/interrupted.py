"""Interrupted time series: level and slope at named dates with covariates, with Newey–West errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS, RegressionResultsWrapper

from deadletter.errors import InputError
from deadletter.trade.breaks.sup_f import finite

FEW_CLUSTERS = "few years: Newey–West errors are too small on average, compare the simulated size with the power"


@dataclass(frozen=True)
class Interrupted:
    """Fit of an interrupted time series.

    table: terms × (estimate, se, t, p_value, low, high); t distribution with ``df`` degrees of freedom, 95 per cent.
    lag: Newey–West lag ⌊4(n/100)^{2/9}⌋ (Newey & West 1994); sigma: residual standard deviation; rho: first-order
    autocorrelation of the residuals, in [−1, 1]; design: (n, k), columns as the rows of the table.
    """

    table: pd.DataFrame
    n: int
    df: int
    lag: int
    sigma: float
    rho: float
    design: np.ndarray
    warnings: tuple[str, ...]


def newey_west_lag(n: int) -> int:
    """⌊4(n/100)^{2/9}⌋, the truncation lag for a series of n observations."""
    return int(np.floor(4 * (n / 100) ** (2 / 9)))


def interrupted(
    y: Sequence[float],
    time: Sequence[float],
    interruptions: Mapping[str, float],
    covariates: Mapping[str, Sequence[float]] | None = None,
    *,
    slopes: bool = True,
) -> Interrupted:
    """Regress ``y`` on an intercept, a trend, a step and (``slopes``) a change of slope at each date, and covariates.

    Bernal, Cummins & Gasparrini (2017, Int. J. Epidemiology 46(1), 348–355): ``y = a + b·t + Σ_d (c_d·1[t ≥ d] +
    s_d·(t − d)·1[t ≥ d]) + covariates``; covariance by Newey & West (1987) with Bartlett weights and the n/(n−k)
    correction.

    Parameters
    ----------
    y, time, each covariate: n finite numbers in the order of time (strictly increasing).
    interruptions: name → first treated time.

    Raises
    ------
    InputError: values missing, lengths that differ, a time out of order, a date with nothing before or after it, or
        terms that the data cannot distinguish.
    """
    given = {"series": y, "time": time, **(covariates or {})}
    data = {name: finite(values, name) for name, values in given.items()}
    for name, values in data.items():
        if values.shape != (len(time),) or len(time) < 4:
            problem = "not a row of numbers as long as time, at least four"
            raise InputError(problem, where=name, found=values.shape)
    response, when = data.pop("series"), data.pop("time")
    if (np.diff(when) <= 0).any():
        raise InputError("time does not increase", where="time", found=list(when))
    terms = {"intercept": np.ones(len(when)), "trend": when - when[0]}
    for name, date in interruptions.items():
        if not when[0] < date <= when[-1]:
            raise InputError("an interruption has nothing before or after it", where=name, found=date)
        terms[f"{name}: level"] = (when >= date).astype(float)
        if slopes:
            terms[f"{name}: slope"] = np.maximum(when - date, 0.0)
    terms |= data
    design = np.column_stack(list(terms.values()))
    n, k = design.shape
    scaled = design / np.linalg.norm(design, axis=0).clip(min=1e-300)
    if n <= k or np.linalg.matrix_rank(scaled, tol=1e-9) < k:
        found = f"{n} observations for {k} terms"
        raise InputError("the data cannot distinguish the terms", where=", ".join(terms), found=found)
    fit = newey_west(response, design)
    resid = fit.resid
    numbers = np.column_stack([fit.params, fit.bse, fit.tvalues, fit.pvalues, fit.conf_int()])
    columns = ["estimate", "se", "t", "p_value", "low", "high"]
    table = pd.DataFrame(numbers, index=pd.Index(list(terms), name="term"), columns=columns)
    total = float(resid @ resid)
    return Interrupted(
        table=table,
        n=n,
        df=n - k,
        lag=newey_west_lag(n),
        sigma=float(np.sqrt(total / (n - k))),
        rho=float(resid[1:] @ resid[:-1] / total) if total else 0.0,
        design=design,
        warnings=(FEW_CLUSTERS,) if n < 50 else (),
    )


def newey_west(y: np.ndarray, design: np.ndarray) -> RegressionResultsWrapper:
    """OLS of (n,) on (n, k) with the Newey–West covariance of the lag above, t distribution."""
    options = {"maxlags": newey_west_lag(len(y)), "use_correction": True}
    return OLS(y, design).fit(cov_type="HAC", cov_kwds=options, use_t=True)

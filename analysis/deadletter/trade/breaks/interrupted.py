"""Interrupted time series with Newey–West errors, and the power of all tests for breaks at the sample size at hand.

Shifts are in units of the error's standard deviation. Simulations are seeded and carry their Monte Carlo error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.signal import lfilter
from scipy.stats import nct, t
from statsmodels.regression.linear_model import OLS, RegressionResultsWrapper

from deadletter.errors import InputError
from deadletter.given import finite, scalar
from deadletter.trade.breaks.sup_f import EXACT, alike, f_path, refuse_extremes, trimmed

ROUNDED = 1e-24  # residuals beside the response, squared, that may be rounding alone
CERTAIN = 1e-14  # what residuals add to a variance, beside that of ordinary least squares, that may be rounding alone
LEVEL = 0.05  # of the tests whose power is computed
EXACT_FIT = "exact fit: every observation is reproduced, so that no standard error can be computed"
EXACT_TERM = "exact term: the observations that determine it are reproduced, so that it has no standard error: "
UNEVEN = "time has gaps: the lags of Newey–West errors count observations, not years"
FEW_YEARS = "few years: Newey–West errors are too small on average, compare the simulated size with the power"


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
    InputError: values missing or not numbers, lengths that differ, a time out of order, a date with nothing before or
        after it, a covariate that has the name of a term, or terms that the data cannot distinguish.

    A fit without residuals has no standard errors, nor has a term that observations without residuals determine, such
    as the intercept of a single observation before the first date: they are missing, and a warning says so.
    """
    response, when = finite(y, "series"), finite(time, "time")
    data = {name: finite(values, str(name)) for name, values in (covariates or {}).items()}
    for name, values in {**data, "series": response, "time": when}.items():
        if values.shape != (when.size,) or when.size < 4:
            problem = "not a row of numbers as long as time, at least four"
            raise InputError(problem, where=str(name), found=values.shape)
    if (np.diff(when) <= 0).any():
        raise InputError("time does not increase", where="time", found=list(map(float, when)))
    terms = {"intercept": np.ones(len(when)), "trend": when - when[0]}
    for name, given in interruptions.items():
        date = scalar(given, str(name))
        if not when[0] < date <= when[-1]:
            raise InputError("an interruption has nothing before or after it", where=str(name), found=given)
        terms[f"{name}: level"] = (when >= date).astype(float)
        if slopes:
            terms[f"{name}: slope"] = np.maximum(when - date, 0.0)
    for name in data.keys() & terms.keys():
        raise InputError("a covariate has the name of a term", where="covariates", found=name, allowed="another name")
    terms |= data
    design = np.column_stack(list(terms.values()))
    n, k = design.shape
    scaled = design / np.linalg.norm(design, axis=0).clip(min=1e-300)
    if n <= k or np.linalg.matrix_rank(scaled, tol=1e-9) < k:
        found = f"{n} observations for {k} terms"
        raise InputError("the data cannot distinguish the terms", where=", ".join(map(str, terms)), found=found)
    for name, values in {**data, "series": response}.items():
        refuse_extremes(values, str(name))
    own, unit = alike(design)
    fit = newey_west(response, own)
    resid = fit.resid
    with np.errstate(invalid="ignore"):  # rounding may leave a variance of −1e-17
        numbers = np.column_stack([fit.params, fit.bse, fit.tvalues, fit.pvalues, fit.conf_int()])
    numbers[:, [0, 1, 4, 5]] /= unit[:, None]
    uneven = np.ptp(np.diff(when)) > 1e-6 * np.diff(when).min()
    warnings = [text for text, holds in ((UNEVEN, uneven), (FEW_YEARS, n < 50)) if holds]
    total = float(resid @ resid)
    if total <= max(EXACT * float(np.sum((response - response.mean()) ** 2)), ROUNDED * float(response @ response)):
        numbers[:, 1:], warnings = np.nan, [*warnings, EXACT_FIT]
    moved = own @ fit.normalized_cov_params * resid[:, None]
    certain = (moved**2).sum(axis=0) <= CERTAIN * np.diag(fit.normalized_cov_params) * total / (n - k)
    if certain.any() and EXACT_FIT not in warnings:
        numbers[certain, 1:] = np.nan
        warnings.append(EXACT_TERM + ", ".join(map(str, np.array(list(terms), dtype=object)[certain])))
    columns = ["estimate", "se", "t", "p_value", "low", "high"]
    table = pd.DataFrame(numbers, index=pd.Index(list(terms), name="term"), columns=columns)
    return Interrupted(
        table=table,
        n=n,
        df=n - k,
        lag=newey_west_lag(n),
        sigma=float(np.sqrt(total / (n - k))),
        rho=float(resid[1:] @ resid[:-1] / total) if total else 0.0,
        design=design,
        warnings=tuple(warnings),
    )


def newey_west(y: np.ndarray, design: np.ndarray) -> RegressionResultsWrapper:
    """OLS of (n,) on (n, k) with the Newey–West covariance of the lag above, t distribution."""
    options = {"maxlags": newey_west_lag(len(y)), "use_correction": True}
    return OLS(y, design).fit(cov_type="HAC", cov_kwds=options, use_t=True)


@dataclass(frozen=True)
class Power:
    """Share of rejections under the alternative (power) and under the null (size), with the power's standard error.

    size equals the level where the test is exact; mc_se is 0 where the power is computed, not simulated.
    """

    power: float
    size: float
    mc_se: float


def chow_power(n: int, index: int, shift: float) -> Power:
    """Power of Chow's test of a shift of the mean after observation ``index`` (0-based) of n, normal errors.

    Noncentral F with ``(1, n − 2)`` degrees of freedom and ``λ = shift²·n₁n₂/n``, as the square of a noncentral t
    (SciPy 1.16's noncentral F returns a negative probability at λ = 0).
    """
    before = index + 1
    if not 1 <= before <= n - 1 or n < 3:
        raise InputError("nothing before or after the break", where="index", found=index, allowed=f"0 to {n - 2}")
    critical = t.isf(LEVEL / 2, n - 2)
    centre = shift * np.sqrt(before * (n - before) / n)
    return Power(float(nct.sf(critical, n - 2, centre) + nct.cdf(-critical, n - 2, centre)), LEVEL, 0.0)


def sup_f_power(n: int, index: int, shift: float, trim: float = 0.15, *, draws: int = 2000, seed: int) -> Power:
    """Power of the sup-F test of a shift of the mean after observation ``index``, independent normal errors.

    The critical value is simulated under the null at the same n, so that the size is right by construction; the draws
    under the alternative are independent of it.
    """
    if not 0 <= index <= n - 2:
        raise InputError("nothing before or after the break", where="index", found=index, allowed=f"0 to {n - 2}")
    keep, design = trimmed(n, 1, trim), np.ones((n, 1))
    rng = np.random.default_rng(seed)
    null = f_path(rng.standard_normal((n, draws)), design, keep).max(axis=0)
    step = shift * (np.arange(n) > index)
    other = f_path(rng.standard_normal((n, draws)) + step[:, None], design, keep).max(axis=0)
    critical = np.quantile(null, 1 - LEVEL)
    return _simulated(other > critical, float(np.mean(null > critical)))


def interrupted_power(fit: Interrupted, term: str, effect: float, *, draws: int = 500, seed: int) -> Power:
    """Power and size of the Newey–West t-test of one term, by simulation on the fit's own design.

    Errors are normal and first-order autoregressive with the fit's standard deviation and autocorrelation (held within
    ±0.95); ``effect`` is in the unit of the term. In short series the size lies above the level, and says by how much.
    """
    if term not in fit.table.index:
        raise InputError("no such term", where="term", found=term, allowed=list(fit.table.index))
    place = list(fit.table.index).index(term)
    rho = float(np.clip(fit.rho, -0.95, 0.95))
    innovations = np.random.default_rng(seed).standard_normal((fit.n, draws)) * np.sqrt(1 - rho**2)
    innovations[0] /= np.sqrt(1 - rho**2)  # start in the stationary law
    errors = fit.sigma * lfilter([1.0], [1.0, -rho], innovations, axis=0)
    column, own = fit.design[:, place], alike(fit.design)[0]
    null, other = (
        np.array([newey_west(e + size * column, own).pvalues[place] < LEVEL for e in errors.T])
        for size in (0.0, effect)
    )
    return _simulated(other, float(null.mean()))


def _simulated(rejected: np.ndarray, size: float) -> Power:
    """Share of rejections with its binomial standard error."""
    share = float(rejected.mean())
    return Power(share, size, float(np.sqrt(share * (1 - share) / len(rejected))))

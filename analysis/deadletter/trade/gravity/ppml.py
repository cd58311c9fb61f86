"""Poisson pseudo-maximum likelihood with absorbed effects.

Santos Silva, J. M. C. & Tenreyro, S. (2006), "The log of gravity", Review of Economics and Statistics 88, 641–658: the
estimator and the RESET. Conventions are those of Stata's ppmlhdfe (Correia, Guimarães & Zylkin 2020): no adjustment for
the number of regressors or effects, G/(G − 1) for clusters, with the smaller G where two ways are clustered; singletons
and separated observations are left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.stats import norm

from deadletter.errors import InputError
from deadletter.given import numbers
from deadletter.trade.gravity.design import Array, Design, build_design, combine, factorised
from deadletter.trade.gravity.estimation import Raw, estimate

HUGE = 1e12
"""Times the median response up to which the projection on the effects keeps the digits of the others."""


@dataclass(frozen=True, eq=False)
class FitResult:
    """A PPML fit.

    ``coef``, ``se``: indexed by regressor (``Intercept`` where nothing is absorbed); ``vcov``: their variance.
    ``nobs``, ``clusters``: observations and clusters (one count per way) left in the estimation sample.
    ``loglik``: Poisson log pseudo-likelihood without the term in ``ln y!``; ``warnings``: what was left out and why.
    ``rows``: positions in the frame of the observations in the sample; ``response``, ``fitted``, ``index`` (the linear
    index with the effects), ``regressors`` (n, K, no intercept) and ``codes`` (one integer vector per absorbed or
    cluster column, with its ``levels``) are those of the sample, for what is computed from a fit.
    """

    formula: str
    absorb_columns: tuple[tuple[str, ...], ...]
    cluster_columns: tuple[tuple[str, ...], ...]
    coef: pd.Series
    se: pd.Series
    vcov: pd.DataFrame
    nobs: int
    clusters: tuple[int, ...]
    loglik: float
    warnings: tuple[str, ...]
    rows: Array
    response: Array
    fitted: Array
    index: Array
    regressors: Array
    codes: Mapping[str, Array]
    levels: Mapping[str, tuple]

    def start(self, rows: int) -> Array:
        """The linear index by position in a frame of so many rows, missing outside the sample."""
        if not isinstance(rows, int | np.integer) or not self.rows.max() < rows < 2**31:
            allowed = f"the number of rows of its frame, at least {self.rows.max() + 1}"
            raise InputError("does not hold the rows of the fit", where="start, rows", found=rows, allowed=allowed)
        found = np.full(rows, np.nan)
        found[self.rows] = self.index
        return found

    @cached_property
    def reset_p(self) -> float:
        """p-value of the RESET: the squared linear index added as a regressor, its coefficient tested against 0 with
        the variance of the fit (Santos Silva & Tenreyro 2006, section IV). Costs one more fit, on first use.

        Where effects are many, the index is itself estimated with error and the test rejects too often: a small p
        alone shows no misspecification. Raises InputError where nothing is left to test with."""
        has = int(self.coef.index[0] == "Intercept" and self.regressors.shape[1] < len(self.coef))
        centred = (self.index - self.index.mean()) / max(self.index.std(), np.finfo(float).tiny)
        design = Design(
            response=self.response,
            regressors=np.column_stack([centred**2, self.regressors]),
            names=("squared linear index", *self.coef.index),
            absorb=combine(self.codes, self.absorb_columns),
            cluster=combine(self.codes, self.cluster_columns),
            intercept=bool(has),
        )
        raw = estimate(design, self.index)
        if not raw.kept[has] or np.isnan(raw.vcov).any():
            raise InputError("RESET cannot be computed: the model is saturated", where="fit.reset_p")
        variance = _nearest_psd(raw.vcov)[has, has]  # as that of the fit, which two-way clusters may leave indefinite
        if raw.certain[has] or not variance > 0:
            raise InputError("RESET cannot be computed: too few clusters carry its variance", where="fit.reset_p")
        return float(2 * norm.sf(abs(raw.coef[has]) / np.sqrt(variance)))


def fit_ppml(
    frame: pd.DataFrame, formula: str, *, absorb: Sequence[str], cluster: Sequence[str], start: Array | None = None
) -> FitResult:
    """Fit ``E(y | x) = exp(x'β + effects)`` by Poisson pseudo-maximum likelihood.

    Parameters
    ----------
    frame: one row per observation, any column names. Rows with a missing value in a column that is used are left out.
    formula: ``"flow ~ a + b"``; a term is a column (in backticks where its name needs it) or an expression such as
        ``log(distance)`` or ``a:b``; ``- 1`` or ``+ 0`` takes the intercept out, as in R.
    absorb: effects, each a column or an interaction ``a^b``; an empty list fits an intercept.
    cluster: columns or interactions; one, or two for two-way clustering; an empty list means heteroskedasticity-robust.
    start: linear indices to start from, one per row of the frame, such as ``FitResult.start`` of a model alike; they
        change how long a fit takes, and no more than the last digits of what it finds.

    Raises
    ------
    InputError: a column is missing or not numeric; the response is negative, infinite or zero throughout; dyad-years
        are duplicated where the effects imply one row for each; fewer than two clusters; no regressor can be estimated;
        no convergence.

    A fit that reproduces every observation (as many coefficients as observations, or no error) has coefficients and no
    standard errors: they are missing, and a warning says so. So is that of a coefficient whose scores cancel in every
    cluster, such as a level's where levels are clusters. R's sandwich returns rounding errors there.
    """
    design, notes, rows = build_design(frame, formula, absorb, cluster)
    begin = None if start is None else numbers(start, "start")
    if begin is not None and begin.shape != (len(frame),):
        raise InputError("does not have one value per row", where="start", found=begin.shape, allowed=(len(frame),))
    if begin is not None and np.isinf(begin).any():
        place = f"position {np.flatnonzero(np.isinf(begin))[0]}"
        raise InputError("a value is infinite", where="start", found=place, allowed="numbers, or missing")
    raw = estimate(design, None if begin is None else begin[rows])
    notes = [*notes, *_left_out(design, raw)]
    kept_names = [name for name, keep in zip(design.names, raw.kept, strict=True) if keep]
    used = sorted({name for columns in design.absorb_columns + design.cluster_columns for name in columns}, key=str)
    codes, levels = {}, {}
    for name in used:
        codes[name], uniques = factorised(frame[name].iloc[rows[raw.rows]], name)
        levels[name] = tuple(uniques)
    vcov, response = raw.vcov, design.response[raw.rows]
    times = response.max() / np.median(response[response > 0])
    if times > HUGE:
        notes.append(f"size: the largest response is {times:.0e} times the median, so that digits are lost")
    if np.isnan(vcov).any():
        notes.append("exact fit: every observation is reproduced, so that no standard error can be computed")
    elif np.linalg.eigvalsh(vcov).min() < -1e-12 * np.abs(vcov).max():
        vcov = _nearest_psd(vcov)
        notes.append("variance: not positive semi-definite with two-way clusters, negative eigenvalues set to zero")
    certain = (raw.certain | (np.diag(vcov) <= 0)) & ~np.isnan(np.diag(vcov))
    if certain.any():
        vcov = np.where(certain | certain[:, None], np.nan, vcov)
        names = ", ".join(np.array(kept_names)[certain])
        notes.append(f"variance: no standard error of {names}, which too few clusters or observations carry")
    return FitResult(
        formula=formula,
        absorb_columns=design.absorb_columns,
        cluster_columns=design.cluster_columns,
        coef=pd.Series(raw.coef, kept_names, name="coef"),
        se=pd.Series(np.sqrt(np.diag(vcov)), kept_names, name="se"),
        vcov=pd.DataFrame(vcov, kept_names, kept_names),
        nobs=len(raw.rows),
        clusters=tuple(len(np.unique(column[raw.rows])) for column in design.cluster),
        loglik=float((response * raw.index - raw.fitted).sum()),
        warnings=tuple(notes),
        rows=rows[raw.rows],
        response=response,
        fitted=raw.fitted,
        index=raw.index,
        regressors=design.regressors[raw.rows][:, raw.kept[int(design.intercept) :]],
        codes=codes,
        levels=levels,
    )


def _left_out(design: Design, raw: Raw) -> list[str]:
    """Named warnings on observations, levels and regressors left out."""
    notes = []
    if raw.separated:
        notes.append(f"separation: {raw.separated} observations that the model predicts to be zero left out")
    if raw.suspect:
        notes.append(f"separation: {raw.suspect} zeros fitted next to zero, too many observations to check exactly")
    if raw.singletons:
        notes.append(f"singletons: {raw.singletons} observations alone in an effect left out")
    for columns, codes in zip(design.absorb_columns, design.absorb, strict=True):
        lost = len(np.unique(codes)) - len(np.unique(codes[raw.rows]))
        if lost:
            notes.append(f"effects: {lost} levels of {'^'.join(columns)} have no observation left")
    collinear = [name for name, keep in zip(design.names, raw.kept, strict=True) if not keep]
    if collinear:
        notes.append(f"collinear: {', '.join(collinear)} left out")
    return notes


def _nearest_psd(matrix: Array) -> Array:
    """Negative eigenvalues set to zero (Cameron, Gelbach & Miller 2011, section 2.3); otherwise as it is."""
    values, vectors = np.linalg.eigh(matrix)
    if values.min() >= 0:
        return matrix
    return (vectors * np.maximum(values, 0.0)) @ vectors.T

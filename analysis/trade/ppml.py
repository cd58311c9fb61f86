"""Poisson pseudo-maximum likelihood with absorbed effects, on ``pyfixest.fepois``.

Santos Silva, J. M. C. & Tenreyro, S. (2006), "The log of gravity", Review of Economics and Statistics 88, 641–658: the
estimator and the RESET. Conventions are those of Stata's ppmlhdfe (Correia, Guimarães & Zylkin 2020): no adjustment for
the number of regressors or effects, G/(G − 1) for clusters, with the smaller G where two ways are clustered; singletons
and separated observations are left out.
"""

from __future__ import annotations

import warnings as python_warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.errors import InputError
from analysis.trade.design import Design, build_design, combine

Array = np.ndarray
IWLS_TOLERANCE = 1e-13
"""On the relative change of the deviance. The engine's variance has the weights of the last iteration but one: at 1e-10
standard errors are off in the sixth digit, at 1e-13 not in the ninth."""
IWLS_ITERATIONS = 200
DEMEAN_TOLERANCE = 1e-8
DEMEAN_ITERATIONS = 100_000
NOTHING_LEFT = "no regressor varies once the effects are absorbed and separated observations are left out"
COLLINEAR = 1e-9
"""Pivots of the cross-products of demeaned regressors, in units of their variances, below which one is left out."""


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

    @cached_property
    def reset_p(self) -> float:
        """p-value of the RESET: the squared linear index added as a regressor, its coefficient tested against 0 with
        the variance of the fit (Santos Silva & Tenreyro 2006, section IV). Costs one more fit, on first use.

        Where effects are many, the index is itself estimated with error and the test rejects too often."""
        centred = (self.index - self.index.mean()) / max(self.index.std(), np.finfo(float).tiny)
        design = Design(
            response=self.response,
            regressors=np.column_stack([centred**2, self.regressors]),
            names=("squared linear index", *self.coef.index),
            absorb=combine(self.codes, self.absorb_columns),
            cluster=combine(self.codes, self.cluster_columns),
            intercept=False,
        )
        raw = _estimate(design)
        if not raw.kept[0]:
            raise InputError("RESET cannot be computed: the model is saturated", where="fit.reset_p")
        return float(2 * norm.sf(abs(raw.coef[0]) / np.sqrt(raw.vcov[0, 0])))


@dataclass(frozen=True)
class _Raw:
    """What one call of the engine gives, in units of the design; ``kept`` marks the regressors not left out."""

    coef: Array
    vcov: Array
    kept: Array
    rows: Array
    fitted: Array
    index: Array
    separated: int


def fit_ppml(frame: pd.DataFrame, formula: str, *, absorb: Sequence[str], cluster: Sequence[str]) -> FitResult:
    """Fit ``E(y | x) = exp(x'β + effects)`` by Poisson pseudo-maximum likelihood.

    Parameters
    ----------
    frame: one row per observation, any column names. Rows with a missing value in a column that is used are left out.
    formula: ``"flow ~ a + b"``; a term is a column (in backticks where its name needs it) or an expression such as
        ``log(distance)`` or ``a:b``.
    absorb: effects, each a column or an interaction ``a^b``; an empty list fits an intercept.
    cluster: columns or interactions; one, or two for two-way clustering; an empty list means heteroskedasticity-robust.

    Raises
    ------
    InputError: a column is missing or not numeric; the response is negative, infinite or zero throughout; dyad-years
        are duplicated where the effects imply one row for each; fewer than two clusters; no regressor can be estimated;
        no convergence.
    """
    design, notes, rows = build_design(frame, formula, absorb, cluster)
    raw = _estimate(design)
    notes = [*notes, *_left_out(design, raw)]
    kept_names = [name for name, keep in zip(design.names, raw.kept, strict=True) if keep]
    if not kept_names:
        raise InputError(NOTHING_LEFT, where=formula, found=", ".join(design.names))
    used = sorted({name for columns in design.absorb_columns + design.cluster_columns for name in columns})
    codes, levels = {}, {}
    for name in used:
        factor, uniques = pd.factorize(frame[name].iloc[rows[raw.rows]], sort=False)
        codes[name], levels[name] = factor, tuple(uniques)
    vcov = raw.vcov
    if np.linalg.eigvalsh(vcov).min() < 0:
        vcov = _nearest_psd(vcov)
        notes.append("variance: not positive semi-definite with two-way clusters, negative eigenvalues set to zero")
    if (np.diag(vcov) <= 0).any():
        raise InputError("the variance of a coefficient is zero: too few clusters carry it", where=formula)
    response = design.response[raw.rows]
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


def _estimate(design: Design) -> _Raw:
    """Call the engine on integer-coded columns, response and regressors scaled so that its tolerances mean the same in
    every unit, and undo the scaling."""
    import pyfixest  # here, since importing it takes longer than everything else in this module

    unit = design.response.mean()
    spread = design.regressors.std(axis=0)
    spread = np.where(spread > 0, spread, np.maximum(np.abs(design.regressors).max(axis=0, initial=0.0), 1.0))
    data = pd.DataFrame(design.regressors / spread, columns=[f"x{k}" for k in range(len(spread))])
    data["y"] = design.response / unit
    absorbed = list(design.absorb) or [np.zeros(len(data), dtype=np.int64)]
    for kind, columns in (("f", absorbed), ("g", design.cluster)):
        for number, column in enumerate(columns):
            data[f"{kind}{number}"] = column
    data["row"] = np.arange(len(data))
    names = [name for name in data if name.startswith("x")]
    formula = "y ~ " + " + ".join(names)
    effects = " | " + " + ".join(f"f{k}" for k in range(len(absorbed)))
    fit = _call(pyfixest, formula + effects, data, design, checks=["fe", "ir"])
    separated = fit.n_separation_na or 0
    if design.intercept:
        # The engine checks for separation only where effects are absorbed, and absorbing them hides the intercept.
        fit = _call(pyfixest, formula, data.iloc[fit._data["row"].to_numpy()], design, checks=[])
    # Convergence is read off the fit: the engine returns the last iterate of an unfinished run without complaint.
    if not fit.convergence or not np.isfinite(fit._beta_hat).all():
        raise InputError("PPML did not converge", where="fit_ppml", found=f"{IWLS_ITERATIONS} iterations")
    left = list(fit._coefnames)
    scale = np.array([1.0 if name == "Intercept" else spread[int(name[1:])] for name in left])
    shift = np.array([np.log(unit) if name == "Intercept" else 0.0 for name in left])
    order = [left.index(name) for name in (["Intercept"] if design.intercept else []) + names if name in left]
    kept = np.array(([True] if design.intercept else []) + [name in left for name in names])
    vcov = np.asarray(fit._vcov) / np.outer(scale, scale)
    return _Raw(
        coef=(fit._beta_hat / scale + shift)[order],
        vcov=vcov[np.ix_(order, order)],
        kept=kept,
        rows=fit._data["row"].to_numpy(),
        fitted=fit._Y_hat_response * unit,
        index=fit._Y_hat_link + np.log(unit),
        separated=int(separated),
    )


def _call(engine, formula: str, data: pd.DataFrame, design: Design, checks: list[str]):
    """One call of the engine, its own warnings silenced: what they say goes into named warnings."""
    ways = " + ".join(f"g{k}" for k in range(len(design.cluster)))
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            return engine.fepois(
                formula,
                data,
                vcov={"CRV1": ways} if ways else "hetero",
                ssc=engine.ssc(k_adj=False, G_adj=True, G_df="min"),
                iwls_tol=IWLS_TOLERANCE,
                iwls_maxiter=IWLS_ITERATIONS,
                collin_tol=COLLINEAR,
                separation_check=checks,
                demeaner=engine.MapDemeaner(fixef_tol=DEMEAN_TOLERANCE, fixef_maxiter=DEMEAN_ITERATIONS),
            )
    except (ValueError, ZeroDivisionError, np.linalg.LinAlgError, RuntimeError) as error:
        if "All variables are collinear" in str(error):
            raise InputError(NOTHING_LEFT, where="fit_ppml", found=", ".join(design.names)) from error
        raise InputError("the model cannot be estimated", where="fit_ppml", found=error) from error


def _left_out(design: Design, raw: _Raw) -> list[str]:
    """Named warnings on observations, levels and regressors that the engine left out."""
    notes = []
    if raw.separated:
        notes.append(f"separation: {raw.separated} observations that the model predicts to be zero left out")
    singletons = len(design.response) - len(raw.rows) - raw.separated
    if singletons:
        notes.append(f"singletons: {singletons} observations alone in an effect left out")
    for columns, codes in zip(design.absorb_columns, design.absorb, strict=True):
        lost = len(np.unique(codes)) - len(np.unique(codes[raw.rows]))
        if lost:
            notes.append(f"effects: {lost} levels of {'^'.join(columns)} have no observation left")
    collinear = [name for name, keep in zip(design.names, raw.kept, strict=True) if not keep]
    if collinear:
        notes.append(f"collinear: {', '.join(collinear)} left out")
    return notes


def _nearest_psd(matrix: Array) -> Array:
    """Negative eigenvalues set to zero (Cameron, Gelbach & Miller 2011, section 2.3)."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.maximum(values, 0.0)) @ vectors.T

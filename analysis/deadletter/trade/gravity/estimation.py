"""``pyfixest.fepois`` with its conventions settled: scaling, separation, singletons, convergence, variance."""

from __future__ import annotations

import warnings as python_warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from deadletter.errors import InputError
from deadletter.trade.gravity.design import Design
from deadletter.trade.gravity.separation import informative, separated

Array = np.ndarray
IWLS_TOLERANCE = 1e-13
"""On the relative change of the deviance. The engine's variance has the weights of the last iteration but one: at 1e-10
standard errors are off in the sixth digit, at 1e-13 not in the ninth."""
IWLS_ITERATIONS = 200
DEMEAN_TOLERANCE = 1e-8
DEMEAN_ITERATIONS = 10_000
NOTHING_LEFT = "no regressor varies once the effects are absorbed and separated observations are left out"
COLLINEAR = 1e-9
"""Pivots of the cross-products of demeaned regressors, in units of their variances, below which one is left out."""
EXACT_CHECK = 50_000
"""Observations up to which separation that the engine's checks missed is looked for by linear programming."""


SUSPECT = 1e-11
"""A zero fitted by less than this times the number of observations (in units of the mean response) may be separated:
the iterations stop while its fit still falls, once the deviance no longer tells."""


@dataclass(frozen=True)
class Raw:
    """A fit in units of the design: ``kept`` marks the regressors (the intercept first) not left out, ``rows`` the
    observations in the sample; ``separated`` and ``singletons`` count the others, ``suspect`` those in the sample whose
    fit is next to zero and that are too many to check exactly."""

    coef: Array
    vcov: Array
    kept: Array
    rows: Array
    fitted: Array
    index: Array
    separated: int
    singletons: int
    suspect: int


def estimate(design: Design) -> Raw:
    """Fit a design; response and regressors are scaled so that tolerances mean the same in every unit, and scaled back.

    Raises
    ------
    InputError: no observation or no regressor is left, fewer than two clusters are left, no convergence.
    """
    unit = design.response.mean()
    spread = design.regressors.std(axis=0)
    spread = np.where(spread > 0, spread, np.maximum(np.abs(design.regressors).max(axis=0, initial=0.0), 1.0))
    names = [f"x{k}" for k in range(len(spread))]
    data = pd.DataFrame(design.regressors / spread, columns=names)
    data["y"] = design.response / unit
    for name, column in zip(in_order_of_use(len(_effects(design))), _effects(design), strict=True):
        data[name] = column
    for number, column in enumerate(design.cluster):
        data[f"g{number}"] = column
    data["row"] = np.arange(len(data))
    fit, zeros, singletons = _settle(design, data)
    left = list(fit._coefnames)
    scale = np.array([1.0 if name == "Intercept" else spread[int(name[1:])] for name in left])
    shift = np.array([np.log(unit) if name == "Intercept" else 0.0 for name in left])
    order = [left.index(name) for name in (["Intercept"] if design.intercept else []) + names if name in left]
    vcov = np.asarray(fit._vcov) / np.outer(scale, scale)
    return Raw(
        coef=(fit._beta_hat / scale + shift)[order],
        vcov=vcov[np.ix_(order, order)],
        kept=np.array(([True] if design.intercept else []) + [name in left for name in names]),
        rows=fit._data["row"].to_numpy(),
        fitted=fit._Y_hat_response * unit,
        index=fit._Y_hat_link + np.log(unit),
        separated=zeros,
        singletons=singletons,
        suspect=0 if len(fit._data) <= EXACT_CHECK else int(_suspects(fit).sum()),
    )


def _effects(design: Design) -> list[Array]:
    """The absorbed effects, or one constant: the engine checks for separation only where something is absorbed."""
    return list(design.absorb) or [np.zeros(len(design.response), dtype=np.int64)]


def in_order_of_use(effects: int) -> list[str]:
    """Names for effects such that the engine projects on the first effect first.

    It takes them in the order of a set of their names, which differs from process to process with the seed of hashes,
    and so would the last bits of each fit.
    """
    return list(set([f"f{k}" for k in range(effects)]))


def _settle(design: Design, data: pd.DataFrame) -> tuple[object, int, int]:
    """The engine's fit on the sample that has neither separated observations nor singletons, and their numbers.

    Leaving out the one may create the other, hence the loop; every turn but the last leaves something out. The engine's
    checks miss some combinations that separate: its iterations then run off to −∞ and fail, or stop on the way there
    with a fit next to zero, and the exact check decides.
    """
    effects = _effects(design)
    rows, zeros, singletons = np.arange(len(data)), 0, 0
    while True:
        rows, empty, alone = informative(design.response, effects, rows)
        zeros, singletons = zeros + empty, singletons + alone
        if not rows.size:
            raise InputError("no observation is left without separated ones and singletons", where="fit_ppml")
        for way in design.cluster:
            if len(np.unique(way[rows])) < 2:
                raise InputError("needs at least two clusters in the estimation sample", where="cluster", found=1)
        try:
            fit = _call(data.iloc[rows], design, absorb=True, checks=["fe", "ir"])
            found = fit._data["row"].to_numpy()
            if len(found) == len(rows) and _suspects(fit).any():
                found = _exactly(data, design, rows)
        except _EngineError as error:
            found = _exactly(data, design, rows)
            if len(found) == len(rows):
                raise InputError("the model cannot be estimated", where="fit_ppml", found=error) from error
            fit = None
        settled = fit is not None and len(fit._data) == len(found)
        zeros += len(rows) - len(found)
        rows = found
        if settled and len(informative(design.response, effects, rows)[0]) == len(rows):
            break
    if design.intercept:
        # Once more without the constant effect, which hides the intercept.
        try:
            fit = _call(data.iloc[rows], design, absorb=False, checks=[])
        except _EngineError as error:
            raise InputError("the model cannot be estimated", where="fit_ppml", found=error) from error
    return fit, zeros, singletons


def _suspects(fit) -> Array:
    """Mask of the zeros that the engine fits by next to nothing."""
    zero = fit._data["y"].to_numpy() == 0
    return zero & (fit._Y_hat_response < SUSPECT * len(zero))


def _exactly(data: pd.DataFrame, design: Design, rows: Array) -> Array:
    """The rows that the exact check leaves, where they are few enough for it."""
    if len(rows) > EXACT_CHECK:
        return rows
    # scaled regressors: the linear programme's tolerances are absolute
    regressors = data[[f"x{k}" for k in range(design.regressors.shape[1])]].to_numpy()
    gone = separated(data["y"].to_numpy()[rows], regressors[rows], [effect[rows] for effect in _effects(design)])
    return rows[~gone]


class _EngineError(Exception):
    """The engine raised an error or did not converge."""


def _call(data: pd.DataFrame, design: Design, *, absorb: bool, checks: list[str]):
    """One call of the engine, its own warnings silenced: what they say goes into named warnings."""
    import pyfixest  # here, since importing it takes longer than everything else in this module

    formula = "y ~ " + " + ".join(f"x{k}" for k in range(design.regressors.shape[1]))
    if absorb:
        formula += " | " + " + ".join(f"f{k}" for k in range(len(_effects(design))))
    ways = " + ".join(f"g{k}" for k in range(len(design.cluster)))
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            fit = pyfixest.fepois(
                formula,
                data,
                vcov={"CRV1": ways} if ways else "hetero",
                ssc=pyfixest.ssc(k_adj=False, G_adj=True, G_df="min"),
                fixef_rm="none",
                iwls_tol=IWLS_TOLERANCE,
                iwls_maxiter=IWLS_ITERATIONS,
                collin_tol=COLLINEAR,
                separation_check=checks,
                demeaner=pyfixest.MapDemeaner(fixef_tol=DEMEAN_TOLERANCE, fixef_maxiter=DEMEAN_ITERATIONS),
            )
    except (ValueError, ZeroDivisionError, np.linalg.LinAlgError, RuntimeError) as error:
        if "All variables are collinear" in str(error):
            raise InputError(NOTHING_LEFT, where="fit_ppml", found=", ".join(design.names)) from error
        raise _EngineError(str(error)) from error
    # Convergence is read off the fit: the engine returns the last iterate of an unfinished run without complaint.
    if not fit.convergence or not np.isfinite(fit._beta_hat).all():
        raise _EngineError(f"no convergence in {IWLS_ITERATIONS} iterations")
    return fit

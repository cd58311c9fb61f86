"""Bias correction of the three-way PPML estimator, with adjusted standard errors.

Weidner, M. & Zylkin, T. (2021), "Bias and consistency in three-way gravity models", Journal of International Economics
132, 103513, section 3: with T fixed, the exporter-year and importer-year effects shift β̂ by a term of order 1/N, and
the cluster-robust variance is too small by a term of the same order. Derived here from the profile likelihood: with
the pair effects profiled out, ``ℓ_ij = Σ_t y_ijt ln(λ_ijt / Σ_s λ_ijs)`` has score ``S_ij = y_ij − λ_ij`` at the
estimate, Hessian ``H_ij = diag(λ) − λλ'/Σλ`` and third derivatives ``G_ij = −∂H_ij/∂π_ij``. A second-order expansion
of the profile score in the estimated effects gives (their Proposition on the asymptotic distribution)::

    E(β̂ − β) ≈ W⁻¹ (B + D),    W = Σ_ij x̃_ij' H_ij x̃_ij
    B_k = −Σ_i Tr[A_i⁻ Σ_j H_ij x̃_ijk S_ij'] + ½ Σ_i Tr[(Σ_j G_ij x̃_ijk) A_i⁻ (Σ_j S_ij S_ij') A_i⁻],  A_i = Σ_j H_ij

and D_k the same with importers in the place of exporters. The estimated scores are under-dispersed, for which the paper
multiplies by N/(N − 1) (their averages over countries divide by N − 1). The variance replaces the outer product of
scores by its leverage-adjusted form (their Ω̂ᵁ; in the spirit of MacKinnon & White 1985)::

    Ω = Σ_ij x̃_ij' [I − H_ij x̃_ij W⁻¹ x̃_ij' − H_ij d_ij W_φ⁻ d_ij']⁻¹ S_ij S_ij' x̃_ij
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from deadletter.errors import InputError
from deadletter.trade.gravity.design import Array
from deadletter.trade.gravity.ppml import FitResult
from deadletter.trade.gravity.threeway import ThreeWay, three_way

DETERMINANT = 1e-4
SINGULAR = 1e-8
"""A pair whose smallest singular value of the adjustment matrix is below this determines an effect alone."""


@dataclass(frozen=True)
class Correction:
    """Corrected three-way estimates.

    ``coef`` = uncorrected coefficients − ``bias``; ``se`` from ``vcov``, the leverage-adjusted variance clustered by
    pair with the factor G/(G − 1) of the uncorrected fit. All indexed by regressor, in the regressors' own units.
    """

    coef: pd.Series
    se: pd.Series
    bias: pd.Series
    vcov: pd.DataFrame
    uncorrected: pd.Series
    warnings: tuple[str, ...]


def correct_bias(fit: FitResult, time: str | None = None) -> Correction:
    """Correct a three-way PPML fit for the bias of Weidner & Zylkin (2021) in coefficients and standard errors.

    Parameters
    ----------
    fit: from ``fit_ppml`` with ``absorb=["exporter^time", "importer^time", "exporter^importer"]`` in any order.
    time: which of the three columns is the time. By default the one that the pair of a one-way pair cluster leaves out,
        or the one that shares no values with the other two, where these are not two.

    Raises
    ------
    InputError: where the fit lacks a standard error or is not three-way, the time column is unclear, or fewer than
        three exporters or importers, or two periods, are left.
    """
    if fit.se.isna().any():
        problem, found = "no bias can be estimated without standard errors", "; ".join(fit.warnings)
        raise InputError(problem, where="correct_bias", found=found)
    exporter, importer, time = three_way_columns(fit, time)
    cells, shape = _positions(fit, exporter, importer, time)
    if min(shape[:2]) < 3 or shape[2] < 2:
        problem, allowed = "too few countries or periods", "at least 3 exporters, 3 importers and 2 periods"
        found = "{} exporters, {} importers, {} periods".format(*shape)
        raise InputError(f"{problem} for the bias correction", where="correct_bias", found=found, allowed=allowed)
    weights, scores = np.zeros(shape), np.zeros(shape)
    # Flows in units of their mean: the formulas do not depend on the unit, the arithmetic does.
    unit = fit.fitted.mean()
    weights[cells] = fit.fitted / unit
    scores[cells] = (fit.response - fit.fitted) / unit
    values = np.zeros((*shape, fit.regressors.shape[1]))
    values[cells] = fit.regressors
    model = three_way(weights)
    residual = model.residual(values)
    information = np.einsum("ijtk,ijt,ijtl->kl", residual, weights, residual)
    inverse = np.linalg.inv(information)
    bias = inverse @ score_bias(model, residual, scores)
    meat, singular = adjusted_meat(model, residual, scores, inverse)
    pairs = int((weights.sum(axis=2) > 0).sum())
    vcov = inverse @ meat @ inverse * pairs / (pairs - 1)
    names = fit.coef.index
    warnings = list(fit.warnings)
    if singular:
        warnings.append(f"leverage: {singular} pairs determine an effect alone and enter the variance unadjusted")
    if set(map(frozenset, fit.cluster_columns)) != {frozenset((exporter, importer))}:
        warnings.append(f"cluster: the adjusted standard errors are clustered by {exporter}^{importer}")
    return Correction(
        coef=fit.coef - bias,
        se=pd.Series(np.sqrt(np.diag(vcov)), names, name="se"),
        bias=pd.Series(bias, names, name="bias"),
        vcov=pd.DataFrame(vcov, names, names),
        uncorrected=fit.coef,
        warnings=tuple(warnings),
    )


def three_way_columns(fit: FitResult, time: str | None = None) -> tuple[str, str, str]:
    """The columns (exporter, importer, time) of a three-way fit; see ``correct_bias`` for the rules and errors."""
    effects = [frozenset(columns) for columns in fit.absorb_columns]
    columns = list(dict.fromkeys(name for effect in fit.absorb_columns for name in effect))
    pairs = {frozenset((a, b)) for a in columns for b in columns if a != b}
    if len(columns) != 3 or len(effects) != 3 or set(effects) != pairs:
        problem, found = "the bias correction is for the three-way model", ["^".join(c) for c in fit.absorb_columns]
        allowed = "absorb=[exporter^time, importer^time, exporter^importer]"
        raise InputError(problem, where="correct_bias", found=f"absorb={found}", allowed=allowed)
    if time is None:
        time = _find_time(fit, columns)
    elif time not in columns:
        raise InputError("no such column among the absorbed ones", where="time", found=time, allowed=columns)
    exporter, importer = (name for name in columns if name != time)
    return exporter, importer, time


def _find_time(fit: FitResult, columns: list[str]) -> str:
    clusters = [frozenset(cluster) for cluster in fit.cluster_columns]
    left_out = set(columns) - clusters[0] if len(clusters) == 1 and len(clusters[0]) == 2 else set()
    levels = {name: set(fit.levels[name]) for name in columns}
    apart = {name for name in columns if not any(levels[name] & levels[other] for other in columns if other != name)}
    found = left_out | (apart if len(apart) == 1 else set())
    if len(found) != 1:  # a cluster of exporter and year leaves the importer out
        problem = "cannot determine which absorbed column is time"
        raise InputError(problem, where="correct_bias", found=columns, allowed="name it: time=")
    return found.pop()


def _positions(fit: FitResult, exporter: str, importer: str, time: str) -> tuple[tuple[Array, ...], tuple[int, ...]]:
    """Index arrays of the sample's cells in an (exporter, importer, time) array, and its shape."""
    codes = [np.unique(fit.codes[name], return_inverse=True) for name in (exporter, importer, time)]
    return tuple(inverse for _, inverse in codes), tuple(len(levels) for levels, _ in codes)


def score_bias(model: ThreeWay, residual: Array, scores: Array) -> Array:
    """``B + D``: the bias of the profile score per regressor, shape (K,), with the factor N/(N − 1)."""
    by_exporter = _one_side(model.weights, model.pair_total, model.exporter_inverse, residual, scores)
    by_importer = _one_side(
        model.weights.transpose(1, 0, 2),
        model.pair_total.T,
        model.importer_inverse,
        residual.transpose(1, 0, 2, 3),
        scores.transpose(1, 0, 2),
    )
    exporters, importers = model.pair_total.shape
    return by_exporter * exporters / (exporters - 1) + by_importer * importers / (importers - 1)


def _one_side(weights: Array, total: Array, inverse: Array, residual: Array, scores: Array) -> Array:
    """``B`` with the sum over i taken along the first axis; x̃ has zero λ-weighted pair means, so that H x̃ = λ x̃."""
    spread = scores @ inverse
    middle = spread.transpose(0, 2, 1) @ spread
    share = weights / total[:, :, None]
    bias = np.empty(residual.shape[3])
    for k in range(len(bias)):
        hx = weights * residual[..., k]
        outer = hx.transpose(0, 2, 1) @ share
        third = outer + outer.transpose(0, 2, 1)
        steps = np.arange(weights.shape[2])
        third[:, steps, steps] -= hx.sum(axis=1)
        bias[k] = -(hx * spread).sum() + 0.5 * (third * middle).sum()
    return bias


def adjusted_meat(model: ThreeWay, residual: Array, scores: Array, inverse: Array) -> tuple[Array, int]:
    """``Ω`` of the module's docstring, shape (K, K), symmetrised, and the number of pairs left unadjusted because their
    adjustment matrix is singular. ``inverse`` is W⁻¹. Works exporter by exporter: (J, T, T) arrays at most."""
    exporters, _, T = model.weights.shape
    meat = np.zeros_like(inverse)
    singular = 0
    for i in range(exporters):
        hessian, x = model.hessian(i), residual[i]
        hx = model.weights[i][..., None] * x
        adjust = np.eye(T) - hx @ inverse @ x.transpose(0, 2, 1) - hessian @ model.leverage_blocks(i)
        # A small determinant is cheap to see and necessary for a singular matrix, not sufficient with many periods.
        suspects = np.flatnonzero(np.abs(np.linalg.det(adjust)) < DETERMINANT)
        smallest = np.linalg.svd(adjust[suspects], compute_uv=False)[:, -1]
        bad = suspects[smallest < SINGULAR]
        adjust[bad] = np.eye(T)
        singular += len(bad)
        adjusted = np.linalg.solve(adjust, scores[i][..., None])[..., 0]
        meat += np.einsum("jtk,jt->jk", x, adjusted).T @ np.einsum("jtk,jt->jk", x, scores[i])
    return (meat + meat.T) / 2, singular

"""Weighted least squares on exporter-year, importer-year and pair effects, solved exactly.

With the pair effects profiled out, the Poisson likelihood of a pair is multinomial over its years, and its Hessian in
the T linear indices is the T × T block ``H_ij = diag(λ_ij) − λ_ij λ_ij' / Σ_t λ_ijt`` (Weidner & Zylkin 2021, section
3). The information of the stacked exporter-year effects α and importer-year effects γ is then::

    [ A   C ]     A = blockdiag_i(Σ_j H_ij),  B = blockdiag_j(Σ_i H_ij),  C_ij = H_ij
    [ C'  B ]

so that eliminating α exporter by exporter leaves one system of J·T equations, ``B − C'A⁻C``.
Cells that are not in the sample have λ = 0 and drop out of every sum.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_factor
from scipy.linalg.lapack import dpotri

from deadletter.errors import InputError
from deadletter.trade.gravity.design import Array

RANK_TOLERANCE = 1e-10
"""Eigenvalues of matrices of about unit diagonal below this count as zero."""
ROUNDING = 1e-13
ROWS = 512
"""Rows of the information matrix handled at once while exporters are eliminated."""


@dataclass(frozen=True)
class ThreeWay:
    """Weights λ of shape (I, J, T) with the generalised inverses of A (I, T, T), of B (J, T, T) and of the Schur
    complement (J·T, J·T); build it with :func:`three_way`."""

    weights: Array
    pair_total: Array
    exporter_inverse: Array
    importer_inverse: Array
    schur_inverse: Array

    def hessian(self, exporter: int) -> Array:
        """The blocks ``H_ij`` of one exporter, shape (J, T, T)."""
        lam = self.weights[exporter]
        return _blocks(lam, self.pair_total[exporter])

    @cached_property
    def cross(self) -> Array:
        """C, the blocks ``H_ij`` side by side: shape (I·T, J·T)."""
        exporters, J, T = self.weights.shape
        return np.stack([self.hessian(i).transpose(1, 0, 2) for i in range(exporters)]).reshape(exporters * T, J * T)

    def residual(self, values: Array) -> Array:
        """Residuals of ``values`` (I, J, T, K) on the three sets of effects under the weights λ; 0 outside the sample.

        This is the regressor x̃ of Weidner & Zylkin (2021), up to the pair means, which their profile likelihood
        leaves free and which are taken out here.
        """
        lam, total = self.weights, self.pair_total[..., None]
        exporters, J, T, K = values.shape
        weighted = lam[..., None] * values
        mean = weighted.sum(axis=2) / total
        by_exporter = weighted.sum(axis=1) - lam.transpose(0, 2, 1) @ mean
        by_importer = weighted.sum(axis=0) - lam.transpose(1, 2, 0) @ mean.transpose(1, 0, 2)
        first = (self.exporter_inverse @ by_exporter).reshape(exporters * T, K)
        gamma = self.schur_inverse @ (by_importer.reshape(J * T, K) - self.cross.T @ first)
        alpha = self.exporter_inverse @ (by_exporter - (self.cross @ gamma).reshape(exporters, T, K))
        gamma = gamma.reshape(J, T, K)
        mean -= (lam @ alpha + (lam.transpose(1, 0, 2) @ gamma).transpose(1, 0, 2)) / total
        left = values - alpha[:, None]
        left -= gamma
        left -= mean[:, :, None]
        left *= (lam > 0)[..., None]
        return left

    def leverage_blocks(self, exporter: int) -> Array:
        """``d_ij W⁻ d_ij'`` for the pairs of one exporter, shape (J, T, T): the variance of α_i + γ_j per unit of
        Poisson dispersion, with W the information of all exporter-year and importer-year effects."""
        J, T = self.weights.shape[1:]
        rows = self.hessian(exporter).transpose(1, 0, 2).reshape(T, J * T)
        inverse = self.exporter_inverse[exporter]
        through = rows @ self.schur_inverse
        own = inverse + inverse @ (through @ rows.T) @ inverse
        cross = -(inverse @ through).reshape(T, J, T).transpose(1, 0, 2)
        diagonal = np.einsum("jtjs->jts", self.schur_inverse.reshape(J, T, J, T))
        return own[None] + cross + cross.transpose(0, 2, 1) + diagonal


def three_way(weights: Array) -> ThreeWay:
    """Factorise the information of the exporter-year and importer-year effects.

    weights: λ, shape (I, J, T), non-negative, in any unit; 0 marks a cell that is not in the sample.

    Raises InputError: where the weights are not finite or negative, or all zero.
    """
    weights = np.asarray(weights, dtype=float)
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise InputError("weights must be finite, non-negative and not all zero", where="three_way")
    exporters, J, T = weights.shape
    total = weights.sum(axis=2)
    total[total == 0] = 1.0
    roots = _roots(_block_sums(weights, total))
    importer_blocks = _block_sums(weights.transpose(1, 0, 2), total.T)
    scale = np.sqrt(np.einsum("jtt->jt", importer_blocks)).ravel()
    present = scale > 0
    scale[~present] = 1.0
    schur = np.zeros((J * T, J * T))
    for j in range(J):
        schur[j * T : (j + 1) * T, j * T : (j + 1) * T] = importer_blocks[j]
    # Several exporters at a time: R'R is one symmetric product, and memory holds ROWS rows besides the matrix.
    step = max(1, ROWS // T)
    for start in range(0, exporters, step):
        reduced = [
            roots[i].T @ _blocks(weights[i], total[i]).transpose(1, 0, 2).reshape(T, J * T)
            for i in range(start, min(start + step, exporters))
        ]
        stacked = np.concatenate(reduced)
        schur -= stacked.T @ stacked
    schur /= scale[:, None]
    schur /= scale[None, :]
    inverse = _schur_inverse(schur, present.reshape(J, T), scale.reshape(J, T))
    inverse /= scale[:, None]
    inverse /= scale[None, :]
    return ThreeWay(weights, total, roots @ roots.transpose(0, 2, 1), _inverses(importer_blocks), inverse)


def _blocks(lam: Array, total: Array) -> Array:
    """``diag(λ) − λλ'/Σλ`` for each row of ``lam`` (J, T): shape (J, T, T)."""
    blocks = -lam[:, :, None] * (lam / total[:, None])[:, None, :]
    steps = np.arange(lam.shape[1])
    blocks[:, steps, steps] += lam
    return blocks


def _block_sums(lam: Array, total: Array) -> Array:
    """``Σ_j H_ij`` for each i, shape (I, T, T)."""
    scaled = lam / np.sqrt(total)[:, :, None]
    sums = -(scaled.transpose(0, 2, 1) @ scaled)
    steps = np.arange(lam.shape[2])
    total_weight = lam.sum(axis=1)
    diagonal = sums[:, steps, steps] + total_weight
    # A cell alone in its pair carries no information on its effect: zero but for rounding, which may be negative.
    sums[:, steps, steps] = np.where(diagonal > ROUNDING * total_weight, diagonal, 0.0)
    return sums


def _inverses(blocks: Array) -> Array:
    """Symmetric generalised inverses of a stack of positive semi-definite blocks (…, T, T)."""
    roots = _roots(blocks)
    return roots @ np.swapaxes(roots, -1, -2)


def _roots(blocks: Array) -> Array:
    """``R`` with ``R R'`` a generalised inverse of each positive semi-definite block (…, T, T).

    Scaled to unit diagonal first: flows differ by orders of magnitude between years, and a relative cut-off on raw
    eigenvalues would take small years for null directions.
    """
    scale = np.sqrt(np.einsum("...tt->...t", blocks))
    scale = np.where(scale > 0, scale, 1.0)
    return _spectral_root(blocks / scale[..., :, None] / scale[..., None, :]) / scale[..., :, None]


def _spectral_root(blocks: Array) -> Array:
    """``R`` with ``R R'`` the pseudo-inverse of each block of about unit diagonal."""
    values, vectors = np.linalg.eigh(blocks)
    size = np.where(values > RANK_TOLERANCE, 1.0 / np.sqrt(np.where(values > RANK_TOLERANCE, values, 1.0)), 0.0)
    return vectors * size[..., None, :]


def _schur_inverse(schur: Array, present: Array, scale: Array) -> Array:
    """A generalised inverse of the scaled Schur complement.

    Its null space is known for a connected panel: a constant per importer (absorbed by the pair effects) and a shift
    per year (absorbed by the exporter-year effects). Adding one rank-one term per null direction makes the matrix
    positive definite, and the inverse of the sum is a generalised inverse of the original; a panel with further null
    directions shows as a vanishing eigenvalue and goes through the spectral decomposition.
    """
    J, T = present.shape
    reference = int(np.argmax(present.sum(axis=1) + (scale**2 * present).sum(axis=1) / (scale**2).sum()))
    augmented = schur.copy()
    for j in range(J):
        block = slice(j * T, (j + 1) * T)
        if j == reference:
            augmented[block, block] += np.diag(present[j].astype(float))
        elif present[j].any():
            null = scale[j] * present[j]
            augmented[block, block] += np.outer(null, null) / (null @ null)
    absent = np.flatnonzero(~present.ravel())
    augmented[absent, absent] = 1.0
    try:
        # The transpose of a symmetric C array is the Fortran array that LAPACK overwrites without a copy.
        factor, _ = cho_factor(augmented.T, lower=True, overwrite_a=True, check_finite=False)
        inverse, _ = dpotri(factor, lower=1, overwrite_c=1)
        # 1/trace is at most the smallest eigenvalue. Pivots do not tell: where the null vector ends in a small entry, a
        # vanishing eigenvalue leaves a pivot of 1e-9 and a wrong inverse.
        smallest = 1.0 / np.trace(inverse)
    except np.linalg.LinAlgError:
        smallest = 0.0
    if not smallest > RANK_TOLERANCE:
        # Not scaled once more: a diagonal that eliminating the exporters left at rounding would be blown up to one.
        root = _spectral_root(schur)
        return root @ root.T
    for start in range(0, J * T, T):
        inverse[:start, start : start + T] = inverse[start : start + T, :start].T
        corner = inverse[start : start + T, start : start + T]
        corner[:] = np.tril(corner) + np.tril(corner, -1).T
    return inverse

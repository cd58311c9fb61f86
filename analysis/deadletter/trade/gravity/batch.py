"""Many PPML fits that share the data, the three-way effects and the controls and differ in one regressor.

The model without that regressor is fitted once. Each fit then starts from it and takes Newton-type steps with the
information of the common model, which is factorised once, so that one projection serves all fits at a time. The fixed
point is the ordinary maximum: at it the score of the full model is zero. A step that would lower the likelihood is
halved; fits that have not converged are reported as such and left to the caller.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from deadletter.errors import InputError
from deadletter.trade.gravity.design import Array
from deadletter.trade.gravity.estimation import EXACT_FIT
from deadletter.trade.gravity.formula import flow_column
from deadletter.trade.gravity.threeway import ThreeWay, three_way
from deadletter.trade.gravity.treatment import Keys, refuse_missing_keys


@dataclass(frozen=True)
class Panel:
    """A dyadic frame as (I, J, T) arrays over the same economies on both sides, domestic flows kept where present."""

    economies: tuple[Hashable, ...]
    years: Array
    cells: tuple[Array, Array, Array]
    observed: Array
    flow: Array
    sample: Array

    @classmethod
    def of(cls, frame: pd.DataFrame, flow: str, keys: Keys) -> Panel:
        """Arrange a frame. Raises InputError where a key is missing, a cell is a duplicate or a flow is negative."""
        refuse_missing_keys(frame, keys)
        twice = np.flatnonzero(frame.duplicated([keys.exporter, keys.importer, keys.year]))
        if twice.size:
            raise InputError(
                "a cell of the panel has two rows", where=f"row {twice[0]}", allowed="one per dyad and year"
            )
        codes, economies = pd.factorize(pd.concat([frame[keys.exporter], frame[keys.importer]]), sort=True)
        years, at = np.unique(frame[keys.year].to_numpy(), return_inverse=True)
        cells = codes[: len(frame)], codes[len(frame) :], at
        shape = (len(economies), len(economies), len(years))
        values = flow_column(frame, flow)
        observed = ~np.isnan(values)
        flows, sample = np.zeros(shape), np.zeros(shape, dtype=bool)
        seen = tuple(axis[observed] for axis in cells)
        flows[seen], sample[seen] = values[observed], True
        return cls(tuple(economies), years, cells, observed, flows, sample)

    def fill(self, columns: Sequence[Array]) -> Array:
        filled = np.zeros((*self.sample.shape, len(columns)))
        for k, column in enumerate(columns):
            if np.isnan(column[self.observed]).any():
                raise InputError("a control has missing values", where="controls", found=k)
            filled[(*self.cells, k)] = np.nan_to_num(column)
        return filled

    def fill_index(self, values: Array) -> Array:
        """One value for each row as (I, J, T), missing where there is no row."""
        filled = np.full(self.sample.shape, np.nan)
        filled[self.cells] = values
        return filled

    def dummy(self, members: Sequence[Hashable], start: float) -> Array:
        inside = np.isin(np.array(self.economies, dtype=object), np.array(members, dtype=object))
        dummy = (inside[:, None] & inside[None])[..., None] & (self.years >= start)
        dummy[np.arange(len(inside)), np.arange(len(inside))] = False
        return dummy


NULL_TOLERANCE = 1e-12
NULL_ITERATIONS = 100
BATCH_TOLERANCE = 1e-7
BATCH_ITERATIONS = 60
CHUNK = 16
"""Fits advanced together; bounds memory at some ten arrays of (I, J, T, CHUNK). The last bits
of a fit depend on how its chunk is cut, so work is shared out in whole chunks."""


@dataclass(frozen=True)
class CommonModel:
    """The fitted model that the batch shares. ``flow``, ``index`` and the mask ``sample``: (I, J, T), flows in units of
    their mean; ``controls``: residuals of the controls on the effects, (I, J, T, K); ``slopes``: (K, I·J·T), what gives
    the coefficients of a column on them."""

    flow: Array
    sample: Array
    index: Array
    effects: ThreeWay
    controls: Array
    slopes: Array

    def residual(self, values: Array) -> Array:
        """Residuals of ``values`` (I, J, T, M) on effects and controls under the model's weights."""
        left = self.effects.residual(values)
        flat = left.reshape(self.flow.size, -1)
        flat -= self.controls.reshape(len(flat), len(self.slopes)) @ (self.slopes @ flat)
        return left


def common_model(flow: Array, sample: Array, controls: Array, start: Array | None = None) -> CommonModel:
    """Fit PPML with three-way effects and controls by Newton's method.

    flow: (I, J, T), non-negative; ``sample``: mask (I, J, T) of the cells observed; ``controls``: (I, J, T, K), K ≥ 0.
    ``start``: linear indices (I, J, T) to start from, missing where there is none.
    Cells of an exporter-year, importer-year or pair without any positive flow are left out: they are fitted as zero.

    Raises InputError: nothing is left, the controls are collinear with the effects, or no convergence.
    """
    sample = _without_empty(np.where(sample, flow, 0.0), sample)
    if not sample.any():
        raise InputError("no positive flow in the sample", where="common_model")
    y = np.where(sample, flow, 0.0)
    unit = y[sample].mean()
    y = y / unit
    index = np.log(np.where(sample, (y + 1.0) / 2, 1.0))
    if start is not None:
        index = np.where(sample & ~np.isnan(start), start - np.log(unit), index)
    last = -np.inf
    for _ in range(NULL_ITERATIONS):
        mean = np.where(sample, np.exp(index), 0.0)
        likelihood = (y * index - mean).sum()
        model = _project(y, sample, index, mean, controls)
        if abs(likelihood - last) < NULL_TOLERANCE * (1 + abs(likelihood)):
            return model
        last = likelihood
        working = np.where(sample, index + (y - mean) / np.where(sample, mean, 1.0), 0.0)
        index = np.where(sample, working - model.residual(working[..., None])[..., 0], 0.0)
    raise InputError("the model without the placebo did not converge", where="common_model", found=NULL_ITERATIONS)


def _project(y: Array, sample: Array, index: Array, mean: Array, controls: Array) -> CommonModel:
    effects = three_way(mean)
    left = effects.residual(controls)
    gram = np.einsum("ijtk,ijt,ijtl->kl", left, mean, left)
    total = np.einsum("ijtk,ijt,ijtk->k", controls, mean, controls)
    total = np.where(total > 0, total, 1.0)  # a control that is zero throughout
    if gram.size and np.linalg.eigvalsh(gram / np.sqrt(np.outer(total, total)))[0] < NULL_TOLERANCE:
        raise InputError("the controls are collinear with the effects", where="common_model")
    weighted = (left * mean[..., None]).reshape(mean.size, len(gram))
    return CommonModel(y, sample, index, effects, left, np.linalg.inv(gram) @ weighted.T)


def _without_empty(flow: Array, sample: Array) -> Array:
    for axis in (0, 1, 2):
        sample = sample & (flow.sum(axis=axis, keepdims=True) > 0)
    return sample


@dataclass(frozen=True)
class Batch:
    """One entry per regressor: the PPML ``estimate``; ``score``, the statistic Σ_ij s_ij / √(Σ_ij s_ij²) with the pair
    scores ``s_ij = Σ_t x̃_ijt (y_ijt − λ_ijt)`` of the common model, which needs no fit (a score test of β = 0 clustered
    by pair); ``estimable``, false where the regressor has no variation left or no flow at all; ``converged``."""

    estimate: Array
    score: Array
    estimable: Array
    converged: Array


def fit_batch(model: CommonModel, regressors) -> Batch:
    """Add each regressor to the common model in turn.

    ``regressors``: a sequence of 0/1 arrays (I, J, T); they are stacked CHUNK at a time.
    """
    parts = [
        _fit_chunk(model, np.stack(regressors[start : start + CHUNK], axis=-1).astype(float))
        for start in range(0, len(regressors), CHUNK)
    ]
    return Batch(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _fit_chunk(model: CommonModel, x: Array) -> tuple[Array, Array, Array, Array]:
    weights, y = model.effects.weights[..., None], model.flow[..., None]
    x = np.where(model.sample[..., None], x, 0.0)
    residual = model.residual(x)
    information = (weights * residual**2).sum(axis=(0, 1, 2))
    pair_scores = (residual * (y - weights)).sum(axis=2)
    spread = np.sqrt((pair_scores**2).sum(axis=(0, 1)))
    varies = information > 1e-9 * (weights * x**2).sum(axis=(0, 1, 2))
    estimable = varies & ((y * x).sum(axis=(0, 1, 2)) > 0)
    # where the common model reproduces the flows, pair scores are rounding, which has no size of its own
    rounding = EXACT_FIT * np.sqrt(((weights * np.abs(residual)).sum(axis=2) ** 2).sum(axis=(0, 1)))
    score = np.where(spread > rounding, pair_scores.sum(axis=(0, 1)) / np.where(spread > 0, spread, 1.0), 0.0)
    score[~estimable] = np.nan
    estimate, converged = np.full(x.shape[-1], np.nan), np.zeros(x.shape[-1], dtype=bool)
    live = np.flatnonzero(estimable)
    if not live.size:
        return estimate, score, estimable, converged
    estimate[live], converged[live] = _iterate(model, residual[..., live], information[live])
    return estimate, score, estimable, converged


def _iterate(model: CommonModel, residual: Array, information: Array) -> tuple[Array, Array]:
    """Newton-type steps with the common information for the regressors with residuals x̃ (I, J, T, M)."""
    weights, y, inside = model.effects.weights[..., None], model.flow[..., None], model.sample[..., None]
    inverse = np.where(inside, 1.0 / np.where(inside, weights, 1.0), 0.0)
    beta, converged = np.zeros(residual.shape[-1]), np.zeros(residual.shape[-1], dtype=bool)
    live = np.arange(len(beta))
    index = np.repeat(model.index[..., None], len(live), axis=-1)
    mean = np.repeat(weights, len(live), axis=-1)
    likelihood = _total(y, index) - _total(inside, mean)
    weighted = weights * residual
    for _ in range(BATCH_ITERATIONS):
        working = (y - mean) * inverse
        slope = np.einsum("ijtm,ijtm->m", weighted, working) / information
        step = working
        step -= model.residual(working)
        step += residual * slope
        size = np.ones(len(live))
        for _ in range(30):
            trial = index + step * size
            trial_mean = np.exp(np.minimum(trial, 500.0)) * inside
            reached = _total(y, trial) - _total(inside, trial_mean)
            worse = reached < likelihood - 1e-10 * np.abs(likelihood)
            if not worse.any():
                break
            size[worse] /= 2
        index, mean, likelihood = trial, trial_mean, reached
        beta[live] += slope * size
        done = np.sqrt(_total(weights, step**2) / information) < BATCH_TOLERANCE
        if done.any():
            converged[live[done]] = True
            stay = ~done
            live, residual, information = live[stay], residual[..., stay], information[stay]
            index, mean, likelihood = index[..., stay], mean[..., stay], likelihood[stay]
            weighted = weights * residual
        if not live.size:
            break
    beta[~converged] = np.nan
    return beta, converged


def _total(weights: Array, values: Array) -> Array:
    """``Σ w v`` over cells for each of the last axis: (I, J, T, 1) and (I, J, T, M) → (M,)."""
    return weights.ravel().astype(float) @ values.reshape(-1, values.shape[-1])

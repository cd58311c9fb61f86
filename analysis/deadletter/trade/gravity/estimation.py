"""Poisson regression with absorbed effects by iteratively reweighted least squares, and its sandwich variance.

The projection on the effects is pyfixest's (alternating projections), the iterations are those of ``fixest::fepois``
and ``pyfixest.fepois``, with steps halved that overshoot. They are written out since the sample that Stata's ppmlhdfe
takes, without separated observations and singletons, must be found around them, and since they cost a quarter of the
whole engine's time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deadletter.errors import InputError
from deadletter.trade.gravity.design import Array, Design, NotConvergedError, demeaned
from deadletter.trade.gravity.separation import informative, rectified, separated

IWLS_TOLERANCE = 1e-13
"""On the relative change of the deviance, in two consecutive iterations: the variance has the weights of the last but
one, and standard errors would be off in the ninth digit."""
STEP = 1e-5
"""On the last step of the linear index where the response is positive: beside one huge response the deviance no longer
feels how the others are fitted. The index of a separated zero falls for ever."""
IWLS_ITERATIONS = 200
SMALLEST_STEP = 1e-10
LATE, LATE_TOLERANCE = 100, 1e-9
"""Iterations after which less is enough: weights of many magnitudes leave the projection fewer digits."""
PROJECTION = 1e-10
"""On the change of a demeaned column in one turn of the projection, in units of the regressor."""
NOTHING_LEFT = "no regressor varies once the effects are absorbed and separated observations are left out"
COLLINEAR = 1e-9
"""Pivots of the cross-products of demeaned regressors, in units of their variances, below which one is left out."""
EXACT_CHECK = 50_000
"""Observations up to which separation is looked for by linear programming, beyond by the iterative rectifier."""
SUSPECT = 1e-11
"""A zero fitted by less than this times the number of observations (in units of the mean response) may be separated:
the iterations stop while its fit still falls, once the deviance no longer changes."""
EXACT_FIT = 1e-7
"""Largest residual, in units of the fit itself, of a fit that reproduces the response; in units of the mean response
one huge flow would hide the residuals of all others. A zero is fitted by next to nothing in units of the mean."""


@dataclass(frozen=True)
class Raw:
    """A fit in units of the design: ``kept`` marks the regressors (the intercept first) not left out, ``rows`` the
    observations in the sample; ``separated`` and ``singletons`` count the others, ``suspect`` those in the sample whose
    fit is next to zero and that are too many to check exactly. ``vcov`` is missing where the fit is exact; ``certain``
    marks the coefficients whose variance is nothing but rounding."""

    coef: Array
    vcov: Array
    certain: Array
    kept: Array
    rows: Array
    fitted: Array
    index: Array
    separated: int
    singletons: int
    suspect: int


@dataclass(frozen=True)
class _Fit:
    """Converged iterations: ``left``, demeaned regressors; ``working``, working residuals under ``weights``."""

    coef: Array
    kept: Array
    mean: Array
    index: Array
    left: Array
    weights: Array
    working: Array

    def suspects(self, response: Array) -> Array:
        """Mask of the zeros fitted by next to nothing."""
        return (response == 0) & (self.mean < SUSPECT * response.sum())


UNLIKE = 1e8
"""Times the median response at which one response may keep the projection from converging."""
# standard deviations from zero at which digits of a slope are lost
FAR = 1e4


def estimate(design: Design, start: Array | None = None) -> Raw:
    """Fit a design; response and regressors are scaled so that tolerances mean the same in every unit, and scaled back.

    ``start``: linear indices (n,) to start from, missing where there is none; they change the time that a fit takes.

    Raises InputError: no observation or no regressor is left, fewer than two clusters are left, no convergence; with
    neither intercept nor effects, a regressor so far from zero that it is all but a constant beside the others.
    """
    # without intercept and effects the index has no constant that takes up the unit
    unit = design.response.mean() if design.intercept or design.absorb else 1.0
    spread = design.regressors.std(axis=0)
    spread = np.where(spread > 0, spread, np.maximum(np.abs(design.regressors).max(axis=0, initial=0.0), 1.0))
    # beside an intercept a regressor far from zero, such as a year, is all but collinear with it unless it is centred
    centre = design.regressors.mean(axis=0) if design.intercept else np.zeros(len(spread))
    if not design.intercept and not design.absorb and len(spread) > 1:
        middle, varies = design.regressors.mean(axis=0), design.regressors.std(axis=0)
        for name, mean, deviation in zip(design.names, middle, varies, strict=True):
            if abs(mean) > FAR * deviation > 0:
                found, wanted = f"mean {mean:g}, standard deviation {deviation:g}", "the regressor less its mean"
                raise InputError("lies too far from zero", where=f"fit_ppml, {name}", found=found, allowed=wanted)
    x, y, scale = (design.regressors - centre) / spread, design.response / unit, spread
    if design.intercept:
        x, scale = np.column_stack([np.ones(len(y)), x]), np.append(1.0, spread)
    first = np.log((y + y.mean()) / 2)
    if start is not None:
        first = np.where(np.isnan(start), first, start - np.log(unit))
    rows, zeros, singletons = np.arange(len(y)), 0, 0
    while True:  # leaving out separated observations may create singletons, and the other way round
        rows, empty, alone = informative(y, design.absorb, rows)
        zeros, singletons = zeros + empty, singletons + alone
        if not rows.size:
            raise InputError("no observation is left without separated ones and singletons", where="fit_ppml")
        for way in design.cluster:
            if len(np.unique(way[rows])) < 2:
                raise InputError("needs at least two clusters in the estimation sample", where="cluster", found=1)
        effects = [effect[rows] for effect in design.absorb]
        fit, problem = None, ""
        try:
            fit = _iterate(y[rows], x[rows], effects, first[rows])
        except (NotConvergedError, _NotEstimatedError) as error:
            problem = str(error)
        if fit is not None and not fit.suspects(y[rows]).any():
            break
        check = separated if len(rows) <= EXACT_CHECK else rectified
        gone = check(y[rows], x[rows], effects)
        if not gone.any():
            if fit is None:
                times = y.max() / np.median(y[y > 0])
                hint = f"the largest response is {times:.0e} times the median: look for a figure in another unit"
                allowed = hint if times > UNLIKE else None
                raise InputError("the model cannot be estimated", where="fit_ppml", found=problem, allowed=allowed)
            break
        rows, zeros = rows[~gone], zeros + int(gone.sum())
    if not fit.kept[int(design.intercept) :].any():
        raise InputError(NOTHING_LEFT, where="fit_ppml", found=", ".join(design.names))
    scale = scale[fit.kept]
    coef, back = fit.coef / scale, np.eye(len(scale))
    if design.intercept:
        back[0, 1:] = -centre[fit.kept[1:]]
    vcov, certain = _sandwich(fit, [way[rows] for way in design.cluster], back / scale)
    vcov = vcov / np.outer(scale, scale)
    if design.intercept:
        coef, vcov = back @ coef, back @ vcov @ back.T
        coef[0] += np.log(unit)
    if (np.abs(y[rows] - fit.mean) < EXACT_FIT * np.where(y[rows] > 0, fit.mean, y.mean())).all():
        vcov = np.full_like(vcov, np.nan)
    return Raw(
        coef=coef,
        vcov=vcov,
        certain=certain,
        kept=fit.kept,
        rows=rows,
        fitted=fit.mean * unit,
        index=fit.index + np.log(unit),
        separated=zeros,
        singletons=singletons,
        suspect=0 if len(rows) <= EXACT_CHECK else int(fit.suspects(y[rows]).sum()),
    )


class _NotEstimatedError(Exception):
    """The iterations did not converge, or the fit left the range of numbers."""


def _iterate(y: Array, x: Array, effects: Sequence[Array], index: Array) -> _Fit:
    mean = np.exp(index)
    last, settled = _deviance(y, mean), False
    fixed, left = index, x
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for turn in range(IWLS_ITERATIONS):
            weights = mean
            moved = y / mean - 1
            both = demeaned(np.column_stack([fixed + moved, left]), effects, weights, PROJECTION)
            if turn == 0:
                kept = _independent(both[:, 1:].T @ both[:, 1:])
                both = both[:, np.append(True, kept)]
            root = np.sqrt(weights)[:, None]
            weighted = root * both
            try:
                coef = np.linalg.solve(weighted[:, 1:].T @ weighted[:, 1:], weighted[:, 1:].T @ weighted[:, 0])
            except np.linalg.LinAlgError as error:
                raise _NotEstimatedError(str(error)) from error
            # What the effects took out lies in their span: the next projection goes on from these residuals.
            left = both[:, 1:]
            target = left @ coef
            working = both[:, 0] - target
            # without effects the difference of the fits, as working responses far above it would cancel to nothing
            step = moved - working if effects else target - index
            size = 1.0 if turn == 0 else _halved(y, index, step, last * (2 if effects else 1 + SMALLEST_STEP))
            index = index + size * step
            fixed = target if size == 1 else fixed + size * (target - fixed)
            mean = np.exp(index)
            deviance = _deviance(y, mean)
            if not np.isfinite(deviance) or not np.isfinite(coef).all():
                raise _NotEstimatedError("the fit left the range of numbers")
            before, near = settled, np.abs(step[y > 0]).max() < STEP
            enough = IWLS_TOLERANCE if turn < LATE else LATE_TOLERANCE
            settled = abs(deviance - last) / (0.1 + abs(last)) < enough and near and size == 1
            if settled and before:
                return _Fit(coef, kept, mean, index, left, weights, working)
            last = deviance
    raise _NotEstimatedError(f"no convergence in {IWLS_ITERATIONS} iterations")


def _halved(y: Array, index: Array, step: Array, most: float) -> float:
    """The share of a step after which the deviance is at most this; whole steps overshoot where responses differ by
    many magnitudes, or without an intercept, which would take up their unit."""
    size = 1.0
    while size > SMALLEST_STEP and not _deviance(y, np.exp(index + size * step)) <= most + IWLS_TOLERANCE:
        size /= 2
    return size


def _deviance(y: Array, mean: Array) -> float:
    """Of Poisson: ``2 Σ y (r − ln(1 + r))`` with ``r = mean/y − 1``, in which next to nothing is lost where the fit of
    a large response is close; its zeros count ``2 mean``."""
    some = y > 0
    ratio = mean[some] / y[some]
    excess = ratio - 1
    logs = np.where(np.abs(excess) < 0.5, np.log1p(excess), np.log(ratio))
    return float(2 * (np.sum(y[some] * (excess - logs)) + np.sum(mean[~some])))


def _independent(products: Array) -> Array:
    """Mask of the columns with a pivot above ``COLLINEAR`` in a Cholesky decomposition of their cross-products, the
    first of collinear ones kept, as fixest keeps them."""
    left = products.copy()
    kept = np.zeros(len(left), dtype=bool)
    for k in range(len(left)):
        if left[k, k] >= COLLINEAR:
            kept[k] = True
            left -= np.outer(left[k], left[k]) / left[k, k]
    return kept


def _sandwich(fit: _Fit, ways: Sequence[Array], back: Array) -> tuple[Array, Array]:
    """Robust variance, heteroskedastic without ways of clustering; G/(G − 1) with the smallest G (Cameron, Gelbach &
    Miller 2011), no adjustment for the number of regressors or effects. And a mask of the coefficients, ``back`` in the
    units of the design, that have none: what moves them cancels within clusters, or is reproduced by the fit."""
    weighted = fit.left * fit.weights[:, None]
    bread = np.linalg.inv(fit.left.T @ weighted)
    scores = weighted * fit.working[:, None]
    influence = weighted @ bread @ back.T
    least_certain = EXACT_FIT**2 * (influence**2).sum(axis=0)
    influence *= fit.working[:, None]
    if not ways:
        return bread @ (scores.T @ scores) @ bread, (influence**2).sum(axis=0) <= least_certain
    parts = [*ways, *([ways[0] * (ways[1].max() + 1) + ways[1]] if len(ways) == 2 else [])]
    least = min(len(np.unique(way)) for way in ways)
    meat, certain = np.zeros_like(bread), np.ones(len(bread), dtype=bool)
    for sign, way in zip((1, 1, -1) if len(ways) == 2 else (1,), parts, strict=True):
        groups, level = np.unique(way, return_inverse=True)
        sums, moved = (
            np.column_stack([np.bincount(level, column, len(groups)) for column in columns.T])
            for columns in (scores, influence)
        )
        meat += sign * (sums.T @ sums)
        certain &= (sign < 0) | ((moved**2).sum(axis=0) <= least_certain)
    return bread @ meat @ bread * least / (least - 1), certain

"""Tests for a break in a regression: at an unknown date (sup-F) and at a named one (Chow).

Dates are positions: ``index`` is the 0-based position of the last observation before the break.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import f as f_distribution

from deadletter.errors import InputError
from deadletter.trade.breaks.sup_limit import sup_f_p_value

FEW = 50
EXACT = 1e-13  # a split that leaves less than this of the variation fits exactly: F is infinite
FEW_OBSERVATIONS = "few observations: the asymptotic p-value is rough, use the fixed-regressor bootstrap"


@dataclass(frozen=True)
class SupF:
    """Largest F over all admissible breaks.

    statistic: Wald form, ``(SSR₀ − SSR₁)/(SSR₁/(n − 2k))``, not divided by the k coefficients (as Andrews 1993).
    p_value: of the limit distribution, which ``sup_limit`` computes. R's strucchange has the approximation of Hansen
    (1997), which differs from it in the third digit or sooner: 0.0067 where the limit has 0.0083 (m = 3, trim 0.1).
    index: last observation before the break; path: F (n_breaks,) of the breaks
    after observations ``first`` … ``first + n_breaks − 1``.
    """

    statistic: float
    p_value: float
    index: int
    path: np.ndarray
    first: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class BreakTest:
    """A test that searches no date; df: degrees of freedom of F, or dimension of the Brownian bridge in the limit."""

    statistic: float
    p_value: float
    df: tuple[int, ...]


def sup_f(y: np.ndarray, regressors: np.ndarray | None = None, trim: float = 0.15) -> SupF:
    """Sup-F test of Andrews (1993) for one break of all coefficients at an unknown date.

    Parameters
    ----------
    y: (n,) finite numbers. regressors: (n, q) besides the intercept, always included; None is a shift of the mean.
    trim: share of the sample left out at either end, in (0, ½); each regime keeps at least ⌊trim·n⌋ observations.

    Raises
    ------
    InputError: missing or infinite values, shapes that do not fit, a constant series, a trim that leaves a regime
        fewer observations than coefficients, or regressors that are collinear within a regime.
    """
    series, design = check_design(y, regressors)
    keep = trimmed(len(series), design.shape[1], trim)
    path = f_path(series[:, None], design, keep)[:, 0]
    best = int(np.argmax(path))
    return SupF(
        statistic=float(path[best]),
        p_value=sup_f_p_value(float(path[best]), design.shape[1], trim),
        index=keep + best - 1,
        path=path,
        first=keep - 1,
        warnings=(FEW_OBSERVATIONS,) if len(series) < FEW else (),
    )


def bootstrap_p(
    y: np.ndarray,
    regressors: np.ndarray | None = None,
    trim: float = 0.15,
    *,
    draws: int = 999,
    seed: int,
) -> float:
    """P-value of sup-F by the fixed-regressor bootstrap of Hansen (2000, Journal of Econometrics 97(1), section 5).

    Each draw keeps the regressors and takes as response the residuals of the regression split at the estimated break,
    times independent standard normals: its heteroskedastic form. Returns ``(1 + #{F* ≥ F})/(1 + draws)``, at least
    ``1/(1 + draws)``. Raises as ``sup_f``. With 20 observations whose standard deviation quadruples midway, a nominal
    10 per cent is 16.
    """
    if draws < 1:
        raise InputError("needs at least one draw", where="draws", found=draws)
    found = sup_f(y, regressors, trim)
    series, design = check_design(y, regressors)
    cut = found.index + 1
    parts = [(series[:cut], design[:cut]), (series[cut:], design[cut:])]
    residuals = np.concatenate([part - _fitted(part[:, None], x)[:, 0] for part, x in parts])
    noise = np.random.default_rng(seed).standard_normal((len(series), draws)) * residuals[:, None]
    drawn = f_path(noise, design, found.first + 1).max(axis=0)
    return float((1 + np.sum(drawn >= found.statistic)) / (1 + draws))


def chow(y: np.ndarray, index: int, regressors: np.ndarray | None = None) -> BreakTest:
    """Chow's (1960) F test (divided by k) of a break after observation ``index`` (0-based); normal errors of equal
    variance.

    Raises InputError as ``sup_f``, and where either regime has no more observations than coefficients need.
    """
    series, design = check_design(y, regressors)
    n, k = design.shape
    if not isinstance(index, (int, np.integer)) or not k <= index + 1 <= n - k or n <= 2 * k:
        raise InputError(
            "a regime is too short for its coefficients", where="index", found=index, allowed=f"{k - 1} to {n - k - 1}"
        )
    statistic = float(f_statistics(series[:, None], design, index + 1)[0]) / k
    return BreakTest(statistic, float(f_distribution.sf(statistic, k, n - 2 * k)), (k, n - 2 * k))


def check_design(y: np.ndarray, regressors: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """The response (n,) and the design (n, k) with an intercept, as floats; InputError on what no test can use."""
    series = finite(y, "series")
    if series.ndim != 1 or series.size < 4:
        raise InputError("the series is not a row of at least four numbers", where="series", found=series.shape)
    design = np.ones((series.size, 1))
    if regressors is not None:
        extra = finite(regressors, "regressors")
        extra = extra[:, None] if extra.ndim == 1 else extra
        if extra.ndim != 2 or len(extra) != series.size:
            raise InputError("the regressors do not fit the series", found=extra.shape, allowed=f"({series.size}, q)")
        design = np.column_stack([design, extra])
    residual = series - _fitted(series[:, None], design)[:, 0]
    if np.sum(residual**2) <= 1e-24 * max(np.sum(series**2), np.finfo(float).tiny):
        raise InputError("the series does not vary about the regression, so no break can be tested", where="series")
    return series, design


def trimmed(n: int, k: int, trim: float) -> int:
    """Fewest observations of a regime, ⌊trim·n⌋; InputError where that is fewer than the k coefficients."""
    if not 0 < trim < 0.5:
        raise InputError("the trimming is not between 0 and one half", where="trim", found=trim)
    keep = int(np.floor(trim * n + 1e-9))  # 0.29·100 is 29, whatever its last bit
    if keep < k or n <= 2 * k:
        raise InputError(
            "the trimming leaves a regime fewer observations than coefficients",
            where="trim",
            found=f"{keep} of {n} observations for {k} coefficients",
            allowed=f"at least {k / n:.3g}",
        )
    return keep


def f_path(responses: np.ndarray, design: np.ndarray, keep: int) -> np.ndarray:
    """F of every admissible break for every response: (n, B) → (n − 2·keep + 1, B)."""
    n = len(design)
    return np.array([f_statistics(responses, design, length) for length in range(keep, n - keep + 1)])


def f_statistics(responses: np.ndarray, design: np.ndarray, length: int) -> np.ndarray:
    """``(SSR₀ − SSR₁)/(SSR₁/(n − 2k))`` of a break after ``length`` observations: (n, B) → (B,)."""
    n, k = design.shape
    # the split model nests the whole one: work on its residuals, so that nothing large cancels
    whole = responses - _fitted(responses, design)
    explained = sum(
        np.sum((_basis(x).T @ part) ** 2, axis=0)
        for part, x in ((whole[:length], design[:length]), (whole[length:], design[length:]))
    )
    ssr0 = np.sum(whole**2, axis=0)
    ssr1 = ssr0 - explained
    with np.errstate(divide="ignore"):
        return np.where(ssr1 > EXACT * ssr0, explained / (ssr1 / (n - 2 * k)), np.inf)


def _fitted(responses: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Least-squares fit of each column."""
    q = _basis(design)
    return q @ (q.T @ responses)


def _basis(design: np.ndarray) -> np.ndarray:
    """Orthonormal basis of the columns; InputError where they are collinear."""
    q, r = np.linalg.qr(design)
    sizes = np.abs(np.diag(r))
    if len(design) < design.shape[1] or sizes.min() <= 1e-10 * np.linalg.norm(design, axis=0).max():
        raise InputError("the regressors are collinear within a regime", found=f"{len(design)} observations")
    return q


def finite(values: object, where: str) -> np.ndarray:
    """Finite floats, or InputError."""
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError("not numbers", where=where, found=values) from None
    if not np.isfinite(array).all():
        place = ", ".join(map(str, np.argwhere(~np.isfinite(array))[0]))
        raise InputError("a value is missing or infinite", where=where, found=f"position {place}")
    return array

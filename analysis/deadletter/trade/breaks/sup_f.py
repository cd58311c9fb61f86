"""Tests for a break in a regression: at an unknown date (sup-F) and at a named one (Chow).

Dates are positions: ``index`` is the 0-based position of the last observation before the break.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg import eigh
from scipy.special import eval_jacobi, gammaln, roots_jacobi
from scipy.stats import f as f_distribution

from deadletter.errors import InputError
from deadletter.given import Draws, Seed, finite
from deadletter.trade.centring import centred

BASIS = 60  # polynomials; 40 and 80 give the same p-values to 1e-10
MOST_PARAMETERS = 40
FAR_TAIL = 1e-8  # below this 1 − P loses its digits, then all sense; the tail expansion is within 2 per cent


def sup_f_p_value(statistic: float, parameters: int, trim: float) -> float:
    """Asymptotic p-value of a sup-F statistic, computed rather than simulated or fitted.

    Andrews (1993, Econometrica 61(4), 821–856, Theorem 3): under the null the statistic converges to ``sup_π
    B(π)'B(π)/(π(1−π))``, B an m-dimensional Brownian bridge, π in [π₀, 1−π₀]. In the time ``τ = ln(π/(1−π))`` the
    process under the supremum is the squared norm of a stationary Ornstein–Uhlenbeck process, a diffusion with
    generator ``2x·f'' + (m−x)·f'`` and law χ²_m, watched for ``T = 2·ln((1−π₀)/π₀)`` (DeLong 1981; Estrella 2003,
    Econometric Theory 19(6), 1128–1143). The chance of staying below c is therefore ``Σ_i w_i·exp(−μ_i·T)`` over the
    eigenvalues μ_i of that generator with absorption at c. Hansen (1997, Journal of Business & Economic Statistics
    15(1), 60–67) fits a response surface to simulations. Published tables come from simulated paths of a few thousand
    steps, whose supremum misses what happens between steps: Andrews (2003, Econometrica 71(1), 395–397) prints 8.68
    where the limit itself has 8.86 (5 per cent, m = 1, π₀ = 0.15).

    statistic: the largest Wald-type F (not divided by the number of parameters). parameters: m ≥ 1, coefficients that
    may break. trim: π₀ in (0, ½), the share of the sample left out at either end.
    """
    if not 0 < trim < 0.5:
        raise InputError("the trimming is not between 0 and one half", where="trim", found=trim)
    if not 1 <= parameters <= MOST_PARAMETERS:
        allowed = f"1 to {MOST_PARAMETERS}"
        raise InputError("no limit distribution for so many coefficients", found=parameters, allowed=allowed)
    if statistic <= 0:
        return 1.0
    if np.isinf(statistic):
        return 0.0
    length = 2 * np.log((1 - trim) / trim)
    if statistic > parameters and (tail := _tail(statistic, parameters, length)) < FAR_TAIL:
        return tail
    weights, rates = _spectrum(float(statistic), parameters)
    return min(1 - float(weights @ np.exp(-rates * length)), 1.0)


@lru_cache(maxsize=512)
def _spectrum(c: float, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights and decay rates of the survival probability below c.

    Galerkin's method on [0, c] with trial functions ``e^{x/4}·(1−x/c)·J_i``, J_i Jacobi polynomials orthogonal under
    ``(1−x/c)²·x^{m/2−1}``: they vanish at c, make the mass matrix diagonal under the χ²_m density, and leave integrands
    that Gauss–Jacobi quadrature takes exactly.
    """
    a = m / 2 - 1
    nodes, quadrature = roots_jacobi(BASIS + 40, 0.0, a)
    x = c * (1 + nodes) / 2
    order = np.arange(BASIS)[:, None]
    jacobi = eval_jacobi(order, 2.0, a, nodes)
    lower = np.where(order > 0, eval_jacobi(np.maximum(order - 1, 0), 3.0, a + 1, nodes), 0.0)
    slope = (order + 3 + a) / 2 * lower * 2 / c  # d/dx of the Jacobi polynomial
    edge = 1 - x / c
    trial = edge * jacobi
    gradient = edge * slope - jacobi / c + trial / 4
    mass = (trial * quadrature) @ trial.T
    stiffness = (gradient * quadrature * 2 * x) @ gradient.T
    rates, vectors = eigh(stiffness, mass)
    # ∫φ·w with w the density x^a·e^{−x/2}: the trial functions bring e^{x/4}; the constant belongs to χ²_m on [0, c]
    moments = (trial * quadrature) @ np.exp(-x / 4)
    log_constant = (a + 1) * np.log(c / 2) - (m / 2) * np.log(2) - gammaln(m / 2)
    return np.exp(log_constant) * (vectors.T @ moments) ** 2, rates


def _tail(c: float, m: int, length: float) -> float:
    """Leading terms of the tail for large c (DeLong 1981; Estrella 2003), relative error O(c⁻²)."""
    log_density = (m / 2) * np.log(c / 2) - c / 2 - gammaln(m / 2)
    return float(np.exp(log_density) * ((1 - m / c) * length + 2 / c))


FEW = 50
EXACT = 1e-13  # a split that leaves less than this of the variation fits exactly: F is infinite
FEW_OBSERVATIONS = "few observations: the asymptotic p-value is rough, use the fixed-regressor bootstrap"


@dataclass(frozen=True)
class SupF:
    """Largest F over all admissible breaks.

    statistic: Wald form, ``(SSR₀ − SSR₁)/(SSR₁/(n − 2k))``, not divided by the k coefficients (as Andrews 1993).
    p_value: of the limit distribution (:func:`sup_f_p_value`). R's strucchange has the approximation of Hansen
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
    y: np.ndarray, regressors: np.ndarray | None = None, trim: float = 0.15, *, draws: Draws = 999, seed: Seed
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
    if not k <= index + 1 <= n - k or n <= 2 * k:
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
        refuse_extremes(extra, "regressors")
        design = np.column_stack([design, alike(centred(extra))[0]])
    refuse_extremes(series, "series")
    residual = series - _fitted(series[:, None], design)[:, 0]
    if np.sum(residual**2) <= 1e-24 * max(np.sum(series**2), np.finfo(float).tiny):
        raise InputError("the series does not vary about the regression, so no break can be tested", where="series")
    return series, design


EXTREME = 1e70  # squares of squares are numbers up to here, and down to its inverse


def refuse_extremes(values: np.ndarray, where: str) -> None:
    """InputError where the largest value is so large or so small that squares of its square overflow or vanish."""
    size = np.abs(values).max(initial=0.0)
    if size > EXTREME or 0 < size < 1 / EXTREME:
        raise InputError(
            "values are too large or too small to compute with", where=where, found=size, allowed="another unit"
        )


def alike(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The columns (n, q) in units in which their sizes are alike, and the units: powers of two, which cost no digit.

    Least squares takes a trend for collinear beside a figure in dollars. Columns within a million stay as they are.
    """
    power = np.frexp(np.abs(columns).max(axis=0))[1]
    unit = np.where(np.abs(power) > 20, np.ldexp(1.0, power), 1.0)
    return columns / unit, unit


def trimmed(n: int, k: int, trim: float) -> int:
    """Fewest observations of a regime, ⌊trim·n⌋; InputError where that is fewer than the k coefficients."""
    if not 0 < trim < 0.5:
        raise InputError("the trimming is not between 0 and one half", where="trim", found=trim)
    keep = int(np.floor(trim * n + 1e-9))  # 0.29·100 is 29, whatever its last bit
    if keep < k or n <= 2 * k:
        problem = "the trimming leaves a regime fewer observations than coefficients"
        found = f"{keep} of {n} observations for {k} coefficients"
        raise InputError(problem, where="trim", found=found, allowed=f"at least {k / n:.3g}")
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
    if len(design) < design.shape[1] or (sizes <= 1e-10 * np.linalg.norm(design, axis=0)).any():
        raise InputError("the regressors are collinear within a regime", found=f"{len(design)} observations")
    return q

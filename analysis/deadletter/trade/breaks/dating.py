"""Tests of stability that search no date, and dates of several breaks by least squares, their number by BIC.

Bai, J. & Perron, P. (2003). Computation and analysis of multiple structural change models. Journal of Applied
Econometrics 18(1), 1–22: the best partition into m+1 regimes by dynamic programming over a table of segment SSRs.
"""

from dataclasses import dataclass

import numpy as np
from scipy.integrate import simpson
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.diagnostic import breaks_cusumolsresid, breaks_hansen

from deadletter.errors import InputError
from deadletter.trade.breaks.sup_f import EXACT, BreakTest, check_design, trimmed


@dataclass(frozen=True)
class Dates:
    """Breaks chosen by BIC.

    indices: 0-based positions of the last observations before each break; ssr, bic: (most + 1,) by number of breaks;
    partitions: the best indices for each number of breaks.
    """

    indices: tuple[int, ...]
    ssr: np.ndarray
    bic: np.ndarray
    partitions: tuple[tuple[int, ...], ...]


def bai_perron(y: np.ndarray, regressors: np.ndarray | None = None, trim: float = 0.15, most: int = 5) -> Dates:
    """Least-squares dates of up to ``most`` breaks of all coefficients, each regime at least ⌊trim·n⌋ long.

    BIC is −2 log-likelihood of the normal model plus ln(n) for each of the k(m+1) coefficients, m dates and the
    variance (Yao 1988). ``most`` is lowered to what the trimming leaves room for. Raises as ``breaks.sup_f``.
    """
    if most < 1:
        raise InputError("fewer than one break was asked for", where="most", found=most)
    series, design = check_design(y, regressors)
    n, k = design.shape
    keep = trimmed(n, k, trim)
    segment = _segment_ssr(series, design, keep)
    most = min(most, n // keep - 1)
    cost = segment[0].copy()  # cost[j]: best SSR of observations 0 … j in the regimes so far
    predecessors: list[np.ndarray] = []
    ssr: list[float] = [cost[n - 1]]
    partitions: list[tuple[int, ...]] = [()]
    for m in range(1, most + 1):
        total = cost[:-1, None] + segment[1:, :]  # break after i, last regime i+1 … j
        best = np.argmin(total, axis=0)
        cost = total[best, np.arange(n)]
        predecessors.append(best)
        ssr.append(cost[n - 1])
        partitions.append(_trace(predecessors, n - 1, m))
    # What is left of an exact fit is rounding error: no further break may be read from it.
    found = np.where(np.array(ssr) > EXACT * ssr[0], ssr, 0.0)
    counts = (k + 1) * (np.arange(most + 1) + 1)
    with np.errstate(divide="ignore"):
        bic = n * (np.log(found / n) + np.log(2 * np.pi) + 1) + np.log(n) * counts
    return Dates(partitions[int(np.argmin(bic))], found, bic, tuple(partitions))


def _trace(predecessors: list[np.ndarray], last: int, m: int) -> tuple[int, ...]:
    """Follow the table of best predecessors back from the last observation."""
    breaks = []
    for level in range(m - 1, -1, -1):
        last = int(predecessors[level][last])
        breaks.append(last)
    return tuple(reversed(breaks))


def _segment_ssr(y: np.ndarray, design: np.ndarray, keep: int) -> np.ndarray:
    """SSR of the regression on observations i … j, at [i, j]; infinite where shorter than ``keep`` or collinear."""
    n, k = design.shape
    table = np.full((n, n), np.inf)
    for i in range(n - keep + 1):
        for j in range(i + keep, n + 1):
            coef, _, rank, _ = np.linalg.lstsq(design[i:j], y[i:j], rcond=None)
            if rank == k:
                table[i, j - 1] = np.sum((y[i:j] - design[i:j] @ coef) ** 2)
    return table


def cusum(y: np.ndarray, regressors: np.ndarray | None = None) -> BreakTest:
    """Largest absolute CUSUM of the residuals of ``y`` on an intercept and ``regressors`` (n, q) (Ploberger & Krämer
    1992), and its asymptotic p-value; raises as ``sup_f``."""
    series, design = check_design(y, regressors)
    statistic, p_value, _ = breaks_cusumolsresid(OLS(series, design).fit().resid, ddof=design.shape[1])
    return BreakTest(float(statistic), float(p_value), (1,))


def hansen(y: np.ndarray, regressors: np.ndarray | None = None) -> BreakTest:
    """Joint L of Hansen (1992, Journal of Policy Modeling 14(4)) for the k coefficients and the error variance of the
    regression of ``y``; raises as ``sup_f``.

    statsmodels computes the statistic but carries four critical values only; the p-value is ``bridge_p_value``.
    """
    series, design = check_design(y, regressors)
    fit = OLS(series, design).fit()
    scores = np.column_stack([design * fit.resid[:, None], fit.resid**2 - np.mean(fit.resid**2)])
    sizes = np.linalg.norm(scores, axis=0)
    if np.linalg.matrix_rank(scores / np.where(sizes > 0, sizes, 1.0), tol=1e-9) < scores.shape[1]:
        problem = "the scores are collinear, so that their variance cannot be inverted"
        raise InputError(problem, where="hansen", found=f"{len(series)} observations, {scores.shape[1]} parameters")
    statistic = float(np.squeeze(breaks_hansen(fit)[0]))
    dimension = design.shape[1] + 1
    return BreakTest(statistic, bridge_p_value(statistic, dimension), (dimension,))


BELOW = 1e-8  # p-values that are as good as zero


def bridge_p_value(statistic: float, dimension: int) -> float:
    """P(∫₀¹ B(s)'B(s) ds > statistic), B a Brownian bridge of ``dimension`` m.

    The integral is ``Σ_j χ²_m(j)/(πj)²`` with characteristic function ``(z/sin z)^{m/2}``, ``z = √(2it)`` (Anderson &
    Darling 1952, section 4.3); inverted by Gil-Pelaez's formula in ``v = √t``, absolute error below 1e-8. Chernoff's
    bound ``(π/2)^{m/2}·exp(−π²·statistic/8)`` replaces p where the bound is tiny: there the integrand oscillates too
    fast.
    """
    bound = (np.pi / 2) ** (dimension / 2) * np.exp(-(np.pi**2) * statistic / 8)
    if bound < BELOW:
        return float(bound)
    v = np.linspace(1e-6, 90.0, 180_001)  # |φ| falls as e^{−mv/2}: nothing is left beyond
    z = (1 + 1j) * v
    # ln sin z without overflow; its imaginary part is unwrapped, so that the power m/2 stays on one branch
    log_sine = -1j * z + np.log1p(-np.exp(2j * z)) + np.log(0.5j)
    log_phi = dimension / 2 * (np.log(z) - log_sine)
    angle = np.unwrap(log_phi.imag)
    angle -= 2 * np.pi * np.round(angle[0] / (2 * np.pi))  # φ(0) = 1
    integrand = 2 * np.exp(log_phi.real) * np.sin(angle - v**2 * statistic) / v
    return float(np.clip(0.5 + simpson(integrand, x=v) / np.pi, 0.0, 1.0))

"""Stability of a regression without a date: CUSUM of residuals and Hansen's test, both from statsmodels."""

from __future__ import annotations

import numpy as np
from scipy.integrate import simpson
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.diagnostic import breaks_cusumolsresid, breaks_hansen

from deadletter.trade.breaks.sup_f import BreakTest, check_design


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
    statistic = float(np.squeeze(breaks_hansen(OLS(series, design).fit())[0]))
    dimension = design.shape[1] + 1
    return BreakTest(statistic, bridge_p_value(statistic, dimension), (dimension,))


def bridge_p_value(statistic: float, dimension: int) -> float:
    """P(∫₀¹ B(s)'B(s) ds > statistic), B a Brownian bridge of ``dimension`` m.

    The integral is ``Σ_j χ²_m(j)/(πj)²`` with characteristic function ``(z/sin z)^{m/2}``, ``z = √(2it)`` (Anderson &
    Darling 1952, section 4.3); inverted by Gil-Pelaez's formula in ``v = √t``, absolute error below 1e-8.
    """
    v = np.linspace(1e-6, 90.0, 180_001)  # |φ| falls as e^{−mv/2}: nothing is left beyond
    z = (1 + 1j) * v
    # ln sin z without overflow; its imaginary part is unwrapped, so that the power m/2 stays on one branch
    log_sine = -1j * z + np.log1p(-np.exp(2j * z)) + np.log(0.5j)
    log_phi = dimension / 2 * (np.log(z) - log_sine)
    angle = np.unwrap(log_phi.imag)
    angle -= 2 * np.pi * np.round(angle[0] / (2 * np.pi))  # φ(0) = 1
    integrand = 2 * np.exp(log_phi.real) * np.sin(angle - v**2 * statistic) / v
    return float(np.clip(0.5 + simpson(integrand, x=v) / np.pi, 0.0, 1.0))

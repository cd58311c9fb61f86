"""The limit distribution of the sup-F statistic, computed rather than simulated or fitted.

Andrews, D. W. K. (1993). Tests for parameter instability and structural change with unknown change point. Econometrica
61(4), 821–856, Theorem 3: under the null the statistic converges to ``sup_π B(π)'B(π)/(π(1−π))``, B an m-dimensional
Brownian bridge, π in [π₀, 1−π₀]. In the time ``τ = ln(π/(1−π))`` the process under the supremum is the squared norm of
a stationary Ornstein–Uhlenbeck process, a diffusion with generator ``2x·f'' + (m−x)·f'`` and law χ²_m, watched for
``T = 2·ln((1−π₀)/π₀)`` (DeLong 1981; Estrella 2003, Econometric Theory 19(6), 1128–1143). The chance of staying below c
is therefore ``Σ_i w_i·exp(−μ_i·T)`` over the eigenvalues μ_i of that generator with absorption at c. Hansen (1997,
Journal of Business & Economic Statistics 15(1), 60–67) approximates the same p-values by a response surface fitted to
simulations. Published tables come from simulated paths of a few thousand steps, whose supremum misses what happens
between steps: Andrews (2003, Econometrica 71(1), 395–397) prints 8.68 where the limit itself has 8.86 (5 per cent, m =
1, π₀ = 0.15).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.linalg import eigh
from scipy.special import eval_jacobi, gammaln, roots_jacobi

from deadletter.errors import InputError

BASIS = 60  # polynomials; 40 and 80 give the same p-values to 1e-10
MOST_PARAMETERS = 40
FAR_TAIL = 1e-8  # below this 1 − P loses its digits; there the tail expansion is within 2 per cent


def sup_f_p_value(statistic: float, parameters: int, trim: float) -> float:
    """Asymptotic p-value of a sup-F statistic.

    statistic: the largest Wald-type F (not divided by the number of parameters).
    parameters: m ≥ 1, coefficients that may break.
    trim: π₀ in (0, ½), the share of the sample left out at either end.
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
    weights, rates = _spectrum(float(statistic), parameters)
    p = 1 - float(weights @ np.exp(-rates * length))
    if p < FAR_TAIL:
        return _tail(statistic, parameters, length)
    return min(p, 1.0)


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

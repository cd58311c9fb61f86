"""Power of the break tests at the sample size at hand, to print next to every p-value.

Shifts are in units of the error's standard deviation. Simulations are seeded and carry their Monte Carlo error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter
from scipy.stats import nct, t

from deadletter.errors import InputError
from deadletter.trade.breaks.interrupted import Interrupted, newey_west
from deadletter.trade.breaks.sup_f import f_path, trimmed


@dataclass(frozen=True)
class Power:
    """Share of rejections under the alternative (power) and under the null (size), with the power's standard error.

    size equals the level where the test is exact; mc_se is 0 where the power is computed, not simulated.
    """

    power: float
    size: float
    mc_se: float


def chow_power(n: int, index: int, shift: float, level: float = 0.05) -> Power:
    """Power of Chow's test of a shift of the mean after observation ``index`` (0-based) of n, normal errors.

    Noncentral F with ``(1, n − 2)`` degrees of freedom and ``λ = shift²·n₁n₂/n``, as the square of a noncentral t
    (SciPy 1.16's noncentral F returns a negative probability at λ = 0).
    """
    before = index + 1
    if not 1 <= before <= n - 1 or n < 3:
        raise InputError("nothing before or after the break", where="index", found=index, allowed=f"0 to {n - 2}")
    critical = t.isf(_level(level) / 2, n - 2)
    centre = shift * np.sqrt(before * (n - before) / n)
    return Power(float(nct.sf(critical, n - 2, centre) + nct.cdf(-critical, n - 2, centre)), level, 0.0)


def sup_f_power(
    n: int, index: int, shift: float, trim: float = 0.15, level: float = 0.05, *, draws: int = 2000, seed: int
) -> Power:
    """Power of the sup-F test of a shift of the mean after observation ``index``, independent normal errors.

    The critical value is simulated under the null at the same n, so that the size is right by construction; the draws
    under the alternative are independent of it.
    """
    if not 0 <= index <= n - 2:
        raise InputError("nothing before or after the break", where="index", found=index, allowed=f"0 to {n - 2}")
    keep, design = trimmed(n, 1, trim), np.ones((n, 1))
    rng = np.random.default_rng(seed)
    null = f_path(rng.standard_normal((n, draws)), design, keep).max(axis=0)
    step = shift * (np.arange(n) > index)
    other = f_path(rng.standard_normal((n, draws)) + step[:, None], design, keep).max(axis=0)
    critical = np.quantile(null, 1 - _level(level))
    return _simulated(other > critical, float(np.mean(null > critical)))


def interrupted_power(
    fit: Interrupted, term: str, effect: float, level: float = 0.05, *, draws: int = 500, seed: int
) -> Power:
    """Power and size of the Newey–West t-test of one term, by simulation on the fit's own design.

    Errors are normal and first-order autoregressive with the fit's standard deviation and autocorrelation (held within
    ±0.95); ``effect`` is in the unit of the term. In short series the size lies above the level, and says by how much.
    """
    if term not in fit.table.index:
        raise InputError("no such term", where="term", found=term, allowed=list(fit.table.index))
    place = list(fit.table.index).index(term)
    rho = float(np.clip(fit.rho, -0.95, 0.95))
    innovations = np.random.default_rng(seed).standard_normal((fit.n, draws)) * np.sqrt(1 - rho**2)
    innovations[0] /= np.sqrt(1 - rho**2)  # start in the stationary law
    errors = fit.sigma * lfilter([1.0], [1.0, -rho], innovations, axis=0)
    column = fit.design[:, place]
    null, other = (
        np.array([newey_west(e + size * column, fit.design).pvalues[place] < _level(level) for e in errors.T])
        for size in (0.0, effect)
    )
    return _simulated(other, float(null.mean()))


def _simulated(rejected: np.ndarray, size: float) -> Power:
    """Share of rejections with its binomial standard error."""
    share = float(rejected.mean())
    return Power(share, size, float(np.sqrt(share * (1 - share) / len(rejected))))


def _level(level: float) -> float:
    """A level strictly between 0 and 1, or InputError."""
    if not 0 < level < 1:
        raise InputError("the level is not between 0 and 1", where="level", found=level)
    return level

"""Power means and weighted moments, over arrays of any leading shape."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deadletter.errors import InputError
from deadletter.given import numbers, together

Floats = NDArray[np.float64]
LARGEST = 1e150  # weights that can be added up, and multiplied by shares of the dominant value
# below this the general formula loses more digits than the geometric mean is off
NEARLY_GEOMETRIC = 1e-8


def power_mean(x: ArrayLike, weights: ArrayLike, exponent: ArrayLike) -> Floats:
    """``(Σ w x^p / Σ w)^(1/p)`` over the last axis (Hardy, Littlewood & Pólya 1934, ch. 2).

    Parameters
    ----------
    x: values in [0, 1], shape (..., k); NaN marks an entry that is absent, and the weights are renormalised.
    weights: shape broadcastable to ``x``; an entry of weight 0 is absent.
    exponent: shape broadcastable to the leading shape; 1 arithmetic, 0 geometric, -1 harmonic, -inf minimum, inf
        maximum.

    Returns
    -------
    Shape (...): NaN where no entry is present. Any present x = 0 gives 0 for exponents ≤ 0.

    Sums run over the last axis entry by entry, so that the bits do not depend on the size of a batch.

    Raises InputError: a value or a weight is negative; a weight is missing or infinite, an exponent missing.
    """
    values, w = together(values=x, weights=weights)
    for name, given in (("values", values), ("weights", w)):
        if (given < 0).any():
            raise InputError("is negative", where=name, found=float(given[given < 0][0]), allowed="0 or more")
    p = numbers(exponent, "exponent")
    rows = values.shape[:-1]
    sides = zip(p.shape[::-1], rows[::-1], strict=False)
    if values.ndim == 0 or p.ndim > len(rows) or any(own not in (1, side) for own, side in sides):
        found = f"values {values.shape}, exponent {p.shape}"
        raise InputError("is not for each row of values", where="exponent", found=found, allowed="(...) for (..., k)")
    p = np.broadcast_to(p, rows)
    for name, good in (("weights", (w == 0) | ((w > 1 / LARGEST) & (w < LARGEST))), ("exponent", ~np.isnan(p))):
        if not good.all():
            allowed = f"weights of 0 or from {1 / LARGEST} to {LARGEST}, an exponent up to inf"
            raise InputError("is not a number to compute with", where=name, allowed=allowed)
    entries = range(values.shape[-1])
    present = [~np.isnan(values[..., k]) & (w[..., k] > 0) for k in entries]
    lowest, highest = np.full(p.shape, np.inf), np.zeros(p.shape)
    for k in entries:
        lowest = np.where(present[k] & (values[..., k] < lowest), values[..., k], lowest)
        highest = np.where(present[k] & (values[..., k] > highest), values[..., k], highest)
    geometric = np.abs(p) < NEARLY_GEOMETRIC
    finite = np.where(np.isfinite(p) & ~geometric, p, 1.0)
    # powers of shares of the dominant entry neither overflow nor vanish together
    unit = np.where(finite > 0, highest, lowest)
    unit = np.where((unit > 0) & np.isfinite(unit), unit, 1.0)
    total, powers, logs = np.zeros(p.shape), np.zeros(p.shape), np.zeros(p.shape)
    arithmetic, some_geometric = bool((finite == 1).all()), bool(geometric.any())
    with np.errstate(divide="ignore", invalid="ignore"):
        for k in entries:
            value = np.where(present[k], values[..., k], 1.0)
            weight = np.where(present[k], w[..., k], 0.0)
            total = total + weight
            share = value / unit
            powers = powers + np.where(present[k], weight * (share if arithmetic else share**finite), 0.0)
            if some_geometric:
                logs = logs + np.where(present[k], weight * np.log(value), 0.0)
        share = powers / total
        general = unit * (share if arithmetic else share ** (1 / finite))
        extreme = np.where(p > 0, highest, lowest)
        mean = np.where(geometric, np.exp(logs / total), np.where(np.isfinite(p), general, extreme))
    mean = np.where((lowest == 0) & (p <= 0), 0.0, mean)
    return np.where(total > 0, mean, np.nan)


def weighted_mean(x: Floats, weights: Floats) -> Floats:
    """Weighted mean over the last axis; NaN entries are absent."""
    return power_mean(x, weights, 1.0)


def convergence(x: Floats, weights: Floats) -> Floats:
    """``1 - 2σ``: one minus the weighted standard deviation over its greatest value, ½, for values in [0, 1].

    Raises InputError as :func:`power_mean`, and for a value above 1.
    """
    values = numbers(x, "values")
    if (values > 1).any():
        raise InputError("is above 1", where="values", found=float(np.nanmax(values)))
    mean = weighted_mean(values, weights)
    return 1 - 2 * np.sqrt(weighted_mean((values - mean[..., None]) ** 2, weights))

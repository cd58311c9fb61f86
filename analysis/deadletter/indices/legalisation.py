"""Formalisation F: legalisation of a regime's norms (Abbott, Keohane, Moravcsik, Slaughter & Snidal 2000)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset
from deadletter.indices.intervals import IndexValue, from_statistic
from deadletter.indices.means import power_mean
from deadletter.indices.selection import ALL, Scope, ranked, scale_points, select

Floats = NDArray[np.float64]
DIMENSIONS = ("obligation", "precision", "delegation")
COMPONENTS = ("principle", "norm", "rule", "procedure")


def norms_in_force(dataset: Dataset, coding: Coding, scope: Scope) -> pd.DataFrame:
    """Norms (bodies apart) of a scope with their ratings in [0, 1]: one row a norm, columns of :data:`DIMENSIONS`."""
    norms = select(dataset, "norms", scope, "valid_from", "valid_to")
    norms = norms[norms["krasner"].isin(COMPONENTS)]
    if coding.formalisation.aspect != ALL:
        norms = norms[norms["aspect"] == coding.formalisation.aspect]
    norms = norms.reset_index(drop=True)
    values = {d: ranked(dataset, norms, d, coding, scale_points(dataset, d)) for d in DIMENSIONS}
    return norms.assign(**values)


def base_means(ratings: Floats, components: NDArray[np.int64], weights: Floats) -> Floats:
    """Mean rating of each Krasner component on each dimension.

    Parameters
    ----------
    ratings: (norms, dimensions) in [0, 1], NaN where unknown.
    components: (norms,) index into :data:`COMPONENTS`.
    weights: (draws, norms).

    Returns
    -------
    (draws, components, dimensions); NaN where no known rating carries weight. Sums run norm by norm, so that the bits
    do not depend on how many draws are taken together.
    """
    shape = (len(weights), len(COMPONENTS), ratings.shape[-1])
    sums, counts = np.zeros(shape), np.zeros(shape)
    for row, component in enumerate(components):
        known = ~np.isnan(ratings[row])
        sums[:, component] += weights[:, row, None] * np.where(known, ratings[row], 0.0)
        counts[:, component] += weights[:, row, None] * known
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counts > 0, sums / counts, np.nan)


def aggregate(
    base: Floats,
    dimension_weights: Floats,
    dimension_exponent: Floats | float,
    component_weights: Floats,
    component_exponent: Floats | float,
) -> Floats:
    """Power mean over dimensions, then over the components present.

    Parameters
    ----------
    base: (..., components, dimensions).
    dimension_weights: (..., dimensions) or (dimensions,); component_weights likewise.
    dimension_exponent, component_exponent: scalars or of the leading shape.
    """
    inner_weights = np.asarray(dimension_weights)[..., None, :]
    inner_exponent = np.asarray(dimension_exponent)[..., None]
    return power_mean(power_mean(base, inner_weights, inner_exponent), component_weights, component_exponent)


def weights_of(coding: Coding) -> tuple[Floats, Floats]:
    """Dimension and component weights of a coding as arrays, in the order of the constants above."""
    f = coding.formalisation
    return (
        np.array([getattr(f.dimension_weights, name) for name in DIMENSIONS]),
        np.array([getattr(f.component_weights, name) for name in COMPONENTS]),
    )


def formalisation(dataset: Dataset, coding: Coding, scope: Scope, krasner: str = ALL) -> IndexValue:
    """F of a scope, whole or for one Krasner component, with a bootstrap interval over norms."""
    norms = norms_in_force(dataset, coding, scope)
    if krasner != ALL:
        norms = norms[norms["krasner"] == krasner]
    ratings = norms[list(DIMENSIONS)].to_numpy(dtype=float)
    components = norms["krasner"].map(COMPONENTS.index).to_numpy(dtype=np.int64)
    by_dimension, by_component = weights_of(coding)
    exponents = coding.formalisation.dimension_exponent, coding.formalisation.component_exponent

    def statistic(filled: Floats, weights: Floats) -> Floats:
        base = base_means(filled, components, weights)
        return aggregate(base, by_dimension, exponents[0], by_component, exponents[1])

    return from_statistic(
        lambda w: statistic(ratings, w),
        lambda w: statistic(np.nan_to_num(ratings, nan=0.0), w),
        lambda w: statistic(np.nan_to_num(ratings, nan=1.0), w),
        len(norms),
        coding.intervals,
    )

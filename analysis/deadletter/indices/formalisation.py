"""Formalisation: the measure that a coding chooses to place regimes by, and the anchors that go with it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from deadletter.coding.model import Anchors, Coding
from deadletter.dataset.load import Dataset
from deadletter.indices.codification import (
    adopted_norms,
    codification,
    codification_bounds,
    component_codes,
    component_means,
    component_weights,
    reference_anchors,
)
from deadletter.indices.intervals import IndexValue, from_statistic
from deadletter.indices.means import Floats, power_mean
from deadletter.indices.selection import ALL, Scope, ranked, scale_points

DIMENSIONS = ("obligation", "precision", "delegation")


def norms_in_force(dataset: Dataset, coding: Coding, scope: Scope) -> pd.DataFrame:
    """Adopted norms of a scope with their ratings in [0, 1]: one row a norm, columns of :data:`DIMENSIONS`."""
    norms = adopted_norms(dataset, coding, scope)

    def rated() -> pd.DataFrame:
        return norms.assign(**{d: ranked(dataset, norms, d, coding, scale_points(dataset, d)) for d in DIMENSIONS})

    where = (scope.focal, scope.component, scope.day(coding), coding.formalisation.aspect, coding.coder)
    return dataset.once(("rated norms", *where), rated)


def aggregate(
    means: Floats,
    dimension_weights: Floats,
    dimension_exponent: Floats | float,
    component_weights: Floats,
    component_exponent: Floats | float,
) -> Floats:
    """Power mean over dimensions, then over the components present.

    means: (..., components, dimensions).
    dimension_weights: (..., dimensions) or (dimensions,); component_weights likewise.
    dimension_exponent, component_exponent: scalars or of the leading shape.
    """
    inner_weights = np.asarray(dimension_weights)[..., None, :]
    inner_exponent = np.asarray(dimension_exponent)[..., None]
    return power_mean(power_mean(means, inner_weights, inner_exponent), component_weights, component_exponent)


def aggregate_as_coded(means: Floats, coding: Coding) -> Floats:
    """:func:`aggregate` with the weights and exponents of a coding."""
    chosen = coding.formalisation
    by_dimension = np.array([getattr(chosen.dimension_weights, name) for name in DIMENSIONS])
    by_component = component_weights(coding)
    return aggregate(means, by_dimension, chosen.dimension_exponent, by_component, chosen.component_exponent)


def legalisation(dataset: Dataset, coding: Coding, scope: Scope, krasner: str = ALL) -> IndexValue:
    """Legalisation of a scope, whole or for one Krasner component, with a bootstrap interval over norms."""
    norms = norms_in_force(dataset, coding, scope)
    if krasner != ALL:
        norms = norms[norms["krasner"] == krasner]
    ratings = norms[list(DIMENSIONS)].to_numpy(dtype=float)
    components = component_codes(norms)
    return from_statistic(
        lambda v, w: aggregate_as_coded(component_means(v, components, w), coding), ratings, coding.intervals
    )


def legalisation_bounds(dataset: Dataset, coding: Coding, scope: Scope) -> tuple[float, float, float, int]:
    """Legalisation, its bounds with unrated norms at either extreme, and the number of norms, without an interval."""

    def means() -> tuple[Floats, int]:
        norms = norms_in_force(dataset, coding, scope)
        ratings, components = norms[list(DIMENSIONS)].to_numpy(dtype=float), component_codes(norms)
        filled = (ratings, np.nan_to_num(ratings, nan=0.0), np.nan_to_num(ratings, nan=1.0))
        once = np.ones((1, len(norms)))
        return np.concatenate([component_means(each, components, once) for each in filled]), len(norms)

    where = (scope.focal, scope.component, scope.day(coding), coding.formalisation.aspect, coding.coder)
    three, n = dataset.once(("legalisation by component", *where), means)
    value, low, high = aggregate_as_coded(three, coding)
    return float(value), float(low), float(high), n


MEASURES = ("codification", "conjunctive", "legalisation")


def measure_of_formalisation(
    measure: str, dataset: Dataset, coding: Coding, scope: Scope, krasner: str = ALL
) -> IndexValue:
    """One of :data:`MEASURES` of a scope, whole or for one Krasner component."""
    if measure == "legalisation":
        return legalisation(dataset, coding, scope, krasner)
    return codification(dataset, coding, scope, krasner, conjunctive=measure == "conjunctive")


def formalisation_bounds(dataset: Dataset, coding: Coding, scope: Scope) -> tuple[float, float, float, int]:
    """Formalisation by the measure of the coding: value, lower and upper bound, number of norms; no interval."""
    measure = coding.formalisation.measure
    if measure == "legalisation":
        return legalisation_bounds(dataset, coding, scope)
    low, high, n = codification_bounds(dataset, coding, scope, conjunctive=measure == "conjunctive")
    return low, low, high, n


def anchors_of(measure: str, dataset: Dataset, coding: Coding) -> Anchors | None:
    """The anchors of a measure; None where the reference organisations give none."""
    if measure == "legalisation":
        return coding.calibration.legalisation
    return reference_anchors(dataset, coding, conjunctive=measure == "conjunctive")


def anchors(dataset: Dataset, coding: Coding) -> Mapping[str, Anchors | None]:
    """The anchors of each of :data:`MEASURES`."""
    return {measure: anchors_of(measure, dataset, coding) for measure in MEASURES}

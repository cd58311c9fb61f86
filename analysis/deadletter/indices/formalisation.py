"""Formalisation: the measure that a coding chooses to place regimes by, and the anchors that go with it."""

from __future__ import annotations

from collections.abc import Mapping

from deadletter.coding.model import Anchors, Coding
from deadletter.dataset.load import Dataset
from deadletter.indices.codification import codification, codification_bounds, reference_anchors
from deadletter.indices.intervals import IndexValue
from deadletter.indices.legalisation import legalisation, legalisation_bounds
from deadletter.indices.selection import ALL, Scope

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


def formalisation(dataset: Dataset, coding: Coding, scope: Scope, krasner: str = ALL) -> IndexValue:
    """Formalisation of a scope by the measure of the coding."""
    return measure_of_formalisation(coding.formalisation.measure, dataset, coding, scope, krasner)


def anchors_of(measure: str, dataset: Dataset, coding: Coding) -> Anchors | None:
    """The anchors of a measure; None where the reference organisations give none."""
    if measure == "legalisation":
        return coding.calibration.legalisation
    return reference_anchors(dataset, coding, conjunctive=measure == "conjunctive")


def anchors(dataset: Dataset, coding: Coding) -> Mapping[str, Anchors | None]:
    """The anchors of each of :data:`MEASURES`."""
    return {measure: anchors_of(measure, dataset, coding) for measure in MEASURES}

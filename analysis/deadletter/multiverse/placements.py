"""The output of a universe: where each unit is placed by each basis, for a block of universes at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from deadletter.dataset.load import Dataset
from deadletter.indices.formalisation import anchors_of
from deadletter.indices.placement import LABELS, NOT_IDENTIFIED, calibrate, cells, labels_of, spans
from deadletter.indices.selection import ALL
from deadletter.multiverse.batch_indices import (
    Measure,
    Unit,
    compliance_measure,
    expectation_measure,
    formalisation_measure,
    output_measure,
)
from deadletter.multiverse.factors import Choices, Floats, Space
from deadletter.multiverse.subchoices import Decisions, Lookup, Source
from deadletter.results import BASES, scopes

INDICES = ("formalisation", *BASES)
BUILDERS = (formalisation_measure, expectation_measure, compliance_measure, output_measure)


@dataclass(frozen=True)
class Membership:
    """Fuzzy membership in each universe (NaN without a value or anchors); ``open`` where the bounds span the crossover
    or there are no anchors, ``known`` where there is a value."""

    values: Floats
    open: NDArray[np.bool_]
    known: NDArray[np.bool_]


@dataclass(frozen=True)
class Reference:
    """Anchors that follow from reference organisations, (sub-choices of ``lookup``, 3): NaN where a sub-choice takes
    them from the coding, which ``stated`` marks, or has none."""

    lookup: Lookup
    anchors: Floats
    stated: NDArray[np.bool_]


@dataclass(frozen=True)
class Calibrated:
    """An index with its anchors: exclusion, crossover, inclusion, and the log odds at the outer ones; of formalisation
    also those that replace them by sub-choice."""

    measure: Measure
    anchors: tuple[Source, Source, Source]
    log_odds: Source
    reference: Reference | None

    @cached_property
    def branches(self) -> frozenset[str]:
        own = self.measure.branches.union(*(source.branches for source in (*self.anchors, self.log_odds)))
        return own.union(self.reference.lookup.branches) if self.reference else own

    def set_of(self, choices: Choices) -> Membership:
        """Membership in each universe, and what leaves its side of the crossover open."""
        e, c, i = (anchor.of(choices) for anchor in self.anchors)
        none: NDArray[np.bool_] | bool = False
        if self.reference:
            number = self.reference.lookup.number(choices)
            stated, found = self.reference.stated[number], self.reference.anchors[number]
            none = ~stated & np.isnan(found[:, 0])
            kept = stated | none
            e, c, i = (np.where(kept, own, found[:, k]) for k, own in enumerate((e, c, i)))
        values = self.measure.values(choices)
        known = ~np.isnan(values)
        members = np.where(none, np.nan, calibrate(values, e, c, i, self.log_odds.of(choices)))
        return Membership(members, known & (spans(*self.measure.bounds(choices), c) | none), known)


@dataclass(frozen=True)
class Placed:
    """One unit over a block: ``sets`` = membership in each of :data:`INDICES`; ``codes`` = label by basis.

    ``memberships`` = the four cells by basis, shape (4, universes); a universe without a value belongs to no cell.
    """

    sets: tuple[Membership, ...]
    memberships: tuple[Floats, ...]
    codes: tuple[NDArray[np.int8], ...]


@dataclass(frozen=True)
class Model:
    """All that a universe needs, computed before any universe is: the four indices of every unit."""

    units: tuple[Unit, ...]
    calibrated: tuple[tuple[Calibrated, ...], ...]

    @cached_property
    def whole(self) -> tuple[int, ...]:
        """Positions of the units that are whole regimes."""
        return tuple(i for i, unit in enumerate(self.units) if unit.component == ALL)

    def branches(self, unit: int, basis: int) -> frozenset[str]:
        """The branches that affect a placement."""
        return self.calibrated[unit][0].branches | self.calibrated[unit][1 + basis].branches

    def place(self, choices: Choices) -> tuple[Placed, ...]:
        """Every unit in every universe of a block."""
        return tuple(_placed(tuple(index.set_of(choices) for index in indices)) for indices in self.calibrated)

    def replace(self, before: tuple[Placed, ...], choices: Choices, branches: frozenset[str]) -> tuple[Placed, ...]:
        """The same block with other choices on some branches: only what they affect is computed again."""
        after = []
        for indices, old in zip(self.calibrated, before, strict=True):
            sets = tuple(
                kept if branches.isdisjoint(index.branches) else index.set_of(choices)
                for index, kept in zip(indices, old.sets, strict=True)
            )
            after.append(_placed(sets, old))
        return tuple(after)


def _placed(sets: tuple[Membership, ...], old: Placed | None = None) -> Placed:
    """A unit by its sets; what the sets of ``old`` decide already is taken from there, the very same arrays."""
    memberships, codes = [], []
    formal, *others = sets
    for basis, other in enumerate(others):
        if old and formal is old.sets[0] and other is old.sets[1 + basis]:
            memberships.append(old.memberships[basis])
            codes.append(old.codes[basis])
            continue
        four = cells(formal.values, other.values)
        code, known = labels_of(four), formal.known & other.known
        code[(formal.open | other.open) & known] = LABELS.index(NOT_IDENTIFIED)
        codes.append(code)
        blank = np.isnan(four[0])
        if blank.any():
            four[:, blank] = 0.0
        memberships.append(four)
    return Placed(sets, tuple(memberships), tuple(codes))


def model_of(dataset: Dataset, space: Space) -> Model:
    """The indices of every unit that has a placement in at least one universe.

    Raises InputError: periods without an end before the horizon, or too many options on one index.
    """
    decisions = Decisions(space)
    reference = _reference(dataset, decisions)
    found = dict.fromkeys(Unit(scope.focal, scope.component) for scope in scopes(dataset, space.base))
    built: dict[Unit, tuple[Calibrated, ...]] = {}
    for unit in found:
        indices = tuple(
            _calibrated(decisions, build(dataset, decisions, unit), name, reference)
            for name, build in zip(INDICES, BUILDERS, strict=True)
        )
        formal, *others = (_has_value(index.measure) for index in indices)
        if unit.component == ALL or (formal and any(others)):
            built[unit] = indices
    return Model(tuple(built), tuple(built.values()))


def _calibrated(decisions: Decisions, measure: Measure, name: str, reference: Reference) -> Calibrated:
    # anchors of formalisation that no reference case gives are those of legalisation
    prefix = f"calibration.{'legalisation' if name == 'formalisation' else name}"
    e, c, i = (decisions.source(f"{prefix}.{end}") for end in ("exclusion", "crossover", "inclusion"))
    log_odds = decisions.source("calibration.log_odds")
    return Calibrated(measure, (e, c, i), log_odds, reference if name == "formalisation" else None)


def _reference(dataset: Dataset, decisions: Decisions) -> Reference:
    """The anchors that follow from reference organisations, for every sub-choice of how formalisation is measured."""
    lookup = decisions.lookup(("formalisation.", "calibration.codification"))
    keys = tuple(k for k in decisions.flat if k.startswith(("formalisation.", "calibration.codification")))
    computed, stated = np.full((lookup.size, 3), np.nan), np.zeros(lookup.size, dtype=bool)
    for number, flat in enumerate(decisions.each(lookup)):
        coding = decisions.coding(flat, keys)
        stated[number] = coding.formalisation.measure == "legalisation"
        found = anchors_of(coding.formalisation.measure, dataset, coding)
        if found is not None and not stated[number]:
            computed[number] = found.exclusion, found.crossover, found.inclusion
    return Reference(lookup, computed, stated)


def _has_value(measure: Measure) -> bool:
    """Whether an index has a value under at least one sub-choice."""
    return len(measure.failures) < measure.lookup.size


def failures(model: Model, space: Space) -> list[tuple[Unit, str, str, Mapping[str, str], float]]:
    """Options under which an index has no value: unit, index, reason, option by branch, share of all combinations.

    Branches that make no difference to it are left out.
    """
    rows: list[tuple[Unit, str, str, Mapping[str, str], float]] = []
    for unit, indices in zip(model.units, model.calibrated, strict=True):
        for name, index in zip(INDICES, indices, strict=True):
            lookup = index.measure.lookup
            reasons = np.full(lookup.size, "", dtype=object)
            for number, reason in index.measure.failures.items():
                reasons[number] = reason
            cube = reasons.reshape(lookup.shape)
            for axis in range(cube.ndim):
                if (cube == cube.take([0], axis=axis)).all():
                    cube = cube.take([0], axis=axis)
            branches = [branch for branch, size in zip(lookup.branches, cube.shape, strict=True) if size > 1]
            cube = cube.squeeze()
            for levels in np.argwhere(cube != ""):
                options = {
                    branch: list(space.declaration.branches[branch].options)[int(level)]
                    for branch, level in zip(branches, levels, strict=True)
                }
                rows.append((unit, name, cube[tuple(levels)], options, 1 / cube.size))
    return rows

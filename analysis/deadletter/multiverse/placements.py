"""The output of a universe: where each unit is placed by each basis, for a block of universes at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from deadletter.dataset.load import Dataset
from deadletter.indices.placement import LABELS, MISSING, calibrate, cells, labels_of
from deadletter.indices.selection import ALL
from deadletter.multiverse.batch_indices import (
    Measure,
    Unit,
    compliance_measure,
    expectation_measure,
    formalisation_measure,
    output_measure,
)
from deadletter.multiverse.factors import Choices, Space
from deadletter.multiverse.subchoices import Decisions, Source
from deadletter.results import BASES, scopes

Floats = NDArray[np.float64]
INDICES = ("formalisation", *BASES)
BUILDERS = (formalisation_measure, expectation_measure, compliance_measure, output_measure)


@dataclass(frozen=True)
class Calibrated:
    """An index with its anchors: exclusion, crossover, inclusion, and the log odds at the outer ones."""

    measure: Measure
    anchors: tuple[Source, Source, Source]
    log_odds: Source

    @cached_property
    def branches(self) -> frozenset[str]:
        return self.measure.branches.union(*(source.branches for source in (*self.anchors, self.log_odds)))

    def memberships(self, choices: Choices) -> Floats:
        """Fuzzy membership in each universe; NaN where the index has no value."""
        anchors = (anchor.of(choices) for anchor in self.anchors)
        return calibrate(self.measure.values(choices), *anchors, self.log_odds.of(choices))


@dataclass(frozen=True)
class Placed:
    """One unit over a block: ``sets`` = membership in each of :data:`INDICES`; ``codes`` = label by basis.

    ``memberships`` = the four cells by basis, shape (4, universes); a universe without a value belongs to no cell.
    """

    sets: tuple[Floats, ...]
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
        """The branches that bear on a placement."""
        return self.calibrated[unit][0].branches | self.calibrated[unit][1 + basis].branches

    def place(self, choices: Choices) -> tuple[Placed, ...]:
        """Every unit in every universe of a block."""
        return tuple(
            _placed(tuple(index.memberships(choices) for index in indices), (True,) * len(BASES), None)
            for indices in self.calibrated
        )

    def replace(self, before: tuple[Placed, ...], choices: Choices, branches: frozenset[str]) -> tuple[Placed, ...]:
        """The same block with other choices on some branches: only what they bear on is computed again."""
        after = []
        for indices, old in zip(self.calibrated, before, strict=True):
            hit = [not branches.isdisjoint(index.branches) for index in indices]
            if not any(hit):
                after.append(old)
                continue
            sets = tuple(
                index.memberships(choices) if new else kept
                for index, new, kept in zip(indices, hit, old.sets, strict=True)
            )
            after.append(_placed(sets, tuple(hit[0] or h for h in hit[1:]), old))
        return tuple(after)


def _placed(sets: tuple[Floats, ...], renew: tuple[bool, ...], old: Placed | None) -> Placed:
    memberships, codes = [], []
    for basis, new in enumerate(renew):
        if not new and old is not None:
            memberships.append(old.memberships[basis])
            codes.append(old.codes[basis])
            continue
        four = cells(sets[0], sets[1 + basis])
        codes.append(labels_of(four))
        missing = codes[-1] == LABELS.index(MISSING)
        if missing.any():
            four[:, missing] = 0.0
        memberships.append(four)
    return Placed(sets, tuple(memberships), tuple(codes))


def model_of(dataset: Dataset, space: Space) -> Model:
    """The indices of every unit that has a placement in at least one universe.

    Raises
    ------
    InputError: periods without an end before the horizon, or too many options on one index.
    """
    decisions = Decisions(space)
    found = dict.fromkeys(Unit(scope.focal, scope.component) for scope in scopes(dataset, space.base))
    built: dict[Unit, tuple[Calibrated, ...]] = {}
    for unit in found:
        indices = tuple(
            Calibrated(
                build(dataset, decisions, unit),
                tuple(decisions.source(f"calibration.{name}.{end}") for end in ("exclusion", "crossover", "inclusion")),
                decisions.source("calibration.log_odds"),
            )
            for name, build in zip(INDICES, BUILDERS, strict=True)
        )
        if unit.component == ALL or (_ever(indices[0].measure) and any(_ever(i.measure) for i in indices[1:])):
            built[unit] = indices
    return Model(tuple(built), tuple(built.values()))


def _ever(measure: Measure) -> bool:
    return len(measure.failures) < measure.lookup.size


def failures(model: Model, space: Space) -> list[tuple[Unit, str, str, Mapping[str, str], float]]:
    """Options under which an index has no value: unit, index, reason, option by branch, share of all combinations.

    Branches that make no difference to it are left out.
    """
    rows = []
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

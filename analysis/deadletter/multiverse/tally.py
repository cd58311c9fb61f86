"""What is kept of the universes of a slice: counts and sums, never the universes themselves."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from deadletter.indices.placement import LABELS
from deadletter.multiverse.factors import Choices, Design, Floats, Space, blocks
from deadletter.multiverse.placements import BASES, INDICES, Model, Placed

Counts = NDArray[np.int64]
KINDS = len(LABELS)
# sensitivities are reported for the four memberships and of the indicators of the same four cells
CELL_OUTPUTS = 8
BINS = 6


@dataclass
class Tally:
    """Sums over universes; two tallies add up to the tally of both.

    ``labels``: (units, labels by expectation × compliance × output). ``choices``: (whole units, bases, labels, levels
    of all branches one after the other). ``ranks``: (pairs of units, sets, 3) with less, equal, greater.
    ``moments``: (whole units, bases, outputs, 5) with n, ΣA, ΣA², ΣB, ΣB²; ``effects``: (whole units, bases, outputs,
    factors, 3) with ΣB(AB−A), Σ(AB−A), Σ(AB−A)².
    """

    universes: Counts
    labels: Counts
    choices: Counts
    ranks: Counts
    moments: Floats
    effects: Floats

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def level_offsets(space: Space) -> dict[str, tuple[int, int]]:
    """Where the levels of each branch stand among all: first position and number; a continuous branch has bins."""
    sizes = {name: len(branch.options) or BINS for name, branch in space.declaration.branches.items()}
    starts = itertools.accumulate([0, *sizes.values()])
    return {name: (start, size) for (name, size), start in zip(sizes.items(), starts, strict=False)}


def pairs_of(model: Model) -> list[tuple[int, int]]:
    """Units that are ranked against each other: whole regimes, and the components of one regime."""
    units = model.units
    return [
        (a, b)
        for a, b in itertools.combinations(range(len(units)), 2)
        if (a in model.whole and b in model.whole)
        or (units[a].focal == units[b].focal and not {a, b} & set(model.whole))
    ]


def empty(model: Model, space: Space) -> Tally:
    """A tally of no universe."""
    whole, bases, factors = len(model.whole), len(BASES), len(space.factors)
    levels = sum(size for _, size in level_offsets(space).values())
    return Tally(
        np.zeros(1, dtype=np.int64),
        np.zeros((len(model.units), KINDS ** len(BASES)), dtype=np.int64),
        np.zeros((whole, bases, KINDS, levels), dtype=np.int64),
        np.zeros((len(pairs_of(model)), len(INDICES) + bases, 3), dtype=np.int64),
        np.zeros((whole, bases, CELL_OUTPUTS, 5)),
        np.zeros((whole, bases, CELL_OUTPUTS, factors, 3)),
    )


def tally_slice(model: Model, design: Design, number: int) -> Tally:
    """The tally of one slice of a design."""
    space, tally = design.space, empty(model, design.space)
    sample, rest = design.ranges(number)
    for points in design.points(*sample, sample=True):
        _saltelli(tally, model, space, points)
    if design.full:
        plain = (space.enumerate(first, last) for first, last in blocks(*rest))
    else:
        plain = (space.draw(points) for points in design.points(*rest, sample=False))
    for choices in plain:
        placed = model.place(choices)
        _count(tally, placed)
        _count_choices(tally, model, space, choices, placed)
    return tally


def _saltelli(tally: Tally, model: Model, space: Space, points: Floats) -> None:
    """Matrices A and B, and A with one factor at a time from B."""
    width = len(space.factors)
    choices_a, choices_b = space.draw(points[:, :width]), space.draw(points[:, width:])
    a, b = model.place(choices_a), model.place(choices_b)
    for placed in (a, b):
        _count(tally, placed)
    _count_choices(tally, model, space, choices_a, a)
    outputs_a, outputs_b = _outputs(model, a), _outputs(model, b)
    for (unit, basis), y in outputs_a.items():
        z = outputs_b[unit, basis]
        sums = [np.full(CELL_OUTPUTS, float(y.shape[1])), y.sum(1), (y * y).sum(1), z.sum(1), (z * z).sum(1)]
        tally.moments[model.whole.index(unit), basis] += np.stack(sums, axis=1)
    for position, factor in enumerate(space.factors):
        branches = frozenset(factor.branches)
        mixed = model.replace(a, {**choices_a, **{name: choices_b[name] for name in factor.branches}}, branches)
        _count(tally, mixed)
        for (unit, basis), y in outputs_a.items():
            if mixed[unit].codes[basis] is a[unit].codes[basis]:
                continue
            change = output_of(mixed[unit], basis) - y
            z = outputs_b[unit, basis]
            sums = [(z * change).sum(1), change.sum(1), (change * change).sum(1)]
            tally.effects[model.whole.index(unit), basis, :, position] += np.stack(sums, axis=1)


def _outputs(model: Model, placed: tuple[Placed, ...]) -> dict[tuple[int, int], Floats]:
    return {(unit, basis): output_of(placed[unit], basis) for unit in model.whole for basis in range(len(BASES))}


def output_of(placed: Placed, basis: int) -> Floats:
    """The four memberships, and the indicators of the same cells: (8, universes)."""
    four, codes = placed.memberships[basis], placed.codes[basis]
    return np.concatenate([four, codes == np.arange(len(four), dtype=np.int8)[:, None]])


def joint(placed: Placed) -> NDArray[np.intp]:
    """The labels by all bases as one number."""
    number = placed.codes[0].astype(np.intp)
    for codes in placed.codes[1:]:
        number = number * KINDS + codes
    return number


def _count(tally: Tally, placed: tuple[Placed, ...]) -> None:
    tally.universes += len(placed[0].codes[0])
    for unit, one in enumerate(placed):
        tally.labels[unit] += np.bincount(joint(one), minlength=tally.labels.shape[1])


def _count_choices(tally: Tally, model: Model, space: Space, choices: Choices, placed: tuple[Placed, ...]) -> None:
    """Labels by option, and who ranks before whom."""
    for name, (start, size) in level_offsets(space).items():
        branch = space.declaration.branches[name]
        level = choices[name]
        if branch.key:
            low, high = branch.bounds
            level = np.clip(((level - low) / (high - low) * BINS).astype(np.intp), 0, BINS - 1)
        for position, unit in enumerate(model.whole):
            for basis, codes in enumerate(placed[unit].codes):
                counts = np.bincount(codes * size + level, minlength=KINDS * size).reshape(KINDS, size)
                tally.choices[position, basis, :, start : start + size] += counts
    for pair, (first, second) in enumerate(pairs_of(model)):
        for position, (x, y) in enumerate(zip(_ranked(placed[first]), _ranked(placed[second]), strict=True)):
            known = ~(np.isnan(x) | np.isnan(y))
            less, greater = int((x < y).sum()), int((x > y).sum())
            tally.ranks[pair, position] += (less, int(known.sum()) - less - greater, greater)


def _ranked(placed: Placed) -> Iterator[Floats]:
    """What units are ranked by: their sets, then their membership in the first cell by each basis."""
    yield from (each.values for each in placed.sets)
    for four, codes in zip(placed.memberships, placed.codes, strict=True):
        yield np.where(codes == KINDS - 1, np.nan, four[0])

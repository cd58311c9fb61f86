"""What varies independently in a multiverse, and the choices of each universe."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from SALib.util import scale_samples

from deadletter.coding import Coding
from deadletter.coding.settings import to_flat
from deadletter.errors import InputError
from deadletter.multiverse.declaration import Branch, Declaration, baseline_option

Floats = NDArray[np.float64]
# by branch: the number of an option, or a value, for each universe
Choices = Mapping[str, NDArray]
LARGEST_TIED = 1_000_000


@dataclass(frozen=True)
class Factor:
    """One branch, or branches that exclusions tie together and that vary as one.

    ``table`` holds, by branch, the number of the option at each level; it is empty for a branch without steps.
    """

    branches: tuple[str, ...]
    table: Mapping[str, NDArray[np.intp]]

    @property
    def name(self) -> str:
        return " × ".join(self.branches)

    @property
    def levels(self) -> int:
        """How many combinations of options are allowed; zero where the branch has no steps."""
        return len(next(iter(self.table.values()))) if self.table else 0


@dataclass(frozen=True)
class Space:
    """The universes of a declaration: every allowed combination of the levels of its factors."""

    declaration: Declaration
    base: Coding
    factors: tuple[Factor, ...]

    @property
    def count(self) -> int:
        """Size of the full product; zero where it cannot be counted."""
        return math.prod(factor.levels for factor in self.factors)

    def enumerate(self, first: int, last: int) -> Choices:
        """Choices of universes number ``first`` to ``last`` − 1 of the full product; the last factor varies fastest."""
        shape = [factor.levels for factor in self.factors]
        return self.at(np.unravel_index(np.arange(first, last), shape))

    def at(self, levels: Iterable[NDArray[np.intp]]) -> Choices:
        """Choices of universes from the level of each factor."""
        return {
            branch: factor.table[branch][level]
            for factor, level in zip(self.factors, levels, strict=True)
            for branch in factor.branches
        }

    def draw(self, points: Floats) -> Choices:
        """Choices from points of the unit cube, shape (universes, factors): equal shares, or the distribution."""
        choices: dict[str, NDArray] = {}
        for column, factor in zip(points.T, self.factors, strict=True):
            if factor.levels:
                level = np.minimum((column * factor.levels).astype(np.intp), factor.levels - 1)
                choices.update({branch: factor.table[branch][level] for branch in factor.branches})
            else:
                choices[factor.name] = quantiles(self.declaration.branches[factor.name], column)
        return choices

    def baseline(self, universes: int = 1) -> dict[str, NDArray]:
        """The choices of the base, for so many universes."""
        flat = to_flat(self.base)
        return {
            name: np.full(universes, float(flat[branch.key]))
            if branch.key
            else np.full(universes, list(branch.options).index(str(baseline_option(branch, self.base))), dtype=np.intp)
            for name, branch in self.declaration.branches.items()
        }

    def allowed(self, choices: Choices) -> NDArray[np.bool_]:
        """Whether no exclusion forbids the choices of each universe."""
        fine = np.ones(len(next(iter(choices.values()))), dtype=bool)
        for exclusion in self.declaration.exclude:
            hit = np.ones_like(fine)
            for name, options in exclusion.when.items():
                numbers = [list(self.declaration.branches[name].options).index(option) for option in options]
                hit &= np.isin(choices[name], numbers)
            fine &= ~hit
        return fine


def quantiles(branch: Branch, points: Floats) -> Floats:
    """Values of a branch without steps at points of the unit interval (SALib's scaling of a distribution)."""
    shape = branch.uniform or branch.triangular
    assert shape is not None
    low, high = branch.bounds
    # SALib takes a peak as a share of the width
    bounds = [low, high] if branch.uniform else [low, high, (shape[1] - low) / (high - low)]
    problem = {"num_vars": 1, "bounds": [bounds], "dists": ["unif" if branch.uniform else "triang"]}
    return scale_samples(np.array(points, dtype=float)[:, None], problem)[:, 0]


def space_of(declaration: Declaration, base: Coding, where: str) -> Space:
    """The independent factors of a declaration.

    Raises
    ------
    InputError: exclusions that leave no universe, an option that they leave nowhere, or that exclude the base.
    """
    factors = tuple(_factor(declaration, names, where) for names in _tied(declaration))
    space = Space(declaration, base, factors)
    if not space.allowed(space.baseline())[0]:
        raise InputError("the base is excluded", where=where, found=declaration.base)
    return space


def _tied(declaration: Declaration) -> list[tuple[str, ...]]:
    """Branches in groups: those that an exclusion names together stand together, in the order of the file."""
    group = {name: {name} for name in declaration.branches}
    for exclusion in declaration.exclude:
        joined = set().union(*(group[name] for name in exclusion.when))
        for name in joined:
            group[name] = joined
    order = list(declaration.branches)
    return list(dict.fromkeys(tuple(sorted(group[name], key=order.index)) for name in order))


def _factor(declaration: Declaration, names: tuple[str, ...], where: str) -> Factor:
    if declaration.branches[names[0]].key:
        return Factor(names, {})
    options = [list(declaration.branches[name].options) for name in names]
    if math.prod(map(len, options)) > LARGEST_TIED:
        raise InputError("exclusions tie too many options together", where=where, found=" × ".join(names))
    relevant = [exclusion for exclusion in declaration.exclude if set(exclusion.when) <= set(names)]
    kept = [
        combination
        for combination in itertools.product(*options)
        if not any(
            all(dict(zip(names, combination, strict=True))[name] in chosen for name, chosen in e.when.items())
            for e in relevant
        )
    ]
    if not kept:
        raise InputError("exclusions leave no universe", where=where, found=" × ".join(names))
    for position, name in enumerate(names):
        for option in options[position]:
            if not any(combination[position] == option for combination in kept):
                raise InputError("exclusions leave this option nowhere", where=f"{where} branch {name}", found=option)
    table = {name: np.array([options[i].index(combination[i]) for combination in kept]) for i, name in enumerate(names)}
    return Factor(names, table)

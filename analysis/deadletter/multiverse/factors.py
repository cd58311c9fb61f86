"""What varies independently in a multiverse, and the choices of each universe."""

import itertools
import math
import warnings
from collections.abc import Iterable, Iterator, Mapping
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

    ``table`` holds, by branch, the number of the option at each level; it is empty for a continuous branch.
    """

    branches: tuple[str, ...]
    table: Mapping[str, NDArray[np.intp]]

    @property
    def name(self) -> str:
        return " × ".join(self.branches)

    @property
    def levels(self) -> int:
        """How many combinations of options are allowed; zero where the branch is continuous."""
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
        allowed = np.ones(len(next(iter(choices.values()))), dtype=bool)
        for exclusion in self.declaration.exclude:
            hit = np.ones_like(allowed)
            for name, options in exclusion.when.items():
                numbers = [list(self.declaration.branches[name].options).index(option) for option in options]
                hit &= np.isin(choices[name], numbers)
            allowed &= ~hit
        return allowed


def quantiles(branch: Branch, points: Floats) -> Floats:
    """Values of a continuous branch at points of the unit interval (SALib's scaling of a distribution)."""
    shape = branch.uniform or branch.triangular
    assert shape is not None
    low, high = branch.bounds
    # SALib takes a peak as a share of the width
    bounds = [low, high] if branch.uniform else [low, high, (shape[1] - low) / (high - low)]
    problem = {"num_vars": 1, "bounds": [bounds], "dists": ["unif" if branch.uniform else "triang"]}
    return scale_samples(np.array(points, dtype=float)[:, None], problem)[:, 0]


def space_of(declaration: Declaration, base: Coding, where: str) -> Space:
    """The independent factors of a declaration.

    Raises InputError: exclusions that leave no universe, an option that they leave nowhere, or that exclude the base.
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


SLICES = 32
BLOCK = 16_384


@dataclass(frozen=True)
class Design:
    """Either the full product, or a Saltelli sample of a Sobol sequence and further points of another.

    ``base`` rows of the sample give ``base`` × (factors + 2) universes (Saltelli and others 2010): the matrices A and
    B, and A with one factor at a time from B. ``rest`` further points make up the number asked for.
    """

    space: Space
    universes: int
    base: int
    rest: int

    @property
    def full(self) -> bool:
        """Whether every universe is evaluated."""
        return self.base == 0

    def ranges(self, number: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """First and last (excluded) row of slice ``number``: of the Saltelli sample, and of the points after it."""
        starts = [(self.base * i // SLICES, self.rest * i // SLICES) for i in (number, number + 1)]
        return (starts[0][0], starts[1][0]), (starts[0][1], starts[1][1])

    def points(self, first: int, last: int, *, sample: bool) -> Iterator[Floats]:
        """Points ``first`` to ``last`` − 1 of a scrambled Sobol sequence, in blocks: shape (rows, columns).

        The Saltelli sample has two columns a factor; the points after it are a sequence of their own with one.
        """
        from scipy.stats import qmc  # loads slowly, and those who only read factors need none of it

        width, seed = len(self.space.factors), self.space.declaration.seed
        # a row of the sample represents as many universes as there are factors, so its blocks are smaller
        engine = qmc.Sobol(2 * width if sample else width, rng=np.random.default_rng([seed, sample]))
        if first:
            engine.fast_forward(first)
        size = BLOCK // 4 if sample else BLOCK
        with warnings.catch_warnings():
            # a slice is a part of the sequence, whose balance is that of the whole
            warnings.filterwarnings("ignore", message="The balance properties")
            for start, stop in blocks(first, last, size):
                yield engine.random(stop - start)


def blocks(first: int, last: int, size: int = BLOCK) -> Iterator[tuple[int, int]]:
    """A range in pieces of a size that stays in the processor's cache."""
    return ((start, min(start + size, last)) for start in range(first, last, size))


def design_of(space: Space, universes: int | None, where: str) -> Design:
    """The universes to evaluate: all of them where they can be counted and fit the limit, else as many as asked for.

    Raises InputError: more universes than the limit, and no number given; or a number too small for any slice.
    """
    declared = space.declaration
    if universes is None and space.count > declared.limit:
        found = f"{space.count} universes"
        raise InputError("too many universes to enumerate; give --universes", where=where, found=found,
                         allowed=f"at most {declared.limit} (key limit)")  # fmt: skip
    if space.count and (universes is None or universes >= space.count) and space.count <= declared.limit:
        return Design(space, space.count, 0, space.count)
    wanted = universes or declared.universes
    each = len(space.factors) + 2
    if wanted < SLICES * each:
        allowed = f"at least {SLICES * each}: {SLICES} rows of {each} universes each"
        raise InputError("too few universes to distinguish the factors", where="--universes", found=wanted,
                         allowed=allowed)  # fmt: skip
    base = 2 ** int(np.log2(wanted // each))
    return Design(space, wanted, base, wanted - base * each)

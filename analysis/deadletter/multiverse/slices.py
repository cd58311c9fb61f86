"""Which universes are evaluated, in slices that do not depend on how many processes share the work."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from deadletter.errors import InputError
from deadletter.multiverse.factors import Space

Floats = NDArray[np.float64]
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

    Raises
    ------
    InputError: more universes than the limit, and no number given; or a number too small for any slice.
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

"""Distinct sub-choices: the combinations of options that one part of a universe depends on."""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deadletter.coding import Coding
from deadletter.coding.settings import changed, to_flat
from deadletter.errors import InputError
from deadletter.multiverse.declaration import settings_of
from deadletter.multiverse.factors import Choices, Space

LARGEST = 1_000_000


@dataclass(frozen=True)
class Lookup:
    """Branches with options, and the number of the sub-choice that a universe takes."""

    branches: tuple[str, ...]
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def number(self, choices: Choices) -> NDArray[np.intp]:
        """The sub-choice of each universe; all zero where nothing is chosen."""
        position = np.zeros(len(next(iter(choices.values()))), dtype=np.intp)
        for branch, options in zip(self.branches, self.shape, strict=True):
            position *= options
            position += choices[branch]
        return position


@dataclass(frozen=True)
class Source:
    """Where a number of a universe comes from: its options, or a continuous branch."""

    lookup: Lookup
    values: NDArray[np.float64]
    branch: str = ""

    @property
    def branches(self) -> tuple[str, ...]:
        return (self.branch,) if self.branch else self.lookup.branches

    def of(self, choices: Choices) -> NDArray[np.float64] | float:
        """The number in each universe: shape (universes,), or one for all."""
        if self.branch:
            return choices[self.branch]
        return self.values[self.lookup.number(choices)] if self.lookup.branches else float(self.values[0])


class Decisions:
    """The base of a space by dotted key, and what its branches change."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.flat = to_flat(space.base)
        self._codings: dict[tuple[tuple[str, Any], ...], Coding] = {}

    def lookup(self, prefixes: tuple[str, ...]) -> Lookup:
        """The branches whose options set a key that begins with one of ``prefixes``.

        Raises InputError: their options make too many combinations.
        """
        branches = self.space.declaration.branches
        bearing = {
            name: len(branch.options)
            for name, branch in branches.items()
            if any(key.startswith(prefixes) for option in branch.options.values() for key in settings_of(option))
        }
        lookup = Lookup(tuple(bearing), tuple(bearing.values()))
        if lookup.size > LARGEST:
            found = f"{lookup.size} combinations of {', '.join(bearing)}"
            raise InputError("too many options affect one index", found=found, allowed=f"at most {LARGEST}")
        return lookup

    def each(self, lookup: Lookup) -> Iterator[Mapping[str, Any]]:
        """Every key of the coding under each sub-choice, in the order of their numbers."""
        branches = self.space.declaration.branches
        options = [[settings_of(option) for option in branches[name].options.values()] for name in lookup.branches]
        for combination in itertools.product(*options):
            merged = dict(self.flat)
            for settings in combination:
                merged.update(settings)
            yield merged

    def source(self, key: str) -> Source:
        """Where the number of one key comes from."""
        for name, branch in self.space.declaration.branches.items():
            if branch.key == key:
                return Source(Lookup((), ()), np.empty(0), name)
        lookup = self.lookup((key,))
        return Source(lookup, np.array([float(flat[key]) for flat in self.each(lookup)]))

    def coding(self, flat: Mapping[str, Any], keys: tuple[str, ...]) -> Coding:
        """The base with some keys as a sub-choice has them; the same object for the same values."""
        settings = tuple((key, flat[key]) for key in keys)
        if settings not in self._codings:
            self._codings[settings] = changed(self.space.base, dict(settings), "multiverse")
        return self._codings[settings]

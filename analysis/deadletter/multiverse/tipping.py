"""The tipping set: the smallest changes from the base that flip a conclusion, all of them tried."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deadletter.indices.placement import LABELS
from deadletter.multiverse.factors import Space, quantiles
from deadletter.multiverse.placements import BASES, Model

COLUMNS = ["regime", "basis", "base", "becomes", "changes", "first", "first_to", "second", "second_to"]
# quantiles at which a continuous branch is tried, before bisection finds the value that flips
TRIED = 41
HALVINGS = 40


@dataclass(frozen=True)
class Change:
    """One branch decided otherwise; ``continuous`` says that the value is one of a continuous branch."""

    branch: str
    value: float
    name: str
    continuous: bool


@dataclass(frozen=True)
class Flip:
    """Changes that take a placement, by position of regime and basis, to another label."""

    at: tuple[int, ...]
    changes: tuple[Change, ...]
    becomes: int

    @property
    def key(self) -> tuple:
        """Branches, options and label; all values of a continuous branch count as one."""
        return self.at, self.becomes, tuple((c.branch, None if c.continuous else c.value) for c in self.changes)


def changes_of(space: Space) -> list[Change]:
    """Every option that is not the base's, and values of each continuous branch, nearest to the base first."""
    baseline, found = space.baseline(), []
    for name, branch in space.declaration.branches.items():
        at = baseline[name][0]
        if branch.key:
            grid = quantiles(branch, np.linspace(0, 1, TRIED))
            nearest = sorted((float(v) for v in grid if v != at), key=lambda v: (abs(v - at), v))
            found += [Change(name, v, f"{v:.4g}", True) for v in nearest]
        else:
            found += [Change(name, i, option, False) for i, option in enumerate(branch.options) if i != at]
    return found


def tipping_table(model: Model, space: Space) -> pd.DataFrame:
    """Each change that flips a placement alone, and each pair that does where neither does alone: :data:`COLUMNS`.

    For a continuous branch the value nearest to the base is reported: found by bisection where it flips alone or with
    an option, and the nearest of the values tried where both are continuous.
    """
    changes = changes_of(space)
    base = _codes(model, space, [()])[..., 0]
    alone = _codes(model, space, [(change,) for change in changes])
    pairs = [(a, b) for a, b in itertools.combinations(changes, 2) if a.branch != b.branch]
    allowed = space.allowed(_choices(space, pairs)) if pairs else np.zeros(0, dtype=bool)
    together = _codes(model, space, pairs)
    allowed_alone = space.allowed(_choices(space, [(change,) for change in changes]))
    found: list[Flip] = []
    for at in np.ndindex(base.shape):
        flips = np.flatnonzero(allowed_alone & (alone[at] != base[at]))
        singles = [Flip(at, (changes[i],), int(alone[at][i])) for i in flips]
        enough = {changes[i] for i in flips}
        doubles = [
            Flip(at, pairs[k], int(together[at][k]))
            for k in np.flatnonzero(allowed & (together[at] != base[at]))
            if enough.isdisjoint(pairs[k])
        ]
        # of the values of a continuous branch only the first counts, which is the nearest
        found += {flip.key: flip for flip in reversed([*singles, *doubles])}.values()
    rows = []
    for flip, ways in zip(found, _bisected(model, space, found), strict=True):
        where = model.units[model.whole[flip.at[0]]].focal, BASES[flip.at[1]]
        labels = LABELS[base[flip.at]], LABELS[flip.becomes]
        rows.append((*where, *labels, len(flip.changes), *ways, *([""] * (4 - len(ways)))))
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(COLUMNS, ignore_index=True)


def _choices(space: Space, universes: Sequence[tuple[Change, ...]]) -> dict[str, NDArray]:
    choices = space.baseline(len(universes))
    for number, changes in enumerate(universes):
        for change in changes:
            choices[change.branch][number] = change.value
    return choices


def _codes(model: Model, space: Space, universes: Sequence[tuple[Change, ...]]) -> NDArray[np.int8]:
    """Labels of whole regimes: (regimes, bases, universes)."""
    placed = model.place(_choices(space, universes))
    return np.array([placed[unit].codes for unit in model.whole])


def _bisected(model: Model, space: Space, flips: Sequence[Flip]) -> list[list[str]]:
    """Branch and option of every change; of a lone continuous branch the value nearest to the base that flips."""
    choices = _choices(space, [flip.changes for flip in flips])
    free = [[change.branch for change in flip.changes if change.continuous] for flip in flips]
    sought = [(number, names[0]) for number, names in enumerate(free) if len(names) == 1]
    base = space.baseline()
    near = {at: float(base[at[1]][0]) for at in sought}
    far = {at: float(choices[at[1]][at[0]]) for at in sought}
    for _ in range(HALVINGS):
        for number, branch in sought:
            choices[branch][number] = (near[number, branch] + far[number, branch]) / 2
        placed = model.place(choices)
        for number, branch in sought:
            unit, basis = flips[number].at
            flipped = placed[model.whole[unit]].codes[basis][number] == flips[number].becomes
            (far if flipped else near)[number, branch] = float(choices[branch][number])
    names = {at: f"{value:.6g}" for at, value in far.items()}
    return [
        [text for change in flip.changes for text in (change.branch, names.get((number, change.branch), change.name))]
        for number, flip in enumerate(flips)
    ]

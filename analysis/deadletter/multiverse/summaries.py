"""What is reported of a multiverse: one table each, from the sums over its universes."""

import itertools

import numpy as np
import pandas as pd

from deadletter.indices.placement import CELLS, LABELS
from deadletter.multiverse.factors import Choices, Design, Space
from deadletter.multiverse.placements import BASES, INDICES, Model, failures
from deadletter.multiverse.tally import BINS, KINDS, Tally, level_offsets, pairs_of

# how many universes the specification curve and the file of single universes hold
SAMPLED = 4096
AGREE, DIFFER = "all three agree", "they differ"


def shares_table(model: Model, tally: Tally) -> pd.DataFrame:
    """Share of universes by unit, basis and label; basis ``all`` says whether the three bases agree, and on what."""
    rows = []
    for unit, counts in zip(model.units, tally.labels, strict=True):
        cube = counts.reshape((KINDS,) * len(BASES))
        whole = int(cube.sum())
        for basis, name in enumerate(BASES):
            others = tuple(i for i in range(len(BASES)) if i != basis)
            by_label = cube.sum(axis=others)
            rows += [(unit.focal, unit.component, name, LABELS[k], int(by_label[k]), by_label[k] / whole)
                     for k in range(KINDS)]  # fmt: skip
        agreed = [int(cube[(k,) * len(BASES)]) for k in range(KINDS)]
        rows += [(unit.focal, unit.component, "all", LABELS[k], n, n / whole) for k, n in enumerate(agreed)]
        rows.append((unit.focal, unit.component, "all", DIFFER, whole - sum(agreed), 1 - sum(agreed) / whole))
    return pd.DataFrame(rows, columns=["regime", "component", "basis", "label", "universes", "share"])


def choices_table(model: Model, space: Space, tally: Tally) -> pd.DataFrame:
    """Share of each label among the universes that take an option, by whole regime, basis and branch."""
    rows = []
    for branch, (start, size) in level_offsets(space).items():
        declared = space.declaration.branches[branch]
        names = list(declared.options) or _bins(declared.bounds)
        for position, unit in enumerate(model.whole):
            for basis, basis_name in enumerate(BASES):
                counts = tally.choices[position, basis, :, start : start + size]
                with np.errstate(invalid="ignore"):
                    shares = counts / counts.sum(axis=0)
                rows += [
                    (model.units[unit].focal, basis_name, branch, names[level], LABELS[k], shares[k, level])
                    for level in range(size)
                    for k in range(KINDS)
                ]
    return pd.DataFrame(rows, columns=["regime", "basis", "branch", "option", "label", "share"])


def _bins(bounds: tuple[float, float]) -> list[str]:
    edges = np.linspace(*bounds, BINS + 1)
    return [f"{low:.3g}–{high:.3g}" for low, high in itertools.pairwise(edges)]


def ranks_table(model: Model, space: Space, tally: Tally) -> pd.DataFrame:
    """How often one unit ranks before another, and in the base; universes in which one has no value are left out.

    ``by`` names an index, or ``dead_letter by <basis>`` for the membership in that cell.
    """
    names = [*INDICES, *(f"{CELLS[0]} by {basis}" for basis in BASES)]
    placed = model.place(space.baseline())
    rows = []
    for pair, (first, second) in enumerate(pairs_of(model)):
        for position, name in enumerate(names):
            less, equal, greater = (int(n) for n in tally.ranks[pair, position])
            known = less + equal + greater
            if not known:
                continue
            a, b = (
                (*(s.values for s in placed[u].sets), *(four[0] for four in placed[u].memberships))[position][0]
                for u in pairs_of(model)[pair]
            )
            base = "missing" if np.isnan(a) or np.isnan(b) else "higher" if a > b else "lower" if a < b else "equal"
            units = (model.units[first], model.units[second])
            who = [x for u in units for x in (u.focal, u.component)]
            rows.append((name, *who, base, greater / known, equal / known, less / known, known))
    pair_columns = ["by", "regime", "component", "other_regime", "other_component"]
    columns = [*pair_columns, "base", "higher", "equal", "lower", "universes"]
    return pd.DataFrame(rows, columns=columns)


def failed_table(model: Model, space: Space) -> pd.DataFrame:
    """Options under which an index has no value, why, and their share of all combinations of those branches."""
    rows = [
        (unit.focal, unit.component, index, reason, "; ".join(f"{b}={o}" for b, o in options.items()), share)
        for unit, index, reason, options, share in failures(model, space)
    ]
    return pd.DataFrame(rows, columns=["regime", "component", "index", "reason", "options", "share"])


def sampled(design: Design) -> Choices:
    """The choices of the first universes of a design, or of universes spread evenly over the full product."""
    space = design.space
    if design.full:
        step = max(1, -(-design.universes // SAMPLED))
        numbers = np.arange(0, design.universes, step)
        return space.at(np.unravel_index(numbers, [factor.levels for factor in space.factors]))
    width = len(space.factors)
    found = min(SAMPLED, design.base)
    points = np.concatenate(list(design.points(0, found, sample=True)))
    return space.draw(points[:, :width])


def universes_table(model: Model, design: Design) -> pd.DataFrame:
    """Single universes: the option or value of every branch; indices, memberships in the first cell, labels."""
    space, choices = design.space, sampled(design)
    columns: dict[str, object] = {}
    for name, branch in space.declaration.branches.items():
        columns[name] = choices[name] if branch.key else np.array(list(branch.options), dtype=object)[choices[name]]
    placed = model.place(choices)
    for unit in model.whole:
        focal = model.units[unit].focal
        for name, index in zip(INDICES, model.calibrated[unit], strict=True):
            columns[f"{focal} {name}"] = index.measure.values(choices)
        for name, four, codes in zip(BASES, placed[unit].memberships, placed[unit].codes, strict=True):
            columns[f"{focal} {CELLS[0]} by {name}"] = four[0]
            columns[f"{focal} label by {name}"] = np.array(LABELS, dtype=object)[codes]
    return pd.DataFrame(columns)

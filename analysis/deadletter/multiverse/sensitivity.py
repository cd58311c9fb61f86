"""Which choices decide: first-order and total Sobol indices, exact on a product, estimated from a sample.

SALib has the second kind, from all outputs at once; here sums of a slice are all that is kept of a million universes,
and its functions are the reference of the tests. It has nothing exact for a full product.
"""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pandas as pd

from deadletter.indices.placement import CELLS
from deadletter.multiverse.factors import Design, Floats, blocks
from deadletter.multiverse.placements import BASES, Model
from deadletter.multiverse.tally import CELL_OUTPUTS, Tally, output_of

COLUMNS = ["regime", "basis", "output", "cell", "factor", "first", "first_low", "first_high", "total", "total_low",
           "total_high", "method"]  # fmt: skip
KINDS = ("membership", "label")
DRAWS, LEVEL = 999, 0.95
# a variance below this is the rounding of a constant
CONSTANT = 1e-18


def exact_indices(y: Floats) -> tuple[Floats, Floats]:
    """First-order and total indices of an output known on a full product of independent, equally likely levels.

    ``S_i = V[E(Y|X_i)] / V(Y)`` and ``T_i = E[V(Y|X_~i)] / V(Y)`` (Saltelli and others 2008, eqs 4.9 and 4.25).

    y: one axis for each factor.

    Returns one pair of numbers for each axis; NaN where the output does not vary.
    """
    whole = y.var()
    if whole <= CONSTANT:
        return np.full(y.ndim, np.nan), np.full(y.ndim, np.nan)
    others = [tuple(j for j in range(y.ndim) if j != i) for i in range(y.ndim)]
    first = np.array([y.mean(axis=rest).var() for rest in others])
    total = np.array([y.var(axis=i).mean() for i in range(y.ndim)])
    return first / whole, total / whole


def estimated_indices(moments: Floats, effects: Floats) -> tuple[Floats, Floats]:
    """First-order and total indices from the sums of a Saltelli sample (Saltelli and others 2010, table 2, b and f).

    moments: (..., 5) with n, ΣA, ΣA², ΣB, ΣB²; effects: (..., factors, 3) with ΣB(AB−A), Σ(AB−A), Σ(AB−A)².

    Returns two arrays (..., factors). B is centred on the mean of A and B, which leaves the estimate unbiased and less
    noisy.
    """
    n, a, aa, b, bb = np.moveaxis(moments, -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (a + b) / (2 * n)
        variance = (aa + bb) / (2 * n) - mean**2
        variance = np.where(variance > CONSTANT, variance, np.nan)[..., None]
        changed_b, change, square = np.moveaxis(effects, -1, 0)
        first = (changed_b - mean[..., None] * change) / n[..., None] / variance
        total = square / (2 * n[..., None]) / variance
    return first, total


def sensitivity_table(model: Model, design: Design, tallies: Sequence[Tally]) -> pd.DataFrame:
    """Sobol indices of the four memberships and of the four labels, by basis and whole regime: :data:`COLUMNS`.

    Intervals are percentiles over slices of the sample drawn with replacement; a slice of a Sobol sequence fills the
    cube by itself, so the slices differ less than chance would have it, and the intervals are on the wide side.
    """
    rows = _exact_rows(model, design) if design.full else _estimated_rows(model, design, tallies)
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values(
        ["regime", "basis", "output", "cell", "total", "factor"],
        ascending=[True] * 4 + [False, True],
        ignore_index=True,
    )


def _estimated_rows(model: Model, design: Design, tallies: Sequence[Tally]) -> list[tuple]:
    moments = np.stack([tally.moments for tally in tallies])
    effects = np.stack([tally.effects for tally in tallies])
    point = estimated_indices(moments.sum(axis=0), effects.sum(axis=0))
    rng = np.random.default_rng([design.space.declaration.seed, len(tallies)])
    weights = rng.multinomial(len(tallies), np.full(len(tallies), 1 / len(tallies)), size=DRAWS).astype(float)
    drawn = estimated_indices(np.tensordot(weights, moments, 1), np.tensordot(weights, effects, 1))
    tail = (1 - LEVEL) / 2
    bounds = [np.quantile(values, [tail, 1 - tail], axis=0) for values in drawn]
    rows = []
    for unit, basis, relevant in _placements(model, design):
        for output, position in product(range(CELL_OUTPUTS), relevant):
            at = model.whole.index(unit), basis, output, position
            numbers = [x for p, b in zip(point, bounds, strict=True) for x in (p[at], b[0][at], b[1][at])]
            factor = design.space.factors[position].name
            rows.append((*_where(model, unit, basis, output), factor, *numbers, "Saltelli sample"))
    return rows


def _exact_rows(model: Model, design: Design) -> list[tuple]:
    rows = []
    for unit, basis, relevant in _placements(model, design):
        shape = tuple(design.space.factors[i].levels for i in relevant)
        outputs = product_outputs(model, design, unit, basis, relevant, shape)
        for output in range(CELL_OUTPUTS):
            for i, s, t in zip(relevant, *exact_indices(outputs[output].reshape(shape)), strict=True):
                where = _where(model, unit, basis, output)
                rows.append((*where, design.space.factors[i].name, s, s, s, t, t, t, "exact"))
    return rows


def _placements(model: Model, design: Design) -> Iterator[tuple[int, int, list[int]]]:
    """Whole regimes with each basis, and the positions of the factors that affect the placement."""
    for unit, basis in product(model.whole, range(len(BASES))):
        bearing = model.branches(unit, basis)
        factors = enumerate(design.space.factors)
        yield unit, basis, [position for position, factor in factors if not bearing.isdisjoint(factor.branches)]


def product_outputs(
    model: Model, design: Design, unit: int, basis: int, relevant: Sequence[int], shape: tuple[int, ...]
) -> Floats:
    """Outputs of one placement over the product of the factors that affect it: (outputs, universes)."""
    space = design.space
    count = int(np.prod(shape))
    outputs = np.empty((CELL_OUTPUTS, count), dtype=np.float32 if count > 2**22 else np.float64)
    for first, last in blocks(0, count):
        levels = [np.zeros(last - first, dtype=np.intp) for _ in space.factors]
        for i, level in zip(relevant, np.unravel_index(np.arange(first, last), shape), strict=True):
            levels[i] = level
        outputs[:, first:last] = output_of(model.place(space.at(levels))[unit], basis)
    return outputs


def _where(model: Model, unit: int, basis: int, output: int) -> tuple[str, str, str, str]:
    kind, cell = divmod(output, len(CELLS))
    return model.units[unit].focal, BASES[basis], KINDS[kind], CELLS[cell]

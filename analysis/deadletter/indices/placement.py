"""Placement on formalisation × expectation (Levy, Young & Zürn 1995) as fuzzy sets (Ragin 2008, ch. 5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deadletter.coding.model import Anchors, Coding

Floats = NDArray[np.float64]
CELLS = ("dead_letter", "full_blown", "tacit", "none")
UNDECIDED = "undecided"
MISSING = "missing"
LABELS = (*CELLS, UNDECIDED, MISSING)


@dataclass(frozen=True)
class Placement:
    """Memberships of the four cells, the cell that leads, and the raw value at which the basis would flip it.

    ``flips_at_formalisation`` and ``flips_at_basis`` are the crossover anchors at which the label changes: the raw
    values themselves, where these lie between the outer anchors; else NaN, for then no crossover flips it.
    """

    memberships: dict[str, float]
    label: str
    flips_at_formalisation: float
    flips_at_basis: float


def calibrate(
    x: ArrayLike, exclusion: ArrayLike, crossover: ArrayLike, inclusion: ArrayLike, log_odds: float
) -> Floats:
    """Fuzzy membership by the direct method (Ragin 2008, pp. 89–94; anchors in log odds).

    ``z = L (x - c) / (i - c)`` for x ≥ c, else ``L (x - c) / (c - e)``; membership ``1 / (1 + e^-z)``. With L = ln 19
    the outer anchors have memberships 0.05 and 0.95, as in R's QCA; Ragin's printed examples use 3.

    All arguments broadcast; NaN stays NaN.
    """
    value, e, c, i = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (x, exclusion, crossover, inclusion)))
    width = np.where(value >= c, i - c, c - e)
    return 1 / (1 + np.exp(-log_odds * (value - c) / width))


def cells(formal: ArrayLike, expected: ArrayLike) -> Floats:
    """Memberships of :data:`CELLS` on the first axis, from memberships in *formalised* and in *expected to be kept*."""
    f, e = np.broadcast_arrays(np.asarray(formal, dtype=float), np.asarray(expected, dtype=float))
    less, low = 1 - f, 1 - e
    four = np.empty((len(CELLS), *f.shape))
    for cell, pair in enumerate(((f, low), (f, e), (less, e), (less, low))):
        four[cell] = np.minimum(*pair)
    return four


def labels_of(memberships: Floats) -> NDArray[np.int8]:
    """The cell of greatest membership, as a position in :data:`LABELS`, from memberships on the first axis.

    ``undecided`` where the greatest is shared, ``missing`` where one is NaN.
    """
    top = np.maximum.reduce(memberships)
    leads = memberships == top
    # where one cell leads alone, the sum over cells of position × lead is its position
    code = (leads[1] + 2 * leads[2].view(np.int8) + 3 * leads[3].view(np.int8)).astype(np.int8)
    code[np.count_nonzero(leads, axis=0) > 1] = LABELS.index(UNDECIDED)
    code[np.isnan(top)] = LABELS.index(MISSING)
    return code


def label_of(memberships: Floats) -> str:
    """The label of one placement: shape (4,)."""
    return LABELS[labels_of(memberships[:, None])[0]]


def membership(x: float, anchors: Anchors, coding: Coding) -> float:
    """Membership of one raw value under a coding's anchors."""
    return float(calibrate(x, anchors.exclusion, anchors.crossover, anchors.inclusion, coding.calibration.log_odds))


def place(formalisation: float, basis: float, basis_anchors: Anchors, coding: Coding) -> Placement:
    """Placement of a regime from raw F and the raw value of one basis (E, C or O)."""
    formal_anchors = coding.calibration.formalisation
    values = cells(membership(formalisation, formal_anchors, coding), membership(basis, basis_anchors, coding))
    return Placement(
        dict(zip(CELLS, map(float, values), strict=True)),
        label_of(values),
        _inside(formalisation, formal_anchors),
        _inside(basis, basis_anchors),
    )


def _inside(x: float, anchors: Anchors) -> float:
    return x if anchors.exclusion < x < anchors.inclusion else float("nan")

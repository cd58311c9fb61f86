"""Placement on formalisation × expectation (Levy, Young & Zürn 1995) as fuzzy sets (Ragin 2008, ch. 5)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deadletter.coding.model import Anchors
from deadletter.errors import InputError
from deadletter.given import together
from deadletter.indices.means import Floats

ROUNDING = 1e-9  # by which a mean may miss its bounds
CELLS = ("dead_letter", "full_blown", "tacit", "none")
UNDECIDED = "undecided"
MISSING, NOT_IDENTIFIED = "missing", "not_identified"
LABELS = (*CELLS, UNDECIDED, MISSING, NOT_IDENTIFIED)


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
    x: ArrayLike, exclusion: ArrayLike, crossover: ArrayLike, inclusion: ArrayLike, log_odds: Floats | float
) -> Floats:
    """Fuzzy membership by the direct method (Ragin 2008, pp. 89–94), with anchors in log odds.

    ``z = L (x - c) / (i - c)`` on the side of inclusion, else ``L (x - c) / (c - e)``; membership
    ``1 / (1 + e^-z)``. With L = ln 19 the outer anchors have memberships 0.05 and
    0.95, as in R's QCA; Ragin's printed examples use 3.

    All arguments broadcast; NaN stays NaN. Anchors may fall as well as rise: then small values are in the set.

    Raises
    ------
    InputError: a crossover that does not lie strictly between the other two anchors, or log odds that are not above 0
    and finite.
    """
    value, e, c, i, log_odds = together(
        x=x, exclusion=exclusion, crossover=crossover, inclusion=inclusion, log_odds=log_odds
    )
    ordered = ((e < c) & (c < i)) | ((e > c) & (c > i))
    if not (ordered & np.isfinite(e) & np.isfinite(i)).all():
        allowed = "exclusion < crossover < inclusion, or all three the other way"
        raise InputError(
            "anchors are not in order", found=", ".join(map(str, (exclusion, crossover, inclusion))), allowed=allowed
        )
    if not ((log_odds > 0) & np.isfinite(log_odds)).all():
        allowed = "a finite number above 0, such as ln 19"
        raise InputError("log odds of the outer anchors are not positive", found=log_odds, allowed=allowed)
    width = np.where((value >= c) == (i > c), i - c, c - e)
    with np.errstate(over="ignore"):  # far outside the set the membership is 0
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

    ``undecided`` where the greatest is shared, ``missing`` where one is NaN; bounds are another matter (:func:`spans`).
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


def spans(low: ArrayLike, high: ArrayLike, crossover: ArrayLike) -> NDArray[np.bool_]:
    """Whether bounds leave open on which side of the crossover a value lies; NaN bounds leave nothing open."""
    return (np.asarray(low) < np.asarray(crossover)) & (np.asarray(high) > np.asarray(crossover))


@dataclass(frozen=True)
class Axis:
    """A raw value with its bounds and the anchors of its set; ``anchors`` is None where none can be computed."""

    value: float
    low: float
    high: float
    anchors: Anchors | None


def membership(axis: Axis, log_odds: float) -> float:
    """Membership of one raw value under its anchors; NaN without anchors."""
    if axis.anchors is None:
        return float("nan")
    a = axis.anchors
    return float(calibrate(axis.value, a.exclusion, a.crossover, a.inclusion, log_odds))


def place(formalisation: Axis, basis: Axis, log_odds: float) -> Placement:
    """Placement of a regime from formalisation and one basis (E, C or O).

    The label is ``not_identified`` where the bounds of either axis span its crossover, or where formalisation has no
    anchors: then the unknown alone decides.
    """
    for name, axis in (("formalisation", formalisation), ("basis", basis)):
        if axis.low > axis.high:
            raise InputError("the lower bound is above the upper one", where=name, found=f"{axis.low}, {axis.high}")
        if axis.value < axis.low - ROUNDING or axis.value > axis.high + ROUNDING:
            bounds = f"{axis.low} to {axis.high}"
            raise InputError("the value lies outside its bounds", where=name, found=axis.value, allowed=bounds)
    values = cells(membership(formalisation, log_odds), membership(basis, log_odds))
    label = label_of(values)
    known = [axis for axis in (formalisation, basis) if axis.anchors is not None]
    if not (math.isnan(formalisation.value) or math.isnan(basis.value)) and (
        len(known) < 2 or any(spans(axis.low, axis.high, axis.anchors.crossover) for axis in known if axis.anchors)
    ):
        label = NOT_IDENTIFIED
    return Placement(dict(zip(CELLS, map(float, values), strict=True)), label, _inside(formalisation), _inside(basis))


def _inside(axis: Axis) -> float:
    """The value where it lies between the outer anchors, so that a crossover there would flip the label; else NaN."""
    if axis.anchors is None or not axis.anchors.exclusion < axis.value < axis.anchors.inclusion:
        return float("nan")
    return axis.value

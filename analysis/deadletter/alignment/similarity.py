"""How alike two voters are: share of equal votes, Signorino and Ritter's S, Scott's pi, Cohen's weighted kappa.

All four follow from the joint table of the two voters' votes. With ``d`` the distance of two options divided by the
greatest one, ``D`` its mean over the joint table and ``E`` its mean where both vote independently of each other:

- ``S = 1 − 2·D`` (Signorino & Ritter 1999, International Studies Quarterly 43(1), 115–144, without weights; they use
  the linear distance). On three options S = 2·(same + partial/2)/n − 1, *partial* being one step apart: S in [−1, 1] is
  linear in the score in [0, 1] that gives half a point for a partial agreement, and S = 2·score − 1.
- ``pi = 1 − D/E``, E from the mean of the two margins (Scott 1955, Public Opinion Quarterly 19(3), 321–325);
- ``kappa = 1 − D/E``, E from each voter's own margin (Cohen 1968, Psychological Bulletin 70(4), 213–220).

Häge (2011, Political Analysis 19(3), 287–305) proposes the latter two for foreign policies: where nearly all votes are
for, two voters agree often by chance, and S does not correct for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deadletter.alignment.votes import OPTIONS
from deadletter.errors import InputError

Floats = NDArray[np.float64]
Distance = Literal["linear", "squared", "nominal"]
DISTANCES: tuple[Distance, ...] = ("linear", "squared", "nominal")


@dataclass(frozen=True)
class Similarity:
    """Measures of one pair or of many, shape (...): NaN where nobody voted, or, for pi and kappa, where chance leaves
    no disagreement (both always chose the same single option)."""

    n: Floats
    agreement: Floats
    s: Floats
    pi: Floats
    kappa: Floats


def similarity(table: ArrayLike, distance: Distance = "linear") -> Similarity:
    """All measures from joint tables of counts.

    Parameters
    ----------
    table: (..., options, options) counts, options in the order of the scale; the first voter in rows.
    distance: between options i and j: ``linear`` |i−j|, ``squared`` (i−j)², ``nominal`` 0 or 1. Scott's own pi and
    Cohen's kappa of 1960 are nominal; R's fpsim takes the squared one for kappa and the nominal one for pi.
    """
    # options lead: sums over the last axes, three long, would be slow
    counts = np.moveaxis(np.asarray(table, dtype=float), (-2, -1), (0, 1))
    d = _distances(len(counts), distance)
    first, second = counts.sum(axis=1), counts.sum(axis=0)
    n, apart = first.sum(axis=0), np.tensordot(d, counts, axes=2)
    both = first + second
    # n²·E, in whole numbers, so that agreement at the level of chance is 0 to the last bit
    by_pi = (np.tensordot(d, both, axes=1) * both).sum(axis=0) / 4
    by_kappa = (np.tensordot(d, first, axes=1) * second).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        s = 1 - 2 * apart / (n * d.max())
        pi, kappa = ((expected - n * apart) / expected for expected in (by_pi, by_kappa))
        return Similarity(n, np.trace(counts) / n, s, pi, kappa)


def joint_table(first: ArrayLike, second: ArrayLike, options: int = OPTIONS) -> Floats:
    """Counts (options, options) of the pairs of votes of two voters; where either is negative (absent), none.

    Raises
    ------
    InputError: the voters have unequal numbers of votes, or a vote is not a whole number below ``options``.
    """
    x, y = np.asarray(first), np.asarray(second)
    if x.ndim != 1 or x.shape != y.shape:
        raise InputError("two voters with unequal numbers of votes", found=f"shapes {x.shape} and {y.shape}")
    for name, values in (("first", x), ("second", y)):
        if x.size and (values.dtype.kind not in "iu" or values.max() >= options):
            allowed = f"whole numbers from 0 to {options - 1}, negative where absent"
            raise InputError("a vote is not on the scale", where=name, found=values.max(), allowed=allowed)
    present = (x >= 0) & (y >= 0)
    flat = np.bincount(x[present].astype(int) * options + y[present], minlength=options**2)
    return flat.reshape(options, options).astype(float)


def signorino_ritter(first: ArrayLike, second: ArrayLike, distance: Distance = "linear") -> float:
    """S of two voters' votes (0 against, 1 abstaining, 2 for, negative absent), in [−1, 1]."""
    return float(similarity(joint_table(first, second), distance).s)


def scott_pi(first: ArrayLike, second: ArrayLike, distance: Distance = "linear") -> float:
    """Weighted pi of two voters' votes; at most 1, 0 where they agree no more than chance would have it."""
    return float(similarity(joint_table(first, second), distance).pi)


def kappa(first: ArrayLike, second: ArrayLike, distance: Distance = "linear") -> float:
    """Weighted kappa of two voters' votes; at most 1, 0 where they agree no more than chance would have it."""
    return float(similarity(joint_table(first, second), distance).kappa)


def pair_tables(anchor: NDArray[np.int8], others: NDArray[np.int8], weights: Floats | None = None) -> Floats:
    """Joint tables of an anchor (rows) and each of several states, for many weightings of the roll-calls at once.

    Parameters
    ----------
    anchor: (rollcalls,) votes; others: (rollcalls, states) votes.
    weights: (draws, rollcalls) whole numbers, or None for once each (one draw).

    Returns
    -------
    (draws, states, options, options): sums of whole numbers, so that no order of summation can change them.
    """
    rollcalls, states = others.shape
    weights = np.ones((1, rollcalls)) if weights is None else weights
    tables = np.empty((OPTIONS, OPTIONS, len(weights), states))
    for mine, theirs in product(range(OPTIONS), repeat=2):
        rows = np.flatnonzero(anchor == mine)
        tables[mine, theirs] = weights[:, rows] @ (others[rows] == theirs).astype(float)
    return np.moveaxis(tables, (0, 1), (-2, -1))


def _distances(options: int, distance: Distance) -> Floats:
    if distance not in DISTANCES:
        raise InputError("unknown distance of votes", where="distance", found=distance, allowed=DISTANCES)
    steps = np.abs(np.subtract.outer(np.arange(options), np.arange(options))).astype(float)
    return {"linear": steps, "squared": steps**2, "nominal": np.sign(steps)}[distance]

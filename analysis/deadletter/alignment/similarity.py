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

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deadletter.alignment.cohesion import Members
from deadletter.alignment.votes import OPTIONS, Floats, Votes
from deadletter.errors import InputError
from deadletter.given import numbers

Distance = Literal["linear", "squared", "nominal"]
MOST = 2**53  # counts that floats tell apart
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

    Raises InputError: a table that is not square, or holds what is not a count.
    """
    # options lead: sums over the last axes, three long, would be slow
    given = numbers(table, "table")
    square = given.ndim >= 2 and given.shape[-1] == given.shape[-2] > 0
    if not square or not ((given >= 0) & (given <= MOST)).all():
        raise InputError("is not a joint table of counts", where="table", allowed="(options, options), from 0 to 2^53")
    counts = np.moveaxis(given, (-2, -1), (0, 1))
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


def pair_tables(anchor: NDArray[np.int8], others: NDArray[np.int8], weights: Floats | None = None) -> Floats:
    """Joint tables of an anchor (rows) and each of several states, for many weightings of the roll-calls at once.

    anchor: (rollcalls,) votes; others: (rollcalls, states) votes.
    weights: (draws, rollcalls) whole numbers, or None for once each (one draw).

    Returns (draws, states, options, options): sums of whole numbers, so that no order of summation can change them.
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


def others_of(votes: Votes, *left_out: str) -> list[str]:
    """All voters but some."""
    return [state for state in votes.states if state not in left_out]


def partners(votes: Votes, anchor: str, states: Iterable[str], where: str = "states") -> NDArray[np.intp]:
    """Positions of states to compare with an anchor; InputError where one is the anchor, unknown or named twice."""
    columns = votes.columns(states, where)
    if votes.column(anchor) in columns:
        raise InputError("a state is the anchor itself", where=where, found=anchor)
    return columns


def agreement_shares(
    matrix: NDArray[np.int8], anchor: int, columns: NDArray[np.intp], weights: Floats | None = None
) -> Floats:
    """Share of votes of each state equal to the anchor's: (draws, states), NaN without a common vote.

    matrix: (rollcalls, states); columns: positions of states.
    weights: (draws, rollcalls) how often each roll-call counts; None: once (one draw).
    """
    mine, theirs = matrix[:, [anchor]], matrix[:, columns]
    both = (mine >= 0) & (theirs >= 0)
    # single precision counts roll-calls without error, at twice the speed
    often = np.ones((1, len(matrix)), np.float32) if weights is None else weights.astype(np.float32)
    equal, common = (often @ part.astype(np.float32) for part in (both & (mine == theirs), both))
    with np.errstate(divide="ignore", invalid="ignore"):
        return equal.astype(float) / common


def mean_agreement(matrix: NDArray[np.int8], anchor: int, members: Members, weights: Floats | None = None) -> Floats:
    """Mean of :func:`agreement_shares` over members, (draws,); a state counts on the roll-calls on which it is one."""
    while_member = np.where(members, matrix, -1).astype(np.int8)
    while_member[:, anchor] = matrix[:, anchor]
    columns = np.flatnonzero(members.any(axis=0))
    return known_mean(agreement_shares(while_member, anchor, columns, weights))


def known_mean(values: Floats, axis: int = 1) -> Floats:
    """Mean of what is not NaN; NaN where nothing is."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0.0).sum(axis=axis) / known.sum(axis=axis)

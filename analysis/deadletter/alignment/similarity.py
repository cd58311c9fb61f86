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

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from deadletter.alignment.cohesion import Members
from deadletter.alignment.votes import OPTIONS, Votes, Years, select
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
        off = values if values.dtype.kind not in "iu" else values[values >= options]
        if off.size:
            allowed = f"whole numbers from 0 to {options - 1}, negative where absent"
            raise InputError("a vote is not on the scale", where=name, found=off[0], allowed=allowed)
    present = (x >= 0) & (y >= 0)
    flat = np.bincount(x[present].astype(int) * options + y[present].astype(int), minlength=options**2)
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


COLUMNS = ["state", "year", "rollcalls", "both_voted", "agreement", "s", "pi", "kappa"]


def agreement(
    votes: Votes,
    anchor: str,
    states: Iterable[str] | None = None,
    vote_set: str = "whole",
    *,
    rival: str | None = None,
    years: Years | None = None,
    pools: Mapping[str, Iterable[str]] | None = None,
    distance: Distance = "linear",
) -> pd.DataFrame:
    """How each state's votes compare with the anchor's, over the roll-calls of a set on which both voted.

    Parameters
    ----------
    states: by default all but the anchor.
    vote_set, rival, years: as in :func:`~deadletter.alignment.sets.select`.
    pools: names with states whose votes are taken together, as if they were one state's; rows of their own, in which
    ``both_voted`` counts pairs.
    distance: of votes, for ``s``, ``pi`` and ``kappa``; see :func:`~deadletter.alignment.similarity.similarity`.

    Returns
    -------
    A row for each state and year of the set, states in their order, then pools: ``rollcalls`` of the set in the year,
    ``both_voted``, ``agreement`` (share of equal votes, 0–1), ``s`` (Signorino & Ritter, −1 to 1), ``pi``, ``kappa``
    (at most 1). NaN where nothing can be wording.

    Raises
    ------
    InputError: a state, the set, the anchor or the rival is unknown; a state is named twice or is the anchor.
    """
    chosen = select(votes, vote_set, anchor=anchor, rival=rival, years=years)
    names = others_of(votes, anchor) if states is None else list(states)
    members = {name: [name] for name in names} | {name: list(pool) for name, pool in (pools or {}).items()}
    votes.columns(names)
    for name in set(names) & set(pools or {}):
        raise InputError("a pool has the name of a state", where="pools", found=name)
    columns = [partners(votes, anchor, pool, name) for name, pool in members.items()]
    frames = []
    for year, rows in chosen.by_year() if members else ():
        tables = pair_tables(chosen.matrix[rows, votes.column(anchor)], chosen.matrix[rows])[0]
        found = similarity(np.stack([tables[pool].sum(axis=0) for pool in columns]), distance)
        measures = {"agreement": found.agreement, "s": found.s, "pi": found.pi, "kappa": found.kappa}
        counts = {"rollcalls": len(rows), "both_voted": found.n.astype(int)}
        frames.append(pd.DataFrame({"state": list(members), "year": year, **counts, **measures}))
    if not frames:
        return pd.DataFrame(columns=COLUMNS)
    order = {name: position for position, name in enumerate(members)}
    table = pd.concat(frames, ignore_index=True)[COLUMNS]
    return table.sort_values("state", key=lambda names: names.map(order), kind="stable", ignore_index=True)


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

    Parameters
    ----------
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

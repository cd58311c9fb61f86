"""Cohesion of groups, year by year: do their members vote alike?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from deadletter.alignment.membership import Groups, Members, members_of, yearly_members
from deadletter.alignment.sets import select
from deadletter.alignment.votes import OPTIONS, Votes, Years

Floats = NDArray[np.float64]
COLUMNS = ["group", "year", "rollcalls", "unanimous", "agreement_index", "pairwise"]


@dataclass(frozen=True)
class Cohesion:
    """Measures of a group over roll-calls, or of many groups: NaN where no roll-call counts."""

    rollcalls: Floats
    unanimous: Floats
    agreement_index: Floats
    pairwise: Floats


def cohesion(
    votes: Votes,
    groups: Groups,
    vote_set: str = "whole",
    *,
    anchor: str | None = None,
    rival: str | None = None,
    years: Years | None = None,
) -> pd.DataFrame:
    """Cohesion of each group in each year, over the roll-calls on which at least half of its members of the day, and
    at least two, voted.

    Parameters
    ----------
    groups: as in :func:`~deadletter.alignment.membership.members_of`.
    vote_set, anchor, rival, years: as in :func:`~deadletter.alignment.sets.select`.

    Returns
    -------
    columns group, year, ``rollcalls`` (those that count), ``unanimous`` (share on which all who voted, voted alike),
    ``agreement_index`` (mean of Hix, Noury & Roland's, see :func:`cohesion_of`), ``pairwise`` (share of equal votes
    among all pairs of members who voted). All in [0, 1]; NaN where no roll-call counts.

    Raises
    ------
    InputError: a group has no member in a year of the set (name the ``years``), or as the two functions above.
    """
    chosen = select(votes, vote_set, anchor=anchor, rival=rival, years=years)
    members = members_of(chosen, groups)
    records = []
    for name, year, rows in yearly_members(chosen, members):
        found = cohesion_of(*camps(chosen.matrix[rows], members[name][rows]))
        measures = (found.unanimous, found.agreement_index, found.pairwise)
        records.append((name, year, int(found.rollcalls), *map(float, measures)))
    return pd.DataFrame(records, columns=COLUMNS)


def camps(matrix: NDArray[np.int8], members: Members) -> tuple[Floats, Floats]:
    """Members of a group by how they voted, (options, rollcalls), and members in all, (rollcalls,)."""
    counts = [((matrix == option) & members).sum(axis=1) for option in range(OPTIONS)]
    return np.array(counts, dtype=float), members.sum(axis=1).astype(float)


def cohesion_of(counts: Floats, size: ArrayLike, weights: Floats | None = None) -> Cohesion:
    """Cohesion from the sizes of camps.

    The agreement index of a roll-call is ``(max − (sum − max)/2)/sum`` of its three camps: 1 where all are in one, 0
    where they are equal (Hix, Noury & Roland 2005, British Journal of Political Science 35(2), 209–234, p. 215).

    Parameters
    ----------
    counts: (options, rollcalls, ...) members for each option; size: members in all, broadcastable to (rollcalls, ...).
    weights: (draws, rollcalls) how often each roll-call counts, or None for once; then results have shape (draws, ...),
    else (...).
    """
    voted, largest = counts.sum(axis=0), counts.max(axis=0).astype(float)
    counted = (voted >= 2) & (2 * voted >= np.asarray(size))
    index = np.divide(1.5 * largest - 0.5 * voted, voted, out=np.zeros_like(largest), where=counted)
    equal = (counts * (counts - 1)).sum(axis=0) * counted
    pairs = voted * (voted - 1) * counted
    parts = np.stack((counted, counted & (largest == voted), index, equal, pairs), axis=-1)
    sums = parts.sum(axis=0) if weights is None else np.tensordot(weights, parts, axes=1)
    n, alike, index, equal, pairs = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Cohesion(n, alike / n, index / n, equal / pairs)

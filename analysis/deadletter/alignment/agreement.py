"""Agreement of states with an anchor, year by year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deadletter.alignment.membership import Members
from deadletter.alignment.sets import select
from deadletter.alignment.similarity import Distance, pair_tables, similarity
from deadletter.alignment.votes import Votes, Years
from deadletter.errors import InputError

Floats = NDArray[np.float64]
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

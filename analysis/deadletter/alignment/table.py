"""Alignment as one long table: states and groups, sets, years and measures."""

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deadletter.alignment.cohesion import Groups, camps, cohesion_of, members_of, yearly_members
from deadletter.alignment.similarity import mean_agreement, others_of, pair_tables, partners, similarity
from deadletter.alignment.votes import (
    Floats,
    Votes,
    Years,
    check_draws,
    listed,
    percentile_interval,
    rollcall_weights,
    select,
)
from deadletter.given import Draws, Seed
from deadletter.indices.intervals import wilson_intervals

STATE_MEASURES = ("agreement", "s", "pi", "kappa")
GROUP_MEASURES = ("unanimous", "agreement_index", "pairwise")
COLUMNS = ["vote_set", "unit", "anchor", "year", "measure", "value", "low", "high", "n"]


def alignment_table(
    votes: Votes,
    anchor: str,
    states: Iterable[str] | None = None,
    groups: Groups | None = None,
    vote_sets: Iterable[str] | str = ("whole",),
    *,
    rival: str | None = None,
    years: Years | None = None,
    draws: Draws = 399,
    seed: Seed = 0,
    coverage: float = 0.95,
) -> pd.DataFrame:
    """Agreement of states with an anchor, and cohesion of groups, with intervals.

    Intervals are Wilson's where a value is a share of roll-calls (``agreement`` of a state, ``unanimous``): they stay
    open at 0 and 1. For ``s``, ``pi``, ``kappa``, ``agreement_index``, ``pairwise`` and the ``agreement`` of a group
    they are percentiles over roll-calls drawn with replacement within the year. All are for the roll-calls as a sample
    of what might have been put to the vote.

    Parameters
    ----------
    states: to compare with the anchor, by default all others; groups: as in
    :func:`~deadletter.alignment.cohesion.members_of`.
    vote_sets, rival, years: as in :func:`~deadletter.alignment.votes.select`.
    draws, seed, coverage: of the intervals. The roll-calls drawn depend on the seed and the year alone.

    Returns
    -------
    columns vote_set, unit (ISO 3166 code or group), anchor, year, measure, value, low, high, n; sorted by vote_set,
    unit, year, measure. Measures of states: agreement, s, pi, kappa; of groups: unanimous, agreement_index, pairwise,
    and agreement, the mean over members, the anchor apart. ``n`` counts what the value rests on: roll-calls on which
    both voted; roll-calls that count for cohesion; for the agreement of a group, pairs of votes. Rows with n = 0, and
    years in which a group has no member, are left out.

    Raises
    ------
    InputError: a state, a set, the anchor or the rival is unknown; a state is named twice or is the anchor; what
    :func:`~deadletter.alignment.cohesion.members_of` refuses; draws or coverage are out of range.
    """
    check_draws(draws, coverage)
    names = others_of(votes, anchor) if states is None else list(states)
    columns = partners(votes, anchor, names)
    records: list[tuple[object, ...]] = []
    for vote_set in listed(vote_sets):
        chosen = select(votes, vote_set, anchor=anchor, rival=rival, years=years)
        weights = {
            year: rollcall_weights(np.random.default_rng([seed, year]), len(rows), draws)
            for year, rows in chosen.by_year()
        }
        found = _of_states(chosen, anchor, columns, weights, coverage)
        if groups is not None:
            found = chain(found, _of_groups(chosen, anchor, groups, weights, coverage))
        records += [(vote_set, unit, anchor, *rest) for unit, *rest in found]
    table = pd.DataFrame(records, columns=COLUMNS)
    table = table[table["n"] > 0].astype({"n": int, "year": int})
    return table.sort_values(["vote_set", "unit", "year", "measure"], kind="stable", ignore_index=True)


# a unit, year, measure, value, low, high and n
Row = tuple[str, int, str, float, float, float, float]


def _of_states(
    votes: Votes, anchor: str, columns: NDArray[np.intp], weights: dict[int, Floats], coverage: float
) -> Iterator[Row]:
    units = [votes.states[column] for column in columns]
    for year, rows in votes.by_year():
        mine, theirs = votes.matrix[rows, votes.column(anchor)], votes.matrix[np.ix_(rows, columns)]
        tables = pair_tables(mine, theirs)[0]
        found = similarity(tables)
        again = similarity(pair_tables(mine, theirs, weights[year]))
        for measure in STATE_MEASURES:
            if measure == "agreement":
                low, high = wilson_intervals(np.trace(tables, axis1=-2, axis2=-1), found.n, coverage)
            else:
                low, high = percentile_interval(getattr(again, measure), coverage)
            measured = (getattr(found, measure), low, high, found.n)
            yield from ((unit, year, measure, *cells) for unit, *cells in zip(units, *measured, strict=True))


def _of_groups(votes: Votes, anchor: str, groups: Groups, weights: dict[int, Floats], coverage: float) -> Iterator[Row]:
    members, anchor_at = members_of(votes, groups), votes.column(anchor)
    for name, year, rows in yearly_members(votes, members):
        matrix, belongs = votes.matrix[rows], members[name][rows]
        counts, size = camps(matrix, belongs)
        found, again = cohesion_of(counts, size), cohesion_of(counts, size, weights[year])
        others = belongs & (np.arange(matrix.shape[1]) != anchor_at)
        pairs = ((matrix >= 0) & (matrix[:, [anchor_at]] >= 0) & others).sum()
        values, drawn = ([getattr(one, measure) for measure in GROUP_MEASURES] for one in (found, again))
        values.append(mean_agreement(matrix, anchor_at, others)[0])
        drawn.append(mean_agreement(matrix, anchor_at, others, weights[year]))
        low, high = percentile_interval(np.stack(drawn, axis=-1), coverage)
        unanimous = np.round(found.unanimous * found.rollcalls)
        low[0], high[0] = wilson_intervals(unanimous, found.rollcalls, coverage)
        n = [*[found.rollcalls] * len(GROUP_MEASURES), pairs]
        for measure, *cells in zip((*GROUP_MEASURES, "agreement"), values, low, high, n, strict=True):
            value, below, above, count = map(float, cells)
            yield name, year, measure, value, below, above, count

"""Groups compared with random groups of the same size: is a group more united than chance would make it?"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deadletter.alignment.cohesion import Cohesion, Groups, Members, camps, cohesion_of, members_of, yearly_members
from deadletter.alignment.similarity import agreement_shares, known_mean, mean_agreement
from deadletter.alignment.votes import OPTIONS, Floats, Votes, Years, check_draws, listed, quantiles, select
from deadletter.given import Draws, Seed

COHESION = ("unanimous", "agreement_index", "pairwise")
COLUMNS = ["vote_set", "group", "year", "measure", "size", "eligible", "value"]
DIGITS = 12  # values that differ beyond are equal: sums in another order


def random_groups(
    votes: Votes,
    groups: Groups,
    vote_sets: Iterable[str] | str = ("whole",),
    *,
    anchor: str | None = None,
    rival: str | None = None,
    years: Years | None = None,
    draws: Draws = 400,
    seed: Seed = 0,
) -> pd.DataFrame:
    """Cohesion of groups, and their agreement with an anchor, among random groups.

    Drawn are, for each set and year, groups of as many states as the group has on most roll-calls of the year, without
    replacement, from all states that voted on more than half of the year's roll-calls of the set. The draws of a year
    depend on the seed, the year, the size and who is eligible, and on nothing else that is asked for.

    Parameters
    ----------
    groups: as in :func:`~deadletter.alignment.cohesion.members_of`.
    anchor: also compare agreement with this state: the mean over members (the anchor apart) of each one's share of
    equal votes. Random groups for it are as large as the group without the anchor and leave the anchor out.
    vote_sets, rival, years: as in :func:`~deadletter.alignment.votes.select`.

    Returns
    -------
    columns vote_set, group, year, measure (unanimous, agreement_index, pairwise, and agreement where there is an
    anchor), size and eligible (states), value (the group's), draws (those with a value), p10, median and p90 of the
    random groups, and where the group stands among them: below (share of draws with less), at_or_below, percentile (the
    mean of both). No draws, and NaN, where fewer states are eligible than needed.

    Raises
    ------
    InputError: a set, the anchor or the rival is unknown; what :func:`~deadletter.alignment.cohesion.members_of`
        refuses; or no draw is asked for. Years in which a group has no member are left out.
    """
    check_draws(draws, 0.5)
    records: list[tuple[object, ...]] = []
    populations: list[Floats] = []
    for vote_set in listed(vote_sets):
        chosen = select(votes, vote_set, anchor=anchor, rival=rival, years=years)
        # in the order of names, so that the order of columns in a file changes no draw
        order = np.argsort(chosen.states)
        anchor_at = None if anchor is None else chosen.column(anchor)
        members = members_of(chosen, groups)
        # by year and size: groups of one size are compared with the same random groups
        random: dict[tuple[int, int], Cohesion] = {}
        for name, year, rows in yearly_members(chosen, members):
            matrix, belongs = chosen.matrix[rows], members[name][rows]
            eligible = order[(matrix[:, order] >= 0).mean(axis=0) > 0.5]
            size = _usual_size(belongs)
            found = cohesion_of(*camps(matrix, belongs))
            if (year, size) not in random:
                drawn = subsets(np.random.default_rng([seed, year, size]), len(eligible), size, draws)
                random[year, size] = cohesion_of(_random_camps(matrix[:, eligible], drawn), size)
            for measure in COHESION:
                records.append((vote_set, name, year, measure, size, len(eligible), float(getattr(found, measure))))
                population = getattr(random[year, size], measure)
                populations.append(population if len(population) else np.full(draws, np.nan))
            if anchor_at is None:
                continue
            others = belongs & (np.arange(matrix.shape[1]) != anchor_at)
            size, eligible = _usual_size(others), eligible[eligible != anchor_at]
            drawn = subsets(np.random.default_rng([seed, year, size, 1]), len(eligible), size, draws)
            value = float(mean_agreement(matrix, anchor_at, others)[0])
            records.append((vote_set, name, year, "agreement", size, len(eligible), value))
            known = known_mean(agreement_shares(matrix, anchor_at, eligible)[0][drawn])
            populations.append(known if len(drawn) else np.full(draws, np.nan))
    frame = pd.DataFrame(records, columns=COLUMNS)
    return frame.assign(**_places(frame["value"].to_numpy(dtype=float), np.reshape(populations, (-1, draws)).T))


def subsets(rng: np.random.Generator, n: int, size: int, draws: int) -> NDArray[np.intp]:
    """Random subsets of ``range(n)``, each as likely as any other: (draws, size); no rows where n is too small.

    The first steps of a shuffle (Fisher & Yates 1938; Durstenfeld 1964), in all draws at once.
    """
    if not 0 < size <= n:
        return np.empty((0, size), dtype=np.intp)
    order, rows = np.tile(np.arange(n), (draws, 1)), np.arange(draws)
    for place in range(size):
        other = rng.integers(place, n, size=draws)
        order[rows, place], order[rows, other] = order[rows, other], order[rows, place]
    return order[:, :size]


def _random_camps(matrix: NDArray[np.int8], drawn: NDArray[np.intp]) -> Floats:
    """Sizes of camps in random groups: (options, rollcalls, draws)."""
    votes = matrix[:, drawn]
    return np.stack([np.count_nonzero(votes == option, axis=-1) for option in range(OPTIONS)]).astype(float)


def _usual_size(members: Members) -> int:
    """The commonest number of members over roll-calls; the larger where two are equally common."""
    often = np.bincount(members.sum(axis=1))
    return int(np.flatnonzero(often == often.max())[-1])


def _places(values: Floats, populations: Floats) -> dict[str, NDArray]:
    """Columns with the position of values (rows,) in populations (draws, rows)."""
    values, populations = values.round(DIGITS), populations.round(DIGITS)
    known = np.count_nonzero(~np.isnan(populations), axis=0)
    low, median, high = quantiles(populations, (0.1, 0.5, 0.9))
    with np.errstate(invalid="ignore"):
        below, at_or_below = (
            np.where(np.isnan(values), np.nan, count / known)
            for count in ((populations < values).sum(axis=0), (populations <= values).sum(axis=0))
        )
    ranks = {"percentile": (below + at_or_below) / 2, "below": below, "at_or_below": at_or_below}
    return {"draws": known, "p10": low, "median": median, "p90": high, **ranks}

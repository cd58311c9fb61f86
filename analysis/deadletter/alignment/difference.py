"""Have treated states moved towards an anchor, or away from it, more than others have?"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadletter.alignment.similarity import agreement_shares, known_mean, others_of, partners
from deadletter.alignment.votes import Floats, Votes, Years, check_draws, percentile_interval, rollcall_weights, select
from deadletter.errors import InputError
from deadletter.given import Draws, Seed


@dataclass(frozen=True)
class DifferenceInDifferences:
    """Change in mean agreement of the treated less that of the control, with two intervals.

    ``value``: (treated_after − treated_before) − (control_after − control_before), in shares of votes. ``rollcall_low``
    and ``rollcall_high``: other roll-calls might have been put to the vote (drawn with replacement within each year,
    the same for all states). ``state_low`` and ``state_high``: other states might have been treated or not (drawn with
    replacement among the treated and among the control). ``treated``, ``control``: numbers of states; ``rollcalls``:
    of the set in both periods.
    """

    value: float
    rollcall_low: float
    rollcall_high: float
    state_low: float
    state_high: float
    treated_before: float
    treated_after: float
    control_before: float
    control_after: float
    treated: int
    control: int
    rollcalls: int


def difference_in_differences(
    votes: Votes,
    anchor: str,
    treated: Iterable[str],
    *,
    before: Years,
    after: Years,
    vote_set: str = "whole",
    rival: str | None = None,
    draws: Draws = 999,
    seed: Seed = 0,
    coverage: float = 0.95,
) -> DifferenceInDifferences:
    """Difference in differences of agreement with an anchor (share of equal votes where both voted).

    Means are of the years of a period (of those with a common vote), then of states, each state counting once.

    Parameters
    ----------
    treated: the control are all other voters but the anchor that have common votes with it in both periods.
    before, after: first and last year of the periods, included.
    vote_set, rival: as in :func:`~deadletter.alignment.votes.select`.
    draws, seed, coverage: of both percentile intervals.

    Raises
    ------
    InputError: a state is unknown, named twice or the anchor; an arm is empty; a treated state has no vote in common
    with the anchor in a period; the periods overlap or are in the wrong order.
    """
    check_draws(draws, coverage)
    if before[1] >= after[0]:
        raise InputError("the period before does not end before the other begins", found=f"{before}, {after}")
    treated = sorted(treated, key=str)
    others = votes.columns(sorted(others_of(votes, anchor, *treated)))  # the order of columns changes no draw
    columns = np.concatenate([partners(votes, anchor, treated, "treated"), others])
    first, second = (select(votes, vote_set, anchor=anchor, rival=rival, years=years) for years in (before, after))
    start, end = (_period_means(period, anchor, columns)[0] for period in (first, second))
    silent = np.isnan(start + end)
    is_treated = np.arange(len(columns)) < len(treated)
    for column in columns[silent & is_treated]:
        problem = "a state has no vote in common with the anchor in a period"
        raise InputError(problem, found=votes.states[column], allowed="states that voted in both periods")
    if not len(treated) or not (~silent & ~is_treated).any():
        raise InputError("no states to compare", where="control" if len(treated) else "treated")
    columns, is_treated, change = columns[~silent], is_treated[~silent], (end - start)[~silent]

    rng = np.random.default_rng([seed, 0])
    again = [_period_means(period, anchor, columns, draws, rng) for period in (first, second)]
    resampled = again[1] - again[0]
    by_rollcalls = known_mean(resampled[:, is_treated]) - known_mean(resampled[:, ~is_treated])
    rng = np.random.default_rng([seed, 1])
    by_states = _resampled_means(rng, change[is_treated], draws) - _resampled_means(rng, change[~is_treated], draws)
    means = [
        arm.mean() for period in (start[~silent], end[~silent]) for arm in (period[is_treated], period[~is_treated])
    ]
    rollcall_low, rollcall_high = map(float, percentile_interval(by_rollcalls, coverage))
    state_low, state_high = map(float, percentile_interval(by_states, coverage))
    treated_before, control_before, treated_after, control_after = map(float, means)
    return DifferenceInDifferences(
        float(change[is_treated].mean() - change[~is_treated].mean()),
        rollcall_low,
        rollcall_high,
        state_low,
        state_high,
        treated_before,
        treated_after,
        control_before,
        control_after,
        treated=int(is_treated.sum()),
        control=int((~is_treated).sum()),
        rollcalls=len(first.rollcalls) + len(second.rollcalls),
    )


def _period_means(
    votes: Votes, anchor: str, columns: NDArray[np.intp], draws: int = 0, rng: np.random.Generator | None = None
) -> Floats:
    """Means over years of each state's agreement: (draws, states), or (1, states) of the roll-calls as they are."""
    yearly = []
    for _, rows in votes.by_year():
        weights = None if rng is None else rollcall_weights(rng, len(rows), draws)
        yearly.append(agreement_shares(votes.matrix[rows], votes.column(anchor), columns, weights))
    if not yearly:
        raise InputError("no roll-call of the set in a period", allowed="periods with roll-calls")
    return known_mean(np.array(yearly), axis=0)


def _resampled_means(rng: np.random.Generator, values: Floats, draws: int) -> Floats:
    return values[rng.integers(len(values), size=(draws, len(values)))].mean(axis=1)

"""Voting rules as power: Shapley–Shubik and Banzhaf indices of weighted voting with a quota."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd

from deadletter.dataset.load import Dataset
from deadletter.errors import InputError
from deadletter.indices.selection import rows_of_lineage

LARGEST_BODY = 20


def swings(votes: Sequence[int], quota: Fraction) -> list[list[int]]:
    """Coalitions that a voter turns from losing to winning: count by voter and by size without the voter.

    votes: votes of each voter; quota: share of all votes that a decision needs, at least.

    Raises InputError: no voters, more than 20, votes that are not whole numbers of at least one, or a quota outside
    (0, 1].
    """
    whole = all(isinstance(v, int | float | np.number) and v >= 1 and v % 1 == 0 for v in votes)
    if not 0 < len(votes) <= LARGEST_BODY or not whole or not 0 < quota <= 1:
        found = f"{len(votes)} voters, quota {quota}" if whole else ", ".join(map(str, votes))
        allowed = "1 to 20 voters with whole numbers of votes, a quota in (0, 1]"
        raise InputError("is not a voting body", found=found, allowed=allowed)
    # through its decimal digits: 0.55 of 100 votes are 55, and not a little more
    need = Fraction(str(quota)) * sum(votes)
    counts = [[0] * len(votes) for _ in votes]
    for voter, own in enumerate(votes):
        others = [v for i, v in enumerate(votes) if i != voter]
        for size in range(len(votes)):
            for coalition in combinations(others, size):
                if sum(coalition) < need <= sum(coalition) + own:
                    counts[voter][size] += 1
    return counts


def shapley_shubik(votes: Sequence[int], quota: Fraction) -> list[Fraction]:
    """Share of orderings in which each voter is pivotal (Shapley & Shubik 1954); sums to one."""
    n = len(votes)
    weight = [Fraction(factorial(size) * factorial(n - size - 1), factorial(n)) for size in range(n)]
    return [sum((w * c for w, c in zip(weight, row, strict=True)), Fraction(0)) for row in swings(votes, quota)]


def banzhaf(votes: Sequence[int], quota: Fraction) -> list[Fraction]:
    """Each voter's share of all swings (Banzhaf 1965, normalised); sums to one."""
    totals = [sum(row) for row in swings(votes, quota)]
    return [Fraction(total, sum(totals)) for total in totals]


def voting_power(dataset: Dataset, focal: str) -> pd.DataFrame:
    """Power in every voting body of a lineage: regime, body, quota, state, votes, vote_share, shapley_shubik, banzhaf,
    and ``veto``: can nothing be decided without the state? Empty where no body votes."""
    columns = ["regime", "body", "quota", "state", "votes", "vote_share", "shapley_shubik", "banzhaf", "veto"]
    votes, tables = rows_of_lineage(dataset, "votes", focal), []
    for (_, _, quota), frame in votes.groupby(["regime", "body", "quota"], sort=False):
        ballots, need = [int(v) for v in frame["votes"]], Fraction(str(quota))
        total = sum(ballots)
        found = frame.assign(
            votes=ballots,
            vote_share=[v / total for v in ballots],
            shapley_shubik=[float(x) for x in shapley_shubik(ballots, need)],
            banzhaf=[float(x) for x in banzhaf(ballots, need)],
            veto=[total - v < need * total for v in ballots],
        )
        tables.append(found[columns])
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)

"""Alignment of states in an assembly: agreement with an anchor, cohesion of groups, random groups, ranks.

Read votes with :func:`read_votes`; measure with :func:`agreement`, :func:`cohesion` and :func:`alignment_table`.
Compare a group with random ones by :func:`random_groups`, a change with that of others by
:func:`difference_in_differences`, and any value with a population by :func:`rank`.
"""

from deadletter.alignment.cohesion import cohesion
from deadletter.alignment.difference import DifferenceInDifferences, difference_in_differences
from deadletter.alignment.placebo import random_groups
from deadletter.alignment.ranks import Rank, published_ranks, rank, rank_among, readings
from deadletter.alignment.similarity import agreement, kappa, scott_pi, signorino_ritter, similarity
from deadletter.alignment.table import alignment_table
from deadletter.alignment.votes import SETS, Votes, read_votes, select

__all__ = [
    "SETS", "DifferenceInDifferences", "Rank", "Votes", "agreement", "alignment_table", "cohesion",
    "difference_in_differences", "kappa", "published_ranks", "random_groups", "rank", "rank_among", "read_votes",
    "readings", "scott_pi", "select", "signorino_ritter", "similarity",
]  # fmt: skip

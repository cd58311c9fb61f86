"""Alignment of states in an assembly: agreement with an anchor, cohesion of groups, random groups, ranks.

Read votes with :func:`read_votes`; measure with :func:`alignment_table`. Compare a group with random ones by
:func:`random_groups`, and a change with that of others by :func:`difference_in_differences`.
"""

from deadletter.alignment.difference import DifferenceInDifferences, difference_in_differences
from deadletter.alignment.placebo import random_groups
from deadletter.alignment.similarity import similarity
from deadletter.alignment.table import alignment_table
from deadletter.alignment.votes import SETS, Votes, read_votes, select
from deadletter.arguments import checked

__all__ = [
    "SETS", "DifferenceInDifferences", "Votes", "alignment_table", "difference_in_differences", "random_groups",
    "read_votes", "select", "similarity",
]  # fmt: skip

# checked at once, not offered on demand as in other rooms: the module `similarity` would hide the function
for _name in __all__:
    globals()[_name] = checked(globals()[_name], __name__)

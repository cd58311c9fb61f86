"""Sets of roll-calls: which votes a measure is taken over.

``all``: every roll-call. ``whole``: texts as a whole, no paragraphs and no amendments; the set to compare years by,
where the source records votes on paragraphs in some years only. ``opposed``: whole, anchor and rival for against
against. ``minority``: whole, the anchor against although more were for, or for although more were against, or
abstaining although more were for than abstained. ``important``: flagged so by the source. A topic of the source: its
roll-calls, whole or not. Names joined by ``+`` ask for what is in all of them, as in ``whole+human_rights``.

``opposed`` and ``minority`` are chosen by the anchor's own votes: levels there, above all of measures that correct for
chance, compare over states and years, not with those of other sets.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from deadletter.alignment.votes import ABSTAIN, NO, OPTIONS, YES, Votes, Years
from deadletter.errors import InputError

SETS = ("all", "whole", "opposed", "minority", "important")


def select(
    votes: Votes, vote_set: str, *, anchor: str | None = None, rival: str | None = None, years: Years | None = None
) -> Votes:
    """The roll-calls of a set, in some years or in all.

    Parameters
    ----------
    vote_set: of :data:`SETS`, a topic, or several joined by ``+``.
    anchor, rival: the powers that ``opposed`` (both) and ``minority`` (the anchor) are about.
    years: first and last, both included.

    Raises
    ------
    InputError: the set or a power is unknown, a power that it needs is not given, or the years run backwards.
    """
    mask = np.ones(len(votes.rollcalls), dtype=bool)
    for name in vote_set.split("+"):
        mask &= _in_set(votes, name, anchor, rival)
    if years is not None:
        first, last = years
        if first > last:
            raise InputError("the first year is after the last", where="years", found=f"{first}, {last}")
        mask &= votes.rollcalls["year"].between(first, last).to_numpy()
    return votes.where(mask)


def listed(vote_sets: Iterable[str] | str) -> list[str]:
    """Names of sets, each once; a single name is one set."""
    return [vote_sets] if isinstance(vote_sets, str) else list(dict.fromkeys(vote_sets))


def topics_of(votes: Votes) -> list[str]:
    """All topics of the roll-calls, sorted."""
    return sorted({topic for text in votes.rollcalls["topics"].unique() for topic in text.split(";") if topic})


def _in_set(votes: Votes, name: str, anchor: str | None, rival: str | None) -> NDArray[np.bool_]:
    facts = votes.rollcalls
    if name == "all":
        return np.ones(len(facts), dtype=bool)
    whole = (facts["kind"] == "whole").to_numpy()
    if name == "whole":
        return whole
    if name == "important":
        return (facts["important"] == "yes").to_numpy()
    if name == "opposed":
        mine, theirs = _votes_of(votes, name, "anchor", anchor), _votes_of(votes, name, "rival", rival)
        return whole & (((mine == YES) & (theirs == NO)) | ((mine == NO) & (theirs == YES)))
    if name == "minority":
        mine = _votes_of(votes, name, "anchor", anchor)
        against, abstaining, in_favour = ((votes.matrix == option).sum(axis=1) for option in range(OPTIONS))
        alone = ((mine == NO) & (in_favour > against)) | ((mine == YES) & (against > in_favour))
        return whole & (alone | ((mine == ABSTAIN) & (in_favour > abstaining)))
    topics = topics_of(votes)
    if name not in topics:
        raise InputError("unknown set of roll-calls", where="vote_set", found=name, allowed=[*SETS, *topics])
    return facts["topics"].str.split(";").map(lambda listed: name in listed).to_numpy(dtype=bool)


def _votes_of(votes: Votes, vote_set: str, role: str, power: str | None) -> NDArray[np.int8]:
    if power is None:
        raise InputError(f"the set {vote_set} needs a state as {role}", where=role, allowed="the code of a voter")
    return votes.matrix[:, votes.column(power)]

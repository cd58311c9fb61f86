"""Cohesion of groups, year by year: do their members vote alike?"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from deadletter.alignment.votes import OPTIONS, Floats, Votes
from deadletter.errors import InputError

Members = NDArray[np.bool_]  # (rollcalls, states)
Groups = Mapping[str, Sequence[str]] | pd.DataFrame
SPELL_COLUMNS = ("group", "state", "from", "to")
EVERYONE = "*"  # in place of a state: every voter


def members_of(votes: Votes, groups: Groups) -> dict[str, Members]:
    """Members of each group on the day of each roll-call.

    groups: names with states that always belong, or a frame of spells with ``group``, ``state`` (``*`` for every
    voter), ``from``, ``to``: first and last day, both included, in ISO 8601 at any precision (a year lasts from its
    first to its last day), empty where the spell is open.

    Raises InputError: a state is unknown, or twice in a list; a group has the code of a voter; a column is missing, a
    cell is not a date, a group is empty, or a spell ends before it begins: named with the row of the frame, the header
    being row 1.
    """
    if isinstance(groups, pd.DataFrame):
        found = _from_spells(votes, groups)
    else:
        found = {name: _always(votes, name, states) for name, states in groups.items()}
    for name in found:
        if name in votes.states:
            raise InputError("a group has the code of a state", where="groups", found=name)
    return found


def yearly_members(votes: Votes, members: Mapping[str, Members]) -> Iterator[tuple[str, int, NDArray[np.intp]]]:
    """Groups with each year in which they have a member, and the roll-calls of that year."""
    for name, belongs in members.items():
        for year, rows in votes.by_year():
            if belongs[rows].any():
                yield name, year, rows


def _always(votes: Votes, name: str, states: Iterable[str]) -> Members:
    belongs = np.zeros(votes.matrix.shape, dtype=bool)
    belongs[:, votes.columns(states, f"group {name}")] = True
    return belongs


def _from_spells(votes: Votes, spells: pd.DataFrame) -> dict[str, Members]:
    for column in SPELL_COLUMNS:
        if column not in spells:
            raise InputError(f"the column {column} is missing", where="groups", allowed=SPELL_COLUMNS)
    days = votes.rollcalls["date"].to_numpy(dtype="datetime64[D]")
    found: dict[str, Members] = {}
    cells = spells[list(SPELL_COLUMNS)].convert_dtypes()  # an open spell makes 2001.0 of 2001
    text = cells.astype(object).where(cells.notna(), "").astype(str)
    for row, (group, state, first, last) in enumerate(text.itertuples(index=False), start=2):
        where = f"groups row {row} ({group})"
        if not group:
            raise InputError("a spell has no group", where=where)
        begins, ends = _bounds(first, f"{where} column from")[0], _bounds(last, f"{where} column to")[1]
        if begins > ends:
            raise InputError("a spell ends before it begins", where=where, found=f"{first} to {last}")
        if state not in (*votes.states, EVERYONE):
            raise InputError("no such state among the voters", where=where, found=state, allowed=votes.states)
        belongs = found.setdefault(group, np.zeros(votes.matrix.shape, dtype=bool))
        columns = slice(None) if state == EVERYONE else [votes.column(state)]
        belongs[:, columns] |= ((days >= begins) & (days <= ends))[:, None]
    return found


def _bounds(text: str, where: str) -> tuple[np.datetime64, np.datetime64]:
    """First and last day of a date of any precision; of an empty one, all of time."""
    if not text:
        return np.datetime64("0001-01-01"), np.datetime64("9999-12-31")
    try:
        if not re.fullmatch(r"\d{4}(-\d\d){0,2}", text):
            raise ValueError
        period = np.datetime64(text)
    except ValueError:
        allowed = "YYYY, YYYY-MM, YYYY-MM-DD or empty"
        raise InputError("is not a date", where=where, found=text, allowed=allowed) from None
    return period.astype("datetime64[D]"), (period + 1).astype("datetime64[D]") - 1


@dataclass(frozen=True)
class Cohesion:
    """Measures of a group over roll-calls, or of many groups: NaN where no roll-call counts."""

    rollcalls: Floats
    unanimous: Floats
    agreement_index: Floats
    pairwise: Floats


def camps(matrix: NDArray[np.int8], members: Members) -> tuple[Floats, Floats]:
    """Members of a group by how they voted, (options, rollcalls), and members in all, (rollcalls,)."""
    counts = [((matrix == option) & members).sum(axis=1) for option in range(OPTIONS)]
    return np.array(counts, dtype=float), members.sum(axis=1).astype(float)


def cohesion_of(counts: Floats, size: ArrayLike, weights: Floats | None = None) -> Cohesion:
    """Cohesion from the sizes of camps.

    The agreement index of a roll-call is ``(max − (sum − max)/2)/sum`` of its three camps: 1 where all are in one, 0
    where they are equal (Hix, Noury & Roland 2005, British Journal of Political Science 35(2), 209–234, p. 215).

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
    n, unanimous, index, equal, pairs = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Cohesion(n, unanimous / n, index / n, equal / pairs)

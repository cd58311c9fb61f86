"""Roll-calls as a matrix: one row a vote, one column a state, read from the tables ``rollcalls`` and ``voters``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deadletter.errors import InputError
from deadletter.frames import split_ids

ABSENT, NO, ABSTAIN, YES = -1, 0, 1, 2
CODES = "NAY"  # a code's position is its place on the scale from against to for
ABSENCE = "."
OPTIONS = len(CODES)
KINDS = ("whole", "paragraph", "amendment")
IMPORTANCE = ("yes", "no", "")
ROLLCALL_COLUMNS = ("id", "session", "resolution", "date", "kind", "important", "topics", "votes")
VOTER_COLUMNS = ("iso3", "position")
Years = tuple[int, int]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Votes:
    """Votes of an assembly.

    matrix: (rollcalls, states) int8, read-only; 0 against, 1 abstaining, 2 for, -1 absent or not a member.
    states: ISO 3166 alpha-3 codes of the columns.
    rollcalls: (rollcalls,) frame of ``id``, ``session``, ``resolution``, ``date`` (datetime), ``year`` (of the date,
    integer), ``kind`` (of :data:`KINDS`), ``important`` (yes, no, or empty where unknown), ``topics`` (by semicolons).
    """

    matrix: NDArray[np.int8]
    states: tuple[str, ...]
    rollcalls: pd.DataFrame

    def column(self, state: str) -> int:
        """Position of a state; InputError with the nearest name where it is unknown."""
        if state not in self.states:
            raise InputError("no such state among the voters", found=state, allowed=self.states)
        return self.states.index(state)

    def columns(self, states: Iterable[str], where: str = "states") -> NDArray[np.intp]:
        """Positions of several states, in their order; InputError where one is unknown or named twice."""
        if isinstance(states, str):
            raise InputError("a list of states is needed", where=where, found=states)
        names = list(states)
        for position, name in enumerate(names):
            if name in names[:position]:
                raise InputError("a state is named twice", where=where, found=name)
        return np.array([self.column(name) for name in names], dtype=np.intp)

    def where(self, mask: NDArray[np.bool_]) -> Votes:
        """The roll-calls of a mask (rollcalls,), with all states."""
        matrix = self.matrix[mask]
        matrix.flags.writeable = False
        return Votes(matrix, self.states, self.rollcalls[mask].reset_index(drop=True))

    def by_year(self) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """Years in ascending order, each with the positions of its roll-calls."""
        year = self.rollcalls["year"].to_numpy()
        for value in np.unique(year):
            yield int(value), np.flatnonzero(year == value)


def read_votes(source: Path | str | Mapping[str, pd.DataFrame]) -> Votes:
    """Votes from a folder with ``rollcalls.csv`` and ``voters.csv``, or from the two frames under these names.

    Tables
    ------
    voters: ``iso3`` (unique), ``position`` (1 to the number of states: where in a string the state's vote stands).
    rollcalls: ``id`` (unique), ``session``, ``resolution``, ``date`` (YYYY-MM-DD), ``kind`` (:data:`KINDS`),
    ``important`` (yes, no, empty), ``topics`` (separated by semicolons; none has the name of a set or a plus sign),
    ``votes`` (a character for each state: Y for, A abstaining, N against, ``.`` absent).

    Raises
    ------
    InputError: a table or a column is missing, a state or an id is a duplicate, a date, kind, topic, length or code is
    wrong; named with the row of the file, the header being row 1.
    """
    voters, rollcalls = (_table(source, name, columns) for name, columns in _TABLES.items())
    states = _states(voters)
    topics = rollcalls["topics"].map(split_ids)
    alone = pd.Series([not set(SETS) & set(listed) and "+" not in "".join(listed) for listed in topics], dtype=bool)
    for column, problem, good, allowed in (
        ("id", "a roll-call has no id", rollcalls["id"] != "", "a unique id"),
        ("id", "duplicate id", ~rollcalls["id"].duplicated(), "a unique id"),
        ("kind", "unknown kind of vote", rollcalls["kind"].isin(KINDS), KINDS),
        ("important", "unknown flag", rollcalls["important"].isin(IMPORTANCE), "yes, no, empty where unknown"),
        ("topics", "a topic has the name of a set, or a plus sign", alone, f"other names than {', '.join(SETS)}"),
        ("votes", "not one vote for each state", rollcalls["votes"].str.len() == len(states), f"{len(states)} votes"),
    ):
        _check(rollcalls, column, problem, good, allowed)
    date = pd.to_datetime(rollcalls["date"], format="%Y-%m-%d", errors="coerce")
    dated = date.notna() & rollcalls["date"].str.fullmatch(r"\d{4}-\d\d-\d\d")
    _check(rollcalls, "date", "a roll-call has no valid date", dated, "a day as YYYY-MM-DD")
    facts = rollcalls[list(ROLLCALL_COLUMNS[:-1])].assign(date=date, topics=topics.map(";".join))
    facts.insert(4, "year", date.dt.year.astype(int))
    return Votes(_matrix(rollcalls, states), states, facts)


_TABLES = {"voters": VOTER_COLUMNS, "rollcalls": ROLLCALL_COLUMNS}


def _table(source: Path | str | Mapping[str, pd.DataFrame], name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    if isinstance(source, Mapping):
        if name not in source:
            raise InputError("a table is missing", where=name, allowed=list(_TABLES))
        frame = source[name]
    else:
        path = Path(source) / f"{name}.csv"
        try:
            frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        except FileNotFoundError:
            raise InputError("the file is missing", where=f"{name}.csv", found=source) from None
        except (OSError, ValueError) as error:
            raise InputError("the file cannot be read", where=f"{name}.csv", found=error) from None
    for column in columns:
        if column not in frame:
            raise InputError(f"the column {column} is missing", where=f"{name}.csv", allowed=columns)
    used = frame[list(columns)].reset_index(drop=True)
    return used.astype(object).where(used.notna(), "").astype(str)


def _states(voters: pd.DataFrame) -> tuple[str, ...]:
    code = voters["iso3"].str.fullmatch("[A-Z]{3}")
    position = pd.to_numeric(voters["position"], errors="coerce")
    _check(voters, "iso3", "is not an ISO 3166 alpha-3 code", code, "three capital letters")
    _check(voters, "iso3", "duplicate state", ~voters["iso3"].duplicated(), "each state once")
    counted = position.isin(range(1, len(voters) + 1)) & ~position.duplicated()
    _check(voters, "position", "positions do not count the states", counted, f"each of 1 to {len(voters)} once")
    return tuple(voters["iso3"].iloc[np.argsort(position.to_numpy())])


def _matrix(rollcalls: pd.DataFrame, states: tuple[str, ...]) -> NDArray[np.int8]:
    unknown = np.int8(OPTIONS)
    values = np.full(256, unknown)
    values[ord(ABSENCE)] = ABSENT
    for value, code in enumerate(CODES):
        values[ord(code)] = value
    # a character beyond ASCII becomes "?", one for one, and is found below
    text = "".join(rollcalls["votes"]).encode("ascii", "replace")
    matrix = values[np.frombuffer(text, dtype=np.uint8)].reshape(len(rollcalls), len(states))
    for row, column in np.argwhere(matrix == unknown)[:1]:
        found = rollcalls["votes"].iloc[row][column]
        where = f"{_row(rollcalls, row)} column votes"
        allowed = ", ".join([*reversed(CODES), ABSENCE])
        raise InputError(f"unknown code of the vote of {states[column]}", where=where, found=found, allowed=allowed)
    matrix.flags.writeable = False
    return matrix


def _check(frame: pd.DataFrame, column: str, problem: str, good: pd.Series, allowed: tuple[str, ...] | str) -> None:
    for row in np.flatnonzero(~good.to_numpy(dtype=bool))[:1]:
        where = f"{_row(frame, row)} column {column}"
        raise InputError(problem, where=where, found=frame[column].iloc[row], allowed=allowed)


def _row(frame: pd.DataFrame, row: int) -> str:
    """The place of a row in its file; the header is row 1."""
    table, key = ("rollcalls", "id") if "id" in frame else ("voters", "iso3")
    return f"{table}.csv row {row + 2} ({frame[key].iloc[row]})"


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
    votes.columns([power for power in (anchor, rival) if power is not None], "powers")
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
    return [vote_sets] if isinstance(vote_sets, str) else list(dict.fromkeys(map(str, vote_sets)))


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
        return whole & (alone | ((mine == ABSTAIN) & (np.maximum(in_favour, against) > abstaining)))
    topics = topics_of(votes)
    if name not in topics:
        raise InputError("unknown set of roll-calls", where="vote_set", found=name, allowed=[*SETS, *topics])
    return facts["topics"].str.split(";").map(lambda listed: name in listed).to_numpy(dtype=bool)


def _votes_of(votes: Votes, vote_set: str, role: str, power: str | None) -> NDArray[np.int8]:
    if power is None:
        raise InputError(f"the set {vote_set} needs a state as {role}", where=role, allowed="the code of a voter")
    return votes.matrix[:, votes.column(power)]


def check_draws(draws: int, coverage: float) -> None:
    """InputError where no draw is asked for, or the coverage is not a share strictly between 0 and 1."""
    if draws < 1:
        raise InputError("at least one draw is needed", where="draws", found=draws)
    if not 0 < coverage < 1:
        raise InputError("the coverage is not between 0 and 1", where="coverage", found=coverage)


def rollcall_weights(rng: np.random.Generator, rollcalls: int, draws: int) -> Floats:
    """How often each roll-call is drawn when as many are drawn with replacement: (draws, rollcalls)."""
    return rng.multinomial(rollcalls, np.full(rollcalls, 1 / rollcalls), size=draws).astype(float)


def quantiles(values: Floats, shares: Sequence[float]) -> list[Floats]:
    """Quantiles over the first axis, interpolated (Hyndman & Fan 1996, type 7); NaN is left out, and what is all NaN
    stays so."""
    ordered = np.sort(values, axis=0)  # NaN last
    last = np.maximum(np.count_nonzero(~np.isnan(values), axis=0) - 1, 0)
    found = []
    for share in shares:
        position = share * last
        below = np.floor(position).astype(np.intp)
        under, over = (np.take_along_axis(ordered, at[None], axis=0)[0] for at in (below, np.minimum(below + 1, last)))
        found.append(under + (position - below) * (over - under))
    return found


def percentile_interval(values: Floats, coverage: float) -> tuple[Floats, Floats]:
    """Low and high percentiles over the first axis (Efron & Tibshirani 1993, ch. 13).

    Draws in which a statistic is undefined (NaN) are left out.
    """
    tail = (1 - coverage) / 2
    low, high = quantiles(values, (tail, 1 - tail))
    return low, high

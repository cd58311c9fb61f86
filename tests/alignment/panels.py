"""Small panels of votes, written as strings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from deadletter.alignment import Votes, read_votes, select, similarity
from deadletter.alignment.cohesion import camps, cohesion_of, members_of, yearly_members
from deadletter.alignment.similarity import others_of, pair_tables, partners

STATES = ("RUS", "ARM", "BLR", "KAZ", "USA")


def frames(rows: Sequence[tuple[str, str]], states: Sequence[str] = STATES, **columns: Sequence[str]) -> dict:
    """The two tables of a panel: ``rows`` are dates with a vote for each state."""
    facts = {"session": "55", "resolution": "", "kind": "whole", "important": "", "topics": ""} | columns
    rollcalls = pd.DataFrame({"id": [str(n) for n in range(1, len(rows) + 1)], **facts}, dtype=str)
    rollcalls["date"] = [date for date, _ in rows]
    rollcalls["votes"] = [text for _, text in rows]
    voters = pd.DataFrame({"iso3": list(states), "position": [str(n) for n in range(1, len(states) + 1)]})
    return {"rollcalls": rollcalls, "voters": voters}


def panel(rows: Sequence[tuple[str, str]], states: Sequence[str] = STATES, **columns: Sequence[str]) -> Votes:
    return read_votes(frames(rows, states, **columns))


def in_year(texts: Sequence[str], year: int = 2000) -> list[tuple[str, str]]:
    """Roll-calls of one day."""
    return [(f"{year}-11-01", text) for text in texts]


def by_state(year: int = 2000, **votes: str) -> list[tuple[str, str]]:
    """Roll-calls of one day from each state's string of votes, states in the order given."""
    return in_year(["".join(row) for row in zip(*votes.values(), strict=True)], year)


@st.composite
def random_panels(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Up to 12 roll-calls of 2000 and 2001 over the five states, absences included."""
    vote = st.text("YAN.", min_size=len(STATES), max_size=len(STATES))
    return draw(st.lists(st.tuples(st.sampled_from(["2000-03-01", "2001-03-01"]), vote), min_size=1, max_size=12))


def agreement(votes: Votes, anchor: str, states=None, vote_set="whole", *, distance="linear", **chosen) -> pd.DataFrame:
    """The measures of states with an anchor, a row for each state and year, those included who never voted."""
    votes = select(votes, vote_set, anchor=anchor, **chosen)
    names = others_of(votes, anchor) if states is None else list(states)
    columns, frames = partners(votes, anchor, names), []
    for year, rows in votes.by_year():
        mine, theirs = votes.matrix[rows, votes.column(anchor)], votes.matrix[np.ix_(rows, columns)]
        found = similarity(pair_tables(mine, theirs)[0], distance)
        measures = {"agreement": found.agreement, "s": found.s, "pi": found.pi, "kappa": found.kappa}
        frames.append(pd.DataFrame({"state": names, "year": year, "both_voted": found.n.astype(int), **measures}))
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["state", "year"])
    return table.sort_values("state", key=lambda state: state.map(names.index), kind="stable", ignore_index=True)


def cohesion(votes: Votes, groups, vote_set="whole", **chosen) -> pd.DataFrame:
    """The measures of groups, a row for each group and year in which it has a member."""
    votes, records = select(votes, vote_set, **chosen), []
    members = members_of(votes, groups)
    for name, year, rows in yearly_members(votes, members):
        found = cohesion_of(*camps(votes.matrix[rows], members[name][rows]))
        records.append({"group": name, "year": year} | {measure: float(x) for measure, x in vars(found).items()})
    return pd.DataFrame(records, columns=["group", "year", "rollcalls", "unanimous", "agreement_index", "pairwise"])


def joint_table(first, second, options: int = 3) -> np.ndarray:
    """Counts (options, options) of the pairs of votes of two voters; where either is negative (absent), none."""
    x, y = np.asarray(first), np.asarray(second)
    present = (x >= 0) & (y >= 0)
    flat = np.bincount(x[present] * options + y[present], minlength=options**2)
    return flat.reshape(options, options).astype(float)

"""Small panels of votes, written as strings."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from hypothesis import strategies as st

from deadletter.alignment import Votes, read_votes

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

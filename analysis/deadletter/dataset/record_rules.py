"""What the schemas of the record cannot say: votes in strings, ranks, bearings, and pages that contradict."""

from collections.abc import Iterator
from itertools import product

import pandas as pd

from deadletter.dataset.problems import Problem
from deadletter.dataset.rules import Tables, bad_cells, cell
from deadletter.dataset.standard_tables import path_of

CODES = "YAN."
ADDRESS = r"https?://[^\s/]+\.[^\s]+"
ROUNDED = 0.0016  # published shares have three digits: twice one half-digit, and one more
RECORDS = ("record_facts", "crises")
# tables whose rows each rest on a page of the web
PAGED = (*RECORDS, "meetings", "provisions", "surveys", "blocs", "ranks", "vitality", "crisis_votes")


def check_record(tables: Tables) -> Iterator[Problem]:
    """Every breach, in tables that may be empty; their cells are strings."""
    for check in (_voters, _rollcalls, _groups, _shares, _bearings, _pages):
        yield from check(tables)


def _voters(tables: Tables) -> Iterator[Problem]:
    """Each state has one place in the strings, and no place is free."""
    voters = tables["voters"]
    twice, places = voters["iso3"].duplicated(), pd.to_numeric(voters["position"])
    yield from bad_cells(tables, "voters", "iso3", twice, "a state occurs twice", "each state once")
    free = ~places.between(1, len(voters))
    yield from bad_cells(tables, "voters", "position", free, "is not a place in the votes", f"1 to {len(voters)}")


def _rollcalls(tables: Tables) -> Iterator[Problem]:
    """Each roll-call has a day, and one known code for each state."""
    votes, states = tables["rollcalls"]["votes"], len(tables["voters"])
    undated = tables["rollcalls"]["date"] == ""
    yield from bad_cells(tables, "rollcalls", "date", undated, "a roll-call without a date", "YYYY-MM-DD")
    for row in votes.index[votes.str.len() != states]:
        allowed = f"{states}, one for each row of {path_of('voters')}"
        where = cell(tables, "rollcalls", row, "votes")
        yield Problem(where, "has the wrong number of votes", len(votes[row]), allowed)
    for row in votes.index[~votes.str.fullmatch(f"[{CODES}]*").astype(bool)]:
        position, code = next((at, code) for at, code in enumerate(votes[row], start=1) if code not in CODES)
        where = cell(tables, "rollcalls", row, "votes")
        yield Problem(where, f"place {position} is not a vote", code, tuple(CODES))


def _groups(tables: Tables) -> Iterator[Problem]:
    """Every unit compared has a place in the votes; no group has the name of a state."""
    voters = tuple(tables["voters"]["iso3"])
    for table, column, more in (("anchors", "anchor", ()), ("anchors", "rival", ()), ("groups", "state", ("*",))):
        unknown = ~tables[table][column].isin((*voters, *more))
        yield from bad_cells(tables, table, column, unknown, "is not among the voters", voters)
    groups = tables["groups"]
    taken = groups["group"].isin(voters)
    yield from bad_cells(tables, "groups", "group", taken, "is the code of a voter", "another name")
    twice = groups.duplicated(["group", "state", "from"])
    yield from bad_cells(tables, "groups", "state", twice, "occurs twice in a group from the same day", "once")


def _shares(tables: Tables) -> Iterator[Problem]:
    """Published shares lie from 0 to 1, and those of one row go together."""
    columns = ["percentile", "share_at_or_above"]
    shares = tables["ranks"][columns].replace("", "nan").astype(float)
    outside = shares.notna() & ((shares < 0) | (shares > 1))
    for column in columns:
        yield from bad_cells(tables, "ranks", column, outside[column], "is outside 0 to 1", "a share from 0 to 1")
    below = 1 - shares["share_at_or_above"]
    at_or_below = 2 * shares["percentile"] - below
    wrong = ((at_or_below > 1 + ROUNDED) | (at_or_below < below - ROUNDED)) & ~outside.any(axis=1)
    yield from bad_cells(tables, "ranks", "share_at_or_above", wrong, "contradicts the percentile of its row")


def _bearings(tables: Tables) -> Iterator[Problem]:
    """Each bearing is of a row of the record, has a sign unless open, and is settled as it says."""
    bearings = tables["bearings"]
    known = tuple(identifier for name in RECORDS for identifier in tables[name]["id"])
    unknown = ~bearings["record"].isin(known)
    yield from bad_cells(tables, "bearings", "record", unknown, "is not a row of the record", known)
    unsigned = (bearings["sign"] == "") != (bearings["bearing"] == "open")
    yield from bad_cells(tables, "bearings", "sign", unsigned, "does not fit the bearing", "empty where open, else one")
    agree = (bearings["reader_a"] == bearings["reader_b"]) & (bearings["reader_a"] == bearings["bearing"])
    wrong = (bearings["settled"] == "agree") & ~agree
    yield from bad_cells(tables, "bearings", "settled", wrong, "the two readings differ, or say otherwise", "third")


def _pages(tables: Tables) -> Iterator[Problem]:
    for table, column in product(PAGED, ("page", "second_page")):
        if column in tables[table]:
            cells = tables[table][column]
            bad = (cells != "") & ~cells.str.fullmatch(ADDRESS).astype(bool)
            yield from bad_cells(tables, table, column, bad, "is not an address", "http:// or https:// and a host")

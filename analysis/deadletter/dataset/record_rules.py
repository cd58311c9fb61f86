"""What the schemas of the record cannot say: votes in strings, ranks, bearings, pages and dates that contradict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from deadletter.dataset.problems import Problem, place

Tables = Mapping[str, pd.DataFrame]

PATHS = {
    "record_facts": "record/facts.csv",
    "summary": "argument/summary.csv",
    **{
        name: f"record/{name}.csv"
        for name in (
            "bearings",
            "dropped",
            "crises",
            "meetings",
            "disputes",
            "alliances",
            "alliance_membership",
            "provisions",
        )
    },
    **{name: f"record/{name}.csv" for name in ("surveys", "blocs", "remittances", "tourism")},
    **{name: f"institutions/{name}.csv" for name in ("ranks", "vitality", "alliance_frequencies", "agreement_depth")},
    **{name: f"votes/{name}.csv" for name in ("rollcalls", "voters", "anchors", "groups", "crisis_votes")},
}
CODES = "YAN."
ADDRESS = r"https?://[^\s/]+\.[^\s]+"
RECORDS = ("record_facts", "crises")
SHARES = ("percentile", "share_at_or_above")


def check_record(tables: Tables) -> Iterator[Problem]:
    """Every breach; frames hold strings, by table name. A project without these tables breaks none."""
    yield from _voters(tables)
    yield from _rollcalls(tables)
    yield from _groups(tables)
    yield from _shares(tables)
    yield from _bearings(tables)
    yield from _pages(tables)


def _problems(
    tables: Tables, table: str, column: str, bad: pd.Series, problem: str, allowed: str | tuple[str, ...] | None = None
) -> Iterator[Problem]:
    """A problem for each row of a table where ``bad`` holds, at the cell of a column."""
    frame = tables[table]
    key = next((name for name in ("id", "record", "iso3") if name in frame), None)
    for row in frame.index[bad.to_numpy(dtype=bool)]:
        where = place(PATHS[table], row + 2, frame.at[row, key] if key else None, column)
        yield Problem(where, problem, frame.at[row, column], allowed)


def _voters(tables: Tables) -> Iterator[Problem]:
    """Each state has one place in the strings, and no place is free."""
    if "voters" not in tables:
        return
    voters = tables["voters"]
    yield from _problems(
        tables, "voters", "iso3", voters["iso3"].duplicated(), "a state occurs twice", "each state once"
    )
    places = pd.to_numeric(voters["position"])
    free = ~places.between(1, len(voters))
    yield from _problems(tables, "voters", "position", free, "is not a place in the votes", f"1 to {len(voters)}")


def _rollcalls(tables: Tables) -> Iterator[Problem]:
    """Each roll-call has a day, and one known code for each state."""
    if "rollcalls" not in tables or "voters" not in tables:
        return
    votes, states = tables["rollcalls"]["votes"], len(tables["voters"])
    yield from _problems(
        tables, "rollcalls", "date", tables["rollcalls"]["date"] == "", "a roll-call without a date", "YYYY-MM-DD"
    )
    for row in votes.index[votes.str.len() != states]:
        where = place(PATHS["rollcalls"], row + 2, tables["rollcalls"].at[row, "id"], "votes")
        allowed = f"{states}, one for each row of {PATHS['voters']}"
        yield Problem(where, "has the wrong number of votes", len(votes[row]), allowed)
    for row in votes.index[~votes.str.fullmatch(f"[{CODES}]*")]:
        position, code = next((at, code) for at, code in enumerate(votes[row], start=1) if code not in CODES)
        where = place(PATHS["rollcalls"], row + 2, tables["rollcalls"].at[row, "id"], "votes")
        yield Problem(where, f"place {position} is not a vote", code, tuple(CODES))


def _groups(tables: Tables) -> Iterator[Problem]:
    """Every unit compared has a place in the votes; no group has the name of a state."""
    if not {"groups", "anchors", "voters"} <= tables.keys():
        return
    voters = tuple(tables["voters"]["iso3"])
    for table, column, more in (("anchors", "anchor", ()), ("anchors", "rival", ()), ("groups", "state", ("*",))):
        unknown = ~tables[table][column].isin((*voters, *more))
        yield from _problems(tables, table, column, unknown, "is not among the voters", voters)
    groups = tables["groups"]
    taken = groups["group"].isin(voters)
    yield from _problems(tables, "groups", "group", taken, "is the code of a voter", "another name")
    twice = groups.duplicated(["group", "state", "from"])
    yield from _problems(tables, "groups", "state", twice, "occurs twice in a group from the same day", "once")


def _shares(tables: Tables) -> Iterator[Problem]:
    for column in SHARES if "ranks" in tables else ():
        shares = pd.to_numeric(tables["ranks"][column])
        outside = shares.notna() & ~shares.between(0, 1)
        yield from _problems(tables, "ranks", column, outside, "is outside 0 to 1", "a share from 0 to 1")


def _bearings(tables: Tables) -> Iterator[Problem]:
    """Each bearing is of a row of the record, has a sign unless open, and is settled as it says."""
    if "bearings" not in tables:
        return
    bearings = tables["bearings"]
    known = tuple(identifier for name in RECORDS if name in tables for identifier in tables[name]["id"])
    unknown = ~bearings["record"].isin(known)
    yield from _problems(tables, "bearings", "record", unknown, "is not a row of the record", known)
    unsigned = (bearings["sign"] == "") != (bearings["bearing"] == "open")
    yield from _problems(tables, "bearings", "sign", unsigned, "does not fit the bearing", "empty where open, else one")
    agree = (bearings["reader_a"] == bearings["reader_b"]) & (bearings["reader_a"] == bearings["bearing"])
    wrong = (bearings["settled"] == "agree") & ~agree
    yield from _problems(tables, "bearings", "settled", wrong, "the two readings differ, or say otherwise", "third")


def _pages(tables: Tables) -> Iterator[Problem]:
    for table in PATHS:
        for column in ("page", "second_page"):
            if table in tables and column in tables[table]:
                cells = tables[table][column]
                bad = (cells != "") & ~cells.str.fullmatch(ADDRESS)
                yield from _problems(tables, table, column, bad, "is not an address", "http:// or https:// and a host")

"""What the tables of instruments, reference organisations, links and tested norms must satisfy across rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from deadletter.dataset.article.anchors import split_ids
from deadletter.dataset.problems import Problem, place
from deadletter.frames import records

Tables = Mapping[str, pd.DataFrame]
INSTRUMENTS, REFERENCE = "instruments/instruments.csv", "instruments/reference.csv"
NORMS, LINKS = "account/norms.csv", "account/links.csv"


def legal_problems(tables: Tables) -> Iterator[Problem]:
    """Every breach of the rules on legal status."""
    yield from _instruments(tables)
    yield from _norms(tables)
    yield from _links(tables)
    yield from _reference(tables)
    yield from _agents(tables)


def _rows(frame: pd.DataFrame) -> Iterator[tuple[int, dict[str, str]]]:
    yield from enumerate(records(frame), start=2)


def _instruments(tables: Tables) -> Iterator[Problem]:
    states = tuple(tables["states"]["iso3"])
    for row, record in _rows(tables["instruments"]):
        signed, force, end = record["signed"], record["in_force_from"], record["in_force_to"]
        if signed and force and force < signed[: len(force)]:
            where = place(INSTRUMENTS, row, record["id"], "in_force_from")
            yield Problem(where, "is earlier than the signature", force, f"{signed} or later")
        if force and end and end < force[: len(end)]:
            where = place(INSTRUMENTS, row, record["id"], "in_force_to")
            yield Problem(where, "is earlier than the entry into force", end, f"{force} or later")
        n, of = record["ratified_n"], record["ratified_of"]
        if n and of and float(n) > float(of):
            where = place(INSTRUMENTS, row, record["id"], "ratified_n")
            yield Problem(where, "counts more ratifications than there can be", n, f"at most {of}")
        for state in split_ids(record["parties"]):
            if state not in states:
                where = place(INSTRUMENTS, row, record["id"], "parties")
                yield Problem(where, "is not a state of account/states.csv", state, states)


def _norms(tables: Tables) -> Iterator[Problem]:
    parties = {r["id"]: set(split_ids(r["parties"])) for r in records(tables["instruments"])}
    spells = tables["memberships"]
    members = spells.groupby("regime")["state"].agg(set).to_dict()
    for row, record in _rows(tables["norms"]):
        instrument, regime = record["instrument"], record["regime"]
        signed = parties.get(instrument, set())
        if signed and members.get(regime) and not signed & members[regime]:
            where = place(NORMS, row, record["id"], "instrument")
            problem = f"was signed by no member of {regime}"
            yield Problem(where, problem, instrument, f"an instrument of {', '.join(sorted(members[regime]))}")


def _links(tables: Tables) -> Iterator[Problem]:
    kind_of = dict(zip(tables["norms"]["id"], tables["norms"]["krasner"], strict=True))
    for row, record in _rows(tables["links"]):
        for column, kinds in (("norm", ("principle", "norm")), ("operative", (record["kind"],))):
            if record[column] not in kind_of:
                continue  # a foreign key says so
            found = kind_of[record[column]]
            if found not in kinds:
                where = place(LINKS, row, record["id"], column)
                yield Problem(where, f"{record[column]} is a {found}", found, kinds)


def _reference(tables: Tables) -> Iterator[Problem]:
    required = ("principle", "norm", "rule", "procedure")
    sheet = tables["reference"]
    for organisation, rows in sheet.groupby("organisation", sort=False):
        row = int(rows.index[0]) + 2
        if sorted(rows["component"]) != sorted(required):
            where = place(REFERENCE, row, str(organisation), "component")
            yield Problem(where, "must have each component once", ", ".join(rows["component"]), required)
        for column in ("group", "wide", "as_of"):
            if rows[column].nunique() > 1:
                where = place(REFERENCE, row, str(organisation), column)
                yield Problem(where, "differs between rows of one organisation", ", ".join(rows[column].unique()))


def _agents(tables: Tables) -> Iterator[Problem]:
    known = tuple(tables["states"]["iso3"])
    for row, record in _rows(tables["events"]):
        for found in split_ids(record["agent"]):
            if found not in known:
                where = place("account/events.csv", row, record["id"], "agent")
                yield Problem(where, "is not an actor of account/states.csv", found, known)

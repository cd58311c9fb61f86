"""What a table's schema cannot say: references in lists, ratings, dates that contradict, circular support."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

import pandas as pd

from deadletter.dataset.article.anchors import split_ids
from deadletter.dataset.legal_rules import legal_problems
from deadletter.dataset.problems import Problem, place
from deadletter.dataset.record_rules import PATHS, check_record
from deadletter.frames import records

Tables = Mapping[str, pd.DataFrame]
# unit tables whose cells list rows of other tables, and the tables that may be meant
_LISTS = {
    ("events", "norm"): ("norms",),
    ("claims", "supports"): ("claims",),
    ("summary", "claims"): ("claims",),
    **dict.fromkeys(
        [("outlook", "evidence"), ("functions", "evidence"), ("claims", "evidence")],
        (
            "figures",
            "events",
            "memberships",
            "norms",
            "plans",
            "expectations",
            "outlook",
            "functions",
            "roles",
            "lineage",
        ),
    ),
}
# short enough for a folder everywhere, and none that Windows keeps for a device
_FOLDER = re.compile(r"(?i)(?!(con|prn|aux|nul|(com|lpt)[0-9])$)[a-z0-9-]{1,64}")
_SPANS = (
    ("date", "date_end"),
    ("start", "end"),
    ("from", "to"),
    ("valid_from", "valid_to"),
    ("announced", "carried_out_date"),
)


def path_of(table: str) -> str:
    return PATHS.get(table, f"account/{table}.csv")


def rows(frame: pd.DataFrame) -> Iterator[tuple[int, dict[str, str]]]:
    """Records with their line in the file."""
    yield from enumerate(records(frame), start=2)


def check_rules(tables: Tables) -> list[Problem]:
    """Every breach of the rules that hold across rows and tables. Frames hold strings, by table name."""
    checks: list[Callable[[Tables], Iterator[Problem]]] = [
        _unique_ids,
        _lists,
        _actors,
        _spans,
        _scored,
        _rated_tables,
        _ratings,
        _rated,
        _reconciled,
        _acyclic,
        _votes,
        _pointers,
        legal_problems,
        check_record,
    ]
    return [problem for check in checks for problem in check(tables)]


def _unique_ids(tables: Tables) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name, frame in tables.items():
        for row, record in rows(frame) if "id" in frame and "anchor" in frame else ():
            first = seen.setdefault(record["id"], name)
            if first != name:
                yield Problem(place(path_of(name), row, record["id"], "id"), f"is also an id in {path_of(first)}")


def _lists(tables: Tables) -> Iterator[Problem]:
    for (name, column), targets in _LISTS.items():
        known = {identifier for target in targets for identifier in tables[target]["id"]}
        # a project without a living summary is complete
        for row, record in rows(tables[name]) if name != "summary" or name in tables else ():
            for found in split_ids(record[column]):
                if found not in known:
                    where = place(path_of(name), row, record["id"], column)
                    allowed = "an id of " + ", ".join(path_of(target) for target in targets)
                    yield Problem(where, "refers to a row that is not there", found, allowed)


def _actors(tables: Tables) -> Iterator[Problem]:
    known = tuple(tables["states"]["iso3"])
    for row, record in rows(tables["events"]):
        for found in split_ids(record["actors"]):
            if found not in known:
                where = place(path_of("events"), row, record["id"], "actors")
                yield Problem(where, "is not an actor of account/states.csv", found, known)


def _spans(tables: Tables) -> Iterator[Problem]:
    for name, frame in tables.items():
        for first, last in _SPANS:
            if {first, last} <= set(frame.columns):
                for row, record in rows(frame):
                    start, end = record[first], record[last]
                    where = place(path_of(name), row, record.get("id"), last)
                    if end and not start and first != "announced":  # many plans are undated, not their execution
                        yield Problem(where, f"is given without {first}", end)
                    elif start and end and end < start[: len(end)]:
                        yield Problem(where, f"is earlier than {first}", end, f"{start} or later")


def _scored(tables: Tables) -> Iterator[Problem]:
    """Only regimes of a lineage have rows that enter an index; every focal regime has a lineage and names a folder."""
    if "yes" not in set(tables["regimes"]["focal"]):
        yield Problem(path_of("regimes"), "has no focal regime", None, "yes in the column focal of at least one")
    lines = set(tables["lineage"]["focal"])
    for row, record in rows(tables["regimes"]):
        where = place(path_of("regimes"), row, record["id"])
        if not _FOLDER.fullmatch(record["id"]):
            yield Problem(where, "cannot name a folder on every system", record["id"], "up to 64 letters and digits")
        if record["focal"] == "yes" and record["id"] not in lines:
            yield Problem(where, "is focal but has no lineage", record["id"], "a row of account/lineage.csv")
        if record["scored"] == "yes" and record["id"] not in set(tables["lineage"]["regime"]):
            yield Problem(where, "is scored but belongs to no lineage", record["id"], "a row of account/lineage.csv")


def _has_units(tables: Tables, name: str) -> bool:
    return name in tables and "id" in tables[name]


def _rated_tables(tables: Tables) -> Iterator[Problem]:
    """Each variable belongs to a table whose rows have ids."""
    for row, record in rows(tables["variables"]):
        if not _has_units(tables, record["table"]):
            where = place(path_of("variables"), row, record["variable"], "table")
            allowed = tuple(name for name in tables if _has_units(tables, name))
            yield Problem(where, "is not a table with units", record["table"], allowed)


def _ratings(tables: Tables) -> Iterator[Problem]:
    """Each rating is of a unit of the variable's table, with a value of the variable's scale."""
    table_of = dict(zip(tables["variables"]["variable"], tables["variables"]["table"], strict=True))
    scale = tables["scale"].groupby("variable")["value"].agg(tuple).to_dict()
    units = {table: set(tables[table]["id"]) for table in set(table_of.values()) if _has_units(tables, table)}
    for row, record in rows(tables["ratings"]):
        variable = record["variable"]
        if table_of.get(variable) not in units:
            continue  # reported by the foreign key, or for the variable
        if record["unit"] not in units[table_of[variable]]:
            where = place(path_of("ratings"), row, record["unit"], "unit")
            allowed = f"an id of {path_of(table_of[variable])}, whose units have {variable}"
            yield Problem(where, "is not a unit of this table", record["unit"], allowed)
        if record["value"] not in scale.get(variable, ()):
            where = place(path_of("ratings"), row, record["unit"], "value")
            yield Problem(where, f"is not a value of {variable}", record["value"], scale.get(variable, ()))


def _rated(tables: Tables) -> Iterator[Problem]:
    """The first coder rates every unit on every variable of its table."""
    first = next(iter(tables["coders"]["id"]), None)
    if first is None:
        yield Problem(path_of("coders"), "lists no coder")
        return
    ratings = tables["ratings"]
    given = set(map(tuple, ratings.loc[ratings["coder"] == first, ["unit", "variable"]].to_numpy()))
    for record in records(tables["variables"]):
        for row, unit in rows(tables[record["table"]]) if _has_units(tables, record["table"]) else ():
            if (unit["id"], record["variable"]) not in given:
                where = place(path_of(record["table"]), row, unit["id"])
                yield Problem(
                    where, f"{first} gives no rating of {record['variable']}", allowed="a row of account/ratings.csv"
                )


def _reconciled(tables: Tables) -> Iterator[Problem]:
    """A third judgement is of a rating on which coders differ, and a value of the variable's scale."""
    given, scale = tables["ratings"], tables["scale"].groupby("variable")["value"].agg(tuple).to_dict()
    differ = given.groupby(["unit", "variable"])["value"].nunique() > 1
    disputed = set(differ[differ].index)
    for row, record in rows(tables["reconciliation"]):
        unit, variable, value = record["unit"], record["variable"], record["value"]
        if (unit, variable) not in disputed:
            where = place(path_of("reconciliation"), row, unit)
            yield Problem(where, f"coders do not differ on {variable} of this unit", allowed="a disputed rating")
        elif value not in scale.get(variable, ()):
            where = place(path_of("reconciliation"), row, unit, "value")
            yield Problem(where, f"is not a value of {variable}", value, scale.get(variable, ()))


def _acyclic(tables: Tables) -> Iterator[Problem]:
    graph = {record["id"]: split_ids(record["supports"]) for _, record in rows(tables["claims"])}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield Problem(path_of("claims"), "support runs in a circle", " → ".join(error.args[1]))


def _votes(tables: Tables) -> Iterator[Problem]:
    for (norm, _), frame in tables["votes"].groupby(["norm", "body"]):
        if frame["quota"].nunique() > 1:
            yield Problem(
                path_of("votes"), f"body of {norm} has more than one quota", ", ".join(frame["quota"].unique())
            )


_POINTERS = (
    ("after_2019/facts.csv", "facts", "id", "acts", "acts"),
    ("after_2019/norm_tests.csv", "norm_tests", "fact", "norms", "norms"),
    ("argument/chapters.csv", "chapters", "id", "claims", "claims"),
    ("argument/chapters.csv", "chapters", "id", "errata", "errata"),
)


def _pointers(tables: Tables) -> Iterator[Problem]:
    """Facts after the article show known kinds of act and test known norms; chapters name known claims and errata."""
    for path, name, key, column, target in _POINTERS:
        known = tuple(tables[target]["id"])
        for row, record in rows(tables[name]):
            for found in split_ids(record[column]):
                if found not in known:
                    yield Problem(place(path, row, record[key], column), "is not known", found, known)

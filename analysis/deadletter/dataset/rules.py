"""What a table's schema cannot say: references in lists, ratings, contradicting dates, legal status, circular support.

Every check gets all tables that the package knows, by name, their cells strings.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from graphlib import CycleError, TopologicalSorter

import pandas as pd

from deadletter.dataset.problems import Problem, place
from deadletter.dataset.standard_tables import path_of
from deadletter.frames import records, split_ids

Tables = Mapping[str, pd.DataFrame]
_EVIDENCE = (
    *("figures", "events", "memberships", "norms", "plans", "expectations", "outlook", "functions", "roles", "lineage"),
)
# columns whose cells list rows of other tables, and the tables that may be meant
_LISTS = {
    ("events", "norm"): ("norms",),
    ("claims", "supports"): ("claims",),
    ("summary", "claims"): ("claims",),
    ("outlook", "evidence"): _EVIDENCE,
    ("functions", "evidence"): _EVIDENCE,
    ("claims", "evidence"): _EVIDENCE,
}
_POINTERS = (
    ("facts", "acts", "acts"),
    ("norm_tests", "norms", "norms"),
    ("chapters", "claims", "claims"),
    ("chapters", "errata", "errata"),
)
_ACTORS = (
    ("events", "actors", "is not an actor of account/states.csv"),
    ("events", "agent", "is not an actor of account/states.csv"),
    ("instruments", "parties", "is not a state of account/states.csv"),
)
# short enough for a folder everywhere, and none that Windows keeps for a device
_FOLDER = re.compile(r"(?i)(?!(con|prn|aux|nul|(com|lpt)[0-9])$)[a-z0-9-]{1,64}")
_SPANS = (
    ("date", "date_end"),
    ("start", "end"),
    ("from", "to"),
    ("valid_from", "valid_to"),
    ("announced", "carried_out_date"),
)
_COMPONENTS = ("principle", "norm", "rule", "procedure")
# columns that name a row, where a table has one
_NAMES = ("id", "record", "fact", "iso3")


def check_rules(tables: Tables) -> list[Problem]:
    """Every breach of the rules that hold across rows and tables of the account."""
    checks = (
        *(_unique_ids, _lists, _spans, _scored, _rated_tables, _ratings, _rated, _reconciled, _acyclic, _votes),
        legal_problems,
    )
    return [problem for check in checks for problem in check(tables)]


def legal_problems(tables: Tables) -> Iterator[Problem]:
    """Every breach of the rules on actors, instruments, their norms, links and reference organisations."""
    for check in (_actors, _instruments, _norms, _links, _reference):
        yield from check(tables)


def bad_cells(
    tables: Tables, table: str, column: str, bad: pd.Series, problem: str, allowed: tuple[str, ...] | str | None = None
) -> Iterator[Problem]:
    """A problem for each row of a table where ``bad`` holds, at the cell of a column."""
    for row in tables[table].index[bad.to_numpy(dtype=bool)]:
        yield _bad_cell(tables, table, row, column, problem, allowed)


def _bad_cell(
    tables: Tables, table: str, row: int, column: str, problem: str, allowed: tuple[str, ...] | str | None = None
) -> Problem:
    return Problem(cell(tables, table, row, column), problem, tables[table].at[row, column], allowed)


def cell(tables: Tables, table: str, row: int, column: str | None = None) -> str:
    """The place of a cell, or of a whole row; ``row`` is the position in the frame."""
    frame = tables[table]
    name = next((name for name in _NAMES if name in frame), None)
    return place(path_of(table), row + 2, frame.at[row, name] if name else None, column)


def _unlisted(
    tables: Tables, table: str, column: str, known: Collection[str], problem: str, allowed: str | tuple[str, ...]
) -> Iterator[Problem]:
    """A problem for each entry of a column of lists that is not known."""
    for row, text in enumerate(tables[table][column]):
        for found in split_ids(text):
            if found not in known:
                yield Problem(cell(tables, table, row, column), problem, found, allowed)


def _rows(tables: Tables, table: str) -> Iterator[tuple[int, dict[str, str]]]:
    yield from enumerate(records(tables[table]))


def _unique_ids(tables: Tables) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name, frame in tables.items():
        for row, identifier in enumerate(frame["id"]) if "id" in frame and "anchor" in frame else ():
            first = seen.setdefault(identifier, name)
            if first != name:
                yield Problem(cell(tables, name, row, "id"), f"is also an id in {path_of(first)}")


def _lists(tables: Tables) -> Iterator[Problem]:
    """Cells that list rows of other tables name those that there are."""
    for (table, column), targets in _LISTS.items():
        ids = {identifier for target in targets for identifier in tables[target]["id"]}
        allowed = "an id of " + ", ".join(map(path_of, targets))
        yield from _unlisted(tables, table, column, ids, "refers to a row that is not there", allowed)
    for table, column, target in _POINTERS:
        known = tuple(tables[target]["id"])
        yield from _unlisted(tables, table, column, known, "is not known", known)


def _spans(tables: Tables) -> Iterator[Problem]:
    for name, frame in tables.items():
        for first, last in _SPANS:
            if {first, last} <= set(frame.columns):
                for row, (start, end) in enumerate(zip(frame[first], frame[last], strict=True)):
                    if end and not start and first != "announced":  # many plans are undated, not their execution
                        yield _bad_cell(tables, name, row, last, f"is given without {first}")
                    elif start and end and end < start[: len(end)]:
                        yield _bad_cell(tables, name, row, last, f"is earlier than {first}", f"{start} or later")


def _scored(tables: Tables) -> Iterator[Problem]:
    """Only regimes of a lineage have rows that enter an index; every focal regime has a lineage and names a folder."""
    if "yes" not in set(tables["regimes"]["focal"]):
        yield Problem(path_of("regimes"), "has no focal regime", None, "yes in the column focal of at least one")
    lineages, members = (set(tables["lineage"][column]) for column in ("focal", "regime"))
    for row, record in _rows(tables, "regimes"):
        where, regime = cell(tables, "regimes", row), record["id"]
        if not _FOLDER.fullmatch(regime):
            yield Problem(where, "cannot name a folder on every system", regime, "up to 64 letters and digits")
        if record["focal"] == "yes" and regime not in lineages:
            yield Problem(where, "is focal but has no lineage", regime, "a row of account/lineage.csv")
        if record["scored"] == "yes" and regime not in members:
            yield Problem(where, "is scored but belongs to no lineage", regime, "a row of account/lineage.csv")


def _has_units(tables: Tables, name: str) -> bool:
    return name in tables and "id" in tables[name]


def _rated_tables(tables: Tables) -> Iterator[Problem]:
    """Each variable belongs to a table whose rows have ids."""
    for row, record in _rows(tables, "variables"):
        if not _has_units(tables, record["table"]):
            where = place(path_of("variables"), row + 2, record["variable"], "table")
            allowed = tuple(name for name in tables if _has_units(tables, name))
            yield Problem(where, "is not a table with units", record["table"], allowed)


def scales(tables: Tables) -> dict[str, tuple[str, ...]]:
    """The points of each rated variable, in the order of the codebook."""
    points = tables["scale"].groupby("variable", sort=False)["value"].agg(tuple)
    return {str(variable): values for variable, values in points.items()}


def _ratings(tables: Tables) -> Iterator[Problem]:
    """Each rating is of a unit of the variable's table, with a value of the variable's scale."""
    table_of = dict(zip(tables["variables"]["variable"], tables["variables"]["table"], strict=True))
    units = {table: set(tables[table]["id"]) for table in set(table_of.values()) if _has_units(tables, table)}
    scale = scales(tables)
    for row, record in _rows(tables, "ratings"):
        variable = record["variable"]
        table = table_of.get(variable, "")
        if table not in units:
            continue  # reported by the foreign key, or for the variable
        if record["unit"] not in units[table]:
            where = place(path_of("ratings"), row + 2, record["unit"], "unit")
            allowed = f"an id of {path_of(table)}, whose units have {variable}"
            yield Problem(where, "is not a unit of this table", record["unit"], allowed)
        if record["value"] not in scale.get(variable, ()):
            where = place(path_of("ratings"), row + 2, record["unit"], "value")
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
        table, variable = record["table"], record["variable"]
        for row, unit in enumerate(tables[table]["id"]) if _has_units(tables, table) else ():
            if (unit, variable) not in given:
                problem = f"{first} gives no rating of {variable}"
                yield Problem(cell(tables, table, row), problem, allowed="a row of account/ratings.csv")


def _reconciled(tables: Tables) -> Iterator[Problem]:
    """A third judgement is of a rating on which coders differ, and a value of the variable's scale."""
    differ = tables["ratings"].groupby(["unit", "variable"])["value"].nunique() > 1
    disputed, scale = set(differ[differ].index), scales(tables)
    for row, record in _rows(tables, "reconciliation"):
        unit, variable, value = record["unit"], record["variable"], record["value"]
        if (unit, variable) not in disputed:
            where = place(path_of("reconciliation"), row + 2, unit)
            yield Problem(where, f"coders do not differ on {variable} of this unit", allowed="a disputed rating")
        elif value not in scale.get(variable, ()):
            where = place(path_of("reconciliation"), row + 2, unit, "value")
            yield Problem(where, f"is not a value of {variable}", value, scale.get(variable, ()))


def _acyclic(tables: Tables) -> Iterator[Problem]:
    graph = {record["id"]: split_ids(record["supports"]) for record in records(tables["claims"])}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield Problem(path_of("claims"), "support runs in a circle", " → ".join(error.args[1]))


def _votes(tables: Tables) -> Iterator[Problem]:
    for (norm, _), frame in tables["votes"].groupby(["norm", "body"]):
        if frame["quota"].nunique() > 1:
            found = ", ".join(frame["quota"].unique())
            yield Problem(path_of("votes"), f"body of {norm} has more than one quota", found)
    votes = tables["votes"].groupby(["regime", "state"])["votes"].agg(list).to_dict()
    for row, record in _rows(tables, "figures"):
        # a state may have other votes in other bodies
        given = votes.get((record["regime"], record["subject"]), [])
        if record["unit"] == "votes" and given and float(record["value"]) not in map(float, given):
            problem = f"is not among the votes of {path_of('votes')}"
            yield _bad_cell(tables, "figures", row, "value", problem, tuple(given))


def _actors(tables: Tables) -> Iterator[Problem]:
    states = tuple(tables["states"]["iso3"])
    for table, column, problem in _ACTORS:
        yield from _unlisted(tables, table, column, states, problem, states)


def _instruments(tables: Tables) -> Iterator[Problem]:
    for row, record in _rows(tables, "instruments"):
        signed, force, end = record["signed"], record["in_force_from"], record["in_force_to"]
        bad = partial(_bad_cell, tables, "instruments", row)
        if signed and force and force < signed[: len(force)]:
            yield bad("in_force_from", "is earlier than the signature", f"{signed} or later")
        if force and end and end < force[: len(end)]:
            yield bad("in_force_to", "is earlier than the entry into force", f"{force} or later")
        n, of = record["ratified_n"], record["ratified_of"]
        if n and of and float(n) > float(of):
            yield bad("ratified_n", "counts more ratifications than there can be", f"at most {of}")


def _norms(tables: Tables) -> Iterator[Problem]:
    parties = {r["id"]: set(split_ids(r["parties"])) for r in records(tables["instruments"])}
    members = tables["memberships"].groupby("regime")["state"].agg(set).to_dict()
    for row, record in _rows(tables, "norms"):
        signed, own = parties.get(record["instrument"], set()), members.get(record["regime"], set())
        if signed and own and not signed & own:
            problem, allowed = f"was signed by no member of {record['regime']}", ", ".join(sorted(own))
            yield _bad_cell(tables, "norms", row, "instrument", problem, f"an instrument of {allowed}")


def _links(tables: Tables) -> Iterator[Problem]:
    kind_of = dict(zip(tables["norms"]["id"], tables["norms"]["krasner"], strict=True))
    for row, record in _rows(tables, "links"):
        for column, kinds in (("norm", ("principle", "norm")), ("operative", (record["kind"],))):
            found = kind_of.get(record[column], kinds[0])  # an unknown norm is the foreign key's to report
            if found not in kinds:
                yield Problem(cell(tables, "links", row, column), f"{record[column]} is a {found}", found, kinds)


def _reference(tables: Tables) -> Iterator[Problem]:
    for organisation, rows in tables["reference"].groupby("organisation", sort=False):
        where = f"{path_of('reference')} row {int(rows.index[0]) + 2} ({organisation}) column"
        if sorted(rows["component"]) != sorted(_COMPONENTS):
            found = ", ".join(rows["component"])
            yield Problem(f"{where} component", "must have each component once", found, _COMPONENTS)
        for column in ("group", "wide", "as_of"):
            if rows[column].nunique() > 1:
                found = ", ".join(rows[column].unique())
                yield Problem(f"{where} {column}", "differs between rows of one organisation", found)

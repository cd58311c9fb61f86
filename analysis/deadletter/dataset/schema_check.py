"""Check tables against their schemas in data/datapackage.json: types, constraints, keys and references.

One checker for every load, as the Table Schema specification (Frictionless Data, version 1) defines the words that our
descriptor uses; `deadletter check` also asks Frictionless itself.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from deadletter.dataset.problems import Problem, place
from deadletter.patterns import words_of

DESCRIPTOR = "data/datapackage.json"
_NUMBERS = {
    "number": re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"),
    "integer": re.compile(r"[+-]?[0-9]{1,15}"),
}
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
Allowed = tuple[str, ...] | str | None
# what is wrong with a cell, and what is allowed; None: nothing
Fault = tuple[str, Allowed] | None


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    return text


class _Described(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class Constraints(_Described):
    """Those that the checker knows; one more in the descriptor is refused, since nobody would check it."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    required: bool = False
    unique: bool = False
    pattern: Annotated[str, AfterValidator(_expression)] | None = None
    enum: list[str] | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None


class Column(_Described):
    """A field of a schema."""

    name: str
    type: Literal["string", "integer", "number", "boolean", "yearmonth", "object"]
    constraints: Constraints = Constraints()
    trues: list[str] = Field(["true", "True", "TRUE", "1"], alias="trueValues")
    falses: list[str] = Field(["false", "False", "FALSE", "0"], alias="falseValues")


Names = Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]


class Reference(_Described):
    resource: str
    fields: Names


class ForeignKey(_Described):
    fields: Names
    reference: Reference


class Schema(_Described):
    fields: list[Column]
    primary: Names = Field([], alias="primaryKey")
    foreign: list[ForeignKey] = Field([], alias="foreignKeys")
    missing: list[Literal[""]] = Field([""], alias="missingValues", min_length=1)


class Table(_Described):
    """A resource of the data package, as far as its rows are concerned."""

    name: str
    path: str
    table_schema: Schema = Field(alias="schema")


def validate(package: Mapping[str, Any], strings: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """Every problem of the tables by their schemas, in the order of tables, rows and columns; each cell's first alone.

    strings: the tables as read from their files, every cell a string.
    """
    try:
        tables = [Table.model_validate(resource) for resource in package["resources"]]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = f"{DESCRIPTOR} {' '.join(str(part) for part in first['loc'])}"
        return [Problem(where, first["msg"][0].lower() + first["msg"][1:], first["input"])]
    if wrong := list(_at_odds(tables)):
        return wrong
    problems: list[Problem] = []
    paths = {table.name: table.path for table in tables}
    for table in tables:
        found = [*_of_cells(table, strings[table.name]), *_of_keys(table, strings[table.name], strings, paths)]
        found.sort(key=lambda item: item[:2])
        problems += {problem.where: problem for _, _, problem in reversed(found)}.values().__reversed__()
    return problems


# row of the file, position of the column, and what is wrong there
Found = tuple[int, int, Problem]


def _at_odds(tables: Sequence[Table]) -> Iterator[Problem]:
    """What the descriptor says of tables or columns that it does not have, or twice."""
    columns = {table.name: [column.name for column in table.table_schema.fields] for table in tables}
    if len(columns) < len(tables):
        yield Problem(DESCRIPTOR, "describes two tables of the same name")
    for table in tables:
        own, where = columns[table.name], f"{DESCRIPTOR} table {table.name}"
        if len(set(own)) < len(own):
            yield Problem(where, "describes two columns of the same name")
        keys = [(table.name, table.table_schema.primary), *((table.name, k.fields) for k in table.table_schema.foreign)]
        for key in table.table_schema.foreign:
            keys.append((key.reference.resource or table.name, key.reference.fields))
            if len(key.fields) != len(key.reference.fields):
                yield Problem(where, "refers to more or fewer columns than it has", ", ".join(key.fields))
        for target, names in keys:
            if target not in columns:
                yield Problem(where, "refers to no table", target, tuple(columns))
            for name in names if target in columns else ():
                if name not in columns[target]:
                    yield Problem(where, f"names no column of {target}", name, tuple(columns[target]))


def _of_cells(table: Table, frame: pd.DataFrame) -> Iterator[Found]:
    for position, column in enumerate(table.table_schema.fields):
        cells = frame[column.name]
        fault = _fault(column)
        # most columns hold few values, many times each
        faults = {cell: wrong for cell in cells.unique() if (wrong := fault(cell)) is not None}
        for row, cell in enumerate(cells if faults else (), start=2):
            if cell in faults:
                problem, allowed = faults[cell]
                found = Problem(_place(table, frame, row, column.name), problem, cell or None, allowed)
                yield row, position, found
        if column.constraints.unique:
            for number in cells.index[cells.duplicated() & (cells != "")]:
                where = _place(table, frame, number + 2, column.name)
                yield number + 2, position, Problem(where, "occurs twice", cells[number])


def _of_keys(
    table: Table, frame: pd.DataFrame, strings: Mapping[str, pd.DataFrame], paths: Mapping[str, str]
) -> Iterator[Found]:
    end, primary = len(table.table_schema.fields), table.table_schema.primary
    if primary:
        for number in frame.index[frame.duplicated(primary)]:
            found = ", ".join(frame.loc[number, primary])
            problem = f"has the key ({', '.join(primary)}) of a row above it"
            yield number + 2, end, Problem(_place(table, frame, number + 2), problem, found)
    for key in table.table_schema.foreign:
        target = key.reference.resource or table.name
        allowed = f"those of {paths[target]}, which has none" if strings[target].empty else None
        known = set(strings[target][key.reference.fields].itertuples(index=False, name=None))
        for row, cells in enumerate(frame[key.fields].itertuples(index=False, name=None), start=2):
            if any(cells) and cells not in known:
                where = _place(table, frame, row, ", ".join(key.fields))
                yield row, end, Problem(where, f"refers to no row of {target}", ", ".join(cells), allowed)


def _place(table: Table, frame: pd.DataFrame, row: int, column: str | None = None) -> str:
    return place(table.path, row, frame["id"].iloc[row - 2] if "id" in frame else None, column)


def _fault(column: Column) -> Callable[[str], Fault]:
    """What is wrong with a cell of a column."""
    limits, kind = column.constraints, column.type
    chosen = None if limits.enum is None else frozenset(limits.enum)
    allowed = limits.pattern or ""
    pattern = re.compile(allowed) if allowed else None

    def fault(cell: str) -> Fault:
        if not cell:
            return ("is empty", None) if limits.required else None
        if not _is(cell, column):
            return f"is not {'an' if kind[0] in 'aeiou' else 'a'} {kind}", None
        if chosen is not None and cell not in chosen:
            return "is not allowed", tuple(limits.enum or ())
        if pattern is not None and not pattern.fullmatch(cell):
            return "is not allowed", words_of(allowed)
        if kind in _NUMBERS:
            if limits.minimum is not None and float(cell) < limits.minimum:
                return "is not allowed", f"at least {limits.minimum}"
            if limits.maximum is not None and float(cell) > limits.maximum:
                return "is not allowed", f"at most {limits.maximum}"
        return None

    return fault


def _is(cell: str, column: Column) -> bool:
    """Whether a cell spells a value of the column's type."""
    if column.type in _NUMBERS:
        return _NUMBERS[column.type].fullmatch(cell) is not None and _held(cell)
    if column.type == "yearmonth":
        return _MONTH.fullmatch(cell) is not None
    if column.type == "boolean":
        return cell in column.trues or cell in column.falses
    if column.type == "object":
        try:
            return isinstance(json.loads(cell), dict)
        except (ValueError, RecursionError):
            return False
    return True


def _held(cell: str) -> bool:
    """Whether a float holds the number: it neither overflows nor vanishes."""
    digits = re.split("[eE]", cell)[0]
    return math.isfinite(float(cell)) and (float(cell) != 0 or not re.search("[1-9]", digits))


def by_the_standard(package: Mapping[str, Any], strings: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """The problems that Frictionless finds in tables and descriptor, in its own words.

    It gets the cells as they were read, not the files, in which it would guess at quotes and delimiters once more.
    """
    from frictionless import FrictionlessException, Package, system

    tables = [
        {"name": resource["name"], "schema": resource["schema"], "data": [list(frame.columns), *frame.values.tolist()]}
        for resource in package["resources"]
        for frame in [strings[resource["name"]]]
    ]
    try:
        with system.use_context(trusted=False):
            report = Package.from_descriptor({"name": package["name"], "resources": tables}).validate()
    except (FrictionlessException, KeyError, TypeError, AttributeError) as error:  # what its own checks let through
        return [Problem(DESCRIPTOR, "is not a data package", " ".join(str(error).split()))]
    paths = {resource["name"]: resource["path"] for resource in package["resources"]}
    problems = [Problem(DESCRIPTOR, error.message) for error in report.errors]
    for task in report.tasks:
        problems += [Problem(paths[task.name], f"Frictionless says: {error.message}") for error in task.errors]
    return problems

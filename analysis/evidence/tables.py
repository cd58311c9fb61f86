"""Read every table that data/datapackage.json describes, and check it against its description."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.evidence.problems import Problem, place

Resource = Mapping[str, Any]


def read_descriptor(path: Path) -> dict[str, Any]:
    """The data package's descriptor.

    Raises
    ------
    InputError: the file is missing, is no JSON, or lists no resources.
    """
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError("cannot read the data package", where=f"data/{path.name}", found=error) from None
    if not isinstance(package, dict) or not isinstance(package.get("resources"), list):
        raise InputError("is no data package", where=f"data/{path.name}", allowed="an object with a list of resources")
    return package


def data_digest(folder: Path, package: Mapping[str, Any]) -> str:
    """One hash over the descriptor's resources and the bytes of their files."""
    digest = hashlib.sha256()
    for resource in package["resources"]:
        file = folder / resource["path"]
        digest.update(json.dumps(resource, sort_keys=True).encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest() if file.is_file() else b"missing")
    return digest.hexdigest()


def table_hashes(folder: Path, package: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """For each table its path, and a hash of what decides its typed frame: bytes, names and types of columns."""
    hashes = {}
    for resource in package["resources"]:
        file = folder / resource["path"]
        fields = [(field["name"], field["type"]) for field in resource["schema"]["fields"]]
        digest = hashlib.sha256(json.dumps(fields).encode())
        digest.update(file.read_bytes() if file.is_file() else b"missing")
        hashes[resource["name"]] = (resource["path"], digest.hexdigest())
    return hashes


def read_strings(folder: Path, resource: Resource) -> pd.DataFrame:
    """A table as it stands in its file: every cell a string, empty cells empty strings.

    Raises
    ------
    InputError: the file is missing, is not UTF-8 or no CSV, or its columns are not those described.
    """
    path = resource["path"]
    try:
        raw = (folder / path).read_bytes()
    except OSError:
        raise InputError("file is missing", where=path, allowed="the file named in data/datapackage.json") from None
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError("is not UTF-8", where=f"{path} row {line}", found=raw[error.start : error.end]) from None
    if raw.startswith(b"\xef\xbb\xbf"):
        raise InputError("starts with a byte-order mark", where=path, allowed="UTF-8 without a byte-order mark")
    if b"\r" in raw or b"\0" in raw:
        line = raw[: min(i for i in (raw.find(b"\r"), raw.find(b"\0")) if i >= 0)].count(b"\n") + 1
        raise InputError(
            "holds a carriage return or a NUL byte", where=f"{path} row {line}", allowed="lines that end in LF"
        )
    head, rows = _split(raw.decode("utf-8"), path)
    _check_columns(path, head, [field["name"] for field in resource["schema"]["fields"]])
    return pd.DataFrame(rows, columns=head, dtype=str)


def _split(text: str, path: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a CSV text, every row as long as the header."""
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InputError("cannot be read as CSV", where=path, found=error) from None
    if not lines:
        raise InputError("is empty", where=path, allowed="a header and rows")
    head = lines[0]
    for number, cells in enumerate(lines[1:], start=2):
        if len(cells) != len(head):
            found = f"{len(cells)} cells"
            raise InputError(
                "has the wrong number of cells", where=f"{path} row {number}", found=found, allowed=f"{len(head)}"
            )
    return head, lines[1:]


def _check_columns(path: str, found: Sequence[str], expected: Sequence[str]) -> None:
    missing = [name for name in expected if name not in found]
    unknown = [name for name in found if name not in expected]
    if unknown:
        raise InputError("unknown column", where=path, found=unknown[0], allowed=expected)
    if missing:
        raise InputError(
            f"column {missing[0]} is missing", where=path, found=", ".join(found), allowed=", ".join(expected)
        )
    if list(found) != list(expected):
        raise InputError("columns are out of order", where=path, found=", ".join(found), allowed=", ".join(expected))


def typed(frame: pd.DataFrame, resource: Resource) -> pd.DataFrame:
    """Numbers as numbers (empty: missing); everything else stays a string."""
    columns = {}
    for field in resource["schema"]["fields"]:
        if field["type"] in ("number", "integer"):
            numbers = pd.to_numeric(frame[field["name"]].replace("", np.nan))
            whole = field["type"] == "integer" and not numbers.isna().any()
            columns[field["name"]] = numbers.astype("int64" if whole else "float64")
    return frame.assign(**columns)


def validate(folder: Path, package: Mapping[str, Any]) -> list[Problem]:
    """Check every table against its schema with Frictionless: types, categories, keys and references."""
    from frictionless import Package, system

    with system.use_context(trusted=False):
        # a user may change rows and run: that the recorded hash is stale is for `check` to tell
        resources = [
            {k: v for k, v in resource.items() if k not in ("hash", "bytes")} for resource in package["resources"]
        ]
        checked = Package.from_descriptor({"name": package["name"], "resources": resources}, basepath=str(folder))
        report = checked.validate()
    described = {resource["path"]: resource for resource in package["resources"]}
    problems = [Problem("data/datapackage.json", error.note) for error in report.errors]
    for task in report.tasks:
        problems += _unlike(list(_translate(task.errors, described[task.place])))
    return problems


def _unlike(problems: Sequence[Problem]) -> list[Problem]:
    """Each cell's first problem: a key that is no identifier would otherwise be told three times."""
    return list({problem.where: problem for problem in reversed(problems)}.values())[::-1]


def _translate(errors: Sequence[Any], resource: Resource) -> Iterator[Problem]:
    """Frictionless's errors as problems that name row, cell, what was found and what is allowed."""
    fields = {field["name"]: field for field in resource["schema"]["fields"]}
    for error in errors:
        row, column = getattr(error, "row_number", None), getattr(error, "field_name", None)
        cells = dict(zip(fields, getattr(error, "cells", []), strict=False))
        key = cells.get("id")
        if row is None:
            yield Problem(resource["path"], error.note or error.title)
        elif error.type == "foreign-key":
            found = re.search(r'for "(.+?)": values "(.*?)" not found in the lookup table "(.*?)"', error.note)
            name, value, target = found.groups() if found else ("", error.note, "")
            yield Problem(
                place(resource["path"], row, key, name), f"refers to no row of {target or 'the table'}", value
            )
        elif column in fields:
            where = place(resource["path"], row, key, column)
            yield Problem(where, _told(error, fields[column]), error.cell, _allowed(error, fields[column]))
        else:
            yield Problem(place(resource["path"], row, key), error.note or error.title)


def _told(error: Any, field: Mapping[str, Any]) -> str:
    if error.type == "type-error":
        return f"is no {field['type']}"
    if error.type == "unique-error":
        return "occurs twice"
    if 'constraint "required"' in error.note:
        return "is empty"
    return "is not allowed"


def _allowed(error: Any, field: Mapping[str, Any]) -> tuple[str, ...] | str | None:
    constraints = field.get("constraints", {})
    if 'constraint "enum"' in error.note:
        return tuple(str(value) for value in constraints["enum"])
    if 'constraint "pattern"' in error.note:
        return f"what matches {constraints['pattern']}"
    if 'constraint "minimum"' in error.note:
        return f"at least {constraints['minimum']}"
    return None

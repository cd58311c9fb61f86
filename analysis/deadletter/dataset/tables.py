"""Read every table that data/datapackage.json describes, every cell a string, then typed."""

import codecs
import csv
import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deadletter.dataset.problems import place
from deadletter.errors import InputError, nearest

Resource = Mapping[str, Any]
# a longer cell is a quote that was never closed, or worse
LONGEST_CELL = 10_000
# columns by the names that they had in the first edition
FORMER = {"line": "lineage"}
_PATH = re.compile(r"([a-z0-9_]+/)*[a-z0-9_]+\.csv")
# what a spreadsheet would compute; signs before a number, and a sign that stands alone, are text
_FORMULA = re.compile(r"=.|@|[+-](?!\.?[0-9][^(|!]*$)", re.DOTALL)


def read_descriptor(path: Path) -> dict[str, Any]:
    """The data package's descriptor.

    Raises InputError: the file is missing, is not JSON, or lists no resources.
    """
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise InputError("cannot read the data package", where=f"data/{path.name}", found=error) from None
    if not isinstance(package, dict) or not isinstance(package.get("resources"), list):
        raise InputError(
            "is not a data package", where=f"data/{path.name}", allowed="an object with a list of resources"
        )
    for number, resource in enumerate(package["resources"], start=1):
        if not _described(resource):
            where = f"data/{path.name} resource {number}"
            raise InputError(
                "is not a table",
                where=where,
                allowed="name, path within data/, and a schema with fields, each foreign key with its reference",
            )
    return package


def _described(resource: Any) -> bool:
    """Whether a resource says all that reading it takes, and stays within the folder of the descriptor."""
    try:
        fields = resource["schema"]["fields"]
        texts = [resource["name"], *(field[key] for field in fields for key in ("name", "type"))]
        texts += [key["reference"]["resource"] for key in resource["schema"].get("foreignKeys", [])]
        inside = _PATH.fullmatch(resource["path"]) is not None
    except (TypeError, KeyError, IndexError):
        return False
    return bool(fields) and inside and all(isinstance(text, str) for text in texts)


_REMEDY = (
    "copy what is missing from a folder of `deadletter new DIR --empty`; `deadletter data describe` leaves out tables "
    "that the study does not need"
)


def read_files(folder: Path, package: Mapping[str, Any]) -> dict[str, bytes]:
    """The bytes of every table by its name, read once: what is hashed is what is checked.

    What spreadsheets write is read as if it were not: a byte-order mark, CRLF, a first line such as ``sep=;``, tabs or
    semicolons between cells (then also decimal commas), blank columns at the right and blank rows at the end.

    Raises InputError: files are missing, all of which are named; points may stand between thousands.
    """
    missing = [one["path"] for one in package["resources"] if not (folder / one["path"]).is_file()]
    if len(missing) > 1:
        raise InputError(
            f"{len(missing)} files are missing: {', '.join(missing)}", where="data/datapackage.json", allowed=_REMEDY
        )
    return {resource["name"]: read_file(folder, resource) for resource in package["resources"]}


def read_file(folder: Path, resource: Resource) -> bytes:
    """As :func:`read_files`, for one table."""
    try:
        raw = (folder / resource["path"]).read_bytes()
    except OSError:
        raise InputError("file is missing", where=resource["path"], allowed=_REMEDY) from None
    raw = raw.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n")
    return _as_csv(raw, resource["schema"]["fields"], resource["path"])


def refuse_thousands(figures: Iterable[str], where: str, *, alone: bool = True) -> None:
    """InputError where 1.000 may be a thousand: others have decimals after a comma, or all points are followed by three
    digits, unless that ``alone`` says too little."""
    cells = [figure.strip() for figure in figures]
    grouped = [cell for cell in cells if re.fullmatch(r"-?[1-9]\d{0,2}(\.\d{3})+", cell)]
    every = alone and len(grouped) == sum("." in cell for cell in cells)
    if grouped and (every or any("," in cell for cell in cells)):
        allowed = "a comma before decimals, and no marks of thousands"
        raise InputError("points may stand between thousands", where=where, found=grouped[0], allowed=allowed)


def _as_csv(raw: bytes, fields: Sequence[Mapping[str, str]], path: str) -> bytes:
    """A table that a spreadsheet saved in its own way, as a CSV; else as it is."""
    raw = re.sub(rb'\A"?sep=."?\n', b"", raw)
    head = raw.partition(b"\n")[0]
    mark = next((mark for mark in (";", "\t") if mark.encode() in head and b"," not in head), ",")
    if mark == "," and not head.endswith(b",") and not re.search(rb"\n,*\n\Z", raw):
        return raw
    try:
        lines = raw.decode("utf-8").removesuffix("\n").split("\n")
        rows = [next(csv.reader([line], delimiter=mark, strict=True), []) for line in lines]
    except (UnicodeDecodeError, csv.Error):
        return raw  # refused where it is read
    while len(rows) > 1 and not any(rows[-1]):
        rows.pop()
    names = ",".join(rows[0]).rstrip(",").split(",")
    figures = {field["name"] for field in fields if mark != "," and field["type"] in ("number", "integer")}
    for at in (at for at, name in enumerate(names) if name in figures):
        where = f"{path} column {names[at]}"
        refuse_thousands((cells[at] for cells in rows if len(cells) > at), where, alone=mark == ";")
    for cells in rows:
        while len(cells) > len(names) and not cells[-1]:
            cells.pop()
        for at in (at for at, name in enumerate(names[: len(cells)]) if name in figures):
            cells[at] = re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", cells[at])
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().removesuffix("" if raw.endswith(b"\n") else "\n").encode()


def data_digest(package: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    """One hash over the descriptor's resources and the bytes of their files."""
    digest = hashlib.sha256()
    for resource in package["resources"]:
        digest.update(json.dumps(resource, sort_keys=True).encode())
        digest.update(hashlib.sha256(files[resource["name"]]).digest())
    return digest.hexdigest()


def table_hashes(package: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, tuple[str, str]]:
    """For each table its path, and a hash of what decides its typed frame: bytes, names and types of columns."""
    hashes = {}
    for resource in package["resources"]:
        fields = [(field["name"], field["type"]) for field in resource["schema"]["fields"]]
        digest = hashlib.sha256(json.dumps(fields).encode())
        digest.update(files[resource["name"]])
        hashes[resource["name"]] = (resource["path"], digest.hexdigest())
    return hashes


def read_strings(folder: Path, resource: Resource) -> pd.DataFrame:
    """A table as written in its file: every cell a string, empty cells empty strings.

    Raises InputError: the file is missing, is not UTF-8 or no CSV, or its columns are not those described.
    """
    return as_strings(read_file(folder, resource), resource)


def as_strings(raw: bytes, resource: Resource) -> pd.DataFrame:
    """As :func:`read_strings`, from the bytes of the file."""
    path = resource["path"]
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError("is not UTF-8", where=f"{path} row {line}", found=raw[error.start : error.end]) from None
    head, rows = _split(raw.decode("utf-8"), path)
    if not raw.endswith(b"\n"):
        raise InputError("does not end with a line feed: it may have been cut off", where=path)
    _check_columns(path, head, [field["name"] for field in resource["schema"]["fields"]])
    # objects of Python: tables are small, and code that goes cell by cell reads strings of Arrow slowly
    return pd.DataFrame(rows, columns=head, dtype=object)


def checked_strings(raw: bytes, resource: Resource) -> pd.DataFrame:
    """As :func:`as_strings`, from bytes that it has read before without complaint."""
    head, *rows = csv.reader(raw.decode("utf-8").removesuffix("\n").split("\n"), strict=True)
    return pd.DataFrame(rows, columns=head, dtype=object)


def _split(text: str, path: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a CSV text, every row as long as the header and one line of the file."""
    rows: list[list[str]] = []
    # each line is a row: no cell holds a line feed, so that a quote left open harms one row, not all that follow
    for number, line in enumerate(text.removesuffix("\n").split("\n") if text else (), start=1):
        where = f"{path} row {number}"
        if not line.isprintable():
            bad = next(ch for ch in line if not ch.isprintable())
            problem, meant = (
                ("holds a space that does not break, or is of another width", "plain spaces")
                if unicodedata.category(bad) == "Zs"
                else (
                    "holds a carriage return or a NUL byte, or another character that does not print",
                    "lines that end in LF, each a row",
                )
            )
            raise InputError(problem, where=where, found=f"U+{ord(bad):04X}", allowed=meant)
        try:
            cells = next(csv.reader([line], strict=True), [])
        except csv.Error as error:
            raise InputError("cannot be read as CSV", where=where, found=error) from None
        if rows and len(cells) != len(rows[0]):
            found = f"{len(cells)} cells"
            raise InputError("has the wrong number of cells", where=where, found=found, allowed=f"{len(rows[0])}")
        if rows and cells == rows[0]:
            raise InputError("repeats the header", where=where)
        for column, cell in enumerate(cells):
            if (fault := _fault(cell)) is not None:
                problem, found, allowed = fault
                where = place(path, number, column=rows[0][column] if rows else None)
                raise InputError(problem, where=where, found=found, allowed=allowed)
        rows.append(cells)
    if not rows:
        raise InputError("is empty", where=path, allowed="a header and rows")
    return rows[0], rows[1:]


def _fault(cell: str) -> tuple[str, str, str | None] | None:
    """What is wrong with a cell whatever its column holds: problem, what was found, what is allowed."""
    if len(cell) > LONGEST_CELL:
        return "cell is too long", f"{len(cell)} characters", f"at most {LONGEST_CELL}"
    if cell != cell.strip():
        return "cell begins or ends with a space", cell, None
    if _FORMULA.match(cell):
        return "cell is a formula", cell, "text and numbers"
    return None


def _check_columns(path: str, found: Sequence[str], expected: Sequence[str]) -> None:
    missing = [name for name in expected if name not in found]
    unknown = [name for name in found if name not in expected]
    for column in unknown:
        meant = FORMER.get(column) if FORMER.get(column) in missing else nearest(column, missing)
        if meant:
            raise InputError(f"rename this column to {meant}", where=path, found=column)
    # a column that the study needs may be there by another name
    if missing:
        raise InputError(
            f"column {', '.join(missing)} is missing" + (": rename the one that holds it" if unknown else ""),
            where=path,
            found=", ".join(unknown or found),
            allowed=", ".join(expected),
        )
    if unknown:
        more = "to keep it, run `deadletter data describe`"
        raise InputError(f"unknown column ({more})", where=path, found=unknown[0], allowed=expected)
    if list(found) != list(expected):
        raise InputError(
            "columns are out of order: put them back, or run `deadletter data describe`",
            where=path,
            found=", ".join(found),
            allowed=", ".join(expected),
        )


def typed(frame: pd.DataFrame, resource: Resource) -> pd.DataFrame:
    """Numbers as numbers (empty: missing); everything else stays a string."""
    columns = {}
    for field in resource["schema"]["fields"]:
        if field["type"] in ("number", "integer"):
            numbers = pd.to_numeric(frame[field["name"]].replace("", np.nan))
            whole = field["type"] == "integer" and not numbers.isna().any()
            columns[field["name"]] = numbers.astype("int64" if whole else "float64")
    return frame.assign(**columns)

"""Codings by name: one file of params/ each, which may extend another."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deadletter.coding.model import TEXT, Coding
from deadletter.coding.settings import build, whole_digest
from deadletter.coding.yaml_data import read_yaml
from deadletter.errors import InputError
from deadletter.tracing import files_unrecorded, note

KEY, COLUMNS = "ratings", ["unit", "variable", "value", "rationale"]


@dataclass(frozen=True)
class Override:
    """One cell decided otherwise: ``variable`` is a rated variable, or a column of the unit's table."""

    unit: str
    variable: str
    value: str
    rationale: str

    @property
    def text(self) -> str:
        """How a coding holds it: ``e044 compliance=violated: the consultation was not held``."""
        return f"{self.unit} {self.variable}={self.value}: {self.rationale}"


def parse(text: str) -> Override:
    """The override of a text that matches :data:`TEXT`."""
    found = re.fullmatch(TEXT, text)
    if found is None:
        raise InputError("is not an override", found=text, allowed="UNIT VARIABLE=VALUE: RATIONALE")
    return Override(*found.groups())


def with_overrides(tree: Mapping[str, Any], params: Path, where: str) -> dict[str, Any]:
    """The values of a coding with the file that they name replaced by its rows.

    Raises InputError: no such file, other columns, or a cell that is empty or cannot be held.
    """
    values = dict(tree)
    name = values.pop(KEY, None)
    if name is None:
        return values
    at = f"{where} key {KEY}"
    if not isinstance(name, str) or Path(name).name != name or not name.endswith(".csv"):
        raise InputError("is not the name of a CSV file in params/", where=at, found=name, allowed="such as mine.csv")
    try:
        text = (params / name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        known = sorted(path.name for path in params.glob("*.csv"))
        raise InputError("cannot be read", where=at, found=name, allowed=known or "a CSV file in params/") from None
    values["overrides"] = [row.text for row in _rows(text, f"params/{name}")]
    return values


def _rows(text: str, path: str) -> list[Override]:
    records = list(csv.reader(text.splitlines()))
    if not records or records[0] != COLUMNS:
        found = ",".join(records[0]) if records else "an empty file"
        raise InputError("has other columns", where=path, found=found, allowed=",".join(COLUMNS))
    rows: dict[tuple[str, str], Override] = {}
    for number, cells in enumerate(records[1:], start=2):
        where = f"{path} row {number}"
        if len(cells) != len(COLUMNS):
            raise InputError("has the wrong number of cells", where=where, found=f"{len(cells)} cells", allowed="4")
        row = Override(*(cell.strip() for cell in cells))
        for column in ("unit", "variable", "rationale"):
            if not getattr(row, column):
                raise InputError("is empty", where=f"{where} column {column}")
        if not re.fullmatch(TEXT, row.text):
            raise InputError("cannot be read", where=where, found=row.text, allowed="an id, a variable and a value")
        if (row.unit, row.variable) in rows:
            raise InputError("rates this a second time", where=where, found=f"{row.unit} {row.variable}")
        rows[row.unit, row.variable] = row
    return list(rows.values())


# short enough for a folder everywhere, and none that Windows keeps for a device
_NAME = re.compile(r"(?!(con|prn|aux|nul|(com|lpt)[0-9])$)[a-z0-9][a-z0-9_-]{0,63}")
NAMES = (
    "a name that ends in .yaml, before it 1 to 64 lower-case letters, digits, - and _, beginning with a letter or a "
    "digit; not a device of Windows"
)
# the coding that others are compared with, and the one that commands take where none is named
REFERENCE = "baseline"
# files of params/, and names of folders in results/, that are not codings
RESERVED = ("multiverse", "compare")


def coding_names(params: Path) -> list[str]:
    """Names of the codings in a folder."""
    stems = (path.stem for path in params.glob("*.yaml"))
    return sorted(stem for stem in stems if stem not in RESERVED and _NAME.fullmatch(stem))


def misnamed(params: Path) -> list[str]:
    """Names of files in a folder that look like codings and cannot be one, for their names."""
    names = (path.name for path in params.glob("[!.]*") if path.suffix.lower() in (".yaml", ".yml"))
    good = {f"{name}.yaml" for name in (*coding_names(params), *RESERVED)}
    return sorted(name for name in names if name not in good)


def load_coding(params: Path, name: str, where: str = "") -> Coding:
    """The coding of ``params/<name>.yaml``, with what it extends; ``where`` is the file and key that ask for it.

    Raises InputError: no such file, a file that is not a mapping of known keys, a cycle of `extends`, or values that
    the model refuses.
    """
    with files_unrecorded():
        coding = build(resolve(params, name, where), f"params/{name}.yaml")
    note([("coding", name, whole_digest(coding))])
    return coding


def resolve(params: Path, name: str, where: str = "") -> dict[str, Any]:
    """The nested values of a coding after `extends`, not yet validated."""
    chain = [name]
    layers = [_read(params, name, where)]
    while (parent := layers[-1].pop("extends", None)) is not None:
        where = f"params/{chain[-1]}.yaml key extends"
        if not isinstance(parent, str):
            raise InputError("is not the name of a coding", where=where, found=parent, allowed=coding_names(params))
        if parent in chain:
            raise InputError("codings extend each other in a circle", where=where, found=" → ".join([*chain, parent]))
        layers.append(_read(params, parent, where))
        chain.append(parent)
    merged: dict[str, Any] = {}
    for layer in reversed(layers):
        merged = _merge(merged, layer)
    return merged


def _read(params: Path, name: str, where: str = "") -> dict[str, Any]:
    if name not in coding_names(params):
        for file in misnamed(params):
            if name in (file, Path(file).stem):
                problem = "is not a name that a coding may have: rename the file"
                raise InputError(problem, where=where or f"params/{file}", found=file, allowed=NAMES)
        raise InputError("unknown coding", where=where, found=name, allowed=coding_names(params))
    path = params / f"{name}.yaml"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot be read", where=f"params/{name}.yaml", found=error) from None
    return with_overrides(read_yaml(text, f"params/{name}.yaml"), params, f"params/{name}.yaml")


def _merge(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Nested mappings merge key by key; anything else replaces."""
    merged = dict(base)
    for key, value in change.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merge(merged[key], value) if both else value
    return merged

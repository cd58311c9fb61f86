"""Overrides: ratings, dates or statuses that one coding decides otherwise, read from a short CSV file.

The commonest alternate coding is "I would rate these five events otherwise". A coding says ``ratings: mine.csv``, and
the file next to it holds ``unit, variable, value, rationale``. The rows become settings of the coding, so that results,
records and comparisons see each of them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deadletter.errors import InputError

KEY, COLUMNS = "ratings", ["unit", "variable", "value", "rationale"]
TEXT = r"^[a-z]+[0-9]+ [a-z_]+=[^:]*: \S.*$"
_TEXT = re.compile(r"(?P<unit>[a-z]+[0-9]+) (?P<variable>[a-z_]+)=(?P<value>[^:]*): (?P<rationale>\S.*)")


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
    found = _TEXT.fullmatch(text)
    if found is None:
        raise InputError("is not an override", found=text, allowed="UNIT VARIABLE=VALUE: RATIONALE")
    return Override(**found.groupdict())


def with_overrides(tree: Mapping[str, Any], params: Path, where: str) -> dict[str, Any]:
    """The values of a coding with the file that they name replaced by its rows.

    Raises
    ------
    InputError: no such file, other columns, or a cell that is empty or cannot be held.
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
        if not _TEXT.fullmatch(row.text):
            raise InputError("cannot be read", where=where, found=row.text, allowed="an id, a variable and a value")
        if (row.unit, row.variable) in rows:
            raise InputError("rates this a second time", where=where, found=f"{row.unit} {row.variable}")
        rows[row.unit, row.variable] = row
    return list(rows.values())

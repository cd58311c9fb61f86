"""Sheets for a further coder: blank ones to fill in, and what a filled one says once every cell is checked.

A sheet shows what a unit is and where it stands, never another coder's value or rationale.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from deadletter.dataset.article.anchors import ANCHOR_WORDS
from deadletter.dataset.problems import Problem, place, raise_first
from deadletter.errors import InputError
from deadletter.frames import records

Tables = Mapping[str, pd.DataFrame]
RATING = ["unit", "table", "section", "anchor", "label", "variable", "allowed", "value", "rationale"]
UNITS = ["table", "section", "anchor", "label"]
_SHOWN = ["table", "section", "anchor", "label"]
# a spreadsheet would run a text that begins with one of these
FORMULA = ("=", "@", "+", "-")


def rating_sheet(tables: Tables) -> pd.DataFrame:
    """A row for every unit and variable, columns :data:`RATING`, value and rationale empty."""
    allowed = tables["scale"].groupby("variable", sort=False)["value"].agg("; ".join)
    frames = []
    for record in records(tables["variables"]):
        units = tables[record["table"]][["id", "section", "anchor", "label"]].rename(columns={"id": "unit"})
        variable = record["variable"]
        frames.append(units.assign(table=record["table"], variable=variable, allowed=allowed[variable]))
    return pd.concat(frames, ignore_index=True).assign(value="", rationale="")[RATING]


def units_sheet() -> pd.DataFrame:
    """No row, columns :data:`UNITS`: for a coder who makes units of the article before seeing any list."""
    return pd.DataFrame(columns=UNITS)


def read_sheet(path: Path) -> pd.DataFrame:
    """A filled sheet as it stands, every cell a string; which sheet it is shows in its columns.

    A byte-order mark and CRLF, which spreadsheets write, are taken; rows without any cell are left out. The index is
    the line of the file.

    Raises
    ------
    InputError: it cannot be read, is not UTF-8, is no CSV, or its columns are those of neither sheet.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError("cannot read the sheet", where=str(path), found=error.strerror) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        allowed = "UTF-8 (in a spreadsheet: save as CSV UTF-8)"
        wrong = raw[error.start : error.end]
        raise InputError("is not UTF-8", where=f"{path.name} row {line}", found=wrong, allowed=allowed) from None
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise InputError("cannot be read as CSV", where=path.name, found=error) from None
    head = lines[0][1] if lines else []
    if head not in (RATING, UNITS):
        allowed = f"{', '.join(RATING)} (or {', '.join(UNITS)}), separated by commas"
        raise InputError("columns are those of no sheet", where=path.name, found=", ".join(head), allowed=allowed)
    filled = [(number, cells) for number, cells in lines[1:] if any(cells)]
    for number, cells in filled:
        if len(cells) != len(head):
            where, found = f"{path.name} row {number}", f"{len(cells)} cells"
            raise InputError("has the wrong number of cells", where=where, found=found, allowed=str(len(head)))
    numbers = [number for number, _ in filled]
    return pd.DataFrame([cells for _, cells in filled], columns=head, index=numbers, dtype=str)


def ratings_of(sheet: pd.DataFrame, name: str, coder: str, tables: Tables) -> pd.DataFrame:
    """The ratings that a filled sheet gives, in the columns of ``ratings``.

    Raises
    ------
    InputError: the first of: an unknown unit, variable or value, a row given twice, cells that are not the unit's, a
        value or rationale missing, a formula, a unit left out.
    """
    raise_first(list(_rating_problems(sheet, name, tables)), others="")
    return sheet.assign(coder=coder)[["unit", "coder", "variable", "value", "rationale"]]


def _rating_problems(sheet: pd.DataFrame, name: str, tables: Tables) -> Iterator[Problem]:
    wanted = rating_sheet(tables)
    units, variables = tuple(dict.fromkeys(wanted["unit"])), tuple(tables["variables"]["variable"])
    scale = tables["scale"].groupby("variable", sort=False)["value"].agg(tuple).to_dict()
    shown = {(row["unit"], row["variable"]): row for row in records(wanted)}
    seen: dict[tuple[str, str], int] = {}
    for row, record in zip(sheet.index, records(sheet), strict=True):
        unit, variable = key = record["unit"], record["variable"]

        def at(column: str, row: int = row, unit: str = unit) -> str:
            return place(name, row, unit, column)

        if unit not in units:
            yield Problem(at("unit"), "is no unit", unit, units)
        elif variable not in variables:
            yield Problem(at("variable"), "is no variable", variable, variables)
        elif key not in shown:
            of = tuple(v for v in variables if (unit, v) in shown)
            yield Problem(at("variable"), "is not rated on this unit", variable, of)
        elif key in seen:
            yield Problem(place(name, row, unit), f"{variable} is rated already in row {seen[key]}")
        else:
            seen[key] = row
            told = next((c for c in _SHOWN if record[c] != shown[key][c]), None)
            if told:
                problem = "is not the unit's; was one column sorted without the others"
                yield Problem(at(told), problem, record[told], shown[key][told])
            elif not record["value"]:
                yield Problem(at("value"), "is empty", allowed=scale[variable])
            elif record["value"] not in scale[variable]:
                yield Problem(at("value"), f"is no value of {variable}", record["value"], scale[variable])
            else:
                yield from _text_problems(record, ("rationale",), at)
    left = [key for key in shown if key not in seen]
    if left:
        unit, variable = left[0]
        yield Problem(name, f"gives no rating of {len(left)} of {len(shown)} rows, first", f"{unit} on {variable}")


def units_of(sheet: pd.DataFrame, name: str, coder: str, tables: Tables, kinds: tuple[str, ...]) -> pd.DataFrame:
    """The units that a filled sheet makes, in the columns of ``free_units``, numbered on from those there are.

    Raises
    ------
    InputError: no row, an unknown table or section, an anchor of the wrong length, a row given twice, a label
        missing, a formula.
    """
    raise_first(list(_unit_problems(sheet, name, tables, kinds)), others="")
    last = max((int(identifier[1:]) for identifier in tables["free_units"]["id"]), default=0)
    numbered = sheet.reset_index(drop=True)
    identifiers = [f"z{last + 1 + number:03d}" for number in numbered.index]
    return numbered.assign(id=identifiers, coder=coder)[["id", "coder", *UNITS]]


def _unit_problems(sheet: pd.DataFrame, name: str, tables: Tables, kinds: tuple[str, ...]) -> Iterator[Problem]:
    coded = tables["sections"]
    sections = tuple(coded.loc[coded["coded"] == "yes", "id"])
    seen: dict[tuple[str, ...], int] = {}
    if sheet.empty:
        yield Problem(name, "holds no unit", allowed="a row for each unit")
    for row, record in zip(sheet.index, records(sheet), strict=True):

        def at(column: str, row: int = row) -> str:
            return place(name, row, column=column)

        key = tuple(record[column] for column in ("table", "section", "anchor"))
        if record["table"] not in kinds:
            yield Problem(at("table"), "is no table of units", record["table"], kinds)
        elif record["section"] not in sections:
            yield Problem(at("section"), "is no coded section", record["section"], sections)
        elif len(record["anchor"].split()) not in ANCHOR_WORDS:
            yield Problem(at("anchor"), "has the wrong length", record["anchor"], "3 to 6 consecutive words")
        elif key in seen:
            yield Problem(place(name, row), f"is the unit of row {seen[key]}", record["anchor"])
        else:
            seen[key] = row
            yield from _text_problems(record, ("anchor", "label"), at)


def _text_problems(record: Mapping[str, str], columns: tuple[str, ...], at: Callable[[str], str]) -> Iterator[Problem]:
    """Text that is missing, breaks the line, or that a spreadsheet would run."""
    for column in columns:
        text = record[column]
        if not text:
            yield Problem(at(column), "is empty", allowed="a few words of your own")
        elif text.startswith(FORMULA):
            yield Problem(at(column), "begins like a formula", text, "text that begins with a letter or a figure")
        elif not text.isprintable():
            yield Problem(at(column), "holds a line break or a control character", text, "one line of text")

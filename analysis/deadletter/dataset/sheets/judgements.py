"""What a filled sheet says, once every cell is checked: ratings of units, or units found freely."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from deadletter.dataset.article.anchors import ANCHOR_WORDS
from deadletter.dataset.problems import Problem, place
from deadletter.dataset.sheets.blank import UNITS, Tables, rating_sheet, scales
from deadletter.dataset.sheets.filled import SHOWN
from deadletter.dataset.sheets.grouped import raise_all
from deadletter.frames import records

# a spreadsheet would run a text that begins with one of these
FORMULA = ("=", "@", "+", "-")


def ratings_of(sheet: pd.DataFrame, name: str, coder: str, tables: Tables) -> pd.DataFrame:
    """The ratings that a filled sheet gives, in the columns of ``ratings``.

    Raises
    ------
    InputError: an unknown unit, variable or value, a row given twice, cells that are not the unit's, a
        value or rationale missing, a formula, a unit left out.
    """
    raise_all(list(_rating_problems(sheet, name, tables)), name)
    return sheet.assign(coder=coder)[["unit", "coder", "variable", "value", "rationale"]]


def _rating_problems(sheet: pd.DataFrame, name: str, tables: Tables) -> Iterator[Problem]:
    wanted = rating_sheet(tables)
    units, variables = tuple(dict.fromkeys(wanted["unit"])), tuple(tables["variables"]["variable"])
    scale = scales(tables)
    shown = {(row["unit"], row["variable"]): row for row in records(wanted)}
    seen: dict[tuple[str, str], int] = {}
    for row, record in zip(sheet.index, records(sheet), strict=True):
        unit, variable = key = record["unit"], record["variable"]

        def at(column: str, row: int = row, unit: str = unit) -> str:
            return place(name, row, unit, column)

        if unit not in units:
            yield Problem(at("unit"), "is not a unit", unit, units)
        elif variable not in variables:
            yield Problem(at("variable"), "is not a variable", variable, variables)
        elif key not in shown:
            of = tuple(v for v in variables if (unit, v) in shown)
            yield Problem(at("variable"), "is not rated on this unit", variable, of)
        elif key in seen:
            yield Problem(place(name, row, unit), "is rated already", f"{variable}, in row {seen[key]}")
        else:
            seen[key] = row
            wording = next((c for c in SHOWN if record[c] != shown[key][c]), None)
            if wording:
                problem = "is not the unit's; was one column sorted without the others"
                yield Problem(at(wording), problem, record[wording], shown[key][wording])
            elif not record["value"]:
                yield Problem(at("value"), "is empty", allowed=scale[variable])
            elif record["value"] not in scale[variable]:
                yield Problem(at("value"), "is not on the scale", record["value"], scale[variable])
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
    raise_all(list(_unit_problems(sheet, name, tables, kinds)), name)
    last = max((int(identifier[1:]) for identifier in tables["free_units"]["id"]), default=0)
    numbered = sheet.reset_index(drop=True)
    identifiers = [f"z{last + 1 + number:03d}" for number in numbered.index]
    return numbered.assign(id=identifiers, coder=coder)[["id", "coder", *UNITS]]


def _unit_problems(sheet: pd.DataFrame, name: str, tables: Tables, kinds: tuple[str, ...]) -> Iterator[Problem]:
    coded = tables["sections"]
    sections = tuple(coded.loc[coded["coded"] == "yes", "id"])
    seen: dict[tuple[str, ...], int] = {}
    if sheet.empty:
        yield Problem(name, "does not hold a unit", allowed="a row for each unit")
    for row, record in zip(sheet.index, records(sheet), strict=True):

        def at(column: str, row: int = row) -> str:
            return place(name, row, column=column)

        key = tuple(record[column] for column in ("table", "section", "anchor"))
        if record["table"] not in kinds:
            yield Problem(at("table"), "is not a table of units", record["table"], kinds)
        elif record["section"] not in sections:
            yield Problem(at("section"), "is not a coded section", record["section"], sections)
        elif len(record["anchor"].split()) not in ANCHOR_WORDS:
            yield Problem(at("anchor"), "has the wrong length", record["anchor"], "3 to 6 consecutive words")
        elif key in seen:
            yield Problem(place(name, row), "is a unit already", f"{record['anchor']}, in row {seen[key]}")
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

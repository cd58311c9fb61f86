"""Blank sheets for a further coder, as CSV or as a workbook with lists of the values allowed.

A sheet shows what a unit is and where it stands, never another coder's value or rationale.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import pandas as pd

from deadletter.dataset.rules import Tables, scales
from deadletter.frames import records

RATING = ["unit", "table", "section", "anchor", "label", "variable", "allowed", "value", "rationale"]
UNITS = ["table", "section", "anchor", "label"]
# a spreadsheet takes a file without this mark for one in its own code page
MARK = "\ufeff"
_WIDTHS = {"anchor": 34, "label": 44, "allowed": 30, "value": 22, "rationale": 60}
_MADE = (1980, 1, 1, 0, 0, 0)
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def rating_sheet(tables: Tables) -> pd.DataFrame:
    """A row for every unit and variable, columns :data:`RATING`, value and rationale empty."""
    allowed = {variable: "; ".join(points) for variable, points in scales(tables).items()}
    frames = []
    for record in records(tables["variables"]):
        units = tables[record["table"]].rename(columns={"id": "unit"})
        if "source" in units:  # a study without an article says so where a unit is found
            units = units.assign(anchor=units["anchor"].where(units["anchor"] != "", units["source"]))
        units = units[["unit", "section", "anchor", "label"]]
        variable = record["variable"]
        frames.append(units.assign(table=record["table"], variable=variable, allowed=allowed[variable]))
    return pd.concat(frames, ignore_index=True).assign(value="", rationale="")[RATING]


def units_sheet() -> pd.DataFrame:
    """No row, columns :data:`UNITS`: for a coder who makes units of the article before seeing any list."""
    return pd.DataFrame(columns=UNITS)


def coded_sections(tables: Tables) -> tuple[str, ...]:
    """The sections of the article that are coded."""
    sections = tables["sections"]
    return tuple(sections.loc[sections["coded"] == "yes", "id"])


def as_csv(sheet: pd.DataFrame) -> bytes:
    """The sheet as CSV that spreadsheets take for UTF-8."""
    return (MARK + sheet.to_csv(index=False, lineterminator="\n")).encode("utf-8")


def as_workbook(sheet: pd.DataFrame, lists: Mapping[str, tuple[str, ...]]) -> bytes:
    """The sheet as a workbook (xlsx) in which a cell offers the values allowed.

    lists: values by variable for a sheet of ratings, by column for a sheet of units.
    """
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter
    from openpyxl.workbook.defined_name import DefinedName
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    page, points = book.active, book.create_sheet("lists")
    page.title, page.freeze_panes = "rows", "A2"
    for row in [list(sheet.columns), *sheet.to_numpy().tolist()]:
        page.append([cell or None for cell in row])
    for number, (name, values) in enumerate(lists.items(), start=1):
        letter = get_column_letter(number)
        # a number is one in every language of the spreadsheet, whatever its decimal sign
        for at, value in enumerate((name, *map(_number, values)), start=1):
            points.cell(at, number, value)
        book.defined_names[name] = DefinedName(name, attr_text=f"lists!${letter}$2:${letter}${len(values) + 1}")
    columns = list(sheet.columns)
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        page.column_dimensions[letter].width = _WIDTHS.get(column, 16)
        # rows may be sorted: the list is that of the variable in the same row
        formula = f"INDIRECT(${get_column_letter(columns.index('variable') + 1)}2)" if column == "value" else column
        if column == "value" or column in lists:
            offered = DataValidation(type="list", formula1=formula, allow_blank=True)
            offered.add(f"{letter}2:{letter}{max(page.max_row, 2000)}")
            page.add_data_validation(offered)
    return _timeless(book)


def _number(text: str) -> Any:
    return float(text) if text.replace(".", "", 1).isdecimal() else text


def _timeless(book: Any) -> bytes:
    """A workbook's bytes without the time of writing: equal sheets are equal files."""
    written, timeless = io.BytesIO(), io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(timeless, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            raw = old.read(member)
            if member.filename == "docProps/core.xml":
                raw = _TIME.sub(b"1980-01-01T00:00:00Z", raw)
            new.writestr(zipfile.ZipInfo(member.filename, _MADE), raw, zipfile.ZIP_DEFLATED)
    return timeless.getvalue()

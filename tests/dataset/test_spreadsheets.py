"""Sheets as spreadsheets of several languages save them: what can only mean one thing is taken, and said."""

from __future__ import annotations

import csv
import io
import shutil
import unicodedata
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from deadletter.dataset.sheets.filled import as_meant, ratings_of
from deadletter.dataset.sheets.intake import take_sheet, write_sheet
from deadletter.dataset.sheets.saved import read_sheet
from deadletter.errors import InputError
from tests.dataset.test_sheets import KEY, ready, tables

__all__ = ["ready", "tables"]  # the fixtures, also of this module

Change = Callable[[str], str | bytes]


def separated(by: str) -> Callable[[str], str]:
    """The same cells as a spreadsheet writes them whose list separator is another."""

    def change(text: str) -> str:
        out = io.StringIO()
        csv.writer(out, delimiter=by, lineterminator="\r\n").writerows(csv.reader(io.StringIO(text)))
        return out.getvalue()

    return change


def garbled(page: str) -> Change:
    """Opened by a double click and saved as CSV UTF-8: UTF-8 was taken for the code page of the system."""
    return lambda text: "".join(
        bytes([byte]).decode(page, errors="ignore") or chr(byte) for byte in text.encode("utf-8")
    )


def backwards(text: str) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(row[::-1] for row in csv.reader(io.StringIO(text)))
    return out.getvalue()


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (lambda text: text, None),
        (lambda text: "\ufeff" + text.replace("\n", "\r\n"), None),
        (separated(";"), "separated by semicolons"),
        (lambda text: "\ufeff" + separated(";")(text), "separated by semicolons"),
        (lambda text: separated("\t")(text).encode("utf-16"), "separated by tabs"),
        (lambda text: separated("\t")(text).encode("utf-16"), "read as UTF-16"),
        (lambda text: text.replace("\n", ",,,\n"), "blank columns at the right left out"),
        (lambda text: separated(";")(text).replace("\r\n", ";;\r\n"), "blank columns at the right left out"),
        (lambda text: text.replace("by the rule", "by\u00a0the rule\u202f", 1), "1 cell with no-break spaces"),
        (lambda text: text.replace(",0.5,by", ',"0,5",by'), "cells with a value in another form"),
        (lambda text: text.replace(",not,by", ",Not,by"), "cells with a value in another form"),
        (lambda text: text.replace(",2,by", ",'2,by", 1), "1 cell with a value in another form"),
        (lambda text: text.replace(",2,by", ",+2,by", 1), "1 cell with a value in another form"),
        (lambda text: text.replace(",not,by", ",\u201cnot\u201d,by", 1), "1 cell with a value in another form"),
        (lambda text: text.replace(",2,by", ",\u20682\u2069\u200c,by", 1), None),
        (lambda text: text.replace(",2,by", ",2.0,by", 1), "1 cell with a value in another form"),
        (lambda text: text.replace(",2,by", ",2.00E+00,by", 1), "1 cell with a value in another form"),
        (lambda text: text + ",,,,,,,,\n\n", None),
        (lambda text: ",,,,,,,,\n\n" + text, None),
        (lambda text: "\r\n" + separated(";")(text), "separated by semicolons"),
        (lambda text: "\ufeffsep=;\r\n" + separated(";")(text), "separated by semicolons"),
        (lambda text: "sep=,\n" + text, None),
        (lambda text: text.replace("by the rule", "by the\u00ad rule\u200e", 1), None),
        (lambda text: unicodedata.normalize("NFD", text).replace("\u2019", "'"), None),
        (lambda text: separated(";")(text).replace("\r\n", "\r"), "separated by semicolons"),
        (lambda text: separated("\t")(text).encode("utf-16-le"), "read as UTF-16"),
        (lambda text: text + "\x1a\0\0", None),
        (separated("|"), "separated by bars"),
        (lambda text: "Table 1\n" + text, "1 row above the header left out"),
        (lambda text: "Ratings\r\nAnna;;\r\n\r\n" + separated(";")(text), "2 rows above the header left out"),
        (lambda text: text.replace(",not,by the rule", ', "not", "by the rule"'), None),
        (backwards, "columns in another order"),
        (lambda text: text.replace("unit,", "Unit,", 1).replace(",rationale", ",RATIONALE", 1), None),
        (garbled("cp1252"), "cells garbled by a spreadsheet"),
        (garbled("cp1251"), "cells garbled by a spreadsheet"),
        (garbled("mac_roman"), "cells garbled by a spreadsheet"),
    ],
)
def test_what_can_only_mean_one_thing_is_taken_and_said(
    ready, tables, tmp_path: Path, change: Change, note: str | None
):
    _, sheet = ready
    plain = ratings_of(as_meant(read_sheet(sheet), tables).rows, "sheet", "coder-4", tables)
    text = change(sheet.read_text(encoding="utf-8"))
    path = tmp_path / "sheet.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    meant = as_meant(read_sheet(path), tables)
    found = ratings_of(meant.rows, "sheet.csv", "coder-4", tables)
    pd.testing.assert_frame_equal(found.reset_index(drop=True), plain.reset_index(drop=True))
    assert any(note in taken for taken in meant.taken) if note else meant.taken == ()


def test_the_blank_sheet_has_the_mark_that_spreadsheets_look_for(ready, tmp_path: Path):
    for units in (True, False):
        path = tmp_path / f"{units}.csv"
        write_sheet(ready[0], path, units)
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("more", "found"),
    [("My notes", "my notes"), ("Rationale", "rationale"), (",seen", "a column without a name, seen")],
)
def test_a_column_that_a_sheet_does_not_have_is_named(ready, tmp_path: Path, more: str, found: str):
    head, *rows = ready[1].read_text(encoding="utf-8").splitlines()
    (tmp_path / "sheet.csv").write_text("\n".join([f"{head},{more}", *(f"{row},x" for row in rows)]), encoding="utf-8")
    with pytest.raises(
        InputError, match=f"sheet.csv: columns are more than those of a sheet; found: '{found}'; allowed"
    ):
        read_sheet(tmp_path / "sheet.csv")


def test_a_line_break_within_a_cell_of_a_workbook_is_one(workbook: Path, tmp_path: Path):
    book = load_workbook(workbook)
    book["rows"]["I2"].value = "by the_x000D_rule"
    book.save(tmp_path / "sheet.xlsx")
    assert read_sheet(tmp_path / "sheet.xlsx").rows["rationale"].iloc[0] == "by the\rrule"


def test_problems_are_grouped_by_kind_with_counts_and_the_first_three(ready, tmp_path: Path):
    data, sheet = ready
    frame = pd.read_csv(sheet, dtype=str, keep_default_na=False)
    frame.loc[:4, "value"] = "x"
    frame.loc[10:11, "rationale"] = ""
    bad = tmp_path / "sheet.csv"
    frame.to_csv(bad, index=False)
    with pytest.raises(InputError) as error:
        take_sheet(data, bad, "coder-4", "human")
    lines = str(error.value).splitlines()
    assert lines[:2] == ["sheet.csv: 7 problems, nothing was taken", "  is not on the scale: 5"]
    assert [line.split(":")[0].strip() for line in lines[2:5]] == [
        f"sheet.csv row {row} ({frame['unit'][row - 2]}) column value" for row in (2, 3, 4)
    ]
    assert lines[5:7] == ["    and 2 more", "  is empty: 2"]
    assert len(lines) == 9


@pytest.fixture(scope="module")
def workbook(ready, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "sheet.xlsx"
    write_sheet(ready[0], path, units=False, form="xlsx")
    return path


def test_a_workbook_offers_the_values_of_the_variable_in_its_row(tables, workbook: Path):
    book = load_workbook(workbook)
    page, scale = book["rows"], tables["scale"]
    (offered,) = page.data_validations.dataValidation
    assert (offered.type, offered.formula1, str(offered.sqref)) == ("list", "INDIRECT($F2)", "H2:H2000")
    assert page["F1"].value == "variable"
    assert page["H1"].value == "value"
    for variable in {page.cell(row, 6).value for row in range(2, page.max_row + 1)}:
        ((name, cells),) = book.defined_names[variable].destinations
        listed = [cell.value for (cell,) in book[name][cells]]
        values = scale.loc[scale["variable"] == variable, "value"].tolist()
        assert [f"{value:g}" if isinstance(value, int | float) else value for value in listed] == values


def test_a_filled_workbook_is_read_back(ready, workbook: Path, tmp_path: Path):
    data = shutil.copytree(ready[0], tmp_path / "data")
    frame = pd.read_csv(ready[1], dtype=str, keep_default_na=False).set_index(KEY)
    book = load_workbook(workbook)
    for row in book["rows"].iter_rows(min_row=2):
        given = frame.loc[(row[0].value, row[5].value)]
        # a spreadsheet stores what is typed as a number as one
        row[7].value = float(given["value"]) if given["value"].replace(".", "").isdigit() else given["value"]
        row[8].value = given["rationale"]
    book["rows"].insert_rows(1, amount=2)
    book.save(tmp_path / "filled.xlsx")
    assert take_sheet(data, tmp_path / "filled.xlsx", "coder-4", "human") == ["1836 ratings of coder-4 (human)"]
    taken = pd.read_csv(data / "account/ratings.csv", dtype=str, keep_default_na=False)
    fourth = taken[taken["coder"] == "coder-4"].set_index(KEY)["value"]
    assert fourth.to_dict() == frame["value"].to_dict()


def test_a_workbook_with_titles_and_a_summary_of_its_export(workbook: Path, tmp_path: Path):
    book = load_workbook(workbook)
    book["rows"].insert_rows(1)
    book["rows"]["A1"] = "Table 1"
    book.create_sheet("Export Summary", 0)["B3"] = "This document was exported from Numbers."
    book.save(tmp_path / "exported.xlsx")
    sheet = read_sheet(tmp_path / "exported.xlsx")
    assert sheet.taken == ("1 row above the header left out",)
    assert (len(sheet.rows), sheet.rows.index[0]) == (1836, 3)


def test_a_header_sorted_among_the_rows_is_no_title(ready, tmp_path: Path):
    head, first, *rows = ready[1].read_text(encoding="utf-8").splitlines()
    (tmp_path / "sheet.csv").write_text("\n".join([first, head, *rows]), encoding="utf-8")
    with pytest.raises(InputError, match=r"sheet\.csv: columns are not those of a sheet"):
        read_sheet(tmp_path / "sheet.csv")


def test_a_column_that_is_not_there_is_named(ready, tmp_path: Path):
    text = ready[1].read_text(encoding="utf-8")
    (tmp_path / "sheet.csv").write_text(text.replace(",value,", ",Wert,", 1), encoding="utf-8")
    with pytest.raises(InputError, match=r"sheet\.csv: columns are without value; found: 'unit, .*, Wert, rationale'"):
        read_sheet(tmp_path / "sheet.csv")


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (datetime(2026, 2, 1), "is a date or a time"),
        (time(1, 2), "is a date or a time"),
        ("01-Feb", "is a date or a time"),
        ("5. Mrz", "is a date or a time"),
        ("01.\u0444\u0435\u0432", "is a date or a time"),
        ("Jan-15", "is a date or a time"),
        ("#\u041d/\u0414", "is an error of the spreadsheet"),
        ("###", "is an error of the spreadsheet"),
        ("Err:502", "is an error of the spreadsheet"),
        (ArrayFormula("I2:I2", "=I3"), "begins like a formula; found: '=I3'"),
        ("Art. 12", ""),
        ("Art 12", ""),
        ("2014-10-10 treaty", ""),
        ("#2 says so", ""),
    ],
)
def test_what_a_spreadsheet_made_of_a_rationale(tables, workbook: Path, tmp_path: Path, cell: object, told: str):
    book = load_workbook(workbook)
    page = book["rows"]
    page["H2"], page["I2"] = page["G2"].value.split(";")[0], cell
    page.delete_rows(3, page.max_row)
    book.save(tmp_path / "sheet.xlsx")
    with pytest.raises(InputError) as error:
        ratings_of(read_sheet(tmp_path / "sheet.xlsx").rows, "sheet.xlsx", "coder-4", tables)
    problems = [line for line in str(error.value).splitlines() if "row 2" in line]
    assert (len(problems), told in str(error.value)) == (bool(told), True), error.value


def test_a_workbook_with_two_sheets_or_a_damaged_part_is_refused(workbook: Path, tmp_path: Path):
    book = load_workbook(workbook)
    book.copy_worksheet(book["rows"])
    book.save(tmp_path / "twice.xlsx")
    with pytest.raises(
        InputError, match=r"twice.xlsx: has the columns of a sheet on more than one worksheet; found: 2"
    ):
        read_sheet(tmp_path / "twice.xlsx")
    book = load_workbook(workbook)
    book.create_chartsheet()  # without the chart that belongs there
    book.save(tmp_path / "chart.xlsx")
    with pytest.raises(InputError, match="cannot be read as a workbook"):
        read_sheet(tmp_path / "chart.xlsx")


def test_equal_sheets_are_equal_files(ready, workbook: Path, tmp_path: Path):
    write_sheet(ready[0], tmp_path / "again.xlsx", units=False, form="xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == workbook.read_bytes()


def test_a_workbook_of_units(ready, tmp_path: Path):
    write_sheet(ready[0], tmp_path / "units.xlsx", units=True, form="xlsx")
    book = load_workbook(tmp_path / "units.xlsx")
    assert [v.formula1 for v in book["rows"].data_validations.dataValidation] == ["table", "section"]
    book["rows"].append(["norms", "intro", "three words here", "one"])
    book["rows"].append([None] * 4)
    book.save(tmp_path / "filled.xlsx")
    data = shutil.copytree(ready[0], tmp_path / "data")
    assert take_sheet(data, tmp_path / "filled.xlsx", "coder-4", "human") == ["1 units of coder-4 (human)"]


@pytest.mark.parametrize(
    ("name", "form", "told"),
    [
        ("sheet.csv", "xlsx", r"sheet\.csv: does not fit the format; found: '\.csv'; allowed: \.xlsx"),
        ("sheet.xlsx", "csv", r"does not fit the format; found: '\.xlsx'; allowed: \.csv"),
        ("sheet.ods", "csv", r"does not fit the format; found: '\.ods'; allowed: \.csv"),
        ("sheet.ods", "ods", "--format: is not a format of sheets; found: 'ods'.*allowed: csv, xlsx"),
    ],
)
def test_formats_that_there_are_not(ready, tmp_path: Path, name: str, form: str, told: str):
    with pytest.raises(InputError, match=told):
        write_sheet(ready[0], tmp_path / name, units=False, form=form)
    assert list(tmp_path.iterdir()) == []

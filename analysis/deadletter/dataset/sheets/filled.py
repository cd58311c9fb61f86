"""Filled sheets as spreadsheets save them: whatever can only mean one thing is taken, and said."""

import codecs
import csv
import io
import re
import unicodedata
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from deadletter.dataset.article.anchors import ANCHOR_WORDS
from deadletter.dataset.problems import Problem, place, raise_all
from deadletter.dataset.rules import Tables, scales
from deadletter.dataset.sheets.blank import RATING, UNITS, coded_sections, rating_sheet
from deadletter.errors import InputError
from deadletter.frames import records

Lines = list[tuple[int, list[str]]]
DELIMITERS = {",": "", ";": "separated by semicolons", "\t": "separated by tabs"}
SHOWN = ("table", "section", "anchor", "label")
# what spreadsheets take a file for that has no byte-order mark
CODE_PAGES = ("cp1252", "cp1250", "cp1251", "cp1254", "mac_roman")
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# also hyphens that only show at the end of a line, joiners and marks of direction, which come along when text is pasted
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
# what a spreadsheet or a coder puts around a value to keep it as it is
_AROUND = "'\"\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb "
_PLAIN = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})
# what a spreadsheet shows for a text that it took for a formula
_ERROR = re.compile(r"#[\w/]+[!?]|#N/A")


@dataclass(frozen=True)
class Sheet:
    """A filled sheet, every cell a string, the index the row of the file; and what was taken that is not as written."""

    rows: pd.DataFrame
    taken: tuple[str, ...]


def read_sheet(path: Path) -> Sheet:
    """A filled sheet, CSV or workbook; which sheet it is shows in its columns.

    Taken are a byte-order mark, a first line such as ``sep=;``, CRLF and CR, semicolons or tabs between cells, columns
    in any order, no-break spaces, blank columns at the right and blank rows.

    Raises InputError: it cannot be read, is not UTF-8, is neither CSV nor a workbook, or its columns are those of
    neither sheet; or any row has the wrong number of cells.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError("cannot read the sheet", where=str(path), found=error.strerror) from None
    if raw.startswith(_OLD_WORKBOOK):
        allowed = "a workbook of .xlsx without a password, or CSV UTF-8"
        raise InputError("is an old or an encrypted workbook", where=path.name, allowed=allowed)
    lines, taken = _of_workbook(raw, path.name) if raw.startswith(b"PK") else _of_text(raw, path.name)
    cleaned = [(number, cells) for number, given in lines if any(cells := [_clean(cell) for cell in given])]
    spaces = sum(bool(_SPACES.search(cell)) for _, cells in lines for cell in cells)
    head = _trimmed(cleaned[0][1]) if cleaned else []
    named = [name.casefold() for name in head]
    columns = _columns(head)
    if columns is None:
        allowed = f"{', '.join(RATING)} (or {', '.join(UNITS)})"
        whole = max((UNITS, RATING), key=lambda known: len(set(known) & set(named)))
        extra = Counter(named) - Counter(whole) if set(whole) <= set(named) else Counter()
        more = [name or "a column without a name" for name in extra.elements()]
        problem = "columns are more than those of a sheet" if more else "columns are not those of a sheet"
        raise InputError(problem, where=path.name, found=", ".join(more or head), allowed=allowed)
    wider = any(len(cells) > len(head) for _, cells in cleaned)
    filled = [(number, cells[: len(head)] + _trimmed(cells[len(head) :])) for number, cells in cleaned[1:]]
    wrong = [(number, f"{len(cells)} cells") for number, cells in filled if len(cells) != len(head)]
    problem = "has the wrong number of cells"
    raise_all([Problem(place(path.name, number), problem, found, str(len(head))) for number, found in wrong], path.name)
    notes = [
        *taken,
        *(["columns in another order"] if named != columns else []),
        *(["blank columns at the right left out"] if wider else []),
        *([f"{_cells(spaces)} with no-break spaces read as spaces"] if spaces else []),
    ]
    frame = pd.DataFrame([cells for _, cells in filled], columns=named, index=[n for n, _ in filled], dtype=str)
    return Sheet(frame[columns], tuple(notes))


def _columns(head: Sequence[str]) -> list[str] | None:
    """The columns of the sheet that has this header, in any order and with small or capital letters."""
    return next((known for known in (RATING, UNITS) if sorted(map(str.casefold, head)) == sorted(known)), None)


def _of_text(raw: bytes, name: str) -> tuple[Lines, list[str]]:
    """Lines of a CSV, and how it was written where that is not the usual way."""
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    marked = "utf-16" if wide else "utf-8-sig"
    bare = {(False, True): "utf-16-le", (True, False): "utf-16-be"}  # the first letter of a header is ASCII
    encoding = marked if wide else bare.get((raw[:1] == b"\0", raw[1:2] == b"\0"), marked)
    try:
        text = raw.decode(encoding).rstrip("\0\x1a")  # with which some programs fill the end of a file
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        allowed = "UTF-8 (in a spreadsheet: save as CSV UTF-8, or as a workbook)"
        wrong = raw[error.start : error.end]
        raise InputError("is not UTF-8", where=f"{name} row {line}", found=wrong, allowed=allowed) from None
    text, hints = re.subn(r"\A\"?sep=.\"?\s*?(\r\n?|\n)", "", text)
    first = re.split("[\r\n]", text.lstrip(",;\t\r\n"), maxsplit=1)[0]
    heads = {mark: _trimmed([_clean(cell).strip('"') for cell in first.split(mark)]) for mark in DELIMITERS}
    delimiter = next((mark for mark, head in heads.items() if _columns(head)), ",")
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        lines = [(reader.line_num + hints, cells) for cells in reader]
    except csv.Error as error:
        raise InputError("cannot be read as CSV", where=name, found=error) from None
    return lines, [
        note for note in ("read as UTF-16" if encoding != "utf-8-sig" else "", DELIMITERS[delimiter]) if note
    ]


def _of_workbook(raw: bytes, name: str) -> tuple[Lines, list[str]]:
    """Lines of the worksheet that has the columns of a sheet, else of the first one."""
    from openpyxl import load_workbook
    from openpyxl.utils.escape import unescape

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about lists, colours and the like, which are not read
            book = load_workbook(io.BytesIO(raw), read_only=True)
            rows = [page.iter_rows(values_only=True) for page in book.worksheets]
            pages = [[[unescape(_text(cell)) for cell in row] for row in page] for page in rows]  # _x000D_
    except Exception as error:  # openpyxl raises whatever a damaged part leads to
        allowed = "a workbook of .xlsx, or CSV UTF-8"
        raise InputError("cannot be read as a workbook", where=name, found=error, allowed=allowed) from None
    heads = [next((row for row in page if any(row)), []) for page in pages]
    known = [
        page for page, head in zip(pages, heads, strict=True) if _columns(_trimmed([_clean(cell) for cell in head]))
    ]
    if len(known) > 1:
        problem = "has the columns of a sheet on more than one worksheet"
        raise InputError(problem, where=name, found=len(known), allowed="one: delete the others")
    return list(enumerate((known or pages or [[]])[0], start=1)), []


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.date().isoformat() if isinstance(cell, datetime) else "" if cell is None else str(cell)


def _clean(cell: str) -> str:
    return _SPACES.sub(" ", _UNSEEN.sub("", cell)).strip()


def _trimmed(cells: Sequence[str]) -> list[str]:
    """Cells without the empty ones at the right."""
    last = max((number for number, cell in enumerate(cells, start=1) if cell), default=0)
    return list(cells[:last])


def _cells(count: int) -> str:
    return f"{count} cell{'' if count == 1 else 's'}"


def as_meant(sheet: Sheet, tables: Tables) -> Sheet:
    """A sheet of ratings with values written as the codebook writes them, and cells that were garbled mended.

    ``0,5``, ``2.0`` and ``2,00E+00`` can be points of a scale. A text is garbled where a spreadsheet took UTF-8 for its
    own code page: letter by letter, it is what the shown text becomes then.
    """
    points = scales(tables)
    shown = {(row["unit"], row["variable"]): row for row in records(rating_sheet(tables))}
    commas = garbled = 0
    rows = []
    for record in records(sheet.rows):
        value = _point(record["value"], points.get(record["variable"], ()))
        commas += value != record["value"]
        unit = shown.get((record["unit"], record["variable"]), {})
        mended = {column: unit[column] for column in SHOWN if unit and _is_garbled(record[column], unit[column])}
        garbled += len(mended)
        rows.append({**record, "value": value, **mended})
    notes = [
        *([f"{_cells(commas)} with a value in another form"] if commas else []),
        *([f"{_cells(garbled)} garbled by a spreadsheet that took the file for another encoding"] if garbled else []),
    ]
    return Sheet(pd.DataFrame(rows, columns=RATING, index=sheet.rows.index, dtype=str), (*sheet.taken, *notes))


def _point(text: str, points: Sequence[str]) -> str:
    """The point of a scale that a text can only mean; else the text."""
    if text in points:
        return text
    bare = text.strip(_AROUND)
    if not re.fullmatch(r"\+?\d+([.,]\d*)?(E[+-]?\d+)?", bare, re.IGNORECASE):
        return next((point for point in points if point.casefold() == bare.casefold()), text)
    value = float(bare.replace(",", "."))
    return next((point for point in points if re.fullmatch(r"[\d.]+", point) and float(point) == value), text)


def _plain(text: str) -> str:
    """A text without what programs put right while one types: curly quotes, dashes, composed letters."""
    return unicodedata.normalize("NFC", text).translate(_PLAIN)


def _is_garbled(found: str, shown: str) -> bool:
    return found != shown and not shown.isascii() and found in _garbled(shown)


def _garbled(shown: str) -> Iterator[str]:
    """A text as it looks after its UTF-8 was taken for each code page; bytes that a page lacks stay as they are."""
    for page in CODE_PAGES:
        letters = (bytes([byte]).decode(page, errors="ignore") or chr(byte) for byte in shown.encode("utf-8"))
        yield _clean("".join(letters))


# a spreadsheet would run a text that begins with one of these
FORMULA = ("=", "@", "+", "-")


def ratings_of(sheet: pd.DataFrame, name: str, coder: str, tables: Tables) -> pd.DataFrame:
    """The ratings that a filled sheet gives, in the columns of ``ratings``.

    Raises InputError: an unknown unit, variable or value, a row given twice, cells that are not the unit's, a value or
    rationale missing, a formula, a unit left out.
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
            moved = next((c for c in SHOWN if _plain(record[c]) != _plain(shown[key][c])), None)
            if moved:
                problem = "is not the unit's; was one column sorted without the others"
                yield Problem(at(moved), problem, record[moved], shown[key][moved])
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

    Raises InputError: no row, an unknown table or section, an anchor of the wrong length, a row given twice, a label
    missing, a formula.
    """
    raise_all(list(_unit_problems(sheet, name, tables, kinds)), name)
    last = max((int(identifier[1:]) for identifier in tables["free_units"]["id"]), default=0)
    numbered = sheet.reset_index(drop=True)
    identifiers = [f"z{last + 1 + number:03d}" for number in numbered.index]
    return numbered.assign(id=identifiers, coder=coder)[["id", "coder", *UNITS]]


def _unit_problems(sheet: pd.DataFrame, name: str, tables: Tables, kinds: tuple[str, ...]) -> Iterator[Problem]:
    sections = coded_sections(tables)
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
        elif _ERROR.fullmatch(text):
            yield Problem(at(column), "is an error of the spreadsheet", text, "the text that was typed there")
        elif text.startswith(FORMULA):
            yield Problem(at(column), "begins like a formula", text, "text that begins with a letter or a figure")
        elif not text.isprintable():
            yield Problem(at(column), "holds a line break or a control character", text, "one line of text")

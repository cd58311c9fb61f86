"""Filled sheets as coders mean them: whatever can only mean one thing is taken, and said."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence

import pandas as pd

from deadletter.dataset.article.anchors import ANCHOR_WORDS
from deadletter.dataset.problems import Problem, place, raise_all
from deadletter.dataset.rules import Tables, scales
from deadletter.dataset.sheets.blank import RATING, UNITS, coded_sections, rating_sheet
from deadletter.dataset.sheets.saved import Sheet, clean
from deadletter.frames import records
from deadletter.labels import counted

SHOWN = ("table", "section", "anchor", "label")
# what spreadsheets take a file for that has no byte-order mark
CODE_PAGES = ("cp1252", "cp1250", "cp1251", "cp1254", "mac_roman")
# what a spreadsheet or a coder puts around a value to keep it as it is
_AROUND = "'\"\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb "
_PLAIN = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})
_TYPED = "words, such as were typed there"
# what a spreadsheet shows for a text that it took for a formula, or a figure in a column too narrow for it
_ERROR = re.compile(r"#[\w/#]+[!?]?|Err:\d+")
# and what it makes of 1-2 or 5/3, with months in any language
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d\d?:\d\d(:\d\d)?|\d\d?[-./] ?[^\W\d]{3,4}\.?(-\d\d)?|[^\W\d]{3,4}-\d\d")


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
        f"{counted(count, 'cell')} {words}"
        for count, words in (
            (commas, "with a value in another form"),
            (garbled, "garbled by a spreadsheet that took the file for another encoding"),
        )
        if count
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
        yield clean("".join(letters))


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
            yield Problem(at(column), "is an error of the spreadsheet", text, _TYPED)
        elif _DATE.fullmatch(text):
            yield Problem(at(column), "is a date or a time, as a spreadsheet makes of 1-2", text, _TYPED)
        elif text.startswith(FORMULA):
            yield Problem(at(column), "begins like a formula", text, "text that begins with a letter or a figure")
        elif not text.isprintable():
            yield Problem(at(column), "holds a line break or a control character", text, "one line of text")

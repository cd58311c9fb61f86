"""A sheet's file, CSV or workbook, as spreadsheets save it: cells, and what was taken that is not as written."""

import codecs
import csv
import io
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from deadletter.dataset.problems import Problem, place, raise_all
from deadletter.dataset.sheets.blank import RATING, UNITS
from deadletter.errors import InputError
from deadletter.labels import counted

Lines = list[tuple[int, list[str]]]
DELIMITERS = {",": "", ";": "separated by semicolons", "\t": "separated by tabs", "|": "separated by bars"}
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# also hyphens that only show at the end of a line, joiners and marks of direction, which come along when text is pasted
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class Sheet:
    """A filled sheet, every cell a string, the index the row of the file; and what was taken that is not as written."""

    rows: pd.DataFrame
    taken: tuple[str, ...]


def read_sheet(path: Path) -> Sheet:
    """A filled sheet, CSV or workbook; which sheet it is shows in its columns.

    Taken are a byte-order mark, a first line such as ``sep=;``, rows above the header, CRLF and CR, semicolons, tabs or
    bars between cells, columns in any order, no-break spaces, blank columns at the right and blank rows.

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
    cleaned = [(number, cells) for number, given in lines if any(cells := [clean(cell) for cell in given])]
    spaces = sum(bool(_SPACES.search(cell)) for _, cells in lines for cell in cells)
    above = _above_header(cells for _, cells in cleaned) or 0
    head = _trimmed(cleaned[above][1]) if cleaned else []
    named = [name.casefold() for name in head]
    columns = _columns(head)
    if columns is None:
        allowed = f"{', '.join(RATING)} (or {', '.join(UNITS)})"
        whole = max((UNITS, RATING), key=lambda known: len(set(known) & set(named)))
        lost = [name for name in whole if name not in named]
        extra = () if lost else (Counter(named) - Counter(whole)).elements()
        more = [name or "a column without a name" for name in extra]
        without = f" without {', '.join(lost)}" if 0 < len(lost) < len(whole) else " not those of a sheet"
        problem = "columns are more than those of a sheet" if more else f"columns are{without}"
        raise InputError(problem, where=path.name, found=", ".join(more or head), allowed=allowed)
    wider = any(len(cells) > len(head) for _, cells in cleaned)
    filled = [(number, cells[: len(head)] + _trimmed(cells[len(head) :])) for number, cells in cleaned[above + 1 :]]
    wrong = [(number, f"{len(cells)} cells") for number, cells in filled if len(cells) != len(head)]
    problem = "has the wrong number of cells"
    raise_all([Problem(place(path.name, number), problem, found, str(len(head))) for number, found in wrong], path.name)
    notes = [
        *taken,
        *([f"{counted(above, 'row')} above the header left out"] if above else []),
        *(["columns in another order"] if named != columns else []),
        *(["blank columns at the right left out"] if wider else []),
        *([f"{counted(spaces, 'cell')} with no-break spaces read as spaces"] if spaces else []),
    ]
    frame = pd.DataFrame([cells for _, cells in filled], columns=named, index=[n for n, _ in filled], dtype=str)
    return Sheet(frame[columns], tuple(notes))


def _columns(head: Sequence[str]) -> list[str] | None:
    """The columns of the sheet that has this header, in any order and with small or capital letters."""
    return next((known for known in (RATING, UNITS) if sorted(map(str.casefold, head)) == sorted(known)), None)


def _above_header(rows: Iterable[Iterable[str]]) -> int | None:
    """How many rows, such as titles, stand above the header; None without a header."""
    for number, cells in enumerate(map(_trimmed, rows)):
        if _columns(cells):
            return number
        if sum(map(bool, cells)) > 1:
            break
    return None


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
    rough = [line.replace('"', "") for line in re.split("[\r\n]", text)]
    delimiter = next(
        (mark for mark in DELIMITERS if _above_header(map(clean, line.split(mark)) for line in rough) is not None), ","
    )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        lines = [(reader.line_num + hints, cells) for cells in reader]
    except csv.Error as error:
        raise InputError("cannot be read as CSV", where=f"{name} row {reader.line_num + hints}", found=error) from None
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
    known = [page for page in pages if _above_header(map(clean, row) for row in page) is not None]
    if len(known) > 1:
        problem = "has the columns of a sheet on more than one worksheet"
        raise InputError(problem, where=name, found=len(known), allowed="one: delete the others")
    return list(enumerate((known or pages or [[]])[0], start=1)), []


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    # an array formula is an object
    cell = getattr(cell, "text", cell)
    return cell.date().isoformat() if isinstance(cell, datetime) else "" if cell is None else str(cell)


def clean(cell: str) -> str:
    return _SPACES.sub(" ", _UNSEEN.sub("", cell)).strip()


def _trimmed(cells: Iterable[str]) -> list[str]:
    """Cells without the empty ones at the right."""
    given = list(cells)
    while given and not given[-1]:
        given.pop()
    return given

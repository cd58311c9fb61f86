"""The bibliography: what an entry must have, whether it was checked, and that the citations of notebooks lead here."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from deadletter.report.citation import citer, known_works

ROOT = Path(__file__).resolve().parents[1]
BIBLIOGRAPHY = ROOT / "data" / "sources.bib"
_ENTRY = re.compile(r"@(?P<kind>\w+)\{(?P<key>[^,]+),\n(?P<fields>.*?)\n\}", re.DOTALL)
_FIELD = re.compile(r"^  (\w+) = \{(.*?)\},?$", re.MULTILINE)
NEEDED = {
    "article": {"author", "title", "journal", "year", "volume"},
    "book": {"title", "publisher", "year"},
    "incollection": {"author", "title", "editor", "booktitle", "publisher", "year"},
    "techreport": {"author", "title", "institution", "year"},
    "misc": {"author", "title", "year"},
}
ENTRIES = {
    found["key"]: (found["kind"], dict(_FIELD.findall(found["fields"])))
    for found in _ENTRY.finditer(BIBLIOGRAPHY.read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_is_complete_and_says_whether_it_was_checked(key: str) -> None:
    kind, fields = ENTRIES[key]
    assert NEEDED[kind] <= set(fields)
    assert "author" in fields or "editor" in fields
    assert fields["checked"] in ("yes", "no")
    assert re.fullmatch(r"\d{4}", fields["year"])
    # an article without pages has a number of its own
    if kind == "article":
        assert "pages" in fields or "note" in fields


def test_keys_are_in_order_and_all_entries_were_read() -> None:
    assert list(ENTRIES) == sorted(ENTRIES)
    assert len(ENTRIES) == BIBLIOGRAPHY.read_text(encoding="utf-8").count("\n}\n")


@pytest.mark.parametrize("notebook", sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb")))
def test_what_a_notebook_cites_in_brackets_is_entered(notebook: str) -> None:
    cells = json.loads((ROOT / "notebooks" / notebook).read_text(encoding="utf-8"))["cells"]
    prose = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    cite = citer(known_works(BIBLIOGRAPHY))
    left = re.findall(r"\([A-Z][^()]*\b\d{4}\)", cite(prose))
    assert left == []

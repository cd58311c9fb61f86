"""The scripts of the site on a page made for them: what is found, and in which order rows stand."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from tests.browser import NEEDS

ASSETS = Path(__file__).resolve().parents[2] / "analysis" / "deadletter" / "site" / "assets"
pytestmark = NEEDS
ENTRY = "Müller’s “Союз” — 1992–1999, −0.5"
SEARCH = """<form class="search-form"><input name="q"></form><p id="search-status"></p><ol id="search-results"></ol>"""


def opened(browser: Any, folder: Path, body: str, scripts: list[str], query: str = "") -> Any:
    """A page of the folder with some scripts of the site."""
    tags = "".join(f'<script defer src="{(ASSETS / name).as_uri()}"></script>' for name in scripts)
    page = folder / "100% #1.html"
    page.write_text(f"<!doctype html><meta charset=utf-8>{body}{tags}", encoding="utf-8")
    shown = browser.new_page()
    shown.goto(f"{page.as_uri()}{query}")
    return shown


@pytest.mark.parametrize(
    ("asked", "marked"),
    [
        ("muller", ["Müller’s"]),
        (unicodedata.normalize("NFD", "müller"), ["Müller’s"]),
        ("müller's", ["Müller’s"]),
        ("СОЮЗ", ["“Союз”"]),
        ('"союз"', ["“Союз”"]),
        ("1992-1999 -0.5", ["1992–1999,", "−0.5"]),
    ],
)
def test_what_a_keyboard_types_finds_what_is_printed(chromium: Any, tmp_path: Path, asked: str, marked: list[str]):
    filler = "Long before it " * 20
    entries = json.dumps([["A row", "rows.html#e001", f"{filler}{ENTRY}"], ["Another", "rows.html#e002", "nothing"]])
    body = f"{SEARCH}<script>window.deadletterEntries = {entries}</script>"
    with opened(chromium, tmp_path, body, ["tables.js", "search.js"], f"?q={asked}") as page:
        assert page.locator("#search-status").inner_text() == "1 found"
        assert page.locator("#search-results mark").all_inner_texts() == marked
        assert page.locator("#search-results p").inner_text().startswith("… ")


def test_cells_that_go_on_after_their_number_are_sorted_by_it(chromium: Any, tmp_path: Path):
    cells = ["0.5 [0.1, 0.9]", "−7.80 [−9, 4.50]", "12.3", "0.45", "−0.5", "12.25%", "–"]
    rows = "".join(f"<tr><td>{cell}</td></tr>" for cell in cells)
    body = f"<div><table data-tools><thead><tr><th>found</th></tr></thead><tbody>{rows}</tbody></table></div>"
    with opened(chromium, tmp_path, body, ["tables.js"]) as page:
        page.get_by_role("button", name="found").click()
        ordered = ["–", "−7.80 [−9, 4.50]", "−0.5", "0.45", "0.5 [0.1, 0.9]", "12.25%", "12.3"]
        assert page.locator("td").all_inner_texts() == ordered
        page.get_by_role("searchbox").fill("-7.8")
        assert page.locator("td:visible").all_inner_texts() == ["−7.80 [−9, 4.50]"]

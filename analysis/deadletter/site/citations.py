"""Citations within the notebooks' Markdown as links to the references of the site."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

_ENTRY = re.compile(r"@\w+\{(?P<key>[^,]+),(?P<fields>.*?)\n\}", re.DOTALL)
_BRACKET = re.compile(r"\(([^()]*\b\d{4}[a-z]?)\)")
_PART = re.compile(r"(?P<first>[^\W\d]+)[^;]*?\b(?P<year>\d{4}[a-z]?)$")


def known_works(bibliography: Path) -> dict[tuple[str, str], str]:
    """Keys of a BibTeX file by the first author's surname and the year."""
    works = {}
    for entry in _ENTRY.finditer(bibliography.read_text(encoding="utf-8")):
        author = re.search(r"\n\s*author\s*=\s*\{\{?([^,}\s]+)", entry["fields"])
        year = re.search(r"\n\s*year\s*=\s*\{(\d{4}[a-z]?)\}", entry["fields"])
        if author and year:
            works[author[1], year[1]] = entry["key"].strip()
    return works


def citer(works: dict[tuple[str, str], str]) -> Callable[[str], str]:
    """A function that turns ``(Ragin 2008)`` into a citation where the work is known, and leaves the rest as it is."""

    def bracket(found: re.Match[str]) -> str:
        parts = [_PART.match(part.strip()) for part in found[1].split(";")]
        keys = [works.get((part["first"], part["year"]), "") if part else "" for part in parts]
        return f"{{cite:p}}`{','.join(keys)}`" if all(keys) else found[0]

    return lambda markdown: _BRACKET.sub(bracket, markdown)

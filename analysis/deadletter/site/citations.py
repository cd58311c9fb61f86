"""Works of a BibTeX file: citations within Markdown as links to the references of the site, and entries as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from pybtex.database import BibliographyData, Entry, parse_file

from deadletter.report.citation import Citation

_BRACKET = re.compile(r"\(([^()]*\b\d{4}[a-z]?)\)")
_PART = re.compile(r"(?P<first>[^\W\d]+)[^;]*?\b(?P<year>\d{4}[a-z]?)$")


def known_works(bibliography: Path) -> dict[tuple[str, str], str]:
    """Keys of a BibTeX file by the first word of the first author's surname and the year."""
    works = {}
    for key, entry in parse_file(str(bibliography), bib_format="bibtex").entries.items():
        authors = entry.persons.get("author", entry.persons.get("editor", []))
        names = " ".join(authors[0].prelast_names + authors[0].last_names) if authors else ""
        first = re.match(r"[^\W\d]+", names.strip("{}"))
        if first and "year" in entry.fields:
            works[first[0], entry.fields["year"]] = key
    return works


def entry_text(bibliography: Path, key: str) -> str:
    """One entry of a BibTeX file as BibTeX, without our own notes on it; empty where there is none."""
    entries = parse_file(str(bibliography), bib_format="bibtex").entries
    if key not in entries:
        return ""
    for own in ("checked", "keywords"):
        entries[key].fields.pop(own, None)
    return BibliographyData({key: entries[key]}).to_string("bibtex").strip()


def software_entry(citation: Citation) -> str:
    """The package as an entry of BibTeX: authors, title, year, version, and address and DOI where it has them."""
    fields = {
        "author": " and ".join(f"{{{properties['name']}}}" for _, properties in citation.authors),
        "title": f"{{{citation.title}}}",
        "year": citation.released[:4],
        "version": citation.version,
        "license": citation.license,
        "url": citation.address,
        "doi": citation.doi,
    }
    entry = Entry("software", {name: value for name, value in fields.items() if value})
    return BibliographyData({"deadletter": entry}).to_string("bibtex").strip()


def citer(works: dict[tuple[str, str], str]) -> Callable[[str], str]:
    """A function that turns ``(Ragin 2008)`` into a citation where the work is known, and leaves the rest as it is."""

    def bracket(found: re.Match[str]) -> str:
        parts = [_PART.match(part.strip()) for part in found[1].split(";")]
        keys = [works.get((part["first"], part["year"]), "") if part else "" for part in parts]
        return f"{{cite:p}}`{','.join(keys)}`" if all(keys) else found[0]

    return lambda markdown: _BRACKET.sub(bracket, markdown)

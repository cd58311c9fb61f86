"""How to cite the package and what it rests on, from CITATION.cff and BibTeX; citations within Markdown as links."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pybtex.database import BibliographyData, Entry, parse_file

from deadletter.coding.yaml_data import read_yaml
from deadletter.errors import InputError
from deadletter.study import read_study

# of the keys that the Citation File Format demands or allows, those that a crate needs
NEEDED = ("cff-version", "message", "title", "abstract", "version", "date-released", "authors", "keywords")

# a citation within Markdown, and one of the works in it
_BRACKET = re.compile(r"\(([^()]*\b\d{4}[a-z]?)\)")
_PART = re.compile(r"(?P<first>[^\W\d]+)[^;]*?\b(?P<year>\d{4}[a-z]?)$")
# an entity of a crate: its identifier and its properties
Entity = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Citation:
    """``authors`` as entities; ``works`` that are cited, each with its authors; ``address`` of the code and
    its ``doi``, or empty."""

    message: str
    license: str
    title: str
    abstract: str
    version: str
    released: str
    keywords: tuple[str, ...]
    authors: tuple[Entity, ...]
    works: tuple[tuple[str, dict[str, Any], tuple[Entity, ...]], ...]
    address: str
    doi: str


def read_citation(path: Path) -> Citation:
    """Read a citation file. Raises InputError: no such file, or one that lacks a key that is needed."""
    try:
        fields = read_yaml(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot be read", where=path.name, found=error) from None
    for key in NEEDED:
        if not fields.get(key):
            raise InputError("is missing", where=f"{path.name} key {key}")
    return Citation(
        fields["message"],
        str(fields.get("license", "")),
        fields["title"],
        " ".join(fields["abstract"].split()),
        str(fields["version"]),
        str(fields["date-released"]),
        tuple(fields["keywords"]),
        tuple(_author(author) for author in fields["authors"]),
        tuple(_work(work) for work in fields.get("references", [])),
        fields.get("repository-code", ""),
        fields.get("doi", ""),
    )


def cited_study(root: Path, released: str) -> Citation:
    """How to cite what a folder holds: by its citation file, else by what the study says of itself.

    released: the day used for a study's own, as YYYY-MM-DD or empty.

    Raises InputError: a file that cannot be read, or a citation file that lacks a key that is needed.
    """
    if (root / "CITATION.cff").is_file():
        return read_citation(root / "CITATION.cff")
    study = read_study(root)
    authors = tuple((f"#{_slug(name)}", {"@type": "Person", "name": name}) for name in study.authors)
    works = []
    if study.source:
        identifier = study.source.page or f"#{_slug(study.source.cite)}"
        works = [(identifier, {"@type": "CreativeWork", "name": study.source.citation, "identifier": identifier}, ())]
    about = study.summary or study.question or study.title
    return Citation("", "", study.title, about, "", released, (), authors, tuple(works), "", "")


def _author(author: dict[str, str]) -> Entity:
    """A person by family and given names, or else a group by its name."""
    if "family-names" in author:
        name = f"{author.get('given-names', '')} {author['family-names']}".strip()
        return f"#{_slug(name)}", {"@type": "Person", "name": name}
    return f"#{_slug(author['name'])}", {"@type": "Organization", "name": author["name"]}


def _work(work: dict[str, Any]) -> tuple[str, dict[str, Any], tuple[Entity, ...]]:
    identifier = f"https://doi.org/{work['doi']}" if work.get("doi") else f"#{_slug(work['title'])}"
    properties = {"@type": "ScholarlyArticle", "name": work["title"], "identifier": identifier}
    properties |= {"datePublished": str(work["year"])} if "year" in work else {}
    return identifier, properties, tuple(_author(author) for author in work["authors"])


def _slug(name: str) -> str:
    """A name as part of an address, in whatever script: two authors must not become one."""
    return quote("-".join(re.findall(r"\w+", unicodedata.normalize("NFC", name).lower())))


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
        "author": " and ".join(_braced(properties["name"]) for _, properties in citation.authors),
        "title": _braced(citation.title),
        "year": citation.released[:4],
        "version": citation.version,
        "license": citation.license,
        "url": citation.address,
        "doi": citation.doi,
    }
    entry = Entry("software", {name: value for name, value in fields.items() if value})
    return BibliographyData({"deadletter": entry}).to_string("bibtex").strip()


def _braced(text: str) -> str:
    """Text that BibTeX takes as it stands, without braces of its own, which might not match."""
    return f"{{{text.translate(str.maketrans('', '', '{}'))}}}"


def citer(works: dict[tuple[str, str], str]) -> Callable[[str], str]:
    """A function that turns ``(Ragin 2008)`` into a citation where the work is known, and leaves the rest as it is."""

    def bracket(found: re.Match[str]) -> str:
        parts = [_PART.match(part.strip()) for part in found[1].split(";")]
        keys = [works.get((part["first"], part["year"]), "") if part else "" for part in parts]
        return f"{{cite:p}}`{','.join(keys)}`" if all(keys) else found[0]

    return lambda markdown: _BRACKET.sub(bracket, markdown)

"""How to cite the package and the work that it rests on, read from CITATION.cff."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deadletter.coding.yaml_data import read_yaml
from deadletter.errors import InputError
from deadletter.study import read_study

# of the keys that the Citation File Format demands or allows, those that a crate needs
NEEDED = ("cff-version", "message", "title", "abstract", "version", "date-released", "authors", "keywords")

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
    """Read a citation file.

    Raises
    ------
    InputError: no such file, or one that lacks a key that is needed.
    """
    try:
        wording = read_yaml(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot be read", where=path.name, found=error) from None
    for key in NEEDED:
        if not wording.get(key):
            raise InputError("is missing", where=f"{path.name} key {key}")
    return Citation(
        wording["message"],
        str(wording.get("license", "")),
        wording["title"],
        " ".join(wording["abstract"].split()),
        str(wording["version"]),
        str(wording["date-released"]),
        tuple(wording["keywords"]),
        tuple(_author(author) for author in wording["authors"]),
        tuple(_work(work) for work in wording.get("references", [])),
        wording.get("repository-code", ""),
        wording.get("doi", ""),
    )


def cited_study(root: Path, released: str) -> Citation:
    """How to cite what a folder holds: by its citation file, else by what the study says of itself.

    Parameters
    ----------
    released: the day used for a study's own, as YYYY-MM-DD or empty.

    Raises
    ------
    InputError: a file that cannot be read, or a citation file that lacks a key that is needed.
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
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))

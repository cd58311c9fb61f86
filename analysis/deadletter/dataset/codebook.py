"""The codebook data/README.md and the hashes of the data package, both made from the descriptor and the tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from deadletter.dataset.standard_tables import adapted
from deadletter.dataset.tables import read_descriptor, read_file, read_strings
from deadletter.errors import InputError
from deadletter.files import write_atomically
from deadletter.frames import records
from deadletter.study import Study, read_study

CODEBOOK = "README.md"
DESCRIPTOR = "datapackage.json"
_OPENING = """# Codebook

Made from `datapackage.json` and the tables by `deadletter data describe`; do not edit by hand.

{description}

Licence of the coded data: {licence}. Figures from elsewhere have the licence of their source, named with each table.

Source: {source}.

**Who coded.** {coders} {kind} `deadletter data sheet` writes a blank sheet for a further coder, `deadletter data
read-sheet` reads it back.

{reconciled}{found}**Units and judgements.** Unit tables say what a unit is and carry no judgement. Every judgement is a
row of `account/ratings.csv`, whose variables and scale points come next.
"""


_RECONCILED = """**Where coders differ**, `account/reconciliation.csv` holds a third judgement with its reason, made
with sight of the passage and both ratings; `coder: reconciled` computes its values from it.

"""
_FOUND = """**How a place is found.** `anchor` holds three to six consecutive words of {called}, unique within
`section`. Its text is not part of this package; `deadletter check --article FILE` verifies every anchor
against your copy.

"""


def described(data: Path) -> dict[str, str]:
    """What the descriptor and the codebook should read, by file name, given the present tables.

    Raises InputError: a table cannot be read, or the descriptor lacks what the codebook prints.
    """
    package = adapted(read_descriptor(data / DESCRIPTOR), data)
    study = read_study(data.parent)
    if study.source:
        package["sources"] = [{"title": study.source.citation.removesuffix(".")}]
        package["sources"][0] |= {"path": study.source.page} if study.source.page else {}
    for resource in package["resources"]:
        raw = read_file(data, resource)
        resource["bytes"], resource["hash"] = len(raw), _hash(raw)
    descriptor = json.dumps(package, indent=1, ensure_ascii=False) + "\n"
    tables = {r["name"]: read_strings(data, r) for r in package["resources"]}
    try:
        return {DESCRIPTOR: descriptor, CODEBOOK: codebook(package, tables, study)}
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise InputError("is not complete", where=f"data/{DESCRIPTOR}", found=repr(error)) from None


def describe_data(data: Path) -> list[str]:
    """Write the files that are stale, and tables without what a spreadsheet adds to them; returns their names."""
    stale = stale_descriptions(data)
    for name, content in stale.items():
        write_atomically(data / name, content)
    return list(stale)


def stale_descriptions(data: Path) -> dict[str, str | bytes]:
    """What :func:`describe_data` would write, by name of the file."""
    resources = adapted(read_descriptor(data / DESCRIPTOR), data)["resources"]
    tables = {resource["path"]: read_file(data, resource) for resource in resources}
    saved = {path: raw for path, raw in tables.items() if (data / path).read_bytes() != raw}
    return {**saved, **{name: text for name, text in described(data).items() if _read(data / name) != text}}


def altered(data: Path) -> list[str]:
    """Paths of the tables that are not, byte for byte, what the descriptor records."""
    resources = read_descriptor(data / DESCRIPTOR)["resources"]
    return [r["path"] for r in resources if _hash(read_file(data, r)) != r.get("hash")]


def _hash(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def codebook(package: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], study: Study) -> str:
    """The codebook as Markdown."""
    coders = " ".join(f"`{c['id']}` ({c['kind']}): {c['task']}" for c in records(tables["coders"]))
    source = package["sources"][0]
    anchored = any(field["name"] == "anchor" for r in package["resources"] for field in r["schema"]["fields"])
    reconciled = "reconciliation" in tables and not tables["reconciliation"].empty
    parts = [
        _OPENING.format(
            description=package["description"],
            licence=package["licenses"][0]["title"],
            source=f"{source['title']}, <{source['path']}>" if "path" in source else source["title"],
            coders=coders,
            kind=" ".join([study.coders_in_words, *study.caveats]).strip(),
            reconciled=_RECONCILED if reconciled else "",
            found=_FOUND.format(called=study.called) if anchored else "",
        ),
        "## Rated variables\n",
        *(_variable(v, tables["scale"]) for v in records(tables["variables"])),
        "## Tables\n",
        *(_resource(r, len(tables[r["name"]])) for r in package["resources"]),
    ]
    return "\n".join(parts)


def _variable(variable: Mapping[str, str], scale: pd.DataFrame) -> str:
    points = scale[scale["variable"] == variable["variable"]]
    rows = ((f"`{p['value']}`", p["label"], p["example"]) for p in records(points))
    head = f"### {variable['variable']} ({variable['level']}, of each row of `{variable['table']}`)\n"
    return "\n".join(
        [head, f"{variable['definition']} {variable['rule']}\n", _table(("value", "meaning", "example"), rows)]
    )


def _resource(resource: Mapping[str, Any], rows: int) -> str:
    fields = resource["schema"]["fields"]
    head = f"### `{resource['path']}` ({rows} rows)\n\n{resource['description']}\n"
    rows_of_fields = ((f"`{f['name']}`", f["type"], _meaning(f)) for f in fields)
    notes = [f"- {note}" for note in _notes(resource)]
    return "\n".join([head, *notes, *([""] if notes else []), _table(("column", "type", "meaning"), rows_of_fields)])


def _notes(resource: Mapping[str, Any]) -> Iterator[str]:
    """Unit, source, licence, rights and caveats, where the descriptor gives them."""
    if "unit" in resource:
        yield f"Unit: {resource['unit']}"
    for source in resource.get("sources", []):
        yield f"Source: {source['title']}" + (f", <{source['path']}>" if source.get("path") else "")
    for licence in resource.get("licenses", []):
        yield f"Licence: {licence.get('title') or licence['name']}"
    if "rights" in resource:
        rights = resource["rights"]
        yield f"Provided: {resource['provided']}"
        yield f"Right to use: {rights['use']}; to redistribute: {rights['redistribute']}"
    yield from (f"Caveat: {caveat}" for caveat in resource.get("caveats", []))


def _meaning(field: Mapping[str, Any]) -> str:
    text = field.get("description", "")
    if field.get("categories"):
        text += " One of: " + "; ".join(_category(category) for category in field["categories"]) + "."
    return text


def _category(category: Mapping[str, str] | str) -> str:
    return f"`{category}`" if isinstance(category, str) else f"`{category['value']}` {category['label']}"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"

    names = list(head)
    return "\n".join([line(names), line("---" for _ in names), *map(line, rows)]) + "\n"

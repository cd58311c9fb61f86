"""The codebook data/README.md and the hashes of the data package, both made from the descriptor and the tables."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined, Template, UndefinedError

from deadletter.dataset.standard_tables import adapted
from deadletter.dataset.tables import read_descriptor, read_file, read_strings
from deadletter.errors import InputError
from deadletter.files import write_atomically
from deadletter.frames import records
from deadletter.study import Study, read_study

CODEBOOK = "README.md"
DESCRIPTOR = "datapackage.json"


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
        return {DESCRIPTOR: descriptor, CODEBOOK: _codebook(package, tables, study)}
    except (KeyError, IndexError, TypeError, AttributeError, UndefinedError) as error:
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


def left_out(data: Path) -> list[str]:
    """Tables and columns that are described and that the files do not have: :func:`described` leaves them out."""
    package = read_descriptor(data / DESCRIPTOR)
    kept = {one["name"]: _columns(one) for one in adapted(package, data)["resources"]}
    gone = [one["path"] for one in package["resources"] if one["name"] not in kept]
    pairs = [(one, column) for one in package["resources"] for column in _columns(one)]
    return gone + [f"{one['path']} column {c}" for one, c in pairs if c not in kept.get(one["name"], [c])]


def _columns(resource: Mapping[str, Any]) -> list[str]:
    return [field["name"] for field in resource["schema"]["fields"]]


def altered(data: Path) -> list[str]:
    """Paths of the tables that are not, byte for byte, what the descriptor records."""
    resources = read_descriptor(data / DESCRIPTOR)["resources"]
    return [r["path"] for r in resources if _hash(read_file(data, r)) != r.get("hash")]


def _hash(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _codebook(package: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], study: Study) -> str:
    """The codebook as Markdown."""
    anchored = any(field["name"] == "anchor" for r in package["resources"] for field in r["schema"]["fields"])
    return _template().render(
        package=package,
        source=package["sources"][0],
        coders=records(tables["coders"]),
        kind=" ".join([study.coders_in_words, *study.caveats]).strip(),
        reconciled="reconciliation" in tables and not tables["reconciliation"].empty,
        anchored=anchored,
        called=study.called,
        variables=records(tables["variables"]),
        points={name: records(points) for name, points in tables["scale"].groupby("variable", sort=False)},
        rows={name: len(table) for name, table in tables.items()},
    )


def _template() -> Template:
    """The template beside this module; what descriptor and tables say is Markdown already."""
    made = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    made.filters["cell"] = lambda text: str(text).replace("|", "\\|")
    return made.from_string(Path(__file__).with_suffix(".md").read_text(encoding="utf-8"))

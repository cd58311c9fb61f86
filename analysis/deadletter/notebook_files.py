"""Notebooks as files: what is one, and what is not."""

import json
import re
from pathlib import Path
from typing import Any

from deadletter.errors import InputError

# sources hold no outputs
LARGEST = 4 * 1024 * 1024
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
KINDS = ("code", "markdown", "raw")


def read_notebook(path: Path) -> dict[str, Any]:
    """A notebook as JSON: version 4, with cells that have a kind, a source and metadata of the right types.

    Raises
    ------
    InputError: the file cannot be read as a notebook.
    """
    return _parse(_read(path, path.name), path.name)


def read_source(path: Path) -> dict[str, Any]:
    """A notebook of the project's folder, fit to be executed.

    Raises
    ------
    InputError: not a notebook, too large, in a language that is not Python, or without a cell tagged `parameters`.
    """
    where = f"notebooks/{path.name}"
    raw = _read(path, where)
    if len(raw) > LARGEST:
        found = f"{len(raw)} bytes"
        raise InputError("is too large", where=where, found=found, allowed=f"at most {LARGEST}, without outputs")
    notebook = _parse(raw, where)
    metadata = notebook["metadata"]
    for group in ("deadletter", "kernelspec", "language_info"):
        if not isinstance(metadata.get(group, {}), dict):
            raise InputError("is not a mapping", where=f"{where} metadata {group}", found=metadata[group])
    language = metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get("language")
    if language not in (None, "python"):
        raise InputError("has another language", where=where, found=language, allowed=["python"])
    if not any("parameters" in tags_of(cell) for cell in notebook["cells"]):
        raise InputError("has no cell tagged parameters", where=where)
    return notebook


def complete(notebook: dict[str, Any]) -> dict[str, Any]:
    """A notebook as its format, version 4.5, wants it: each cell has an id of its own, equal in every run.

    A kernel or language that is not named is Python.
    """
    seen: set[str] = set()
    cells = []
    for number, cell in enumerate(notebook["cells"], start=1):
        known = cell.get("id")
        if not isinstance(known, str) or not _ID.fullmatch(known) or known in seen:
            known = f"cell-{number}"
            while known in seen:
                known += "x"
        seen.add(known)
        cells.append({**cell, "id": known})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {**notebook["metadata"], "kernelspec": {**kernel, **notebook["metadata"].get("kernelspec", {})}}
    metadata.pop("orig_nbformat", None)
    minor = notebook.get("nbformat_minor")
    newer = max(minor, 5) if isinstance(minor, int) else 5
    return {**notebook, "cells": cells, "metadata": metadata, "nbformat_minor": newer}


def moved(notebook: str, deeper: int) -> str:
    """The text of a notebook for a folder that lies so much deeper: its links to files of the project still lead there.

    >>> moved("[Rules](../docs/rules.md)", 1)
    '[Rules](../../docs/rules.md)'
    """
    return notebook.replace("](../", f"](../{'../' * deeper}")


def tags_of(cell: dict[str, Any]) -> list[str]:
    """The tags of a cell."""
    return cell["metadata"].get("tags", [])


def _read(path: Path, where: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("is not a notebook", where=where, found=error.strerror) from None


def _parse(raw: bytes, where: str) -> dict[str, Any]:
    try:
        notebook = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse)
        # half of a character can be written in JSON, and nowhere else
        json.dumps(notebook, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise InputError("is not a notebook", where=where, found="values nested too deeply") from None
    except ValueError as error:
        raise InputError("is not a notebook", where=where, found=error) from None
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        raise InputError("is not a notebook", where=where, allowed="JSON in the notebook format, version 4")
    if not isinstance(notebook.get("metadata"), dict) or not isinstance(notebook.get("cells"), list):
        raise InputError("is not a notebook", where=where, allowed="metadata and a list of cells")
    for number, cell in enumerate(notebook["cells"], start=1):
        if not _is_cell(cell):
            allowed = f"a cell_type ({', '.join(KINDS)}), a source of text, metadata with tags as a list"
            raise InputError("is not a cell", where=f"{where} cell {number}", allowed=allowed)
    return notebook


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _is_cell(cell: Any) -> bool:
    return (
        isinstance(cell, dict)
        and cell.get("cell_type") in KINDS
        and (isinstance(cell.get("source"), str) or _texts(cell.get("source")))
        and isinstance(cell.get("metadata"), dict)
        and _texts(cell["metadata"].get("tags", []))
        and isinstance(cell.get("outputs", []), list)
    )


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)

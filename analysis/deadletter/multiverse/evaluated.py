"""What a multiverse was evaluated with, and whether that is still what the project holds."""

import hashlib
import json
from pathlib import Path
from typing import Any

from deadletter.coding import coding_names, digest, load_coding
from deadletter.dataset.load import Dataset
from deadletter.errors import InputError
from deadletter.multiverse.declaration import Declaration, load_declaration
from deadletter.project import Project

FOLDER = "multiverse"
# what the tables depend on, and the hash of each file
KEY = "key"
# the default declaration, and the words for one outside the project
USUAL, ELSEWHERE = "params/multiverse.yaml", "a file outside the project"


def used(project: Project) -> dict[str, Any]:
    """What the evaluation of a project said of itself; empty where none can be read."""
    try:
        meta = json.loads((project.results / FOLDER / "meta.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return meta if isinstance(meta, dict) else {}


def command_again(project: Project) -> str:
    """The command that evaluates the same declaration, with as many universes, again."""
    meta = used(project)
    file = meta.get("file", USUAL)
    named = "" if file == USUAL else f" {file or 'FILE'}"
    return f"deadletter multiverse{named}" + (f" --universes {meta['universes']}" if meta.get("sample_rows") else "")


def outdated(project: Project, dataset: Dataset) -> str:
    """Why the multiverse of a project says nothing of its data and parameters; empty where it does, or is not there.

    Raises InputError: bad parameters.
    """
    folder = project.results / FOLDER
    if not (folder / "meta.json").is_file():
        return ""
    if changed_files := altered(folder):
        return f"changed since it was written ({', '.join(changed_files)})"
    meta = used(project)
    known = meta["base"] in coding_names(project.params)
    now = {"data": dataset.digest, "parameters": digest(load_coding(project.params, meta["base"])) if known else ""}
    others = [name for name, value in now.items() if meta.get(name) != value]
    if (file := meta.get("file")) and _declared(project, file) != meta["declaration"]:
        others.append("branches")
    return f"evaluated with other {' and '.join(others)}" if others else ""


def _declared(project: Project, file: str) -> str:
    """The hash of a declaration of the project; empty where it is gone or cannot be evaluated."""
    try:
        return hash_of(load_declaration(project.root / file, project.params)[0])
    except InputError:
        return ""


def hash_of(declaration: Declaration) -> str:
    return hashlib.sha256(declaration.model_dump_json().encode()).hexdigest()


def altered(folder: Path) -> list[str]:
    """The files of a multiverse that are gone or not as they were written."""
    if not (folder / KEY).is_file():
        return [KEY]
    lines = (folder / KEY).read_text(encoding="utf-8").splitlines()[1:]
    return [name for name in (line.partition("  ")[2] for line in lines) if line_of(folder, name) not in lines]


def line_of(folder: Path, name: str) -> str:
    """A file with the hash of its bytes, as the key lists it."""
    path = folder / name
    return f"{hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ''}  {name}"

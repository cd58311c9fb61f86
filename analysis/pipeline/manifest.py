"""The notebooks that a run executes, and the files that a result depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError
from analysis.paths import Project


@dataclass(frozen=True)
class Job:
    """One execution: a notebook with its parameters, and where the executed copy goes."""

    notebook: str
    coding: str
    regime: str
    settings: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.coding}/{self.regime}/{self.notebook}"

    @property
    def parameters(self) -> dict[str, object]:
        return {"regime": self.regime, "coding": self.coding.partition("+")[0], "settings": list(self.settings)}

    def source(self, project: Project) -> Path:
        return project.notebooks / f"{self.notebook}.ipynb"

    def target(self, project: Project) -> Path:
        return project.executed / self.coding / self.regime / f"{self.notebook}.ipynb"


def notebook_names(project: Project) -> list[str]:
    """The notebooks of the project, in order.

    Raises
    ------
    InputError: there is none.
    """
    names = sorted(path.stem for path in project.notebooks.glob("[0-9][0-9]_*.ipynb"))
    if not names:
        raise InputError("no notebooks", where="notebooks/", allowed="files such as 01_emergence.ipynb")
    return names


def jobs_of(project: Project, coding: str, settings: Iterable[str], regimes: Iterable[str]) -> Iterator[Job]:
    """Every execution that a coding asks for."""
    chosen = tuple(settings)
    names = notebook_names(project)
    for regime in regimes:
        for name in names:
            yield Job(name, coding, regime, chosen)


def code_digest() -> str:
    """One hash over the source of this package."""
    root = Path(__file__).resolve().parents[1]
    return files_digest(sorted(root.rglob("*.py")), root)


def files_digest(paths: Iterable[Path], root: Path) -> str:
    """One hash over names and bytes of files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def notebook_digest(path: Path) -> str:
    """A hash of what a notebook executes and tells: cell types, sources and tags; outputs do not count.

    Raises
    ------
    InputError: the file is no notebook.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        told = [(c["cell_type"], c["source"], c["metadata"].get("tags", [])) for c in cells]
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError("is no notebook", where=f"notebooks/{path.name}", found=error) from None
    if not any("parameters" in tags for _, _, tags in told):
        raise InputError("has no cell tagged parameters", where=f"notebooks/{path.name}")
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()

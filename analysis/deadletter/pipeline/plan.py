"""The notebooks that a run executes, and the files that a result depends on."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deadletter.errors import InputError
from deadletter.notebook_files import read_source, tags_of
from deadletter.pipeline.injected import check_parameters
from deadletter.project import Project

# what a notebook is executed once for, by its metadata `deadletter.per`; the last by its own command
MULTIVERSE = "multiverse"
PER = ("regime", "coding", MULTIVERSE)
# the parameters that each kind is given
INJECTED = {"regime": ("regime", "coding", "settings"), "coding": ("coding", "settings"), MULTIVERSE: ()}


@dataclass(frozen=True)
class Job:
    """One execution: a notebook with its parameters, and where the executed copy goes.

    ``regime`` is empty for a notebook that is executed once for a coding.
    """

    notebook: str
    coding: str
    regime: str
    settings: tuple[str, ...]

    @property
    def name(self) -> str:
        return "/".join(part for part in (self.coding, self.regime, self.notebook) if part)

    @property
    def parameters(self) -> dict[str, object]:
        if self.coding == MULTIVERSE:
            return {}
        own = {"regime": self.regime} if self.regime else {}
        return {**own, "coding": self.coding.partition("+")[0], "settings": list(self.settings)}

    def source(self, project: Project) -> Path:
        return project.notebooks / f"{self.notebook}.ipynb"

    def target(self, project: Project) -> Path:
        return project.executed / f"{self.name}.ipynb"


def notebooks(project: Project) -> dict[str, str]:
    """The notebooks of the project, in order, with what each is executed once for: one of :data:`PER`.

    Raises
    ------
    InputError: there is none, two differ in case alone, or one cannot be read or asks for something else.
    """
    paths = sorted(project.notebooks.glob("[0-9][0-9]_*.ipynb"))
    if not paths:
        raise InputError("no notebooks", where="notebooks/", allowed="files such as 01_emergence.ipynb")
    known: dict[str, Path] = {}
    for path in paths:
        if (other := known.setdefault(path.name.casefold(), path)) is not path:
            # many systems would keep only one of their copies and pages
            problem = "has the name of another notebook but for its case"
            raise InputError(problem, where=f"notebooks/{path.name}", found=other.name, allowed="another name")
    return {path.stem: _per(path) for path in paths}


def _per(path: Path) -> str:
    source = read_source(path)
    where, found = f"notebooks/{path.name}", source["metadata"].get("deadletter", {}).get("per", PER[0])
    if found not in PER:
        raise InputError("is not allowed", where=f"{where} metadata deadletter.per", found=found, allowed=PER)
    check_parameters(source, INJECTED[found], where)
    return found


def jobs_of(project: Project, coding: str, settings: Iterable[str], regimes: Iterable[str]) -> Iterator[Job]:
    """Every execution that a coding asks for: its notebooks for each regime, then those that run once for it."""
    chosen, known = tuple(settings), notebooks(project)
    for regime in regimes:
        yield from (Job(name, coding, regime, chosen) for name, per in known.items() if per == "regime")
    yield from (Job(name, coding, "", chosen) for name, per in known.items() if per == "coding")


def multiverse_jobs(project: Project) -> Iterator[Job]:
    """The notebooks about the multiverse, where its tables exist."""
    if (project.results / MULTIVERSE / "meta.json").is_file():
        yield from (Job(name, MULTIVERSE, "", ()) for name, per in notebooks(project).items() if per == MULTIVERSE)


def notebook_digest(path: Path) -> str:
    """A hash of what a notebook executes and says: cell types, sources and tags; outputs do not count.

    Raises
    ------
    InputError: the file is not a notebook.
    """
    cells = read_source(path)["cells"]
    # a source is text, or a list of lines: editors differ
    content = [(cell["cell_type"], "".join(cell["source"]), tags_of(cell)) for cell in cells]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()

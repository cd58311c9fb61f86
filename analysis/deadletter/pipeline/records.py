"""What a job depended on when it was done, as a file that people can read, and what of it is different now."""

import json
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deadletter.coding import coding_names, load_coding
from deadletter.coding.settings import whole_digest
from deadletter.dataset.tables import read_descriptor, read_files, table_hashes
from deadletter.files import canonical_json, write_atomically
from deadletter.pipeline.import_graph import PACKAGE, ROOT, file_hash, module_path
from deadletter.project import STUDY_FILE, Project, files_below
from deadletter.tracing import Read

VERSION = 1
LOCK = "requirements.lock"
Hashes = Mapping[str, str]
Parameters = Mapping[str, str]


@dataclass(frozen=True)
class Record:
    """The components of a key. Paths are relative, values are hashes of contents; parameters are recorded as they are.

    notebook: hash of what a notebook executes (empty for a step). tables: files of the results folder that were read.
    codings: those that were loaded besides the job's own, whose fields are parameters.
    files: files of the project that were read besides data and tables. outputs: what was written, from the output root.
    """

    python: str
    lock: str
    notebook: str = ""
    parameters: Parameters = field(default_factory=dict)
    data: Hashes = field(default_factory=dict)
    codings: Hashes = field(default_factory=dict)
    modules: Hashes = field(default_factory=dict)
    files: Hashes = field(default_factory=dict)
    tables: Hashes = field(default_factory=dict)
    outputs: Hashes = field(default_factory=dict)

    @property
    def inputs(self) -> Iterator[tuple[str, str, str]]:
        """Kind, name and hash of everything that was read, but for the notebook itself and tables of results."""
        kinds = {"data": self.data, "coding": self.codings, "module": self.modules, "file": self.files}
        return ((kind, name, hashes[name]) for kind, hashes in kinds.items() for name in sorted(hashes))


def write_record(path: Path, record: Record) -> None:
    """Write a record, whole or not at all."""
    write_atomically(path, canonical_json({"version": VERSION, **asdict(record)}))


def read_record(path: Path) -> Record | None:
    """The record of a file; None where there is none that this version can read."""
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        if fields.pop("version") != VERSION:
            return None
        return Record(**fields)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


class Present:
    """The present project: hashes of what jobs depend on, each taken once, when it is first asked for."""

    def __init__(self, project: Project) -> None:
        self.project = project
        package = read_descriptor(project.descriptor)
        self.data = dict(table_hashes(package, read_files(project.data, package)).values())
        self.python = platform.python_version()
        own = project.root / LOCK
        self.lock = file_hash(own if own.is_file() else ROOT / LOCK)
        self._hashes: dict[Path, str] = {}

    def hash(self, path: Path) -> str:
        """A hash of a file's bytes, or of the names in a folder; empty where there is none."""
        if path not in self._hashes:
            self._hashes[path] = file_hash(path)
        return self._hashes[path]

    def module(self, path: str) -> str:
        """The same for a module, by its path."""
        return self.hash(ROOT / path)

    def coding(self, name: str) -> str:
        """A hash of a coding of params/; empty where there is none."""
        if name not in coding_names(self.project.params):
            return ""
        return whole_digest(load_coding(self.project.params, name))

    def now(self, kind: str, name: str) -> str:
        """The hash of an input of a kind, as :attr:`Record.inputs` names it; empty where there is none."""
        if kind == "data":
            return self.data.get(name, "")
        if kind == "coding":
            return self.coding(name)
        return self.module(name) if kind == "module" else self.hash(self.project.root / name)

    def look(self) -> None:
        """Take the hashes of everything now: later ones show whether it changed meanwhile."""
        for path in (ROOT / PACKAGE).rglob("*.py"):
            self.hash(path)
        for folder in (self.project.data, self.project.params, self.project.notebooks):
            for path in files_below(folder):
                self.hash(path)
                self.hash(path.parent)
        self.hash(self.project.root / STUDY_FILE)

    def record(
        self, parameters: Parameters, reads: Iterable[Read], tables: Path, outputs: Iterable[Path], notebook: str = ""
    ) -> Record:
        """A record of what was read and written by a job that has just ended."""
        named = [(kind, *name.partition("/")[::2]) if kind == "file" else (kind, "", name) for kind, name, _ in reads]
        read_tables = sorted(name for kind, place, name in named if place == "tables")
        files = sorted(name for kind, place, name in named if place == "project")
        loaded = [name for kind, _, name in named if kind == "module"]
        root = self.project.output_root
        return Record(
            python=self.python,
            lock=self.lock,
            parameters=dict(parameters),
            data={name: digest for kind, name, digest in sorted(reads) if kind == "data"},
            codings={name: digest for kind, name, digest in sorted(reads) if kind == "coding" and name != tables.name},
            modules={path: self.module(path) for path in sorted(map(module_path, loaded))},
            files={name: self.hash(self.project.root / name) for name in files},
            tables={name: file_hash(tables / name) for name in read_tables},
            outputs={path.relative_to(root).as_posix(): file_hash(path) for path in outputs},
            notebook=notebook,
        )


def differences(record: Record, present: Present, parameters: Parameters, notebook: str = "") -> Iterator[str]:
    """What of a record is different now, a sentence each; tables are left to the caller, which knows their steps."""
    if record.notebook != notebook:
        yield "notebook changed"
    for name in sorted({*record.parameters, *parameters}):
        was, now = record.parameters.get(name), parameters.get(name)
        if was != now:
            yield f"parameter {name} changed from {_plain(was)} to {_plain(now)}"
    for kind, name, was in record.inputs:
        now = present.now(kind, name)
        if now != was:
            yield f"{kind} {name} {'is gone' if not now else 'changed' if was else 'is new'}"
    if record.lock != present.lock:
        yield "lock file changed"
    if record.python != present.python:
        yield f"Python changed from {record.python} to {present.python}"
    for name, was in record.outputs.items():
        now = present.hash(present.project.output_root / name)
        if now != was:
            yield f"output {name} changed since it was written" if now else "output missing"


def _plain(value: str | None) -> str:
    """A recorded parameter in a sentence: whole numbers without their point."""
    return "nothing" if value is None else value.removesuffix(".0")


def keep(before: Present, record: Record, path: Path, *sources: Path) -> list[str]:
    """Write the record of a job, unless an input changed since ``before``: which version it read is then unknown.

    Parameters
    ----------
    sources: files that were read before the job began: its notebook.

    Returns
    -------
    What changed; then nothing is recorded, so that the job is due again.
    """
    root, after = before.project.root, Present(before.project)
    paths = {"data": "data/{}", "coding": "params/{}.yaml"}
    changed = {paths.get(kind, "{}").format(name) for kind, name, was in record.inputs if after.now(kind, name) != was}
    changed |= {path.relative_to(root).as_posix() for path in sources if before.hash(path) != after.hash(path)}
    if changed:
        path.unlink(missing_ok=True)
    else:
        write_record(path, record)
    return sorted(changed)

"""The quick answer to `run` when nothing changed: hashes are compared before any library is imported.

A run that ended with everything up to date leaves a receipt for its arguments: a hash of every file that can affect
the answer, and of every output. Where one differs, or anything is in doubt, the run itself looks.
"""

import hashlib
import json
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

from deadletter.labels import counted
from deadletter.project import STUDY_FILE, Project, files_below, find_project

VERSION = 1
PACKAGE = Path(__file__).resolve().parents[1]
LOCK = "requirements.lock"
# these ask for something that must be done each time
NOT_ANSWERED = ("--force", "--force-notebooks", "--explain", "--dry-run", "--help")
ROOT_OPTION = "--output-root"


def answer(arguments: Sequence[str]) -> list[str] | None:
    """The lines of a run that finds nothing to do; None where the run must look for itself.

    Parameters
    ----------
    arguments: those of the command line, the command first.
    """
    if not arguments or arguments[0] != "run" or any(word in NOT_ANSWERED for word in arguments):
        return None
    try:
        project = find_project(_output_root(arguments))
        receipt = json.loads(_path(project, arguments).read_text(encoding="utf-8"))
        outputs = [project.output_root / name for name in receipt["outputs"]]
        if receipt["state"] == state(project) and receipt["outputs"] == _hashes(outputs, project.output_root):
            return [*receipt["lines"], summary(project, 0)]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return None


def leave_receipt(project: Project, arguments: Sequence[str], before: object, outputs: Iterable[Path],
                  lines: Sequence[str]) -> None:  # fmt: skip
    """Note that a run with these arguments has nothing to do as long as everything stays as it was ``before``."""
    from deadletter.files import canonical_json, write_atomically

    receipt = {"state": before, "outputs": _hashes(outputs, project.output_root), "lines": list(lines)}
    write_atomically(_path(project, arguments), canonical_json(receipt))


def state(project: Project) -> dict[str, object]:
    """Everything on which the answer depends, but for outputs: hashes of files by name."""
    inputs = [path for folder in (project.data, project.params, project.notebooks) for path in files_below(folder)]
    code = [path for path in files_below(PACKAGE) if path.suffix == ".py"]
    return {
        "version": VERSION,
        "python": platform.python_version(),
        "project": _hashes([*inputs, project.root / STUDY_FILE, project.root / LOCK], project.root),
        "package": _hashes([*code, PACKAGE.parents[1] / LOCK], PACKAGE.parents[1]),
        # a multiverse that is there, or not, decides which notebooks there are
        "multiverse": _hashes(files_below(project.results / "multiverse"), project.output_root),
    }


def summary(project: Project, executed: int) -> str:
    """The last line of every run."""
    return f"{counted(executed, 'notebook')} executed; look in {project.executed} and {project.results}"


def _output_root(arguments: Sequence[str]) -> Path | None:
    for position, word in enumerate(arguments):
        if word == ROOT_OPTION:
            return Path(arguments[position + 1]) if position + 1 < len(arguments) else None
        if word.startswith(f"{ROOT_OPTION}="):
            return Path(word.partition("=")[2])
    return None


def _path(project: Project, arguments: Sequence[str]) -> Path:
    key = hashlib.sha256(json.dumps([str(project.root), *arguments]).encode()).hexdigest()
    return project.cache / "receipts" / f"{key[:16]}.json"


def _hashes(paths: Iterable[Path], root: Path) -> dict[str, str]:
    hashes = {}
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError:
            content = b""
        hashes[path.relative_to(root).as_posix()] = hashlib.sha256(content).hexdigest()
    return hashes

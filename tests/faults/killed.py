"""Kill a command at some moment, and look at what it left."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
import pandas as pd

from deadletter.files import PART
from deadletter.site.publish import MARKER
from tests.faults.tiny import command

FOLDERS = ("results", "executed", "site")
# facts about a run: never equal
FACTS = {"run.json"}
HIDDEN = {".cache", MARKER, ".nojekyll"}
MARK = "DEADLETTER_MARK"
PATIENCE = 300


def outputs(project: Path) -> dict[str, bytes]:
    """Every output by its path; what the cache remembers is none, nor is a part."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((project / folder).rglob("*")):
            name = path.relative_to(project)
            if path.is_file() and not any(part.startswith(".") for part in name.parts) and path.name not in FACTS:
                found[name.as_posix()] = path.read_bytes()
    return found


def parts(project: Path) -> list[Path]:
    """Files that were being written."""
    return [path for folder in FOLDERS for path in (project / folder).rglob(f"*{PART}")] + [*project.glob(f".*{PART}")]


def assert_whole(project: Path) -> None:
    """Every file under the output folders parses as what its name says; hidden ones are parts or of the cache."""
    for folder in FOLDERS:
        for path in (project / folder).rglob("*"):
            hidden = path.name.startswith(".") and path.name not in HIDDEN
            assert not hidden or path.name.endswith(PART), f"{path} has no recognisable name"
            if path.is_file() and not hidden:
                parse(path)


def parse(path: Path) -> None:
    match path.suffix:
        case ".csv":
            assert path.read_bytes().endswith(b"\n")
            pd.read_csv(path)
        case ".json":
            json.loads(path.read_text(encoding="utf-8"))
        case ".ipynb":
            nbformat.validate(nbformat.read(path, as_version=4))
        case ".parquet":
            pd.read_parquet(path)
        case ".svg" | ".html":
            assert path.read_text(encoding="utf-8").rstrip().endswith(">")


def kept_copy(project: Path, kept: Path) -> None:
    """Remember the outputs of a project, cache and all."""
    for folder in FOLDERS:
        if (project / folder).exists():
            shutil.copytree(project / folder, kept / folder)


def put_back(project: Path, kept: Path, folders: Sequence[str] = FOLDERS) -> None:
    """Put the outputs of some folders back to what was remembered."""
    for folder in folders:
        shutil.rmtree(project / folder, ignore_errors=True)
        if (kept / folder).exists():
            shutil.copytree(kept / folder, project / folder)


def finished(project: Path, *arguments: str) -> str:
    """Output of a command that succeeds."""
    with command(*arguments, cwd=project) as running:
        said, told = running.communicate(timeout=600)
    assert running.returncode == 0, told
    return said


def written(project: Path) -> set[tuple[int, int]]:
    """What tells each file below a project from one that is written later, whatever its name."""
    found = set()
    for folder, _, names in os.walk(project):
        for name in names:
            with contextlib.suppress(OSError):  # it was renamed or deleted meanwhile
                status = os.stat(os.path.join(folder, name))
                found.add((status.st_ino, status.st_mtime_ns))
    return found


def kill_after(project: Path, files: int, pause: float, *arguments: str) -> bool:
    """Start a command and kill it some seconds after it has written so many files; says whether it was still at work.

    Whatever it started must end by itself.
    """
    mark = uuid.uuid4().hex
    before, new = written(project), set()
    with marked(mark), command(*arguments, cwd=project) as running:
        while running.poll() is None and len(new) < files:
            new |= written(project) - before
            time.sleep(0.01)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(pause)
        struck = running.poll() is None
        running.send_signal(signal.SIGKILL)
        running.communicate(timeout=PATIENCE)
    # the event is that none is left; the limit only ends a test that would wait for ever
    limit = time.monotonic() + PATIENCE
    while left := of_mark(mark):
        assert time.monotonic() < limit, f"processes outlive the killed command: {left}"
        time.sleep(0.05)
    return struck


@contextlib.contextmanager
def marked(mark: str) -> Iterator[None]:
    os.environ[MARK] = mark
    try:
        yield
    finally:
        del os.environ[MARK]


def of_mark(mark: str) -> list[int]:
    """Processes that were started with a mark in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (
                f"{MARK}={mark}".encode() in (folder / "environ").read_bytes()
                and b"(" in (folder / "stat").read_bytes()
            ):
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
                found += [int(folder.name)] if state != "Z" else []
    return found

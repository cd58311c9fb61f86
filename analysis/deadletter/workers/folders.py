"""Folders that tasks read: where they stand, or sent as bytes to workers that share no disk with this machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from deadletter.workers.cluster import Cluster
from deadletter.workers.executor import share

KEPT = 16
"""Folders that a worker keeps; the longest unused goes first."""


@dataclass(frozen=True)
class Files:
    """Files of a folder: relative paths with ``/`` and contents, in the order of the paths."""

    contents: tuple[tuple[str, bytes], ...]

    @cached_property
    def digest(self) -> str:
        """A hash of paths and contents."""
        digest = hashlib.sha256()
        for name, content in self.contents:
            digest.update(f"{name}\n{len(content)}\n".encode())
            digest.update(content)
        return digest.hexdigest()


def pack(root: Path, parts: Iterable[str] = (".",)) -> Files:
    """The files below some folders of ``root``, but for those whose path has a hidden part."""
    paths = {path.relative_to(root) for part in parts for path in (root / part).rglob("*") if path.is_file()}
    shown = sorted(path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts))
    return Files(tuple((name, (root / name).read_bytes()) for name in shown))


def send(executor: Executor, root: Path, parts: Iterable[str] = (".",)) -> Any:
    """A folder as an argument of a task, which finds it by :func:`placed`: a path, or on a cluster its files."""
    return share(executor, pack(root, parts)) if isinstance(executor, Cluster) else root


def placed(folder: Path | Files) -> Path:
    """The path of a folder that was sent; files are unpacked below the worker's own folder, once for each hash."""
    if isinstance(folder, Path):
        return folder
    from distributed import get_worker

    base = Path(get_worker().local_directory) / "deadletter"
    target = base / folder.digest[:32]
    if not target.is_dir():
        base.mkdir(parents=True, exist_ok=True)
        working = Path(tempfile.mkdtemp(dir=base, prefix="."))
        for name, content in folder.contents:
            path = working / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        working.rename(target)
    os.utime(target)
    others = sorted(base.glob("[!.]*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in others[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return target

"""Which modules of this package a computation can reach: imports read from the source, lazy ones included."""

import ast
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = __name__.partition(".")[0]
_MODULE = rf"{PACKAGE}(\.\w+)+"


def closure(roots: Iterable[str]) -> tuple[str, ...]:
    """Every module that some modules import, directly or not, anywhere in their source; sorted, roots included."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        path = source_of(name)
        if name not in found and path is not None:
            found.add(name)
            # importing a module first executes the packages around it
            waiting += [name.rpartition(".")[0], *_imports(path.read_bytes())]
    return tuple(sorted(found))


def source_of(module: str) -> Path | None:
    """The file of a module of this package; None for any other module."""
    if module.partition(".")[0] != PACKAGE:
        return None
    path = ROOT.joinpath(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def module_path(module: str) -> str:
    """How a module is named in records: the path of its file, with the package's folder."""
    path = source_of(module)
    return path.relative_to(ROOT).as_posix() if path else module


@cache
def _imports(source: bytes) -> tuple[str, ...]:
    return tuple(sorted(set(_named(ast.parse(source)))))


def _named(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            # what is imported from a package may be a module of it
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(_MODULE, node.value):
            # of public names, which are imported when they are first used
            yield node.value


def file_hash(path: Path) -> str:
    """A hash of a file's bytes, or of the names in a folder; empty where there is none."""
    try:
        content = "\n".join(sorted(os.listdir(path))).encode() if path.is_dir() else path.read_bytes()
        return hashlib.sha256(content).hexdigest()
    except OSError:
        return ""

"""The reference of the package's public names, from their docstrings."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

# rooms whose functions a reader's own notebook may call
ROOMS = ("indices", "alignment", "trade", "argument")


def reference_pages() -> Iterator[tuple[str, str]]:
    """Path and source of a page for each room: the names that it exports, or those of its modules."""
    for room in ROOMS:
        package = importlib.import_module(f"deadletter.{room}")
        exported = sorted(getattr(package, "__all__", ()))
        parts = [_named(package.__name__, name, getattr(package, name)) for name in exported]
        for found in () if exported else pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            own = [
                _named(found.name, name, value) for name, value in vars(module).items() if _public(module, name, value)
            ]
            parts += [f".. rubric:: {found.name}\n", *own] if own else []
        body = "\n".join(parts)
        yield (
            f"reference/{room}",
            f"# deadletter.{room}\n\n```{{eval-rst}}\n.. automodule:: deadletter.{room}\n\n{body}\n```\n",
        )


def _public(module: ModuleType, name: str, value: object) -> bool:
    defined = (inspect.isfunction(value) or inspect.isclass(value)) and value.__module__ == module.__name__
    return defined and not name.startswith("_")


def _named(home: str, name: str, value: object) -> str:
    kind = "autoclass" if inspect.isclass(value) else "autofunction" if callable(value) else "autodata"
    return f".. {kind}:: {home}.{name}\n"

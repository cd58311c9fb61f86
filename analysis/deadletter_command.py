"""Where the command `deadletter` starts: it sees that no module on PYTHONPATH stands in for one that it needs.

What stands there comes before what is installed and before Python's own, and nothing within the package could tell.
"""

import os
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder

# what packages leave among modules, and nobody imports
UNUSED = {"conftest", "docs", "examples", "setup", "test", "tests"}


def main() -> int | None:
    """The exit code of the command; 2 where another package or module has the name of one that it needs."""
    spec = PathFinder.find_spec("deadletter")
    found = (spec and spec.origin) or ""
    own = os.path.join(os.path.dirname(__file__), "deadletter", "__init__.py")
    foreign = [("deadletter", found)] if os.path.realpath(found) != os.path.realpath(own) else _foreign()
    for name, file in foreign:
        allowed = "folders without it, or none (env -u PYTHONPATH)"
        print(f"error: PYTHONPATH: holds another module {name}; found: {file!a}; allowed: {allowed}", file=sys.stderr)
        return 2
    from deadletter.__main__ import main as command

    command()
    return None


def _foreign() -> Iterator[tuple[str, str]]:
    """Modules on PYTHONPATH in the place of those of Python and of what is installed, with their files."""
    named = os.environ.get("PYTHONPATH") if not sys.flags.ignore_environment else None
    first = [os.path.realpath(folder) for folder in named.split(os.pathsep)] if named else []
    later = {os.path.realpath(folder) for folder in sys.path} - set(first) if first else set()
    needed = sys.stdlib_module_names.union(*map(_modules, later)) - UNUSED - {"deadletter", __name__}
    for folder in first:
        if folder != os.path.dirname(os.path.realpath(os.__file__)):
            yield from ((name, file) for name, file in sorted(_modules(folder).items()) if name in needed)


def _modules(folder: str) -> dict[str, str]:
    """The modules and packages in a folder by name, with their files; none where it cannot be listed."""
    try:
        files = os.listdir(folder)
    except OSError:
        return {}
    packages = {name: os.path.join(folder, name, "__init__.py") for name in files if "." not in name}
    modules = {name.partition(".")[0]: os.path.join(folder, name) for name in files if name.endswith((".py", ".so"))}
    return modules | {name: file for name, file in packages.items() if os.path.isfile(file)}

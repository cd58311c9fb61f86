"""Where the command `deadletter` starts: it sees that the package of that name is this one, and hands over to it.

What stands on PYTHONPATH comes before what is installed, and nothing within the package could tell.
"""

import os
import sys
from importlib.machinery import PathFinder


def main() -> int | None:
    """The exit code of the command; 2 where another package or module has its name."""
    spec = PathFinder.find_spec("deadletter")
    found = (spec and spec.origin) or ""
    own = os.path.join(os.path.dirname(__file__), "deadletter", "__init__.py")
    if os.path.realpath(found) != os.path.realpath(own):
        print(f"error: PYTHONPATH: holds another module deadletter; found: {found!a}; allowed: none", file=sys.stderr)
        return 2
    from deadletter.__main__ import main as command

    command()
    return None

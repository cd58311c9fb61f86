"""Arguments of the public functions, checked where they come in."""

import inspect
import re
from collections.abc import Callable, Mapping
from functools import cache, wraps
from importlib import import_module
from typing import Any, get_args, get_type_hints

from deadletter.errors import InputError


@cache
def checked(given: Any, room: str) -> Any:
    """A function that refuses arguments whose types its signature does not name; anything else is returned as it is.

    Arguments come in as their hints say (a number of draws of 1e3 is an integer, a generator of names a list). The
    values of arrays and lists of numbers are left to the function, which names the one that is not a number.
    ``room``: the package that offers the function, under which it can be pickled.

    The function returned raises InputError for such an argument.
    """
    return _checked(given, room) if inspect.isfunction(given) else given


def offered(room: str, homes: Mapping[str, str]) -> tuple[list[str], Callable[[str], Any]]:
    """The public names of a package and its ``__getattr__``, which imports each name, checked, when it is first used.

    homes: names by module, in full: what a computation can reach is read from the source (``pipeline.import_graph``).
    """
    home_of = {name: home for home, names in homes.items() for name in names.split()}

    def public(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        return checked(getattr(import_module(home_of[name]), name), room)

    return sorted(home_of), public


def _checked(function: Callable[..., Any], room: str) -> Callable[..., Any]:
    from deadletter.given import UnfitError, taken  # loads numpy and pandas, which asking for a room must not

    signature, hints = inspect.signature(function), get_type_hints(function)
    ranges = {name: get_args(hint)[1:] for name, hint in get_type_hints(function, include_extras=True).items()}

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        for name, value in bound.arguments.items():
            where = f"{function.__name__}, {name}"
            try:
                bound.arguments[name] = one = taken(value, hints[name])
            except UnfitError:
                named = re.sub(r"[\w.]+\.", "", inspect.formatannotation(hints[name]))
                # numpy's own names of what is like an array fill a page
                allowed = "numbers: an array, a list or a series" if "numpy" in str(hints[name]) else named
                found = f"{type(value).__name__} {value!r}"
                raise InputError("has the wrong type", where=where, found=found, allowed=allowed) from None
            except InputError as error:
                raise InputError(error.problem, where=where, found=error.found, allowed=error.allowed) from None
            if hints[name] is int:
                least, most = ranges[name] or (-(2**63), 2**63 - 1)
                if not least <= one <= most:
                    raise InputError("is out of range", where=where, found=one, allowed=f"{least} to {most}")
        return function(*bound.args, **bound.kwargs)

    call.__module__ = room
    return call

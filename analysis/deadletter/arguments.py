"""Arguments of the public functions, checked where they come in."""

import inspect
import re
import types
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache, wraps
from importlib import import_module
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from deadletter.errors import InputError


@cache
def checked(given: Any, room: str) -> Any:
    """A function that refuses arguments whose types its signature does not name; anything else is returned as it is.

    The values of arrays and lists of numbers are left to the function, which names the one that is not a number.
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
    signature, hints = inspect.signature(function), get_type_hints(function)

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        for name, value in bound.arguments.items():
            if not _fits(value, hints[name]):
                allowed = re.sub(r"[\w.]+\.", "", inspect.formatannotation(hints[name]))
                found = f"{type(value).__name__} {value!r}"
                where = f"{function.__name__}, {name}"
                raise InputError("has the wrong type", where=where, found=found, allowed=allowed)
            if hints[name] is int:
                bound.arguments[name] = int(value)  # 1e3 is a number of draws
        return function(*bound.args, **bound.kwargs)

    call.__module__ = room
    return call


def _fits(value: Any, hint: Any) -> bool:
    origin, inner = get_origin(hint), get_args(hint)
    several = hasattr(value, "__len__") and getattr(value, "ndim", 1) > 0
    if "numpy" in str(hint) and value is not None:
        return not isinstance(value, str | dict) and (several or hasattr(value, "__float__"))
    if origin in (Union, types.UnionType):
        return any(_fits(value, one) for one in inner)
    if origin is Literal:
        return isinstance(value, str)
    if hint is bool:
        return value is not None and not several
    if hint is int:
        return _fits(value, float) and not isinstance(value, bool) and float(value).is_integer()
    if hint in (float, Fraction):
        return hasattr(value, "__float__") and not several
    if origin is None:
        return isinstance(value, hint)
    if issubclass(origin, Mapping):
        named = isinstance(value, Mapping)
        return named and (get_origin(inner[1]) is None or all(_fits(one, inner[1]) for one in value.values()))
    if isinstance(value, str) or hasattr(value, "columns") or not hasattr(value, "__iter__"):
        return False
    if origin is tuple:
        return several and len(value) == len(inner) and all(map(_fits, value, inner))
    if not several or inner[0] is float:
        return True
    return all(isinstance(one, str | int) if inner[0] is str else _fits(one, inner[0]) for one in value)

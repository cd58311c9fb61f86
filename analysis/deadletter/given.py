"""What a caller gives, as the type hint of an argument says that it is: numbers, names, frames."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from numbers import Integral
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deadletter.errors import InputError

Draws = Annotated[int, 0, 1_000_000]  # with least and greatest value
Seed = Annotated[int, 0, 2**128]
Lag = Annotated[int, -1_000, 1_000]


class UnfitError(TypeError):
    """A value is not what the hint says."""


def numbers(values: object, where: str, problem: str = "not numbers") -> NDArray[np.float64]:
    """Floats of any shape, NaN where one is missing.

    Raises InputError on what holds no real numbers: text, dates, of which numpy would count nanoseconds, complex
    numbers, rows that differ in length, whole numbers beyond what a float can hold.
    """
    try:
        if isinstance(values, pd.DataFrame):
            kinds = {getattr(kind, "kind", "O") for kind in values.dtypes}
        else:
            kinds = {getattr(getattr(values, "dtype", None), "kind", "O")}
        if kinds & set("mMcSU"):
            raise UnfitError
        if isinstance(values, np.ma.MaskedArray):  # numpy would take what the mask hides
            return np.ma.filled(values.astype(float), np.nan)
        array = np.asarray(values.astype(object) if isinstance(values, pd.DataFrame | pd.Series) else values)
        if array.dtype.kind in "mMcSU":
            raise UnfitError
        if array.dtype == object:
            if any(isinstance(one, str | bytes | complex | np.generic) and np.asarray(one).dtype.kind not in "biuf"
                   for one in array.flat):  # fmt: skip
                raise UnfitError
            array = np.where(pd.isna(array), np.nan, array)
        return np.asarray(array, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InputError(problem, where=where, found=values) from None


def finite(values: object, where: str) -> NDArray[np.float64]:
    """As :func:`numbers`, and InputError where a value is missing or infinite."""
    array = numbers(values, where)
    if not np.isfinite(array).all():
        place = ", ".join(map(str, np.argwhere(~np.isfinite(array))[0]))
        raise InputError("a value is missing or infinite", where=where, found=f"position {place}" if place else values)
    return array


def scalar(value: object, where: str) -> float:
    """As :func:`finite`, of one number."""
    number = finite(value, where)
    if number.ndim > 0:
        raise InputError("not a number", where=where, found=value)
    return float(number)


def together(**arrays: object) -> list[NDArray[np.float64]]:
    """Numbers of shapes that broadcast, as :func:`numbers`; the names are those of the arguments."""
    found = [numbers(values, name) for name, values in arrays.items()]
    try:
        return list(np.broadcast_arrays(*found))
    except ValueError:
        shapes = ", ".join(str(array.shape) for array in found)
        raise InputError("shapes do not fit together", where=", ".join(arrays), found=shapes) from None


def taken(value: Any, hint: Any) -> Any:
    """The value, converted to the type of the hint; numbers in arrays and mappings are checked by the function called.

    Raises UnfitError: the value does not fit the hint.
    """
    hint = getattr(hint, "__value__", hint)  # an alias of Python 3.12 and later, such as numpy's ArrayLike there
    origin, inner = get_origin(hint), get_args(hint)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        _if(value, isinstance(value, Mapping) and all(isinstance(name, str | Integral) for name in value))
        plain = inner[1] in (int, float)
        return value if plain else {name: taken(one, inner[1]) for name, one in value.items()}
    if "numpy" in str(hint):
        return _array(value, type(None) in inner)
    if origin in (Union, types.UnionType):
        return _one_of(value, inner)
    if origin is Annotated:
        return taken(value, inner[0])
    if hint in (bool, int, float, Fraction):
        return _number(value, hint)
    if origin is Literal:
        return _if(value, isinstance(value, str))
    if origin is None:
        return _instance(value, hint)
    return _several(value, origin, inner)


def _if(value: Any, fits: bool) -> Any:
    if not fits:
        raise UnfitError
    return value


def _one_of(value: Any, hints: tuple[Any, ...]) -> Any:
    for one in hints:
        try:
            return taken(value, one)
        except UnfitError:
            continue
    raise UnfitError


def _array(value: Any, optional: bool) -> Any:
    fits = _many(value) or hasattr(value, "__float__") or (optional and value is None)
    return _if(value, fits and not isinstance(value, str | bytes | Mapping | set | frozenset | type))


def _many(value: Any) -> bool:
    return hasattr(value, "__len__") and getattr(value, "ndim", 1) > 0


def _number(value: Any, hint: type) -> Any:
    if isinstance(value, str | bytes | type | complex) or _many(value) or not hasattr(value, "__float__"):
        raise UnfitError
    try:
        number = float(value)
        if hint is float:
            return number
        if hint is Fraction and np.isfinite(number):
            return value if isinstance(value, Fraction) else _exact(value)
        whole = int(value) if number.is_integer() else None
    except (TypeError, ValueError, ArithmeticError):
        raise UnfitError from None
    if whole is None or (hint is bool and whole not in (0, 1)) or (hint is int and isinstance(value, bool)):
        raise UnfitError
    return hint(whole)


def _exact(number: Any) -> Fraction:
    """The fraction that rounds to a number, not a little more or less: 12/17 is 12 of 17; else its decimal digits."""
    short = Fraction(float(number)).limit_denominator(1_000_000)
    return short if float(short) == number else Fraction(str(number + 0))


def _instance(value: Any, hint: Any) -> Any:
    _if(value, isinstance(value, hint))
    if isinstance(value, pd.DataFrame):
        if value.columns.nlevels > 1:
            raise InputError("the names of columns have several levels", found=value.columns[0], allowed="one level")
        for name in value.columns[value.columns.duplicated()][:1]:
            raise InputError("two columns have the same name", found=name)
    for name, kind in _fields(hint).items():
        taken(getattr(value, name), kind)
    return value


@cache
def _fields(hint: Any) -> dict[str, Any]:
    """Type hints of the fields of a dataclass; of anything else, none."""
    if not is_dataclass(hint):
        return {}
    hints = get_type_hints(hint)
    return {field.name: hints[field.name] for field in fields(hint)}


def _several(value: Any, origin: type, inner: tuple[Any, ...]) -> Any:
    single = isinstance(value, str | bytes | pd.DataFrame) or getattr(value, "ndim", 1) == 0
    if single or not hasattr(value, "__iter__"):
        raise UnfitError
    # a set has no order of its own, and results must not depend on the one it happens to have
    entries = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
    if origin is tuple:
        kinds = [inner[0]] * len(entries) if inner[-1] is Ellipsis else list(inner)
        _if(value, len(kinds) == len(entries))
        return tuple(taken(one, kind) for one, kind in zip(entries, kinds, strict=True))
    if inner[0] is float:
        return value if hasattr(value, "__len__") else entries
    if inner[0] is str:
        return [_if(one, isinstance(one, str | Integral)) for one in entries]
    return [taken(one, inner[0]) for one in entries]

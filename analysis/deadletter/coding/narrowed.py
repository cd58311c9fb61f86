"""A coding without the settings that a computation has no business to read: it cannot depend on them unnoticed."""

from collections.abc import Iterable

from deadletter.coding.model import Coding


def within(key: str, fields: Iterable[str]) -> bool:
    """Whether a dotted key is one of some fields, or part of one."""
    return any(key == field or key.startswith(f"{field}.") for field in fields)


def narrowed(coding: Coding, fields: Iterable[str]) -> Coding:
    """A coding with some fields, dotted; reading another raises AttributeError."""
    chosen = tuple(fields)
    copy = coding.model_copy()
    for name in tuple(copy.__dict__):
        inside = [field.partition(".")[2] for field in chosen if field.startswith(f"{name}.")]
        if inside:
            copy.__dict__[name] = narrowed(copy.__dict__[name], inside)
        elif name not in chosen:
            del copy.__dict__[name]
    return copy

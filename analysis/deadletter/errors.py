"""The errors that a user meets, and the nearest valid name that they offer."""

from collections.abc import Iterable
from difflib import get_close_matches

LISTED = 16


def nearest(found: object, allowed: Iterable[str]) -> str | None:
    """The allowed name closest in spelling to ``found``, whatever its case, or None where nothing is close."""
    names = {str(name).casefold(): str(name) for name in allowed}
    matches = get_close_matches(str(found).casefold(), names, n=1, cutoff=0.6)
    return names[matches[0]] if matches else None


class InputError(ValueError):
    """Bad input from outside: data, parameters or arguments. The command line prints it and exits with 2.

    Parameters
    ----------
    problem: what is wrong, one sentence without a full stop.
    where: file, and row, column or key within it.
    found: the offending value.
    allowed: the values that would do (a list of names, or a sentence).
    """

    def __init__(
        self, problem: str, *, where: str = "", found: object = None, allowed: Iterable[object] | str | None = None
    ) -> None:
        self.problem, self.where, self.found = problem, where, found
        self.allowed = allowed if isinstance(allowed, str) or allowed is None else [str(a) for a in allowed]
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [f"{one_line(self.where)}: {self.problem}" if self.where else self.problem]
        if self.found is not None:
            parts.append(f"found: {shorten(self.found)}")
        if isinstance(self.allowed, list):
            close = nearest(self.found, self.allowed)
            if close is not None:
                parts.append(f"did you mean: {close}")
            listed = self.allowed[:LISTED]
            more = f", … ({len(self.allowed)} in all)" if len(self.allowed) > LISTED else ""
            parts.append(f"allowed: {', '.join(listed)}{more}")
        elif self.allowed:
            parts.append(f"allowed: {self.allowed}")
        return "; ".join(parts)


class NotebookError(RuntimeError):
    """A notebook failed; the command line prints it and exits with 1."""


class WorkersError(RuntimeError):
    """Processes or machines at work went away; the command line prints it and exits with 1. Finished work is kept."""


def one_line(text: str) -> str:
    """The text with a replacement character for each that does not print, such as a line break in a file's name."""
    return "".join(ch if ch.isprintable() else "\N{REPLACEMENT CHARACTER}" for ch in text)


def shorten(value: object, limit: int = 120) -> str:
    """One printable line of a value that came from outside, cut at ``limit`` characters."""
    if isinstance(value, OSError) and value.strerror:
        value = value.strerror  # without its number, and the file, which the message names
    text = one_line(repr(value) if isinstance(value, str) else str(value))
    return text if len(text) <= limit else f"{text[: limit - 1]}…"

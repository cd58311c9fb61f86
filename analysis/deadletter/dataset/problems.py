"""A problem found in the data, and how it is reported."""

from collections.abc import Sequence
from dataclasses import dataclass

from deadletter.errors import InputError


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one place; ``where`` reads like ``account/events.csv row 12 (e011) column date``."""

    where: str
    problem: str
    found: object = None
    allowed: tuple[str, ...] | str | None = None

    def as_error(self) -> InputError:
        return InputError(self.problem, where=self.where, found=self.found, allowed=self.allowed)

    def __str__(self) -> str:
        return str(self.as_error())


def place(table: str, row: int, identifier: object = None, column: str | None = None) -> str:
    """The place of a cell, ``row`` being the line of the file with the header as line 1."""
    name = f" ({identifier})" if identifier else ""
    return f"{table} row {row}{name}" + (f" column {column}" if column else "")


def raise_first(problems: Sequence[Problem]) -> None:
    """Raise the first problem as an :class:`InputError` that counts the others and says how to list them."""
    if not problems:
        return
    first, more = problems[0], len(problems) - 1
    text = first.problem + (f" (and {more} more problems: `deadletter check` lists them)" if more else "")
    raise InputError(text, where=first.where, found=first.found, allowed=first.allowed)


EXAMPLES = 3


def raise_all(problems: Sequence[Problem], name: str) -> None:
    """Raise the problems of the file ``name``, if there are any: a single one as it is, several by kind.

    Raises InputError: with a line for each kind, its count, and its first three problems.
    """
    if not problems:
        return
    if len(problems) == 1:
        raise problems[0].as_error()
    kinds: dict[str, list[Problem]] = {}
    for problem in problems:
        kinds.setdefault(problem.problem, []).append(problem)
    lines = [f"{len(problems)} problems, nothing was taken"]
    for kind, alike in kinds.items():
        lines.append(f"  {kind}: {len(alike)}")
        lines += [f"    {problem}" for problem in alike[:EXAMPLES]]
        if len(alike) > EXAMPLES:
            lines.append(f"    and {len(alike) - EXAMPLES} more")
    raise InputError("\n".join(lines), where=name)

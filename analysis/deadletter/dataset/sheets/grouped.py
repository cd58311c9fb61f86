"""All problems of a sheet in one error: grouped by kind, with counts and the first of each."""

from __future__ import annotations

from collections.abc import Sequence

from deadletter.dataset.problems import Problem
from deadletter.errors import InputError

EXAMPLES = 3


def raise_all(problems: Sequence[Problem], name: str) -> None:
    """Raise the problems of the file ``name``, if there are any: a single one as it is, several by kind.

    Raises
    ------
    InputError: with a line for each kind, its count, and its first three problems.
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

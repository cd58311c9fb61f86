"""`deadletter compare`: two codings side by side."""

from __future__ import annotations

from typing import Annotated

import typer

from deadletter.cli.options import OutputRoot, coding_name, project_here
from deadletter.cli.terminal import working


def compare(
    base: Annotated[str, typer.Argument(metavar="BASE", help="A coding of params/.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Another coding of params/.")],
    output_root: OutputRoot = None,
) -> None:
    """Show which indices and placements move between two codings, and which decision moves them."""
    from deadletter.errors import InputError

    project = project_here(output_root)
    first, second = coding_name(project, base), coding_name(project, other)
    if first == second:
        raise InputError("compares a coding with itself", where="OTHER", found=other, allowed="another coding")
    with working(f"comparing {first} with {second}"):
        from deadletter.comparison.write import write_comparison

        lines = write_comparison(project, first, second)
    for line in lines:
        typer.echo(line)

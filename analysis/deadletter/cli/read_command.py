"""`deadletter read`: one HTML file of all that a coding's notebooks show."""

from __future__ import annotations

from typing import Annotated

import typer

from deadletter.cli.options import OutputRoot, coding_name, project_here


def read(
    codings: Annotated[
        list[str] | None, typer.Argument(metavar="[CODING]...", help="Codings to write; default: baseline.")
    ] = None,
    output_root: OutputRoot = None,
) -> None:
    """Write all executed notebooks of a coding as one HTML file, for readers without Jupyter."""
    from deadletter.files import write_atomically
    from deadletter.report.appendix import reading_copy

    project = project_here(output_root)
    for name in (coding_name(project, text) for text in codings or ["baseline"]):
        target = project.executed / f"{name}.html"
        write_atomically(target, reading_copy(project.executed, name))
        typer.echo(f"to read: {target}")

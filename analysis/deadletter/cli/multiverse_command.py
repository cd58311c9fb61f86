"""`deadletter multiverse`: all declared codings at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deadletter.cli.options import OutputRoot, Scheduler, processors, project_here
from deadletter.cli.terminal import working


def multiverse(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Declaration of branches; default: params/multiverse.yaml.")
    ] = None,
    universes: Annotated[
        int | None, typer.Option(min=1, max=10**10, help="How many universes; default: the declaration's.")
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, max=64, help="Processes; default: one for each processor.")] = None,
    scheduler: Scheduler = "",
    output_root: OutputRoot = None,
) -> None:
    """Evaluate all declared codings at once: how firm is each placement, and which decisions drive it?"""
    project = project_here(output_root)
    declaration = file or project.params / "multiverse.yaml"
    with working(f"evaluating {declaration.name}", quiet=True):
        from deadletter.multiverse.evaluate import headline, run

        folder = run(project, declaration, universes, jobs or min(processors(), 64), scheduler, typer.echo)
    for line in headline(folder):
        typer.echo(line)

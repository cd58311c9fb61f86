"""`deadletter run`: tables and notebooks that are out of date."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from deadletter.cli.options import OutputRoot, Scheduler, coding_name, processors, project_here
from deadletter.cli.terminal import working


def run(
    codings: Annotated[
        list[str] | None, typer.Argument(metavar="[CODING]...", help="Codings of params/, by name or file.")
    ] = None,
    regime: Annotated[
        list[str] | None, typer.Option(metavar="REGIME", help="Only this focal regime; repeatable.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=64, help="Notebooks at a time; default: one for each processor.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one key; repeatable.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Compute and execute also what is up to date.")] = False,
    force_notebooks: Annotated[
        bool, typer.Option("--force-notebooks", help="Execute all notebooks; compute only tables that are out of date.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say for each step and notebook why it runs.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would run, and why; do nothing.")] = False,
    plain_kernels: Annotated[
        bool, typer.Option("--plain-kernels", help="Start each kernel anew instead of forking it.")
    ] = False,
    timeout: Annotated[int, typer.Option(min=1, metavar="SECONDS", help="Longest time for one notebook.")] = 600,
    scheduler: Scheduler = "",
    output_root: OutputRoot = None,
) -> None:
    """Compute the tables and execute the notebooks that are out of date."""
    project = project_here(output_root)
    names = tuple(dict.fromkeys(coding_name(project, text) for text in codings or ["baseline"]))
    with working(f"running {', '.join(names)}"):
        from deadletter.pipeline.noop import summary
        from deadletter.pipeline.run import Request
        from deadletter.pipeline.run import run as run_project

        request = Request(
            codings=names,
            regimes=tuple(regime or ()),
            settings=tuple(set_ or ()),
            jobs=jobs or min(processors(), 64),
            force=force,
            force_notebooks=force_notebooks,
            explain=explain,
            dry_run=dry_run,
            plain_kernels=plain_kernels,
            timeout=timeout,
            scheduler=scheduler,
            arguments=tuple(sys.argv[1:]),
        )
        executed = run_project(project, request, typer.echo)
    if not dry_run:
        typer.echo(summary(project, len(executed)))

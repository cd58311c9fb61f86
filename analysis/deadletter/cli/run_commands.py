"""Commands that compute: `deadletter run`, `multiverse` and `publish`."""

import sys
from pathlib import Path
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
    timeout: Annotated[
        int, typer.Option(min=1, max=10**6, metavar="SECONDS", help="Longest time for one notebook.")
    ] = 600,
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


def publish(
    codings: Annotated[
        list[str] | None, typer.Argument(metavar="[CODING]...", help="Codings to publish; default: all that were run.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the site; default: site.")] = None,
    allow_stale: Annotated[
        bool, typer.Option("--allow-stale", help="Publish results that are out of date, and mark their pages.")
    ] = False,
    crate: Annotated[
        bool, typer.Option("--crate", help="Also pack everything as an RO-Crate for an archive: downloads/crate.zip.")
    ] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also print the summaries to PDF; needs Chromium.")] = False,
    output_root: OutputRoot = None,
) -> None:
    """Build a static site from executed notebooks and results; it also opens from disk, without a server."""
    from deadletter.pipeline.kernels import CAN_FORK, PRELOAD_PAGES, start_server

    if CAN_FORK:  # while this process loads the same
        start_server(*PRELOAD_PAGES)
    project = project_here(output_root)
    target = out or project.output_root / "site"
    names = tuple(coding_name(project, text) for text in codings or ())
    with working(f"publishing {', '.join(names) or 'all that was run'}"):
        from deadletter.site.publish import Request
        from deadletter.site.publish import publish as publish_site

        publish_site(project, Request(names, target, allow_stale, crate, pdf), typer.echo)
    typer.echo(f"open {target / 'index.html'}")

"""`deadletter publish`: the site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deadletter.cli.options import OutputRoot, coding_name, project_here
from deadletter.cli.terminal import working


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
    """Build a static site from executed notebooks and results; it also works from a file."""
    project = project_here(output_root)
    target = out or project.output_root / "site"
    names = tuple(coding_name(project, text) for text in codings or ())
    with working(f"publishing {', '.join(names) or 'all that was run'}"):
        from deadletter.site.publish import Request
        from deadletter.site.publish import publish as publish_site

        publish_site(project, Request(names, target, allow_stale, crate, pdf), typer.echo)
    typer.echo(f"open {target / 'index.html'}")

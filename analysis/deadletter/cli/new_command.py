"""`deadletter new`: a study in a folder of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deadletter.cli.terminal import counted


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is new or empty.")],
    empty: Annotated[bool, typer.Option("--empty", help="Headers only, without the rows of the example.")] = False,
    from_: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="A plain text: its headings become sections."),
    ] = None,
) -> None:
    """Write a small study that runs at once: data, a coding, notebooks."""
    from deadletter.dataset.new_study import new_study

    files = new_study(Path.cwd() / folder, empty=empty, text=from_)
    typer.echo(f"wrote {folder}: {counted(len(files), 'file')}; next: cd {folder} && deadletter run")

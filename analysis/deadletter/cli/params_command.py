"""`deadletter params`: every parameter, or one explained."""

from __future__ import annotations

from typing import Annotated

import typer


def params(
    key: Annotated[
        str | None, typer.Argument(metavar="[KEY]", help="Explain this key, or the keys of a group.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/parameters.md instead.")] = False,
) -> None:
    """Print every parameter with its default, its range and its meaning."""
    from rich.console import Console
    from rich.table import Table

    from deadletter.coding.reference import reference, reference_page
    from deadletter.errors import InputError

    if markdown:
        typer.echo(reference_page(), nl=False)
        return
    rows = list(reference())
    if key is not None:
        found = [row for row in rows if row[0] == key or row[0].startswith(f"{key}.")]
        if not found:
            raise InputError("unknown key", where="KEY", found=key, allowed=[row[0] for row in rows])
        for name, default, allowed, meaning in found:
            typer.echo(f"{name}\n  default: {default}\n  allowed: {allowed}\n  {meaning}")
        return
    console = Console()
    if not console.is_terminal:
        # a line a key, whole, for grep and the like
        for row in rows:
            typer.echo("\t".join(row))
        return
    table = Table("key", "default", "allowed", "meaning")
    for row in rows:
        table.add_row(*row)
    console.print(table)

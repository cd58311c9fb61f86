"""`deadletter data …`: the descriptor, the places of units in the text, and sheets of coders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deadletter.cli.options import project_here


def places(
    article: Annotated[Path, typer.Option(metavar="FILE", help="Your copy of the article as plain text.")],
) -> None:
    """Bring data/argument/places.csv up to date: in which sentence each coded unit occurs."""
    from deadletter.report.check import write_places

    typer.echo("wrote data/argument/places.csv" if write_places(project_here(), article) else "nothing to do")


def describe(
    check: Annotated[bool, typer.Option("--check", help="Only name what is out of date, and exit with 1.")] = False,
) -> None:
    """Bring hashes of data/datapackage.json and the codebook data/README.md up to date with the tables."""
    from deadletter.dataset.codebook import describe_data, stale_descriptions

    folder = project_here().data
    if check:
        stale = stale_descriptions(folder)
        for path in stale:
            typer.echo(f"problem: {path}: run `deadletter data describe`", err=True)
        raise typer.Exit(1 if stale else 0)
    for path in describe_data(folder):
        typer.echo(f"wrote data/{path}")


def sheet(
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the sheet goes; a file that is there is kept.")],
    units: Annotated[bool, typer.Option("--units", help="A sheet for finding units before seeing any list.")] = False,
    form: Annotated[
        str,
        typer.Option("--format", metavar="FORMAT", help="csv, or xlsx with lists of values; default: by the name."),
    ] = "",
) -> None:
    """Write a blank coding sheet for a further coder: every unit and variable, nobody's values."""
    from deadletter.dataset.sheets.intake import write_sheet

    rows = write_sheet(project_here().data, out, units, form or ("xlsx" if out.suffix.lower() == ".xlsx" else "csv"))
    typer.echo(f"wrote {out}: {rows} rows; scale points and rules are in data/README.md")


def read_sheet(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A sheet of `deadletter data sheet`, filled in.")],
    coder: Annotated[str, typer.Option(metavar="CODER", help="Whose it is: coder-3, coder-4, …")],
    kind: Annotated[str, typer.Option(metavar="KIND", help="human or machine.")] = "human",
) -> None:
    """Check a filled sheet and append it to the ratings (or free units): all of it or nothing."""
    from deadletter.dataset.sheets.intake import take_sheet

    took, *notes = take_sheet(project_here().data, file, coder, kind)
    typer.echo(f"took {took}")
    for note in notes:
        typer.echo(f"note: {note}")

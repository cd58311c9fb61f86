"""`deadletter why`: what decides a claim."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from deadletter.cli.options import OutputRoot, coding_name, project_here
from deadletter.cli.terminal import counted

if TYPE_CHECKING:
    from rich.tree import Tree

LISTED = 8
WIDEST = 100_000


def why(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="Id of a claim of data/account/claims.csv.")],
    coding: Annotated[str, typer.Option(metavar="CODING", help="A coding of params/.")] = "baseline",
    depth: Annotated[
        int, typer.Option(min=0, metavar="N", help="Follow the supporting claims N steps down; 0: a summary.")
    ] = 0,
    output_root: OutputRoot = None,
) -> None:
    """Print what decides a claim: its test, the rows and cells that it reads, and the claims that support it."""
    from rich.console import Console

    from deadletter.argument.why import why as tree_of
    from deadletter.chapter.opened import decided
    from deadletter.coding import load_coding
    from deadletter.dataset.load import load_dataset

    project = project_here(output_root)
    dataset = load_dataset(project.data)
    *_, ledger = decided(dataset, load_coding(project.params, coding_name(project, coding)))
    tree = tree_of(ledger, dataset, claim, depth)
    if depth == 0:
        shorten(tree)
    # a file or a pipe has no width at which a line would have to end
    Console(width=None if sys.stdout.isatty() else WIDEST).print(tree)
    if hidden := lines_below(tree_of(ledger, dataset, claim)) - lines_below(tree):
        typer.echo(f"{counted(hidden, 'line')} not shown: deadletter why {claim} --depth {depth + 1}")


def shorten(tree: Tree) -> None:
    """Leave the first few of every long list in a tree, and say how many there are more."""
    if len(tree.children) > LISTED:
        rest = len(tree.children) - LISTED
        tree.children = tree.children[:LISTED]
        tree.add(f"and {rest} more")
    for branch in tree.children:
        shorten(branch)


def lines_below(tree: Tree) -> int:
    """How many lines a tree has below its own."""
    return sum(1 + lines_below(branch) for branch in tree.children)

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

    from deadletter.argument.compute_ledger import ledger_of
    from deadletter.argument.why import why as tree_of
    from deadletter.coding import load_coding
    from deadletter.dataset.load import load_dataset

    project = project_here(output_root)
    dataset = load_dataset(project.data)
    ledger = ledger_of(dataset, load_coding(project.params, coding_name(project, coding)))
    tree = tree_of(ledger, dataset, claim)
    hidden = cut(tree, depth)
    # a file or a pipe has no width at which a line would have to end
    Console(width=None if sys.stdout.isatty() else WIDEST).print(tree)
    if hidden:
        typer.echo(f"{counted(hidden, 'line')} not shown: deadletter why {claim} --depth {depth + 1}")


def cut(tree: Tree, depth: int) -> int:
    """Take from a tree what lies more than ``depth`` claims below its root, and from a summary all long lists.

    A claim's lines are its children; the claims that support it are children of its last branch. Returns how many
    lines were taken out.
    """
    hidden = 0
    for branch in tree.children:
        if str(branch.label).startswith("supports "):
            for supporting in branch.children:
                hidden += cut(supporting, depth - 1) if depth else lines_below(supporting)
                if not depth:
                    supporting.children = []
        if depth == 0 and len(branch.children) > LISTED:
            rest = branch.children[LISTED:]
            hidden += sum(1 + lines_below(one) for one in rest)
            branch.children = [*branch.children[:LISTED]]
            branch.add(f"and {len(rest)} more")
    return hidden


def lines_below(tree: Tree) -> int:
    """How many lines a tree has below its own."""
    return sum(1 + lines_below(branch) for branch in tree.children)

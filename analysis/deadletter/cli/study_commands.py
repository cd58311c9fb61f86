"""Commands on a study as it stands: start one, check it, read it, explain and compare codings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deadletter.cli.options import OutputRoot, coding_name, project_here
from deadletter.cli.terminal import working
from deadletter.errors import InputError
from deadletter.labels import counted


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is new or empty.")],
    empty: Annotated[bool, typer.Option("--empty", help="Headers only, without the rows of the example.")] = False,
    from_: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="A plain text: its headings become sections.")
    ] = None,
) -> None:
    """Write a small study that runs at once: data, a coding, notebooks."""
    from deadletter.dataset.new_study import new_study

    files = new_study(Path.cwd() / folder, empty=empty, text=from_)
    typer.echo(f"wrote {folder}: {counted(len(files), 'file')}; next: cd {folder} && deadletter run")


def check(
    article: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Your copy of what was coded, as plain text: also check every anchor."),
    ] = None,
    output_root: OutputRoot = None,
) -> None:
    """Check data, parameters and results, and the coding against a copy of its source; write a full report."""
    project = project_here(output_root)
    with working("checking data, codings and results", quiet=True):
        from deadletter.pipeline.status import output_states
        from deadletter.report.audit import gather, verdict_of
        from deadletter.report.check import check_project
        from deadletter.report.render import NAME, write_report

        report = check_project(project, article)
        states = [] if report.problems else output_states(project)
        facts = gather(project, [str(problem) for problem in report.problems])
        write_report(project, facts, keep=article is None)
    for line in (*report.counts, *states):
        typer.echo(line)
    for fault in facts.faults:
        typer.echo(f"problem: {fault}", err=True)
    verdict = verdict_of(facts)
    typer.echo(counted(len(facts.faults), "problem"))
    typer.echo(f"verdict: {verdict.grade}: {'; '.join(verdict.reasons)}")
    typer.echo(f"report: {project.results / NAME}")
    raise typer.Exit(1 if facts.faults else 0)


def read(
    codings: Annotated[
        list[str] | None, typer.Argument(metavar="[CODING]...", help="Codings to write; default: baseline.")
    ] = None,
    output_root: OutputRoot = None,
) -> None:
    """Write all executed notebooks of a coding as one HTML file, for readers without Jupyter."""
    from deadletter.files import write_atomically
    from deadletter.report.exhibits import reading_copy

    project = project_here(output_root)
    for name in (coding_name(project, text) for text in codings or ["baseline"]):
        target = project.executed / f"{name}.html"
        asked, notes = _asked(project, name)
        write_atomically(target, reading_copy(project.executed, name, asked))
        for line in notes:
            typer.echo(line, err=True)
        typer.echo(f"to read: {target}")


def _asked(project: Project, name: str) -> tuple[dict[str, tuple[str, ...]] | None, list[str]]:
    """The notebooks that a coding asks for, with why each is older than data, parameters or code, and the same as
    lines; None for a coding with changed settings, which has no file in ``params`` to compare with."""
    from deadletter.coding import coding_names
    from deadletter.pipeline.status import statuses

    if name not in coding_names(project.params):
        return None, []
    try:
        found = {one.job.name: one.reasons for one in statuses(project, [name]) if one.job.coding == name}
    except InputError as error:
        return None, [f"{name}: nobody can say whether it is current: {error}"]
    stale = {job: reasons for job, reasons in found.items() if reasons}
    return found, [f"{job}: stale: {'; '.join(why)}; run `deadletter run {name}`" for job, why in stale.items()]


if TYPE_CHECKING:
    from rich.tree import Tree

    from deadletter.project import Project

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
    from deadletter.study import read_study

    project = project_here(output_root)
    dataset = load_dataset(project.data)
    *_, ledger = decided(dataset, load_coding(project.params, coding_name(project, coding)))
    called = read_study(project.root).called
    tree = tree_of(ledger, dataset, claim, depth, called=called)
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


def compare(
    base: Annotated[str, typer.Argument(metavar="BASE", help="A coding of params/.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Another coding of params/.")],
    output_root: OutputRoot = None,
) -> None:
    """Show which indices and placements move between two codings, and which decision moves them."""
    project = project_here(output_root)
    first, second = coding_name(project, base), coding_name(project, other)
    if first == second:
        raise InputError("compares a coding with itself", where="OTHER", found=other, allowed="another coding")
    with working(f"comparing {first} with {second}"):
        from deadletter.comparison.write import write_comparison

        lines = write_comparison(project, first, second)
    for line in lines:
        typer.echo(line)


def params(
    key: Annotated[
        str | None, typer.Argument(metavar="[KEY]", help="Explain this key, or the keys of a group.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/parameters.md instead.")] = False,
) -> None:
    """Print every parameter with its default, its range and its meaning."""
    from rich.console import Console
    from rich.table import Table

    from deadletter.coding.settings import reference, reference_page

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

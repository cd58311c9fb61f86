"""The command line: arguments in, one function of the package each, plain lines out."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from deadletter.cli.data_fetch import EXAMPLE, fetch

app = typer.Typer(
    help="Dead-letter regimes, rebuilt: coded evidence, indices, executed notebooks.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
data = typer.Typer(help="The project's data.", no_args_is_help=True)
app.add_typer(data, name="data")
data.command(epilog=EXAMPLE)(fetch)

OutputRoot = Annotated[
    Path | None,
    typer.Option("--output-root", metavar="DIR", help="Where results/ and executed/ go; default: the project."),
]

Scheduler = Annotated[
    str,
    typer.Option(metavar="ADDRESS", help="Send the work to this Dask cluster, such as tcp://10.0.0.1:8786."),
]


@app.command(epilog="Example: deadletter run baseline strict --jobs 2 --set compliance.ambiguous=0.25")
def run(
    codings: Annotated[list[str] | None, typer.Argument(metavar="[CODING]...", help="Codings of params/.")] = None,
    regime: Annotated[
        list[str] | None, typer.Option(metavar="REGIME", help="Only this focal regime; repeatable.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Notebooks at a time.")] = os.cpu_count() or 1,
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
    from deadletter.pipeline.noop import summary
    from deadletter.pipeline.run import Request
    from deadletter.pipeline.run import run as run_project
    from deadletter.project import find_project

    project = find_project(output_root)
    request = Request(
        codings=tuple(dict.fromkeys(codings or ["baseline"])),
        regimes=tuple(regime or ()),
        settings=tuple(set_ or ()),
        jobs=jobs,
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


@app.command(epilog="Example: deadletter check --article my-copy.txt")
def check(
    article: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Your copy of the article as plain text: also check every anchor."),
    ] = None,
    output_root: OutputRoot = None,
) -> None:
    """Check data, parameters, results, and the coding against a copy of the article; write the whole report."""
    from deadletter.files import write_atomically
    from deadletter.pipeline.status import output_states
    from deadletter.project import find_project
    from deadletter.report.audit import gather
    from deadletter.report.check import check_project
    from deadletter.report.grade import verdict_of
    from deadletter.report.render import NAME, render

    project = find_project(output_root)
    report = check_project(project, article)
    for line in report.counts:
        typer.echo(line)
    if not report.problems:
        for line in output_states(project):
            typer.echo(line)
    facts = gather(project, [str(problem) for problem in report.problems])
    write_atomically(project.results / NAME, render(facts))
    for fault in facts.faults:
        typer.echo(f"problem: {fault}", err=True)
    verdict = verdict_of(facts)
    typer.echo(f"{len(facts.faults)} problems")
    typer.echo(f"verdict: {verdict.grade}: {'; '.join(verdict.reasons)}")
    typer.echo(f"report: {project.results / NAME}")
    raise typer.Exit(1 if facts.faults else 0)


@app.command(epilog="Example: deadletter why c287 --coding strict")
def why(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="Id of a claim of data/account/claims.csv.")],
    coding: Annotated[str, typer.Option(metavar="CODING", help="A coding of params/.")] = "baseline",
    output_root: OutputRoot = None,
) -> None:
    """Print what decides a claim: its test, the rows and cells that it reads, and the claims that support it."""
    from rich.console import Console

    from deadletter.argument.compute_ledger import ledger_of
    from deadletter.argument.why import why as tree_of
    from deadletter.coding import load_coding
    from deadletter.dataset.load import load_dataset
    from deadletter.project import find_project

    project = find_project(output_root)
    dataset = load_dataset(project.data)
    Console().print(tree_of(ledger_of(dataset, load_coding(project.params, coding)), dataset, claim))


@app.command(epilog="Example: deadletter compare baseline strict")
def compare(
    base: Annotated[str, typer.Argument(metavar="BASE", help="A coding of params/.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Another coding of params/.")],
    output_root: OutputRoot = None,
) -> None:
    """Show which indices and placements move between two codings, and which decision moves them."""
    from deadletter.comparison.write import write_comparison
    from deadletter.project import find_project

    for line in write_comparison(find_project(output_root), base, other):
        typer.echo(line)


@app.command(epilog="Example: deadletter multiverse --universes 1000000 --jobs 2")
def multiverse(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Declaration of branches; default: params/multiverse.yaml.")
    ] = None,
    universes: Annotated[
        int | None, typer.Option(min=1, max=10**10, help="How many universes; default: the declaration's.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes.")] = os.cpu_count() or 1,
    scheduler: Scheduler = "",
    output_root: OutputRoot = None,
) -> None:
    """Evaluate all declared codings at once: how firm is each placement, and what does it hang on?"""
    from deadletter.multiverse.evaluate import headline, run
    from deadletter.project import find_project

    project = find_project(output_root)
    folder = run(project, file or project.params / "multiverse.yaml", universes, jobs, scheduler, typer.echo)
    for line in headline(folder):
        typer.echo(line)


@app.command(epilog="Example: deadletter publish baseline strict --out site")
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
    output_root: OutputRoot = None,
) -> None:
    """Build a static site from executed notebooks and results; it works from a file, too."""
    from deadletter.project import find_project
    from deadletter.site.publish import Request
    from deadletter.site.publish import publish as publish_site

    project = find_project(output_root)
    target = out or project.output_root / "site"
    publish_site(project, Request(tuple(codings or ()), target, allow_stale, crate), typer.echo)
    typer.echo(f"open {target / 'index.html'}")


@app.command(epilog="Example: deadletter params")
def params(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/parameters.md instead.")] = False,
) -> None:
    """Print every parameter with its default, its range and its meaning."""
    from rich.console import Console
    from rich.table import Table

    from deadletter.coding.reference import reference, reference_page

    if markdown:
        typer.echo(reference_page(), nl=False)
        return
    table = Table("key", "default", "allowed", "meaning")
    for row in reference():
        table.add_row(*row)
    Console().print(table)


@data.command(epilog="Example: deadletter data places --article my-copy.txt")
def places(
    article: Annotated[Path, typer.Option(metavar="FILE", help="Your copy of the article as plain text.")],
) -> None:
    """Bring data/argument/places.csv up to date: in which sentence each coded unit stands."""
    from deadletter.project import find_project
    from deadletter.report.check import write_places

    typer.echo("wrote data/argument/places.csv" if write_places(find_project(), article) else "nothing to do")


@data.command(epilog="Example: deadletter data describe")
def describe() -> None:
    """Bring hashes of data/datapackage.json and the codebook data/README.md up to date with the tables."""
    from deadletter.dataset.codebook import describe_data
    from deadletter.project import find_project

    for path in describe_data(find_project().data):
        typer.echo(f"wrote data/{path}")


@data.command(epilog="Example: deadletter data sheet --out my-sheet.csv")
def sheet(
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the sheet goes; a file that is there is kept.")],
    units: Annotated[bool, typer.Option("--units", help="A sheet for finding units before seeing any list.")] = False,
) -> None:
    """Write a blank coding sheet for a further coder: every unit and variable, nobody's values."""
    from deadletter.dataset.sheets.intake import write_sheet
    from deadletter.project import find_project

    rows = write_sheet(find_project().data, out, units)
    typer.echo(f"wrote {out}: {rows} rows; scale points and rules are in data/README.md")


@data.command("read-sheet", epilog="Example: deadletter data read-sheet my-sheet.csv --coder coder-3 --kind human")
def read_sheet(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A sheet of `deadletter data sheet`, filled in.")],
    coder: Annotated[str, typer.Option(metavar="CODER", help="Whose it is: coder-3, coder-4, …")],
    kind: Annotated[str, typer.Option(metavar="KIND", help="human or machine.")] = "human",
) -> None:
    """Check a filled sheet and append it to the ratings (or free units): all of it or nothing."""
    from deadletter.dataset.sheets.intake import take_sheet
    from deadletter.project import find_project

    typer.echo(f"took {take_sheet(find_project().data, file, coder, kind)}")

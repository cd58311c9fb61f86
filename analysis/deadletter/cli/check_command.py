"""`deadletter check`: the state of everything, and the report of a data editor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deadletter.cli.options import OutputRoot, project_here
from deadletter.cli.terminal import counted, working


def check(
    article: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Your copy of the article as plain text: also check every anchor."),
    ] = None,
    output_root: OutputRoot = None,
) -> None:
    """Check data, parameters, results, and the coding against a copy of the article; write the whole report."""
    project = project_here(output_root)
    with working("checking data, codings and results", quiet=True):
        from deadletter.pipeline.status import output_states
        from deadletter.report.audit import gather
        from deadletter.report.check import check_project
        from deadletter.report.grade import verdict_of
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

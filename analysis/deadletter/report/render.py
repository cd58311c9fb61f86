"""The report of a replication, in the order of the Social Science Data Editors' template README and of the AEA data
editor's own report: rights, citations, requirements, programs, instructions, every figure, table and number, verdict.

Equal projects with equal results have equal reports: no time and no path of a machine is in it, but for the part that
quotes the records of runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from deadletter.charts.bundle import FIGURE, SENTENCE, TABLE
from deadletter.files import code_digest, files_digest, write_atomically
from deadletter.frames import records
from deadletter.labels import BASES
from deadletter.project import Project
from deadletter.report.audit import Facts, gather, places_of
from deadletter.report.check import check_project
from deadletter.report.grade import GRADES, verdict_of
from deadletter.report.package_facts import data_facts, program_facts, requirement_facts
from deadletter.templating import render as fill

NAME = "REPLICATION.md"
BASIS_WORDS = {
    "record": "evidence from outside the text",
    "after": "facts later than the text",
    "account": "rows coded from the text: coherence only",
    "none": "not tested",
}
CLAIM_COLUMNS = ("id", "article_value", "computed_value", "unit", "verdict", "basis", "notebook", "cell")
TRADE_COLUMNS = ("id", "article_value", "estimate", "unit", "verdict")
LONGEST = 160


def replication_report(project: Project) -> str:
    """The whole report on the present state as Markdown: as a check wrote it on this very state, or made now.

    What is made now computes no table: records say which of them data, parameters and code still give.
    """
    path = project.cache / f"replication-{_state(project)}.md"
    if not path.is_file():
        problems = check_project(project, None, decide=False).problems
        write_atomically(path, render(gather(project, [str(one) for one in problems], again=False)))
    return path.read_text(encoding="utf-8")


def write_report(project: Project, facts: Facts, *, keep: bool = True) -> None:
    """Write ``results/REPLICATION.md``; ``keep`` it for publication, where nothing was checked besides the project."""
    text = render(facts)
    write_atomically(project.results / NAME, text)
    if keep:
        write_atomically(project.cache / f"replication-{_state(project)}.md", text)


def _state(project: Project) -> str:
    """A hash of everything that the report is about."""
    seen: dict[Path, list[Path]] = {}
    for folder in (project.data, project.params, project.notebooks, project.results, project.executed):
        names = (path for path in folder.rglob("*") if path.is_file() and path.name != NAME)
        seen[folder] = sorted(p for p in names if not any(part.startswith(".") for part in p.relative_to(folder).parts))
    text = "".join((code_digest(), *(files_digest(paths, folder) for folder, paths in seen.items())))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def render(facts: Facts) -> str:
    """The report on facts that were gathered."""
    shown = [(job, exhibit) for job, all_ in facts.shown.items() for exhibit in all_]
    state = {output.name: output.state for output in facts.outputs}
    listed = {
        title: [
            (f"executed/{job}.ipynb", e.number, e.title, _program(job), e.cell, state.get(job, "not asked for"))
            for job, e in shown
            if e.kind == kind
        ]
        for title, kind in (("Figures", FIGURE), ("Tables", TABLE))
    }
    return fill(
        "report/templates/report.md",
        facts=facts,
        verdict=verdict_of(facts),
        grades=GRADES,
        **data_facts(facts.project),
        needs=requirement_facts(facts.project),
        programs=program_facts(facts.project),
        listed=listed,
        states=list(state.items()),
        sentences=[
            (job, e.cell, ", ".join(e.numbers), _short(e.title)) for job, e in shown if e.kind == SENTENCE and e.numbers
        ],
        claims={
            name: (CLAIM_COLUMNS, _rows(_with_digits(table), CLAIM_COLUMNS)) for name, table in facts.claims.items()
        },
        trade={name: _trade(facts, name) for name in facts.trade},
        findings={name: _findings(table) for name, table in facts.claims.items()},
    )


def _program(job: str) -> str:
    """The notebook that a job executes."""
    return f"notebooks/{job.rpartition('/')[2]}.ipynb"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _with_digits(claims: pd.DataFrame) -> pd.DataFrame:
    """Claims with a number of the article's or of ours."""
    if claims.empty:
        return claims
    return claims[claims["article_value"].str.contains(r"\d") | claims["computed_value"].str.contains(r"\d")]


def _rows(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    return [] if frame.empty else list(frame[list(columns)].itertuples(index=False, name=None))


def _trade(facts: Facts, coding: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Statements on trade with the notebook and cell that show each."""
    trade = facts.trade[coding]
    judged = trade[trade["verdict"] != ""] if len(trade) else trade
    places = places_of(facts.shown, coding)
    found = [places.get(term, ("in no executed notebook", "–")) for term in judged.get("term", ())]
    rows = [(*row, *place) for row, place in zip(_rows(judged, TRADE_COLUMNS), found, strict=True)]
    return (*TRADE_COLUMNS, "notebook", "cell"), rows


def _findings(claims: pd.DataFrame) -> list[tuple[str, str, int]]:
    """How many claims are decided by what, with which verdict."""
    if claims.empty:
        return []
    # tables of an earlier edition may lie there, with other words
    counts = claims[claims["basis"].isin(BASES)].groupby(["basis", "verdict"]).size()
    ordered = sorted(records(counts.reset_index(name="n")), key=lambda row: (BASES.index(row["basis"]), row["verdict"]))
    return [(BASIS_WORDS[row["basis"]], row["verdict"], row["n"]) for row in ordered]

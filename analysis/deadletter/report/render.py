"""The report of a replication, in the order of the Social Science Data Editors' template README and of the AEA data
editor's own report: rights, citations, requirements, programs, instructions, every figure, table and number, verdict.

Equal projects with equal results have equal reports: no time and no path of a machine stands in it, but for the part
that quotes the records of runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from deadletter.labels import BASES
from deadletter.project import Project
from deadletter.report.audit import Facts, gather, places_of
from deadletter.report.exhibits import FIGURE, TABLE, TEXT, Exhibit
from deadletter.report.grade import GRADES, Verdict, verdict_of
from deadletter.report.package_facts import data_sections, program_sections, requirement_sections
from deadletter.site.markdown import bullets, table

NAME = "REPLICATION.md"
OPENING = """\
Written by `deadletter check` from the files of the package; no person judged it. The order is that of the template
README of the Social Science Data Editors (<https://doi.org/10.5281/zenodo.7293838>) and of the AEA data editor's
report."""
LISTED = """\
A notebook is `notebooks/<name>.ipynb`; its executed copy lies under `executed/` by the name given here. A cell is named
by its tag. Figures and tables bear the number of their notebook and their own in it, as on the pages of the site."""
BASIS_WORDS = {
    "record": "evidence from outside the article",
    "after": "facts later than the article",
    "account": "rows coded from the article: coherence only",
    "none": "not tested",
}


def replication_report(project: Project, problems: Sequence[str] = ()) -> str:
    """The whole report as Markdown.

    Parameters
    ----------
    problems: what the check of data, parameters and claims has found.
    """
    return render(gather(project, problems))


def render(facts: Facts) -> str:
    """The report on facts that were gathered."""
    verdict = verdict_of(facts)
    lines = [
        *_summary(facts, verdict),
        *data_sections(facts.project),
        *requirement_sections(facts),
        *program_sections(facts.project),
        *_instructions(),
        *_exhibits(facts),
        *_findings(facts),
        *_classification(verdict),
    ]
    return "\n".join(lines) + "\n"


def _summary(facts: Facts, verdict: Verdict) -> Iterator[str]:
    yield from ("# Replication report", "")
    yield OPENING
    yield from ("", "## Summary", "", f"Verdict: **{verdict.grade}**.", "")
    yield from bullets(verdict.reasons)
    told = facts.faults or ["nothing that is wrong with the content of the package was found"]
    yield from ("", "To be mended:", "", *bullets(told), "")


def _instructions() -> Iterator[str]:
    yield from ("## Instructions to replicators", "")
    steps = [
        "`make run` sets everything up, computes the tables and executes every notebook.",
        "`make check` writes this report to `results/REPLICATION.md`; its last part holds the verdict.",
        "`deadletter run NAME` does the same for another coding of `params/`; `deadletter multiverse` for all of them.",
        "`make test` repeats a run in another folder and compares all bytes, among other tests.",
    ]
    yield from (f"{number}. {step}" for number, step in enumerate(steps, start=1))
    yield ""


def _exhibits(facts: Facts) -> Iterator[str]:
    yield from ("## List of figures, tables and numbers, and the cells that make them", "")
    yield LISTED
    yield ""
    state = {output.name: output.state for output in facts.outputs}
    if not facts.shown:
        yield from ("No notebook has been executed: there is nothing to list.", "")
    for kind, title in ((FIGURE, "Figures"), (TABLE, "Tables")):
        listed = [(job, e) for job, all_ in facts.shown.items() for e in all_ if e.kind == kind]
        yield from (f"### {title} ({len(listed)})", "")
        rows = [(job, e.label, e.title, e.cell, state.get(job, "not asked for")) for job, e in listed]
        yield from table(("notebook", "no.", "title", "cell", "state"), rows)
    yield from _numbers(facts)


def _numbers(facts: Facts) -> Iterator[str]:
    """Numbers in sentences of notebooks, in the table of claims, and in statements on trade."""
    sentences = [(job, e) for job, all_ in facts.shown.items() for e in all_ if e.kind == TEXT and e.numbers]
    yield from (f"### Numbers in the text of notebooks ({sum(len(e.numbers) for _, e in sentences)})", "")
    yield from ("Every such sentence is made from values by the cell named.", "")
    rows = [(job, e.cell, ", ".join(e.numbers), _short(e)) for job, e in sentences]
    yield from table(("notebook", "cell", "numbers", "sentence"), rows)
    for coding, claims in facts.claims.items():
        numeric = _with_digits(claims, "article_value", "computed_value")
        yield from (f"### Numbers of claims, coding {coding} ({len(numeric)} claims)", "")
        columns = ("id", "article_value", "computed_value", "unit", "verdict", "basis", "notebook", "cell")
        yield from table(columns, _rows(numeric, columns))
    for coding, trade in facts.trade.items():
        judged = trade[trade["verdict"] != ""] if len(trade) else trade
        yield from (f"### Statements on trade and output, coding {coding} ({len(judged)})", "")
        places = places_of(facts.shown, coding)
        columns = ("id", "article_value", "estimate", "unit", "verdict")
        found = [places.get(term, ("in no executed notebook", "–")) for term in judged.get("term", ())]
        rows = [(*row, *place) for row, place in zip(_rows(judged, columns), found, strict=True)]
        yield from table((*columns, "notebook", "cell"), rows)


def _short(exhibit: Exhibit, limit: int = 160) -> str:
    return exhibit.title if len(exhibit.title) <= limit else f"{exhibit.title[: limit - 1]}…"


def _with_digits(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Rows in which one of the columns holds a number."""
    if frame.empty:
        return frame
    return frame[pd.concat([frame[column].str.contains(r"\d") for column in columns], axis=1).any(axis=1)]


def _rows(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[str, ...]]:
    return [] if frame.empty else list(frame[list(columns)].itertuples(index=False, name=None))


def _findings(facts: Facts) -> Iterator[str]:
    yield from ("## Findings", "", "### Data, parameters and claims", "")
    yield from bullets(facts.problems or ["no problem was found"])
    yield from ("", "### Outputs", "")
    rows = [(output.name, output.state) for output in facts.outputs]
    yield from table(("output", "state"), rows)
    yield from bullets([*facts.errors, *facts.unplaced])
    yield from ("", "### Tables computed once more", "")
    yield "All tables but those of regressions were computed again for this report; regressions and notebooks were not:"
    yield from ("for them the state above compares hashes of what they read and wrote.", "")
    rows = [(name, "same bytes" if same else "DIFFERS") for name, same in facts.recomputed.items()]
    yield from table(("table", "result"), rows)
    yield from ("### What the results say of the article", "")
    yield "This is no part of the verdict, which is on whether results come out again. What is coded from the article"
    yield from ("can only cohere or not; only figures and facts from elsewhere can support it or fail to.", "")
    for coding, claims in facts.claims.items():
        counts = claims.groupby(["basis", "verdict"]).size() if len(claims) else pd.Series(dtype=int)
        ordered = sorted(counts.items(), key=lambda item: (BASES.index(item[0][0]), item[0][1]))
        rows = [(coding, BASIS_WORDS[basis], verdict, str(count)) for (basis, verdict), count in ordered]
        yield from table(("coding", "decided by", "verdict", "claims"), rows)


def _classification(verdict: Verdict) -> Iterator[str]:
    yield from ("## Classification", "")
    yield from (f"- [{'x' if grade == verdict.grade else ' '}] {grade}" for grade in GRADES)
    yield from ("", "Computed from:", "", *bullets(verdict.reasons))

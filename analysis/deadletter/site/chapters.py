"""An executed notebook as the source of a page: anchors, numbered figures and tables, and what it was made from."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from markupsafe import Markup
from nbformat.v4 import new_markdown_cell

from deadletter.charts.bundle import FIGURE, MIME, SENTENCE, TABLE
from deadletter.coding import REFERENCE, to_settings
from deadletter.multiverse.evaluated import ELSEWHERE, USUAL, command_again, used
from deadletter.pipeline.plan import Job
from deadletter.project import Project
from deadletter.report.exhibits import exhibits_of, heading, single_file, with_images
from deadletter.site.figures import (
    charts_script,
    drawing,
    figure_block,
    files_of,
    folded,
    sentence_block,
    table_block,
)
from deadletter.site.inputs import Material
from deadletter.site.links import anchor, leads, page_path, root_of, rows_behind
from deadletter.site.pages.method import page_of
from deadletter.templating import html_block, plain, relinked, render, spaced

DOWNLOADS = "downloads"
# tags of the cells in which a notebook is set up
SETUP = {"parameters", "injected-parameters", "open"}


@dataclass
class Page:
    """The source of a page with the files that it offers, by their path in the site."""

    path: str
    notebook: nbformat.NotebookNode
    files: dict[str, str | bytes | Path] = field(default_factory=dict)


def short_title(material: Material, job: Job) -> str:
    """The first heading of a notebook, with the regime that it is about."""
    title = heading(material.notebook(job)) or job.notebook
    return f"{title}: {job.regime}" if job.regime else title


def notebook_page(material: Material, job: Job, cite: Callable[[str], str]) -> Page:
    """The page of one executed notebook.

    cite: turns the citations within Markdown into links to the references.

    Raises InputError: a pasted image that is not in the notebook.
    """
    page = Page(page_path(job), nbformat.from_dict(material.notebook(job)))
    up = root_of(page.path)
    results = material.of(job.coding) or material.results[0]
    folder = f"{DOWNLOADS}/figures/{job.name}/"
    specs: dict[str, Any] = {}
    ways: dict[str, str] = {}
    counts: Counter[str] = Counter()
    cells: list[nbformat.NotebookNode] = []
    for number, cell in enumerate(_with_one_setup(page.notebook.cells), start=1):
        if cell.cell_type == "markdown":
            text = with_images(cell, f"executed/{job.name}.ipynb cell {number}")
            cell.source = cite(relinked(text, partial(page_of, material.project.root)))
            cell.pop("attachments", None)
            cells.append(cell)
            continue
        tags = cell.metadata.get("tags", [])
        if tags:
            cells.append(_markdown(_span('class="cell" id="{}"', anchor(tags[0])), len(cells)))
        for output, exhibit in exhibits_of(cell, job.notebook, counts):
            if exhibit.kind == FIGURE:
                drawn = drawing(exhibit, material.project.cache)
                found = leads(material, results, drawn.named, up)
                block = figure_block(drawn, up + folder, rows_behind(material, found, up))
                line = f"{drawn.label}. {drawn.title}"
                output["data"] = {"text/html": str(folded(line, block) if exhibit.folded else block)}
                specs[exhibit.name], ways = drawn.spec, ways | found
                page.files |= {folder + file: content for file, content in files_of(drawn).items()}
            elif exhibit.kind == TABLE:
                named = {part for row in exhibit.rows for cell in row for part in cell.split()}
                output["data"] = {"text/html": str(table_block(exhibit, leads(material, results, named, up)))}
            elif exhibit.kind == SENTENCE:
                output["data"] = {"text/html": str(sentence_block(exhibit))}
            elif needs_script(output):
                output["data"] = without_script(output)
        cells.append(cell)
    if specs:
        script = f"{folder}charts.js"
        page.files[script] = charts_script(specs, ways)
        cells.append(_markdown(_span('data-charts="{}" hidden', up + script), len(cells)))
    copy = f"{DOWNLOADS}/{page.path}.ipynb"
    page.files[copy] = job.target(material.project).read_bytes()
    page.files[f"{DOWNLOADS}/{page.path}.html"] = single_file(
        job.target(material.project), material.stale.get(job.name, ())
    )
    cells.append(_markdown(panel(material, job, up), len(cells)))
    first, *rest = heading_first(cells, heading(page.notebook) or str(plain(spaced(job.notebook))))
    page.notebook.cells = [_headed(material, job, first, up), *rest]
    return page


def heading_first(cells: Sequence[nbformat.NotebookNode], title: str) -> list[nbformat.NotebookNode]:
    """The cells of a page, the one that begins with the heading first; where none does, one with this title."""
    found = next((cell for cell in cells if cell.cell_type == "markdown" and cell.source.startswith("# ")), None)
    first = _markdown(f"# {title}", len(cells)) if found is None else found
    return [first, *(cell for cell in cells if cell is not first)]


def needs_script(output: Mapping[str, Any]) -> bool:
    """Whether an output shows nothing without a script, which pages do not run."""
    data = output.get("data") or {}
    return MIME not in data and (
        "application/javascript" in data or "<script" in "".join(data.get("text/html", "")).lower()
    )


def without_script(output: Mapping[str, Any]) -> dict[str, Any]:
    """What else an output says: its image or its words."""
    rest = {kind: part for kind, part in output["data"].items() if kind not in ("text/html", "application/javascript")}
    return rest or {"text/plain": "(an output that needs a script)"}


def unshown(material: Material) -> Iterator[str]:
    """Outputs of which pages show an image or words alone, a line each."""
    for job in material.jobs:
        for number, cell in enumerate(material.notebook(job).cells, start=1):
            if any(needs_script(output) for output in cell.get("outputs", [])):
                yield (
                    f"executed/{job.name}.ipynb cell {number}: an output needs a script, which pages do not run: they "
                    "show its image or words; a chart is drawn by show(Figure(…)) of deadletter.charts.figure"
                )


def _with_one_setup(cells: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """The cells with those that set parameters and open the data as one, which the reader's switch shows with the
    rest of the code."""
    setup = [cell for cell in cells if cell.cell_type == "code" and SETUP & set(cell.metadata.get("tags", []))]
    if setup:
        setup[0].metadata["tags"] = ["setup"]
        setup[0].source = "\n\n".join(cell.source for cell in setup)
        setup[0].outputs = [output for cell in setup for output in cell.outputs]
    return [cell for cell in cells if not any(cell is other for other in setup[1:])]


def _span(attributes: str, value: str) -> str:
    return html_block(Markup(f"<span {attributes}></span>").format(value))


def _markdown(source: str, place: int | str) -> nbformat.NotebookNode:
    return new_markdown_cell(source, id=f"page-{place}")


def _headed(material: Material, job: Job, first: nbformat.NotebookNode, up: str) -> nbformat.NotebookNode:
    """The first cell with the regime in its heading, and below it the way to the other regimes and codings."""
    title, _, rest = first.source.partition("\n")
    question = plain(material.study.chapters.get(job.notebook, ""))
    parts = [part for part in (job.regime, spaced(job.coding) if material.of(job.coding) else "") if part]
    if parts:
        title = f"{title}: {plain(', '.join(parts))}"
    codings = [_other(material, job, up, coding=one.name) for one in material.results]
    regimes = [_other(material, job, up, regime=one) for one in material.dataset.focal]
    head = render(
        "site/templates/notebook_head.html",
        stale=material.stale.get(job.name, ()),
        codings=codings if material.of(job.coding) is not None else [],
        regimes=regimes if job.regime else [],
        page=f"{up}{DOWNLOADS}/{page_path(job)}",
    )
    return _markdown(f"{title}\n{html_block(head)}\n{question}\n\n{rest}", "head")


def _other(material: Material, job: Job, up: str, *, coding: str = "", regime: str = "") -> tuple[str, str, bool]:
    """The same notebook under another choice: its name, address, and whether it is this one."""
    there = Job(job.notebook, coding or job.coding, regime or job.regime, ())
    return coding or regime, f"{up}{page_path(there)}.html", there.name == job.name


def changed_settings(material: Material, settings: Sequence[str]) -> list[tuple[str, str, str]]:
    """Settings that differ from the reference coding: key, its value there, its value here."""
    reference = material.of(REFERENCE)
    base = dict(one.split("=", 1) for one in (to_settings(reference.coding) if reference else settings))
    here = dict(one.split("=", 1) for one in settings)
    keys = sorted((set(base) | set(here)) - {"title", "why"})
    return [(key, base.get(key, "–"), here.get(key, "–")) for key in keys if base.get(key) != here.get(key)]


def warnings_of(notebook: Any) -> list[str]:
    """What the kernel wrote to its error stream while the notebook ran."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [
        one["text"].strip() for one in outputs if one.get("output_type") == "stream" and one.get("name") == "stderr"
    ]


def panel(material: Material, job: Job, up: str) -> str:
    """The panel as the last section of a notebook's page."""
    notebook = material.notebook(job)
    parameters = notebook.metadata.get("papermill", {}).get("parameters", {})
    settings = [str(one) for one in parameters.get("settings", [])]
    results = material.of(job.coding)
    differs = results is not None and job.coding != REFERENCE and material.of(REFERENCE) is not None
    run = (results or material.results[0]).run
    return render(
        "site/templates/panel.md",
        stale=material.stale.get(job.name, ()),
        name=job.coding,
        coding=results.coding if results else None,
        reference=REFERENCE,
        changes=changed_settings(material, settings) if differs else [],
        parameters=[(k, json.dumps(v, ensure_ascii=False)) for k, v in sorted(parameters.items()) if k != "settings"],
        settings=settings,
        seeds=[one for one in settings if "seed" in one.partition("=")[0]],
        run=run,
        packages=", ".join(f"{name} {number}" for name, number in sorted(run.get("packages", {}).items())),
        digest=material.dataset.digest,
        up=up,
        content=hashlib.sha256(job.target(material.project).read_bytes()).hexdigest(),
        warnings=warnings_of(notebook),
        declaration=used(material.project).get("file", USUAL) or ELSEWHERE,
        command=_command(material.project, job),
    )


def _command(project: Project, job: Job) -> str:
    if not job.parameters:
        return f"{command_again(project)} && deadletter run"
    return f"deadletter run {job.coding}" + (f" --regime {job.regime}" if job.regime else "")

"""An executed notebook as the source of a page: anchors, numbered figures and tables, and its way back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat.v4 import new_markdown_cell

from deadletter.pipeline.plan import Job
from deadletter.report.appendix import single_file
from deadletter.site.figures import charts_script, downloads, figure_block, read_drawing
from deadletter.site.inputs import Material
from deadletter.site.markup import long_cells, plain, raw, root_of, scrolling, sentences, switch, text
from deadletter.site.provenance import panel, stale_mark

DOWNLOADS = "downloads"
_TABLE = re.compile(r'(<table[^>]*class="[^"]*evidence[^"]*"[^>]*>\s*)<caption>(.*?)</caption>', re.DOTALL)


@dataclass
class Page:
    """The source of a page with the files that it offers, by their path in the site."""

    path: str
    notebook: nbformat.NotebookNode
    files: dict[str, str | bytes] = field(default_factory=dict)


def page_path(job: Job) -> str:
    """Where the page of an executed notebook stands, without ending."""
    return f"notebooks/{job.name}"


def anchor(tag: str) -> str:
    """The id of the cell with a tag."""
    return f"cell-{tag.replace('_', '-')}"


def short_title(material: Material, job: Job) -> str:
    """The first heading of a notebook, with the regime that it is about."""
    first = next((c.source for c in material.notebook(job).cells if c.cell_type == "markdown"), job.notebook)
    heading = re.search(r"^# +(.+)$", first, flags=re.MULTILINE)
    title = heading[1] if heading else job.notebook
    return f"{title}: {job.regime}" if job.regime else title


def notebook_page(material: Material, job: Job, cite: Callable[[str], str]) -> Page:
    """The page of one executed notebook.

    Parameters
    ----------
    cite: turns the citations within Markdown into links to the references.
    """
    page = Page(page_path(job), nbformat.from_dict(material.notebook(job)))
    up = root_of(page.path)
    folder = f"{DOWNLOADS}/figures/{job.name}/"
    specs: dict[str, Any] = {}
    counts = {"figure": 0, "table": 0}
    chapter = job.notebook.partition("_")[0].lstrip("0") or "0"
    cells = []
    for cell in page.notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = cite(cell.source)
            cells.append(cell)
            continue
        tags = cell.metadata.get("tags", [])
        if tags:
            cells.append(_markdown(raw(f'<span class="cell" id="{text(anchor(tags[0]))}"></span>'), len(cells)))
        # the page shows what the code gave; the code stands folded beside it
        cell.metadata["tags"] = [*tags, "hide-input"]
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/html" in data:
                drawing = read_drawing(data["text/html"])
                if drawing:
                    counts["figure"] += 1
                    number, name = f"{chapter}.{counts['figure']}", f"figure-{chapter}-{counts['figure']}"
                    data["text/html"] = figure_block(drawing, number, name, up + folder)
                    specs[name] = drawing.spec
                    page.files |= {folder + file: content for _, file, content in downloads(drawing, name)}
                else:
                    data["text/html"] = _numbered(data["text/html"], chapter, counts)
            elif "text/markdown" in data:
                data["text/html"] = sentences(data.pop("text/markdown"))
        cells.append(cell)
    if specs:
        script = f"{DOWNLOADS}/figures/{job.name}/charts.js"
        page.files[script] = charts_script(specs)
        cells.append(_markdown(raw(f'<span data-charts="{up}{script}" hidden></span>'), len(cells)))
    copy = f"{DOWNLOADS}/{page.path}.ipynb"
    page.files[copy] = job.target(material.project).read_bytes()
    page.files[f"{DOWNLOADS}/{page.path}.html"] = single_file(job.target(material.project))
    cells.append(_markdown(panel(material, job, up), len(cells)))
    cells[0] = _headed(material, job, cells[0], up)
    page.notebook.cells = cells
    return page


def _markdown(source: str, place: int) -> nbformat.NotebookNode:
    return new_markdown_cell(source, id=f"page-{place}")


def _headed(material: Material, job: Job, first: nbformat.NotebookNode, up: str) -> nbformat.NotebookNode:
    """The first cell with the regime in its heading, and below it the way to the other regimes and codings."""
    heading, _, rest = first.source.partition("\n")
    if job.regime:
        heading = f"{heading}: {plain(job.regime)}"
    results = material.of(job.coding)
    parts = []
    if results is not None:
        parts.append(switch("Coding", [_other(material, job, up, coding=one.name) for one in material.results]))
    if job.regime:
        parts.append(switch("Regime", [_other(material, job, up, regime=one) for one in material.dataset.focal]))
    page = f"{up}{DOWNLOADS}/{page_path(job)}"
    parts.append(
        f'<p class="take"><a href="{text(page)}.ipynb" download>Download this notebook</a>, as it was executed · '
        f'<a href="{text(page)}.html">One page to print</a></p>'
    )
    marks = stale_mark(material.stale.get(job.name, ()))
    block = raw(f'{marks}<div class="switches">{"".join(parts)}</div>')
    return _markdown(f"{heading}\n{block}\n{rest}", 0)


def _other(material: Material, job: Job, up: str, *, coding: str = "", regime: str = "") -> tuple[str, str, bool]:
    """The same notebook under another choice: its name, address, and whether it is this one."""
    there = Job(job.notebook, coding or job.coding, regime or job.regime, ())
    return coding or regime, f"{up}{page_path(there)}.html", there.name == job.name


def _numbered(output: str, chapter: str, counts: dict[str, int]) -> str:
    """Tables of an output with a number before the caption, each in a region that scrolls by itself."""
    # the site has one style for tables, that of the class `evidence`
    output = output.replace('class="dataframe ', 'class="', 1)
    found = _TABLE.search(output)
    if not found:
        return output
    counts["table"] += 1
    number, name = f"{chapter}.{counts['table']}", f"table-{chapter}-{counts['table']}"
    caption = f'<caption><a class="number" href="#{name}">Table {number}.</a> {found[2]}</caption>'
    told = long_cells(output.replace(found[0], f"{found[1]}{caption}", 1))
    return f'<div id="{name}">{scrolling(told, f"Table {number}")}</div>'

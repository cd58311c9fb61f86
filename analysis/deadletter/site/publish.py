"""`deadletter publish`: the source of every page, built under a temporary name, put in place whole or not at all."""

import gc
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
from markupsafe import Markup

from deadletter.errors import InputError
from deadletter.files import PART, clear_parts, naming, part_prefix
from deadletter.multiverse.evaluated import command_again
from deadletter.project import Project
from deadletter.report.citation import citer, known_works, read_citation
from deadletter.report.crate import write_crate
from deadletter.site.ahead import begin_files, begin_pages, helpers, late_pages, late_paths, settle, vega_bundle
from deadletter.site.build import ENTRIES, build, protect
from deadletter.site.chapters import notebook_page, unshown
from deadletter.site.figures import charts_script, drawing, figure_block, files_of, image_of, svg_of
from deadletter.site.inputs import Material, gather
from deadletter.site.navigation import menus
from deadletter.site.pages.codings import codings_page
from deadletter.site.pages.home import home_page, overview
from deadletter.site.pages.ledger_pages import ledger_pages, summary_pages
from deadletter.site.pages.method import method_pages, reference_pages, with_figure
from deadletter.site.pages.row_pages import entries, row_pages
from deadletter.site.pages.trade import trade_figures, trade_page
from deadletter.site.pdf import browser, print_summaries
from deadletter.templating import fragment, html_block, render

# says that a folder was written by this command, and may be replaced by it
MARKER = ".deadletter-site"
# its first line; what the folder holds follows
WRITTEN = "written by `deadletter publish`, and replaced by it"
# what file managers leave in a folder that somebody looked at
LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")
CRATE = "downloads/crate.zip"
ASSETS = Path(__file__).parent / "assets"
Say = Callable[[str], None]
# files to take away, by path; a path among them is that of a drawing whose image it is
Files = dict[str, str | bytes | Path]


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    codings: tuple[str, ...]
    out: Path
    allow_stale: bool = False
    crate: bool = False
    pdf: bool = False


def publish(project: Project, request: Request, say: Say) -> None:
    """Build the site and put it in the place of an earlier one.

    Raises InputError: bad data or parameters, nothing to publish, results that are stale, a folder in the way that is
    not a site, or PDFs are wanted and there is no browser to print them; nothing is written then.
    """
    out = request.out.resolve()
    _may_replace(project, out)
    if request.pdf:
        browser()
    material = gather(project, request.codings, pdf=request.pdf)
    _may_be_stale(material, request.allow_stale, say)
    for line in unshown(material):
        say(f"warning: {line}")
    out.parent.mkdir(parents=True, exist_ok=True)
    gc.freeze()  # what is there stays, and need not be looked through again and again: a sixth of the time
    try:
        with naming(out):
            _replace(project, request, material, out, say)
    finally:
        gc.unfreeze()


def _replace(project: Project, request: Request, material: Material, out: Path, say: Say) -> None:
    """Write the site next to its place, then put it there."""
    clear_parts(out.parent)
    with tempfile.TemporaryDirectory(prefix=part_prefix(out.name), suffix=PART, dir=out.parent) as folder:
        work = Path(folder)
        if request.crate:
            names = [results.name for results in material.results]
            write_crate(project, names, work / "source" / "_extra" / CRATE)
        with helpers() as pool:
            computing = begin_pages(pool, material)
            drawings = write_source(material, work / "source")
            drawing = begin_files(pool, material, drawings.values())

            def finish() -> None:
                settle(computing)
                for path, page, files in late_pages(material):
                    drawings.update(_write_pages(work / "source", {f"{path}.md": page}, files))

            late = {*late_paths(material)}
            for line in build(work / "source", work / "site", work / "doctrees", material.study.title, late, finish):
                say(f"warning: {line}")
            settle(drawing)
        protect(work / "site")
        _write(work / "site" / "_static" / "vega.js", vega_bundle(project.cache))
        for path, kept in drawings.items():
            _write(work / "site" / path, image_of(kept))
        if request.pdf:
            print_summaries(material, work / "site")
        # some hosts leave out folders that begin with an underscore, unless they find this file
        (work / "site" / ".nojekyll").touch()
        held = "".join(f"{name}\n" for name in sorted({MARKER, *(path.name for path in (work / "site").iterdir())}))
        (work / "site" / MARKER).write_text(f"{WRITTEN}\n{held}", encoding="utf-8")
        if out.exists():
            out.rename(work / "earlier")
        (work / "site").rename(out)


def _may_replace(project: Project, out: Path) -> None:
    for folder in (project.data, project.params, project.notebooks, project.executed, project.results):
        if out.is_relative_to(folder.resolve()):
            allowed = "--out with a folder elsewhere, such as site"
            raise InputError(f"is within {folder.name}/ of the project", where=str(out), allowed=allowed)
    if out.is_mount():  # a site is put in its place as a whole
        raise InputError("is a mount point", where=str(out), allowed=f"a folder within it, such as {out / 'site'}")
    if out.exists() and not (out / MARKER).is_file() and not (out.is_dir() and not any(out.iterdir())):
        raise InputError(
            "is in the way and was not written by this command",
            where=str(out),
            allowed=f"--out with a new folder, an empty one, or an earlier site (it holds {MARKER})",
        )
    known = (out / MARKER).read_text(encoding="utf-8").splitlines()[1:] if (out / MARKER).is_file() else []
    # a site of an earlier version does not say what it holds
    if known and (others := sorted({path.name for path in out.iterdir()} - {*known, *LITTER})):
        allowed = "move it out of the site, which is replaced as a whole, or --out with a new folder"
        raise InputError("was not written by this command", where=str(out / others[0]), allowed=allowed)


def _may_be_stale(material: Material, allowed: bool, say: Say) -> None:
    if material.stale and not allowed:
        name, reasons = next(iter(material.stale.items()))
        more = f", and {len(material.stale) - 1} more" if len(material.stale) > 1 else ""
        # notebooks about the multiverse are executed with any coding
        codings = " ".join(dict.fromkeys(results.name for results in material.results))
        before = f"`{command_again(material.project)}`, then " if "results/multiverse" in material.stale else ""
        raise InputError(
            f"is stale ({'; '.join(reasons)}){more}",
            where=name,
            allowed=f"run {before}`deadletter run {codings}` first, or publish with --allow-stale",
        )
    for name, reasons in material.stale.items():
        say(f"{name}: stale, and marked as such: {'; '.join(reasons)}")


def write_source(material: Material, source: Path) -> dict[str, Path]:
    """Write what Sphinx reads: pages, style, scripts, and the files that readers may take away; late pages are empty.

    Returns the drawings whose images readers may take away as well, by the path of the image.
    """
    pages, files = _pages(material)
    if (source / "_extra" / CRATE).is_file():
        archive = f'<p>Everything as one archive (RO-Crate): <a href="../{CRATE}" download>crate.zip</a></p>'
        pages["method/data.md"] += str(html_block(archive))
    for asset in sorted(ASSETS.iterdir()):
        _write(source / "_static" / asset.name, asset.read_bytes())
    return _write_pages(source, pages, files)


def _write_pages(source: Path, pages: Mapping[str, str], files: Files) -> dict[str, Path]:
    """Write pages, and the files that readers may take away; returns the drawings among these."""
    for path, page in pages.items():
        _write(source / path, page)
    drawings = {path: file for path, file in files.items() if isinstance(file, Path)}
    for path, file in files.items():
        if not isinstance(file, Path):
            _write(source / "_extra" / path, file)
    return drawings


def _pages(material: Material) -> tuple[dict[str, str], Files]:
    """Sources of pages and files of the site, by path."""
    root = material.project.root
    pages: dict[str, str] = {}
    bibliography = material.project.data / "sources.bib"
    taken = (root / "CITATION.cff", bibliography)
    files: Files = {f"downloads/{path.name}": path.read_bytes() for path in taken if path.is_file()}
    for results in material.results:
        for path in sorted(results.folder.glob("*.[cj]s*")):
            files[f"downloads/results/{results.name}/{path.name}"] = path.read_bytes()
        pages |= {f"{path}.md": text for path, text in ledger_pages(material, results)}
    cite = citer(known_works(bibliography))
    for job in material.jobs:
        page = notebook_page(material, job, cite)
        pages[f"{page.path}.ipynb"] = nbformat.writes(page.notebook)
        files |= page.files
    pages["search.md"] = render("site/templates/search.md")
    pages["codings/index.md"] = codings_page(material)
    own, more = _own_figures(material)
    files |= more
    makers = (summary_pages(material), row_pages(material), method_pages(material, cite), reference_pages())
    pages |= {f"{path}.md": text for maker in makers for path, text in maker}
    pages |= {f"{path}.md": "" for path in late_paths(material)}
    citation = root / "CITATION.cff"
    pages["index.md"] = home_page(material, own["home"], read_citation(citation) if citation.is_file() else None)
    if not material.results[0].table("trade.csv").empty:
        pages["trade.md"] = trade_page(material, own["trade"])
    if "theory.md" in pages:
        mark = fragment("site/templates/stale.html", reasons=material.stale_reasons(material.results[0]))
        pages["theory.md"] = with_figure(pages["theory.md"], mark + own["theory"])
    pages["sources.bib"] = bibliography.read_bytes().decode("utf-8")
    for name, text in menus(material, list(pages)).items():
        pages[name] = pages.get(name, "") + text
    pages[ENTRIES] = json.dumps(entries(material), ensure_ascii=False)
    return pages, files


def _own_figures(material: Material) -> tuple[dict[str, Markup], Files]:
    """The figures of pages that are not notebooks, as they stand there, and what readers may take away."""
    first, cache = material.results[0], material.project.cache
    plane = overview(first)
    drawn = {"home": [plane], "trade": trade_figures(material)}
    blocks: dict[str, Markup] = {}
    files: Files = {}
    for page, exhibits in drawn.items():
        folder = f"downloads/figures/{page}/"
        figures = [drawing(one, cache) for one in exhibits]
        if page == "home":  # its labels are placed anew
            figures = [replace(figures[0], narrow=svg_of(overview(first, narrow=True), cache))]
        files |= {folder + file: content for figure in figures for file, content in files_of(figure).items()}
        files[f"{folder}charts.js"] = charts_script({figure.name: figure.spec for figure in figures}, {})
        holder = Markup('<span data-charts="{}charts.js" hidden></span>').format(folder)
        shown = [figure_block(one, folder) for one in figures]
        blocks[page] = Markup("").join(shown) + holder
    return {**blocks, "theory": blocks["home"]}, files


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)

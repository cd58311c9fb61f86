"""Pages on method and data: codebook, errata, licences, how to cite and to rerun, the reference of public names."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from markupsafe import Markup

from deadletter.frames import records, titled
from deadletter.report.citation import entry_text, read_citation, software_entry
from deadletter.report.render import replication_report
from deadletter.site.figures import folded
from deadletter.site.inputs import Material
from deadletter.site.links import own_link
from deadletter.templating import html_block, link, prose, relinked, render

# Markdown of the project that the site shows as it is: file, page
DOCUMENTS = {
    "docs/theory.md": "theory",
    "data/README.md": "method/codebook",
    "docs/argument.md": "method/argument",
    "docs/trade.md": "method/trade",
    "docs/data_sources.md": "method/sources",
}
# a table of Markdown with at least two rows
_TABLE = re.compile(r"(?:^\|.*\n){4,}", re.MULTILINE)
_OVERVIEW = re.compile(r"^!\[[^\]]*\]\(overview\.svg\)$", re.MULTILINE)
# rooms whose functions a reader's own notebook may call
ROOMS = ("indices", "alignment", "trade", "argument")
ERRATA = ("section", "what", "anchor", "where", "evidence", "result_depends")


def method_pages(material: Material, cite: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Path and source of each page; ``cite`` turns citations within Markdown into links to the references."""
    root = material.project.root
    for file, page in DOCUMENTS.items():
        if (root / file).is_file():
            text = cite(_document(root, (root / file).read_text(encoding="utf-8")))
            yield from _codebook(text) if page == "method/codebook" else [(page, text)]
    errata = material.dataset["errata"]
    if len(errata):
        titles = material.dataset.section_titles
        words = {one: [titled(cell, titles) for cell in errata[one]] for one in ("where", "evidence")}
        shown = errata.assign(section=errata["section"].replace(titles), **words)
        rows = [(own_link(row["id"]), *(row[column] for column in ERRATA)) for row in records(shown)]
        ids, called = list(errata["id"]), material.study.called
        yield "method/errata", render("site/templates/errata.md", rows=rows, ids=ids, called=called)
    yield "method/data", _data(material)
    yield "method/cite", _cite(material)
    names = " ".join(results.name for results in material.results)
    given = {"names": Markup(names), "multiverse": bool(material.multiverse)}
    for file in ("Makefile", "environment.yml"):
        given[file.partition(".")[0].lower()] = (material.project.root / file).is_file()
    yield "method/rerun", render("site/templates/rerun.md", **given)


def report_page(material: Material) -> str:
    """The replication report, computed now: a file that an earlier check wrote may be of another state."""
    return _folded(_document(material.project.root, replication_report(material.project)))


def _codebook(text: str) -> Iterator[tuple[str, str]]:
    """The codebook's rated variables on one page, the tables of each folder on a page below it."""
    variables, _, tables = text.partition("\n## Tables\n")
    yield "method/codebook", _folded(variables)
    folders: dict[str, list[str]] = {}
    for part in re.split(r"^##(?=# `)", tables, flags=re.MULTILINE)[1:]:
        folders.setdefault(part[3 : part.index("/")], []).append(f"#{part}")
    for folder, parts in folders.items():
        yield f"method/codebook/{folder}", _folded(f"# Codebook: tables in {folder}\n\n{''.join(parts)}")


def _document(root: Path, markdown: str) -> str:
    """A document of the project: links to files that have no page become names of files."""
    return relinked(markdown, partial(page_of, root))


def page_of(root: Path, file: str) -> str:
    """The page that shows a file of a project: a document, or the codebook of a table's folder; empty for others.

    file: from the root, or from ``docs/``.
    """
    name = next((one for one in (file, f"docs/{file}") if (root / one.partition("#")[0]).is_file()), "")
    if page := DOCUMENTS.get(name.partition("#")[0]):
        return f"/{page}.md"
    parts = name.split("/")
    return f"/method/codebook/{parts[1]}.md" if len(parts) == 3 and parts[0] == "data" else ""


def _folded(markdown: str) -> str:
    """A long document whose tables, which hold neither citations nor links to pages, open on demand."""

    def wrapped(found: re.Match[str]) -> str:
        head, *rows = found[0].strip().splitlines()
        first, *more = (cell.strip() for cell in head.strip("|").split("|"))
        about = f"columns: {', '.join(more)}" if first == "column" else f"rows: {', '.join([first, *more])}"
        table = prose(found[0]).replace("<table>", Markup('<table class="evidence">'))
        region = Markup('<div class="wide" role="region" tabindex="0" aria-label="{}">{}</div>')
        return str(html_block(folded(f"{len(rows) - 1} {about}", region.format(about, table))))

    return _TABLE.sub(wrapped, markdown)


def with_figure(markdown: str, figure: str) -> str:
    """A document with the overview in place of its image."""
    return _OVERVIEW.sub(lambda _: str(html_block(figure)), markdown)


def _cite(material: Material) -> str:
    project, source = material.project, material.study.source
    own = project.root / "CITATION.cff"
    cited = read_citation(own) if own.is_file() else None
    entry = entry_text(project.data / "sources.bib", source.key) if source and source.key else ""
    software = Markup(software_entry(cited)) if cited else ""
    return render("site/templates/cite.md", citation=cited, software=software, source=source, entry=Markup(entry))


def _data(material: Material) -> str:
    package = material.dataset.package
    rows = [
        (
            resource["path"],
            resource.get("title", ""),
            _named(resource.get("licenses") or package["licenses"]),
            _named(resource.get("sources") or package["sources"]),
            Markup("<code>{}</code>").format(str(resource.get("hash", "")).removeprefix("sha256:")[:16]),
        )
        for resource in package["resources"]
    ]
    licence = (material.project.data / "LICENSE.md").read_text(encoding="utf-8").partition("\n")[2]
    shown = {
        "licence": Markup(_document(material.project.root, licence)),
        "digest": material.dataset.digest,
        "study": material.study,
    }
    return render("site/templates/data.md", rows=rows, **shown)


def _named(many: list[dict[str, Any]]) -> Markup:
    return Markup("; ").join(link(one["path"], one["title"]) if "path" in one else one["title"] for one in many)


def reference_pages() -> Iterator[tuple[str, str]]:
    """Path and source of a page for each room: the names that it exports, or those of its modules."""
    for room in ROOMS:
        package = importlib.import_module(f"deadletter.{room}")
        exported = sorted(getattr(package, "__all__", ()))
        parts = [_directive(package.__name__, name, getattr(package, name)) for name in exported]
        for found in () if exported else pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            public = {name: value for name, value in vars(module).items() if _public(module, name, value)}
            own = [_directive(found.name, name, value) for name, value in public.items()]
            parts += [f".. rubric:: {found.name}\n", *own] if own else []
        body = "\n".join(parts)
        page = f"# deadletter.{room}\n\n```{{eval-rst}}\n.. automodule:: deadletter.{room}\n\n{body}\n```\n"
        yield f"reference/{room}", page


def _public(module: ModuleType, name: str, value: object) -> bool:
    defined = (inspect.isfunction(value) or inspect.isclass(value)) and value.__module__ == module.__name__
    return defined and not name.startswith("_")


def _directive(home: str, name: str, value: object) -> str:
    """What the docstring of a name says, which opens from the name and what it is."""
    kind = "autoclass" if inspect.isclass(value) else "autofunction" if callable(value) else "autodata"
    about = (inspect.getdoc(value) or "").partition("\n\n")[0] if kind != "autodata" else ""
    words = Markup(" ").join(part for part in (Markup("<code>{}</code>").format(name), _first_sentence(about)) if part)
    opening = f'<details class="fold"><summary>{words}</summary>'
    return f".. raw:: html\n\n   {opening}\n\n.. {kind}:: {home}.{name}\n\n.. raw:: html\n\n   </details>\n"


def _first_sentence(text: str) -> str:
    """The first sentence of a docstring, without the marks of code and roles."""
    line = re.sub(r":\w+:`~?([^`]*)`", r"\1", " ".join(text.split())).replace("`", "")
    return re.split(r"(?<!\bpp)(?<!\bch)[.;]\s", line, maxsplit=1)[0].rstrip(".:")

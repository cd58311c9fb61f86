"""Pages on method and data: codebook, errata, data and licences, how to cite, how to rerun."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from markupsafe import Markup

from deadletter.frames import records
from deadletter.report.citation import read_citation
from deadletter.report.render import replication_report
from deadletter.site.citations import entry_text, software_entry
from deadletter.site.inputs import Material
from deadletter.site.links import own_link
from deadletter.templating import html_block, link, render

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
ERRATA = ("section", "what", "anchor", "where", "evidence", "result_depends")


def method_pages(material: Material, cite: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Path and source of each page; ``cite`` turns citations within Markdown into links to the references."""
    root = material.project.root
    for file, page in DOCUMENTS.items():
        if (root / file).is_file():
            text = cite(_document((root / file).read_text(encoding="utf-8")))
            yield from _codebook(text) if page == "method/codebook" else [(page, text)]
    # computed now: a file that an earlier check wrote may be of another state
    yield "method/report", _folded(_document(replication_report(material.project)))
    errata = material.dataset["errata"]
    if len(errata):
        yield (
            "method/errata",
            render(
                "site/templates/errata.md",
                rows=[(own_link(row["id"]), *(row[column] for column in ERRATA)) for row in records(errata)],
                ids=list(errata["id"]),
                called=material.study.called,
            ),
        )
    yield "method/data", _data(material)
    source = material.study.source
    cited = read_citation(root / "CITATION.cff") if (root / "CITATION.cff").is_file() else None
    yield (
        "method/cite",
        render(
            "site/templates/cite.md",
            citation=cited,
            software=Markup(software_entry(cited)) if cited else "",
            source=source,
            entry=Markup(entry_text(material.project.data / "sources.bib", source.key))
            if source and source.key
            else "",
        ),
    )
    names = " ".join(results.name for results in material.results)
    yield "method/rerun", render("site/templates/rerun.md", names=Markup(names), multiverse=bool(material.multiverse))


def _codebook(text: str) -> Iterator[tuple[str, str]]:
    """The codebook's rated variables on one page, the tables of each folder on a page below it."""
    variables, _, tables = text.partition("\n## Tables\n")
    yield "method/codebook", _folded(variables)
    folders: dict[str, list[str]] = {}
    for part in re.split(r"^##(?=# `)", tables, flags=re.MULTILINE)[1:]:
        folders.setdefault(part[3 : part.index("/")], []).append(f"#{part}")
    for folder, parts in folders.items():
        yield f"method/codebook/{folder}", _folded(f"# Codebook: tables in {folder}\n\n{''.join(parts)}")


def _document(markdown: str) -> str:
    """A document of the project: links to files that have no page become names of files."""
    pages = {file.rpartition("/")[2]: page for file, page in DOCUMENTS.items() if not file.startswith("data/")}

    def linked(found: re.Match[str]) -> str:
        label, target = found[1], found[2]
        if target.rpartition("/")[2] in pages:
            return f"[{label}](/{pages[target.rpartition('/')[2]]}.md)"
        return found[0] if target.startswith(("http", "#")) else f"{label} (`{target}`)"

    return re.sub(r"(?<!!)\[([^\]]+)\]\(([^)]+)\)", linked, markdown)


def _folded(markdown: str) -> str:
    """A long document whose tables open on demand."""

    def wrapped(found: re.Match[str]) -> str:
        head, *rows = found[0].strip().splitlines()
        columns = ", ".join(cell.strip() for cell in head.strip("|").split("|"))
        opening = html_block(f'<details class="fold"><summary>{len(rows) - 1} rows: {columns}</summary>')
        return f"\n{opening}\n\n{found[0]}\n{html_block('</details>')}\n"

    return _TABLE.sub(wrapped, markdown)


def with_figure(markdown: str, figure: str) -> str:
    """A document with the overview in place of its image."""
    return _OVERVIEW.sub(lambda _: str(html_block(figure)), markdown)


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
    return render(
        "site/templates/data.md",
        licence=Markup(_document(licence)),
        digest=material.dataset.digest,
        rows=rows,
        study=material.study,
    )


def _named(many: list[dict[str, Any]]) -> Markup:
    return Markup("; ").join(link(one["path"], one["title"]) if "path" in one else one["title"] for one in many)

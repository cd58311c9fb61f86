"""Pages on method and data: codebook, errata, data and licences, how to cite, how to rerun."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from deadletter.report.render import NAME, replication_report
from deadletter.site.inputs import Material
from deadletter.site.markup import link, plain, raw, table, text

# Markdown of the project that stands on the site as it is: file, page
DOCUMENTS = {
    "data/README.md": "codebook",
    "docs/argument.md": "argument",
    "docs/trade.md": "trade",
    "docs/data_sources.md": "sources",
}


def method_pages(material: Material) -> Iterator[tuple[str, str]]:
    """Path and source of each page."""
    root = material.project.root
    for file, page in DOCUMENTS.items():
        if (root / file).is_file():
            yield f"method/{page}", _document((root / file).read_text(encoding="utf-8"))
    report = material.project.results / NAME
    # as `deadletter check` wrote it, which computes every table once more; else made for the site
    told = report.read_text(encoding="utf-8") if report.is_file() else replication_report(material.project)
    yield "method/report", _document(told)
    yield "method/errata", _errata(material)
    yield "method/data", _data(material)
    yield "method/cite", _cite(root)
    yield "method/rerun", _rerun(material)


def _document(markdown: str) -> str:
    """A document of the project: links to files that have no page become names of files."""
    pages = {file.rpartition("/")[2]: page for file, page in DOCUMENTS.items() if not file.startswith("data/")}

    def told(found: re.Match[str]) -> str:
        label, target = found[1], found[2]
        if target.rpartition("/")[2] in pages:
            return f"[{label}]({pages[target.rpartition('/')[2]]}.md)"
        return found[0] if target.startswith(("http", "#")) else f"{label} (`{target}`)"

    return re.sub(r"(?<!!)\[([^\]]+)\]\(([^)]+)\)", told, markdown)


def _errata(material: Material) -> str:
    rows = [
        (
            f'<a class="id" href="#{text(row.id)}">{text(row.id)}</a>',
            text(row.section),
            text(row.what),
            f"“{text(row.anchor)}”",
            text(row.where),
            text(row.evidence),
            text(row.result_depends),
        )
        for row in material.dataset["errata"].itertuples()
    ]
    columns = {
        "id": "id",
        "choice:section": "section",
        "what": "what",
        "anchor": "place",
        "where": "where",
        "evidence": "evidence",
        "choice:depends": "result depends",
    }
    return "\n".join(
        (
            "---\nhtml_theme.sidebar_secondary.remove: true\n---\n",
            "# Errata of the article",
            "Where the article contradicts itself or the record, and whether any result here depends on it.",
            raw(table(columns, rows, "Errata", ids=list(material.dataset["errata"]["id"]), tools=True)),
        )
    )


def _data(material: Material) -> str:
    package = material.dataset.package
    rows = []
    for resource in package["resources"]:
        licences = resource.get("licenses") or package["licenses"]
        sources = resource.get("sources") or package["sources"]
        rows.append(
            (
                text(resource["path"]),
                text(resource.get("title", "")),
                "; ".join(_named(one) for one in licences),
                "; ".join(_named(one) for one in sources),
                f"<code>{text(str(resource.get('hash', '')).removeprefix('sha256:')[:16])}</code>",
            )
        )
    columns = {"path": "table", "title": "what", "licence": "licence", "source": "source", "hash": "SHA-256 begins"}
    licence = (material.project.data / "LICENSE.md").read_text(encoding="utf-8").partition("\n")[2]
    return "\n".join(
        (
            "---\nhtml_theme.sidebar_secondary.remove: true\n---\n",
            "# Data and licences",
            _document(licence),
            "The article itself is not part of the package. Code: MIT licence. All data as one hash:",
            raw(f"<p><code>{material.dataset.digest}</code></p>{table(columns, rows, 'Tables', tools=True)}"),
        )
    )


def _named(one: dict[str, Any]) -> str:
    return link(one["path"], one["title"]) if "path" in one else text(one["title"])


def _cite(root: Path) -> str:
    parts = ["# How to cite"]
    if (root / "CITATION.cff").is_file():
        citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
        parts += [plain(citation["message"]), f"\n```bibtex\n{_entry(citation)}\n```\n"]
        parts.append(raw('<p>For machines: <a href="../downloads/CITATION.cff" download>CITATION.cff</a>.</p>'))
    parts += [
        "The article: {cite:t}`troitskiy2020`.",
        "## Works cited",
        raw('<p>As a file: <a href="../downloads/sources.bib" download>sources.bib</a>.</p>'),
        "```{bibliography}\n:all:\n```",
    ]
    return "\n\n".join(parts)


def _entry(citation: dict[str, Any]) -> str:
    """The package as an entry of BibTeX."""
    authors = " and ".join(
        one.get("name") or f"{one['family-names']}, {one['given-names']}" for one in citation["authors"]
    )
    fields = {"title": citation["title"], "author": f"{{{authors}}}", "version": citation["version"]}
    told = ",\n".join(f"  {key} = {{{value}}}" for key, value in {**fields, "license": citation["license"]}.items())
    return f"@software{{deadletter,\n{told}\n}}"


def _rerun(material: Material) -> str:
    names = " ".join(results.name for results in material.results)
    multiverse = "deadletter multiverse            # every declared coding at once\n" if material.multiverse else ""
    return f"""# How to run it again

```
make run                         # sets everything up, runs all notebooks for every regime
deadletter run {names}
{multiverse}deadletter run                   # what has become out of date, and no more
deadletter check                 # data, parameters, results
deadletter publish {names}
```

Python 3.11 or newer and make are needed; nothing is fetched but the pinned packages of `requirements.lock`, each
checked by its hash. Equal inputs give equal bytes: results, executed notebooks and this site. Facts about a run stand
apart, in `run.json`.

On Binder: paste the address of the repository at <https://mybinder.org>; it is built from `environment.yml` and opens
the notebooks in JupyterLab, where each runs by hand (Run All).

To change a decision, write a coding of your own as a file of `params/`, run it, and publish it beside the others:

```yaml
extends: baseline
title: Weakest link
why: A framework is no stronger than its weakest dimension.
formalisation: {{dimension_exponent: -.inf}}
```
"""

"""The living summary: the text's argument section by section, each sentence with the verdicts of its claims."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from deadletter.argument.verdicts import standing
from deadletter.frames import records, split_ids
from deadletter.labels import SOURCES, STANDINGS
from deadletter.site.inputs import Material, Results
from deadletter.site.links import (
    claim_link,
    coding_choices,
    page_link,
    record_pages,
    root_of,
    row_links,
    summary_path,
    verdict_mark,
)
from deadletter.site.pages.ledger_pages import SHOWN
from deadletter.templating import render

# more rows and pages than these are on the claim's own page
ROWS, PAGES = 12, 6


def summary_pages(material: Material) -> Iterator[tuple[str, str]]:
    """Path and source of the summary under each coding; none where the project has no table of sentences."""
    if "summary" in material.dataset:
        for results in material.results:
            yield summary_path(material, results), _page(material, results)


def _page(material: Material, results: Results) -> str:
    up = root_of(summary_path(material, results))
    titles = material.dataset["sections"].set_index("id")["title"]
    sections: dict[str, list[dict[str, Any]]] = {}
    for row in records(material.dataset["summary"]):
        claims = [_claim(material, results, name, up) for name in split_ids(row["claims"])]
        sections.setdefault(row["section"], []).append({**row, "claims": claims})
    addresses = [f"{up}{summary_path(material, one)}.html" for one in material.results]
    return render(
        "site/templates/summary.md",
        study=material.study,
        results=results,
        stale=material.stale_reasons(results),
        choices=coding_choices(material, results, addresses),
        sections=[(titles[section], sentences) for section, sentences in sections.items()],
        standings=[(one, verdict_class(one)) for one in STANDINGS],
        pdf=f"{up}downloads/{summary_path(material, results).replace('/', '-')}.pdf" if material.pdf else "",
    )


def verdict_class(standing_words: str) -> str:
    return standing_words.replace(" ", "-")


def _claim(material: Material, results: Results, name: str, up: str) -> dict[str, Any]:
    """A claim behind a sentence: its marks, and what opens below them."""
    node = results.nodes[name]
    spoken = [source for source in SOURCES if standing(node[source]["verdict"]) != "not tested"]
    return {
        "link": claim_link(results, name, up),
        "id": name,
        "label": node["claim"],
        "marks": [verdict_class(standing(node[source]["verdict"])) for source in ("account", "record")],
        "spoken": ", ".join(f"{source} {node[source]['verdict']}" for source in spoken) or "not tested",
        "sources": [
            (SHOWN[source], verdict_mark(node[source]["verdict"]), node[source]["reason"])
            for source in SHOWN
            if node[source]["reason"]
        ],
        "rows": row_links(material.dataset, node["read"][:ROWS], up),
        "more": max(0, len(node["read"]) - ROWS),
        "pages": [page_link(*one) for one in record_pages(material.dataset, node["read"])[:PAGES]],
    }

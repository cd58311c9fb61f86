"""Claims on pages: the ledger as one table, what decides each claim down to the rows, and the living summary."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from deadletter.argument.verdicts import standing
from deadletter.frames import records, split_ids
from deadletter.labels import ACCOUNT, CATEGORIES, LEVELS, RECORD, SOURCES, STANDINGS, place_in_words
from deadletter.site.inputs import Material, Results
from deadletter.site.links import (
    claim_link,
    coding_choices,
    deciding_links,
    ledger_path,
    page_link,
    record_pages,
    root_of,
    row_links,
    summary_path,
    verdict_mark,
)
from deadletter.templating import link, render

# as many pages of the record as a row of the ledger has room for
MOST_PAGES = 5
# more rows and pages than these of a claim of the summary are on the claim's own page
ROWS, PAGES = 12, 6
# each source decides apart
SHOWN = {"account": "On the account", "record": "On the record", "after": "Later facts"}


def ledger_pages(material: Material, results: Results) -> Iterator[tuple[str, str]]:
    """Pages of a coding's claims: path and source, first the table, then one for each section."""
    sections = records(material.dataset["sections"].sort_values("order"))
    coded = [one for one in sections if any(node["section"] == one["id"] for node in results.nodes.values())]
    yield ledger_path(results.name), _ledger(material, results, coded)
    for section in coded:
        yield f"claims/{results.name}/{section['id']}", _section(material, results, section)


def _ledger(material: Material, results: Results, sections: Sequence[Mapping[str, Any]]) -> str:
    up = root_of(ledger_path(results.name))
    ordered = sorted(records(results.claims), key=lambda row: (LEVELS.index(row["level"]), row["id"]))
    rows = [
        (
            claim_link(results, row["id"], up),
            row["level"],
            half_of(material, row["regime"]),
            row["claim"],
            *(verdict_mark(row[f"{source}_verdict"]) for source in SHOWN),
            row["basis"] if row["basis"] != "none" else f"none: {row['category']}",
            Markup(" ").join(_short(material, results.nodes[row["id"]]["read"])),
            deciding_links(material, results, row["notebook"], row["cell"], row["regime"], up),
        )
        for row in ordered
    ]
    addresses = [f"{up}{ledger_path(one.name)}.html" for one in material.results]
    return render(
        "site/templates/ledger.md",
        study=material.study,
        results=results,
        stale=material.stale_reasons(results),
        choices=coding_choices(material, results, addresses),
        rows=rows,
        ids=[row["id"] for row in ordered],
        sections=sections,
        up=up,
    )


def half_of(material: Material, regime: str) -> str:
    """The half of the argument that a regime belongs to: the focal regime that its lineage leads to, or both."""
    lineage = material.dataset.once("halves", lambda: material.dataset["lineage"].groupby("regime")["focal"].first())
    return str(lineage.get(regime, "both"))


def _short(material: Material, units: Sequence[str]) -> list[Markup]:
    """The first pages of the record, by number: their names are on the claim's page."""
    pages = record_pages(material.dataset, units)[:MOST_PAGES]
    return [page_link(address, str(number), name) for number, (address, name) in enumerate(pages, start=1)]


def _section(material: Material, results: Results, section: Mapping[str, Any]) -> str:
    nodes = [node for node in results.nodes.values() if node["section"] == section["id"]]
    up = root_of(f"claims/{results.name}/{section['id']}")
    addresses = [f"{up}claims/{one.name}/{section['id']}.html" for one in material.results]
    places = {row["id"]: place_in_words(row) for row in records(material.dataset["claims"])}
    return render(
        "site/templates/section.md",
        title=section["title"],
        coding=results.name,
        stale=material.stale_reasons(results),
        choices=coding_choices(material, results, addresses),
        claims=[_claim(material, results, node, up) | {"place": places[node["id"]]} for node in nodes],
    )


def _claim(material: Material, results: Results, node: dict[str, Any], up: str) -> dict[str, Any]:
    """What the page says of a claim."""
    cells = []
    for file, _, place in (cell.partition(" ") for cell in node["cells"]):
        there = (results.folder / file).is_file()
        cells.append((link(f"{up}downloads/results/{results.name}/{file}", file) if there else file, place))
    return {
        **node,
        "sources": _spoken(node),
        "marks": [(source, verdict_mark(node[source]["verdict"])) for source in (ACCOUNT, RECORD)],
        "untested": CATEGORIES[node["category"]] if node["category"] else "",
        "supports": [
            (claim_link(results, one, up), results.nodes[one]["claim"], verdict_mark(results.nodes[one]["verdict"]))
            for one in results.supports.get(node["id"], [])
        ],
        "pages": [page_link(address, name) for address, name in record_pages(material.dataset, node["read"])],
        "cells": cells,
        "rows": row_links(material.dataset, node["read"], up),
        "below": row_links(material.dataset, rows_below(results, node["id"]), up),
        "shown": deciding_links(material, results, node["notebook"], node["cell"], node["regime"], up),
    }


def _spoken(node: Mapping[str, Any]) -> list[tuple[str, Markup, str]]:
    """What each source says of a claim: whose words, the verdict, the reason."""
    chains = {words: node[source] for source, words in SHOWN.items()}
    return [(words, verdict_mark(one["verdict"]), one["reason"]) for words, one in chains.items() if one["reason"]]


def rows_below(results: Results, claim: str) -> list[str]:
    """The coded rows that decide a claim through the claims that support it, however far below."""
    seen, waiting, units = {claim}, list(results.supports.get(claim, [])), set()
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            units |= set(results.nodes[one]["read"])
            waiting += results.supports.get(one, [])
    return sorted(units - set(results.nodes[claim]["read"]))


def summary_pages(material: Material) -> Iterator[tuple[str, str]]:
    """Path and source of the summary under each coding; none where the project has no sentence."""
    if len(material.dataset["summary"]):
        for results in material.results:
            yield summary_path(material, results), _summary(material, results)


def _summary(material: Material, results: Results) -> str:
    up = root_of(summary_path(material, results))
    titles = material.dataset.section_titles
    sections: dict[str, list[dict[str, Any]]] = {}
    for row in records(material.dataset["summary"]):
        claims = [_behind(material, results, name, up) for name in split_ids(row["claims"])]
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


def _behind(material: Material, results: Results, name: str, up: str) -> dict[str, Any]:
    """A claim behind a sentence: its marks, and what opens below them."""
    node = results.nodes[name]
    spoken = [source for source in SOURCES if standing(node[source]["verdict"]) != "not tested"]
    return {
        "link": claim_link(results, name, up),
        "id": name,
        "label": node["claim"],
        "marks": [verdict_class(standing(node[source]["verdict"])) for source in (ACCOUNT, RECORD)],
        "spoken": ", ".join(f"{source} {node[source]['verdict']}" for source in spoken) or "not tested",
        "sources": _spoken(node),
        "rows": row_links(material.dataset, node["read"][:ROWS], up),
        "more": max(0, len(node["read"]) - ROWS),
        "pages": [page_link(*one) for one in record_pages(material.dataset, node["read"])[:PAGES]],
    }

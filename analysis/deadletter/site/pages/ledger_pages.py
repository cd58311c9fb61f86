"""The ledger of claims: one table that sorts and filters, and for every claim what decides it, down to the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deadletter.argument.verdicts import standing
from deadletter.dataset.load import Dataset
from deadletter.labels import BASIS_WORDS, CATEGORIES, LEVELS
from deadletter.site.chapters import anchor, page_path
from deadletter.site.inputs import Material, Results
from deadletter.site.markup import link, plain, raw, root_of, switch, table, text, verdict
from deadletter.site.pages.row_pages import row_address
from deadletter.site.provenance import stale_mark

BASES = {**BASIS_WORDS, "none": "not tested"}


def ledger_path(coding: str) -> str:
    return f"claims/{coding}/index"


def claim_address(material: Material, results: Results, claim: str) -> str:
    """Where a claim is told in full, from the site's root."""
    return f"claims/{results.name}/{results.nodes[claim]['section']}.html#{claim}"


def deciding_pages(
    material: Material, results: Results, notebook: str, cell: str, regime: str
) -> list[tuple[str, str]]:
    """The pages with the cell that decides a claim: their names, and addresses from the site's root.

    A claim about an earlier regime is decided on the pages of the regimes that it led to.
    """
    lineage = material.dataset["lineage"]
    focal = sorted(set(lineage.loc[lineage["regime"] == regime, "focal"])) if regime else material.dataset.focal
    found = []
    for job in (*results.jobs, *material.multiverse):
        if job.notebook == notebook and (not job.regime or job.regime in focal or job.regime == regime):
            name = f"{notebook.replace('_', ' ')}, {job.regime}" if job.regime else notebook.replace("_", " ")
            found.append((name, f"{page_path(job)}.html#{anchor(cell)}"))
    return found


def ledger_pages(material: Material, results: Results) -> Iterator[tuple[str, str]]:
    """Pages of a coding's claims: path and source, first the table, then one for each section of the article."""
    yield ledger_path(results.name), _ledger(material, results)
    sections = material.dataset["sections"].sort_values("order")
    for section in sections.to_dict("records"):
        nodes = [node for node in results.nodes.values() if node["section"] == section["id"]]
        if nodes:
            yield f"claims/{results.name}/{section['id']}", _section(material, results, section, nodes)


def _ledger(material: Material, results: Results) -> str:
    path = ledger_path(results.name)
    up = root_of(path)
    rank = {level: place for place, level in enumerate(LEVELS)}
    ordered = sorted(results.claims.to_dict("records"), key=lambda row: (rank[row["level"]], row["id"]))
    rows = []
    for row in ordered:
        pages = deciding_pages(material, results, row["notebook"], row["cell"], row["regime"])
        shown = ", ".join(link(up + address, name) for name, address in pages)
        rows.append(
            (
                link(up + claim_address(material, results, row["id"]), row["id"]),
                text(row["level"]),
                text(row["regime"]),
                text(row["claim"]),
                verdict(row["verdict"], standing(row["verdict"])),
                text(row["basis"]) if row["basis"] != "none" else f"none: {text(row['category'])}",
                shown,
            )
        )
    columns = {
        "id": "id",
        "choice:level": "level",
        "choice:regime": "regime",
        "claim": "claim",
        "choice:verdict": "verdict",
        "choice:basis": "basis",
        "shown": "decided in",
    }
    body = table(columns, rows, "Every claim of the article", name="ledger", ids=[r["id"] for r in ordered], tools=True)
    sections = "".join(
        f"<li>{link(f'{up}claims/{results.name}/{row.id}.html', row.title)}</li>"
        for row in material.dataset["sections"].sort_values("order").itertuples()
        if any(node["section"] == row.id for node in results.nodes.values())
    )
    return "\n".join(
        (
            "---\nhtml_theme.sidebar_secondary.remove: true\n---\n",
            f"# The ledger of claims: {plain(results.coding.title)}",
            raw(stale_mark(material.stale_reasons(results)) + coding_switch(material, results, ledger_path, up)),
            "Each claim of the article with its verdict under this coding. The basis says what the verdict can bear: "
            "the *record* outside the article, or facts *after* it, support a claim or fail to; rows "
            "coded from the article (*account*) show only whether its account hangs together. The id leads to "
            "everything that decides a claim, the last column to the cell that shows it.",
            raw(body + f"<p>Claim by claim, in the order of the article:</p><ul>{sections}</ul>"),
            raw(
                f'<p>As a table: <a href="{up}downloads/results/{results.name}/claims.csv" download>claims.csv</a></p>'
            ),
        )
    )


def coding_switch(material: Material, results: Results, path: Any, up: str) -> str:
    """Links to the same page of the other codings."""
    choices = [(one.name, f"{up}{path(one.name)}.html", one is results) for one in material.results]
    return f'<div class="switches">{switch("Coding", choices)}</div>'


def _section(material: Material, results: Results, section: Mapping[str, Any], nodes: Sequence[dict[str, Any]]) -> str:
    path = f"claims/{results.name}/{section['id']}"
    up = root_of(path)
    parts = [
        "---\nhtml_theme.sidebar_secondary.remove: true\n---\n",
        f"# Claims: {plain(section['title'])}",
        raw(stale_mark(material.stale_reasons(results)) + _section_switch(material, results, section["id"], up)),
    ]
    claims = material.dataset["claims"].set_index("id")
    parts += [raw(_claim(material, results, node, claims.loc[node["id"]], up)) for node in nodes]
    return "\n".join(parts)


def _section_switch(material: Material, results: Results, section: str, up: str) -> str:
    return coding_switch(material, results, lambda coding: f"claims/{coding}/{section}", up)


def _claim(material: Material, results: Results, node: dict[str, Any], claim: Any, up: str) -> str:
    pages = deciding_pages(material, results, node["notebook"], node["cell"], node["regime"])
    rows = _rows(material.dataset, node["read"], up)
    words = verdict(node["verdict"], standing(node["verdict"]))
    about = f"{text(node['level'])}{', ' + text(node['regime']) if node['regime'] else ''}"
    told = [("Verdict", f"{words} ({text(BASES[node['basis']])})")]
    if node["category"]:
        told.append(("Not tested", text(CATEGORIES[node["category"]])))
    told.append(("Why", text(node["reason"])))
    supports = _supports(material, results, results.supports.get(node["id"], []), up)
    told += [("Supported by", supports)] if supports else []
    told += [("Cells read", _cells(results, node["cells"], up))] if node["cells"] else []
    told += [("Rows read", rows)] if rows else []
    below = _rows(material.dataset, rows_below(results, node["id"]), up)
    told += [("Rows that its supports read", below)] if below else []
    told.append(("Shown in", ", ".join(link(up + address, name) for name, address in pages)))
    told.append(("Place", f"“{text(claim['anchor'])}”"))
    listed = "".join(f"<dt>{label}</dt><dd>{value}</dd>" for label, value in told)
    head = f'<h2><a class="id" href="#{node["id"]}">{node["id"]}</a> {text(node["claim"])}</h2>'
    return f'<section class="claim" id="{node["id"]}">{head}<p class="about">{about}</p><dl>{listed}</dl></section>'


def _supports(material: Material, results: Results, supports: Sequence[str], up: str) -> str:
    told = "".join(
        f"<li>{link(up + claim_address(material, results, one), one)} {text(results.nodes[one]['claim'])}: "
        f"{verdict(results.nodes[one]['verdict'], standing(results.nodes[one]['verdict']))}</li>"
        for one in supports
    )
    return f"<ul>{told}</ul>" if told else ""


def _cells(results: Results, cells: Sequence[str], up: str) -> str:
    """Cells of results, each with the way to its table."""
    told = []
    for cell in cells:
        file, _, place = cell.partition(" ")
        told.append(f"<li>{link(f'{up}downloads/results/{results.name}/{file}', file)} <code>{text(place)}</code></li>")
    return f"<ul>{''.join(told)}</ul>"


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


def _rows(dataset: Dataset, units: Sequence[str], up: str) -> str:
    return " ".join(link(up + row_address(dataset, unit), unit) for unit in units)

"""Where everything is in the site, and the marks and links that lead there."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from deadletter.argument.verdicts import standing
from deadletter.argument.why import located
from deadletter.dataset.load import Dataset, derived
from deadletter.pipeline.plan import Job
from deadletter.site.inputs import Material, Results
from deadletter.templating import link

# label, address, whether it is this one
Choices = list[tuple[str, str, bool]]


def root_of(page: str) -> str:
    """The way from a page up to the site's root: empty, or ends in a slash."""
    return "../" * page.count("/")


def page_path(job: Job) -> str:
    """Where the page of an executed notebook stands, without ending."""
    return f"notebooks/{job.name}"


def anchor(tag: str) -> str:
    """The id of the cell with a tag."""
    return f"cell-{tag.replace('_', '-')}"


def ledger_path(coding: str) -> str:
    return f"claims/{coding}/index"


def comparison_path(base: str, other: str) -> str:
    return f"codings/{base}-{other}"


def summary_path(material: Material, results: Results) -> str:
    """The summary of the first coding is the one that menus lead to."""
    return "summary/index" if results is material.results[0] else f"summary/{results.name}"


def claim_address(results: Results, claim: str) -> str:
    """Where a claim is explained in full, from the site's root."""
    return f"claims/{results.name}/{results.nodes[claim]['section']}.html#{claim}"


def claim_link(results: Results, claim: str, up: str) -> Markup:
    return link(up + claim_address(results, claim), claim)


@derived
def row_tables(dataset: Dataset) -> dict[str, Mapping[str, Any]]:
    """The tables whose rows have pages, by path: their descriptions, with the name of the page."""
    paths = {path for path, _ in located(dataset).values()}
    return {one["path"]: one for one in dataset.package["resources"] if one["path"] in paths}


def row_address(dataset: Dataset, unit: str) -> str:
    """Where a coded row or record is shown, from the site's root."""
    path, _ = located(dataset)[unit]
    return f"rows/{row_tables(dataset)[path]['name']}.html#{unit}"


def row_link(dataset: Dataset, unit: str, up: str) -> Markup:
    return link(up + row_address(dataset, unit), unit)


def row_links(dataset: Dataset, units: Sequence[str], up: str) -> list[Markup]:
    """Several rows, each with the way to it."""
    return [row_link(dataset, unit, up) for unit in units]


def leads(material: Material, results: Results, named: Iterable[object], up: str) -> dict[str, str]:
    """The claims, rows, records and errata among some values, in alphabetical order, each with its address."""
    known, errata, ways = located(material.dataset), set(material.dataset["errata"]["id"]), {}
    for value in sorted({value for value in named if isinstance(value, str)}):
        if value in results.nodes:
            ways[value] = up + claim_address(results, value)
        elif value in known:
            ways[value] = up + row_address(material.dataset, value)
        elif value in errata:
            ways[value] = f"{up}method/errata.html#{value}"
    return ways


def rows_behind(material: Material, ways: Mapping[str, str], up: str) -> list[Markup]:
    """Links to the tables with the rows among some values, each showing these rows alone."""
    tables: dict[str, list[str]] = {}
    for unit in ways:
        if unit in located(material.dataset):
            tables.setdefault(row_address(material.dataset, unit).partition("#")[0], []).append(unit)
    return [
        link(f"{up}{page}#only={'+'.join(units)}", f"{len(units)} of {page[len('rows/') : -len('.html')]}")
        for page, units in tables.items()
    ]


def record_pages(dataset: Dataset, units: Sequence[str]) -> list[tuple[str, str]]:
    """The pages outside this site that the records among some units were read from: address and name, each once."""
    known = located(dataset)
    found: dict[str, str] = {}
    for _, row in (known[unit] for unit in units):
        address = str(row.get("page") or "")
        if address.startswith("http"):
            found.setdefault(address, row.get("source") or row.get("place") or row.get("treaty") or address)
    return list(found.items())


def page_link(address: str, label: str, title: str = "") -> Markup:
    """A page of the record elsewhere, with its name where the label is not it."""
    return Markup('<a class="external" href="{}" title="{}">{}</a>').format(address, title or label, label)


def own_link(identifier: object) -> Markup:
    """An id that leads to itself."""
    return Markup('<a class="id" href="#{0}">{0}</a>').format(identifier)


def verdict_mark(verdict: str) -> Markup:
    """A verdict with the colour of its standing; the word says it all without the colour."""
    return Markup('<span class="verdict {}">{}</span>').format(standing(verdict).replace(" ", "-"), verdict)


def deciding_links(material: Material, results: Results, notebook: str, cell: str, regime: str, up: str) -> Markup:
    """The pages with the cell that decides a claim.

    A claim about an earlier regime is decided on the pages of the regimes that it led to.
    """
    lineage = material.dataset["lineage"]
    focal = sorted(set(lineage.loc[lineage["regime"] == regime, "focal"])) if regime else material.dataset.focal
    found = []
    for job in (*results.jobs, *material.multiverse):
        if job.notebook == notebook and (not job.regime or job.regime in focal or job.regime == regime):
            name = f"{notebook.replace('_', ' ')}, {job.regime}" if job.regime else notebook.replace("_", " ")
            found.append(link(f"{up}{page_path(job)}.html#{anchor(cell)}", name))
    return Markup(", ").join(found)


def coding_choices(material: Material, here: Results, addresses: Sequence[str]) -> Choices:
    """The same page under each coding of the site."""
    return [(one.name, to, one is here) for one, to in zip(material.results, addresses, strict=True)]

"""Where everything stands in the site, and the marks and links that lead there."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from deadletter.argument.verdicts import standing
from deadletter.argument.why import located
from deadletter.dataset.load import Dataset
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


def claim_address(results: Results, claim: str) -> str:
    """Where a claim is explained in full, from the site's root."""
    return f"claims/{results.name}/{results.nodes[claim]['section']}.html#{claim}"


def claim_link(results: Results, claim: str, up: str) -> Markup:
    return link(up + claim_address(results, claim), claim)


def row_link(dataset: Dataset, unit: str, up: str) -> Markup:
    """A coded row, with the way to it."""
    path, _ = dataset.once("rows of pages", lambda: located(dataset))[unit]
    return link(f"{up}rows/{path.rpartition('/')[2].removesuffix('.csv')}.html#{unit}", unit)


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

"""The home page: the finding in one screen."""

from __future__ import annotations

from deadletter.argument.verdicts import standing
from deadletter.charts.overview import overview_chart
from deadletter.labels import STANDINGS
from deadletter.multiverse.evaluate import headline
from deadletter.site.figures import Drawing, drawing_of
from deadletter.site.inputs import Material, Results
from deadletter.site.markup import link, raw, table, text, verdict
from deadletter.site.pages.ledger_pages import BASES, claim_address, ledger_path
from deadletter.site.provenance import stale_mark

CELLS = {"dead_letter": "dead letter", "full_blown": "full-blown", "tacit": "tacit", "none": "no regime"}


def overview(results: Results) -> Drawing:
    """The regimes on the plane, under the coding that the site shows first."""
    return drawing_of(overview_chart(results.indices, results.placement, results.coding.calibration))


def home_page(material: Material, figure: str) -> str:
    """Source of the home page.

    Parameters
    ----------
    figure: the overview as it stands on the page.
    """
    first = material.results[0]
    return "\n".join(
        (
            "---\nhtml_theme.sidebar_secondary.remove: true\n---\n",
            "# Dead-letter regimes, rebuilt",
            raw(
                f"{stale_mark(material.stale_reasons(first))}"
                '<p class="lead">Are regional regimes much formalised and little expected to be kept? The argument of '
                "Troitskiy (2020) was coded row by row and rebuilt: every index, verdict and chart here is computed "
                "from those rows and from independent statistics, and every decision of the coding can be changed.</p>"
            ),
            raw(f'<div class="finding"><div>{figure}</div><div>{_placed(first)}{_tally(material, first)}</div></div>'),
            "## What is contested",
            raw(_contested(material, first)),
            *_robust(material),
            "## Read it with care",
            "- What is coded from the article shows only whether its account **hangs together**. Only outside "
            "statistics, records and later facts can support or refute it; the two are never added up.\n"
            "- The coders are machines. Their agreement shows how reproducible the codebook is for such coders; errors "
            "that they share are invisible to it.\n"
            "- The anchors decide the thesis: beside every placement stands the anchor at which it would flip.",
        )
    )


def _placed(results: Results) -> str:
    """Where each regime stands in its last period, by each basis."""
    placed = results.placement[results.placement["component"] == "all"]
    last = placed[placed["period"] == placed.groupby("regime")["period"].transform("max")]
    rows = [
        (
            text(row["regime"]),
            text(row["basis"]),
            f"<strong>{text(CELLS.get(row['label'], row['label']))}</strong>",
            f"{row['dead_letter']:.2f}" if row["dead_letter"] == row["dead_letter"] else "–",
        )
        for row in last.to_dict("records")
    ]
    columns = {"regime": "regime", "basis": "by", "label": "placed as", "member": "dead letter (0–1)"}
    return table(columns, rows, f"Placement in the last period, coding {results.name}")


def _tally(material: Material, results: Results) -> str:
    """How many claims stand how, by basis."""
    claims = results.claims.assign(standing=results.claims["verdict"].map(standing))
    rows = []
    for basis, words in BASES.items():
        mine = claims[claims["basis"] == basis]
        counts = [int((mine["standing"] == one).sum()) for one in STANDINGS]
        if len(mine):
            rows.append((text(words.removeprefix("for ")), *(str(count) if count else "–" for count in counts)))
    columns = {"basis": "tested", **{one: one.removeprefix("is ") for one in STANDINGS}}
    more = f"<p>{link(f'{ledger_path(results.name)}.html', f'All {len(claims)} claims')}</p>"
    return table(columns, rows, "Claims by basis and standing") + more


def _contested(material: Material, results: Results) -> str:
    """The theses with their verdicts; those that do not stand firm first."""
    theses = [node for node in results.nodes.values() if node["level"] == "thesis"]
    order = {how: place for place, how in enumerate(("is contradicted", "is qualified", "stands firm", "not tested"))}
    theses.sort(key=lambda node: (order[standing(node["verdict"])], node["id"]))
    rows = [
        (
            link(claim_address(material, results, node["id"]), node["id"]),
            text(node["regime"]),
            text(node["claim"]),
            verdict(node["verdict"], standing(node["verdict"])),
            "own test and supports differ" if node["disagree"] else "",
        )
        for node in theses
    ]
    columns = {"id": "id", "regime": "regime", "claim": "thesis", "verdict": "verdict", "note": "note"}
    return table(columns, rows, "The theses, those that do not stand firm first", name="theses")


def _robust(material: Material) -> list[str]:
    if not material.multiverse:
        return []
    job = material.multiverse[0]
    told = "".join(
        f"<li>{text(line)}</li>" for line in headline(material.project.results / job.coding) if " by " in line
    )
    page = link(f"notebooks/{job.name}.html", "robustness")
    lead = f"<p>Share of all declared codings in which a regime is placed where ({page}):</p>"
    return ["## How firm is it?", raw(f"{lead}<ul>{told}</ul>".replace("_", " "))]

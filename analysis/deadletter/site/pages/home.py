"""The home page: the finding in one screen."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from deadletter.argument.verdicts import standing
from deadletter.charts.overview import overview_chart
from deadletter.frames import records
from deadletter.labels import CELL_NAMES, STANDINGS
from deadletter.multiverse.evaluate import headline
from deadletter.report.exhibits import Exhibit
from deadletter.site.figures import exhibit_of
from deadletter.site.inputs import Material, Results
from deadletter.site.links import claim_link, ledger_path, page_path, verdict_mark
from deadletter.site.pages.ledger_pages import SHOWN as SOURCE_WORDS
from deadletter.templating import render

# measures of formalisation side by side
SHOWN = ("codification", "legalisation")
# those that do not stand firm come first
ORDER = ("is contradicted", "is qualified", "stands firm", "not tested")


def overview(results: Results) -> Exhibit:
    """The regimes on the plane, under the coding that the site shows first."""
    return exhibit_of(overview_chart(results.indices, results.placement, results.coding.calibration), "1")


def home_page(material: Material, figure: str) -> str:
    """Source of the home page.

    Parameters
    ----------
    figure: the overview as it stands on the page.
    """
    first = material.results[0]
    robust = material.multiverse[0] if material.multiverse else None
    lines = headline(material.project.results / robust.coding) if robust else []
    return render(
        "site/templates/home.md",
        study=material.study,
        stale=material.stale_reasons(first),
        figure=figure,
        name=first.name,
        placed=_placed(first),
        standings=STANDINGS,
        tally=_tally(first),
        claims=len(first.claims),
        ledger=f"{ledger_path(first.name)}.html",
        theses=_contested(first),
        robust=f"{page_path(robust)}.html" if robust else "",
        lines=[line.replace("_", " ") for line in lines if " by " in line],
    )


def _placed(results: Results) -> list[tuple[str | Markup, ...]]:
    """Where each measure places each regime in its last period, by each basis, and the anchor that would flip it."""
    chosen = results.placements[results.placements["component"] == "all"]
    last = chosen[chosen["period"] == chosen.groupby("regime")["period"].transform("max")]
    rows: list[tuple[str | Markup, ...]] = []
    for (regime, basis), group in last.groupby(["regime", "basis"], sort=False):
        by = {row["measure"]: row for row in records(group)}
        labels = (Markup("<strong>{}</strong>").format(CELL_NAMES[by[m]["label"]]) for m in SHOWN)
        rows.append((str(regime), str(basis), *labels, _flip(by[SHOWN[0]])))
    return rows


def _flip(row: dict[str, Any]) -> str:
    """The crossover of formalisation at which a label flips, next to the one in use."""
    if pd.isna(row["flips_formalisation"]):
        return f"{row['formalisation_crossover']:.2f}; none between the outer anchors flips it"
    return f"{row['formalisation_crossover']:.2f}; flips at {row['flips_formalisation']:.2f}"


def _tally(results: Results) -> list[tuple[str, ...]]:
    """How many claims stand how on each source."""
    rows = []
    for source, words in SOURCE_WORDS.items():
        counts = results.claims[f"{source}_verdict"].map(standing).value_counts()
        rows.append((words, *(str(counts.get(one, "–")) for one in STANDINGS)))
    return rows


def _contested(results: Results) -> list[tuple[str, ...]]:
    """The theses with their verdicts; those that do not stand firm first."""
    theses = [node for node in results.nodes.values() if node["level"] == "thesis"]
    theses.sort(key=lambda node: (ORDER.index(standing(node["verdict"])), node["id"]))
    return [
        (
            claim_link(results, node["id"], ""),
            node["regime"],
            node["claim"],
            *(verdict_mark(node[source]["verdict"]) for source in SOURCE_WORDS),
        )
        for node in theses
    ]

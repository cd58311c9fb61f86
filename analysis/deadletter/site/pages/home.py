"""The home page: the finding in one screen."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from deadletter.argument.sentences_of_verdicts import diverging_claims
from deadletter.argument.verdicts import standing
from deadletter.charts.plane import overview_chart
from deadletter.coding import coding_names, load_coding
from deadletter.frames import records
from deadletter.labels import CELL_NAMES, CELL_PREDICATES, LEVELS, NOT_TESTED, STANDINGS, dashed
from deadletter.multiverse.evaluate import headline
from deadletter.report.citation import Citation
from deadletter.report.exhibits import Exhibit
from deadletter.site.figures import exhibit_of
from deadletter.site.inputs import Material, Results
from deadletter.site.links import claim_link, ledger_path, page_path, summary_path, verdict_mark
from deadletter.site.pages.ledger_pages import SHOWN as SOURCE_WORDS
from deadletter.site.pages.ledger_pages import half_of
from deadletter.templating import render

# measures of formalisation side by side
SHOWN = ("codification", "legalisation")
# those that do not stand firm come first
ORDER = ("is contradicted", "is qualified", "stands firm", "not tested")


def overview(results: Results, *, narrow: bool = False) -> Exhibit:
    """The regimes on the plane, under the coding that the site shows first."""
    chart = overview_chart(results.indices, results.placement, results.coding.calibration, narrow=narrow)
    return exhibit_of(chart, "1")


def home_page(material: Material, figure: str, citation: Citation | None) -> str:
    """Source of the home page.

    figure: the overview as it stands on the page.
    """
    first = material.results[0]
    robust = material.multiverse[0] if material.multiverse else None
    lines = headline(material.project.results / robust.coding) if robust else []
    sources = [one for one in SOURCE_WORDS if (first.claims[f"{one}_verdict"] != NOT_TESTED).any()]
    return render(
        "site/templates/home.md",
        study=material.study,
        stale=material.stale_reasons(first),
        figure=figure,
        findings=findings(material, first),
        name=first.name,
        placed=_placed(first),
        tally=tally(material, first, sources),
        claims=len(first.claims),
        ledger=f"{ledger_path(first.name)}.html",
        summary=f"{summary_path(material, first)}.html" if len(material.dataset["summary"]) else "",
        sources=sources,
        theory=(material.project.root / "docs" / "theory.md").is_file(),
        later=[] if "after" in sources else _later_codings(material, first),
        theses=_contested(first, sources),
        diverging=[
            (claim_link(first, row["id"], ""), row["level"], row["claim"], *_marks(row, ("account", "record")))
            for row in records(diverging_claims(first.claims))
        ],
        chapters=[(f"{page_path(job)}.html", job) for job in first.jobs],
        robust=f"{page_path(robust)}.html" if robust else "",
        lines=[line.replace("_", " ") for line in lines if " by " in line],
        citation=citation,
    )


def findings(material: Material, results: Results) -> list[str]:
    """For each focal regime one sentence on its place in the last period, and how far the measures agree."""
    names = material.dataset["regimes"].set_index("id")["name"]
    indices, placed = (table[table["component"] == "all"] for table in (results.indices, results.placements))
    chosen, indices = placed[placed["basis"] == "expectation"], indices[indices["krasner"] == "all"]
    sentences = []
    for regime, group in chosen.groupby("regime", sort=False):
        period = group["period"].max()
        last = group[group["period"] == period].set_index("measure")
        labels, cross = last["label"].reindex(SHOWN), last["formalisation_crossover"].reindex(SHOWN)
        values = indices[(indices["regime"] == regime) & (indices["period"] == period)].set_index("index")["value"]
        formal, expected = values.reindex(SHOWN), values.get("expectation")
        account = f"on the account of {material.study.called} for {dashed(period)}"
        sentence = f"The {names.get(regime, regime)} ({regime}) is {CELL_PREDICATES[labels.iloc[0]]} {account}"
        if pd.notna(formal.iloc[0]) and pd.notna(expected):
            halves = (formal.iloc[0], cross.iloc[0]), (expected, results.coding.calibration.expectation.crossover)
            sentence += f": {_why(*halves)}"
        same = labels.iloc[0] == labels.iloc[1]
        other = f"{formal.iloc[1]:.2f}, crossover {cross.iloc[1]:.2f}" if pd.notna(formal.iloc[1]) else "no value"
        second = "its place is the same" if same else f"it is {CELL_PREDICATES[labels.iloc[1]]}"
        sentences.append(f"{sentence}. Measured by {SHOWN[1]} ({other}) instead of {SHOWN[0]}, {second}.")
    return sentences


def _why(formal: tuple[float, float], expected: tuple[float, float]) -> str:
    """Why a regime has its place: each of two values, from 0 to 1, with its crossover."""
    written = "highly" if formal[0] > formal[1] else "weakly"
    kept = "largely" if expected[0] > expected[1] else "hardly"
    link = "yet" if (written, kept) in (("highly", "hardly"), ("weakly", "largely")) else "and"
    return (
        f"its norms are {written} formalised ({SHOWN[0]} {formal[0]:.2f} of 1, crossover {formal[1]:.2f}), {link} "
        f"members {kept} expect them to be kept (expectation {expected[0]:.2f}, crossover {expected[1]:.2f})"
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
        return f"{row['formalisation_crossover']:.2f}; no value between the outer anchors flips it"
    return f"{row['formalisation_crossover']:.2f}; flips at {row['flips_formalisation']:.2f}"


def _later_codings(material: Material, results: Results) -> list[str]:
    """Names of the codings that know later facts than this one."""
    params = material.project.params
    codings = {name: load_coding(params, name) for name in coding_names(params)}
    return [name for name, one in codings.items() if one.as_of > results.coding.as_of]


def tally(material: Material, results: Results, sources: list[str]) -> list[tuple[str, ...]]:
    """By half and kind: how many claims, and how they stand on each source (firm, qualified, contradicted)."""
    claims = results.claims.assign(half=[half_of(material, regime) for regime in results.claims["regime"]])
    halves = sorted(set(claims["half"]), key=lambda half: (half == "both", half))
    rows = []
    for half in [*halves, "all"]:
        for level in LEVELS:
            mine = claims[(claims["level"] == level) & ((claims["half"] == half) | (half == "all"))]
            if len(mine):
                counts = [mine[f"{source}_verdict"].map(standing).value_counts() for source in sources]
                cells = (
                    "\N{NO-BREAK SPACE}·\N{NO-BREAK SPACE}".join(str(one.get(way, 0)) for way in STANDINGS[:-1])
                    for one in counts
                )
                untested = (mine["verdict"] == NOT_TESTED).sum()
                rows.append((half, level, str(len(mine)), *cells, str(untested)))
    return rows


def _contested(results: Results, sources: list[str]) -> list[tuple[str, ...]]:
    """The theses with their verdicts; those that do not stand firm on some source first."""
    theses = records(results.claims[results.claims["level"] == "thesis"])

    def order(row: Mapping[str, Any]) -> tuple[int, str]:
        # no source has a verdict where nothing could be tested
        return min((ORDER.index(standing(row[f"{one}_verdict"])) for one in sources), default=0), row["id"]

    theses.sort(key=order)
    return [
        (claim_link(results, row["id"], ""), row["regime"] or "both", row["claim"], *_marks(row, sources))
        for row in theses
    ]


def _marks(row: Mapping[str, Any], sources: Iterable[str]) -> list[Markup]:
    return [verdict_mark(row[f"{source}_verdict"]) for source in sources]

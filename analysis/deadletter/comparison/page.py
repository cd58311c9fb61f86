"""The page of a comparison: one body for the command line's own file and for the site."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from deadletter.charts.bundle import cell_text
from deadletter.charts.figure import Figure
from deadletter.coding import Coding
from deadletter.comparison.compute import Comparison, moves_by_index
from deadletter.comparison.moves import attribution_chart, moves_chart
from deadletter.labels import CELL_NAMES
from deadletter.templating import fragment, render

LARGEST = 60
# heading by column
WHERE = {"regime": "regime", "component": "part", "period": "period"}
COLUMNS = {
    "placed": {**WHERE, "basis": "by", "base": "from", "other": "to"},
    "flipped": {
        "id": "claim",
        "level": "level",
        "claim": "says",
        "base_verdict": "from",
        "other_verdict": "to",
        "other_basis": "basis",
    },
    "moved": {"index": "index", "krasner": "kind", **WHERE, "base": "from", "other": "to", "change": "change"},
    "attribution": {
        "settings": "decision, applied alone",
        "placements_moved": "placements",
        "verdicts_flipped": "verdicts",
        "indices_moved": "indices",
        "largest_change": "largest change",
    },
    "by_index": {"index": "index", "moved": "moved", "values": "of", "largest": "largest change"},
    "still": {**WHERE, "basis": "by", "base": "placement"},
}


def figures(found: Comparison, base: str, other: str) -> dict[str, Figure]:
    """The charts that there is something to draw for, by name, with the codings' names in the legend."""
    drawn = {"attribution": attribution_chart(found), "moves": moves_chart(found, base, other)}
    return {name: figure for name, figure in drawn.items() if isinstance(figure, Figure)}


def page(found: Comparison, codings: Mapping[str, Coding]) -> str:
    """The whole page as one file of HTML, which loads nothing; ``codings`` by name, the base first."""
    drawn = {
        name: fragment("charts/templates/figure.html", svg=Markup(one.svg(titled=False)), words=one.words)
        for name, one in figures(found, *codings).items()
    }
    content = body(found, codings, drawn)
    return render("comparison/templates/page.html", title=" compared with ".join(codings), body=content)


def body(
    found: Comparison,
    codings: Mapping[str, Coding],
    drawn: Mapping[str, Markup],
    claims: Mapping[str, Markup] | None = None,
    marks: Mapping[str, Markup] | None = None,
) -> Markup:
    """What a page of a comparison says, as HTML.

    Parameters
    ----------
    drawn: each of :func:`figures` as it stands on the page. claims: a link for the id of a claim; marks: how a verdict
    is set. Without them both are words.
    """
    placements = found.placements.replace({"base": CELL_NAMES, "other": CELL_NAMES})
    frames = {
        "placed": placements[placements["moved"]],
        "flipped": found.flipped,
        "moved": found.moved.head(LARGEST),
        "attribution": found.attribution,
        "by_index": moves_by_index(found),
        "still": placements[~placements["moved"] & (placements["base"] != CELL_NAMES["missing"])],
    }
    known = {**(claims or {}), **(marks or {})}
    tables = {
        name: (
            list(COLUMNS[name].values()),
            [
                [known.get(cell, cell) for cell in (cell_text(value, 3) for value in row)]
                for row in frame[list(COLUMNS[name])].itertuples(index=False)
            ],
        )
        for name, frame in frames.items()
    }
    return fragment(
        "comparison/templates/body.html",
        found=found,
        codings=codings,
        tables=tables,
        drawn=drawn,
        largest=LARGEST,
        unmoved=unmoved(found),
    )


def unmoved(found: Comparison) -> str:
    """What stays the same, in one sentence."""
    table = moves_by_index(found)
    still = list(table.loc[table["moved"] == 0, "index"])
    indices = "every index moves somewhere" if not still else f"no value moves of {', '.join(still)}"
    placements = (~found.placements["moved"]).sum()
    verdicts = (~found.verdicts["flipped"]).sum()
    return f"{placements} placements and {verdicts} verdicts stay as they are; {indices}."

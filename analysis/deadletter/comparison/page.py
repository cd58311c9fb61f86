"""The page of a comparison with its charts: one body for the command line's own file and for the site."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd
from markupsafe import Markup

from deadletter.charts.bundle import cell_text
from deadletter.charts.channels import UNIT, rows_of, whole
from deadletter.charts.figure import Figure
from deadletter.charts.theme import BLUE, GREY, ORANGE, WIDTH
from deadletter.coding import Coding
from deadletter.comparison.compute import SUMS, Comparison, moves_by_index
from deadletter.frames import records
from deadletter.labels import CELL_NAMES, counted
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
        name: fragment("charts/templates/figure.html", svg=Markup(one.svg(titled=False)), words=one.words, scrolls=True)
        for name, one in figures(found, *codings).items()
    }
    content = body(found, codings, drawn, marked={})
    return render("comparison/templates/page.html", title=" compared with ".join(codings), body=content)


def body(
    found: Comparison, codings: Mapping[str, Coding], drawn: Mapping[str, Markup], marked: Mapping[str, Markup]
) -> Markup:
    """What a page of a comparison says, as HTML.

    drawn: each of :func:`figures` as it stands on the page. marked: ids of claims and verdicts as HTML, where they are
    more than words.
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
    tables = {
        name: (
            list(COLUMNS[name].values()),
            [
                [marked.get(cell, cell) for cell in (cell_text(value, 3) for value in row)]
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
    indices = (
        "every index moves somewhere"
        if not still
        else f"no value of these indices moves: {', '.join(still)}".replace("_", " ")
    )
    if table.empty:
        indices = "no index has a value under either coding"
    placements = counted((~found.placements["moved"]).sum(), "placement")
    verdicts = counted((~found.verdicts["flipped"]).sum(), "verdict")
    return f"{placements} and {verdicts} stay as they are; {indices}."


SHOWN = 20
_COUNTS = {"placements_moved": "placements", "verdicts_flipped": "verdicts", "indices_moved": "indices"}
TOGETHER = "all together"


def moves_chart(found: Comparison, base: str, other: str) -> Figure | str:
    """Dumbbells of the indices from 0 to 1 that move most, largest on top; ``base`` and ``other`` name the codings."""
    moved = found.moved[~found.moved["index"].isin(SUMS)]
    if moved.empty:
        return f"No index from 0 to 1 differs between {base} and {other}."
    data = moved.head(SHOWN).reset_index(drop=True)
    data = data.assign(row=[_named(record) for record in records(data)])
    ends = data.melt(["row"], ["base", "other"], "coding", "value").replace({"coding": {"base": base, "other": other}})
    rows = rows_of("row", data["row"], 330)
    line = alt.Chart(data[["row", "base", "other"]]).mark_rule(strokeWidth=2, color=GREY)
    line = line.encode(x=alt.X("base:Q", title="value (0–1)", scale=UNIT), x2="other:Q", y=rows)
    scale = alt.Scale(domain=[base, other], range=[GREY, BLUE])
    colour = alt.Color("coding:N", scale=scale, legend=alt.Legend(title=None, orient="top"))
    dots = alt.Chart(ends).mark_circle(size=90, opacity=1).encode(x="value:Q", y=rows, color=colour)
    first = data.iloc[0]
    title = f"Largest move: {first['row']}, from {first['base']:.2f} to {first['other']:.2f}"
    wording = "; ".join(f"{r.row} {r.base:.2f} to {r.other:.2f}" for r in data.itertuples())
    chart = (line + dots).properties(width=WIDTH - 240, height=alt.Step(19))
    subtitle = f"The {len(data)} largest of {len(moved)} moves of indices, which run from 0 to 1"
    return Figure(chart, title, subtitle, f"{title}. {base} to {other}: {wording}.")


def attribution_chart(found: Comparison) -> Figure | str:
    """Bars of what each differing decision moves when applied alone to the base, with all of them together below."""
    alone = found.attribution
    if alone.empty:
        return "The codings differ in no decision."
    counts = len(found.placed), len(found.flipped), len(found.moved)
    together = pd.DataFrame([(TOGETHER, *counts)], columns=["settings", *_COUNTS])
    data = pd.concat([alone[together.columns], together], ignore_index=True).rename(columns=_COUNTS)
    long = data.melt("settings", list(_COUNTS.values()), "what", "moved")
    long["together"] = long["settings"] == TOGETHER
    colour = alt.condition("datum.together", alt.value(GREY), alt.value(ORANGE))
    chart = alt.Chart(long).mark_bar()
    chart = chart.encode(whole("moved", "moved"), rows_of("settings", data["settings"], 300), color=colour)
    chart = chart.properties(width=130, height=alt.Step(22))
    chart = chart.facet(column=alt.Column("what:N", sort=list(_COUNTS.values()), title=None))
    chart = chart.resolve_scale(x="independent")
    first = alone.iloc[0]
    title = f"Changing only {first['settings']} moves {counted(first['placements_moved'], 'placement')}"
    wording = " ".join(
        f"{r.settings}: {r.placements} placements, {r.verdicts} verdicts, {r.indices} indices."
        for r in data.itertuples()
    )
    subtitle = "Each differing decision applied alone to the base; effects need not add up"
    return Figure(chart, title, subtitle, f"{title}. {wording}")


def _named(record: dict[str, Any]) -> str:
    kind = "" if record["krasner"] == "all" else f" ({record['krasner']})"
    part = "" if record["component"] == "all" else f" {record['component']}"
    return f"{record['index'].replace('_', ' ')}{kind}, {record['regime']}{part} {record['period']}"

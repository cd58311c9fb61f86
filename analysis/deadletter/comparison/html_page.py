"""The page of a comparison: one file without scripts, which loads nothing from anywhere."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping

import pandas as pd

from deadletter.charts.figure import Figure, figure_html, table_html
from deadletter.charts.moves import attribution_chart, moves_chart
from deadletter.charts.plane import CELL_NAMES
from deadletter.charts.theme import FONT
from deadletter.coding import Coding
from deadletter.comparison.compute import SMALLEST, Comparison, moves_by_index

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = f"""body {{ font: 16px/1.5 {FONT}; color: #1b1b1b; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; margin: 1rem 0; font-size: 0.9rem; display: block; overflow-x: auto }}
caption {{ text-align: left; font-weight: bold; padding: 0.3rem 0 }}
th, td {{ text-align: left; vertical-align: top; padding: 0.2rem 0.7rem 0.2rem 0; border-bottom: 1px solid #ddd }}
figure {{ margin: 1.5rem 0; overflow-x: auto }} figcaption {{ font-size: 0.85rem; color: #444 }}
dt {{ font-weight: bold }}"""
LARGEST = 30
_WHERE = {"regime": "regime", "component": "part", "period": "period"}


def figures(found: Comparison, base: str, other: str) -> dict[str, Figure]:
    """The charts that there is something to draw for, by name, with the codings' names in the legend."""
    drawn = {"moves": moves_chart(found, base, other), "attribution": attribution_chart(found)}
    return {name: figure for name, figure in drawn.items() if isinstance(figure, Figure)}


def page(found: Comparison, codings: Mapping[str, Coding]) -> str:
    """The whole page as HTML; ``codings`` by name, the base first."""
    title = html.escape(" beside ".join(codings))
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>",
            *_body(found, codings),
            "</main>\n</body>\n</html>\n",
        ]
    )


def _body(found: Comparison, codings: Mapping[str, Coding]) -> Iterator[str]:
    told = ((html.escape(f"{c.title} ({name})"), html.escape(c.why)) for name, c in codings.items())
    yield "<dl>" + "".join(f"<dt>{title}</dt><dd>{why}</dd>" for title, why in told) + "</dl>"
    moved = found.indices[found.indices["change"].abs() > SMALLEST]
    placements = found.placements.replace({"base": CELL_NAMES, "other": CELL_NAMES})
    flips, turned = placements[placements["moved"]], found.verdicts[found.verdicts["flipped"]]
    yield (
        f"<p>{len(moved)} of {len(found.indices)} indices, {len(flips)} of {len(found.placements)} placements and "
        f"{len(turned)} of {len(found.verdicts)} verdicts move. Rows coded from the article show only whether its "
        "account hangs together: the basis of a verdict says whether anything outside it speaks.</p>"
    )
    drawn = figures(found, *codings)
    yield "<h2>What moves</h2>"
    yield from (figure_html(drawn[name]) for name in ("moves",) if name in drawn)
    yield _table(flips, "Placements that move", _WHERE | {"basis": "basis", "base": "from", "other": "to"})
    columns = {"id": "claim", "level": "level", "claim": "says", "base_verdict": "from", "other_verdict": "to"}
    yield _table(turned, "Verdicts that flip", columns | {"other_basis": "basis"})
    columns = {"index": "index", "krasner": "kind", **_WHERE, "base": "from", "other": "to", "change": "change"}
    caption = "Indices that move, largest first" + (f" (first {LARGEST})" if len(moved) > LARGEST else "")
    yield _table(moved.head(LARGEST), caption, columns, digits=3)
    yield "<h2>Which decision moves it</h2>"
    yield from (figure_html(drawn[name]) for name in ("attribution",) if name in drawn)
    columns = {"settings": "decision, applied alone", "placements_moved": "placements", "verdicts_flipped": "verdicts"}
    columns |= {"indices_moved": "indices", "largest_change": "largest change"}
    yield _table(found.attribution, "Each differing decision alone", columns, digits=3)
    yield "<h2>What does not move</h2>"
    yield f"<p>{html.escape(unmoved(found))}</p>"
    columns = {"index": "index", "moved": "moved", "values": "of", "largest": "largest change"}
    yield _table(moves_by_index(found), "Moves by index", columns, digits=3)
    still = placements[~placements["moved"] & (placements["base"] != CELL_NAMES["missing"])]
    yield _table(
        still,
        "Placements that stay, but for those that neither coding can make",
        _WHERE | {"basis": "basis", "base": "placement"},
    )


def unmoved(found: Comparison) -> str:
    """What stays the same, in one sentence."""
    table = moves_by_index(found)
    still = list(table.loc[table["moved"] == 0, "index"])
    indices = "every index moves somewhere" if not still else f"no value moves of {', '.join(still)}"
    placements = (~found.placements["moved"]).sum()
    verdicts = (~found.verdicts["flipped"]).sum()
    return f"{placements} placements and {verdicts} verdicts stay as they are; {indices}."


def _table(frame: pd.DataFrame, caption: str, columns: dict[str, str], digits: int = 2) -> str:
    if frame.empty:
        return f"<p>{html.escape(caption)}: none.</p>"
    return table_html(frame, caption, columns, digits)

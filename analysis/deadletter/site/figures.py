"""Figures and tables of executed notebooks as they stand on pages: numbered, downloadable, in a region that scrolls."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup

from deadletter.charts.bundle import FIGURE
from deadletter.charts.figure import Figure
from deadletter.report.exhibits import Exhibit
from deadletter.templating import fragment

# a drawing larger than this stands as an image file of its own, so that its page stays light
LARGEST_INLINE = 40_000


def exhibit_of(figure: Figure, number: str) -> Exhibit:
    """A figure that is drawn for the site itself."""
    return Exhibit(FIGURE, number, "", figure.title, figure.words, spec=figure.spec, svg=figure.svg())


def tables_of(spec: Mapping[str, Any]) -> list[str]:
    """The data behind a chart, as CSV, one text for each set, largest first.

    Sets of one or two rows beside a larger one only draw frames, anchors and labels.
    """
    sets = sorted(spec.get("datasets", {}).items(), key=lambda item: (-len(item[1]), item[0]))
    return [_csv(rows) for place, (_, rows) in enumerate(sets) if len(rows) > 2 or (rows and place == 0)]


def _csv(rows: list[dict[str, Any]]) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def downloads(figure: Exhibit) -> Iterator[tuple[str, str, str]]:
    """What a reader can take away: label, file name, content."""
    yield "SVG", f"{figure.name}.svg", figure.svg + "\n"
    for number, table in enumerate(tables_of(figure.spec), start=1):
        ending = "" if number == 1 else f"-{number}"
        yield f"CSV{ending.replace('-', ' ')}", f"{figure.name}{ending}.csv", table


def figure_block(figure: Exhibit, folder: str) -> Markup:
    """The figure as it stands on a page.

    Parameters
    ----------
    folder: the way from the page to the folder of its downloads, ending in a slash.
    """
    root = ElementTree.fromstring(figure.svg)
    size = {side: root.get(side, "") for side in ("width", "height")}
    return fragment(
        "site/templates/figure.html",
        figure=figure,
        **size,
        inline=len(figure.svg) <= LARGEST_INLINE,
        folder=folder,
        files=[(label, file) for label, file, _ in downloads(figure)],
    )


def table_block(table: Exhibit) -> Markup:
    """The table as it stands on a page."""
    return fragment("site/templates/table.html", table=table)


def charts_script(specs: Mapping[str, Mapping[str, Any]]) -> str:
    """A classic script that hands the page's charts to the one that draws them: it works from a file, too."""
    data = json.dumps(specs, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"window.deadletterCharts = {data.replace('<', chr(92) + 'u003c')};\n"

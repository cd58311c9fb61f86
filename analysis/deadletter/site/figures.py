"""Figures and tables of executed notebooks as they stand on pages: numbered, downloadable, in a region that scrolls."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup

from deadletter.charts.bundle import FIGURE
from deadletter.charts.drawing import draw, to_png
from deadletter.charts.figure import VEGA_LITE, Figure
from deadletter.charts.narrow import narrow
from deadletter.files import write_atomically
from deadletter.labels import dashed, in_print
from deadletter.report.exhibits import Exhibit
from deadletter.templating import fragment, link, prose

# a drawing larger than this becomes an image file of its own, so that its page stays light
LARGEST_INLINE = 25_000
# the drawing for telephones is there besides
LARGEST_NARROW = 10_000
# a table of more rows opens on demand
LONGEST_TABLE = 15
# and so does one with more characters
LARGEST_TABLE = 2000
# on a telephone one of more rows opens on demand
LONGEST_NARROW_TABLE = 5


@dataclass(frozen=True)
class Drawing:
    """A figure as pages show it and readers take it away: without its title, which the page has in words.

    ``source`` is the specification as the notebook made it, ``spec`` the one that is drawn; ``subtitle`` says what is
    drawn, ``words`` all that is to be read in it; ``path`` is the file in which the drawing ``svg`` is kept, ``narrow``
    the drawing for a telephone, empty where this one fits.
    """

    name: str
    label: str
    title: str
    subtitle: str
    words: str
    source: Mapping[str, Any]
    spec: Mapping[str, Any]
    svg: str
    path: Path
    narrow: str

    @property
    def named(self) -> set[str]:
        """Every text among its data."""
        rows = (row for rows in self.source.get("datasets", {}).values() for row in rows)
        return {value for row in rows for value in row.values() if isinstance(value, str)}


def drawing(exhibit: Exhibit, folder: Path) -> Drawing:
    """An exhibit drawn without its title, with spans of years as readers write them.

    folder: the folder in which drawings are kept: most figures are alike from one publishing to the next.
    """
    title = exhibit.spec.get("title", {})
    subtitle = title.get("subtitle", "") if isinstance(title, Mapping) else ""
    spec, path = _drawn(exhibit, folder)
    return Drawing(
        exhibit.name,
        exhibit.label,
        in_print(exhibit.title),
        in_print(subtitle if isinstance(subtitle, str) else " ".join(subtitle)),
        in_print(exhibit.words),
        exhibit.spec,
        spec,
        path.read_text(encoding="utf-8"),
        path,
        narrow_svg(exhibit, folder),
    )


def image_of(path: Path) -> bytes:
    """A drawing that is kept in a file as PNG, which is kept beside it."""
    image = path.with_suffix(".png")
    if not (image.is_file() and image.stat().st_size):
        write_atomically(image, to_png(path.read_text(encoding="utf-8")))
    return image.read_bytes()


def svg_of(exhibit: Exhibit, folder: Path) -> str:
    """An exhibit drawn without its title, for a page alone: nobody takes it away."""
    return _drawn(exhibit, folder)[1].read_text(encoding="utf-8")


def _drawn(exhibit: Exhibit, folder: Path) -> tuple[Mapping[str, Any], Path]:
    """The specification of an exhibit as it is drawn, and the file of the drawing."""
    text = json.dumps({key: value for key, value in exhibit.spec.items() if key != "title"}, sort_keys=True)
    spec = json.loads(dashed(text))
    name = hashlib.sha256(f"{json.dumps(spec, sort_keys=True)}{VEGA_LITE}{_code()}".encode()).hexdigest()[:24]
    path = folder / "figures" / f"{name}.svg"
    # a drawing that was cut off is drawn anew
    if not (path.is_file() and path.read_text(encoding="utf-8").rstrip().endswith("</svg>")):
        write_atomically(path, draw(spec))
        path.with_suffix(".png").unlink(missing_ok=True)
    return spec, path


def narrow_svg(exhibit: Exhibit, folder: Path) -> str:
    """An exhibit drawn for a telephone; nothing of one that fits as it is."""
    spec = narrow(exhibit.spec)
    return svg_of(replace(exhibit, spec=spec), folder) if spec else ""


@cache
def _code() -> str:
    return version("vl-convert-python")


def exhibit_of(figure: Figure, number: str) -> Exhibit:
    """A figure that is drawn for the site itself."""
    return Exhibit(FIGURE, number, "", figure.title, figure.words, spec=figure.spec)


def tables_of(spec: Mapping[str, Any]) -> list[str]:
    """The data behind a chart, as CSV, one text for each set, largest first.

    Sets of one or two rows next to a larger one only draw frames, anchors and labels.
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


def downloads(figure: Drawing) -> Iterator[tuple[str, str, str | Path]]:
    """What a reader can take away: label, file name, content; a path is that of a drawing whose image it is."""
    yield "SVG", f"{figure.name}.svg", figure.svg + "\n"
    yield "PNG", f"{figure.name}.png", figure.path
    tables = tables_of(figure.source)
    for number, table in enumerate(tables, start=1):
        ending = "" if number == 1 else f"-{number}"
        label = "CSV" if len(tables) == 1 else f"CSV ({len(table.splitlines()) - 1} rows)"
        yield label, f"{figure.name}{ending}.csv", table


def files_of(figure: Drawing) -> dict[str, str | Path]:
    """The files of a figure: what a reader can take away, and a drawing for telephones too large for its page."""
    narrow = {f"{figure.name}-narrow.svg": figure.narrow + "\n"} if len(figure.narrow) > LARGEST_NARROW else {}
    return {file: content for _, file, content in downloads(figure)} | narrow


def figure_block(figure: Drawing, folder: str, rows: Sequence[Markup] = ()) -> Markup:
    """The figure as it stands on a page.

    folder: the way from the page to the folder of its downloads, ending in a slash. rows: links to what it is drawn
    from.
    """
    return fragment(
        "site/templates/figure.html",
        figure=figure,
        size=_size(figure.svg),
        narrow_size=_size(figure.narrow) if figure.narrow else {},
        inline=len(figure.svg) <= LARGEST_INLINE,
        narrow_inline=len(figure.narrow) <= LARGEST_NARROW,
        folder=folder,
        rows=rows,
        files=[(label, file) for label, file, _ in downloads(figure)],
    )


def _size(svg: str) -> dict[str, str]:
    """Width and height of a drawing, for which a page leaves room before an image has come."""
    root = ElementTree.fromstring(svg)
    return {side: root.get(side, "") for side in ("width", "height")}


def table_block(table: Exhibit, ways: Mapping[str, str]) -> Markup:
    """The table as it stands on a page: ids of claims and rows lead to them, and a long one opens on demand."""
    rows = [[_linked(cell, ways) for cell in row] for row in table.rows]
    long = len(rows) > LONGEST_TABLE or sum(len(cell) for row in table.rows for cell in row) > LARGEST_TABLE
    narrow = not long and len(rows) > LONGEST_NARROW_TABLE
    return fragment("site/templates/table.html", table=table, rows=rows, folded=long or narrow, narrow=narrow)


def _linked(cell: str, ways: Mapping[str, str]) -> str:
    """A cell of ids with each id as a link; any other cell unchanged."""
    ids = cell.split()
    known = bool(ids) and all(one in ways for one in ids)
    return Markup(" ").join(link(ways[one], one) for one in ids) if known else cell


def sentence_block(sentence: Exhibit) -> Markup:
    """The sentences as they stand on the page; those below a line of their own open from it."""
    if not sentence.under:
        return prose(sentence.body)
    _, _, rest = sentence.body.partition("\n\n")
    return folded(sentence.under, prose(rest))


def folded(line: str, content: Markup) -> Markup:
    """What opens from a line."""
    return Markup('<details class="fold"><summary>{}</summary>{}</details>').format(line, content)


def charts_script(specs: Mapping[str, Mapping[str, Any]], ways: Mapping[str, str]) -> str:
    """A classic script that hands the page's charts, and where their marks lead, to the one that draws them: it works
    from a file, too."""
    charts, leads = (
        json.dumps(one, sort_keys=True, separators=(",", ":"), ensure_ascii=False).replace("<", chr(92) + "u003c")
        for one in (specs, dict(ways))
    )
    return f"window.deadletterCharts = {charts};\nwindow.deadletterWays = {leads};\n"

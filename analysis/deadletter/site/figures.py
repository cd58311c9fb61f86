"""Figures of executed notebooks as figures of the site: numbered, compact, downloadable."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deadletter.charts.figure import Figure
from deadletter.site.markup import scrolling, text

# a drawing larger than this stands as an image file of its own, so that its page stays light
LARGEST_INLINE = 40_000
_FIGURE = re.compile(
    r'<figure class="chart"[^>]*>(?P<svg><svg.*?</svg>)<figcaption>(?P<words>.*?)</figcaption></figure>'
    r'<script type="application/json" class="vega-lite">(?P<spec>.*?)</script>',
    re.DOTALL,
)
# what a drawing within a labelled image need not repeat: names for screen readers, and what the style sheet says
_NEEDLESS = re.compile(r' (?:aria-[a-z]+|role|pointer-events|font-family)="[^"]*"| opacity="1"')
_LONG = re.compile(r"(\d\.\d{2})\d+")


@dataclass(frozen=True)
class Drawing:
    """A figure read back from a notebook's output; ``words`` is HTML."""

    svg: str
    words: str
    spec: Mapping[str, Any]

    @property
    def title(self) -> str:
        return str(self.spec["title"]["text"])


def read_drawing(output: str) -> Drawing | None:
    """The figure that an output of a notebook holds, if it holds one."""
    found = _FIGURE.fullmatch(output.strip())
    return Drawing(found["svg"], found["words"], json.loads(found["spec"])) if found else None


def drawing_of(figure: Figure) -> Drawing:
    """A figure that is drawn for the site itself."""
    return Drawing(figure.svg(), text(figure.words), figure.spec)


def compact(svg: str) -> str:
    """A drawing without what its frame says already, coordinates to a hundredth of a pixel."""
    return _LONG.sub(r"\1", _NEEDLESS.sub("", svg))


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


def downloads(drawing: Drawing, stem: str) -> Iterator[tuple[str, str, str]]:
    """What a reader can take away: label, file name, content."""
    yield "SVG", f"{stem}.svg", drawing.svg + "\n"
    for number, table in enumerate(tables_of(drawing.spec), start=1):
        ending = "" if number == 1 else f"-{number}"
        yield f"CSV{ending.replace('-', ' ')}", f"{stem}{ending}.csv", table


def figure_block(drawing: Drawing, number: str, name: str, folder: str) -> str:
    """The figure as it stands on a page.

    Parameters
    ----------
    number: what it is called, such as ``3.2``.
    name: its id, under which the page's script finds its specification.
    folder: the way from the page to the folder of its downloads, ending in a slash.
    """
    drawn = compact(drawing.svg)
    width, height = re.search(r'width="([\d.]+)" height="([\d.]+)"', drawing.svg).groups()
    if len(drawn) > LARGEST_INLINE:
        drawn = f'<img src="{text(folder)}{name}.svg" alt="" width="{width}" height="{height}" loading="lazy">'
    links = " ".join(
        f'<a href="{text(folder + file)}" download>{label}</a>' for label, file, _ in downloads(drawing, name)
    )
    image = (
        f'<div class="drawing" role="img" aria-label="{text(drawing.title)}" data-chart="{name}" '
        f'style="--natural: {width}px">{drawn}</div>'
    )
    return (
        f'<figure class="chart" id="{name}">{scrolling(image, f"Figure {number}")}<figcaption>'
        f'<a class="number" href="#{name}">Figure {number}.</a> {drawing.words} '
        f'<span class="downloads">Download: {links}</span></figcaption></figure>'
    )


def charts_script(specs: Mapping[str, Mapping[str, Any]]) -> str:
    """A classic script that hands the page's charts to the one that draws them: it works from a file, too."""
    data = json.dumps(specs, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"window.deadletterCharts = {data.replace('<', chr(92) + 'u003c')};\n"

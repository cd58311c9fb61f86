"""A figure: a chart, its finding as title, and the same in words; shown in a notebook without any script."""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import altair as alt
import pandas as pd
from IPython.display import display

from deadletter.charts.bundle import Bundle, figure_bundle, sentence_bundle, table_bundle
from deadletter.charts.theme import CONFIG, FONT

VEGA_LITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
# what a drawing within a labelled figure need not repeat: names for screen readers, and the font of every word
_NEEDLESS = re.compile(r' (?:aria-[a-z]+|role|pointer-events|font-family)="[^"]*"| opacity="1"')
# characters of a line that fit the narrowest text of a page
TITLE_LINE, SUBTITLE_LINE = 84, 104
_VALUE = re.compile(r'="[^"]*"')
_LONG = re.compile(r"(\d\.\d{2})\d+")


@dataclass(frozen=True)
class Figure:
    """``title`` states the finding, ``subtitle`` what is drawn, ``words`` is the text alternative."""

    chart: alt.TopLevelMixin
    title: str
    subtitle: str
    words: str

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The Vega-Lite specification with title and theme; equal figures have equal specifications.

        It is not validated here, which takes a third of the time: the tests validate every chart.
        """
        lines = textwrap.wrap(self.title, TITLE_LINE), textwrap.wrap(self.subtitle, SUBTITLE_LINE)
        title = alt.TitleParams(*(lines[:1]), subtitle=lines[1])
        spec = self.chart.properties(title=title).to_dict(format="vega-lite", validate=False)
        return {**spec, "config": CONFIG}

    @property
    def bundle(self) -> Bundle:
        """The figure for a notebook's cell and for pages."""
        return figure_bundle(self.title, self.words, self.spec, self.svg())

    def svg(self, *, titled: bool = True) -> str:
        """The chart as static SVG, with its title or, where a page says it in words, without."""
        return draw(self.spec if titled else {key: value for key, value in self.spec.items() if key != "title"})


def draw(spec: Mapping[str, Any]) -> str:
    """A specification as static SVG, drawn without a browser or a network; coordinates to a hundredth of a pixel.

    Ids of clip paths are named after the specification: the renderer merely counts them, so that they would
    collide on a page and change with what was drawn before.
    """
    import vl_convert

    text = json.dumps(spec, sort_keys=True)
    name = hashlib.sha256(text.encode()).hexdigest()[:8]
    drawn = vl_convert.vegalite_to_svg(text, vl_version=VEGA_LITE)
    found = {old: f"c{name}-{n}" for n, old in enumerate(dict.fromkeys(re.findall(r'id="(\w+)"', drawn)))}
    drawn = re.sub(r'(id="|url\(#)(\w+)', lambda m: m[1] + found.get(m[2], m[2]), drawn)
    drawn = _VALUE.sub(lambda m: _LONG.sub(r"\1", m[0]), _NEEDLESS.sub("", drawn))
    return drawn.replace("<svg ", f'<svg font-family="{FONT}" ', 1)


def to_png(svg: str) -> bytes:
    """A drawing as PNG for word processors, twice as dense as a screen."""
    import vl_convert

    return vl_convert.svg_to_png(svg, scale=2)


def show(figure: Figure | str) -> None:
    """Show a figure (or a sentence that says why there is none) as the output of a notebook's cell; nothing for ""."""
    if isinstance(figure, Figure):
        display(figure.bundle, raw=True)
    elif figure:
        say(f"*{figure}*")


def show_table(frame: pd.DataFrame, caption: str, columns: Mapping[str, str], digits: int = 2) -> None:
    """Show chosen columns of a frame under their headings, with a caption; nothing where it has no rows."""
    if len(frame):
        display(table_bundle(frame, caption, columns, digits), raw=True)


def section(heading: str, text: str, *parts: Figure | str) -> None:
    """A heading with its text and the figures or sentences below it; nothing at all where there is none of them."""
    if any(parts):
        say(f"## {heading}\n\n{text}")
        for part in parts:
            show(part) if isinstance(part, Figure) or not part.startswith(("- ", "**")) else say(part)


def table_section(heading: str, text: str, frame: pd.DataFrame, caption: str, columns: Mapping[str, str]) -> None:
    """A heading with its text and the table below it; nothing at all where the table has no rows."""
    if len(frame):
        say(f"## {heading}\n\n{text}")
    show_table(frame, caption, columns)


def say(text: str) -> None:
    """Show a paragraph of Markdown that was generated from values."""
    display(sentence_bundle(text), raw=True)

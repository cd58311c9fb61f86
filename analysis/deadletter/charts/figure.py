"""A figure: a chart, its finding as title, and the same in words; shown in a notebook without any script."""

import os
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import altair as alt
import pandas as pd
from IPython.display import display

from deadletter.charts.bundle import Bundle, figure_bundle, sentence_bundle, table_bundle
from deadletter.charts.drawing import draw
from deadletter.charts.theme import CONFIG
from deadletter.labels import in_print
from deadletter.project import LATER

VEGA_LITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
# characters of a line that fit the narrowest text of a page
TITLE_LINE, SUBTITLE_LINE = 84, 104


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
        lines = textwrap.wrap(in_print(self.title), TITLE_LINE), textwrap.wrap(in_print(self.subtitle), SUBTITLE_LINE)
        title = alt.TitleParams(*(lines[:1]), subtitle=lines[1])
        spec = self.chart.properties(title=title).to_dict(format="vega-lite", validate=False)
        return {**spec, "config": CONFIG}

    def bundle(self, *, folded: bool = False) -> Bundle:
        """The figure for a notebook's cell and for pages, which show a folded one on demand."""
        svg = "" if LATER in os.environ else self.svg()
        return figure_bundle(self.title, self.words, self.spec, svg, folded=folded)

    def svg(self, *, titled: bool = True) -> str:
        """The chart as static SVG, with its title or, where a page says it in words, without."""
        return draw(self.spec if titled else {key: value for key, value in self.spec.items() if key != "title"})


def show(figure: Figure | str, *, folded: bool = False) -> None:
    """Show a figure (or a sentence that says why there is none) as the output of a notebook's cell; nothing for "".

    Of a figure without a row, such as those of a study that is still empty, the title remains. A page shows the title
    of a folded figure, which states its finding, and the drawing on demand: for those that support another one.
    """
    if isinstance(figure, Figure):
        rows = figure.spec.get("datasets", {"": [figure]}).values()
        figure = figure if any(rows) else figure.title
    if isinstance(figure, Figure):
        display(figure.bundle(folded=folded), raw=True)
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
            # a single sentence explains a missing figure; several lines or a list interpret the figures
            if isinstance(part, str) and ("\n" in part or part.startswith(("- ", "**"))):
                say(part)
            else:
                show(part)


def table_section(heading: str, text: str, frame: pd.DataFrame, caption: str, columns: Mapping[str, str]) -> None:
    """A heading with its text and the table below it; nothing at all where the table has no rows."""
    if len(frame):
        say(f"## {heading}\n\n{text}")
    show_table(frame, caption, columns)


def say(text: str, under: str = "") -> None:
    """Show Markdown that was generated from values; below a line of its own, from which a page opens it."""
    display(sentence_bundle(text, under), raw=True)

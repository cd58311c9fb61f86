"""A figure: a chart, its finding as title, and the same in words; shown in a notebook without any script."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd
from IPython.display import HTML, Markdown, display

from deadletter.charts.theme import CONFIG

VEGA_LITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])


@dataclass(frozen=True)
class Figure:
    """``title`` states the finding, ``subtitle`` what is drawn, ``words`` is the text alternative."""

    chart: alt.TopLevelMixin
    title: str
    subtitle: str
    words: str

    @property
    def spec(self) -> dict[str, Any]:
        """The Vega-Lite specification with title and theme; equal figures have equal specifications."""
        title = alt.TitleParams(self.title, subtitle=self.subtitle)
        spec = self.chart.properties(title=title).to_dict(format="vega-lite")
        return {**spec, "config": CONFIG}

    def svg(self) -> str:
        """The chart as static SVG, drawn without a browser or a network.

        Ids of clip paths are named after the specification: the renderer merely counts them, so that they would
        collide on a page and change with what was drawn before.
        """
        import vl_convert

        text = json.dumps(self.spec, sort_keys=True)
        name = hashlib.sha256(text.encode()).hexdigest()[:8]
        drawn = vl_convert.vegalite_to_svg(text, vl_version=VEGA_LITE)
        found = {old: f"c{name}-{n}" for n, old in enumerate(dict.fromkeys(re.findall(r'id="(\w+)"', drawn)))}
        return re.sub(r'(id="|url\(#)(\w+)', lambda m: m[1] + found.get(m[2], m[2]), drawn)


def show(figure: Figure | str) -> None:
    """Show a figure (or a sentence that says why there is none) as the output of a notebook's cell; nothing for ""."""
    if figure == "":
        return
    if isinstance(figure, str):
        display(Markdown(f"*{figure}*"))
        return
    # the specification lies beside the drawing: the site makes an interactive chart and a table of it
    body = figure_html(figure) + spec_html(figure)
    display({"text/html": body, "text/plain": f"{figure.title}\n{figure.words}"}, raw=True)


def figure_html(figure: Figure) -> str:
    """A figure as HTML without script: the SVG, and its words as caption."""
    words = html.escape(figure.words, quote=True)
    caption = f"<figcaption>{words}</figcaption>"
    return f'<figure class="chart" role="group" aria-label="{words}">{figure.svg()}{caption}</figure>'


def spec_html(figure: Figure) -> str:
    """The specification as inert data: no browser runs a script of type ``application/json``.

    Every ``<`` is spelt ``\\u003c``, so that no value in the data can end it.
    """
    spec = json.dumps(figure.spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/json" class="vega-lite">{spec}</script>'


def show_table(frame: pd.DataFrame, caption: str, columns: Mapping[str, str], digits: int = 2) -> None:
    """Show chosen columns of a frame under their headings, with a caption; text in cells is escaped."""
    if frame.empty:
        show(f"{caption}: no rows.")
        return
    display(HTML(table_html(frame, caption, columns, digits)))


def table_html(frame: pd.DataFrame, caption: str, columns: Mapping[str, str], digits: int = 2) -> str:
    """Chosen columns of a frame as an HTML table under their headings, with a caption; text in cells is escaped."""
    table = frame[list(columns)].rename(columns=dict(columns))
    table.columns.name = None
    text = table.to_html(
        index=False, border=0, na_rep="–", float_format=lambda x: f"{x:.{digits}f}", classes="evidence", justify="left"
    )
    return text.replace("<thead>", f"<caption>{html.escape(caption)}</caption>\n<thead>", 1)


def say(text: str) -> None:
    """Show a paragraph of Markdown that was generated from values."""
    display(Markdown(text))

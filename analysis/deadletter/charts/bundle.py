"""What a notebook's cell shows, for eyes and for programs: a MIME bundle with one part of JSON that pages are made of.

The JSON part (type :data:`MIME`) has ``kind``, ``title`` (a figure's finding, a table's caption, a sentence itself),
``alternative`` (all of it in words) and, by kind: ``spec``, the Vega-Lite specification of a figure, with the drawing
beside it as ``image/svg+xml``, and ``folded``, if a page shows the drawing on demand; ``columns`` and ``rows`` of a
table, as text; ``under``, if it opens from a line, of a sentence, whose Markdown is next to it.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from pandas.api.types import is_scalar

from deadletter.labels import in_print
from deadletter.templating import plain, prose, render

MIME = "application/vnd.deadletter.exhibit+json"
SVG = "image/svg+xml"
FIGURE, TABLE, SENTENCE = "figure", "table", "sentence"
Bundle = dict[str, Any]
# a name of an index, a kind of event and the like; neither a file nor a key with dots
_NAME = re.compile(r"(?<![\w./:-])[a-z]+[0-9]*(?:_[a-z0-9]+)+(?![\w./(])")


def figure_bundle(title: str, words: str, spec: Mapping[str, Any], svg: str, *, folded: bool = False) -> Bundle:
    """A figure: the drawing with its words as caption, without any script; ``folded``: a page opens it on demand."""
    title, words = in_print(title), in_print(words)
    part = {"kind": FIGURE, "title": title, "alternative": words, "spec": spec}
    return {
        MIME: {**part, "folded": True} if folded else part,
        SVG: svg,
        "text/html": render("charts/templates/figure.html", svg=Markup(svg), words=words),
        "text/plain": f"{title}\n{words}",
    }


def table_bundle(frame: pd.DataFrame, caption: str, columns: Mapping[str, str], digits: int = 2) -> Bundle:
    """Chosen columns of a frame under their headings; text in cells is escaped.

    columns: heading by name of a column. digits: decimals of numbers that are not integers.
    """
    heads, caption = list(columns.values()), in_print(caption)
    # numbers of several units share a column: a year or a count among them is whole
    text = whole_text if "unit" in heads else cell_text
    rows = [[text(value, digits) for value in row] for row in frame[list(columns)].itertuples(index=False)]
    lines = "\n".join("\t".join(row) for row in [heads, *rows])
    return {
        MIME: {"kind": TABLE, "title": caption, "alternative": f"{caption}\n{lines}", "columns": heads, "rows": rows},
        "text/html": render("charts/templates/table.html", caption=caption, columns=heads, rows=rows),
        "text/plain": f"{caption}\n{lines}",
    }


def sentence_bundle(markdown: str, under: str = "") -> Bundle:
    """Markdown that was generated from values; ``under`` is the line from which a page opens it, as plain text."""
    markdown = in_print(f"**{plain(under)}**\n\n{markdown}" if under else markdown)
    wording = " ".join(prose(markdown).striptags().split())
    return {
        MIME: {"kind": SENTENCE, "title": wording, "alternative": wording, **({"under": under} if under else {})},
        "text/markdown": markdown,
        "text/plain": markdown,
    }


def whole_text(value: Any, digits: int = 2) -> str:
    """As :func:`cell_text`, but a whole number without decimals."""
    return cell_text(int(value) if isinstance(value, float) and value.is_integer() else value, digits)


def cell_text(value: Any, digits: int = 2) -> str:
    """A value as text of a table: numbers to some decimals, a dash for none, spans and minus signs as in print, names
    without underscores."""
    if is_scalar(value) and pd.isna(value):
        return "–"
    if isinstance(value, float):
        return in_print(f"{value:z.{digits}f}")
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    text = in_print(str(value))
    return _NAME.sub(lambda found: found[0].replace("_", " "), text)

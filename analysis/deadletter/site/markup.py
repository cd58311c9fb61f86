"""Pieces of pages: everything that comes from data passes through :func:`text`, and so stands as text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence

from markdown_it import MarkdownIt

# sentences made from values: no raw HTML, no link but to an address that a reader may follow
_SENTENCES = MarkdownIt("commonmark", {"html": False}).enable("table")


def text(value: object) -> str:
    """A value as text of a page, also within an attribute."""
    return html.escape(str(value), quote=True)


def sentences(markdown: str) -> str:
    """Markdown whose words come from data, as HTML; raw HTML in it stands as text."""
    return _SENTENCES.render(markdown)


def plain(markdown: str) -> str:
    """A value as one line of a page's Markdown, in which no character means anything but itself."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(str(markdown).split()))


def raw(fragment: str) -> str:
    """HTML as a block of a page written in MyST Markdown."""
    longest = max((len(run) for run in re.findall(r"`+", fragment)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"\n{fence}{{raw}} html\n{fragment}\n{fence}\n"


def link(target: str, label: object) -> str:
    """A link within the site, or to an address of the web; anything else stays words."""
    scheme = re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", target)
    if scheme and scheme[0].lower() not in ("http:", "https:", "mailto:"):
        return text(label)
    return f'<a href="{text(target)}">{text(label)}</a>'


def root_of(page: str) -> str:
    """The way from a page up to the site's root: empty, or ends in a slash."""
    return "../" * page.count("/")


def table(
    columns: Mapping[str, str],
    rows: Iterable[Sequence[str]],
    caption: str,
    *,
    name: str = "",
    ids: Sequence[str] = (),
    tools: bool = False,
) -> str:
    """A table of cells that are HTML already, in a region that scrolls by itself where the page is narrow.

    Parameters
    ----------
    columns: heading by kind; the kind ``choice`` (as prefix ``choice:``) offers the column's values as a filter.
    ids: an id for each row, or none.
    tools: let the page's script add sorting, filters and a search to the table.
    """
    heads = "".join(
        f'<th scope="col"{" data-choice" if kind.startswith("choice:") else ""}>{text(head)}</th>'
        for kind, head in columns.items()
    )
    body = []
    for place, cells in enumerate(rows):
        own = f' id="{text(ids[place])}"' if ids else ""
        body.append(f"<tr{own}>" + long_cells("".join(f"<td>{cell}</td>" for cell in cells)) + "</tr>")
    marks = f"{f' id={chr(34)}{text(name)}{chr(34)}' if name else ''}{' data-tools' if tools else ''}"
    return scrolling(
        f'<table class="evidence"{marks}><caption>{text(caption)}</caption><thead><tr>{heads}</tr></thead>\n<tbody>'
        + "\n".join(body)
        + "</tbody></table>",
        caption,
    )


def long_cells(fragment: str) -> str:
    """Cells of a table that hold a sentence are marked, so that they get the room to be read."""
    return re.sub(r"<td>(?=[^<]{45,}</td>)", '<td class="long">', fragment)


def scrolling(fragment: str, label: str) -> str:
    """A part that scrolls sideways by itself, and can be reached by keyboard to do so."""
    return f'<div class="wide" role="region" tabindex="0" aria-label="{text(label)}">{fragment}</div>'


def switch(label: str, choices: Sequence[tuple[str, str, bool]]) -> str:
    """Links to the same page under other choices: label, address, whether it is this one."""
    links = "".join(
        f'<li><a href="{text(target)}"{" aria-current=page" if here else ""}>{text(name)}</a></li>'
        for name, target, here in choices
    )
    return f'<nav class="switch" aria-label="{text(label)}"><span>{text(label)}</span><ul>{links}</ul></nav>'


def verdict(word: str, standing: str) -> str:
    """A verdict with the colour of its standing; the word says it all without the colour."""
    return f'<span class="verdict {text(standing.replace(" ", "-"))}">{text(word)}</span>'

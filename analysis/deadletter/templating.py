"""Pages are made by templates, in which values stay text: escaped in HTML, behind a backslash in Markdown."""

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.nodes import EvalContext
from jinja2.utils import pass_eval_context
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from deadletter.labels import capital

# what Markdown reads as markup within a line, and at its beginning; underscores within a word are text anyway
_WITHIN = re.compile(r"[\\`*{}\[\]<>|&$~]|(?<![^\W_])_|_(?![^\W_])|^[-+=:%#(]")
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")
# raw HTML becomes text; links lead to pages and run nothing
_PROSE = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(["table", "smartquotes"])
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)]+)\)")
_SAFE = ("http", "https", "mailto")


def plain(value: object) -> Markup:
    """A value as one line of Markdown that reads as it is: no markup, no link and no HTML comes of it."""
    line = _WITHIN.sub(r"\\\g<0>", " ".join(str(value).split()))
    return Markup(_NUMBERED.sub(r"\1\\\2", line))


def prose(markdown: str) -> Markup:
    """Markdown whose words come from data, as HTML; raw HTML in it becomes text."""
    return Markup(_PROSE.render(markdown))


def relinked(markdown: str, address: Callable[[str], str] = lambda _: "") -> str:
    """Markdown whose links to files of the project lead to other addresses; without one, to none: the file is named.

    address: of a file, by its path without leading ``../``; empty where there is none.
    """

    def other(found: re.Match[str]) -> str:
        label, target = found[1], found[2]
        if target.startswith(("http", "#")):
            return found[0]
        file = re.sub(r"^(?:\.\./)+", "", target)
        if there := address(file):
            return f"[{label}]({there})"
        return label if file in label else f"{label} (`{file}`)"

    return _LINK.sub(other, markdown)


def spaced(name: str) -> str:
    """The name of a coding, which is that of a file, as readers read it."""
    return name.replace("_", " ")


def link(target: str, label: object) -> Markup:
    """A link within the site, or to an address of the web; anything else stays words."""
    scheme, colon, _ = target.partition(":")
    if colon and "/" not in scheme and scheme.lower() not in _SAFE:
        return escape(label)
    return Markup('<a href="{}">{}</a>').format(target, label)


def html_block(fragment: str) -> Markup:
    """HTML as a block of a page in MyST Markdown; the fence is longer than any run of backticks in it."""
    longest = max(map(len, re.findall(r"`+", fragment)), default=0)
    fence = "`" * max(3, longest + 1)
    return Markup(f"\n{fence}{{raw}} html\n{fragment}\n{fence}\n")


@pass_eval_context
def _as_text(context: EvalContext, value: object) -> object:
    """HTML escapes by itself; elsewhere every value becomes text of Markdown, unless it is markup already."""
    return value if context.autoescape or isinstance(value, Markup) else plain(value)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=lambda name: name is not None and not name.endswith(".md"),
        finalize=_as_text,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals |= {"link": link}
    made.filters |= {"capital": capital, "spaced": spaced, "prose": prose, "html_block": html_block}
    return made


def fragment(template: str, **values: Any) -> Markup:
    """A template of HTML as part of another page, which takes it as it is; see :func:`render`."""
    return Markup(render(template, **values))


def render(template: str, **values: Any) -> str:
    """A template of the package, by its path in it, filled with values.

    In a template that ends in ``.md`` values become text of Markdown, and within ``{% autoescape true %}`` text of
    HTML; in any other they become text of HTML. A value that is :class:`Markup` already stays as it is.
    """
    return _environment().get_template(template).render(**values)

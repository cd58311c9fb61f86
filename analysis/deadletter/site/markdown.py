"""Lists and tables as Markdown, in which text from data stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

# underscores within a word and signs of a heading within a line are text anyway
_SPECIAL = re.compile(r"([\\*\[\]<>|&]|(?<!\w)_|_(?!\w)|^#)")


def escaped(text: object) -> str:
    """One line of Markdown that reads as the text: no markup, no link and no HTML comes of it."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Lines of a table and an empty one after it; a dash where there are no rows."""
    body = [f"| {' | '.join(escaped(cell) for cell in row)} |" for row in rows]
    if not body:
        yield from ("–", "")
        return
    yield f"| {' | '.join(header)} |"
    yield f"|{'|'.join('---' for _ in header)}|"
    yield from body
    yield ""


def bullets(items: Iterable[str]) -> Iterator[str]:
    """Lines of a list of texts."""
    return (f"- {escaped(item)}" for item in items)

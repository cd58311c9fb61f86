"""What an executed notebook shows, cell by cell: numbered figures and tables, and sentences made from values."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

FIGURE, TABLE, TEXT, ERROR = "Figure", "Table", "Text", "Error"
_CELL = re.compile(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", flags=re.S)
_CAPTION = re.compile(r"<caption>(.*?)</caption>", flags=re.S)
_MARKUP = re.compile(r"<[^>]+>")
# data beside a figure, which no reader sees
_DATA = re.compile(r'<script type="application/json".*?</script>', flags=re.DOTALL)
# dates and periods are one number each
NUMBER = re.compile(r"\d{4}-\d{2}-\d{2}|\d{4}/\d{4}|(?<![\w.])[-−+]?\d(?:[\d,]*\d)?(?:\.\d+)?(?:e[-+]?\d+)?")


@dataclass(frozen=True)
class Exhibit:
    """One output of one cell.

    ``kind`` is one of FIGURE, TABLE, TEXT and ERROR. ``number`` such as ``3.2``: the notebook's own, and that of the
    kind in it. ``title`` is the finding of a figure, the caption of a table, or the text itself; ``words`` all that is
    to be read in it; ``body`` the HTML of a figure or table, the Markdown of a text.
    """

    kind: str
    number: str
    cell: str
    title: str
    words: str
    body: str

    @property
    def label(self) -> str:
        return f"{self.kind} {self.number}"

    @property
    def entries(self) -> list[str]:
        """Texts of the cells of a table, in order."""
        return [plain(cell) for cell in _CELL.findall(self.body)] if self.kind == TABLE else []

    @property
    def numbers(self) -> list[str]:
        """Numbers that stand in the title or the text, as printed."""
        return NUMBER.findall(self.title)


def exhibits(notebook: dict[str, Any], name: str) -> list[Exhibit]:
    """Everything that the cells of an executed notebook show, in order; its name gives the first part of numbers."""
    counts: Counter[str] = Counter()
    return [exhibit for cell in notebook["cells"] for exhibit in exhibits_of(cell, name, counts)]


def exhibits_of(cell: dict[str, Any], name: str, counts: Counter[str]) -> Iterator[Exhibit]:
    """What one cell shows; ``counts`` holds the last number of each kind and moves on."""
    chapter = name.partition("_")[0].lstrip("0") or "0"
    tag = next(iter(cell.get("metadata", {}).get("tags", [])), "")
    for output in cell.get("outputs", []):
        found = _read(output)
        if found is not None:
            kind, title, words, body = found
            counts[kind] += 1
            yield Exhibit(kind, f"{chapter}.{counts[kind]}", tag, title, words, body)


def _read(output: dict[str, Any]) -> tuple[str, str, str, str] | None:
    """Kind, title, words and body of an output; None for one that shows nothing of these."""
    if output.get("output_type") == "error":
        told = f"{output.get('ename', '')}: {output.get('evalue', '')}"
        return ERROR, told, told, told
    data = output.get("data", {})
    body, told, markdown = (_joined(data.get(f"text/{kind}", "")) for kind in ("html", "plain", "markdown"))
    if "<figure" in body:
        return FIGURE, told.partition("\n")[0], told, _DATA.sub("", body)
    if "<table" in body:
        caption = _CAPTION.search(body)
        return TABLE, plain(caption[1]) if caption else "", plain(body), body
    if markdown:
        return TEXT, " ".join(markdown.split()), markdown, markdown
    return None


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def plain(markup: str) -> str:
    """The text of a piece of HTML on one line."""
    return " ".join(html.unescape(_MARKUP.sub(" ", markup)).split())

"""Wording that readers stumbled over stays out of what users read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# archaic or unidiomatic turns, each with what to write in its place
LOST = {
    r"(?<!there )\b(?:is|are|was|were) no (?!longer\b|stronger\b|more\b|less\b|doubt\b|different\b)\w+": "is not a …",
    r"\bshall tell\b|\b(?:is|are|was|were) told\b": "says who reports what",
    r"\bnought\b": "zero, nothing",
    r"\bwhoever\b": "anyone who",
    r"\bscarcely\b": "hardly",
    r"\bhangs? on\b": "depends on",
    r"\bcomes? out again\b": "is reproduced",
    r"\bto be mended\b": "to fix",
    r"\bstands? twice\b": "is a duplicate",
    r"\bwhose fate\b": "whose outcome",
    r"\bcan bear\b": "supports",
}
TEXTS = sorted(
    path
    for pattern in (
        "README.md",
        "docs/theory.md",
        "docs/publishing.md",
        "docs/replication.md",
        "analysis/deadletter/site/templates/*",
        "analysis/deadletter/report/templates/*",
        "data/argument/summary.csv",
        "notebooks/*.ipynb",
    )
    for path in ROOT.glob(pattern)
)


def prose_of(path: Path) -> str:
    """What a reader sees of a file: of a notebook its Markdown."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def lost_in(text: str) -> list[tuple[str, str]]:
    return [
        (" ".join(text[max(0, found.start() - 30) : found.end() + 30].split()), better)
        for pattern, better in LOST.items()
        for found in re.finditer(pattern, text, re.IGNORECASE)
    ]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_text_falls_back_into_the_lost_pattern(path: Path):
    assert lost_in(prose_of(path)) == []


@pytest.mark.parametrize(
    "words",
    [
        "A wish is no expectation.",
        "the first value that flips is told",
        "Members scarcely count on it",
        "what does it hang on?",
        "every table comes out again",
    ],
)
def test_the_pattern_is_found_where_it_is(words: str):
    assert len(lost_in(words)) == 1

"""Wording that readers stumbled over stays out of what users read."""

from __future__ import annotations

import ast
import csv
import json
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
# archaic or unidiomatic turns, each with what to write in its place
LOST = {
    r"(?<!there )\b(?:is|are|was|were) no (?!(?:longer|narrower|stronger|more|less|doubt)\b)\w+": "is not a …",
    r"\bshall tell\b|\b(?:is|are|was|were) told\b": "says who reports what",
    r"\bnought\b": "zero, nothing",
    r"\bwhoever\b": "anyone who",
    r"\bscarcely\b": "hardly",
    r"\bhangs? on\b": "depends on",
    r"\bcomes? out again\b": "is reproduced",
    r"\bbears? (?:on|out|upon)\b": "affects, addresses, supports",
    r"\bworks? on as\b": "survives as",
    r"\b(?:cannot|can) (?:be told|tell)\b|\btell\b.{1,40}\bapart\b": "cannot be distinguished",
    r"\bto be mended\b": "to fix",
    r"\bstands? twice\b": "is a duplicate",
    r"\bwhose fate\b": "whose outcome",
    r"\bcan bear\b": "supports",
    r"\d %(?![}(])": "no space before the sign",
    r"\bhome prices\b|\bdearer?\b(?= (?:gas|oil|energy))": "domestic prices, more expensive",
    r"\bdoes not prolong\b": "does not renew",
}
TEXTS = sorted(
    path
    for pattern in (
        "*.md",
        "docs/*.md",
        "analysis/deadletter/site/templates/*",
        "analysis/deadletter/report/templates/*",
        "data/argument/summary.csv",
        "data/argument/tests.csv",
        "data/account/claims.csv",
        "params/*.yaml",
        "notebooks/*.ipynb",
    )
    for path in ROOT.glob(pattern)
)


MODULES = sorted((ROOT / "analysis" / "deadletter").rglob("*.py"))
# of a table the columns that are ours to word: anchors are the article's words
WORDED = {"claims.csv": ("label",), "tests.csv": ("why",)}


def prose_of(path: Path) -> str:
    """What a reader sees of a file: of a notebook its Markdown, of a table its worded columns, of a coding its whys."""
    text = path.read_text(encoding="utf-8")
    if path.name in WORDED:
        return "\n".join(row[name] for row in csv.DictReader(text.splitlines()) for name in WORDED[path.name])
    if path.suffix == ".yaml":
        return "\n".join(whys_of(yaml.safe_load(text)))
    if path.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def whys_of(value: object) -> list[str]:
    """The titles and reasons in a coding or a multiverse."""
    if isinstance(value, list):
        return [why for one in value for why in whys_of(one)]
    if not isinstance(value, dict):
        return []
    own = [text for key, text in value.items() if key in ("title", "why") and isinstance(text, str)]
    return own + whys_of(list(value.values()))


def literals_of(path: Path) -> list[str]:
    """The string literals of a module without its docstrings: messages, help, titles, sentences."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    # the help of a command is the docstring of its function
    if path.parent.name == "cli":
        docs = set()
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [node.value for node in strings if id(node) not in docs]


def lost_in(text: str) -> list[tuple[str, str]]:
    return [
        (" ".join(text[max(0, found.start() - 30) : found.end() + 30].split()), better)
        for pattern, better in LOST.items()
        for found in re.finditer(pattern, text, re.IGNORECASE)
    ]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_text_falls_back_into_the_lost_pattern(path: Path):
    assert lost_in(prose_of(path)) == []


@pytest.mark.parametrize("room", sorted({path.parent for path in MODULES}), ids=lambda room: room.name)
def test_no_message_falls_back_into_the_lost_pattern(room: Path):
    found = {path.name: lost_in("\n".join(literals_of(path))) for path in room.glob("*.py")}
    assert {name: lost for name, lost in found.items() if lost} == {}


# columns of prose that pages and reasons show; ids, anchors and codes have columns of their own
SHOWN = {
    "account": {"label", "comparator", "what", "why", "evidence"},
    "argument": {"why"},
    "instruments": {"name", "note"},
    "record": {"name", "note", "unit", "what"},
    "trade": {"term"},
}
STATES = {row["iso3"] for row in csv.DictReader((ROOT / "data/account/states.csv").open(encoding="utf-8"))}


def test_a_claim_names_its_subject():
    # labels stand alone in ledgers, charts and searches
    with (ROOT / "data/account/claims.csv").open(encoding="utf-8") as file:
        labels = [row["label"] for row in csv.DictReader(file)]
    assert [label for label in labels if re.match(r"(?:It|Its|They|This|Doing so)\b", label)] == []


@pytest.mark.parametrize("room", SHOWN)
def test_labels_name_states_and_write_years_as_readers_do(room: str):
    coded = []
    for path in sorted((ROOT / "data" / room).glob("*.csv")):
        # the labels of a coder are a record of what that coder wrote; outlooks list ids as evidence
        if path.name in ("free_units.csv", "outlook.csv"):
            continue
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
            for text in (text for name, text in row.items() if name in SHOWN[room]):
                words = set(re.findall(r"\b[A-Z]{3}\b", text)) & STATES
                ranges = re.findall(r"(?<![\w/.=-])(?:1[89]|20)\d\d[/-](?:1[89]|20)\d\d(?![\w/-])", text)
                coded += [(path.name, text)] if words or ranges else []
    assert coded == []


@pytest.mark.parametrize(
    "words",
    [
        "A wish is no expectation.",
        "the first value that flips is told",
        "Members scarcely count on it",
        "what does it hang on?",
        "every table comes out again",
        "a fact that bears on the claim",
        "the data cannot tell the terms apart",
    ],
)
def test_the_pattern_is_found_where_it_is(words: str):
    assert len(lost_in(words)) == 1

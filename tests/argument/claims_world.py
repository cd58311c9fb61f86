"""A made-up regime with a few coded rows, on which each kind of test can be worked out by hand."""

from __future__ import annotations

import json
from types import MappingProxyType

import pandas as pd

from deadletter.argument.found import Found
from deadletter.argument.grounds import Grounds
from deadletter.argument.kinds import read_test
from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset


def frame(columns: str, *rows: str) -> pd.DataFrame:
    """Rows such as ``e1|1999|2000`` under columns such as ``id date date_end``."""
    return pd.DataFrame([row.split("|") for row in rows], columns=columns.split())


EVENTS = frame(
    "id regime date date_end actors type norm",
    "e1|R|1999-08|||crisis|",
    "e2|R|2000-06||A;B|dispute|n1",
    "e3|R|2001|2003|A|dispute|n1",
    "e4|R|2005||B|refusal|n2",
    "e5|Q|2020||C|dispute|n1",
)
NORMS = frame(
    "id regime krasner valid_from valid_to", "n1|R|rule|1999|", "n2|R|rule|2004|", "n3|R|principle|1999|2003"
).assign(component="all")
RATINGS = frame(
    "unit coder variable value",
    "e2|coder-1|compliance|violated",
    "e3|coder-1|compliance|ambiguous",
    "e4|coder-1|compliance|complied",
    "n1|coder-1|precision|3",
    "n2|coder-1|precision|0",
    "n3|coder-1|precision|2",
    "e2|coder-2|compliance|complied",
)
SCALE = pd.DataFrame(
    [*[("precision", str(n), n) for n in range(4)], ("compliance", "violated", 0), ("compliance", "ambiguous", 1),
     ("compliance", "complied", 2), ("kind", "one", None)],
    columns=["variable", "value", "rank"],
)  # fmt: skip
VARIABLES = frame("variable table level", "precision|norms|ordinal", "compliance|events|nominal", "kind|norms|nominal")
VOTES = pd.DataFrame(
    [("v1", "n1", "board", "A", 3, "2/3"), ("v2", "n1", "board", "B", 1, "2/3"), ("v3", "n1", "board", "C", 1, "2/3")],
    columns=["id", "norm", "body", "state", "votes", "quota"],
)
INDICES = pd.DataFrame(
    [
        ("R", "all", "all", "1990/1999", "output", 0.75, 0.5, 0.9, 9),
        ("R", "all", "all", "2000/2009", "output", 0.25, 0.1, 0.5, 9),
        ("R", "all", "all", "2000/2009", "compliance", float("nan"), 0.0, 1.0, 2),
    ],
    columns=["regime", "krasner", "component", "period", "index", "value", "low", "high", "n"],
)
PLACEMENT = pd.DataFrame(
    [("R", "all", "2000/2009", "output", 0.6, 0.2, 0.1, 0.1, "dead_letter")],
    columns=["regime", "component", "period", "basis", "dead_letter", "full_blown", "tacit", "none", "label"],
)
TRADE = pd.DataFrame(
    [
        ("up", "trade rises", 5.0, 4.0, "percent", 2.0, "agrees", "5 against 4"),
        ("down", "trade falls", 3.0, 0.0, "percent", 0.0, "differs", "3 is not below 0"),
        ("gap", "no figure", float("nan"), 1.0, "percent", 1.0, "not testable", "no figure for A"),
    ],
    columns=["id", "term", "estimate", "article_value", "unit", "tolerance", "verdict", "why"],
)
PLACES = pd.DataFrame(
    [("c1", "s", 0), ("e2", "s", 0), ("e3", "s", 1), ("c2", "s", 2)], columns=["unit", "section", "sentence"]
)


def coding(**changes: object) -> Coding:
    return Coding(title="t", why="w", periods={"made_up": ("1990/1999", "2000/2009")}, **changes)


def grounds(claim: str = "c2", made: Coding | None = None, **tables: pd.DataFrame) -> Grounds:
    """What the test of a claim reads; ``tables`` replace those above, by name."""
    results = {name: tables.pop(name, default) for name, default in
               (("indices", INDICES), ("placement", PLACEMENT), ("trade", TRADE))}  # fmt: skip
    coded = {
        "events": EVENTS,
        "norms": NORMS,
        "ratings": RATINGS,
        "scale": SCALE,
        "variables": VARIABLES,
        "votes": VOTES,
        "places": PLACES,
        "regimes": pd.DataFrame({"id": ["R"], "focal": ["yes"]}),
        "outlook": NORMS[:0],
        "functions": NORMS[:0],
        "coders": pd.DataFrame({"id": ["coder-1", "coder-2"]}),
        "figures": pd.DataFrame({"id": ["f1"], "value": [2.0]}),
        **tables,
    }
    dataset = Dataset(MappingProxyType(coded), MappingProxyType({}), "made up")
    return Grounds(dataset, made or coding(), **results).seen_by(claim)


def run(kind: str, where: Grounds | None = None, **arguments: object) -> Found:
    """Run a test from its arguments as they would stand in the table."""
    return read_test(kind, json.dumps(arguments), "tests row 2").run(where or grounds())


def rows(table: str, **more: object) -> dict[str, object]:
    return {"table": table, **more}


def count(table: str, distinct: str = "", **more: object) -> dict[str, object]:
    return {"measure": "count", "rows": rows(table, **more), **({"distinct": distinct} if distinct else {})}


def wanted(relation: str, value: float, **more: float) -> dict[str, object]:
    return {"relation": relation, "value": value, **more}

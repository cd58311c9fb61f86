"""A made-up regime with a few coded rows, on which each kind of test can be worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
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
     ("compliance", "complied", 2), ("compliance", "not applicable", None), ("kind", "one", None)],
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
# facts outside the article: c7 has one for and one against, c8 two for, one in part and one unverified against
RECORD_FACTS = frame(
    "id what date source verified",
    "f1|troops sent|2001|paper one|yes",
    "f2|no troops sent|2002|paper two|yes",
    "f3|no summit|2003|paper three|yes",
    "f4|summit held|2004|paper four|no",
)
BEARINGS = frame(
    "record claim bearing sign note",
    "f1|c7|contradicts||",
    "f2|c7|supports||",
    "f2|c8|supports||",
    "f3|c8|supports||",
    "f4|c8|contradicts||",
    "f3|c9|part|for|",
    "f4|c5|supports||",
    "k1|c4|supports||",
)
CRISES = frame("id place answer start page verified", "k1|a border|a declaration|1999|page five|yes")
PROVISIONS = frame(
    "id regime treaty feature answer article value verified",
    "p1|R|Charter|court|yes|art. 2||yes",
    "p2|R|Treaty|court|no|art. 9||yes",
    "p3|R|Charter|votes|no|art. 3||no",
)
RANKS = pd.DataFrame(
    [("R", "form", 4.0, "defence pacts", 90, 0.77, 0.25)],
    columns=["regime", "measure", "value", "group", "n", "percentile", "share_at_or_above"],
).assign(id="r1", verified="yes")
SURVEYS = pd.DataFrame(
    [("o1", "A", "2015", 60.0), ("o2", "A", "2017", 40.0), ("o3", "B", "2015", 30.0)],
    columns=["id", "country", "year", "approve"],
)
# Votes beside those of AAA, always for: how many of ten roll-calls of a year each other state votes as it does. Each
# roll-call stands there twenty times, so that intervals are narrow. The first of 2015 is of the topic "few".
ALIKE = {"BBB": (9, 6), "CCC": (7, 5), "DDD": (6, 6), "EEE": (6, 5), "FFF": (6, 6)}
STATES = pd.DataFrame({"iso3": ["AAA", *ALIKE], "name": ["Aland", "Bland", "Cland", "Dland", "Eland", "Fland"]})
VOTERS = pd.DataFrame({"iso3": ["AAA", *ALIKE], "position": range(1, 7)})
ROLLCALLS = pd.DataFrame(
    [
        (f"{year}-{copy}-{n}", "1", f"R/{n}", f"{year}-10-01", "whole", "", "few" * ((year, copy, n) == (2015, 0, 0)),
         "Y" + "".join("Y" if n < often[year > 2010] else "N" for often in ALIKE.values()))
        for year in (2010, 2015) for copy in range(20) for n in range(10)
    ],
    columns=["id", "session", "resolution", "date", "kind", "important", "topics", "votes"],
)  # fmt: skip
VOTING = {
    "voters": VOTERS,
    "rollcalls": ROLLCALLS,
    "states": STATES,
    "anchors": pd.DataFrame({"anchor": ["AAA"], "rival": ["FFF"]}),
    "groups": frame("group state from to", "pact|BBB||", "pact|CCC||", "rest|DDD||", "rest|EEE||", "world|*||"),
    "crisis_votes": frame("rollcall conflict verified"),
}


def coding(**changes: object) -> Coding:
    """A coding under which one row may decide and no value is too close; the rules are tested one by one."""
    argument = {"least": 1, "margin": 0.0, **changes.pop("argument", {})}
    return Coding(title="t", why="w", periods={"made_up": ("1990/1999", "2000/2009")},
                  argument=argument, formalisation={"grouping": "stated"}, **changes)  # fmt: skip


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
        **VOTING,
        "regimes": pd.DataFrame({"id": ["R"], "focal": ["yes"]}),
        "outlook": NORMS[:0],
        "functions": NORMS[:0],
        "coders": pd.DataFrame({"id": ["coder-1", "coder-2"]}),
        "figures": pd.DataFrame({"id": ["f1"], "value": [2.0]}),
        "claims": pd.DataFrame({"id": [f"c{n}" for n in range(1, 10)]}),
        "record_facts": RECORD_FACTS,
        "bearings": BEARINGS,
        "crises": CRISES,
        "provisions": PROVISIONS,
        "ranks": RANKS,
        "surveys": SURVEYS,
        **tables,
    }
    sources = {
        name: (f"record/{name}.csv" if name in ("surveys", *VOTING) else f"account/{name}.csv", "") for name in coded
    }
    dataset = Dataset(MappingProxyType(coded), MappingProxyType({}), "made up", MappingProxyType(sources))
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


def changed(grounds: Grounds, **tables: pd.DataFrame) -> Grounds:
    """The same grounds with other tables; what was derived from none of these is kept."""
    return replace(grounds, dataset=grounds.dataset.with_tables(**tables))


# what several files of tests count and measure
DISPUTES = {"where": {"type": ["dispute"], "regime": ["R"]}}
PRECISE = {"measure": "rating", "rows": rows("norms", where={"krasner": ["rule"]}), "variable": "precision"}
OUTPUT = {"measure": "index", "regime": "R", "index": "output", "period": "2000/2009"}

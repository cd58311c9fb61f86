"""A made-up regime of a few rows, small enough to compute every index by hand."""

from __future__ import annotations

from types import MappingProxyType

import pandas as pd

from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset

UNIT = ["id", "regime", "section", "anchor", "footnotes", "label"]
SCALE = [
    *[(v, str(n), n) for v in ("obligation", "precision", "delegation", "outlook", "strength") for n in range(4)],
    *[("implementation", "not", 0), ("implementation", "partly", 1), ("implementation", "implemented", 2)],
    ("implementation", "not reported", None),
]


def units(columns: str, rows: list[str]) -> pd.DataFrame:
    """Rows such as ``n1 norm all`` under columns such as ``krasner component``; the common columns are filled in."""
    names = columns.split()
    table = pd.DataFrame([row.split("|") for row in rows], columns=["id", *names])
    return table.assign(regime="R", section="s", anchor="a b c", footnotes="", label=table["id"]).replace("-", "")


def ratings(given: dict[str, str], coder: str = "coder-1") -> pd.DataFrame:
    """Ratings from ``{"n1": "obligation=3 precision=2"}``."""
    rows = [(unit, coder, *pair.split("=")) for unit, pairs in given.items() for pair in pairs.split(", ")]
    return pd.DataFrame(rows, columns=["unit", "coder", "variable", "value"]).assign(rationale="made up")


def world(**tables: pd.DataFrame) -> Dataset:
    """Evidence of one focal regime R on line ``made_up``; tables that are not given are empty."""
    empty = {
        "norms": "krasner component aspect valid_from valid_to",
        "events": "date date_end actors type norm",
        "memberships": "state from to entry exit",
        "plans": "announced carried_out carried_out_date outcome_known",
        "expectations": "state from to",
        "outlook": "state component from to evidence",
        "functions": "component from to evidence",
        "roles": "state arena from to",
        "votes": "norm body state votes quota",
    }
    base = {name: units(columns, []) for name, columns in empty.items()}
    base["regimes"] = pd.DataFrame(
        {"id": ["R"], "name": ["R"], "scored": ["yes"], "focal": ["yes"], "lineage": ["made_up"]}
    )
    base["lineage"] = pd.DataFrame({"focal": ["R"], "regime": ["R"], "from": ["1990"], "to": [""], "order": [1]})
    base["coders"] = pd.DataFrame({"id": ["coder-1", "coder-2"]})
    base["reconciliation"] = pd.DataFrame(columns=["unit", "variable", "value", "reason"], dtype=str)
    base["scale"] = pd.DataFrame(SCALE, columns=["variable", "value", "rank"])
    return Dataset(MappingProxyType({**base, **tables}), MappingProxyType({}), "made up")


def coding(**changes: object) -> Coding:
    """A coding with periods of the made-up line."""
    return Coding(title="t", why="w", periods={"made_up": ("1990/1999", "2000/2009")}, **changes)

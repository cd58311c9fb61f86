"""A made-up regime of a few rows, small enough to compute every index by hand."""

from __future__ import annotations

from types import MappingProxyType

import pandas as pd

from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset
from deadletter.indices.codification import COMPONENTS

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


# columns that most tests need not name, with what they hold then
DEFAULTS = {
    "norms": {"instrument": "i1", "status": "adopted"},
    "events": {"agent": "", "period_only": ""},
    "outlook": {"basis": "inferred"},
    "coders": {"codebook": "yes"},
}
INSTRUMENT = "id regime kind binding signed in_force_from in_force_to parties"


def instruments(rows: list[str]) -> pd.DataFrame:
    """Rows such as ``i1|R|treaty|yes|1990-05-01|1991-01-01|-|-`` under the columns of :data:`INSTRUMENT`."""
    return pd.DataFrame([row.split("|") for row in rows], columns=INSTRUMENT.split()).replace("-", "")


def links(*rows: str) -> pd.DataFrame:
    """Rows such as ``n1 n2 rule``."""
    return pd.DataFrame([row.split() for row in rows], columns=["norm", "operative", "kind"])


def reference(**levels: str) -> pd.DataFrame:
    """Reference cases from ``G7_out="1100"``: the level of each component, the group after the underscore."""
    kinds = {"0": ("unwritten", "no", "no"), "1": ("declaration", "no", "no"),
             "2": ("treaty", "yes", "no"), "3": ("treaty", "yes", "yes")}  # fmt: skip
    rows = [
        (name.split("_")[0], name.split("_")[1], "no", component, *kinds[level])
        for name, digits in levels.items()
        for component, level in zip(COMPONENTS, digits, strict=True)
    ]
    columns = ["organisation", "group", "wide", "component", "kind", "binding", "in_force_for_all"]
    return pd.DataFrame(rows, columns=columns)


def world(**tables: pd.DataFrame) -> Dataset:
    """Tables of one focal regime R with the members A and B; tables that are not given are empty."""
    empty = {
        "norms": "krasner component aspect valid_from valid_to instrument status",
        "events": "date date_end actors type norm agent period_only",
        "memberships": "state from to entry exit",
        "plans": "announced carried_out carried_out_date outcome_known",
        "expectations": "state from to",
        "outlook": "state component from to evidence basis",
        "functions": "component from to evidence",
        "roles": "state arena from to",
        "votes": "norm body state votes quota",
    }
    base = {name: units(columns, []) for name, columns in empty.items()}
    base["memberships"] = units("state from to entry exit", ["m1|A|1990|-|founding|none", "m2|B|1990|-|founding|none"])
    base["regimes"] = pd.DataFrame(
        {"id": ["R"], "name": ["R"], "scored": ["yes"], "focal": ["yes"], "lineage": ["made_up"]}
    )
    base["lineage"] = pd.DataFrame({"focal": ["R"], "regime": ["R"], "from": ["1990"], "to": [""], "order": [1]})
    base["states"] = pd.DataFrame({"iso3": ["A", "B", "XRR"], "name": ["A", "B", "all"]})
    base["coders"] = pd.DataFrame({"id": ["coder-1", "coder-2"], "codebook": ["yes", "yes"]})
    base["reconciliation"] = pd.DataFrame(columns=["unit", "variable", "value", "reason"], dtype=str)
    base["tested_norms"] = pd.DataFrame(columns=["event", "coder", "norm"], dtype=str)
    base["scale"] = pd.DataFrame(SCALE, columns=["variable", "value", "rank"])
    base["instruments"] = instruments(["i1|R|treaty|yes|1990|1990|-|-"])
    base["links"], base["reference"] = links(), reference(OUT_out="1111", MID_middle="2222", IN_in="3333")
    filled = {name: table.assign(**{c: v for c, v in DEFAULTS.get(name, {}).items() if c not in table})
              for name, table in tables.items()}  # fmt: skip
    return Dataset(MappingProxyType({**base, **filled}), MappingProxyType({}), "made up")


def coding(**changes: object) -> Coding:
    """A coding with periods of the made-up lineage."""
    return Coding(title="t", why="w", periods={"made_up": ("1990/1999", "2000/2009")}, **changes)

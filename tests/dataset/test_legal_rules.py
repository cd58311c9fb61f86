"""One clear problem for each contradiction in the tables of legal status."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from deadletter.dataset.rules import legal_problems
from deadletter.dataset.tables import read_descriptor, read_strings

DATA = Path(__file__).resolve().parents[2] / "data"
NAMES = ("instruments", "reference", "norms", "links", "events", "states", "memberships")


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    resources = {r["name"]: r for r in read_descriptor(DATA / "datapackage.json")["resources"]}
    return {name: read_strings(DATA, resources[name]) for name in NAMES}


def test_the_shipped_tables_have_none(tables: dict[str, pd.DataFrame]):
    assert list(legal_problems(tables)) == []


def first_with(frame: pd.DataFrame, column: str) -> int:
    """The first row whose cell is not empty."""
    return int(frame.index[frame[column] != ""][0])


@pytest.mark.parametrize(
    ("table", "column", "value", "told"),
    [
        ("instruments", "in_force_from", "1900-01-01", "is earlier than the signature"),
        ("instruments", "in_force_to", "1900", "is earlier than the entry into force"),
        ("instruments", "parties", "RSU", "is not a state of account/states.csv"),
        ("reference", "component", "rule", "must have each component once"),
        ("reference", "group", "midle", "differs between rows of one organisation"),
        ("events", "agent", "RSU", "is not an actor of account/states.csv"),
    ],
)
def test_each_contradiction(tables: dict[str, pd.DataFrame], table: str, column: str, value: str, told: str):
    frame = tables[table].copy()
    rows = {"in_force_to": "in_force_from"}
    adopted = (
        frame.index[frame["status"] == "adopted"] if table == "norms" else [first_with(frame, rows.get(column, column))]
    )
    frame.loc[adopted[0], column] = value
    found = [str(problem) for problem in legal_problems({**tables, table: frame})]
    assert any(told in problem and f"column {column}" in problem for problem in found), found


def test_more_ratifications_than_there_can_be(tables: dict[str, pd.DataFrame]):
    frame = tables["instruments"].copy()
    frame.loc[0, ["ratified_n", "ratified_of"]] = ["7", "6"]
    (found,) = legal_problems({**tables, "instruments": frame})
    assert "i01" in str(found)
    assert "at most 6" in str(found)


def test_a_norm_of_an_instrument_that_no_member_signed(tables: dict[str, pd.DataFrame]):
    instruments, norms = tables["instruments"].copy(), tables["norms"]
    used = norms.loc[(norms["regime"] == "EEU") & (norms["status"] == "adopted"), "instrument"].iloc[0]
    instruments.loc[instruments["id"] == used, "parties"] = "GEO"
    found = [str(problem) for problem in legal_problems({**tables, "instruments": instruments})]
    assert found
    assert all("was signed by no member of EEU" in problem for problem in found)


def test_a_link_to_what_is_no_rule(tables: dict[str, pd.DataFrame]):
    links, norms = tables["links"].copy(), tables["norms"].set_index("id")
    row = int(links.index[links["kind"] == "rule"][0])
    links.loc[row, "operative"] = norms.index[norms["krasner"] == "body"][0]
    (found,) = legal_problems({**tables, "links": links})
    assert "is a body" in str(found)

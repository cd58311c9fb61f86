"""Reconciled values by their stated rules, and the recall of units by their places, against values found by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from deadletter.dataset.load import Dataset
from deadletter.indices.agreement import agreement_tables, unit_recall
from deadletter.indices.recoded import codebook_coders, reconciled
from deadletter.indices.selection import ranked, rated
from tests.indices.made_up import coding, ratings, units, world

VARIABLES = pd.DataFrame({"variable": ["obligation"], "level": "ordinal", "table": "norms"})
THIRD = pd.DataFrame([("n2", "obligation", "2", "the rule says so")], columns=["unit", "variable", "value", "reason"])
NORMS = units("krasner", ["n1|rule", "n2|rule", "n3|rule", "n4|rule"])


def judged(third: dict[str, str] | None = None) -> Dataset:
    given = [
        ratings({"n1": "obligation=1", "n2": "obligation=1", "n3": "obligation=0", "n4": "obligation=3"}),
        ratings({"n1": "obligation=1", "n2": "obligation=3", "n3": "obligation=3"}, "coder-2"),
        *([ratings(third, "coder-3")] if third else []),
    ]
    coders = pd.DataFrame({"id": ["coder-1", "coder-2", "coder-3"]})
    return world(norms=NORMS, ratings=pd.concat(given), variables=VARIABLES, reconciliation=THIRD, coders=coders)


def test_each_rule_decides_in_its_turn():
    two = reconciled(judged()).set_index("unit")
    assert list(two["value"]) == ["1", "2", "", "3"]
    assert list(two["by"]) == ["agreement", "third judgement", "open", "agreement"]
    assert two.loc["n2", "reason"] == "the rule says so"
    # a third coder: no agreement on n1 any more, yet most give 1; the judgement on n2 stands; n3 is decided
    three = reconciled(judged({"n1": "obligation=0", "n2": "obligation=3", "n3": "obligation=3"})).set_index("unit")
    assert list(three["value"]) == ["1", "2", "3", "3"]
    assert list(three["by"]) == ["majority", "third judgement", "majority", "agreement"]


def test_a_coding_computes_with_reconciled_values_and_an_open_one_is_missing():
    dataset, chosen = judged(), coding(coder="reconciled")
    points = {str(point): float(point) for point in range(4)}
    assert list(ranked(dataset, NORMS, "obligation", chosen, points).fillna(-1)) == [1, 2, -1, 3]
    assert list(rated(dataset, NORMS, "obligation", chosen)) == ["1", "2", "", "3"]


def test_the_project_reconciles_every_disagreement_and_changes_no_rating(dataset: Dataset, baseline):
    ratings_ = dataset["ratings"]
    ratings_ = ratings_[ratings_["coder"].isin(codebook_coders(dataset))]
    given = ratings_.groupby(["unit", "variable"])["value"].agg(set)
    found = reconciled(dataset)
    assert (found["value"] != "").all()
    assert len(found) == len(given)
    agreed = found[found["by"] == "agreement"].set_index(["unit", "variable"])["value"]
    assert all(given.loc[key] == {value} for key, value in agreed.items())
    told = agreement_tables(dataset, baseline)["disagreements"]
    assert len(told) == (given.map(len) > 1).sum() == len(dataset["reconciliation"])
    assert told[["label", "reconciled", "reason", "coder-1 says", "coder-2 says"]].ne("").all(axis=None)


@pytest.fixture
def placed() -> Dataset:
    """Six sentences; units of the list in 0, 2 and 5, those found freely in 0, 1 and 5, the last of another table."""
    free = pd.DataFrame(
        [("z1", "norms"), ("z2", "norms"), ("z3", "events")], columns=["id", "table"]
    ).assign(coder="coder-2", section="s", anchor="a b c", label="made up")  # fmt: skip
    spots = {"n1": 0, "n2": 2, "n3": 5, "z1": 0, "z2": 1, "z3": 5}
    places = pd.DataFrame({"unit": spots.keys(), "section": "s", "sentence": spots.values()})
    return world(norms=NORMS.iloc[:3], free_units=free, places=places, variables=VARIABLES)


def test_recall_by_hand(placed: Dataset):
    found = unit_recall(placed).set_index(["table", "units_of"])
    norms = found.loc[("norms", "coder-1")]
    assert (norms["units"], norms["same"], norms["adjacent"]) == (3, pytest.approx(1 / 3), pytest.approx(2 / 3))
    # two units strewn over six sentences: in the same one, and in two (at an end) or three that are near
    assert norms["same_by_chance"] == pytest.approx(1 - (5 / 6) ** 2)
    assert norms["adjacent_by_chance"] == pytest.approx((2 * (1 - (4 / 6) ** 2) + 1 - (3 / 6) ** 2) / 3)
    back = found.loc[("norms", "coder-2")]
    assert (back["units"], back["same"], back["adjacent"]) == (2, 0.5, 1.0)
    # nothing of the list stands where the event was found
    assert found.loc[("events", "coder-2"), ["same", "adjacent", "adjacent_by_chance"]].tolist() == [0, 0, 0]
    assert found.loc[("all", "coder-2"), "adjacent"] == pytest.approx(2 / 3)
    assert found.loc[("all", "coder-1"), "units"] == 3

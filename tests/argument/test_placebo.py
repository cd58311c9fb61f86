"""Placebo: shuffles keep the marginals, are the same each time, and show which tests have no content."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from deadletter.argument import sentences_of_verdicts as reading
from deadletter.argument.grounds import Grounds
from deadletter.argument.placebo import COLUMNS, placebo_table, shuffled_ratings
from deadletter.coding import Coding
from deadletter.dataset.load import Dataset
from deadletter.results import index_rows, indices_table, placement_rows, placement_table
from tests.argument.claims_world import RATINGS, coding, count, grounds, rows, wanted

PRECISE = {"measure": "rating", "variable": "precision"}


def declared(**tests: dict[str, object]) -> pd.DataFrame:
    """Rows of the table of tests, one a claim."""
    given = [
        {"claim": claim, "source": "account", "kind": "meets", "arguments": json.dumps(test)}
        for claim, test in tests.items()
    ]
    return pd.DataFrame(given).assign(necessary="", category="", why="", notebook="n", cell="c")


def world(draws: int = 300) -> Grounds:
    """Three norms rated 3, 0 and 2 on precision."""
    tests = declared(
        c2={"of": {**PRECISE, "rows": rows("norms")}, "criterion": wanted(">", 0.5)},  # 5/9 whichever is whose
        c3={"of": {**PRECISE, "rows": rows("norms", ids=["n1"])}, "criterion": wanted(">=", 1)},  # one of three
        c4={"of": count("votes"), "criterion": wanted(">=", 3)},
        c5={"of": {**PRECISE, "rows": rows("norms", ids=["n2"])}, "criterion": wanted(">", 0)},
    )
    claims = pd.DataFrame({"id": ["c2", "c3", "c4", "c5"], "supports": ""})
    made = coding(argument={"placebo_draws": draws})
    return grounds(made=made, tests=tests, claims=claims)


def table_of(made: Grounds) -> pd.DataFrame:
    return placebo_table(made, index_rows, placement_rows)


def test_shares_by_hand():
    table = table_of(world()).set_index("claim")
    assert list(table["observed"]) == ["holds", "holds", "holds", "fails"]
    assert table.loc["c2", "share"] == 1
    # a third of 300, give or take three standard errors
    assert table.loc["c3", "share"] == pytest.approx(1 / 3, abs=0.082)
    assert table.loc["c5", "share"] == pytest.approx(2 / 3, abs=0.082)
    # what fails does not hold by chance, however often it would; what reads no rating is not repeated
    assert list(table["by_chance"]) == ["yes", "no", "unrated", "no"]
    assert table.loc["c4", "draws"] == 0
    assert np.isnan(table.loc["c4", "share"])


def test_equal_seeds_give_equal_tables_and_another_seed_another():
    one, same = table_of(world(99)), table_of(world(99))
    pd.testing.assert_frame_equal(one, same)
    made = world(99)
    other = replace(made, coding=made.coding.model_copy(update={"intervals": made.coding.intervals.model_copy(
        update={"seed": 1})}))  # fmt: skip
    assert not table_of(other)["share"].equals(one["share"])


def test_a_shuffle_moves_whole_ratings_within_a_variable_and_keeps_what_it_does_not_touch(dataset: Dataset):
    sentences = dataset.once("made up", lambda: dataset["places"]["unit"].tolist())
    rated = dataset.once("rated", lambda: dataset["ratings"]["unit"].tolist())
    moved = shuffled_ratings(dataset, np.random.default_rng(1), with_judgements=True)
    before, after = dataset["ratings"], moved["ratings"]
    assert (before["unit"] != after["unit"]).mean() > 0.9
    keys = ["coder", "variable", "value"]
    pd.testing.assert_series_equal(before.value_counts(keys), after.value_counts(keys), check_index_type=False)
    for variable, frame in after.groupby("variable"):
        assert set(frame["unit"]) == set(before.loc[before["variable"] == variable, "unit"])
    # a unit's ratings by all coders go to one other unit
    pairs = pd.DataFrame({"variable": before["variable"], "old": before["unit"], "new": after["unit"]})
    assert (pairs.groupby(["variable", "old"])["new"].nunique() == 1).all()
    # judgements stay with the ratings that they reconcile
    new = pairs.drop_duplicates(["variable", "old"]).set_index(["variable", "old"])["new"]
    judged, judged_after = dataset["reconciliation"], moved["reconciliation"]
    expected = [new[pair] for pair in zip(judged["variable"], judged["unit"], strict=True)]
    assert list(judged_after["unit"]) == expected
    # what was derived without ratings is kept, what was derived from them is not
    assert moved.once("made up", lambda: None) is sentences
    assert moved.once("rated", lambda: None) is not rated


def test_indices_are_computed_anew_in_every_draw(dataset: Dataset, baseline: Coding):
    few = baseline.model_copy(update={"argument": baseline.argument.model_copy(update={"placebo_draws": 12})})
    indices = indices_table(dataset, few)
    made = Grounds(dataset, few, indices, placement_table(dataset, few, indices), trade=pd.DataFrame())
    table = table_of(made).set_index("claim")
    assert list(table.reset_index().columns) == COLUMNS
    # the level of expectation in one period, and the placement that rests on it
    assert (table.loc[["c288", "c287"], "draws"] == 12).all()
    assert 0 < table.loc["c288", "share"] < 1
    # the order of two dates
    assert table.loc["c044", "by_chance"] == "unrated"
    # legal instruments are not rated, so that shuffling leaves the order of two codifications
    assert table.loc["c301", "by_chance"] == "unrated"


def test_the_reading_names_the_claims_that_hold_by_chance():
    table = table_of(world(99))
    told = reading.placebo_reading(table)
    assert told.startswith("3 of 4 tests of the account read ratings. 2 of these hold; in 99 shuffles")
    assert told.endswith("1 of the 2 hold by chance as well: c2.")
    claims = pd.DataFrame({"id": ["c2", "c3"], "claim": ["norms are precise", "one norm is"]})
    assert list(reading.by_chance(table, claims)["label"]) == ["norms are precise"]
    assert list(reading.with_placebo(claims, table)["chance"]) == ["holds by chance as well", ""]


def test_ratings_in_the_made_up_world_are_those_of_the_hand_calculation():
    precision = RATINGS[(RATINGS["variable"] == "precision") & (RATINGS["coder"] == "coder-1")]
    assert sorted(precision["value"]) == ["0", "2", "3"]

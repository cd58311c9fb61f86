"""Ranks in populations and as published."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deadletter.alignment import published_ranks, rank, rank_among, readings
from deadletter.errors import InputError


def test_a_rank_by_hand():
    found = rank(2, [0, 1, 1, 2, 2, 3, 5, 9])
    assert (found.n, found.below, found.at_or_below, found.percentile) == (8, 3 / 8, 5 / 8, 4 / 8)
    # steps at 0.8, 4 and 7.2 of eight: the first value, between the fourth and fifth, the last
    assert (found.p10, found.p50, found.p90) == (0, 2, 9)


def test_values_with_counts_are_the_same_as_the_values():
    counted = pd.DataFrame({"value": ["0", "1", "2", "3"], "count": ["1", "2", "0", "3"]})
    plain = rank(1, [0, 1, 1, 3, 3, 3])
    assert rank(1, counted) == plain
    assert rank(1, {0: 1, 1: 2, 2: 0, 3: 3}) == plain
    assert rank(1, np.array([3, 0, 1, 3, 1, 3])) == plain


def test_the_form_of_alliances_as_published():
    # shares below and at or below of the facts on security: 0.84–1.00, 0.72–1.00, 0.51–1.00
    found = rank(2, {0: 148, 1: 520, 2: 130})
    assert (found.n, round(found.below, 2), found.at_or_below) == (798, 0.84, 1.0)


@settings(max_examples=60)
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=30), st.integers(-4, 4))
def test_a_rank_and_its_mirror(values, value):
    one, mirror = rank(value, values), rank(-value, [-x for x in values])
    assert one.percentile == pytest.approx(1 - mirror.percentile)
    assert one.below == pytest.approx(1 - mirror.at_or_below)
    assert one.below <= one.percentile <= one.at_or_below
    assert one.p50 == np.median(values)
    assert one.p10 == -mirror.p90


def test_readings_take_the_least_and_the_most_favourable_group():
    ranks = rank_among(2, {"all": [0, 1, 2, 2], "pacts": [2, 2, 2, 3], "treaties": [0, 0, 1, 3]})
    assert ranks["below"].tolist() == [0.5, 0, 0.75]
    assert ranks["at_or_below"].tolist() == [1, 0.75, 0.75]
    found = readings(ranks).iloc[0].to_dict()
    assert ranks["percentile"].tolist() == [0.75, 0.375, 0.75]
    assert found == {"strict": 0.375, "strict_group": "pacts", "lax": 0.75, "lax_group": "all", "groups": 3}


def focal(**columns):
    rows = {"group": ["all", "pacts"], "value": ["2", "2"], "n": ["833", "291"]}
    return pd.DataFrame(rows | {"percentile": ["0.919", "0.6"], "share_at_or_above": ["0.162", "0.5"]} | columns)


def test_published_shares_give_back_the_ties():
    found = published_ranks(focal(measure=["form", "form"], p50=["1", ""]))
    assert list(found.columns)[:2] == ["group", "measure"]
    assert found["below"].tolist() == pytest.approx([0.838, 0.5])
    assert found["at_or_below"].tolist() == pytest.approx([1.0, 0.7])
    assert found["p50"].tolist() == pytest.approx([1, np.nan], nan_ok=True)
    assert found["p10"].isna().all()
    told = readings(found, ["measure"]).iloc[0].to_dict()
    assert told == pytest.approx(told | {"measure": "form", "strict": 0.6, "lax": 0.919})
    assert (told["strict_group"], told["lax_group"]) == ("pacts", "all")


def test_where_ties_are_unknown_the_percentile_is_known():
    found = published_ranks(focal().drop(columns="share_at_or_above"))
    assert found[["below", "at_or_below"]].isna().all(axis=None)
    assert readings(found)[["strict", "lax"]].iloc[0].tolist() == pytest.approx([0.6, 0.919])


def test_a_raw_and_a_published_rank_agree():
    values = [0] * 700 + [1] * 200 + [2] * 100
    raw = rank(1, values)
    table = focal(percentile=[f"{raw.percentile:.3f}"] * 2, share_at_or_above=[f"{1 - raw.below:.3f}"] * 2)
    assert published_ranks(table)["at_or_below"].iloc[0] == pytest.approx(raw.at_or_below, abs=1e-9)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"percentile": ["0.5", "1.2"]}, "focal row 3 column percentile: a share is outside 0 to 1"),
        ({"percentile": ["-0.1", "0.6"]}, "focal row 2 column percentile"),
        ({"percentile": ["50 %", "0.6"]}, "a share is outside 0 to 1; found: '50 %'"),
        ({"percentile": ["", "0.6"]}, "focal row 2: a percentile is missing"),
        ({"share_at_or_above": ["16.2", "0.5"]}, "focal row 2 column share_at_or_above"),
        ({"share_at_or_above": ["0.162", "0.1"]}, "focal row 3: percentile and share at or above contradict"),
        ({"share_at_or_above": ["0.3", "0.5"]}, "focal row 2: percentile and share at or above contradict"),
    ],
)
def test_published_shares_that_cannot_be(columns, told):
    with pytest.raises(InputError, match=told):
        published_ranks(focal(**columns))


@pytest.mark.parametrize(
    ("value", "population", "told"),
    [
        (float("nan"), [1, 2], "the value to be ranked is missing"),
        (1, [], "the population is empty"),
        (1, {1: 0}, "the population is empty"),
        (1, [1, float("nan")], "missing or infinite"),
        (1, {1: 1.5}, "not a whole number"),
        (1, {1: -1, 2: 4}, "not a whole number"),
        (1, pd.DataFrame({"value": [1]}), "the column count is missing"),
    ],
)
def test_populations_that_cannot_be(value, population, told):
    with pytest.raises(InputError, match=told):
        rank(value, population)


def test_a_focal_table_without_its_columns():
    with pytest.raises(InputError, match="the column n is missing"):
        published_ranks(focal().drop(columns="n"))

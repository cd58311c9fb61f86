"""Ranks of bodies in outside populations, as published."""

import numpy as np
import pytest

from deadletter.alignment.declared import PLACES, ranks_of


def rows(dataset, **columns):
    """The first two published ranks, of the same thing in two groups, with other cells."""
    same = {name: "x" for name in ("regime", "body", "dataset", "concept", "measure", "as_of")}
    given = {"group": ["all", "pacts"], "value": [2.0, 2.0], "n": [833, 291], "percentile": [0.919, 0.6]}
    changed = dataset["ranks"].head(2).assign(**same | given | {"share_at_or_above": [0.162, 0.5]} | columns)
    return ranks_of(dataset.with_tables(ranks=changed))


def test_published_shares_give_back_the_ties(dataset):
    found = rows(dataset, p50=[1.0, np.nan])
    assert found["below"].tolist() == pytest.approx([0.838, 0.5])
    assert found["at_or_below"].tolist() == pytest.approx([1.0, 0.7])
    assert found["p50"].tolist() == pytest.approx([1, np.nan], nan_ok=True)
    assert list(found.columns)[-len(PLACES) - 4 :] == [*PLACES, "strict", "strict_group", "lax", "lax_group"]
    told = found.iloc[0]
    assert told[["strict", "strict_group", "lax", "lax_group"]].tolist() == [0.6, "pacts", 0.919, "all"]


def test_where_ties_are_unknown_the_percentile_is_known(dataset):
    found = rows(dataset, share_at_or_above=np.nan)
    assert found[["below", "at_or_below"]].isna().all(axis=None)
    assert found[["strict", "lax"]].drop_duplicates().to_numpy().tolist() == [[0.6, 0.919]]


def test_the_first_group_wins_a_tie(dataset):
    found = rows(dataset, percentile=0.6)
    assert found[["strict_group", "lax_group"]].drop_duplicates().to_numpy().tolist() == [["all", "all"]]


def test_ranks_follow_from_a_population(dataset):
    """As the published ones do: the share with less, and with no more, of values of which many are equal."""
    values, value = np.repeat([0, 1, 2], [700, 200, 100]), 1
    below, at_or_below = (values < value).mean(), (values <= value).mean()
    found = rows(dataset, percentile=(below + at_or_below) / 2, share_at_or_above=1 - below)
    assert found["at_or_below"].tolist() == pytest.approx([at_or_below] * 2)

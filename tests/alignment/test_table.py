"""The long table: the same values as single functions, and its intervals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from deadletter.alignment import alignment_table, similarity
from deadletter.alignment.votes import percentile_interval, quantiles
from deadletter.errors import InputError
from deadletter.indices.intervals import wilson_intervals
from tests.alignment.panels import STATES, agreement, by_state, cohesion, in_year, joint_table, panel

RNG = np.random.default_rng(2)
ROWS = [
    row for year in (2000, 2001) for row in by_state(year, **{s: "".join(RNG.choice([*"YYAN."], 40)) for s in STATES})
]
GROUPS = {"pact": ["RUS", "ARM", "BLR"]}


def test_the_values_are_those_of_agreement_and_cohesion():
    votes = panel(ROWS)
    table = alignment_table(votes, "RUS", groups=GROUPS, vote_sets=["whole", "opposed"], rival="USA", draws=20)
    assert list(table.columns) == ["vote_set", "unit", "anchor", "year", "measure", "value", "low", "high", "n"]
    assert table.equals(table.sort_values(["vote_set", "unit", "year", "measure"], ignore_index=True))
    value = table.set_index(["vote_set", "unit", "year", "measure"])["value"]
    for name in ("whole", "opposed"):
        for row in agreement(votes, "RUS", vote_set=name, rival="USA").to_dict("records"):
            for measure in ("agreement", "s", "pi", "kappa"):
                told = value[name, row["state"], row["year"], measure]
                assert told == pytest.approx(row[measure], nan_ok=True)
        for row in cohesion(votes, GROUPS, name, anchor="RUS", rival="USA").to_dict("records"):
            for measure in ("unanimous", "agreement_index", "pairwise"):
                assert value[name, "pact", row["year"], measure] == row[measure]
    mean = (value["whole", "ARM", 2000, "agreement"] + value["whole", "BLR", 2000, "agreement"]) / 2
    assert value["whole", "pact", 2000, "agreement"] == pytest.approx(mean)


def test_intervals_are_wilsons_for_shares_and_resampled_for_the_rest():
    votes = panel(ROWS)
    table = alignment_table(votes, "RUS", ["ARM"], GROUPS, draws=2000).set_index(["unit", "year", "measure"])
    for unit, measure in (("ARM", "agreement"), ("pact", "unanimous")):
        row = table.loc[(unit, 2000, measure)]
        exact = binomtest(round(row["value"] * row["n"]), int(row["n"])).proportion_ci(0.95, method="wilson")
        assert (row["low"], row["high"]) == pytest.approx((exact.low, exact.high))
    # S is a mean over roll-calls: its interval has the width of the textbook
    mine, theirs = votes.matrix[:40, 0], votes.matrix[:40, 1]
    both = (mine >= 0) & (theirs >= 0)
    score = 1 - np.abs(mine - theirs)[both]
    row = table.loc[("ARM", 2000, "s")]
    assert row["n"] == both.sum()
    assert row["high"] - row["low"] == pytest.approx(2 * 1.96 * score.std() / np.sqrt(both.sum()), rel=0.15)


def test_a_resampled_interval_by_brute_force():
    votes = panel(ROWS)
    row = alignment_table(votes, "RUS", ["ARM"], years=(2000, 2000), draws=500).set_index("measure").loc["kappa"]
    rng = np.random.default_rng(9)
    again = rng.integers(40, size=(500, 40))
    drawn = [similarity(joint_table(votes.matrix[rows, 0], votes.matrix[rows, 1])).kappa for rows in again]
    assert (row["low"], row["high"]) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.06)


def test_the_table_is_the_same_again_and_does_not_mind_what_else_is_asked():
    votes = panel(ROWS)
    one = alignment_table(votes, "RUS", ["ARM"], draws=50)
    more = alignment_table(votes, "RUS", groups=GROUPS, vote_sets=["all", "whole"], draws=50)
    again = more[(more["unit"] == "ARM") & (more["vote_set"] == "whole")].reset_index(drop=True)
    pd.testing.assert_frame_equal(one, again)
    other = alignment_table(votes, "RUS", ["ARM"], draws=50, seed=1)
    assert (other["value"] == one["value"]).all()
    assert (other["low"] != one["low"]).any()
    pd.testing.assert_frame_equal(one, alignment_table(votes, "RUS", ["ARM"], vote_sets="whole", draws=50))


def test_each_year_has_draws_of_its_own():
    twice = panel([*ROWS[:40], *((day.replace("2000", "2001"), text) for day, text in ROWS[:40])])
    table = alignment_table(twice, "RUS", ["ARM"], draws=50)
    first, second = (table[table["year"] == year].reset_index(drop=True) for year in (2000, 2001))
    assert first["value"].equals(second["value"])
    assert not first["low"].equals(second["low"])


def test_nothing_is_told_of_who_never_voted():
    votes = panel(in_year(["YY..Y", "NY..N"]))
    table = alignment_table(votes, "RUS", groups={"idle": ["BLR", "KAZ"]}, draws=10)
    assert set(table["unit"]) == {"ARM", "USA"}
    # the USA always votes with Russia, on both options; Armenia always for
    assert table.set_index(["unit", "measure"])["value"]["USA", "kappa"] == 1
    assert (table["n"] == 2).all()
    with pytest.raises(InputError, match="the coverage"):
        alignment_table(votes, "RUS", coverage=95)


@settings(max_examples=40)
@given(st.lists(st.lists(st.one_of(st.floats(-5, 5), st.just(np.nan)), min_size=3, max_size=3), min_size=1, max_size=9))
def test_quantiles_as_numpy_leaving_out_what_is_unknown(rows):
    values = np.array(rows)
    for column in range(3):
        known = values[~np.isnan(values[:, column]), column]
        for found, q in zip(quantiles(values, (0.1, 0.5)), (0.1, 0.5), strict=True):
            expected = np.quantile(known, q) if known.size else np.nan
            assert found[column] == pytest.approx(expected, nan_ok=True)


def test_an_interval_without_a_known_draw_is_unknown():
    low, high = percentile_interval(np.full((4, 1), np.nan), 0.9)
    assert np.isnan([low, high]).all()
    assert np.isnan(wilson_intervals(0, 0, 0.95)).all()

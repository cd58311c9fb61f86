"""Agreement, S, pi and kappa: by hand, published values, other programs, properties."""

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from deadletter.alignment import read_votes, similarity
from deadletter.errors import InputError
from tests.alignment.panels import STATES, agreement, by_state, frames, in_year, joint_table, panel, random_panels

#        equal: YY, NN; one step apart: YA, AY; two: YN; one absent: .Y, Y.
PAIR = by_state(RUS="YYNAY.Y", ARM="YANYNY.", BLR="YYNAY.Y", KAZ=".......", USA="NNYAN.N")
MEASURES = ["agreement", "s", "pi", "kappa"]
#            sum of distances, expected by the margins (N1 A1 Y3 and N2 A1 Y2) and by their mean (N3 A2 Y5 of 10)
BY_HAND = {
    "linear": {"s": 1 - 2 * 4 / (5 * 2), "pi": 1 - (4 / 5) / (92 / 100), "kappa": 1 - (4 / 5) / (24 / 25)},
    "squared": {"s": 1 - 2 * 6 / (5 * 4), "pi": 1 - (6 / 5) / (152 / 100), "kappa": 1 - (6 / 5) / (40 / 25)},
    "nominal": {"s": 1 - 2 * 3 / 5, "pi": (0.4 - 0.38) / 0.62, "kappa": (0.4 - 0.36) / 0.64},
}


@pytest.mark.parametrize("distance", BY_HAND)
def test_a_pair_by_hand(distance):
    found = agreement(panel(PAIR), "RUS", ["ARM"], distance=distance).iloc[0]
    assert (found["both_voted"], found["agreement"]) == (5, 0.4)
    assert found[["s", "pi", "kappa"]].to_dict() == pytest.approx(BY_HAND[distance])


def test_s_is_linear_in_the_score_of_half_points():
    # two equal and two half points of five
    assert similarity(joint_table([2, 2, 0, 1, 2], [2, 1, 0, 2, 0])).s == pytest.approx(2 * (2 + 2 / 2) / 5 - 1)


def test_identical_opposite_and_silent_states():
    table = agreement(panel(PAIR), "RUS").set_index("state")
    assert table.loc["BLR", MEASURES].tolist() == [1, 1, 1, 1]
    # the USA: opposite on five, equal on one abstention
    assert table.loc["USA", "agreement"] == pytest.approx(1 / 6)
    assert table.loc["USA", "s"] == pytest.approx(1 - 2 * 10 / 12)
    assert table.loc["KAZ", "both_voted"] == 0
    assert table.loc["KAZ", MEASURES].isna().all()


def test_no_votes_have_no_measure():
    found = similarity(np.zeros((3, 3)))
    assert all(np.isnan([found.s, found.pi, found.kappa]))


def test_chance_corrected_measures_are_undefined_where_all_vote_one_way():
    table = agreement(panel(in_year(["YYYYY"] * 4)), "RUS").set_index("state")
    assert (table[["agreement", "s"]] == 1).all(axis=None)
    assert table[["pi", "kappa"]].isna().all(axis=None)


def test_kappa_at_the_level_of_chance_is_zero_to_the_last_bit():
    assert similarity(joint_table([1] * 7, [0, 1, 2, 2, 2, 2, 1])).kappa == 0.0


# Signorino & Ritter (1999), table 6: alliances of Germany and Russia with twenty states in 1914, on a scale from 0 to 3
GERMANY = [3, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0]
RUSSIA = [0, 3, 1, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]


def test_published_values_of_1914():
    """S as Signorino & Ritter print it; kappa and pi as the manual of R's fpsim 0.2 prints them."""
    table = joint_table(GERMANY, RUSSIA, options=4)
    assert similarity(table).s == pytest.approx(0.4)
    assert similarity(table, "squared").kappa == pytest.approx(-0.07758621, abs=5e-9)
    assert similarity(table, "nominal").pi == pytest.approx(-0.04477612, abs=5e-9)


VOTES = st.lists(st.tuples(st.sampled_from([-1, 0, 1, 2]), st.sampled_from([-1, 0, 1, 2])), min_size=1, max_size=40)


@settings(max_examples=60)
@given(VOTES)
def test_kappa_as_statsmodels_and_pi_as_krippendorff(pairs):
    x, y = np.array(pairs).T
    table = joint_table(x, y)
    if len(np.flatnonzero(table.sum(axis=0) + table.sum(axis=1))) < 2:
        return
    for distance, weights, level in (
        ("linear", "linear", None),
        ("squared", "fc", "interval"),
        ("nominal", None, "nominal"),
    ):
        found = similarity(table, distance)
        if not np.isnan(found.kappa):
            assert found.kappa == pytest.approx(cohens_kappa(table, wt=weights, return_results=False), abs=1e-12)
        if level:
            both = (x >= 0) & (y >= 0)
            alpha = krippendorff.alpha([x[both].tolist(), y[both].tolist()], level_of_measurement=level)
            # alpha draws its pairs without replacement from the 2n votes, pi with it
            n = 2 * table.sum()
            assert 1 - found.pi == pytest.approx((1 - alpha) * n / (n - 1), abs=1e-9)


@settings(max_examples=60)
@given(VOTES)
def test_measures_of_a_pair(pairs):
    x, y = np.array(pairs).T
    found, turned = similarity(joint_table(x, y)), similarity(joint_table(y, x))
    for measure in ("s", "pi", "kappa"):
        one, other = getattr(found, measure), getattr(turned, measure)
        assert one == pytest.approx(other, nan_ok=True)
        assert np.isnan(one) or one <= 1
    both = (x >= 0) & (y >= 0)
    if both.any():
        s = found.s
        assert -1 <= s <= 1
        assert (s == 1) == (x[both] == y[both]).all()
        step = np.abs(x - y)[both]
        assert s == pytest.approx(2 * np.mean(np.where(step == 0, 1, np.where(step == 1, 0.5, 0))) - 1)


@settings(max_examples=30)
@given(random_panels(), st.permutations(range(len(STATES))), st.randoms(use_true_random=False))
def test_order_does_not_matter(rows, order, random):
    plain = agreement(panel(rows), "RUS", vote_set="all")
    shuffled = [(date, "".join(text[at] for at in order)) for date, text in rows]
    random.shuffle(shuffled)
    other = agreement(panel(shuffled, [STATES[at] for at in order]), "RUS", list(plain["state"].unique()), "all")
    pd.testing.assert_frame_equal(plain, other)


@settings(max_examples=30)
@given(random_panels())
def test_agreement_is_symmetric(rows):
    votes = panel(rows)
    one, other = agreement(votes, "RUS", ["ARM"]), agreement(votes, "ARM", ["RUS"])
    pd.testing.assert_frame_equal(one.drop(columns="state"), other.drop(columns="state"))


@settings(max_examples=30)
@given(random_panels())
def test_an_absent_state_changes_nothing(rows):
    wider = panel([(date, text + ".") for date, text in rows], [*STATES, "TWN"])
    one, other = agreement(panel(rows), "RUS"), agreement(wider, "RUS")
    pd.testing.assert_frame_equal(one, other[other["state"] != "TWN"].reset_index(drop=True))


def test_years_are_apart():
    votes = panel([*in_year(["YYYYY"], 2001), *in_year(["YNYYY", "YYYYY"], 2000)])
    table = agreement(votes, "RUS", ["BLR", "ARM"])
    assert table["state"].tolist() == ["BLR", "BLR", "ARM", "ARM"]
    assert table["year"].tolist() == [2000, 2001] * 2
    assert table["agreement"].tolist() == [1, 1, 0.5, 1]
    assert agreement(votes, "RUS", years=(2005, 2006)).empty
    assert agreement(votes, "RUS", []).empty


def test_states_that_cannot_be():
    votes = panel(PAIR)
    for states, told in (
        (["ARN"], "did you mean: ARM"),
        (["RUS"], "the anchor itself"),
        (["ARM", "ARM"], "named twice"),
    ):
        with pytest.raises(InputError, match=told):
            agreement(votes, "RUS", states)
    with pytest.raises(InputError, match="no such state"):
        agreement(votes, "SUN")
    with pytest.raises(InputError, match="unknown distance"):
        agreement(votes, "RUS", distance="cubic")


def test_frames_with_numbers_are_read_too():
    tables = frames(PAIR)
    tables["rollcalls"] = tables["rollcalls"].assign(id=range(7))
    tables["voters"] = tables["voters"].assign(position=range(1, 6))
    assert agreement(read_votes(tables), "RUS", ["ARM"])["agreement"].tolist() == [0.4]


@pytest.mark.parametrize("table", [[[1, -1], [0, 2]], [[1, 2]], [[1, np.nan], [0, 1]], [1, 2], np.eye(2) * 1e200])
def test_what_is_not_a_joint_table_is_refused(table):
    with pytest.raises(InputError, match="is not a joint table of counts"):
        similarity(table)

"""Cohesion by hand, membership by date, random groups."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deadletter.alignment import random_groups
from deadletter.alignment.placebo import subsets
from deadletter.errors import InputError
from tests.alignment.panels import STATES, by_state, cohesion, in_year, panel, random_panels

MEASURES = ["unanimous", "agreement_index", "pairwise"]


def test_cohesion_by_hand():
    # all; three against one; one each; two of five, which do not count
    votes = panel(in_year(["YYYYY", "YYYN.", "YAN..", "YY..."]))
    found = cohesion(votes, {"five": STATES}).iloc[0]
    assert found["rollcalls"] == 3
    assert found["unanimous"] == pytest.approx(1 / 3)
    assert found["agreement_index"] == pytest.approx((1 + (3 - 1 / 2) / 4 + 0) / 3)
    assert found["pairwise"] == pytest.approx((10 + 3 + 0) / (10 + 6 + 3))


def test_half_of_a_group_is_enough_and_a_lone_vote_is_not():
    votes = panel(in_year(["YY...", "Y....", "YN..."]))
    four = cohesion(votes, {"four": ["RUS", "ARM", "BLR", "KAZ"]}).iloc[0]
    assert four[["rollcalls", "unanimous"]].tolist() == [2, 0.5]
    two = cohesion(votes, {"two": ["RUS", "ARM"]}).iloc[0]
    assert two[["rollcalls", "unanimous", "agreement_index", "pairwise"]].tolist() == [2, 0.5, 0.625, 0.5]
    one = cohesion(votes, {"one": ["RUS"]}).iloc[0]
    assert one["rollcalls"] == 0
    assert one[MEASURES].isna().all()


@settings(max_examples=40)
@given(random_panels(), st.permutations(range(len(STATES))))
def test_order_and_absent_states_do_not_matter(rows, order):
    group = {"four": ["RUS", "ARM", "BLR", "USA"]}
    plain = cohesion(panel(rows), group)
    moved = [(day, "".join(text[at] for at in order) + ".") for day, text in reversed(rows)]
    pd.testing.assert_frame_equal(plain, cohesion(panel(moved, [*(STATES[at] for at in order), "TWN"]), group))
    told = plain[MEASURES].to_numpy()
    assert ((np.isnan(told)) | ((told >= 0) & (told <= 1))).all()
    # an undivided year is undivided by every measure
    assert ((plain["unanimous"] == 1) == (plain["pairwise"] == 1)).all()


DATED = panel([("2000-03-01", "YYN.."), ("2000-07-01", "YYN.."), ("2001-03-01", "YYN.."), ("2002-01-01", "YYN..")])


def spells(*rows):
    return pd.DataFrame(rows, columns=["group", "state", "from", "to"])


def test_members_are_those_of_the_day():
    # Belarus from July on: united before, then two against one
    pact = spells(("pact", "RUS", "1999", ""), ("pact", "ARM", "1999", ""), ("pact", "BLR", "2000-07", "2001-03-01"))
    found = cohesion(DATED, pact).set_index("year")
    assert found["unanimous"].to_dict() == {2000: 0.5, 2001: 0, 2002: 1}
    assert found.loc[2000, "pairwise"] == pytest.approx((1 + 1) / (1 + 3))


@pytest.mark.parametrize(
    ("first", "last", "together"),
    [
        # the two belong on the roll-calls of 1 July 2000 and 1 March 2001, and not on that of 1 March 2000
        ("2000-07-01", "2001-03-01", [1, 1, 0]),
        ("2000-07-02", "2001-02-28", [0, 0, 0]),
        ("2000-07", "2001", [1, 1, 0]),
        ("", "2000-03", [1, 0, 0]),
        ("2002", "", [0, 0, 1]),
    ],
)
def test_bounds_are_included_at_their_precision(first, last, together):
    pact = spells(("pact", "RUS", "", ""), ("pact", "ARM", first, last))
    # a member alone does not count
    assert cohesion(DATED, pact)["rollcalls"].tolist() == together


def test_several_spells_of_a_state_add_up():
    pact = spells(("pact", "RUS", "", ""), ("pact", "ARM", "2000-01", "2000-03"), ("pact", "ARM", "2002", ""))
    assert cohesion(DATED, pact)["rollcalls"].tolist() == [1, 0, 1]


def test_years_of_spells_may_be_numbers_beside_gaps():
    given = spells(("pact", "RUS", 1999, None), ("pact", "ARM", 2000, None), ("pact", "BLR", 2000, 2001))
    assert given["to"].dtype == float
    text = given.astype({"from": str}).assign(to=["", "", "2001"])
    pd.testing.assert_frame_equal(cohesion(DATED, given), cohesion(DATED, text))


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        ({"pact": ["RUS", "ARN"]}, "did you mean: ARM"),
        ({"pact": ["RUS", "RUS"]}, "group pact: a state is named twice"),
        ({"BLR": ["RUS"]}, "a group has the code of a state"),
        (spells(("pact", "RUS", "2001-13", "")), r"groups row 2 \(pact\) column from: is not a date"),
        (
            spells(("pact", "RUS", "", ""), ("pact", "ARM", "", "soon")),
            r"groups row 3 \(pact\) column to: is not a date",
        ),
        (spells(("pact", "RUS", "2001", "2000-12")), "a spell ends before it begins"),
        (spells((None, "RUS", "", "")), r"groups row 2 \(\): a spell has no group"),
        (spells(("pact", "RUZ", "", "")), r"groups row 2 \(pact\): no such state.*did you mean: RUS"),
        (spells().drop(columns="to"), "the column to is missing"),
    ],
)
def test_groups_that_cannot_be(groups, told):
    with pytest.raises(InputError, match=told):
        cohesion(DATED, groups)


EIGHT = ("RUS", "ARM", "BLR", "KAZ", "USA", "FRA", "GBR", "CHN")
#            all eight vote on more than half, but for China: five of ten
WORLD = by_state(
    RUS="YYNNAYNYNY",
    ARM="YYNNAYNYYY",
    BLR="YYNNAYNNNY",
    KAZ="YYNA.YYYNY",
    USA="NNYYANYNYN",
    FRA="YNYY.NYAYN",
    GBR="YNYYANYAYN",
    CHN="YYNNA.....",
)


def test_random_subsets_are_all_equally_likely():
    drawn = np.sort(subsets(np.random.default_rng(1), 6, 3, 20_000), axis=1)
    found, counts = np.unique(drawn, axis=0, return_counts=True)
    assert found.tolist() == [list(chosen) for chosen in combinations(range(6), 3)]
    # 1000 each, standard deviation 31
    assert np.abs(counts - 1000).max() < 4 * 31
    assert subsets(np.random.default_rng(1), 2, 3, 5).shape == (0, 3)


def test_random_groups_as_all_groups():
    votes = panel(WORLD, EIGHT)
    table = random_groups(votes, {"pact": ["RUS", "ARM", "BLR"]}, anchor="RUS", draws=4000, seed=3)
    table = table.set_index("measure")
    eligible = [state for state in EIGHT if state != "CHN"]
    assert table["eligible"].to_dict() == dict.fromkeys(MEASURES, 7) | {"agreement": 6}
    assert table["size"].to_dict() == dict.fromkeys(MEASURES, 3) | {"agreement": 2}
    every = pd.concat([cohesion(votes, {"some": list(states)}) for states in combinations(eligible, 3)])
    for measure in MEASURES:
        value = table.loc[measure, "value"]
        assert value == cohesion(votes, {"pact": ["RUS", "ARM", "BLR"]})[measure].iloc[0]
        assert table.loc[measure, "below"] == pytest.approx((every[measure] < value - 1e-12).mean(), abs=0.03)
        assert table.loc[measure, "at_or_below"] == pytest.approx((every[measure] <= value + 1e-12).mean(), abs=0.03)
        assert table.loc[measure, "median"] == pytest.approx(every[measure].median(), abs=0.02)
    # Armenia equals Russia on nine of ten, Belarus on nine of ten; no pair of others does better
    assert table.loc["agreement", ["value", "at_or_below"]].tolist() == [pytest.approx(0.9), 1]
    assert table.loc["agreement", "below"] == pytest.approx(14 / 15, abs=0.03)
    assert (table["percentile"] == (table["below"] + table["at_or_below"]) / 2).all()


def test_random_groups_are_the_same_again_and_do_not_mind_what_else_is_asked():
    votes = panel([*WORLD, *((day.replace("2000", "2001"), text) for day, text in WORLD)], EIGHT)
    pact = {"pact": ["RUS", "ARM", "BLR"]}
    one = random_groups(votes, pact, anchor="RUS", draws=50)
    pd.testing.assert_frame_equal(one, random_groups(votes, pact, anchor="RUS", draws=50))
    assert not one.equals(random_groups(votes, pact, anchor="RUS", draws=50, seed=1))
    # two years of the same votes, and yet other draws
    first, second = (one[one["year"] == year].reset_index(drop=True) for year in (2000, 2001))
    assert first["value"].equals(second["value"])
    assert not first["below"].equals(second["below"])
    more = random_groups(votes, pact | {"west": ["USA", "GBR"]}, ["all", "whole"], anchor="RUS", draws=50)
    again = more[(more["group"] == "pact") & (more["vote_set"] == "whole")].reset_index(drop=True)
    pd.testing.assert_frame_equal(one, again)
    turned = panel([(day, text[::-1] + ".") for day, text in zip(*_columns(votes), strict=True)], [*EIGHT[::-1], "TWN"])
    pd.testing.assert_frame_equal(one, random_groups(turned, pact, anchor="RUS", draws=50))


def _columns(votes):
    days = votes.rollcalls["date"].dt.strftime("%Y-%m-%d")
    return list(days), ["".join("NAY."[vote] for vote in row) for row in votes.matrix]


def test_where_all_are_alike_a_group_is_in_the_middle():
    table = random_groups(panel(in_year(["YYYYY"] * 3)), {"pact": ["RUS", "ARM"]}, anchor="RUS", draws=20)
    assert (table[["value", "p10", "median", "p90", "at_or_below"]] == 1).all(axis=None)
    assert (table["below"] == 0).all()
    assert (table["percentile"] == 0.5).all()


def test_too_few_states_give_no_draws():
    table = random_groups(panel(in_year(["YYY..", "YYN.."])), {"pact": ["RUS", "ARM", "BLR", "USA"]}, draws=20)
    assert (table["draws"] == 0).all()
    assert table[["median", "percentile"]].isna().all(axis=None)
    with pytest.raises(InputError, match="at least one draw"):
        random_groups(DATED, {"pact": ["RUS", "ARM"]}, draws=0)


def test_a_group_is_compared_in_the_years_it_had():
    pact = spells(("pact", "RUS", "2001", ""), ("pact", "ARM", "2001", ""))
    assert random_groups(DATED, pact, draws=20)["year"].unique().tolist() == [2001, 2002]
    assert random_groups(DATED, {"none": []}, draws=20).empty

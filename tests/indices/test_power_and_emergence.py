"""Voting power and survival against published tables."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction as F  # noqa: N817

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadletter import indices
from deadletter.errors import InputError
from deadletter.indices.emergence import membership_spells, plan_durations, survival, to_day
from deadletter.indices.power import banzhaf, shapley_shubik, voting_power
from tests.indices.made_up import coding, units, world


def test_the_six_of_1958():
    # Council of the European Communities, 12 of 17 votes (Felsenthal & Machover 1998, tables 5.3.2 and 5.3.3):
    # Shapley–Shubik 14/60 for 4 votes, 9/60 for 2, 0 for Luxembourg; Banzhaf 10/42, 6/42 and 0
    votes, quota = [4, 4, 4, 2, 2, 1], F(12, 17)
    assert shapley_shubik(votes, quota) == [F(14, 60)] * 3 + [F(9, 60)] * 2 + [F(0)]
    assert banzhaf(votes, quota) == [F(10, 42)] * 3 + [F(6, 42)] * 2 + [F(0)]


def test_the_security_council():
    # five permanent members of 7 votes, ten others of 1, quota 39 (Shapley–Shubik of a permanent member 421/2145)
    power = shapley_shubik([7] * 5 + [1] * 10, F(39, 45))
    assert power[0] == F(421, 2145)
    assert power[-1] == F(4, 2145)


def test_weights_of_40_20_20_10_10_with_two_thirds():
    # by hand: 67 of 100 are needed, so that the largest has a veto and needs 27 more of 60: of the 16 coalitions of the
    # others, those with 30 or more win: one 20 and a 10 (4), both 20s (1), 20+10+10 (2), 20+20+10 (2), all (1)
    votes, quota = [40, 20, 20, 10, 10], F(2, 3)
    swings = [10, 4, 4, 2, 2]
    assert banzhaf(votes, quota) == [F(s, sum(swings)) for s in swings]
    assert shapley_shubik(votes, quota) == [F(17, 30), F(3, 20), F(3, 20), F(1, 15), F(1, 15)]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6), st.fractions(F(1, 100), F(1)))
def test_power_sums_to_one_and_grows_with_votes(votes: list[int], quota: F):
    for index in (shapley_shubik, banzhaf):
        power = index(votes, quota)
        assert sum(power) == 1
        ordered = [p for _, p in sorted(zip(votes, power, strict=True))]
        assert ordered == sorted(ordered)


def test_unanimity_makes_all_equal():
    assert shapley_shubik([40, 1, 1], F(1)) == [F(1, 3)] * 3


@pytest.mark.parametrize(("votes", "quota"), [([], F(1, 2)), ([0, 1], F(1, 2)), ([1], F(3, 2)), ([1] * 21, F(1, 2))])
def test_what_is_no_voting_body(votes: list[int], quota: F):
    with pytest.raises(InputError, match="is not a voting body"):
        shapley_shubik(votes, quota)


def test_a_quota_as_a_decimal_number_is_that_number():
    assert 0.55 * 100 > 55
    assert shapley_shubik([55, 45], 0.55) == banzhaf([55, 45], 0.55) == [F(1), F(0)]


@given(st.integers(2, 60), st.data())
def test_a_quota_of_so_many_votes_needs_no_vote_more(total: int, data: st.DataObject):
    """12/17 as a float is a little more than 12 of 17, which would take a vote from a coalition that has enough."""
    need = data.draw(st.integers(1, total))
    votes = [need, total - need] if need < total else [total]
    assert indices.banzhaf(votes, need / total) == indices.banzhaf(votes, F(need, total))
    assert indices.shapley_shubik(votes, need / total) == indices.shapley_shubik(votes, F(need, total))


def test_the_six_of_1958_by_a_float():
    votes = [4, 4, 4, 2, 2, 1]
    assert indices.banzhaf(votes, 12 / 17) == banzhaf(votes, F(12, 17))
    assert indices.banzhaf([1, 1], 0.5000001) == [F(1, 2)] * 2  # more than half, as users write it


def test_a_veto_is_told_from_a_large_share():
    rows = units(
        "norm body state votes quota", ["v1|n1|Council|A|40|2/3", "v2|n1|Council|B|30|2/3", "v3|n1|Council|C|30|2/3"]
    )
    table = voting_power(world(votes=rows.astype({"votes": int})), "R").set_index("state")
    assert table["veto"].to_dict() == {"A": True, "B": False, "C": False}
    assert voting_power(world(), "R").empty


def test_kaplan_meier_of_the_leukaemia_trial():
    # 6-MP arm of Freireich et al. (1963), as in Kalbfleisch & Prentice (2002), table 1.1: remission in weeks
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    curve = survival(pd.Series(weeks, dtype=float), pd.Series(relapse, dtype=bool)).set_index("years")
    printed = {6: (0.857, 0.0764), 7: (0.807, 0.0869), 10: (0.753, 0.0963), 13: (0.690, 0.1068)}
    printed |= {16: (0.627, 0.1141), 22: (0.538, 0.1282), 23: (0.448, 0.1346)}
    for week, (share, error) in printed.items():
        assert curve.loc[week, "share"] == pytest.approx(share, abs=5e-4)
        assert curve.loc[week, "se"] == pytest.approx(error, abs=5e-5)
    assert (curve.index[0], curve.index[-1]) == (0, 35)


def test_plans_wait_until_their_regime_ends_or_the_horizon():
    rows = units(
        "announced carried_out carried_out_date outcome_known",
        ["p1|1995|e1|1997|yes", "p2|1995|-|-|yes", "p3|2001|e2|2015|yes"],
    )
    lineage = pd.DataFrame({"focal": ["R"], "regime": ["R"], "from": ["1990"], "to": ["2005"], "order": [1]})
    plans = plan_durations(world(plans=rows, lineage=lineage), coding(as_of="2010-12-31"), "R").set_index("id")
    assert plans["carried_out"].to_dict() == {"p1": True, "p2": False, "p3": False}
    # from the middle of 1995 to those of 1997 and 2005; p3 is carried out after the horizon
    assert plans["years"].to_dict() == pytest.approx({"p1": 2.0, "p2": 10.0, "p3": 4.0}, abs=0.01)


def test_spells_end_by_the_members_own_act_or_not():
    rows = units(
        "state from to entry exit",
        ["m1|A|1990|-|founding|none", "m2|B|1990|1999-04|founding|non_renewal", "m3|C|1990|2002|founding|succession"],
    )
    spells = membership_spells(world(memberships=rows), coding(as_of="2000-12-31"), "R").set_index("id")
    assert spells["left"].to_dict() == {"m1": False, "m2": True, "m3": False}
    assert spells.loc["m3", "end"] == pd.Timestamp("2000-12-31")


@pytest.mark.parametrize("votes", [[math.nan, 1], [1.5, 1, 1], ["a", "b"], {"a": 50, "b": 1}])
@pytest.mark.parametrize("index", [banzhaf, shapley_shubik])
def test_votes_that_are_not_whole_numbers_are_refused(index, votes):
    with pytest.raises(InputError, match="is not a voting body"):
        index(votes, F(1, 2))


def test_days_that_are_all_whole_are_read_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(to_day(pd.Series(["1992-05-15"]))) == [pd.Timestamp("1992-05-15")]
        assert to_day(pd.Series([""])).isna().all()

"""The votes of the General Assembly: known totals, known directions, speed."""

import time
from pathlib import Path

import numpy as np
import pytest

from deadletter.alignment import random_groups, read_votes
from deadletter.alignment.similarity import others_of
from deadletter.alignment.votes import ABSENT, ABSTAIN, NO, YES
from tests.alignment.panels import agreement, cohesion

FOLDER = Path(__file__).resolve().parents[2] / "data" / "votes"
ALLIES = ["ARM", "BLR", "KAZ", "KGZ", "TJK"]
SIX = [*ALLIES, "RUS"]


@pytest.fixture(scope="module")
def votes():
    return read_votes(FOLDER)


@pytest.fixture(scope="module")
def whole(votes):
    return agreement(votes, "RUS")


def mean(table, states, first, last):
    """Of years, then of states."""
    chosen = table[table["state"].isin(states) & table["year"].between(first, last)]
    return chosen.groupby("state")["agreement"].mean().mean()


def test_the_size_of_the_record(votes):
    assert votes.matrix.shape == (2839, 194)
    assert votes.rollcalls["date"].min().year == 1992
    assert votes.rollcalls["date"].max().strftime("%Y-%m") == "2024-06"
    assert votes.rollcalls["kind"].value_counts().to_dict() == {"whole": 2451, "paragraph": 364, "amendment": 24}


def test_states_keep_their_order_and_years_ascend(votes, whole):
    assert whole["state"].unique().tolist() == others_of(votes, "RUS")
    assert whole.groupby("state")["year"].apply(lambda years: years.is_monotonic_increasing).all()


@pytest.mark.parametrize(
    ("resolution", "totals", "single"),
    [
        (
            "A/RES/68/262",
            (100, 11, 58),
            {"RUS": NO, "ARM": NO, "BLR": NO, "KAZ": ABSTAIN, "KGZ": ABSENT, "TJK": ABSENT},
        ),
        ("A/RES/62/243", (38, 7, 101), {"RUS": NO, "ARM": NO, "AZE": YES, "BLR": ABSENT, "CHN": ABSTAIN}),
    ],
)
def test_votes_on_crimea_and_on_karabakh(votes, resolution, totals, single):
    """Totals and single votes as in the General Assembly's own records (within one vote for 62/243)."""
    row = votes.matrix[(votes.rollcalls["resolution"] == resolution).to_numpy()][0]
    assert tuple(int((row == option).sum()) for option in (YES, NO, ABSTAIN)) == totals
    assert {state: int(row[votes.column(state)]) for state in single} == single


def test_allies_beside_the_world_in_three_periods(whole):
    gap = {
        first: mean(whole, ALLIES, first, last) - mean(whole, whole["state"].unique(), first, last)
        for first, last in ((2003, 2008), (2009, 2013), (2014, 2019))
    }
    assert gap[2009] < gap[2003]
    # narrower again, but by less than 0.02
    assert gap[2009] - 0.02 < gap[2014] < gap[2009]


def test_known_directions_of_single_states(whole):
    uzbek = [mean(whole, ["UZB"], *years) for years in ((2002, 2004), (2006, 2007))]
    assert uzbek[1] > uzbek[0] + 0.1
    late = {state: mean(whole, [state], 2014, 2019) for state in ALLIES}
    assert max(late, key=late.get) == "BLR"
    assert mean(whole, ALLIES, 2014, 2019) - mean(whole, ["AZE", "TKM", "UZB"], 2014, 2019) <= 0.02


def test_where_russia_is_in_the_minority_allies_do_not_follow(votes, whole):
    minority = agreement(votes, "RUS", ALLIES, "minority")
    assert mean(minority, ALLIES, 2003, 2019) < mean(whole, ALLIES, 2003, 2019) - 0.2
    assert mean(minority, ALLIES, 2014, 2019) < 0.5


def test_against_the_united_states_armenia_follows_least(votes):
    opposed = agreement(votes, "RUS", ALLIES, "opposed", rival="USA")
    level = {state: mean(opposed, [state], 2003, 2013) for state in ALLIES}
    assert min(level, key=level.get) == "ARM"


def test_the_six_vote_alike_less_often_but_more_than_random_six(votes):
    six = cohesion(votes, {"six": SIX}).set_index("year")["unanimous"]
    assert six.loc[2014:2019].mean() < six.loc[2003:2008].mean()
    drawn = random_groups(votes, {"six": SIX}, anchor="RUS", years=(2003, 2008), draws=100)
    assert drawn.groupby("measure")["below"].mean().min() > 0.8


@pytest.mark.slow
def test_all_random_groups_within_five_seconds(votes):
    """Processor time: a busy machine makes none slow."""
    groups = {"six": SIX, "guam": ["AZE", "GEO", "MDA", "UKR"], "brics": ["BRA", "CHN", "IND", "RUS", "ZAF"]}
    sets = ["all", "whole", "opposed", "minority", "important", "human_rights"]
    start = time.process_time()
    table = random_groups(votes, groups, sets, anchor="RUS", rival="USA", draws=400)
    assert time.process_time() - start <= 5
    assert table["draws"].max() == 400
    assert np.isfinite(table.loc[table["vote_set"] == "whole", "percentile"]).all()

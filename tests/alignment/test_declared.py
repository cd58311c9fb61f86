"""Alignment and ranks as the shipped data declare them."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from deadletter.alignment.declared import alignment_of, groups_of, random_groups_of, rank_of_form, ranks_of, votes_of
from deadletter.alignment.votes import select
from deadletter.coding import Coding
from deadletter.dataset.load import Dataset
from tests.argument.claims_world import ROLLCALLS, coding, grounds


def test_a_flipped_vote_changes_the_tables():
    flipped = ROLLCALLS.assign(votes=ROLLCALLS["votes"].mask(ROLLCALLS["id"] == "2015-0-0", "YNYYYY"))
    before, after = (
        alignment_of(made.dataset, made.coding).set_index(["vote_set", "unit", "year", "measure"])["value"]
        for made in (grounds(), grounds(rollcalls=flipped))
    )
    changed = before.compare(after).reset_index()
    assert before["whole", "BBB", 2015, "agreement"] == 120 / 200
    assert after["whole", "BBB", 2015, "agreement"] == 119 / 200
    assert set(changed["unit"]) == {"BBB", "pact", "world"}
    assert set(changed["year"]) == {2015}


def test_groups_states_and_sets_are_those_of_the_data():
    made = grounds()
    table = alignment_of(made.dataset, made.coding)
    assert set(table["unit"]) == {"BBB", "CCC", "DDD", "EEE", "FFF", "pact", "rest", "world"}
    assert set(table["vote_set"]) == {"all", "whole", "opposed", "minority", "few"}  # nothing is flagged
    random = random_groups_of(made.dataset, made.coding)
    assert set(random["group"]) == {"pact", "rest"}  # everybody is no group to draw
    assert set(random["draws"]) == {400}
    early = alignment_of(made.dataset, coding(as_of="2014-12-31", drop_states=("BBB",)))
    assert set(early["year"]) == {2010}
    assert early.query("unit == 'pact' and vote_set == 'whole' and measure == 'agreement'")["value"].tolist() == [0.7]


def test_a_set_of_a_conflict_holds_its_verified_votes(dataset: Dataset, baseline: Coding):
    chosen = select(votes_of(dataset, baseline), "ukraine")
    assert chosen.rollcalls["resolution"].tolist() == ["A/RES/68/262", "A/RES/71/205", "A/RES/72/190", "A/RES/73/194",
                                                       "A/RES/74/17"]  # fmt: skip
    assert votes_of(dataset, baseline).rollcalls["date"].max() <= pd.Timestamp(baseline.as_of)


def test_the_alliance_has_the_members_of_the_record(dataset: Dataset, baseline: Coding):
    declared = groups_of(dataset, baseline).query("group == 'CSTO'")
    recorded = dataset["alliance_membership"]
    for day in ("1993-06-01", "1998-01-01", "2001-01-01", "2005-01-01", "2010-01-01", "2015-01-01"):
        members = [
            set(spells.loc[(spells["from"] <= day) & ((spells["to"] == "") | (spells["to"] > day)), "state"])
            for spells in (declared, recorded)
        ]
        assert members[0] == members[1]


def test_ranks_of_form_are_read_over_groups_and_measures(dataset: Dataset):
    ranks = ranks_of(dataset)
    assert len(ranks) == len(dataset["ranks"])
    # formality among 40 multilateral defence pacts since 1945; eight provisions among 843 phases
    assert rank_of_form(dataset, "CSTO", "2019-12-31") == (0.6, 0.965)
    # nothing ranks the form of the customs union of 2010
    assert all(map(math.isnan, rank_of_form(dataset, "EEU", "2014-12-31")))
    one = ranks.query("regime == 'EEU' and measure == 'areas_enforceable'").iloc[0]
    assert (one["strict"], one["strict_group"], one["lax"]) == (0.707, "customs unions", 0.958)


@pytest.mark.parametrize("column", ["anchor", "rival"])
def test_a_power_without_votes_is_refused(column: str):
    from deadletter.errors import InputError

    made = grounds(anchors=pd.DataFrame({"anchor": ["AAA"], "rival": ["FFF"]}).assign(**{column: "AAB"}))
    with pytest.raises(InputError, match="no such state among the voters; found: 'AAB'"):
        alignment_of(made.dataset, made.coding)

"""The record: bad rows give one error each, and figures that can be computed from other tables equal them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from deadletter.dataset.record_rules import check_record
from deadletter.dataset.rules import check_rules
from deadletter.dataset.schema_check import validate
from deadletter.dataset.tables import read_descriptor, read_strings

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = read_descriptor(ROOT / "data" / "datapackage.json")


@pytest.fixture(scope="module")
def real() -> dict[str, pd.DataFrame]:
    return {resource["name"]: read_strings(ROOT / "data", resource) for resource in PACKAGE["resources"]}


@pytest.fixture
def tables(real: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {name: frame.copy() for name, frame in real.items()}


def test_the_real_record_passes_and_a_project_without_one_does(tables):
    assert list(check_record(tables)) == []
    assert list(check_record({name: frame.iloc[:0] for name, frame in tables.items()})) == []


@pytest.mark.parametrize(
    ("table", "column", "cell", "told"),
    [
        ("rollcalls", "date", "", "votes/rollcalls.csv row 2 (3662) column date: a roll-call without a date"),
        ("rollcalls", "votes", "YNA", "has the wrong number of votes; found: 3; allowed: 194"),
        ("voters", "iso3", "AGO", "votes/voters.csv row 3 (AGO) column iso3: a state occurs twice; found: 'AGO'"),
        ("voters", "position", "195", "column position: is not a place in the votes; found: '195'; allowed: 1 to 194"),
        ("anchors", "rival", "USSR", "votes/anchors.csv row 2 column rival: is not among the voters; found: 'USSR'"),
        (
            "groups",
            "state",
            "ARN",
            "votes/groups.csv row 2 column state: is not among the voters; found: 'ARN'; did you",
        ),
        ("groups", "group", "ARM", "votes/groups.csv row 2 column group: is the code of a voter; found: 'ARM'"),
        (
            "meetings",
            "page",
            "tass.com",
            "record/meetings.csv row 2 (g01) column page: is not an address; found: 'tass",
        ),
        ("ranks", "percentile", "1.01", "institutions/ranks.csv row 2 (q001) column percentile: is outside 0 to 1"),
        ("ranks", "share_at_or_above", "-0.1", "column share_at_or_above: is outside 0 to 1; found: '-0.1'"),
        ("ranks", "share_at_or_above", "1", "column share_at_or_above: contradicts the percentile of its row; found"),
        ("bearings", "record", "s999", "(s999) column record: is not a row of the record; found: 's999'; did you"),
        ("bearings", "sign", "", "record/bearings.csv row 2 (s001) column sign: does not fit the bearing"),
        ("bearings", "reader_b", "open", "column settled: the two readings differ, or say otherwise; found: 'agree'"),
        ("record_facts", "page", "kremlin.ru", "record/facts.csv row 2 (s001) column page: is not an address; found:"),
        ("crises", "second_page", "http://x", "record/crises.csv row 2 (k01) column second_page: is not an address"),
    ],
)
def test_a_bad_cell_gives_one_message(tables, table, column, cell, told):
    tables[table].loc[0, column] = cell
    problems = [str(problem) for problem in check_record(tables)]
    assert len(problems) == 1
    assert told in problems[0]


def test_a_code_that_is_not_a_vote_is_named_with_its_place(tables):
    votes = tables["rollcalls"].loc[4, "votes"]
    tables["rollcalls"].loc[4, "votes"] = votes[:9] + "X" + votes[10:]
    (problem,) = check_record(tables)
    assert str(problem) == (
        "votes/rollcalls.csv row 6 (3666) column votes: place 10 is not a vote; found: 'X'; allowed: Y, A, N, ."
    )


@pytest.mark.parametrize(
    ("table", "first", "last", "told"),
    [
        ("record_facts", ("date", "2010-05"), ("date_end", "2010-04"), "record/facts.csv row 2 (s001) column date_end"),
        ("crises", ("start", "1999-09"), ("end", "1999-08-31"), "record/crises.csv row 2 (k01) column end"),
        ("alliance_membership", ("from", "2002"), ("to", "2001"), "record/alliance_membership.csv row 2 column to"),
    ],
)
def test_dates_that_contradict_are_told(tables, table, first, last, told):
    for column, cell in (first, last):
        tables[table].loc[0, column] = cell
    problems = [str(problem) for problem in check_rules(tables)]
    assert problems == [f"{told}: is earlier than {first[0]}; found: '{last[1]}'; allowed: {first[1]} or later"]


def test_a_bearing_on_an_unknown_claim_is_told_by_the_key(tables):
    kept = ("claims", "sections", "regimes", "bearings")
    package = {"name": "part", "resources": [r for r in PACKAGE["resources"] if r["name"] in kept]}
    tables["bearings"].loc[0, "claim"] = "c999"
    problems = [str(problem) for problem in validate(package, {name: tables[name] for name in kept})]
    assert problems == ["record/bearings.csv row 2 column claim: refers to no row of claims; found: 'c999'"]


def test_the_vote_on_the_territorial_integrity_of_ukraine(tables):
    """Known totals: 100 in favour, 11 against, 58 abstentions; Armenia and Belarus are among the eleven."""
    votes = tables["rollcalls"].set_index("resolution").at["A/RES/68/262", "votes"]
    assert [votes.count(code) for code in "YNA"] == [100, 11, 58]
    place = dict(zip(tables["voters"]["iso3"], tables["voters"]["position"].astype(int) - 1, strict=True))
    cast = {state: votes[place[state]] for state in ("RUS", "ARM", "BLR", "KAZ", "KGZ", "UKR")}
    assert cast == {"RUS": "N", "ARM": "N", "BLR": "N", "KAZ": "A", "KGZ": ".", "UKR": "Y"}


def test_votes_on_the_crises_have_the_totals_of_their_roll_call(tables):
    votes = tables["rollcalls"].set_index("id")["votes"]
    known = tables["crisis_votes"].query("rollcall != ''")
    assert len(known) == 22
    for row in known.itertuples():
        assert [votes[row.rollcall].count(code) for code in "YNA"] == [int(row.yes), int(row.no), int(row.abstain)]


def test_ranks_of_trade_agreements_follow_from_their_population(tables):
    depth = tables["agreement_depth"]
    groups = {
        "all agreements": depth,
        "customs unions": depth[depth["type"].str.startswith("customs_union")],
        "free trade agreements": depth[depth["type"].str.startswith("free_trade")],
    }
    ranks = tables["ranks"].query("dataset == 'World Bank DTA 1.0'")
    ranks = ranks[ranks["group"].isin(groups)]
    assert len(ranks) == 72
    for row in ranks.itertuples():
        values = groups[row.group][row.measure].astype(int)
        value = int(row.value)
        percentile = (values < value).mean() + (values == value).mean() / 2
        assert len(values) == int(row.n)
        assert float(row.percentile) == pytest.approx(percentile, abs=5.1e-4)
        assert float(row.share_at_or_above) == pytest.approx((values >= value).mean(), abs=5.1e-4)


def test_frequencies_of_alliances_give_the_place_of_the_two_phases(tables):
    """Of 798 phases 130 score 2 on formality, both of the Collective Security Treaty among them: rank 0.84 to 1."""
    counts = tables["alliance_frequencies"].query("population == 'all' and measure == 'formality'")
    counts = counts.set_index("value")["count"].astype(int)
    assert counts.to_dict() == {"0": 148, "1": 520, "2": 130}
    phases = tables["alliances"].query("alliance == '4220'")
    assert list(phases["formality"]) == ["2", "2"]
    assert list(phases["regime"]) == ["CST", "CSTO"]


def test_disputes_between_readers_are_settled_strictly(tables):
    third = tables["bearings"].query("settled == 'third'")
    assert len(third) == 22
    assert set(third["bearing"]) == {"open", "part"}

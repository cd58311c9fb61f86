"""Reading votes, bad tables, sets of roll-calls."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deadletter.alignment import read_votes, select
from deadletter.errors import InputError
from tests.alignment.panels import STATES, by_state, frames, in_year, panel, random_panels


def test_a_matrix_is_read_in_the_order_of_positions():
    tables = frames(in_year(["YAN.Y", ".NNAY"]))
    tables["voters"]["position"] = ["2", "1", "3", "4", "5"]
    votes = read_votes(tables)
    assert votes.states == ("ARM", "RUS", "BLR", "KAZ", "USA")
    assert votes.matrix.dtype == np.int8
    assert votes.matrix.tolist() == [[2, 1, 0, -1, 2], [-1, 0, 0, 1, 2]]
    assert votes.rollcalls["year"].tolist() == [2000, 2000]
    with pytest.raises(ValueError, match="read-only"):
        votes.matrix[0, 0] = 0


def test_a_folder_gives_what_frames_give(tmp_path):
    tables = frames(in_year(["YAN.Y", ".NNAY"]), topics=["nuclear", "nuclear;disarmament"])
    for name, frame in tables.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    read, given = read_votes(tmp_path), read_votes(tables)
    assert (read.matrix == given.matrix).all()
    pd.testing.assert_frame_equal(read.rollcalls, given.rollcalls)


@pytest.mark.parametrize(
    ("table", "column", "row", "value", "told"),
    [
        ("rollcalls", "votes", 1, "YAXAY", r"rollcalls\.csv row 3 \(2\) column votes: unknown code of the vote of BLR"),
        ("rollcalls", "votes", 1, "YAéAY", "unknown code of the vote of BLR; found: 'é'"),
        ("rollcalls", "votes", 0, "YAY", r"rollcalls\.csv row 2 \(1\) column votes: not one vote for each state"),
        ("rollcalls", "date", 2, "", r"rollcalls\.csv row 4 \(3\) column date: a roll-call has no valid date"),
        ("rollcalls", "date", 2, "2000-02-30", "no valid date; found: '2000-02-30'"),
        ("rollcalls", "date", 2, "2000-2-3", "no valid date"),
        ("rollcalls", "date", 2, "-001-02-03", "no valid date"),
        (
            "rollcalls",
            "topics",
            2,
            "war; whole",
            r"row 4 \(3\) column topics: a topic has the name of a set.*'war; whole'",
        ),
        ("rollcalls", "topics", 2, "war+peace", "or a plus sign"),
        ("rollcalls", "id", 2, "1", r"rollcalls\.csv row 4 \(1\) column id: duplicate id"),
        ("rollcalls", "id", 2, "", "a roll-call has no id"),
        ("rollcalls", "kind", 0, "paragraf", "unknown kind of vote.*did you mean: paragraph"),
        ("rollcalls", "important", 0, "maybe", "unknown flag"),
        ("voters", "iso3", 1, "RUS", r"voters\.csv row 3 \(RUS\) column iso3: duplicate state"),
        ("voters", "iso3", 1, "Armenia", "is not an ISO 3166 alpha-3 code"),
        ("voters", "position", 1, "1", r"voters\.csv row 3 \(ARM\) column position: positions do not count"),
        ("voters", "position", 1, "9", "positions do not count"),
    ],
)
def test_a_bad_cell_is_told_with_its_row(table, column, row, value, told):
    tables = frames(in_year(["YAN.Y", ".NNAY", "YYYYY"]))
    tables[table].loc[row, column] = value
    with pytest.raises(InputError, match=told):
        read_votes(tables)


def test_spaces_about_a_topic_are_not_part_of_its_name():
    votes = panel(in_year(["YAN.Y"] * 3), topics=["war; peace", "peace", " war ;peace;"])
    assert [len(select(votes, name).rollcalls) for name in ("war", "peace", "war+peace")] == [2, 3, 2]


def test_missing_tables_and_columns(tmp_path):
    tables = frames(in_year(["YAN.Y"]))
    with pytest.raises(InputError, match=r"voters\.csv: the file is missing"):
        read_votes(tmp_path)
    with pytest.raises(InputError, match="voters: a table is missing"):
        read_votes({"rollcalls": tables["rollcalls"]})
    with pytest.raises(InputError, match="the column date is missing"):
        read_votes(tables | {"rollcalls": tables["rollcalls"].drop(columns="date")})
    (tmp_path / "voters.csv").write_text("")
    with pytest.raises(InputError, match="cannot be read"):
        read_votes(tmp_path)


def test_an_unknown_state_gets_the_nearest_name():
    votes = panel(in_year(["YAN.Y"]))
    with pytest.raises(InputError, match="did you mean: KAZ"):
        votes.column("KAS")
    with pytest.raises(InputError, match="named twice"):
        votes.columns(["ARM", "BLR", "ARM"])
    with pytest.raises(InputError, match="a list of states"):
        votes.columns("ARM")


#       RUS against  more for | for, more against | abstains, more for than abstain | with the most | tie | absent
MINORITY = by_state(
    RUS="NYAYNA.",
    ARM="YNYYYYY",
    BLR="YNYYN.Y",
    KAZ="NNANAAN",
    USA="YYYNAAY",
)


def ids(votes, name, **powers):
    return "".join(select(votes, name, **powers).rollcalls["id"])


def test_minority_by_hand():
    votes = panel(MINORITY)
    # 5: N 2, Y 1, A 2: Russia against with the largest camp; 6: one for, three abstain, Russia with them
    assert ids(votes, "minority", anchor="RUS") == "123"
    # the USA: 1 with the most; 2 for, three against; 3 for; 4 against, three for; 5 abstains, one for and two abstain
    assert ids(votes, "minority", anchor="USA") == "24"


def test_a_tie_leaves_nobody_in_the_minority():
    # against, for, and abstaining, each time two against two
    votes = panel(by_state(RUS="NYA", ARM="NYA", BLR="YNY", KAZ="YNY", USA="AAN"))
    assert ids(votes, "minority", anchor="RUS") == ""
    assert ids(votes, "minority", anchor="USA") == "123"


@settings(max_examples=50)
@given(random_panels(), st.sampled_from(["RUS", "USA"]))
def test_sets_are_the_same_where_all_vote_the_other_way(rows, anchor):
    turned = [(day, text.translate(str.maketrans("YN", "NY"))) for day, text in rows]
    for name, powers in (("minority", {}), ("opposed", {"rival": "ARM"})):
        assert ids(panel(rows), name, anchor=anchor, **powers) == ids(panel(turned), name, anchor=anchor, **powers)


def test_who_abstains_from_what_is_voted_down_is_in_the_minority():
    votes = panel(by_state(RUS="A", ARM="N", BLR="N", KAZ="N", USA="Y"))
    assert ids(votes, "minority", anchor="RUS") == "1"


def test_opposed_by_hand_and_its_symmetry():
    votes = panel(MINORITY)
    # 1 N/Y, 4 Y/N; in 2 both are for, in 3 and 5 one abstains
    assert ids(votes, "opposed", anchor="RUS", rival="USA") == "14"
    assert ids(votes, "opposed", anchor="USA", rival="RUS") == "14"


def test_parts_of_texts_are_in_no_set_of_whole_ones():
    kinds = ["paragraph", "whole", "whole", "amendment", "whole", "whole", "whole"]
    topics = ["nuclear", "nuclear", "", "disarmament", "disarmament;nuclear", "", ""]
    flags = ["", "yes", "no", "", "yes", "no", "no"]
    votes = panel(MINORITY, kind=kinds, topics=topics, important=flags)
    assert ids(votes, "all") == "1234567"
    assert ids(votes, "whole") == "23567"
    assert ids(votes, "minority", anchor="RUS") == "23"
    assert ids(votes, "opposed", anchor="RUS", rival="USA") == ""
    assert ids(votes, "important") == "25"
    assert ids(votes, "nuclear") == "125"
    assert ids(votes, "whole+nuclear") == "25"
    assert ids(votes, "nuclear+disarmament") == "5"


def test_years_are_those_of_the_dates():
    votes = panel([*in_year(["YYYYY"], 2000), *in_year(["YYYYY"], 2001), *in_year(["YYYYY"], 2002)])
    assert ids(votes, "all", years=(2001, 2002)) == "23"
    with pytest.raises(InputError, match="the first year is after the last"):
        select(votes, "all", years=(2002, 2001))


def test_sets_that_cannot_be():
    votes = panel(MINORITY, topics=["nuclear"] * 7)
    with pytest.raises(InputError, match="did you mean: nuclear"):
        select(votes, "nucular")
    with pytest.raises(InputError, match="the set minority needs a state as anchor"):
        select(votes, "minority")
    with pytest.raises(InputError, match="the set opposed needs a state as rival"):
        select(votes, "opposed", anchor="RUS")
    with pytest.raises(InputError, match="no such state"):
        select(votes, "opposed", anchor="RUS", rival="UZA")
    assert votes.states == STATES


@pytest.mark.parametrize("power", ["anchor", "rival"])
def test_a_power_that_a_set_does_not_need_is_checked_too(power):
    with pytest.raises(InputError, match="no such state among the voters; found: 'AAB'"):
        select(panel(MINORITY), "whole", **{power: "AAB"})

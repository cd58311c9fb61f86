"""Official roll-calls of the General Assembly in their true layouts, small, from a local server."""

from __future__ import annotations

import pytest

from deadletter.alignment import read_votes
from deadletter.errors import InputError
from deadletter.fetch import fetch
from tests.alignment.panels import agreement
from tests.fetch.local_server import FAST, running

LIBRARY = """undl_id,ms_code,ms_name,ms_vote,date,session,resolution,draft,title,vote_note,total_yes,undl_link
11,AAA,ALAND,Y,2023-10-27,ES-10,A/RES/ES-10/21,,Long title,,1.0,u
11,BBB,BLAND,N,2023-10-27,ES-10,A/RES/ES-10/21,,Long title,,1.0,u
11,CCC,CLAND,X,2023-10-27,ES-10,A/RES/ES-10/21,,Long title,,1.0,u
12,AAA,ALAND,A,2022-12-01,77,A/RES/77/1,,Other,,0.0,u
12,BBB,BLAND,,2022-12-01,77,A/RES/77/1,,Other,,0.0,u
13,AAA,ALAND,Y,1999-12-01,54,A/RES/54/1,,Old,,1.0,u
"""
VOETEN = """rcid,Country,vote,date,session,unres,para,amend,importantvote,me,nu,di,hr,co,ec
7,AAA,1,2015-11-01,70.0,R/70/1,0,0,1,0,1,1,0,0,0
7,BBB,3,2015-11-01,70.0,R/70/1,0,0,1,0,1,1,0,0,0
8,AAA,2.0,2015-11-02,70.0,A/RES/70/2,1,0,0,0,0,0,1,0,0
8,BBB,8,2015-11-02,70.0,A/RES/70/2,1,0,0,0,0,0,1,0,0
9,AAA,9,2015-11-03,70.0,A/RES/70/3,0,1,,0,0,0,0,0,0
9,BBB,1,2015-11-03,70.0,A/RES/70/3,0,1,,0,0,0,0,0,0
"""
HEADER = "id,session,resolution,date,kind,important,topics,votes\n"


@pytest.fixture
def server():
    with running() as local:
        yield local


def unga(server, cache, text, economies=("BBB", "AAA"), **options):
    body = text if isinstance(text, bytes) else text.encode()
    server.files["/record/4060887/files/2025_9_19_ga_voting.csv"] = body
    given = {"economies": dict.fromkeys(economies), "years": (2015, 2023), "version": "2025_9_19_ga_voting"}
    return fetch("unga", cache_dir=cache, policy=FAST, base_url=server.url, **given | options)


def test_the_librarys_file_becomes_one_row_a_roll_call(server, tmp_path):
    found = unga(server, tmp_path, LIBRARY)
    assert found.to_csv(index=False) == (
        HEADER + "12,77,A/RES/77/1,2022-12-01,whole,,,.A\n11,ES-10,A/RES/ES-10/21,2023-10-27,whole,,,NY\n"
    )
    # without a list of states: all of them, by their codes
    assert unga(server, tmp_path, LIBRARY, economies=())["votes"].tolist() == ["A..", "YN."]


def test_voetens_file_gives_kinds_flags_and_topics(server, tmp_path):
    doi = "doi:10.7910/DVN/LEJUQZ/PMWBME"
    server.files[f"/api/access/datafile/:persistentId?persistentId={doi}&format=original"] = VOETEN.encode()
    found = unga(server, tmp_path, "", version=doi)
    assert found.to_csv(index=False) == (
        HEADER + "7,70,A/RES/70/1,2015-11-01,whole,yes,disarmament;nuclear,NY\n"
        "8,70,A/RES/70/2,2015-11-02,paragraph,no,human_rights,.A\n9,70,A/RES/70/3,2015-11-03,amendment,,,Y.\n"
    )


@pytest.mark.parametrize(("mark", "encoding"), [(",", "utf-8-sig"), (",", "cp1252"), ("\t", "utf-16"), (";", "utf-8")])
def test_names_marks_and_encodings_of_a_file_saved_anew(server, tmp_path, mark, encoding):
    text = LIBRARY.replace("ALAND", "T\u00dcRKIYE").replace(",", mark).encode(encoding)
    assert unga(server, tmp_path, text)["votes"].tolist() == [".A", "NY"]


def test_a_state_that_is_no_member_is_absent(server, tmp_path):
    states = ("AAA", "BBB", *(f"A{n}A" for n in "BCDEFGHIJK"), "ZZZ")
    text = LIBRARY + "".join(f"11,{s},x,Y,2023-10-27,ES-10,A/RES/ES-10/21,,,,,\n" for s in states[2:-1])
    found = unga(server, tmp_path, text, states)
    assert found["votes"].tolist() == ["A" + "." * 12, "YN" + "Y" * 10 + "."]
    assert found.attrs["notes"] == (
        "no vote by ZZZ in these years",
        "votes under codes that were not asked for are left out: CCC (2023/2023)",
    )


def test_votes_under_a_former_code_are_not_left_out_in_silence(server, tmp_path):
    former = "13,AOL,ALAND,Y,2015-12-01,70,A/RES/70/9,,,,,\n14,AOL,ALAND,Y,2016-12-01,71,A/RES/71/9,,,,,\n"
    found = unga(
        server, tmp_path, "".join(line for line in LIBRARY.splitlines(keepends=True) if "CCC" not in line) + former
    )
    assert found["votes"].tolist()[:2] == ["..", ".."]
    assert found.attrs["notes"] == ("votes under codes that were not asked for are left out: AOL (2015/2016)",)
    assert not unga(server, tmp_path / "all", LIBRARY + former, economies=()).attrs["notes"]


def test_seats_without_a_code_and_rows_given_twice_spoil_nothing(server, tmp_path):
    lines = LIBRARY.splitlines(keepends=True)
    nameless = [lines[1].replace(",AAA,", ",,"), lines[2].replace(",BBB,", ",,")]
    again = unga(server, tmp_path / "a", "".join([*lines, *nameless, lines[1]]))
    assert again.to_csv() == unga(server, tmp_path / "b", LIBRARY).to_csv()


def test_a_title_may_have_several_lines(server, tmp_path):
    text = LIBRARY.replace("Long title", '"Long\ntitle"')
    assert unga(server, tmp_path / "a", text).to_csv() == unga(server, tmp_path / "b", LIBRARY).to_csv()


def test_ids_that_became_floats_and_empty_rows_spoil_nothing(server, tmp_path):
    saved = LIBRARY.replace("11,BBB", "11.0,BBB") + ",,,,,,,,,,,\n"
    assert unga(server, tmp_path / "a", saved).to_csv() == unga(server, tmp_path / "b", LIBRARY).to_csv()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_file_that_was_cut_off_is_refused_and_not_kept(server, tmp_path, encoding):
    cut = LIBRARY.partition("13,AAA")[0][:-10]
    with pytest.raises(InputError, match="ends within a row: it was cut off"):
        unga(server, tmp_path, cut.encode(encoding))
    assert len(unga(server, tmp_path, LIBRARY.rstrip("\n").encode(encoding))) == 2


def test_what_another_query_wants_is_kept(server, tmp_path):
    with pytest.raises(InputError, match="no roll-call in these years; found: '2024/2025'"):
        unga(server, tmp_path, LIBRARY, years=(2024, 2025))
    assert len(unga(server, tmp_path, LIBRARY)) == 2
    assert len(server.requests) == 1


def test_what_was_fetched_can_be_read_as_votes(server, tmp_path):
    import pandas as pd

    tables = {"rollcalls": unga(server, tmp_path, LIBRARY, ("AAA", "BBB")),
              "voters": pd.DataFrame({"iso3": ["AAA", "BBB"], "position": ["1", "2"]})}  # fmt: skip
    found = agreement(read_votes(tables), "AAA").set_index("year")
    assert found["both_voted"].to_dict() == {2022: 0, 2023: 1}
    assert found.loc[2023, "agreement"] == 0


def test_flags_may_be_true_and_false(server, tmp_path):
    said = {"0": "FALSE", "1": "TRUE", "": "NA"}
    head, *rows = (line.split(",") for line in VOETEN.splitlines())
    text = "\n".join(",".join(row) for row in [head, *([*row[:6], *map(said.get, row[6:])] for row in rows)])
    assert unga(server, tmp_path / "a", text).to_csv() == unga(server, tmp_path / "b", VOETEN).to_csv()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LIBRARY.replace("BLAND,N", "BLAND,Q"), "unknown code of a vote; found: 'Q'"),
        (LIBRARY.replace("11,BBB,BLAND", "11,AAA,ALAND"), "a state votes twice on a roll-call; found: 'AAA'"),
        (LIBRARY.replace("Y,2023-10-27", "Y,"), "a roll-call without a date"),
        (LIBRARY.replace("Y,2023-10-27", "Y,2023-10-28"), "column date: the rows of a roll-call differ; found: '2023"),
        (VOETEN.replace("R/70/1,0,0", "R/70/1,oui,0"), "column para: unknown mark; found: 'oui'"),
        (LIBRARY.replace("ms_vote", "vote"), "the columns are those of no known release"),
        (LIBRARY.replace(",BBB,", ",ZZZ,"), "nothing on these states; found: 'BBB'; allowed: AAA, CCC, ZZZ"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(server, tmp_path, text, told):
    with pytest.raises(InputError) as error:
        unga(server, tmp_path, text)
    assert told in str(error.value)

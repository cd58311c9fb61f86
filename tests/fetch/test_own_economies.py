"""Whose figures `deadletter data fetch` asks for, in studies that have other tables than the first."""

from __future__ import annotations

import pytest

from deadletter.dataset.codebook import describe_data
from deadletter.dataset.load import load_dataset
from deadletter.dataset.new_study import new_study
from deadletter.errors import InputError
from tests.commands import called
from tests.conftest import ROOT
from tests.fetch.local_server import running
from tests.fetch.providers import comtrade, comtrade_row, world_bank, world_bank_row

SAARC = "AFG", "BGD", "BTN", "IND", "LKA", "MDV", "NPL", "PAK"


@pytest.fixture
def server():
    with running() as local:
        yield local


@pytest.fixture
def study(tmp_path):
    new_study(tmp_path / "study")
    return tmp_path / "study"


def fetched(server, study, name, *arguments):
    fixed = ("--years", "2015/2015", "--base-url", server.url, "--retries", "0")
    return called("data", "fetch", name, *arguments, *fixed, cwd=study)


def test_without_a_table_of_economies_they_are_the_states_of_the_study(server, study):
    server.service = world_bank([world_bank_row(state, "2015", 1e9) for state in (*SAARC, "ARM")])
    assert "8 rows" in fetched(server, study, "wdi", "--indicator", "NY.GDP.MKTP.CD").stdout
    assert "1 row," in fetched(server, study, "wdi", "--indicator", "NY.GDP.MKTP.CD", "--economy", "ARM").stdout
    server.service = comtrade([comtrade_row(51, 356, 2015, 3e6)])
    assert "2 rows" in fetched(server, study, "comtrade", "--economy", "ARM=51", "--economy", "IND=356").stdout
    assert "AFG=NUMBER" in fetched(server, study, "comtrade").stderr
    library = "undl_id,ms_code,ms_vote,date,session,resolution\n"
    library += "".join(f"1,{state},Y,2015-12-01,70,A/RES/70/1\n" for state in SAARC)
    server.files["/record/4060887/files/V.csv"] = library.encode()
    assert fetched(server, study, "unga", "--version", "V").returncode == 0
    assert (study / "results/fetched/unga.csv").read_text().endswith(",YYYYYYYY\n")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("post_soviet,51", "post_soviet,x", "macro/economies.csv row 2 column comtrade_code: is not an integer"),
        ("code,name,kind", "code,name,sort", "macro/economies.csv: column kind is missing"),
        ("ARM,Armenia", "ARM", "macro/economies.csv row 2: has the wrong number of cells"),
    ],
)
def test_a_table_of_economies_that_cannot_be_read_is_one_message(server, study, old, new, told):
    table = study / "data/macro/economies.csv"
    table.parent.mkdir()
    text = (ROOT / "data/macro/economies.csv").read_text()
    table.write_text(text)
    describe_data(study / "data")
    table.write_text(text.replace(old, new))
    done = fetched(server, study, "wdi", "--indicator", "NY.GDP.MKTP.CD", "--economy", "ARM")
    assert done.returncode == 2
    assert told in done.stderr
    assert server.requests == []


def test_fetched_trade_needs_the_economies_that_it_is_between(study):
    folder = study / "data/trade"
    folder.mkdir()
    (folder / "bilateral.csv").write_text("exporter,importer,year,exports_musd,status\nAFG,IND,2015,1,recorded\n")
    describe_data(study / "data")
    with pytest.raises(
        InputError, match=r"no row of economies .*; allowed: those of macro/economies.csv, which has none"
    ):
        load_dataset(study / "data")
    (study / "data/macro").mkdir()
    economies = "code,name,kind,region\nAFG,Afghanistan,state,south_asia\nIND,India,state,south_asia\n"
    (study / "data/macro/economies.csv").write_text(economies)
    describe_data(study / "data")
    assert len(load_dataset(study / "data")["bilateral"]) == 1

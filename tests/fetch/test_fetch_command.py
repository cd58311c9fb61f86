"""`deadletter data fetch` as a user runs it, against the local server: faults, resume, cache, schema."""

from __future__ import annotations

import hashlib
import os
import sys

import pandas as pd
import pytest

from deadletter.__main__ import main
from deadletter.dataset.load import Dataset
from deadletter.fetch.query import INDICATORS, as_bundled
from deadletter.trade.bloc.flows import read_flows
from tests.fetch.local_server import running
from tests.fetch.providers import comtrade, comtrade_row, world_bank, world_bank_row
from tests.fetch.test_releases import BACI, CODES, FLOWS, archive
from tests.fetch.test_unga import LIBRARY

FILE = "/BACI_HS92_V1.zip"
STATES = ["--economy", "AAA", "--economy", "BBB", "--years", "2015/2016"]


@pytest.fixture
def server():
    with running() as local:
        local.files[FILE] = archive(country_codes_V1__csv=CODES, **BACI)
        yield local


@pytest.fixture
def run(server, tmp_path, monkeypatch, capsys):
    """Run the command; returns exit code, standard output, standard error and the file written (None if none)."""

    def command(name, *arguments, retries=2):
        fixed = ["--base-url", server.url, "--output-root", str(tmp_path), "--retries", str(retries)]
        monkeypatch.setattr(sys, "argv", ["deadletter", "data", "fetch", name, *arguments, *fixed])
        with pytest.raises(SystemExit) as done:
            main()
        told = capsys.readouterr()
        written = tmp_path / "results" / "fetched" / f"{name}.csv"
        return done.value.code, told.out, told.err, written.read_text() if written.is_file() else None

    return command


WHOLE = (
    "exporter,importer,year,exports_musd,status\nAAA,BBB,2015,1.5,recorded\nAAA,BBB,2016,,not_reported\n"
    "BBB,AAA,2015,0.01,recorded\nBBB,AAA,2016,0.003,recorded\n"
)


def test_a_release_comes_whole_through_a_cut_a_refusal_and_an_error(server, run):
    server.faults[:] = [(429, {"Retry-After": "0"}), (500, {}), "cut"]
    code, out, err, text = run("baci", "--version", "HS92_V1", *STATES)
    assert (code, text) == (0, WHOLE)
    assert "4 rows" in out
    assert "baci: " in err  # progress, in plain lines off a terminal
    assert server.requests[-1][1].startswith("bytes=")  # the rest only, after the cut


def test_the_second_time_nothing_is_asked_of_the_server(server, run):
    run("baci", "--version", "HS92_V1", *STATES)
    asked = len(server.requests)
    assert run("baci", "--version", "HS92_V1", *STATES)[3] == WHOLE
    assert len(server.requests) == asked


@pytest.mark.parametrize(
    ("faults", "retries", "told"),
    [
        ([(500, {})] * 9, 1, "500"),
        ([(429, {"Retry-After": "0"})] * 9, 1, "429"),
        (["cut"] * 9, 1, "keeps breaking off"),
        ([(404, {})], 1, "HTTP 404"),
    ],
)
def test_what_the_server_refuses_is_one_message_and_no_file(server, run, faults, retries, told):
    server.faults[:] = faults
    code, _, err, text = run("baci", "--version", "HS92_V1", *STATES, retries=retries)
    assert (code, text) == (2, None)
    assert told in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (archive(country_codes_V1__csv=CODES, **BACI)[:-40], "damaged"),
        (
            archive(country_codes_V1__csv=CODES, **(BACI | {"BACI_HS92_Y2015_V1__csv": "t,i,j,k,value,q\n"})),
            "another name",
        ),
        (
            archive(country_codes_V1__csv=CODES, **(BACI | {"BACI_HS92_Y2015_V1__csv": FLOWS.replace("1000.5", "?")})),
            "'?'",
        ),
    ],
)
def test_what_is_corrupted_or_renamed_is_refused_and_an_earlier_file_stays(server, run, body, told):
    assert run("baci", "--version", "HS92_V1", *STATES)[3] == WHOLE
    server.files["/BACI_HS92_V2.zip"] = body
    code, _, err, text = run("baci", "--version", "HS92_V2", *STATES)
    assert (code, text) == (2, WHOLE)
    assert told in err


def test_a_digest_is_checked(server, run):
    right = hashlib.sha256(server.files[FILE]).hexdigest()
    assert run("baci", "--version", "HS92_V1", *STATES, "--sha256", right)[0] == 0
    code, _, err, _ = run("baci", "--version", "HS92_V1", *STATES, "--sha256", "0" * 64)
    assert code == 2
    assert "not the expected file" in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["bacy"], "did you mean: baci"),
        (["baci"], "needs an argument"),
        (["baci", "--version", "V", "--years", "2015"], "is not a span of years"),
        (["comtrade", "--years", "1/999999999"], "is not a span of years"),
        (["baci", "--version", "V", "--years", f"{'9' * 5000}/2000"], "is not a span of years"),
        (["comtrade", "--economy", "ZZZ"], "ZZZ=NUMBER"),
        (["comtrade", "--economy", "TWN=x"], "is not a code"),
        (["wdi", "--indicator", "X", "--economy", "ARM;KGZ"], "is not a code; found: 'ARM;KGZ'; allowed: one code"),
        (["baci", "--version", "V", "--economy", "ARM", "--world"], "--world keeps every economy; found: 'ARM'"),
        (["comtrade", "--economy", "SDN=736", "--economy", "SDN=729"], "two numbers for one economy"),
    ],
)
def test_bad_arguments_never_reach_the_server(server, run, arguments, told):
    code, _, err, _ = run(*arguments)
    assert code == 2
    assert told in err
    assert server.requests == []


def test_codes_may_be_in_small_letters(run):
    arguments = [text.replace("AAA", "aaa") for text in STATES]
    assert run("baci", "--version", "HS92_V1", *arguments)[3] == WHOLE


def test_the_world_is_every_economy_of_the_release(run):
    code, _, _, text = run("baci", "--version", "HS92_V1", "--years", "2015/2016", "--world")
    assert code == 0
    assert {line.split(",")[1] for line in text.splitlines()[1:]} == {"AAA", "BBB", "CCC"}


def test_years_without_figures_are_said(server, run):
    server.files[FILE] = archive(country_codes_V1__csv=CODES, **(BACI | {"BACI_HS92_Y2016_V1__csv": "t,i,j,k,v,q\n"}))
    assert "nothing for 2016\n" in run("baci", "--version", "HS92_V1", *STATES)[1]
    rows = [comtrade_row(51, 112, year, 3e6 if year < 2018 else None) for year in (2015, 2017, 2018, 2019)]
    server.service = comtrade(rows)
    arguments = ["--economy", "ARM", "--economy", "BLR", "--years", "2015/2019"]
    assert "nothing for 2016, 2018/2019\n" in run("comtrade", *arguments)[1]
    server.files["/record/4060887/files/V.csv"] = LIBRARY.encode()
    assert "nothing for 2015/2021\n" in run("unga", "--version", "V", *STATES[:4], "--years", "2015/2023")[1]


def test_an_economy_that_is_not_there_in_some_years_is_said(server, run):
    rows = [comtrade_row(51, 112, year, 3e6) for year in (2015, 2016, 2017)] + [comtrade_row(51, 688, 2017, 1e6)]
    server.service = comtrade(rows)
    states = [word for code in ("ARM", "BLR", "SRB=688", "SDN=729") for word in ("--economy", code)]
    said = run("comtrade", *states, "--years", "2015/2017")[1].splitlines()
    assert said[1:3] == [
        "no figure for SDN",
        "no flow to or from these in some years, perhaps for another code then: SRB (2015/2016)",
    ]


def test_wdi_comes_in_the_project_s_column_and_unit(server, run):
    rows = [
        world_bank_row("AAA", "2015", 2.5e9),
        world_bank_row("BBB", "2015", 1e9),
        world_bank_row("CCC", "2015", None),
    ]
    server.service = world_bank(rows)
    code, out, err, text = run("wdi", "--indicator", "NY.GDP.MKTP.CD", *STATES, "--economy", "CCC")
    assert code == 0, err
    assert text == "economy,year,gdp_current_musd\nAAA,2015,2500\nBBB,2015,1000\n"
    assert "no figure for CCC" in out


def test_an_old_answer_of_a_service_is_said(server, run, tmp_path):
    server.service = world_bank([world_bank_row(code, "2015", 1e9) for code in ("AAA", "BBB")])
    arguments = ("wdi", "--indicator", "NY.GDP.MKTP.CD", *STATES)
    assert "--refresh" not in run(*arguments)[1]
    for path in (tmp_path / "results/.cache/fetch").iterdir():
        os.utime(path, (1_600_000_000, 1_600_000_000))
    assert "note: as the provider answered on 2020-09-13: --refresh asks again\n" in run(*arguments)[1]
    assert "--refresh" not in run(*arguments, "--refresh")[1]


def test_comtrade_asks_by_the_numeric_codes_of_the_data(server, run):
    server.service = comtrade([comtrade_row(51, 112, 2015, 3e6), comtrade_row(112, 51, 2015, None)])
    code, _, err, text = run("comtrade", "--economy", "ARM", "--economy", "BLR", "--years", "2015/2015")
    assert code == 0, err
    assert text.splitlines()[1:] == ["ARM,BLR,2015,3,recorded", "BLR,ARM,2015,,not_reported"]


def test_comtrade_s_own_number_can_be_given_with_the_code(server, run):
    server.service = comtrade([comtrade_row(51, 490, 2015, 3e6)])
    code, _, err, text = run("comtrade", "--economy", "ARM", "--economy", "TWN=490", "--years", "2015/2015")
    assert code == 0, err
    assert text.splitlines()[1] == "ARM,TWN,2015,3,recorded"


def test_an_absent_flow_is_zero_only_where_the_exporter_reports():
    tidy = pd.DataFrame(
        [("A", "B", 1, 2.0), ("A", "C", 2, 3.0), ("B", "A", 1, 0.0), ("C", "B", 2, 4.0)],
        columns=["exporter", "importer", "year", "exports_musd"],
    )
    full = as_bundled("baci", tidy).set_index(["exporter", "importer", "year"])
    assert len(full) == 3 * 2 * 2
    assert tuple(full.loc["A", "C", 1]) == (0, "no_recorded_flow")
    assert full.loc[("B", "A", 2), "status"] == "not_reported"
    assert pd.isna(full.loc[("B", "A", 2), "exports_musd"])
    assert read_flows(full.reset_index()).values.shape == (3, 3, 2)


def test_columns_and_statuses_are_those_of_the_bundled_tables(dataset: Dataset):
    tidy = pd.DataFrame([("A", "B", 1, 2.0)], columns=["exporter", "importer", "year", "exports_musd"])
    found = as_bundled("baci", tidy)
    assert list(found.columns) == list(dataset["bilateral"].columns)
    fields = {r["name"]: {f["name"]: f for f in r["schema"]["fields"]} for r in dataset.package["resources"]}
    assert set(found["status"]) <= set(fields["bilateral"]["status"]["categories"])
    columns = {*dataset["annual"].columns, *dataset["tariffs"].columns}
    assert {column for column, _ in INDICATORS.values()} <= columns


def test_codes_of_voters_that_are_left_out_are_said(server, run):
    server.files["/record/4060887/files/V.csv"] = LIBRARY.encode()
    code, out, _, text = run("unga", "--version", "V", *STATES[:4], "--years", "2015/2023")
    assert (code, text.splitlines()[-1][-2:]) == (0, "YN")
    assert "note: votes under codes that were not asked for are left out: CCC (2023/2023)" in out

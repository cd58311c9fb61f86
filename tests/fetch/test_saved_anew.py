"""Releases of CEPII that were unpacked, saved by a spreadsheet or packed anew before they came here."""

from __future__ import annotations

import pytest

from deadletter.errors import InputError
from deadletter.fetch import fetch
from tests.fetch.local_server import FAST, running
from tests.fetch.test_releases import AB, BACI, CODES, FLOWS, GRAVITY, archive, baci, serve_baci


@pytest.fixture
def server():
    with running() as local:
        yield local


def test_an_archive_that_macos_packed_anew(server, tmp_path):
    members = {f"BACI_HS92_V1/{name}": text for name, text in BACI.items()}
    doubles = {f"__MACOSX/BACI_HS92_V1/._{name}": "\0\5\x16\7" for name in (*BACI, "country_codes_V1__csv")}
    server.files["/BACI_HS92_V1.zip"] = archive(**{"BACI_HS92_V1/country_codes_V1__csv": CODES}, **members, **doubles)
    assert len(baci(server, tmp_path)) == 3


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8-sig", "utf-16", "cp1252"])
def test_codes_in_other_encodings(server, tmp_path, encoding):
    serve_baci(server, CODES.replace("Aland", "Côte d'Ivoire").encode(encoding))
    assert len(baci(server, tmp_path)) == 3


@pytest.mark.parametrize("mark", [";", "\t"])
def test_files_that_a_spreadsheet_has_saved(server, tmp_path, mark):
    rows = FLOWS.replace("8,010129", " 8,010129").replace(",", mark)
    rows = rows.replace(".", ",") if mark == ";" else rows.replace("499.5", "   499.5")
    serve_baci(server, CODES.replace(",", mark), BACI_HS92_Y2015_V1__csv="\ufeff" + rows)
    assert baci(server, tmp_path)["exports_musd"].tolist() == [1.5, 0.01, 0.003]


def test_points_that_may_stand_between_thousands_are_refused(server, tmp_path):
    head = "t;i;j;k;v;q\n"
    serve_baci(server, BACI_HS92_Y2015_V1__csv=head + "2015;4;8;1;1.000;1\n2015;8;4;1;12.345;1\n")
    with pytest.raises(InputError, match=r"year 2015, value: points may stand between thousands; found: '1\.000'"):
        baci(server, tmp_path)
    serve_baci(server, BACI_HS92_Y2015_V1__csv=head + "2015;4;8;1;1.000;1\n2015;8;4;1;0.5;1\n")
    assert baci(server, tmp_path / "b")["exports_musd"].tolist() == [0.001, 0.0005, 0.003]


@pytest.mark.parametrize(("old", "new", "found"), [("t,", "t,t,", 6), ("k,v", "v", 6), ("q\n", "q\n\n0,", 7)])
def test_rows_that_do_not_fit_the_header_are_not_read_under_wrong_names(server, tmp_path, old, new, found):
    rows = "t,i,j,k,v,q\n2015,4,8,4,1000.5,2.5\n2015,8,4,8,10,1\n"
    serve_baci(server, BACI_HS92_Y2015_V1__csv=rows.replace(old, new, 1))
    with pytest.raises(InputError, match=f"the first row does not fit the header; found: '{found} cells'; allowed: "):
        baci(server, tmp_path)


def test_rows_and_lines_that_a_spreadsheet_adds(server, tmp_path):
    rows = "sep=;\n" + FLOWS.replace(",", ";").replace(".", ",") + ";;;;;\n"
    serve_baci(server, CODES + ",,,\n,,,\n8,Bland,BL,BBB\n", BACI_HS92_Y2015_V1__csv=rows)
    assert baci(server, tmp_path)["exports_musd"].tolist() == [1.5, 0.01, 0.003]


def test_an_archive_that_windows_packed_anew(server, tmp_path):
    server.files["/Gravity_csv_V1.zip"] = archive(**{"Gravity\\Gravity_V1__csv": GRAVITY})
    options = {"years": (2015, 2015), "version": "V1", "base_url": server.url, "policy": FAST}
    assert len(fetch("gravity", economies=AB, cache_dir=tmp_path, **options)) == 2


def test_padded_columns(server, tmp_path):
    rows = FLOWS.replace("1000.5", '"      1000.5"').replace("499.5", '"     499.5"').replace("2015,8,4", "2015, 8, 4")
    serve_baci(server, BACI_HS92_Y2015_V1__csv=rows + '2015,4,8,9,"      NA",1\n')
    assert baci(server, tmp_path)["exports_musd"].tolist() == [1.5, 0.01, 0.003]

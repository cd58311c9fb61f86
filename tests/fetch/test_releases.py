"""Releases in their true formats, small, from a local server."""

import hashlib
import io
import zipfile

import pytest

from deadletter.errors import InputError
from deadletter.fetch import fetch
from tests.fetch.local_server import FAST, running


@pytest.fixture
def server():
    with running() as local:
        yield local


def archive(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name.replace("__", "."), text)
    return buffer.getvalue()


CODES = "country_code,country_name,country_iso2,country_iso3\n4,Aland,AL,AAA\n8,Bland,BL,BBB\n12,Cland,CL,CCC\n"
FLOWS = (
    "t,i,j,k,v,q\n2015,4,8,010121,1000.5,2.5\n2015,4,8,010129,499.5,          NA\n"
    "2015,8,4,010121,10,1\n2015,4,12,1,7,1\n"
)
BACI = {"BACI_HS92_Y2015_V1__csv": FLOWS, "BACI_HS92_Y2016_V1__csv": "t,i,j,k,v,q\n2016,8,4,1,3,1\n"}
AB = {"AAA": None, "BBB": None}


def serve_baci(server, codes=CODES, **members):
    server.files["/BACI_HS92_V1.zip"] = archive(**{"country_codes_V1__csv": codes, **BACI, **members})


def baci(server, cache, economies=AB, **options):
    given = {"economies": economies, "years": (2015, 2016), "version": "HS92_V1", "base_url": server.url}
    return fetch("baci", cache_dir=cache, policy=FAST, **given | options)


def test_baci_sums_products_in_million_dollars(server, tmp_path):
    serve_baci(server)
    found = baci(server, tmp_path)
    assert found.to_csv(index=False) == (
        "exporter,importer,year,exports_musd\nAAA,BBB,2015,1.5\nBBB,AAA,2015,0.01\nBBB,AAA,2016,0.003\n"
    )


def test_baci_of_older_releases_names_the_codes_otherwise(server, tmp_path):
    serve_baci(server, codes=CODES.replace("country_iso3", "iso_3digit_alpha"))
    assert len(baci(server, tmp_path)) == 3


def test_no_economies_means_all_of_them(server, tmp_path):
    serve_baci(server)
    everyone = baci(server, tmp_path, {})
    assert set(everyone["importer"]) == {"AAA", "BBB", "CCC"}
    assert len(everyone) == 4


@pytest.mark.parametrize(
    ("codes", "members", "economies", "message"),
    [
        (
            CODES,
            {"BACI_HS92_Y2015_V1__csv": FLOWS.replace("t,i,j,k,v,q", "t,i,j,k,value,q")},
            AB,
            "another name.*value",
        ),
        (CODES.replace("country_iso3", "alpha3"), {}, AB, "wanted country_iso3 or iso_3digit_alpha.*alpha3"),
        (CODES, {"BACI_HS92_Y2015_V1__csv": FLOWS.replace("1000.5", "much")}, AB, "not a number.*'much'"),
        (CODES, {"BACI_HS92_Y2015_V1__csv": ""}, AB, "not a CSV file"),
        (CODES, {"BACI_HS92_Y2015_V2__csv": FLOWS}, AB, "2 files named …_Y2015_"),
        (CODES, {}, {**AB, "ZZZ": None}, "nothing on these economies.*ZZZ"),
        (CODES, {}, {**AB, "CCX": None}, "found: 'CCX'; did you mean: CCC; allowed: AAA, BBB, CCC"),
        (
            CODES,
            {"BACI_HS92_Y2015_V1__csv": FLOWS + "2015,4,8,10129,1,1\n"},
            AB,
            "year 2015: a product's flow is there twice; found: '4 to 8, product 010129'",
        ),
    ],
)
def test_baci_in_another_shape_is_refused(server, tmp_path, codes, members, economies, message):
    serve_baci(server, codes, **members)
    with pytest.raises(InputError, match=message):
        baci(server, tmp_path, economies)


def test_a_damaged_archive_leaves_the_cache(server, tmp_path):
    serve_baci(server)
    whole = server.files["/BACI_HS92_V1.zip"]
    middle = whole.index(b"BACI_HS92_Y2015") + 40
    server.files["/BACI_HS92_V1.zip"] = whole[:middle] + bytes(8) + whole[middle + 8 :]
    with pytest.raises(InputError, match="damaged"):
        baci(server, tmp_path)
    # the place where the list of files begins: before the beginning of the archive
    server.files["/BACI_HS92_V1.zip"] = whole[:-6] + b"\xff\xff\0\0\0\0"
    with pytest.raises(InputError, match="damaged"):
        baci(server, tmp_path)
    server.files["/BACI_HS92_V1.zip"] = whole
    assert len(baci(server, tmp_path)) == 3


def test_baci_cut_off_corrupted_and_refused_on_the_way(server, tmp_path):
    serve_baci(server)
    server.faults = [(429, {"Retry-After": "0"}), "cut", (500, {})]
    digest = hashlib.sha256(server.files["/BACI_HS92_V1.zip"]).hexdigest()
    assert len(baci(server, tmp_path, sha256=f" {digest.upper()}\n")) == 3  # as PowerShell prints it
    with pytest.raises(InputError, match="not the expected file"):
        baci(server, tmp_path / "other", sha256="0" * 64)


GRAVITY = (
    "year,country_id_o,country_id_d,iso3_o,iso3_d,dist,contig,comlang_off,col45,tradeflow_comtrade_o\n"
    "2014,A,B,AAA,BBB,100,1,0,0,5000\n2015,A,B,AAA,BBB,100,1,0,0,2000.5\n2015,B,A,BBB,AAA,100,1,0,0,\n"
    "2015,A,A,AAA,AAA,10,0,1,0,\n2015,A,C,AAA,CCC,50,0,0,0,1\n"
)


def test_gravity(server, tmp_path):
    server.files["/Gravity_csv_V1.zip"] = archive(Gravity_V1__csv=GRAVITY, Countries_V1__csv="iso3\nAAA\n")
    options = {"economies": AB, "years": (2015, 2015), "version": "V1", "base_url": server.url, "policy": FAST}
    found = fetch("gravity", cache_dir=tmp_path, **options)
    assert found.to_csv(index=False) == (
        "exporter,importer,year,distance_km,contiguity,common_language,colonial_tie,exports_musd\n"
        "AAA,BBB,2015,100,1,0,0,2.0005\nBBB,AAA,2015,100,1,0,0,\n"
    )
    server.files["/Gravity_csv_V1.zip"] = archive(Gravity_V1__csv=GRAVITY.replace("contig", "border"))
    with pytest.raises(InputError, match=r"wanted contig.*border"):
        fetch("gravity", cache_dir=tmp_path / "other", **options)


def test_what_tells_rows_of_a_pair_apart_is_named(server, tmp_path):
    border = "2015,A.2,B,AAA,BBB,100,1,0,0,7\n"
    server.files["/Gravity_csv_V1.zip"] = archive(Gravity_V1__csv=GRAVITY + border)
    options = {"years": (2015, 2015), "version": "V1", "base_url": server.url, "policy": FAST}
    with pytest.raises(InputError, match=r"V1.zip: the release holds a row twice \(the two differ in .*country_id_o\)"):
        fetch("gravity", economies=AB, cache_dir=tmp_path, **options)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("bacy", {}, "no such release.*did you mean: baci"),
        ("baci", {}, "baci needs an argument.*version"),
        ("wdi", {}, "wdi needs an argument.*indicator"),
        ("comtrade", {}, "numeric code"),
        ("comtrade", {"economies": {"AAA": 4, "BBB": 8}, "sha256": "0" * 64}, "several files"),
        ("baci", {"version": "V", "years": (2016, 2015)}, "first year is after the last"),
        ("comtrade", {"economies": {}}, "numeric code"),
        ("comtrade", {"economies": {"RUS": 643, "SUN": 643}}, "one number is given to two economies; found: 643"),
        ("baci", {"version": "V", "sha256": "0f" * 20}, "not a digest"),
    ],
)
def test_bad_arguments_never_reach_the_network(tmp_path, name, options, message):
    with pytest.raises(InputError, match=message):
        fetch(name, **{"economies": AB, "years": (2015, 2016), "cache_dir": tmp_path} | options)


def test_goods_that_are_not_specified_belong_to_a_flow(server, tmp_path):
    rows = FLOWS + "2015,4,8,9999AA,500,NA\n"
    serve_baci(server, BACI_HS92_Y2015_V1__csv=rows)
    assert baci(server, tmp_path / "a")["exports_musd"].tolist() == [2.0, 0.01, 0.003]
    serve_baci(server, BACI_HS92_Y2015_V1__csv=rows + "2015,4,8, 9999AA,500,NA\n")
    with pytest.raises(InputError, match="flow is there twice; found: '4 to 8, product 9999AA'"):
        baci(server, tmp_path / "b")
    serve_baci(server, BACI_HS92_Y2015_V1__csv=rows.replace("9999AA", "TOTAL"))
    with pytest.raises(InputError, match="year 2015, product: is not the code of a product; found: 'TOTAL'"):
        baci(server, tmp_path / "c")


def test_flows_under_numbers_that_the_release_does_not_name(server, tmp_path):
    rows = FLOWS + "2015,999,8,1,1,1\n2015,8,998,1,1,1\n"
    serve_baci(server, CODES + "998,Nowhere,,\n", BACI_HS92_Y2015_V1__csv=rows)
    found = baci(server, tmp_path, {})
    assert len(found) == 4
    assert found.attrs["notes"] == ("flows of numbers that the release does not name are left out: 998, 999",)


def test_a_page_in_place_of_an_archive(server, tmp_path):
    server.files["/BACI_HS92_V1.zip"] = b"\n<!DOCTYPE html><p>moved</p>"
    with pytest.raises(InputError, match="sent a page, not the archive"):
        baci(server, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_padded_codes_a_changed_number_and_taiwan(server, tmp_path):
    codes = 'country_code,country_name,country_iso2,country_iso3\n"004",Aland,AL,AAA\n5,Aland (...2015),AL,AAA\n'
    codes += '8,Bland,BL,BBB\n490,"Other Asia, nes",,S19\n'
    rows = "t,i,j,k,v,q\n2015,004,8,010121,1000,1\n2015,5,8,010121,500,1\n2015,8,490,1,2000,1\n2015,4,5,1,7,1\n"
    serve_baci(server, codes, BACI_HS92_Y2015_V1__csv=rows)
    found = baci(server, tmp_path, {"AAA": None, "BBB": None, "TWN": None}, years=(2015, 2015))
    assert found.to_csv(index=False) == ("exporter,importer,year,exports_musd\nAAA,BBB,2015,1.5\nBBB,TWN,2015,2.0\n")


def test_a_number_of_two_economies_is_refused(server, tmp_path):
    serve_baci(server, CODES + "8,Dland,DL,DDD\n")
    with pytest.raises(InputError, match="one number is used for two economies; found: '8'"):
        baci(server, tmp_path)


def test_a_year_that_the_release_does_not_have(server, tmp_path):
    serve_baci(server)
    with pytest.raises(InputError, match=r"no files named …_Y2014_….csv; allowed: BACI_HS92_Y2015_V1"):
        baci(server, tmp_path, years=(2014, 2015))
    assert len(baci(server, tmp_path)) == 3
    assert len(server.requests) == 1  # the archive was kept


def test_of_rows_for_changed_borders_the_flag_says_which_holds(server, tmp_path):
    head = (
        "year,country_id_o,country_id_d,iso3_o,iso3_d,country_exists_o,country_exists_d,dist,contig,comlang_off,col45,"
    )
    rows = "2015,IDN.1,B,IDN,BBB,0,1,9,0,0,0,7\n2015,IDN.2,B,IDN,BBB,1,1,100,0,0,0,2000\n"
    rows += "2015,B,IDN.2,BBB,IDN,1,1,100,0,0,0,\n"
    server.files["/Gravity_csv_V1.zip"] = archive(Gravity_V1__csv=f"{head}tradeflow_comtrade_o\n{rows}")
    options = {"years": (2015, 2015), "version": "V1", "base_url": server.url, "policy": FAST}
    found = fetch("gravity", economies={"IDN": None, "BBB": None}, cache_dir=tmp_path, **options)
    assert found[["exporter", "distance_km"]].to_numpy().tolist() == [["BBB", 100], ["IDN", 100]]
    rows += '2015,C,B,CCC,BBB,"      NA",1,100,0,0,0,1\n'
    server.files["/Gravity_csv_V1.zip"] = archive(Gravity_V1__csv=f"{head}tradeflow_comtrade_o\n{rows}")
    padded = fetch("gravity", economies={"IDN": None, "BBB": None}, cache_dir=tmp_path / "padded", **options)
    assert padded.to_csv() == found.to_csv()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1000.5", "inf", "a figure is not a number; found: 'inf'|found: inf"),
        ("1000.5", "-1000.5", "year 2015, value: a figure is not a number; found: -1000.5"),
        ("2015,4,8,010129", "2014,4,8,010129", "year 2015: the file of a year has rows of another; found: 2014"),
        ("2015,4,8,010129", "NA,4,8,010129", "year 2015: the file of a year has rows of another; found: nan"),
        (
            "2015,4,8,010129",
            "2015,4,,010129",
            "year 2015: a flow lacks an economy or a product; found: .*'importer': nan",
        ),
        ("2015,4,8,010129", "2015,4,8,", "year 2015: a flow lacks an economy or a product; found: .*'product': nan"),
        ("2015,4,12,1,7,1", "2015,4", "year 2015: a flow lacks an economy or a product"),
    ],
)
def test_flows_of_baci_that_cannot_be(server, tmp_path, old, new, message):
    serve_baci(server, BACI_HS92_Y2015_V1__csv=FLOWS.replace(old, new))
    with pytest.raises(InputError, match=message):
        baci(server, tmp_path)


PAIR = "year,iso3_o,iso3_d,dist,contig,comlang_off,col45,tradeflow_comtrade_o\n2015,AAA,BBB,100,0,0,0,2000\n"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("Source: CEPII,,,,,,,\n", "year: a figure is not a number; found: 'Source: CEPII'"),
        ("2015,BBB,AAA,near,0,0,0,1\n", "distance_km: a figure is not a number; found: 'near'"),
        ("2015,BBB,AAA,1,0,0,0,-1\n", "exports_musd: a figure is not a number; found: -1"),
        ("2015,BBB,AAA,100,0,0,0,\n,,,,,,,\n,BBB,AAA,100,0,0,0,5\n", None),
    ],
)
def test_figures_of_gravity_are_figures(server, tmp_path, rows, message):
    server.files["/Gravity_csv_V1.zip"] = archive(Gravity_V1__csv=PAIR + rows)
    options = {"years": (2015, 2015), "version": "V1", "base_url": server.url, "policy": FAST, "cache_dir": tmp_path}
    if message is None:
        assert fetch("gravity", economies=AB, **options)["year"].tolist() == [2015, 2015]
        assert str(fetch("gravity", economies=AB, **options)["year"].dtype) == "int64"
        return
    with pytest.raises(InputError, match=message):
        fetch("gravity", economies=AB, **options)

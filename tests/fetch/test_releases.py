"""Releases in their true formats, small, from a local server."""

import hashlib
import io
import json
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
        (CODES, {"BACI_HS92_Y2015_V2__csv": FLOWS}, AB, "not exactly one file named …_Y2015_"),
        (CODES, {}, {**AB, "ZZZ": None}, "nothing on these economies.*ZZZ"),
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
    server.files["/BACI_HS92_V1.zip"] = whole
    assert len(baci(server, tmp_path)) == 3


def test_baci_cut_off_corrupted_and_refused_on_the_way(server, tmp_path):
    serve_baci(server)
    server.faults = [(429, {"Retry-After": "0"}), "cut", (500, {})]
    digest = hashlib.sha256(server.files["/BACI_HS92_V1.zip"]).hexdigest()
    assert len(baci(server, tmp_path, sha256=digest)) == 3
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


WDI = [
    {"page": 1, "pages": 1, "per_page": 20000, "total": 3, "sourceid": "2", "lastupdated": "2024-06-28"},
    [
        {
            "indicator": {"id": "NY.GDP.MKTP.CD", "value": "GDP (current US$)"},
            "country": {"id": "A", "value": "Aland"},
            "countryiso3code": code,
            "date": date,
            "value": value,
            "unit": "",
            "obs_status": "",
            "decimal": 0,
        }
        for code, date, value in (("BBB", "2016", 2.5), ("AAA", "2016", None), ("AAA", "2015", 10))
    ],
]


def wdi(server, cache, answer, **more):
    path = "/v2/country/AAA;BBB/indicator/NY.GDP.MKTP.CD?format=json&per_page=20000&date=2015:2016"
    server.files[path] = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    options = {"economies": AB, "years": (2015, 2016), "indicator": "NY.GDP.MKTP.CD", "base_url": server.url}
    return fetch("wdi", cache_dir=cache, policy=FAST, **options, **more)


def test_wdi(server, tmp_path):
    assert wdi(server, tmp_path, WDI).to_csv(index=False) == (
        "economy,year,indicator,value\nAAA,2015,NY.GDP.MKTP.CD,10.0\nBBB,2016,NY.GDP.MKTP.CD,2.5\n"
    )


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([{"message": [{"id": "120", "key": "Invalid value", "value": "not valid"}]}], "not a table.*Invalid value"),
        ([{**WDI[0], "pages": 2}, WDI[1]], "cut into pages"),
        ([WDI[0], [{"iso3": "AAA"}]], "no field countryiso3code"),
        ([WDI[0], WDI[1][:1]], "nothing on these economies.*AAA"),
        ([WDI[0], None], "nothing on these economies"),
        (b"<html>busy</html>", "not JSON"),
        ([WDI[0], [{**WDI[1][0], "indicator": None}]], "no field id"),
        ([WDI[0], 3], "no list of rows"),
        ([WDI[0], [*WDI[1][:2], {**WDI[1][2], "value": "much"}]], "not a number.*'much'"),
    ],
)
def test_wdi_in_another_shape_is_refused(server, tmp_path, answer, message):
    with pytest.raises(InputError, match=message):
        wdi(server, tmp_path, answer)


def comtrade(server, cache, rows):
    economies = {"AAA": 4, "BBB": 8}
    for number in economies.values():
        query = f"reporterCode={number}&partnerCode=4,8&period=2015,2016&cmdCode=TOTAL&flowCode=X"
        own = [row for row in rows if row["reporterCode"] == number]
        answer = {"elapsedTime": "0.1 secs", "count": len(own), "data": own, "error": ""}
        server.files[f"/public/v1/preview/C/A/HS?{query}"] = json.dumps(answer).encode()
    options = {"economies": economies, "years": (2015, 2016), "base_url": server.url, "policy": FAST}
    return fetch("comtrade", cache_dir=cache, **options)


def comtrade_row(reporter, partner, year, value, **other):
    row = {"typeCode": "C", "freqCode": "A", "refYear": year, "period": str(year), "reporterCode": reporter}
    row |= {"reporterISO": None, "flowCode": "X", "partnerCode": partner, "partnerISO": None, "cmdCode": "TOTAL"}
    return row | {"fobvalue": value, "primaryValue": value} | other


def test_comtrade(server, tmp_path):
    rows = [comtrade_row(4, 8, 2016, 2.5e6), comtrade_row(4, 8, 2015, 1e6), comtrade_row(8, 4, 2015, 3e6)]
    other = [comtrade_row(4, 0, 2015, 9e9), comtrade_row(8, 4, 2016, 7e6, flowCode="M")]  # to the world; imports
    found = comtrade(server, tmp_path, rows + other)
    assert found.to_csv(index=False) == (
        "exporter,importer,year,exports_musd\nAAA,BBB,2015,1.0\nAAA,BBB,2016,2.5\nBBB,AAA,2015,3.0\n"
    )


def test_comtrade_in_another_shape_is_refused(server, tmp_path):
    renamed = comtrade_row(4, 8, 2015, 1.0)
    renamed["value"] = renamed.pop("primaryValue")
    for rows, message in (
        ([renamed], "no field primaryValue"),
        ([comtrade_row(4, 8, 2015, "much")], "not a number.*'much'"),
        ([comtrade_row(4, 8, 2015, 1.0)] * 2, "a row twice"),
        ([comtrade_row(4, 8, 2015, 1.0)] * 500, "cut its answer"),
    ):
        with pytest.raises(InputError, match=message):
            comtrade(server, tmp_path / message.replace(" ", ""), rows)


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
    ],
)
def test_bad_arguments_never_reach_the_network(tmp_path, name, options, message):
    with pytest.raises(InputError, match=message):
        fetch(name, **{"economies": AB, "years": (2015, 2016), "cache_dir": tmp_path} | options)


@pytest.mark.parametrize(
    "wrong", [b"<html>Service unavailable</html>", b'[{"message": [{"id": "120", "value": "Invalid"}]}]']
)
def test_an_error_sent_as_an_answer_is_not_kept(server, tmp_path, wrong):
    with pytest.raises(InputError):
        wdi(server, tmp_path, wrong)
    assert list(tmp_path.iterdir()) == []
    assert len(wdi(server, tmp_path, WDI)) > 0


def test_an_answer_is_renewed_when_that_is_asked_for(server, tmp_path):
    first = wdi(server, tmp_path, WDI)
    newer = [WDI[0], [{**WDI[1][0], "date": "2015Q1"}]]
    assert wdi(server, tmp_path, WDI).equals(first)
    assert len(server.requests) == 1
    with pytest.raises(InputError, match="date that is not a year; found: '2015Q1'"):
        wdi(server, tmp_path, newer, refresh=True)
    assert len(server.requests) == 2


def test_an_aggregate_without_a_code_is_no_economy(server, tmp_path):
    total = {**WDI[1][0], "countryiso3code": ""}
    assert wdi(server, tmp_path, [WDI[0], [*WDI[1], total, total]]).equals(wdi(server, tmp_path / "b", WDI))


def test_comtrade_without_rows_or_values_leaves_gaps(server, tmp_path):
    found = comtrade(server, tmp_path, [comtrade_row(4, 8, 2016, None), comtrade_row(4, 8, 2015, 1e6)])
    assert found["year"].tolist() == [2015]
    for path in server.files:
        server.files[path] = b'{"data": null}'
    options = {"economies": {"AAA": 4, "BBB": 8}, "years": (2015, 2016), "base_url": server.url, "policy": FAST}
    assert fetch("comtrade", cache_dir=tmp_path / "b", **options).empty

"""The World Bank and UN Comtrade: whatever their documentation allows is read rightly or refused with its reason."""

from __future__ import annotations

import json

import pytest

from deadletter.errors import InputError
from deadletter.fetch import fetch
from deadletter.fetch.query import as_bundled
from tests.fetch.local_server import FAST, running
from tests.fetch.providers import INVALID, comtrade, comtrade_row, world_bank, world_bank_row


@pytest.fixture
def server():
    with running() as local:
        yield local


ROWS = [
    world_bank_row("BBB", "2016", 2.5),
    world_bank_row("BBB", "2015", None),
    world_bank_row("AAA", "2016", None),
    world_bank_row("AAA", "2015", 10),
]
BOTH = "economy,year,indicator,value\nAAA,2015,NY.GDP.MKTP.CD,10.0\nBBB,2016,NY.GDP.MKTP.CD,2.5\n"


def wdi(server, cache, rows=None, economies="AAA BBB", years=(2015, 2016), **more):
    if rows is not None:
        server.service = world_bank(rows)
    options = {"years": years, "indicator": "NY.GDP.MKTP.CD", "base_url": server.url, "policy": FAST}
    return fetch("wdi", cache_dir=cache, economies=dict.fromkeys(economies.split()), **options | more)


def sent(answer):
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return lambda path: (200, body)


def test_wdi(server, tmp_path):
    assert wdi(server, tmp_path, ROWS).to_csv(index=False) == BOTH


HEAD = {"page": 1, "pages": 1, "per_page": 20000, "total": 1}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (INVALID, "not a table.*Invalid value.*allowed: an indicator and economies"),
        ([{**HEAD, "pages": 2}, ROWS], "cut into pages; found: 2; allowed: 1: ask for fewer years"),
        ([HEAD, [{"iso3": "AAA"}]], "no field countryiso3code"),
        ([HEAD, ROWS[:1]], "nothing on these economies.*AAA"),
        ([{"page": 0, "pages": 0, "per_page": 0, "total": 0}, None], "nothing on these economies.*'AAA, BBB'"),
        (b"<html><style>p {}</style><p>Try\nlater</p></html>", "not JSON; found: 'Try later'"),
        (b"\x1f\x8b\x08packed", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"", "not JSON; found: 'nothing'"),
        ([HEAD, [{**ROWS[0], "indicator": None}]], "no field id"),
        ([HEAD, 3], "no list of rows"),
        ([HEAD, [*ROWS[:3], {**ROWS[3], "value": "much"}]], "not a number.*'much'"),
        ([HEAD, [*ROWS[:3], {**ROWS[3], "value": float("inf")}]], "not a number"),
        ([HEAD, [*ROWS[:3], {**ROWS[3], "value": float("nan")}]], "not a number"),
        ([HEAD, [{**ROWS[0], "date": "2015Q1"}]], "date that is not a year; found: '2015Q1'"),
        ([HEAD, [{**ROWS[0], "date": "2015M01"}]], "date that is not a year; found: '2015M01'"),
        ([HEAD, [*ROWS, ROWS[0]]], "CD: the release holds a row twice; found: 'BBB 2016'"),
        ([HEAD, [*ROWS, {**ROWS[0], "obs_status": "F"}]], r"a row twice \(the two differ in obs_status\)"),
        ([HEAD, [*ROWS[:3], {**ROWS[3], "value": "1_000"}]], "not a number.*'1_000'"),
        ([{**HEAD, "total": 50}, ROWS], "the answer is cut; found: '4 rows'; allowed: 50"),
        ([HEAD, [*ROWS[:3], {**ROWS[3], "indicator": {"id": "SP.POP"}}]], "another indicator; found: 'SP.POP'"),
    ],
)
def test_what_is_not_a_table_of_years_is_refused_and_not_kept(server, tmp_path, answer, message):
    server.service = sent(answer)
    with pytest.raises(InputError, match=message):
        wdi(server, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert wdi(server, tmp_path, ROWS).to_csv(index=False) == BOTH


def test_the_count_of_pages_may_be_text(server, tmp_path):
    server.service = sent([{"page": "1", "pages": "1", "per_page": "20000", "total": "4"}, ROWS])
    assert wdi(server, tmp_path).to_csv(index=False) == BOTH


def test_years_that_were_not_asked_for_are_left_out(server, tmp_path):
    assert wdi(server, tmp_path / "a", ROWS, years=(2015, 2016)).to_csv(index=False) == BOTH
    server.service = sent([HEAD, [*ROWS, world_bank_row("AAA", "1999", 7)]])
    assert wdi(server, tmp_path / "b").to_csv(index=False) == BOTH


def test_an_economy_that_the_bank_does_not_know_is_its_error(server, tmp_path):
    with pytest.raises(InputError, match="Invalid value"):
        wdi(server, tmp_path, ROWS, economies="AAA ZZZ")


def test_an_economy_without_any_figure_is_a_gap(server, tmp_path):
    empty = [world_bank_row("CCC", "2015", None), world_bank_row("CCC", "2016", None)]
    assert wdi(server, tmp_path, [*ROWS, *empty], "AAA BBB CCC").to_csv(index=False) == BOTH


@pytest.mark.parametrize(("iso3", "iso2"), [("", "1W"), ("WLD", "1W"), ("AFE", "ZH"), ("EUU", "EU"), ("", "XD")])
def test_an_aggregate_is_no_economy_unless_it_is_asked_for(server, tmp_path, iso3, iso2):
    total = [world_bank_row(iso3, year, 9, iso2) for year in ("2015", "2015", "2016")]
    kosovo, namibia = world_bank_row("XKX", "2015", 4, "XK"), world_bank_row("NAM", "2015", 5, "NA")
    world = wdi(server, tmp_path / "a", [*ROWS, *total, kosovo, namibia], economies="")
    assert sorted(set(world["economy"])) == ["AAA", "BBB", "NAM", "XKX"]
    assert wdi(server, tmp_path / "b", [*ROWS, *total]).to_csv(index=False) == BOTH
    if iso3:
        assert wdi(server, tmp_path / "c", total[1:], economies=iso3)["value"].tolist() == [9, 9]


def test_a_database_that_names_economies_elsewhere(server, tmp_path):
    rows = [{**row, "countryiso3code": "", "country": {"id": row["countryiso3code"]}} for row in ROWS]
    assert wdi(server, tmp_path, rows).to_csv(index=False) == BOTH
    for nameless in (rows, [{**ROWS[0], "country": {"id": ""}}], [{**ROWS[0], "country": {"id": "BBB"}}]):
        with pytest.raises(InputError, match="does not distinguish economies from aggregates"):
            wdi(server, tmp_path, nameless, economies="")


def test_answers_are_renewed_when_that_is_asked_for(server, tmp_path):
    wdi(server, tmp_path, ROWS)
    newer = [world_bank_row("AAA", "2015", 11), world_bank_row("BBB", "2015", 3)]
    assert wdi(server, tmp_path, newer)["value"].tolist() == [10, 2.5]
    server.service, asked = (lambda path: (404, b"")), len(server.requests)
    with pytest.raises(InputError, match="HTTP 404"):
        wdi(server, tmp_path, refresh=True)
    assert len(server.requests) == asked + 1
    assert wdi(server, tmp_path)["value"].tolist() == [10, 2.5]  # what there was has stayed
    server.service = sent(INVALID)  # an error with status 200
    with pytest.raises(InputError, match="Invalid value"):
        wdi(server, tmp_path, refresh=True)
    assert wdi(server, tmp_path)["value"].tolist() == [10, 2.5]
    assert wdi(server, tmp_path, newer, refresh=True)["value"].tolist() == [11, 3]
    server.service = None
    assert wdi(server, tmp_path)["value"].tolist() == [11, 3]


def flows(server, cache, rows, economies=None, years=(2015, 2016), **more):
    server.service = comtrade(rows, **more)
    options = {"economies": economies or {"AAA": 4, "BBB": 8}, "years": years, "base_url": server.url, "policy": FAST}
    return fetch("comtrade", cache_dir=cache, **options)


def test_comtrade(server, tmp_path):
    rows = [comtrade_row(4, 8, 2016, 2.5e6), comtrade_row(4, 8, 2015, 1e6), comtrade_row(8, 4, 2015, 3e6)]
    other = [comtrade_row(4, 0, 2015, 9e9), comtrade_row(8, 4, 2016, 7e6, flowCode="M")]  # to the world; imports
    assert flows(server, tmp_path, rows + other).to_csv(index=False) == (
        "exporter,importer,year,exports_musd\nAAA,BBB,2015,1.0\nAAA,BBB,2016,2.5\nBBB,AAA,2015,3.0\n"
    )


PARTS = [{"partner2Code": 251}, {"motCode": 2100}, {"customsCode": "C04"}, {"cmdCode": "27"}, {"mosCode": "1"}]


@pytest.mark.parametrize("part", PARTS, ids=str)
@pytest.mark.parametrize("heeded", [True, False], ids=["filtered", "all rows"])
def test_parts_of_a_flow_are_not_the_flow(server, tmp_path, part, heeded):
    rows = [comtrade_row(4, 8, 2015, 4e5, **part), comtrade_row(4, 8, 2015, 1e6), comtrade_row(8, 4, 2015, 3e6)]
    if heeded and "mosCode" not in part:
        found = flows(server, tmp_path, rows)
    else:  # a mirror that knows none of the criteria
        server.service = sent({"data": rows, "error": ""})
        options = {"years": (2015, 2015), "base_url": server.url, "policy": FAST}
        found = fetch("comtrade", cache_dir=tmp_path, economies={"AAA": 4, "BBB": 8}, **options)
    assert found["exports_musd"].tolist() == [1, 3]


def test_goods_that_come_back_are_no_flow_between_economies(server, tmp_path):
    rows = [comtrade_row(4, 4, 2015, 5e6), comtrade_row(4, 8, 2015, 1e6)]
    assert flows(server, tmp_path, rows)["exports_musd"].tolist() == [1.0]


@pytest.mark.parametrize("other", [
    {"reporterCode": "004", "partnerCode": "008"}, {"reporterCode": 4.0, "partnerCode": 8.0}, {"partnerCode": " 8"},
    {"refYear": "2015"}, {"refYear": 2015.0}, {"motCode": 0.0, "partner2Code": "000", "customsCode": "c00"},
    {"cmdCode": "Total", "flowCode": "x "},
], ids=str)  # fmt: skip
def test_codes_may_be_padded_or_typed_otherwise(server, tmp_path, other):
    server.service = sent({"data": [comtrade_row(4, 8, 2015, 1e6) | other, comtrade_row(4, 12, 2015, 3e6)]})
    options = {"years": (2015, 2015), "base_url": server.url, "policy": FAST}
    found = fetch("comtrade", cache_dir=tmp_path, economies={"AAA": 4, "BBB": 8, "CCC": 12}, **options)
    assert found["exports_musd"].tolist() == [1, 3]


@pytest.mark.parametrize("code", [None, "BBB", "'008", 8.5])
def test_a_flow_whose_partner_cannot_be_read_is_not_zero(server, tmp_path, code):
    server.service = sent({"data": [comtrade_row(4, code, 2015, 1e6), comtrade_row(4, 12, 2015, 3e6)]})
    options = {"years": (2015, 2015), "base_url": server.url, "policy": FAST}
    with pytest.raises(InputError, match="partnerCode is not a number"):
        fetch("comtrade", cache_dir=tmp_path, economies={"AAA": 4, "BBB": 8, "CCC": 12}, **options)


def test_parts_of_a_flow_without_its_total_are_not_zero(server, tmp_path):
    server.service = sent({"data": [comtrade_row(4, 8, 2015, 1e6, **PARTS[1]), comtrade_row(4, 12, 2015, 3e6)]})
    options = {"years": (2015, 2015), "base_url": server.url, "policy": FAST}
    with pytest.raises(InputError, match="in parts, without its total; found: 'AAA BBB 2015'"):
        fetch("comtrade", cache_dir=tmp_path, economies={"AAA": 4, "BBB": 8, "CCC": 12}, **options)


def test_an_answer_that_is_refused_leaves_the_others_in_the_cache(server, tmp_path):
    answer = comtrade([comtrade_row(4, 8, 2015, 1e6), comtrade_row(8, 4, 2015, 3e6)])
    limit = b'{"statusCode": 429, "message": "Rate limit is exceeded."}'
    server.service = lambda path: (200, limit) if "reporterCode=8" in path else answer(path)
    options = {"economies": {"AAA": 4, "BBB": 8}, "years": (2015, 2015), "base_url": server.url, "policy": FAST}
    with pytest.raises(InputError, match="Rate limit is exceeded"):
        fetch("comtrade", cache_dir=tmp_path, **options)
    server.service, server.requests[:] = answer, []
    assert fetch("comtrade", cache_dir=tmp_path, **options)["exports_musd"].tolist() == [1, 3]
    assert ["reporterCode=8" in path for path, *_ in server.requests] == [True]


def test_many_years_are_several_questions(server, tmp_path):
    rows = [comtrade_row(4, 8, year, 1e6 * year) for year in range(2000, 2021)]
    found = flows(server, tmp_path, rows, years=(2000, 2020))
    assert found["exports_musd"].tolist() == list(range(2000, 2021))
    assert len(server.requests) == 4


@pytest.mark.parametrize("null", [True, False])
def test_comtrade_without_rows_or_values_leaves_gaps(server, tmp_path, null):
    found = flows(server, tmp_path, [comtrade_row(4, 8, 2016, None), comtrade_row(4, 8, 2015, 1e6)], null=null)
    assert found["exports_musd"].fillna(-1).tolist() == [1, -1]
    table = as_bundled("comtrade", found).set_index(["exporter", "year"])["status"]
    assert table["AAA"].tolist() == ["recorded", "not_reported"]
    assert flows(server, tmp_path / "b", [], null=null).empty


def test_comtrade_in_another_shape_is_refused(server, tmp_path):
    renamed = comtrade_row(4, 8, 2015, 1.0)
    renamed["value"] = renamed.pop("primaryValue")
    for rows, message in (
        ([renamed], "no field primaryValue"),
        ([comtrade_row(4, 8, 2015, "much")], "not a number.*'much'"),
        ([comtrade_row(4, 8, 2015, -1.0)], "a flow is negative; found: -1"),
        ([comtrade_row(4, 8, 2015, 1.0)] * 2, "a row twice"),
        (
            [comtrade_row(4, 8, 2015, 1.0), comtrade_row(4, 8, 2015, 2.0, classificationCode="H5")],
            r"HS: the release holds a row twice \(the two differ in classificationCode, .*exports_musd\); found",
        ),
        ([comtrade_row(4, 8, 2015, 1.0)] * 500, "cut its answer"),
    ):
        with pytest.raises(InputError, match=message):
            flows(server, tmp_path / message.replace(" ", ""), rows)
    options = {"economies": {"AAA": 4, "BBB": 8}, "years": (2015, 2016), "base_url": server.url, "policy": FAST}
    server.service = sent({"count": 700, "data": [comtrade_row(4, 8, 2015, 1.0)], "error": ""})
    with pytest.raises(InputError, match="cut its answer; found: 700"):
        fetch("comtrade", cache_dir=tmp_path / "counted", **options)
    server.service = sent({"count": 700.0, "data": [comtrade_row(4, 8, 2015, 1.0)], "error": ""})
    with pytest.raises(InputError, match="cut its answer; found: 700"):
        fetch("comtrade", cache_dir=tmp_path / "floats", **options)
    server.service = sent({"count": 0, "data": [], "error": "quota exceeded"})
    with pytest.raises(InputError, match="is an error; found: 'quota exceeded'"):
        fetch("comtrade", cache_dir=tmp_path, **options)


def test_a_flow_without_a_figure_is_not_zero(server, tmp_path):
    rows = [comtrade_row(4, 8, 2015, None), comtrade_row(4, 12, 2015, 1e6), comtrade_row(8, 12, 2015, 2e6)]
    found = as_bundled("comtrade", flows(server, tmp_path, rows, {"AAA": 4, "BBB": 8, "CCC": 12}))
    status = found.set_index(["exporter", "importer"])["status"]
    assert status["AAA", "BBB"] == "not_reported"
    assert status["BBB", "AAA"] == "no_recorded_flow"


def test_why_a_service_refuses_is_told(server, tmp_path):
    server.service = lambda path: (403, b'{"statusCode": 403, "message": "Out of call volume quota"}')
    with pytest.raises(InputError, match=r"HTTP 403 Forbidden .*Out of call volume quota"):
        fetch("comtrade", economies={"AAA": 4}, years=(2015, 2015), cache_dir=tmp_path, base_url=server.url)

"""The providers' services as their documentation describes them: what they take, and what their answers hold.

World Bank: "API Basic Call Structures" and "New Features and Enhancements in the V2 API" of its help desk. UN Comtrade:
the selection criteria of `comtradeapicall`, its own package, and the limits of `comtradr`'s manual.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import parse_qs, unquote, urlsplit

Row = dict[str, object]
INVALID = [{"message": [{"id": "120", "key": "Invalid value", "value": "The provided parameter value is not valid"}]}]


def world_bank_row(iso3: str, date: str, value: object, iso2: str = "", **other: object) -> Row:
    return {
        "indicator": {"id": "NY.GDP.MKTP.CD", "value": "GDP (current US$)"},
        "country": {"id": iso2 or iso3[:2], "value": iso3.title()},
        "countryiso3code": iso3,
        "date": date,
        "value": value,
        "unit": "",
        "obs_status": "",
        "decimal": 0,
        **other,
    }


def world_bank(rows: Iterable[Row], known: Iterable[str] = ()):
    """Answers `/v2/country/AAA;BBB/indicator/ID?date=2015:2016&per_page=N`; an unknown code spoils it."""
    rows = list(rows)
    codes_known = {code for row in rows for code in (row["countryiso3code"], row["country"]["id"])} | set(known)

    def answer(path: str) -> tuple[int, bytes]:
        url = urlsplit(unquote(path))
        _, version, country, codes, word, indicator = url.path.split("/")
        assert (version, country, word) == ("v2", "country", "indicator")
        asked = {key: value[0] for key, value in parse_qs(url.query).items()}
        wanted = set(codes.split(";")) if codes != "all" else codes_known
        if not wanted <= codes_known or asked["format"] != "json":
            return 200, json.dumps(INVALID).encode()
        first, last = asked["date"].split(":")
        found = [
            row
            for row in rows
            if row["indicator"]["id"] == indicator
            and wanted & {row["countryiso3code"], row["country"]["id"]}
            and first <= row["date"][:4] <= last
        ]
        size = int(asked.get("per_page", "50"))
        head = {"page": 1, "pages": -(-len(found) // size), "per_page": size, "total": len(found)}
        if not found:
            return 200, json.dumps([{"page": 0, "pages": 0, "per_page": 0, "total": 0}, None]).encode()
        # it has begun its answers with a byte-order mark
        return 200, b"\xef\xbb\xbf" + json.dumps([head | {"sourceid": "2"}, found[:size]]).encode()

    return answer


def comtrade_row(reporter: object, partner: object, year: int, value: object, **other: object) -> Row:
    row = {"typeCode": "C", "freqCode": "A", "refPeriodId": year * 10_000 + 101, "refYear": year, "refMonth": 52}
    row |= {"period": str(year), "reporterCode": reporter, "reporterISO": None, "flowCode": "X"}
    row |= {"partnerCode": partner, "partnerISO": None, "partner2Code": 0, "classificationCode": "H4"}
    row |= {"cmdCode": "TOTAL", "customsCode": "C00", "mosCode": "0", "motCode": 0, "cifvalue": None}
    return row | {"fobvalue": value, "primaryValue": value, "isReported": False, "isAggregate": True} | other


# each parameter that narrows a question; one that is left out narrows nothing
CRITERIA = ("reporterCode", "partnerCode", "period", "cmdCode", "flowCode", "partner2Code", "motCode", "customsCode")


def comtrade(rows: Iterable[Row], null: bool = False):
    """Answers `/public/v1/preview/C/A/HS?…`: at most twelve periods a question and 500 rows an answer."""
    rows = list(rows)

    def fits(row: Row, asked: dict[str, list[str]]) -> bool:
        return all(str(row[key]).lstrip("0") in [v.lstrip("0") for v in asked[key]] for key in CRITERIA if key in asked)

    def answer(path: str) -> tuple[int, bytes]:
        url = urlsplit(unquote(path))
        assert url.path == "/public/v1/preview/C/A/HS"
        asked = {key: value[0].split(",") for key, value in parse_qs(url.query).items()}
        if len(asked["period"]) > 12:
            return 400, b'{"statusCode": 400, "message": "period: at most 12"}'
        found = [row for row in rows if fits(row, asked)][:500]
        data = None if null and not found else found
        return 200, json.dumps({"elapsedTime": "0.1 secs", "count": len(found), "data": data, "error": ""}).encode()

    return answer

"""Services that answer in JSON: the World Bank's indicators and UN Comtrade."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pandas as pd

from deadletter.errors import InputError
from deadletter.fetch.download import kept_if_read
from deadletter.fetch.query import KEY, Query, all_there, in_order

PREVIEW_ROWS = 500  # where the open Comtrade service cuts its answers
PERIODS = 12  # that Comtrade takes in one question
TOTALS = {"partner2Code": 0, "motCode": 0, "customsCode": "C00"}  # all second partners, transports and procedures
WHOLE = {**TOTALS, "mosCode": 0, "cmdCode": "TOTAL"}  # and all modes of supply, by which no question can be asked
AGGREGATE = re.compile(r".?\d.?|E[U]|OE|X[^K]|Z[^AMW]")  # codes of the World Bank that ISO 3166 gives to no economy


def wdi_paths(query: Query) -> list[str]:
    span = f"{query.years[0]}:{query.years[1]}"
    codes = ";".join(query.economies) or "all"
    return [f"/v2/country/{codes}/indicator/{query.indicator}?format=json&per_page=20000&date={span}"]


def read_wdi(files: list[Path], query: Query) -> pd.DataFrame:
    """World Bank API v2 (JSON): economy, year, indicator, value; a year without a figure is left out."""
    with kept_if_read(path := files[0]):
        answer = _json(path)
        if not (isinstance(answer, list) and len(answer) == 2):
            raise InputError("the answer is not a table of the World Bank", where=path.name, found=answer,
                             allowed="an indicator and economies that it knows")  # fmt: skip
        if (pages := _key(answer[0], "pages", path)) not in (0, 1, "0", "1"):
            allowed = "1: ask for fewer years or economies"
            raise InputError("the answer is cut into pages", where=path.name, found=pages, allowed=allowed)
        given = _rows(answer[1], path)
        if (total := _whole(answer[0].get("total")) or 0) > len(given):
            raise InputError("the answer is cut", where=path.name, found=f"{len(given)} rows", allowed=f"{total}")
        rows = [
            {
                **row,
                "economy": economy,
                "year": _year(_key(row, "date", path), path),
                "indicator": _key(_key(row, "indicator", path), "id", path),
                "value": _figure(_key(row, "value", path), path),
            }
            for row in given
            if (economy := _economy(row, query, path))
        ]
        table = pd.DataFrame(rows, columns=None if rows else ["economy", "year", "indicator", "value"])
        other = table.loc[table["indicator"].astype(str).str.casefold() != query.indicator.casefold(), "indicator"]
        if not other.empty:
            raise InputError("the answer is on another indicator", where=path.name, found=other.iloc[0],
                             allowed=query.indicator)  # fmt: skip
        table = table[table["year"].between(*query.years)]
        all_there(table["economy"], query, path)
        known = table[table["value"].notna()].astype({"value": float})
        return in_order(known, ["economy", "year"], ["indicator", "value"], path.name)


def _economy(row: object, query: Query, path: Path) -> str:
    """The ISO code of a row of the World Bank; empty for an aggregate, and for an economy that was not asked for.

    Some databases leave ``countryiso3code`` empty and name the economy in ``country.id``.
    """
    code = str(_key(row, "countryiso3code", path) or "")
    country = row.get("country") if isinstance(row, dict) else None
    own = str(country.get("id") or "") if isinstance(country, dict) else ""
    if query.economies:
        return next((known for known in (code, own) if known in query.economies), "")
    if len(own) != 2:
        raise InputError("this database does not distinguish economies from aggregates", where=path.name, found=own,
                         allowed="economies by name: --economy")  # fmt: skip
    return "" if AGGREGATE.fullmatch(own) else code


def read_comtrade(files: list[Path], query: Query) -> pd.DataFrame:
    """UN Comtrade (JSON), exports as reported, one file a reporter: exporter, importer, year, exports_musd."""
    tables = []
    for path, question in zip(files, _comtrade_questions(query), strict=True):
        with kept_if_read(path):
            tables.append(_flows(path, query, *question))
    return pd.concat(tables).sort_values(KEY).reset_index(drop=True)


def _flows(path: Path, query: Query, reporter: int | None, years: range) -> pd.DataFrame:
    """The exports of one answer of UN Comtrade."""
    iso = {number: code for code, number in query.economies.items()}
    answer = _json(path)
    data = _rows(_key(answer, "data", path), path)
    about = answer if isinstance(answer, dict) else {}
    if about.get("error"):
        raise InputError("the answer is an error", where=path.name, found=about["error"])
    counted = max(len(data), _whole(about.get("count")) or 0)
    if counted >= PREVIEW_ROWS or counted > len(data):
        allowed = f"fewer than {PREVIEW_ROWS} rows: ask for fewer years or economies"
        raise InputError("the open service has cut its answer", where=path.name, found=counted, allowed=allowed)
    rows, parts = [], set()
    for row in data:
        exporter, importer = (_number(row, f"{side}Code", path) for side in ("reporter", "partner"))
        value, year = _figure(_key(row, "primaryValue", path), path), _year(_key(row, "refYear", path), path)
        if value is not None and value < 0:
            raise InputError("a flow is negative", where=path.name, found=value)
        # goods that come back may stand as a flow of an economy to itself
        asked = exporter == reporter != importer in iso and year in years
        if not asked or _plain(_key(row, "flowCode", path)) != "X":
            continue
        pair = {"exporter": iso[exporter], "importer": iso[importer], "year": year}
        if any(row.get(key) is not None and _plain(row[key]) != total for key, total in WHOLE.items()):
            parts.add(tuple(pair.values()))
        else:
            rows.append({**row, **pair, "exports_musd": math.nan if value is None else value / 1e6})
    for flow in sorted(parts - {(row["exporter"], row["importer"], row["year"]) for row in rows})[:1]:
        raise InputError("a flow is there in parts, without its total", where=path.name, found=" ".join(map(str, flow)))
    table = pd.DataFrame(rows, columns=None if rows else [*KEY, "exports_musd"])
    return in_order(table.astype({"year": int, "exports_musd": float}), KEY, ["exports_musd"], path.name)


def _comtrade_questions(query: Query) -> list[tuple[int | None, range]]:
    """Reporter and years of each file."""
    first, last = query.years
    spans = [range(year, min(year + PERIODS, last + 1)) for year in range(first, last + 1, PERIODS)]
    return [(number, years) for number in query.economies.values() for years in spans]


def comtrade_paths(query: Query) -> list[str]:
    partners = ",".join(str(number) for number in query.economies.values())
    totals = "".join(f"&{key}={value}" for key, value in TOTALS.items())
    return [
        f"/public/v1/preview/C/A/HS?reporterCode={number}&partnerCode={partners}"
        f"&period={','.join(map(str, years))}&cmdCode=TOTAL&flowCode=X{totals}"
        for number, years in _comtrade_questions(query)
    ]


def _json(path: Path) -> object:
    """The JSON of a file; InputError where it is none."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # a page, or an error in XML, says why by its words
        words = " ".join(re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL).split())
        raise InputError("the answer is not JSON", where=path.name, found=words or "nothing") from None


def _key(row: object, name: str, path: Path) -> object:
    """A field of the answer, or InputError."""
    if not isinstance(row, dict) or name not in row:
        raise InputError(f"the answer has no field {name}", where=path.name, found=row)
    return row[name]


def _rows(value: object, path: Path) -> list[Any]:
    """The rows of an answer; a provider that has none may send null."""
    if value is not None and not isinstance(value, list):
        raise InputError("the answer has no list of rows", where=path.name, found=value)
    return value or []


def _whole(value: object) -> int | None:
    """A whole number however it is written, padded, or with a decimal point; None for any other value."""
    found = re.fullmatch(r"\s*([0-9]+)(\.0*)?\s*", str(value))
    return int(found[1]) if found else None


def _plain(code: object) -> int | str:
    """A code without padding: a number, or capitals."""
    return str(code).strip().upper() if (number := _whole(code)) is None else number


def _number(row: object, name: str, path: Path) -> int:
    """A numeric code of a row, or InputError: a flow whose code cannot be read is not zero."""
    if (number := _whole(code := _key(row, name, path))) is None:
        raise InputError(f"{name} is not a number", where=path.name, found=code)
    return number


def _figure(value: object, path: Path) -> float | None:
    """A figure, None where the answer has none, or InputError."""
    if value is None:
        return None
    try:
        figure = float(str(value).replace("_", "?"))  # which only Python takes for a number
    except ValueError:
        figure = math.nan
    if not math.isfinite(figure):
        raise InputError("a figure is not a number", where=path.name, found=value)
    return figure


def _year(value: object, path: Path) -> int:
    """A year, or InputError for a quarter, a month or what is not a date."""
    if (year := _whole(value)) is None:
        raise InputError("the answer holds a date that is not a year", where=path.name, found=value)
    return year

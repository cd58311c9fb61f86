"""The official releases: where each is, and how its files become the project's tidy tables."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from deadletter.errors import InputError
from deadletter.fetch.download import forget
from deadletter.fetch.unga import read_unga, unga_paths

Read = Callable[[list[Path], "Query"], pd.DataFrame]
ROWS = 1_000_000  # rows of a product-level file in memory at a time
PREVIEW_ROWS = 500  # where the open Comtrade service cuts its answers
GRAVITY = {
    "iso3_o": "exporter",
    "iso3_d": "importer",
    "year": "year",
    "dist": "distance_km",
    "contig": "contiguity",
    "comlang_off": "common_language",
    "col45": "colonial_tie",
    "tradeflow_comtrade_o": "exports_musd",
}


@dataclass(frozen=True)
class Query:
    """What to take from a release.

    economies: ISO 3166 alpha-3 codes to keep, with the provider's numeric code where ``comtrade`` needs it (else None);
    none means all of the release;
    years: first and last; version: of the CEPII file; indicator: of the World Bank.
    """

    economies: dict[str, int | None]
    years: tuple[int, int]
    version: str = ""
    indicator: str = ""


@dataclass(frozen=True)
class Release:
    """A release: default address, the argument it needs, paths of the files that answer a query, and their reader."""

    base_url: str
    needs: str
    paths: Callable[[Query], list[str]]
    read: Read


def read_baci(files: list[Path], query: Query) -> pd.DataFrame:
    """CEPII BACI (Gaulier & Zignago 2010): product flows in thousand USD → exporter, importer, year, exports_musd."""
    pieces = []
    with _archive(files[0]) as archive:
        codes = pd.concat(_chunks(archive, _member(archive, "country_codes", files[0])))
        iso = _rename(codes, {"country_code": "number", ("country_iso3", "iso_3digit_alpha"): "iso3"}, files[0])
        kept = iso.loc[_chosen(iso["iso3"], query)].set_index("number")["iso3"]
        _all_there(kept, query, files[0])
        for year in range(query.years[0], query.years[1] + 1):
            for chunk in _chunks(archive, _member(archive, f"_Y{year}_", files[0])):
                flows = _rename(chunk, {"t": "year", "i": "exporter", "j": "importer", "v": "value"}, files[0])
                flows = flows.loc[flows["exporter"].isin(kept.index) & flows["importer"].isin(kept.index)]
                flows = flows.assign(value=_numbers(flows["value"], f"year {year}"))
                pieces.append(flows.groupby(["exporter", "importer", "year"], as_index=False)["value"].sum())
    total = pd.concat(pieces).groupby(["exporter", "importer", "year"], as_index=False)["value"].sum()
    total["exporter"], total["importer"] = total["exporter"].map(kept), total["importer"].map(kept)
    total["exports_musd"] = total.pop("value") / 1000
    return _sorted(total, ["exporter", "importer", "year"])


def read_gravity(files: list[Path], query: Query) -> pd.DataFrame:
    """CEPII Gravity (Conte, Cotterlaz & Mayer 2022): directed pairs by year, columns as the values of ``GRAVITY``."""
    first, last = query.years
    pieces = []
    with _archive(files[0]) as archive:
        for chunk in _chunks(archive, _member(archive, "Gravity_V", files[0])):
            pairs = _rename(chunk, GRAVITY, files[0])
            chosen = _chosen(pairs["exporter"], query) & _chosen(pairs["importer"], query)
            pieces.append(pairs.loc[chosen & pairs["year"].between(first, last)])
    table = pd.concat(pieces)
    table = table.loc[table["exporter"] != table["importer"]]
    _all_there(table["exporter"], query, files[0])
    table["exports_musd"] = _numbers(table["exports_musd"], files[0].name) / 1000
    return _sorted(table, ["exporter", "importer", "year"])


def read_wdi(files: list[Path], query: Query) -> pd.DataFrame:
    """World Bank API v2 (JSON): economy, year, indicator, value; a year without a figure is left out."""
    rows = []
    for path in files:
        answer = _json(path)
        if not (isinstance(answer, list) and len(answer) == 2):
            raise InputError("the answer is not a table of the World Bank", where=path.name, found=answer)
        if (pages := _key(answer[0], "pages", path)) != 1:
            raise InputError("the answer is cut into pages", where=path.name, found=pages, allowed="1")
        rows += [
            {
                "economy": _key(row, "countryiso3code", path),
                "year": _year(_key(row, "date", path), path),
                "indicator": _key(_key(row, "indicator", path), "id", path),
                "value": _figure(_key(row, "value", path), path),
            }
            for row in _rows(answer[1], path)
        ]
    table = pd.DataFrame(rows, columns=["economy", "year", "indicator", "value"])
    # an aggregate without a code belongs to no economy
    table = table[table["economy"].ne("") & table["value"].notna()]
    _all_there(table["economy"], query, files[0])
    return _sorted(table.astype({"value": float}), ["economy", "year"])


def read_comtrade(files: list[Path], query: Query) -> pd.DataFrame:
    """UN Comtrade (JSON), exports as reported, one file a reporter: exporter, importer, year, exports_musd."""
    iso = {number: code for code, number in query.economies.items()}
    rows = []
    for path in files:
        answer = _json(path)
        data = _rows(_key(answer, "data", path), path)
        if len(data) >= PREVIEW_ROWS:
            allowed = f"fewer than {PREVIEW_ROWS} rows: ask for fewer years or economies"
            raise InputError("the open service has cut its answer", where=path.name, found=len(data), allowed=allowed)
        for row in data:
            exporter, importer = (_of_code(iso, _key(row, f"{side}Code", path)) for side in ("reporter", "partner"))
            value = _figure(_key(row, "primaryValue", path), path)
            if exporter and importer and value is not None and _key(row, "flowCode", path) == "X":
                rows.append((exporter, importer, _year(_key(row, "refYear", path), path), value / 1e6))
    table = pd.DataFrame(rows, columns=["exporter", "importer", "year", "exports_musd"])
    return _sorted(table, ["exporter", "importer", "year"])


def _comtrade_paths(query: Query) -> list[str]:
    years = ",".join(str(year) for year in range(query.years[0], query.years[1] + 1))
    partners = ",".join(str(number) for number in query.economies.values())
    return [
        f"/public/v1/preview/C/A/HS?reporterCode={number}&partnerCode={partners}&period={years}&cmdCode=TOTAL&flowCode=X"
        for number in query.economies.values()
    ]


def _wdi_paths(query: Query) -> list[str]:
    span = f"{query.years[0]}:{query.years[1]}"
    codes = ";".join(query.economies) or "all"
    return [f"/v2/country/{codes}/indicator/{query.indicator}?format=json&per_page=20000&date={span}"]


CEPII = "https://www.cepii.fr/DATA_DOWNLOAD"
RELEASES = {
    "baci": Release(f"{CEPII}/baci/data", "version", lambda query: [f"/BACI_{query.version}.zip"], read_baci),
    "gravity": Release(
        f"{CEPII}/gravity/data", "version", lambda query: [f"/Gravity_csv_{query.version}.zip"], read_gravity
    ),
    "wdi": Release("https://api.worldbank.org", "indicator", _wdi_paths, read_wdi),
    "comtrade": Release("https://comtradeapi.un.org", "", _comtrade_paths, read_comtrade),
    "unga": Release("https://digitallibrary.un.org", "version", unga_paths, read_unga),
}


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """An open zip; InputError where it, or a file in it, is damaged, and the cache forgets it."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        forget(path)
        raise InputError(
            "the archive is damaged; it was removed from the cache", where=path.name, found=error
        ) from None


def _member(archive: zipfile.ZipFile, part: str, path: Path) -> str:
    """The one CSV in the archive whose name holds ``part``."""
    names = [name for name in archive.namelist() if part in Path(name).name and name.endswith(".csv")]
    if len(names) != 1:
        raise InputError(f"not exactly one file named …{part}….csv", where=path.name, found=archive.namelist())
    return names[0]


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[pd.DataFrame]:
    """A CSV of the archive, piece by piece; InputError for a file that is no CSV."""
    with archive.open(name) as stream:
        try:
            yield from pd.read_csv(stream, chunksize=ROWS, low_memory=False)
        except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
            raise InputError("not a CSV file", where=name, found=error) from None


def _numbers(values: pd.Series, name: str) -> pd.Series:
    """A column as floats, or InputError; an empty cell is NaN."""
    numbers = pd.to_numeric(values, errors="coerce")
    bad = numbers.isna() & values.notna()
    if bad.any():
        raise InputError("a figure is not a number", where=f"{name}, {values.name}", found=values[bad].iloc[0])
    return numbers.astype(float)


def _rename(table: pd.DataFrame, names: Mapping[Any, str], path: Path) -> pd.DataFrame:
    """The columns asked for under our names; a tuple lists the names that releases have used."""
    found = {}
    for theirs, ours in names.items():
        known = (theirs,) if isinstance(theirs, str) else theirs
        present = [name for name in known if name in table.columns]
        if not present:
            where = f"{path.name}, wanted {' or '.join(known)}"
            raise InputError("a column has another name in this release", where=where, found=", ".join(table.columns))
        found[present[0]] = ours
    return table[list(found)].rename(columns=found)


def _json(path: Path) -> object:
    """The JSON of a file; InputError where it is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError("the answer is not JSON", where=path.name, found=error) from None


def _key(row: object, name: str, path: Path) -> object:
    """A field of the answer, or InputError."""
    if not isinstance(row, dict) or name not in row:
        raise InputError(f"the answer has no field {name}", where=path.name, found=row)
    return row[name]


def _rows(value: object, path: Path) -> list[object]:
    """The rows of an answer; a provider that has none may send null."""
    if value is not None and not isinstance(value, list):
        raise InputError("the answer has no list of rows", where=path.name, found=value)
    return value or []


def _of_code(iso: Mapping[int | None, str], code: object) -> str | None:
    """The economy of a provider's numeric code; None for a code that was not asked for."""
    return iso.get(code) if isinstance(code, int) else None


def _figure(value: object, path: Path) -> float | None:
    """A figure, None where the answer has none, or InputError."""
    if value is None:
        return None
    try:
        return float(str(value))
    except ValueError:
        raise InputError("a figure is not a number", where=path.name, found=value) from None


def _year(value: object, path: Path) -> int:
    """A year, or InputError for a quarter, a month or what is no date."""
    if not str(value).isdecimal():
        raise InputError("the answer holds a date that is not a year", where=path.name, found=value)
    return int(str(value))


def _chosen(codes: pd.Series, query: Query) -> pd.Series:
    """Mask of the economies that were asked for."""
    return codes.isin(query.economies) if query.economies else codes.notna()


def _all_there(found: pd.Series, query: Query, path: Path) -> None:
    """InputError where an economy that was asked for does not appear at all."""
    absent = sorted(set(query.economies) - set(found))
    if absent:
        raise InputError("the release has nothing on these economies", where=path.name, found=", ".join(absent))


def _sorted(table: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Rows in the order of the key, columns key first."""
    if table.duplicated(key).any():
        raise InputError("the release holds a row twice", found=table.loc[table.duplicated(key), key].iloc[0].to_dict())
    columns = key + [column for column in table.columns if column not in key]
    return table[columns].sort_values(key).reset_index(drop=True)

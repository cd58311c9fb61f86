"""CEPII's releases, zips of CSV: BACI and Gravity."""

import lzma
import math
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np
import pandas as pd

from deadletter.dataset.tables import refuse_thousands
from deadletter.errors import InputError
from deadletter.fetch.download import forget
from deadletter.fetch.query import HEADER, KEY, Query, all_there, chosen, dialect, in_order

ROWS = 1_000_000  # rows of a product-level file in memory at a time
PRODUCTS = 36**6  # more than there are codes of six characters
OTHER_ASIA = 490  # "Other Asia, not elsewhere specified": how the UN, and with it BACI, shows Taiwan's trade
BACI = {"t": "year", "i": "exporter", "j": "importer", "k": "product", "v": "value"}
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


def read_baci(files: list[Path], query: Query) -> pd.DataFrame:
    """CEPII BACI (Gaulier & Zignago 2010): product flows in thousand USD → exporter, importer, year, exports_musd."""
    first, last = query.years
    pieces = []
    unlisted: set[float] = set()
    with _archive(files[0]) as archive:
        codes = pd.concat(_chunks(archive, _member(archive, r".*country_codes.*", files[0])))
        iso = _rename(codes, {"country_code": "number", ("country_iso3", "iso_3digit_alpha"): "iso3"}, files[0])
        iso = iso.drop_duplicates()
        names = iso.assign(number=_numbers(iso["number"], files[0].name)).set_index("number")["iso3"]
        names[names.index == OTHER_ASIA] = "TWN"
        if names.index.has_duplicates:
            twice = names.index[names.index.duplicated()][0]
            raise InputError("one number is used for two economies", where=files[0].name, found=f"{twice:g}")
        kept, named = names[chosen(names, query)], names.dropna()
        all_there(kept, query, files[0], sorted(set(named)))
        for year in range(first, last + 1):
            seen = []
            for chunk in _chunks(archive, _member(archive, rf".*_Y{year}_.*", files[0])):
                flows = _rename(chunk, BACI, files[0])
                product = _products(flows.pop("product"), f"year {year}")
                flows = flows.apply(_numbers, name=f"year {year}").assign(product=product)
                if not (other := flows.loc[flows["year"] != year, "year"]).empty:
                    raise InputError(
                        "the file of a year has rows of another", where=f"year {year}", found=other.iloc[0]
                    )
                nowhere = flows[["exporter", "importer", "product"]].isna().any(axis=1)
                for row in flows.loc[nowhere].to_dict("records")[:1]:
                    raise InputError("a flow lacks an economy or a product", where=f"year {year}", found=row)
                for side in ("exporter", "importer"):
                    unlisted.update(flows.loc[~flows[side].isin(named.index), side])
                flows = flows[flows["exporter"].isin(kept.index) & flows["importer"].isin(kept.index)]
                # one number for each exporter, importer and product: millions of rows must fit into memory
                seen.append((flows["exporter"] * 1000 + flows["importer"]) * PRODUCTS + flows["product"])
                pieces.append(flows.groupby(KEY, as_index=False)["value"].sum(min_count=1))
            flat = pd.concat(seen)
            for code in flat[flat.duplicated()][:1]:
                pair, number = divmod(int(code), PRODUCTS)
                name = f"{number:06}" if number < 10**6 else np.base_repr(number, 36)
                found = f"{pair // 1000} to {pair % 1000}, product {name}"
                raise InputError("a product's flow is there twice", where=f"{files[0].name}, year {year}", found=found)
    total = pd.concat(pieces).astype({"year": int})
    for side in ("exporter", "importer"):
        total[side] = total[side].map(kept)  # two numbers of one state become one economy
    total = total[total["exporter"] != total["importer"]].groupby(KEY)["value"].sum(min_count=1)
    table = total.div(1000).rename("exports_musd").reset_index()
    if unlisted:
        numbers = ", ".join(f"{number:g}" for number in sorted(unlisted))
        table.attrs["notes"] = (f"flows of numbers that the release does not name are left out: {numbers}",)
    return table


def read_gravity(files: list[Path], query: Query) -> pd.DataFrame:
    """CEPII Gravity (Conte, Cotterlaz & Mayer 2022): directed pairs by year, columns as the values of ``GRAVITY``."""
    first, last = query.years
    pieces = []
    with _archive(files[0]) as archive:
        for chunk in _chunks(archive, _member(archive, r"Gravity_V.*", files[0])):
            # a state within changed borders has rows for each of them, in every year: a flag says which holds
            exists = [column for column in ("country_exists_o", "country_exists_d") if column in chunk]
            chunk = chunk[chunk[exists].apply(_numbers, name=files[0].name).ne(0).all(axis=1)]
            pairs = _rename(chunk, GRAVITY, files[0]).join(chunk.filter(like="country_id"))
            pairs["year"] = _numbers(pairs["year"], files[0].name)
            asked = chosen(pairs["exporter"], query) & chosen(pairs["importer"], query)
            pieces.append(pairs.loc[asked & pairs["year"].between(first, last)])
    table = pd.concat(pieces)
    table = table.loc[table["exporter"] != table["importer"]]
    all_there(table["exporter"], query, files[0])
    for column in ("distance_km", "contiguity", "common_language", "colonial_tie"):
        _numbers(table[column], files[0].name)
    table["exports_musd"] = _numbers(table["exports_musd"], files[0].name) / 1000
    table["year"] = table["year"].astype(int)
    return in_order(table, KEY, [name for name in GRAVITY.values() if name not in KEY], files[0].name)


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """An open zip; InputError where it, or a file in it, cannot be unpacked, and the cache forgets it."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError) as error:
        with path.open("rb") as file:
            page = file.read(HEADER).lstrip().startswith(b"<")
        problem = "the server sent a page, not the archive" if page else "the archive is damaged"
        forget(path)
        raise InputError(f"{problem}; it was removed from the cache", where=path.name, found=error) from None
    except (NotImplementedError, RuntimeError) as error:
        forget(path)  # packed anew by a program that encrypts, or compresses in its own way
        raise InputError(
            "the archive cannot be unpacked", where=path.name, found=error, allowed="a plain zip"
        ) from None


def _member(archive: zipfile.ZipFile, pattern: str, path: Path) -> str:
    """The one CSV in the archive whose name fits, in whatever folder; macOS packs a double of each file."""
    csvs = {name: PureWindowsPath(name).name for name in archive.namelist() if name.lower().endswith(".csv")}
    plain = {name: last for name, last in csvs.items() if not (name.startswith("__MACOSX/") or last.startswith("._"))}
    names = [name for name, last in plain.items() if re.fullmatch(rf"{pattern}\.csv", last, re.IGNORECASE)]
    if len(names) != 1:
        wanted = pattern.replace(".*", "…")
        raise InputError(f"the release has {len(names) or 'no'} files named {wanted}.csv", where=path.name,
                         found=", ".join(names) or None, allowed=sorted(plain.values()))  # fmt: skip
    return names[0]


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[pd.DataFrame]:
    """A CSV of the archive, piece by piece; InputError for a file that is not a CSV."""
    with archive.open(name) as stream:
        options = dialect(stream.read(HEADER), name)
    with archive.open(name) as stream:
        try:
            for chunk in pd.read_csv(stream, chunksize=ROWS, low_memory=False, skipinitialspace=True, **options):
                yield chunk.dropna(how="all")  # a spreadsheet saves empty rows
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise InputError("is not a CSV file", where=name, found=error) from None


def _numbers(values: pd.Series, name: str) -> pd.Series:
    """A column as non-negative floats, or InputError; an empty cell, and NA however padded, is NaN."""
    if not pd.api.types.is_numeric_dtype(values):
        refuse_thousands(values.dropna().astype(str), f"{name}, {values.name}")
    numbers = pd.to_numeric(values, errors="coerce")
    bad = values[~numbers.between(0, math.inf, inclusive="left") & values.notna()]
    if not (bad := bad[bad.astype(str).str.strip() != "NA"]).empty:
        raise InputError("a figure is not a number", where=f"{name}, {values.name}", found=bad.iloc[0])
    return numbers.astype(float)


def _products(values: pd.Series, name: str) -> pd.Series:
    """Products as numbers; those that have letters, such as 9999AA for what is not specified, as numbers to base 36."""
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    others = values[numbers.isna() & values.notna()].astype(str).str.strip()
    for code in others[~others.str.fullmatch("[0-9]{4}[A-Z]{2}")][:1]:
        raise InputError("is not the code of a product", where=f"{name}, product", found=code, allowed="010121, 9999AA")
    return numbers.fillna(others.map(lambda code: int(code, 36)))


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

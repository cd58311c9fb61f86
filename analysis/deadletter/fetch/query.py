"""What to take from a release, and what all readers of releases check."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deadletter.errors import InputError
from deadletter.frames import differing


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


HEADER = 4096  # bytes that hold the header of a CSV


def dialect(start: bytes, name: str) -> dict[str, Any]:
    """How pandas reads a CSV that begins like this: programs that pack a release anew change its marks and encoding.

    Codes and figures are ASCII, so that names of countries in another encoding do no harm.

    Raises InputError: the first row has more or fewer cells than the header, and would be read under wrong names.
    """
    encoding = "utf-16" if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    lines = re.split(r"\r\n|\r|\n", start.decode(encoding, errors="replace"))
    said = re.fullmatch(r'"?sep=(.)"?\s*', lines[0])
    mark = said[1] if said else max(",;\t", key=lines[0].count)
    whole = [line for line in lines[:-1] if line][said is not None :]
    header, first = [*islice(csv.reader(whole, delimiter=mark), 2), [], []][:2]
    if first and not len(",".join(header).rstrip(",").split(",")) <= len(first) <= len(header):
        problem, found = "the first row does not fit the header", f"{len(first)} cells"
        raise InputError(problem, where=name, found=found, allowed=f"{len(header)}")
    decimal = "," if mark == ";" else "."
    return {
        "encoding": encoding,
        "encoding_errors": "replace",
        "sep": mark,
        "decimal": decimal,
        "skiprows": int(said is not None),
    }


def chosen(codes: pd.Series, query: Query) -> pd.Series:
    """Mask of the economies that were asked for."""
    return codes.isin(query.economies) if query.economies else codes.notna()


def all_there(found: pd.Series, query: Query, path: Path, known: Iterable[str] | None = None) -> None:
    """InputError where an economy that was asked for does not appear at all; known: the codes of the release."""
    absent = sorted(set(query.economies) - set(found))
    if absent:
        problem = "the release has nothing on these economies in these years"
        raise InputError(problem, where=path.name, found=", ".join(absent), allowed=known)


def in_order(table: pd.DataFrame, key: list[str], figures: list[str], where: str) -> pd.DataFrame:
    """The columns of the key and the figures, in the order of the key; InputError where two rows have the same key."""
    for row in np.flatnonzero(table.duplicated(key))[:1]:
        cells = table[key].iloc[row]
        first = int((table[key] == cells).all(axis=1).to_numpy().argmax())
        found, problem = " ".join(map(str, cells)), "the release holds a row twice" + differing(table, first, row)
        raise InputError(problem, where=where, found=found)
    return table[[*key, *figures]].sort_values(key).reset_index(drop=True)


def gaps(name: str, table: pd.DataFrame, query: Query) -> Iterator[str]:
    """What a tidy release has nothing on, as sentences: economies, years, and economies in some of the years."""
    if name == "unga":
        seen = table["date"].str.slice(stop=4).astype(int).to_frame("year")
    else:
        figures = table.dropna(subset=["value" if name == "wdi" else "exports_musd"])
        sides = [figures[["year", side]] for side in ("economy", "exporter", "importer") if side in figures]
        seen = pd.concat([side.set_axis(["year", "economy"], axis=1) for side in sides])
        if absent := sorted(set(query.economies) - set(seen["economy"])):
            yield f"no figure for {', '.join(absent)}"
    there = set(seen["year"])
    if empty := _spans(set(range(query.years[0], query.years[1] + 1)) - there):
        yield f"nothing for {empty}"
    if name in ("baci", "comtrade"):  # where an absent flow counts as zero
        gone = {str(code): _spans(there - set(years)) for code, years in seen.groupby("economy")["year"]}
        if some := [f"{code} ({spans})" for code, spans in gone.items() if spans]:
            yield f"no flow to or from these in some years, perhaps for another code then: {', '.join(some)}"


def _spans(years: Iterable[int]) -> str:
    """Years as spans, such as 2001, 2004/2006."""
    runs = [[year for _, year in run] for _, run in groupby(enumerate(sorted(years)), lambda pair: pair[1] - pair[0])]
    return ", ".join(f"{run[0]}/{run[-1]}" if run[1:] else str(run[0]) for run in runs)


KEY = ["exporter", "importer", "year"]
INDICATORS = {
    "NY.GDP.MKTP.KD.ZG": ("real_gdp_growth_pct", 1.0),
    "NY.GDP.MKTP.CD": ("gdp_current_musd", 1e-6),
    "PA.NUS.FCRF": ("lcu_per_usd", 1.0),
    "TM.TAX.MRCH.WM.AR.ZS": ("applied_weighted_mean_pct", 1.0),
}
"""Indicators of the World Bank that a table of the project holds: its column, and the factor to its unit."""


def as_bundled(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """A tidy release with the columns of the table that it replaces.

    baci, comtrade, gravity: one row for each directed pair and year, with ``status`` as in data/trade/bilateral.csv; a
    flow that is absent is 0 and ``no_recorded_flow``. It is empty and ``not_reported`` where the exporter reports
    nothing that year, or where the release has the row without a figure. gravity keeps its other columns, and empty
    flows are ``not_reported``. wdi: economy, year and the column of data/macro or data/trade where one holds the
    indicator, in its unit; else unchanged. unga: as read.

    Raises InputError: the answer has no rows.
    """
    if table.empty:
        raise InputError("the release has no row for these economies and years", where=name)
    if name == "unga":
        return table
    if name == "wdi":
        column, factor = INDICATORS.get(table["indicator"].iloc[0], ("", 1.0))
        if not column:
            return table
        scaled = table.assign(value=table["value"] * factor)[["economy", "year", "value"]]
        return scaled.rename(columns={"value": column})
    if name == "gravity":
        given = table["exports_musd"]
        status = given.map(lambda v: "recorded" if v > 0 else "no_recorded_flow").where(given.notna(), "not_reported")
        others = [column for column in table.columns if column not in (*KEY, "exports_musd")]
        return table.assign(status=status)[[*KEY, "exports_musd", "status", *others]]
    return _every_pair(table)


def _every_pair(table: pd.DataFrame) -> pd.DataFrame:
    codes = sorted(set(table["exporter"]) | set(table["importer"]))
    years = sorted(set(table["year"]))
    grid = pd.MultiIndex.from_product([codes, codes, years], names=KEY).to_frame(index=False)
    full = grid[grid["exporter"] != grid["importer"]].merge(table, on=KEY, how="left", indicator="given")
    reports = pd.MultiIndex.from_frame(table.loc[table["exports_musd"].notna(), ["exporter", "year"]])
    reported = pd.MultiIndex.from_frame(full[["exporter", "year"]]).isin(reports)
    full["exports_musd"] = full["exports_musd"].mask((full.pop("given") == "left_only") & reported, 0.0)
    status = full["exports_musd"].gt(0).map({True: "recorded", False: "no_recorded_flow"})
    full["status"] = status.where(full["exports_musd"].notna(), "not_reported")
    return full.sort_values(KEY).reset_index(drop=True)

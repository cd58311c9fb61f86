"""Growth of GDP as successive releases of the statistics give it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from deadletter.errors import InputError

COLUMNS = ("vintage", "economy", "year", "real_gdp_growth_pct")


@dataclass(frozen=True)
class Vintages:
    """One economy and year in all releases: growth in per cent by vintage, and its range."""

    by_vintage: pd.Series
    low: float
    high: float


def growth_by_vintage(table: pd.DataFrame, economy: str, year: int) -> Vintages:
    """Real growth (per cent) of one economy and year in every vintage of ``table``; InputError where there is none."""
    for column in COLUMNS:
        if column not in table.columns:
            raise InputError("a column is missing from the vintages", found=column, allowed=list(table.columns))
    if economy not in set(table["economy"]):
        raise InputError("no such economy in the vintages", found=economy, allowed=sorted(set(table["economy"])))
    rows = table.loc[(table["economy"] == economy) & (table["year"] == year)]
    if rows.empty:
        years = table.loc[table["economy"] == economy, "year"]
        span = f"{years.min()} to {years.max()}"
        raise InputError("the vintages do not reach this year", where=economy, found=year, allowed=span)
    by_vintage = rows.set_index("vintage")["real_gdp_growth_pct"].sort_index()
    if by_vintage.index.has_duplicates or by_vintage.isna().any():
        raise InputError("a vintage is there twice or empty", where=f"{economy} {year}", found=list(by_vintage.index))
    return Vintages(by_vintage, float(by_vintage.min()), float(by_vintage.max()))

"""What to take from a release, and what all readers of releases check."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from deadletter.errors import InputError


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


def chosen(codes: pd.Series, query: Query) -> pd.Series:
    """Mask of the economies that were asked for."""
    return codes.isin(query.economies) if query.economies else codes.notna()


def all_there(found: pd.Series, query: Query, path: Path) -> None:
    """InputError where an economy that was asked for does not appear at all."""
    absent = sorted(set(query.economies) - set(found))
    if absent:
        problem = "the release has nothing on these economies in these years"
        raise InputError(problem, where=path.name, found=", ".join(absent))


def in_order(table: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Rows in the order of the key, columns key first."""
    if table.duplicated(key).any():
        raise InputError("the release holds a row twice", found=table.loc[table.duplicated(key), key].iloc[0].to_dict())
    columns = key + [column for column in table.columns if column not in key]
    return table[columns].sort_values(key).reset_index(drop=True)

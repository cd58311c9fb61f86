"""The official releases: where each is, and who reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from deadletter.fetch.cepii import read_baci, read_gravity
from deadletter.fetch.query import Query
from deadletter.fetch.services import comtrade_paths, read_comtrade, read_wdi, wdi_paths
from deadletter.fetch.unga import read_unga, unga_paths


@dataclass(frozen=True)
class Release:
    """A release: default address, the argument it needs, paths of the files that answer a query, and their reader."""

    base_url: str
    needs: str
    paths: Callable[[Query], list[str]]
    read: Callable[[list[Path], Query], pd.DataFrame]


CEPII = "https://www.cepii.fr/DATA_DOWNLOAD"
RELEASES = {
    "baci": Release(f"{CEPII}/baci/data", "version", lambda query: [f"/BACI_{query.version}.zip"], read_baci),
    "gravity": Release(
        f"{CEPII}/gravity/data", "version", lambda query: [f"/Gravity_csv_{query.version}.zip"], read_gravity
    ),
    "wdi": Release("https://api.worldbank.org", "indicator", wdi_paths, read_wdi),
    "comtrade": Release("https://comtradeapi.un.org", "", comtrade_paths, read_comtrade),
    "unga": Release("https://digitallibrary.un.org", "version", unga_paths, read_unga),
}

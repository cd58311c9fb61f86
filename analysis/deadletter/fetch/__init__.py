"""Official releases of trade and macro statistics, fetched on request only, in the project's tidy schema."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from deadletter.errors import InputError
from deadletter.fetch.cepii import read_baci, read_gravity
from deadletter.fetch.download import PATIENT, Policy, Progress, download, forget, move
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


DAY = 86_400  # seconds
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


def fetch(
    name: str,
    *,
    economies: Mapping[str, int | None],
    years: tuple[int, int],
    cache_dir: Path | str,
    version: str = "",
    indicator: str = "",
    base_url: str | None = None,
    sha256: str | None = None,
    progress: Progress | None = None,
    policy: Policy = PATIENT,
    refresh: bool = False,
) -> pd.DataFrame:
    """Fetch a release and return it tidy.

    name: ``baci``, ``gravity``, ``wdi``, ``comtrade`` or ``unga``.
    economies: ISO 3166 alpha-3 codes, with the UN's numeric code for ``comtrade`` (None elsewhere); none of them means
        all that the release has, but for ``comtrade``.
    years: first and last year.
    cache_dir: where files are kept; a file that is there and whole is not fetched again unless ``refresh``. An answer
        that cannot be read is not kept.
    version: of a file, such as ``HS92_V202401b`` (baci), ``V202211`` (gravity), ``2025_9_19_ga_voting`` (unga);
        indicator: of the World Bank, such as ``NY.GDP.MKTP.CD``.
    base_url: another address than the official one. sha256: expected digest, for releases that are one file.

    Returns baci, comtrade: exporter, importer, year, exports_musd (million USD). gravity: these and distance_km,
    contiguity, common_language, colonial_tie. wdi: economy, year, indicator, value. unga: as
    data/votes/rollcalls.csv. ``attrs["notes"]``: states without a vote, codes and numbers that were left out, and the
    day of a service's answer that is more than a day old.

    Raises InputError: unknown release, an argument that it needs is not there, the download failed (see ``download``),
    or the files are not in the release's format.
    """
    if name not in RELEASES:
        raise InputError("no such release", where="name", found=name, allowed=sorted(RELEASES))
    query = Query(dict(economies), (years[0], years[1]), version, indicator)
    release = RELEASES[name]
    if release.needs and not getattr(query, release.needs):
        raise InputError(f"{name} needs an argument", where="fetch", found="nothing", allowed=release.needs)
    if years[0] > years[1]:
        raise InputError("the first year is after the last", where="fetch", found=years)
    unknown = [code for code, number in query.economies.items() if number is None] or ([] if economies else ["XXX"])
    numbers = [number for number in query.economies.values() if number is not None]
    if twice := sorted({number for number in numbers if numbers.count(number) > 1}):
        raise InputError("one number is given to two economies", where="economies", found=twice[0])
    if sha256 is not None and not re.fullmatch(r"[0-9a-f]{64}", sha256 := sha256.strip().lower()):
        raise InputError("is not a digest", where="sha256", found=sha256, allowed="64 hexadecimal digits")
    if name == "comtrade" and unknown:
        allowed = f"--economy {unknown[0]}=NUMBER, with the number in UN Comtrade's list of reporters"
        problem = "comtrade needs the numeric code of every economy"
        raise InputError(problem, where="economies", found=", ".join(unknown), allowed=allowed)
    root = (base_url or release.base_url).rstrip("/")
    urls = [root + path for path in release.paths(query)]
    if sha256 is not None and len(urls) > 1:
        raise InputError("one digest cannot vouch for several files", where="sha256", found=f"{len(urls)} files")
    cache = Path(cache_dir)
    folder = cache / "renewed" if refresh else cache  # earlier answers stay until the new ones have been read
    files = [download(url, folder, sha256=sha256, progress=progress, policy=policy, refresh=refresh) for url in urls]
    try:
        table = release.read(files, query)
    except InputError:
        for file in files if refresh else ():
            forget(file)
        raise
    for file in files if refresh else ():
        move(file, cache)
    came = min((cache / file.name).stat().st_mtime for file in files)
    if release.needs != "version" and time.time() - came > DAY:  # a version does not change
        day = time.strftime("%Y-%m-%d", time.gmtime(came))
        table.attrs["notes"] = (f"as the provider answered on {day}: --refresh asks again",)
    return table

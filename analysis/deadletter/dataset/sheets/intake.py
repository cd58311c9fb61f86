"""Take a further coder's filled sheet into the data: all of it, checked together with the rest, or nothing."""

import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from deadletter.dataset.codebook import described
from deadletter.dataset.load import find_problems
from deadletter.dataset.problems import raise_first
from deadletter.dataset.rules import scales
from deadletter.dataset.sheets.blank import UNITS, as_csv, as_workbook, coded_sections, rating_sheet, units_sheet
from deadletter.dataset.sheets.filled import as_meant, ratings_of, units_of
from deadletter.dataset.sheets.saved import read_sheet
from deadletter.dataset.standard_tables import adapted, completed, filled
from deadletter.dataset.tables import read_descriptor, read_strings
from deadletter.errors import InputError
from deadletter.files import naming, write_atomically, write_together
from deadletter.study import FILE

KINDS = ("human", "machine")
FORMATS = ("csv", "xlsx")
_CODER = re.compile(r"coder-[1-9][0-9]*")
_TASKS = {
    "free_units": "Found units without a list of them.",
    "ratings": "Rated the listed units, from a sheet that shows no other coder's ratings.",
}


def write_sheet(data: Path, out: Path, units: bool, form: str = "csv") -> int:
    """Write a blank sheet of ratings, or of units, as one of :data:`FORMATS`; returns its number of rows.

    Raises InputError: the data cannot be read, another format, a name that ends otherwise, or there is a file at
    ``out`` already: it may hold somebody's work.
    """
    if form not in FORMATS:
        raise InputError("is not a format of sheets", where="--format", found=form, allowed=FORMATS)
    if out.suffix.lower() != f".{form}":
        raise InputError("does not fit the format", where=str(out), found=out.suffix, allowed=f".{form}")
    if out.exists():
        raise InputError("is there already", where=str(out), allowed="a new file")
    tables = _tables(data)
    sheet = units_sheet() if units else rating_sheet(tables)
    lists = {"table": _kinds(data), "section": coded_sections(tables)} if units else scales(tables)
    write_atomically(out, as_workbook(sheet, lists) if form == "xlsx" else as_csv(sheet))
    return len(sheet)


def take_sheet(data: Path, path: Path, coder: str, kind: str) -> list[str]:
    """Append a filled sheet to ``ratings`` (or ``free_units``) and ``coders``; returns what was taken, in words.

    Raises InputError: a bad name or kind of coder, a coder who has rated already, or the problems of the sheet.
    """
    tables = _tables(data)
    sheet = read_sheet(path)
    target = "free_units" if list(sheet.rows.columns) == UNITS else "ratings"
    coders = _coders(tables, coder, kind, target)
    if target == "ratings":
        sheet = as_meant(sheet, tables)
        rows = ratings_of(sheet.rows, path.name, coder, tables)
    else:
        rows = units_of(sheet.rows, path.name, coder, tables, _kinds(data))
    made = {"account/coders.csv": coders, f"account/{target}.csv": pd.concat([tables[target], rows])}
    _write_together(data, {name: frame.to_csv(index=False, lineterminator="\n") for name, frame in made.items()})
    return [f"{len(rows)} {'ratings' if target == 'ratings' else 'units'} of {coder} ({kind})", *sheet.taken]


def _kinds(data: Path) -> tuple[str, ...]:
    """The tables of which a coder may make units."""
    resources = completed(read_descriptor(data / "datapackage.json"))["resources"]
    fields = next(resource for resource in resources if resource["name"] == "free_units")["schema"]["fields"]
    return tuple(next(field["constraints"]["enum"] for field in fields if field["name"] == "table"))


def _tables(data: Path, package: Mapping[str, Any] | None = None) -> dict[str, pd.DataFrame]:
    """Every table as strings; one that the study does not have is empty. ``package``: another descriptor."""
    package = package or read_descriptor(data / "datapackage.json")
    return filled(completed(package), {one["name"]: read_strings(data, one) for one in package["resources"]})


def _coders(tables: dict[str, pd.DataFrame], coder: str, kind: str, target: str) -> pd.DataFrame:
    """The table of coders with this one and its task."""
    coders = tables["coders"]
    if not _CODER.fullmatch(coder):
        raise InputError("is not a name of a coder", where="--coder", found=coder, allowed="coder-3, coder-4, …")
    if kind not in KINDS:
        raise InputError("is not a kind of coder", where="--kind", found=kind, allowed=KINDS)
    if coder in set(tables[target]["coder"]):
        found = {"ratings": "ratings", "free_units": "units"}[target]
        raise InputError(f"has {found} already", where="--coder", found=coder, allowed="a coder who has none")
    known = coders.set_index("id")["kind"].to_dict()
    if known.get(coder, kind) != kind:
        raise InputError(f"{coder} is of another kind", where="--kind", found=kind, allowed=[known[coder]])
    if coder not in known:
        return pd.concat([coders, pd.DataFrame([(coder, kind, _TASKS[target], "", "yes")], columns=coders.columns)])
    task = coders.loc[coders["id"] == coder, "task"].iloc[0]
    added = task if _TASKS[target] in task else f"{task} {_TASKS[target]}"
    return coders.assign(task=coders["task"].where(coders["id"] != coder, added))


def _write_together(data: Path, texts: dict[str, str]) -> None:
    """Try the changed tables on a copy of the data; where they hold, write them and what describes them."""
    with tempfile.TemporaryDirectory() as folder, naming(Path(folder)):
        trial = Path(folder) / "data"
        shutil.copytree(data, trial)
        if (data.parent / FILE).is_file():
            shutil.copy(data.parent / FILE, folder)
        for name, text in texts.items():
            write_atomically(trial / name, text)
        package = adapted(read_descriptor(trial / "datapackage.json"), trial)
        raise_first(find_problems(package, _tables(trial, package)))
        texts = texts | described(trial)
    write_together({data / name: text for name, text in texts.items()})

"""The dataset with the overrides of a coding: some ratings, dates and statuses replaced, the rest as it is."""

import re
from types import MappingProxyType
from typing import Any

import pandas as pd

from deadletter.coding.model import Coding
from deadletter.coding.parameter_files import Override, parse
from deadletter.dataset.load import Dataset
from deadletter.errors import InputError
from deadletter.patterns import words_of

# columns that are decisions of coding, by table; everything else of a unit is a fact
COLUMNS = {
    "events": ("date", "date_end", "agent", "norm", "period_only"),
    "norms": ("status", "krasner", "component", "aspect", "valid_from", "valid_to", "instrument"),
    "outlook": ("basis", "component", "from", "to"),
    "expectations": ("regime", "from", "to"),
    "functions": ("regime", "component", "from", "to"),
    "roles": ("arena", "from", "to"),
    "memberships": ("from", "to"),
}


def recoded(dataset: Dataset, coding: Coding, where: str = "the coding") -> Dataset:
    """The dataset with the overrides of a coding in place, whichever coder it goes by.

    Agreement between coders is computed without: an override is nobody's independent rating.

    Raises InputError: an override of a unit, variable or value that is not known; ``where`` names the coding.
    """
    if not coding.overrides:
        return dataset
    return dataset.once(("recoded", coding.overrides), lambda: _recoded(dataset, coding, where))


def _recoded(dataset: Dataset, coding: Coding, where: str) -> Dataset:
    tables: dict[str, pd.DataFrame] = {name: dataset[name] for name in dataset.names}
    for number, override in enumerate(map(parse, coding.overrides), start=1):
        at = f"{where} override {number} ({override.unit})"
        table = _table_of(tables, override, at)
        if override.variable in COLUMNS.get(table, ()):
            _set_cell(tables, dataset.package, table, override, at)
        else:
            _set_rating(tables, table, override, at)
    return Dataset(MappingProxyType(tables), dataset.package, dataset.digest, dataset.sources)


def _table_of(tables: dict[str, pd.DataFrame], override: Override, at: str) -> str:
    for name in COLUMNS:
        if name in tables and override.unit in set(tables[name]["id"]):
            return name
    known = [unit for name in COLUMNS if name in tables for unit in tables[name]["id"]]
    raise InputError("is not a unit that can be recoded", where=at, found=override.unit, allowed=known)


def _set_cell(tables: dict[str, pd.DataFrame], package: Any, table: str, override: Override, at: str) -> None:
    described = next(r for r in package["resources"] if r["name"] == table)["schema"]["fields"]
    rules = next(f for f in described if f["name"] == override.variable).get("constraints", {})
    allowed, pattern = rules.get("enum"), rules.get("pattern", ".*")
    if (allowed and override.value not in allowed) or (override.value and not re.fullmatch(pattern, override.value)):
        problem = f"is not a value of {override.variable}"
        raise InputError(problem, where=at, found=override.value, allowed=allowed or words_of(pattern))
    frame = tables[table]
    frame.loc[frame["id"] == override.unit, override.variable] = override.value


def _set_rating(tables: dict[str, pd.DataFrame], table: str, override: Override, at: str) -> None:
    variables, scale = tables["variables"], tables["scale"]
    known = [*variables.loc[variables["table"] == table, "variable"], *COLUMNS[table]]
    if override.variable not in known:
        raise InputError(f"is not a variable of {table}", where=at, found=override.variable, allowed=known)
    points = list(scale.loc[scale["variable"] == override.variable, "value"])
    if override.value not in points:
        raise InputError(f"is not a value of {override.variable}", where=at, found=override.value, allowed=points)
    ratings = tables["ratings"]
    hit = (ratings["unit"] == override.unit) & (ratings["variable"] == override.variable)
    ratings.loc[hit, ["value", "rationale"]] = [override.value, override.rationale]
    judged = tables["reconciliation"]
    same = (judged["unit"] == override.unit) & (judged["variable"] == override.variable)
    tables["reconciliation"] = judged[~same].reset_index(drop=True)
    if override.variable == "compliance":
        tested = tables["tested_norms"]
        tables["tested_norms"] = tested[tested["event"] != override.unit].reset_index(drop=True)


AGREED, JUDGED, MAJORITY, OPEN = "agreement", "third judgement", "majority", "open"
_KEY = ["unit", "variable"]


def codebook_coders(dataset: Dataset) -> tuple[str, ...]:
    """Coders who had the codebook: only they can be reconciled by its rules, or averaged."""
    coders = dataset["coders"]
    return tuple(coders.loc[coders["codebook"] == "yes", "id"])


def reconciled(dataset: Dataset) -> pd.DataFrame:
    """A value for every unit and variable that coders with the codebook have rated.

    In this order: what all coders who rated it agree on; the third judgement of ``reconciliation``; what more than
    half of three coders or more gave. What none of these decides stays open: its value is missing, never one coder's.

    Returns columns unit, variable, value (empty where open), by (which rule decided), reason (of a third judgement).
    """
    ratings = dataset["ratings"]
    ratings = ratings.loc[ratings["coder"].isin(codebook_coders(dataset)), [*_KEY, "value"]]
    votes = ratings.groupby([*_KEY, "value"]).size().rename("votes").reset_index()
    coders = votes.groupby(_KEY)["votes"].sum().rename("coders").reset_index()
    first = votes.sort_values([*_KEY, "votes", "value"], ascending=[True, True, False, True]).drop_duplicates(_KEY)
    table = first.rename(columns={"value": "most"}).merge(coders, on=_KEY)
    table = table.merge(dataset["reconciliation"], on=_KEY, how="left").fillna({"value": "", "reason": ""})
    table["by"] = OPEN
    table.loc[table["votes"] * 2 > table["coders"], "by"] = MAJORITY
    table.loc[table["value"] != "", "by"] = JUDGED
    table.loc[table["votes"] == table["coders"], "by"] = AGREED
    table["value"] = table["value"].where(table["by"].isin([JUDGED, OPEN]), table["most"])
    return table[[*_KEY, "value", "by", "reason"]].sort_values(_KEY, ignore_index=True)

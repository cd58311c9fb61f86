"""The coding explorer: a page on which the reader moves a coding's settings and sees what follows from them.

The page is static: what Python renders is there without scripts; ``assets/explorer.js`` looks up the rest in the data.
"""

import json
import math
from pathlib import Path
from typing import Any

from deadletter.coding.model import Anchors, Coding
from deadletter.dataset.load import Dataset
from deadletter.indices.placement import Axis, place
from deadletter.indices.selection import ALL
from deadletter.labels import CELL_NAMES, dashed
from deadletter.results import BASES
from deadletter.site.explorer.choices import field_of, settings
from deadletter.site.explorer.data import ANCHORS, FIRST, INDICES, kept_data
from deadletter.templating import render


def explorer_page(dataset: Dataset, coding: Coding, name: str, cache: Path) -> tuple[str, str]:
    """The explorer as a fragment of HTML, and the classic script that holds its data.

    coding: what the page starts from and compares with; ``name`` is its name on the command line. cache: a folder that
    keeps the data for the next time.
    """
    data = kept_data(dataset, coding, name, cache)
    chosen = list(enumerate(settings(dataset, coding)))
    groups = dict.fromkeys(setting.group for _, setting in chosen)
    components = sorted({part["component"] for part in data["scopes"]} - {ALL})
    fragment = render(
        "site/templates/explorer.html",
        title=coding.title,
        name=name,
        groups={group: [one for one in chosen if one[1].group == group] for group in groups},
        anchors=data["anchors"],
        ends=ANCHORS,
        hints={end: field_of(f"calibration.output.{end}").description for end in ANCHORS},
        parts={ALL: "whole regime"} | {component: component for component in components},
        bases=BASES,
        head=["Period", *(index.capitalize() for index in INDICES), *(f"By {basis}" for basis in BASES)],
        bodies=_bodies(data),
    )
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return fragment, f"window.deadletterExplorerData = {text};\n"


def _bodies(data: dict[str, Any]) -> dict[str, list[list[str]]]:
    """Values and labels of the whole regimes under the coding itself, by regime."""
    start = [one["start"] for one in data["settings"]]
    measure = list(data["computed"])[start[data["measure"]]]
    own = _entry(data["computed"][measure], data["computed"][measure], start)
    rows: dict[str, list[list[str]]] = {}
    for part in data["scopes"]:
        if part["component"] != ALL:
            continue
        tables = dict(zip(INDICES, (measure, *BASES), strict=True))
        entries = {index: _entry(data["tables"][table], part[table], start) for index, table in tables.items()}
        anchors = {"formalisation": data["anchors"].get(own, own) if isinstance(own, str) else own}
        anchors |= {basis: data["anchors"][basis] for basis in BASES}
        axes = {index: _axis(entries[index], anchors[index]) for index in INDICES}
        labels = [CELL_NAMES[place(axes["formalisation"], axes[basis], data["logOdds"]).label] for basis in BASES]
        cells = [one if isinstance(one, str) else f"{axes[index].value:.2f}" for index, one in entries.items()]
        rows.setdefault(part["regime"], []).append([dashed(part["period"]), *cells, *labels])
    return rows


def _entry(table: dict[str, Any], listed: dict[str, Any], state: list[int]) -> Any:
    """The entry of a table under a state of the settings."""
    combination = 0
    for setting, options in zip(table["settings"], table["shape"], strict=True):
        combination = combination * options + state[setting]
    return listed["of"][ord(listed["at"][combination]) - FIRST]


def _axis(entry: Any, ends: list[float] | None) -> Axis:
    value, low, high = [math.nan] * 3 if isinstance(entry, str) else entry if isinstance(entry, list) else [entry] * 3
    return Axis(value, low, high, Anchors(**dict(zip(ANCHORS, ends, strict=True))) if ends else None)

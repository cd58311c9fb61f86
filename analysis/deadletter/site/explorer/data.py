"""What the coding explorer shows: every index of every scope for each combination of its discrete settings.

The values are those of :mod:`deadletter.indices`, most of them through the multiverse's batches; the page's script
looks them up, calibrates, takes minima and labels. A further setting is one line in ``choices.settings``, a further
measure of an index one in :data:`TABLES`.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deadletter.coding.model import Coding
from deadletter.coding.settings import changed, digest, put
from deadletter.dataset.load import Dataset
from deadletter.indices.codification import COMPONENTS, component_codes, component_means
from deadletter.indices.formalisation import DIMENSIONS, aggregate, anchors_of, norms_in_force
from deadletter.indices.placement import CELLS
from deadletter.indices.recoded import recoded
from deadletter.indices.selection import Scope
from deadletter.labels import CELL_NAMES
from deadletter.multiverse.batch_indices import (
    Measure,
    Unit,
    compliance_measure,
    expectation_measure,
    formalisation_measure,
    output_measure,
)
from deadletter.multiverse.declaration import Branch, Declaration, Option
from deadletter.multiverse.factors import Space
from deadletter.multiverse.subchoices import Decisions
from deadletter.results import BASES, scopes
from deadletter.site.explorer.choices import Flat, Setting, settings
from deadletter.site.kept import kept, place_in

ANCHORS = ("exclusion", "crossover", "inclusion")
# places in the list of an index's values are written as characters from this one on
FIRST = 35


@dataclass(frozen=True)
class Table:
    """One measure of one index: what computes it, and the beginnings of the keys that it depends on."""

    index: str
    compute: Callable[[Dataset, Decisions, Unit], Measure]
    keys: tuple[str, ...]


@dataclass(frozen=True)
class _Fixed(Unit):
    """A unit in a period of its own; in a multiverse it is always the last."""

    at: Scope

    def scope(self, dataset: Dataset, coding: Coding) -> Scope:
        return self.at


def legalisation_measure(dataset: Dataset, decisions: Decisions, unit: Unit) -> Measure:
    """Legalisation: mean ratings once for each choice of rows, then the power means of every sub-choice together."""
    lookup = decisions.lookup(("coder", "formalisation."))
    flats, rows = list(decisions.each(lookup)), ("coder", "formalisation.aspect")
    means, counts = {}, {}
    for place, flat in enumerate(flats):
        coding = decisions.coding(flat, rows)
        if id(coding) not in means:
            norms = norms_in_force(dataset, coding, unit.scope(dataset, coding))
            ratings, codes, once = (
                norms[list(DIMENSIONS)].to_numpy(dtype=float),
                component_codes(norms),
                np.ones((1, len(norms))),
            )
            filled = (ratings, np.nan_to_num(ratings, nan=0.0), np.nan_to_num(ratings, nan=1.0))
            means[id(coding)] = np.stack([component_means(each, codes, once)[0] for each in filled]), len(norms)
        counts[place] = means[id(coding)]
    base = np.stack([counts[place][0] for place in range(len(flats))], axis=1)
    n = np.array([counts[place][1] for place in range(len(flats))])
    column = {
        key: np.array([flat[key] for flat in flats]) for key in decisions.flat if key.startswith("formalisation.")
    }
    weights = [
        np.stack([column[f"formalisation.{kind}_weights.{name}"] for name in names], axis=-1)
        for kind, names in (("dimension", DIMENSIONS), ("component", COMPONENTS))
    ]
    exponents = [column[f"formalisation.{kind}_exponent"].astype(float) for kind in ("dimension", "component")]
    found = [aggregate(each, weights[0], exponents[0], weights[1], exponents[1]) for each in base]
    enough = n >= max(1, decisions.flat["intervals.minimum_rows"])
    failures = {place: "too few rows" if n[place] else "no rows" for place in map(int, np.flatnonzero(~enough))}
    value = np.where(enough, found[0], np.nan)
    return Measure(lookup, (value,), failures, found[1], found[2])


_NORMS = ("formalisation.component_", "formalisation.aspect")
_CODIFIED = (*_NORMS, "formalisation.missing_component")
# by name; those of formalisation have the names of its measures
TABLES = {
    "codification": Table("formalisation", formalisation_measure, _CODIFIED),
    "conjunctive": Table("formalisation", formalisation_measure, _CODIFIED),
    "legalisation": Table("formalisation", legalisation_measure, ("coder", *_NORMS, "formalisation.dimension_")),
    "expectation": Table("expectation", expectation_measure, ("coder", "expectation.")),
    "compliance": Table("compliance", compliance_measure, ("coder", "compliance.")),
    "output": Table("output", output_measure, ("coder", "output.")),
}
INDICES = tuple(dict.fromkeys(table.index for table in TABLES.values()))
# what the anchors of formalisation depend on
ANCHORING = ("formalisation.grouping", "formalisation.missing_component", "formalisation.component_")


def explorer_data(dataset: Dataset, coding: Coding, name: str) -> dict[str, Any]:
    """Everything that the page's script needs, as plain values for JSON.

    Returns
    -------
    ``settings``: start, words and changed keys of each option. ``tables``: by name the places of the settings that it
    depends on and how many options these have, the last varying fastest; ``computed``: for each measure of
    formalisation such a table with its anchors, ``null`` for none, the name of those in ``anchors`` that the coding
    states. ``scopes``: by table ``of``, the distinct entries (why there is no value, a value, or a value with its
    bounds), and ``at``, a character for each combination whose code less ``first`` is the place in ``of``.
    """
    dataset = recoded(dataset, coding)
    chosen = settings(dataset, coding)
    measures = [table for table, one in TABLES.items() if one.index == "formalisation"]
    calibration = coding.calibration
    stated = ("codification", "legalisation", *BASES)
    decisions = {table: _decisions(coding, table, chosen, one.keys) for table, one in TABLES.items()}
    tables: dict[str, Any] = {}
    parts = []
    for scope in scopes(dataset, coding):
        part: dict[str, Any] = {"regime": scope.focal, "component": scope.component, "period": scope.period}
        for table, one in TABLES.items():
            found = one.compute(dataset, decisions[table], _Fixed(scope.focal, scope.component, scope))
            tables[table] = _shape(found.lookup.branches, found.lookup.shape)
            part[table] = _listed(_entries(found))
        parts.append(part)
    return {
        "coding": name,
        "first": FIRST,
        "settings": [
            {"start": one.start, "options": [{"words": w, "set": _texts(f)} for w, f in one.options.items()]}
            for one in chosen
        ],
        "measure": next(n for n, one in enumerate(chosen) if one.keys == ("formalisation.measure",)),
        "tables": tables,
        "computed": {measure: _anchors(dataset, coding, measure, chosen) for measure in measures},
        "anchors": {one: [getattr(getattr(calibration, one), end) for end in ANCHORS] for one in stated},
        "logOdds": calibration.log_odds,
        "indices": INDICES,
        "bases": BASES,
        "cells": CELLS,
        "names": CELL_NAMES,
        "scopes": parts,
    }


def kept_data(dataset: Dataset, coding: Coding, name: str, cache: Path) -> dict[str, Any]:
    """The same, kept in a cache as long as data, coding and code are the same."""
    return kept(place_of_data(dataset, coding, name, cache), lambda: explorer_data(dataset, coding, name))


def place_of_data(dataset: Dataset, coding: Coding, name: str, cache: Path) -> Path:
    """The file that keeps them."""
    return place_in(cache, "explorer", dataset.digest, digest(coding), name)


def _decisions(coding: Coding, table: str, chosen: Iterable[Setting], keys: tuple[str, ...]) -> Decisions:
    """The settings that affect a table, as branches of a multiverse, from the coding under the table's measure."""
    measure = {"formalisation.measure": table} if TABLES[table].index == "formalisation" else {}
    branches = {
        f"s{place}": Branch(
            why=setting.label,
            options={
                str(n): Option(why=words, set=_nested(flat)) for n, (words, flat) in enumerate(setting.options.items())
            },
        )
        for place, setting in enumerate(chosen)
        if setting.keys[0].startswith(keys)
    }
    declaration = Declaration(title="explorer", why="explorer", branches=branches)
    return Decisions(Space(declaration, changed(coding, measure, "explorer"), ()))


def _anchors(dataset: Dataset, coding: Coding, measure: str, chosen: Iterable[Setting]) -> dict[str, Any]:
    """The anchors of a measure of formalisation under every combination of the settings that they depend on."""
    decisions = _decisions(coding, measure, chosen, ANCHORING)
    lookup = decisions.lookup(("formalisation.",))
    keys = tuple(key for key in decisions.flat if key.startswith(ANCHORING))
    entries: list[Any] = []
    for flat in decisions.each(lookup):
        one = decisions.coding(flat, keys)
        found = anchors_of(measure, dataset, one)
        if measure == "legalisation":
            entries.append("legalisation")
        elif one.formalisation.grouping == "stated":
            entries.append("codification")
        else:
            entries.append([getattr(found, end) for end in ANCHORS] if found else None)
    return {**_shape(lookup.branches, lookup.shape), **_listed(entries)}


def _shape(branches: Iterable[str], shape: Iterable[int]) -> dict[str, Any]:
    return {"settings": [int(branch[1:]) for branch in branches], "shape": list(shape)}


def _nested(flat: Flat) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, value in flat.items():
        put(tree, key, value)
    return tree


def _texts(flat: Flat) -> list[str]:
    """The keys of an option as the command line takes them; minus infinity as YAML writes it."""
    return [f"{key}={'-.inf' if value == -math.inf else value}" for key, value in flat.items()]


def _entries(measure: Measure) -> list[Any]:
    """For every combination the value of an index, with its bounds where they differ, or why it has none."""
    every = np.unravel_index(np.arange(measure.lookup.size), measure.lookup.shape)
    choices = dict(zip(measure.lookup.branches, every, strict=True))
    values, bounds = measure.values(choices), measure.bounds(choices)
    entries: list[Any] = []
    for n, (value, low, high) in enumerate(zip(values.tolist(), *(end.tolist() for end in bounds), strict=True)):
        if math.isnan(value):
            entries.append(measure.failures.get(n, "no value"))
        else:
            entries.append([value, low, high] if low < high else value)
    return entries


def _listed(entries: list[Any]) -> Mapping[str, Any]:
    """The distinct entries, and for each entry the character of its place among them."""
    distinct = {repr(entry): entry for entry in entries}
    character = {text: chr(FIRST + place) for place, text in enumerate(distinct)}
    return {"of": list(distinct.values()), "at": "".join(character[repr(entry)] for entry in entries)}

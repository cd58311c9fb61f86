"""What the coding explorer computes from: the fewest coded rows, by scope, and the settings that it starts with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, get_args

import pandas as pd

from deadletter.charts.plane import CELL_NAMES
from deadletter.coding.model import Coding, Compliance, Expectation
from deadletter.coding.settings import apply_settings
from deadletter.dataset.load import Dataset
from deadletter.indices.codification import COMPONENTS
from deadletter.indices.compliance import TESTED, carried_out, tests_of_norms
from deadletter.indices.expectation import met_rows, outlook_rows, state_sizes, wishes
from deadletter.indices.legalisation import DIMENSIONS, norms_in_force
from deadletter.indices.placement import CELLS
from deadletter.indices.selection import ALL, Scope
from deadletter.results import BASES, scopes

CARRIED = ("not", "partly", "implemented")
ASPECTS = get_args(Compliance.model_fields["aspect"].annotation)
WEIGHTS = get_args(Expectation.model_fields["state_weights"].annotation)
Frames = Sequence[pd.DataFrame]


class Rows:
    """Rows of one kind, each sent once however many scopes it belongs to."""

    def __init__(self) -> None:
        self.sent: list[list[Any]] = []
        self._place: dict[str, int] = {}

    def add(self, unit: str, row: list[Any]) -> int:
        """The position of a unit's row."""
        if unit not in self._place:
            self._place[unit] = len(self.sent)
            self.sent.append(row)
        return self._place[unit]


def explorer_data(dataset: Dataset, coding: Coding, start: dict[str, float | str]) -> dict[str, Any]:
    """Everything that the page's script needs, as plain values for JSON.

    Parameters
    ----------
    start: the settings that the reader may move, by dotted key, as the coding has them.

    Returns
    -------
    ``norms``: Krasner component (None for a body), aspect, and for each coder the dimensions in [0, 1] and the position
    of the status in :data:`CARRIED`. ``outlook`` and ``wishes``: state, for each coder the value in [0, 1], and for
    each coder 1 where the unit also feeds C or O, 0 where not, None where it does not count. ``tests``: for each coder
    the position in :data:`TESTED`. ``scopes`` point to these rows by position. Unknown values are None.
    """
    coders = list(dataset["coders"]["id"])
    by_aspect = {
        aspect: [apply_settings(coding, [f"coder={c}", *_aspects(aspect), "compliance.exits=ignore"]) for c in coders]
        for aspect in ASPECTS
    }
    codings = by_aspect[ALL]
    norms, outlook, hopes, tests = Rows(), Rows(), Rows(), Rows()
    parts = []
    for scope in scopes(dataset, coding):
        expected = [outlook_rows(dataset, c, scope) for c in codings]
        met = [met_rows(dataset, c, scope) for c in codings]
        part = {"regime": scope.focal, "component": scope.component, "period": scope.period}
        part["norms"] = _norms(dataset, codings, scope, norms)
        part["outlook"] = _add(outlook, expected, [_by_unit(frame, "value") for frame in expected])
        # a mean takes a coder's value even where that coder holds the wish to be no matter of norms
        known = [_by_unit(wishes(dataset, c, scope.focal), "met") for c in codings]
        part["wishes"] = _add(hopes, met, known)
        part["tests"], part["exits"] = _tests(dataset, by_aspect, scope, tests)
        part["sizes"] = _sizes(dataset, coding, scope, [*expected, *met])
        parts.append(part)
    return {
        "start": start,
        "coders": coders,
        "minimum": coding.intervals.minimum_rows,
        "logOdds": coding.calibration.log_odds,
        "components": COMPONENTS,
        "dimensions": DIMENSIONS,
        "bases": BASES,
        "cells": CELLS,
        "names": CELL_NAMES,
        **{"norms": norms.sent, "outlook": outlook.sent, "wishes": hopes.sent, "tests": tests.sent},
        "scopes": parts,
    }


def known_weights(data: dict[str, Any]) -> list[str]:
    """The kinds of weights that every state has in every scope: only these can be chosen without a refusal."""
    return [kind for kind in WEIGHTS if all(None not in part["sizes"][kind].values() for part in data["scopes"])]


def _aspects(aspect: str) -> list[str]:
    return [f"{index}.aspect={aspect}" for index in ("formalisation", "compliance")]


def _sizes(dataset: Dataset, coding: Coding, scope: Scope, frames: Frames) -> dict[str, dict[str, float | None]]:
    """Weights of every kind for the states that the rows of a scope name."""
    states = sorted({state for frame in frames for state in frame["state"]})
    sizes = {}
    for kind in WEIGHTS:
        weighted = apply_settings(coding, [f"expectation.state_weights={kind}"])
        sizes[kind] = dict(zip(states, map(_known, state_sizes(dataset, weighted, scope, states)), strict=True))
    return sizes


def _norms(dataset: Dataset, codings: Sequence[Coding], scope: Scope, norms: Rows) -> list[int]:
    """Norms and bodies of a scope; only norms have dimensions."""
    carried = [carried_out(dataset, c, scope, ALL) for c in codings]
    rated = [norms_in_force(dataset, c, scope) for c in codings]
    ratings = [dict(zip(frame["id"], frame[list(DIMENSIONS)].to_numpy().tolist(), strict=True)) for frame in rated]
    statuses = [_by_unit(frame, "status") for frame in carried]
    places = []
    for unit, krasner, aspect in carried[0][["id", "krasner", "aspect"]].itertuples(index=False):
        dimensions = [[_known(x) for x in by_unit.get(unit, [])] for by_unit in ratings]
        status = [_position(CARRIED, by_unit[unit]) for by_unit in statuses]
        part = COMPONENTS.index(krasner) if krasner in COMPONENTS else None
        places.append(norms.add(unit, [part, aspect, dimensions, status]))
    return places


def _by_unit(frame: pd.DataFrame, column: str) -> dict[str, Any]:
    return dict(zip(frame["id"], frame[column], strict=True))


def _add(rows: Rows, frames: Frames, values: Sequence[dict[str, float]]) -> list[int]:
    """Rows of units of a state, from each coder's frame of those that count and each coder's values."""
    states: dict[str, str] = {}
    for frame in frames:
        states |= _by_unit(frame, "state")
    counted = [{unit: int(shared > 0) for unit, shared in _by_unit(frame, "shared").items()} for frame in frames]
    return [
        rows.add(unit, [state, [_known(by_unit[unit]) for by_unit in values], [c.get(unit) for c in counted]])
        for unit, state in states.items()
    ]


def _tests(
    dataset: Dataset, by_aspect: dict[str, list[Coding]], scope: Scope, tests: Rows
) -> tuple[dict[str, list[int]], int]:
    """Events of a scope that test a norm, by the aspect of the norm, and how many exits there are beside them."""
    verdicts: dict[str, dict[int, str]] = {}
    found: dict[str, dict[str, None]] = {aspect: {} for aspect in by_aspect}
    for aspect, codings in by_aspect.items():
        for position, coding in enumerate(codings):
            frame = tests_of_norms(dataset, coding, scope)
            for unit, verdict in zip(frame["id"], frame["verdict"], strict=True):
                verdicts.setdefault(unit, {})[position] = verdict
                found[aspect][unit] = None
    place = {
        unit: tests.add(unit, [_position(TESTED, given.get(i, "")) for i in range(len(by_aspect[ALL]))])
        for unit, given in verdicts.items()
    }
    whole = by_aspect[ALL][0]
    events, with_exits = (
        len(tests_of_norms(dataset, apply_settings(whole, [f"compliance.exits={exits}"]), scope))
        for exits in ("ignore", "violated")
    )
    return {aspect: [place[unit] for unit in units] for aspect, units in found.items()}, with_exits - events


def _position(values: Sequence[str], value: str) -> int | None:
    return values.index(value) if value in values else None


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None

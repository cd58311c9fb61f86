"""The discrete settings of the explorer: what each option sets, from which a coding starts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from deadletter.coding.model import Coding
from deadletter.coding.settings import to_flat
from deadletter.dataset.load import Dataset
from deadletter.indices.codification import COMPONENTS
from deadletter.indices.expectation import outlook_rows, state_sizes
from deadletter.indices.formalisation import DIMENSIONS
from deadletter.indices.selection import MEAN, RECONCILED
from deadletter.results import scopes

Flat = Mapping[str, Any]
EXPONENTS = {"arithmetic mean": 1.0, "geometric mean": 0.0, "minimum": -math.inf}
# rows are rated anew for each worth of a norm carried out in part, so that its grid is coarser
FINE, COARSE = ({f"{step / steps:g}": step / steps for step in range(steps + 1)} for steps in (20, 4))


@dataclass(frozen=True)
class Setting:
    """A discrete setting: the keys that each option sets, by the option's words; ``start`` is the coding's own."""

    label: str
    group: str
    hint: str
    options: Mapping[str, Flat]
    start: int = 0

    @property
    def keys(self) -> tuple[str, ...]:
        """Every option sets the same keys."""
        return tuple(next(iter(self.options.values())))


def settings(dataset: Dataset, coding: Coding) -> list[Setting]:
    """The settings of the page, in order, each starting from the coding's own value."""
    declared = [
        _named("coder", [*dataset["coders"]["id"], MEAN, RECONCILED], "Coder"),
        _named("formalisation.measure"),
        _named("formalisation.grouping"),
        _named("formalisation.missing_component"),
        _weights("formalisation.component_weights", COMPONENTS),
        _one("formalisation.component_exponent", EXPONENTS),
        _weights("formalisation.dimension_weights", DIMENSIONS),
        _one("formalisation.dimension_exponent", EXPONENTS),
        _named("formalisation.aspect"),
        _named("expectation.definition"),
        _named("expectation.aggregate"),
        _named("expectation.stated"),
        _named("expectation.state_weights", _known_weights(dataset, coding)),
        _named("expectation.overlap"),
        _one("compliance.ambiguous", FINE),
        _named("compliance.window"),
        _named("compliance.exits"),
        _named("compliance.aspect"),
        _one("output.partly", COARSE),
        _named("output.aspect"),
    ]
    return [_started(setting, to_flat(coding)) for setting in declared if len(setting.options) > 1]


def _one(key: str, values: Mapping[str, Any], group: str = "") -> Setting:
    """A setting of one key, with its values by their words."""
    parent, _, leaf = key.rpartition(".")
    hint = field_of(key).description or ""
    return Setting(_words(leaf), group or _words(parent), hint, {name: {key: v} for name, v in values.items()})


def _named(key: str, values: Sequence[str] = (), group: str = "") -> Setting:
    """A setting of one key whose values are words: those that the model knows, unless they are given."""
    known = values or get_args(field_of(key).annotation)
    return _one(key, {value.replace("_", " "): value for value in known}, group)


def _weights(key: str, names: Sequence[str]) -> Setting:
    """Weights on a grid: all equal, or each one left out."""
    grid = {"all equal": dict.fromkeys(names, 1)}
    grid |= {f"without {one}": {name: int(name != one) for name in names} for one in names}
    options = {
        words: {f"{key}.{name}": size / sum(sizes.values()) for name, size in sizes.items()}
        for words, sizes in grid.items()
    }
    parent, _, leaf = key.rpartition(".")
    return Setting(_words(leaf), _words(parent), "All equal, or one of them left out.", options)


def _started(setting: Setting, flat: Flat) -> Setting:
    """The setting with the coding's own value as its start; it joins the options where it is none of them."""
    own = {key: flat[key] for key in setting.keys}
    found = [place for place, option in enumerate(setting.options.values()) if option == own]
    options = setting.options if found else {**setting.options, "as in this coding": own}
    return replace(setting, options=options, start=found[0] if found else len(options) - 1)


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def field_of(key: str) -> FieldInfo:
    """The model's field of a dotted key."""
    model: type[BaseModel] = Coding
    *parents, leaf = key.split(".")
    for parent in parents:
        model = model.model_fields[parent].annotation  # type: ignore[assignment]
    return model.model_fields[leaf]


def _known_weights(dataset: Dataset, coding: Coding) -> list[str]:
    """The kinds of weights that every state has in every scope: only these can be chosen without a refusal."""
    kinds = get_args(field_of("expectation.state_weights").annotation)
    states = {scope: sorted(set(outlook_rows(dataset, coding, scope)["state"])) for scope in scopes(dataset, coding)}
    return [
        kind
        for kind in kinds
        if all(np.isfinite(state_sizes(dataset, kind, scope, named)).all() for scope, named in states.items())
    ]

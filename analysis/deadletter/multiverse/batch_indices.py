"""The four indices of a universe, each computed once for every distinct sub-choice that it depends on.

The functions are those of :mod:`deadletter.indices`: a notebook's value is the same sum, over a batch of one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deadletter.coding import Coding
from deadletter.dataset.load import Dataset
from deadletter.indices.compliance import carried_out_values, credit, tests_of_norms
from deadletter.indices.expectation import covered, members_of, met_rows, outlook_rows, state_means, state_sizes
from deadletter.indices.formalisation import formalisation_bounds
from deadletter.indices.means import convergence, weighted_mean
from deadletter.indices.selection import ALL, Scope, periods_of, remaining
from deadletter.multiverse.factors import Choices
from deadletter.multiverse.subchoices import Decisions, Lookup, Source

Floats = NDArray[np.float64]
# which rows there are, whatever is made of them
ROWS = ("coder", "as_of", "periods.")
GUARD = "intervals.minimum_rows"
ANCHORING = (".grouping", ".leave_out")
Flat = Mapping[str, Any]


@dataclass(frozen=True)
class Unit:
    """What is placed: a focal regime, whole or one of its components, in its last period."""

    focal: str
    component: str

    def scope(self, dataset: Dataset, coding: Coding) -> Scope:
        first, last = periods_of(dataset, coding, self.focal)[-1]
        return Scope(self.focal, first, last, self.component)


@dataclass(frozen=True)
class Measure:
    """One index of one unit.

    ``parts`` holds arrays whose first axis is the sub-choice; ``sources`` what varies without steps; ``compute`` turns
    both into values. ``low`` and ``high`` are the bounds by sub-choice. ``failures`` says for each sub-choice without a
    value why it has none.
    """

    lookup: Lookup
    parts: tuple[Floats, ...]
    sources: tuple[Source, ...]
    compute: Callable[..., Floats]
    failures: Mapping[int, str]
    low: Floats
    high: Floats

    @property
    def branches(self) -> frozenset[str]:
        return frozenset(self.lookup.branches).union(*(source.branches for source in self.sources))

    def values(self, choices: Choices) -> Floats:
        """The index in each universe; NaN where it has no value."""
        number = self.lookup.number(choices)
        return self.compute(*(part[number] for part in self.parts), *(s.of(choices) for s in self.sources))

    def bounds(self, choices: Choices) -> tuple[Floats, Floats]:
        """The index with everything unknown at the one and the other extreme, in each universe."""
        number = self.lookup.number(choices)
        return self.low[number], self.high[number]


def _measure(
    decisions: Decisions,
    lookup: Lookup,
    parts: tuple[Floats, ...],
    keys: tuple[str, ...],
    compute: Callable[..., Floats],
    failures: Mapping[int, str],
    low: Floats,
    high: Floats,
) -> Measure:
    """A measure of parts and keys; where no key varies without steps, all its values at once."""
    sources = tuple(decisions.source(key) for key in keys)
    if any(source.branch for source in sources):
        return Measure(lookup, parts, sources, compute, failures, low, high)
    flats = list(decisions.each(lookup))
    values = compute(*parts, *(np.array([float(flat[key]) for flat in flats]) for key in keys))
    return Measure(lookup, (values,), (), _itself, failures, low, high)


def _itself(values: Floats) -> Floats:
    return values


def _told(counts: NDArray[np.int64], enough: NDArray[np.bool_], reasons: Mapping[int, str]) -> dict[int, str]:
    few = {int(i): "too few rows" if counts[i] else "no rows" for i in np.flatnonzero(~enough)}
    return {**few, **reasons}


def _minimum(flats: list[Flat]) -> NDArray[np.int64]:
    return np.array([max(1, flat[GUARD]) for flat in flats], dtype=np.int64)


def formalisation_measure(dataset: Dataset, decisions: Decisions, unit: Unit) -> Measure:
    """Formalisation by the measure of each sub-choice, computed once for each coding that they make."""
    # which cases give the anchors is another matter
    chosen = tuple(k for k in decisions.flat if k.startswith("formalisation.") and not k.endswith(ANCHORING))
    lookup = decisions.lookup((*ROWS, *chosen, GUARD))
    keys = _row_keys(decisions, chosen)
    flats = list(decisions.each(lookup))
    known: dict[int, tuple[float, float, float, int]] = {}
    found = []
    for flat in flats:
        coding = decisions.coding(flat, keys)
        if id(coding) not in known:
            known[id(coding)] = formalisation_bounds(dataset, coding, unit.scope(dataset, coding))
        found.append(known[id(coding)])
    values, low, high, n = np.array(found, dtype=float).reshape(len(flats), 4).T
    enough = n >= _minimum(flats)
    blanked = np.where(enough, values, np.nan)
    return Measure(lookup, (blanked,), (), _itself, _told(n.astype(np.int64), enough, {}), low, high)


def expectation_measure(dataset: Dataset, decisions: Decisions, unit: Unit) -> Measure:
    """E: for each choice of rows, dropped states and evidence shared with other indices as weights of nought."""
    lookup = decisions.lookup((*ROWS, "drop_states", "expectation."))
    row_keys = _row_keys(decisions, ("expectation.definition", "expectation.stated"))
    flats = list(decisions.each(lookup))
    groups: dict[int, tuple[Coding, list[int]]] = {}
    for number, flat in enumerate(flats):
        coding = decisions.coding({**flat, "drop_states": ()}, (*row_keys, "drop_states"))
        groups.setdefault(id(coding), (coding, []))[1].append(number)
    # the value, and the same with every unknown rating at the one and the other extreme
    values, n = np.full((3, len(flats)), np.nan), np.zeros(len(flats), dtype=np.int64)
    census = np.zeros(len(flats), dtype=bool)
    reasons: dict[int, str] = {}
    for coding, numbers in groups.values():
        scope = unit.scope(dataset, coding)
        rows = (outlook_rows if coding.expectation.definition == "outlook" else met_rows)(dataset, coding, scope)
        states, position = np.unique(rows["state"].to_numpy(dtype=str), return_inverse=True)
        shared = rows["shared"].to_numpy() > 0
        chosen = [flats[number] for number in numbers]
        kept = {dropped: remaining(rows, dropped) for dropped in {flat["drop_states"] for flat in chosen}}
        mask = np.array(
            [kept[f["drop_states"]] & ~(shared & (f["expectation.overlap"] == "drop")) for f in chosen]
        ).reshape(len(chosen), len(rows))
        sizes = _sizes(dataset, coding, scope, states, decisions, chosen)
        present = np.array([[mask[u, position == s].any() for s in range(len(states))] for u in range(len(chosen))])
        unknown = (present & np.isnan(sizes)).any(axis=1) if len(states) else np.zeros(len(chosen), dtype=bool)
        by_state = np.nan_to_num(sizes)
        ratings = rows["value"].to_numpy(dtype=float)
        alone = np.array([flat["expectation.aggregate"] == "level" for flat in chosen])
        n[numbers] = mask.sum(axis=1)
        filled = (ratings, np.nan_to_num(ratings, nan=0.0), np.nan_to_num(ratings, nan=1.0))
        each = [state_means(given, position, len(states), mask.astype(float)) for given in filled]
        means = each[0]
        rated = (~np.isnan(means)).sum(axis=1)
        for u, number in enumerate(numbers):
            members = members_of(dataset, coding.model_copy(update={"drop_states": chosen[u]["drop_states"]}), scope)
            census[number] = covered(int(rated[u]), members, chosen[u]["expectation.coverage"])
        for row, given in enumerate(each):
            level = weighted_mean(given, by_state)
            product = level * convergence(given, by_state)
            values[row, numbers] = np.where(unknown, np.nan, np.where(alone, level, product))
        reasons |= {numbers[u]: "a state has no weight of this kind" for u in np.flatnonzero(unknown)}
    enough = census & (n > 0)
    known, low, high = np.where(enough, values, np.nan)
    return Measure(lookup, (known,), (), _itself, _told(n, enough, reasons), low, high)


def _sizes(
    dataset: Dataset, coding: Coding, scope: Scope, states: NDArray[np.str_], decisions: Decisions, chosen: list[Flat]
) -> Floats:
    """Weights of states under each sub-choice: (sub-choices, states)."""
    kinds = {flat["expectation.state_weights"] for flat in chosen}
    key = "expectation.state_weights"
    keys = _row_keys(decisions, (key,))
    flat = dict(decisions.flat) | {"coder": coding.coder, "as_of": coding.as_of}
    flat |= {f"periods.{lineage}": spans for lineage, spans in coding.periods.items()}
    by_kind = {
        kind: state_sizes(dataset, decisions.coding({**flat, key: kind}, keys), scope, list(states)) for kind in kinds
    }
    return np.array([by_kind[f[key]] for f in chosen]).reshape(len(chosen), len(states))


def compliance_measure(dataset: Dataset, decisions: Decisions, unit: Unit) -> Measure:
    """C: counts of tests of norms for each choice of rows and dropped states; the worth of ambiguous ones after."""
    lookup = decisions.lookup((*ROWS, "drop_states", "compliance.", GUARD))
    # spells belong to the whole regime: to a component, their ends are all one
    exits = ("compliance.exits",) if unit.component == ALL else ()
    row_keys = _row_keys(decisions, (*exits, "compliance.aspect", "compliance.window"))
    flats = list(decisions.each(lookup))
    tests: dict[int, tuple[NDArray[np.bool_], NDArray[np.bool_], pd.DataFrame]] = {}
    counted: dict[tuple[int, tuple[str, ...]], tuple[int, int, int]] = {}
    counts = np.zeros((3, len(flats)))
    for number, flat in enumerate(flats):
        coding = decisions.coding({**flat, "drop_states": ()}, (*row_keys, "drop_states"))
        key = id(coding), flat["drop_states"]
        if key not in counted:
            if id(coding) not in tests:
                frame = tests_of_norms(dataset, coding, unit.scope(dataset, coding))
                verdicts = frame["verdict"].to_numpy(dtype=str)
                tests[id(coding)] = verdicts == "complied", verdicts == "ambiguous", frame[["actors"]]
            complied, ambiguous, frame = tests[id(coding)]
            kept = remaining(frame, flat["drop_states"])
            counted[key] = int((complied & kept).sum()), int((ambiguous & kept).sum()), int(kept.sum())
        counts[:, number] = counted[key]
    n = counts[2].astype(np.int64)
    enough = n >= _minimum(flats)
    parts = (counts[0], counts[1], np.where(enough, counts[2], np.nan))
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = counts[0] / counts[2], (counts[0] + counts[1]) / counts[2]
    return _measure(decisions, lookup, parts, ("compliance.ambiguous",), _kept, _told(n, enough, {}), low, high)


def _kept(complied: Floats, ambiguous: Floats, tests: Floats, worth: Floats | float) -> Floats:
    return credit(complied, ambiguous, worth) / tests


def output_measure(dataset: Dataset, decisions: Decisions, unit: Unit) -> Measure:
    """O: the mean over norms and bodies whose fate is reported, once for each choice of rows and points."""
    lookup = decisions.lookup((*ROWS, "output.", GUARD))
    row_keys = _row_keys(decisions, ("output.aspect", "output.partly"))
    flats = list(decisions.each(lookup))
    known: dict[int, tuple[float, int, tuple[float, float]]] = {}
    found = []
    for flat in flats:
        coding = decisions.coding(flat, row_keys)
        if id(coding) not in known:
            values = carried_out_values(dataset, coding, unit.scope(dataset, coding), coding.output.aspect)
            mean = weighted_mean(values[None, :], np.ones((1, len(values)))) if len(values) else np.array([np.nan])
            least, most = (
                float(np.nan_to_num(values, nan=end).mean()) if len(values) else np.nan for end in (0.0, 1.0)
            )
            known[id(coding)] = float(mean[0]), int((~np.isnan(values)).sum()), (least, most)
        found.append(known[id(coding)])
    values, n = np.array([value for value, *_ in found]), np.array([count for _, count, _ in found], dtype=np.int64)
    enough = n >= _minimum(flats)
    low, high = np.array([bounds for _, _, bounds in found]).T
    return Measure(lookup, (np.where(enough, values, np.nan),), (), _itself, _told(n, enough, {}), low, high)


def _row_keys(decisions: Decisions, more: tuple[str, ...]) -> tuple[str, ...]:
    return (*(key for key in decisions.flat if key.startswith(ROWS)), *more)

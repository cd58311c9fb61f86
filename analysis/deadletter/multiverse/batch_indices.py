"""The four indices of a universe, each computed once for every distinct sub-choice that it depends on.

The functions are those of :mod:`deadletter.indices`: a notebook's value is the same sum, over a batch of one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deadletter.coding import Coding
from deadletter.dataset.load import Dataset
from deadletter.indices.compliance import carried_out_values, counted_events, counted_exits, credit
from deadletter.indices.expectation import covered, members_of, met_rows, outlook_rows, state_means, state_sizes
from deadletter.indices.formalisation import formalisation_bounds
from deadletter.indices.means import convergence, weighted_mean
from deadletter.indices.selection import ALL, Scope, periods_of, remaining
from deadletter.multiverse.factors import Choices, Floats
from deadletter.multiverse.subchoices import Decisions, Lookup, Source

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
    """One index of one unit, by sub-choice.

    ``parts`` is the value alone; of compliance, where ``worth`` says what an ambiguous test is worth, the numbers of
    tests complied with, of ambiguous ones and of all. ``failures`` says for each sub-choice without a value why it has
    none. ``low`` and ``high`` are the bounds.
    """

    lookup: Lookup
    parts: tuple[Floats, ...]
    failures: Mapping[int, str]
    low: Floats
    high: Floats
    worth: Source | None = None

    @property
    def branches(self) -> frozenset[str]:
        return frozenset(self.lookup.branches).union(self.worth.branches if self.worth else ())

    def values(self, choices: Choices) -> Floats:
        """The index in each universe; NaN where it has no value."""
        number = self.lookup.number(choices)
        value, *tests = (part[number] for part in self.parts)
        if self.worth is None:
            return value
        ambiguous, all_tests = tests
        return credit(value, ambiguous, self.worth.of(choices)) / all_tests

    def bounds(self, choices: Choices) -> tuple[Floats, Floats]:
        """The index with everything unknown at either extreme, in each universe."""
        number = self.lookup.number(choices)
        return self.low[number], self.high[number]


def _why_missing(counts: Floats, enough: NDArray[np.bool_]) -> dict[int, str]:
    return {int(i): "too few rows" if counts[i] else "no rows" for i in np.flatnonzero(~enough)}


def _enough(counts: Floats, flats: list[Flat]) -> NDArray[np.bool_]:
    """Which sub-choices have as many rows as their coding asks for."""
    return counts >= np.array([max(1, flat[GUARD]) for flat in flats])


def _guarded(lookup: Lookup, found: Floats, flats: list[Flat]) -> Measure:
    """The measure of values, bounds and numbers of rows, (4, sub-choices): no value where rows are too few."""
    values, low, high, rows = found
    enough = _enough(rows, flats)
    return Measure(lookup, (np.where(enough, values, np.nan),), _why_missing(rows, enough), low, high)


def formalisation_measure(dataset: Dataset, decisions: Decisions, unit: Unit) -> Measure:
    """Formalisation by the measure of each sub-choice, computed once for each coding that they make."""
    # which cases give the anchors is another matter
    chosen = tuple(k for k in decisions.flat if k.startswith("formalisation.") and not k.endswith(ANCHORING))
    lookup = decisions.lookup((*ROWS, *chosen, GUARD))
    keys = _row_keys(decisions, chosen)
    flats = list(decisions.each(lookup))
    found = np.empty((4, len(flats)))
    for coding, numbers in _grouped(decisions, flats, keys):
        found[:, numbers] = np.array(formalisation_bounds(dataset, coding, unit.scope(dataset, coding)))[:, None]
    return _guarded(lookup, found, flats)


def expectation_measure(dataset: Dataset, decisions: Decisions, unit: Unit) -> Measure:
    """E: once for each choice of rows; dropped states, and evidence shared with other indices, have weights of zero."""
    lookup = decisions.lookup((*ROWS, "drop_states", "expectation."))
    row_keys = _row_keys(decisions, ("expectation.definition", "expectation.stated", "drop_states"))
    flats = list(decisions.each(lookup))
    # the value, and the same with every unknown rating at either extreme
    values, n = np.full((3, len(flats)), np.nan), np.zeros(len(flats))
    enough = np.zeros(len(flats), dtype=bool)
    unweighted: list[int] = []
    for coding, numbers in _grouped(decisions, [{**flat, "drop_states": ()} for flat in flats], row_keys):
        scope = unit.scope(dataset, coding)
        rows = (outlook_rows if coding.expectation.definition == "outlook" else met_rows)(dataset, coding, scope)
        states, position = np.unique(rows["state"].to_numpy(dtype=str), return_inverse=True)
        shared = rows["shared"].to_numpy() > 0
        chosen = [flats[number] for number in numbers]
        kept = {dropped: remaining(rows, dropped) for dropped in {flat["drop_states"] for flat in chosen}}
        mask = np.array(
            [kept[f["drop_states"]] & ~(shared & (f["expectation.overlap"] == "drop")) for f in chosen]
        ).reshape(len(chosen), len(rows))
        kinds = [flat["expectation.state_weights"] for flat in chosen]
        by_kind = {kind: state_sizes(dataset, kind, scope, list(states)) for kind in set(kinds)}
        sizes = np.array([by_kind[kind] for kind in kinds]).reshape(len(chosen), len(states))
        present = np.array([[mask[u, position == s].any() for s in range(len(states))] for u in range(len(chosen))])
        unknown = (present & np.isnan(sizes)).any(axis=1) if len(states) else np.zeros(len(chosen), dtype=bool)
        by_state = np.nan_to_num(sizes)
        ratings = rows["value"].to_numpy(dtype=float)
        level_alone = np.array([flat["expectation.aggregate"] == "level" for flat in chosen])
        n[numbers] = mask.sum(axis=1)
        filled = (ratings, np.nan_to_num(ratings, nan=0.0), np.nan_to_num(ratings, nan=1.0))
        each = [state_means(given, position, len(states), mask.astype(float)) for given in filled]
        states_rated = (~np.isnan(each[0])).sum(axis=1)
        members = {dropped: members_of(dataset, dropped, scope) for dropped in kept}
        for flat, number, rated in zip(chosen, numbers, states_rated, strict=True):
            enough[number] = covered(int(rated), members[flat["drop_states"]], flat["expectation.coverage"])
        for row, given in enumerate(each):
            level = weighted_mean(given, by_state)
            product = level * convergence(given, by_state)
            values[row, numbers] = np.where(unknown, np.nan, np.where(level_alone, level, product))
        unweighted += [numbers[u] for u in np.flatnonzero(unknown)]
    enough &= n > 0
    known, low, high = np.where(enough, values, np.nan)
    failures = _why_missing(n, enough) | dict.fromkeys(unweighted, "a state has no weight of this kind")
    return Measure(lookup, (known,), failures, low, high)


def compliance_measure(dataset: Dataset, decisions: Decisions, unit: Unit) -> Measure:
    """C: counts of tests of norms for each choice of rows and dropped states; the worth of ambiguous ones after."""
    lookup = decisions.lookup((*ROWS, "drop_states", "compliance.", GUARD))
    # spells belong to the whole regime: how their ends count makes no difference to a component
    exits = ("compliance.exits",) if unit.component == ALL else ()
    row_keys = _row_keys(decisions, (*exits, "compliance.aspect", "compliance.window"))
    flats = list(decisions.each(lookup))
    kept: dict[tuple[int, tuple[str, ...]], NDArray[np.bool_]] = {}
    counts = np.zeros((3, len(flats)))
    for coding, numbers in _grouped(decisions, flats, row_keys):
        scope = unit.scope(dataset, coding)
        events, counted = counted_events(dataset, coding, scope)
        verdicts = events["verdict"].to_numpy(dtype=str)
        left: list[str] = list(counted_exits(dataset, coding, scope)["state"])
        found: dict[tuple[str, ...], tuple[int, int, int]] = {}
        for number in numbers:
            dropped = flats[number]["drop_states"]
            if dropped not in found:
                if (id(events), dropped) not in kept:
                    kept[id(events), dropped] = remaining(events, dropped)
                given = verdicts[counted & kept[id(events), dropped]]
                ended = len([state for state in left if state not in dropped])
                ambiguous = int((given == "ambiguous").sum()) + ended * (coding.compliance.exits == "ambiguous")
                found[dropped] = int((given == "complied").sum()), ambiguous, len(given) + ended
            counts[:, number] = found[dropped]
    complied, ambiguous_tests, tests = counts
    enough = _enough(tests, flats)
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = complied / tests, (complied + ambiguous_tests) / tests
    parts = (complied, ambiguous_tests, np.where(enough, tests, np.nan))
    worth = decisions.source("compliance.ambiguous")
    return Measure(lookup, parts, _why_missing(tests, enough), low, high, worth)


def output_measure(dataset: Dataset, decisions: Decisions, unit: Unit) -> Measure:
    """O: the mean over norms and bodies whose outcome is reported, once for each choice of rows and points."""
    lookup = decisions.lookup((*ROWS, "output.", GUARD))
    row_keys = _row_keys(decisions, ("output.aspect", "output.partly"))
    flats = list(decisions.each(lookup))
    found = np.full((4, len(flats)), np.nan)
    for coding, numbers in _grouped(decisions, flats, row_keys):
        given = carried_out_values(dataset, coding, unit.scope(dataset, coding), coding.output.aspect)
        found[3, numbers] = (~np.isnan(given)).sum()
        if len(given):
            ends = [np.nan_to_num(given, nan=end).mean() for end in (0.0, 1.0)]
            found[:3, numbers] = np.array([weighted_mean(given, np.ones(len(given))), *ends])[:, None]
    return _guarded(lookup, found, flats)


def _grouped(decisions: Decisions, flats: list[Flat], keys: tuple[str, ...]) -> Iterable[tuple[Coding, list[int]]]:
    """Sub-choices that agree on some keys: their coding, and their numbers."""
    groups: dict[int, tuple[Coding, list[int]]] = {}
    for number, flat in enumerate(flats):
        coding = decisions.coding(flat, keys)
        groups.setdefault(id(coding), (coding, []))[1].append(number)
    return groups.values()


def _row_keys(decisions: Decisions, more: tuple[str, ...]) -> tuple[str, ...]:
    return (*(key for key in decisions.flat if key.startswith(ROWS)), *more)

"""The four indices of a universe, each computed once for every distinct sub-choice that it depends on.

The functions are those of :mod:`deadletter.indices`: a notebook's value is the same sum, over a batch of one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deadletter.coding import Coding
from deadletter.dataset.load import Dataset
from deadletter.indices.compliance import carried_out_values, counted_deeds, counted_exits, credit
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


def _why_missing(counts: NDArray[np.int64], enough: NDArray[np.bool_], reasons: Mapping[int, str]) -> dict[int, str]:
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
    found = np.empty((4, len(flats)))
    for coding, numbers in _grouped(decisions, flats, keys):
        found[:, numbers] = np.array(formalisation_bounds(dataset, coding, unit.scope(dataset, coding)))[:, None]
    values, low, high, n = found
    enough = n >= _minimum(flats)
    blanked = np.where(enough, values, np.nan)
    return Measure(lookup, (blanked,), (), _itself, _why_missing(n.astype(np.int64), enough, {}), low, high)


def expectation_measure(dataset: Dataset, decisions: Decisions, unit: Unit) -> Measure:
    """E: for each choice of rows, dropped states and evidence shared with other indices as weights of zero."""
    lookup = decisions.lookup((*ROWS, "drop_states", "expectation."))
    row_keys = _row_keys(decisions, ("expectation.definition", "expectation.stated", "drop_states"))
    flats = list(decisions.each(lookup))
    # the value, and the same with every unknown rating at the one and the other extreme
    values, n = np.full((3, len(flats)), np.nan), np.zeros(len(flats), dtype=np.int64)
    census = np.zeros(len(flats), dtype=bool)
    reasons: dict[int, str] = {}
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
        members = {dropped: members_of(dataset, dropped, scope) for dropped in kept}
        for flat, number, states_rated in zip(chosen, numbers, rated, strict=True):
            census[number] = covered(int(states_rated), members[flat["drop_states"]], flat["expectation.coverage"])
        for row, given in enumerate(each):
            level = weighted_mean(given, by_state)
            product = level * convergence(given, by_state)
            values[row, numbers] = np.where(unknown, np.nan, np.where(alone, level, product))
        reasons |= {numbers[u]: "a state has no weight of this kind" for u in np.flatnonzero(unknown)}
    enough = census & (n > 0)
    known, low, high = np.where(enough, values, np.nan)
    return Measure(lookup, (known,), (), _itself, _why_missing(n, enough, reasons), low, high)


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
    kept: dict[tuple[int, tuple[str, ...]], NDArray[np.bool_]] = {}
    counts = np.zeros((3, len(flats)))
    for coding, numbers in _grouped(decisions, flats, row_keys):
        scope = unit.scope(dataset, coding)
        deeds, here = counted_deeds(dataset, coding, scope)
        verdicts = deeds["verdict"].to_numpy(dtype=str)
        left: list[str] = list(counted_exits(dataset, coding, scope)["state"])
        found: dict[tuple[str, ...], tuple[int, int, int]] = {}
        for number in numbers:
            dropped = flats[number]["drop_states"]
            if dropped not in found:
                if (id(deeds), dropped) not in kept:
                    kept[id(deeds), dropped] = remaining(deeds, dropped)
                given = verdicts[here & kept[id(deeds), dropped]]
                ended = len([state for state in left if state not in dropped])
                ambiguous = int((given == "ambiguous").sum()) + ended * (coding.compliance.exits == "ambiguous")
                found[dropped] = int((given == "complied").sum()), ambiguous, len(given) + ended
            counts[:, number] = found[dropped]
    n = counts[2].astype(np.int64)
    enough = n >= _minimum(flats)
    parts = (counts[0], counts[1], np.where(enough, counts[2], np.nan))
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = counts[0] / counts[2], (counts[0] + counts[1]) / counts[2]
    return _measure(decisions, lookup, parts, ("compliance.ambiguous",), _kept, _why_missing(n, enough, {}), low, high)


def _kept(complied: Floats, ambiguous: Floats, tests: Floats, worth: Floats | float) -> Floats:
    return credit(complied, ambiguous, worth) / tests


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
    values, low, high, n = found
    enough = n >= _minimum(flats)
    known = np.where(enough, values, np.nan)
    return Measure(lookup, (known,), (), _itself, _why_missing(n.astype(np.int64), enough, {}), low, high)


def _grouped(decisions: Decisions, flats: list[Flat], keys: tuple[str, ...]) -> Iterable[tuple[Coding, list[int]]]:
    """Sub-choices that agree on some keys: their coding, and their numbers."""
    groups: dict[int, tuple[Coding, list[int]]] = {}
    for number, flat in enumerate(flats):
        coding = decisions.coding(flat, keys)
        groups.setdefault(id(coding), (coding, []))[1].append(number)
    return groups.values()


def _row_keys(decisions: Decisions, more: tuple[str, ...]) -> tuple[str, ...]:
    return (*(key for key in decisions.flat if key.startswith(ROWS)), *more)

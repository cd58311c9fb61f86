"""Expectation E: how far members expect the norms of a regime to be kept (not what they wish for)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset
from deadletter.errors import InputError
from deadletter.frames import split_ids
from deadletter.indices.compliance import TESTED
from deadletter.indices.intervals import NOTHING, IndexValue, Statistic, from_draws, row_weights, wilson
from deadletter.indices.means import Floats, convergence, weighted_mean
from deadletter.indices.selection import (
    Scope,
    lineage_members,
    overlaps,
    ranked,
    rated,
    rows_of_lineage,
    scale_points,
    select,
    values_by_unit,
    without_states,
    years,
)

MET = {"0": 0.0, "0.5": 0.5, "1": 1.0}
FIRST_GDP_YEAR = 2000


@dataclass(frozen=True)
class Expectation:
    """E and its parts, each computed when it is asked for, with a bootstrap interval over rows.

    means: those of each state, (draws, states), under :func:`~deadletter.indices.intervals.row_weights`, then two rows
    with unknown ratings at 0 and at 1. weights: of states. cited, shared: how many rows the evidence cites, and how
    many of these feed C or O. enough: whether more than the coding's share of the members is rated; if not, the index
    has no value.
    """

    coding: Coding
    rows: int
    means: Floats
    weights: Floats
    cited: int
    shared: int
    enough: bool

    @property
    def index(self) -> IndexValue:
        """The axis: the level, or level × convergence, as the coding says."""
        return self.level if self.coding.expectation.aggregate == "level" else self._value(self._product)

    @cached_property
    def level(self) -> IndexValue:
        return self._value(weighted_mean)

    @property
    def convergence(self) -> IndexValue:
        return self._value(convergence)

    @property
    def overlap(self) -> IndexValue:
        """The share of the evidence of E that also feeds C or O, with Wilson's interval."""
        if self.cited == 0:
            return NOTHING
        share = self.shared / self.cited
        between = wilson(float(self.shared), self.cited, self.coding.intervals.level)
        return IndexValue(share, *between, share, share, self.cited)

    def _value(self, of: Statistic) -> IndexValue:
        if self.rows == 0:
            return NOTHING
        *drawn, least, most = of(self.means, self.weights)
        # the coverage of members decides whether there is a value, not the number of rows
        census = self.coding.intervals.model_copy(update={"minimum_rows": 1})
        found = from_draws(np.array(drawn), float(least), float(most), self.rows, census)
        return found if self.enough else replace(found, value=np.nan, note="insufficient")

    @staticmethod
    def _product(means: Floats, weights: Floats) -> Floats:
        return weighted_mean(means, weights) * convergence(means, weights)


def outlook_rows(dataset: Dataset, coding: Coding, scope: Scope) -> pd.DataFrame:
    """Outlook units of members with ``value`` in [0, 1]; ``shared`` of its ``cited`` rows feed C or O too.

    Where the coding puts stated expectations first, a member that the article states one for is rated by these alone.
    """
    stated = coding.expectation.stated
    frame = dataset.once(("outlook of", scope, coding.drop_states, stated), lambda: _counted(dataset, coding, scope))
    value = ranked(dataset, frame, "outlook", coding, scale_points(dataset, "outlook"))
    feeding = dataset.once(("feeding", coding.coder), lambda: feeding_ids(dataset, coding))
    evidence = dataset.once(
        ("evidence of", scope, coding.drop_states, stated), lambda: list(map(split_ids, frame["evidence"]))
    )
    shared = [sum(item in feeding for item in items) for items in evidence]
    return frame.assign(value=value, shared=np.array(shared, dtype=int))


def _counted(dataset: Dataset, coding: Coding, scope: Scope) -> pd.DataFrame:
    """Outlook units of a scope that count, whatever their rating."""
    frame = without_states(select(dataset, "outlook", scope, "from", "to"), coding)
    frame = frame[_member_rows(dataset, frame, scope)].reset_index(drop=True)
    if coding.expectation.stated == "first":
        stated = set(frame.loc[frame["basis"] == "stated", "state"])
        frame = frame[(frame["basis"] == "stated") | ~frame["state"].isin(stated)].reset_index(drop=True)
    return frame.assign(cited=np.array([len(split_ids(cell)) for cell in frame["evidence"]], dtype=int))


def _member_rows(dataset: Dataset, frame: pd.DataFrame, scope: Scope) -> pd.Series:
    """Rows of states that were members within the row's span and the period: others expect nothing of the norms."""
    first = years(frame["from"], scope.first).clip(lower=scope.first)
    last = years(frame["to"], scope.last).clip(upper=scope.last)
    kept = [
        state in lineage_members(dataset, scope.focal, int(begin), int(end))
        for state, begin, end in zip(frame["state"], first, last, strict=True)
    ]
    return pd.Series(kept, index=frame.index, dtype=bool)


def feeding_ids(dataset: Dataset, coding: Coding) -> set[str]:
    """Events and norms that feed compliance or output: those with a scale point."""
    points = {"compliance": TESTED, "implementation": ("not", "partly", "implemented")}
    rated_on = {variable: values_by_unit(dataset, variable, coding).items() for variable in points}
    return {unit for variable, known in points.items() for unit, value in rated_on[variable] if value in known}


def met_rows(dataset: Dataset, coding: Coding, scope: Scope) -> pd.DataFrame:
    """Norm-related wishes that began before the period, with ``value`` = how far they were met.

    Experience forms expectation; the period's own wishes are left out, for they would make the thesis true by
    definition. Wishes are not coded by component: only the whole regime has them.
    """

    def earlier() -> pd.DataFrame:
        frame = rows_of_lineage(dataset, "expectations", scope.focal)
        return frame[years(frame["from"], np.inf) < scope.first].reset_index(drop=True)

    frame = without_states(dataset.once(("wishes before", scope.focal, scope.first), earlier), coding)
    frame = frame[rated(dataset, frame, "norm_related", coding) == "yes"].reset_index(drop=True)
    return frame.assign(value=ranked(dataset, frame, "met", coding, MET), cited=1, shared=0)


def state_weights(dataset: Dataset, kind: str, scope: Scope, states: Sequence[str]) -> Floats:
    """Weights of states of one kind, in units of their own (the means divide by their sum).

    Raises
    ------
    InputError: weights by votes or by GDP where a state has none.
    """
    sizes = state_sizes(dataset, kind, scope, states)
    missing = [state for state, size in zip(states, sizes, strict=True) if not np.isfinite(size)]
    if missing:
        raise InputError(f"no {kind} of this state", where="expectation.state_weights", found=missing[0])
    return sizes


def state_sizes(dataset: Dataset, kind: str, scope: Scope, states: Sequence[str]) -> Floats:
    """Sizes of states, (states,): 1 each (``equal``), mean GDP of the period in million US dollars (``gdp``), or votes
    (``votes``); NaN where unknown."""
    if kind == "equal":
        return np.ones(len(states))
    if kind == "gdp":
        span = max(scope.first, FIRST_GDP_YEAR), max(scope.last, FIRST_GDP_YEAR)
        size = dataset.once(("gdp", *span), lambda: _mean_gdp(dataset, *span))
    else:
        size = rows_of_lineage(dataset, "votes", scope.focal).groupby("state")["votes"].max().astype(float)
    return size.reindex(list(states)).to_numpy(dtype=float)


def _mean_gdp(dataset: Dataset, first: int, last: int) -> pd.Series:
    macro = dataset["annual"]
    return macro[macro["year"].between(first, last)].groupby("economy")["gdp_current_musd"].mean()


def state_means(values: Floats, state: NDArray[np.int64], states: int, weights: Floats) -> Floats:
    """Mean of each state's known values: (draws, rows) weights → (draws, states), NaN where a state has none.

    Sums run row by row, so that the bits do not depend on how many draws are taken together.
    """
    sums, counts = np.zeros((len(weights), states)), np.zeros((len(weights), states))
    for row in np.flatnonzero(~np.isnan(values)):
        sums[:, state[row]] += weights[:, row] * values[row]
        counts[:, state[row]] += weights[:, row]
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums / counts


def members_of(dataset: Dataset, dropped: Iterable[str], scope: Scope) -> int:
    """How many states were members in the period of a scope, apart from those that a coding drops."""
    return len(lineage_members(dataset, scope.focal, scope.first, scope.last) - set(dropped))


def covered(rated_states: int, members: int, coverage: float) -> bool:
    """Whether more than a share of the members is rated: a census of four is enough, a half is not."""
    return rated_states > coverage * members


def expectation(dataset: Dataset, coding: Coding, scope: Scope) -> Expectation:
    """E of a scope, its level, its convergence, and the overlap with C and O."""
    rows = (outlook_rows if coding.expectation.definition == "outlook" else met_rows)(dataset, coding, scope)
    shared, cited = (int(rows[name].sum()) for name in ("shared", "cited"))
    if coding.expectation.overlap == "drop":
        rows = rows[rows["shared"] == 0].reset_index(drop=True)
    values, names = rows["value"].to_numpy(dtype=float), rows["state"].to_numpy(dtype=object)
    states = sorted(set(names))
    position = np.array([states.index(name) for name in names], dtype=np.int64)
    by_state = state_weights(dataset, coding.expectation.state_weights, scope, states)
    rated_states = len(set(names[~np.isnan(values)]))
    members = members_of(dataset, coding.drop_states, scope)

    def means(unknown: float, weights: Floats) -> Floats:
        return state_means(np.nan_to_num(values, nan=unknown), position, len(states), weights)

    once, n = np.ones((1, len(rows))), len(rows)
    drawn = row_weights(n, coding.intervals) if n else once
    of_states = np.concatenate([means(np.nan, drawn), means(0.0, once), means(1.0, once)])
    enough = covered(rated_states, members, coding.expectation.coverage)
    return Expectation(coding, n, of_states, by_state, cited, shared, enough)


def wishes(dataset: Dataset, coding: Coding, focal: str) -> pd.DataFrame:
    """Every wish of a lineage with its kind, whether it is norm-related and how far it was met (NaN where unclear)."""
    frame = without_states(rows_of_lineage(dataset, "expectations", focal), coding)
    frame = frame[overlaps(frame, "from", "to", 0, int(coding.as_of[:4]))].reset_index(drop=True)
    return frame.assign(
        kind=rated(dataset, frame, "expectation_kind", coding),
        norm_related=rated(dataset, frame, "norm_related", coding),
        met=ranked(dataset, frame, "met", coding, MET),
    )

"""Compliance C (were norms kept when tested?) and output O (were norms and bodies carried out?)."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from deadletter.coding.model import Coding
from deadletter.dataset.article.anchors import split_ids
from deadletter.dataset.load import Dataset
from deadletter.indices.intervals import NOTHING, IndexValue, from_statistic, wilson
from deadletter.indices.means import weighted_mean
from deadletter.indices.selection import ALL, Scope, ranked, rated, rows_of_lineage, select, without_states, years

Floats = NDArray[np.float64]
TESTED = ("violated", "ambiguous", "complied")
EXITS = ("non_renewal", "suspension", "withdrawal")
# told by the spells of membership, so that an exit is not counted twice
EXIT_EVENTS = ("exit", "suspension")


def tests_of_norms(dataset: Dataset, coding: Coding, scope: Scope) -> pd.DataFrame:
    """Events of a scope that test a norm: one row each, ``actors``, ``verdict`` and ``value`` in [0, 1].

    An event belongs to a component when a norm that it bears on does. Exits count as the coding says.
    """
    events, dated, end = dataset.once(("deeds", scope.focal), lambda: _deeds(dataset, scope.focal))
    keep = (dated <= scope.last) & (np.minimum(end, scope.last).where(end.notna(), dated) >= scope.first)
    events = without_states(events[keep & (events["date"] <= coding.as_of)].reset_index(drop=True), coding)
    events = events.assign(verdict=rated(dataset, events, "compliance", coding))
    events = events[events["verdict"].isin(TESTED) & _on_norms(dataset, coding, events, scope)]
    columns = ["id", "label", "date", "actors", "verdict"]
    tests = pd.concat([events[columns], _exits(dataset, coding, scope)[columns]], ignore_index=True)
    points = {"violated": 0.0, "ambiguous": coding.compliance.ambiguous, "complied": 1.0}
    return tests.assign(value=tests["verdict"].map(points).astype(float))


def _deeds(dataset: Dataset, focal: str) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Events of a lineage, exits apart, with the years of their dates and of their ends (NaN without an end)."""
    events = rows_of_lineage(dataset, "events", focal)
    events = events[~events["type"].isin(EXIT_EVENTS)].reset_index(drop=True)
    return events, years(events["date"], np.inf), years(events["date_end"], np.nan)


def _on_norms(dataset: Dataset, coding: Coding, events: pd.DataFrame, scope: Scope) -> pd.Series:
    """Whether an event bears on a norm of the component and aspect wanted."""
    if scope.component == ALL and coding.compliance.aspect == ALL:
        return pd.Series(True, index=events.index)
    norms = dataset["norms"]
    if scope.component != ALL:
        norms = norms[norms["component"] == scope.component]
    if coding.compliance.aspect != ALL:
        norms = norms[norms["aspect"] == coding.compliance.aspect]
    wanted = set(norms["id"])
    return events["norm"].map(lambda cell: not wanted.isdisjoint(split_ids(cell))).astype(bool)


def _exits(dataset: Dataset, coding: Coding, scope: Scope) -> pd.DataFrame:
    """Spells that end by the member's own act in the period, as tests of the regime's norms."""
    spells, ended = dataset.once(("ended", scope.focal), lambda: _ended(dataset, scope.focal))
    counted = coding.compliance.exits != "ignore" and scope.component == ALL
    spells = spells[ended.between(scope.first, scope.last) & counted].reset_index(drop=True)
    return without_states(spells, coding).assign(verdict=coding.compliance.exits)


def _ended(dataset: Dataset, focal: str) -> tuple[pd.DataFrame, pd.Series]:
    """Spells of a lineage that ended by the member's own act, with the year."""
    spells = rows_of_lineage(dataset, "memberships", focal)
    spells = spells[spells["exit"].isin(EXITS)].reset_index(drop=True)
    return spells.assign(date=spells["to"], actors=spells["state"]), years(spells["to"], np.inf)


def credit(complied: ArrayLike, ambiguous: ArrayLike, worth: ArrayLike) -> Floats:
    """What counts as kept: events complied with, and each ambiguous one for what it is worth. Shapes broadcast."""
    return np.asarray(complied) + np.asarray(ambiguous) * np.asarray(worth, dtype=float)


def compliance(dataset: Dataset, coding: Coding, scope: Scope) -> IndexValue:
    """C of a scope: the mean over events that test a norm.

    The interval is Wilson's and descriptive only (the article chose its events); the bounds put every ambiguous event
    at the one and the other extreme.
    """
    tests = tests_of_norms(dataset, coding, scope)
    n = len(tests)
    if n == 0:
        return NOTHING
    ambiguous = int((tests["verdict"] == "ambiguous").sum())
    complied = int((tests["verdict"] == "complied").sum())
    kept = float(credit(complied, ambiguous, coding.compliance.ambiguous))
    low, high = wilson(kept, n, coding.intervals.level)
    value = IndexValue(kept / n, low, high, complied / n, (complied + ambiguous) / n, n)
    return value.guarded(coding.intervals)


def carried_out(dataset: Dataset, coding: Coding, scope: Scope, aspect: str) -> pd.DataFrame:
    """Norms and bodies in force in a scope: ``status`` as rated and ``value`` in [0, 1], NaN where not reported."""
    norms = _in_force(dataset, scope, aspect)
    status = rated(dataset, norms, "implementation", coding)
    return norms.assign(status=status, value=carried_out_values(dataset, coding, scope, aspect))


def carried_out_values(dataset: Dataset, coding: Coding, scope: Scope, aspect: str) -> Floats:
    """How far each norm or body in force was carried out, in [0, 1]; NaN where not reported."""
    points = {"not": 0.0, "partly": coding.output.partly, "implemented": 1.0}
    norms = _in_force(dataset, scope, aspect)
    return ranked(dataset, norms, "implementation", coding, points).to_numpy(dtype=float)


def _in_force(dataset: Dataset, scope: Scope, aspect: str) -> pd.DataFrame:
    def found() -> pd.DataFrame:
        norms = select(dataset, "norms", scope, "valid_from", "valid_to")
        return norms if aspect == ALL else norms[norms["aspect"] == aspect].reset_index(drop=True)

    return dataset.once(("in force", scope, aspect), found)


def output(dataset: Dataset, coding: Coding, scope: Scope, aspect: str | None = None) -> IndexValue:
    """O of a scope: the mean over norms and bodies whose fate the article reports, with a bootstrap interval.

    ``n`` counts the norms and bodies whose fate is reported; the bounds put the others at both extremes.
    """
    values = carried_out_values(dataset, coding, scope, aspect or coding.output.aspect)

    def mean(filled: Floats, weights: Floats) -> Floats:
        return weighted_mean(np.broadcast_to(filled, weights.shape), weights)

    index = from_statistic(
        lambda w: mean(values, w),
        lambda w: mean(np.nan_to_num(values, nan=0.0), w),
        lambda w: mean(np.nan_to_num(values, nan=1.0), w),
        len(values),
        coding.intervals,
    )
    reported = int((~np.isnan(values)).sum())
    if index.n and reported < coding.intervals.minimum_rows:
        return replace(index, value=math.nan, n=reported, note="insufficient" if reported else "no rows")
    return replace(index, n=reported)


def oslo_potsdam(actual: float, no_regime: float, optimum: float) -> float:
    """Effectiveness score ``(AP - NR) / (CO - NR)``, clipped to [0, 1] (Hovi, Sprinz & Underdal 2003, p. 75).

    Parameters
    ----------
    actual: actual performance; no_regime: counterfactual without the regime; optimum: collective optimum.
    """
    if optimum == no_regime:
        return math.nan
    return min(1.0, max(0.0, (actual - no_regime) / (optimum - no_regime)))

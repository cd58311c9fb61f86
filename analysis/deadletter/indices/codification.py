"""Codification: how far a regime's norms are written, binding and in force, computed from its legal instruments.

The rule is that of docs/preanalysis.md: an adopted norm takes the level of its instrument on a day (0 unwritten, 1
written, 2 binding but not in force for all members, 3 binding and in force for all). Levels are divided by 3 and
averaged by Krasner component (Krasner 1983), then over the four components.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deadletter.coding.model import Anchors, Coding
from deadletter.dataset.load import Dataset, derived
from deadletter.frames import records, split_ids
from deadletter.indices.intervals import NOTHING, IndexValue, from_statistic, wilson
from deadletter.indices.means import Floats, power_mean
from deadletter.indices.selection import ALL, Scope, in_force, members_on, rows_of_lineage

COMPONENTS = ("principle", "norm", "rule", "procedure")
HIGHEST = 3
GROUPS = ("out", "middle", "in")


def adopted_norms(dataset: Dataset, coding: Coding, scope: Scope) -> pd.DataFrame:
    """Adopted principles, norms, rules and procedures in force on the last day of a scope's period.

    A part of a regime (a component such as goods) is also governed by the norms of the whole in those Krasner
    components of which it has none of its own: the procedures of a union apply to each of its markets.

    Returns columns of the norms, with ``low`` and ``high``: the level in [0, 1] where a day of entry into force that
    was not found counts as still to come, and as past; ``low`` is the level itself. The frame is shared: callers must
    not change it.
    """
    return _adopted(dataset, scope.focal, scope.component, scope.day(coding), coding.formalisation.aspect)


@derived
def _adopted(dataset: Dataset, focal: str, component: str, day: str, aspect: str) -> pd.DataFrame:
    whole = _levels(dataset, focal, day)
    if aspect != ALL:
        whole = whole[whole["aspect"] == aspect]
    if component == ALL:
        return whole.reset_index(drop=True)
    own = whole[whole["component"] == component]
    shared = whole[(whole["component"] == ALL) & ~whole["krasner"].isin(set(own["krasner"]))]
    return pd.concat([own, shared]).reset_index(drop=True) if len(own) else own.reset_index(drop=True)


def component_codes(norms: pd.DataFrame) -> NDArray[np.int64]:
    """The Krasner component of each norm as a position in :data:`COMPONENTS`."""
    return norms["krasner"].map(COMPONENTS.index).to_numpy(dtype=np.int64)


@derived
def _levels(dataset: Dataset, focal: str, day: str) -> pd.DataFrame:
    norms = rows_of_lineage(dataset, "norms", focal)
    keep = (norms["status"] == "adopted") & norms["krasner"].isin(COMPONENTS) & in_force(norms, day)
    norms = norms[keep].reset_index(drop=True)
    instruments = {instrument["id"]: instrument for instrument in records(dataset["instruments"])}
    pairs = [
        level_on(instruments[instrument], day, members_on(dataset, regime, day)) if instrument else (0, 0)
        for instrument, regime in zip(norms["instrument"], norms["regime"], strict=True)
    ]
    low, high = (np.array([pair[end] for pair in pairs], dtype=float) / HIGHEST for end in (0, 1))
    return norms.assign(low=low, high=high)


def level_on(instrument: Mapping[str, str] | pd.Series, day: str, members: frozenset[str]) -> tuple[int, int]:
    """The least and the greatest level that an instrument may have on a day, as far as its dates were seen.

    instrument: a row of the instruments. day: ISO date. members: those of the norm's regime on that day.
    """
    if _after(instrument["signed"], day) or (instrument["in_force_to"] and instrument["in_force_to"] < day):
        return 0, 0
    if instrument["binding"] != "yes":
        return 1, 1
    parties = set(split_ids(instrument["parties"]))
    if _after(instrument["in_force_from"], day) or (parties and not members <= parties):
        return 2, 2
    return (3, 3) if instrument["in_force_from"] else (2, 3)


def _after(date: str, day: str) -> bool:
    return bool(date) and date > day[: len(date)]


def component_means(ratings: Floats, components: NDArray[np.int64], weights: Floats) -> Floats:
    """Mean rating of each Krasner component on each dimension.

    ratings: (norms, dimensions) in [0, 1], NaN where unknown.
    components: (norms,) positions in :data:`COMPONENTS`.
    weights: (draws, norms).

    Returns (draws, components, dimensions); NaN where no known rating carries weight. Sums run norm by norm, so that
    the bits do not depend on how many draws are taken together.
    """
    shape = (len(weights), len(COMPONENTS), ratings.shape[-1])
    sums, counts = np.zeros(shape), np.zeros(shape)
    for row, component in enumerate(components):
        known = ~np.isnan(ratings[row])
        sums[:, component] += weights[:, row, None] * np.where(known, ratings[row], 0.0)
        counts[:, component] += weights[:, row, None] * known
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counts > 0, sums / counts, np.nan)


def component_weights(coding: Coding) -> Floats:
    """Weights of the Krasner components, in the order of :data:`COMPONENTS`."""
    return np.array([getattr(coding.formalisation.component_weights, name) for name in COMPONENTS])


def over_components(means: Floats, coding: Coding, exponent: Floats | float) -> Floats:
    """The power mean over Krasner components, (..., components) → (...); a missing one is 0 or left out."""
    filled = np.nan_to_num(means, nan=0.0) if coding.formalisation.missing_component == "zero" else means
    known = ~np.isnan(means).all(axis=-1)
    return np.where(known, power_mean(filled, component_weights(coding), exponent), np.nan)


def codification(
    dataset: Dataset, coding: Coding, scope: Scope, krasner: str = ALL, *, conjunctive: bool = False
) -> IndexValue:
    """Codification of a scope, whole or for one Krasner component, with a bootstrap interval over norms.

    ``conjunctive`` takes the weakest component instead of the coding's power mean. The bounds come from instruments
    whose entry into force was not seen.
    """
    norms = adopted_norms(dataset, coding, scope)
    if krasner != ALL:
        norms = norms[norms["krasner"] == krasner]
    low, high = norms["low"].to_numpy(dtype=float), norms["high"].to_numpy(dtype=float)
    components, exponent = component_codes(norms), exponent_of(coding, conjunctive)

    def statistic(levels: Floats, weights: Floats) -> Floats:
        means = component_means(levels[:, None], components, weights)[..., 0]
        if krasner != ALL:
            return means[:, COMPONENTS.index(krasner)]
        return over_components(means, coding, exponent)

    return from_statistic(statistic, low, coding.intervals, (low, high))


def codification_bounds(
    dataset: Dataset, coding: Coding, scope: Scope, *, conjunctive: bool = False
) -> tuple[float, float, int]:
    """Codification (which is its lower bound), its upper bound and the number of norms, without an interval."""

    def means() -> tuple[Floats, int]:
        norms = adopted_norms(dataset, coding, scope)
        components, once = component_codes(norms), np.ones((1, len(norms)))
        ends = norms[["low", "high"]].to_numpy(dtype=float)
        return component_means(ends, components, once)[0].T, len(norms)

    where = (scope.focal, scope.component, scope.day(coding), coding.formalisation.aspect)
    both, n = dataset.once(("codification by component", *where), means)
    low, high = over_components(both, coding, exponent_of(coding, conjunctive))
    return float(low), float(high), n


def exponent_of(coding: Coding, conjunctive: bool) -> float:
    """Exponent of the power mean over Krasner components: minus infinity is the weakest."""
    return -np.inf if conjunctive else coding.formalisation.component_exponent


def completeness(dataset: Dataset, coding: Coding, scope: Scope) -> IndexValue:
    """Share of adopted substantive principles and norms with both an operative rule and a procedure in force.

    What is operative comes from the table of links. The interval is Wilson's.
    """
    norms = adopted_norms(dataset, coding, scope)
    substantive = norms[norms["krasner"].isin(("principle", "norm")) & (norms["aspect"] == "substance")]
    if substantive.empty:
        return NOTHING
    links = dataset["links"]
    everywhere = dataset["norms"]
    operative = (everywhere["status"] == "adopted") & in_force(everywhere, scope.day(coding))
    links = links[links["operative"].isin(everywhere.loc[operative, "id"])]
    kinds = links.groupby("norm")["kind"].agg(set)
    complete = int(sum({"rule", "procedure"} <= kinds.get(norm, set()) for norm in substantive["id"]))
    share = complete / len(substantive)
    low, high = wilson(complete, len(substantive), coding.intervals.level)
    return IndexValue(share, low, high, share, share, len(substantive)).guarded(coding.intervals)


def density(dataset: Dataset, coding: Coding, scope: Scope) -> IndexValue:
    """The number of instruments of a lineage that are in force on the last day of the period; no interval."""
    day = scope.day(coding)
    instruments = rows_of_lineage(dataset, "instruments", scope.focal)
    ended = (instruments["in_force_to"] != "") & (instruments["in_force_to"] < day)
    signed, started = (
        pd.Series([bool(date) and not _after(date, day) for date in instruments[column]], index=instruments.index)
        for column in ("signed", "in_force_from")
    )
    unseen = signed & ~ended & (instruments["binding"] == "yes") & (instruments["in_force_from"] == "")
    written = signed & (instruments["binding"] != "yes")
    least = int(((started | written) & ~ended).sum())
    return IndexValue(float(least), np.nan, np.nan, float(least), float(least + int(unseen.sum())), len(instruments))


@derived
def reference_levels(dataset: Dataset) -> pd.DataFrame:
    """Reference organisations with their level in each Krasner component, in [0, 1].

    Returns columns organisation, group, wide and those of :data:`COMPONENTS`.
    """
    sheet = dataset["reference"]
    binding, everywhere = sheet["binding"] == "yes", sheet["in_force_for_all"] == "yes"
    level = np.select([sheet["kind"] == "unwritten", ~binding, binding & everywhere], [0, 1, 3], default=2)
    wide = sheet.assign(level=level / HIGHEST).pivot(
        index=["organisation", "group", "wide"], columns="component", values="level"
    )
    return wide.reset_index()[["organisation", "group", "wide", *COMPONENTS]]


def reference_anchors(dataset: Dataset, coding: Coding, *, conjunctive: bool = False) -> Anchors | None:
    """The anchors of codification: group means of the reference organisations, scored as regimes are.

    Returns None where the three means do not rise: then nothing can be placed.
    """
    chosen = coding.formalisation
    if chosen.grouping == "stated":
        return coding.calibration.codification
    key = ("reference anchors", chosen, conjunctive)
    return dataset.once(key, lambda: _reference_anchors(dataset, coding, conjunctive))


def _reference_anchors(dataset: Dataset, coding: Coding, conjunctive: bool) -> Anchors | None:
    chosen, cases = coding.formalisation, reference_levels(dataset)
    if chosen.grouping == "baseline":
        cases = cases[cases["wide"] == "no"]
    cases = cases[cases["organisation"] != chosen.leave_out]
    scores = over_components(cases[list(COMPONENTS)].to_numpy(dtype=float), coding, exponent_of(coding, conjunctive))
    means = [float(scores[(cases["group"] == group).to_numpy()].mean()) for group in GROUPS]
    if not means[0] < means[1] < means[2]:
        return None
    return Anchors(exclusion=means[0], crossover=means[1], inclusion=means[2])

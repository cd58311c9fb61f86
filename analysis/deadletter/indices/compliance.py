"""Compliance C (were norms kept when tested?) and output O (were norms and bodies carried out?)."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset, derived
from deadletter.frames import split_ids
from deadletter.indices.intervals import NOTHING, IndexValue, from_statistic, wilson
from deadletter.indices.means import Floats, weighted_mean
from deadletter.indices.selection import (
    ALL,
    Scope,
    covers_day,
    lineage_members,
    ranked,
    rated,
    remaining,
    rows_of_lineage,
    select,
    without_states,
    years,
)

TESTED = ("violated", "ambiguous", "complied")
EXITS = ("non_renewal", "suspension", "withdrawal")
# membership spells record exits, so that none is counted twice
EXIT_EVENTS = ("exit", "suspension")


def tests_of_norms(dataset: Dataset, coding: Coding, scope: Scope) -> pd.DataFrame:
    """Events of a scope that test a norm: one row each, ``actors``, ``verdict`` and ``value`` in [0, 1].

    An event counts where the coder rates it, the norm that it tests was adopted and in force when it began, and those
    whose conduct it is (``actors`` of the result) were members then. It belongs to a component when its norm does, and
    to the period in which it begins, unless the coding's window says otherwise. Exits count as the coding says.
    """
    events, counted = counted_events(dataset, coding, scope)
    events = without_states(events[counted].reset_index(drop=True), coding)
    columns = ["id", "label", "date", "actors", "verdict"]
    exits = without_states(counted_exits(dataset, coding, scope), coding)
    tests = pd.concat([events[columns], exits[columns]], ignore_index=True)
    points = {"violated": 0.0, "ambiguous": coding.compliance.ambiguous, "complied": 1.0}
    return tests.assign(value=tests["verdict"].map(points).astype(float))


def counted_events(dataset: Dataset, coding: Coding, scope: Scope) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """The rated events of a lineage, and which of them count in a scope, whichever states the coding drops.

    The frame is shared: callers must not change it.
    """
    about, chosen = (scope.focal, coding.coder), coding.compliance

    def rated_events() -> pd.DataFrame:
        return dataset.once(("rated events", *about), lambda: _rated_events(dataset, coding, scope.focal))

    def in_time() -> NDArray[np.bool_]:
        return _in_window(rated_events(), coding, scope) & (rated_events()["date"] <= coding.as_of).to_numpy(dtype=bool)

    span = (*about, scope.first, scope.last, chosen.window, coding.as_of)
    on = (*about, scope.component, chosen.aspect)
    on_norms = dataset.once(("events on norms", *on), lambda: _on_norms(dataset, coding, rated_events(), scope))
    return rated_events(), dataset.once(("events in time", *span), in_time) & on_norms


def _in_window(events: pd.DataFrame, coding: Coding, scope: Scope) -> NDArray[np.bool_]:
    begun, end = events["begun"], events["ended"]
    if coding.compliance.window == "begins":
        keep = begun.between(scope.first, scope.last) & (events["period_only"] != "yes")
    else:
        keep = (begun <= scope.last) & (end.where(end.notna(), begun) >= scope.first)
    return keep.to_numpy(dtype=bool)


def _rated_events(dataset: Dataset, coding: Coding, focal: str) -> pd.DataFrame:
    """Events in which members kept or broke norms in force, exits apart.

    Columns ``begun`` and ``ended`` are the years of the dates (NaN without an end), ``tested`` the ids of the norms in
    force, ``actors`` those whose conduct it is.
    """
    events = dataset.once(("conduct", focal, coding.coder), lambda: _conduct(dataset, coding, focal))
    events = events.assign(verdict=rated(dataset, events, "compliance", coding))
    return events[events["verdict"].isin(TESTED)].reset_index(drop=True)


def _conduct(dataset: Dataset, coding: Coding, focal: str) -> pd.DataFrame:
    """Events, exits apart, in which members acted while a norm in question was in force, whatever their rating."""
    events = rows_of_lineage(dataset, "events", focal)
    events = events[~events["type"].isin(EXIT_EVENTS)].reset_index(drop=True)
    tested = tested_norms(dataset, events, coding.coder)
    norms = dataset["norms"]
    norms = norms[norms["status"] == "adopted"]
    spans = dict(zip(norms["id"], zip(norms["valid_from"], norms["valid_to"], strict=True), strict=True))
    begun_in = [_began_under(spans, ids, date) for ids, date in zip(tested, events["date"], strict=True)]
    agents = events["agent"].where(events["agent"] != "", events["actors"])
    member = [_members(dataset, focal, cell, date) for cell, date in zip(agents, events["date"], strict=True)]
    events = events.assign(
        tested=begun_in, actors=agents, begun=years(events["date"], np.nan), ended=years(events["date_end"], np.nan)
    )
    keep = np.array([bool(ids) and inside for ids, inside in zip(begun_in, member, strict=True)], dtype=bool)
    return events[keep].reset_index(drop=True)  # of no event, a list would choose no column


def _began_under(spans: Mapping[str, tuple[str, str]], ids: list[str], date: str) -> str:
    """Of some norms, those in force at the beginning of an event; ``spans`` has the days of those adopted."""
    return ";".join(i for i in ids if i in spans and covers_day(*spans[i], date)) if date else ""


def _members(dataset: Dataset, focal: str, actors: str, date: str) -> bool:
    """Whether a member, or a body of members, is among the actors."""
    year = int(date[:4]) if date else 0
    return bool(set(split_ids(actors)) & (_collective(dataset) | lineage_members(dataset, focal, year, year)))


@derived
def _collective(dataset: Dataset) -> frozenset[str]:
    """Bodies of several states, among the actors."""
    return frozenset(actor for actor in dataset["states"]["iso3"] if actor.startswith("X"))


def tested_norms(dataset: Dataset, events: pd.DataFrame, coder: str) -> list[list[str]]:
    """The norms that each event tests: those that the coder named in a first step, else those of the event."""
    given = dataset["tested_norms"]
    given = given[given["coder"] == coder]
    named = dict(zip(given["event"], given["norm"], strict=True))
    return [split_ids(named.get(event, norm)) for event, norm in zip(events["id"], events["norm"], strict=True)]


def _on_norms(dataset: Dataset, coding: Coding, events: pd.DataFrame, scope: Scope) -> NDArray[np.bool_]:
    """Whether each event tests a norm of the component and aspect wanted."""
    if scope.component == ALL and coding.compliance.aspect == ALL:
        return np.ones(len(events), dtype=bool)
    norms = dataset["norms"]
    if scope.component != ALL:
        norms = norms[norms["component"] == scope.component]
    if coding.compliance.aspect != ALL:
        norms = norms[norms["aspect"] == coding.compliance.aspect]
    wanted = set(norms["id"])
    return np.array([not wanted.isdisjoint(split_ids(cell)) for cell in events["tested"]], dtype=bool)


def counted_exits(dataset: Dataset, coding: Coding, scope: Scope) -> pd.DataFrame:
    """Spells that end by the member's own act in the period, as tests of the regime's norms, whichever states the
    coding drops."""
    counted = coding.compliance.exits != "ignore" and scope.component == ALL
    return _ended(dataset, scope, counted).assign(verdict=coding.compliance.exits)


@derived
def _ended(dataset: Dataset, scope: Scope, counted: bool) -> pd.DataFrame:
    """Spells of a lineage that ended by the member's own act within a period; none where they do not count."""
    spells = rows_of_lineage(dataset, "memberships", scope.focal)
    within = years(spells["to"], np.inf).between(scope.first, scope.last)
    spells = spells[spells["exit"].isin(EXITS) & within & counted].reset_index(drop=True)
    return spells.assign(date=spells["to"], actors=spells["state"])


def credit(complied: ArrayLike, ambiguous: ArrayLike, worth: ArrayLike) -> Floats:
    """How many tests count as kept: those complied with, and ``worth`` of each ambiguous one. Shapes broadcast."""
    return np.asarray(complied) + np.asarray(ambiguous) * np.asarray(worth, dtype=float)


def compliance(dataset: Dataset, coding: Coding, scope: Scope) -> IndexValue:
    """C of a scope: the mean over events that test a norm.

    The interval is Wilson's and descriptive only (the article chose its events); the bounds count every ambiguous event
    as violated, and as complied with.
    """
    events, counted = counted_events(dataset, coding, scope)
    if coding.drop_states:
        counted = counted & remaining(events, coding.drop_states)
    exits = without_states(counted_exits(dataset, coding, scope), coding)
    verdicts = [*events["verdict"].to_numpy(dtype=object)[counted], *exits["verdict"]]
    n = len(verdicts)
    if n == 0:
        return NOTHING
    ambiguous, complied = verdicts.count("ambiguous"), verdicts.count("complied")
    kept = float(credit(complied, ambiguous, coding.compliance.ambiguous))
    low, high = wilson(kept, n, coding.intervals.level)
    value = IndexValue(kept / n, low, high, complied / n, (complied + ambiguous) / n, n)
    return value.guarded(coding.intervals)


def carried_out(dataset: Dataset, coding: Coding, scope: Scope, aspect: str) -> pd.DataFrame:
    """Adopted norms and bodies of a scope: ``status``, the meaning of the rating, and ``value`` in [0, 1], NaN where
    not reported."""
    norms = _in_force(dataset, scope, aspect)
    scale = dataset["scale"]
    meanings = scale[scale["variable"] == "implementation"].set_index("value")["label"]
    status = rated(dataset, norms, "implementation", coding).map(lambda value: meanings.get(value, ""))
    return norms.assign(status=status, value=carried_out_values(dataset, coding, scope, aspect))


def carried_out_values(dataset: Dataset, coding: Coding, scope: Scope, aspect: str) -> Floats:
    """How far each norm or body in force was carried out, in [0, 1]; NaN where not reported."""
    points = {"not": 0.0, "partly": coding.output.partly, "implemented": 1.0}
    norms = _in_force(dataset, scope, aspect)
    return ranked(dataset, norms, "implementation", coding, points).to_numpy(dtype=float)


@derived
def _in_force(dataset: Dataset, scope: Scope, aspect: str) -> pd.DataFrame:
    norms = select(dataset, "norms", scope, "valid_from", "valid_to")
    norms = norms[norms["status"] == "adopted"].reset_index(drop=True)
    return norms if aspect == ALL else norms[norms["aspect"] == aspect].reset_index(drop=True)


def output(dataset: Dataset, coding: Coding, scope: Scope, aspect: str | None = None) -> IndexValue:
    """O of a scope: the mean over norms and bodies whose outcome the article reports, with a bootstrap interval.

    ``n`` counts the norms and bodies whose outcome is reported; the bounds put the others at both extremes.
    """
    values = carried_out_values(dataset, coding, scope, aspect or coding.output.aspect)
    index = from_statistic(weighted_mean, values, coding.intervals)
    reported = int((~np.isnan(values)).sum())
    if index.n and reported < coding.intervals.minimum_rows:
        return replace(index, value=math.nan, n=reported, note="insufficient" if reported else "no rows")
    return replace(index, n=reported)

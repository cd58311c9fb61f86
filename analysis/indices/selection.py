"""Which rows count: the line of a focal regime, a period, a component, a coder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.coding.model import Coding
from analysis.errors import InputError
from analysis.evidence.load import Evidence
from analysis.evidence.traces import split_ids
from analysis.indices.reconciliation import reconciled

ALL = "all"
MEAN, RECONCILED = "mean", "reconciled"


@dataclass(frozen=True)
class Scope:
    """Unit of analysis of an index: a focal regime's line in one period, whole or one component."""

    focal: str
    first: int
    last: int
    component: str = ALL

    @property
    def period(self) -> str:
        return f"{self.first}/{self.last}"


def check_coding(evidence: Evidence, coding: Coding, where: str = "the coding") -> None:
    """See that the names which a coding uses are those of the data: a misspelt one would change nothing, unnoticed.

    ``where`` is the file or option that sets them.

    Raises
    ------
    InputError: an unknown coder, state or line of regimes, or a horizon before every period of a focal regime's line.
    """
    _known_coder(evidence, coding.coder, where)
    regimes, states = evidence["regimes"], list(evidence["states"]["iso3"]) if coding.drop_states else []
    for state in coding.drop_states:
        if state not in states:
            raise InputError("unknown state", where=f"{where} key drop_states", found=state, allowed=states)
    lines = list(dict.fromkeys(line for line in regimes["line"] if line))
    for line in coding.periods:
        if line not in lines:
            raise InputError("unknown line of regimes", where=f"{where} key periods", found=line, allowed=lines)
    for focal in evidence.focal:
        if not periods_of(evidence, coding, focal):
            line = regimes.set_index("id").loc[focal, "line"]
            allowed = f"{coding.spans(line)[0][0]} or later, where the periods of {line} begin"
            raise InputError("leaves no period", where=f"{where} key as_of", found=coding.as_of, allowed=allowed)


def periods_of(evidence: Evidence, coding: Coding, focal: str) -> list[tuple[int, int]]:
    """First and last years of the periods of a focal regime's line, up to the coding's horizon.

    Raises
    ------
    InputError: no such focal regime, or the coding names no periods for its line.
    """
    if focal not in evidence.focal:
        raise InputError("unknown regime", found=focal, allowed=evidence.focal)
    line = evidence.once(("line", focal), lambda: evidence["regimes"].set_index("id").loc[focal, "line"])
    if line not in coding.periods:
        raise InputError(
            "the coding names no periods for this line", where="periods", found=line, allowed=coding.periods
        )
    horizon = int(coding.as_of[:4])
    return [(first, min(last, horizon)) for first, last in coding.spans(line) if first <= horizon]


def line_of(evidence: Evidence, focal: str) -> list[str]:
    """The regimes of a focal regime's line, in order."""

    def ordered() -> tuple[str, ...]:
        lineage = evidence["lineage"]
        return tuple(lineage.loc[lineage["focal"] == focal].sort_values("order")["regime"])

    return list(evidence.once(("line of", focal), ordered))


def years(column: pd.Series, empty: float) -> pd.Series:
    """Years of a column of ISO dates; ``empty`` where the cell is empty."""
    return pd.to_numeric(column.str[:4].replace("", np.nan)).fillna(empty)


def overlaps(frame: pd.DataFrame, start: str, end: str, first: int, last: int) -> pd.Series:
    """Rows whose span (an open end lasts) shares a year with ``first``–``last``; undated rows do not."""
    return (years(frame[start], np.inf) <= last) & (years(frame[end], np.inf) >= first)


def select(evidence: Evidence, table: str, scope: Scope, start: str, end: str) -> pd.DataFrame:
    """Rows of a unit table that belong to the line, the period and (unless all) the component of a scope."""
    frame = evidence.once(("line's", table, scope.focal), lambda: in_line(evidence, table, scope.focal))
    begin, finish = evidence.once(
        ("spans", table, scope.focal, start, end), lambda: (years(frame[start], np.inf), years(frame[end], np.inf))
    )
    keep = (begin <= scope.last) & (finish >= scope.first)
    if scope.component != ALL and "component" in frame:
        keep &= frame["component"] == scope.component
    return frame[keep].reset_index(drop=True)


def in_line(evidence: Evidence, table: str, focal: str) -> pd.DataFrame:
    """Rows of a unit table that belong to the line of a focal regime."""
    frame = evidence[table]
    return frame[frame["regime"].isin(line_of(evidence, focal))].reset_index(drop=True)


def rated(evidence: Evidence, frame: pd.DataFrame, variable: str, coding: Coding) -> pd.Series:
    """The value of a nominal variable for each row of a frame of units; empty where the coder gave none.

    ``mean`` takes the first coder's value: kinds have no mean.
    """
    coder = _coders(evidence)[0] if coding.coder == MEAN else _known_coder(evidence, coding.coder)

    def given() -> pd.Series:
        ratings = _ratings(evidence, coder)
        return ratings[ratings["variable"] == variable].set_index("unit")["value"]

    return frame["id"].map(evidence.once(("given", variable, coder), given)).fillna("")


def ranked(
    evidence: Evidence, frame: pd.DataFrame, variable: str, coding: Coding, values: dict[str, float]
) -> pd.Series:
    """The numeric value of an ordinal variable for each row; NaN where missing, by judgement or at all.

    Parameters
    ----------
    values: the number that each scale point stands for.

    ``mean`` averages over the coders who gave a scale point.
    """
    coder = _known_coder(evidence, coding.coder)

    def numbers() -> pd.Series:
        ratings = _ratings(evidence, coder)
        ratings = ratings[ratings["variable"] == variable]
        return ratings.assign(number=ratings["value"].map(values).astype(float)).groupby("unit")["number"].mean()

    key = ("numbers", variable, coder, tuple(values.items()))
    return frame["id"].map(evidence.once(key, numbers)).astype(float)


def _ratings(evidence: Evidence, coder: str) -> pd.DataFrame:
    """Ratings of one coder, of all (mean), or the computed ones that reconcile them."""
    if coder == RECONCILED:
        return evidence.once("reconciled", lambda: reconciled(evidence))
    ratings = evidence["ratings"]
    return ratings if coder == MEAN else ratings[ratings["coder"] == coder]


def _known_coder(evidence: Evidence, coder: str, where: str = "coding") -> str:
    known = [*_coders(evidence), MEAN, RECONCILED]
    if coder not in known:
        raise InputError("no ratings of this coder", where=f"{where} key coder", found=coder, allowed=known)
    return coder


def _coders(evidence: Evidence) -> tuple[str, ...]:
    return evidence.once("coders", lambda: tuple(evidence["coders"]["id"]))


def scale_points(evidence: Evidence, variable: str) -> dict[str, float]:
    """Scale points of an ordinal variable as shares of its highest rank."""

    def points() -> dict[str, float]:
        scale = evidence["scale"]
        scale = scale[(scale["variable"] == variable) & scale["rank"].notna()]
        highest = float(scale["rank"].max())
        return {value: float(rank) / highest for value, rank in zip(scale["value"], scale["rank"], strict=True)}

    return evidence.once(("points", variable), points)


def without_states(frame: pd.DataFrame, coding: Coding) -> pd.DataFrame:
    """Rows of states that the coding does not drop; an event goes when all of its actors are dropped."""
    if not coding.drop_states:
        return frame
    return frame[remaining(frame, coding.drop_states)].reset_index(drop=True)


def remaining(frame: pd.DataFrame, dropped: Iterable[str]) -> NDArray[np.bool_]:
    """Which rows remain without some states: those of other states, and events with an actor beside them."""
    gone = set(dropped)
    if "state" in frame:
        return ~frame["state"].isin(gone).to_numpy(dtype=bool)
    actors = [set(split_ids(cell)) for cell in frame["actors"]]
    return np.array([not (named and named <= gone) for named in actors], dtype=bool)

"""Which rows count: the lineage of a focal regime, a period, a component, a coder."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deadletter.coding.model import Coding
from deadletter.dataset.load import Dataset, derived
from deadletter.errors import InputError
from deadletter.frames import split_ids
from deadletter.indices.recoded import codebook_coders, recoded, reconciled

ALL = "all"
MEAN, RECONCILED = "mean", "reconciled"


# of the table of indices: regime, component, period, index and Krasner component
Cell = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Scope:
    """Unit of analysis of an index: a focal regime's lineage in one period, whole or one component."""

    focal: str
    first: int
    last: int
    component: str = ALL

    @property
    def period(self) -> str:
        return f"{self.first}/{self.last}"

    def day(self, coding: Coding) -> str:
        """The last day of the period that the coding knows."""
        return min(f"{self.last}-12-31", coding.as_of)


def check_coding(dataset: Dataset, coding: Coding, where: str = "the coding") -> None:
    """Check that every name in a coding occurs in the data: a misspelt one would silently change nothing.

    ``where`` is the file or option that sets them.

    Raises InputError: an unknown coder, state or lineage, or a horizon before every period of a focal regime's lineage.
    """
    recoded(dataset, coding, where)
    _known_coder(dataset, coding.coder, where)
    regimes, states = dataset["regimes"], list(dataset["states"]["iso3"]) if coding.drop_states else []
    for state in coding.drop_states:
        if state not in states:
            raise InputError("unknown state", where=f"{where} key drop_states", found=state, allowed=states)
    lineages = list(dict.fromkeys(lineage for lineage in regimes["lineage"] if lineage))
    for lineage in coding.periods:
        if lineage not in lineages:
            raise InputError("unknown lineage", where=f"{where} key periods", found=lineage, allowed=lineages)
    if not focal_of(dataset, coding):
        wanted = list(dict.fromkeys(regimes.loc[regimes["focal"] == "yes", "lineage"]))
        raise InputError("has periods for no focal regime", where=f"{where} key periods", allowed=wanted)
    for focal in focal_of(dataset, coding):
        if not periods_of(dataset, coding, focal):
            lineage = str(regimes.set_index("id")["lineage"].loc[focal])
            allowed = f"{coding.spans(lineage)[0][0]} or later, where the periods of {lineage} begin"
            raise InputError("leaves no period", where=f"{where} key as_of", found=coding.as_of, allowed=allowed)


def focal_of(dataset: Dataset, coding: Coding) -> tuple[str, ...]:
    """The focal regimes whose lineage has periods in a coding; the others have no indices and no notebooks."""
    lineage = dataset["regimes"].set_index("id")["lineage"]
    return tuple(focal for focal in dataset.focal if lineage[focal] in coding.periods)


def periods_of(dataset: Dataset, coding: Coding, focal: str) -> list[tuple[int, int]]:
    """First and last years of the periods of a focal regime's lineage, up to the coding's horizon.

    Raises InputError: no such focal regime, or the coding names no periods for its lineage.
    """
    if focal not in dataset.focal:
        raise InputError("unknown regime", found=focal, allowed=dataset.focal)
    lineage = dataset.once(("lineage", focal), lambda: str(dataset["regimes"].set_index("id")["lineage"].loc[focal]))
    if lineage not in coding.periods:
        raise InputError(
            "the coding names no periods for this lineage", where="periods", found=lineage, allowed=coding.periods
        )
    horizon = int(coding.as_of[:4])
    return [(first, min(last, horizon)) for first, last in coding.spans(lineage) if first <= horizon]


@derived
def lineage_of(dataset: Dataset, focal: str) -> tuple[str, ...]:
    """The regimes of a focal regime's lineage, in order."""
    lineage = dataset["lineage"]
    return tuple(lineage.loc[lineage["focal"] == focal].sort_values("order")["regime"])


def years(column: pd.Series, empty: float) -> pd.Series:
    """Years of a column of ISO dates; ``empty`` where the cell is empty."""
    return pd.to_numeric(column.str.slice(stop=4)).fillna(empty)


def overlaps(frame: pd.DataFrame, start: str, end: str, first: int, last: int) -> pd.Series:
    """Rows whose span (an open end lasts) shares a year with ``first``–``last``; undated rows do not."""
    return (years(frame[start], np.inf) <= last) & (years(frame[end], np.inf) >= first)


def select(dataset: Dataset, table: str, scope: Scope, start: str, end: str) -> pd.DataFrame:
    """Rows of a unit table that belong to the lineage, the period and (unless all) the component of a scope."""
    frame = dataset.once(("lineage's", table, scope.focal), lambda: rows_of_lineage(dataset, table, scope.focal))
    begin, finish = dataset.once(
        ("spans", table, scope.focal, start, end), lambda: (years(frame[start], np.inf), years(frame[end], np.inf))
    )
    keep = (begin <= scope.last) & (finish >= scope.first)
    if scope.component != ALL and "component" in frame:
        keep &= frame["component"] == scope.component
    return frame[keep].reset_index(drop=True)


def in_force(norms: pd.DataFrame, day: str) -> pd.Series:
    """Which norms are in force on a day (see :func:`covers`)."""
    return covers(norms, "valid_from", "valid_to", day)


def covers(frame: pd.DataFrame, start: str, end: str, day: str) -> pd.Series:
    """Rows whose span covers a day; an empty end is open.

    A date of less than full precision, the day included, may lie anywhere within its year or month.
    """
    spans = zip(frame[start], frame[end], strict=True)
    return pd.Series([covers_day(first, last, day) for first, last in spans], index=frame.index, dtype=bool)


def covers_day(first: str, last: str, day: str) -> bool:
    """Whether one span covers a day (see :func:`covers`)."""
    begun = first[: len(day)] <= day[: len(first)]
    return begun and not (last and last[: len(day)] < day[: len(last)])


@derived
def members_on(dataset: Dataset, regime: str, day: str) -> frozenset[str]:
    """The members of a regime on a day."""
    spells = dataset["memberships"]
    spells = spells[spells["regime"] == regime]
    return frozenset(spells.loc[covers(spells, "from", "to", day), "state"])


@derived
def lineage_members(dataset: Dataset, focal: str, first: int, last: int) -> frozenset[str]:
    """States that belonged to a regime of a lineage in some year from ``first`` to ``last``."""
    spells = rows_of_lineage(dataset, "memberships", focal)
    return frozenset(spells.loc[overlaps(spells, "from", "to", first, last), "state"])


def rows_of_lineage(dataset: Dataset, table: str, focal: str) -> pd.DataFrame:
    """Rows of a unit table that belong to the lineage of a focal regime."""
    frame = dataset[table]
    return frame[frame["regime"].isin(lineage_of(dataset, focal))].reset_index(drop=True)


def rated(dataset: Dataset, frame: pd.DataFrame, variable: str, coding: Coding) -> pd.Series:
    """The value of a nominal variable for each row of a frame of units; empty where the coder gave none."""
    values = values_by_unit(dataset, variable, coding)
    return pd.Series([values.get(unit, "") for unit in frame["id"]], index=frame.index, dtype=object)


def values_by_unit(dataset: Dataset, variable: str, coding: Coding) -> dict[str, str]:
    """The value of a nominal variable for each unit that has one; shared: callers must not change it.

    ``mean`` takes the first coder's value: kinds have no mean.
    """
    coder = _coders(dataset)[0] if coding.coder == MEAN else _known_coder(dataset, coding.coder)
    return _given(dataset, variable, coder)


@derived
def _given(dataset: Dataset, variable: str, coder: str) -> dict[str, str]:
    ratings = _ratings(dataset, coder, variable)
    return dict(zip(ratings["unit"], ratings["value"].fillna(""), strict=True))


def ranked(dataset: Dataset, frame: pd.DataFrame, variable: str, coding: Coding, values: dict[str, float]) -> pd.Series:
    """The numeric value of an ordinal variable for each row; NaN where missing, by judgement or at all.

    values: the number that each scale point represents.
    """
    found = numbers_by_unit(dataset, variable, coding, values)
    return pd.Series([found.get(unit, np.nan) for unit in frame["id"]], index=frame.index, dtype=float)


def numbers_by_unit(dataset: Dataset, variable: str, coding: Coding, values: dict[str, float]) -> dict[str, float]:
    """The numeric value of an ordinal variable for each rated unit, as :func:`ranked`; shared: callers must not change
    it.

    ``mean`` averages over the coders with the codebook who gave a scale point.
    """
    return _numbers(dataset, variable, _known_coder(dataset, coding.coder), tuple(values.items()))


@derived
def _numbers(dataset: Dataset, variable: str, coder: str, points: tuple[tuple[str, float], ...]) -> dict[str, float]:
    ratings, values = _ratings(dataset, coder, variable), dict(points)
    number = np.array([values.get(value, np.nan) for value in ratings["value"]], dtype=float)
    units = ratings["unit"].to_numpy(dtype=object)
    if coder == MEAN:
        means = pd.Series(number, index=units).groupby(level=0).mean()
        units, number = means.index.to_numpy(dtype=object), means.to_numpy()
    return dict(zip(units, number, strict=True))


def _ratings(dataset: Dataset, coder: str, variable: str) -> pd.DataFrame:
    """Ratings on a variable by one coder, by all who had the codebook (mean), or those that reconcile them."""
    nothing, frames = _by_variable(dataset, coder)
    return frames.get(variable, nothing)


@derived
def _by_variable(dataset: Dataset, coder: str) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """No rating, and the ratings of a coder on each variable."""
    if coder == RECONCILED:
        ratings = reconciled(dataset)
    else:
        ratings = dataset["ratings"]
        ratings = ratings[ratings["coder"].isin(codebook_coders(dataset) if coder == MEAN else (coder,))]
    return ratings.iloc[:0], {str(name): frame for name, frame in ratings.groupby("variable", sort=False)}


def _known_coder(dataset: Dataset, coder: str, where: str = "coding") -> str:
    known = [*_coders(dataset), MEAN, RECONCILED]
    if coder not in known:
        raise InputError("no ratings of this coder", where=f"{where} key coder", found=coder, allowed=known)
    return coder


@derived
def _coders(dataset: Dataset) -> tuple[str, ...]:
    return tuple(dataset["coders"]["id"])


@derived
def scale_points(dataset: Dataset, variable: str) -> dict[str, float]:
    """Scale points of an ordinal variable as shares of its highest rank; shared: callers must not change it."""
    scale = dataset["scale"]
    scale = scale[(scale["variable"] == variable) & scale["rank"].notna()]
    highest = float(scale["rank"].max())
    return {value: float(rank) / highest for value, rank in zip(scale["value"], scale["rank"], strict=True)}


def without_states(frame: pd.DataFrame, coding: Coding) -> pd.DataFrame:
    """Rows of states that the coding does not drop; an event goes when all of its actors are dropped."""
    if not coding.drop_states:
        return frame
    return frame[remaining(frame, coding.drop_states)].reset_index(drop=True)


def remaining(frame: pd.DataFrame, dropped: Iterable[str]) -> NDArray[np.bool_]:
    """Which rows remain without some states: those of other states, and events with another actor."""
    gone = set(dropped)
    if "state" in frame:
        return ~frame["state"].isin(gone).to_numpy(dtype=bool)
    actors = [set(split_ids(cell)) for cell in frame["actors"]]
    return np.array([not (named and named <= gone) for named in actors], dtype=bool)

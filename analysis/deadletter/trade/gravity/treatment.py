"""Treatment columns of gravity regressions, from members and the first year in which each is treated.

Membership is a mapping of economy to first treated year; a pair is treated from the later of its two years, and never
within one economy. All functions return new columns on the frame's index and leave the frame alone. Column names are
arguments, so that any panel will do.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Number
from typing import Literal, get_args

import numpy as np
import pandas as pd

from deadletter.errors import InputError
from deadletter.given import Lag, finite
from deadletter.trade.gravity.design import factorised


@dataclass(frozen=True)
class Keys:
    """The names of the columns that identify a cell of a dyadic panel."""

    exporter: str = "exporter"
    importer: str = "importer"
    year: str = "year"


DYAD = Keys()
LATEST = 1_000_000
Direction = Literal["exports", "imports"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)


def event_time(frame: pd.DataFrame, members: Mapping[str, int], keys: Keys = DYAD) -> pd.Series:
    """Years since the pair is treated (negative before), NaN for pairs that are not both members.

    Raises InputError: fewer than two members, a member absent from the panel, a key column or a key missing, a year not
    numeric.
    """
    check_keys(frame, keys)
    if len(members) < 2:
        raise InputError("a bloc needs at least two members", where="members", found=dict(members))
    exporter, importer = frame[keys.exporter], frame[keys.importer]
    economies = set(exporter.unique()) & set(importer.unique())
    for member in members:
        if member not in economies:
            problem = "a member does not both export and import in the panel"
            raise InputError(problem, where="members", found=member, allowed=sorted(map(str, economies)))
    check_years(members)
    start = np.maximum(looked_up(exporter, members), looked_up(importer, members))
    start[exporter.to_numpy() == importer.to_numpy()] = np.nan
    # plain floats: what pandas can leave missing otherwise compares as missing, not as false
    return pd.Series(frame[keys.year].to_numpy(dtype=float) - start, frame.index, name="event_time")


def check_years(members: Mapping[str, int]) -> None:
    """Raises InputError where a first treated year is not a whole number."""
    numbers = (int, float, np.integer, np.floating)
    if not all(isinstance(year, numbers) and year % 1 == 0 and abs(year) < LATEST for year in members.values()):
        raise InputError("first treated years must be whole numbers", where="members", found=dict(members))


def check_keys(frame: pd.DataFrame, keys: Keys) -> None:
    """As :func:`refuse_missing_keys`, and InputError where the years are not finite numbers."""
    refuse_missing_keys(frame, keys)
    if not pd.api.types.is_any_real_numeric_dtype(frame[keys.year]):
        raise InputError("years must be numbers", where=keys.year, found=frame[keys.year].dtype)
    finite(frame[keys.year], keys.year)


def refuse_missing_keys(frame: pd.DataFrame, keys: Keys) -> None:
    """Raises InputError where the panel, or a cell of it, has no exporter, importer or year."""
    for name in (keys.exporter, keys.importer, keys.year):
        if name not in frame.columns:
            raise InputError("no such column", where="keys", found=name, allowed=[str(c) for c in frame.columns])
        factorised(frame[name], name)
        for row in np.flatnonzero(frame[name].isna())[:1]:
            problem = "a cell of the panel has no key"
            raise InputError(problem, where=f"{name}, row {row}", found=frame[name].iloc[row])
    first = [next(iter(frame[name]), None) for name in (keys.exporter, keys.importer)]
    if isinstance(first[0], Number) != isinstance(first[1], Number):
        problem, found = "one side is named by numbers, the other by text", f"{first[0]!r}, {first[1]!r}"
        raise InputError(problem, where=f"{keys.exporter}, {keys.importer}", found=found, allowed="one kind of names")


def looked_up(column: pd.Series, values: Mapping[str, float]) -> np.ndarray:
    """The value of each name in a column without gaps, missing where it has none; by the few distinct names."""
    codes, names = pd.factorize(column)
    return np.array([values.get(name, np.nan) for name in names], dtype=float)[codes]


def bloc_dummy(frame: pd.DataFrame, members: Mapping[str, int], keys: Keys = DYAD, name: str = "bloc") -> pd.Series:
    """1 where both partners are members and treated, else 0. Raises InputError where that leaves no variation."""
    treated = (event_time(frame, members, keys) >= 0).astype(float).rename(name)
    if treated.nunique() < 2:
        raise InputError("the bloc has no variation in the panel", where=name, found=f"{treated.iloc[0]:g} throughout")
    return treated


def by_member(
    frame: pd.DataFrame, members: Mapping[str, int], direction: Direction, keys: Keys = DYAD, name: str = "bloc"
) -> pd.DataFrame:
    """The bloc dummy split by exporting or by importing member.

    The columns of one call add up to the bloc dummy: exports and imports together are collinear, so use one split a
    model.
    Columns: ``bloc_exports_A`` or ``bloc_imports_A``; splits that are never treated are left out.
    """
    treated = bloc_dummy(frame, members, keys, name)
    if direction not in DIRECTIONS:
        raise InputError("no such split", where="direction", found=direction, allowed=DIRECTIONS)
    side = frame[keys.exporter if direction == "exports" else keys.importer].to_numpy(dtype=object)
    parts = {f"{name}_{direction}_{_word(member)}": treated * (side == member) for member in members}
    if len(parts) < len(members):
        problem = "two members have the same name as columns"
        raise InputError(problem, where="members", found=", ".join(map(str, members)))
    return pd.DataFrame({label: part for label, part in parts.items() if part.any()}, index=frame.index)


def leads_lags(
    frame: pd.DataFrame, members: Mapping[str, int], first: Lag, last: Lag, keys: Keys = DYAD, name: str = "bloc"
) -> pd.DataFrame:
    """Event-study dummies for member pairs, k = ``first`` … ``last`` without k = −1, the ends binned (≤ first, ≥ last).

    Columns ``bloc_m3``, ``bloc_m2``, ``bloc_p0``, ``bloc_p1``, …; k −1 is the reference.
    """
    if not (first <= -2 and last >= 0):
        raise InputError("needs first ≤ −2 and last ≥ 0", where="leads_lags", found=(first, last))
    time = event_time(frame, members, keys).clip(first, last)
    if (time % 1 > 0).any():
        found = f"year {frame[keys.year].to_numpy()[(time % 1 > 0).to_numpy()][0]:g}"
        raise InputError("leads and lags need whole years", where=keys.year, found=found)
    columns = {event_name(name, k): (time == k).astype(float) for k in range(first, last + 1) if k != -1}
    empty = [label for label, column in columns.items() if not column.any()]
    if empty:
        raise InputError("no pair of members is observed at these leads or lags", where=name, found=", ".join(empty))
    return pd.DataFrame(columns, index=frame.index)


def event_name(name: str, k: int) -> str:
    """The column of lead or lag ``k``: ``bloc_m2`` for −2, ``bloc_p0`` for 0."""
    return f"{name}_{'m' if k < 0 else 'p'}{abs(k)}"


def phase_in(
    frame: pd.DataFrame, members: Mapping[str, int], lags: Sequence[int], keys: Keys = DYAD, name: str = "bloc"
) -> pd.DataFrame:
    """The bloc dummy and its lags, ``bloc_lag0``, ``bloc_lag3``, …: coefficients are increments, their sum the full
    effect (Baier & Bergstrand 2007; Yotov et al. 2016, chapter 1). The sum's standard error: ``effects.linear_sum``."""
    if len(lags) == 0 or min(lags) < 0 or len(set(lags)) < len(lags):
        raise InputError("lags must be distinct and not negative", where="lags", found=list(lags))
    time = event_time(frame, members, keys)
    columns = {f"{name}_lag{lag}": (time >= lag).astype(float) for lag in sorted(lags)}
    for label, column in columns.items():
        if not column.any():
            raise InputError("no pair of members is observed at this lag", where=name, found=label)
    return pd.DataFrame(columns, index=frame.index)


def _word(member: object) -> str:
    return re.sub(r"\W", "_", str(member))

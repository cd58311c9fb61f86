"""Bilateral flows as one checked cube, and the sums that every measure of a bloc starts from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from deadletter.errors import InputError
from deadletter.frames import differing

COLUMNS = ("exporter", "importer", "year", "exports_musd")


@dataclass(frozen=True)
class Flows:
    """Exports by exporter, importer and year.

    values: array (N, N, T) in million USD, indexed as ``codes`` × ``codes`` × ``years``; NaN is a missing figure, the
    diagonal (trade with oneself) is 0 by definition, since no flow inside an economy is recorded.
    """

    codes: tuple[str, ...]
    years: tuple[int, ...]
    values: np.ndarray

    def places(self, names: Collection[str], where: str) -> np.ndarray:
        """Positions of ``names`` in ``codes``; InputError on an unknown or repeated name."""
        names = [str(name) for name in names]
        if len(set(names)) != len(names):
            raise InputError("a name is given twice", where=where, found=sorted(names))
        for name in names:
            if name not in self.codes:
                raise InputError("no such economy in the flows", where=where, found=name, allowed=self.codes)
        return np.array([self.codes.index(name) for name in names], dtype=int)

    def at(self, year: int, where: str) -> int:
        """Position of ``year`` in ``years``; InputError outside the sample."""
        if year not in self.years:
            span = f"{self.years[0]} to {self.years[-1]}" if self.years else "none: there is no flow"
            raise InputError("the flows do not reach this year", where=where, found=year, allowed=span)
        return self.years.index(year)


@dataclass(frozen=True)
class Total:
    """A sum of flows by year.

    values: million USD by year (float Series); NaN in each year in which a flow of the sum is missing.
    flows: number of directed flows summed.
    missing: the missing cells, ``exporter→importer year``, never silently dropped.
    """

    values: pd.Series
    flows: int
    missing: tuple[str, ...]


def read_flows(frame: pd.DataFrame) -> Flows:
    """Check a long table of exports and arrange it as a cube.

    Parameters
    ----------
    frame: columns exporter, importer, year, exports_musd (million USD, NaN = missing figure); one row per directed pair
        and year. A pair without a row in some year is missing there, not zero.

    Raises
    ------
    InputError: a column or a name is missing, or a name begins or ends with a space; a year or figure is not a number;
        a flow is negative or infinite, from an economy to itself, or there twice.
    """
    for column in COLUMNS:
        if column not in frame.columns:
            raise InputError("a column is missing from the flows", found=column, allowed=list(frame.columns))
    years = _numbers(frame["year"])
    _refuse(frame, "year", ~(np.abs(years) < 1e6) | (years % 1 != 0), "a year is not a whole number")
    figures = _numbers(frame["exports_musd"])
    bad = (np.isnan(figures) & frame["exports_musd"].notna().to_numpy()) | (figures < 0) | np.isinf(figures)
    _refuse(frame, "exports_musd", bad, "exports are not a finite number of at least 0")
    exporter, importer = as_names(frame["exporter"]), as_names(frame["importer"])
    for side, names in (("exporter", exporter), ("importer", importer)):
        bad = frame[side].isna() | (names.str.strip() != names) | (names == "")
        _refuse(frame, side, bad, "an economy has no name, or one with spaces about it")
    _refuse(frame, "exporter", exporter.to_numpy() == importer.to_numpy(), "an economy exports to itself")
    key = pd.DataFrame({"exporter": exporter, "importer": importer, "year": years.astype(int)})
    for row in np.flatnonzero(key.duplicated())[:1]:
        found = "{}→{} {}".format(*key.iloc[row])
        first = int((key == key.iloc[row]).all(axis=1).to_numpy().argmax())
        raise InputError("duplicate flow" + differing(frame, first, row), where=f"row {row}", found=found)
    codes = tuple(sorted(set(exporter) | set(importer)))
    span = tuple(sorted({int(year) for year in years}))
    cube = np.full((len(codes), len(codes), len(span)), np.nan)
    index = pd.Index(codes)
    at = (
        index.get_indexer(pd.Index(exporter)),
        index.get_indexer(pd.Index(importer)),
        np.searchsorted(span, key["year"]),
    )
    cube[at] = figures
    cube[np.arange(len(codes)), np.arange(len(codes)), :] = 0.0
    return Flows(codes, span, cube)


def as_names(column: pd.Series) -> pd.Series:
    """Codes of economies as text; 4.0, which a column with gaps makes of 4, is the same code."""
    if pd.api.types.is_float_dtype(column):
        column = pd.Series(column.to_numpy(dtype=float, na_value=np.nan), column.index).convert_dtypes()
    return column.astype(str)


def _numbers(column: pd.Series) -> np.ndarray:
    """Floats, also of numbers written as text; NaN where there is none, such as in a column of complex numbers, or of
    dates, durations or periods, which pandas would count from 1970."""
    if not pd.api.types.is_numeric_dtype(column):
        column = column.astype(object)
    try:
        found = pd.to_numeric(column, errors="coerce")
    except (TypeError, OverflowError):
        found = None
    if found is None or not (pd.api.types.is_any_real_numeric_dtype(found) or pd.api.types.is_bool_dtype(found)):
        return np.full(len(column), np.nan)
    return found.to_numpy(dtype=float, na_value=np.nan)


def _refuse(frame: pd.DataFrame, column: str, bad: np.ndarray | pd.Series, problem: str) -> None:
    """InputError at the first row where ``bad`` holds."""
    for row in np.flatnonzero(bad)[:1]:
        raise InputError(problem, where=f"row {row}, {column}", found=frame[column].iloc[row])


def mutual(flows: Flows, members: Sequence[str], without: Collection[tuple[str, str]] = ()) -> Total:
    """Sum of the members' exports to each other, I.

    without: unordered pairs left out in both directions (for figures that are missing in some year).
    """
    places = flows.places(members, "members")
    if len(places) < 2:
        raise InputError("a bloc needs two members", where="members", found=list(members))
    chosen = np.zeros(flows.values.shape[:2], dtype=bool)
    chosen[np.ix_(places, places)] = True
    np.fill_diagonal(chosen, False)
    for pair in without:
        if len(pair) != 2 or not set(pair) <= set(members):
            raise InputError("a pair to leave out is not two members", where="without", found=pair, allowed=members)
        a, b = flows.places(pair, "without")
        chosen[a, b] = chosen[b, a] = False
    return _sum(flows, chosen)


def outside(flows: Flows, members: Sequence[str]) -> Total:
    """Exports to outsiders plus imports from outsiders, X, each flow counted once."""
    places = flows.places(members, "members")
    inside = np.isin(np.arange(len(flows.codes)), places)
    return _sum(flows, inside[:, None] != inside[None, :])


def among_outsiders(flows: Flows, members: Sequence[str]) -> Total:
    """Sum of the flows between economies that are not members, O; small where the data hold few outsiders."""
    inside = np.isin(np.arange(len(flows.codes)), flows.places(members, "members"))
    chosen = ~inside[:, None] & ~inside[None, :]
    np.fill_diagonal(chosen, False)
    return _sum(flows, chosen)


def turnover(flows: Flows, economy: str) -> pd.DataFrame:
    """Exports plus imports with each partner: partners × years, million USD, NaN where either direction is missing."""
    place = flows.places([economy], "economy")[0]
    both = flows.values[place] + flows.values[:, place]
    return pd.DataFrame(both, index=pd.Index(flows.codes, name="partner"), columns=list(flows.years)).drop(str(economy))


def _sum(flows: Flows, chosen: np.ndarray) -> Total:
    """Sum over a mask (N, N) of directed flows."""
    taken = flows.values[chosen]
    gaps = [
        f"{flows.codes[i]}→{flows.codes[j]} {flows.years[t]}"
        for i, j, t in np.argwhere(np.isnan(flows.values) & chosen[:, :, None])
    ]
    return Total(pd.Series(taken.sum(axis=0), index=list(flows.years), dtype=float), int(chosen.sum()), tuple(gaps))

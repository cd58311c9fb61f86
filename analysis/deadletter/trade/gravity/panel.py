"""A dyadic panel as arrays: what many fits that differ in one dummy share."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from deadletter.errors import InputError
from deadletter.trade.gravity.design import numeric_column
from deadletter.trade.gravity.treatment import Keys

Array = np.ndarray


@dataclass(frozen=True)
class Panel:
    """A dyadic frame as (I, J, T) arrays over the same economies on both sides, domestic flows kept where present."""

    economies: tuple[Hashable, ...]
    years: Array
    cells: tuple[Array, Array, Array]
    observed: Array
    flow: Array
    sample: Array

    @classmethod
    def of(cls, frame: pd.DataFrame, flow: str, keys: Keys) -> Panel:
        """Arrange a frame. Raises InputError where a key is missing, a cell is a duplicate or a flow is negative."""
        for name in (keys.exporter, keys.importer, keys.year):
            if frame[name].isna().any():
                row = int(np.flatnonzero(frame[name].isna())[0])
                raise InputError(
                    "a cell of the panel has no key", where=f"{name}, row {row}", found=frame[name].iloc[row]
                )
        twice = np.flatnonzero(frame.duplicated([keys.exporter, keys.importer, keys.year]))
        if twice.size:
            raise InputError(
                "a cell of the panel has two rows", where=f"row {twice[0]}", allowed="one per dyad and year"
            )
        codes, economies = pd.factorize(pd.concat([frame[keys.exporter], frame[keys.importer]]), sort=True)
        years, at = np.unique(frame[keys.year].to_numpy(), return_inverse=True)
        cells = codes[: len(frame)], codes[len(frame) :], at
        shape = (len(economies), len(economies), len(years))
        values = numeric_column(frame, flow)
        observed = ~np.isnan(values)
        if (values < 0).any():
            row = int(np.flatnonzero(values < 0)[0])
            raise InputError("a flow is negative", where=f"{flow}, row {row}", found=values[row], allowed="≥ 0")
        flows, sample = np.zeros(shape), np.zeros(shape, dtype=bool)
        seen = tuple(axis[observed] for axis in cells)
        flows[seen], sample[seen] = values[observed], True
        return cls(tuple(economies), years, cells, observed, flows, sample)

    def fill(self, columns: Sequence[Array]) -> Array:
        filled = np.zeros((*self.sample.shape, len(columns)))
        for k, column in enumerate(columns):
            if np.isnan(column[self.observed]).any():
                raise InputError("a control has missing values", where="controls", found=k)
            filled[(*self.cells, k)] = np.nan_to_num(column)
        return filled

    def fill_index(self, values: Array) -> Array:
        """One value for each row as (I, J, T), missing where there is no row."""
        filled = np.full(self.sample.shape, np.nan)
        filled[self.cells] = values
        return filled

    def dummy(self, members: Sequence[Hashable], start: float) -> Array:
        inside = np.isin(np.array(self.economies, dtype=object), np.array(members, dtype=object))
        dummy = (inside[:, None] & inside[None])[..., None] & (self.years >= start)
        dummy[np.arange(len(inside)), np.arange(len(inside))] = False
        return dummy

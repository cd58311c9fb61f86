"""The kind of test that reads figures from tables outside the text."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field, model_validator

from deadletter.argument.criterion import Criterion
from deadletter.argument.found import NAN, Found
from deadletter.argument.grounds import Grounds
from deadletter.coding.model import Part
from deadletter.errors import InputError
from deadletter.frames import records, split_ids
from deadletter.labels import NONE, RECORD

# tables of the account are its own source: no test of the record may read them
ACCOUNT_PATHS = ("account/", "argument/")


class Selection(Part):
    """One number from a table: a statistic of a column over the rows that meet every condition (column → values; a cell
    that lists several matches by any). ``count`` needs no column; ``distinct`` counts different entries; ``only`` asks
    for exactly one row. Rows that were not verified are left out."""

    table: str
    where: dict[str, list[str]] = Field(default_factory=dict)
    column: str = ""
    statistic: Literal["only", "mean", "sum", "min", "max", "count", "distinct"] = "only"
    label: str = ""

    @model_validator(mode="after")
    def _column(self) -> Selection:
        if bool(self.column) == (self.statistic == "count"):
            raise ValueError("a statistic needs a column, and a count none")
        return self

    @property
    def words(self) -> str:
        """What the number is of."""
        parts = [f"{name} {' or '.join(values)}" for name, values in self.where.items()]
        of = f"{self.statistic} of {self.column}" if self.column else "number of rows"
        of = self.column if self.statistic == "only" else of
        return self.label or f"{of} in {self.table}" + (f" ({'; '.join(parts)})" if parts else "")

    def rows(self, grounds: Grounds) -> pd.DataFrame:
        """The rows that meet every condition and were verified.

        Raises
        ------
        InputError: no such table or column, or a table of the account.
        """
        dataset = grounds.dataset
        path = dataset.sources.get(self.table, ("", ""))[0]
        if path.startswith(ACCOUNT_PATHS):
            raise InputError("belongs to the account, not to the record", found=self.table)
        frame = dataset[self.table]
        for name in (*self.where, *filter(None, [self.column])):
            if name not in frame:
                raise InputError(f"{self.table} has no such column", found=name, allowed=list(frame))
        for name, allowed in self.where.items():
            wanted = set(allowed)
            keep = [not wanted.isdisjoint({_text(cell), *split_ids(_text(cell))}) for cell in frame[name]]
            frame = frame[keep]
        return frame[frame["verified"] == "yes"] if "verified" in frame else frame

    def take(self, grounds: Grounds) -> float:
        """The number; NaN where no row has one.

        Raises
        ------
        InputError: as :meth:`rows` does, or several rows where one is asked for.
        """
        frame = self.rows(grounds)
        if self.statistic == "count":
            return float(len(frame))
        if self.statistic == "distinct":
            return float(frame[self.column].nunique())
        values = pd.to_numeric(frame[self.column], errors="coerce").dropna()
        if self.statistic == "only":
            if len(values) > 1:
                raise InputError(f"{len(values)} rows of {self.table} meet the conditions", found=self.words,
                                 allowed="one row, or a statistic")  # fmt: skip
            return float(values.iloc[0]) if len(values) else NAN
        return float(getattr(values, self.statistic)()) if len(values) else NAN


class Figures(Part):
    """A figure meets a criterion or, with ``against``, is larger than another one by more than ``by`` (by less: in
    part). ``ratio`` divides by the other instead: ``criterion`` is then on the quotient. ``margin``: how close to the
    criterion a figure decides in part only, in its own unit; on shares from 0 to 1 the coding's margin."""

    kind: Literal["figures"]
    of: Selection
    against: Selection | None = None
    ratio: bool = False
    criterion: Criterion | None = None
    by: Annotated[float, Field(ge=0)] = 0.0
    margin: Annotated[float, Field(ge=0)] | None = None
    unit: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Figures:
        if self.against is None and (self.criterion is None or self.ratio):
            raise ValueError("figures need a criterion, or others against which they are compared")
        if self.against is not None and self.ratio == (self.criterion is None):
            raise ValueError("a ratio needs a criterion, and a comparison takes by instead")
        return self

    def run(self, grounds: Grounds) -> Found:
        first = self.of.take(grounds)
        second = self.against.take(grounds) if self.against else NAN
        chosen = [one for one in (self.of, self.against) if one]
        wording = "; ".join(
            f"{one.words}: {'unknown' if math.isnan(value) else f'{value:.4g}'}"
            for one, value in zip(chosen, (first, second), strict=False)
        )
        cells = tuple(f"data {one.table}" for one in chosen)
        frames = [one.rows(grounds) for one in chosen]
        units = tuple(unit for frame in frames if "id" in frame for unit in frame["id"])
        trace = tuple(
            f"data {one.table}: " + ", ".join(f"{name} {row[name]}" for name in (*one.where, one.column) if name)
            for one, frame in zip(chosen, frames, strict=True)
            if "id" not in frame
            for row in records(frame)
        )
        if math.isnan(first) or (self.against and math.isnan(second)):
            return Found(
                NAN, f"A figure is missing: {wording}", NONE, category="insufficient", units=units, cells=cells
            )
        default = grounds.coding.argument.margin if self.unit == "share" else 0.0
        margin = default if self.margin is None else self.margin
        value = first / second if self.ratio else first - second if self.against else first
        wanted = self.criterion or Criterion(relation=">", value=self.by, partly=0.0 if self.by else None)
        named = "a ratio" if self.ratio else "a difference" if self.against else "a figure"
        return Found(
            wanted.score(value, margin), f"{wording}; the claim requires {named} {wanted.after_noun}", RECORD,
            computed=value, article=wanted.short, unit=self.unit, tolerance=wanted.tolerance, cells=cells,
            units=units, trace=trace,
        )  # fmt: skip


def _text(cell: object) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell)

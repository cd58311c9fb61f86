"""Kinds of test that compute from data outside the article: figures of a table, and votes."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field, model_validator

from deadletter.argument.criterion import Criterion
from deadletter.argument.found import NAN, Found
from deadletter.argument.grounds import Grounds
from deadletter.coding.model import Part
from deadletter.dataset.article.anchors import split_ids
from deadletter.errors import InputError
from deadletter.labels import NONE, RECORD

# tables of the account are its own source: no test of the record may read them
ACCOUNT_PATHS = ("account/", "argument/")


class Selection(Part):
    """One number from a table: a statistic of a column over the rows that meet every condition (column → values; a cell
    that lists several matches by any). ``count`` needs no column; ``only`` asks for exactly one row."""

    table: str
    where: dict[str, list[str]] = Field(default_factory=dict)
    column: str = ""
    statistic: Literal["only", "mean", "sum", "min", "max", "count"] = "only"
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

    def take(self, grounds: Grounds) -> float:
        """The number; NaN where no row has one.

        Raises
        ------
        InputError: no such table or column, a table of the account, or several rows where one is asked for.
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
        if self.statistic == "count":
            return float(len(frame))
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
        words = [f"{self.of.words}: {first:.4g}"] + ([f"{self.against.words}: {second:.4g}"] if self.against else [])
        told = "; ".join(words)
        cells = tuple(f"data {one.table}" for one in (self.of, self.against) if one)
        if math.isnan(first) or (self.against and math.isnan(second)):
            return Found(NAN, f"A figure is missing: {told}", NONE, category="insufficient", cells=cells)
        default = grounds.coding.argument.margin if self.unit == "share" else 0.0
        margin = default if self.margin is None else self.margin
        value = first / second if self.ratio else first - second if self.against else first
        wanted = self.criterion or Criterion(relation=">", value=self.by, partly=0.0 if self.by else None)
        named = "a ratio" if self.ratio else "a difference" if self.against else "a figure"
        return Found(
            wanted.score(value, margin), f"{told}; the claim requires {named} {wanted.short}", RECORD,
            computed=value, article=wanted.short, unit=self.unit, tolerance=wanted.tolerance, cells=cells,
        )  # fmt: skip


class Votes(Part):
    """A mean of one measure over the years and units chosen in the table of alignment."""

    vote_set: str
    units: Annotated[list[str], Field(min_length=1)]
    anchor: str = ""
    measure: str
    years: Annotated[list[int], Field(min_length=1, max_length=2)]
    label: str = ""

    @property
    def words(self) -> str:
        """What the mean is of."""
        span = "–".join(dict.fromkeys(map(str, self.years)))
        whom = f" with {self.anchor}" if self.anchor else ""
        what = f"{self.measure.replace('_', ' ')} of {', '.join(self.units)}{whom}"
        return self.label or f"{what} ({self.vote_set}, {span})"

    def take(self, table: pd.DataFrame) -> tuple[float, int]:
        """The mean and the number of cells that it is taken over.

        Raises
        ------
        InputError: a set of votes, unit, anchor or measure that the table does not have.
        """
        wanted = {"vote_set": [self.vote_set], "unit": self.units, "measure": [self.measure]}
        wanted |= {"anchor": [self.anchor]} if self.anchor else {}
        for column, values in wanted.items():
            allowed = list(dict.fromkeys(table[column]))
            for value in values:
                if value not in allowed:
                    raise InputError(f"no such {column} in alignment.csv", found=value, allowed=allowed)
            table = table[table[column].isin(values)]
        table = table[table["year"].between(self.years[0], self.years[-1])]
        cells = table["value"].dropna()
        return (float(cells.mean()) if len(cells) else NAN), len(cells)


class Alignment(Part):
    """Votes in the General Assembly: a mean of a measure meets a criterion or, with ``against`` (and ``net_of`` for a
    change set against that of others), is larger than another by more than ``by``; within the margin in part at most.

    With ``net_of`` the first two means form one difference and the two of ``net_of`` another, which is subtracted.
    """

    kind: Literal["alignment"]
    of: Votes
    against: Votes | None = None
    net_of: Annotated[list[Votes], Field(max_length=2)] = Field(default_factory=list)
    criterion: Criterion | None = None
    by: Annotated[float, Field(ge=0)] = 0.0
    margin: Annotated[float, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Alignment:
        if (self.against is None) == (self.criterion is None):
            raise ValueError("votes need either a criterion or others against which they are compared")
        if self.net_of and (self.against is None or len(self.net_of) != 2):
            raise ValueError("net_of holds two means, of others before and after")
        return self

    def run(self, grounds: Grounds) -> Found:
        table = grounds.alignment
        if table is None:
            raise InputError("there is no table of alignment", where="results", found="alignment.csv",
                             allowed="data/votes, from which it is computed")  # fmt: skip
        chosen = [self.of, *([self.against] if self.against else []), *self.net_of]
        means = [votes.take(table) for votes in chosen]
        told = "; ".join(f"{votes.words}: {mean:.2f} (n = {n})" for votes, (mean, n) in
                         zip(chosen, means, strict=True))  # fmt: skip
        values = [mean for mean, _ in means]
        cells = tuple(f"alignment.csv {votes.words}" for votes in chosen)
        if any(math.isnan(value) for value in values):
            return Found(NAN, f"No votes are counted there: {told}", NONE, category="insufficient", cells=cells)
        value = values[0] - (values[1] if self.against else 0) - (values[2] - values[3] if self.net_of else 0)
        wanted = self.criterion or Criterion(relation=">", value=self.by, partly=0.0 if self.by else None)
        named = "a mean" if self.criterion else "a difference"
        return Found(
            wanted.score(value, grounds.coding.argument.margin if self.margin is None else self.margin),
            f"{told}; the claim requires {named} {wanted.short}", RECORD,
            computed=value, article=wanted.short, unit="agreement" if self.criterion else "difference", cells=cells,
        )  # fmt: skip


def _text(cell: object) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell)

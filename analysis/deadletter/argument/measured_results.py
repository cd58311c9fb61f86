"""What a test measures: counts, shares and ratings of coded rows, indices, memberships, votes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from deadletter.argument.grounds import Grounds
from deadletter.argument.selected_rows import (
    Conditions,
    Rows,
    all_rows,
    conditions_in_words,
    meeting,
    select_rows,
    without_own,
)
from deadletter.argument.verdicts import Category
from deadletter.coding.model import Part
from deadletter.dataset.article.anchors import split_ids
from deadletter.errors import InputError
from deadletter.indices.codification import COMPONENTS
from deadletter.indices.intervals import wilson
from deadletter.indices.selection import ALL, ranked, scale_points

NAN = float("nan")
Period = Annotated[str, Field(pattern=r"^\d{4}/\d{4}$")]


@dataclass(frozen=True)
class Measured:
    """A value with its unit, what it is of (in words), its interval where it has one, and what was read for it.

    ``others`` are counts with the rows that ``value`` leaves out: first those of the claim's own sentence, then also
    those after the coding's horizon. A NaN comes with
    ``missing``, the category that says why, and ``why`` in words.
    """

    value: float
    unit: str
    words: str
    low: float = NAN
    high: float = NAN
    others: tuple[float, ...] = ()
    units: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    missing: Category | Literal[""] = ""
    why: str = ""


class Count(Part):
    """How many rows there are; with ``distinct``, how many different entries a column of theirs has."""

    measure: Literal["count"]
    rows: Rows
    distinct: str = ""

    def take(self, grounds: Grounds) -> Measured:
        known = all_rows(grounds, self.rows)
        frame = without_own(grounds, known)
        words = (
            f"number of {self.distinct} among {self.rows.words}" if self.distinct else f"number of {self.rows.words}"
        )
        later = all_rows(grounds, self.rows, horizon=False)
        value, *others = [self._count(given) for given in (frame, known, later)]
        units = tuple(frame["id"])
        return Measured(value, self.distinct or "rows", words, others=tuple(others), units=units)

    def _count(self, frame: pd.DataFrame) -> int:
        if not self.distinct:
            return len(frame)
        if self.distinct not in frame:
            raise InputError(f"rows of {self.rows.table} have no such column", found=self.distinct, allowed=frame)
        return len({part for cell in frame[self.distinct] for part in split_ids(cell)})


class Share(Part):
    """Which share of the rows meets ``having``, with Wilson's interval; undecided below ``least`` rows."""

    measure: Literal["share"]
    rows: Rows
    having: Conditions
    least: Annotated[int, Field(ge=1)] = 1

    def take(self, grounds: Grounds) -> Measured:
        frame = select_rows(grounds, self.rows)
        words = f"share of {self.rows.words} that have {' and '.join(conditions_in_words(self.having))}"
        if len(frame) < self.least:
            return _too_few(grounds, self.rows, "share", words, self.least)
        hits = meeting(grounds, frame, self.rows.table, self.having).to_numpy(dtype=float)
        low, high = wilson(float(hits.sum()), len(hits), grounds.coding.intervals.level)
        return Measured(float(hits.mean()), "share", f"{words} (n = {len(hits)})", low, high, units=tuple(frame["id"]))


class Rating(Part):
    """The mean rating of the rows on an ordinal variable, as a share of its highest rank; unrated rows do not count."""

    measure: Literal["rating"]
    rows: Rows
    variable: str
    least: Annotated[int, Field(ge=1)] = 1

    def take(self, grounds: Grounds) -> Measured:
        frame = select_rows(grounds, self.rows)
        points = _points(grounds, self.rows.table, self.variable)
        values = ranked(grounds.dataset, frame, self.variable, grounds.coding, points)
        frame, values = frame[values.notna()], values.dropna()
        words = f"mean {self.variable} of {self.rows.words}"
        if len(values) < self.least:
            return _too_few(grounds, self.rows, "0–1", words, self.least)
        units = tuple(frame["id"])
        return Measured(float(values.mean()), "0–1", f"{words} (n = {len(values)})", units=units)


class Index(Part):
    """An index of the table of indices, in the coding's period that has most years in common with ``period``."""

    measure: Literal["index"]
    regime: str
    index: str
    period: Period
    component: str = ALL
    krasner: str = ALL

    def take(self, grounds: Grounds) -> Measured:
        wanted = {name: getattr(self, name) for name in ("regime", "krasner", "component", "index")}
        parts = "".join(f", {part}" for part in (self.component, self.krasner) if part != ALL)
        row = _cell(grounds, grounds.indices, wanted, self.period, "indices")
        return _measured(row, "value", f"{self.index} of {self.regime}{parts}", "indices.csv")


class Membership(Part):
    """The fuzzy membership of a regime in a cell of the typology by one basis; periods as for an index."""

    measure: Literal["membership"]
    regime: str
    basis: str
    period: Period
    cell: Literal["dead_letter", "full_blown", "tacit", "none"]
    component: str = ALL

    def take(self, grounds: Grounds) -> Measured:
        wanted = {name: getattr(self, name) for name in ("regime", "component", "basis")}
        row = _cell(grounds, grounds.placement, wanted, self.period, "placements")
        cell = self.cell.replace("_", " ")
        return _measured(row, self.cell, f"membership of {self.regime} in {cell} by {self.basis}", "placement.csv")


class Outvotable(Part):
    """The share of voters without whom a body can decide, from the votes and the quota under a voting norm."""

    measure: Literal["outvotable"]
    norm: str

    def take(self, grounds: Grounds) -> Measured:
        if self.norm in grounds.own:
            raise InputError("a row of the claim's own sentence cannot decide it", found=self.norm)
        votes = grounds.dataset["votes"]
        frame = votes[votes["norm"] == self.norm]
        if frame.empty:
            raise InputError("no body votes under this norm", found=self.norm, allowed=sorted(set(votes["norm"])))
        total, need = int(frame["votes"].sum()), Fraction(frame["quota"].iloc[0])
        outvoted = [total - int(own) >= need * total for own in frame["votes"]]
        words = f"share of voters of {frame['body'].iloc[0]} whom the others can outvote"
        return Measured(sum(outvoted) / len(outvoted), "share", words, units=(self.norm, *frame["id"]))


Measure = Annotated[Count | Share | Rating | Index | Membership | Outvotable, Field(discriminator="measure")]


def _points(grounds: Grounds, table: str, variable: str) -> dict[str, float]:
    """The number that each scale point stands for; middle points are worth what the coding says."""
    variables, scale = grounds.dataset["variables"], grounds.dataset["scale"]
    known = variables.loc[variables["table"] == table, "variable"]
    known = [name for name in known if name in set(scale.loc[scale["rank"].notna(), "variable"])]
    if variable not in known:
        raise InputError(f"no ranked variable of {table}", found=variable, allowed=known)
    middle = {
        "compliance": {"ambiguous": grounds.coding.compliance.ambiguous},
        "implementation": {"partly": grounds.coding.output.partly},
    }
    return {**scale_points(grounds.dataset, variable), **middle.get(variable, {})}


def _too_few(grounds: Grounds, rows: Rows, unit: str, words: str, least: int) -> Measured:
    """Nothing measured, for the rows are too few, or enough only with those of the claim's own sentence."""
    rows_there = all_rows(grounds, rows)
    found, whole = len(without_own(grounds, rows_there)), len(rows_there)
    missing = "own sentence" if found < least <= whole else "insufficient"
    why = f"{words}: {found} rows, {least} wanted; {whole - found} more stand in the claim's own sentence"
    return Measured(NAN, unit, words, missing=missing, why=why)


def _cell(
    grounds: Grounds, table: pd.DataFrame, wanted: dict[str, str], period: str, name: str
) -> dict[str, Any] | None:
    """The row of a table of results whose period shares most years with the wanted one; None where none shares any.

    Raises
    ------
    InputError: a value that is not known in its column.
    """
    tables = [grounds.dataset[unit] for unit in ("norms", "outlook", "functions")]
    # a coding may leave no row of a kind that the data know
    names = {
        "regime": grounds.dataset.focal,
        "krasner": (ALL, *COMPONENTS),
        "component": (ALL, *sorted({part for frame in tables for part in frame["component"]})),
    }
    frame = table
    for column, value in wanted.items():
        known = names.get(column) or sorted(set(table[column]))
        if value not in known:
            raise InputError(f"no such {column} among the {name}", found=value, allowed=known)
        frame = frame[frame[column] == value]
    first, last = map(int, period.split("/"))
    shared = [min(last, int(p[5:])) - max(first, int(p[:4])) + 1 for p in frame["period"]]
    return frame.iloc[int(np.argmax(shared))].to_dict() if shared and max(shared) > 0 else None


def _measured(row: dict[str, Any] | None, column: str, words: str, file: str) -> Measured:
    """A cell of results as a measured value, missing where it is empty or there is none."""
    if row is None:
        why = f"{words}: no row in that period under this coding"
        return Measured(NAN, "0–1", words, missing="insufficient", why=why)
    words = f"{words}, {row['period']}"
    keys = ("regime", "krasner", "component", "period", "index", "basis")
    cells = (f"{file} {'/'.join(row[key] for key in keys if key in row)}",)
    if math.isnan(row[column]):
        return Measured(NAN, "0–1", words, missing="insufficient", why=f"{words}: too few rows", cells=cells)
    return Measured(row[column], "0–1", words, row.get("low", NAN), row.get("high", NAN), cells=cells)

"""Measures that read results: indices, memberships, the lead over an anchor; and votes under a quota."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from deadletter.argument.grounds import Grounds
from deadletter.argument.measured import NAN, Measured, ends, nothing
from deadletter.coding.model import Part
from deadletter.errors import InputError
from deadletter.frames import record
from deadletter.indices.codification import COMPONENTS
from deadletter.indices.formalisation import MEASURES, anchors_of
from deadletter.indices.placement import CELLS, NOT_IDENTIFIED, Axis, cells, membership
from deadletter.indices.selection import ALL
from deadletter.labels import CELL_NAMES

Period = Annotated[str, Field(pattern=r"^\d{4}/\d{4}$")]


class Index(Part):
    """An index of the table of indices, in the coding's period that has most years in common with ``period``."""

    measure: Literal["index"]
    regime: str
    index: str
    period: Period
    component: str = ALL
    krasner: str = ALL
    label: str = ""

    def take(self, grounds: Grounds) -> Measured:
        row = _index_row(grounds, self)
        parts = "".join(f", {part}" for part in (self.component, self.krasner) if part != ALL)
        return _measured(row, self.label or f"{self.index.replace('_', ' ')} of {self.regime}{parts}")


class Lead(Part):
    """How far a measure of formalisation lies above the crossover that the reference organisations give it."""

    measure: Literal["lead"]
    regime: str
    index: Literal["codification", "conjunctive", "legalisation"]
    period: Period
    component: str = ALL
    krasner: str = ALL
    label: str = ""

    def take(self, grounds: Grounds) -> Measured:
        row = _index_row(grounds, self)
        parts = "".join(f", {part}" for part in (self.component, self.krasner) if part != ALL)
        subject = self.label or f"{self.index} of {self.regime}{parts}"
        anchors = anchors_of(self.index, grounds.dataset, grounds.coding)
        found = _measured(row, subject)
        if anchors is None or math.isnan(found.value):
            why = found.words if anchors else "The reference organisations give no ordered anchors"
            return nothing("difference", subject, why, cells=found.cells)
        over = anchors.crossover
        wording = f"{subject[:1].upper()}{subject[1:]} is {found.value:.2f}, against a crossover of {over:.2f}"
        return Measured(
            found.value - over, "difference", wording, subject, found.low - over, found.high - over,
            found.least - over, found.most - over, cells=found.cells, anchored=True,
        )  # fmt: skip


class Membership(Part):
    """The fuzzy membership of a regime in a cell of the typology by one basis, under the coding's measure of
    formalisation; periods as for an index. Open where the placement is not identified."""

    measure: Literal["membership"]
    regime: str
    basis: Literal["expectation", "compliance", "output"]
    period: Period
    cell: Literal["dead_letter", "full_blown", "tacit", "none"]
    component: str = ALL
    label: str = ""

    def take(self, grounds: Grounds) -> Measured:
        chosen = grounds.coding.formalisation.measure
        placement = grounds.placement
        placement = placement[placement["measure"] == chosen] if "measure" in placement else placement
        wanted = {name: getattr(self, name) for name in ("regime", "component", "basis")}
        row = _row(grounds, placement, wanted, self.period, "placements")
        name = CELL_NAMES[self.cell]
        subject = self.label or f"membership of {self.regime} in “{name}” by {self.basis}"
        if row is None:
            return nothing("0–1", subject, f"The coding has no period for the {subject}")
        keys = [key for key in ("regime", "component", "period", "measure", "basis") if key in row]
        where = ("placement.csv " + "/".join(row[key] for key in keys),)
        if row["label"] == NOT_IDENTIFIED or math.isnan(row[self.cell]):
            wording = CELL_NAMES.get(row["label"], row["label"])
            return nothing(
                "0–1", subject, f"By {self.basis}, {self.regime} is {wording} in {row['period']}", cells=where
            )
        value = float(row[self.cell])
        low, high = self._interval(grounds, row["period"])
        wording = (
            f"By {self.basis}, {self.regime} is placed as “{CELL_NAMES[row['label']]}” in {row['period']}, "
            f"with a membership of {value:.2f} in “{name}”"
        )
        return Measured(value, "0–1", wording, subject, low, high, cells=where, anchored=True)

    def _interval(self, grounds: Grounds, period: str) -> tuple[float, float]:
        """The least and greatest membership within the intervals of the two axes."""
        coding = grounds.coding
        known = (
            (coding.formalisation.measure, anchors_of(coding.formalisation.measure, grounds.dataset, coding)),
            (self.basis, getattr(coding.calibration, self.basis)),
        )
        axes = []
        for index, anchors in known:
            wanted = {"regime": self.regime, "krasner": ALL, "component": self.component, "index": index}
            row = _row(grounds, grounds.indices, wanted, period, "indices")
            if row is None:
                return NAN, NAN
            axes.append([membership(Axis(row[end], NAN, NAN, anchors), coding.calibration.log_odds) for end in
                         ("low", "high")])  # fmt: skip
        corners = [cells(formal, kept)[CELLS.index(self.cell)] for formal, kept in product(*axes)]
        return float(min(corners)), float(max(corners))


class Outvotable(Part):
    """The share of voters without whom a body can decide, from the votes and the quota under a voting norm."""

    measure: Literal["outvotable"]
    norm: str
    label: str = ""

    def take(self, grounds: Grounds) -> Measured:
        if self.norm in grounds.own:
            raise InputError("a row of the claim's own sentence cannot decide it", found=self.norm)
        votes = grounds.dataset["votes"]
        frame = votes[votes["norm"] == self.norm]
        if frame.empty:
            raise InputError("no body votes under this norm", found=self.norm, allowed=sorted(set(votes["norm"])))
        total, need = int(frame["votes"].sum()), Fraction(frame["quota"].iloc[0])
        outvoted = [total - int(own) >= need * total for own in frame["votes"]]
        body, share = frame["body"].iloc[0], sum(outvoted) / len(outvoted)
        subject = self.label or f"of the voters of {body} can be outvoted by the others"
        wording = f"{share:.0%} {subject} ({sum(outvoted)} of {len(outvoted)})"
        return Measured(share, "share", wording, subject, units=(self.norm, *frame["id"]))


def _index_row(grounds: Grounds, given: Index | Lead) -> dict[str, Any] | None:
    wanted = {name: getattr(given, name) for name in ("regime", "krasner", "component", "index")}
    return _row(grounds, grounds.indices, wanted, given.period, "indices")


def _row(
    grounds: Grounds, table: pd.DataFrame, wanted: dict[str, str], period: str, name: str
) -> dict[str, Any] | None:
    """The row of a table of results whose period shares most years with the wanted one; None where none shares any.

    Raises
    ------
    InputError: a value that is not known in its column.
    """
    keep = np.ones(len(table), dtype=bool)
    for column, value in wanted.items():
        cells_of = table[column].to_numpy()
        keep &= cells_of == value
        if not (cells_of == value).any():
            _known(grounds, table, column, value, name)
    positions = np.flatnonzero(keep)
    first, last = map(int, period.split("/"))
    periods = table["period"].to_numpy()[positions]
    shared = [min(last, int(p[5:])) - max(first, int(p[:4])) + 1 for p in periods]
    return record(table.iloc[int(positions[np.argmax(shared)])]) if shared and max(shared) > 0 else None


def _known(grounds: Grounds, table: pd.DataFrame, column: str, value: str, name: str) -> None:
    """See that a value that a table of results lacks is known to the data: a coding may leave no row of a kind."""
    tables = [grounds.dataset[unit] for unit in ("norms", "outlook", "functions")]
    names = {
        "regime": grounds.dataset.focal,
        "krasner": (ALL, *COMPONENTS),
        "component": (ALL, *sorted({part for frame in tables for part in frame["component"]})),
    }
    known = names.get(column) or sorted({*table[column], *(MEASURES if column == "index" else ())})
    if value not in known:
        raise InputError(f"no such {column} among the {name}", found=value, allowed=known)


def _measured(row: dict[str, Any] | None, subject: str) -> Measured:
    """A cell of the indices as a measured value, missing where it is empty or there is none."""
    start = f"{subject[:1].upper()}{subject[1:]}"
    if row is None:
        return nothing("0–1", subject, f"{start}: the coding has no value in that period")
    where = (f"indices.csv {'/'.join(row[key] for key in ('regime', 'krasner', 'component', 'period', 'index'))}",)
    if math.isnan(row["value"]):
        return nothing("0–1", subject, f"{start} rests on too few rows in {row['period']}", cells=where)
    least, most = row.get("bound_low", NAN), row.get("bound_high", NAN)
    wording = f"{start} is {row['value']:.2f} in {row['period']}{ends(least, most, '0–1')}"
    subject = f"{subject} in {row['period']}"
    return Measured(
        float(row["value"]),
        "0–1",
        wording,
        subject,
        row.get("low", NAN),
        row.get("high", NAN),
        least,
        most,
        cells=where,
    )

"""Measures that read results: indices, memberships, the lead over an anchor; and votes under a quota."""

import math
from fractions import Fraction
from itertools import product
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from deadletter.argument.grounds import Grounds, check_known
from deadletter.argument.measured import Measured, ends, nothing
from deadletter.coding.model import Part
from deadletter.errors import InputError
from deadletter.indices.codification import COMPONENTS
from deadletter.indices.formalisation import MEASURES, anchors_of
from deadletter.indices.placement import CELLS, NOT_IDENTIFIED, Axis, cells, membership
from deadletter.indices.selection import ALL
from deadletter.labels import CELL_NAMES, capital

NAMES = {"indices": "indices", "placement": "placements"}
Period = Annotated[str, Field(pattern=r"^\d{4}/\d{4}$")]


class _OfIndex(Part):
    """What chooses a cell of the table of indices, by the period that has most years in common with ``period``."""

    regime: str
    period: Period
    component: str = ALL
    krasner: str = ALL
    label: str = ""

    def _read(self, grounds: Grounds, index: str) -> tuple[Measured, str]:
        """The cell as a measured value, missing where it is empty or there is none; and what it is of."""
        parts = "".join(f", {part}" for part in (self.component, self.krasner) if part != ALL)
        subject = self.label or f"{index.replace('_', ' ')} of the {self.regime}{parts}"
        wanted = {"regime": self.regime, "krasner": self.krasner, "component": self.component, "index": index}
        row, start = _row(grounds, "indices", wanted, self.period), capital(subject)
        if row is None:
            return nothing("0–1", subject, f"{start}: the coding has no value in that period"), subject
        where = (f"indices.csv {'/'.join(row[key] for key in ('regime', 'krasner', 'component', 'period', 'index'))}",)
        value, period = float(row["value"]), row["period"]
        if math.isnan(value):
            return nothing("0–1", subject, f"{start} rests on too few rows in {period}", cells=where), subject
        low, high, least, most = (row.get(end, math.nan) for end in ("low", "high", "bound_low", "bound_high"))
        words = f"{start} is {value:.2f} in {period}{ends(least, most, '0–1')}"
        return Measured(value, "0–1", words, f"{subject} in {period}", low, high, least, most, cells=where), subject


class Index(_OfIndex):
    """An index of the table of indices, in the coding's period that has most years in common with ``period``."""

    measure: Literal["index"]
    index: str

    def take(self, grounds: Grounds) -> Measured:
        return self._read(grounds, self.index)[0]


class Lead(_OfIndex):
    """How far a measure of formalisation lies above the crossover that the reference organisations give it."""

    measure: Literal["lead"]
    index: Literal["codification", "conjunctive", "legalisation"]

    def take(self, grounds: Grounds) -> Measured:
        found, subject = self._read(grounds, self.index)
        anchors = anchors_of(self.index, grounds.dataset, grounds.coding)
        if anchors is None or math.isnan(found.value):
            why = found.words if anchors else "The reference organisations give no ordered anchors"
            return nothing("difference", subject, why, cells=found.cells)
        over = anchors.crossover
        wording = f"{capital(subject)} is {found.value:.2f}, against a crossover of {over:.2f}"
        value, low, high, least, most = (
            end - over for end in (found.value, found.low, found.high, found.least, found.most)
        )
        return Measured(value, "difference", wording, subject, low, high, least, most, cells=found.cells, anchored=True)


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
        name, wanted = CELL_NAMES[self.cell], {key: getattr(self, key) for key in ("regime", "component", "basis")}
        if "measure" in grounds.placement:
            wanted["measure"] = grounds.coding.formalisation.measure
        row = _row(grounds, "placement", wanted, self.period)
        subject = self.label or f"membership of the {self.regime} in “{name}” by {self.basis}"
        if row is None:
            return nothing("0–1", subject, f"The coding has no period for the {subject}")
        keys = [key for key in ("regime", "component", "period", "measure", "basis") if key in row]
        where = ("placement.csv " + "/".join(row[key] for key in keys),)
        value, period, label = float(row[self.cell]), row["period"], CELL_NAMES.get(row["label"], row["label"])
        if row["label"] == NOT_IDENTIFIED or math.isnan(value):
            return nothing("0–1", subject, f"By {self.basis}, the {self.regime} is {label} in {period}", cells=where)
        wording = (
            f"By {self.basis}, the {self.regime} is placed as “{label}” in {period}, with a membership of "
            f"{value:.2f} in “{name}”"
        )
        low, high = self._interval(grounds, period)
        return Measured(value, "0–1", wording, subject, low, high, cells=where, anchored=True)

    def _interval(self, grounds: Grounds, period: str) -> tuple[float, float]:
        """The least and greatest membership within the intervals of the two axes."""
        coding, measure = grounds.coding, grounds.coding.formalisation.measure
        known = {
            measure: anchors_of(measure, grounds.dataset, coding),
            self.basis: getattr(coding.calibration, self.basis),
        }
        axes = []
        for index, anchors in known.items():
            wanted = {"regime": self.regime, "krasner": ALL, "component": self.component, "index": index}
            row = _row(grounds, "indices", wanted, period)
            if row is None:
                return math.nan, math.nan
            between = (Axis(row[end], math.nan, math.nan, anchors) for end in ("low", "high"))
            axes.append([membership(axis, coding.calibration.log_odds) for axis in between])
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
        check_known("no body votes under this norm", self.norm, sorted(votes["norm"]))
        frame = votes[votes["norm"] == self.norm]
        total, need = int(frame["votes"].sum()), Fraction(frame["quota"].iloc[0])
        outvoted = [total - int(own) >= need * total for own in frame["votes"]]
        share = sum(outvoted) / len(outvoted)
        subject = self.label or f"of the voters of {frame['body'].iloc[0]} can be outvoted by the others"
        wording = f"{share:.0%} {subject} ({sum(outvoted)} of {len(outvoted)})"
        return Measured(share, "share", wording, subject, units=(self.norm, *frame["id"]))


def _row(
    grounds: Grounds, table: Literal["indices", "placement"], wanted: dict[str, str], period: str
) -> dict[str, Any] | None:
    """The row of a table of results whose period shares most years with the wanted one; None where none shares any.

    Raises InputError: a value that is not known in its column.
    """
    rows = grounds.rows(table)
    for column, value in wanted.items():
        kept = [row for row in rows if row[column] == value]
        # a coding may leave no row of a kind that the data know
        if not kept and not any(row[column] == value for row in grounds.rows(table)):
            check_known(f"no such {column} among the {NAMES[table]}", value, _values(grounds, table, column))
        rows = kept
    first, last = map(int, period.split("/"))
    shared = [min(last, int(row["period"][5:])) - max(first, int(row["period"][:4])) + 1 for row in rows]
    return rows[int(np.argmax(shared))] if shared and max(shared) > 0 else None


def _values(grounds: Grounds, table: Literal["indices", "placement"], column: str) -> list[str]:
    """The values that the data allow in a column of a table of results."""
    if column == "regime":
        return list(grounds.dataset.focal)
    if column == "krasner":
        return [ALL, *COMPONENTS]
    if column == "component":
        coded = pd.concat([grounds.dataset[unit]["component"] for unit in ("norms", "outlook", "functions")])
        return [ALL, *sorted(set(coded))]
    return sorted({*(row[column] for row in grounds.rows(table)), *(MEASURES if column == "index" else ())})

"""Counts, shares and mean ratings of coded rows.

Rows of one sentence (and, where rows belong to states, of one state in it) count once together, so that a verdict does
not depend on how a sentence was cut into units.
"""

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from deadletter.argument.criterion import CLOSE, number
from deadletter.argument.grounds import Grounds, check_known
from deadletter.argument.measured import Measured, count_interval, ends, nothing
from deadletter.argument.selected_rows import (
    UNCLEAR,
    VARIABLE_NAMES,
    Conditions,
    Flags,
    Rows,
    Selection,
    all_rows,
    conditions_in_words,
    meeting,
    open_rows,
    ratings_of,
    values_of,
    without_own,
)
from deadletter.coding.model import Part
from deadletter.frames import split_ids
from deadletter.indices.intervals import wilson
from deadletter.indices.selection import ranked, scale_points
from deadletter.labels import capital

Floats = NDArray[np.float64]


class _OfRows(Part):
    """What every measure of coded rows has: the rows, and how few distinct sentences may decide (else the coding's)."""

    rows: Rows
    least: Annotated[int, Field(ge=1)] | None = None
    label: str = ""

    def _too_few(
        self, grounds: Grounds, known: Selection, frame: Selection, unit: str, subject: str
    ) -> Measured | None:
        """Nothing measured, where the rows are from too few sentences, or from enough only with the claim's own."""
        needed = grounds.coding.argument.least if self.least is None else self.least
        found = frame.sources
        if found >= needed:
            return None
        there = f"{number(found, 'rows')} sentence{'s' * (found > 1)}" if found else "no sentence"
        why = (
            f"Apart from the claim's own, the account has {there} on {self.rows.words}; the test needs "
            f"{number(needed, 'rows')}"
        )
        missing = "own sentence" if known.sources >= needed else "insufficient"
        return nothing(unit, subject, why, missing, units=tuple(frame["id"]))


class Count(_OfRows):
    """How many rows there are; with ``having``, how many of them meet it; with ``distinct``, how many different
    entries a column of theirs has."""

    measure: Literal["count"]
    having: Conditions = Field(default_factory=dict)
    distinct: str = ""

    def take(self, grounds: Grounds) -> Measured:
        known, unit = all_rows(grounds, self.rows), self.distinct or "rows"
        frame = without_own(grounds, known)
        among = f"different entries of {self.distinct} among " if self.distinct else ""
        with_ = f" that have {' and '.join(conditions_in_words(self.having))}" if self.having else ""
        subject = self.label or f"{among}{self.rows.words}{with_}"
        if too_few := self._too_few(grounds, known, frame, unit, subject):
            return too_few
        sure = self._met(grounds, frame)
        possible = sure | open_rows(grounds, frame, self.rows.table, self.having)
        value, most = self._count(grounds, frame.where(sure)), self._count(grounds, frame.where(possible))
        # rows of the claim's own sentence, and those after the horizon, may not turn a verdict
        larger = [known, all_rows(grounds, self.rows, horizon=False)]
        others = tuple(float(self._count(grounds, given.where(self._met(grounds, given)))) for given in larger)
        low, high = count_interval(value, grounds.coding.intervals.level)
        words = f"{capital(subject)}: {number(value, 'rows')} in the account{ends(value, most, 'rows')}"
        bounds = float(value), float(most)
        return Measured(bounds[0], unit, words, subject, low, high, *bounds, others, units=tuple(frame["id"]))

    def _met(self, grounds: Grounds, frame: Selection) -> Flags:
        return meeting(grounds, frame, self.rows.table, self.having)

    def _count(self, grounds: Grounds, frame: Selection) -> int:
        if not self.distinct:
            return len(set(frame.groups.tolist()))
        check_known(f"rows of {self.rows.table} have no such column", self.distinct, frame)
        return len({part for cell in frame[self.distinct] for part in split_ids(cell)})


class Share(_OfRows):
    """Which share of the rows meets ``having``, with Wilson's interval; rows for which a rating leaves it open stand
    at both bounds, and those to which it does not apply do not count."""

    measure: Literal["share"]
    having: Conditions

    def take(self, grounds: Grounds) -> Measured:
        known = all_rows(grounds, self.rows)
        frame = without_own(grounds, known)
        subject = self.label or f"of {self.rows.words} have {' and '.join(conditions_in_words(self.having))}"
        if too_few := self._too_few(grounds, known, frame, "share", subject):
            return too_few
        applies = self._applies(grounds, frame)
        if not applies.all():
            frame = frame.where(applies)
            if too_few := self._too_few(grounds, known, frame, "share", subject):
                return too_few
        hits = meeting(grounds, frame, self.rows.table, self.having).astype(float)
        hits[open_rows(grounds, frame, self.rows.table, self.having)] = np.nan
        (value, least, most, n), units = _mean(hits, frame.groups), tuple(frame["id"])
        if not n:
            return nothing("share", subject, f"The account reports no outcome for {self.rows.words}", units=units)
        low, high = wilson(value * n, n, grounds.coding.intervals.level)
        whole = abs(value * n - round(value * n)) < CLOSE
        counted = f"{round(value * n)} of {n}" if whole else f"n = {n}"
        wording = f"{value:.0%} {subject} ({counted}){ends(least, most, 'share')}"
        return Measured(value, "share", wording, subject, low, high, least, most, units=units)

    def _applies(self, grounds: Grounds, frame: Selection) -> Flags:
        keep = np.ones(len(frame), dtype=bool)
        for name in self.having:
            if name not in frame:
                values = values_of(grounds, frame, self.rows.table, name)
                keep &= np.fromiter((cell not in ("not applicable", "") for cell in values), bool, len(frame))
        return keep


class Rating(_OfRows):
    """The mean rating of the rows on an ordinal variable, as a share of its highest rank; what is ambiguous or
    unreported counts at both bounds, and rows that are not applicable or unrated do not count."""

    measure: Literal["rating"]
    variable: str

    def take(self, grounds: Grounds) -> Measured:
        known = all_rows(grounds, self.rows)
        frame = without_own(grounds, known)
        subject = self.label or f"mean {VARIABLE_NAMES.get(self.variable, self.variable)} of {self.rows.words}"
        if too_few := self._too_few(grounds, known, frame, "0–1", subject):
            return too_few
        given = ratings_of(grounds, self.rows.table, self.variable)
        numbers = _numbers(grounds, self.rows.table, self.variable)
        values = np.array([numbers[unit] for unit in frame["id"]], dtype=float)
        unclear = np.array([given[unit] in UNCLEAR for unit in frame["id"]], dtype=bool)
        keep = ~np.isnan(values) | unclear
        if not keep.all():
            frame, values, unclear = frame.where(keep), values[keep], unclear[keep]
            if too_few := self._too_few(grounds, known, frame, "0–1", subject):
                return too_few
        groups, units = frame.groups, tuple(frame["id"])
        value, _, _, n = _mean(values, groups)
        if not n:
            why = f"The account reports no {self.variable} for {self.rows.words}"
            return nothing("0–1", subject, why, units=units)
        _, least, most, _ = _mean(np.where(unclear, np.nan, values), groups)
        low, high = wilson(value * n, n, grounds.coding.intervals.level)
        wording = f"{capital(subject)} is {value:.2f} on the scale from 0 to 1 (n = {n}){ends(least, most, '0–1')}"
        return Measured(value, "0–1", wording, subject, low, high, least, most, units=units)


def _numbers(grounds: Grounds, table: str, variable: str) -> dict[str, float]:
    """The number of each unit on an ordinal variable; middle points are worth what the coding says."""
    coding, dataset = grounds.coding, grounds.dataset
    middle = {
        "compliance": {"ambiguous": coding.compliance.ambiguous},
        "implementation": {"partly": coding.output.partly},
    }.get(variable, {})

    def ranked_variables() -> list[str]:
        variables, scale = dataset["variables"], dataset["scale"]
        with_ranks = set(scale.loc[scale["rank"].notna(), "variable"])
        return [name for name in variables.loc[variables["table"] == table, "variable"] if name in with_ranks]

    def numbers() -> dict[str, float]:
        known = dataset.once(("ranked variables of", table), ranked_variables)
        check_known(f"no ranked variable of {table}", variable, known)
        units = dataset[table]
        points = {**scale_points(dataset, variable), **middle}
        return dict(zip(units["id"], ranked(dataset, units, variable, coding, points), strict=True))

    return dataset.once(("numbers of", table, variable, coding.coder, tuple(middle.items())), numbers)


def _mean(values: Floats, groups: NDArray[np.intp]) -> tuple[float, float, float, int]:
    """The mean over groups of the mean in each, the same with NaN as 0 and as 1, and how many groups have a value."""
    rows = np.bincount(groups)
    known = ~np.isnan(values)
    counts = np.bincount(groups, known)
    sums = np.bincount(groups, np.where(known, values, 0.0))
    n = int((counts > 0).sum())
    value = float((sums[counts > 0] / counts[counts > 0]).sum() / n) if n else float("nan")
    present = rows > 0
    rows, sums, counts = rows[present], sums[present], counts[present]
    return value, float((sums / rows).mean()), float(((sums + rows - counts) / rows).mean()), n

"""Counts, shares and mean ratings of coded rows.

Rows of one sentence (and, where rows belong to states, of one state in it) count once together, so that a verdict does
not depend on how a sentence was cut into units.
"""

import math
from collections.abc import Callable
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
    values_of,
    variables_of,
    without_own,
)
from deadletter.coding.model import Part
from deadletter.dataset.load import Dataset, derived
from deadletter.frames import split_ids
from deadletter.indices.intervals import wilson
from deadletter.indices.selection import numbers_by_unit, scale_points, values_by_unit
from deadletter.labels import capital

Floats = NDArray[np.float64]
Scores = tuple[Floats, Flags, Flags]
Scored = Callable[[Grounds, Selection], Scores]
Words = Callable[[float, int], str]


class _OfRows(Part):
    """What every measure of coded rows has: the rows, and the least number of distinct sentences that may decide
    (default: the coding's)."""

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

    def _mean_of(
        self, grounds: Grounds, unit: str, subject: str, outcome: str, scored: Scored, words: Words
    ) -> Measured:
        """The mean over sentences of what the rows score from 0 to 1, with Wilson's interval.

        ``outcome``: what the account may not report of the rows. ``scored``: the score of each row (NaN without one),
        whether a rating leaves it open, so that the row stands at both bounds, and whether the row counts at all.
        ``words``: the mean over so many sentences as a clause.
        """
        known = all_rows(grounds, self.rows)
        frame = without_own(grounds, known)
        # before rows are scored: a test that too few rows could decide reads no rating
        if too_few := self._too_few(grounds, known, frame, unit, subject):
            return too_few
        scores, is_open, counts = scored(grounds, frame)
        frame, scores, is_open = frame.where(counts), scores[counts], is_open[counts]
        if too_few := self._too_few(grounds, known, frame, unit, subject):
            return too_few
        groups, units = frame.groups, tuple(frame["id"])
        value, n = _mean(scores, groups)
        if not n:
            return nothing(unit, subject, f"The account reports no {outcome} for {self.rows.words}", units=units)
        least = most = value
        if is_open.any():
            least, most = (_mean(np.where(is_open, end, scores), groups)[0] for end in (0.0, 1.0))
        low, high = wilson(value * n, n, grounds.coding.intervals.level)
        clause = words(value, n) + ends(least, most, unit)
        return Measured(value, unit, clause, subject, low, high, least, most, units=units)


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
        subject = self.label or f"of {self.rows.words} have {' and '.join(conditions_in_words(self.having))}"

        def words(value: float, n: int) -> str:
            whole = abs(value * n - round(value * n)) < CLOSE
            return f"{value:.0%} {subject} ({f'{round(value * n)} of {n}' if whole else f'n = {n}'})"

        return self._mean_of(grounds, "share", subject, "outcome", self._scored, words)

    def _scored(self, grounds: Grounds, frame: Selection) -> Scores:
        counts = np.ones(len(frame), dtype=bool)
        for name in self.having:
            if name not in frame:
                values = values_of(grounds, frame, self.rows.table, name)
                counts &= np.fromiter((cell not in ("not applicable", "") for cell in values), bool, len(frame))
        is_open = open_rows(grounds, frame, self.rows.table, self.having)
        meets = meeting(grounds, frame, self.rows.table, self.having)
        return np.where(is_open, np.nan, meets.astype(float)), is_open, counts


class Rating(_OfRows):
    """The mean rating of the rows on an ordinal variable, as a share of its highest rank; what is ambiguous or
    unreported counts at both bounds, and rows that are not applicable or unrated do not count."""

    measure: Literal["rating"]
    variable: str

    def take(self, grounds: Grounds) -> Measured:
        subject = self.label or f"mean {VARIABLE_NAMES.get(self.variable, self.variable)} of {self.rows.words}"

        def words(value: float, n: int) -> str:
            return f"{capital(subject)} is {value:.2f} on the scale from 0 to 1 (n = {n})"

        return self._mean_of(grounds, "0–1", subject, self.variable, self._scored, words)

    def _scored(self, grounds: Grounds, frame: Selection) -> Scores:
        given = values_by_unit(grounds.dataset, self.variable, grounds.coding)
        numbers = _numbers(grounds, self.rows.table, self.variable)
        units = frame["id"]
        scores = np.array([numbers.get(unit, np.nan) for unit in units], dtype=float)
        is_open = np.array([given.get(unit) in UNCLEAR for unit in units], dtype=bool)
        return scores, is_open, ~np.isnan(scores) | is_open


@derived
def _ranked_variables(dataset: Dataset, table: str) -> list[str]:
    """The rated variables of a table whose scale has ranks."""
    ranks = dataset["scale"].dropna(subset="rank")
    return [name for name in variables_of(dataset, table) if name in set(ranks["variable"])]


def _numbers(grounds: Grounds, table: str, variable: str) -> dict[str, float]:
    """The number of each rated unit on an ordinal variable; middle points are worth what the coding says."""
    coding, dataset = grounds.coding, grounds.dataset
    middle = {
        "compliance": {"ambiguous": coding.compliance.ambiguous},
        "implementation": {"partly": coding.output.partly},
    }.get(variable, {})
    check_known(f"no ranked variable of {table}", variable, _ranked_variables(dataset, table))
    return numbers_by_unit(dataset, variable, coding, {**scale_points(dataset, variable), **middle})


def _mean(scores: Floats, groups: NDArray[np.intp]) -> tuple[float, int]:
    """The mean over groups of the mean score in each, and how many groups have a score that is not NaN."""
    known = ~np.isnan(scores)
    counts = np.bincount(groups[known])
    sums = np.bincount(groups[known], scores[known])
    means = sums[counts > 0] / counts[counts > 0]
    return (float(means.mean()) if len(means) else math.nan), len(means)

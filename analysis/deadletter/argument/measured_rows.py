"""Counts, shares and mean ratings of coded rows.

Rows of one sentence (and, where rows belong to states, of one state in it) count once together, so that a verdict does
not depend on how a sentence was cut into units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from deadletter.argument.criterion import CLOSE, number
from deadletter.argument.differences import count_interval
from deadletter.argument.grounds import Grounds, Sentence
from deadletter.argument.measured import Measured, ends, enough, nothing
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
from deadletter.errors import InputError
from deadletter.frames import split_ids
from deadletter.indices.intervals import wilson
from deadletter.indices.selection import ranked, scale_points

Floats = NDArray[np.float64]
Least = Annotated[int, Field(ge=1)]


class Count(Part):
    """How many rows there are; with ``having``, how many of them meet it; with ``distinct``, how many different
    entries a column of theirs has."""

    measure: Literal["count"]
    rows: Rows
    having: Conditions = Field(default_factory=dict)
    distinct: str = ""
    least: Least | None = None
    label: str = ""

    def take(self, grounds: Grounds) -> Measured:
        known = all_rows(grounds, self.rows)
        frame = without_own(grounds, known)
        among = f"different entries of {self.distinct} among " if self.distinct else ""
        subject = self.label or among + _with(self.rows.words, self.having)
        too_few = _too_few(grounds, self.rows, known, frame, self.least, self.distinct or "rows", subject)
        if too_few:
            return too_few
        sure, possible = self._met(grounds, frame)
        value, most = self._count(grounds, frame.where(sure)), self._count(grounds, frame.where(possible))
        # rows of the claim's own sentence, and those after the horizon, may not turn a verdict
        larger = [known, all_rows(grounds, self.rows, horizon=False)]
        hits = [given.where(self._met(grounds, given)[0]) for given in larger]
        others = tuple(float(self._count(grounds, given)) for given in hits)
        low, high = count_interval(value, grounds.coding.intervals.level)
        words = f"{_capital(subject)}: {number(value, 'rows')} in the account{ends(value, most, 'rows')}"
        return Measured(
            float(value), self.distinct or "rows", words, subject, low, high, float(value), float(most),
            others=others, units=tuple(frame["id"]),
        )  # fmt: skip

    def _met(self, grounds: Grounds, frame: Selection) -> tuple[Flags, Flags]:
        sure = meeting(grounds, frame, self.rows.table, self.having)
        return sure, sure | open_rows(grounds, frame, self.rows.table, self.having)

    def _count(self, grounds: Grounds, frame: Selection) -> int:
        if not self.distinct:
            return len(set(_groups(grounds, frame)))
        if self.distinct not in frame:
            raise InputError(f"rows of {self.rows.table} have no such column", found=self.distinct, allowed=frame)
        return len({part for cell in frame[self.distinct] for part in split_ids(cell)})


class Share(Part):
    """Which share of the rows meets ``having``, with Wilson's interval; rows for which a rating leaves it open stand
    at both bounds, and those to which it does not apply do not count."""

    measure: Literal["share"]
    rows: Rows
    having: Conditions
    least: Least | None = None
    label: str = ""

    def take(self, grounds: Grounds) -> Measured:
        known = all_rows(grounds, self.rows)
        frame = without_own(grounds, known)
        subject = self.label or f"of {self.rows.words} have {' and '.join(conditions_in_words(self.having))}"
        too_few = _too_few(grounds, self.rows, known, frame, self.least, "share", subject)
        if too_few:
            return too_few
        applies = self._applies(grounds, frame)
        if not applies.all():
            frame = frame.where(applies)
            too_few = _too_few(grounds, self.rows, known, frame, self.least, "share", subject)
            if too_few:
                return too_few
        hits = meeting(grounds, frame, self.rows.table, self.having).astype(float)
        hits[open_rows(grounds, frame, self.rows.table, self.having)] = np.nan
        groups = _groups(grounds, frame)
        value, least, most, n = _mean(hits, groups)
        if not n:
            why = f"The account reports no outcome for {self.rows.words}"
            return nothing("share", subject, why, units=tuple(frame["id"]))
        low, high = wilson(value * n, n, grounds.coding.intervals.level)
        whole = abs(value * n - round(value * n)) < CLOSE
        counted = f"{round(value * n)} of {n}" if whole else f"n = {n}"
        wording = f"{value:.0%} {subject} ({counted})"
        return Measured(
            value, "share", wording + ends(least, most, "share"), subject, low, high, least, most,
            units=tuple(frame["id"]),
        )  # fmt: skip

    def _applies(self, grounds: Grounds, frame: Selection) -> Flags:
        keep = np.ones(len(frame), dtype=bool)
        for name in self.having:
            if name not in frame:
                values = values_of(grounds, frame, self.rows.table, name)
                keep &= np.fromiter((cell not in ("not applicable", "") for cell in values), bool, len(frame))
        return keep


class Rating(Part):
    """The mean rating of the rows on an ordinal variable, as a share of its highest rank; what is ambiguous or
    unreported counts at both bounds, and rows that are not applicable or unrated do not count."""

    measure: Literal["rating"]
    rows: Rows
    variable: str
    least: Least | None = None
    label: str = ""

    def take(self, grounds: Grounds) -> Measured:
        known = all_rows(grounds, self.rows)
        frame = without_own(grounds, known)
        subject = self.label or f"mean {VARIABLE_NAMES.get(self.variable, self.variable)} of {self.rows.words}"
        too_few = _too_few(grounds, self.rows, known, frame, self.least, "0–1", subject)
        if too_few:
            return too_few
        values, unclear = self._values(grounds, frame)
        keep = ~np.isnan(values) | unclear
        if not keep.all():
            frame, values, unclear = frame.where(keep), values[keep], unclear[keep]
            too_few = _too_few(grounds, self.rows, known, frame, self.least, "0–1", subject)
            if too_few:
                return too_few
        groups = _groups(grounds, frame)
        value, _, _, n = _mean(values, groups)
        if not n:
            return nothing("0–1", subject, f"The account reports no {self.variable} for {self.rows.words}",
                           units=tuple(frame["id"]))  # fmt: skip
        _, least, most, _ = _mean(np.where(unclear, np.nan, values), groups)
        low, high = wilson(value * n, n, grounds.coding.intervals.level)
        wording = f"{_capital(subject)} is {value:.2f} on the scale from 0 to 1 (n = {n})"
        return Measured(
            value, "0–1", wording + ends(least, most, "0–1"), subject, low, high, least, most,
            units=tuple(frame["id"]),
        )  # fmt: skip

    def _values(self, grounds: Grounds, frame: Selection) -> tuple[Floats, Flags]:
        """Numbers in [0, 1] (NaN where there is none), and which rows a rating leaves open."""
        given = ratings_of(grounds, self.rows.table, self.variable)
        numbers = _numbers(grounds, self.rows.table, self.variable)
        values = np.array([numbers[unit] for unit in frame["id"]], dtype=float)
        unclear = np.array([given[unit] in UNCLEAR for unit in frame["id"]], dtype=bool)
        return values, unclear


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
        if variable not in known:
            raise InputError(f"no ranked variable of {table}", found=variable, allowed=known)
        units = dataset[table]
        points = {**scale_points(dataset, variable), **middle}
        return dict(zip(units["id"], ranked(dataset, units, variable, coding, points), strict=True))

    return dataset.once(("numbers of", table, variable, coding.coder, tuple(middle.items())), numbers)


def _groups(grounds: Grounds, frame: Selection) -> list[tuple]:
    """What counts once: the sentence of each row, and its state where it has one."""
    sentences = grounds.sentences
    places = [sentences.get(unit, (unit, 0)) for unit in frame["id"]]
    return list(zip(places, frame["state"], strict=True)) if "state" in frame else places


def _mean(values: Floats, groups: Sequence[tuple]) -> tuple[float, float, float, int]:
    """The mean over groups of the mean in each, the same with NaN as 0 and as 1, and how many groups have a value."""
    known_groups: dict[tuple, int] = {}
    codes = np.array([known_groups.setdefault(group, len(known_groups)) for group in groups], dtype=np.int64)
    rows = np.bincount(codes)
    known = ~np.isnan(values)
    counts = np.bincount(codes, known)
    sums = np.bincount(codes, np.where(known, values, 0.0))
    n = int((counts > 0).sum())
    value = float((sums[counts > 0] / counts[counts > 0]).sum() / n) if n else float("nan")
    least, most = sums / rows, (sums + rows - counts) / rows
    return value, float(least.mean()), float(most.mean()), n


def _too_few(
    grounds: Grounds, rows: Rows, known: Selection, frame: Selection, least: int | None, unit: str, subject: str
) -> Measured | None:
    """Nothing measured, where the rows are from too few sentences, or from enough only with the claim's own."""
    sentences, needed = grounds.sentences, enough(grounds, least)
    found = _sentences(sentences, frame)
    if found >= needed:
        return None
    missing = "own sentence" if _sentences(sentences, known) >= needed else "insufficient"
    there = "no sentence" if not found else f"{number(found, 'rows')} sentence{'s' * (found > 1)}"
    needs = number(needed, "rows")
    why = f"Apart from the claim's own, the account has {there} on {rows.words}; the test needs {needs}"
    return nothing(unit, subject, why, missing, units=tuple(frame["id"]))


def _sentences(known: Mapping[str, Sentence], rows: Selection) -> int:
    return len({known.get(unit, (unit, 0)) for unit in rows["id"]})


def _with(words: str, having: Conditions) -> str:
    return f"{words} that have {' and '.join(conditions_in_words(having))}" if having else words


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
